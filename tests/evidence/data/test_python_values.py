"""Python's own values have a logical type in common, or the reason is told why they have none."""

from __future__ import annotations

import datetime
import decimal
import enum
import math
import sys
import zoneinfo
from typing import Any

import numpy as np
import pandas as pd
import pytest

from hermetic.errors import UsageError
from hermetic.evidence.data.python_values import is_missing, type_of_objects, values_of_objects, zone_name

BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
UNUSUAL_OFFSET = datetime.timezone(datetime.timedelta(hours=5, minutes=30, seconds=7))


class Text(str):
    """A text of a class of its own."""


class Colour(enum.IntEnum):
    """A whole number of a class of its own."""

    RED = 1


TYPES: dict[str, tuple[list[Any], str]] = {
    "nothing": ([], "missing"),
    "only None": ([None, None], "missing"),
    "only NA": ([pd.NA, pd.NaT, None], "missing"),
    "NaN tells that they were numbers": ([None, math.nan], "float64"),
    "whole numbers": ([1, -1], "int64"),
    "whole numbers with a gap": ([1, None], "int64"),
    "the least and the largest": ([-(2**63), 2**63 - 1], "int64"),
    "beyond the signed ones": ([0, 2**63], "uint64"),
    "the largest of all": ([2**64 - 1], "uint64"),
    "whole numbers of an enumeration": ([Colour.RED, 2], "int64"),
    "whole numbers of numpy": ([np.int8(1), np.uint64(2)], "int64"),
    "fractions and whole numbers": ([1, 2.5], "float64"),
    "fractions of numpy": ([np.float32(1.5), np.float16(2)], "float64"),
    "whole numbers and NaN": ([1, math.nan], "int64"),
    "switches": ([True, None, False], "bool"),
    "switches of numpy": ([np.bool_(True)], "bool"),
    "texts": (["a", None, math.nan, pd.NA], "text"),
    "texts of a class of their own": ([Text("a"), "b"], "text"),
    "texts of numpy": ([np.str_("a")], "text"),
    "bytes": ([b"a", np.bytes_(b"b")], "bytes"),
    "days": ([datetime.date(2020, 2, 29)], "date"),
    "times": ([datetime.time(5)], "time[us]"),
    "lengths": ([datetime.timedelta(1), pd.NaT], "duration[us]"),
    "lengths of numpy": ([np.timedelta64(1, "s")], "duration[us]"),
    "moments": ([datetime.datetime(2020, 1, 1), pd.NaT], "timestamp[us]"),
    "moments of UTC": ([datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)], "timestamp[us, UTC]"),
    "moments of a place": ([datetime.datetime(2020, 1, 1, tzinfo=BERLIN)], "timestamp[us, Europe/Berlin]"),
    "an offset with seconds": (
        [datetime.datetime(2020, 1, 1, tzinfo=UNUSUAL_OFFSET)],
        "timestamp[us, UTC+05:30:07]",
    ),
    "decimals": ([decimal.Decimal("1.5"), None], "decimal"),
    "lists": ([[1], []], "json"),
    "dictionaries": ([{"a": 1}, None], "json"),
}


@pytest.mark.parametrize("which", TYPES)
def test_values_have_the_type_that_all_of_them_have(which: str):
    values, expected = TYPES[which]
    assert type_of_objects(values) == expected


@pytest.mark.parametrize("which", TYPES)
def test_the_values_are_as_many_as_were_given_and_missing_ones_are_told(which: str):
    given, type_ = TYPES[which]
    found = values_of_objects(given, type_)
    assert len(found.content) == len(given)
    absent = [is_missing(value) for value in given]
    assert (found.is_missing.tolist() if found.is_missing is not None else [False] * len(given)) == absent
    assert (found.is_missing is None) == (not any(absent))


NO_TYPE: dict[str, tuple[list[Any], str]] = {
    "numbers and texts": ([1, "a"], "int and str"),
    "texts and bytes": (["a", b"a"], "bytes and str"),
    "switches and numbers": ([True, 2], "bool and int"),
    "decimals and numbers": ([decimal.Decimal(1), 1], "Decimal and int"),
    "days and moments": ([datetime.date(2020, 1, 1), datetime.datetime(2020, 1, 1)], "date and datetime"),
    "sets": ([{1}], "values of set"),
    "complex numbers": ([1j], "values of complex"),
    "bytes that change": ([bytearray(b"a")], "values of bytearray"),
    "an array": ([np.zeros(3)], "values of ndarray"),
    "arrays of one number": ([np.zeros(1), np.zeros((1, 1))], "values of ndarray"),
    "moments of numpy": ([np.datetime64("2020-01-01T05", "us")], "values of datetime64"),
    "nanoseconds of numpy": ([np.datetime64(1, "ns")], "values of datetime64"),
    "days of numpy": ([np.datetime64("2020-01-01")], "values of datetime64"),
    "lengths of nanoseconds": ([np.timedelta64(1, "ns")], "values of timedelta64"),
    "a number beyond 64 bits": ([2**64], "fit into no type of 64 bits"),
    "a number below 64 bits": ([-(2**63) - 1], "fit into no type of 64 bits"),
    "too wide a span": ([-1, 2**63], "from -1 to 9223372036854775808"),
    "a number that Python does not write": ([10**5_000], "a number of 16,610 bits"),
    "two zones": (
        [datetime.datetime(2020, 1, 1, tzinfo=BERLIN), datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)],
        "2 time zones",
    ),
}


