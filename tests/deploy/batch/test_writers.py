"""Answers are written whole, in four formats, the same bytes each time, and read back as they were."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pandas
import pyarrow
import pyarrow.parquet
import pytest

from hermetic.deploy.batch import writers
from hermetic.deploy.batch.writers import write_table

BATCH = pyarrow.RecordBatch.from_pydict(
    {
        "key": ["a", "=1+1", 'with "quotes", commas\nand lines', None],
        "prediction": [0.1, 1e-300, float("nan"), float("-inf")],
        "label": [True, False, None, True],
    }
)
SUFFIXES = ["parquet", "csv", "csv.gz", "jsonl", "jsonl.gz", "arrow", "feather"]


def write(path: Path, batches: list[pyarrow.RecordBatch]) -> int:
    return write_table(str(path), BATCH.schema, batches)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_same_answers_are_the_same_bytes_and_their_number_is_given(tmp_path: Path, suffix: str):
    for name in ("one", "two"):
        assert write(tmp_path / f"{name}.{suffix}", [BATCH, BATCH]) == 8
    assert (tmp_path / f"one.{suffix}").read_bytes() == (tmp_path / f"two.{suffix}").read_bytes()


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_no_rows_give_a_file_without_rows(tmp_path: Path, suffix: str):
    assert write(tmp_path / f"out.{suffix}", []) == 0
    assert (tmp_path / f"out.{suffix}").exists()


@pytest.mark.parametrize("suffix", ["parquet", "arrow"])
def test_parquet_and_arrow_keep_every_value_and_type(tmp_path: Path, suffix: str):
    write(tmp_path / f"out.{suffix}", [BATCH])
    path = tmp_path / f"out.{suffix}"
    found = pyarrow.parquet.read_table(path) if suffix == "parquet" else pyarrow.ipc.open_file(str(path)).read_all()
    assert found.schema.equals(BATCH.schema)
    assert repr(found.to_pydict()) == repr(BATCH.to_pydict())


@pytest.mark.parametrize("suffix", ["csv", "csv.gz"])
def test_csv_keeps_every_number_to_the_last_bit(tmp_path: Path, suffix: str):
    write(tmp_path / f"out.{suffix}", [BATCH])
    found = pandas.read_csv(tmp_path / f"out.{suffix}")
    assert found["key"].tolist()[:3] == BATCH.column("key").to_pylist()[:3]
    assert found["prediction"].tolist()[:2] == [0.1, 1e-300]
    assert found["prediction"].isna().tolist() == [False, False, True, False]


@pytest.mark.parametrize("suffix", ["jsonl", "jsonl.gz"])
def test_json_lines_are_json_of_the_standard(tmp_path: Path, suffix: str):
    path = tmp_path / f"out.{suffix}"
    write(path, [BATCH])
    data = gzip.decompress(path.read_bytes()) if suffix.endswith("gz") else path.read_bytes()

    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is no JSON")

    rows = [json.loads(line, parse_constant=refuse) for line in data.splitlines()]
    assert [row["prediction"] for row in rows] == [0.1, 1e-300, None, "-inf"]
    assert rows[2]["key"] == 'with "quotes", commas\nand lines'
    assert list(rows[0]) == ["key", "prediction", "label"]


def test_row_groups_do_not_depend_on_the_size_of_the_batches_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(writers, "_GROUP_ROWS", 10)
    write(tmp_path / "out.parquet", [BATCH] * 7)
    described = pyarrow.parquet.ParquetFile(tmp_path / "out.parquet").metadata
    assert [described.row_group(place).num_rows for place in range(described.num_row_groups)] == [12, 12, 4]


def test_an_error_in_the_middle_leaves_the_old_file(tmp_path: Path):
    path = tmp_path / "out.csv"
    path.write_text("old")

    def broken() -> Iterator[pyarrow.RecordBatch]:
        yield BATCH
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        write_table(str(path), BATCH.schema, broken())
    assert path.read_text() == "old"
    assert [own.name for own in tmp_path.iterdir()] == ["out.csv"]


def test_folders_are_made(tmp_path: Path):
    write(tmp_path / "a" / "b" / "out.csv", [BATCH])
    assert (tmp_path / "a" / "b" / "out.csv").exists()
