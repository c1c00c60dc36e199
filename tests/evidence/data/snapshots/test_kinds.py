"""Every kind of data comes back as the very object that it was: class, dtypes, order, names, index, values."""

from __future__ import annotations

import datetime
import decimal
import pickle
from typing import Any

import numpy as np
import pandas as pd
import polars
import pyarrow
import pytest
import scipy.sparse

from hermetic.evidence.data.reading import read_parts
from hermetic.evidence.data.recording import record_data

_random = np.random.default_rng(0)
NUMBERS = _random.normal(size=(40, 3))
N_ROWS = 12
MOMENTS = pd.date_range("2020-02-29", periods=N_ROWS, freq="37min", unit="us")
SPARSE = scipy.sparse.random(30, 9, 0.2, random_state=0, format="csr")

ARRAYS = {
    **{f"{name} numbers": (NUMBERS * 50).astype(name) for name in ("f2", "f4", "f8", "i1", "i2", "i4", "i8")},
    **{f"{name} numbers": np.abs(NUMBERS * 50).astype(name) for name in ("u1", "u2", "u4", "u8", "c8", "c16")},
    "booleans": NUMBERS > 0,
    "one dimension": NUMBERS[:, 0].copy(),
    "complex numbers in one dimension": NUMBERS[:, 0] + 1j,
    "an order of columns": np.asfortranarray(NUMBERS),
    "another byte order": NUMBERS.astype(">f4"),
    "every other row": NUMBERS[::2],
    "read only": np.frombuffer(NUMBERS.tobytes(), dtype="f8").reshape(-1, 3),
    "NaN of all kinds": np.array([np.nan, -np.nan, np.inf, -0.0, 0.0, 5e-324]),
    "no rows": np.empty((0, 3)),
    "labels in two columns": (NUMBERS[:, :2] > 0).astype(int),
    "texts": np.array(["a", "", "grün", "\N{GRINNING FACE}"]),
    "rows of texts": np.array([["a", "bcd"], ["", "e"]]),
    "texts of any length": np.array(["a", "b" * 50], dtype=np.dtypes.StringDType()),
    "bytes": np.array([b"a", b"bc\xff"]),
    "days": np.array(["2020-01-01", "NaT"], dtype="M8[D]"),
    "moments": np.array([["2020-01-01T05", "NaT"]], dtype="M8[ns]"),
    "hours": np.array([5, -1], dtype="m8[h]"),
    "objects": np.array([["a", 1, 1.5], [None, 2, np.nan]], dtype=object),
    "texts with None": np.array(["a", None], dtype=object),
    "texts with NaN": np.array(["a", np.nan], dtype=object),
    "mixed missing values": np.array([1.5, None, float("nan")], dtype=object),
    "large whole numbers": np.array([2**63, 1], dtype=object),
}
LISTS = {
    "texts": ["a", "ü", "c"],
    "a tuple of texts": ("a", "b"),
    "numbers": [1, 2, 3],
    "numbers with a gap": [1, 2.5, None],
    "booleans": [True, False],
    "rows": [[1, 2.5], [3, 4.5]],
    "rows of mixed values": [[1, "a", None], [2, "b", 1.5]],
    "tuples as rows": [(1.0, 2.0), (3.0, 4.0)],
    "rows of unequal length": [["a", "b"], [], ["c"]],
    "dictionaries": [{"city": "Ulm", "age": 5}, {"city": "Bonn", "rate": 1.5, "of": [1]}],
    "dictionaries with a key that we use": [{"is": "tuple", "of": [1]}],
    "bytes": [b"a", b"\xff"],
    "numbers of numpy": [np.float64(1.5), np.float64(2.5)],
    "texts of numpy": [np.str_("a"), np.str_("b")],
    "days": [datetime.date(2020, 2, 29), None],
    "moments": [datetime.datetime(2020, 2, 29, 5, 4, 3, 2), datetime.datetime(2020, 1, 1)],
    "decimals": [decimal.Decimal("1.50"), decimal.Decimal("1E+2")],
    "lengths": [datetime.timedelta(days=-1, microseconds=5)],
    "one number": 3,
    "one text": "balanced",
    "one switch": True,
}


