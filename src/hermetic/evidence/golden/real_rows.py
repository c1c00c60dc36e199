"""Choosing rows of real data that show much of what a model can answer: classes, extremes, missing values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from hermetic.errors import UsageError
from hermetic.recorded.answers import n_rows_of, take_rows

__all__ = ["real_rows"]

_MOST_COLUMNS = 200
_SEED = 20_260_101


def real_rows(X: Any, y: Any, n_wanted: int) -> Any:
    """Give some rows of the data.

    Parameters
    ----------
    X : array, frame, sparse matrix or list
        The data.
    y : array or None
        Labels, each of which shall be among them.
    n_wanted : int
        How many rows.

    Returns
    -------
    array, frame, sparse matrix or list
        At most so many, in the order of the data.

    Raises
    ------
    UsageError
        When X has no rows, or y not as many.

    Examples
    --------
    >>> real_rows([[0.0], [5.0], [2.0], [1.0]], [0, 0, 1, 1], 3)
    [[0.0], [5.0], [2.0]]
    """
    n_rows = n_rows_of(X)
    if n_rows < 1:
        raise UsageError("X has no rows to record")
    if y is not None and n_rows_of(y) != n_rows:
        raise UsageError(f"X has {n_rows} rows, and y has {n_rows_of(y)}")
    chosen: dict[int, None] = {}
    for number in _telling_rows(X, y, n_rows):
        if len(chosen) == n_wanted:
            break
        chosen[int(number)] = None
    return take_rows(X, np.sort(np.array(list(chosen), dtype=np.int64)), n_rows)


def _telling_rows(X: Any, y: Any, n_rows: int) -> Iterator[int]:
    if y is not None:
        labels = np.asarray(y)
        is_class = labels.ndim == 1 and labels.dtype.kind not in "fc"
        if is_class:
            texts = labels.astype(str) if labels.dtype.kind == "O" else labels
            yield from np.unique(texts, return_index=True)[1]
    table = _numbers(X)
    if table is not None:
        patterns = np.isnan(table)
        yield from np.unique(patterns, axis=0, return_index=True)[1]
        for column in table.T[:_MOST_COLUMNS]:
            known = np.flatnonzero(np.isfinite(column))
            if len(known):
                yield known[column[known].argmin()]
                yield known[column[known].argmax()]
    yield from np.random.default_rng(_SEED).permutation(n_rows)


def _numbers(X: Any) -> Any:
    """Give the numeric columns as one table of floats, None where there are none."""
    if hasattr(X, "tocsr"):
        return None
    if hasattr(X, "select_dtypes"):
        table = X.select_dtypes("number").to_numpy(dtype=float, na_value=np.nan)
    else:
        try:
            table = np.asarray(X)
        except ValueError:  # lists of unequal length
            return None
    return table.astype(float) if table.ndim == 2 and table.shape[1] and table.dtype.kind in "iuf" else None
