"""From the members of a file to a graph: first the text, then, once the policy has agreed, the arrays.

Reading follows the writer step by step: each slice must lie exactly where the slices before it end, so nothing from the
file is used as an offset, and after the last node every pool must be used up.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import accumulate
from typing import Any

import numpy as np

from hermetic.columns import SEPARATORS, is_plain_layout
from hermetic.dtypes import dtype_from_description, stored_dtype
from hermetic.errors import FormatError, InvalidState
from hermetic.formats.graph_json import Pool
from hermetic.formats.graph_writer import TEXT_NAME
from hermetic.formats.members import GRAPH_NAME, PoolSource
from hermetic.formats.pools import aligned_offset, pool_header, pool_key, refuse_offset
from hermetic.graph import ArrayRows, Arrays, Graph, Packed
from hermetic.graph_walk import with_columns

__all__ = ["read_arrays"]

_MAPPED_FROM_BYTES = 4096
_PACKED_DTYPES = {"bool": '"|b1"', "int": '"<i8"', "float": '"<f8"'}


def read_arrays(
    graph: Graph,
    pools: Sequence[Pool],
    source: PoolSource,
    *,
    borrowed: Collection[int] = (),
    mapped: Collection[int] = (),
) -> None:
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
        Nodes whose arrays may be views of the source for the moment, since restore copies them into native memory.
    mapped : collection of int
        Nodes whose arrays shall stay views of the source: the caller asked for a mapping, and nothing that keeps the
        process safe reads their items.

    Raises
    ------
    FormatError
        When a slice does not lie where it must, or something is left over.
    """
    reader = _Reader(pools, source)
    for number, node in enumerate(graph.nodes):
        if isinstance(node, Arrays):
            graph.arrays[number] = reader.arrays(node, is_view=number in borrowed or number in mapped)
        else:
            with_columns(node, reader.fill)
    reader.finish()


class _OpenPool:
    """One pool while it is read."""

    __slots__ = ("_member", "cursor", "dtype", "key", "length", "name")

    def __init__(self, pool: Pool, source: PoolSource) -> None:
        self.name, self.length, self.cursor = pool.member, pool.length, 0
        self.key = pool_key(pool.dtype)
        self.dtype = stored_dtype(dtype_from_description(pool.dtype))
        self._member = source.open(pool.member)
        header = pool_header(self.dtype, pool.length)
        expected = len(header) + pool.length * self.dtype.itemsize
        if self._member.length != expected:
            raise FormatError(
                f"{pool.member} has {self._member.length} bytes, but {pool.length} items of {self.dtype} need "
                f"{expected}"
            )
        if self._member.take_view(len(header)) != header:
            raise FormatError(f"the header of {pool.member} is not that of {pool.length} items of {self.dtype}")

    def take(self, offset: object, n_items: int, *, is_single: bool, is_view: bool = False) -> Any:
        """Give the next slice, when it lies where it must: as a view, or in memory of its own."""
        itemsize = self.dtype.itemsize
        start = aligned_offset(self.cursor, itemsize, n_items) if is_single else self.cursor
        if offset != start or type(offset) is not int or start + n_items > self.length:
            raise refuse_offset(self.name, start, offset)
        if start > self.cursor and any(self._member.take_view((start - self.cursor) * itemsize)):
            raise FormatError(f"the padding before item {start} of {self.name} is not zero")
        self.cursor = start + n_items
        if not n_items or not itemsize:
            return np.zeros(n_items, dtype=self.dtype)
        if is_view:
            return np.frombuffer(self._member.take_view(n_items * itemsize), dtype=self.dtype)
        items = np.empty(n_items, dtype=self.dtype)
        self._member.take_into(items.view(np.uint8).data)
        return items

    def finish(self) -> None:
        """Refuse a pool that is not used up, or damaged."""
        if self.cursor != self.length:
            raise FormatError(f"{self.length - self.cursor} items of {self.name} belong to nothing")
        self._member.finish()


