"""Arrays of numpy as columns of Arrow and back, bit by bit."""

from __future__ import annotations

import re
from typing import Any, Literal

import numpy as np

from hermetic.errors import InvalidState, LimitExceeded
from hermetic.evidence.data.snapshots.packed import CannotKeep, Packed, PackedColumn, Unpacked
from hermetic.evidence.data.snapshots.python_cells import cells_of, pack_cells
from hermetic.recorded.data import Holder

__all__ = [
    "array_dtype",
    "column_of_array",
    "dtype_of",
    "numbers_of",
    "pack_array",
    "unpack_array",
    "values_of_column",
]

_BLOCK_ROWS = 65_536
_DTYPE = re.compile(r"[<>|]([biufcUS]\d{1,9}|[Mm]8\[\d{0,9}[a-zA-Z]{1,2}\])")
_FORM = "numpy array"
_STORED: dict[str, str] = {"M": "i8", "m": "i8"}


def pack_array(array: Any) -> Packed:
    """Give an array of one or two dimensions as columns.

    Raises
    ------
    CannotKeep
        When it is of a class of its own, structured, or of numbers that Parquet does not have.
    """
    if type(array) not in (np.ndarray, np.memmap):
        raise CannotKeep(f"an array of the class {type(array).__name__}")
    if array.ndim not in (1, 2):
        raise CannotKeep(f"an array of {array.ndim} dimensions")
    if array.ndim == 2 and not array.shape[1]:
        raise CannotKeep("an array without columns")
    _check_dtype(array.dtype)
    order: Literal["C", "F"] = "F" if array.flags.f_contiguous and not array.flags.c_contiguous else "C"
    columns = [array] if array.ndim == 1 else None
    if array.dtype.kind not in "biufcMm":
        return _pack_cells(array, order, columns or list(array.T))
    n_columns = 1 if columns else array.shape[1]
    is_complex = array.dtype.kind == "c"

    def read(start: int, stop: int) -> list[Any]:
        import pyarrow

        block = array[start:stop].reshape(-1, n_columns)
        # The rows are turned once for all columns: reading one column of rows walks through all of them.
        turned = np.ascontiguousarray(block.T, dtype=array.dtype.newbyteorder("="))
        if is_complex:
            parts = turned.view(turned.real.dtype).reshape(n_columns, -1, 2)
            turned = np.ascontiguousarray(np.moveaxis(parts, 2, 1)).reshape(2 * n_columns, -1)
        turned = turned.view(_STORED.get(array.dtype.kind, turned.dtype))
        return [pyarrow.array(column, from_pandas=False) for column in turned]

    names = [str(place) for place in range(n_columns)]
    if is_complex:
        names = [f"{name}.{part}" for name in names for part in ("real", "imag")]
    holder = Holder(form=_FORM, n_dimensions=array.ndim, dtypes=[dtype_of(array)], order=order, index=[])
    return Packed(holder=holder, names=names, n_rows=len(array), read=read)


def dtype_of(array: Any) -> str:
    """Give the name of a dtype; a native one is named as little-endian, wherever it was."""
    dtype: np.dtype[Any] = array.dtype
    if dtype.kind == "T":
        return "text"
    native = dtype.newbyteorder("<") if dtype.isnative else dtype.newbyteorder(">")
    return native.str


def _check_dtype(dtype: Any) -> None:
    if dtype.names is not None or dtype.kind == "V":
        raise CannotKeep(f"a structured array ({dtype})"[:200])
    if dtype.kind == "T" and dtype != np.dtypes.StringDType():
        raise CannotKeep(f"an array of {dtype}")
    if dtype.kind in "fc" and dtype.itemsize > (8 if dtype.kind == "f" else 16):
        raise CannotKeep(f"an array of {dtype}, whose bytes differ between machines")


def _pack_cells(array: Any, order: Literal["C", "F"], columns: list[Any]) -> Packed:
    packed = [column_of_array(column) for column in columns]
    dtypes = [column.dtype for column in packed]
    if array.dtype.kind != "O":
        dtypes = [dtype_of(array)]
    holder = Holder(form=_FORM, n_dimensions=array.ndim, dtypes=dtypes, order=order, index=[])
    return Packed(
        holder=holder,
        names=[str(place) for place in range(len(columns))],
        n_rows=len(array),
        read=lambda start, stop: [column.read(start, stop) for column in packed],
    )


def column_of_array(array: Any) -> PackedColumn:
    """Give an array of one dimension as one column; complex numbers are two, and refused here.

    Raises
    ------
    CannotKeep
        As `pack_array`.
    """
    import pyarrow

    _check_dtype(array.dtype)
    kind = array.dtype.kind
    if kind == "c":
        raise CannotKeep("complex numbers in a frame")
    if kind in "OUST":
        name, cells = pack_cells(array.tolist())
        return PackedColumn(dtype=name if kind == "O" else dtype_of(array), read=lambda start, stop: cells[start:stop])

    def read(start: int, stop: int) -> Any:
        block = np.ascontiguousarray(array[start:stop], dtype=array.dtype.newbyteorder("="))
        return pyarrow.array(block.view(_STORED.get(kind, block.dtype)), from_pandas=False)

    return PackedColumn(dtype=dtype_of(array), read=read)


