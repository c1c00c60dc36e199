"""Single values, offsets and dtypes of pandas in legacy files: the forms of pandas 1, 2 and 3, and hostile ones."""

from __future__ import annotations

import datetime
import zoneinfo
from typing import Any

import numpy as np
import pandas
import pyarrow
import pytest

import hermetic
from hermetic.errors import FileError
from tests.legacy_pickles import PROTOCOLS, Made, Named, adopted_fields, assert_like_live, new, problem_of, written

OFFSETS = "pandas._libs.tslibs.offsets"
UTC = Made("datetime:timezone", (Made("datetime:timedelta", (0, 0, 0)),))

VALUES = {
    "missing": [pandas.NA, pandas.NaT, pandas.NA],
    "moment": pandas.Timestamp("2020-02-29 12:30:00.000000001"),
    "moment-seconds": pandas.Timestamp("2020-02-29").as_unit("s"),
    "moment-zone": pandas.Timestamp("2020-10-25 01:30", tz="Europe/Oslo"),
    "moment-utc": pandas.Timestamp("2020-10-25 02:30", tz="UTC"),
    "moment-fixed": pandas.Timestamp("2020-10-25", tz=datetime.timezone(datetime.timedelta(hours=-3), "BRT")),
    "durations": [pandas.Timedelta(-1, "ns"), pandas.Timedelta("3 days").as_unit("s")],
    "periods": [pandas.Period("2020-03", "M"), pandas.Period("2020-01-01", "D"), pandas.Period("2020", "Y-MAR")],
    "intervals": [pandas.Interval(0, 1, "both"), pandas.Interval(pandas.Timestamp(0), pandas.Timestamp(1))],
    "moments-in-a-dictionary": {"first": pandas.Timestamp(0), "second": pandas.Timestamp(0, tz="UTC")},
}
OFFSET_VALUES = {
    "Day": pandas.offsets.Day(2),
    "Minute": pandas.offsets.Minute(-30),
    "Nano": pandas.offsets.Nano(5),
    "Week": pandas.offsets.Week(),
    "Week-weekday": pandas.offsets.Week(3, weekday=6),
    "WeekOfMonth": pandas.offsets.WeekOfMonth(week=1, weekday=2),
    "LastWeekOfMonth": pandas.offsets.LastWeekOfMonth(weekday=4),
    "MonthEnd-normalize": pandas.offsets.MonthEnd(2, normalize=True),
    "SemiMonthBegin": pandas.offsets.SemiMonthBegin(day_of_month=10),
    "QuarterEnd": pandas.offsets.QuarterEnd(startingMonth=11),
    "BQuarterBegin": pandas.offsets.BQuarterBegin(startingMonth=2),
    "YearBegin": pandas.offsets.YearBegin(month=4),
    "BusinessDay": pandas.offsets.BusinessDay(3),
    "Easter": pandas.offsets.Easter(),
    "FY5253": pandas.offsets.FY5253(weekday=1, startingMonth=3, variation="last"),
    "FY5253Quarter": pandas.offsets.FY5253Quarter(
        weekday=1, startingMonth=3, qtr_with_extra_week=2, variation="nearest"
    ),
    "DateOffset": pandas.DateOffset(2, months=3, day=1, normalize=True),
    "DateOffset-hours": pandas.DateOffset(hours=2),
    "DateOffset-plain": pandas.DateOffset(3),
}
DTYPES = {
    "category": pandas.CategoricalDtype([3, 1, 2], ordered=True),
    "category-open": pandas.CategoricalDtype(),
    "zone": pandas.DatetimeTZDtype("ms", zoneinfo.ZoneInfo("Asia/Kathmandu")),
    "interval": pandas.IntervalDtype("int64", closed="both"),
    "sparse": pandas.SparseDtype("float64", 1.5),
    "arrow-list": pandas.ArrowDtype(pyarrow.list_(pyarrow.list_(pyarrow.int8()))),
    "arrow-date": pandas.ArrowDtype(pyarrow.date32()),
    "arrow-duration": pandas.ArrowDtype(pyarrow.duration("ms")),
    "arrow-time": pandas.ArrowDtype(pyarrow.time64("ns")),
    "arrow-moment": pandas.ArrowDtype(pyarrow.timestamp("s")),
    "nullable": [pandas.UInt8Dtype(), pandas.Float64Dtype(), pandas.BooleanDtype()],
    "text": [pandas.StringDtype("python", na_value=np.nan), pandas.StringDtype("pyarrow")],
}


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("name", VALUES)
def test_a_value_is_what_the_unpickler_makes(name: str, protocol: int) -> None:
    assert_like_live(VALUES[name], protocol)


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("name", OFFSET_VALUES)
def test_an_offset_is_what_the_unpickler_makes(name: str, protocol: int) -> None:
    loaded = assert_like_live(OFFSET_VALUES[name], protocol)
    assert loaded == OFFSET_VALUES[name]


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("name", DTYPES)
def test_a_dtype_is_what_the_unpickler_makes(name: str, protocol: int) -> None:
    assert_like_live(DTYPES[name], protocol)


