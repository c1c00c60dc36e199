"""The fingerprint says what the values are, not which library holds them."""

from __future__ import annotations

import datetime
import decimal
import hashlib
import io
import struct

import numpy as np
import pandas as pd
import polars
import pyarrow
import pyarrow.parquet
import pytest
import scipy.sparse

from hermetic.errors import UsageError
from hermetic.evidence.data.fingerprint import BLOCK_ROWS, fingerprint

N_ROWS = 1_000
_random = np.random.default_rng(0)


def frame(n_rows: int = N_ROWS) -> pd.DataFrame:
    """Give a DataFrame with a column of each logical type that tables of all libraries can hold."""
    random = np.random.default_rng(1)
    moments = pd.Series(pd.date_range("2020-02-29", periods=n_rows, freq="37min")).astype("datetime64[us]")
    data = pd.DataFrame(
        {
            "number": random.normal(size=n_rows),
            "single": random.normal(size=n_rows).astype(np.float32),
            "count": random.integers(-5, 9, n_rows),
            "small": random.integers(0, 255, n_rows).astype(np.uint8),
            "yes": random.random(n_rows) > 0.5,
            "text": pd.Series(random.choice(["x", "grün", "\N{GRINNING FACE}", None], n_rows), dtype="str"),
            "category": pd.Categorical(random.choice(["low", "high"], n_rows)),
            "moment": moments,
            "zoned": moments.dt.tz_localize("UTC").dt.tz_convert("Europe/Berlin"),
            "length": pd.Series(pd.to_timedelta(np.arange(n_rows), unit="s")).astype("timedelta64[us]"),
            "maybe": pd.array(random.integers(0, 5, n_rows), dtype="Int32"),
        }
    )
    data.loc[5, "number"] = np.nan
    data.loc[7, "maybe"] = pd.NA
    data.loc[9, "moment"] = pd.NaT
    data.loc[11, "category"] = None
    return data


def parquet(data: pd.DataFrame) -> io.BytesIO:
    file = io.BytesIO()
    data.to_parquet(file)
    file.seek(0)
    return file


HOLDERS = {
    "pandas with arrow types": lambda data: data.convert_dtypes(dtype_backend="pyarrow").astype(
        {"single": "float[pyarrow]", "number": "double[pyarrow]"}
    ),
    "pyarrow": pyarrow.Table.from_pandas,
    "pyarrow in pieces": lambda data: pyarrow.concat_tables(
        [pyarrow.Table.from_pandas(data[:13]), pyarrow.Table.from_pandas(data[13:])]
    ),
    "a Parquet file in pandas": lambda data: pd.read_parquet(parquet(data)),
    "a Parquet file in pyarrow": lambda data: pyarrow.parquet.read_table(parquet(data)),
    "a Parquet file in polars": lambda data: polars.read_parquet(parquet(data)),
    "polars": polars.from_pandas,
    "objects": lambda data: data.astype({"text": object, "count": object, "yes": object}),
    "another index": lambda data: data.set_index(pd.Index(range(5, 5 + len(data)))),
}


@pytest.mark.parametrize("holder", HOLDERS)
def test_the_same_values_have_the_same_fingerprint_in(holder: str):
    first, second = fingerprint(frame()), fingerprint(HOLDERS[holder](frame()))
    assert [(column.name, column.type) for column in first.columns] == [(own.name, own.type) for own in second.columns]
    assert first == second


def test_an_array_has_the_digest_of_a_frame_without_its_names():
    numbers = _random.normal(size=(70_000, 3))
    first, second = fingerprint(numbers), fingerprint(pd.DataFrame(numbers, columns=list("abc")))
    assert first.digest == second.digest
    assert [column.name for column in first.columns] == [None] * 3
    assert [column.name for column in second.columns] == ["a", "b", "c"]


@pytest.mark.parametrize("order", ["C", "F", "reversed", "every other", "big-endian"])
def test_how_an_array_lies_in_memory_does_not_matter(order: str):
    numbers = _random.normal(size=(40, 6))
    held = {
        "C": numbers.copy(order="C"),
        "F": numbers.copy(order="F"),
        "reversed": numbers[::-1].copy()[::-1],
        "every other": np.repeat(numbers, 2, axis=0)[::2],
        "big-endian": numbers.astype(">f8"),
    }
    assert fingerprint(held[order]) == fingerprint(numbers)


