"""A hostile file of pandas types is refused before native code follows what it says."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from hermetic.capture import capture
from hermetic.errors import InvalidState
from tests.codecs.hostile import through_the_gates
from tests.codecs.states import Case, Other, refuse_state

CATEGORIES = pd.Categorical(["a", "b"])
SPARSE = pd.arrays.SparseArray([0, 1, 0, 2])
THREE = pd.arrays.SparseArray([1, 2, 3, 0])
NULLABLE = pd.array([1, None], dtype="Int64")
TEXTS = pd.array(["a", None], dtype="string[python]")
LEVELS = pd.MultiIndex.from_tuples([("a", 1), ("b", 2)])
MONTHS = pd.date_range("2020-01-31", periods=3, freq="ME", tz="UTC")
PERIODS = pd.array(pd.period_range("2020", periods=2, freq="M"))
SERIES = pd.Series([1.0, 2.0])
FRAME = pd.DataFrame({"a": [1.0, 2.0], "b": [1, 2], "c": [3.0, 4.0]})
NUMBERS = pd.DataFrame(np.eye(2))
LISTS = pd.array([[1], [2, 3]], dtype=pd.ArrowDtype(pa.list_(pa.int64())))
MOMENT = pd.Timestamp("2020", tz="UTC")

HOSTILE: dict[str, Case] = {
    "code beyond the categories": Case(
        CATEGORIES,
        "pandas.Categorical",
        "codes",
        np.array([0, 2], dtype=np.int8),
        "a code of 2, but there are 2 categories",
    ),
    "code below -1": Case(
        CATEGORIES,
        "pandas.Categorical",
        "codes",
        np.array([0, -2], dtype=np.int8),
        "a code of -2, but -1 is the smallest",
    ),
    "codes of float": Case(
        CATEGORIES, "pandas.Categorical", "codes", np.array([0.0, 1.0]), "signed integers in one dimension"
    ),
    "codes in two dimensions": Case(
        CATEGORIES, "pandas.Categorical", "codes", np.zeros((2, 1), dtype=np.int8), "signed integers in one dimension"
    ),
    "categories that are a text": Case(
        CATEGORIES, "pandas.Categorical", "categories", "ab", "categories must be an index"
    ),
    "order that is a number": Case(CATEGORIES, "pandas.Categorical", "ordered", 1, "and ordered True or False"),
    "index beyond the length": Case(
        SPARSE, "pandas.arrays.SparseArray", "indices", np.array([1, 4], dtype=np.int32), "an index beyond the length 4"
    ),
    "index below zero": Case(
        SPARSE,
        "pandas.arrays.SparseArray",
        "indices",
        np.array([-1, 3], dtype=np.int32),
        "an index beyond the length 4",
    ),
    "indices that descend": Case(
        THREE, "pandas.arrays.SparseArray", "indices", np.array([0, 2, 1], dtype=np.int32), "indices must ascend"
    ),
    "indices that repeat": Case(
        SPARSE, "pandas.arrays.SparseArray", "indices", np.array([1, 1], dtype=np.int32), "indices must ascend"
    ),
    "fewer indices than values": Case(
        SPARSE, "pandas.arrays.SparseArray", "indices", np.array([1], dtype=np.int32), "as many values as indices"
    ),
    "endless sparse array": Case(
        SPARSE, "pandas.arrays.SparseArray", "length", 1 << 40, "beyond the length 1099511627776"
    ),
    "sparse array of unknown layout": Case(SPARSE, "pandas.arrays.SparseArray", "layout", "tree", "a sparse array has"),
    "mask of another length": Case(
        NULLABLE, "pandas.arrays.IntegerArray", "missing", np.zeros(3, dtype=bool), "3 bools for 2 values"
    ),
    "mask of integers": Case(
        NULLABLE, "pandas.arrays.IntegerArray", "missing", np.zeros(2, dtype=np.int8), "of the kind b"
    ),
    "integers of float": Case(NULLABLE, "pandas.arrays.IntegerArray", "values", np.zeros(2), "of the kind iu"),
    "texts that are a text": Case(TEXTS, "pandas.arrays.StringArray", "texts", "ab", "a list of texts"),
    "texts in an unknown storage": Case(
        TEXTS, "pandas.arrays.StringArray", "storage", "disk", "not a dtype of texts: 'disk'"
    ),
    "texts with a mask of another length": Case(
        TEXTS, "pandas.arrays.StringArray", "missing", np.zeros(3, dtype=bool), "3 bools for 2 values"
    ),
    "levels that are a number": Case(
        LEVELS, "pandas.MultiIndex", "levels", 1, "as many levels as lists of codes and names"
    ),
    "no names": Case(LEVELS, "pandas.MultiIndex", "names", None, "as many levels as lists of codes and names"),
    "frequency that the values do not have": Case(
        MONTHS, "pandas.DatetimeIndex", "frequency", {"tuple": ["Day", 1]}, "does not conform to passed frequency"
    ),
    "frequency of nobody": Case(MONTHS, "pandas.DatetimeIndex", "frequency", {"tuple": ["eval", 1]}, "not a frequency"),
    "zone of nobody": Case(
        MONTHS, "pandas.DatetimeIndex", "zone", "zoneinfo:../../etc/passwd", "not the name of a time zone"
    ),
    "moments of float": Case(MONTHS, "pandas.DatetimeIndex", "values", np.zeros(3), "of the kind M"),
    "ordinals of float": Case(PERIODS, "pandas.arrays.PeriodArray", "ordinals", np.zeros(2), "of the kind i"),
    "periods without a frequency": Case(
        PERIODS, "pandas.arrays.PeriodArray", "frequency", None, "and have a frequency"
    ),
    "range of text": Case(pd.RangeIndex(3), "pandas.RangeIndex", "stop", "3", "not the ends of a range"),
    "range beyond all integers": Case(
        pd.RangeIndex(3), "pandas.RangeIndex", "stop", {"int": hex(1 << 70)}, "not the ends of a range"
    ),
    "range without a step": Case(pd.RangeIndex(3), "pandas.RangeIndex", "step", 0, "Step must not be zero"),
    "index of numbers made of moments": Case(
        pd.Index([1.5]), "pandas.Index", "values", np.zeros(1, dtype="M8[ns]"), "make a DatetimeIndex"
    ),
    "index of half precision": Case(
        pd.Index([1.5]), "pandas.Index", "values", np.zeros(1, dtype="f2"), "float16 indexes are not supported"
    ),
    "index in two dimensions": Case(
        pd.Index([1.5]), "pandas.Index", "values", np.zeros((1, 1)), "an array of one dimension"
    ),
    "values of another length": Case(
        SERIES, "pandas.Series", "values", np.zeros(3), "a column must be an array of 2 values"
    ),
    "values that are a number": Case(SERIES, "pandas.Series", "values", 1.0, "a column must be an array of 2 values"),
    "values in two dimensions": Case(
        SERIES, "pandas.Series", "values", np.zeros((2, 1)), "a column must be an array of 2 values"
    ),
    "labels that are a number": Case(SERIES, "pandas.Series", "index", 2, "labels must be an index, got a int"),
    "attributes that are a number": Case(SERIES, "pandas.Series", "attrs", 2, "attrs must be a dictionary"),
    "a field too many": Case(SERIES, "pandas.Series", "_mgr", 2, "unknown ones"),
    "blocks that are a number": Case(FRAME, "pandas.DataFrame", "blocks", 2, "blocks must be a list"),
    "positions that are a number": Case(
        FRAME, "pandas.DataFrame", "positions", 2, "as many lists of positions as blocks"
    ),
    "rows that are no index": Case(FRAME, "pandas.DataFrame", "index", None, "labels must be an index, got a NoneType"),
    "lengths of another sum": Case(
        LISTS,
        "pandas.arrays.ArrowExtensionArray",
        "lengths",
        Other(np.array([1, 9])),
        "lists of 10 items in all, but there are 3",
    ),
    "lengths below zero": Case(
        LISTS, "pandas.arrays.ArrowExtensionArray", "lengths", Other(np.array([4, -1])), "each 0 or more"
    ),
    "lengths that overflow": Case(
        LISTS,
        "pandas.arrays.ArrowExtensionArray",
        "lengths",
        Other(np.array([2**62, 2**62])),
        "lists of 9223372036854775808 items",
    ),
    "items that are a number": Case(LISTS, "pandas.arrays.ArrowExtensionArray", "values", 3, "the items of lists"),
    "type of another kind": Case(
        LISTS, "pandas.arrays.ArrowExtensionArray", "type", {"tuple": ["int8"]}, "only lists have lengths"
    ),
    "moment of text": Case(MOMENT, "pandas.Timestamp", "value", "now", "not a pandas.Timestamp"),
    "moment that is missing": Case(
        MOMENT, "pandas.Timestamp", "value", {"int": hex(-(1 << 63))}, "not a pandas.Timestamp"
    ),
    "moment of unknown unit": Case(MOMENT, "pandas.Timestamp", "unit", "Y", "not a pandas.Timestamp"),
    "duration with a zone": Case(pd.Timedelta(1), "pandas.Timedelta", "zone", "utc", "a duration has no time zone"),
    "interval that is turned": Case(
        pd.Interval(0, 1), "pandas.Interval", "left", 2, "left side of interval must be <= right side"
    ),
    "interval of unknown ends": Case(
        pd.Interval(0, 1), "pandas.Interval", "closed", "open", "invalid option for 'closed'"
    ),
    "offset of text": Case(pd.offsets.Day(), "pandas.offsets.Day", "n", "1", "not a date offset"),
    "offset beyond all days": Case(pd.offsets.Day(), "pandas.offsets.Day", "n", 1 << 40, "not a date offset"),
    "dtype of another type": Case(
        pd.StringDtype("python"), "pandas.StringDtype", "storage", "disk", "not a dtype of texts: 'disk'"
    ),
    "dtype with a field too many": Case(pd.Int64Dtype(), "pandas.Int64Dtype", "unit", "s", "has the fields"),
    "sparse dtype of a text": Case(
        pd.SparseDtype(), "pandas.SparseDtype", "subtype", "object", "the subtype of a sparse dtype is a numpy dtype"
    ),
    "categories of a text": Case(
        pd.CategoricalDtype(), "pandas.CategoricalDtype", "categories", "abc", "categories are an index or None"
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_field_is_refused(name: str):
    refuse_state(HOSTILE[name])


@pytest.mark.parametrize(
    "positions", [[[0, 1], [1]], [[0, 3], [1]], [[0], [1]], [[-1, 0], [1]]], ids=["twice", "beyond", "too few", "below"]
)
def test_blocks_that_do_not_cover_each_column_once_are_refused(positions: list[list[int]]):

    graph = capture(FRAME)
    found = iter([np.array(places) for places in positions])
    for number, arrays in graph.arrays.items():
        graph.arrays[number] = [
            next(found) if array.dtype == np.int64 and array.ndim == 1 else array for array in arrays
        ]

    with pytest.raises(InvalidState, match=r"block|columns"):
        through_the_gates(graph)
