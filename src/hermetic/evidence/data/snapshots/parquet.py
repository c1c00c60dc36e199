"""Columns of Arrow as a Parquet file and back, within limits.

What is written is plain: numbers end to end, texts and categories with a dictionary. What is read may be anybody's: its
metadata must say exactly the rows and columns that are expected and a size that is allowed, before a page is read, and
what is decoded is counted on the way.
"""

from __future__ import annotations

import io
import json
from typing import Any

from hermetic.errors import InvalidState, LimitExceeded
from hermetic.evidence.data.snapshots.packed import CannotKeep, Category, Packed, Unpacked

__all__ = ["MOST_BYTES", "read_parquet", "write_parquet"]

MOST_BYTES = 64 << 30
_KEY = b"hermetic.categories"
_ROW_GROUP_BYTES = 32 << 20
_BLOCK_ROWS = 65_536
_BATCH_ROWS = 1_024
_MOST_METADATA = 256 << 20
_NEXT_STEP = "The snapshot is damaged or hostile, or of a later hermetic. Ask its producer for a fresh copy."


def write_parquet(packed: Packed, target: io.RawIOBase | io.BufferedIOBase) -> None:
    """Write columns as a Parquet file.

    Parameters
    ----------
    packed : Packed
        The columns.
    target : binary file object
        Only written to.

    Raises
    ------
    CannotKeep
        When Parquet has no such values.
    """
    import pyarrow

    first = packed.read(0, 0)
    types = [column.type for column in first]
    categories = {place: list(own) for place, own in packed.categories.items()}
    metadata = {_KEY: json.dumps(categories, separators=(",", ":"), sort_keys=True).encode()} if categories else None
    schema = pyarrow.schema(list(map(pyarrow.field, packed.names, types)), metadata=metadata)
    repeated = [f"{name}" for name, type_ in zip(packed.names, types, strict=True) if not _is_number(type_)]
    try:
        _write(packed, target, schema, repeated)
    except (pyarrow.ArrowException, UnicodeError, OverflowError, NotImplementedError) as error:
        raise CannotKeep(f"what Parquet cannot hold: {str(error)[:200]}") from error


def _write(packed: Packed, target: io.RawIOBase | io.BufferedIOBase, schema: Any, repeated: list[str]) -> None:
    import pyarrow
    from pyarrow import parquet

    with parquet.ParquetWriter(
        target,
        schema,
        compression="lz4",
        use_dictionary=sorted({*repeated}) if repeated else False,
        write_statistics=False,
        store_schema=True,
    ) as writer:
        for start in range(0, packed.n_rows, _BLOCK_ROWS):
            stop = min(start + _BLOCK_ROWS, packed.n_rows)
            block = pyarrow.RecordBatch.from_arrays(packed.read(start, stop), schema=schema)
            writer.write_batch(block)


def _is_number(type_: Any) -> bool:
    return str(type_).startswith(("int", "uint", "float", "double", "half", "bool", "timestamp", "date", "time"))


def read_parquet(source: Any, *, n_rows: int, most_bytes: int = MOST_BYTES, where: str = "") -> Unpacked:
    """Read a Parquet file that holds a snapshot.

    Parameters
    ----------
    source : bytes, or path of a file
        Its digest has been compared.
    n_rows : int
        As many as were recorded.
    most_bytes : int
        What it may take when it is decoded.
    where : str
        For messages.

    Returns
    -------
    Unpacked
        Its columns.

    Raises
    ------
    InvalidState
        When it is no Parquet file, or not that of so many rows.
    LimitExceeded
        When it would take more.
    """
    import pyarrow
    from pyarrow import parquet

    given = pyarrow.BufferReader(source) if isinstance(source, (bytes, memoryview)) else source
    try:
        with parquet.ParquetFile(
            given, memory_map=True, thrift_container_size_limit=_MOST_METADATA, thrift_string_size_limit=_MOST_METADATA
        ) as file:
            _check_metadata(file.metadata, n_rows, most_bytes, where)
            schema = file.schema_arrow
            table = _read_within(file, schema, most_bytes, where)
    except (pyarrow.ArrowException, OSError, ValueError, KeyError, OverflowError) as error:
        if isinstance(error, InvalidState):
            raise
        raise InvalidState(f"this is no Parquet file: {str(error)[:200]}", where=where, next_step=_NEXT_STEP) from error
    return Unpacked(
        names=list(schema.names), columns=list(table.columns), n_rows=n_rows, categories=_categories(schema, where)
    )


def _check_metadata(metadata: Any, n_rows: int, most_bytes: int, where: str) -> None:
    if metadata.num_rows != n_rows:
        found = f"a snapshot of {metadata.num_rows:,} rows, recorded were {n_rows:,}"
        raise InvalidState(found, where=where, next_step=_NEXT_STEP)
    asked = sum(metadata.row_group(number).total_byte_size for number in range(metadata.num_row_groups))
    if asked > most_bytes or asked < 0:
        raise LimitExceeded("most_bytes", allowed=most_bytes, asked=asked, where=where)


def _read_within(file: Any, schema: Any, most_bytes: int, where: str) -> Any:
    """Read the columns; texts in small pieces, since a short file can repeat one long text often."""
    import pyarrow

    if all(_is_number(own.type) for own in schema):
        return file.read(use_threads=True)
    batches, taken = [], 0
    for batch in file.iter_batches(batch_size=_BATCH_ROWS):
        taken += batch.nbytes
        if taken > most_bytes:
            raise LimitExceeded("most_bytes", allowed=most_bytes, asked=taken, where=where)
        batches.append(batch)
    return pyarrow.Table.from_batches(batches, schema=schema)


def _categories(schema: Any, where: str) -> dict[str, list[Category]]:
    text = (schema.metadata or {}).get(_KEY)
    if text is None:
        return {}
    try:
        found = json.loads(text)
    except (RecursionError, ValueError) as error:
        raise InvalidState("the categories of a snapshot are no JSON", where=where, next_step=_NEXT_STEP) from error
    if type(found) is not dict or not all(map(_are_categories, found.values())):
        raise InvalidState("the categories of a snapshot are no plain values", where=where, next_step=_NEXT_STEP)
    return found


def _are_categories(values: Any) -> bool:
    return type(values) is list and all(type(value) in (str, int, float, bool) for value in values)
