"""Whether an object that was read back is the very one that was written."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from hermetic.evidence.data.fingerprint import fingerprint
from hermetic.evidence.data.snapshots.of_any import as_samples, pack
from hermetic.evidence.data.snapshots.sparse import are_same_entries
from hermetic.recorded.data import Fingerprint, Holder

__all__ = ["is_the_same"]

_BLOCK_ROWS = 65_536
_NUMBERS = "biufcMm"
_NUMBER = re.compile(r"[<>|][biuf]\d")


def is_the_same(original: Any, found: Any, holder: Holder, recorded: Fingerprint) -> bool:
    """Tell whether two objects have the same class, dtypes, order, names, index and values.

    Parameters
    ----------
    original, found : object
        What was written, and what was read back.
    holder : Holder
        Of the original.
    recorded : Fingerprint
        Of the original.

    Returns
    -------
    bool
        Values of numbers count bit by bit.
    """
    if type(original) is np.ndarray and original.dtype.kind in _NUMBERS:
        return _are_same_numbers(original, found)
    if holder.form.startswith("sparse"):
        return are_same_entries(original, found)
    # Whatever the holder says of the original, it says of what was read back, and the values have the same digest.
    if pack(found).holder != holder:
        return False
    if holder.form == "pandas frame" and all(_NUMBER.fullmatch(dtype) for dtype in holder.dtypes):
        columns = range(original.shape[1])
        return all(
            _are_same_numbers(*(own.iloc[:, place].to_numpy() for own in (original, found))) for place in columns
        )
    return fingerprint(as_samples(found)) == recorded


def _are_same_numbers(original: Any, found: Any) -> bool:
    if (original.dtype, original.shape) != (found.dtype, found.shape):
        return False
    width = original.dtype.itemsize
    word = np.dtype(f"u{width}") if width <= 8 else np.dtype("u8")
    for start in range(0, len(original), _BLOCK_ROWS):
        first, second = (np.ascontiguousarray(own[start : start + _BLOCK_ROWS]).view(word) for own in (original, found))
        if not np.array_equal(first, second):
            return False
    return True
