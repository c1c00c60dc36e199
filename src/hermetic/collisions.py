"""Keys and members of equal hash, which make a dictionary or a set slow to build: each is compared with all before it.

Numbers have hashes that a file can foresee: those that differ by a multiple of 2**61 - 1 share one, and 16,000 of them
take five seconds. Texts and bytes have hashes that change with the process, instances those of their classes.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Collection
from numbers import Number
from typing import Any

from hermetic.graph import Column, Packed

__all__ = ["MAX_EQUAL_HASHES", "are_colliding"]

MAX_EQUAL_HASHES = 16
"""Keys of one dictionary, or members of one set, that may share a hash."""
_MODULUS = sys.hash_info.modulus


def are_colliding(column: Column, keys: Collection[Any]) -> bool:
    """Tell whether more than `MAX_EQUAL_HASHES` keys share one hash.

    Parameters
    ----------
    column : column
        The form in which the keys stand in the graph, which may say without a look that all are text.
    keys : collection
        The keys of a dictionary, or the members of a set.

    Returns
    -------
    bool
        Always False for texts, bytes and instances of other classes.

    Raises
    ------
    TypeError
        When a key has no hash.

    Examples
    --------
    >>> are_colliding([], range(1000)), are_colliding([], [number * (2**61 - 1) for number in range(1000)])
    (False, True)
    """
    if len(keys) <= MAX_EQUAL_HASHES or (type(column) is Packed and column.kind == "text"):
        return False
    kinds = set(map(type, keys))
    # Integers below the modulus are their own hash (but -1 and -2 share one), which their ends show without a set.
    if kinds == {int} and min(keys) > -_MODULUS and max(keys) < _MODULUS:
        return False
    foreseeable = {kind for kind in kinds if issubclass(kind, (Number, tuple, frozenset))}
    if foreseeable != kinds:
        keys = [key for key in keys if type(key) in foreseeable]
    hashes = list(map(hash, keys))
    # Most often all differ, and counting them would cost as much as the dictionary.
    if len(hashes) - len(set(hashes)) < MAX_EQUAL_HASHES:
        return False
    return max(Counter(hashes).values()) > MAX_EQUAL_HASHES
