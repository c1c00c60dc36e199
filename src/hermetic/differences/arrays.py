"""How two arrays differ: how many values, and by how much."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hermetic.differences.changes import Change
from hermetic.dtypes import describe_dtype
from hermetic.inspection.text import dtype_text, shape_text, short
from hermetic.lazy import numpy as np

__all__ = ["changes_of_arrays"]

_BLOCK_ITEMS = 1 << 20
"""So many items are compared at a time, so that big arrays need no memory for their differences."""


def changes_of_arrays(path: str, kind: str, before: Any, after: Any) -> Iterator[Change]:
    """Compare two arrays.

    Parameters
    ----------
    path, kind : str
        As of `Change`.
    before, after : array
        Of any dtype but objects.

    Yields
    ------
    Change
        Nothing where every value is the same, one for each field of a structure that differs. NaN is equal to NaN.

    Examples
    --------
    >>> import numpy
    >>> print(*changes_of_arrays("$.coef_", "fitted", numpy.array([1.0, 2.0, 3.0]), numpy.array([1.0, 2.5, 3.0])))
    $.coef_: 1 of 3 values, by at most 0.5, relative 0.2
    """
    forms = [f"{dtype_text(describe_dtype(own.dtype))} {shape_text(own.shape)}" for own in (before, after)]
    if before.dtype.names != after.dtype.names and forms[0] == forms[1]:
        # As many fields of the same length, under other names: they cannot be compared.
        forms = [f"{form} {_fields(own)}" for form, own in zip(forms, (before, after), strict=True)]
    if forms[0] != forms[1]:
        yield Change(path=path, kind=kind, before=forms[0], after=forms[1])
        if before.shape != after.shape or before.dtype.kind not in "biuf" or after.dtype.kind not in "biuf":
            return
    if before.dtype.names is None:
        yield from _change_of_items(path, kind, before, after)
        return
    for name in before.dtype.names:
        yield from changes_of_arrays(f"{path}[{name!r}]", kind, before[name], after[name])


def _fields(array: Any) -> str:
    return short(str(list(array.dtype.names))) if array.dtype.names is not None else "without fields"


def _change_of_items(path: str, kind: str, before: Any, after: Any) -> Iterator[Change]:
    n_changed, largest, relative = 0, 0.0, 0.0
    is_number = before.dtype.kind in "biufc" and after.dtype.kind in "biufc"
    for one, other in _blocks(before, after):
        changed = one != other
        if before.dtype.kind in "fcmM":
            changed = changed & ~((one != one) & (other != other))
        n_new = int(np.count_nonzero(changed))
        n_changed += n_new
        if n_new and is_number:
            sizes = _sizes(one[changed], other[changed])
            largest, relative = max(largest, sizes[0]), max(relative, sizes[1])
    if n_changed and is_number and before.dtype.kind != "b":
        yield Change(
            path=path, kind=kind, n_values=before.size, n_changed=n_changed, largest=largest, relative=relative
        )
    elif n_changed:
        yield Change(path=path, kind=kind, n_values=before.size, n_changed=n_changed)


def _blocks(before: Any, after: Any) -> Iterator[tuple[Any, Any]]:
    """Give both arrays in pieces, item by item in the same order, whatever their layout."""
    one, other = before.reshape(-1), after.reshape(-1)
    for start in range(0, one.size, _BLOCK_ITEMS):
        yield one[start : start + _BLOCK_ITEMS], other[start : start + _BLOCK_ITEMS]


def _sizes(before: Any, after: Any) -> tuple[float, float]:
    """Give the largest difference and the largest in relation; infinite where only one value is finite."""
    wide = np.complex128 if "c" in before.dtype.kind + after.dtype.kind else np.float64
    one, other = before.astype(wide), after.astype(wide)
    with np.errstate(all="ignore"):
        distance = np.abs(one - other)
        if before.dtype == after.dtype and before.dtype.kind in "iu":
            # Neighbours beyond 2**53 are one float; what wraps around here is right again without a sign.
            distance = (np.maximum(before, after) - np.minimum(before, after)).view(f"u{before.dtype.itemsize}") + 0.0
        greater = np.maximum(np.abs(one), np.abs(other))
        relation = distance / greater
    distance[np.isnan(distance)] = np.inf
    relation[np.isnan(relation)] = np.inf
    return float(distance.max()), float(relation.max())
