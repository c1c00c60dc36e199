"""States of pandas arrays, indexes and frames: each rule with a file that breaks it, and what stands at the border."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.codecs.hostile import bring_back
from tests.codecs.states import GONE, Case, Other, accept_state, refuse_state

ARRAYS = "pandas.arrays."
NULLABLE = pd.array([1, None], dtype="Int64")
FLOATS = pd.array([1.5, None], dtype="Float64")
BOOLS = pd.array([True, None], dtype="boolean")
TEXTS = pd.array(["a", None], dtype="string[python]")
LETTERS = pd.Categorical(["a", "b", None])
SPARSE = pd.arrays.SparseArray([0, 1, 0, 2])
MOMENTS = pd.array(pd.date_range("2020", periods=2, tz="UTC"))
PLAIN_MOMENTS = pd.array(pd.date_range("2020", periods=2))
DURATIONS = pd.array(pd.to_timedelta([1, 2], unit="h"))
PERIODS = pd.array(pd.period_range("2020", periods=2, freq="M"))
INTERVALS = pd.arrays.IntervalArray.from_breaks([0, 1, 2])
WRAPPED = pd.Series([1.0, 2.0]).array
ONE_DIMENSION = "must be an array of one dimension"

HOSTILE_ARRAYS: dict[str, Case] = {
    "integers that are a list": Case(NULLABLE, f"{ARRAYS}IntegerArray", "values", Other([1, 2]), ONE_DIMENSION),
    "integers in two dimensions": Case(
        NULLABLE, f"{ARRAYS}IntegerArray", "values", np.zeros((2, 1), dtype=int), ONE_DIMENSION
    ),
    "integers of bools": Case(NULLABLE, f"{ARRAYS}IntegerArray", "values", np.zeros(2, dtype=bool), "the kind iu"),
    "floats of integers": Case(FLOATS, f"{ARRAYS}FloatingArray", "values", np.zeros(2, dtype=int), "the kind f"),
    "floats of complex": Case(FLOATS, f"{ARRAYS}FloatingArray", "values", np.zeros(2, dtype=complex), "the kind f"),
    "bools of integers": Case(BOOLS, f"{ARRAYS}BooleanArray", "values", Other(np.zeros(2, dtype=np.int8)), "kind b"),
    "a mask in two dimensions": Case(
        NULLABLE, f"{ARRAYS}IntegerArray", "missing", np.zeros((2, 1), dtype=bool), "what is missing must be"
    ),
    "a mask that is too short": Case(
        NULLABLE, f"{ARRAYS}IntegerArray", "missing", np.zeros(1, dtype=bool), "1 bools for 2 values"
    ),
    "a mask that is a text": Case(NULLABLE, f"{ARRAYS}IntegerArray", "missing", "no", "what is missing must be"),
    "no values": Case(NULLABLE, f"{ARRAYS}IntegerArray", "values", GONE, r"lacks the fields \['values'\]"),
    "texts of numbers": Case(TEXTS, f"{ARRAYS}StringArray", "texts", Other(["a", 1]), "a list of texts"),
    "texts in a tuple": Case(TEXTS, f"{ARRAYS}StringArray", "texts", {"tuple": ["a", "b"]}, "a list of texts"),
    "texts with an unknown gap": Case(
        TEXTS, f"{ARRAYS}StringArray", "missing_value", "NULL", "not a dtype of texts: 'python', 'NULL'"
    ),
    "texts with gaps of integers": Case(
        TEXTS, f"{ARRAYS}StringArray", "missing", np.zeros(2, dtype=np.int8), "what is missing must be"
    ),
    "codes without sign": Case(
        LETTERS, "pandas.Categorical", "codes", np.zeros(3, dtype=np.uint8), "signed integers in one dimension"
    ),
    "codes that are a list": Case(LETTERS, "pandas.Categorical", "codes", Other([0, 1, 1]), "signed integers"),
    "a code for no category": Case(
        LETTERS, "pandas.Categorical", "codes", np.array([0, 1, 2], dtype=np.int8), "a code of 2, but there are 2"
    ),
    "a code far below": Case(
        LETTERS, "pandas.Categorical", "codes", np.array([0, 1, -128], dtype=np.int8), "a code of -128, but -1"
    ),
    "an order that is a text": Case(LETTERS, "pandas.Categorical", "ordered", "yes", "and ordered True or False"),
    "categories in an array": Case(
        LETTERS, "pandas.Categorical", "categories", Other(np.arange(2)), "categories must be an index"
    ),
    "categories that repeat": Case(LETTERS, "pandas.Categorical", "categories", Other(pd.Index([1, 1])), "unique"),
    "categories that are missing": Case(
        LETTERS, "pandas.Categorical", "categories", Other(pd.Index([1.0, np.nan])), "null"
    ),
    "moments of durations": Case(
        MOMENTS, f"{ARRAYS}DatetimeArray", "values", np.zeros(2, dtype="m8[ns]"), "of the kind M"
    ),
    "moments in two dimensions": Case(
        MOMENTS, f"{ARRAYS}DatetimeArray", "values", np.zeros((2, 1), dtype="M8[ns]"), ONE_DIMENSION
    ),
    "moments in a zone that is a number": Case(MOMENTS, f"{ARRAYS}DatetimeArray", "zone", 1),
    "durations of moments": Case(
        DURATIONS, f"{ARRAYS}TimedeltaArray", "values", np.zeros(2, dtype="M8[ns]"), "of the kind m"
    ),
    "durations in a zone": Case(DURATIONS, f"{ARRAYS}TimedeltaArray", "zone", "utc", "a duration has no time zone"),
    "ordinals without sign": Case(PERIODS, f"{ARRAYS}PeriodArray", "ordinals", np.zeros(2, dtype="u8"), "the kind i"),
    "short ordinals": Case(PERIODS, f"{ARRAYS}PeriodArray", "ordinals", np.zeros(2, dtype="i4"), "must be int64"),
    "periods that begin a month": Case(
        PERIODS, f"{ARRAYS}PeriodArray", "frequency", {"tuple": ["MonthBegin", 1]}, "cannot be made"
    ),
    "intervals with one end": Case(INTERVALS, f"{ARRAYS}IntervalArray", "right", None, "ends of intervals"),
    "intervals with an array as end": Case(
        INTERVALS, f"{ARRAYS}IntervalArray", "left", Other(np.arange(2)), "the ends of intervals must be indexes"
    ),
    "intervals with ends of two lengths": Case(
        INTERVALS, f"{ARRAYS}IntervalArray", "right", Other(pd.Index([5])), "cannot be made"
    ),
    "intervals that are turned": Case(
        INTERVALS, f"{ARRAYS}IntervalArray", "left", Other(pd.Index([7, 8])), "left side of interval"
    ),
    "intervals of texts": Case(
        INTERVALS, f"{ARRAYS}IntervalArray", "left", Other(pd.Index(["a", "b"])), "cannot be made"
    ),
    "intervals of unknown ends": Case(INTERVALS, f"{ARRAYS}IntervalArray", "closed", "open", "cannot be made"),
    "long sparse indices": Case(
        SPARSE, f"{ARRAYS}SparseArray", "indices", np.array([1, 3], dtype=np.int64), "must be int32"
    ),
    "sparse indices in two dimensions": Case(
        SPARSE, f"{ARRAYS}SparseArray", "indices", np.array([[1, 3]], dtype=np.int32), "in one dimension"
    ),
    "sparse indices that are a list": Case(SPARSE, f"{ARRAYS}SparseArray", "indices", Other([1, 3]), "must be int32"),
    "a sparse array shorter than nothing": Case(SPARSE, f"{ARRAYS}SparseArray", "length", -1, "and length 0 or more"),
    "a sparse array of a true length": Case(SPARSE, f"{ARRAYS}SparseArray", "length", True, "and length 0 or more"),
    "a sparse array that ends too early": Case(SPARSE, f"{ARRAYS}SparseArray", "length", 3, "beyond the length 3"),
    "a sparse array without room": Case(SPARSE, f"{ARRAYS}SparseArray", "length", 0, "beyond the length 0"),
    "a sparse array longer than its indices": Case(
        SPARSE, f"{ARRAYS}SparseArray", "length", 1 << 31, "beyond the length 2147483648"
    ),
    "sparse indices that turn back": Case(
        pd.arrays.SparseArray([1, 2, 3, 0]),
        f"{ARRAYS}SparseArray",
        "indices",
        np.array([0, 2, 1], dtype=np.int32),
        "an index beyond|must ascend",
    ),
    "sparse indices that repeat inside": Case(
        pd.arrays.SparseArray([1, 2, 3, 0]),
        f"{ARRAYS}SparseArray",
        "indices",
        np.array([0, 0, 2], dtype=np.int32),
        "must ascend",
    ),
    "more sparse values than indices": Case(
        SPARSE, f"{ARRAYS}SparseArray", "values", np.zeros(3, dtype=int), "as many values as indices"
    ),
    "sparse values in a list": Case(SPARSE, f"{ARRAYS}SparseArray", "values", Other([1, 2]), "as many values"),
    "a wrapped list": Case(WRAPPED, f"{ARRAYS}NumpyExtensionArray", "values", Other([1.0]), ONE_DIMENSION),
    "a wrapped matrix": Case(WRAPPED, f"{ARRAYS}NumpyExtensionArray", "values", np.eye(2), ONE_DIMENSION),
    "a wrapped array of records": Case(
        WRAPPED, f"{ARRAYS}NumpyExtensionArray", "values", np.zeros(2, dtype=[("x", "i4")]), ONE_DIMENSION
    ),
}


@pytest.mark.parametrize("name", HOSTILE_ARRAYS)
def test_an_array_that_breaks_a_rule_is_refused(name: str):
    refuse_state(HOSTILE_ARRAYS[name])


LEVELS = pd.MultiIndex.from_arrays([["a", "b"], [1, 2]])
NUMBERED = pd.Index([1.5, 2.5])
HOURS = pd.to_timedelta([1, 2], unit="h")
CODES = [np.array([0, 1], dtype=np.int8), np.array([0, 1], dtype=np.int8)]
NO_RANGE = "not the ends of a range"


def _codes(*numbers: int, dtype: Any = np.int8) -> Other:
    return Other([CODES[0], np.array(numbers, dtype=dtype)])


HOSTILE_INDEXES: dict[str, Case] = {
    "an index of a list": Case(NUMBERED, "pandas.Index", "values", Other([1.5]), "an array of one dimension"),
    "an index of an index": Case(NUMBERED, "pandas.Index", "values", Other(pd.RangeIndex(2)), "an array of one"),
    "an index of nothing": Case(NUMBERED, "pandas.Index", "values", None, "an array of one dimension"),
    "an index of categories": Case(
        NUMBERED, "pandas.Index", "values", Other(LETTERS), "these values make a CategoricalIndex, no pandas.Index"
    ),
    "categories of numbers": Case(
        pd.CategoricalIndex(["a"]), "pandas.CategoricalIndex", "values", Other(np.zeros(1)), "no pandas.Categorical"
    ),
    "an index under a list": Case(NUMBERED.rename("x"), "pandas.Index", "name", Other([1]), "cannot be made"),
    "durations in a zone": Case(HOURS, "pandas.TimedeltaIndex", "zone", "utc", "a duration has no time zone"),
    "durations of moments": Case(HOURS, "pandas.TimedeltaIndex", "values", np.zeros(2, "M8[ns]"), "of the kind m"),
    "durations by the month": Case(
        pd.timedelta_range("1h", periods=2), "pandas.TimedeltaIndex", "frequency", {"tuple": ["MonthEnd", 1]}
    ),
    "a range of truth": Case(pd.RangeIndex(3), "pandas.RangeIndex", "start", True, NO_RANGE),
    "a range of halves": Case(pd.RangeIndex(3), "pandas.RangeIndex", "step", 0.5, NO_RANGE),
    "a range one too long": Case(pd.RangeIndex(3), "pandas.RangeIndex", "stop", {"int": hex(1 << 62)}, NO_RANGE),
    "a range one too low": Case(pd.RangeIndex(3), "pandas.RangeIndex", "start", {"int": hex(-1 << 62)}, NO_RANGE),
    "a range without an end": Case(pd.RangeIndex(3), "pandas.RangeIndex", "stop", GONE, "lacks the fields"),
    "more levels than names": Case(LEVELS, "pandas.MultiIndex", "names", Other(["x"]), "as many levels"),
    "fewer codes than levels": Case(LEVELS, "pandas.MultiIndex", "codes", Other(CODES[:1]), "as many levels"),
    "names in a tuple": Case(LEVELS, "pandas.MultiIndex", "names", {"tuple": [None, None]}, "as many levels"),
    "levels that are arrays": Case(LEVELS, "pandas.MultiIndex", "levels", Other([np.arange(2), 1]), "must be indexes"),
    "codes without sign": Case(LEVELS, "pandas.MultiIndex", "codes", _codes(0, 1, dtype="u1"), "must be signed"),
    "codes that are lists": Case(LEVELS, "pandas.MultiIndex", "codes", Other([[0, 1], [0, 1]]), "must be signed"),
    "codes in two dimensions": Case(LEVELS, "pandas.MultiIndex", "codes", Other([CODES[0], np.eye(2, dtype=int)])),
    "a code beyond its level": Case(LEVELS, "pandas.MultiIndex", "codes", _codes(0, 2), "cannot be made"),
    "a code below -1": Case(LEVELS, "pandas.MultiIndex", "codes", _codes(0, -2), "cannot be made"),
    "codes of two lengths": Case(LEVELS, "pandas.MultiIndex", "codes", _codes(0), "cannot be made"),
    "a level that repeats": Case(
        LEVELS, "pandas.MultiIndex", "levels", Other([pd.Index([1.5, 1.5]), pd.RangeIndex(2)]), "unique"
    ),
}


@pytest.mark.parametrize("name", HOSTILE_INDEXES)
def test_an_index_that_breaks_a_rule_is_refused(name: str):
    refuse_state(HOSTILE_INDEXES[name])


SERIES = pd.Series([1.0, 2.0])
NOTED = pd.Series([1.0])
NOTED.attrs["source"] = "a"
SQUARE = pd.DataFrame(np.eye(2))
MIXED = pd.DataFrame({"a": [1.0, 2.0], "b": [1, 2], "c": [3.0, 4.0]})
PLACES = [np.array([0, 2]), np.array([1])]
WHOLE = "one block of all rows and columns"


def _blocks(*blocks: Any) -> Case:
    return Case(MIXED, "pandas.DataFrame", "blocks", Other(list(blocks)))


def _positions(*positions: Any) -> Case:
    return Case(MIXED, "pandas.DataFrame", "positions", Other(list(positions)))


HOSTILE_FRAMES: dict[str, Case] = {
    "a series of a list": Case(SERIES, "pandas.Series", "values", Other([1.0, 2.0]), "an array of 2 values"),
    "a series of an index": Case(SERIES, "pandas.Series", "values", Other(NUMBERED), "an array of 2 values"),
    "a series of too many categories": Case(SERIES, "pandas.Series", "values", Other(LETTERS), "an array of 2 values"),
    "a series that is too short": Case(SERIES, "pandas.Series", "values", np.zeros(1), "an array of 2 values"),
    "labels in an array": Case(SERIES, "pandas.Series", "index", Other(np.arange(2)), "must be an index, got a ndarr"),
    "a name that is a list": Case(SERIES.rename("x"), "pandas.Series", "name", Other([1]), "cannot be made"),
    "columns in a list": Case(SQUARE, "pandas.DataFrame", "columns", Other(["a", "b"]), "must be an index, got a list"),
    "notes in a list": Case(NOTED, "pandas.Series", "attrs", Other([1]), "attrs must be a dictionary"),
    "a block in a tuple": Case(SQUARE, "pandas.DataFrame", "blocks", {"tuple": [1]}, "blocks must be a list"),
    "no block": Case(SQUARE, "pandas.DataFrame", "blocks", Other([]), WHOLE),
    "two blocks without positions": Case(SQUARE, "pandas.DataFrame", "blocks", Other([np.eye(2)] * 2), WHOLE),
    "a block of too many rows": Case(SQUARE, "pandas.DataFrame", "blocks", Other([np.ones((3, 2))]), WHOLE),
    "a block of one dimension": Case(SQUARE, "pandas.DataFrame", "blocks", Other([np.ones(2)]), WHOLE),
    "a block that is a list": Case(SQUARE, "pandas.DataFrame", "blocks", Other([[1, 2]]), WHOLE),
    "a block of objects": Case(
        SQUARE, "pandas.DataFrame", "blocks", Other([np.full((2, 2), "x", dtype=object)]), "columns of their own"
    ),
    "fewer positions than blocks": _positions(PLACES[0])._replace(words="as many lists of positions as blocks"),
    "short positions": _positions(PLACES[0], PLACES[1].astype("i4"))._replace(words="positions must be int64"),
    "positions in two dimensions": _positions(PLACES[0], np.array([[1]]))._replace(words="positions must be int64"),
    "positions in lists": _positions([0, 2], [1])._replace(words="positions must be int64"),
    "a column that stands twice": _positions(np.array([0, 1]), PLACES[1])._replace(words="each of the 3 once"),
    "a column that is nowhere": _positions(np.array([0, 3]), PLACES[1])._replace(words="each of the 3 once"),
    "a column before the first": _positions(np.array([0, -1]), PLACES[1])._replace(words="each of the 3 once"),
    "a block that is too wide": _blocks(np.ones((2, 3)), np.ones((2, 1)))._replace(words=r"a block of shape \(2, 3\)"),
    "a block that is too short": _blocks(np.ones((1, 2)), np.ones((2, 1)))._replace(words="for 2 rows and 2 columns"),
    "one column for two places": _blocks(np.ones(2), np.ones((2, 1)))._replace(words="holds one column"),
    "a number for two places": _blocks(5, np.ones((2, 1)))._replace(words="holds one column"),
    "a column of three rows": _blocks(np.ones((2, 2)), np.ones(3))._replace(words="an array of 2 values"),
    "a column of no array": _blocks(np.ones((2, 2)), "ab")._replace(words="an array of 2 values"),
    "objects in a block": _blocks(np.ones((2, 2)), np.full((2, 1), "x", dtype=object))._replace(words="an array of 2"),
}


@pytest.mark.parametrize("name", HOSTILE_FRAMES)
def test_a_frame_or_a_series_that_breaks_a_rule_is_refused(name: str):
    refuse_state(HOSTILE_FRAMES[name])


HONEST: dict[str, tuple[Case, Any]] = {
    "a code of -1 and the last code": (
        Case(LETTERS, "pandas.Categorical", "codes", np.array([-1, 1, 0], dtype=np.int8)),
        [np.nan, "b", "a"],
    ),
    "codes that are wider than needed": (
        Case(LETTERS, "pandas.Categorical", "codes", np.array([1, 1, 0], dtype=np.int64)),
        ["b", "b", "a"],
    ),
    "no codes": (Case(LETTERS, "pandas.Categorical", "codes", np.array([], dtype=np.int8)), []),
    "a sparse array that ends with its last index": (
        Case(SPARSE, f"{ARRAYS}SparseArray", "indices", np.array([0, 3], dtype=np.int32)),
        [np.int64(1), 0, 0, np.int64(2)],
    ),
    "a mask where nothing is missing": (
        Case(NULLABLE, f"{ARRAYS}IntegerArray", "missing", np.zeros(2, dtype=bool)),
        [np.int64(1), np.int64(0)],
    ),
    "texts where everything is missing": (
        Case(TEXTS, f"{ARRAYS}StringArray", "missing", np.ones(2, dtype=bool)),
        [pd.NA, pd.NA],
    ),
    "intervals that are points": (
        Case(INTERVALS, f"{ARRAYS}IntervalArray", "right", Other(pd.Index([0, 1]))),
        [pd.Interval(0, 0), pd.Interval(1, 1)],
    ),
    "levels with a gap": (Case(LEVELS, "pandas.MultiIndex", "codes", _codes(-1, 1)), [("a", np.nan), ("b", 2.0)]),
    "blocks in another order": (_positions(np.array([2, 1]), np.array([0])), ["a", "b", "c"]),
}


@pytest.mark.parametrize("name", HONEST)
def test_a_state_at_the_border_of_the_rules_is_accepted(name: str):
    case, expected = HONEST[name]

    restored = accept_state(case)

    assert str(list(restored)) == str(expected)


@pytest.mark.parametrize("n_missing", [0, 1, 3])
def test_a_long_sparse_array_is_as_small_as_what_it_stores(n_missing: int):
    state = Case(
        pd.arrays.SparseArray([0.0] * 9 + [1.0] * n_missing, fill_value=0.0),
        f"{ARRAYS}SparseArray",
        "length",
        (1 << 31) - 1,
    )

    restored = accept_state(state)

    assert (len(restored), len(restored.sp_values)) == ((1 << 31) - 1, n_missing)


@pytest.mark.parametrize("step", [1, -1, (1 << 62) - 1], ids=["up", "down", "one step"])
def test_a_range_keeps_the_largest_ends(step: int):
    limit = (1 << 62) - 1
    index = pd.RangeIndex(-limit, limit, step, name="n")

    restored = bring_back(index)

    assert (restored.start, restored.stop, restored.step, restored.name) == (-limit, limit, step, "n")


@pytest.mark.parametrize("n_rows", [0, 1])
def test_a_frame_without_items_keeps_the_dtypes_of_its_columns(n_rows: int):
    frame = pd.DataFrame({"a": PERIODS, "b": INTERVALS, "c": DURATIONS, "d": PLAIN_MOMENTS}).iloc[:n_rows]

    assert bring_back(frame).dtypes.tolist() == frame.dtypes.tolist()
