"""Whatever fit is given, recording it ends in a record that a file can hold: nothing ends in an error."""

from __future__ import annotations

import datetime
import decimal
import http
from typing import Any

import numpy as np
import pandas as pd
import polars
import pyarrow
import pytest
import scipy.sparse

from hermetic.errors import UsageError
from hermetic.evidence.data.fingerprint import fingerprint
from hermetic.evidence.data.of_any import table_of
from hermetic.evidence.data.reading import read_parts
from hermetic.evidence.data.recording import record_data
from hermetic.recorded.data import DataRecord
from hermetic.recorded.records import decode_record, encode_record

ROWS = np.random.default_rng(0).normal(size=(5, 3))


class Text(str):
    """A text of a class of its own."""


def _deep(times: int) -> list[Any]:
    value: list[Any] = [1]
    for _ in range(times):
        value = [value]
    return value


KEPT: dict[str, Any] = {
    "an empty list": [],
    "an empty tuple": (),
    "rows of nothing": [[], []],
    "a text": "balanced",
    "a number with a gap": [1, None],
    "NaN alone": [float("nan")],
    "texts with a zero in them": ["a\0", "a"],
    "lists that are not closed to NaN": [[1, [float("nan")]]],
    "dictionaries with numbers without end": [{"a": float("inf")}],
    "a dictionary whose key is None": [{None: 1}],
    "decimals that are no numbers": [decimal.Decimal("NaN"), decimal.Decimal("Infinity")],
    "numbers of numpy": [np.int8(1), np.int8(2)],
    "single numbers of numpy": [np.float32(0.1), np.float32(2)],
    "large numbers and fractions": [2**63, 0.5],
    "an array without rows": np.zeros((0, 3)),
    "objects without rows": np.empty((0, 2), dtype=object),
    "an array of lists": np.array([[1, 2], [3]], dtype=object),
    "an array repeated": np.broadcast_to(np.array([1.0, 2.0]), (4, 2)),
    "an array at odd addresses": np.frombuffer(b"\0" * 17, dtype="u1")[1:].view("f8"),
    "complex numbers by columns": np.asfortranarray(np.ones((3, 2), "c8")),
    "a sparse matrix without rows": scipy.sparse.csr_matrix((0, 4)),
    "a sparse matrix without columns": scipy.sparse.csr_matrix((4, 0)),
    "a sparse matrix without entries": scipy.sparse.csr_matrix((4, 4)),
    "a sparse matrix with NaN": scipy.sparse.csr_matrix([[np.nan, 0]]),
    "a sparse matrix with entries twice": scipy.sparse.csr_matrix(([1.0, 2.0], [0, 0], [0, 2]), shape=(1, 2)),
    "a frame without rows": pd.DataFrame({"a": pd.Series([], dtype="f8"), "b": pd.Categorical([])}),
    "zones without rows": pd.DataFrame({"a": pd.Series([], dtype="datetime64[ns, Europe/Berlin]")}),
    "a name twice": pd.DataFrame([[1, "x"], [2, "y"]], columns=["a", "a"]),
    "a name with a zero": pd.DataFrame({"a\0b": [1]}),
    "a long name": pd.DataFrame({"a" * 100_000: [1]}),
    "an index with a label twice": pd.DataFrame({"a": [1, 2]}, index=["x", "x"]),
    "an index of mixed labels": pd.DataFrame({"a": [1, 2]}, index=["x", 1]),
    "an index with a gap": pd.DataFrame({"a": [1, 2]}, index=[np.nan, 1.0]),
    "the hour that is there twice": pd.Series(
        pd.date_range("2020-10-24 22:00", periods=8, freq="h", tz="Europe/Berlin")
    ),
    "categories without end": pd.Series(pd.Categorical([np.inf, 1.0])),
    "categories beyond signed numbers": pd.Series(pd.Categorical([2**63, 1])),
    "a table with a name twice": pyarrow.table([pyarrow.array([1]), pyarrow.array(["x"])], names=["a", "a"]),
    "a table without rows": pyarrow.table({"a": pyarrow.array([], pyarrow.int8())}),
    "a column without pieces": pyarrow.chunked_array([], type=pyarrow.string()),
    "a part of a column": pyarrow.array(["a", "bb", None, "c"])[1:3],
    "a frame of polars without rows": polars.DataFrame({"a": []}),
    "a closed list without texts": polars.Series([None], dtype=polars.Enum([])),
}


@pytest.mark.parametrize("which", KEPT)
def test_unusual_data_are_kept_and_come_back(which: str):
    data = KEPT[which]
    record, snapshot = record_data({"X": data}, "embed")
    assert record.notes == []
    again = decode_record(encode_record(record), DataRecord)
    assert again == record
    found = read_parts(again, snapshot=snapshot)["X"]
    assert type(found) is type(data)
    assert fingerprint(found if which != "a text" else [found]) == record.parts[0].fingerprint


