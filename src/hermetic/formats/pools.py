"""Array pools: the items of all arrays of one dtype end to end, as one ``.npy`` member; and the text pool.

Slices stand in the order of the nodes, disjoint, and cover the pool; a single array of 4,096 bytes or more begins at a
multiple of 64 bytes, and the items skipped for that are zero. So a slice's place follows from the places before it,
and reading compares instead of believing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from hermetic.dtypes import meaning_mask
from hermetic.formats.container_writer import KEPT_BYTES
from hermetic.formats.npy_header import render_npy_header
from hermetic.formats.pool_layout import ALIGNMENT, aligned_offset, exact_pool_key, pool_key, refuse_offset

__all__ = [
    "ALIGNMENT",
    "PoolWriter",
    "aligned_offset",
    "as_flat",
    "exact_pool_key",
    "header_description",
    "pool_header",
    "pool_key",
    "refuse_offset",
    "zero_padding",
]

_JOINED_BYTES = 1 << 20
_BUFFER_BYTES = 1 << 18
_LONG_DOUBLES = "gG"  # the only numbers with padding


def pool_header(dtype: Any, length: int) -> bytes:
    """Give the ``.npy`` header of a pool.

    Parameters
    ----------
    dtype : numpy.dtype
        Little-endian.
    length : int
        Number of items.

    Returns
    -------
    bytes
        As numpy itself writes it.
    """
    return render_npy_header(header_description(dtype), length)


def header_description(dtype: Any) -> str:
    """Give the words for a dtype in a ``.npy`` header.

    Examples
    --------
    >>> header_description(np.dtype("<f8"))
    "'<f8'"
    """
    # For plain dtypes dtype_to_descr gives the same text, at the price of waking up a part of numpy.
    return repr(dtype.str if dtype.names is None else np.lib.format.dtype_to_descr(dtype))


class PoolWriter:
    """Collects the slices of one pool; holds no copies of contiguous arrays.

    Parameters
    ----------
    name : str
        Of the member.
    dtype : numpy.dtype
        Little-endian dtype of the pool.
    """

    content_length = None

    def __init__(self, name: str, dtype: Any) -> None:
        self.name = name
        self.dtype = dtype
        self.items = 0
        self._parts: list[Any] = []
        self._mask = _mask_of_padding(dtype)
        self._header: tuple[int, bytes] | None = None

    def add(self, arrays: Sequence[Any]) -> int:
        """Append one slice made of one or more flat arrays; give its offset in items."""
        offset = self.items
        if len(arrays) == 1:
            n_items = arrays[0].size
            offset = aligned_offset(offset, self.dtype.itemsize, n_items)
            if offset > self.items:
                self._parts.append(np.zeros(offset - self.items, dtype=self.dtype))
        else:
            n_items = sum([array.size for array in arrays])
            if n_items * self.dtype.itemsize <= _JOINED_BYTES:
                arrays = [_joined(arrays)]
        self._parts.extend(arrays)
        self.items = offset + n_items
        return offset

    @property
    def header(self) -> bytes:
        """The member's ``.npy`` header."""
        if self._header is None or self._header[0] != self.items:
            self._header = self.items, pool_header(self.dtype, self.items)
        return self._header[1]

    @property
    def length(self) -> int:
        """Length of the member in bytes."""
        return len(self.header) + self.items * int(self.dtype.itemsize)

    def chunks(self) -> Iterator[Any]:
        """Give the member's bytes: as they lie in memory, or, where padding must be zeroed, from one buffer for all."""
        yield self.header
        parts = self._stored_parts()
        yield from parts if self._mask is None else _zeroed(parts, self._mask, self.items)

    def _stored_parts(self) -> Iterator[Any]:
        """Give the bytes of each array that has any, in the dtype of the pool."""
        known, is_stored = self.dtype, True
        for part in self._parts:
            # Comparing two dtypes of records costs more than a small array, and most arrays have the very same one.
            if part.dtype is not known:
                known, is_stored = part.dtype, part.dtype == self.dtype
            if part.nbytes:
                yield (part if is_stored else part.astype(self.dtype)).view(np.uint8).data


def _mask_of_padding(dtype: Any) -> Any:
    """Give the mask of what means something in an item; None for items without padding."""
    if dtype.names is None and dtype.char not in _LONG_DOUBLES:
        return None
    mask = meaning_mask(dtype)
    return None if mask.all() else mask


def _zeroed(parts: Iterator[Any], mask: Any, n_items: int) -> Iterator[Any]:
    """Give the bytes of all parts with padding zeroed: few in one piece, many in a buffer that stays in the cache."""
    if n_items * len(mask) >= KEPT_BYTES:
        n_items = max(_BUFFER_BYTES // len(mask), 1)
    buffer = np.empty(n_items * len(mask), dtype=np.uint8)
    n_filled = 0
    for part in parts:
        start = 0
        while start < len(part):
            n_bytes = min(len(part) - start, len(buffer) - n_filled)
            buffer[n_filled : n_filled + n_bytes] = part[start : start + n_bytes]
            start, n_filled = start + n_bytes, n_filled + n_bytes
            if n_filled == len(buffer):
                zero_padding(buffer, mask)
                yield buffer.data
                n_filled = 0
    if n_filled:
        zero_padding(buffer[:n_filled], mask)
        yield buffer[:n_filled].data


def _joined(arrays: Sequence[Any]) -> Any:
    """Give many small flat arrays of one dtype as one."""
    dtype = arrays[0].dtype
    if dtype.names is None:
        return np.concatenate(arrays)
    # numpy compares structured dtypes field by field for each array; bytes it does not.
    return np.concatenate([array.view(np.uint8) for array in arrays]).view(dtype)


def as_flat(array: Any) -> Any:
    """Give an array's items as one contiguous row, in its own order, without a copy where it can be.

    Parameters
    ----------
    array : numpy.ndarray
        Any array.

    Returns
    -------
    numpy.ndarray
        One dimension, C-contiguous.
    """
    if type(array) is not np.ndarray:
        array = array.view(np.ndarray)
    if array.flags.c_contiguous:
        return array if array.ndim == 1 else array.reshape(-1)
    if array.flags.f_contiguous:
        return array.T.reshape(-1)
    return np.ascontiguousarray(array).reshape(-1)


def zero_padding(raw: Any, mask: Any) -> None:
    """Zero the padding of some items in place: it holds bytes of old heap memory.

    Parameters
    ----------
    raw : uint8 array, shape (n * itemsize,)
        The items.
    mask : uint8 array, shape (itemsize,)
        As `hermetic.dtypes.meaning_mask` gives it.

    Examples
    --------
    >>> items = np.array([1, 9, 2, 9], dtype=np.uint8)
    >>> zero_padding(items, np.array([255, 0], dtype=np.uint8))
    >>> items.tolist()
    [1, 0, 2, 0]
    """
    itemsize = len(mask)
    if itemsize % 8:
        rows = raw.reshape(-1, itemsize)
        rows &= mask
        return
    words = raw.view(np.uint64).reshape(-1, itemsize // 8)
    masks = mask.view(np.uint64)
    for column in np.flatnonzero(masks != np.uint64(0xFFFF_FFFF_FFFF_FFFF)):
        words[:, column] &= masks[column]