@pytest.mark.parametrize(
    "frequency", ["2D", "h", "5min", "s", "ms", "us", "ns", "W-SUN", "W-MON", "M", "3M", "Q-DEC", "Q-FEB", "Y-MAR"]
)
def test_a_dtype_of_periods_is_read_from_its_name(frequency: str) -> None:
    loaded = assert_like_live(pandas.PeriodDtype(frequency), 4)
    assert loaded == pandas.PeriodDtype(frequency)


@pytest.mark.parametrize(
    ("old", "expected"),
    [
        ("A-DEC", ("YearEnd", 1, "month", 12)),
        ("A", ("YearEnd", 1, "month", 12)),
        ("H", ("Hour", 1)),
        ("2T", ("Minute", 2)),
        ("S", ("Second", 1)),
        ("L", ("Milli", 1)),
        ("U", ("Micro", 1)),
        ("N", ("Nano", 1)),
        ("W", ("Week", 1, "weekday", 6)),
        ("B", ("BusinessDay", 1)),
    ],
)
def test_a_dtype_of_periods_may_have_the_letters_of_pandas_1(old: str, expected: tuple[Any, ...]) -> None:
    made = Made("pandas.core.dtypes.dtypes:PeriodDtype", (f"period[{old}]",))
    assert adopted_fields(made) == {"frequency": expected}


def test_a_dtype_of_periods_may_have_its_offset_in_the_state() -> None:
    made = Made("pandas.core.dtypes.dtypes:PeriodDtype", (Made(f"{OFFSETS}:MonthEnd", (1, False)),))
    assert adopted_fields(made)["frequency"] == ("MonthEnd", 1)
    made = new("pandas.core.dtypes.dtypes:PeriodDtype", {"freq": Made(f"{OFFSETS}:MonthEnd", (1, False))})
    assert adopted_fields(made) == {"frequency": ("MonthEnd", 1)}


@pytest.mark.parametrize("text", ["period[]", "period[0x1D]", "period[Q-XXX]", "D", "period[D", 3, None])
def test_a_dtype_of_periods_with_another_name_is_refused(text: Any) -> None:
    assert problem_of(Made("pandas:PeriodDtype", (text,)))


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (Made("pandas:StringDtype", ("python",)), {"storage": "python", "missing": "NA"}),
        (new("pandas.core.arrays.string_:StringDtype", {}), {"storage": "python", "missing": "NA"}),
        (
            new("pandas.core.arrays.string_:StringDtype", {"storage": "pyarrow"}),
            {"storage": "pyarrow", "missing": "NA"},
        ),
        (Made("pandas:StringDtype", ("pyarrow_numpy",)), {"storage": "pyarrow", "missing": "nan"}),
        (Made("pandas:StringDtype", ("pyarrow", float("nan"))), {"storage": "pyarrow", "missing": "nan"}),
        (Made("pandas:StringDtype", ("python", Named("pandas:NA"))), {"storage": "python", "missing": "NA"}),
        (
            Made("pandas:StringDtype", ("python", Named("pandas._libs.missing:NA"))),
            {"storage": "python", "missing": "NA"},
        ),
    ],
)
def test_a_dtype_of_texts_is_read_in_the_forms_of_all_releases(made: Made, expected: dict[str, Any]) -> None:
    assert adopted_fields(made) == expected


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (Made("pandas._libs.tslibs.timestamps:Timestamp", (7, None, None)), {"value": 7, "unit": "ns"}),
        (Made("pandas:Timestamp", (7, None, UTC)), {"value": 7, "unit": "ns", "zone": "utc"}),
        (
            Made("pandas:Timestamp", (7, None, Made("pytz:_UTC"))),
            {"value": 7, "unit": "ns", "zone": "pytz:UTC"},
        ),
        (
            Made("pandas:Timestamp", (7, None, Made("pytz:_p", ("Europe/Oslo", 3600, 0, "CET")))),
            {"value": 7, "unit": "ns", "zone": "pytz:Europe/Oslo"},
        ),
        (
            Made("pandas._libs.tslibs.timestamps:_unpickle_timestamp", (7, None, None, 8)),
            {"value": 7, "unit": "ms"},
        ),
        (Made("pandas._libs.tslibs.timedeltas:Timedelta", (7,)), {"value": 7, "unit": "ns"}),
        (Made("pandas._libs.tslibs.timedeltas:_timedelta_unpickle", (7, 9)), {"value": 7, "unit": "us"}),
        (Made("pandas._libs.tslibs.nattype:_nat_unpickle", (None,)), {}),
        (Made("pandas._libs.tslib:__nat_unpickle", (None,)), {}),
        (Made("pandas._libs.interval:Interval", (0, 1, "left")), {"left": 0, "right": 1, "closed": "left"}),
        (
            Made("pandas._libs.tslibs.period:Period", (None, Made(f"{OFFSETS}:Day", (1, False)), 5)),
            {"ordinal": 5, "frequency": ("Day", 1)},
        ),
        (new("pandas.tseries.offsets:Day", {"n": 2, "normalize": False}), {"n": 2}),
        (new("pandas.tseries.offsets:Week", {"n": 1, "normalize": True}), {"n": 1, "parameters": {"normalize": True}}),
    ],
)
def test_the_forms_of_older_releases_are_read(made: Made, expected: dict[str, Any]) -> None:
    assert adopted_fields(made) == expected


