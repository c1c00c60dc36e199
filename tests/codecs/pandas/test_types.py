"""pandas comes back as it was: values, dtypes, indexes, memory order; in few nodes, and without pandas' own blocks."""

from __future__ import annotations

import datetime
import subprocess
import sys
import zoneinfo
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from sklearn.compose import make_column_transformer
from sklearn.preprocessing import OneHotEncoder, StandardScaler

import hermetic
from hermetic.capture import capture
from hermetic.codecs.pandas import dtypes
from hermetic.codecs.pandas.arrow import arrow_type_from_description, describe_arrow_type
from hermetic.codecs.pandas.offsets import describe_frequency, frequency_from_description
from hermetic.errors import CannotSave, InvalidState, UnsupportedVersion
from tests.codecs.hostile import bring_back, dumps_elsewhere
from tests.zoo.compare_state import assert_same_state

TEXTS = ["a", None, "😀", "", "a\nb\0c"] * 5
OSLO = zoneinfo.ZoneInfo("Europe/Oslo")


def _mixed(n_rows: int = 4) -> pd.DataFrame:
    numbers = np.arange(n_rows)
    return pd.DataFrame(
        {
            "a": numbers / 3,
            "b": numbers.astype("int8"),
            "c": numbers * 2.0,
            "d": pd.Series([f"t{n}" for n in numbers], dtype=object),
            "e": pd.array([None, *numbers[1:]], dtype="Int16"),
            "f": numbers % 2 == 0,
            "g": pd.Series([f"t{n}" for n in numbers], dtype="str"),
            "h": pd.date_range("2020", periods=n_rows, tz="UTC"),
            "i": pd.Categorical(["x"] * n_rows),
        }
    )


def _subclass_of_index_in_objects() -> pd.Index:
    return pd.Index([pd.Timestamp("2020"), "a", (1, 2), None, pd.NA], dtype=object, tupleize_cols=False)


