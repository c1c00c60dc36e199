"""Real rows cover classes, extremes and missing values."""

from __future__ import annotations

import numpy as np
import pandas as pd
import scipy.sparse

from hermetic.evidence.golden.real_rows import real_rows

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(200, 4))


def test_every_class_is_there():
    labels = np.repeat([0, 1, 2, 3], [190, 6, 3, 1])
    numbered = np.column_stack([X, np.arange(200)])
    chosen = real_rows(numbered, labels, 20)[:, -1].astype(int)
    assert set(labels[chosen].tolist()) == {0, 1, 2, 3}


def test_extremes_are_there():
    chosen = real_rows(X, None, 20)
    assert np.array_equal(chosen.min(axis=0), X.min(axis=0))
    assert np.array_equal(chosen.max(axis=0), X.max(axis=0))


def test_every_pattern_of_missing_values_is_there():
    data = X.copy()
    data[17, 0] = data[44, 1] = np.nan
    data[99, :2] = np.nan
    patterns = {tuple(row) for row in np.isnan(real_rows(data, None, 20)).tolist()}
    assert patterns == {tuple(row) for row in np.isnan(data).tolist()}


def test_rows_stand_in_the_order_of_the_data_and_once():
    numbered = np.arange(200.0)[:, None]
    chosen = real_rows(numbered, None, 50)[:, 0]
    assert (np.diff(chosen) > 0).all()
    assert len(chosen) == 50


def test_few_rows_are_all_taken():
    assert len(real_rows(X[:7], None, 100)) == 7


def test_frames_texts_and_sparse_matrices_keep_their_kind():
    frame = pd.DataFrame({"a": X[:, 0], "b": RANDOM.choice(["x", "y"], 200), "c": pd.array([1, None] * 100, "Int64")})
    assert real_rows(frame, None, 9).dtypes.tolist() == frame.dtypes.tolist()
    assert len(real_rows([f"text {number}" for number in range(50)], None, 9)) == 9
    assert real_rows(scipy.sparse.csr_matrix(X), None, 9).shape == (9, 4)
    assert len(real_rows([{"a": 1}, {"b": 2}], None, 2)) == 2
    assert real_rows([[1], [2, 3]], None, 2) == [[1], [2, 3]]


def test_labels_of_several_kinds_are_classes_and_numbers_are_none():
    labels = np.array(["a"] * 199 + [None], dtype=object)
    assert len(real_rows(X, labels, 5)) == 5
    assert len(real_rows(X, X[:, 0], 5)) == 5
    assert len(real_rows(X, np.zeros((200, 2)), 5)) == 5


def test_the_same_data_give_the_same_rows():
    assert np.array_equal(real_rows(X, None, 30), real_rows(X.copy(), None, 30))