CHANGES = {
    "a cell": lambda data: data.assign(number=data["number"].where(data.index != 500, 1.0)),
    "the last bit of a cell": lambda data: data.assign(
        number=np.where(data.index == 500, np.nextafter(data["number"], 9), data["number"])
    ),
    "the sign of a zero": lambda data: data.assign(single=np.float32(-0.0)),
    "a text": lambda data: data.assign(text=data["text"].where(data.index != 3, "X")),
    "a missing text becomes an empty one": lambda data: data.assign(text=data["text"].fillna("")),
    "a missing value": lambda data: data.assign(number=data["number"].where(data.index != 500)),
    "a missing number becomes zero": lambda data: data.assign(maybe=data["maybe"].fillna(0)),
    "the order of rows": lambda data: data[::-1],
    "a row less": lambda data: data[:-1],
    "a row more": lambda data: pd.concat([data, data[-1:]]),
    "an integer width": lambda data: data.astype({"count": "int32"}),
    "a float width": lambda data: data.astype({"number": "float32"}),
    "a time unit": lambda data: data.astype({"moment": "datetime64[ns]"}),
    "a zone": lambda data: data.assign(zoned=data["zoned"].dt.tz_convert("UTC")),
    "the order of columns": lambda data: data[data.columns[::-1]],
    "a column less": lambda data: data.drop(columns="yes"),
    "a boolean": lambda data: data.assign(yes=data["yes"] ^ (data.index == 999)),
    "a moment": lambda data: data.assign(moment=data["moment"] + pd.to_timedelta((data.index == 998) * 1, unit="us")),
}


@pytest.mark.parametrize("change", CHANGES)
def test_another_fingerprint_has_whoever_changes(change: str):
    data = frame()
    data["single"] = np.float32(0.0)
    assert fingerprint(CHANGES[change](data)).digest != fingerprint(data).digest


def test_neither_an_ordinary_nor_a_read_only_array_is_written_to():
    numbers = np.array([[1.0, np.nan], [np.nan, 2.0]])
    numbers.flags.writeable = False
    before = numbers.tobytes()
    fingerprint(numbers)
    assert numbers.tobytes() == before


def test_bits_of_a_missing_number_do_not_matter():
    numbers = np.array([1.0, np.nan, np.nan])
    numbers.view(np.int64)[2] ^= 1
    assert fingerprint(numbers) == fingerprint([1.0, None, float("nan")])


def test_the_digest_is_that_of_the_documentation():
    block = hashlib.sha256(struct.pack("<Q", 3) + b"\x01" + bytes([0b010]) + struct.pack("<3d", 1.5, 0, -2.0)).digest()
    column = hashlib.sha256(b"float64\n" + block).digest()
    whole = hashlib.sha256(b"hermetic data 1\n" + struct.pack("<Q", 3) + column).hexdigest()
    found = fingerprint([1.5, None, -2.0])
    assert (found.digest, found.columns[0].digest, found.columns[0].blocks) == (
        whole,
        column.hex(),
        [block.hex()[:16]],
    )


def test_the_digest_of_texts_is_that_of_the_documentation():
    block = hashlib.sha256(
        struct.pack("<Q", 3) + b"\x01" + bytes([0b010]) + struct.pack("<3q", 3, 0, 1) + "üab".encode()
    )
    column = hashlib.sha256(b"text\n" + block.digest()).hexdigest()
    assert fingerprint(["üa", None, "b"]).columns[0].digest == column


