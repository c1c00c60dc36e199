"""Answers that hang on the last digits of the input are left out of a record: another BLAS changes them as much."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from sklearn.datasets import load_iris
from sklearn.decomposition import PCA, KernelPCA
from sklearn.preprocessing import OneHotEncoder
from sklearn.tree import DecisionTreeClassifier

from hermetic.evidence.golden.conditioning import hangs_on_last_digits, shaken
from tests.golden_evidence import golden_evidence

X = np.random.default_rng(0).normal(size=(30, 3))


@pytest.mark.parametrize(
    ("value", "is_shaken"),
    [
        (X, True),
        (X.astype("f4"), True),
        (X.astype(int), False),
        (["a", "b"], False),
        (scipy.sparse.csr_matrix(X), True),
        (scipy.sparse.csr_matrix(X.astype(int)), False),
        (pd.DataFrame(X), True),
    ],
    ids=["doubles", "singles", "integers", "texts", "sparse", "sparse-integers", "frame"],
)
def test_only_last_digits_are_changed(value: Any, is_shaken: bool):
    other = shaken(value)
    assert (other is not None) is is_shaken
    if is_shaken:
        one, two = (each.toarray() if hasattr(each, "toarray") else np.asarray(each) for each in (value, other))
        assert one.dtype == two.dtype
        assert (one != two).any()
        assert np.allclose(one, two, rtol=1e-5 if one.dtype == "f4" else 1e-14)


def test_the_rows_themselves_stay():
    rows, frame = X.copy(), pd.DataFrame({"a": X[:, 0], "b": ["x"] * 30})
    before = frame.copy()
    shaken(rows)
    other = shaken(frame)
    assert np.array_equal(rows, X)
    assert frame.equals(before)
    assert other["b"].equals(frame["b"])


ONE = np.array([1.0, 2.0, 3.0])


@pytest.mark.parametrize(
    ("other", "hangs"),
    [
        (ONE, False),
        (ONE * (1 + 1e-15), False),
        (ONE * (1 + 1e-9), True),
        (ONE + np.array([0.0, 1.0, 0.0]), False),
        (ONE[:2], False),
        (ONE.astype(int), False),
        (np.array([np.nan, 2.0, 3.0]), False),
    ],
    ids=["same", "last-digits", "more", "jump", "shape", "kind", "nan"],
)
def test_what_moves_much_more_than_the_input_hangs_on_it(other: Any, hangs: bool):
    assert hangs_on_last_digits(ONE, other) is hangs
    assert hangs_on_last_digits((ONE, ONE), (ONE, other)) is hangs
    assert hangs_on_last_digits([ONE], [other]) is hangs


def test_an_inverse_that_cancels_out_is_left_out():
    rows = load_iris(return_X_y=True)[0]
    model = KernelPCA(3, kernel="poly", fit_inverse_transform=True, eigen_solver="dense").fit(rows)
    golden = golden_evidence(model, rows).golden
    assert golden.methods == ("transform",)
    assert golden.skipped["inverse_transform"] == "its answers hang on the last digits of what it is given"


@pytest.mark.parametrize(
    "model",
    [PCA(2), DecisionTreeClassifier(random_state=0), OneHotEncoder(sparse_output=False, max_categories=4)],
    ids=["components", "tree", "encoder"],
)
def test_ordinary_models_are_recorded_whole(model: Any):
    rows = np.round(X, 1)
    golden = golden_evidence(model.fit(rows, X[:, 0] > 0), rows).golden
    assert not golden.skipped
    assert golden.methods
