"""A hostile file of pandas types is refused before native code follows what it says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from hermetic.capture import capture
from hermetic.errors import InvalidState
from tests.codecs.hostile import refuse, through_the_gates

CATEGORIES = pd.Categorical(["a", "b"])
SPARSE = pd.arrays.SparseArray([0, 1, 0, 2])
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

HOSTILE: dict[str, tuple[Any, str, str, Any]] = {
    "code beyond the categories": (CATEGORIES, "pandas.Categorical", "codes", np.array([0, 2], dtype=np.int8)),
    "code below -1": (CATEGORIES, "pandas.Categorical", "codes", np.array([0, -2], dtype=np.int8)),
    "codes of float": (CATEGORIES, "pandas.Categorical", "codes", np.array([0.0, 1.0])),
    "codes in two dimensions": (CATEGORIES, "pandas.Categorical", "codes", np.zeros((2, 1), dtype=np.int8)),
    "categories that are a text": (CATEGORIES, "pandas.Categorical", "categories", "ab"),
    "order that is a number": (CATEGORIES, "pandas.Categorical", "ordered", 1),
    "index beyond the length": (SPARSE, "pandas.arrays.SparseArray", "indices", np.array([1, 4], dtype=np.int32)),
    "index below zero": (SPARSE, "pandas.arrays.SparseArray", "indices", np.array([-1, 3], dtype=np.int32)),
    "indices that descend": (SPARSE, "pandas.arrays.SparseArray", "indices", np.array([3, 1], dtype=np.int32)),
    "indices that repeat": (SPARSE, "pandas.arrays.SparseArray", "indices", np.array([1, 1], dtype=np.int32)),
    "fewer indices than values": (SPARSE, "pandas.arrays.SparseArray", "indices", np.array([1], dtype=np.int32)),
    "endless sparse array": (SPARSE, "pandas.arrays.SparseArray", "length", 1 << 40),
    "sparse array of unknown layout": (SPARSE, "pandas.arrays.SparseArray", "layout", "tree"),
    "mask of another length": (NULLABLE, "pandas.arrays.IntegerArray", "missing", np.zeros(3, dtype=bool)),
    "mask of integers": (NULLABLE, "pandas.arrays.IntegerArray", "missing", np.zeros(2, dtype=np.int8)),
    "integers of float": (NULLABLE, "pandas.arrays.IntegerArray", "values", np.zeros(2)),
    "texts that are a text": (TEXTS, "pandas.arrays.StringArray", "texts", "ab"),
    "texts in an unknown storage": (TEXTS, "pandas.arrays.StringArray", "storage", "disk"),
    "texts with a mask of another length": (TEXTS, "pandas.arrays.StringArray", "missing", np.zeros(3, dtype=bool)),
    "levels that are a number": (LEVELS, "pandas.MultiIndex", "levels", 1),
    "no names": (LEVELS, "pandas.MultiIndex", "names", None),
    "frequency that the values do not have": (MONTHS, "pandas.DatetimeIndex", "frequency", {"tuple": ["Day", 1]}),
    "frequency of nobody": (MONTHS, "pandas.DatetimeIndex", "frequency", {"tuple": ["eval", 1]}),
    "zone of nobody": (MONTHS, "pandas.DatetimeIndex", "zone", "zoneinfo:../../etc/passwd"),
    "moments of float": (MONTHS, "pandas.DatetimeIndex", "values", np.zeros(3)),
    "ordinals of float": (PERIODS, "pandas.arrays.PeriodArray", "ordinals", np.zeros(2)),
    "periods without a frequency": (PERIODS, "pandas.arrays.PeriodArray", "frequency", None),
    "range of text": (pd.RangeIndex(3), "pandas.RangeIndex", "stop", "3"),
    "range beyond all integers": (pd.RangeIndex(3), "pandas.RangeIndex", "stop", {"int": hex(1 << 70)}),
    "range without a step": (pd.RangeIndex(3), "pandas.RangeIndex", "step", 0),
    "index of numbers made of moments": (pd.Index([1.5]), "pandas.Index", "values", np.zeros(1, dtype="M8[ns]")),
    "index of half precision": (pd.Index([1.5]), "pandas.Index", "values", np.zeros(1, dtype="f2")),
    "index in two dimensions": (pd.Index([1.5]), "pandas.Index", "values", np.zeros((1, 1))),
    "values of another length": (SERIES, "pandas.Series", "values", np.zeros(3)),
    "values that are a number": (SERIES, "pandas.Series", "values", 1.0),
    "values in two dimensions": (SERIES, "pandas.Series", "values", np.zeros((2, 1))),
    "labels that are a number": (SERIES, "pandas.Series", "index", 2),
    "attributes that are a number": (SERIES, "pandas.Series", "attrs", 2),
    "a field too many": (SERIES, "pandas.Series", "_mgr", 2),
    "blocks that are a number": (FRAME, "pandas.DataFrame", "blocks", 2),
    "positions that are a number": (FRAME, "pandas.DataFrame", "positions", 2),
    "rows that are no index": (FRAME, "pandas.DataFrame", "index", None),
    "lengths of another sum": (LISTS, "pandas.arrays.ArrowExtensionArray", "lengths", np.array([1, 9])),
    "lengths below zero": (LISTS, "pandas.arrays.ArrowExtensionArray", "lengths", np.array([4, -1])),
    "lengths that overflow": (LISTS, "pandas.arrays.ArrowExtensionArray", "lengths", np.array([2**62, 2**62])),
    "items that are a number": (LISTS, "pandas.arrays.ArrowExtensionArray", "values", 3),
    "type of another kind": (LISTS, "pandas.arrays.ArrowExtensionArray", "type", {"tuple": ["int8"]}),
    "moment of text": (MOMENT, "pandas.Timestamp", "value", "now"),
    "moment that is missing": (MOMENT, "pandas.Timestamp", "value", {"int": hex(-(1 << 63))}),
    "moment of unknown unit": (MOMENT, "pandas.Timestamp", "unit", "Y"),
    "duration with a zone": (pd.Timedelta(1), "pandas.Timedelta", "zone", "utc"),
    "interval that is turned": (pd.Interval(0, 1), "pandas.Interval", "left", 2),
    "interval of unknown ends": (pd.Interval(0, 1), "pandas.Interval", "closed", "open"),
    "offset of text": (pd.offsets.Day(), "pandas.offsets.Day", "n", "1"),
    "offset beyond all days": (pd.offsets.Day(), "pandas.offsets.Day", "n", 1 << 40),
    "dtype of another type": (pd.StringDtype("python"), "pandas.StringDtype", "storage", "disk"),
    "dtype with a field too many": (pd.Int64Dtype(), "pandas.Int64Dtype", "unit", "s"),
    "sparse dtype of a text": (pd.SparseDtype(), "pandas.SparseDtype", "subtype", "object"),
    "categories of a text": (pd.CategoricalDtype(), "pandas.CategoricalDtype", "categories", "abc"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_field_is_refused(name: str):
    refuse(*HOSTILE[name])


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
