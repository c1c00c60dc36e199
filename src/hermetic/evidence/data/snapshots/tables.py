"""Tables and columns of polars and pyarrow as columns of Arrow and back."""

from __future__ import annotations

from typing import Any

from hermetic.errors import InvalidState
from hermetic.evidence.data.snapshots.packed import CannotKeep, Category, Packed, Unpacked
from hermetic.recorded.data import Holder

__all__ = ["pack_arrow", "pack_polars", "unpack_arrow", "unpack_polars"]


def pack_arrow(data: Any) -> Packed:
    """Give a Table, RecordBatch, Array or ChunkedArray of pyarrow as columns.

    Raises
    ------
    CannotKeep
        When it is of another class.
    """
    forms = {"Table": "table", "RecordBatch": "record batch", "ChunkedArray": "chunked array"}
    kind = type(data).__name__
    is_table = hasattr(data, "schema")
    form = forms.get(kind) or ("array" if hasattr(data, "to_pylist") and not is_table else "")
    if not form or (is_table and not data.num_columns):
        raise CannotKeep(f"a {kind} of pyarrow without columns" if form else f"an object of the class pyarrow.{kind}")
    columns = list(data.columns) if is_table else [data]
    return Packed(
        holder=Holder(
            form=f"pyarrow {form}",
            n_dimensions=2 if is_table else 1,
            dtypes=[str(column.type) for column in columns],
            labels="text" if is_table else "",
            index=[],
        ),
        names=list(data.schema.names) if is_table else ["0"],
        n_rows=len(data),
        read=lambda start, stop: [_one_piece(column[start:stop]) for column in columns],
    )


def _one_piece(column: Any) -> Any:
    import pyarrow

    if isinstance(column, pyarrow.ChunkedArray):
        column = column.combine_chunks()
    return pyarrow.concat_arrays(column.chunks) if isinstance(column, pyarrow.ChunkedArray) else column


def unpack_arrow(holder: Holder, found: Unpacked) -> Any:
    """Make the table or column again; a chunked array has one chunk.

    Raises
    ------
    InvalidState
        When the columns are not those of such an object.
    """
    import pyarrow

    if not found.columns or (holder.n_dimensions == 1 and len(found.columns) != 1):
        raise InvalidState(f"a {holder.form[:40]} is stored as {len(found.columns)} columns")
    columns = [_one_piece(column) for column in found.columns]
    if holder.form == "pyarrow table":
        return pyarrow.Table.from_arrays(columns, names=found.names)
    if holder.form == "pyarrow record batch":
        return pyarrow.RecordBatch.from_arrays(columns, names=found.names)
    if holder.form == "pyarrow chunked array":
        return pyarrow.chunked_array(columns)
    if holder.form == "pyarrow array":
        return columns[0]
    raise InvalidState(f"a snapshot of the form {holder.form[:80]!r}, which is not known here")


def pack_polars(data: Any) -> Packed:
    """Give a DataFrame or Series of polars as columns.

    Raises
    ------
    CannotKeep
        When it is of another class, or holds Python's objects, or numbers that Arrow does not have.
    """
    import polars
    import pyarrow

    if type(data) not in (polars.DataFrame, polars.Series):
        raise CannotKeep(f"an object of the class polars.{type(data).__name__}")
    is_frame = type(data) is polars.DataFrame
    series = data.get_columns() if is_frame else [data]
    if not series:
        raise CannotKeep("a frame without columns")
    if any(own.dtype == polars.Object for own in series):
        raise CannotKeep("a column of Python's objects in a frame of polars")
    try:
        columns = [own.to_arrow(compat_level=polars.CompatLevel.oldest()) for own in series]
    except pyarrow.ArrowException as error:
        raise CannotKeep(f"what Arrow does not have: {str(error)[:200]}") from error
    categories: dict[str, list[Category]] = {
        str(place): own.dtype.categories.to_list()
        for place, own in enumerate(series)
        if isinstance(own.dtype, polars.Enum)
    }
    return Packed(
        holder=Holder(
            form="polars frame" if is_frame else "polars series",
            n_dimensions=2 if is_frame else 1,
            dtypes=[_name(own.dtype) for own in series],
            labels="text" if is_frame or data.name else "",
            index=[],
        ),
        names=[own.name if is_frame or own.name else "0" for own in series],
        n_rows=len(data),
        read=lambda start, stop: [column[start:stop] for column in columns],
        categories=categories,
    )


def _name(dtype: Any) -> str:
    """Give the name of a dtype; categories are values, and stand in the snapshot."""
    import polars

    return "Enum" if isinstance(dtype, polars.Enum) else str(dtype)


def unpack_polars(holder: Holder, found: Unpacked) -> Any:
    """Make the DataFrame or Series again.

    Raises
    ------
    InvalidState
        When the columns are not those of such an object.
    """
    import polars

    if len(holder.dtypes) != len(found.columns) or not found.columns:
        raise InvalidState(f"a frame of {len(holder.dtypes)} columns is stored as {len(found.columns)}")
    series = []
    for place, (name, dtype, column) in enumerate(zip(found.names, holder.dtypes, found.columns, strict=True)):
        own = polars.Series(name if holder.labels else "", column)
        series.append(_cast(own, dtype, found.categories.get(str(place), [])))
    try:
        return polars.DataFrame(series) if holder.form == "polars frame" else series[0]
    except polars.exceptions.PolarsError as error:
        raise InvalidState(f"a snapshot holds no frame of polars: {error}"[:300]) from error


def _cast(series: Any, dtype: str, categories: list[Category]) -> Any:
    """Make categories of texts again."""
    import polars

    try:
        if dtype == "Enum":
            return series.cast(polars.Enum([str(value) for value in categories]))
        if dtype.startswith("Categorical") and series.dtype == polars.String:
            return series.cast(polars.Categorical)
    except polars.exceptions.PolarsError as error:
        raise InvalidState(f"a snapshot holds values that are none of its categories: {error}"[:300]) from error
    return series
