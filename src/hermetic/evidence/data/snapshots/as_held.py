"""Columns of any table as the object that was recorded: what a reference gives is not packed as a snapshot is."""

from __future__ import annotations

import re
from typing import Any

from hermetic.errors import DataUnavailable, InvalidState
from hermetic.evidence.data.snapshots.arrays import array_dtype
from hermetic.evidence.data.snapshots.of_any import unpack
from hermetic.evidence.data.snapshots.packed import Category, Unpacked
from hermetic.recorded.data import Holder

__all__ = ["as_held"]

_MOMENTS = re.compile(r"(?:<M8|datetime64)\[(s|ms|us|ns)[],]")
_NOT_A_TIME = -(2**63)


def as_held(holder: Holder, names: list[str], columns: list[Any], n_rows: int) -> Any:
    """Make an object of columns of a table.

    Parameters
    ----------
    holder : Holder
        What it was.
    names : list of str
        Of the columns.
    columns : list of pyarrow.ChunkedArray
        Of any types that can become those of the object.
    n_rows : int
        Number of samples.

    Raises
    ------
    DataUnavailable
        When they cannot: the caller has to hand the object over.
    """
    import pyarrow

    dtypes = holder.dtypes * len(columns) if len(holder.dtypes) == 1 else holder.dtypes
    try:
        pairs = zip(dtypes, columns, strict=True)
        held = [_column(dtype, column) for dtype, column in pairs]
        categories = {
            str(place): _categories(column)
            for place, (dtype, column) in enumerate(zip(dtypes, held, strict=True))
            if "category[" in dtype
        }
        return unpack(holder, Unpacked(names=names, columns=held, n_rows=n_rows, categories=categories))
    except (pyarrow.ArrowException, InvalidState, TypeError, ValueError) as error:
        raise DataUnavailable(
            f"the referenced columns do not become a {holder.form}: {str(error)[:200]}",
            next_step="Make it as it was for fit, and hand it over.",
        ) from error


def _column(dtype: str, column: Any) -> Any:
    """Give a column in the type that a snapshot would have."""
    import numpy as np
    import pyarrow

    if pyarrow.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if dtype.startswith("object["):
        kind = dtype.removeprefix("object[").removesuffix("]").partition(",")[0]
        types = {"text": pyarrow.string(), "int": pyarrow.int64(), "float": pyarrow.float64(), "bool": pyarrow.bool_()}
        return column.cast(types[kind]) if kind in types else column
    if dtype[:1] not in "<>|" or dtype[1:2] not in "biuf":
        unit = _MOMENTS.match(dtype)
        if unit is None or not pyarrow.types.is_temporal(column.type):
            return column
        zone = column.type.tz if pyarrow.types.is_timestamp(column.type) else None
        moments = column.cast(pyarrow.timestamp(unit[1], zone)).cast("int64")
        return moments.fill_null(_NOT_A_TIME)
    wanted = array_dtype(dtype).newbyteorder("=")
    column = column.cast(pyarrow.from_numpy_dtype(wanted))
    return column.fill_null(np.nan) if wanted.kind == "f" and column.null_count else column


def _categories(column: Any) -> list[Category]:
    """Give the values that occur, in order: which others were possible is not known."""
    return sorted(value for value in column.unique().to_pylist() if value is not None)
