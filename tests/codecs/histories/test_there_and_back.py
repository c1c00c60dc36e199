"""The law of migrations: a model that goes back to an older release and comes up again answers as before."""

from __future__ import annotations

import functools
import warnings
from typing import Any

import numpy as np
import pytest
import sklearn
from sklearn.calibration import CalibratedClassifierCV
from sklearn.cluster import AgglomerativeClustering, Birch, KMeans
from sklearn.compose import ColumnTransformer
from sklearn.cross_decomposition import CCA, PLSCanonical
from sklearn.decomposition import NMF, FastICA, KernelPCA
from sklearn.ensemble import (
    BaggingClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    IsolationForest,
    RandomForestClassifier,
)
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import KNNImputer, SimpleImputer
from sklearn.kernel_approximation import AdditiveChi2Sampler
from sklearn.linear_model import Lars, LogisticRegression, Perceptron, RidgeCV, SGDClassifier, SGDRegressor
from sklearn.metrics import make_scorer, mean_absolute_error
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier, NeighborhoodComponentsAnalysis
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, OrdinalEncoder, SplineTransformer, StandardScaler
from sklearn.random_projection import GaussianRandomProjection
from sklearn.semi_supervised import SelfTrainingClassifier
from sklearn.svm import SVC, SVR, LinearSVC
from sklearn.tree import DecisionTreeClassifier

from hermetic.capture import capture
from hermetic.codecs.history import OLDEST_TARGET, RELEASES
from hermetic.migrate import migrate
from hermetic.restore import restore
from hermetic.stages import ApprovedGraph
from hermetic.validate import validate
from tests.zoo.data import BINARY, CLASSIFICATION, REGRESSION

OLDER = RELEASES[RELEASES.index(OLDEST_TARGET) : -1]
X = np.abs(CLASSIFICATION.X)
TREE = DecisionTreeClassifier(max_depth=3, random_state=0)
SEARCH = {"param_grid": {"alpha": [0.1, 1.0]}, "cv": 2}
CLASSIFIERS = [
    TREE,
    RandomForestClassifier(5, class_weight="balanced", random_state=0),
    BaggingClassifier(TREE, 3, random_state=0),
    GradientBoostingClassifier(n_estimators=3, random_state=0),
    HistGradientBoostingClassifier(max_iter=3, min_samples_leaf=5),
    LogisticRegression(C=0.5),
    LogisticRegression(solver="newton-cholesky"),
    Perceptron(),
    SGDClassifier(loss="log_loss", random_state=0),
    SGDClassifier(loss="modified_huber", random_state=0),
    SVC(C=2.0),
    LinearSVC(),
    KNeighborsClassifier(metric="minkowski", p=3),
    CalibratedClassifierCV(TREE, cv=2),
    SelfTrainingClassifier(TREE, threshold=0.9),
    GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, cv=2),
    make_pipeline(StandardScaler(), TREE),
]
BINARY_CLASSIFIERS = [
    GradientBoostingClassifier(loss="exponential", n_estimators=3),
    GradientBoostingClassifier(n_estimators=3, init="zero"),
    LogisticRegression(l1_ratio=1.0, solver="liblinear"),
]
REGRESSORS = [
    ExtraTreesRegressor(5, random_state=0),
    GradientBoostingRegressor(loss="huber", n_estimators=3),
    GradientBoostingRegressor(loss="quantile", n_estimators=3),
    HistGradientBoostingRegressor(max_iter=3, loss="quantile", quantile=0.5),
    Lars(),
    RidgeCV(store_cv_results=True),
    SGDRegressor(loss="huber", random_state=0),
    SVR(),
    GridSearchCV(SGDRegressor(random_state=0), scoring=make_scorer(mean_absolute_error), **SEARCH),
]
TRANSFORMERS = [
    AdditiveChi2Sampler(),
    AgglomerativeClustering(2),
    Birch(),
    CCA(2),
    ColumnTransformer([("own", "passthrough", [0]), ("code", StandardScaler(), [1])], remainder="passthrough"),
    FastICA(2, random_state=0),
    FunctionTransformer(),
    GaussianRandomProjection(2, random_state=0),
    IsolationForest(n_estimators=5, random_state=0),
    KMeans(2, n_init=1),
    KNNImputer(),
    KernelPCA(2, kernel="rbf"),
    NMF(2, init="nndsvd"),
    NeighborhoodComponentsAnalysis(max_iter=2),
    OneHotEncoder(handle_unknown="ignore"),
    OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1),
    PLSCanonical(2),
    SimpleImputer(),
    SplineTransformer(),
]
CASES = [
    *[(model, CLASSIFICATION.y) for model in CLASSIFIERS],
    *[(model, BINARY.y) for model in BINARY_CLASSIFIERS],
    *[(model, REGRESSION.y[: len(X)]) for model in REGRESSORS],
    *[(model, CLASSIFICATION.y) for model in TRANSFORMERS if not isinstance(model, (CCA, PLSCanonical))],
    # For one target predictions of 1.2 were a table.
    *[(model, X[:, :2]) for model in TRANSFORMERS if isinstance(model, (CCA, PLSCanonical))],
]
METHODS = ("predict_proba", "decision_function", "predict", "transform")


