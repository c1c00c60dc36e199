"""A row that a model refuses is found among all of a batch, and named with what is missing in it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow
import pytest

from hermetic.deploy.batch.asking import ask_model
from hermetic.deploy.batch.layout import Layout
from hermetic.errors import HermeticError, LimitExceeded, UsageError

LAYOUT = Layout(path="rows.csv", form="frame", columns=("a", "b"), has_names=True, with_missing=frozenset("ab"))


class Picky:
    """A model that refuses what a function says."""

    def __init__(self, refuses: Any, error: Exception | None = None) -> None:
        self.refuses, self.error = refuses, error or ValueError("I do\n not like this")
        self.n_asked = 0

    def predict(self, X: Any) -> np.ndarray:
        self.n_asked += 1
        if self.refuses(X):
            raise self.error
        return np.zeros(len(X))


def batch(n_rows: int = 1_000, **missing: int) -> pyarrow.RecordBatch:
    columns = {name: [float(row) for row in range(n_rows)] for name in ("a", "b")}
    for name, row in missing.items():
        columns[name][row] = None
    return pyarrow.RecordBatch.from_pydict(columns)


def test_answers_have_the_length_of_the_batch():
    assert ask_model(Picky(lambda X: False), "predict", LAYOUT, batch(), 0).num_rows == 1_000


@pytest.mark.parametrize("row", [0, 1, 499, 500, 998, 999])
def test_the_first_refused_row_is_found_with_few_questions(row: int):
    model = Picky(lambda X: (X["a"] >= row).any())
    with pytest.raises(UsageError, match="about this row: ValueError: I do not like this") as caught:
        ask_model(model, "predict", LAYOUT, batch(), 10_000)
    assert caught.value.where == f"rows.csv, row {10_000 + row + 1}"
    assert model.n_asked <= 12


def test_the_column_that_is_missing_in_the_row_is_named():
    with pytest.raises(UsageError, match="about this row, where 'b' is missing: ValueError") as caught:
        ask_model(Picky(lambda X: X.isna().any(axis=None)), "predict", LAYOUT, batch(b=77), 0)
    assert caught.value.where == "rows.csv, row 78, column 'b'"


def test_all_columns_that_are_missing_in_the_row_are_named():
    with pytest.raises(UsageError, match="where 'a', 'b' is missing") as caught:
        ask_model(Picky(lambda X: X.isna().any(axis=None)), "predict", LAYOUT, batch(a=3, b=3), 0)
    assert caught.value.where == "rows.csv, row 4"


def test_rows_that_are_refused_only_together_are_named_together():
    with pytest.raises(UsageError, match="the model does not answer: ValueError") as caught:
        ask_model(Picky(lambda X: len(X) == 1_000), "predict", LAYOUT, batch(), 500)
    assert caught.value.where == "rows.csv, rows 501 to 1500"


def test_errors_of_hermetic_and_of_memory_stay_what_they_are():
    for error in (LimitExceeded("bytes", allowed=1, asked=2), MemoryError("full")):
        with pytest.raises((HermeticError, MemoryError)) as caught:
            ask_model(Picky(lambda X: True, error), "predict", LAYOUT, batch(), 0)
        assert caught.value is error


def test_a_long_message_of_a_model_is_cut():
    with pytest.raises(UsageError) as caught:
        ask_model(Picky(lambda X: True, ValueError("x" * 100_000)), "predict", LAYOUT, batch(), 0)
    assert len(str(caught.value)) < 1_000


def test_another_number_of_answers_than_of_rows_is_refused():
    class Short:
        def predict(self, X: Any) -> np.ndarray:
            return np.zeros(len(X) - 1)

    with pytest.raises(UsageError, match="the model gave 999 answers to 1000 rows"):
        ask_model(Short(), "predict", LAYOUT, batch(), 0)
