"""From the members of a file to a graph: first the text, then, once the policy has agreed, the arrays.

Reading follows the writer step by step: each slice must lie exactly where the slices before it end, so nothing from the
file is used as an offset, and after the last node every pool must be used up.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from itertools import accumulate
from typing import Any, NamedTuple, Protocol

import numpy as np

from hermetic.array_rows import ArrayRows
from hermetic.columns import SEPARATORS, is_endless, is_plain_layout, packed_dtype
from hermetic.dtypes import COMMON_DTYPES, dtype_from_description, stored_dtype
from hermetic.errors import FormatError, InvalidState
from hermetic.formats.graph_json import Pool
from hermetic.formats.graph_writer import TEXT_NAME
from hermetic.formats.members import GRAPH_NAME, PoolSource, check_members
from hermetic.formats.npy_header import render_npy_header
from hermetic.formats.pools import aligned_offset, exact_pool_key, header_description, pool_key, refuse_offset
from hermetic.graph import Arrays, Graph, Instances, Packed
from hermetic.graph_walk import columns_of

__all__ = ["Reading", "read_arrays"]

_MAPPED_FROM_BYTES = 4096
_TEXT_BLOCK_BYTES = 1 << 20
_MAX_ITEMS = 1 << 48
_MAX_BYTES = 1 << 62
_MAX_DIMENSIONS = 32 if np.__version__.startswith("1.") else 64
_PACKED_KEYS = {"bool": ('"|b1"',), "int": ('"|i1"', '"<i2"', '"<i4"', '"<i8"'), "float": ('"<f8"',)}


def read_arrays(
    graph: Graph,
    pools: Sequence[Pool],
    source: PoolSource,
    *,
    borrowed: Collection[int] = (),
    mapped: Collection[int] = (),
) -> Reading:
    """Fill in everything that lies in pools.

    Parameters
    ----------
    graph : Graph
        Its nodes are completed in place.
    pools : sequence of Pool
        As the file lists them.
    source : MemberSource
        Gives their bytes.
    borrowed : collection of int
        Nodes whose arrays restore copies into native memory: it reads them itself, a few at a time.
    mapped : collection of int
        Nodes whose arrays shall stay views of the source: the caller asked for a mapping, and nothing that keeps the
        process safe reads their items.

    Returns
    -------
    Reading
        Its ``check`` is to be called when everything that is read later has been read.

    Raises
    ------
    FormatError
        When a slice does not lie where it must, or something is left over.
    """
    reader = _Reader(pools, source)
    for number, node in enumerate(graph.nodes):
        if not isinstance(node, Arrays):
            # The values of a single object are no columns.
            if type(node) is not Instances or node.rows > 1:
                for _, column, length in columns_of(node):
                    if type(column) is Packed:
                        reader.fill(column, length)
        elif number in borrowed and node.rows > 1 and node.order == "C":
            graph.arrays[number] = reader.rows(node)
        else:
            graph.arrays[number] = reader.arrays(node, is_view=number in mapped)
    reader.finish()
    return reader


class _Kind(NamedTuple):
    """A dtype on this machine, the dtype of the pool that holds its items, the pool's key, and its header's words."""

    dtype: Any
    stored: Any
    key: str
    words: str


def _kind_of(description: Any) -> _Kind:
    if type(description) is str and (known := _COMMON_KINDS.get(description)) is not None:
        return known
    dtype = dtype_from_description(description)
    stored = stored_dtype(dtype)
    if dtype.names is None and stored == dtype:
        stored = dtype  # then nobody compares them, nor makes a view for another name of the same
    return _Kind(dtype, stored, pool_key(description), header_description(stored))


_COMMON_KINDS: dict[str, _Kind] = {}
_COMMON_KINDS.update((description, _kind_of(description)) for description in COMMON_DTYPES)


class Reading(Protocol):
    """A file that is read; some of it perhaps later."""

    def check(self) -> None:
        """Compare the checksums of what was read later, or raise `FormatError`."""


class _OpenPool:
    """One pool while it is read."""

    __slots__ = ("_held", "_items", "_itemsize", "_member", "cursor", "dtype", "key", "length", "name")

    def __init__(self, pool: Pool, source: PoolSource) -> None:
        self.name, self.length, self.cursor = pool.member, pool.length, 0
        _, self.dtype, self.key, words = _kind_of(pool.dtype)
        self._itemsize = self.dtype.itemsize
        if self.key != exact_pool_key(pool.dtype):
            raise FormatError(f"{pool.member} must say its dtype without byte order: {self.key}")
        if not 0 <= pool.length < _MAX_ITEMS:
            raise FormatError(f"{pool.member} cannot hold {pool.length} items")
        self._member = source.open(pool.member)
        header = render_npy_header(words, pool.length)
        expected = len(header) + pool.length * self._itemsize
        if self._member.length != expected:
            raise FormatError(
                f"{pool.member} has {self._member.length} bytes, but {pool.length} items of {self.dtype} need "
                f"{expected}"
            )
        if self._member.take_view(len(header)) != header:
            raise FormatError(f"the header of {pool.member} is not that of {pool.length} items of {self.dtype}")
        held = self._member.take_held() if expected > len(header) else None
        self._held = self._items = None if held is None else np.frombuffer(held, dtype=np.uint8)
        if held is not None and self.dtype.names is None:
            # Structures are copied as bytes: numpy would copy them field by field.
            self._items = np.frombuffer(held, dtype=self.dtype)

    def take(self, offset: object, n_items: int, *, is_single: bool, is_view: bool = False, room: Any = None) -> Any:
        """Give the next slice, when it lies where it must: a view, a copy, or in `room` for a while."""
        self._advance(offset, n_items, is_single=is_single)
        itemsize = self._itemsize
        if not n_items or not itemsize:
            return np.zeros(n_items, dtype=self.dtype)
        if self._items is not None:
            if self._items is not self._held:
                part = self._items[self.cursor - n_items : self.cursor]
                return part.copy() if room is None else part
            start = (self.cursor - n_items) * itemsize
            return self._items[start : start + n_items * itemsize].copy().view(self.dtype)
        if is_view:
            return np.frombuffer(self._member.take_view(n_items * itemsize), dtype=self.dtype)
        items = np.empty(n_items, dtype=self.dtype) if room is None else room[: n_items * itemsize].view(self.dtype)
        self._member.take_into(items.view(np.uint8).data)
        return items

    def take_later(self, offset: object, n_items: int) -> Callable[[int, memoryview], None]:
        """Pass over the next slice, when it lies where it must; give what reads bytes of it."""
        self._advance(offset, n_items, is_single=False)
        length = n_items * self._itemsize
        if self._held is None:
            return self._member.take_later(length).read_into
        start = self.cursor * self._itemsize - length
        part = self._held[start : start + length].data

        def copy(position: int, buffer: memoryview) -> None:
            buffer[:] = part[position : position + len(buffer)]

        return copy

    def _advance(self, offset: object, n_items: int, *, is_single: bool) -> None:
        itemsize = self._itemsize
        start = aligned_offset(self.cursor, itemsize, n_items) if is_single else self.cursor
        if offset != start or type(offset) is not int or start + n_items > self.length:
            raise refuse_offset(self.name, start, offset)
        if start > self.cursor and any(self._take_bytes((start - self.cursor) * itemsize)):
            raise FormatError(f"the padding before item {start} of {self.name} is not zero")
        self.cursor = start + n_items

    def _take_bytes(self, length: int) -> memoryview:
        if self._held is None:
            return self._member.take_view(length)
        start = self.cursor * self._itemsize
        return self._held[start : start + length].data

    def check(self) -> None:
        """Refuse a pool whose content, read later, is damaged."""
        self._member.check()

    def finish(self) -> None:
        """Refuse a pool that is not used up, or damaged."""
        if self.cursor != self.length:
            raise FormatError(f"{self.length - self.cursor} items of {self.name} belong to nothing")
        self._member.finish()


class _Reader:
    """Takes slices from pools in the order of the nodes."""

    def __init__(self, pools: Sequence[Pool], source: PoolSource) -> None:
        self._pools = [_OpenPool(pool, source) for pool in pools]
        members = [pool.name for pool in self._pools]
        self._unused = set(members)
        if len({pool.key for pool in self._pools}) != len(members) or len(self._unused) != len(members):
            raise FormatError("two pools hold the same dtype or the same member")
        self._text = source.open(TEXT_NAME) if TEXT_NAME in source.names else None
        self._text_cursor = 0
        self._room = np.empty(0, dtype=np.uint8)
        expected = [GRAPH_NAME, *([TEXT_NAME] if self._text else []), *members]
        if source.names != expected:
            check_members(source.names, expected)

    def rows(self, node: Arrays) -> Sequence[Any]:
        """Give the arrays of a table, to be read when native memory is ready for them."""
        dtype, stored, key, _ = _kind_of(node.dtype)
        if stored is not dtype and stored != dtype:
            return self.arrays(node, is_view=False)
        n_items = _n_items(node, dtype.itemsize)
        pool = self._pool_of(node.pool, key)
        read_into = pool.take_later(node.offset, n_items)
        lengths = [[]] * node.rows if node.lengths is None else [[length] for length in node.lengths]
        return ArrayRows(dtype, [(*first, *node.shape) for first in lengths], read_into)

    def arrays(self, node: Arrays, *, is_view: bool) -> list[Any]:
        """Give the arrays of a node, one for each row."""
        dtype, _, key, _ = _kind_of(node.dtype)
        n_items = _n_items(node, dtype.itemsize)
        pool = self._pool_of(node.pool, key)
        # A small array must not pin the whole mapping.
        is_view = is_view and node.rows == 1 and n_items * dtype.itemsize >= _MAPPED_FROM_BYTES
        # No memory for more than the pool has: that it has so much is only checked where it is taken.
        room = self._room_for(n_items * dtype.itemsize) if node.rows > 1 and n_items <= pool.length else None
        flat = pool.take(node.offset, n_items, is_single=node.rows == 1, is_view=is_view, room=room)
        if flat.dtype is not dtype or not flat.flags.aligned:
            if flat.dtype != dtype or not flat.flags.aligned:
                flat = flat.astype(dtype)
            # Equal is not the same: alignment, record type and the name of the byte order do not count in ==.
            if flat.dtype is not dtype and dtype.itemsize:
                flat = flat.view(dtype)
        if node.rows == 1:
            return [_shaped(flat, node)]
        rows = _slices(flat, node, math.prod(node.shape))
        return [row.copy(order="K") for row in rows]

    def _room_for(self, n_bytes: int) -> Any:
        """Give memory for a table, whose rows are copied out of it: the same for all, as fresh pages take longer."""
        if len(self._room) < n_bytes:
            self._room = np.empty(n_bytes, dtype=np.uint8)
        return self._room

    def fill(self, column: Packed, length: int) -> None:
        """Give a packed column its values."""
        place = column.place
        if column.kind == "text":
            column.values = self._texts(place, length)
            return
        if type(place) is not list or len(place) != (3 if column.kind == "numpy" else 2):
            raise FormatError(f"not a packed column: {place!r}"[:200])
        if column.kind == "numpy":
            dtype, _, key, _ = _kind_of(place[2])
            pool = self._pool_of(place[0], key)
            column.values = pool.take(place[1], length, is_single=True).astype(dtype)
            return
        pool = self._pool_of(place[0], *_PACKED_KEYS[column.kind])
        flat = pool.take(place[1], length, is_single=True)
        limits = (int(flat.min()), int(flat.max())) if column.kind == "int" and length else ()
        if pool.key != pool_key(packed_dtype(column.kind, *limits)):
            raise FormatError(f"a column of {column.kind} lies in pool {pool.name}, which is not the narrowest")
        column.values, column.items = flat.tolist(), flat

    def finish(self) -> None:
        """Refuse pools that are not used up."""
        if self._unused:
            raise FormatError(f"pools that nothing refers to: {sorted(self._unused)}")
        for pool in self._pools:
            pool.finish()
        if self._text is not None:
            self._text.finish()

    def check(self) -> None:
        """Refuse pools whose content, read later, is damaged."""
        for pool in self._pools:
            pool.check()

    def _pool_of(self, number: object, *keys: str) -> _OpenPool:
        if type(number) is not int or not 0 <= number < len(self._pools) or self._pools[number].key not in keys:
            raise FormatError(f"arrays of dtype {' or '.join(keys)} do not lie in pool {number!r}")
        pool = self._pools[number]
        self._unused.discard(pool.name)
        return pool

    def _texts(self, content: Any, length: int) -> list[str]:
        if type(content) is not list or len(content) != 3:
            raise FormatError(f"not a column of text: {content!r}"[:200])
        offset, length_bytes, separator = content
        if offset != self._text_cursor or type(offset) is not int or type(length_bytes) is not int:
            raise refuse_offset(TEXT_NAME, self._text_cursor, offset)
        if self._text is None or not 0 <= length_bytes <= self._text.length - offset or separator not in SEPARATORS:
            raise FormatError(f"not a column of text: {content!r}"[:200])
        self._text_cursor += length_bytes
        try:
            texts = _split(self._text.take_view(length_bytes), separator)
        except UnicodeDecodeError as error:
            raise FormatError(f"{TEXT_NAME} is not UTF-8: {error}") from error
        if len(texts) != length:
            raise FormatError(f"a column of {length} texts holds {len(texts)}")
        return texts


def _split(content: memoryview, separator: str) -> list[str]:
    """Cut a column into its texts, block by block: one rare letter makes all letters decoded with it take more."""
    if len(content) < _TEXT_BLOCK_BYTES:
        return str(content, "utf-8").split(separator)
    data, mark, start = bytes(content), separator.encode(), 0
    texts: list[str] = []
    while start <= len(data):
        end = data.find(mark, start + _TEXT_BLOCK_BYTES)
        end = len(data) if end < 0 else end
        texts += str(memoryview(data)[start:end], "utf-8").split(separator)
        start = end + 1
    return texts


def _slices(flat: Any, node: Arrays, size: int) -> list[Any]:
    """Divide the items of a table into the arrays of its rows."""
    if node.lengths is not None:
        # One reshape for all rows: they differ in their first axis only.
        whole = flat.reshape([sum(node.lengths), *node.shape]) if node.shape else flat
        ends = list(accumulate(node.lengths))
        return [whole[start:end] for start, end in zip([0, *ends], ends, strict=False)]
    if node.order == "C" and node.shape:
        return list(flat.reshape([node.rows, *node.shape]))
    return [_shaped(flat[row * size : (row + 1) * size], node) for row in range(node.rows)]


def _n_items(node: Arrays, itemsize: int) -> int:
    """Give the number of items of a whole table; whatever the file says, its shapes are within reason."""
    shape = node.shape
    if node.rows == 1 and node.lengths is None and len(shape) <= _MAX_DIMENSIONS and min(shape, default=1) > 0:
        n_items = math.prod(shape)
        if n_items * itemsize < _MAX_BYTES and n_items < _MAX_BYTES:
            return n_items
    longest = [] if node.lengths is None else [max(node.lengths, default=0)]
    shape = [*longest, *node.shape]
    # numpy multiplies the lengths that are not zero, and the item's, even where one is zero.
    # No further axes than may be: a product of a million huge lengths would take minutes.
    reach = node.rows * max(itemsize, 1) * math.prod(length or 1 for length in shape[: _MAX_DIMENSIONS + 1])
    if len(shape) > _MAX_DIMENSIONS or min(shape, default=0) < 0 or reach >= _MAX_BYTES or node.rows < 1:
        raise FormatError(f"not a shape: {str(node.shape)[:100]}")
    if is_endless(shape):
        raise FormatError(f"an array without items has the shape {node.shape}")
    if node.lengths is None:
        return math.prod(node.shape) * node.rows
    if len(node.lengths) != node.rows or node.rows < 2 or node.order != "C" or min(node.lengths) < 0:
        raise FormatError(f"{len(node.lengths)} lengths for {node.rows} arrays in order {node.order!r}")
    return math.prod(node.shape) * sum(node.lengths)


def _shaped(flat: Any, node: Arrays) -> Any:
    shape = node.shape
    if node.order == "C" and node.strides is None:
        return flat if len(shape) == 1 else flat.reshape(shape)
    if node.order == "F" and node.strides is None:
        return flat.reshape(shape[::-1]).T
    strides = node.strides
    if node.order != "A" or strides is None or not all(type(stride) is int for stride in strides):
        raise InvalidState(f"not a memory order: {node.order!r}")
    if not is_plain_layout(shape, strides):
        raise InvalidState(f"strides {strides} do not lay out an array of shape {shape}")
    reach = 1 + sum(stride * (length - 1) for stride, length in zip(strides, shape, strict=True))
    base = np.zeros(reach, dtype=flat.dtype)
    view = np.lib.stride_tricks.as_strided(base, shape, [stride * base.itemsize for stride in strides])
    view[...] = flat.reshape(shape)
    return view
