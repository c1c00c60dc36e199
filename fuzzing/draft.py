"""A graph in the making of a mutant: it shares with its seed whatever no change has touched."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from hermetic.array_rows import ArrayRows
from hermetic.columns import array_layout, pack_column, packed_dtype
from hermetic.dtypes import describe_dtype, stored_dtype
from hermetic.graph import (
    Arrays,
    Graph,
    Instances,
    Mappings,
    Node,
    ObjectArray,
    Packed,
    Rows,
    Same,
    Sequences,
)
from hermetic.graph_walk import columns_of, references_of

__all__ = ["Draft", "HeldRows", "Place", "listed", "moved", "packed", "private_arrays"]

_SAFE = 1 << 53
_MOST_BYTES = 1 << 24
_MOST_VALUES = 1 << 16


class Place:
    """One value of a node that a change may replace.

    Attributes
    ----------
    number : int
        The node.
    words : str
        Where in the node, for the description.
    value : value
        What stands there.
    """

    __slots__ = ("_column", "_key", "_row", "number", "value", "words")

    def __init__(self, number: int, key: Any, column: int | None, row: int, value: Any, words: str) -> None:
        self.number, self.value, self.words = number, value, words
        self._key, self._column, self._row = key, column, row


class Draft:
    """A graph that is being changed.

    Attributes
    ----------
    graph : Graph
        Lists and dictionaries of its own; nodes and arrays are the seed's until `own` has copied them.
    """

    def __init__(self, seed: Graph) -> None:
        self.graph = Graph(
            names=list(seed.names),
            nodes=list(seed.nodes),
            root=seed.root,
            links=list(seed.links),
            arrays=dict(seed.arrays),
        )
        self._owned: set[int] = set()

    def own(self, number: int) -> Any:
        """Give a node that may be changed."""
        if number not in self._owned:
            self.graph.nodes[number] = copy.deepcopy(self.graph.nodes[number])
            self._owned.add(number)
        return self.graph.nodes[number]

    def rows_of(self, number: int) -> int:
        """Give the number of rows of a node."""
        rows: int = getattr(self.graph.nodes[number], "rows", 1)
        return rows

    def reference(self, choose: random.Random, below: int) -> list[int]:
        """Give a reference to a row of some node before another."""
        target = choose.randrange(below)
        rows = self.rows_of(target)
        return [target] if rows == 1 else [target, choose.randrange(rows)]

    def pick_place(self, choose: random.Random, number: int) -> Place | None:
        """Give one value of a node, or None where it has none."""
        node = self.graph.nodes[number]
        if isinstance(node, Instances) and node.rows == 1:
            if not node.fields:
                return None
            field = choose.choice(list(node.fields))
            return Place(number, field, None, 0, node.fields[field], f".{field}")
        columns = _columns_with_keys(node)
        if not columns:
            return None
        key, column, length, words = choose.choice(columns)
        # Another change may have made the length a lie.
        values = listed(column, length)
        if not values:
            return None
        row = choose.randrange(len(values))
        return Place(number, key, length, row, values[row], f"{words} of row {row}")

    def put(self, place: Place, value: Any, *, choose: random.Random | None = None) -> None:
        """Put a value in a place; of a packed column, with `choose`, the new one is sometimes packed again."""
        node = self.own(place.number)
        if place._column is None:
            node.fields[place._key] = value
            return
        holder, key = _holder_of(node, place._key)
        values = listed(holder[key], place._column)
        values[place._row] = value
        if choose is not None and choose.random() < 0.5:
            holder[key] = packed(values)
        else:
            holder[key] = values
        if isinstance(node, ObjectArray):
            node.items = holder[key]

    def set_column(self, number: int, key: Any, column: Any) -> None:
        """Replace a whole column of a node."""
        node = self.own(number)
        holder, key = _holder_of(node, key)
        holder[key] = column
        if isinstance(node, ObjectArray):
            node.items = column

    def columns(self, number: int) -> list[tuple[Any, Any, int, str]]:
        """Give the columns of a node of several rows: key, column, length, words."""
        return _columns_with_keys(self.graph.nodes[number])

    def replace_arrays(self, number: int, arrays: Sequence[Any]) -> bool:
        """Put other arrays in the place of those of a node, if one table can hold them."""
        first, old = arrays[0], self.graph.arrays[number]
        if (
            first.dtype.hasobject
            or sum(own.nbytes for own in arrays) > _MOST_BYTES
            or any(
                own.dtype != first.dtype or own.ndim != first.ndim or own.shape[1:] != first.shape[1:] for own in arrays
            )
        ):
            return False
        lengths = [len(own) for own in arrays] if first.ndim else []
        is_uniform = len(set(lengths)) < 2
        order, strides = array_layout(first)
        if not is_uniform or len(arrays) > 1:
            arrays, order, strides = [np.ascontiguousarray(own).reshape(own.shape) for own in arrays], "C", None
        try:
            description = json.loads(json.dumps(describe_dtype(first.dtype)))
        except (TypeError, ValueError):
            return False
        self.graph.nodes[number] = Arrays(
            dtype=description,
            shape=list(first.shape if is_uniform else first.shape[1:]),
            rows=len(arrays),
            lengths=None if is_uniform else lengths,
            order=order,
            strides=strides,
        )
        self._owned.add(number)
        is_held = isinstance(old, HeldRows) and order == "C" and stored_dtype(first.dtype) == first.dtype
        self.graph.arrays[number] = HeldRows(arrays) if is_held else list(arrays)
        return True

    def append(self, node: Node, arrays: Sequence[Any] | None = None) -> int:
        """Add a node at the end; give its number."""
        number = len(self.graph.nodes)
        self.graph.nodes.append(node)
        self._owned.add(number)
        if arrays is not None:
            self.graph.arrays[number] = list(arrays)
        return number

    def insert_first(self, nodes: Sequence[Node], arrays: Mapping[int, Sequence[Any]]) -> None:
        """Put nodes of another graph before all others, whose references are shifted."""
        shift = len(nodes)
        graph = self.graph
        own = [moved(node, lambda number: number + shift) for node in graph.nodes]
        graph.nodes = [*nodes, *own]
        graph.arrays = {**arrays, **{number + shift: value for number, value in graph.arrays.items()}}
        if type(graph.root) is list:
            graph.root = [graph.root[0] + shift, *graph.root[1:]]
        graph.links = [
            type(link)(link.node + shift, link.row, link.slot, link.target_node + shift, link.target_row)
            for link in graph.links
        ]
        self._owned = set(range(len(graph.nodes)))

    def finish(self) -> Graph:
        """Give the graph, with whatever nothing refers to any longer beside the model: unused nodes are refused."""
        graph = self.graph
        if type(graph.root) is not list:
            return graph
        used = {target for node in graph.nodes for _, target, _ in references_of(node)}
        used |= {link.target_node for link in graph.links} | {graph.root[0]}
        spare = [number for number in range(len(graph.nodes)) if number not in used]
        if spare:
            items = [[number] if self.rows_of(number) == 1 else [number, 0] for number in spare]
            self.append(Sequences(type="list", lengths=1 + len(items), columns=[[graph.root, *items]]))
            graph.root = [len(graph.nodes) - 1]
        return graph

    def words(self, number: int) -> str:
        """Describe a node."""
        node = self.graph.nodes[number]
        if isinstance(node, Instances):
            return f"node {number} ({self.graph.names[node.type].name})"
        users = list(self._users(number))
        return f"node {number} ({type(node).__name__.lower()}, {', '.join(users[:2]) or 'inner'})"

    def _users(self, number: int) -> Iterator[str]:
        for user in self.graph.nodes:
            if isinstance(user, Instances):
                for place, target, _ in references_of(user):
                    if target == number:
                        yield f"{self.graph.names[user.type].name}{place}"


def _columns_with_keys(node: Any) -> list[tuple[Any, Any, int, str]]:
    if isinstance(node, Arrays):
        return []
    found = list(columns_of(node))
    if isinstance(node, Instances):
        return [] if node.rows == 1 else [(place[1:], column, length, place) for place, column, length in found]
    if isinstance(node, Mappings):
        keys: list[Any] = ["keys", *range(len(node.columns))] if node.rows == 1 else list(range(len(node.columns)))
        return [(key, column, length, place) for key, (place, column, length) in zip(keys, found, strict=True)]
    if isinstance(node, ObjectArray):
        return [("items", column, length, place) for place, column, length in found]
    return [(key, column, length, place) for key, (place, column, length) in enumerate(found)]


def _holder_of(node: Any, key: Any) -> tuple[Any, Any]:
    if isinstance(node, Instances):
        return node.fields, key
    if isinstance(node, ObjectArray):
        return {"items": node.items}, key
    if key == "keys":
        return _KeysOf(node), key
    return node.columns, key


class _KeysOf:
    """The keys of a dictionary, where its columns of values are a list."""

    def __init__(self, node: Mappings) -> None:
        self._node = node

    def __getitem__(self, key: str) -> Any:
        return self._node.keys

    def __setitem__(self, key: str, value: Any) -> None:
        self._node.keys = value


def listed(column: Any, length: int) -> list[Any]:
    """Give a column value by value, each in the form that JSON holds."""
    kind = type(column)
    if kind is list:
        return list(column)
    if kind is Same:
        return [column.value] * max(0, min(length, _MOST_VALUES))
    if kind is Rows:
        length = max(0, min(length, _MOST_VALUES))
        taken = iter(range(length))
        return [
            column.exceptions[position] if position in column.exceptions else [column.node, next(taken)]
            for position in range(length)
        ]
    if column.kind == "numpy":
        description = describe_dtype(column.values.dtype)
        return [{"numpy": [description, _plain(value)]} for value in column.values.tolist()]
    return [_plain(value) for value in column.values]


def _plain(value: Any) -> Any:
    if type(value) is float and value - value != 0.0:
        return {"float": repr(value)}
    if type(value) is int and not -_SAFE <= value <= _SAFE:
        return {"int": hex(value)}
    return value


def packed(values: list[Any]) -> Any:
    """Give a column of plain values as a reader gives a packed one, where they are of one kind; else as it is."""
    if len({type(value) for value in values}) != 1 or type(values[0]) in (list, dict):
        return values
    column = pack_column(values)
    if not isinstance(column, Packed):
        return values if column is None else column
    if column.kind in ("bool", "int", "float"):
        bounds = (min(values), max(values)) if column.kind == "int" else ()
        column.items = np.array(values, dtype=packed_dtype(column.kind, *bounds))
    return Packed(column.kind, list(values), None, column.items)


class HeldRows(ArrayRows):
    """The arrays of a table as a reader gives those that native code will copy: their items are asked for later.

    Parameters
    ----------
    arrays : sequence of numpy.ndarray
        Of one dtype.
    """

    def __init__(self, arrays: Sequence[Any]) -> None:
        self._bytes = memoryview(b"".join(array.tobytes() for array in arrays))
        super().__init__(arrays[0].dtype, [array.shape for array in arrays], self._read)

    def _read(self, start: int, buffer: memoryview) -> None:
        buffer[:] = self._bytes[start : start + len(buffer)]

    def fresh(self) -> HeldRows:
        """Give the same rows, from which nothing has been taken yet."""
        rows = copy.copy(self)
        ArrayRows.__init__(rows, self.dtype, self.shapes, rows._read)
        return rows


def private_arrays(graph: Graph) -> None:
    """Replace the arrays that an object may keep by copies, so that using a mutant leaves its seed as it is."""
    for number, arrays in graph.arrays.items():
        own = arrays.fresh() if isinstance(arrays, HeldRows) else [_copy_with_layout(array) for array in arrays]
        graph.arrays[number] = own


def _copy_with_layout(array: Any) -> Any:
    if array.flags.c_contiguous or array.flags.f_contiguous or not array.size:
        return array.copy(order="K")
    reach_bytes = sum(stride * (length - 1) for stride, length in zip(array.strides, array.shape, strict=True))
    base = np.zeros(reach_bytes // array.itemsize + 1, dtype=array.dtype)
    view = np.lib.stride_tricks.as_strided(base, array.shape, array.strides)
    view[...] = array
    return view


def moved(node: Any, move: Callable[[int], int]) -> Any:
    """Give a node like another whose references point to where `move` says."""

    def value(own: Any) -> Any:
        return [move(own[0]), *own[1:]] if type(own) is list else own

    def column(own: Any) -> Any:
        kind = type(own)
        if kind is list:
            return [value(item) for item in own]
        if kind is Same:
            return Same(value(own.value))
        if kind is Rows:
            return Rows(move(own.node), {position: value(item) for position, item in own.exceptions.items()})
        return copy.copy(own)

    if isinstance(node, Instances):
        change = value if node.rows == 1 else column
        return Instances(node.type, {field: change(own) for field, own in node.fields.items()}, node.rows)
    if isinstance(node, ObjectArray):
        return ObjectArray(list(node.shape), column(node.items), node.order)
    if isinstance(node, Sequences):
        return Sequences(node.type, node.lengths, [column(own) for own in node.columns], node.rows)
    if isinstance(node, Mappings):
        keys = column(node.keys) if node.rows == 1 else list(node.keys)
        return Mappings(node.length, keys, [column(own) for own in node.columns], node.rows)
    return node
