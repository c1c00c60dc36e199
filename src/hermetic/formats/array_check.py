"""Check that everything which lies in pools lies where it must, without numpy and without keeping any of it.

The twin of `hermetic.formats.graph_reader`, step by step, for whoever wants to know whether reading would succeed:
what raises `FormatError` there raises it here. What only numpy can say of a dtype is left to it.
"""

from __future__ import annotations

import array
import json
import math
import sys
from collections.abc import Sequence
from typing import Any

from hermetic.columns import SEPARATORS, is_endless, is_plain_layout, packed_dtype
from hermetic.dtypes import item_bytes
from hermetic.errors import FormatError, InvalidState
from hermetic.formats.container_reader import Container
from hermetic.formats.graph_json import Pool
from hermetic.formats.members import GRAPH_NAME, MemberReader, PoolSource, check_members
from hermetic.formats.npy_dtype import npy_dtype_text
from hermetic.formats.npy_header import render_npy_header
from hermetic.formats.pool_layout import aligned_offset, pool_key, refuse_offset
from hermetic.graph import Arrays, Graph, Packed
from hermetic.graph_walk import with_columns

__all__ = ["check_arrays"]

_TEXT_NAME = "text.txt"
_MAX_ITEMS = 1 << 48
_MAX_BYTES = 1 << 62
_MAX_DIMENSIONS = 64
_PACKED_KEYS = {"bool": ('"|b1"',), "int": ('"|i1"', '"<i2"', '"<i4"', '"<i8"'), "float": ('"<f8"',)}
_CODES = {1: "b", 2: "h", 4: "i", 8: "q"}


def check_arrays(graph: Graph, pools: Sequence[Pool], container: Container) -> None:
    """Check what lies in the pools of a file: places, lengths, headers, checksums, texts.

    Parameters
    ----------
    graph : Graph
        Well formed; it stays as it is.
    pools : sequence of Pool
        As the file lists them.
    container : Container
        Open.

    Raises
    ------
    FormatError, InvalidState
        When a slice does not lie where it must, something is left over, or a checksum is wrong.
    """
    for name, member in container.members.items():
        if member.content_length is None:
            container.check(name)
    checker = _Checker(pools, PoolSource(container, is_mapped=True))
    for node in graph.nodes:
        if isinstance(node, Arrays):
            checker.arrays(node)
        else:
            with_columns(node, checker.column)
    checker.finish()


class _OpenPool:
    """One pool while it is gone through."""

    __slots__ = ("_member", "cursor", "itemsize", "key", "length", "name")

    def __init__(self, pool: Pool, source: PoolSource) -> None:
        self.name, self.length, self.cursor = pool.member, pool.length, 0
        text = npy_dtype_text(pool.dtype)
        self.itemsize = item_bytes(pool.dtype)
        self.key = pool_key(pool.dtype)
        if self.key != json.dumps(pool.dtype, separators=(",", ":"), sort_keys=True):
            raise FormatError(f"{pool.member} must say its dtype without byte order: {self.key}")
        if not 0 <= pool.length < _MAX_ITEMS:
            raise FormatError(f"{pool.member} cannot hold {pool.length} items")
        self._member: MemberReader = source.open(pool.member)
        header = render_npy_header(text, pool.length)
        expected = len(header) + pool.length * self.itemsize
        if self._member.length != expected:
            raise FormatError(f"{pool.member} has {self._member.length} bytes, but {pool.length} items need {expected}")
        if self._member.take_view(len(header)) != header:
            raise FormatError(f"the header of {pool.member} is not that of {pool.length} items of {text[:200]}")

    def take(self, offset: object, n_items: int, *, is_single: bool) -> memoryview:
        """Show the next slice, when it lies where it must."""
        start = aligned_offset(self.cursor, self.itemsize, n_items) if is_single else self.cursor
        if offset != start or type(offset) is not int or start + n_items > self.length:
            raise refuse_offset(self.name, start, offset)
        if start > self.cursor and any(self._member.take_view((start - self.cursor) * self.itemsize)):
            raise FormatError(f"the padding before item {start} of {self.name} is not zero")
        self.cursor = start + n_items
        return self._member.take_view(n_items * self.itemsize)

    def finish(self) -> None:
        """Refuse a pool that is not used up."""
        if self.cursor != self.length:
            raise FormatError(f"{self.length - self.cursor} items of {self.name} belong to nothing")
        self._member.finish()


