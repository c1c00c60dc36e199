"""Columns and rows of a request get the dtypes that they have in a notebook."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from hermetic.deploy.features import Feature, Features
from hermetic.deploy.serving.inputs import array_of_rows, first_missing, frame_of_columns
from hermetic.deploy.serving.problems import Problem


def frame(values: Any, *, kind: str = "unknown", template: Any = None, is_categorical: bool = False) -> pd.Series:
    features = Features(form="frame", columns=(Feature(name="a", kind=kind),))
    recorded = None if template is None else pd.DataFrame({"a": template})[:0]
    return frame_of_columns({"a": values}, features, recorded, (is_categorical,))["a"]


RECORDED: dict[str, tuple[Any, list[Any], str, list[Any]]] = {
    "floats": (np.array([1.5]), [1, None], "float64", [1.0, np.nan]),
    "short floats": (np.array([1.5], dtype="f4"), [0.1, 2], "float32", [np.float32(0.1), 2.0]),
    "whole numbers": (np.array([1]), [3, 4], "int64", [3, 4]),
    "short whole numbers": (np.array([1], dtype="i1"), [3, 4], "int8", [3, 4]),
    "whole numbers with gaps": (np.array([1]), [3, None], "float64", [3.0, np.nan]),
    "whole numbers written as floats": (np.array([1]), [3.0, 4.0], "int64", [3, 4]),
    "a fraction among whole numbers": (np.array([1]), [3.5, 4], "float64", [3.5, 4.0]),
    "booleans": (np.array([True]), [False, True], "bool", [False, True]),
    "pandas' whole numbers": (pd.array([1, None], dtype="Int64"), [3, None], "Int64", [3, pd.NA]),
    "pandas' booleans": (pd.array([True, None], dtype="boolean"), [True, None], "boolean", [True, pd.NA]),
    "objects": (np.array(["a", 1], dtype=object), ["b", 2], "object", ["b", 2]),
    "categories": (pd.Categorical(["b", "a"]), ["a", None], "category", ["a", np.nan]),
}


@pytest.mark.parametrize("words", RECORDED)
def test_columns_get_the_recorded_dtype(words: str):
    template, values, dtype, expected = RECORDED[words]
    found = frame(values, template=template)
    assert str(found.dtype) == dtype
    pd.testing.assert_series_equal(found, pd.Series(expected, dtype=found.dtype, name="a"))


def test_categories_keep_their_order_and_unknown_ones_stand_behind():
    template = pd.Categorical(["low", "high"], categories=["low", "high"], ordered=True)
    found = frame(["high", "new", None], template=template)
    assert found.cat.ordered
    assert found.cat.categories.tolist() == ["low", "high", "new"]
    assert found.cat.codes.tolist() == [1, 2, -1]


def test_whole_numbers_that_are_categories_may_be_written_as_floats():
    found = frame([2.0, 1], template=pd.Categorical([1, 2]))
    assert found.cat.codes.tolist() == [1, 0]


CHOSEN: dict[str, tuple[list[Any], str, str]] = {
    "numbers": ([1.5, 2], "number", "float64"),
    "whole numbers": ([1, 2], "number", "int64"),
    "numbers with gaps": ([1, None], "number", "float64"),
    "nothing but gaps": ([None, None], "number", "float64"),
    "nothing known but gaps": ([None], "unknown", "float64"),
    "no category at all": ([None], "category", "object"),
    "booleans": ([True, False], "boolean", "bool"),
    "booleans among numbers": ([True, 2], "number", "float64"),
}


@pytest.mark.parametrize("words", CHOSEN)
def test_without_a_record_pandas_chooses(words: str):
    values, kind, dtype = CHOSEN[words]
    assert str(frame(values, kind=kind).dtype) == dtype


def test_features_that_the_model_takes_as_categories_are_made_so():
    assert str(frame(["a", "b"], is_categorical=True).dtype) == "category"


def test_values_beyond_the_recorded_type_are_refused_with_its_name():
    with pytest.raises(Problem, match="its values do not fit the type of this feature, datetime64"):
        frame(["no date"], template=np.array(["2026-01-01"], dtype="M8[ns]"))
    with pytest.raises(Problem, match="its values do not fit"):
        frame([300], template=pd.array([1], dtype="Int8"))


ARRAYS: dict[str, tuple[list[list[Any]], Any, str]] = {
    "floats": ([[1.5, 2]], None, "float64"),
    "whole numbers": ([[1, 2]], None, "int64"),
    "gaps": ([[1, None]], None, "float64"),
    "booleans": ([[True, False]], None, "bool"),
    "texts": ([["a", 1]], None, "object"),
    "short floats on record": ([[1, 2]], np.dtype("f4"), "float32"),
    "whole numbers on record": ([[1.5, 2]], np.dtype("i8"), "float64"),
}


@pytest.mark.parametrize("words", ARRAYS)
def test_arrays_get_the_dtype_that_numpy_chooses_or_the_recorded_floats(words: str):
    rows, dtype, expected = ARRAYS[words]
    found = array_of_rows(rows, Features(form="array", columns=None), dtype)
    assert (str(found.dtype), found.shape) == (expected, (1, 2))


@pytest.mark.parametrize(
    ("rows", "place"),
    [
        (pd.DataFrame({"a": [1.0, 2.0], "b": ["x", None]}), "rows[1].b"),
        (pd.DataFrame({"a": pd.array([1, None], dtype="Int64")}), "rows[1].a"),
        (np.array([[1.0, np.inf]]), "rows[0][1]"),
        (np.array([["a", None]], dtype=object), "rows[0][1]"),
        (np.array([[1.0, 2.0]]), ""),
        (["a text"], ""),
    ],
    ids=range(6),
)
def test_the_first_missing_value_is_found(rows: Any, place: str):
    assert first_missing(rows) == place
