"""Support vector machines predict as before, and libsvm is given no size that does not fit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.sparse
from sklearn.svm import SVC, SVR, NuSVC, OneClassSVM

from tests.codecs.hostile import bring_back, refuse

X = np.random.default_rng(0).normal(size=(40, 3))
LABELS = np.arange(40) % 3
DENSE = SVC().fit(X, LABELS)
SPARSE = SVC().fit(scipy.sparse.csr_matrix(X), LABELS)
NAME = "sklearn.svm.SVC"


@pytest.mark.parametrize(
    "model",
    [DENSE, SPARSE, SVR().fit(X, X[:, 0]), OneClassSVM().fit(X), NuSVC(nu=0.2).fit(X, LABELS > 0)],
)
def test_a_machine_predicts_as_before(model: Any):
    given = scipy.sparse.csr_matrix(X) if model is SPARSE else X
    assert bring_back(model).predict(given).tobytes() == model.predict(given).tobytes()


def test_a_precomputed_kernel_is_kept():
    model = SVC(kernel="precomputed").fit(X @ X.T, LABELS)
    assert bring_back(model).predict(X @ X.T).tobytes() == model.predict(X @ X.T).tobytes()


def _first(value: int) -> Any:
    def change_first(array: Any) -> Any:
        array[0] = value
        return array

    return change_first


@pytest.mark.parametrize(
    ("field", "new"),
    [
        ("_n_support", _first(-1)),
        ("_n_support", _first(10**6)),
        ("_n_support", lambda counts: counts[:2].copy()),
        ("_n_support", lambda counts: counts.astype(np.int64)),
        ("support_", _first(-1)),
        ("support_", _first(40)),
        ("support_", lambda positions: positions[:-1].copy()),
        ("support_vectors_", lambda vectors: vectors[:, :2].copy()),
        ("support_vectors_", lambda vectors: vectors[:-1].copy()),
        ("_intercept_", np.zeros(2)),
        ("_probA", np.zeros(3)),
        ("shape_fit_", {"tuple": []}),
        ("n_features_in_", 4),
        ("_impl", "c_svc"),
    ],
)
def test_a_hostile_machine_is_refused(field: str, new: Any):
    refuse(DENSE, NAME, field, new)


def test_a_sparse_machine_whose_coefficients_are_not_all_stored_is_refused():
    model = SVC().fit(scipy.sparse.csr_matrix(X), LABELS)
    model._dual_coef_ = model.dual_coef_ = scipy.sparse.csr_matrix(model._dual_coef_ * 0)
    model._dual_coef_.eliminate_zeros()
    refuse(model, NAME, "_dual_coef_", lambda same: same, "_dual_coef_")
