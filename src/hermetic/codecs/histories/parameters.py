"""Which parameters of constructors releases have added, removed, renamed and said in other words, before 1.7.

Read off the signatures of scikit-learn 1.2 to 1.7, class by class. A parameter that was added stands with the value
that does what the class did before; models are not brought back that far. What a removed parameter still tells about a
fitted model stands beside the other changes of its class.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hermetic.codecs.history import Change, joined, upward
from hermetic.codecs.table_edit import TableEdit
from hermetic.graph import Value

__all__ = ["changes"]

_EPSILON = 2.220446049250313e-16
_ADDED: dict[str, dict[str, dict[str, Value]]] = {
    "1.3": {
        "covariance.GraphicalLasso": {"covariance": None, "eps": _EPSILON},
        "covariance.GraphicalLassoCV": {"eps": _EPSILON},
        "decomposition.DictionaryLearning": {"callback": None},
        "gaussian_process.GaussianProcessRegressor": {"n_targets": None},
        "impute.IterativeImputer": {"fill_value": None},
        "preprocessing.OneHotEncoder": {"feature_name_combiner": "concat"},
        "preprocessing.OrdinalEncoder": {"min_frequency": None, "max_categories": None},
        "preprocessing.SplineTransformer": {"sparse_output": False},
    },
    "1.4": {
        "ensemble.ExtraTreesClassifier ensemble.ExtraTreesRegressor ensemble.RandomForestClassifier "
        "ensemble.RandomForestRegressor tree.DecisionTreeClassifier tree.DecisionTreeRegressor "
        "tree.ExtraTreeClassifier tree.ExtraTreeRegressor": {"monotonic_cst": None},
        "ensemble.HistGradientBoostingClassifier ensemble.HistGradientBoostingRegressor": {"max_features": 1.0},
    },
    "1.5": {
        "compose.ColumnTransformer": {"force_int_remainder_cols": True},
        "multioutput.ClassifierChain": {"chain_method": "predict"},
        "pipeline.FeatureUnion": {"verbose_feature_names_out": True},
    },
    "1.6": {
        "model_selection.GroupKFold": {"shuffle": False, "random_state": None},
        "neighbors.NearestCentroid": {"priors": "uniform"},
        "pipeline.Pipeline": {"transform_input": None},
    },
    "1.7": {
        "linear_model.LinearRegression": {"tol": 1e-6},
        "neural_network.MLPRegressor": {"loss": "squared_error"},
        "preprocessing.KBinsDiscretizer": {"quantile_method": "warn"},
        "multioutput.ClassifierChain multioutput.RegressorChain": {"estimator": None},
    },
}
_REMOVED: dict[str, dict[str, str]] = {
    "1.3": {"impute.SimpleImputer": "verbose", "manifold.TSNE": "square_distances"},
    "1.4": {
        "ensemble.ExtraTreesClassifier ensemble.ExtraTreesRegressor ensemble.GradientBoostingClassifier "
        "ensemble.GradientBoostingRegressor ensemble.IsolationForest ensemble.RandomForestClassifier "
        "ensemble.RandomForestRegressor ensemble.RandomTreesEmbedding": "base_estimator",
        "decomposition.MiniBatchDictionaryLearning decomposition.MiniBatchSparsePCA": "n_iter",
        "linear_model.Lars linear_model.LarsCV linear_model.LassoLars linear_model.LassoLarsCV "
        "linear_model.LassoLarsIC linear_model.OrthogonalMatchingPursuit "
        "linear_model.OrthogonalMatchingPursuitCV": "normalize",
    },
}
_JOINED: tuple[tuple[str, str, str, str, Value], ...] = (
    ("1.3", "linear_model.RANSACRegressor", "base_estimator", "estimator", None),
    ("1.4", "calibration.CalibratedClassifierCV", "base_estimator", "estimator", None),
    ("1.4", "cluster.AgglomerativeClustering cluster.FeatureAgglomeration", "affinity", "metric", "euclidean"),
    (
        "1.4",
        "ensemble.AdaBoostClassifier ensemble.AdaBoostRegressor ensemble.BaggingClassifier ensemble.BaggingRegressor",
        "base_estimator",
        "estimator",
        None,
    ),
    ("1.4", "preprocessing.OneHotEncoder", "sparse", "sparse_output", True),
    ("1.5", "linear_model.ARDRegression linear_model.BayesianRidge", "n_iter", "max_iter", 300),
    ("1.7", "linear_model.RidgeCV linear_model.RidgeClassifierCV", "store_cv_values", "store_cv_results", False),
    ("1.7", "manifold.TSNE", "n_iter", "max_iter", 1000),
)
_VALUES: dict[str, dict[str, dict[str, Mapping[Any, Value]]]] = {
    "1.3": {
        "decomposition.FastICA": {"whiten": {"warn": "arbitrary-variance", True: "arbitrary-variance"}},
        "decomposition.MiniBatchDictionaryLearning": {"batch_size": {"warn": 3}},
        "feature_selection.SequentialFeatureSelector": {"n_features_to_select": {"warn": 0.5, None: 0.5}},
        "linear_model.LogisticRegression linear_model.LogisticRegressionCV": {"penalty": {"none": None}},
    },
    "1.4": {
        "cluster.KMeans": {"n_init": {"warn": 10}},
        "cluster.MiniBatchKMeans": {"n_init": {"warn": 3}},
        "decomposition.MiniBatchDictionaryLearning decomposition.MiniBatchSparsePCA": {"max_iter": {None: 1000}},
        "linear_model.QuantileRegressor": {"solver": {"warn": "highs", "interior-point": "highs"}},
        "manifold.MDS": {"normalized_stress": {"warn": False}},
        "naive_bayes.BernoulliNB naive_bayes.CategoricalNB naive_bayes.ComplementNB naive_bayes.MultinomialNB": {
            "force_alpha": {"warn": False}
        },
    },
    "1.5": {
        "linear_model.LogisticRegression linear_model.LogisticRegressionCV": {"multi_class": {"auto": "deprecated"}},
        "svm.LinearSVC svm.LinearSVR": {"dual": {"warn": True}},
    },
    "1.6": {
        "cluster.Birch": {"copy": {True: "deprecated", False: "deprecated"}},
        "decomposition.MiniBatchNMF decomposition.NMF": {"n_components": {"warn": None}},
        "ensemble.HistGradientBoostingClassifier ensemble.HistGradientBoostingRegressor": {
            "categorical_features": {"warn": None}
        },
        "linear_model.TheilSenRegressor": {"copy_X": {True: "deprecated", False: "deprecated"}},
    },
    "1.7": {
        "compose.ColumnTransformer": {"force_int_remainder_cols": {True: "deprecated", False: "deprecated"}},
    },
}
_SAMPLES_OF_QUANTILES = 200_000


def changes() -> dict[str, tuple[Change, ...]]:
    """Give the changes for each class, in the order of their releases.

    Returns
    -------
    dict of str to tuple of Change
        By neutral name.

    Examples
    --------
    >>> [change.release for change in changes()["sklearn.preprocessing.OneHotEncoder"]]
    ['1.3', '1.4']
    """
    found: dict[str, list[Change]] = {}

    def note(names: str, change: Change) -> None:
        for name in names.split():
            found.setdefault(f"sklearn.{name}", []).append(change)

    for release, classes in _ADDED.items():
        for names, fields in classes.items():
            note(names, upward(release, _adding(fields)))
    for release, removed in _REMOVED.items():
        for names, field in removed.items():
            note(names, upward(release, _dropping(field)))
    for release, names, old, new, default in _JOINED:
        note(names, joined(release, old, new, default))
    for release, reworded in _VALUES.items():
        for names, values in reworded.items():
            for field, words in values.items():
                note(names, upward(release, _replacing(field, words)))
    note("preprocessing.KBinsDiscretizer", upward("1.5", _name_samples))
    return {name: tuple(own) for name, own in found.items()}


def _adding(fields: Mapping[str, Value]) -> Any:
    def add(edit: TableEdit) -> None:
        for field, value in fields.items():
            if not edit.has(field):
                edit.fill(field, value)

    return add


def _dropping(field: str) -> Any:
    return lambda edit: edit.drop(field)


def _replacing(field: str, words: Mapping[Any, Value]) -> Any:
    return lambda edit: edit.replace(field, words)


def _name_samples(edit: TableEdit) -> None:
    # _discretization.py: "warn" was as many for quantiles, and all for everything else.
    if edit.has("subsample"):
        pairs = zip(edit.values("subsample"), edit.values("strategy"), strict=True)
        edit.put(
            "subsample",
            [own if own != "warn" else _SAMPLES_OF_QUANTILES if how == "quantile" else None for own, how in pairs],
        )
