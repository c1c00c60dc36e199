"""Data that stay where they are: opened only where the user allows it, and compared whenever they are read."""

from __future__ import annotations

import gzip
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars
import pyarrow
import pyarrow.parquet
import pytest

import hermetic
from hermetic.errors import DataChanged, DataUnavailable, InvalidState, LimitExceeded, UsageError
from hermetic.evidence.data.reading import read_parts
from hermetic.evidence.data.recording import record_data
from hermetic.evidence.data.referenced import format_of
from hermetic.evidence.data.references import DataReference

N_ROWS = 60
_random = np.random.default_rng(0)
TABLE = pd.DataFrame(
    {
        "age": _random.normal(size=N_ROWS),
        "n": _random.integers(0, 9, N_ROWS),
        "town": pd.Series(_random.choice(["Ulm", "Bonn"], N_ROWS), dtype="str"),
        "day": pd.date_range("2020-01-01", periods=N_ROWS, unit="us"),
        "label": _random.integers(0, 2, N_ROWS),
        "weight": _random.random(N_ROWS),
    }
)
X = TABLE[["age", "n", "town", "day"]]


def _parquet(folder: Path, table: pd.DataFrame = TABLE) -> Path:
    path = folder / "data.parquet"
    table.to_parquet(path, index=False)
    return path


def _csv(folder: Path) -> Path:
    path = folder / "data.csv"
    TABLE.to_csv(path, index=False)
    return path


def _packed_csv(folder: Path) -> Path:
    path = folder / "data.csv.gz"
    path.write_bytes(gzip.compress(_csv(folder).read_bytes()))
    return path


@pytest.mark.parametrize("write", [_parquet, _csv, _packed_csv], ids=["parquet", "csv", "csv.gz"])
def test_a_frame_a_column_and_weights_come_from_one_table(tmp_path: Path, write: Any):
    uri = str(write(tmp_path))
    reference = DataReference(uri, y="label", sample_weight="weight")
    parts = {"X": X, "y": TABLE["label"], "sample_weight": TABLE["weight"].to_numpy()}
    record, snapshot = record_data(parts, reference)
    assert snapshot == {}
    assert record.notes == []
    assert [part.columns for part in record.parts] == [list(X.columns), ["label"], ["weight"]]
    found = read_parts(record, snapshot={}, allowed=[str(tmp_path)])
    pd.testing.assert_frame_equal(found["X"], X, check_exact=True)
    pd.testing.assert_series_equal(found["y"], TABLE["label"], check_exact=True)
    assert found["sample_weight"].tobytes() == TABLE["weight"].to_numpy().tobytes()


HELD = {
    "an array": lambda table: table[["age", "n"]].to_numpy(),
    "single precision": lambda table: table[["age", "n"]].to_numpy(dtype="f4"),
    "a frame of polars": lambda table: polars.from_pandas(table[["age", "n"]]),
    "a table of Arrow": lambda table: pyarrow.Table.from_pandas(table[["age", "n"]], preserve_index=False),
    "rows": lambda table: table[["age"]].to_numpy().tolist(),
    "texts": lambda table: table["town"].tolist(),
    "objects": lambda table: table[["town"]].to_numpy(dtype=object),
    "categories": lambda table: table[["town"]].astype("category"),
    "moments": lambda table: table[["day"]].astype("datetime64[ns]"),
}
COLUMNS = {"rows": ["age"], "texts": ["town"], "objects": ["town"], "categories": ["town"], "moments": ["day"]}


@pytest.mark.parametrize("held", HELD)
def test_what_is_read_is_of_the_class_that_fit_was_given(tmp_path: Path, held: str):
    data = HELD[held](TABLE)
    record, _ = record_data({"X": data}, DataReference(str(_parquet(tmp_path)), X=COLUMNS.get(held, ["age", "n"])))
    found = read_parts(record, snapshot={}, allowed=[str(tmp_path)])["X"]
    assert type(found) is type(data)
    assert repr(found) == repr(data)


def test_an_array_is_all_columns_that_nothing_else_is(tmp_path: Path):
    path = _parquet(tmp_path, TABLE[["age", "label", "weight"]])
    record, _ = record_data(
        {"X": TABLE[["age", "weight"]].to_numpy(), "y": TABLE["label"].to_numpy()}, DataReference(str(path), y="label")
    )
    found = read_parts(record, snapshot={}, allowed=[str(path)])
    assert found["X"].shape == (N_ROWS, 2)


