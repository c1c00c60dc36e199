"""Indexes of pandas in legacy files: in the forms of pandas 1, 2 and 3, and hostile ones."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas
import pytest

import hermetic
from hermetic.errors import FileError
from tests.legacy_pickles import PROTOCOLS, Made, Named, adopted_fields, assert_like_live, problem_of, written

MAKE = "pandas.core.indexes.base:_new_Index"
DATES = "pandas.core.indexes.datetimes:_new_DatetimeIndex"
OFFSETS = "pandas._libs.tslibs.offsets"
MOMENTS = np.array(["2020-01-01", "2020-01-02"], dtype="M8[ns]")

INDEXES = {
    "numbers": pandas.Index([3, 1, 2]),
    "numbers-named": pandas.Index([3.5, np.nan], name=("a", 1)),
    "bools": pandas.Index([True, False]),
    "texts": pandas.Index(["b", None, "a"], name="letters"),
    "texts-python": pandas.Index(["b", None], dtype="string[python]"),
    "objects": pandas.Index(["b", 1, None, (1, 2)], dtype=object, tupleize_cols=False),
    "nullable": pandas.Index(pandas.array([1, None], dtype="Int64")),
    "range": pandas.RangeIndex(10, 0, -3, name="count"),
    "range-empty": pandas.RangeIndex(0),
    "dates": pandas.date_range("2020-01-31", periods=3, freq="ME", name="month"),
    "dates-zone": pandas.date_range("2020-10-24", periods=3, freq="D", tz="Europe/Oslo"),
    "dates-free": pandas.DatetimeIndex(["2020-01-01", "2020-01-05", None]),
    "durations": pandas.timedelta_range("1h", periods=3, freq="30min"),
    "durations-free": pandas.TimedeltaIndex(["1h", None]),
    "periods": pandas.period_range("2020Q1", periods=3, freq="Q-NOV", name="quarter"),
    "intervals": pandas.interval_range(0.0, 1.0, periods=3, closed="both"),
    "intervals-moments": pandas.interval_range(pandas.Timestamp(0), periods=3, name="when"),
    "categories": pandas.CategoricalIndex(["a", "b", "a"], categories=["b", "a"], name="c"),
    "levels": pandas.MultiIndex.from_tuples([("a", 1), ("b", 2), ("a", None)], names=["x", "y"]),
    "levels-of-moments": pandas.MultiIndex.from_product([pandas.date_range("2020", periods=2), [1, 2]]),
}


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("name", INDEXES)
def test_an_index_is_what_the_unpickler_makes(name: str, protocol: int) -> None:
    loaded = assert_like_live(INDEXES[name], protocol)
    pandas.testing.assert_index_equal(loaded, INDEXES[name], exact=True)


def test_an_index_that_two_objects_share_stays_shared() -> None:
    index = pandas.Index([1, 2])
    loaded = assert_like_live([index, index, {"a": index}], 4)
    assert loaded[0] is loaded[1] is loaded[2]["a"]


def _index(name: str, /, **parts: Any) -> Made:
    return Made(MAKE, (Named(f"pandas:{name}"), {"name": None, **parts}))


@pytest.mark.parametrize("kind", ["Int64Index", "UInt64Index", "Float64Index"])
def test_the_indexes_of_numbers_of_pandas_1_are_indexes(kind: str) -> None:
    made = Made(MAKE, (Named(f"pandas.core.indexes.numeric:{kind}"), {"data": np.array([1, 2]), "name": "n"}))
    loaded = hermetic.loads(written(made))
    pandas.testing.assert_index_equal(loaded, pandas.Index([1, 2], name="n"))


@pytest.mark.parametrize(("zone", "expected"), [(None, None), (Made("pytz:_UTC"), "pytz:UTC")])
def test_dates_of_old_pandas_are_an_array_of_numpy_with_zone_and_frequency(zone: Any, expected: Any) -> None:
    parts = {"data": MOMENTS, "tz": zone, "freq": Made(f"{OFFSETS}:Day", (1, False)), "name": "day"}
    fields = adopted_fields(Made(DATES, (Named("pandas.core.indexes.datetimes:DatetimeIndex"), parts)))
    assert fields["values"].tolist() == MOMENTS.tolist()
    assert fields.get("zone") == expected
    assert (fields["frequency"], fields["name"]) == (("Day", 1), "day")


def test_dates_of_pandas_2_have_their_frequency_in_the_array() -> None:
    attributes = {"_freq": Made(f"{OFFSETS}:MonthEnd", (2, False)), "_cache": {}}
    backed = Made(
        "pandas._libs.arrays:__pyx_unpickle_NDArrayBacked",
        (Named("pandas.core.arrays.datetimes:DatetimeArray"), 1, None),
        (np.dtype("M8[ns]"), MOMENTS, attributes),
    )
    fields = adopted_fields(Made(DATES, (Named("pandas:DatetimeIndex"), {"data": backed, "name": None})))
    assert fields["frequency"] == ("MonthEnd", 2)
    assert "name" not in fields


def test_periods_of_old_pandas_are_ordinals_and_a_frequency() -> None:
    made = _index("PeriodIndex", data=np.array([3, 4]), freq=Made(f"{OFFSETS}:MonthEnd", (1, False)))
    fields = adopted_fields(made)
    assert fields["values"].name == "pandas.arrays.PeriodArray"
    assert fields["values"].fields["frequency"] == ("MonthEnd", 1)


def test_levels_of_old_pandas_have_labels_in_place_of_codes() -> None:
    level = _index("Index", data=np.array([1, 2]))
    codes = [np.array([0, 1], dtype="i1")]
    fields = adopted_fields(_index("MultiIndex", levels=[level], labels=codes, sortorder=None, names=["x"]))
    assert fields["codes"][0].tolist() == [0, 1]
    assert fields["names"] == ["x"]


def test_levels_have_no_name_of_their_own() -> None:
    level = Made(MAKE, (Named("pandas:Index"), {"data": np.array([1, 2]), "name": "x"}))
    codes = [np.array([0, 1], dtype="i1")]
    fields = adopted_fields(_index("MultiIndex", levels=[level], codes=codes, names=["x"]))
    assert "name" not in fields["levels"][0].fields


def test_a_range_may_leave_out_its_start_and_step() -> None:
    assert adopted_fields(_index("RangeIndex", stop=3)) == {"start": 0, "stop": 3, "step": 1}


def test_an_index_made_of_an_index_has_its_values() -> None:
    inner = _index("Index", data=np.array([1, 2]))
    assert adopted_fields(_index("Index", data=inner))["values"].tolist() == [1, 2]


def test_intervals_are_made_of_two_indexes() -> None:
    left, right = _index("Index", data=np.array([0, 1])), _index("Index", data=np.array([1, 2]))
    parts = {"left": left, "right": right, "closed": "left", "name": "between"}
    made = Made("pandas.core.indexes.interval:_new_IntervalIndex", (Named("pandas:IntervalIndex"), parts))
    loaded = hermetic.loads(written(made))
    expected = pandas.IntervalIndex.from_arrays([0, 1], [1, 2], closed="left", name="between")
    pandas.testing.assert_index_equal(loaded, expected)


HOSTILE = {
    "no arguments": Made(MAKE),
    "a class alone": Made(MAKE, (Named("pandas:Index"),)),
    "a list of parts": Made(MAKE, (Named("pandas:Index"), [1, 2])),
    "no data": _index("Index"),
    "data that are a text": _index("Index", data="abc"),
    "data that are a number": _index("CategoricalIndex", data=7),
    "dates of numbers": Made(DATES, (Named("pandas:DatetimeIndex"), {"data": np.array([1, 2])})),
    "dates of a call": Made(DATES, (Named("pandas:DatetimeIndex"), {"data": Made("os:system", ("true",))})),
    "dates with a frequency of their own": Made(
        DATES, (Named("pandas:DatetimeIndex"), {"data": MOMENTS, "freq": Made("os:system", ("true",))})
    ),
    "dates in a zone of a file": Made(
        DATES, (Named("pandas:DatetimeIndex"), {"data": MOMENTS, "tz": Made("dateutil.tz:tzfile", ("/etc/passwd",))})
    ),
    "a range without an end": _index("RangeIndex", start=1),
    "levels without codes": _index("MultiIndex", levels=[], names=[]),
    "levels without names": _index("MultiIndex", levels=[], codes=[]),
    "codes that are numbers": _index("MultiIndex", levels=[], codes=[1], names=[]),
    "codes that are none": _index("MultiIndex", levels=[], codes=None, names=[]),
    "periods without a frequency": _index("PeriodIndex", data=np.array([1])),
    "intervals without an end": Made(
        "pandas.core.indexes.interval:_new_IntervalIndex",
        (Named("pandas:IntervalIndex"), {"left": None, "closed": "left"}),
    ),
}


@pytest.mark.parametrize("name", [name for name in HOSTILE if name != "no arguments"])
def test_a_form_that_pandas_does_not_write_is_refused(name: str) -> None:
    assert problem_of(HOSTILE[name])


@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_with_such_a_form_does_not_load(name: str) -> None:
    with pytest.raises(FileError):
        hermetic.loads(written(HOSTILE[name]))


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (_index("RangeIndex", start=0, stop=1 << 70, step=1), "not the ends of a range"),
        (_index("RangeIndex", start=0, stop=3, step=0), "Step must not be zero"),
        (_index("RangeIndex", start=0, stop="x", step=1), "not the ends of a range"),
        (
            _index("MultiIndex", levels=[_index("Index", data=np.array([1]))], codes=[np.array([5])], names=[None]),
            "code max .5. >= length of level",
        ),
        (_index("MultiIndex", levels=[7], codes=[np.array([0])], names=[None]), "must be indexes"),
        (_index("CategoricalIndex", data=np.array([1, 2])), "these values make"),
        (_index("Index", data=np.array([[1], [2]])), "one dimension"),
        (
            Made(
                DATES, (Named("pandas:DatetimeIndex"), {"data": MOMENTS, "freq": Made(f"{OFFSETS}:Hour", (1, False))})
            ),
            "does not conform",
        ),
    ],
)
def test_indexes_that_pandas_would_not_take_are_refused_by_the_gates_behind(made: Made, reason: str) -> None:
    with pytest.raises(FileError, match=reason):
        hermetic.loads(written(made))


@pytest.mark.parametrize("name", ["os:system", "builtins:list", "sklearn.svm._classes:SVC", "pandas:DataFrame"])
def test_the_maker_of_indexes_makes_nothing_else(name: str) -> None:
    with pytest.raises(FileError):
        hermetic.loads(written(Made(MAKE, (Named(name), {"data": np.array([1]), "name": None}))))
