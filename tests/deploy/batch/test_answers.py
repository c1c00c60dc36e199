"""Answers become columns with names that say what they are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas
import polars
import pyarrow
import pytest
import scipy.sparse

from hermetic.deploy.batch.answers import MOST_COLUMNS, answers_of
from hermetic.errors import UsageError


class Answering:
    """A model that gives what it was given."""

    def __init__(self, answer: Any, **attributes: Any) -> None:
        self.answer = answer
        self.__dict__.update(attributes)

    def predict(self, X: Any) -> Any:
        return self.answer

    predict_proba = decision_function = transform = predict


def columns(answer: Any, method: str = "predict", **attributes: Any) -> dict[str, list]:
    return answers_of(Answering(answer, **attributes), method, [[0], [0]]).to_pydict()


@pytest.mark.parametrize(
    ("answer", "type"),
    [
        (np.array([1, 2]), pyarrow.int64()),
        (np.array([1.5, np.nan]), pyarrow.float64()),
        (np.array([1, 2], np.float32), pyarrow.float32()),
        (np.array([True, False]), pyarrow.bool_()),
        (np.array(["no", "größer"]), pyarrow.string()),
        (np.array(["no", None], object), pyarrow.string()),
        (np.array([1, 2], object), pyarrow.int64()),
        (np.array([b"a", b"b"]), pyarrow.binary()),
        (np.array([[1], [2]])[:, 0], pyarrow.int64()),
    ],
)
def test_an_answer_for_each_row_is_one_column_of_its_type(answer: Any, type: pyarrow.DataType):
    found = answers_of(Answering(answer), "predict", [])
    assert found.schema.names == ["prediction"]
    assert found.schema.field(0).type == type
    assert repr(found.column(0).to_pylist()) == repr(answer.tolist())


def test_moments_long_decimals_and_series_are_columns_too():
    moments = answers_of(Answering(np.array(["2026-01-02"] * 2, "datetime64[s]")), "predict", [])
    assert moments.schema.field(0).type == pyarrow.timestamp("s")
    assert columns(np.array([1, 2], np.longdouble)) == {"prediction": [1.0, 2.0]}
    assert columns(pandas.Series(["a", "b"])) == {"prediction": ["a", "b"]}


def test_labels_of_several_kinds_are_texts():
    assert columns(np.array([1, "a"], object)) == {"prediction": ["1", "a"]}


TWO = np.array([[0.25, 0.75], [0.5, 0.5]])


@pytest.mark.parametrize(
    ("answer", "method", "attributes", "names"),
    [
        (TWO, "predict", {}, ["prediction_0", "prediction_1"]),
        (TWO, "predict_proba", {"classes_": np.array(["no", "yes"])}, ["probability_no", "probability_yes"]),
        (TWO, "predict_proba", {"classes_": np.array([False, True])}, ["probability_False", "probability_True"]),
        (TWO, "predict_proba", {"classes_": np.array([0, 1, 2])}, ["probability_0", "probability_1"]),
        (TWO, "decision_function", {"classes_": np.array([7, 8])}, ["decision_7", "decision_8"]),
        (TWO, "predict_proba", {"classes_": np.array(["1", 1], object)}, ["probability_1_0", "probability_1_1"]),
        (TWO[:, 0], "decision_function", {"classes_": np.array([7, 8])}, ["decision"]),
        (TWO, "transform", {}, ["output_0", "output_1"]),
        (TWO, "transform", {"get_feature_names_out": lambda: np.array(["a", "b"])}, ["a", "b"]),
        (TWO, "transform", {"get_feature_names_out": lambda: np.array(["a"])}, ["output_0", "output_1"]),
        (
            [TWO, TWO],
            "predict_proba",
            {"classes_": [np.array(["a", "b"]), np.array([1, 2])]},
            ["probability_0_a", "probability_0_b", "probability_1_1", "probability_1_2"],
        ),
        ([TWO], "predict_proba", {}, ["probability_0_0", "probability_0_1"]),
        (pandas.DataFrame({"x": [1, 2], "y": ["a", "b"]}), "transform", {}, ["x", "y"]),
        (polars.DataFrame({"x": [1, 2]}), "transform", {}, ["x"]),
        (scipy.sparse.csr_array(TWO), "transform", {}, ["output_0", "output_1"]),
    ],
)
def test_columns_are_named_after_classes_outputs_and_features(
    answer: Any, method: str, attributes: dict[str, Any], names: list[str]
):
    assert list(columns(answer, method, **attributes)) == names


def test_names_that_cannot_be_had_are_numbers():
    def refuse() -> None:
        raise AttributeError("a step has no names")

    assert list(columns(TWO, "transform", get_feature_names_out=refuse)) == ["output_0", "output_1"]


def test_values_are_those_of_the_answer_column_by_column():
    assert columns(TWO, "predict_proba", classes_=np.array([0, 1])) == {
        "probability_0": [0.25, 0.5],
        "probability_1": [0.75, 0.5],
    }


def test_a_sparse_answer_that_is_too_wide_is_refused():
    wide = scipy.sparse.csr_array((2, MOST_COLUMNS + 1))
    with pytest.raises(UsageError, match="the answer has 10,001 columns"):
        columns(wide, "transform")


def test_an_answer_that_is_no_table_is_refused():
    with pytest.raises(UsageError, match=r"shape \(2, 2, 2\), which is no table"):
        columns(np.zeros((2, 2, 2)))
