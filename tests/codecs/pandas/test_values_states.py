"""States of single values of pandas, its dtypes, offsets and arrow columns: what breaks a rule, what keeps it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import hermetic
from hermetic.codecs.pandas.arrow import arrow_type_from_description, describe_arrow_type
from hermetic.codecs.pandas.offsets import describe_frequency, frequency_from_description
from hermetic.errors import CannotSave, InvalidState
from tests.codecs.hostile import bring_back
from tests.codecs.states import GONE, Case, Other, accept_state, refuse_state

ARROW = "pandas.arrays.ArrowExtensionArray"


def _arrow(values: list[Any], arrow_type: Any) -> Any:
    return pd.array(values, dtype=pd.ArrowDtype(arrow_type))


INTEGERS = _arrow([1, None], pa.int64())
WORDS = _arrow(["a", None], pa.string())
DECIMALS = _arrow([1, None], pa.decimal128(4, 2))
DATES = _arrow([pd.Timestamp("2020").date()], pa.date32())
LISTS = _arrow([[1], None, [2, 3]], pa.list_(pa.int64()))
OTHER_ITEMS = _arrow([1, 2, 3], pa.int32())
NO_TYPE = "not a type of pyarrow"

HOSTILE_ARROW: dict[str, Case] = {
    "gaps of integers": Case(INTEGERS, ARROW, "missing", np.zeros(2, dtype="i1"), "must be a bool array of one"),
    "gaps in two dimensions": Case(INTEGERS, ARROW, "missing", np.zeros((2, 1), dtype=bool), "a bool array of one"),
    "gaps in a list": Case(INTEGERS, ARROW, "missing", Other([True, False]), "must be a bool array of one dimension"),
    "gaps of another length": Case(INTEGERS, ARROW, "missing", np.zeros(3, dtype=bool)),
    "words with gaps of another length": Case(WORDS, ARROW, "missing", np.zeros(3, dtype=bool), "cannot be made"),
    "numbers of another dtype": Case(INTEGERS, ARROW, "values", np.zeros(2, "i4"), "a int64 array of one dimension"),
    "numbers of another byte order": Case(INTEGERS, ARROW, "values", np.zeros(2, ">i8"), "a int64 array of one"),
    "numbers in two dimensions": Case(INTEGERS, ARROW, "values", np.zeros((2, 1), "i8"), "a int64 array of one"),
    "numbers in a list": Case(INTEGERS, ARROW, "values", Other([1, 2]), "a int64 array of one dimension"),
    "days of 64 bits": Case(DATES, ARROW, "values", np.zeros(1, "i8"), "a int32 array of one dimension"),
    "numbers with lengths": Case(INTEGERS, ARROW, "lengths", Other(np.array([1, 1])), "only lists have lengths"),
    "numbers called texts": Case(INTEGERS, ARROW, "type", {"tuple": ["string"]}, "must be a list of texts"),
    "numbers called moments of halves": Case(INTEGERS, ARROW, "type", {"tuple": ["timestamp", "m"]}, NO_TYPE),
    "numbers called records": Case(INTEGERS, ARROW, "type", {"tuple": ["struct"]}, NO_TYPE),
    "a type in a list": Case(INTEGERS, ARROW, "type", Other(["int64"]), NO_TYPE),
    "a type that is a text": Case(INTEGERS, ARROW, "type", "int64", NO_TYPE),
    "no type": Case(INTEGERS, ARROW, "type", GONE, r"lacks the fields \['type'\]"),
    "words of numbers": Case(WORDS, ARROW, "values", Other(["a", 1]), "must be a list of texts"),
    "words in a tuple": Case(WORDS, ARROW, "values", {"tuple": ["a", "b"]}, "must be a list of texts"),
    "words in one text": Case(WORDS, ARROW, "values", "ab", "must be a list of texts"),
    "decimals of letters": Case(DECIMALS, ARROW, "values", Other(["one", ""]), "cannot be made"),
    "decimals of numbers": Case(DECIMALS, ARROW, "values", Other([1, 2]), "must be a list of texts"),
    "decimals that are too long": Case(DECIMALS, ARROW, "values", Other(["123.45", ""]), "cannot be made"),
    "decimals that are too fine": Case(DECIMALS, ARROW, "values", Other(["1.234", ""]), "cannot be made"),
    "decimals without digits": Case(DECIMALS, ARROW, "type", {"tuple": ["decimal128", 0, 0]}, "cannot be made"),
    "decimals of too many digits": Case(DECIMALS, ARROW, "type", {"tuple": ["decimal128", 39, 2]}, "cannot be made"),
    "decimals of a text of digits": Case(DECIMALS, ARROW, "type", {"tuple": ["decimal128", "4", 2]}, NO_TYPE),
    "lists without lengths": Case(LISTS, ARROW, "lengths", GONE, "only lists have lengths"),
    "lists of short lengths": Case(LISTS, ARROW, "lengths", Other(np.array([1, 0, 2], "i4")), "must be an int64 array"),
    "lists of lengths in two dimensions": Case(LISTS, ARROW, "lengths", Other(np.array([[1, 0, 2]])), "an int64 array"),
    "lists of negative length": Case(LISTS, ARROW, "lengths", Other(np.array([2, -1, 2])), "each 0 or more"),
    "lists of too few items": Case(
        LISTS, ARROW, "lengths", Other(np.array([1, 0, 3])), "lists of 4 items in all, but .* 3"
    ),
    "lists of too many items": Case(
        LISTS, ARROW, "lengths", Other(np.array([1, 0, 1])), "lists of 2 items in all, but .* 3"
    ),
    "lists of huge items": Case(
        LISTS,
        ARROW,
        "lengths",
        Other(np.array([(1 << 63) - 1, (1 << 63) - 1, 5])),
        "lists of 18446744073709551619 items",
    ),
    "lists of other items": Case(LISTS, ARROW, "values", Other(OTHER_ITEMS), "must be an array of their type"),
    "lists of plain numbers": Case(LISTS, ARROW, "values", Other(np.arange(3)), "must be an array of their type"),
    "lists with too few gaps": Case(LISTS, ARROW, "missing", Other(np.zeros(2, dtype=bool)), "."),
}


@pytest.mark.parametrize("name", HOSTILE_ARROW)
def test_an_arrow_array_that_breaks_a_rule_is_refused(name: str):
    refuse_state(HOSTILE_ARROW[name])


@pytest.mark.parametrize("scale", [-38, 0, 38])
def test_decimals_keep_the_most_digits_that_arrow_has(scale: int):
    value = pd.ArrowDtype(pa.decimal128(38, scale))
    assert bring_back(value) == value


@pytest.mark.parametrize("depth", [1, 8])
def test_lists_in_lists_come_back_to_their_depth(depth: int):
    arrow_type: Any = pa.int8()
    for _ in range(depth):
        arrow_type = pa.list_(arrow_type)

    description = describe_arrow_type(arrow_type)

    assert description == ("list",) * depth + ("int8",)
    assert arrow_type_from_description(description) == arrow_type


@pytest.mark.parametrize("words", [("list",) * 12 + ("int8",), ("int8", "list"), ("list", "struct"), ("bool", 1)])
def test_lists_that_are_too_deep_or_of_nothing_are_refused(words: tuple[Any, ...]):
    with pytest.raises(InvalidState, match=NO_TYPE):
        arrow_type_from_description(words)


def test_lists_deeper_than_a_file_holds_are_refused_at_dump():
    arrow_type: Any = pa.int8()
    for _ in range(9):
        arrow_type = pa.list_(arrow_type)
    with pytest.raises(CannotSave, match="no place in a file"):
        hermetic.dumps(pd.ArrowDtype(arrow_type))


@pytest.mark.parametrize(
    "arrow_type",
    [pa.list_(pa.field("item", pa.int8(), nullable=False)), pa.list_(pa.int8(), 2), pa.large_list(pa.int8())],
    ids=["without gaps", "of one length", "with long offsets"],
)
def test_lists_of_a_special_kind_are_refused_at_dump(arrow_type: Any):
    with pytest.raises(CannotSave, match="no place in a file"):
        describe_arrow_type(arrow_type)


@pytest.mark.parametrize("zone", ["A" * 64, "Etc/GMT+1", "+01:30"], ids=["long", "name", "offset"])
def test_a_zone_of_arrow_that_has_few_signs_is_a_type(zone: str):
    assert arrow_type_from_description(("timestamp", "ns", zone)).tz == zone


@pytest.mark.parametrize("zone", ["A" * 65, "", "a\n", "Oslo;", None, 1], ids=repr)
def test_a_zone_of_arrow_with_other_signs_is_refused(zone: Any):
    with pytest.raises(InvalidState, match=NO_TYPE):
        arrow_type_from_description(("timestamp", "ns", zone))


ZONED = pd.DatetimeTZDtype("us", "UTC")
HALVES = pd.IntervalDtype("float64", "left")
SPARSE = pd.SparseDtype("int64", 0)
LETTERS = pd.CategoricalDtype(["a", "b"], ordered=True)
EASTERS = {"tuple": ["Easter", 1]}
NO_UNIT = "not a unit of time in a zone"

HOSTILE_DTYPES: dict[str, Case] = {
    "a unit of days": Case(ZONED, "pandas.DatetimeTZDtype", "unit", "D", NO_UNIT),
    "a unit that is a number": Case(ZONED, "pandas.DatetimeTZDtype", "unit", 1, NO_UNIT),
    "no zone": Case(ZONED, "pandas.DatetimeTZDtype", "zone", None, NO_UNIT),
    "no field for a zone": Case(ZONED, "pandas.DatetimeTZDtype", "zone", GONE, "has the fields"),
    "intervals of unknown ends": Case(HALVES, "pandas.IntervalDtype", "closed", "open", "cannot be made"),
    "intervals of objects": Case(HALVES, "pandas.IntervalDtype", "subtype", "object", "cannot be made"),
    "intervals of nonsense": Case(HALVES, "pandas.IntervalDtype", "subtype", "f99", "cannot be made"),
    "periods that begin a month": Case(
        pd.PeriodDtype("M"), "pandas.PeriodDtype", "frequency", {"tuple": ["Easter", 1]}
    ),
    "periods of nobody": Case(
        pd.PeriodDtype("M"), "pandas.PeriodDtype", "frequency", {"tuple": ["system", 1]}, "not a frequency"
    ),
    "a sparse dtype of pandas": Case(SPARSE, "pandas.SparseDtype", "subtype", Other(pd.Int64Dtype()), "a numpy dtype"),
    "a sparse dtype of a list": Case(SPARSE, "pandas.SparseDtype", "fill_value", Other([1]), "cannot be made"),
    "a sparse dtype with a unit": Case(SPARSE, "pandas.SparseDtype", "unit", "s", "has (the|un)"),
    "categories in an array": Case(
        LETTERS, "pandas.CategoricalDtype", "categories", Other(np.arange(2)), "categories are an index or None"
    ),
    "categories in a text's order": Case(LETTERS, "pandas.CategoricalDtype", "ordered", "up", "are an index or None"),
    "categories in the order of 1": Case(LETTERS, "pandas.CategoricalDtype", "ordered", 1, "cannot be made"),
    "categories twice": Case(LETTERS, "pandas.CategoricalDtype", "categories", Other(pd.Index([1, 1])), "unique"),
    "an arrow dtype of records": Case(
        pd.ArrowDtype(pa.int8()), "pandas.ArrowDtype", "type", {"tuple": ["struct"]}, NO_TYPE
    ),
    "texts with an unknown gap": Case(
        pd.StringDtype("python"), "pandas.StringDtype", "missing", "None", "not a dtype of texts"
    ),
    "texts in a list": Case(
        pd.StringDtype("python"), "pandas.StringDtype", "storage", Other(["python"]), "not a dtype"
    ),
    "texts of arrow of old": Case(
        pd.StringDtype("python"), "pandas.StringDtype", "storage", "pyarrow_numpy", "not a dtype of texts"
    ),
}


@pytest.mark.parametrize("name", HOSTILE_DTYPES)
def test_a_dtype_that_breaks_a_rule_is_refused(name: str):
    refuse_state(HOSTILE_DTYPES[name])


MOMENT = pd.Timestamp("2020")
ZONED = pd.Timestamp("2020", tz="UTC")
FOLD = "the fold of a moment is told only where"
HOUR = pd.Timedelta("1h")
MONTH = pd.Period("2020-03", "M")
UNIT_INTERVAL = pd.Interval(0, 1)
WEEK = pd.offsets.Week(weekday=3)
INSTANT = "not a pandas.Time"
NO_OFFSET = "not a date offset"

HOSTILE_SCALARS: dict[str, Case] = {
    "a moment of truth": Case(MOMENT, "pandas.Timestamp", "value", True, INSTANT),
    "a moment of halves": Case(MOMENT, "pandas.Timestamp", "value", 0.5, INSTANT),
    "a moment beyond 64 bits": Case(MOMENT, "pandas.Timestamp", "value", {"int": hex(1 << 63)}, INSTANT),
    "a moment without unit": Case(MOMENT, "pandas.Timestamp", "unit", None, INSTANT),
    "a moment of units": Case(MOMENT, "pandas.Timestamp", "unit", "generic", INSTANT),
    "a moment that folds twice": Case(MOMENT, "pandas.Timestamp", "fold", 2, FOLD),
    "a moment that does not fold": Case(MOMENT, "pandas.Timestamp", "fold", 0, FOLD),
    "a moment that folds back": Case(MOMENT, "pandas.Timestamp", "fold", -1, FOLD),
    "a moment whose fold is true": Case(MOMENT, "pandas.Timestamp", "fold", True, FOLD),
    "a moment whose fold is a float": Case(MOMENT, "pandas.Timestamp", "fold", 1.0, FOLD),
    "a moment whose fold is missing": Case(MOMENT, "pandas.Timestamp", "fold", None, FOLD),
    "a moment with a zone that folds": Case(ZONED, "pandas.Timestamp", "fold", 1, FOLD),
    "a duration that folds": Case(HOUR, "pandas.Timedelta", "fold", 1, "a duration has no time zone"),
    "a duration that is missing": Case(HOUR, "pandas.Timedelta", "value", {"int": hex(-(1 << 63))}, INSTANT),
    "a duration of months": Case(HOUR, "pandas.Timedelta", "unit", "M", INSTANT),
    "a period of truth": Case(MONTH, "pandas.Period", "ordinal", True, "not a period: True"),
    "a period of text": Case(MONTH, "pandas.Period", "ordinal", "2020", "not a period: '2020'"),
    "a period without frequency": Case(MONTH, "pandas.Period", "frequency", None, "not a period"),
    "a period beyond 64 bits": Case(MONTH, "pandas.Period", "ordinal", {"int": hex(1 << 63)}, "cannot be made"),
    "a period in a list": Case(MONTH, "pandas.Period", "frequency", Other(["MonthEnd", 1]), "not a frequency"),
    "a period of Easters": Case(MONTH, "pandas.Period", "frequency", EASTERS),
    "an interval of texts": Case(UNIT_INTERVAL, "pandas.Interval", "left", "a", "cannot be made"),
    "an interval from a list": Case(UNIT_INTERVAL, "pandas.Interval", "right", Other([1]), "cannot be made"),
    "an interval from a moment": Case(UNIT_INTERVAL, "pandas.Interval", "left", Other(MOMENT), "cannot be made"),
    "an interval without ends": Case(UNIT_INTERVAL, "pandas.Interval", "closed", None, "cannot be made"),
    "a gap with a number": Case(pd.NA, "pandas.NA", "value", 1, r"unknown ones: \['value'\]"),
    "no moment with a number": Case(pd.NaT, "pandas.NaT", "value", 1, r"unknown ones: \['value'\]"),
    "an offset of truth": Case(WEEK, "pandas.offsets.Week", "n", True, NO_OFFSET),
    "an offset of halves": Case(WEEK, "pandas.offsets.Week", "n", 0.5, NO_OFFSET),
    "an offset one too far": Case(WEEK, "pandas.offsets.Week", "n", 1 << 31, NO_OFFSET),
    "an offset one too far back": Case(WEEK, "pandas.offsets.Week", "n", -(1 << 31), NO_OFFSET),
    "parameters in a list": Case(WEEK, "pandas.offsets.Week", "parameters", Other(["weekday"]), NO_OFFSET),
    "a parameter of text": Case(WEEK, "pandas.offsets.Week", "parameters", Other({"weekday": "x"}), "takes no"),
    "a parameter that is too large": Case(
        WEEK, "pandas.offsets.Week", "parameters", Other({"weekday": 1 << 31}), "takes no"
    ),
    "a parameter that does not normalize": Case(
        WEEK, "pandas.offsets.Week", "parameters", Other({"normalize": False}), "takes no 'normalize'=False"
    ),
    "a parameter of nobody": Case(WEEK, "pandas.offsets.Week", "parameters", Other({"offset": 1}), "takes no 'offset'"),
    "an unknown variation": Case(WEEK, "pandas.offsets.Week", "parameters", Other({"variation": "x"}), "takes no"),
    "a parameter of other offsets": Case(
        WEEK, "pandas.offsets.Week", "parameters", Other({"startingMonth": 2}), "cannot be made"
    ),
    "a weekday too many": Case(WEEK, "pandas.offsets.Week", "parameters", Other({"weekday": 7}), "cannot be made"),
    "a class as parameters": Case(WEEK, "pandas.offsets.Week", "parameters", None, NO_OFFSET),
}


@pytest.mark.parametrize("name", HOSTILE_SCALARS)
def test_a_single_value_that_breaks_a_rule_is_refused(name: str):
    refuse_state(HOSTILE_SCALARS[name])


@pytest.mark.parametrize("value", [(1 << 63) - 1, -(1 << 63) + 1, 0, -1])
def test_the_last_nanoseconds_of_pandas_are_durations(value: int):
    state = Case(HOUR.as_unit("ns"), "pandas.Timedelta", "value", value if abs(value) < 2**53 else {"int": hex(value)})
    assert accept_state(state).value == value


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_the_first_and_the_last_moment_come_back_in_their_unit(unit: str):
    for edge in (pd.Timestamp.min, pd.Timestamp.max):
        moment = edge.as_unit(unit)
        restored = bring_back(moment)
        assert (restored, restored.unit) == (moment, unit)


@pytest.mark.parametrize("n", [(1 << 31) - 1, -(1 << 31) + 1, 0])
def test_the_largest_offsets_come_back(n: int):
    assert bring_back(pd.offsets.MonthEnd(n)).n == n
    assert frequency_from_description(("MonthEnd", n)) == pd.offsets.MonthEnd(n)


@pytest.mark.parametrize(
    "offset",
    [
        pd.offsets.BusinessDay(offset=pd.Timedelta("1h")),
        pd.DateOffset(days=1 << 31),
        pd.DateOffset(days=0.5),
    ],
    ids=["shifted", "too far", "halves"],
)
def test_an_offset_that_small_integers_do_not_describe_is_refused_at_dump(offset: Any):
    with pytest.raises(CannotSave, match="which is no number"):
        describe_frequency(offset)


@pytest.mark.parametrize("variation", ["last", "nearest"])
def test_both_variations_of_a_fiscal_year_come_back(variation: str):
    offset = pd.offsets.FY5253(weekday=1, startingMonth=3, variation=variation)
    assert bring_back(offset).variation == variation