NOTED: dict[str, tuple[Any, str]] = {
    "texts that are none": (["\ud800", "a"], "cannot hold"),
    "keys that are no texts": ([{"\ud800": 1}], "cannot hold"),
    "a frame without columns": (pd.DataFrame(index=range(3)), "without columns"),
    "names of two kinds": (pd.DataFrame([[1, 2]], columns=["a", 1]), "named by a Index of object"),
    "a name that is missing": (pd.DataFrame([[1, 2]], columns=["a", None]), "named by a Index"),
    "names that are fractions": (pd.DataFrame([[1, 2]], columns=[0.5, 1.5]), "Index of float64"),
    "names that are pairs": (pd.DataFrame([[1]], columns=pd.Index([("a", 1)], tupleize_cols=False)), "Index of object"),
    "names that are moments": (pd.DataFrame([[1]], columns=pd.DatetimeIndex(["2020-01-01"])), "DatetimeIndex"),
    "names that are no texts": (pd.DataFrame([[1]], columns=pd.Index(["\ud800"], dtype=object)), "is no text"),
    "a series named by a large number": (pd.Series([1], name=2**70), "beyond 64 bits"),
    "a series named by a pair": (pd.Series([1], name=("a", 1)), "named by a tuple"),
    "an index named by a number": (pd.DataFrame({"a": [1]}, index=pd.Index([1], name=5)), "named by a int"),
    "an unusual offset": (
        pd.Series(pd.to_datetime(["2020-01-01"]).tz_localize(datetime.timezone(datetime.timedelta(seconds=7)))),
        "moments of the zone",
    ),
    "moments of pandas in a list": ([pd.Timestamp("2020-01-01")], "values of pandas.Timestamp"),
    "a list of arrays": (list(ROWS), "values of numpy.ndarray"),
    "a list of arrays of one number": ([np.zeros(1), np.ones(1)], "values of numpy.ndarray"),
    "lists in lists without end": ([_deep(60)], "nested more than 50 times"),
    "texts of a class of their own": ([Text("a")], "values of"),
    "numbers of an enumeration": ([http.HTTPStatus.OK], "values of http.HTTPStatus"),
    "a sparse matrix by diagonals": (scipy.sparse.eye(3), "DIA matrix"),
    "complex sparse numbers": (scipy.sparse.csr_matrix([[1j]]), "complex128"),
    "a record array": (np.rec.array([(1, 2.0)], dtype=[("a", "i8"), ("b", "f8")]), "class recarray"),
    "a table without columns": (pyarrow.table({}), "without columns"),
}


@pytest.mark.parametrize("which", NOTED)
def test_what_cannot_be_kept_is_noted_and_its_fingerprint_can_be_written(which: str):
    data, words = NOTED[which]
    record, snapshot = record_data({"X": data}, "embed")
    assert snapshot == {}
    (note,) = record.notes
    assert note.startswith("the values of X are not kept, only their fingerprint: ")
    assert words in note
    assert decode_record(encode_record(record), DataRecord) == record
    assert read_parts(record, snapshot={}, given={"X": data})["X"] is data


UNKNOWN: dict[str, tuple[Any, str]] = {
    "a set": ({1, 2}, "got a set"),
    "a dictionary": ({"a": 1}, "got a dict"),
    "a range": (range(3), "got a range"),
    "bytes": (b"abc", "got a bytes"),
    "a generator": ((place for place in [1]), "got a generator"),
    "an object": (object(), "got a object"),
    "one number of numpy": (np.float64(1.5), r"got shape \(\)"),
    "one value of Arrow": (pyarrow.scalar(1), "got a Int64Scalar"),
    "a frame of polars that is not there yet": (polars.LazyFrame({"a": [1]}), "collect"),
    "numbers of 128 bits": (polars.Series([1], dtype=polars.Int128), "Int128"),
    "a sparse vector": (scipy.sparse.coo_array(np.array([1.0, 0.0])), "sparse vector"),
    "arrays of unequal length": ([np.zeros(3), np.ones(2)], "values of ndarray"),
    "arrays of two dtypes": ([np.zeros(2), np.zeros(2, "f4")], "values of ndarray"),
    "periods": (pd.Series(pd.period_range("2020", periods=2, freq="M")), r"values of period\[M\] have no fingerprint"),
    "the longest length": ([datetime.timedelta.max], "too large"),
    "the largest number there is": ([2**2_000, 0.5], "too large"),
    "a number that is not written, in a list": ([[1, [10**5_000]]], "no plain value"),
    "a number that is not written": ([10**5_000], "a number of 16,610 bits"),
    "moments of numpy in a list": ([np.datetime64(1, "ns")], "values of datetime64"),
}


@pytest.mark.parametrize("which", UNKNOWN)
def test_what_has_no_fingerprint_is_noted_with_the_reason(which: str):
    data, words = UNKNOWN[which]
    with pytest.raises(UsageError, match=words):
        fingerprint(data)
    record, snapshot = record_data({"X": data, "y": [0, 1]}, "embed")
    assert [part.name for part in record.parts] == ["y"]
    assert list(snapshot) == ["y"]
    assert record.notes[0].startswith("X is not recorded at all: ")
    assert decode_record(encode_record(record), DataRecord) == record


def test_a_list_of_arrays_is_rows_as_an_array_has_them():
    assert fingerprint(list(ROWS)) == fingerprint(ROWS)
    assert table_of(list(ROWS)).n_rows == len(ROWS)


@pytest.mark.parametrize("make", [list, tuple])
def test_rows_of_plain_values_are_columns_and_rows_of_unequal_length_are_values(make: Any):
    assert len(table_of(make([[1, "a"], [2, "b"]])).columns) == 2
    assert [own.type for own in table_of(make([[1, 2], [3]])).columns] == ["json"]
    assert [own.type for own in table_of(make([])).columns] == ["missing"]


def test_a_column_without_a_name_is_not_called_none():
    with pytest.raises(UsageError) as caught:
        fingerprint(pd.Series([1, "a"]))
    assert "None" not in caught.value.found


def test_a_name_that_no_file_can_hold_is_recorded_in_words():
    frame = pd.DataFrame([[1, 2]], columns=pd.Index(["\ud800", "b"], dtype=object))
    assert [column.name for column in fingerprint(frame).columns] == ["\\ud800", "b"]
