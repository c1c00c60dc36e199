"""numpy arrays and scipy's sparse matrices as tables."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from hermetic.errors import UsageError
from hermetic.evidence.data.python_values import type_of_objects, values_of_objects
from hermetic.evidence.data.table import Column, Table, Values

if TYPE_CHECKING:
    import numpy as np

__all__ = ["table_of_array", "table_of_sparse", "type_of_array", "values_of_array"]

_NUMBERS = {"b": "bool", "i": "int", "u": "uint", "f": "float", "c": "complex"}
_MOST_BYTES = {"f": 8, "c": 16}
_COARSE = {"Y": "D", "M": "D", "W": "D", "h": "s", "m": "s", "D": "s"}
_KEPT_UNITS = ("s", "ms", "us", "ns")


def table_of_array(array: np.ndarray) -> Table:
    """Give an array of samples as a table; a structured one has the names of its fields.

    Raises
    ------
    UsageError
        When it has more than two dimensions, or none.
    """
    parts: list[tuple[str | None, np.ndarray]]
    if array.dtype.names is not None and array.ndim == 1:
        parts = [(str(name), array[name]) for name in array.dtype.names]
    elif array.ndim == 1:
        parts = [(None, array)]
    elif array.ndim == 2 and array.dtype.names is None:
        return _matrix(array)
    else:
        raise UsageError(
            f"data are an array of one or two dimensions, got shape {array.shape} of {array.dtype}: "
            "give one row for each sample (array.reshape(len(array), -1))"
        )
    types = [type_of_array(part) for _, part in parts]
    return Table(
        n_rows=len(array),
        columns=tuple(Column(name=name, type=own) for (name, _), own in zip(parts, types, strict=True)),
        read=lambda start, stop: [
            values_of_array(part[start:stop], own) for (_, part), own in zip(parts, types, strict=True)
        ],
    )


def _matrix(array: np.ndarray) -> Table:
    import numpy as np

    if array.dtype.hasobject:
        types = [type_of_array(array[:, place]) for place in range(array.shape[1])]
    else:
        types = [type_of_array(array[:0])] * array.shape[1]

    def read(start: int, stop: int) -> list[Values]:
        # The rows are turned once for all columns: reading one column of rows walks through all of them.
        turned = np.ascontiguousarray(array[start:stop].T)
        return [values_of_array(own, name) for own, name in zip(turned, types, strict=True)]

    return Table(n_rows=len(array), columns=tuple(Column(name=None, type=own) for own in types), read=read)


def table_of_sparse(matrix: Any) -> Table:
    """Give a sparse matrix as a table of one column, whose values are its rows.

    Duplicate entries count as their sum, and zeros that are stored as none.

    Raises
    ------
    UsageError
        When it has not two dimensions.
    """
    import numpy as np

    if matrix.ndim != 2:
        raise UsageError("data are a sparse vector, and rows of a matrix are expected: reshape it, or call toarray()")
    rows = matrix.tocsr().copy()
    rows.sum_duplicates()
    rows.eliminate_zeros()
    rows.sort_indices()
    number = type_of_array(rows.data)

    def read(start: int, stop: int) -> list[Values]:
        ends = rows.indptr[start : stop + 1].astype(np.int64)
        entries = slice(int(ends[0]), int(ends[-1]))
        numbers = np.ascontiguousarray(rows.data[entries], dtype=rows.data.dtype.newbyteorder("<"))
        columns = rows.indices[entries].astype("<i8")
        return [Values(content=_row_by_row(ends - ends[0], columns, numbers), is_missing=None)]

    return Table(
        n_rows=rows.shape[0], columns=(Column(name=None, type=f"sparse[{number}, {rows.shape[1]}]"),), read=read
    )


def _row_by_row(ends: np.ndarray, columns: np.ndarray, numbers: np.ndarray) -> list[bytes]:
    """Give the bytes of each row: the numbers of its columns, and then its values."""
    import numpy as np

    # All rows at once, cut afterwards: two small copies for each row cost four times as much.
    width = 8 + numbers.itemsize
    lengths = np.diff(ends)
    row_starts = np.repeat(ends[:-1], lengths)
    within = np.arange(len(columns)) - row_starts
    joined = np.empty(width * len(columns), np.uint8)
    for first, values in (
        (width * row_starts, columns),
        (width * row_starts + 8 * np.repeat(lengths, lengths), numbers),
    ):
        unit = min(values.itemsize, numbers.itemsize, 8)
        words = values.view(f"u{unit}").reshape(len(columns), values.itemsize // unit)
        places = (first + values.itemsize * within) // unit
        target = joined.view(f"u{unit}")
        for word in range(words.shape[1]):
            target[places + word] = words[:, word]
    whole = joined.tobytes()
    return [whole[start:stop] for start, stop in itertools.pairwise((width * ends).tolist())]


def type_of_array(array: np.ndarray) -> str:
    """Give the logical type of an array.

    Raises
    ------
    UsageError
        When it has none: extended precision, whose bytes differ between machines, and raw bytes.
    """
    import numpy as np

    dtype = array.dtype
    if dtype.kind == "O":
        return type_of_objects(array.tolist())
    if dtype.kind in "SUT":
        return "bytes" if dtype.kind == "S" else "text"
    if dtype.kind in "Mm":
        unit, count = np.datetime_data(dtype)
        if count == 1 and dtype.kind == "M" and unit in ("D", "W", "M", "Y"):
            return "date"
        unit = _COARSE.get(unit, unit)
        if count == 1 and unit in _KEPT_UNITS:
            return f"{'timestamp' if dtype.kind == 'M' else 'duration'}[{unit}]"
    elif dtype.kind == "b":
        return "bool"
    elif dtype.kind in _NUMBERS and dtype.itemsize <= _MOST_BYTES.get(dtype.kind, 8):
        return f"{_NUMBERS[dtype.kind]}{8 * dtype.itemsize}"
    raise UsageError(f"values of {dtype} have no fingerprint: convert them, for example to float64")


def values_of_array(array: np.ndarray, type_: str) -> Values:
    """Give the values of an array of one dimension, whose logical type is known."""
    import numpy as np

    kind = array.dtype.kind
    if kind == "O":
        return values_of_objects(array.tolist(), type_)
    if kind in "SUT":
        return (
            values_of_objects(array.tolist(), type_) if kind == "T" else Values(content=array.tolist(), is_missing=None)
        )
    if kind == "f":
        return Values(content=array, is_missing=_any(np.isnan(array)))
    if kind in "Mm":
        unit = "D" if type_ == "date" else type_.partition("[")[2][:-1]
        moments = array.astype(f"{kind}8[{unit}]", copy=False)
        return Values(content=moments.view(np.int64), is_missing=_any(np.isnat(moments)))
    return Values(content=array, is_missing=None)


def _any(is_missing: np.ndarray) -> np.ndarray | None:
    return is_missing if is_missing.any() else None