@pytest.mark.parametrize("n_rows", [0, 1, BLOCK_ROWS - 1, BLOCK_ROWS, BLOCK_ROWS + 1])
def test_blocks_end_where_they_should(n_rows: int):
    numbers = np.arange(n_rows, dtype=np.int32)
    found = fingerprint(numbers)
    assert len(found.columns[0].blocks) == -(-n_rows // BLOCK_ROWS)
    assert found == fingerprint(pyarrow.chunked_array([numbers[:7], numbers[7:]]))


@pytest.mark.parametrize("form", ["csr", "csc", "coo", "lil", "array"])
def test_sparse_matrices_count_by_their_values(form: str):
    matrix = scipy.sparse.random(300, 40, 0.1, random_state=0, format="csr")
    held = scipy.sparse.csr_array(matrix) if form == "array" else matrix.asformat(form)
    assert fingerprint(held) == fingerprint(matrix)
    zeros = scipy.sparse.coo_matrix(([1.0, 2.0, 0.0], ([0, 0, 1], [1, 1, 0])), shape=(2, 2))
    assert fingerprint(zeros) == fingerprint(scipy.sparse.csr_matrix([[0, 3.0], [0, 0]]))
    changed = matrix.copy()
    changed.data[7] += 1
    assert fingerprint(changed).digest != fingerprint(matrix).digest


SAME_LISTS = {
    "numbers": ([1, 2, 3], np.array([1, 2, 3])),
    "numbers with a gap": ([1, 2.5, None], np.array([1, 2.5, np.nan])),
    "rows of numbers": ([[1, 2.0], [3, 4.5]], pd.DataFrame({"a": [1, 3], "b": [2.0, 4.5]})),
    "texts": (["a", "ü", "c"], np.array(["a", "ü", "c"])),
    "bytes": ([b"a", b"bc"], np.array([b"a", b"bc"])),
    "booleans": ([True, False], np.array([True, False])),
    "days": ([datetime.date(2020, 2, 29), None], np.array(["2020-02-29", "NaT"], dtype="datetime64[D]")),
    "days of Arrow": ([datetime.date(1969, 12, 31)], pyarrow.array([datetime.date(1969, 12, 31)])),
    "times": ([datetime.time(1, 2, 3, 4)], pyarrow.array([datetime.time(1, 2, 3, 4)])),
    "decimals": (
        [decimal.Decimal("1.50"), decimal.Decimal("-0")],
        pyarrow.array([decimal.Decimal("1.5"), decimal.Decimal(0)]),
    ),
    "moments": ([datetime.datetime(2020, 1, 1, 5)], np.array(["2020-01-01T05"], dtype="datetime64[us]")),
    "lengths": ([datetime.timedelta(seconds=5)], np.array([5_000_000], dtype="timedelta64[us]")),
    "large whole numbers": ([2**63, 1], np.array([2**63, 1], dtype=np.uint64)),
    "nothing": ([None, None], pyarrow.nulls(2)),
    "nested": ([["a", "b"], []], pyarrow.array([["a", "b"], []])),
    "hours": (np.array([5], dtype="timedelta64[h]"), np.array([18_000], dtype="timedelta64[s]")),
    "polars days": ([datetime.date(2020, 2, 29)], polars.Series([datetime.date(2020, 2, 29)])),
    "sparse column of pandas": ([0.0, 1.0], pd.Series(pd.arrays.SparseArray([0.0, 1.0]))),
    "named fields": (
        np.array([(1, 2.0)], dtype=[("a", "i8"), ("b", "f8")]),
        pd.DataFrame({"a": [1], "b": [2.0]}),
    ),
}


@pytest.mark.parametrize("which", SAME_LISTS)
def test_plain_values_count_as_those_of_libraries(which: str):
    first, second = SAME_LISTS[which]
    assert fingerprint(first).digest == fingerprint(second).digest


def test_dictionaries_count_by_their_keys_in_any_order():
    assert fingerprint([{"a": 1, "b": 2}]) == fingerprint([{"b": 2, "a": np.int64(1)}])
    assert fingerprint([{"a": 1}]).digest != fingerprint([{"a": 1.0}]).digest


NO_DATA = {
    "a number": (3, "got a int"),
    "mixed values": ([1, "a"], "int and str"),
    "an object": ([object()], "values of object, which have no fingerprint"),
    "a cube": (np.zeros((2, 2, 2)), "one or two dimensions"),
    "extended precision": (np.zeros(2, dtype=np.longdouble), "convert them"),
    "raw bytes": (np.zeros(2, dtype="V3"), "convert them"),
    "a period": (pd.DataFrame({"month": pd.period_range("2020", periods=2, freq="M")}), "column 'month'"),
    "numbers beyond 64 bits": ([2**64], "fit into no type"),
    "several zones": (
        [datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC), datetime.datetime(2020, 1, 1)],
        "2 time zones",
    ),
    "dictionaries of objects": ([{"a": object()}], "no plain value"),
    "a column of objects": (pd.DataFrame({"own": [1, "a"]}), "column 'own'"),
    "intervals in Arrow": (pyarrow.table({"own": pyarrow.array([None], pyarrow.month_day_nano_interval())}), "'own'"),
    "objects in polars": (polars.DataFrame({"own": polars.Series([object()], dtype=polars.Object)}), "column 'own'"),
}


@pytest.mark.parametrize("which", NO_DATA)
def test_what_has_no_fingerprint_says_why(which: str):
    data, words = NO_DATA[which]
    with pytest.raises(UsageError, match=words):
        fingerprint(data)
