"""Searches whose distances are numbers: each rule has a state that breaks it, and honest ones at its bound."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.sparse
from scipy.spatial.distance import braycurtis
from sklearn.metrics import DistanceMetric
from sklearn.neighbors import KNeighborsClassifier, LocalOutlierFactor, NearestNeighbors

from hermetic.codecs.finite_distances import MOST_POWER
from hermetic.codecs.neighbors import NeighborsCodec
from tests.codecs.altered import altered, refuse_altered, refuse_saved
from tests.codecs.hostile import bring_back

X = np.random.default_rng(0).normal(size=(50, 3))
LABELS = np.arange(50) % 3


def _search(metric: str = "manhattan", **parameters: Any) -> KNeighborsClassifier:
    power = {"p": parameters.pop("p")} if "p" in parameters else {}
    model = KNeighborsClassifier(algorithm="brute", metric=metric, metric_params=parameters or None, **power)
    return model.fit(X, LABELS)


def _with_data(data: Any, model: Any = None) -> Any:
    return altered(model or _search(), _fit_X=data)


def _first(array: np.ndarray, number: float) -> np.ndarray:
    changed = array.copy()
    changed.flat[0] = number
    return changed


MISSING = NearestNeighbors(metric="nan_euclidean").fit(_first(X, np.nan))
HONEST = {
    "far": _with_data(_first(X, -1e150)),
    "many that are far": _with_data(np.full_like(X, 1e150)),
    "far in single precision": _with_data(np.full_like(X, 3e38, dtype=np.float32)),
    "missing values, passed over": MISSING,
    "sparse": NearestNeighbors().fit(scipy.sparse.csr_array(X)),
    "whole numbers": NearestNeighbors(metric="hamming", algorithm="brute").fit(X.astype(int)),
    "a tree": KNeighborsClassifier(algorithm="kd_tree", p=2000).fit(X, LABELS),
    "a large power": _search("minkowski", p=MOST_POWER),
    "variances": _search("seuclidean", V=np.array([1e-150, 1.0, 1e150])),
    "listed variances": _search("seuclidean", V=[0.5, 1, 2]),
    "a covariance": _search("mahalanobis", V=np.diag([1.0, 2.0, 3.0])),
    "a listed covariance": _search("mahalanobis", V=np.eye(3).tolist()),
    "its inverse": _search("mahalanobis", VI=np.diag([1e150, 2.0, -3.0])),
    "weights": _search("minkowski", p=3, w=np.array([0.0, 1.0, 1e150])),
    "a distance": _search(DistanceMetric.get_metric("minkowski", p=3)),
    "not fitted": KNeighborsClassifier(),
}


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_search_comes_back(name: str):
    bring_back(HONEST[name])


DATA = {
    "not a number": _first(X, np.nan),
    "infinite": _first(X, -np.inf),
    "so far that its square is infinite": _first(X, 1e155),
    "so far, on the other side": _first(X, -1e155),
    "in single precision": _first(X, np.inf).astype(np.float32),
    "in another order": np.asfortranarray(_first(X, np.inf)),
    "sparse": scipy.sparse.csr_array(_first(X, np.inf)),
}


@pytest.mark.parametrize("name", DATA)
@pytest.mark.parametrize("model", [_search(), LocalOutlierFactor(novelty=True).fit(X)], ids=["classifier", "outliers"])
def test_data_without_distances_are_refused(name: str, model: Any):
    if model._tree is not None:
        model = altered(model, _tree=None, _fit_method="brute")
    refuse_saved(_with_data(DATA[name], model), "the data are not finite, or beyond .*: a distance to them is no num")


def test_missing_values_are_for_the_metric_that_is_used():
    refuse_altered(MISSING, "the data are not finite", effective_metric_="manhattan")


VARIANCES, COVARIANCE, INVERSE = (
    _search("seuclidean", V=np.ones(3)),
    _search("mahalanobis", V=np.eye(3)),
    _search("mahalanobis", VI=np.eye(3)),
)
WEIGHTED = _search("minkowski", p=3, w=np.ones(3))
PARAMETERS = {
    "no variance": (VARIANCES, {"V": np.array([1.0, 0.0, 1.0])}, "V makes distances that are no numbers"),
    "hardly any": (VARIANCES, {"V": np.array([1.0, 1e-160, 1.0])}, "V makes distances"),
    "a variance that is no number": (VARIANCES, {"V": _first(np.ones(3), np.nan)}, "V makes distances"),
    "a listed one": (VARIANCES, {"V": [1.0, float("nan"), 1.0]}, "V makes distances"),
    "text": (VARIANCES, {"V": "wide"}, "V must hold numbers"),
    "listed text": (VARIANCES, {"V": [1.0, "wide", 1.0]}, "V must hold numbers"),
    "unequal lists": (COVARIANCE, {"V": [[1.0], [1.0, 2.0]]}, "V must hold numbers"),
    "complex numbers": (VARIANCES, {"V": np.ones(3) * 1j}, "V must hold numbers"),
    "no covariance": (COVARIANCE, {"V": np.zeros((3, 3))}, "V makes distances"),
    "hardly any covariance": (COVARIANCE, {"V": 1e-160 * np.eye(3)}, "V makes distances"),
    "an infinite inverse": (INVERSE, {"VI": _first(np.eye(3), np.inf)}, "VI makes distances"),
    "a huge listed inverse": (INVERSE, {"VI": (1e151 * np.eye(3)).tolist()}, "VI makes distances"),
    "infinite weights": (WEIGHTED, {"p": 3, "w": np.full(3, np.inf)}, "w makes distances"),
    "a power beyond": (WEIGHTED, {"p": 1001.0, "w": np.ones(3)}, "p must be a number of more than 0 and at most 1000"),
    "no power": (WEIGHTED, {"p": "2", "w": np.ones(3)}, "p must be a number"),
    "power zero": (WEIGHTED, {"p": 0, "w": np.ones(3)}, "p must be a number"),
    "a power that is no number": (WEIGHTED, {"p": np.float64("nan"), "w": np.ones(3)}, "p must be a number"),
}


@pytest.mark.parametrize("name", PARAMETERS)
def test_parameters_without_distances_are_refused(name: str):
    model, parameters, words = PARAMETERS[name]
    refuse_altered(model, words, effective_metric_params_=parameters)


@pytest.mark.parametrize("field", ["effective_metric_", "metric"])
def test_so_is_a_distance_with_such_a_power(field: str):
    refuse_altered(_search(), "p must be a number", **{field: DistanceMetric.get_metric("minkowski", p=1e308)})


def test_so_are_the_parameters_that_were_given_since_predict_uses_them():
    refuse_altered(VARIANCES, "V makes distances", metric_params={"V": np.zeros(3)})
    refuse_altered(_search("minkowski", p=3), "p must be a number", p=1e9)


def test_only_the_name_of_a_tree_says_that_there_is_one():
    refuse_altered(WEIGHTED, "w makes", _fit_method=np.array("kd_tree"), effective_metric_params_={"w": [np.inf] * 3})


def test_what_a_function_takes_is_its_own():
    parameters = {"V": "wide", "p": 9999}
    model = KNeighborsClassifier(algorithm="brute", metric=braycurtis, metric_params=parameters, p=None)
    model.fit(X, LABELS)
    assert bring_back(model).effective_metric_params_ == {"V": "wide", "p": 9999}


@pytest.mark.parametrize(
    "distance",
    [
        DistanceMetric.get_metric("seuclidean", V=np.zeros(2)),
        DistanceMetric.get_metric("mahalanobis", VI=np.full((2, 2), np.inf)),
        DistanceMetric.get_metric("minkowski", p=3, w=np.full(2, 1e151)),
    ],
    ids=["variances", "inverse", "weights"],
)
def test_a_distance_that_is_no_number_is_refused(distance: Any):
    refuse_saved(distance, "makes distances that are no numbers")


def test_what_is_looked_at_is_private_and_sealed():
    assert "_fit_X" in NeighborsCodec.checked_fields
    used = {"_fit_X", "_fit_method", "effective_metric_", "effective_metric_params_", "metric", "metric_params", "p"}
    assert used <= NeighborsCodec.sealed_fields