KEPT: dict[str, Callable[[], Any]] = {
    **{
        f"texts as {dtype}": lambda dtype=dtype: pd.Series(TEXTS, dtype=dtype)
        for dtype in ("string[python]", "string[pyarrow]", "str", "object")
    },
    "texts of python with nan": lambda: pd.Series(TEXTS, dtype=pd.StringDtype("python", na_value=np.nan)),
    "texts without a gap": lambda: pd.array(["a", "b"], dtype="str"),
    "no texts": lambda: pd.array([], dtype="string"),
    **{
        f"{dtype}": lambda dtype=dtype: pd.array([1, None, 0], dtype=dtype)
        for dtype in ("Int8", "UInt64", "Float32", "Float64", "boolean")
    },
    "largest integers": lambda: pd.array([2**64 - 1, None], dtype="UInt64"),
    "nan beside what is missing": lambda: pd.arrays.FloatingArray(np.array([np.nan, 1.0]), np.array([False, True])),
    "arrow numbers": lambda: pd.array([1.5, None, float("nan")], dtype=pd.ArrowDtype(pa.float32())),
    "arrow bools": lambda: pd.array([True, None], dtype=pd.ArrowDtype(pa.bool_())),
    "arrow dates": lambda: pd.array([datetime.date(2020, 1, 1), None], dtype=pd.ArrowDtype(pa.date32())),
    "arrow times": lambda: pd.array([datetime.time(1, 2, 3), None], dtype=pd.ArrowDtype(pa.time64("us"))),
    "arrow decimals": lambda: pd.array([None, 1], dtype=pd.ArrowDtype(pa.decimal128(10, 2))),
    "arrow texts": lambda: pd.array(TEXTS, dtype=pd.ArrowDtype(pa.large_string())),
    "arrow lists of lists": lambda: pd.array(
        [[[1], []], None, [[None, 2]], []], dtype=pd.ArrowDtype(pa.list_(pa.list_(pa.int8())))
    ),
    "no arrow numbers": lambda: pd.array([], dtype="int64[pyarrow]"),
    "categories": lambda: pd.Categorical(["b", None, "a"], categories=["b", "a", "c"], ordered=True),
    "categories of moments": lambda: pd.Categorical(pd.date_range("2020", periods=3, tz=OSLO)),
    "categories of intervals": lambda: pd.cut([1, 5, 9], 3),
    "no categories": lambda: pd.Categorical([]),
    "moments in two zones": lambda: [pd.date_range("2020-10-24", periods=3, tz=tz).array for tz in (OSLO, "UTC")],
    "moments in an offset": lambda: pd.DatetimeIndex(["2020"]).tz_localize(
        datetime.timezone(datetime.timedelta(hours=2))
    ),
    "moments in seconds": lambda: pd.Series(np.array(["2020", "NaT"], dtype="M8[s]")),
    "durations": lambda: [pd.to_timedelta([1, None], unit="h"), pd.array(pd.to_timedelta([5], unit="ms"))],
    "periods": lambda: [
        pd.period_range("2020Q1", periods=3, freq="Q-NOV"),
        pd.array(pd.PeriodIndex(["2020", None], freq="D")),
    ],
    "intervals": lambda: [pd.interval_range(0, 3, closed="left"), pd.IntervalIndex.from_tuples([(0.5, 1), np.nan])],
    "intervals of moments": lambda: pd.interval_range(pd.Timestamp("2020"), periods=2, freq="D", name="x"),
    "sparse": lambda: [
        pd.arrays.SparseArray([0, 0, 1, 2]),
        pd.arrays.SparseArray([np.nan, 1.0], kind="block"),
        pd.arrays.SparseArray([True, False], fill_value=True),
        pd.Series(pd.arrays.SparseArray([0, 0], fill_value=0)),
    ],
    "wrapped array": lambda: pd.Series([1.0]).array,
    "indexes": lambda: [
        pd.RangeIndex(10, 0, -3, name=("a", 1)),
        pd.Index([3.0, np.nan], dtype="float32"),
        pd.Index([], dtype=object),
        pd.Index(["a", None], name="n"),
        pd.Index([True, False]),
        pd.Index(pd.array([1, None], dtype="Int64")),
        _subclass_of_index_in_objects(),
        pd.CategoricalIndex(["a", "b"], ordered=True, name="n"),
    ],
    "dates with a frequency": lambda: pd.date_range("2020-01-31", periods=4, freq="ME", tz=OSLO, name="m"),
    "dates by weeks": lambda: pd.date_range("2020", periods=4, freq="2W-THU"),
    "levels": lambda: pd.MultiIndex.from_product([["a", "b"], [1, None]], names=["x", None])[[3, 0]],
    "levels of moments": lambda: pd.MultiIndex.from_arrays([pd.date_range("2020", periods=2, tz=OSLO), ["a", "b"]]),
    "series": lambda: pd.Series([1.0, np.nan, -0.0], index=["a", "b", "a"], name=("x", 1)),
    "series of mixed objects": lambda: pd.Series([1, "a", None, np.nan, pd.NA, pd.NaT, (1, [2])], dtype=object),
    "frame of all kinds": _mixed,
    "frame of one dtype, by rows": lambda: pd.DataFrame(np.arange(6.0).reshape(2, 3), copy=False),
    "frame of one dtype, by columns": lambda: pd.DataFrame({"a": [1, 2], "b": [3, 4]}),
    "frame with gaps": lambda: pd.DataFrame(np.arange(12.0).reshape(3, 4)).iloc[:, ::2],
    "frame of objects": lambda: pd.DataFrame([["a", 1], [None, 2]], dtype=object),
    "frame with columns twice": lambda: pd.DataFrame([[1, "a"], [2, "b"]], columns=["x", "x"], index=[7, 7]),
    "frame without rows": lambda: _mixed().iloc[:0],
    "frame without columns": lambda: pd.DataFrame(index=[3, 1]),
    "no frame": pd.DataFrame,
    "frame of moments": lambda: pd.DataFrame(
        {"a": pd.to_datetime(["2020", None]), "b": pd.to_datetime(["2021", "2022"])}
    ),
    "two frames with one index": lambda: [pd.DataFrame({"a": [1]}, index=index) for index in [pd.Index([5])] * 2],
    "scalars": lambda: [
        pd.Timestamp("2020-10-25 02:30+01:00").tz_convert(OSLO),
        pd.Timestamp(1, unit="s"),
        pd.Timestamp("1700-01-01 00:00:00.123456789"),
        pd.Timestamp("2020").replace(fold=1),
        pd.Timedelta(-1, "ns"),
        pd.Timedelta("3 days").as_unit("s"),
        pd.Period("2020-03", "M"),
        pd.Period("2020", "Y-MAR"),
        pd.Interval(0.5, 1.5, closed="neither"),
        pd.Interval(pd.Timestamp("2020"), pd.Timestamp("2021")),
    ],
    "offsets": lambda: [
        pd.offsets.Day(2),
        pd.offsets.Week(weekday=3),
        pd.offsets.MonthEnd(-1, normalize=True),
        pd.DateOffset(months=2, day=1),
        pd.offsets.FY5253(weekday=1, startingMonth=3, variation="last"),
        pd.offsets.BusinessDay(),
        pd.offsets.Easter(),
        pd.offsets.LastWeekOfMonth(weekday=2),
        pd.offsets.Nano(5),
        pd.offsets.SemiMonthEnd(day_of_month=10),
    ],
    "dtypes": lambda: [
        pd.CategoricalDtype(["b", "a"], ordered=True),
        pd.CategoricalDtype(),
        pd.CategoricalDtype(ordered=False),
        pd.StringDtype("python"),
        pd.StringDtype(na_value=np.nan),
        pd.DatetimeTZDtype("us", OSLO),
        pd.PeriodDtype("W"),
        pd.IntervalDtype("float64", "left"),
        pd.IntervalDtype(),
        pd.SparseDtype("int64", 0),
        pd.SparseDtype("float32"),
        pd.Int64Dtype(),
        pd.UInt8Dtype(),
        pd.Float32Dtype(),
        pd.BooleanDtype(),
        pd.ArrowDtype(pa.decimal128(10, 2)),
    ],
    "classes": lambda: [pd.DataFrame, pd.Series, pd.Timestamp, pd.Index],
}


