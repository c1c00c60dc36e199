"""Sparse matrices of scipy as two columns, the numbers of the columns and the values of each row, and back."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from hermetic.errors import InvalidState
from hermetic.evidence.data.snapshots.arrays import array_dtype, dtype_of, numbers_of
from hermetic.evidence.data.snapshots.packed import CannotKeep, Packed, Unpacked
from hermetic.recorded.data import Holder

__all__ = ["are_same_entries", "pack_sparse", "unpack_sparse"]

_FORM = re.compile("sparse (csr|csc|coo) (matrix|array)")
_NUMBERS = "biuf"


def pack_sparse(matrix: Any) -> Packed:
    """Give a CSR, CSC or COO matrix as rows.

    Raises
    ------
    CannotKeep
        When it is of another format.
    """
    form = f"sparse {matrix.format} {'array' if type(matrix).__name__.endswith('array') else 'matrix'}"
    if not _FORM.fullmatch(form) or matrix.ndim != 2:
        raise CannotKeep(f"a {matrix.format.upper()} {'matrix' if matrix.ndim == 2 else 'vector'} (tocsr() is kept)")
    if matrix.dtype.kind not in _NUMBERS or matrix.dtype.itemsize > 8:
        raise CannotKeep(f"a sparse matrix of {matrix.dtype}")
    rows = matrix.tocsr()
    held = matrix if matrix.format != "coo" else rows
    dtypes = [dtype_of(own) for own in (matrix, held.indices, held.indptr)]

    def read(start: int, stop: int) -> list[Any]:
        import pyarrow

        ends = rows.indptr[start : stop + 1].astype(np.int64)
        first, last = int(ends[0]), int(ends[-1])
        offsets = pyarrow.array(ends - first)
        return [
            pyarrow.LargeListArray.from_arrays(offsets, pyarrow.array(own[first:last], from_pandas=False))
            for own in (rows.indices, rows.data.astype(rows.data.dtype.newbyteorder("="), copy=False))
        ]

    return Packed(
        holder=Holder(form=form, n_dimensions=2, dtypes=[*dtypes, str(matrix.shape[1])], index=[]),
        names=["columns", "values"],
        n_rows=matrix.shape[0],
        read=read,
    )


def unpack_sparse(holder: Holder, found: Unpacked) -> Any:
    """Make the matrix again.

    Raises
    ------
    InvalidState
        When the columns are not those of such a matrix.
    """
    import scipy.sparse

    form = _FORM.fullmatch(holder.form)
    if form is None or len(holder.dtypes) != 4 or not holder.dtypes[3].isdecimal() or len(found.columns) != 2:
        raise InvalidState("the snapshot of a sparse matrix is none")
    value_dtype, index_dtype, end_dtype = map(array_dtype, holder.dtypes[:3])
    n_columns = int(holder.dtypes[3])
    (ends, indices), (value_ends, values) = map(_lists, found.columns)
    if not np.array_equal(ends, value_ends) or len(ends) != found.n_rows + 1:
        raise InvalidState("rows of a sparse matrix have not as many columns as values")
    # scipy does not look at the numbers of columns, and its native code trusts them.
    if len(indices) and (indices.min() < 0 or indices.max() >= n_columns):
        raise InvalidState(f"a sparse matrix of {n_columns} columns names column {indices.max()}")
    make = getattr(scipy.sparse, f"csr_{form[2]}")
    data = values.astype(value_dtype, copy=False)
    rows = make((data, indices.astype(index_dtype), ends.astype(end_dtype)), shape=(found.n_rows, n_columns))
    matrix = rows if form[1] == "csr" else rows.asformat(form[1])
    if form[1] != "coo":
        # scipy takes the narrowest integers that suffice; they were what they were.
        matrix.indices = matrix.indices.astype(index_dtype, copy=False)
        matrix.indptr = matrix.indptr.astype(end_dtype, copy=False)
    return matrix


def _lists(column: Any) -> tuple[Any, Any]:
    """Give where the list of each row ends, and all lists end to end."""
    import pyarrow

    if not pyarrow.types.is_large_list(column.type) or column.null_count:
        raise InvalidState(f"rows of a sparse matrix are lists, and these are {column.type}"[:200])
    chunks = [chunk.flatten() for chunk in column.chunks]
    whole = pyarrow.chunked_array(chunks, type=column.type.value_type)
    lengths = [chunk.value_lengths().to_numpy() for chunk in column.chunks]
    ends = np.concatenate([np.zeros(1, np.int64), *lengths]).cumsum()
    return ends, numbers_of(whole, np.dtype(column.type.value_type.to_pandas_dtype()))


def are_same_entries(first: Any, second: Any) -> bool:
    """Tell whether two matrices have the same entries, stored zeros among them, row by row; bit by bit."""
    if first.format != second.format or first.dtype != second.dtype or first.shape != second.shape:
        return False
    if first.format == "coo":
        first, second = first.tocsr(), second.tocsr()
    if first.format == "csc":
        first, second = first.copy(), second.copy()
        first.sort_indices()
        second.sort_indices()
    pairs = [(getattr(first, own), getattr(second, own)) for own in ("indptr", "indices", "data")]
    return all(one.dtype == other.dtype and one.tobytes() == other.tobytes() for one, other in pairs)
