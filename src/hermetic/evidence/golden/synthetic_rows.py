"""Drawing rows that are like those of some data and are none of them.

Each feature is drawn for itself: numbers between the quantiles of the feature and a little beyond its range, whole
numbers and categories as often as they occur, texts word by word. Which values are missing together is that of some row
of the data. So what travels in a file tells of the features one by one, and of no row.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from hermetic.errors import UsageError
from hermetic.recorded.answers import n_rows_of

__all__ = ["synthetic_rows"]

_SEED = 20_260_102
_FEW_VALUES = 32
_MOST_BYTES = 1 << 20
_LEAST_ROWS = 4
_GRID = np.linspace(0.0, 1.0, 33)
_BEYOND = 0.1
_MOST_READ = 100_000
_GIVE_NUMBER = "Take real rows instead: hermetic.record(model, X, golden=100)."


def synthetic_rows(X: Any, n_wanted: int) -> Any:
    """Draw rows like those of some data.

    Parameters
    ----------
    X : array, frame, sparse matrix or list of texts
        The data.
    n_wanted : int
        How many rows; fewer where a row is long.

    Returns
    -------
    array, frame, sparse matrix or list of texts
        The same for the same data.

    Raises
    ------
    UsageError
        When X is none of these, or empty.

    Examples
    --------
    >>> import numpy
    >>> drawn = synthetic_rows(numpy.array([[1.0, 10.0], [2.0, 30.0], [3.0, 20.0]]), 5)
    >>> drawn.shape, bool((drawn[:, 1] > 5).all())
    ((5, 2), True)
    """
    n_rows = n_rows_of(X)
    if n_rows < 1:
        raise UsageError("X has no rows to draw from")
    draw = np.random.default_rng(_SEED)
    if hasattr(X, "tocsr"):
        return _sparse(X.tocsr(), n_wanted, draw)
    if hasattr(X, "iloc"):
        return _frame(X, n_wanted, draw) if X.ndim == 2 else _texts(_of_texts(X.tolist()), n_wanted, draw)
    if isinstance(X, (list, tuple)) and all(type(text) is str for text in X):
        return _texts(list(X), n_wanted, draw)
    try:
        table = np.asarray(X)
    except ValueError as error:  # lists of unequal length
        raise UsageError(f"rows cannot be drawn: {error}"[:200], next_step=_GIVE_NUMBER) from error
    if table.ndim == 1 and table.dtype.kind in "UO":
        return _texts(_of_texts(table.tolist()), n_wanted, draw)
    if table.ndim == 1 and table.dtype.kind in "biuf":
        return _column(table, draw.integers(0, n_rows, n_wanted), draw)
    if table.ndim != 2 or table.dtype.kind not in "biufUO" or not table.shape[1]:
        raise UsageError(f"rows cannot be drawn from {type(X).__name__} of shape {table.shape}", next_step=_GIVE_NUMBER)
    n_drawn = _fewer(n_wanted, table.shape[1] * max(table.dtype.itemsize, 8))
    patterns = draw.integers(0, n_rows, n_drawn)
    columns = [_column(table[:, number], patterns, draw) for number in range(table.shape[1])]
    drawn = np.empty((n_drawn, table.shape[1]), dtype=table.dtype)
    for number, column in enumerate(columns):
        drawn[:, number] = column
    return drawn


def _fewer(n_wanted: int, row_bytes: int) -> int:
    return min(n_wanted, max(_LEAST_ROWS, _MOST_BYTES // row_bytes))


def _of_texts(values: list[Any]) -> list[str]:
    if not all(type(value) is str for value in values):
        raise UsageError("rows can be drawn from texts, but some of these are none", next_step=_GIVE_NUMBER)
    return values


def _frame(frame: Any, n_wanted: int, draw: np.random.Generator) -> Any:
    import pandas as pd

    n_drawn = _fewer(n_wanted, max(1, frame.shape[1]) * 8)
    patterns = draw.integers(0, len(frame), n_drawn)
    columns = {}
    for number in range(frame.shape[1]):
        column = frame.iloc[:, number]
        if isinstance(column.dtype, np.dtype):
            drawn = _column(column.to_numpy(), patterns, draw)
            columns[number] = pd.Series(drawn, dtype=column.dtype)
        else:
            # Categories, nullable numbers, zones: values of the feature, each drawn for itself.
            is_missing = column.isna().to_numpy()
            drawn = column.iloc[_positions(is_missing, patterns, draw)].reset_index(drop=True)
            places = ~is_missing[patterns]
            if _are_long_texts(column[~is_missing].tolist()):
                drawn[places] = _texts(column[~is_missing].tolist(), int(places.sum()), draw)
            columns[number] = drawn
    drawn_frame = pd.DataFrame(columns)
    drawn_frame.columns = frame.columns
    return drawn_frame


def _positions(is_missing: Any, patterns: Any, draw: np.random.Generator) -> Any:
    """Draw positions of known values, and of missing ones where the patterns have them."""
    known, missing = np.flatnonzero(~is_missing), np.flatnonzero(is_missing)
    positions = draw.choice(known, len(patterns)) if len(known) else np.zeros(len(patterns), dtype=np.int64)
    return np.where(is_missing[patterns], missing[:1] if len(missing) else positions, positions)


def _column(values: Any, patterns: Any, draw: np.random.Generator) -> Any:
    """Draw one feature."""
    is_missing = _missing(values)
    drawn = values[_positions(is_missing, patterns, draw)]
    known = values[~is_missing]
    if values.dtype.kind in "OU" and _are_long_texts(known.tolist()):
        drawn[~is_missing[patterns]] = _texts(known.tolist(), int((~is_missing[patterns]).sum()), draw)
        return drawn
    if values.dtype.kind not in "iufmM" or len(np.unique(known[:_MOST_READ])) <= _FEW_VALUES:
        return drawn
    places = ~is_missing[patterns]
    drawn[places] = _between_quantiles(known, int(places.sum()), draw)
    return drawn


def _are_long_texts(known: list[Any]) -> bool:
    """Tell texts of several words from categories."""
    if not all(type(value) is str for value in known):
        return False
    return len({*known}) > _FEW_VALUES and any(" " in value for value in known)


def _missing(values: Any) -> Any:
    if values.dtype.kind in "fmM":
        return np.isnan(values) if values.dtype.kind == "f" else np.isnat(values)
    if values.dtype.kind == "O":
        return np.array([value is None or value != value or str(value) == "<NA>" for value in values], dtype=bool)
    return np.zeros(len(values), dtype=bool)


def _between_quantiles(known: Any, n_drawn: int, draw: np.random.Generator) -> Any:
    """Draw numbers between the quantiles of a feature; one in eight beyond its range, if it has any fraction."""
    numbers = known.astype("i8") if known.dtype.kind in "mM" else known
    finite = numbers[np.isfinite(numbers)].astype(float)
    if not len(finite):
        return draw.choice(known, n_drawn)
    quantiles = np.quantile(finite, _GRID)
    drawn = np.interp(draw.random(n_drawn), _GRID, quantiles)
    if known.dtype.kind != "f" or bool((finite == np.round(finite)).all()):
        return np.round(drawn).astype(numbers.dtype).astype(known.dtype)
    beyond = draw.random(n_drawn) < 1 / 8
    # Nothing below zero where the feature has nothing below it: counts, shares and lengths stay what they are.
    low = quantiles[0] if quantiles[0] >= 0 else quantiles[0] - _BEYOND * (quantiles[-1] - quantiles[0])
    high = quantiles[-1] if quantiles[-1] <= 1 else quantiles[-1] + _BEYOND * (quantiles[-1] - quantiles[0])
    drawn[beyond] = draw.uniform(low, high, int(beyond.sum()))
    return drawn.astype(known.dtype)


def _texts(texts: list[str], n_wanted: int, draw: np.random.Generator) -> list[str]:
    """Draw texts word by word: as long as texts are, and of words that stand in more than one, where there are any."""
    counts: Counter[str] = Counter()
    for text in texts[:_MOST_READ]:
        counts.update(set(text.split()))
    shared = {word: count for word, count in sorted(counts.items()) if count > 1} or dict(sorted(counts.items()))
    if not shared:
        return [""] * n_wanted
    words, weights = list(shared), np.array(list(shared.values()), dtype=float)
    lengths = draw.choice([min(len(text.split()), 200) for text in texts[:_MOST_READ]], n_wanted)
    chosen = [draw.choice(len(words), length, p=weights / weights.sum()) for length in lengths]
    return [" ".join(words[number] for number in numbers) for numbers in chosen]


def _sparse(matrix: Any, n_wanted: int, draw: np.random.Generator) -> Any:
    """Draw rows with as many stored values as rows have, in the columns that have them, each value of its column."""
    by_column = matrix.tocsc()
    lengths = np.diff(matrix.indptr)
    weights = np.diff(by_column.indptr).astype(float)
    n_used = int((weights > 0).sum())
    n_drawn = _fewer(n_wanted, int(lengths.mean()) * 16 + 16)
    rows: list[Any] = []
    for length in draw.choice(lengths, n_drawn):
        size = min(int(length), n_used)
        rows.append(np.sort(draw.choice(len(weights), size, replace=False, p=weights / weights.sum())) if size else [])
    indices = np.concatenate([*rows, np.empty(0)]).astype(matrix.indices.dtype)
    ends = np.cumsum([0, *map(len, rows)]).astype(matrix.indptr.dtype)
    starts, sizes = by_column.indptr[indices], np.diff(by_column.indptr)[indices]
    values = by_column.data[starts + (draw.random(len(indices)) * sizes).astype(np.int64)]
    return type(matrix)((values, indices, ends), shape=(n_drawn, matrix.shape[1]))