HOSTILE = {
    "moment without arguments": Made("pandas:Timestamp"),
    "moment of a text": Made("pandas:Timestamp", ("2020", None, None)),
    "moment with a unit of the file's own": Made(
        "pandas._libs.tslibs.timestamps:_unpickle_timestamp", (7, None, None, 3)
    ),
    "moment with a list as unit": Made("pandas._libs.tslibs.timestamps:_unpickle_timestamp", (7, None, None, [])),
    "moment in a zone of dateutil": Made("pandas:Timestamp", (7, None, Made("dateutil.tz:tzfile", ("/etc/passwd",)))),
    "moment in a zone without a name": Made("pandas:Timestamp", (7, None, Made("pytz:_p", ()))),
    "moment in a zone that is a number": Made("pandas:Timestamp", (7, None, 3)),
    "moment in a zone of a wide offset": Made(
        "pandas:Timestamp", (7, None, Made("datetime:timezone", (Made("datetime:timedelta", (10**9, 0, 0)),)))
    ),
    "duration of many": Made("pandas:Timedelta", (1, 2, 3, 4)),
    "period without a number": Made("pandas:Period", (None, Made(f"{OFFSETS}:Day", (1, False)), "x")),
    "period of a call": Made("pandas:Period", (None, Made("os:system", ("true",)), 1)),
    "interval of two": Made("pandas:Interval", (1, 2)),
    "offset with too many arguments": Made(f"{OFFSETS}:Day", (1, False, 3, 4)),
    "offset with a parameter of text": Made(f"{OFFSETS}:Week", (1, False, "monday")),
    "offset with a huge parameter": Made(f"{OFFSETS}:Week", (1, False, 1 << 40)),
    "offset with an attribute of its own": new(f"{OFFSETS}:Day", {"n": 1, "onOffset": 3}),
    "offset with a state that is a list": new(f"{OFFSETS}:Day", [1, 2]),
    "business day with a shift": Made(f"{OFFSETS}:BusinessDay", (1, False, Made("datetime:timedelta", (0, 60, 0)))),
    "dtype of texts in another storage": Made("pandas:StringDtype", ("disk",)),
    "dtype of moments without a zone": new("pandas:DatetimeTZDtype", {"unit": "ns"}),
    "dtype of moments without a state": new("pandas:DatetimeTZDtype"),
    "dtype with arguments": Made("pandas:SparseDtype", (1, 2), is_new=True),
    "dtype of pyarrow structs": new("pandas:ArrowDtype", {"pyarrow_dtype": Made("pyarrow.lib:struct", ([],))}),
    "dtype of a call": new("pandas:ArrowDtype", {"pyarrow_dtype": Made("os:system", ("true",))}),
    "dtype of nothing": new("pandas:ArrowDtype", {"pyarrow_dtype": None}),
    "dtype without its parts": new("pandas:IntervalDtype", {}),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_form_that_pandas_does_not_write_is_refused(name: str) -> None:
    assert problem_of(HOSTILE[name])


@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_with_such_a_form_does_not_load(name: str) -> None:
    with pytest.raises(FileError):
        hermetic.loads(written(HOSTILE[name]))


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (Made("pandas:Timestamp", (1 << 70, None, None)), "not a pandas.Timestamp"),
        (Made("pandas:Period", (None, Made(f"{OFFSETS}:Day", (1 << 40, False)), 1)), "not a date offset"),
        (Made("pandas:Period", (None, None, 1)), "not a period"),
        (Made("pandas:Interval", (2, 1, "left")), "left side of interval"),
        (Made("pandas:Interval", (1, 2, "nothing")), "invalid option for 'closed'"),
    ],
)
def test_values_out_of_range_are_refused_by_the_gates_behind(made: Made, reason: str) -> None:
    with pytest.raises(FileError, match=reason):
        hermetic.loads(written(made))


def test_the_missing_value_is_the_one_object_wherever_the_file_names_it() -> None:
    data = written([Named("pandas:NA"), Named("pandas._libs.missing:NA"), {"a": Named("pandas:NA")}])
    loaded = hermetic.loads(data)
    assert loaded[0] is loaded[1] is loaded[2]["a"] is pandas.NA