@pytest.mark.parametrize("name", KEPT)
def test_a_value_comes_back_as_it_was(name: str):
    value = KEPT[name]()

    assert_same_state(value, bring_back(value))


@pytest.mark.parametrize("name", KEPT)
def test_a_value_comes_back_among_others_compressed(name: str):
    value = [KEPT[name](), {"x": KEPT[name]()}]

    assert_same_state(value, hermetic.loads(hermetic.dumps(value, 3)))


def test_single_objects_stay_single():
    restored = bring_back([pd.NA, pd.NaT, pd.NA])

    assert restored[0] is restored[2] is pd.NA
    assert restored[1] is pd.NaT


def test_attributes_and_flags_come_back():
    frame = _mixed()
    frame.attrs["source"] = {"file": "a.csv"}
    frame.flags.allows_duplicate_labels = False

    restored = bring_back(frame)

    assert restored.attrs == frame.attrs
    assert not restored.flags.allows_duplicate_labels


@pytest.mark.parametrize("order", ["C", "F"])
def test_a_frame_of_one_dtype_keeps_its_memory_order(order: str):
    frame = pd.DataFrame(np.asarray(np.arange(12.0).reshape(3, 4), order=order), copy=False)

    restored = bring_back(frame)

    assert restored.to_numpy().strides == frame.to_numpy().strides


def test_a_thousand_columns_of_numbers_are_few_nodes():
    assert len(capture(pd.DataFrame(np.zeros((5, 1000)))).nodes) < 10

    mixed = pd.concat([pd.DataFrame(np.zeros((5, 500))), pd.DataFrame(np.zeros((5, 500), dtype=int))], axis=1)
    assert len(capture(mixed).nodes) < 12


def test_a_long_column_of_texts_with_gaps_is_compact():
    texts = pd.Series([None if n % 7 == 0 else f"word {n}" for n in range(50_000)], dtype="str")
    saved = hermetic.dumps(texts)

    assert len(saved) < 13 * len(texts)
    assert len(capture(texts).nodes) < 7


def test_what_is_missing_leaves_no_trace_of_what_was_there():
    secret, zero = (pd.arrays.IntegerArray(np.array([number, 1]), np.array([True, False])) for number in (42, 0))

    assert hermetic.dumps(secret) == hermetic.dumps(zero)


def test_bytes_do_not_depend_on_the_process():
    code = (
        "import pandas\nvalue = pandas.DataFrame({'a': [1.5, None], 'b': ['x', None], 'c': pandas.Categorical([1, 2])})"
    )
    here: dict[str, Any] = {}
    exec(code, here)

    assert dumps_elsewhere(code) == hermetic.dumps(here["value"])


