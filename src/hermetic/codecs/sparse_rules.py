"""What scipy's native code takes for granted about the arrays of sparse matrices, as vectorised checks.

Each check takes the columns of a whole table and gives the row of the first matrix that breaks a rule, and the rule; or
``(0, "")``. Many small matrices are checked end to end in one pass.

Source: scipy/sparse/sparsetools/csr.h, bsr.h, coo.h, dia.h; scipy/sparse/_compressed.py, ``check_format``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hermetic.lazy import numpy as np

__all__ = [
    "problem_of_blocks",
    "problem_of_compressed",
    "problem_of_coordinates",
    "problem_of_diagonals",
    "shared_index_dtype",
]

_NUMBERS = "biufc"
_POOLED_ITEMS = 4096
Problem = tuple[int, str]
_NO_PROBLEM = (0, "")


def shared_index_dtype(*arrays: Any) -> tuple[Any, ...]:
    """Give index arrays with one dtype, int32 or int64, in the machine's byte order, without a copy where it can be.

    Parameters
    ----------
    *arrays : numpy.ndarray
        Of integers.

    Returns
    -------
    tuple of numpy.ndarray
        Of one dimension, contiguous.

    Examples
    --------
    >>> import numpy
    >>> [array.dtype.name for array in shared_index_dtype(numpy.zeros(1, "i4"), numpy.zeros(1, "i8"))]
    ['int64', 'int64']
    """
    is_short = all(array.dtype.itemsize < 4 or array.dtype == np.int32 for array in arrays)
    dtype = np.dtype(np.int32 if is_short else np.int64)
    return tuple(
        array if array.dtype == dtype and array.dtype.isnative and array.flags.c_contiguous else array.astype(dtype)
        for array in map(np.asarray, arrays)
    )


def problem_of_compressed(shapes: Sequence[Any], data: Any, indices: Any, indptr: Any) -> Problem:
    """Check csr matrices, or csc ones with `shapes` exchanged.

    Parameters
    ----------
    shapes : sequence of (int, int)
        Rows and columns.
    data, indices, indptr : sequence of numpy.ndarray
        One for each matrix.

    Returns
    -------
    row : int
        The first matrix with a problem.
    problem : str
        The rule that it breaks; empty when all is well.

    Examples
    --------
    >>> import numpy
    >>> one = numpy.array([1.0]), numpy.array([5]), numpy.array([0, 1])
    >>> problem_of_compressed([(1, 2)], *([part] for part in one))
    (0, 'a column index lies outside of 0..1')
    """
    for row, (items, columns) in enumerate(zip(data, indices, strict=True)):
        if items.ndim != 1 or columns.shape != items.shape:
            return row, "data and indices differ in length"
    return _problem_of_rows(shapes, data, indices, indptr)


def problem_of_blocks(shapes: Sequence[Any], data: Any, indices: Any, indptr: Any) -> Problem:
    """Check bsr matrices; parameters and result as in `problem_of_compressed`."""
    grids = []
    for row, (shape, items, columns) in enumerate(zip(shapes, data, indices, strict=True)):
        if items.ndim != 3 or columns.shape != items.shape[:1]:
            return row, "data must hold one block for each index"
        height, width = items.shape[1:]
        if height < 1 or width < 1 or shape[0] % height or shape[1] % width:
            return row, f"blocks of {height} x {width} do not tile a matrix of {shape[0]} x {shape[1]}"
        grids.append((shape[0] // height, shape[1] // width))
        # Native code multiplies block numbers by the size of a block.
        if columns.dtype.kind == "i" and max(shape, default=0) > np.iinfo(columns.dtype).max:
            return row, f"the shape {shape} is too large for {columns.dtype} indices"
    return _problem_of_rows(grids, data, indices, indptr)


def _problem_of_rows(shapes: Sequence[Any], data: Any, indices: Any, indptr: Any) -> Problem:
    for row, (shape, items, columns, bounds) in enumerate(zip(shapes, data, indices, indptr, strict=True)):
        problem = _problem_of_items(items) or _problem_of_index_arrays(shape, (columns, bounds))
        if not problem and len(bounds) != shape[0] + 1:
            problem = f"indptr has {len(bounds)} items, but {shape[0] + 1} are needed"
        if problem:
            return row, problem
    start, n_items = 0, 0
    for row, columns in enumerate(indices):
        n_items += len(columns)
        if n_items >= _POOLED_ITEMS or row == len(indices) - 1:
            stop = row + 1
            found = _problem_of_index_values(shapes[start:stop], indices[start:stop], indptr[start:stop])
            if found[1]:
                return start + found[0], found[1]
            start, n_items = stop, 0
    return _NO_PROBLEM


def _problem_of_index_values(shapes: Sequence[Any], indices: Any, indptr: Any) -> Problem:
    """Look at the numbers themselves: of one matrix, or of several end to end."""
    columns = indices[0] if len(indices) == 1 else np.concatenate(indices)
    bounds = indptr[0] if len(indptr) == 1 else np.concatenate(indptr)
    last = np.cumsum([len(part) for part in indptr]) - 1
    first = np.concatenate([[0], last[:-1] + 1])
    lengths = np.array([len(part) for part in indices])
    if bounds[first].any():
        return int(np.flatnonzero(bounds[first])[0]), "indptr must begin with 0"
    if (wrong := bounds[last] != lengths).any():
        return int(np.flatnonzero(wrong)[0]), "indptr must end with the number of items"
    falls = bounds[1:] < bounds[:-1]
    falls[last[:-1]] = False  # from one matrix to the next
    if falls.any():
        return int(np.searchsorted(last, np.flatnonzero(falls)[0])), "indptr must not fall"
    width: Any = shapes[0][1]
    if len(indices) > 1:
        width = np.repeat(np.array([shape[1] for shape in shapes], dtype=np.int64), lengths)
    if not len(columns) or (len(indices) == 1 and int(columns.min()) >= 0 and int(columns.max()) < width):
        return _NO_PROBLEM
    if ((columns < 0) | (columns >= width)).any():
        place = np.flatnonzero((columns < 0) | (columns >= width))[0]
        row = int(np.searchsorted(np.cumsum(lengths), place, side="right"))
        return row, f"a column index lies outside of 0..{shapes[row][1] - 1}"
    return _NO_PROBLEM


def _problem_of_items(items: Any) -> str:
    if items.dtype.kind not in _NUMBERS or not items.dtype.isnative:
        return f"data must be numbers in the machine's byte order, not {items.dtype}"
    return ""


def _problem_of_index_arrays(shape: Any, arrays: Sequence[Any]) -> str:
    dtype = arrays[0].dtype if arrays else np.dtype(np.int32)
    if dtype not in (np.int32, np.int64) or not dtype.isnative or any(array.dtype != dtype for array in arrays):
        return "index arrays must all be int32 or all int64, got " + ", ".join(str(array.dtype) for array in arrays)
    if any(array.ndim != 1 for array in arrays):
        return "index arrays must have one dimension"
    if max(shape, default=0) > np.iinfo(dtype).max:
        return f"the shape {tuple(shape)} is too large for {dtype} indices"
    return ""


def problem_of_coordinates(fields: dict[str, list[Any]], *, unique: Sequence[bool] = ()) -> Problem:
    """Check coo matrices.

    Parameters
    ----------
    fields : dict of str to list
        ``shape``, ``data`` and ``coordinate_0``, ``coordinate_1``, ...
    unique : sequence of bool, optional
        For each matrix whether a place must not occur twice.

    Returns
    -------
    row, problem
        As in `problem_of_compressed`.
    """
    axes = [field for field in fields if field.startswith("coordinate_")]
    axes.sort(key=lambda field: int(field.rpartition("_")[2]))
    for row, (shape, items) in enumerate(zip(fields["shape"], fields["data"], strict=True)):
        coordinates = [fields[axis][row] for axis in axes]
        if shape is None or len(coordinates) != len(shape):
            return row, f"{len(coordinates)} axes have coordinates, the shape is {shape}"
        problem = _problem_of_items(items) or _problem_of_index_arrays(shape, coordinates)
        if problem:
            return row, problem
        if items.ndim != 1 or any(len(places) != len(items) for places in coordinates):
            return row, "data and coordinates differ in length"
        for places, length in zip(coordinates, shape, strict=True):
            if len(places) and not (int(places.min()) >= 0 and int(places.max()) < length):
                return row, f"a coordinate lies outside of 0..{length - 1}"
        if unique and unique[row] and _is_any_place_twice(coordinates):
            return row, "a place occurs twice"
    return _NO_PROBLEM


def _is_any_place_twice(coordinates: Sequence[Any]) -> bool:
    if not len(coordinates[0]):
        return False
    order = np.lexsort(coordinates)
    is_same = np.ones(len(order) - 1, dtype=bool)
    for places in coordinates:
        ordered = places[order]
        is_same &= ordered[1:] == ordered[:-1]
    return bool(is_same.any())


def problem_of_diagonals(shapes: Sequence[Any], data: Any, offsets: Any) -> Problem:
    """Check dia matrices; `offsets` has one array for each, the rest is as in `problem_of_compressed`."""
    for row, (shape, items, diagonals) in enumerate(zip(shapes, data, offsets, strict=True)):
        problem = _problem_of_items(items) or _problem_of_index_arrays(shape, (diagonals,))
        if problem:
            return row, problem
        if items.ndim != 2 or len(items) != len(diagonals):
            return row, "data must have a row for each offset"
        if len(np.unique(diagonals)) != len(diagonals):
            return row, "an offset occurs twice"
        # Native code adds offsets to lengths, and negates them.
        largest = np.iinfo(diagonals.dtype).max
        reach = max(*shape, items.shape[1])
        if len(diagonals) and max(-int(diagonals.min()), int(diagonals.max())) + reach > largest:
            return row, f"an offset is too large for a matrix of {shape[0]} x {shape[1]}"
    return _NO_PROBLEM