def test_nothing_is_opened_that_is_not_allowed(tmp_path: Path):
    record, _ = record_data({"X": X}, DataReference(str(_parquet(tmp_path))))
    for allowed in ([], [str(tmp_path / "other")], ["s3://bucket"]):
        with pytest.raises(DataUnavailable, match="not allowed to be opened") as caught:
            read_parts(record, snapshot={}, allowed=allowed)
        assert caught.value.where == str(tmp_path / "data.parquet")


CHANGES = {
    "a cell": (lambda table: table.assign(age=table["age"].where(table.index != 5, 1.0)), "'age' holds other values"),
    "a dtype": (lambda table: table.assign(n=table["n"].astype("int32"), age=table["age"] + 1), "'age' holds other"),
    "the order of rows": (lambda table: table[::-1], "another order of rows"),
    "a row less": (lambda table: table[:-1], "59 rows, recorded were 60"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_changed_data_are_told_and_placed(tmp_path: Path, change: str):
    record, _ = record_data({"X": X}, DataReference(str(_parquet(tmp_path)), X=list(X.columns)))
    alter, words = CHANGES[change]
    _parquet(tmp_path, alter(TABLE))
    with pytest.raises(DataChanged, match=words):
        read_parts(record, snapshot={}, allowed=[str(tmp_path)])


def test_a_column_that_is_gone_is_named(tmp_path: Path):
    record, _ = record_data({"X": X}, DataReference(str(_parquet(tmp_path))))
    _parquet(tmp_path, TABLE.drop(columns="town"))
    with pytest.raises(InvalidState, match="no column 'town'"):
        read_parts(record, snapshot={}, allowed=[str(tmp_path)])


def test_a_file_that_is_gone_or_none_is_told(tmp_path: Path):
    path = _parquet(tmp_path)
    record, _ = record_data({"X": X}, DataReference(str(path)))
    path.write_bytes(b"PAR1 no PAR1")
    with pytest.raises(InvalidState, match="no Parquet file"):
        read_parts(record, snapshot={}, allowed=[str(tmp_path)])
    path.unlink()
    with pytest.raises(DataUnavailable, match="FileNotFoundError"):
        read_parts(record, snapshot={}, allowed=[str(tmp_path)])


@pytest.mark.parametrize("write", [_parquet, _csv, _packed_csv], ids=["parquet", "csv", "csv.gz"])
def test_no_more_is_decoded_than_is_allowed(tmp_path: Path, write: Any):
    record, _ = record_data({"X": X}, DataReference(str(write(tmp_path))))
    with pytest.raises((LimitExceeded, InvalidState), match=r"most_bytes|more than 1,000 bytes"):
        read_parts(record, snapshot={}, allowed=[str(tmp_path)], most_bytes=1_000)


def test_what_is_of_another_kind_is_handed_over():
    record, _ = record_data({"X": X}, DataReference("lakefs://repo/main/customers", version="a1b2"))
    with pytest.raises(DataUnavailable) as caught:
        read_parts(record, snapshot={}, allowed=["lakefs://repo"])
    assert caught.value.where == "lakefs://repo/main/customers a1b2"
    assert "hand them over" in caught.value.next_step
    assert read_parts(record, snapshot={}, given={"X": X})["X"] is X


def test_an_index_is_not_in_a_table_and_that_is_noted(tmp_path: Path):
    record, _ = record_data({"X": X.set_index(pd.Index(range(9, 9 + N_ROWS)))}, DataReference(str(_parquet(tmp_path))))
    assert "index of X is not looked for" in record.notes[0]
    assert read_parts(record, snapshot={}, allowed=[str(tmp_path)])["X"].index.equals(pd.RangeIndex(N_ROWS))


def test_a_part_that_the_reference_does_not_name_is_left_out_and_noted(tmp_path: Path):
    record, _ = record_data({"X": X, "y": TABLE["label"]}, DataReference(str(_parquet(tmp_path))))
    assert [part.place for part in record.parts] == ["referenced", "left out"]
    assert record.notes == ["the values of y are not kept: the reference does not say which columns they are"]


def test_a_class_that_is_not_known_is_noted_and_handed_over(tmp_path: Path):
    record, _ = record_data({"X": np.ma.masked_array([1.0])}, DataReference(str(_parquet(tmp_path))))
    assert "X can be read, but not as what it was: an array of the class MaskedArray" in record.notes[0]
    with pytest.raises(DataUnavailable, match="not read here as a numpy"):
        read_parts(record, snapshot={}, allowed=[str(tmp_path)])


def test_values_that_do_not_become_what_they_were_are_told(tmp_path: Path):
    path = _parquet(tmp_path)
    record, _ = record_data({"X": TABLE[["n"]].to_numpy()}, DataReference(str(path), X=["n"]))
    _parquet(tmp_path, TABLE.assign(n="many"))
    with pytest.raises(DataUnavailable, match="do not become a numpy array"):
        read_parts(record, snapshot={}, allowed=[str(tmp_path)])


@pytest.mark.parametrize("uri", ["", 3, None])
def test_a_reference_is_an_address(uri: Any):
    with pytest.raises(UsageError, match="an address and a version"):
        hermetic.DataReference(uri)
    with pytest.raises(UsageError, match="an address and a version"):
        hermetic.DataReference("a.parquet", version=3)


@pytest.mark.parametrize(
    ("uri", "format_"),
    [("a.parquet", "parquet"), ("s3://b/a.PQ", "parquet"), ("a.csv", "csv"), ("a.csv.gz", "csv"), ("a.xlsx", "")],
)
def test_the_format_is_that_of_the_suffix(uri: str, format_: str):
    assert format_of(uri) == format_


def test_a_delta_table_is_read_at_its_version(tmp_path: Path):
    deltalake = pytest.importorskip("deltalake")
    uri = str(tmp_path / "table")
    deltalake.write_deltalake(uri, pyarrow.Table.from_pandas(TABLE[["age", "label"]], preserve_index=False))
    deltalake.write_deltalake(uri, pyarrow.table({"age": [1.5], "label": [3]}), mode="overwrite")
    reference = DataReference(uri, version="0", format="delta", y="label")
    record, _ = record_data({"X": TABLE[["age"]], "y": TABLE["label"].to_numpy()}, reference)
    found = read_parts(record, snapshot={}, allowed=[str(tmp_path)])
    pd.testing.assert_frame_equal(found["X"], TABLE[["age"]])
    newest, _ = record_data({"X": TABLE[["age"]]}, DataReference(uri, format="delta", X=["age"]))
    with pytest.raises(DataChanged, match="1 rows, recorded were 60"):
        read_parts(newest, snapshot={}, allowed=[str(tmp_path)])
    gone, _ = record_data({"X": TABLE[["age"]]}, DataReference(uri, version="9", format="delta"))
    with pytest.raises(DataUnavailable, match="cannot be read"):
        read_parts(gone, snapshot={}, allowed=[str(tmp_path)])


@pytest.mark.parametrize(("format_", "library"), [("delta", "deltalake"), ("iceberg", "pyiceberg")])
def test_a_library_that_is_not_installed_is_named(tmp_path: Path, monkeypatch: Any, format_: Any, library: str):
    for name in [library, f"{library}.table"]:
        monkeypatch.setitem(sys.modules, name, None)
    record, _ = record_data({"X": X}, DataReference(str(tmp_path / "table"), format=format_))
    with pytest.raises(DataUnavailable, match="not installed") as caught:
        read_parts(record, snapshot={}, allowed=[str(tmp_path)])
    assert f"pip install '{library}" in caught.value.next_step


@pytest.mark.parametrize("format_", ["delta", "iceberg"])
def test_the_version_of_a_table_is_a_number(tmp_path: Path, monkeypatch: Any, format_: Any):
    for name in ["deltalake", "pyiceberg", "pyiceberg.table"]:
        monkeypatch.setitem(sys.modules, name, type(sys)(name))
    sys.modules["pyiceberg.table"].StaticTable = None  # type: ignore[attr-defined]
    record, _ = record_data({"X": X}, DataReference(str(tmp_path / "table"), version="main", format=format_))
    with pytest.raises(InvalidState, match="numbers, and this is 'main'"):
        read_parts(record, snapshot={}, allowed=[str(tmp_path)])
