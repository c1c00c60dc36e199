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

_CHUNK_BYTES = 1 << 20


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
        mask = meaning_mask(dtype)
        self._mask = None if mask.all() else mask
        self._scratch: Any = None

    def add(self, arrays: Sequence[Any]) -> int:
        """Append one slice made of one or more flat arrays; give its offset in items."""
        n_items = sum(array.size for array in arrays)
        offset = self.items
        if len(arrays) == 1:
            offset = aligned_offset(self.items, self.dtype.itemsize, n_items)
            if offset > self.items:
                self._parts.append(np.zeros(offset - self.items, dtype=self.dtype))
        elif n_items * self.dtype.itemsize <= _CHUNK_BYTES:
            arrays = [_joined(arrays)]
        self._parts.extend(arrays)
        self.items = offset + n_items
        return offset

    @property
    def header(self) -> bytes:
        """The member's ``.npy`` header."""
        return pool_header(self.dtype, self.items)

    @property
    def length(self) -> int:
        """Length of the member in bytes."""
        return len(self.header) + self.items * int(self.dtype.itemsize)

    def chunks(self) -> Iterator[Any]:
        """Give the member's bytes: small arrays gathered, big ones as they lie in memory."""
        yield self.header
        gathered: list[Any] = []
        n_gathered = 0
        for part in self._parts:
            if part.dtype != self.dtype:
                part = part.astype(self.dtype)
            if not part.nbytes:
                continue
            gathered.append(part.view(np.uint8).data)
            n_gathered += part.nbytes
            if n_gathered >= _CHUNK_BYTES:
                yield from self._pieces(gathered)
                gathered, n_gathered = [], 0
        yield from self._pieces(gathered)

    def _pieces(self, gathered: list[Any]) -> Iterator[Any]:
        """Give some slices as few pieces, with padding zeroed."""
        if self._mask is None:
            is_big = len(gathered) and len(gathered[-1]) >= _CHUNK_BYTES >> 1
            if small := gathered[:-1] if is_big else gathered:
                yield b"".join(small)
            if is_big:
                yield gathered[-1]
            return
        step = max(_CHUNK_BYTES // self.dtype.itemsize, 1) * self.dtype.itemsize
        for start in range(0, len(gathered[-1]) if gathered else 0, step):
            pieces = [*(gathered[:-1] if start == 0 else ()), gathered[-1][start : start + step]]
            n_bytes = sum(map(len, pieces))
            # One buffer again and again: fresh memory for each piece would cost more than copying into it.
            if self._scratch is None or len(self._scratch) < n_bytes:
                self._scratch = np.empty(n_bytes, dtype=np.uint8)
            zeroed = self._scratch[:n_bytes]
            np.concatenate([np.frombuffer(piece, dtype=np.uint8) for piece in pieces], out=zeroed)
            zero_padding(zeroed, self._mask)
            yield zeroed.data


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
