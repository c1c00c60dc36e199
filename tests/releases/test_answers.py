"""Comparing answers across releases: what counts as equal, as close, and as wrong."""

from __future__ import annotations

import numpy as np
import pandas
import pytest
import scipy.sparse

from tests.releases.answers import (
    answers_of,
    compare_answers,
    has_ties,
    is_same_but_for_ties,
    neutral,
    read_answers,
    write_answers,
)


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        (np.array([1.0, np.nan]), np.array([1.0, np.nan]), "equal"),
        (np.array([1.0]), np.array([1.0 + 1e-12]), "close"),
        (np.array([1.0]), np.array([1.0 + 1e-8]), "differs by up to 1e-08 of 1"),
        (np.float32([1.0]), np.float32([1.0 + 1e-6]), "close"),
        (np.array([1]), np.array([2]), "array([1]) became array([2])"),
        (np.array([1]), np.array([1.0]), "int64 became float64"),
        (np.array([1.0]), np.array([[1.0]]), "shape (1,) became (1, 1)"),
        (np.array(["a"]), np.array(["b"]), "array(['a'], dtype='<U1') became array(['b'], dtype='<U1')"),
        (1.0, 1.0 + 1e-12, "close"),
        ([1, 2], [1, 2], "equal"),
        ([1, 2], [1], "[1, 2] became [1]"),
        ([np.array([1.0]), 2], [np.array([1.0 + 1e-12]), 2], "close"),
        (("raised", "ValueError: old words"), ("raised", "ValueError: new words"), "equal"),
        (("raised", "ValueError: x"), ("raised", "TypeError: x"), "('raised', 'ValueError: x') became "),
        (1, "1", "1 became '1'"),
    ],
    ids=str,
)
def test_answers_are_equal_close_or_different_in_words(before: object, after: object, found: str):
    assert compare_answers(before, after).startswith(found)


@pytest.mark.parametrize(
    "value",
    [
        scipy.sparse.csr_matrix(np.eye(3)),
        np.ma.masked_array([1.0, 2.0], [True, False]),
        np.array([np.arange(2), "text", None], dtype=object),
        np.float32(1.5),
        pandas.DataFrame({"a": [1.0, 2.0], "b": ["x", None]}),
        pandas.Series([1, 2]),
        {"key": [1, (2, "x")]},
        object,
    ],
    ids=lambda value: type(value).__name__,
)
def test_any_answer_can_be_written_read_and_compared_with_itself(value: object):
    form = neutral(value)
    read = read_answers(write_answers({"predict": form}))["predict"]
    assert compare_answers(form, read) == "equal"


def test_sparse_answers_are_compared_by_what_they_hold():
    left = scipy.sparse.csr_matrix(([1.0, 2.0], [1, 0], [0, 2]), shape=(1, 2))
    right = scipy.sparse.csr_matrix(np.array([[2.0, 1.0]]))
    assert compare_answers(neutral(left), neutral(right)) == "equal"


def test_a_method_that_raises_is_an_answer_too():
    from sklearn.linear_model import LinearRegression

    model = LinearRegression().fit([[0.0], [1.0]], [0.0, 2.0])
    [answer] = answers_of(model, {"X": [["text"]]}).values()
    assert answer[0] == "raised"
    assert answers_of(model, {}) == {}


def test_neighbours_that_are_equally_near_may_change_places_but_not_with_nearer_ones():
    distances = np.array([[1.0, 1.0, 2.0, 2.0]])
    before = ("tuple", [distances, np.array([[5, 6, 7, 8]])])
    assert has_ties(before)
    assert is_same_but_for_ties(before, ("tuple", [distances, np.array([[6, 5, 9, 7]])]))
    assert not is_same_but_for_ties(before, ("tuple", [distances, np.array([[6, 9, 5, 7]])]))
    assert not is_same_but_for_ties(before, ("tuple", [distances + 1, np.array([[5, 6, 7, 8]])]))
    assert not has_ties(("tuple", [np.array([[1.0, 2.0]]), np.array([[1, 2]])]))