def unpack_array(holder: Holder, found: Unpacked) -> Any:
    """Make the array again.

    Raises
    ------
    InvalidState
        When the columns are not those of such an array.
    LimitExceeded
        When texts are said to be so wide that they would take more than is allowed.
    """
    if not holder.dtypes:
        raise InvalidState("an array without a dtype")
    n_columns = len(found.columns)
    if len(holder.dtypes) == 1 and (dtype := array_dtype(holder.dtypes[0])).kind in "biufcMm":
        if dtype.kind == "c":
            n_columns //= 2
        table = np.empty((found.n_rows, n_columns), dtype=dtype, order=_order(holder))
        _fill(table, found)
    else:
        kinds = holder.dtypes * n_columns if len(holder.dtypes) == 1 else holder.dtypes
        if len({array_dtype(kind) for kind in kinds}) > 1:
            raise InvalidState("an array of several dtypes")
        if len(kinds) != n_columns:
            raise InvalidState(f"an array of {len(kinds)} columns is stored as {n_columns}")
        asked = array_dtype(holder.dtypes[0]).itemsize * found.n_rows * n_columns
        if asked > found.most_bytes:
            raise LimitExceeded("most_bytes", allowed=found.most_bytes, asked=asked)
        columns = [values_of_column(name, column) for name, column in zip(kinds, found.columns, strict=True)]
        table = np.empty((found.n_rows, n_columns), dtype=array_dtype(holder.dtypes[0]), order=_order(holder))
        for place, values in enumerate(columns):
            table[:, place] = values
    if holder.n_dimensions != 1:
        return table
    if n_columns != 1:
        raise InvalidState(f"an array of one dimension has {n_columns} columns")
    return table.reshape(-1)


def _order(holder: Holder) -> Literal["C", "F"]:
    return "F" if holder.order == "F" else "C"


def _fill(table: Any, found: Unpacked) -> None:
    """Fill a table of numbers block by block, so that rows are turned while they are near."""
    n_parts = 2 if table.dtype.kind == "c" else 1
    native = table.dtype.newbyteorder("=")
    stored = np.dtype(_STORED.get(native.kind, native))
    if native.kind == "c":
        stored = np.empty(0, native).real.dtype
    if len(found.columns) != n_parts * table.shape[1]:
        raise InvalidState(f"{table.shape[1]} columns are stored as {len(found.columns)}")
    for start in range(0, found.n_rows, _BLOCK_ROWS):
        columns = [numbers_of(column.slice(start, _BLOCK_ROWS), stored) for column in found.columns]
        if not columns:
            return
        block = np.stack(columns)
        if native.kind == "c":
            block = np.ascontiguousarray(np.moveaxis(block.reshape(-1, 2, block.shape[1]), 1, 2)).view(native)[:, :, 0]
        table[start : start + _BLOCK_ROWS] = block.view(native).T


def numbers_of(column: Any, dtype: Any) -> Any:
    """Give a column of Arrow without missing values as an array.

    Raises
    ------
    InvalidState
        When it is of another type, or values are missing.
    """
    if column.null_count:
        raise InvalidState("a column of numbers has gaps where an array has none")
    numbers = column.to_numpy(zero_copy_only=False) if hasattr(column, "buffers") else column.to_numpy()
    if numbers.dtype != dtype:
        raise InvalidState(f"a column holds {numbers.dtype}, expected {dtype}")
    return numbers


def values_of_column(name: str, column: Any) -> Any:
    """Make an array of one dimension of a column again, whose dtype has a name.

    Raises
    ------
    InvalidState
        When the column is not that of such an array.
    """
    dtype = array_dtype(name)
    if dtype.kind == "O":
        values = np.empty(len(column), dtype=object)
        values[:] = cells_of(name, column)
        return values
    if dtype.kind in "UST":
        return np.array(column.to_pylist(), dtype=dtype)
    native = dtype.newbyteorder("=")
    return numbers_of(column, np.dtype(_STORED.get(native.kind, native))).view(native).astype(dtype)


def array_dtype(name: str) -> Any:
    """Give the dtype of a name, from a closed grammar: numpy reads far more than these.

    Raises
    ------
    InvalidState
        When there is none.
    """
    if name == "text":
        return np.dtypes.StringDType()
    if name.startswith("object["):
        return np.dtype(object)
    if not _DTYPE.fullmatch(name):
        raise InvalidState(f"a snapshot holds {name[:80]!r}, which is no dtype known here")
    try:
        native = np.dtype(f"<{name[1:]}").newbyteorder("=")
    except TypeError as error:
        raise InvalidState(f"a snapshot holds {name[:80]!r}, which is no dtype known here") from error
    return native.newbyteorder("S") if name[0] == ">" else native