@pytest.mark.parametrize("which", NO_TYPE)
def test_values_without_a_common_type_say_which_they_are(which: str):
    values, words = NO_TYPE[which]
    with pytest.raises(UsageError, match=words):
        type_of_objects(values)


TOO_LARGE: dict[str, tuple[list[Any], str]] = {
    "a whole number among fractions": ([0.5, 2**2_000], "float64"),
    "the longest length": ([datetime.timedelta.max], "duration[us]"),
    "the shortest length": ([datetime.timedelta.min], "duration[us]"),
}


@pytest.mark.parametrize("which", TOO_LARGE)
def test_a_value_that_its_type_cannot_hold_is_told(which: str):
    values, type_ = TOO_LARGE[which]
    assert type_of_objects(values) == type_
    with pytest.raises(UsageError, match="too large for it"):
        values_of_objects(values, type_)


NUMBERS: dict[str, tuple[list[Any], str, list[Any]]] = {
    "the first and the last day": ([datetime.date.min, datetime.date.max], "date", [-719_162, 2_932_896]),
    "the day of 1970": ([datetime.date(1970, 1, 1), datetime.date(1969, 12, 31)], "date", [0, -1]),
    "the last moment of a day": ([datetime.time.max], "time[us]", [86_399_999_999]),
    "before 1970": ([datetime.datetime(1969, 12, 31, 23, 59, 59, 999_999)], "timestamp[us]", [-1]),
    "a negative length": ([datetime.timedelta(microseconds=-1)], "duration[us]", [-1]),
    "two o'clock, the first time": (
        [datetime.datetime(2020, 10, 25, 2, 30, tzinfo=BERLIN)],
        "timestamp[us, Europe/Berlin]",
        [1_603_585_800_000_000],
    ),
    "two o'clock, the second time": (
        [datetime.datetime(2020, 10, 25, 2, 30, tzinfo=BERLIN, fold=1)],
        "timestamp[us, Europe/Berlin]",
        [1_603_589_400_000_000],
    ),
    "the first moment, far in the east": (
        [datetime.datetime.min.replace(tzinfo=datetime.timezone(datetime.timedelta(hours=14)))],
        "timestamp[us, UTC+14:00]",
        [-62_135_647_200_000_000],
    ),
}


@pytest.mark.parametrize("which", NUMBERS)
def test_moments_days_and_lengths_are_whole_numbers_of_their_unit(which: str):
    values, type_, expected = NUMBERS[which]
    assert type_of_objects(values) == type_
    found = values_of_objects(values, type_).content
    assert (found.dtype, found.tolist()) == (np.dtype("int64"), expected)


DECIMALS = [
    ("1.50", "1.5"),
    ("-0", "0"),
    ("-0.00", "0"),
    ("1E+2", "100"),
    ("100", "100"),
    ("1E-7", "0.0000001"),
    ("123456789012345678901234567890.10", "123456789012345678901234567890.1"),
    ("Infinity", "Infinity"),
]


@pytest.mark.parametrize(("given", "expected"), DECIMALS)
def test_a_decimal_counts_by_its_value_whatever_the_precision_of_the_thread(given: str, expected: str):
    with decimal.localcontext(prec=3):
        assert values_of_objects([decimal.Decimal(given)], "decimal").content == [expected]


def test_lists_and_dictionaries_are_texts_with_their_keys_in_order():
    found = values_of_objects([{"b": [1, None], "a": "ü"}, None, (1.5, True)], "json")
    assert found.content == ['{"a":"ü","b":[1,null]}', None, "[1.5,true]"]
    assert found.is_missing.tolist() == [False, True, False]


CIRCLE: list[Any] = []
CIRCLE.append(CIRCLE)
NO_JSON: dict[str, Any] = {
    "an object": [object()],
    "a set": {"a": {1}},
    "a circle": CIRCLE,
    "keys of two kinds": {1: 1, "a": 2},
    "a key that is a tuple": {(1, 2): 3},
}


@pytest.mark.parametrize("which", NO_JSON)
def test_a_row_that_is_no_plain_value_is_told(which: str):
    with pytest.raises(UsageError, match="what is no plain value"):
        values_of_objects([NO_JSON[which]], "json")


@pytest.mark.parametrize("value", [None, math.nan, np.nan, np.float32("nan").item(), pd.NA, pd.NaT])
def test_every_mark_of_a_missing_value_is_known(value: Any):
    assert is_missing(value)


@pytest.mark.parametrize("value", [0, 0.0, "", b"", False, "nan", "None", math.inf, sys.maxsize, [], {}])
def test_nothing_else_is_missing(value: Any):
    assert not is_missing(value)


@pytest.mark.parametrize("name", ["UTC", "utc", "Etc/UTC", "+00:00", "UTC+00:00", "tzutc()"])
def test_utc_has_one_name(name: str):
    assert zone_name(name) == "UTC"
    assert zone_name(datetime.UTC) == "UTC"


@pytest.mark.parametrize("name", ["Europe/London", "GMT", "+01:00", "Africa/Abidjan"])
def test_a_zone_that_only_agrees_with_utc_keeps_its_name(name: str):
    assert zone_name(name) == name


@pytest.mark.parametrize("mark", [None, math.nan])
def test_a_missing_text_is_not_an_empty_one(mark: Any):
    found = values_of_objects(["a", mark, ""], "text")
    assert found.content == ["a", None, ""]
    assert found.is_missing.tolist() == [False, True, False]
