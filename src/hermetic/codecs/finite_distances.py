"""What brute-force search needs so that every distance of ordinary input is a number.

Native code takes a sample for a neighbour only where its distance is smaller than another. Where none is, since they
are not numbers or infinite, it leaves -1, which ``predict`` and ``kneighbors_graph`` use as a place in memory.

Source: sklearn/metrics/_pairwise_distances_reduction/_argkmin.pyx.tp and _argkmin_classmode.pyx.tp;
sklearn/neighbors/_base.py, ``kneighbors_graph``.
"""

from __future__ import annotations

from typing import Any

from hermetic.codecs.field_checks import amount_of
from hermetic.codecs.field_view import FieldView
from hermetic.codecs.related import items_of, related
from hermetic.graph import Value
from hermetic.lazy import numpy as np

__all__ = ["MOST_POWER", "problem_of_data", "problem_of_parameter"]

MOST_POWER = 1000.0
"""The largest power of a Minkowski distance: with a larger one the distance of two and zero is infinite."""

_MOST = 1e150
_LEAST = 1e-150


def problem_of_data(view: FieldView, value: Value) -> str:
    """Say what is wrong with the data that are searched; "" where every distance to them is a number.

    Parameters
    ----------
    view : FieldView
        The table of the search.
    value : value
        Of ``_fit_X``: an array or a sparse matrix.

    Returns
    -------
    str
        Words for a refusal.
    """
    data = view.array(value)
    found = related(view, value) if data is None else None
    if found is not None:
        _, matrix, row = found
        data = matrix.array(matrix.value("data", row))
    # Others are not searched by that code.
    if data is None or data.dtype.kind != "f" or data.itemsize not in (4, 8) or not data.size:
        return ""
    items = data.ravel(order="K")
    with np.errstate(all="ignore"):
        # One pass without a copy: where the sum of squares is finite all is well.
        if np.isfinite(np.dot(items, items)):
            return ""
    most = _MOST if data.itemsize == 8 else np.inf
    if np.isfinite(items).all() and max(items.max(), -items.min()) <= most:
        return ""
    return f"the data are not finite, or beyond {most:g}: a distance to them is no number, its place beyond the data"


def problem_of_parameter(view: FieldView, name: str, value: Value) -> str:
    """Say what is wrong with a parameter of a metric; "" where every distance is a number.

    Parameters
    ----------
    view : FieldView
        A table of the graph.
    name : str
        ``p``, ``w``, ``V`` or ``VI``; others are fine.
    value : value
        A number, an array, or a list of numbers or lists.

    Returns
    -------
    str
        Words for a refusal.
    """
    if name == "p":
        power = amount_of(view, value)
        is_fine = value is None or (power is not None and 0.0 < power <= MOST_POWER)
        return "" if is_fine else f"p must be a number of more than 0 and at most {MOST_POWER:g}"
    if name not in ("w", "V", "VI") or value is None:
        return ""
    weights = _array_of(view, value)
    if weights is None:
        return f"{name} must hold numbers"
    if name == "V" and weights.ndim == 2:
        weights = _inverse(weights)
    sizes = np.abs(weights)
    # A distance is divided by variances.
    is_fine = (sizes <= _MOST).all() and (name != "V" or weights.ndim == 2 or (sizes >= _LEAST).all())
    return "" if is_fine else f"{name} makes distances that are no numbers: their places would lie beyond the data"


def _inverse(covariance: Any) -> Any:
    """Give what the metric makes of a covariance: its inverse; infinities where it has none."""
    try:
        return np.linalg.inv(covariance)
    except np.linalg.LinAlgError:
        return np.full(covariance.shape, np.inf)


def _array_of(view: FieldView, value: Value) -> Any:
    """Give the numbers of an array, or of a list of numbers or of lists, as floats; None for anything else."""
    array = view.array(value)
    if array is not None:
        return array.astype(np.float64) if array.dtype.kind in "iuf" else None
    rows = items_of(view, value)
    if rows is None:
        return None
    lists = [items_of(view, own) for own in rows]
    is_table = None not in lists
    table = [list(own or ()) for own in lists] if is_table else [rows]
    numbers = [[amount_of(view, item) for item in own] for own in table]
    if len(set(map(len, numbers))) != 1 or any(None in own for own in numbers):
        return None
    return np.array(numbers if is_table else numbers[0], dtype=np.float64)
