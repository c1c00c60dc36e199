"""Answers of a model that was made again: the same, or how far off and where."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import sparse
from sklearn.base import BaseEstimator
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.linear_model import LinearRegression

from hermetic.evidence.rebuilding.answers import compare_answers
from hermetic.recorded.golden import GoldenRows

ROWS = np.arange(6.0).reshape(3, 2)


class Answering(BaseEstimator):
    """Answers what it was told to."""

    def __init__(self, given: Any) -> None:
        self.given = given

    def predict(self, rows: Any) -> Any:
        if isinstance(self.given, Exception):
            raise self.given
        return self.given


def golden(**answers: Any) -> GoldenRows:
    return GoldenRows(origin="real", model="", rows=ROWS, n_rows=3, answers=answers, skipped={}, versions={})


CASES: dict[str, tuple[Any, Any, str]] = {
    "the-same": ([1.0, 2.0, 3.0], [1.0, 2.0, 3.0], ""),
    "rounding": ([1.0, 2.0, 3.0], [1.0, 2.0, 3.0 + 1e-13], ""),
    "one-number": ([1.0, 2.0, 3.0], [1.0, 2.5, 3.0], "1 of 3 rows differ, by at most 0.5 (row 1)"),
    "one-and-rounding": ([1.0, 2.0, 3.0], [1.0 + 1e-14, 2.0, 4.0], "1 of 3 rows differ, by at most 1 (row 2)"),
    "not-a-number": ([1.0, np.nan, 3.0], [1.0, np.nan, np.nan], "1 of 3 rows differ, by at most inf (row 2)"),
    "labels": (["a", "b", "c"], ["a", "x", "y"], "2 of 3 rows differ, the first is row 1: x, before b"),
    "whole-numbers": ([1, 2, 3], [1, 2, 4], "1 of 3 rows differ, the first is row 2: 4, before 3"),
    "columns": (np.zeros((3, 2)), np.array([[0, 0], [0, 0.25], [0, 0]]), "1 of 3 rows differ, by at most 0.25 (row 1)"),
    "another-shape": ([1.0, 2.0, 3.0], [1.0, 2.0], "another shape, (2,) instead of (3,)"),
    "sparse": (sparse.csr_matrix(np.eye(3)), sparse.csr_matrix(2 * np.eye(3)), "3 of 3 rows differ, by at most 1"),
    "an-error": ([1.0, 2.0, 3.0], ArithmeticError("not today"), "raises ArithmeticError: not today"),
}


@pytest.mark.parametrize("name", CASES)
def test_how_far_and_where(name: str):
    expected, found, words = CASES[name]
    values = [
        value if isinstance(value, Exception) or hasattr(value, "tocsr") else np.asarray(value)
        for value in (expected, found)
    ]
    check = compare_answers(Answering(values[1]), golden(predict=values[0]))
    assert check.verdict == ("noted" if words else "passed")
    assert words in check.words
    assert ("as recorded: predict of 3 rows" in check.words) == (not words)


def test_each_method_is_told():
    model = DummyClassifier().fit(ROWS, [0, 1, 1])
    recorded = golden(predict=np.array([1, 1, 1]), predict_proba=np.full((3, 2), 0.5), transform=ROWS, of_tomorrow=3)
    check = compare_answers(model, recorded)
    assert check.verdict == "noted"
    assert check.words.split("\n") == [
        "predict_proba: 3 of 3 rows differ, by at most 0.167 (row 0)",
        "transform: the new model has no such method",
        "as recorded: predict of 3 rows",
    ]


@pytest.mark.parametrize("recorded", [None, golden(), golden(of_tomorrow=1)], ids=["none", "nothing-asked", "unknown"])
def test_nothing_to_compare_is_skipped(recorded: GoldenRows | None):
    assert compare_answers(DummyRegressor(), recorded).verdict == "skipped"


def test_rows_of_a_file_that_fit_no_model_are_told():
    model = LinearRegression().fit(np.zeros((2, 5)), [1.0, 2.0])
    check = compare_answers(model, golden(predict=np.zeros(3)))
    assert check.verdict == "noted"
    assert "the new model raises ValueError" in check.words


MORE: dict[str, tuple[Any, Any, str]] = {
    "truth": (
        np.array([True, False, True]),
        np.array([True, True, True]),
        "1 of 3 rows differ, the first is row 1: True",
    ),
    "days": (
        np.array(["2020-01-01", "2020-01-02", "2020-01-03"], "M8[D]"),
        np.array(["2020-01-01", "2020-01-02", "2020-01-04"], "M8[D]"),
        "1 of 3 rows differ, the first is row 2: 2020-01-04, before 2020-01-03",
    ),
    "infinite-both-times": (np.array([1.0, np.inf, 3.0]), np.array([1.0, np.inf, 3.0]), ""),
    "infinite-the-other-way": (np.array([1.0, np.inf, 3.0]), np.array([1.0, -np.inf, 3.0]), "by at most inf (row 1)"),
    "numbers-became-texts": (np.array([1.0, 2.0, 3.0]), np.array(["1.0", "x", "y"]), "3 of 3 rows differ"),
    "one-more-dimension": (np.zeros(3), np.zeros((3, 1)), "another shape, (3, 1) instead of (3,)"),
    "a-single-number": (np.zeros(3), np.float64(0.0), "another shape, () instead of (3,)"),
    "nothing": (np.zeros(3), None, "the answer has another shape"),
    "huge": (np.array([0.0, 0.0, -1e308]), np.array([0.0, 0.0, 1e308]), "1 of 3 rows differ, by at most inf (row 2)"),
}


@pytest.mark.parametrize("name", MORE)
def test_answers_of_any_kind_are_told_apart(name: str):
    expected, found, words_of_it = MORE[name]
    check = compare_answers(Answering(found), golden(predict=expected))
    assert check.verdict == ("noted" if words_of_it else "passed")
    assert words_of_it in check.words


def test_long_texts_of_an_answer_and_of_an_error_are_cut():
    before, now = np.array(["a" * 5_000] * 3), np.array(["b" * 5_000] * 3)
    assert len(compare_answers(Answering(now), golden(predict=before)).words) < 400
    assert len(compare_answers(Answering(ValueError("c" * 5_000)), golden(predict=before)).words) < 400


def test_a_model_that_has_no_method_at_all_is_told():
    check = compare_answers(object(), golden(predict=np.zeros(3)))
    assert (check.verdict, check.words) == ("noted", "predict: the new model has no such method")
