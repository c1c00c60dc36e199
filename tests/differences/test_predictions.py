"""Golden rows of one model, asked of another one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.dummy import DummyRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.preprocessing import StandardScaler

from hermetic.differences.predictions import answers_section
from hermetic.recorded.golden import GoldenRows
from tests.differences.files import X, Y
from tests.golden_evidence import golden_evidence


class Answers:
    """A model that answers what it was told."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def predict(self, rows: Any) -> Any:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def golden(answer: Any, n_rows: int = 3) -> GoldenRows:
    return GoldenRows(
        origin="real",
        model="m",
        rows=np.zeros((n_rows, 1)),
        n_rows=n_rows,
        answers={"predict": answer},
        skipped={},
        versions={},
    )


CASES: dict[str, tuple[Any, Any, list[str] | None]] = {
    "the-same": (np.array([1, 2, 3]), np.array([1, 2, 3]), []),
    "labels": (
        np.array(["a", "b", "c"]),
        np.array(["a", "c", "c"]),
        ["predict: 1 of 3 rows flip: row 1 b -> c"],
    ),
    "many-labels": (
        np.arange(9),
        np.arange(9) + 1,
        ["predict: 9 of 9 rows flip: row 0 0 -> 1, row 1 1 -> 2, row 2 2 -> 3, ..."],
    ),
    "several-outputs": (
        np.array([[1, 2], [3, 4], [5, 6]]),
        np.array([[1, 2], [3, 5], [5, 6]]),
        ["predict: 1 of 3 rows flip: row 1 [3, 4] -> [3, 5]"],
    ),
    "numbers": (
        np.array([1.0, 2.0, 3.0]),
        np.array([1.0, 2.25, 3.5]),
        ["predict: 2 of 3 rows move, by at most 0.5"],
    ),
    "last-bits": (np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0 + 1e-15, 3.0]), []),
    "not-a-number": (np.array([1.0, np.nan, 3.0]), np.array([1.0, np.nan, 3.0]), []),
    "another-shape": (np.array([1.0]), np.array([1.0, 2.0]), ["predict: shape (1,) -> shape (2,)"]),
    "a-list": ([np.array([1.0])], [np.array([2.0])], ["predict: 1.0 -> 2.0 for row 0"]),
    "frames": (
        pd.DataFrame({"a": [1.0, 2.0]}),
        pd.DataFrame({"a": [1.0, 5.0]}),
        ["predict: 2.0 -> 5.0 for row 1"],
    ),
    "labels-become-numbers": (np.array(["a"]), np.array([1.0]), ["predict: 1 of 1 row flip: row 0 a -> 1.0"]),
    "an-error": (
        np.array([1]),
        ValueError("no such column"),
        ["predict: the second model raises ValueError: no such column"],
    ),
    "a-number-becomes-none": (
        np.array([1.0, 2.0, 3.0]),
        np.array([1.0, np.nan, 3.0]),
        ["predict: 1 of 3 rows move, by at most inf"],
    ),
    "none-becomes-a-number": (
        np.array([1.0, np.nan, 3.0]),
        np.array([1.0, 2.0, 3.5]),
        ["predict: 2 of 3 rows move, by at most inf"],
    ),
    "infinite-in-both": (
        np.array([-np.inf, 1.0, 2.0]),
        np.array([-np.inf, 1.0, 2.5]),
        ["predict: 1 of 3 rows move, by at most 0.5"],
    ),
    "infinite-otherwise": (
        np.array([-np.inf, 1.0]),
        np.array([np.inf, 1.0]),
        ["predict: 1 of 2 rows move, by at most inf"],
    ),
    "one-number-alone": (np.array(1.0), np.array(1.0), []),
    "another-number-alone": (np.array(1.0), np.array(2.0), None),
    "objects": (
        np.array(["a", None, 3], dtype=object),
        np.array(["a", None, 4], dtype=object),
        ["predict: 1 of 3 rows flip: row 2 3 -> 4"],
    ),
    "objects-that-are-missing": (
        np.array(["a", np.nan], dtype=object),
        np.array(["a", np.nan], dtype=object),
        [],
    ),
    "complex-numbers": (np.array([1j]), np.array([2j]), ["predict: 1 of 1 row flip: row 0 1j -> 2j"]),
    "long-labels": (
        np.array(["x" * 99]),
        np.array(["y" * 99]),
        [f"predict: 1 of 1 row flip: row 0 {'x' * 40} -> {'y' * 40}"],
    ),
    "integers-become-floats": (np.array([1, 2]), np.array([1.0, 2.0]), []),
    "nothing": (np.array([]), np.array([]), []),
}


@pytest.mark.parametrize("name", CASES)
def test_answers_are_compared(name: str):
    expected, found, lines = CASES[name]
    section = answers_section(golden(expected), Answers(found))
    if lines is None:
        assert section.lines
    else:
        assert list(section.lines) == lines
    assert section.verdict == ("different" if section.lines else "same")


def test_methods_that_the_other_has_not_are_told():
    recorded = golden_evidence(LogisticRegression().fit(X, Y), X).golden
    assert recorded is not None
    found = answers_section(recorded, LinearRegression().fit(X, Y))
    assert "predict_proba: the second model has no such method" in found.lines
    assert any(line.startswith("predict: 48 of 48 rows flip") for line in found.lines)


def test_words_of_later_versions_are_passed_over():
    later = GoldenRows(
        origin="real", model="m", rows=[], n_rows=0, answers={"predict_future": 1}, skipped={}, versions={}
    )
    assert answers_section(later, DummyRegressor()).words.endswith("no answer was recorded")


def test_a_transformer_is_asked_too():
    recorded = golden_evidence(StandardScaler().fit(X), X).golden
    assert recorded is not None
    found = answers_section(recorded, StandardScaler().fit(X * 2))
    assert found.lines[0].startswith("transform: 48 of 48 rows move")
    assert found.words == "48 synthetic rows of the first file, asked of the second"