def _back(data: Any) -> Any:
    record, snapshot = record_data({"X": data}, "embed")
    assert record.notes == []
    return read_parts(record, snapshot=snapshot)["X"]


@pytest.mark.parametrize("kind", ARRAYS)
def test_an_array_comes_back_bit_by_bit(kind: str):
    array = ARRAYS[kind]
    found = _back(array)
    assert type(found) is np.ndarray
    assert (found.dtype, found.shape, found.flags.f_contiguous) == (
        array.dtype,
        array.shape,
        array.flags.f_contiguous or array.ndim == 1,
    )
    assert found.flags.writeable
    if array.dtype.kind in "OT":
        assert repr(found.tolist()) == repr(array.tolist())
    else:
        assert found.tobytes() == array.tobytes()


@pytest.mark.parametrize("kind", LISTS)
def test_a_list_comes_back_with_the_classes_of_its_values(kind: str):
    found = _back(LISTS[kind])
    assert repr(found) == repr(LISTS[kind])
    assert pickle.dumps(found) == pickle.dumps(pickle.loads(pickle.dumps(found)))


@pytest.mark.parametrize("form", ["csr", "csc", "coo"])
@pytest.mark.parametrize("holder", ["matrix", "array"])
@pytest.mark.parametrize("dtype", ["f8", "f4", "i8", "?"])
def test_a_sparse_matrix_comes_back_with_its_format_and_entries(form: str, holder: str, dtype: str):
    matrix = getattr(scipy.sparse, f"{form}_{holder}")((SPARSE * 9).astype(dtype))
    found = _back(matrix)
    assert type(found) is type(matrix)
    assert (found.dtype, found.shape, found.nnz) == (matrix.dtype, matrix.shape, matrix.nnz)
    assert (found != matrix).nnz == 0


def test_stored_zeros_order_and_width_of_a_sparse_matrix_come_back():
    matrix = scipy.sparse.csr_matrix(([1.0, 0.0, 3.0], [2, 0, 1], [0, 2, 2, 3]), shape=(3, 4))
    matrix.indices = matrix.indices.astype(np.int64)
    matrix.indptr = matrix.indptr.astype(np.int64)
    found = _back(matrix)
    for own in ("data", "indices", "indptr"):
        assert getattr(found, own).dtype == getattr(matrix, own).dtype
        assert getattr(found, own).tolist() == getattr(matrix, own).tolist()


SERIES = {
    "numbers": pd.Series([1.5, np.nan, -0.0]),
    "small numbers": pd.Series([1, 2, 3], dtype="int8"),
    "booleans": pd.Series([True, False]),
    "texts": pd.Series(["a", None, "c"], dtype="str"),
    "texts that may be missing": pd.Series(["a", None], dtype="string"),
    "texts of Arrow": pd.Series(["a", None], dtype="string[pyarrow]"),
    "objects": pd.Series(["a", None, np.nan], dtype=object),
    "texts and numbers": pd.Series([1, 2.5, None], dtype=object),
    "whole numbers that may be missing": pd.Series([1, None], dtype="Int16"),
    "large numbers that may be missing": pd.Series([2**63, None], dtype="UInt64"),
    "numbers that may be missing": pd.Series([1.5, None], dtype="Float32"),
    "booleans that may be missing": pd.Series([True, None], dtype="boolean"),
    "categories": pd.Series(pd.Categorical(["b", "a", None, "b"], categories=["c", "b", "a"])),
    "ordered categories": pd.Series(pd.Categorical(["b", "a"], categories=["b", "a"], ordered=True)),
    "categories that are numbers": pd.Series(pd.Categorical([3, 1, 3])),
    "categories of a width": pd.Series(pd.Categorical(np.array([3, 1], dtype="int8"))),
    "categories that are fractions": pd.Series(pd.Categorical([0.5, 0.1, None])),
    "categories that are switches": pd.Series(pd.Categorical([True, False])),
    "categories as objects": pd.Series(pd.Categorical(np.array(["a", "b"], dtype=object))),
    "no categories": pd.Series(pd.Categorical([None, None], categories=pd.Index([], dtype=object))),
    "moments": pd.Series(MOMENTS.to_numpy()),
    "nanoseconds": pd.Series(pd.to_datetime(["2020-01-01T00:00:00.000000001", None]).as_unit("ns")),
    "moments of a zone": pd.Series(MOMENTS).dt.tz_localize("UTC").dt.tz_convert("Europe/Berlin"),
    "moments of UTC": pd.Series(MOMENTS).dt.tz_localize("UTC"),
    "moments of an offset": pd.Series(MOMENTS).dt.tz_localize("+05:30"),
    "lengths": pd.Series(pd.to_timedelta([1, None], unit="s")),
    "types of Arrow": pd.Series([1, None], dtype="int32[pyarrow]"),
}


