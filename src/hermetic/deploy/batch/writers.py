"""Writing the answers to one file as Parquet, CSV, JSON lines or Arrow: the same bytes for the same answers."""

from __future__ import annotations

import gzip
import json
import os
import re
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

import pyarrow
import pyarrow.csv
import pyarrow.ipc
import pyarrow.parquet

from hermetic.deploy.batch.places import format_of
from hermetic.formats.atomic_file import atomic_writer

__all__ = ["write_table"]

_GROUP_ROWS = 131_072
_GROUP_BYTES = 32 << 20
_LEVEL = 6


def write_table(path: str, schema: pyarrow.Schema, batches: Iterable[pyarrow.RecordBatch]) -> int:
    """Write a file in one step; give the number of its rows.

    Parameters
    ----------
    path : str
        Its suffix says the format. Folders that are not there are made.
    schema : pyarrow.Schema
        The columns.
    batches : iterable of pyarrow.RecordBatch
        The rows.
    """
    folder = os.path.dirname(path)
    if folder:
        os.makedirs(folder, exist_ok=True)
    _remove_left_over(path)
    kind = format_of(path)
    n_rows = 0

    def counted() -> Iterator[pyarrow.RecordBatch]:
        nonlocal n_rows
        for batch in batches:
            n_rows += batch.num_rows
            yield batch

    with atomic_writer(path) as file:
        if path.lower().endswith(".gz"):
            # Without name and time in it the same answers are the same bytes.
            with gzip.GzipFile("", "wb", _LEVEL, file, mtime=0) as packed:
                _WRITERS[str(kind)](packed, schema, counted())
        else:
            _WRITERS[str(kind)](file, schema, counted())
    return n_rows


def _remove_left_over(path: str) -> None:
    """Remove what a run that was killed while it wrote this very output has left; nobody else may be writing it now."""
    folder, name = os.path.split(os.path.realpath(path))
    pattern = re.compile(re.escape(f".{name}.") + r"[0-9a-f]{8}\.tmp")
    for found in os.listdir(folder):
        if pattern.fullmatch(found):
            os.unlink(os.path.join(folder, found))


def _write_parquet(file: Any, schema: pyarrow.Schema, batches: Iterable[pyarrow.RecordBatch]) -> None:
    with pyarrow.parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        held: list[pyarrow.RecordBatch] = []
        n_rows = n_bytes = 0
        for batch in batches:
            held.append(batch)
            n_rows, n_bytes = n_rows + batch.num_rows, n_bytes + batch.nbytes
            if n_rows >= _GROUP_ROWS or n_bytes >= _GROUP_BYTES:
                writer.write_table(pyarrow.Table.from_batches(held))
                held, n_rows, n_bytes = [], 0, 0
        if held:
            writer.write_table(pyarrow.Table.from_batches(held))


def _write_arrow(file: Any, schema: pyarrow.Schema, batches: Iterable[pyarrow.RecordBatch]) -> None:
    with pyarrow.ipc.new_file(file, schema) as writer:
        for batch in batches:
            writer.write_batch(batch)


def _write_csv(file: Any, schema: pyarrow.Schema, batches: Iterable[pyarrow.RecordBatch]) -> None:
    with pyarrow.csv.CSVWriter(file, schema) as writer:
        for batch in batches:
            writer.write_batch(batch)


def _write_jsonl(file: BinaryIO, schema: pyarrow.Schema, batches: Iterable[pyarrow.RecordBatch]) -> None:
    for batch in batches:
        columns = [_json_values(values) for values in batch.columns]
        lines = (dict(zip(schema.names, row, strict=True)) for row in zip(*columns, strict=True))
        file.write("".join(json.dumps(line, ensure_ascii=False, default=str) + "\n" for line in lines).encode())


def _json_values(values: pyarrow.Array) -> list[Any]:
    """Give values for JSON, which has neither NaN nor infinity: the first is null, the others are texts."""
    found: list[Any] = values.to_pylist()
    if not pyarrow.types.is_floating(values.type):
        return found
    return [own if own is None or abs(own) < float("inf") else None if own != own else str(own) for own in found]


_WRITERS = {"parquet": _write_parquet, "arrow": _write_arrow, "csv": _write_csv, "jsonl": _write_jsonl}
