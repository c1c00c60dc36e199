"""Columns of Arrow as a Parquet file and back, within limits.

What is written is plain: numbers end to end, texts and categories with a dictionary. What is read may be anybody's: its
metadata must say exactly the rows and columns that are expected and a size that is allowed, before a page is read, and
what is decoded is counted on the way.
"""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from typing import Any

from hermetic.errors import InvalidState, LimitExceeded
from hermetic.evidence.data.snapshots.packed import MOST_BYTES, CannotKeep, Category, Packed, Unpacked

__all__ = ["MOST_BYTES", "read_columns", "read_parquet", "write_parquet"]

_KEY = b"hermetic.categories"
_BLOCK_ROWS = 65_536
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
    schema, columns, found_rows = _read(source, None, most_bytes, where)
    if found_rows != n_rows:
        found = f"a snapshot of {found_rows:,} rows, recorded were {n_rows:,}"
        raise InvalidState(found, where=where, next_step=_NEXT_STEP)
    return Unpacked(
        names=list(schema.names),
        columns=columns,
        n_rows=n_rows,
        categories=_categories(schema, where),
        most_bytes=most_bytes,
    )


def read_columns(source: Any, names: Sequence[str] | None, *, most_bytes: int = MOST_BYTES, where: str = "") -> Any:
    """Read some columns of a Parquet file of any origin.

    Parameters
    ----------
    source : bytes
        The file.
    names : sequence of str, optional
        By default all columns; those that it does not have are left out.
    most_bytes : int
        What they may take when they are decoded.
    where : str
        For messages.

    Returns
    -------
    pyarrow.Table
        In the order of the names.

    Raises
    ------
    InvalidState
        When it is no Parquet file.
    LimitExceeded
        When it would take more.
    """
    import pyarrow

    schema, columns, _ = _read(source, names, most_bytes, where)
    return pyarrow.table(columns, schema=schema)


def _read(source: Any, names: Sequence[str] | None, most_bytes: int, where: str) -> tuple[Any, list[Any], int]:
    import pyarrow
    from pyarrow import parquet

    given = pyarrow.BufferReader(source) if isinstance(source, (bytes, memoryview)) else source
    limits = {"thrift_container_size_limit": _MOST_METADATA, "thrift_string_size_limit": _MOST_METADATA}
    try:
        with parquet.ParquetFile(given, memory_map=True, **limits) as file:
            metadata, schema = file.metadata, file.schema_arrow
            if names is not None:
                names = [name for name in names if schema.get_field_index(name) >= 0]
                schema = pyarrow.schema([schema.field(name) for name in names])
        _check_size(metadata, most_bytes, where)
        # Texts as numbers of a dictionary: a short file can repeat one long text often.
        texts = [own.name for own in schema if _is_text(own.type)]
        given = pyarrow.BufferReader(source) if isinstance(source, (bytes, memoryview)) else source
        with parquet.ParquetFile(given, metadata=metadata, memory_map=True, read_dictionary=texts, **limits) as file:
            table = file.read(columns=names, use_threads=True)
        allowed = most_bytes
        columns = []
        for field, column in zip(schema, table.columns, strict=True):
            allowed -= _expanded_bytes(column)
            if allowed < 0:
                raise LimitExceeded("most_bytes", allowed=most_bytes, asked=most_bytes - allowed, where=where)
            held = column if column.type == field.type else _expanded(column, field.type)
            if not _is_number(field.type):
                held.validate(full=True)  # that texts are UTF-8, and indices in bounds
            columns.append(held)
    except (pyarrow.ArrowException, OSError, ValueError, KeyError, OverflowError) as error:
        raise InvalidState(f"this is no Parquet file: {str(error)[:200]}", where=where, next_step=_NEXT_STEP) from error
    return schema, columns, metadata.num_rows


def _check_size(metadata: Any, most_bytes: int, where: str) -> None:
    """Compare what the file says of itself, before a page of it is read."""
    # Nothing is asked about single columns: pyarrow ends the process where what they say of themselves is damaged.
    groups = range(metadata.num_row_groups)
    asked = sum(max(metadata.row_group(number).total_byte_size, 0) for number in groups)
    asked = max(asked, metadata.num_rows * metadata.num_columns // 8)
    if asked > most_bytes:
        raise LimitExceeded("most_bytes", allowed=most_bytes, asked=asked, where=where)


def _is_text(type_: Any) -> bool:
    return str(type_) in ("string", "large_string", "binary", "large_binary")


def _expanded_bytes(column: Any) -> int:
    """Give what a column takes once each text stands for itself."""
    from pyarrow import compute

    total = 0
    for chunk in column.chunks:
        if hasattr(chunk, "dictionary") and _is_text(chunk.type.value_type):
            lengths = compute.fill_null(compute.binary_length(chunk.dictionary), 0).take(chunk.indices)
            total += compute.sum(lengths).as_py() or 0
        else:
            total += chunk.nbytes
    return total


def _expanded(column: Any, type_: Any) -> Any:
    """Give each text for itself; by way of wide offsets, since a piece may hold more than two gigabytes."""
    import pyarrow

    wide = pyarrow.large_string() if "string" in str(type_) else pyarrow.large_binary()
    chunks = [chunk.dictionary.cast(wide).take(chunk.indices).cast(type_) for chunk in column.chunks]
    return pyarrow.chunked_array(chunks, type=type_)


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
