"""Series, frames, indexes, extension arrays, dtypes and scalars of pandas."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas
import pyarrow

from tests.zoo.case import Case, value

__all__ = ["plain_pandas"]


def plain_pandas() -> list[Case]:
    """Give pandas values of every kind, tagged ``pandas``.

    Examples
    --------
    >>> all("pandas" in case.tags for case in plain_pandas())
    True
    """
    return [*_series(), *_frames(), *_indexes(), *_scalars(), *_dtypes()]


def _pandas(name: str, build: Any, **options: Any) -> Case:
    return value(f"pandas-{name}", build, tags=["pandas"], **options)


def _series() -> Iterator[Case]:
    texts = ["a", None, "😀", ""]
    for dtype in ("string[python]", "string[pyarrow]", "str", "object"):
        yield _pandas(f"series-{dtype}", lambda dtype=dtype: pandas.Series(texts, dtype=dtype, name="text"))
    for dtype in ("Int8", "Int64", "UInt32", "Float32", "boolean"):
        yield _pandas(f"series-{dtype}", lambda dtype=dtype: pandas.Series([1, None, 0], dtype=dtype))
    for dtype in ("int64[pyarrow]", "double[pyarrow]", "string[pyarrow]", "bool[pyarrow]"):
        yield _pandas(f"arrow-{dtype}", lambda dtype=dtype: pandas.Series([1, None, 0], dtype="Int64").astype(dtype))
    moments = pyarrow.timestamp("us", tz="Europe/Oslo")
    yield _pandas("arrow-moments", lambda: pandas.Series([0, None], dtype=pandas.ArrowDtype(moments)))
    lists = pandas.ArrowDtype(pyarrow.list_(pyarrow.int64()))
    yield _pandas("arrow-lists", lambda: pandas.Series([[1, 2], None], dtype=lists))
    yield _pandas("series-numbers", lambda: pandas.Series([1.0, np.nan, -0.0], index=["a", "b", "c"], name=("x", 1)))
    yield _pandas("series-empty", lambda: pandas.Series([], dtype="float32"))
    yield _pandas(
        "series-category", lambda: pandas.Series(pandas.Categorical(["b", "a", None], categories=["b", "a", "c"]))
    )
    yield _pandas("series-zone", lambda: pandas.Series(pandas.date_range("2020-10-24", periods=3, tz="Europe/Oslo")))
    yield _pandas("series-seconds", lambda: pandas.Series(np.array(["2020-01-01", "NaT"], dtype="M8[s]")))
    yield _pandas("series-durations", lambda: pandas.Series(pandas.to_timedelta([1, None], unit="h")))
    yield _pandas("series-periods", lambda: pandas.Series(pandas.period_range("2020-01", periods=3, freq="M")))
    yield _pandas("series-intervals", lambda: pandas.Series(pandas.interval_range(0, 3, closed="left")))
    yield _pandas("series-sparse", lambda: pandas.Series(pandas.arrays.SparseArray([0, 0, 1, 2], fill_value=0)))
    yield _pandas("series-sparse-nan", lambda: pandas.Series(pandas.arrays.SparseArray([np.nan, 1.0])))
    yield _pandas("series-mixed", lambda: pandas.Series([1, "a", None, np.nan, pandas.NA, (1, 2)], dtype=object))
    yield _pandas("series-attributes", _with_attributes)
    yield _pandas("array-categorical", lambda: pandas.Categorical([1, 2, 1], categories=[2, 1], ordered=True))
    yield _pandas("array-nullable", lambda: pandas.array([1, None], dtype="Int64"))
    yield _pandas("array-text", lambda: pandas.array(["a", None], dtype="string[python]"))
    yield _pandas("array-intervals", lambda: pandas.arrays.IntervalArray.from_breaks([0.0, 1.0, 2.5]))


def _with_attributes() -> Any:
    series = pandas.Series([1, 2], name="x")
    series.attrs["source"] = {"file": "a.csv"}
    series.flags.allows_duplicate_labels = False
    return series


def _frames() -> Iterator[Case]:
    yield _pandas("frame", _frame)
    yield _pandas("frame-empty", lambda: pandas.DataFrame())
    yield _pandas("frame-no-rows", lambda: _frame().iloc[:0])
    yield _pandas("frame-no-columns", lambda: pandas.DataFrame(index=[3, 1, 2]))
    columns = pandas.MultiIndex.from_product([["x", "y"], [1, 2]], names=["letter", None])
    yield _pandas("frame-column-levels", lambda: pandas.DataFrame(np.arange(8.0).reshape(2, 4), columns=columns))
    yield _pandas("frame-duplicate-columns", lambda: pandas.DataFrame([[1, "a"], [2, "b"]], columns=["x", "x"]))
    yield _pandas("frame-number-columns", lambda: pandas.DataFrame(np.eye(3, dtype="float32"), columns=[0, "a", None]))
    yield _pandas("frame-one-block", lambda: pandas.DataFrame(np.arange(6).reshape(2, 3)).iloc[:, ::2])
    yield _pandas("frame-shared-index", _two_frames_with_one_index)


def _frame() -> Any:
    frame = pandas.DataFrame(
        {
            "number": [1.5, np.nan],
            "integer": np.array([1, 2], dtype="int16"),
            "text": ["a", None],
            "category": pandas.Categorical(["x", "y"], ordered=True),
            "moment": pandas.to_datetime(["2020-01-01", None]),
            "nullable": pandas.array([True, None], dtype="boolean"),
        },
        index=pandas.Index(["first", "second"], name="row"),
    )
    frame.attrs["source"] = "somewhere"
    return frame


def _two_frames_with_one_index() -> Any:
    index = pandas.Index([5, 6])
    return [pandas.DataFrame({"a": [1, 2]}, index=index), pandas.DataFrame({"b": [3, 4]}, index=index)]


def _indexes() -> Iterator[Case]:
    yield _pandas("index-text", lambda: pandas.Index(["b", "a", None], name="letters"))
    yield _pandas("index-objects", lambda: pandas.Index(["b", 1, None, (1, 2)], dtype=object, tupleize_cols=False))
    yield _pandas("index-numbers", lambda: pandas.Index([3.0, np.nan, 1.0], dtype="float32"))
    yield _pandas("index-range", lambda: pandas.RangeIndex(10, 0, -3, name="count"))
    yield _pandas("index-dates", lambda: pandas.date_range("2020-01-31", periods=4, freq="ME", tz="UTC", name="month"))
    yield _pandas("index-dates-no-frequency", lambda: pandas.DatetimeIndex(["2020-01-01", "2020-01-05"]))
    yield _pandas("index-durations", lambda: pandas.timedelta_range("1h", periods=3, freq="30min"))
    yield _pandas("index-periods", lambda: pandas.period_range("2020Q1", periods=3, freq="Q-NOV"))
    yield _pandas("index-intervals", lambda: pandas.interval_range(0.0, 1.0, periods=3, closed="both"))
    yield _pandas("index-categories", lambda: pandas.CategoricalIndex(["a", "b", "a"], categories=["b", "a"]))
    yield _pandas(
        "index-levels", lambda: pandas.MultiIndex.from_tuples([("a", 1), ("b", 2), ("a", None)], names=["x", "y"])
    )
    yield _pandas("index-levels-unused", lambda: pandas.MultiIndex.from_product([["a", "b"], [1, 2, 3]])[[0, 5]])


def _scalars() -> Iterator[Case]:
    yield _pandas("missing", lambda: [pandas.NA, pandas.NaT, None, np.nan], check=_are_singletons)
    # The second of the two half past twos of that night.
    second = pandas.Timestamp("2020-10-25 02:30+01:00").tz_convert("Europe/Oslo")
    yield _pandas("moments", lambda: [second, pandas.Timestamp(1, unit="s")])
    yield _pandas("moment-nanoseconds", lambda: pandas.Timestamp(1577836800123456789))
    yield _pandas("durations", lambda: [pandas.Timedelta(1, "ns"), pandas.Timedelta("3 days").as_unit("s")])
    yield _pandas("periods", lambda: [pandas.Period("2020-03", "M"), pandas.Period("2020", "Y-MAR")])
    yield _pandas("intervals", lambda: [pandas.Interval(0, 1), pandas.Interval(0.5, 1.5, closed="neither")])
    yield _pandas("offsets", lambda: [pandas.offsets.Day(2), pandas.offsets.MonthEnd(), pandas.offsets.Week(weekday=3)])
    yield _pandas("types", lambda: [pandas.DataFrame, pandas.Series, pandas.Timestamp])


def _are_singletons(_: Any, after: Any) -> None:
    assert after[0] is pandas.NA
    assert after[1] is pandas.NaT


def _dtypes() -> Iterator[Case]:
    dtypes = {
        "category": lambda: pandas.CategoricalDtype(["b", "a"], ordered=True),
        "category-open": lambda: pandas.CategoricalDtype(),
        "zone": lambda: pandas.DatetimeTZDtype("ns", "Europe/Oslo"),
        "period": lambda: pandas.PeriodDtype("M"),
        "interval": lambda: pandas.IntervalDtype("float64", closed="left"),
        "sparse": lambda: pandas.SparseDtype("int64", 0),
        "nullable": lambda: [pandas.Int64Dtype(), pandas.Float32Dtype(), pandas.BooleanDtype()],
        "text": lambda: [
            pandas.StringDtype("python"),
            pandas.StringDtype("pyarrow"),
            pandas.StringDtype(na_value=np.nan),
        ],
        "arrow": lambda: pandas.ArrowDtype(pyarrow.decimal128(10, 2)),
    }
    for name, build in dtypes.items():
        yield _pandas(f"dtype-{name}", build)
