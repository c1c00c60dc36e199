"""Files are read in batches of one size, from any row on; what is no such file is refused."""

from __future__ import annotations

from pathlib import Path

import pyarrow
import pyarrow.ipc
import pyarrow.parquet
import pytest

from hermetic.deploy.batch.readers import ParquetReader, in_batches, open_reader
from hermetic.errors import FormatError

N_ROWS = 1_050
TABLE = pyarrow.table({"number": list(range(N_ROWS)), "text": [f"row {row}" for row in range(N_ROWS)]})


def write(path: Path, table: pyarrow.Table = TABLE) -> str:
    suffix = path.name.partition(".")[2]
    if suffix == "parquet":
        pyarrow.parquet.write_table(table, path, row_group_size=300)
    elif suffix == "arrow":
        with pyarrow.ipc.new_file(path, table.schema) as writer:
            writer.write_table(table, 130)
    elif suffix == "ipc":
        with pyarrow.ipc.new_stream(path, table.schema) as writer:
            writer.write_table(table, 130)
    elif suffix.startswith("csv"):
        table.to_pandas().to_csv(path, index=False)
    else:
        table.to_pandas().to_json(path, orient="records", lines=True)
    return str(path)


SUFFIXES = ["parquet", "arrow", "ipc", "csv", "csv.gz", "jsonl", "jsonl.gz"]
NAMES = ["text", "number"]


def opened(path: str):
    types = {"number": pyarrow.int64(), "text": pyarrow.string()} if "csv" in path or "jsonl" in path else None
    return open_reader(path, types)


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("first_row", [0, 100, 300, 1_000])
def test_batches_have_the_size_asked_for_and_the_last_one_the_rest(tmp_path: Path, suffix: str, first_row: int):
    reader = opened(write(tmp_path / f"rows.{suffix}"))
    batches = list(in_batches(reader, NAMES, 100, first_row))
    sizes = [batch.num_rows for batch in batches]
    assert sizes[:-1] == [100] * (len(sizes) - 1)
    assert sizes[-1] == (150 if first_row < 1_000 else 50)
    joined = pyarrow.Table.from_batches(batches)
    assert joined.column("number").to_pylist() == list(range(first_row, N_ROWS))
    assert joined.column("text")[0].as_py() == f"row {first_row}"
    assert joined.column_names == NAMES


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_batch_of_more_rows_than_there_are_is_the_whole_file(tmp_path: Path, suffix: str):
    [batch] = in_batches(opened(write(tmp_path / f"rows.{suffix}")), NAMES, 5_000)
    assert batch.num_rows == N_ROWS


@pytest.mark.parametrize("suffix", ["parquet", "arrow", "ipc", "csv"])
def test_a_file_without_rows_gives_no_batch(tmp_path: Path, suffix: str):
    assert list(in_batches(opened(write(tmp_path / f"rows.{suffix}", TABLE.slice(0, 0))), NAMES, 10)) == []


def test_batches_of_one_row_are_possible_apart_from_the_last_two(tmp_path: Path):
    sizes = [batch.num_rows for batch in in_batches(opened(write(tmp_path / "rows.parquet")), NAMES, 1)]
    assert sizes == [1] * N_ROWS


def test_statistics_of_parquet_tell_which_columns_miss_nothing(tmp_path: Path):
    table = pyarrow.table({"full": [1, 2, 3], "gaps": [1, None, 3], "late": [1, 2, None]})
    path = tmp_path / "rows.parquet"
    pyarrow.parquet.write_table(table, path, row_group_size=2)
    assert ParquetReader(str(path)).columns_without_missing() == {"full"}
    pyarrow.parquet.write_table(table, path, write_statistics=False)
    assert ParquetReader(str(path)).columns_without_missing() == set()


def test_a_row_group_is_skipped_and_not_read(tmp_path: Path):
    path = Path(write(tmp_path / "rows.parquet"))
    place = pyarrow.parquet.ParquetFile(path).metadata.row_group(0).column(0)
    data = bytearray(path.read_bytes())
    start = place.dictionary_page_offset or place.data_page_offset
    data[start : start + 40] = bytes(40)
    path.write_bytes(data)
    reader = open_reader(str(path))
    assert sum(batch.num_rows for batch in in_batches(reader, NAMES, 100, 300)) == N_ROWS - 300
    with pytest.raises(FormatError, match="the file is damaged"):
        list(in_batches(reader, NAMES, 100))


@pytest.mark.parametrize("suffix", ["parquet", "arrow", "ipc"])
def test_what_is_no_such_file_is_refused_with_its_name(tmp_path: Path, suffix: str):
    path = tmp_path / f"rows.{suffix}"
    path.write_bytes(b"no such file, but some text that is long enough")
    with pytest.raises(FormatError, match="the file cannot be read as") as caught:
        open_reader(str(path))
    assert caught.value.where == str(path)


def test_a_file_that_ends_too_early_is_refused_with_its_name(tmp_path: Path):
    path = Path(write(tmp_path / "rows.ipc"))
    path.write_bytes(path.read_bytes()[:-3_000])
    with pytest.raises(FormatError, match="the file is damaged"):
        list(in_batches(open_reader(str(path)), NAMES, 100))


def test_categories_of_several_chunks_are_joined(tmp_path: Path):
    path = tmp_path / "rows.parquet"
    parts = [pyarrow.array(own).dictionary_encode() for own in (["a", "b"], ["c", "a"])]
    pyarrow.parquet.write_table(pyarrow.table({"kind": pyarrow.chunked_array(parts)}), path, row_group_size=2)
    [batch] = in_batches(open_reader(str(path)), ["kind"], 10)
    assert batch.column(0).to_pylist() == ["a", "b", "c", "a"]


def test_a_file_that_is_not_there_is_an_error_of_the_system(tmp_path: Path):
    for suffix in SUFFIXES:
        with pytest.raises(FileNotFoundError):
            open_reader(str(tmp_path / f"rows.{suffix}"))
