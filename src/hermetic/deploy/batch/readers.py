"""Reading a file batch by batch in little memory: Parquet, Arrow, CSV and JSON lines.

Each reader gives record batches of exactly as many rows as asked for; the last one has up to twice as many, less one,
so that a model is never asked about a handful of rows alone: linear algebra rounds those otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

import pyarrow
import pyarrow.ipc
import pyarrow.parquet

from hermetic.deploy.batch.csv_files import CsvReader
from hermetic.deploy.batch.damage import naming_damage
from hermetic.deploy.batch.json_files import JsonReader
from hermetic.deploy.batch.places import format_of

__all__ = ["ArrowReader", "ParquetReader", "Reader", "in_batches", "open_reader"]

_BUFFER_BYTES = 1 << 20
_CHUNK_ROWS = 16_384


class Reader(Protocol):
    """A file with rows.

    Attributes
    ----------
    path : str
        The file.
    schema : pyarrow.Schema
        Names and types; of text files the types are not known before they are read: all are texts.
    n_rows : int or None
        None where only reading tells.
    """

    path: str
    schema: pyarrow.Schema
    n_rows: int | None

    def chunks(self, columns: Sequence[str], first_row: int) -> Iterator[pyarrow.RecordBatch]:
        """Give the rows from a number on, in chunks of any size."""


def open_reader(path: str, types: Mapping[str, pyarrow.DataType] | None = None) -> Reader:
    """Open a file by its suffix.

    Parameters
    ----------
    path : str
        The file.
    types : mapping of str to pyarrow.DataType, optional
        What the columns of a text file hold.

    Raises
    ------
    FormatError
        When the file is not what its suffix says.
    """
    kind = format_of(path)
    with naming_damage(path, f"the file cannot be read as {kind}"):
        if kind == "parquet":
            return ParquetReader(path)
        if kind == "arrow":
            return ArrowReader(path)
        return CsvReader(path, types) if kind == "csv" else JsonReader(path, types)


class ParquetReader:
    """A Parquet file; what comes before the first row asked for is skipped by row groups."""

    def __init__(self, path: str) -> None:
        self.path = path
        with self._open() as file:
            self.schema: pyarrow.Schema = file.schema_arrow
            self.n_rows: int | None = file.metadata.num_rows
            self._group_rows = [file.metadata.row_group(place).num_rows for place in range(file.num_row_groups)]

    def _open(self) -> Any:
        # Without its own read-ahead a row group of any size is decoded page by page.
        return pyarrow.parquet.ParquetFile(self.path, pre_buffer=False, buffer_size=_BUFFER_BYTES)

    def columns_without_missing(self) -> set[str]:
        """Give the columns of which the statistics in the file say that no value is missing."""
        with self._open() as file:
            full: dict[str, bool] = {}
            for group in range(file.num_row_groups):
                described = file.metadata.row_group(group)
                for place in range(described.num_columns):
                    column = described.column(place)
                    known = column.statistics
                    is_full = known is not None and known.has_null_count and known.null_count == 0
                    full[column.path_in_schema] = full.get(column.path_in_schema, True) and is_full
        return {name for name, is_full in full.items() if is_full}

    def chunks(self, columns: Sequence[str], first_row: int) -> Iterator[pyarrow.RecordBatch]:
        """Give the rows from a number on."""
        group = 0
        while group < len(self._group_rows) and first_row >= self._group_rows[group]:
            first_row -= self._group_rows[group]
            group += 1
        with self._open() as file:
            groups = list(range(group, len(self._group_rows)))
            for batch in file.iter_batches(_CHUNK_ROWS, groups, columns=list(columns), use_threads=False):
                if first_row >= batch.num_rows:
                    first_row -= batch.num_rows
                    continue
                yield batch.slice(first_row).select(list(columns))
                first_row = 0


class ArrowReader:
    """An Arrow file or stream, Feather among them."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.n_rows: int | None = None
        with pyarrow.OSFile(path) as file:
            opened = self._open(file)
            self.schema: pyarrow.Schema = opened.schema

    def _open(self, file: Any) -> Any:
        if file.read(6) == b"ARROW1":
            return pyarrow.ipc.open_file(file)
        file.seek(0)
        return pyarrow.ipc.open_stream(file)

    def chunks(self, columns: Sequence[str], first_row: int) -> Iterator[pyarrow.RecordBatch]:
        """Give the rows from a number on."""
        with pyarrow.OSFile(self.path) as file:
            opened = self._open(file)
            count = getattr(opened, "num_record_batches", None)
            batches = iter(opened) if count is None else map(opened.get_batch, range(count))
            for batch in batches:
                if first_row >= batch.num_rows:
                    first_row -= batch.num_rows
                    continue
                yield batch.slice(first_row).select(list(columns))
                first_row = 0


def in_batches(
    reader: Reader, columns: Sequence[str], batch_rows: int, first_row: int = 0
) -> Iterator[pyarrow.RecordBatch]:
    """Give the rows from a number on in batches of exactly as many rows as asked for, and a longer one at the end.

    Raises
    ------
    FormatError
        When the file is damaged.
    """
    held: list[pyarrow.RecordBatch] = []
    n_held = 0
    for chunk in _guarded(reader, columns, first_row):
        held.append(chunk)
        n_held += chunk.num_rows
        if n_held < 2 * batch_rows:
            continue
        joined, start = _joined(held), 0
        while n_held >= 2 * batch_rows:
            yield joined.slice(start, batch_rows)
            start, n_held = start + batch_rows, n_held - batch_rows
        held = [joined.slice(start)]
    if n_held:
        yield _joined(held)


def _joined(batches: Sequence[pyarrow.RecordBatch]) -> pyarrow.RecordBatch:
    if len(batches) == 1:
        return batches[0]
    table = pyarrow.Table.from_batches(batches).unify_dictionaries().combine_chunks()
    return table.to_batches()[0]


def _guarded(reader: Reader, columns: Sequence[str], first_row: int) -> Iterator[pyarrow.RecordBatch]:
    with naming_damage(reader.path):
        yield from reader.chunks(columns, first_row)
