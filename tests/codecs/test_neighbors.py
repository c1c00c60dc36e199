"""Neighbour searches answer as before, and their data are as many and as wide as they say."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import numpy as np
import pytest
import scipy.sparse
from sklearn.neighbors import KDTree, KNeighborsClassifier, LocalOutlierFactor, RadiusNeighborsRegressor

from tests.codecs.altered import refuse_altered
from tests.codecs.hostile import bring_back, refuse

X = np.random.default_rng(0).normal(size=(50, 3))
LABELS = np.arange(50) % 3
NAME = "sklearn.neighbors.KNeighborsClassifier"


@pytest.mark.parametrize("algorithm", ["brute", "kd_tree", "ball_tree"])
def test_a_search_answers_as_before(algorithm: str):
    model = KNeighborsClassifier(algorithm=algorithm).fit(X, LABELS)
    assert bring_back(model).predict_proba(X).tobytes() == model.predict_proba(X).tobytes()


def test_other_labels_and_data_are_kept():
    bring_back(KNeighborsClassifier().fit(X, np.array(["a", "b", "c"], dtype=object)[LABELS]))
    bring_back(KNeighborsClassifier().fit(X, np.c_[LABELS, LABELS > 0]))
    bring_back(KNeighborsClassifier().fit(scipy.sparse.csr_matrix(X), LABELS))
    bring_back(RadiusNeighborsRegressor().fit(X, X))
    bring_back(LocalOutlierFactor(novelty=True).fit(X))


def test_the_tree_shares_the_data_as_before():
    restored = bring_back(KNeighborsClassifier(algorithm="kd_tree").fit(X, LABELS))
    assert np.shares_memory(restored._fit_X, restored._tree.data)


@pytest.mark.parametrize("algorithm", ["brute", "kd_tree"])
@pytest.mark.parametrize(
    ("field", "new"),
    [
        ("_fit_X", lambda data: data[:, :2].copy()),
        ("_fit_X", lambda data: data[:40].copy()),
        ("_fit_X", lambda data: data[:0].copy()),
        ("n_samples_fit_", 60),
        ("n_features_in_", 4),
        ("_y", lambda codes: codes + 1),
        ("_y", lambda codes: codes - 1),
        ("_y", lambda codes: codes[:40].copy()),
        ("classes_", np.array([0, 1])),
    ],
)
def test_a_hostile_search_is_refused(algorithm: str, field: str, new: Any):
    refuse(KNeighborsClassifier(algorithm=algorithm).fit(X, LABELS), NAME, field, new)


MEASURED: dict[str, dict[str, Any]] = {
    "mahalanobis": {"metric": "mahalanobis", "metric_params": {"VI": np.eye(3)}},
    "a covariance": {"metric": "mahalanobis", "metric_params": {"V": np.eye(3)}, "algorithm": "ball_tree"},
    "variances": {"metric": "seuclidean", "metric_params": {"V": np.ones(3)}, "algorithm": "brute"},
    "weights": {"metric": "minkowski", "p": 3, "metric_params": {"w": np.ones(3)}, "algorithm": "brute"},
}


@pytest.mark.parametrize("name", MEASURED)
def test_parameters_of_a_metric_are_kept(name: str):
    model = KNeighborsClassifier(**MEASURED[name]).fit(X, LABELS)
    assert bring_back(model).predict_proba(X).tobytes() == model.predict_proba(X).tobytes()


def test_a_matrix_of_lists_is_kept():
    lists = {"VI": np.eye(3).tolist()}
    model = KNeighborsClassifier(algorithm="brute", metric="mahalanobis", metric_params=lists).fit(X, LABELS)
    assert bring_back(model).effective_metric_params_ == lists


HOSTILE_PARAMETERS: dict[str, tuple[Any, str]] = {
    "norms of the data": ({"Y_norm_squared": np.ones(1)}, "Y_norm_squared is computed, never stored"),
    "norms of the input": ({"X_norm_squared": np.ones(1)}, "X_norm_squared is computed, never stored"),
    "a small matrix": ({"VI": np.ones((1, 1))}, "VI must be a matrix of 3 x 3"),
    "a row": ({"VI": np.ones(9)}, "VI must be a matrix"),
    "short lists": ({"VI": [[1.0, 2.0]]}, "VI must be a matrix"),
    "lists of other lengths": ({"VI": [[1.0], [1.0], [1.0]]}, "VI must be a matrix"),
    "no matrix": ({"VI": None}, "VI must be a matrix"),
    "other keys": ({1: 2, "Y_norm_squared": np.ones(1)}, "must be a dictionary of names"),
    "another dictionary": (OrderedDict(Y_norm_squared=np.ones(1)), "must be a dictionary of names"),
    "no dictionary": (7, "must be a dictionary of names"),
}


@pytest.mark.parametrize("name", HOSTILE_PARAMETERS)
def test_parameters_that_native_code_would_read_past_are_refused(name: str):
    parameters, words = HOSTILE_PARAMETERS[name]
    model = KNeighborsClassifier(algorithm="brute").fit(X, LABELS)
    refuse_altered(model, words, effective_metric_params_=parameters)


@pytest.mark.parametrize("number", [10_001, 10**9, 1 << 70, np.array(10**9), np.int64(10**9)], ids=str)
def test_neighbours_that_nobody_has_are_refused(number: Any):
    model = KNeighborsClassifier(algorithm="brute", metric="manhattan").fit(X, LABELS)
    refuse_altered(model, "n_neighbors is .* for 50 samples: .* 10000 is the limit", n_neighbors=number)


@pytest.mark.parametrize("number", [50, 51, 10_000])
def test_more_neighbours_than_samples_are_their_authors_mistake(number: int):
    assert bring_back(KNeighborsClassifier(n_neighbors=number).fit(X, LABELS)).n_neighbors == number


OTHER_TREES = {
    "a tree over fewer samples": KDTree(X[:20]),
    "a tree over other features": KDTree(X[:, :2]),
    "another object": KNeighborsClassifier(),
    "no object": "tree",
}


@pytest.mark.parametrize("name", OTHER_TREES)
def test_a_tree_over_other_data_is_refused(name: str):
    model = KNeighborsClassifier(algorithm="kd_tree").fit(X, LABELS)
    refuse_altered(model, "the tree is not over the data of shape", _tree=OTHER_TREES[name])


OTHER_LABELS = {
    "none": None,
    "fractions": LABELS.astype(float),
    "too few": LABELS[:49],
    "a block": LABELS.reshape(25, 2, 1),
    "unsigned": LABELS.astype(np.uint64),
}


OTHER_CLASSES: dict[str, Any] = {
    "a dictionary": {"a": 1, "b": 2, "c": 3},
    "an empty list": [],
    "a row in a list": [np.arange(3)],
    "a text": "abc",
    "nothing": None,
    "a set": {1, 2, 3},
    "too few objects": np.array(["a", "b"], dtype=object),
    "a table": np.zeros((3, 3)),
}


@pytest.mark.parametrize("name", OTHER_CLASSES)
def test_classes_of_another_form_are_refused_since_native_code_counts_into_as_many_places_as_they_say(name: str):
    model = KNeighborsClassifier(algorithm="brute", metric="manhattan").fit(X, LABELS)
    refuse_altered(model, "_y names a class beyond the [0-2] there are", classes_=OTHER_CLASSES[name])


def test_classes_of_other_outputs_are_refused():
    model = KNeighborsClassifier().fit(X, np.c_[LABELS, LABELS > 0])
    refuse_altered(model, "_y has 2 columns for 1 rows of classes", classes_=lambda own: own[:1])
    refuse_altered(model, "_y has 2 columns for 0 rows of classes", classes_=None)
    refuse_altered(model, "_y names a class beyond the 2 there are", classes_=lambda own: own[::-1])


@pytest.mark.parametrize("name", OTHER_LABELS)
def test_labels_of_another_form_are_refused(name: str):
    model = KNeighborsClassifier().fit(X, LABELS)
    refuse_altered(model, "_y must be 50 integers", _y=OTHER_LABELS[name])
