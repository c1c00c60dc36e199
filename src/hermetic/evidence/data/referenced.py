"""Reading data from where they are referenced: Parquet and CSV by pyarrow, Delta and Iceberg by their own libraries."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Callable, Collection
from typing import Any

from hermetic.errors import DataUnavailable, InvalidState
from hermetic.evidence.data.permission import is_allowed
from hermetic.evidence.data.snapshots.as_held import as_held
from hermetic.evidence.data.snapshots.parquet import read_columns
from hermetic.evidence.data.stores.contents import read_address
from hermetic.recorded.data import DataPart

__all__ = ["format_of", "read_reference"]

_PIECE_BYTES = 16 << 20
_SUFFIXES = {".parquet": "parquet", ".pq": "parquet", ".csv": "csv", ".csv.gz": "csv"}


def format_of(uri: str) -> str:
    """Guess the format of a file from its name: ``parquet``, ``csv``, or empty.

    Examples
    --------
    >>> format_of("s3://bucket/customers.CSV.gz"), format_of("dvc://customers")
    ('csv', '')
    """
    return next((own for suffix, own in _SUFFIXES.items() if uri.lower().endswith(suffix)), "")


def read_reference(part: DataPart, others: Collection[str], allowed: Collection[str], most_bytes: int) -> Any:
    """Read a part of the data from where it is referenced, as the object that it was.

    Parameters
    ----------
    part : DataPart
        What names it.
    others : collection of str
        Columns of the same table that other parts are.
    allowed : collection of str
        Beginnings of addresses that may be opened.
    most_bytes : int
        What it may take when it is decoded.

    Raises
    ------
    DataUnavailable
        When it is not allowed, cannot be reached, or is of a kind that is not read here.
    """
    if not is_allowed(part.uri, allowed):
        raise DataUnavailable(
            f"{part.name} is referenced, and its address is not allowed to be opened",
            where=part.uri,
            next_step="Look at the address. If it is one of yours, allow what it begins with: allowed=[...].",
        )
    reader = _READERS.get(part.format)
    if reader is None or part.holder is None:
        kind = part.format or "of this kind"
        raise DataUnavailable(
            f"{part.name} is referenced, and data {kind} are not read here as a {part.form}",
            where=f"{part.uri} {part.version}".strip(),
            next_step="Get that version of the data with the tool that keeps them, and hand them over.",
        )
    columns = part.columns or None
    table = reader(part, columns, most_bytes)
    names = part.columns or [name for name in table.column_names if name not in others]
    missing = [name for name in names if name not in table.column_names]
    if missing:
        raise InvalidState(f"the referenced table has no column {', '.join(map(repr, missing[:5]))}", where=part.uri)
    return as_held(part.holder, names, [table.column(name) for name in names], table.num_rows)


def _parquet(part: DataPart, columns: list[str] | None, most_bytes: int) -> Any:
    return read_columns(read_address(part.uri, part.version), columns, most_bytes=most_bytes, where=part.uri)


def _csv(part: DataPart, columns: list[str] | None, most_bytes: int) -> Any:
    import pyarrow
    from pyarrow import csv

    content = read_address(part.uri, part.version)
    if part.uri.lower().endswith(".gz"):
        content = _expanded(content, most_bytes, part.uri)
    if len(content) > most_bytes:
        raise InvalidState(f"a CSV file of more than {most_bytes:,} bytes", where=part.uri)
    dtypes = part.holder.dtypes if part.holder else []
    texts = {
        name: pyarrow.string()
        for name, dtype in zip(part.columns, dtypes, strict=False)
        if dtype.startswith(("object[text", "string[", "<U", "category[string", "category[object"))
    }
    has_gaps = any(", N" in dtype or ", nan" in dtype for dtype in dtypes)
    try:
        return csv.read_csv(
            pyarrow.BufferReader(content),
            convert_options=csv.ConvertOptions(
                include_columns=columns, column_types=texts, strings_can_be_null=has_gaps
            ),
        )
    except (pyarrow.ArrowException, KeyError) as error:
        raise InvalidState(f"this is no such CSV file: {str(error)[:200]}", where=part.uri) from error


def _expanded(content: bytes, most_bytes: int, where: str) -> bytes:
    """Expand what gzip has compressed, piece by piece, and no further than is allowed."""
    pieces, taken = [], 0
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
            while (piece := file.read(_PIECE_BYTES)) and taken <= most_bytes:
                pieces.append(piece)
                taken += len(piece)
    except (EOFError, OSError, zlib.error) as error:
        raise InvalidState(f"this is no gzip file: {error}"[:200], where=where) from error
    return b"".join(pieces)


def _delta(part: DataPart, columns: list[str] | None, most_bytes: int) -> Any:
    try:
        import deltalake
    except ModuleNotFoundError as error:
        raise _not_installed(part, "deltalake") from error
    version = _number(part)
    return _foreign(part, lambda: deltalake.DeltaTable(part.uri, version=version).to_pyarrow_table(columns=columns))


def _iceberg(part: DataPart, columns: list[str] | None, most_bytes: int) -> Any:
    try:
        from pyiceberg.table import StaticTable
    except ModuleNotFoundError as error:
        raise _not_installed(part, "pyiceberg[pyarrow]") from error
    selected = tuple(columns or ("*",))
    number = _number(part)
    return _foreign(
        part,
        lambda: StaticTable.from_metadata(part.uri).scan(selected_fields=selected, snapshot_id=number).to_arrow(),
    )


def _number(part: DataPart) -> int | None:
    if part.version and not part.version.isdecimal():
        raise InvalidState(f"versions of such tables are numbers, and this is {part.version[:80]!r}", where=part.uri)
    return int(part.version) if part.version else None


def _foreign(part: DataPart, read: Callable[[], Any]) -> Any:
    try:
        return read()
    # These libraries raise classes of their own, of pyarrow, of Rust and of the cloud that they talk to.
    except Exception as error:
        raise DataUnavailable(
            f"{part.name} cannot be read: {type(error).__name__}: {str(error)[:300]}",
            where=f"{part.uri} {part.version}".strip(),
            next_step="Check the address, the version and your access, or hand the data over.",
        ) from error


def _not_installed(part: DataPart, distribution: str) -> DataUnavailable:
    return DataUnavailable(
        f"{part.name} is in a table that takes {distribution} to read, which is not installed",
        where=part.uri,
        next_step=f"Install it (pip install '{distribution}'), or hand the data over.",
    )


_READERS: dict[str, Callable[[DataPart, list[str] | None, int], Any]] = {
    "csv": _csv,
    "delta": _delta,
    "iceberg": _iceberg,
    "parquet": _parquet,
}
