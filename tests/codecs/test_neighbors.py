"""Neighbour searches answer as before, and their data are as many and as wide as they say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.sparse
from sklearn.neighbors import KNeighborsClassifier, LocalOutlierFactor, RadiusNeighborsRegressor

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
