"""Meta-estimators over other estimators: voting, stacking, bagging, chains, thresholds, selectors."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from sklearn.ensemble import (
    AdaBoostClassifier,
    AdaBoostRegressor,
    BaggingClassifier,
    BaggingRegressor,
    RandomForestClassifier,
    StackingClassifier,
    StackingRegressor,
    VotingClassifier,
    VotingRegressor,
)
from sklearn.feature_selection import RFE, RFECV, SelectFromModel, SequentialFeatureSelector
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import (
    LinearRegression,
    LogisticRegression,
    RANSACRegressor,
    Ridge,
    SGDClassifier,
    TheilSenRegressor,
)
from sklearn.metrics import balanced_accuracy_score, make_scorer
from sklearn.model_selection import FixedThresholdClassifier, TunedThresholdClassifierCV
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier, OutputCodeClassifier
from sklearn.multioutput import ClassifierChain, MultiOutputClassifier, MultiOutputRegressor, RegressorChain
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.semi_supervised import SelfTrainingClassifier
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from tests.zoo import data
from tests.zoo.case import Case, fitted

__all__ = ["compositions_ensembles"]

_TREE = DecisionTreeClassifier(max_depth=2, random_state=0)
_REGRESSION_TREE = DecisionTreeRegressor(max_depth=2, random_state=0)
_unlabelled = np.where(np.arange(60) % 3, data.BINARY.y, -1)


def compositions_ensembles() -> list[Case]:
    """Give the meta-estimators over scikit-learn's own estimators.

    Examples
    --------
    >>> len(compositions_ensembles()) > 30
    True
    """
    return [*_votes(), *_bags(), *_outputs(), *_thresholds(), *_selectors()]


def _votes() -> Iterator[Case]:
    members = [("tree", _TREE), ("bayes", GaussianNB()), ("gone", "drop")]
    yield fitted("voting-soft", VotingClassifier(members, voting="soft", weights=[1, 2, 1]), data.STRING_LABELS)
    yield fitted("voting-flat", VotingClassifier(members, flatten_transform=False, voting="soft"), data.CLASSIFICATION)
    regressors = [("tree", _REGRESSION_TREE), ("line", make_pipeline(StandardScaler(), Ridge()))]
    yield fitted("voting-regressor", VotingRegressor(regressors, weights=[0.3, 0.7]), data.REGRESSION)
    stack = StackingClassifier(members, final_estimator=LogisticRegression(), cv=2, passthrough=True)
    yield fitted("stacking", stack, data.STRING_LABELS)
    frozen = [("frozen", FrozenEstimator(GaussianNB().fit(data.BINARY.X, data.BINARY.y)))]
    yield fitted("stacking-frozen", StackingClassifier(frozen, cv=2, stack_method="predict_proba"), data.BINARY)
    # "prefit" takes the fitted members themselves: members and estimators_ are then the same objects.
    fitted_members = [("line", Ridge().fit(data.REGRESSION.X, data.REGRESSION.y))]
    yield fitted("stacking-prefit", StackingRegressor(fitted_members, cv="prefit"), data.REGRESSION)


def _bags() -> Iterator[Case]:
    pipeline = make_pipeline(StandardScaler(), KNeighborsClassifier(3))
    options = {"n_estimators": 3, "random_state": 0}
    yield fitted("bagging-pipelines", BaggingClassifier(pipeline, max_features=0.5, **options), data.STRING_LABELS)
    yield fitted("bagging-support-vectors", BaggingClassifier(SVC(), **options), data.BINARY)
    yield fitted("bagging-out-of-bag", BaggingClassifier(_TREE, oob_score=True, **options), data.CLASSIFICATION)
    features = BaggingRegressor(_REGRESSION_TREE, bootstrap_features=True, bootstrap=False, **options)
    yield fitted("bagging-features", features, data.MULTIOUTPUT)
    yield fitted("bagging-sparse", BaggingClassifier(SVC(), **options), data.SPARSE)
    yield fitted("adaptive-trees", AdaBoostClassifier(_TREE, learning_rate=0.5, **options), data.STRING_LABELS)
    for loss in ("linear", "square", "exponential"):
        yield fitted(f"adaptive-{loss}", AdaBoostRegressor(_REGRESSION_TREE, loss=loss, **options), data.REGRESSION)
    adaptive = AdaBoostClassifier(SGDClassifier(loss="log_loss", random_state=0), **options)
    yield fitted("adaptive-stochastic", adaptive, data.BINARY)


def _outputs() -> Iterator[Case]:
    forest = RandomForestClassifier(n_estimators=2, max_depth=2, random_state=0)
    yield fitted("outputs-forest", MultiOutputClassifier(forest), data.MULTICLASS_OUTPUTS)
    yield fitted("outputs-tree", MultiOutputRegressor(_REGRESSION_TREE, n_jobs=None), data.MULTIOUTPUT)
    chain = ClassifierChain(LogisticRegression(), order=[2, 0, 1], cv=2, chain_method="predict_proba")
    yield fitted("chain-order", chain, data.MULTILABEL)
    yield fitted("chain-random", RegressorChain(Ridge(), order="random", random_state=0), data.MULTIOUTPUT)
    yield fitted("one-rest-tree", OneVsRestClassifier(_TREE), data.STRING_LABELS)
    yield fitted("one-rest-multilabel", OneVsRestClassifier(LogisticRegression()), data.MULTILABEL)
    constant = data.Training(X=data.CLUSTERS.X, y=np.eye(3, dtype=int)[np.arange(60) % 2], inputs=data.CLUSTERS.inputs)
    yield fitted("one-rest-constant-label", OneVsRestClassifier(LogisticRegression()), constant)
    yield fitted("one-one-support-vectors", OneVsOneClassifier(SVC()), data.STRING_LABELS)
    yield fitted("output-code", OutputCodeClassifier(_TREE, code_size=2.5, random_state=0), data.CLASSIFICATION)


def _thresholds() -> Iterator[Case]:
    logistic = LogisticRegression()
    fixed = FixedThresholdClassifier(logistic, threshold=0.3, pos_label=1, response_method="predict_proba")
    yield fitted("threshold-fixed", fixed, data.BINARY)
    scorer = make_scorer(balanced_accuracy_score, adjusted=True)
    tuned = TunedThresholdClassifierCV(logistic, scoring=scorer, thresholds=5, cv=2, store_cv_results=True)
    yield fitted("threshold-tuned", tuned, data.BINARY)
    already = LogisticRegression().fit(data.BINARY.X, data.BINARY.y)
    prefit = TunedThresholdClassifierCV(already, cv="prefit", refit=False, thresholds=5)
    yield fitted("threshold-prefit", prefit, data.BINARY)
    training = data.Training(X=data.BINARY.X, y=_unlabelled, inputs=data.BINARY.inputs)
    yield fitted("self-training", SelfTrainingClassifier(SVC(probability=True, random_state=0)), training)
    k_best = SelfTrainingClassifier(GaussianNB(), criterion="k_best", k_best=3, max_iter=None)
    yield fitted("self-training-best", k_best, training)


def _selectors() -> Iterator[Case]:
    yield fitted("consensus", RANSACRegressor(LinearRegression(), min_samples=5, random_state=0), data.REGRESSION)
    tree = RANSACRegressor(_REGRESSION_TREE, min_samples=0.5, loss="squared_error", random_state=0)
    yield fitted("consensus-tree", tree, data.REGRESSION)
    theil = TheilSenRegressor(max_subpopulation=50, n_subsamples=10, random_state=0)
    yield fitted("theil-sen", theil, data.REGRESSION)
    yield fitted("eliminate-half", RFE(_TREE, n_features_to_select=0.5, step=0.3), data.CLASSIFICATION)
    yield fitted("eliminate-cross-validated", RFECV(Ridge(), cv=2, min_features_to_select=2), data.REGRESSION)
    yield fitted("eliminate-getter", RFE(Ridge(), importance_getter="coef_", step=2), data.REGRESSION)
    forest = RandomForestClassifier(n_estimators=3, random_state=0)
    yield fitted("select-from-forest", SelectFromModel(forest, threshold="1.25*median"), data.CLASSIFICATION)
    prefit = SelectFromModel(Ridge().fit(data.REGRESSION.X, data.REGRESSION.y), prefit=True, max_features=2)
    yield fitted("select-prefit", prefit, data.REGRESSION)
    yield fitted("select-max-function", SelectFromModel(Ridge(), max_features=len, threshold=-np.inf), _square())
    forward = SequentialFeatureSelector(Ridge(), n_features_to_select=2, cv=2, direction="backward")
    yield fitted("select-sequential", forward, data.REGRESSION)


def _square() -> data.Training:
    """Give data with as many samples as features, so that `len` is a legal number of features."""
    X = data.REGRESSION.X[:4]
    return data.Training(X=X, y=data.REGRESSION.y[:4], inputs={"X": X})