def test_nothing_of_pandas_is_imported_for_a_file_without_it():
    script = (
        "import sys, hermetic\n"
        "assert hermetic.loads(hermetic.dumps({'a': [1.5]})) == {'a': [1.5]}\n"
        "assert 'pandas' not in sys.modules and 'pyarrow' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], env={"PYTHONPATH": ":".join(sys.path)}, check=True)


def test_a_file_with_pandas_names_it_where_it_is_absent(tmp_path):
    hermetic.dump(pd.Series([1]), tmp_path / "series.hermetic")
    script = (
        "import sys\nsys.modules['pandas'] = None\nimport hermetic\n"
        "from hermetic.errors import UnsupportedVersion\n"
        f"try: hermetic.load({str(tmp_path / 'series.hermetic')!r})\n"
        "except UnsupportedVersion as error: assert 'pandas' in str(error), error\n"
        "else: raise SystemExit('loaded')"
    )
    subprocess.run([sys.executable, "-c", script], env={"PYTHONPATH": ":".join(sys.path)}, check=True)


def test_a_model_fitted_on_a_frame_transforms_alike():
    frame = _mixed(20)
    model = make_column_transformer((StandardScaler(), ["a", "c"]), (OneHotEncoder(sparse_output=False), ["g", "i"]))
    model.set_output(transform="default").fit(frame)

    restored = bring_back(model)

    np.testing.assert_array_equal(np.asarray(model.transform(frame)), np.asarray(restored.transform(frame)))


@pytest.mark.parametrize("mode", ["r", "c"])
def test_a_mapped_frame_is_as_good(tmp_path, mode: str):
    frame = pd.concat([_mixed(3000), pd.DataFrame(np.random.default_rng(0).normal(size=(3000, 20)))], axis=1)
    hermetic.dump(frame, tmp_path / "frame.hermetic")

    restored = hermetic.load(tmp_path / "frame.hermetic", mmap_mode=mode)

    pd.testing.assert_frame_equal(frame, restored, check_exact=True)


REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "business hours": (lambda: pd.date_range("2020-01-01", periods=3, freq="bh"), "freq"),
    "custom business days": (lambda: pd.date_range("2020-01-01", periods=3, freq="C"), "freq"),
    "arrow structs": (lambda: pd.array([{"a": 1}], dtype=pd.ArrowDtype(pa.struct([("a", pa.int8())]))), "struct"),
    "arrow bytes": (lambda: pd.array([b"a"], dtype=pd.ArrowDtype(pa.binary())), "binary"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_has_no_place_is_refused_with_its_path(name: str):
    build, words = REFUSED[name]

    with pytest.raises(CannotSave, match=words) as caught:
        hermetic.dumps({"x": build()})

    assert caught.value.where.startswith("$")


@pytest.mark.parametrize(
    "description",
    [
        (),
        ("Day",),
        ("Nobody", 1),
        ("Day", "1"),
        ("Day", 1, "n"),
        ("Week", 1, "weekday", "x"),
        5,
        ("Day", 1 << 40),
        ("Day", 1, "normalize", 0),
    ],
)
def test_a_frequency_that_is_none_of_ours_is_refused(description: Any):
    with pytest.raises(InvalidState):
        frequency_from_description(description)


def test_frequencies_and_types_come_back_from_their_tuples():
    assert describe_frequency(None) is None is frequency_from_description(None)
    for arrow_type in (
        pa.int8(),
        pa.timestamp("us", tz="UTC"),
        pa.duration("ns"),
        pa.list_(pa.list_(pa.string())),
        pa.date64(),
    ):
        assert arrow_type_from_description(describe_arrow_type(arrow_type)) == arrow_type


@pytest.mark.parametrize(
    "description",
    [
        (),
        ("struct",),
        ("list",),
        ("timestamp", "h"),
        ("timestamp", "s", "a b"),
        ("decimal128", 10),
        ("list",) * 20,
        "int8",
        (1,),
    ],
)
def test_an_arrow_type_that_is_none_of_ours_is_refused(description: Any):
    with pytest.raises(InvalidState):
        arrow_type_from_description(description)


def test_columns_of_pyarrow_name_the_library_that_is_missing(monkeypatch: pytest.MonkeyPatch):
    data = hermetic.dumps(pd.Series([1, None], dtype="int64[pyarrow]"))
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UnsupportedVersion, match="in the memory of pyarrow, which is not installed"):
        hermetic.loads(data)


@pytest.mark.parametrize(
    ("raised", "missing", "words"),
    [
        (ImportError, "NA", "texts in the memory of pyarrow, which is not installed"),
        (TypeError, "nan", "texts of pandas 3, which the installed pandas does not know"),
    ],
)
def test_texts_name_the_library_that_is_missing_or_too_old(
    monkeypatch: pytest.MonkeyPatch, raised: type[Exception], missing: str, words: str
):
    def refuse(storage: str, **options: Any) -> Any:
        raise raised

    monkeypatch.setattr(dtypes, "resolve_class", lambda locations, name: refuse)
    with pytest.raises(UnsupportedVersion, match=words):
        dtypes.text_dtype({"storage": "pyarrow", "missing": missing})
