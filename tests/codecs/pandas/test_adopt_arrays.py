"""Arrays of pandas in legacy files: with masks, of texts, categories, moments, periods, intervals, sparse ones."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas
import pytest

import hermetic
from hermetic.errors import FileError
from tests.legacy_pickles import PROTOCOLS, Made, Named, adopted_fields, assert_like_live, new, problem_of, written

BACKED = "pandas._libs.arrays:__pyx_unpickle_NDArrayBacked"
INTERVALS = "pandas._libs.interval:__pyx_unpickle_IntervalMixin"
NA = Named("pandas:NA")
INDEX = Made("pandas.core.indexes.base:_new_Index", (Named("pandas:Index"), {"data": np.array([7, 8]), "name": None}))
CATEGORIES = new("pandas:CategoricalDtype", {"categories": INDEX, "ordered": True})
ZONED = new("pandas:DatetimeTZDtype", {"unit": "ns", "tz": Made("pytz:_UTC")})
MOMENTS = np.array([1, 2], dtype="M8[ns]")
HALVES = new("pandas:SparseDtype", {"_dtype": np.dtype(float), "_fill_value": 0.5})

ARRAYS = {
    "integers": pandas.array([1, None, 3], dtype="Int16"),
    "integers-all": pandas.array([1, 2, 3], dtype="UInt8"),
    "floats": pandas.array([1.5, None], dtype="Float32"),
    "bools": pandas.array([True, None, False], dtype="boolean"),
    "texts": pandas.array(["a", None, "ø"], dtype="string[python]"),
    "texts-arrow": pandas.array(["a", None, "ø", ""], dtype="string[pyarrow]"),
    "texts-nan": pandas.array(["a", None], dtype=pandas.StringDtype("python", na_value=np.nan)),
    "texts-none": pandas.array([], dtype="string[pyarrow]"),
    "texts-slice": pandas.array(["a", None, "ø", ""], dtype="string[pyarrow]")[1:3],
    "category": pandas.Categorical(["x", None, "y"], categories=["y", "x"], ordered=True),
    "category-numbers": pandas.Categorical([1, 2, 1]),
    "moments": pandas.array(np.array(["2020-01-01", "NaT"], dtype="M8[s]")),
    "moments-zone": pandas.date_range("2020-10-24", periods=3, tz="Europe/Oslo").array,
    "durations": pandas.array(np.array([5, 7], dtype="m8[ms]")),
    "periods": pandas.period_range("2020-01", periods=3, freq="M").array,
    "intervals": pandas.arrays.IntervalArray.from_breaks([0, 1, 5], closed="left"),
    "intervals-moments": pandas.arrays.IntervalArray.from_breaks(pandas.date_range("2020", periods=3)),
    "intervals-zone": pandas.arrays.IntervalArray.from_breaks(pandas.date_range("2020", periods=3, tz="UTC")),
    "sparse": pandas.arrays.SparseArray([0, 0, 1, 2], fill_value=0),
    "sparse-blocks": pandas.arrays.SparseArray([0.0, 0.0, 1.0, 2.0, 0.0, 3.0], kind="block"),
    "plain": pandas.arrays.NumpyExtensionArray(np.arange(3.0)),
}


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("name", ARRAYS)
def test_an_array_is_what_the_unpickler_makes(name: str, protocol: int) -> None:
    loaded = assert_like_live(ARRAYS[name], protocol)
    assert type(loaded) is type(ARRAYS[name])
    pandas.testing.assert_extension_array_equal(loaded, ARRAYS[name])


def test_what_is_masked_is_zero_as_in_a_live_array() -> None:
    state = {"_data": np.array([5, 6]), "_mask": np.array([False, True]), "_cache": {}}
    fields = adopted_fields(new("pandas.core.arrays.integer:IntegerArray", state))
    assert fields["values"].tolist() == [5, 0]
    assert fields["missing"].tolist() == [False, True]


@pytest.mark.parametrize("order", [1, -1])
def test_the_parts_of_an_array_may_stand_in_either_order(order: int) -> None:
    state = (CATEGORIES, np.array([0, -1], dtype="i1"))[::order]
    fields = adopted_fields(Made(BACKED, (Named("pandas:Categorical"), 1, None), state))
    assert fields["codes"].tolist() == [0, -1]
    assert fields["ordered"] is True
    assert fields["categories"].name == "pandas.Index"


def test_the_state_may_be_an_argument() -> None:
    made = Made(BACKED, (Named("pandas.arrays:DatetimeArray"), 1, (np.dtype("M8[ns]"), MOMENTS)))
    assert adopted_fields(made)["values"].tolist() == [1, 2]


@pytest.mark.parametrize("key", ["_ndarray", "_data"])
def test_an_array_of_pandas_1_has_its_parts_in_a_dictionary(key: str) -> None:
    state = {key: MOMENTS, "_dtype": ZONED, "_freq": None}
    fields = adopted_fields(new("pandas.core.arrays.datetimes:DatetimeArray", state))
    assert fields["zone"] == "pytz:UTC"
    assert fields["values"].tolist() == [1, 2]


def test_a_categorical_of_pandas_1_has_its_codes_in_a_dictionary() -> None:
    state = {"_codes": np.array([1, 0], dtype="i1"), "_dtype": CATEGORIES}
    fields = adopted_fields(new("pandas.core.arrays.categorical:Categorical", state))
    assert fields["codes"].tolist() == [1, 0]


def test_a_categorical_of_older_pandas_has_no_dtype() -> None:
    state = {"_codes": np.array([1, 0], dtype="i1"), "_categories": INDEX, "_ordered": False}
    fields = adopted_fields(new("pandas.core.arrays.categorical:Categorical", state))
    assert fields["ordered"] is False
    assert fields["categories"].name == "pandas.Index"


def test_periods_of_pandas_1_have_an_offset_in_their_dtype() -> None:
    offset = Made("pandas._libs.tslibs.offsets:MonthEnd", (1, False))
    state = {"_data": np.array([3]), "_dtype": new("pandas:PeriodDtype", {"freq": offset})}
    fields = adopted_fields(new("pandas.core.arrays.period:PeriodArray", state))
    assert fields["frequency"] == ("MonthEnd", 1)


def test_intervals_of_pandas_1_have_indexes_and_say_themselves_what_is_closed() -> None:
    fields = adopted_fields(
        new("pandas.core.arrays.interval:IntervalArray", {"_left": INDEX, "_right": INDEX, "_closed": "both"})
    )
    assert fields["closed"] == "both"
    assert fields["left"].name == fields["right"].name == "pandas.Index"


def test_texts_of_objects_may_be_missing_in_all_ways_of_pandas() -> None:
    items = np.array(["a", None, float("nan"), "b"], dtype=object)
    made = Made(BACKED, (Named("pandas.arrays:StringArray"), 1, None), (Made("pandas:StringDtype", ("python",)), items))
    fields = adopted_fields(made)
    assert fields["texts"] == ["a", "", "", "b"]
    assert fields["missing"].tolist() == [False, True, True, False]
    assert list(fields) == ["storage", "missing_value", "texts", "missing"]


def test_runs_of_a_sparse_array_become_places() -> None:
    place = Made("pandas._libs.sparse:BlockIndex", (9, np.array([1, 6], dtype="i4"), np.array([2, 1], dtype="i4")))
    state = {"_sparse_index": place, "_sparse_values": np.array([1.0, 2.0, 3.0]), "_dtype": HALVES}
    fields = adopted_fields(new("pandas.arrays:SparseArray", state))
    assert fields["indices"].tolist() == [1, 2, 6]
    assert fields["indices"].dtype == np.int32
    assert (fields["length"], fields["fill_value"], fields["layout"]) == (9, 0.5, "block")


def _sparse(place: Any, values: Any = None, dtype: Any = HALVES) -> Made:
    values = np.array([1.0, 2.0]) if values is None else values
    return new("pandas.arrays:SparseArray", {"_sparse_index": place, "_sparse_values": values, "_dtype": dtype})


def _runs(length: Any, starts: Any, lengths: Any) -> Made:
    return Made("pandas._libs.sparse:BlockIndex", (length, np.array(starts), np.array(lengths)))


HOSTILE = {
    "mask that is too short": new("pandas.arrays:IntegerArray", {"_data": np.array([1, 2]), "_mask": np.array([True])}),
    "mask of numbers": new("pandas.arrays:IntegerArray", {"_data": np.array([1]), "_mask": np.array([7])}),
    "no mask": new("pandas.arrays:IntegerArray", {"_data": np.array([1])}),
    "state that is a list": new("pandas.arrays:BooleanArray", [1, 2]),
    "items put into it": Made("pandas.arrays:BooleanArray", (), {}, is_new=True, items=[1]),
    "no array at all": Made(BACKED, (Named("pandas:Categorical"), 1, None), (None, [1, 2])),
    "a state of four": Made(BACKED, (Named("pandas:Categorical"), 1, None), (None, MOMENTS, {}, 1)),
    "attributes that are a list": Made(BACKED, (Named("pandas:Categorical"), 1, None), (None, MOMENTS, [])),
    "texts that are numbers": Made(
        BACKED, (Named("pandas.arrays:StringArray"), 1, None), (None, np.array([1, 2], dtype=object))
    ),
    "texts in a table": Made(
        BACKED, (Named("pandas.arrays:StringArray"), 1, None), (None, np.array([["a"], ["b"]], dtype=object))
    ),
    "periods without a dtype": Made(BACKED, (Named("pandas.arrays:PeriodArray"), 1, None), (None, np.array([1]))),
    "intervals without ends": Made(INTERVALS, (Named("pandas.arrays:IntervalArray"), 1, None), ({},)),
    "intervals of texts": Made(
        INTERVALS, (Named("pandas.arrays:IntervalArray"), 1, None), ({"_left": "a", "_right": "b", "_dtype": None},)
    ),
    "a sparse array without places": _sparse(None),
    "a sparse array with a call for places": _sparse(Made("os:system", ("true",))),
    "a sparse array without a dtype": _sparse(_runs(9, [0], [2]), dtype=None),
    "runs that hold more than there is": _sparse(_runs(9, [0], [1 << 40])),
    "runs whose sum overflows": _sparse(_runs(9, [0, 0, 0], [1 << 62, 1 << 62, 2])),
    "runs of negative length": _sparse(_runs(9, [0, 0], [-2, 4])),
    "runs beyond all rows": _sparse(_runs(9, [1 << 40], [2])),
    "runs of other lengths": _sparse(_runs(9, [0, 1], [2])),
    "runs of floats": _sparse(_runs(9, [0.0], [2.0])),
    "a class that is none": Made(BACKED, ("x", 1, None), (None, MOMENTS)),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_with_a_form_that_pandas_does_not_write_does_not_load(name: str) -> None:
    with pytest.raises(FileError):
        hermetic.loads(written(HOSTILE[name]))


@pytest.mark.parametrize("name", [name for name in HOSTILE if name != "a class that is none"])
def test_a_codec_refuses_a_form_that_pandas_does_not_write(name: str) -> None:
    assert problem_of(HOSTILE[name])


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        (Made("pandas._libs.sparse:IntIndex", (4, np.array([1, 9], dtype="i4"))), "beyond the length"),
        (Made("pandas._libs.sparse:IntIndex", (4, np.array([1, 1], dtype="i4"))), "must ascend"),
        (Made("pandas._libs.sparse:IntIndex", (-1, np.array([0, 1], dtype="i4"))), "length 0 or more"),
        (Made("pandas._libs.sparse:IntIndex", (1 << 40, np.array([0, 1], dtype="i4"))), "beyond the length"),
        (Made("pandas._libs.sparse:IntIndex", (4, np.array([0.0, 1.0]))), "int32"),
        (_runs(3, [5], [2]), "beyond the length"),
    ],
)
def test_places_that_native_code_would_follow_are_refused_by_the_gates_behind(place: Made, reason: str) -> None:
    with pytest.raises(FileError, match=reason):
        hermetic.loads(written(_sparse(place)))


def test_a_code_without_a_category_is_refused() -> None:
    state = (CATEGORIES, np.array([0, 5], dtype="i1"))
    with pytest.raises(FileError, match="a code of 5"):
        hermetic.loads(written(Made(BACKED, (Named("pandas:Categorical"), 1, None), state)))


@pytest.mark.parametrize("name", ["os:system", "builtins:object", "sklearn.svm._classes:SVC"])
def test_the_maker_of_arrays_makes_nothing_else(name: str) -> None:
    with pytest.raises(FileError):
        hermetic.loads(written(Made(BACKED, (Named(name), 1, None), (None, MOMENTS))))