class _Reader:
    """Takes slices from pools in the order of the nodes."""

    def __init__(self, pools: Sequence[Pool], source: PoolSource) -> None:
        self._pools = [_OpenPool(pool, source) for pool in pools]
        self._by_key = {pool.key: number for number, pool in enumerate(self._pools)}
        members = [pool.name for pool in self._pools]
        self._unused = set(members)
        if len(self._by_key) != len(self._pools) or len(set(members)) != len(members):
            raise FormatError("two pools hold the same dtype or the same member")
        self._text = source.open(TEXT_NAME) if TEXT_NAME in source.names else None
        self._text_cursor = 0
        expected = [GRAPH_NAME, *([TEXT_NAME] if self._text else []), *members]
        if source.names != expected:
            raise FormatError(f"the members must be {expected}, in this order, but they are {source.names}")

    def arrays(self, node: Arrays, *, is_view: bool) -> list[Any]:
        """Give the arrays of a node, one for each row."""
        shapes = _shapes_of(node)
        sizes = [_size_of(shape) for shape in shapes]
        pool = self._pool_of(node.pool, pool_key(node.dtype))
        dtype = dtype_from_description(node.dtype)
        n_items = sum(sizes)
        # A small array must not pin the whole mapping; a table of them is only borrowed for the moment.
        is_view = is_view and (node.rows > 1 or n_items * dtype.itemsize >= _MAPPED_FROM_BYTES)
        flat = pool.take(node.offset, n_items, is_single=node.rows == 1, is_view=is_view)
        if flat.dtype != dtype or not flat.flags.aligned:
            flat, is_view = flat.astype(dtype), False
        # Equal is not the same: alignment, record type and the name of the byte order do not count in ==.
        if flat.dtype is not dtype and dtype.itemsize:
            flat = flat.view(dtype)
        if node.rows == 1:
            return [_shaped(flat, shapes[0], node)]
        if is_view:
            return ArrayRows(_slices(flat, shapes, sizes, node), flat)
        if len(shapes) > 1 and shapes[0] is shapes[1] and node.order == "C":
            return [row.copy() for row in flat.reshape([node.rows, *shapes[0]])]
        return [row.copy(order="K") for row in _slices(flat, shapes, sizes, node)]

    def fill(self, column: Any, length: int) -> Any:
        """Give a column its values."""
        if type(column) is not Packed:
            return column
        place = column.place
        if column.kind == "text":
            column.values = self._texts(place, length)
            return column
        if type(place) is not list or len(place) != (3 if column.kind == "numpy" else 2):
            raise FormatError(f"not a packed column: {place!r}"[:200])
        key = pool_key(place[2]) if column.kind == "numpy" else _PACKED_DTYPES[column.kind]
        flat = self._pool_of(place[0], key).take(place[1], length, is_single=True)
        is_numpy = column.kind == "numpy"
        column.values = flat.astype(dtype_from_description(place[2])) if is_numpy else flat.tolist()
        return column

    def finish(self) -> None:
        """Refuse pools that are not used up."""
        if self._unused:
            raise FormatError(f"pools that nothing refers to: {sorted(self._unused)}")
        for pool in self._pools:
            pool.finish()
        if self._text is not None:
            self._text.finish()

    def _pool_of(self, number: object, key: str) -> _OpenPool:
        if type(number) is not int or self._by_key.get(key) != number:
            raise FormatError(f"arrays of dtype {key} do not lie in pool {number!r}")
        self._unused.discard(self._pools[number].name)
        return self._pools[number]

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
            texts = str(self._text.take_view(length_bytes), "utf-8").split(separator)
        except UnicodeDecodeError as error:
            raise FormatError(f"{TEXT_NAME} is not UTF-8: {error}") from error
        if len(texts) != length:
            raise FormatError(f"a column of {length} texts holds {len(texts)}")
        return texts


def _slices(flat: Any, shapes: list[list[int]], sizes: list[int], node: Arrays) -> list[Any]:
    ends = list(accumulate(sizes))
    rows = [flat[end - size : end] for size, end in zip(sizes, ends, strict=True)]
    if all(len(shape) == 1 for shape in shapes):
        return rows
    return [_shaped(row, shape, node) for row, shape in zip(rows, shapes, strict=True)]


def _shapes_of(node: Arrays) -> list[list[int]]:
    shape = node.shape
    shapes = shape if node.rows > 1 and shape and all(type(row) is list for row in shape) else [shape]
    if node.rows < 1 or (len(shapes) != node.rows and len(shapes) != 1):
        raise FormatError(f"{len(shapes)} shapes for {node.rows} arrays")
    for lengths in shapes:
        # numpy multiplies the lengths that are not zero, even where one is zero.
        product = 1
        for length in lengths:
            if type(length) is not int or not 0 <= length < 1 << 48:
                raise FormatError(f"not a shape: {str(lengths)[:100]}")
            product *= length or 1
        if len(lengths) > 64 or product >= 1 << 58:
            raise FormatError(f"not a shape: {str(lengths)[:100]}")
    return shapes if len(shapes) == node.rows else shapes * node.rows


def _size_of(shape: list[int]) -> int:
    size = 1
    for length in shape:
        size *= length
    return size


def _shaped(flat: Any, shape: list[int], node: Arrays) -> Any:
    if node.order == "C" and node.strides is None:
        return flat.reshape(shape)
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
