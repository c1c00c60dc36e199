"""What scikit-learn's models may hold beside other models, and no model of the zoo does: splitters, metrics, trees."""

from __future__ import annotations

import functools
from collections.abc import Iterator

import numpy as np
from sklearn import model_selection, neighbors
from sklearn.experimental import enable_halving_search_cv
from sklearn.linear_model import Ridge
from sklearn.metrics import DistanceMetric
from sklearn.model_selection import GridSearchCV, HalvingGridSearchCV, ParameterGrid, ParameterSampler, PredefinedSplit
from sklearn.neighbors import BallTree, KDTree

from tests.zoo import data
from tests.zoo.case import Case, fitted, value

__all__ = ["helpers"]

_ENABLED = enable_halving_search_cv  # its import is what makes the halving searches importable

_SPLITTERS = {
    "GroupKFold": {},
    "GroupShuffleSplit": {"n_splits": 2, "random_state": 0},
    "LeaveOneGroupOut": {},
    "LeavePGroupsOut": {"n_groups": 2},
    "LeavePOut": {"p": 2},
    "StratifiedGroupKFold": {"n_splits": 3},
}
_FITTING_SPLITTERS = {
    "LeaveOneOut": {},
    "RepeatedKFold": {"n_splits": 2, "n_repeats": 2, "random_state": 0},
    "ShuffleSplit": {"n_splits": 2, "random_state": 0},
    "TimeSeriesSplit": {"n_splits": 2},
}
_CLASSIFYING_SPLITTERS = {
    "RepeatedStratifiedKFold": {"n_splits": 2, "n_repeats": 2, "random_state": 0},
    "StratifiedShuffleSplit": {"n_splits": 2, "random_state": 0},
}
_METRICS = ("euclidean", "manhattan", "chebyshev", "hamming", "canberra", "braycurtis", "jaccard", "haversine")


def helpers() -> list[Case]:
    """Give one case for each.

    Examples
    --------
    >>> "KDTree" in {case.name for case in helpers()}
    True
    """
    return [*_searches(), *_neighbours()]


def _searches() -> Iterator[Case]:
    for name, parameters in {**_SPLITTERS, **_FITTING_SPLITTERS, **_CLASSIFYING_SPLITTERS}.items():
        yield value(f"splitter-{name}", functools.partial(getattr(model_selection, name), **parameters))
    for name, parameters in _FITTING_SPLITTERS.items():
        splitter = getattr(model_selection, name)(**parameters)
        search = GridSearchCV(Ridge(), {"alpha": [0.1, 1.0]}, cv=splitter, scoring="neg_mean_squared_error")
        yield fitted(f"search-{name}", search, data.REGRESSION)
    folds = GridSearchCV(Ridge(), {"alpha": [0.1]}, cv=PredefinedSplit(np.arange(60) % 2))
    yield fitted("search-predefined", folds, data.REGRESSION)
    pairs = [(np.arange(40), np.arange(40, 60)), (np.arange(20, 60), np.arange(20))]
    yield fitted("search-folds", GridSearchCV(Ridge(), {"alpha": [0.1]}, cv=pairs), data.REGRESSION)
    halving = HalvingGridSearchCV(Ridge(), {"alpha": [0.1, 1.0]}, cv=pairs, resource="max_iter", max_resources=4)
    yield fitted("search-halving-folds", halving, data.REGRESSION)
    yield value("parameter-grid", ParameterGrid, {"alpha": [1, 2]})
    yield value("parameter-sampler", ParameterSampler, {"alpha": [1, 2]}, 2)


def _neighbours() -> Iterator[Case]:
    yield value("KDTree", KDTree, data.CLUSTERS.X)
    yield value("BallTree", BallTree, data.CLUSTERS.X)
    for name in ("BallTree32", "BallTree64", "KDTree32", "KDTree64"):
        # New in scikit-learn 1.4.
        folder = getattr(neighbors, "_kd_tree" if name.startswith("KD") else "_ball_tree")
        if kind := getattr(folder, name, None):
            yield value(name, kind, data.CLUSTERS.X.astype(np.float32 if name.endswith("32") else np.float64))
    for metric in _METRICS:
        yield value(f"metric-{metric}", DistanceMetric.get_metric, metric)
