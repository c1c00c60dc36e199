"""What restoring a graph costs in memory, told from its text alone: a few bytes of a file may ask for many objects.

An array brings its own bytes, but a column that says one value for a million rows, a table of empty arrays or strides
with gaps bring none. So every kind of node is weighed by what it becomes, before an array is read or an object made,
and the sum must stay within a floor and a multiple of what the file holds. The table is in docs/limits.md.

The sizes are those of CPython 3.11 on a 64-bit machine, rounded up; no other supported version needs more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hermetic.codecs.foreign import FOREIGN
from hermetic.codecs.registry import codec_of_name
from hermetic.dtypes import item_bytes
from hermetic.graph import Arrays, Graph, Instances, Mappings, Name, Packed, Rows, Same, Sequences
from hermetic.graph_walk import columns_of
from hermetic.limits import Limits

__all__ = ["check_weight"]

_POINTER = 8
_SINGLE_BYTES = 256 << 10
"""More than a single object of any type needs, but for what it copies."""
_OBJECT_BYTES = 64
_LIST_BYTES = 88
_ARRAY_BYTES = 288
_ENTRY_BYTES = 100
_PACKED_BYTES = {"bool": 8, "int": 40, "float": 32, "numpy": 56, "text": 64}
_FEW_BYTES = 8 << 20
_MAX_ITEMS = 1 << 62
_FEW_NODES = 2000
_FEW_VALUES = 10_000
_LONG_TEXT_BYTES = 1 << 16
_MOST_TEXT_BYTES = 1 << 53
_HASHED = ("set", "frozenset")
_KEYS = ".keys()"


def check_weight(graph: Graph, content_bytes: int, text_weight: int, *, limits: Limits, where: str = "") -> None:
    """Refuse a graph that would take more memory than its file may ask for.

    Parameters
    ----------
    graph : Graph
        Well-formed: from `hermetic.normalize.normalize`. Its arrays need not be read.
    content_bytes : int
        Length of all members of the file together, decompressed.
    text_weight : int
        Bytes of memory that the graph takes as it is.
    limits : Limits
        ``memory_bytes``, ``memory_factor``, ``checked_bytes`` and ``visits`` count.
    where : str
        The file, for messages.

    Raises
    ------
    LimitExceeded
        When the estimate is above the budget.

    Examples
    --------
    >>> from hermetic.graph import Same, Sequences
    >>> many = Sequences(type="list", lengths=10**9, columns=[Same(0)])
    >>> check_weight(Graph(names=[], nodes=[many], root=[0]), 300, 0, limits=Limits())
    Traceback (most recent call last):
        ...
    hermetic.errors.LimitExceeded: the limit memory_bytes is 67,109,764, but 25,000,000,388 would be needed
      If you expect a model of this size, pass limits=hermetic.Limits(memory_bytes=25000000388).
    """
    weight = _Weight(graph)
    is_plain = list(map(_is_plain, graph.names))
    nodes: Sequence[Any] = graph.nodes
    n_plain, n_values, may_share = 0, 0, len(nodes) >= _FEW_NODES
    for node in nodes:
        kind = type(node)
        if kind is Arrays:
            weight.add_arrays(node)
        elif kind is not Instances:
            weight.add_container(node)
            may_share = may_share or _may_share(node, nodes)
        elif node.rows > 1:
            weight.add_instances(node)
            n_values += node.rows * len(node.fields)
            may_share = may_share or _may_share(node, nodes)
        elif is_plain[node.type]:
            # Most nodes are such objects, which few files have enough of to matter.
            n_plain += 1
        else:
            weight.add_instances(node)
    # What is read at once is no more than the file holds, whatever it says.
    asked = content_bytes + text_weight + weight.sum + min(weight.largest, content_bytes)
    if n_plain * _SINGLE_BYTES > _FEW_BYTES:
        asked += sum(weight.of_objects(node) for node in nodes if type(node) is Instances and node.rows == 1)
    limits.check_memory(asked, content_bytes, where=where)
    visits = _count_visits(graph) if may_share or n_values > _FEW_VALUES else 0
    limits.check_reading(weight.read_bytes, visits, content_bytes, where=where)


def _is_plain(name: Name) -> bool:
    """Tell whether a single object of a type takes little beyond what the file holds, and reads none of it."""
    codec = codec_of_name(name.name) or FOREIGN
    return not (codec.copy_factor or codec.borrowed_fields or codec.checked_fields)


class _Weight:
    """What the nodes of a graph weigh together."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self.sum = self.largest = self.read_bytes = 0

    def add_arrays(self, node: Arrays) -> None:
        """Count what arrays take beyond their items: the objects, gaps, and the copies of the biggest table."""
        if node.rows == 1:
            self.sum += _ARRAY_BYTES
        else:
            is_taken_later = node.lengths is not None or node.order == "C"
            self.sum += node.rows * (_ARRAY_BYTES if is_taken_later else 2 * _ARRAY_BYTES)
            # The rows are copied out of what was read at once.
            self.largest = max(self.largest, _table_bytes(node))
        if node.strides is not None:
            self.sum += item_bytes(node.dtype) * _items_with_gaps(node)
        elif 0 in node.shape:
            # numpy takes memory for one item even where there is none.
            self.sum += node.rows * item_bytes(node.dtype)

    def of_objects(self, node: Instances) -> int:
        """Give what the objects and their dictionaries take."""
        codec = codec_of_name(self._graph.names[node.type].name) or FOREIGN
        n_fields = len(node.fields)
        each = _OBJECT_BYTES + _dictionary_bytes(n_fields) + _POINTER * (n_fields + 2) + codec.row_bytes
        return node.rows * each

    def add_instances(self, node: Instances) -> None:
        """Count the objects, their dictionaries, the columns that fill them, and the arrays that they copy."""
        codec = codec_of_name(self._graph.names[node.type].name) or FOREIGN
        self.sum += self.of_objects(node)
        if node.rows > 1:
            for column in node.fields.values():
                self.sum += _column_bytes(column, node.rows)
        for field in node.fields if codec.copy_factor else codec.borrowed_fields:
            if field in node.fields:
                self.sum += max(codec.copy_factor, 1) * self._array_bytes(node, node.fields[field])
        for field in codec.checked_fields:
            if field in node.fields:
                self.read_bytes += self._array_bytes(node, node.fields[field])

    def add_container(self, node: Any) -> None:
        """Count lists, tuples, sets, dictionaries and arrays of objects, and the columns that fill them."""
        if _is_written_out(node):
            return
        for _, column, length in columns_of(node):
            self.sum += _column_bytes(column, length)
        if type(node) is Sequences:
            n_items = node.lengths * node.rows if isinstance(node.lengths, int) else sum(node.lengths)
            # What is cut from a column grows step by step, by an eighth each.
            self.sum += node.rows * _LIST_BYTES + n_items * (_POINTER + 1)
            if node.type in ("set", "frozenset"):
                self.sum += n_items * _ENTRY_BYTES
        elif type(node) is Mappings:
            if node.rows > 1:
                self.sum += node.rows * (_OBJECT_BYTES + _dictionary_bytes(node.length) + _POINTER)
            else:
                self.sum += node.length * _ENTRY_BYTES
        else:
            self.sum += sum(2 * _POINTER * length for _, _, length in columns_of(node))

    def _array_bytes(self, node: Instances, column: Any) -> int:
        """Give the length of the arrays and containers in a column, each counted as often as it stands there."""
        if node.rows == 1:
            return self._referred_bytes(column)
        if type(column) is Rows:
            target: Any = self._graph.nodes[column.node]
            whole = _table_bytes(target) if type(target) is Arrays else self._items_bytes(target)
            return whole + sum(map(self._referred_bytes, column.exceptions.values()))
        if type(column) is Same:
            return node.rows * self._referred_bytes(column.value)
        return sum(map(self._referred_bytes, column)) if type(column) is list else 0

    def _referred_bytes(self, value: Any) -> int:
        if type(value) is not list:
            return 0
        target: Any = self._graph.nodes[value[0]]
        if type(target) is not Arrays:
            return -(-self._items_bytes(target) // getattr(target, "rows", 1))
        return _row_bytes(target)

    def _items_bytes(self, node: Any) -> int:
        """Give what a copy of the items of all rows of a container takes, with its texts and arrays."""
        if type(node) is Instances:
            return 0
        each = _ENTRY_BYTES if type(node) is Mappings else 2 * _POINTER
        total = 0
        for _, column, length in columns_of(node):
            total += length * each
            values: Any = [column.value] if type(column) is Same else column if type(column) is list else ()
            n_times = length if type(column) is Same else 1
            for value in values:
                if type(value) is str and n_times > 1:
                    total += n_times * len(value) * (1 if value.isascii() else 4)
                elif type(value) is list and type(self._graph.nodes[value[0]]) is Arrays:
                    total += n_times * _row_bytes(self._graph.nodes[value[0]])
        return total


def _count_visits(graph: Graph) -> int:
    """Give how many values are looked at when every object, every key and every member of a set looks at all it holds.

    A graph that shares without end stays small as a file: tuples that hold one tuple twice, which holds another twice.
    """
    extents: list[int] = []
    visits = 0
    node: Any
    for node in graph.nodes:
        kind = type(node)
        extent, n_keys = 0, 0
        if kind is not Arrays:
            for place, column, length in columns_of(node):
                found = _extent_of(column, length, graph, extents)
                extent += found
                n_keys += found if place == _KEYS else 0
        rows = getattr(node, "rows", 1)
        extents.append(min(-(-extent // rows), _MAX_ITEMS))
        if kind is Instances or (kind is Sequences and node.type in _HASHED):
            visits += extent
        visits += n_keys
    return visits


def _may_share(node: Any, nodes: Sequence[Any]) -> bool:
    """Tell whether a node can make many look at what the file says once; arrays are counted by their bytes."""
    if type(node) is Instances:
        return any(_repeats(column, nodes) for column in node.fields.values())
    if type(node) is Mappings:
        return node.rows == 1 and _has_references(node.keys)
    return type(node) is Sequences and node.type in _HASHED and _has_references(node.columns[0])


def _repeats(column: Any, nodes: Sequence[Any]) -> bool:
    """Tell whether a column of a table holds tuples for many rows, or refers to what holds values."""
    if type(column) is Same:
        value = column.value
        return type(value) is dict or (type(value) is list and type(nodes[value[0]]) is not Arrays)
    if type(column) is list:
        return any(type(value) is list and type(nodes[value[0]]) is not Arrays for value in column)
    return False


def _has_references(column: Any) -> bool:
    """Tell whether keys or members may be tuples, which look at all that they hold when they are hashed."""
    if type(column) is list:
        return any(type(value) is list for value in column)
    return type(column) is not Packed


def _extent_of(column: Any, length: int, graph: Graph, extents: list[int]) -> int:
    """Give the number of values in a column, and in all that it refers to."""
    if type(column) is Packed:
        return length
    if type(column) is Rows:
        whole = extents[column.node] * getattr(graph.nodes[column.node], "rows", 1)
        return length + whole + _extent_of(list(column.exceptions.values()), 0, graph, extents)
    if type(column) is Same:
        return length * (1 + (extents[column.value[0]] if type(column.value) is list else _n_parts(column.value)))
    return length + sum(extents[value[0]] for value in column if type(value) is list)


def _is_written_out(node: Any) -> bool:
    """Tell whether a dictionary or set of texts stands in the pools item by item, as a vocabulary does.

    Its texts all differ, so that the file must be long for many of them; and a model of a million words is honest.
    """
    if type(node) is Mappings and node.rows == 1:
        columns = [node.keys, *node.columns]
    elif type(node) is Sequences and node.type in ("set", "frozenset"):
        columns = node.columns
    else:
        return False
    return all(type(column) is Packed for column in columns) and columns[0].kind == "text"


def _column_bytes(column: Any, length: int) -> int:
    """Give what the values of a column take, and the list that holds them while objects are made from it."""
    if type(column) is Packed:
        return length * (_POINTER + _PACKED_BYTES.get(column.kind, 0)) + _long_text_bytes(column, length)
    if type(column) is Same:
        # A validator may look at the value for each row.
        return length * (2 * _POINTER + _POINTER * _n_parts(column.value))
    return length * _POINTER


def _long_text_bytes(column: Packed, length: int) -> int:
    """Give what very long texts may take: one rare letter makes four bytes of each of the others."""
    place = column.place
    if column.kind != "text" or type(place) is not list or len(place) != 3 or type(place[1]) is not int:
        return 0
    return 5 * place[1] if length * _LONG_TEXT_BYTES < place[1] < _MOST_TEXT_BYTES else 0


def _n_parts(value: Any) -> int:
    """Give the number of values in a tuple."""
    parts = value.get("tuple") if type(value) is dict else None
    return len(parts) if type(parts) is list else 0


def _dictionary_bytes(n_entries: int) -> int:
    """Give the size of a dictionary with text keys: its table has a power of two of places, two thirds of them used."""
    n_places = 8
    while n_places * 2 // 3 < n_entries:
        n_places *= 2
    return 112 + (n_places if n_places < 256 else 2 * n_places if n_places < 65536 else 4 * n_places) + 11 * n_places


def _row_bytes(node: Any) -> int:
    """Give the length of the longest array of a table."""
    whole = item_bytes(node.dtype) * _product(node.shape)
    return whole if node.lengths is None else whole * max(max(node.lengths, default=0), 0)


def _table_bytes(node: Arrays) -> int:
    n_rows = node.rows if node.lengths is None else max(sum(node.lengths), 0)
    return item_bytes(node.dtype) * _product(node.shape) * n_rows


def _product(shape: list[int]) -> int:
    """Multiply the lengths of the axes, no further than any memory reaches: a product of many costs time itself."""
    total = 1
    for length in shape:
        # Lengths below zero are refused where arrays are read.
        total *= max(length, 0)
        if not 0 < total < _MAX_ITEMS:
            break
    return total


def _items_with_gaps(node: Arrays) -> int:
    """Give the number of items from the first to the last of one array; a layout that wastes more is refused."""
    axes = zip(node.strides or (), node.shape, strict=False)
    reach = 1 + sum(max(stride, 0) * max(length - 1, 0) for stride, length in axes)
    return min(reach, 2 * _product(node.shape) + 16)
