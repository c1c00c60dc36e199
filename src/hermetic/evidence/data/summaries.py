"""What is told of the columns to people: histograms, quantiles, how often values occur. Of many rows, never of one.

Whatever is written here stands in the model's file, also where the data do not. So no number is that of a single row:
the outermost quantiles have at least five rows beyond them and are rounded to three digits of their range, a bin of a
histogram holds at least five rows or none, and values are named only where all of them are few and each has at least
five rows.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import numpy as np

from hermetic.evidence.data.of_any import table_of
from hermetic.evidence.data.table import Values
from hermetic.recorded.data import ColumnSummary, ValueCount

__all__ = ["summaries_of"]

_MOST_COLUMNS = 200
_MOST_VALUES = 30
_LEAST_ROWS = 5
_MOST_BINS = 20
_LEAST_FOR_QUANTILES = 20
_MOST_TEXT = 100
_MOST_ROWS = 16_384
_PIECES = 32
_LEFT_OUT = ("sparse", "json", "missing", "bytes", "complex")


def summaries_of(data: Any) -> list[ColumnSummary]:
    """Give summaries of the first 200 columns; of long data, from rows in 32 places evenly apart.

    Parameters
    ----------
    data : numpy array, pandas, polars or pyarrow table or column, or list
        X or y.

    Returns
    -------
    list of ColumnSummary
        None for sparse matrices and nested values.

    Examples
    --------
    >>> from hermetic.evidence.data.summaries import summaries_of
    >>> [(own.value, own.n_rows) for own in summaries_of(["yes"] * 7 + ["no"] * 5)[0].values]
    [('yes', 7), ('no', 5)]
    """
    table = table_of(data)
    places = [place for place, own in enumerate(table.columns[:_MOST_COLUMNS]) if not own.type.startswith(_LEFT_OUT)]
    if not places or not table.n_rows:
        return []
    if table.n_rows <= _MOST_ROWS:
        pieces = [table.read(0, table.n_rows)]
    else:
        starts = np.linspace(0, table.n_rows - _MOST_ROWS // _PIECES, _PIECES).astype(int).tolist()
        pieces = [table.read(start, start + _MOST_ROWS // _PIECES) for start in starts]
    return [_summary(place, table.columns[place].type, [piece[place] for piece in pieces]) for place in places]


def _summary(place: int, type_: str, pieces: list[Values]) -> ColumnSummary:
    if not isinstance(pieces[0].content, np.ndarray):
        return _of_texts(place, [text for piece in pieces for text in _known_texts(piece)], pieces)
    known = np.concatenate([_known_numbers(piece) for piece in pieces])
    distinct, counts = np.unique(known, return_counts=True)
    is_number = type_ == "bool" or type_.startswith(("int", "uint", "float"))
    values = []
    if is_number and 0 < len(distinct) <= _MOST_VALUES and counts.min() >= _LEAST_ROWS:
        order = np.argsort(-counts, kind="stable")
        values = [ValueCount(value=str(distinct[own].item()), n_rows=int(counts[own])) for own in order]
    numbers = known.astype(float) if is_number and type_ != "bool" else np.empty(0)
    numbers = numbers[np.isfinite(numbers)]
    edges, bins = _histogram(numbers)
    return ColumnSummary(
        column=place,
        n_rows=sum(len(piece.content) for piece in pieces),
        n_distinct=len(distinct),
        quantiles=_quantiles(numbers),
        edges=edges,
        counts=bins,
        values=values,
    )


def _of_texts(place: int, texts: list[Any], pieces: list[Values]) -> ColumnSummary:
    counts = Counter(texts)
    are_few = 0 < len(counts) <= _MOST_VALUES and min(counts.values()) >= _LEAST_ROWS
    are_short = are_few and all(len(text) <= _MOST_TEXT for text in counts)
    return ColumnSummary(
        column=place,
        n_rows=sum(len(piece.content) for piece in pieces),
        n_distinct=len(counts),
        quantiles=[],
        edges=[],
        counts=[],
        values=[ValueCount(value=str(text), n_rows=count) for text, count in counts.most_common()] if are_short else [],
    )


def _known_texts(piece: Values) -> list[Any]:
    if piece.is_missing is None:
        return list(piece.content)
    return [text for text, is_missing in zip(piece.content, piece.is_missing.tolist(), strict=True) if not is_missing]


def _known_numbers(piece: Values) -> Any:
    content = np.asarray(piece.content)
    return content if piece.is_missing is None else content[~piece.is_missing]


def _quantiles(numbers: Any) -> list[float]:
    if len(numbers) < _LEAST_FOR_QUANTILES:
        return []
    beyond = max(0.01, _LEAST_ROWS / len(numbers))
    with np.errstate(over="ignore", invalid="ignore"):  # of numbers near the largest there are
        found = np.quantile(numbers, [beyond, 0.25, 0.5, 0.75, 1 - beyond])
        width = float(found[-1] - found[0])
    if not np.isfinite(width):
        return []
    if not width:
        return [float(f"{own:.3g}") for own in found.tolist()]
    # Three digits of the range, not of the number: years are to differ.
    digits = 2 - math.floor(math.log10(width))
    return [round(own, digits) for own in found.tolist()]


def _histogram(numbers: Any) -> tuple[list[float], list[int]]:
    """Count numbers in bins of equal width between the outer quantiles; a bin of few rows is joined to the next."""
    quantiles = _quantiles(numbers)
    if not quantiles or not quantiles[0] < quantiles[-1]:
        return [], []
    edges = np.linspace(quantiles[0], quantiles[-1], _MOST_BINS + 1)
    places = np.clip(np.searchsorted(edges, numbers, side="right") - 1, 0, _MOST_BINS - 1)
    ends, counts = [float(edges[0])], [0]
    for count, end in zip(np.bincount(places, minlength=_MOST_BINS).tolist(), edges[1:].tolist(), strict=True):
        if len(ends) > 1 and _is_small(counts[-1]):
            counts[-1] += count
            ends[-1] = end
        else:
            counts.append(count)
            ends.append(end)
    counts = counts[1:]
    while len(counts) > 1 and _is_small(counts[-1]):
        counts[-2:] = [counts[-2] + counts[-1]]
        del ends[-2]
    return [float(f"{end:.6g}") for end in ends], counts


def _is_small(count: int) -> bool:
    return 0 < count < _LEAST_ROWS
