"""Distances measure as before, and their weights are what native code expects."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.spatial.distance import cityblock
from sklearn.metrics import DistanceMetric

from hermetic.errors import InvalidState
from tests.codecs.hostile import all_in_use, bring_back, change, refuse, through_the_gates

POINTS = np.random.default_rng(0).random((6, 2))
METRICS: list[tuple[str, dict[str, Any]]] = [
    ("euclidean", {}),
    ("manhattan", {}),
    ("chebyshev", {}),
    ("hamming", {}),
    ("canberra", {}),
    ("braycurtis", {}),
    ("haversine", {}),
    ("jaccard", {}),
    ("minkowski", {"p": 3}),
    ("minkowski", {"p": 1.5, "w": np.array([1.0, 2.0])}),
    ("seuclidean", {"V": np.array([0.5, 2.0])}),
    ("mahalanobis", {"VI": np.array([[2.0, 0.5], [0.5, 1.0]])}),
    ("pyfunc", {"func": cityblock}),
]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("name", "options"), METRICS)
def test_a_distance_measures_as_before(name: str, options: dict[str, Any], dtype: Any):
    metric = DistanceMetric.get_metric(name, dtype=dtype, **options)
    restored = bring_back(metric)
    assert type(restored) is type(metric)
    points = POINTS.astype(dtype)
    assert np.asarray(restored.pairwise(points)).tobytes() == np.asarray(metric.pairwise(points)).tobytes()


@pytest.mark.parametrize(
    ("name", "options", "field", "new"),
    [
        ("Minkowski", {"p": 3}, "p", 0.0),
        ("Minkowski", {"p": 3}, "p", {"float": "nan"}),
        ("Minkowski", {"p": 3}, "p", {"float": "inf"}),
        ("Minkowski", {"p": 3, "w": np.ones(2)}, "w", np.array([1.0, -1.0])),
        ("Minkowski", {"p": 3, "w": np.ones(2)}, "w", np.array([1.0, np.inf])),
        ("Minkowski", {"p": 3, "w": np.ones(2)}, "w", np.array([1.0, np.nan])),
        ("Minkowski", {"p": 3, "w": np.ones(2)}, "w", np.ones((2, 2))),
        ("SEuclidean", {"V": np.ones(2)}, "V", np.ones(2, dtype=np.float32)),
        ("SEuclidean", {"V": np.ones(2)}, "V", None),
        ("Mahalanobis", {"VI": np.eye(2)}, "VI", np.ones((2, 3))),
        ("Euclidean", {}, "p", 2.0),
    ],
)
def test_a_hostile_distance_is_refused(name: str, options: dict[str, Any], field: str, new: Any):
    metric = DistanceMetric.get_metric(name.lower(), **options)
    refuse(metric, f"sklearn.metrics.{name}Distance64", field, new)


@pytest.mark.parametrize("keywords", [None, 7, "text", {"tuple": []}], ids=repr)
def test_keywords_of_a_function_that_are_no_dictionary_are_refused(keywords: Any):
    metric = DistanceMetric.get_metric("pyfunc", func=cityblock)
    graph = all_in_use(change(metric, "sklearn.metrics.PyFuncDistance64", "kwargs", keywords))
    with pytest.raises(InvalidState, match="kwargs must be a dictionary of names"):
        through_the_gates(graph)