@pytest.mark.parametrize("kind", SERIES)
def test_a_series_comes_back_with_its_dtype(kind: str):
    series = SERIES[kind].rename("own")
    found = _back(series)
    pd.testing.assert_series_equal(found, series, check_exact=True, check_freq=False)
    assert repr(found.tolist()) == repr(series.tolist())
    if hasattr(series.dtype, "categories"):
        assert found.cat.categories.tolist() == series.cat.categories.tolist()


INDEXES = {
    "numbers": pd.Index([5, 3, 9]),
    "texts": pd.Index(["a", "b", "c"], name="who"),
    "objects": pd.Index(["a", "b", "c"], dtype=object),
    "a range": pd.RangeIndex(10, 4, -2),
    "a named range": pd.RangeIndex(3, name="row"),
    "moments": pd.DatetimeIndex(["2020-01-01", "2020-01-05", "2020-01-02"]),
    "moments of a zone": pd.DatetimeIndex(["2020-01-01", "2020-01-05", "2020-01-02"]).tz_localize("Europe/Berlin"),
    "several levels": pd.MultiIndex.from_tuples([("a", 1), ("b", 2), ("a", 3)], names=["x", None]),
    "categories": pd.CategoricalIndex(["b", "a", "b"]),
}


@pytest.mark.parametrize("kind", INDEXES)
def test_the_index_of_a_frame_comes_back(kind: str):
    frame = pd.DataFrame({"a": [1.5, 2.5, 3.5], "b": ["x", "y", "z"]}, index=INDEXES[kind])
    pd.testing.assert_frame_equal(_back(frame), frame, check_exact=True, check_freq=False)


LABELS = {
    "numbers": pd.Index([7, 3]),
    "a range": pd.RangeIndex(2),
    "a range from elsewhere": pd.RangeIndex(5, 9, 2),
    "objects": pd.Index(["a", "b"], dtype=object),
    "the same name twice": pd.Index(["a", "a"]),
    "a named row of names": pd.Index(["a", "b"], name="features"),
    "names with points and nothing": pd.Index(["a.b", ""]),
}


@pytest.mark.parametrize("kind", LABELS)
def test_the_names_of_columns_come_back(kind: str):
    frame = pd.DataFrame([[1, "x"], [2, "y"]])
    frame.columns = LABELS[kind]
    found = _back(frame)
    pd.testing.assert_frame_equal(found, frame, check_exact=True)
    assert type(found.columns) is type(frame.columns)


@pytest.mark.parametrize("name", [None, "own", 3])
def test_the_name_of_a_series_comes_back(name: Any):
    assert _back(pd.Series([1, 2], name=name)).name == name