class _Checker:
    """Goes through the slices of pools in the order of the nodes."""

    def __init__(self, pools: Sequence[Pool], source: PoolSource) -> None:
        self._pools = [_OpenPool(pool, source) for pool in pools]
        self._by_key = {pool.key: number for number, pool in enumerate(self._pools)}
        members = [pool.name for pool in self._pools]
        self._unused = set(members)
        if len(self._by_key) != len(self._pools) or len(set(members)) != len(members):
            raise FormatError("two pools hold the same dtype or the same member")
        self._text = source.open(_TEXT_NAME) if _TEXT_NAME in source.names else None
        self._text_cursor = 0
        expected = [GRAPH_NAME, *([_TEXT_NAME] if self._text else []), *members]
        if source.names != expected:
            check_members(source.names, expected)

    def arrays(self, node: Arrays) -> None:
        """Check the arrays of a node."""
        npy_dtype_text(node.dtype)
        itemsize = item_bytes(node.dtype)
        n_items = _n_items(node, itemsize)
        pool = self._pool_of(node.pool, pool_key(node.dtype))
        pool.take(node.offset, n_items, is_single=node.rows == 1)
        is_plain = node.order in ("C", "F") and node.strides is None
        if not (is_plain or node.lengths is not None or (node.order == "C" and node.rows > 1)):
            _check_strides(node)

    def column(self, column: Any, length: int) -> Any:
        """Check a column; it stays as it is."""
        if type(column) is not Packed:
            return column
        place = column.place
        if column.kind == "text":
            self._check_texts(place, length)
            return column
        if type(place) is not list or len(place) != (3 if column.kind == "numpy" else 2):
            raise FormatError(f"not a packed column: {place!r}"[:200])
        if column.kind == "numpy":
            npy_dtype_text(place[2])
            self._pool_of(place[0], pool_key(place[2])).take(place[1], length, is_single=True)
            return column
        pool = self._pool_of(place[0], *_PACKED_KEYS[column.kind])
        items = pool.take(place[1], length, is_single=True)
        limits = _least_and_greatest(items, pool.itemsize) if column.kind == "int" and length else ()
        if pool.key != pool_key(packed_dtype(column.kind, *limits)):
            raise FormatError(f"a column of {column.kind} lies in pool {pool.name}, which is not the narrowest")
        return column

    def finish(self) -> None:
        """Refuse pools that are not used up."""
        if self._unused:
            raise FormatError(f"pools that nothing refers to: {sorted(self._unused)}")
        for pool in self._pools:
            pool.finish()
        if self._text is not None:
            self._text.finish()

    def _pool_of(self, number: object, *keys: str) -> _OpenPool:
        if type(number) is not int or number not in map(self._by_key.get, keys):
            raise FormatError(f"arrays of dtype {' or '.join(keys)} do not lie in pool {number!r}")
        self._unused.discard(self._pools[number].name)
        return self._pools[number]

    def _check_texts(self, content: Any, length: int) -> None:
        if type(content) is not list or len(content) != 3:
            raise FormatError(f"not a column of text: {content!r}"[:200])
        offset, length_bytes, separator = content
        if offset != self._text_cursor or type(offset) is not int or type(length_bytes) is not int:
            raise refuse_offset(_TEXT_NAME, self._text_cursor, offset)
        if self._text is None or not 0 <= length_bytes <= self._text.length - offset or separator not in SEPARATORS:
            raise FormatError(f"not a column of text: {content!r}"[:200])
        self._text_cursor += length_bytes
        try:
            n_texts = str(self._text.take_view(length_bytes), "utf-8").count(separator) + 1
        except UnicodeDecodeError as error:
            raise FormatError(f"{_TEXT_NAME} is not UTF-8: {error}") from error
        if n_texts != length:
            raise FormatError(f"a column of {length} texts holds {n_texts}")


def _least_and_greatest(items: memoryview, itemsize: int) -> tuple[int, int]:
    numbers = array.array(_CODES[itemsize])
    numbers.frombytes(items)
    if sys.byteorder == "big":
        numbers.byteswap()
    return min(numbers), max(numbers)


def _n_items(node: Arrays, itemsize: int) -> int:
    """Give the number of items of a whole table; whatever the file says, its shapes are within reason."""
    longest = [] if node.lengths is None else [max(node.lengths, default=0)]
    shape = [*longest, *node.shape]
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


def _check_strides(node: Arrays) -> None:
    strides = node.strides
    if node.order != "A" or strides is None or not all(type(stride) is int for stride in strides):
        raise InvalidState(f"not a memory order: {node.order!r}")
    if not is_plain_layout(node.shape, strides):
        raise InvalidState(f"strides {strides} do not lay out an array of shape {node.shape}")
