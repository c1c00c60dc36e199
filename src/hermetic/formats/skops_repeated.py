"""What references in a skops file may make of little: texts, tuples and numbers are written out wherever they stand.

The same bound as for pickles, in `hermetic.formats.pickle_keys`.
"""

from __future__ import annotations

from typing import Any

from hermetic.errors import LimitExceeded
from hermetic.lazy import numpy as np
from hermetic.limits import Limits

__all__ = ["RepeatBudget"]

_TIMES_THE_DATA = 4
_ITEM_BYTES = 8
_BITS_OF_A_BYTE = 8
_PLAIN = frozenset({str, int, float, bool, type(None), bytes, tuple})


class RepeatBudget:
    """How much may be written out for references.

    Parameters
    ----------
    content_bytes : int
        Length of all members, decompressed.
    limits : Limits
        ``memory_bytes``, and four times the content, may be written out.

    Examples
    --------
    >>> budget = RepeatBudget(10, Limits(memory_bytes=1_000))
    >>> budget.measure(("a" * 400,))
    >>> budget.count("a" * 400), budget.count(2)
    (None, None)
    """

    def __init__(self, content_bytes: int, limits: Limits) -> None:
        self._allowed = limits.memory_bytes + _TIMES_THE_DATA * content_bytes
        self._asked = 0
        self._lengths: dict[int, tuple[Any, int]] = {}

    def measure(self, value: Any) -> None:
        """Remember how much a tuple holds that has nothing but plain values and such tuples; of others nothing."""
        if type(value) is tuple and value and all(self._is_plain(item) for item in value):
            length = sum([_ITEM_BYTES + self._length(item) for item in value])
            self._lengths[id(value)] = value, length  # kept, so that its id stays its own

    def _is_plain(self, item: Any) -> bool:
        if type(item) is tuple:
            return not item or id(item) in self._lengths
        return type(item) in _PLAIN or isinstance(item, (np.generic, np.dtype))

    def count(self, value: Any) -> None:
        """Count a value that a node refers to, or raise `LimitExceeded`."""
        self._asked += self._length(value)
        if self._asked > self._allowed:
            raise LimitExceeded("memory_bytes", allowed=self._allowed, asked=self._asked)

    def _length(self, value: Any) -> int:
        kind = type(value)
        if kind is str or kind is bytes:
            return len(value)
        if kind is tuple:
            return self._lengths[id(value)][1] if id(value) in self._lengths else 0
        if kind is int:
            return int(value.bit_length()) // _BITS_OF_A_BYTE
        if isinstance(value, np.dtype):
            return _ITEM_BYTES * len(value.names or ())
        return int(value.nbytes) if isinstance(value, np.generic) else 0