POLARS = {
    "numbers": polars.Series("a", [1.5, None, float("nan")]),
    "texts": polars.Series("a", ["x", None]),
    "categories": polars.Series("a", ["x", "y", "x"], dtype=polars.Categorical),
    "a closed list": polars.Series("a", ["x", "y"], dtype=polars.Enum(["z", "y", "x"])),
    "moments": polars.Series("a", [datetime.datetime(2020, 1, 1)], dtype=polars.Datetime("ms", "Europe/Berlin")),
    "lengths": polars.Series("a", [datetime.timedelta(seconds=1)], dtype=polars.Duration("ns")),
    "days": polars.Series("a", [datetime.date(2020, 1, 1)]),
    "lists": polars.Series("a", [[1, 2], []]),
    "records": polars.Series("a", [{"x": 1, "y": "b"}]),
    "small numbers": polars.Series("a", [1, 2], dtype=polars.UInt8),
    "no name": polars.Series("", [1, 2]),
}


@pytest.mark.parametrize("kind", POLARS)
@pytest.mark.parametrize("holder", ["series", "frame"])
def test_columns_of_polars_come_back(kind: str, holder: str):
    data: Any = POLARS[kind] if holder == "series" else POLARS[kind].rename("own").to_frame()
    found = _back(data)
    assert type(found) is type(data)
    if holder == "series":
        assert (found.name, found.dtype) == (data.name, data.dtype)
    else:
        assert found.schema == data.schema
    assert found.equals(data, null_equal=True)


TABLE = pyarrow.table(
    {
        "a": pyarrow.array([1, None], pyarrow.int16()),
        "b": ["x", "y"],
        "c": pyarrow.array(["x", "y"]).dictionary_encode(),
        "d": pyarrow.array([1, 2], pyarrow.timestamp("ms", "UTC")),
    }
)
ARROW = {
    "a table": TABLE,
    "a record batch": TABLE.to_batches()[0],
    "a column": TABLE["a"],
    "an array": pyarrow.array([1.5, None]),
    "a table in pieces": pyarrow.concat_tables([TABLE, TABLE]),
}


@pytest.mark.parametrize("kind", ARROW)
def test_tables_of_arrow_come_back(kind: str):
    found = _back(ARROW[kind])
    assert type(found) is type(ARROW[kind])
    assert found.equals(ARROW[kind])


class Own(np.ndarray):
    """An array of a class of its own."""


NOT_KEPT = {
    "a structured array": (np.zeros(2, dtype=[("a", "i8")]), "structured"),
    "an array of a class of its own": (np.zeros(3).view(Own), "class Own"),
    "a matrix": (np.matrix([[1.0]]), "class matrix"),
    "a masked array": (np.ma.masked_array([1.0, 2.0], [True, False]), "class MaskedArray"),
    "no columns": (np.empty((3, 0)), "without columns"),
    "another sparse format": (SPARSE.tolil(), "LIL matrix"),
    "complex numbers in a frame": (pd.DataFrame({"a": [1j]}), "column 'a' holds complex numbers"),
    "several levels of names": (pd.DataFrame([[1]], columns=pd.MultiIndex.from_tuples([("a", "b")])), "MultiIndex"),
    "a sparse column": (pd.DataFrame({"a": pd.arrays.SparseArray([0.0, 1.0])}), "Sparse"),
    "lists of Arrow in pandas": (
        pd.Series([[1], None], dtype=pd.ArrowDtype(pyarrow.list_(pyarrow.int64()))),
        "not exactly what was written",
    ),
    "an index of pandas": (pd.Index([1, 2]), "class pandas.Index"),
    "texts that are none": (np.array(["\ud800"]), "cannot hold"),
}


@pytest.mark.parametrize("kind", NOT_KEPT)
def test_what_would_not_come_back_exactly_is_not_kept_and_the_reason_is_noted(kind: str):
    data, words = NOT_KEPT[kind]
    record, snapshot = record_data({"X": data}, "embed")
    assert snapshot == {}
    assert record.parts[0].place == "left out"
    assert words in record.notes[0]
    assert record.notes[0].startswith("the values of X are not kept, only their fingerprint: ")