def _there_and_back(model: Any, release: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    newest = sklearn.__version__
    monkeypatch.setattr(sklearn, "__version__", f"{release}.9")
    older = migrate(ApprovedGraph(graph=capture(model)), written_by={"scikit-learn": newest}).graph
    monkeypatch.setattr(sklearn, "__version__", newest)
    return restore(validate(migrate(ApprovedGraph(graph=older), written_by={"scikit-learn": f"{release}.9"})))


@functools.cache
def _fitted(number: int) -> tuple[Any, Any]:
    """Give a fitted model and what it is asked: fitted once for all releases."""
    model, target = CASES[number]
    rows = X[: len(target)]
    if isinstance(model, SelfTrainingClassifier):
        target = np.where(np.arange(len(target)) % 5, target, -1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return model.fit(rows, target), rows


@pytest.mark.parametrize("release", OLDER)
@pytest.mark.parametrize(
    "number", range(len(CASES)), ids=[f"{number}-{type(model).__name__}" for number, (model, _) in enumerate(CASES)]
)
def test_a_model_that_goes_back_and_comes_up_again_answers_as_before(
    number: int, release: str, monkeypatch: pytest.MonkeyPatch
):
    own, rows = _fitted(number)
    other = _there_and_back(own, release, monkeypatch)
    for method in [method for method in METHODS if hasattr(own, method)] or ["fit_predict"]:
        before, after = (getattr(each, method)(rows) for each in (own, other))
        before, after = (each.toarray() if hasattr(each, "toarray") else each for each in (before, after))
        assert np.allclose(before, after, rtol=1e-13, atol=1e-13), method
    assert other.get_params(deep=False).keys() == own.get_params(deep=False).keys()


@pytest.mark.parametrize("release", OLDER)
def test_weights_of_words_go_back_and_come_up_again(release: str, monkeypatch: pytest.MonkeyPatch):
    texts = ["the cat sat", "the dog sat on the mat", "a mat for a cat"]
    model = TfidfVectorizer().fit(texts)
    other = _there_and_back(model, release, monkeypatch)
    assert np.array_equal(other.idf_, model.idf_)
    assert np.array_equal(other.transform(texts).toarray(), model.transform(texts).toarray())


@pytest.mark.parametrize("release", OLDER)
def test_parameters_that_stand_for_the_defaults_come_back_as_they_were(release: str, monkeypatch: pytest.MonkeyPatch):
    model = LogisticRegression(C=0.5, l1_ratio=0.3, solver="saga", max_iter=7)
    assert _there_and_back(model, release, monkeypatch).get_params() == model.get_params()
