"""One fitted case for every public scikit-learn class in its default configuration, and one unfitted case.

The classes come from `sklearn.utils.all_estimators`, so that a new release adds its own. The tables below hold what a
class needs beyond its defaults: required parameters, and data other than the usual.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn.base import is_classifier, is_regressor
from sklearn.cluster import KMeans
from sklearn.compose import make_column_selector
from sklearn.dummy import DummyClassifier
from sklearn.experimental import enable_halving_search_cv, enable_iterative_imputer
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor
from sklearn.utils import all_estimators

from tests.zoo.case import Case, fitted
from tests.zoo.data import (
    BINARY,
    CLASSIFICATION,
    CLUSTERS,
    COUNTS,
    FRAME,
    INTEGERS,
    MISSING,
    MULTICLASS_OUTPUTS,
    MULTIOUTPUT,
    POSITIVE,
    POSITIVE_REGRESSION,
    REGRESSION,
    STRING_LABELS,
    STRINGS,
    TEXTS,
    Training,
)
from tests.zoo.seeded import seeded

__all__ = ["every_estimator"]

# Importing these two modules is what makes the experimental classes visible.
_ENABLED = (enable_halving_search_cv, enable_iterative_imputer)

_TREES = [("shallow", DecisionTreeClassifier(max_depth=1)), ("deep", DecisionTreeClassifier(max_depth=3))]
_REGRESSION_TREES = [("shallow", DecisionTreeRegressor(max_depth=1)), ("deep", DecisionTreeRegressor(max_depth=3))]
_CLASSIFIER = {"estimator": LogisticRegression()}
_REGRESSOR = {"estimator": Ridge()}

_REQUIRED: dict[str, dict[str, Any]] = {
    "ClassifierChain": _CLASSIFIER,
    "ColumnTransformer": {
        "transformers": [
            ("scale", StandardScaler(), make_column_selector(dtype_include="number")),
            ("drop", "drop", ["city"]),
        ]
    },
    "FeatureUnion": {"transformer_list": [("standard", StandardScaler()), ("range", MinMaxScaler())]},
    "FixedThresholdClassifier": _CLASSIFIER,
    "FrozenEstimator": {"estimator": LogisticRegression().fit(CLASSIFICATION.X, CLASSIFICATION.y)},
    "GridSearchCV": {**_CLASSIFIER, "param_grid": {"C": [0.1, 1.0]}},
    "HalvingGridSearchCV": {**_REGRESSOR, "param_grid": {"alpha": [0.1, 1.0]}},
    "HalvingRandomSearchCV": {**_REGRESSOR, "param_distributions": {"alpha": [0.1, 1.0]}},
    "MultiOutputClassifier": _CLASSIFIER,
    "MultiOutputRegressor": _REGRESSOR,
    "OneVsOneClassifier": _CLASSIFIER,
    "OneVsRestClassifier": _CLASSIFIER,
    "OutputCodeClassifier": _CLASSIFIER,
    "Pipeline": {"steps": [("scale", StandardScaler()), ("classify", LogisticRegression())]},
    "RFE": _CLASSIFIER,
    "RFECV": _CLASSIFIER,
    "RandomizedSearchCV": {**_REGRESSOR, "param_distributions": {"alpha": [0.1, 1.0]}},
    "RegressorChain": _REGRESSOR,
    "SelectFromModel": _CLASSIFIER,
    "SequentialFeatureSelector": _CLASSIFIER,
    "SparseCoder": {"dictionary": np.arange(12.0).reshape(3, 4)},
    "StackingClassifier": {"estimators": _TREES},
    "StackingRegressor": {"estimators": _REGRESSION_TREES},
    "TunedThresholdClassifierCV": _CLASSIFIER,
    "VotingClassifier": {"estimators": _TREES},
    "VotingRegressor": {"estimators": _REGRESSION_TREES},
}

# Not required to construct, but the defaults do not fit these small data or are slow on them.
_SUITABLE: dict[str, dict[str, Any]] = {
    "GaussianRandomProjection": {"n_components": 2},
    "HalvingRandomSearchCV": {"n_candidates": 2},
    "LogisticRegressionCV": {"Cs": 3, "max_iter": 20, "use_legacy_attributes": False, "scoring": "neg_log_loss"},
    "MLPClassifier": {"max_iter": 30},
    "MLPRegressor": {"max_iter": 30},
    "PatchExtractor": {"patch_size": (2, 2), "max_patches": 3},
    "RandomizedSearchCV": {"n_iter": 2},
    "SelectKBest": {"k": 2},
    "SelfTrainingClassifier": {"estimator": DecisionTreeClassifier()},
    "SparseRandomProjection": {"n_components": 2},
    "TSNE": {"max_iter": 250},
    "TheilSenRegressor": {"max_subpopulation": 100},
}

_unlabelled = INTEGERS.y.copy()
_unlabelled[::3] = -1
_labels = Training(X=STRING_LABELS.y, inputs={"X": STRING_LABELS.y[:6]})
_label_sets = [("red", "blue"), ("green",), (), ("blue",)] * 3
_kernel = rbf_kernel(CLUSTERS.X)
_images = np.arange(2 * 6 * 6, dtype=np.float64).reshape(2, 6, 6)
_dictionaries = [{"city": "Oslo", "age": 3}, {"city": "Bergen", "age": 4.5}, {"colour": "red"}] * 4
_one_feature = Training(X=REGRESSION.X[:, 0], y=REGRESSION.y, inputs={"X": REGRESSION.X[:12, 0]})

_TRAININGS: dict[str, Training] = {
    "AdditiveChi2Sampler": POSITIVE,
    "CCA": MULTIOUTPUT,
    "CategoricalNB": INTEGERS,
    "ClassicalMDS": CLUSTERS,
    "ClassifierChain": MULTICLASS_OUTPUTS,
    "ColumnTransformer": FRAME,
    "ComplementNB": COUNTS,
    "CountVectorizer": TEXTS,
    "DictVectorizer": Training(X=_dictionaries, inputs={"X": _dictionaries[:3]}),
    "FeatureHasher": Training(X=_dictionaries, inputs={"X": _dictionaries[:3]}),
    "FixedThresholdClassifier": BINARY,
    "GammaRegressor": POSITIVE_REGRESSION,
    "HashingVectorizer": TEXTS,
    "IsotonicRegression": _one_feature,
    "KernelCenterer": Training(X=_kernel, inputs={"X": _kernel[:5]}),
    "LabelBinarizer": _labels,
    "LabelEncoder": _labels,
    "LabelPropagation": Training(X=CLASSIFICATION.X, y=_unlabelled, inputs=CLASSIFICATION.inputs),
    "LabelSpreading": Training(X=CLASSIFICATION.X, y=_unlabelled, inputs=CLASSIFICATION.inputs),
    "LatentDirichletAllocation": COUNTS,
    "MiniBatchNMF": POSITIVE,
    "MissingIndicator": MISSING,
    "MultiLabelBinarizer": Training(X=_label_sets, inputs={"X": _label_sets[:4]}),
    "MultiOutputClassifier": MULTICLASS_OUTPUTS,
    "MultiOutputRegressor": MULTIOUTPUT,
    "MultiTaskElasticNet": MULTIOUTPUT,
    "MultiTaskElasticNetCV": MULTIOUTPUT,
    "MultiTaskLasso": MULTIOUTPUT,
    "MultiTaskLassoCV": MULTIOUTPUT,
    "MultinomialNB": COUNTS,
    "NMF": POSITIVE,
    "OneHotEncoder": STRINGS,
    "OrdinalEncoder": STRINGS,
    "PLSCanonical": MULTIOUTPUT,
    "PLSRegression": MULTIOUTPUT,
    "PLSSVD": MULTIOUTPUT,
    "PatchExtractor": Training(X=_images, inputs={"X": _images}),
    "PoissonRegressor": POSITIVE_REGRESSION,
    "RadiusNeighborsClassifier": Training(X=CLASSIFICATION.X, y=CLASSIFICATION.y, inputs={"X": CLASSIFICATION.X}),
    "RegressorChain": MULTIOUTPUT,
    "SelfTrainingClassifier": Training(X=CLASSIFICATION.X, y=_unlabelled, inputs=CLASSIFICATION.inputs),
    "SkewedChi2Sampler": POSITIVE,
    "SpectralBiclustering": POSITIVE,
    "SpectralCoclustering": POSITIVE,
    "TargetEncoder": STRINGS,
    "TfidfTransformer": COUNTS,
    "TfidfVectorizer": TEXTS,
    "TunedThresholdClassifierCV": BINARY,
    "TweedieRegressor": POSITIVE_REGRESSION,
}

_SLOW = frozenset({"TunedThresholdClassifierCV"})


def every_estimator() -> list[Case]:
    """Give each class of scikit-learn twice: fitted with its defaults, and unfitted.

    Returns
    -------
    list of Case
        Tagged ``estimator``, the unfitted ones ``unfitted`` too; about 420.

    Examples
    --------
    >>> [case.name for case in every_estimator() if case.name.startswith("Ridge-")]
    ['Ridge-fitted', 'Ridge-unfitted']
    """
    kinds = dict(all_estimators())
    kinds["FrozenEstimator"] = FrozenEstimator
    with seeded(0):  # deprecated classes warn when they are made
        return [case for name, kind in sorted(kinds.items()) for case in _cases_of(name, kind)]


def _cases_of(name: str, kind: type[Any]) -> Iterator[Case]:
    required = _REQUIRED.get(name, {})
    estimator = kind(**copy.deepcopy({**required, **_SUITABLE.get(name, {})}))
    training = _TRAININGS.get(name) or _usual_training(estimator)
    tags = {"estimator", "slow"} if name in _SLOW else {"estimator"}
    yield fitted(f"{name}-fitted", estimator, training, tags=tags)
    yield Case(
        name=f"{name}-unfitted",
        build=lambda: kind(**copy.deepcopy(required)),
        tags=frozenset({"estimator", "unfitted"}),
    )


def _usual_training(estimator: Any) -> Training:
    # Asking some meta-estimators for their type needs a sub-estimator, which these have by now.
    if is_regressor(estimator):
        return REGRESSION
    if is_classifier(estimator) or not isinstance(estimator, KMeans | DummyClassifier):
        return CLASSIFICATION
    return CLUSTERS
