"""Synthetic rows are like those of the data, feature by feature, and are none of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.sparse

from hermetic.evidence.golden.synthetic_rows import synthetic_rows

RANDOM = np.random.default_rng(0)
N = 48


def column(values: Any) -> Any:
    return synthetic_rows(np.asarray(values)[:, None], N)[:, 0]


def test_numbers_lie_between_the_quantiles_and_a_little_beyond():
    drawn = column(RANDOM.normal(100, 10, size=500))
    assert 60 < drawn.min() < 90
    assert 110 < drawn.max() < 140


def test_numbers_above_zero_stay_there():
    assert (column(RANDOM.random(500) * 10) >= 0).all()


def test_shares_stay_shares():
    drawn = column(RANDOM.random(500))
    assert ((drawn >= 0) & (drawn <= 1)).all()


def test_whole_numbers_stay_whole_and_within_their_range():
    for dtype in ("i4", "f8", "u1"):
        drawn = column(RANDOM.integers(3, 90, size=500).astype(dtype))
        assert drawn.dtype == dtype
        assert (drawn == np.round(drawn)).all()
        assert ((drawn >= 3) & (drawn <= 90)).all()


def test_few_values_are_drawn_as_often_as_they_occur():
    drawn = column([0.5] * 90 + [7.5] * 10)
    assert set(drawn.tolist()) == {0.5, 7.5}
    assert (drawn == 0.5).sum() > 24


def test_values_are_missing_together_as_in_the_data():
    table = RANDOM.normal(size=(200, 3))
    table[:80, :2] = np.nan
    drawn = synthetic_rows(table, N)
    assert np.array_equal(np.isnan(drawn[:, 0]), np.isnan(drawn[:, 1]))
    assert 0 < np.isnan(drawn[:, 0]).sum() < N
    assert not np.isnan(drawn[:, 2]).any()


def test_a_feature_without_values_stays_without():
    assert np.isnan(column([np.nan] * 9)).all()


def test_a_feature_of_infinite_values_is_drawn():
    assert set(column([np.inf, -np.inf] * 40).tolist()) == {np.inf, -np.inf}


def test_booleans_and_words_are_drawn_from_theirs():
    assert column([True, False]).dtype == bool
    assert set(column(["a", "b", "c"]).tolist()) <= {"a", "b", "c"}
    assert set(column(np.array(["a", None, 3], dtype=object)).tolist()) <= {"a", None, 3}


def test_features_are_drawn_apart():
    base = RANDOM.normal(size=500)
    drawn = synthetic_rows(np.stack([base, base], axis=1), N)
    assert not np.allclose(drawn[:, 0], drawn[:, 1])


def test_frames_keep_their_columns_and_dtypes():
    frame = pd.DataFrame(
        {
            "number": RANDOM.normal(size=100),
            "whole": RANDOM.integers(0, 90, size=100),
            "flag": RANDOM.random(100) > 0.5,
            "kind": pd.Categorical(RANDOM.choice(["a", "b"], 100)),
            "maybe": pd.array([1, None] * 50, dtype="Int64"),
            "when": pd.date_range("2020-01-01", periods=100, tz="UTC"),
            "day": pd.date_range("2020-01-01", periods=100),
            "word": RANDOM.choice(["x", "y", None], 100),
        }
    )
    drawn = synthetic_rows(frame, N)
    assert drawn.shape == (N, 8)
    assert drawn.dtypes.astype(str).tolist() == frame.dtypes.astype(str).tolist()
    assert list(drawn.columns) == list(frame.columns)
    assert 0 < drawn["maybe"].isna().sum() < N
    assert drawn["day"].between(frame["day"].min(), frame["day"].max()).all()


def test_a_column_of_texts_is_drawn_word_by_word():
    texts = [f"alpha beta{number} gamma{number % 5}" for number in range(100)]
    drawn = synthetic_rows(pd.DataFrame({"text": texts}), N)["text"]
    assert not set(drawn) & set(texts)
    assert {word for text in drawn for word in text.split()} <= {"alpha", *(f"gamma{number}" for number in range(5))}


def test_equal_names_of_columns_are_kept_apart():
    frame = pd.DataFrame([[1.0, "a"], [2.0, "b"]], columns=["same", "same"])
    drawn = synthetic_rows(frame, 5)
    assert list(drawn.columns) == ["same", "same"]
    assert set(drawn.iloc[:, 1]) <= {"a", "b"}


@pytest.mark.parametrize("make", [list, tuple, np.array, pd.Series], ids=["list", "tuple", "array", "series"])
def test_texts_are_made_of_words_that_several_texts_have(make: Any):
    texts = ["the quick fox", "the lazy dog secret", "quick dog"]
    drawn = synthetic_rows(make(texts), 30)
    assert len(drawn) == 30
    assert {word for text in drawn for word in text.split()} <= {"the", "quick", "dog"}


def test_texts_without_a_common_word_are_drawn_from_all():
    assert {word for text in synthetic_rows(["a b", "c"], 30) for word in text.split()} <= {"a", "b", "c"}
    assert synthetic_rows(["", " "], 3) == ["", "", ""]


@pytest.mark.parametrize("form", ["csr", "csc", "coo"])
@pytest.mark.parametrize("make", [scipy.sparse.random, scipy.sparse.random_array], ids=["matrix", "array"])
def test_sparse_rows_have_as_many_values_in_the_same_columns(form: str, make: Any):
    shape = ((60, 500),) if make is scipy.sparse.random_array else (60, 500)
    data = (
        make(*shape, density=0.02, format=form, random_state=0)
        if shape == (60, 500)
        else make(*shape, density=0.02, format=form, rng=0)
    )
    drawn = synthetic_rows(data, N)
    assert drawn.shape == (N, 500)
    assert drawn.format == "csr"
    assert set(drawn.indices.tolist()) <= set(data.tocsr().indices.tolist())
    assert 0 < drawn.nnz < 3 * data.nnz
    assert drawn.has_canonical_format


def test_an_empty_sparse_matrix_gives_empty_rows():
    assert synthetic_rows(scipy.sparse.csr_matrix((5, 4)), 3).nnz == 0


def test_long_rows_are_fewer():
    assert synthetic_rows(np.zeros((3, 100_000)), N).shape == (4, 100_000)


@pytest.mark.parametrize("seed", [0, 1])
def test_the_same_data_give_the_same_rows(seed: int):
    data = np.random.default_rng(seed).normal(size=(50, 4))
    assert np.array_equal(synthetic_rows(data, N), synthetic_rows(data.copy(), N))


def test_one_row_of_numbers_is_a_feature_of_its_own():
    assert synthetic_rows(np.arange(5.0), 7).shape == (7,)
