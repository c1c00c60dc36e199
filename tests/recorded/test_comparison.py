"""Two answers are the same exactly, or within what libraries and machines differ by on equal state."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.sparse

from hermetic.recorded.comparison import find_difference, is_same_number

TINY = 1e-13
NOT_TINY = 1e-8

EQUAL = {
    "floats": (np.array([1.0, 2.0]), np.array([1.0, 2.0 + TINY])),
    "size-of-the-answer": (np.array([1e6, 1e-9]), np.array([1e6, 2e-9])),
    "single-precision": (np.array([1.0, 2.0], dtype="f4"), np.array([1.0, 2.000001], dtype="f4")),
    "nan": (np.array([np.nan, 2.0]), np.array([np.nan, 2.0])),
    "infinite": (np.array([np.inf, 2.0]), np.array([np.inf, 2.0])),
    "labels": (np.array(["a", "b"]), np.array(["a", "b"])),
    "wider-labels": (np.array(["a", "b"], dtype="U1"), np.array(["a", "b"], dtype="U5")),
    "integers-of-another-width": (np.array([1, 2], dtype="i4"), np.array([1, 2], dtype="i8")),
    "objects": (np.array(["a", None, np.nan], dtype=object), np.array(["a", None, float("nan")], dtype=object)),
    "lists": ([np.array([1.0]), np.array([2.0])], [np.array([1.0]), np.array([2.0 + TINY])]),
    "tuples": ((np.array([1.0]), np.array([2.0])), (np.array([1.0]), np.array([2.0]))),
    "sparse": (scipy.sparse.eye(3).tocsr(), scipy.sparse.eye(3).tocsc()),
    "frames": (pd.DataFrame({"a": [1.0], "b": ["x"]}), pd.DataFrame({"a": [1.0 + TINY], "b": ["x"]})),
    "series": (pd.Series([1, 2]), pd.Series([1, 2])),
    "times": (np.array(["2020-01-01", "NaT"], dtype="M8[s]"), np.array(["2020-01-01", "NaT"], dtype="M8[s]")),
    "masked": (np.ma.array([1.0, 2.0], mask=[0, 1]), np.ma.array([1.0, 2.0], mask=[0, 1])),
    "no-rows": (np.zeros((0, 2)), np.zeros((0, 2))),
    "one-number": (3.0, 3.0 + TINY),
}
DIFFERENT = {
    "floats": (np.array([1.0, 2.0]), np.array([1.0, 2.0 + NOT_TINY]), 1),
    "single-precision": (np.array([1.0, 2.0], dtype="f4"), np.array([1.0, 2.001], dtype="f4"), 1),
    "nan": (np.array([np.nan, 2.0]), np.array([1.0, 2.0]), 0),
    "infinite": (np.array([np.inf, 2.0]), np.array([-np.inf, 2.0]), 0),
    "labels": (np.array(["a", "b"]), np.array(["a", "c"]), 1),
    "shape": (np.array([1.0]), np.array([1.0, 2.0]), -1),
    "kind": (np.array([1.0]), np.array([1]), -1),
    "objects": (np.array(["a", None], dtype=object), np.array(["a", "b"], dtype=object), 1),
    "number-of-parts": ([np.array([1.0])], [np.array([1.0]), np.array([1.0])], -1),
    "list-and-tuple": ([np.array([1.0])], (np.array([1.0]),), -1),
    "sparse": (scipy.sparse.eye(3).tocsr(), (2 * scipy.sparse.eye(3)).tocsr(), 0),
    "dense-and-sparse": (np.eye(2), scipy.sparse.eye(2).tocsr(), -1),
    "names-of-columns": (pd.DataFrame({"a": [1.0]}), pd.DataFrame({"b": [1.0]}), -1),
    "values-of-frames": (pd.DataFrame({"a": [1.0, 2.0]}), pd.DataFrame({"a": [1.0, 3.0]}), 1),
    "times": (np.array(["2020-01-01"], dtype="M8[s]"), np.array(["NaT"], dtype="M8[s]"), 0),
    "masked": (np.ma.array([1.0, 2.0], mask=[0, 1]), np.ma.array([1.0, 2.0], mask=[1, 0]), 0),
    "rows-of-a-table": (np.zeros((3, 2)), np.array([[0, 0], [0, 0], [0, 1.0]]), 2),
}


@pytest.mark.parametrize("name", EQUAL)
def test_answers_within_the_bound_are_the_same(name: str):
    expected, found = EQUAL[name]
    assert find_difference("transform", expected, found, {}) is None


@pytest.mark.parametrize("name", DIFFERENT)
def test_other_answers_differ_in_a_row(name: str):
    expected, found, row = DIFFERENT[name]
    difference = find_difference("transform", expected, found, {})
    assert difference is not None
    assert difference.row == row
    assert difference.expected != difference.found


LABELS = np.array(["a", "b", "c"]), np.array(["a", "x", "c"])
TIED = np.array([[0.9, 0.1], [0.5, 0.5], [0.1, 0.9]])
CLEAR = np.array([[0.9, 0.1], [0.6, 0.4], [0.1, 0.9]])


@pytest.mark.parametrize(
    ("answers", "is_same"),
    [
        ({"predict_proba": TIED}, True),
        ({"predict_proba": CLEAR}, False),
        ({"predict_proba": CLEAR, "decision_function": np.array([1.0, 1e-12, -1.0])}, True),
        ({"decision_function": np.array([1.0, 0.01, -1.0])}, False),
        ({"decision_function": np.array([[1.0], [0.0], [-1.0]])}, True),
        ({"predict_proba": [CLEAR, TIED]}, True),
        ({"predict_proba": TIED[:1]}, False),
        ({"predict_proba": np.full((3, 2), np.nan)}, False),
        ({}, False),
    ],
    ids=["tied", "clear", "second-score", "margin", "one-column", "outputs", "too-short", "nan", "no-scores"],
)
def test_a_label_may_be_another_one_only_where_scores_are_tied(answers: dict[str, Any], is_same: bool):
    assert (find_difference("predict", *LABELS, answers) is None) is is_same


def test_a_tied_row_excuses_no_other_row():
    difference = find_difference("predict", np.array([1, 2, 3]), np.array([1, 0, 0]), {"predict_proba": TIED})
    assert difference is not None
    assert difference.row == 2


def test_scores_excuse_no_numbers():
    floats = np.array([1.0, 2.0, 3.0])
    assert find_difference("predict", floats, floats + 1, {"predict_proba": TIED}) is not None


FAR = np.array([[1.0, 2.0, 2.0]])


@pytest.mark.parametrize(
    ("expected", "found", "is_same"),
    [
        ([7, 4, 2], [7, 2, 4], True),
        ([7, 4, 2], [7, 2, 5], True),
        ([7, 4, 2], [8, 4, 2], False),
        ([7, 4, 2], [4, 7, 2], True),
    ],
    ids=["order", "choice-at-the-edge", "another-nearest", "same-set"],
)
def test_only_neighbours_that_are_equally_far_may_be_others(expected: list[int], found: list[int], is_same: bool):
    difference = find_difference("kneighbors", (FAR, np.array([expected])), (FAR, np.array([found])), {})
    assert (difference is None) is is_same


def test_other_distances_differ():
    near = np.array([[7, 4, 2]])
    assert find_difference("kneighbors", (FAR, near), (FAR + 0.1, near), {}) is not None
    assert find_difference("kneighbors", (FAR, near), (FAR[:, :2], near[:, :2]), {}).row == -1


def test_roots_of_what_cancels_out_are_compared_as_squares():
    deviations = np.array([1.0, 1e-9])
    assert (
        find_difference("predict with return_std", (deviations, deviations), (deviations, [1.0, 0.0]), {}) is not None
    )
    other = np.array([1.0, 3e-8])
    assert find_difference("predict with return_std", (deviations, deviations), (deviations, other), {}) is None
    assert find_difference("transform", deviations, other, {}) is not None


def test_words_of_a_text_may_come_in_another_order():
    words = [np.array(["b", "a"]), np.array(["c"])]
    assert find_difference("inverse_transform", words, [np.array(["a", "b"]), np.array(["c"])], {}) is None
    assert find_difference("inverse_transform", words, [np.array(["a", "x"]), np.array(["c"])], {}) is not None
    assert find_difference("predict", words[0], words[0][::-1], {}) is not None


def test_wide_sparse_matrices_are_compared_without_making_them_dense():
    wide = scipy.sparse.csr_matrix(([1.0, 2.0], ([0, 1], [5, 1 << 30])), shape=(2, 1 << 31))
    assert find_difference("transform", wide, wide.copy(), {}) is None
    assert find_difference("transform", wide, 2 * wide, {}) is not None


def test_one_number_that_differs_is_in_no_row():
    difference = find_difference("transform", np.float64(3.0), np.float64(4.0), {})
    assert difference is not None
    assert (difference.row, difference.expected, difference.found) == (-1, "3.0", "4.0")


def test_whether_numbers_are_the_same_is_told_for_each():
    one, other = np.array([1.0, 0.0, np.nan]), np.array([1.0 + 1e-9, 0.0, np.nan])
    assert is_same_number(one, other).tolist() == [False, True, True]


def test_infinite_logarithms_are_no_close_calls():
    answers = {"predict_log_proba": np.array([[-np.inf, 0.0], [0.0, -np.inf]])}
    found = find_difference("predict", np.array([1, 0]), np.array([0, 0]), answers)
    assert found is not None
    assert found.row == 0
