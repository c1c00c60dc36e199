"""normalize: the first gate. What a reader gives becomes a well-formed graph, or is refused.

Well-formed means: every reference points to an earlier node and an existing row, every tagged value is in the grammar,
tables are as long as they say, containers do not stand inside each other too deeply, and the whole stays within its
budgets. Everything behind this gate relies on it. Nothing is imported, called, hashed or compared here.
"""

from __future__ import annotations

from types import NoneType
from typing import Any

from hermetic.codecs.scalars import check_scalar
from hermetic.columns import is_endless
from hermetic.errors import InvalidState
from hermetic.graph import Arrays, Graph, Instances, Link, Mappings, Node, ObjectArray, Rows, Same, Sequences
from hermetic.graph_paths import path_of
from hermetic.graph_walk import columns_of
from hermetic.limits import Limits
from hermetic.stages import NeutralGraph

__all__ = ["normalize"]

_PLAIN = frozenset({NoneType, bool, int, float, str})
_SEQUENCES = frozenset({"list", "tuple", "set", "frozenset"})
_MAX_DIMENSIONS = 64
_POINTER_BYTES = 8
_MAX_BYTES = 1 << 62


def normalize(graph: Graph, *, limits: Limits, where: str = "") -> NeutralGraph:
    """Check that a graph is well formed.

    Parameters
    ----------
    graph : Graph
        From a reader; packed columns need not be filled in.
    limits : Limits
        Budgets for nodes, values and depth.
    where : str
        The file, for messages.

    Returns
    -------
    NeutralGraph
        The same graph.

    Raises
    ------
    InvalidState, LimitExceeded
        With the path of the first node that breaks a rule.

    Examples
    --------
    >>> from hermetic.graph import Graph
    >>> from hermetic.limits import Limits
    >>> normalize(Graph(names=[], nodes=[], root=1), limits=Limits()).graph.root
    1
    """
    limits.check("nodes", len(graph.nodes), where=where)
    if len({(name.name, name.role) for name in graph.names}) != len(graph.names):
        raise _refuse("a name stands twice among the names")
    check = _Check(graph, limits, where)
    for index, node in enumerate(graph.nodes):
        try:
            check.node(index, node)
        except InvalidState as error:
            place = f"{where}: {path_of(graph, index)}" if where else path_of(graph, index)
            raise InvalidState(error.found, where=place, next_step=error.next_step) from error
    check.value(graph.root, len(graph.nodes))
    for link in graph.links:
        check.link(link)
    check.everything_is_used()
    return NeutralGraph(graph=graph)


class _Check:
    def __init__(self, graph: Graph, limits: Limits, where: str) -> None:
        self._graph = graph
        self._limits = limits
        self._where = where
        self._rows = [getattr(node, "rows", 1) for node in graph.nodes]
        self._depths: list[int] = []
        self._deepest = 0
        self._n_values = 0
        self._used: set[int] = set()

    def everything_is_used(self) -> None:
        """Refuse nodes that nothing refers to: what nobody sees could hold anything."""
        if len(self._used) != len(self._rows):
            unused = next(number for number in range(len(self._rows)) if number not in self._used)
            raise _refuse(f"nothing refers to node {unused}")

    def node(self, index: int, node: Any) -> None:
        """Check one node; those before it are checked."""
        if self._rows[index] < 1:
            raise _refuse(f"a table of {self._rows[index]!r} rows")
        kind = type(node)
        if kind is Instances:
            if not 0 <= node.type < len(self._graph.names) or self._graph.names[node.type].role != "constructed":
                raise _refuse(f"no constructed type has number {node.type}")
        elif kind is Sequences:
            _check_sequences(node)
        elif kind is Mappings:
            _check_mappings(node)
        elif kind is ObjectArray:
            _check_object_array(node)
        self._deepest = 0
        if self._rows[index] > 1:
            # A table without fields, or of empty arrays, costs the file nothing and memory for each row.
            self._n_values += self._rows[index]
            self._limits.check("values", self._n_values, where=self._where)
        if kind is Instances and self._rows[index] == 1:
            self._n_values += len(node.fields)
            # Most nodes are single objects: no call for each of their values.
            for value in node.fields.values():
                if type(value) not in _PLAIN:
                    self.value(value, index)
        elif kind is not Arrays:
            for _, column, length in columns_of(node):
                self._n_values += length
                self._limits.check("values", self._n_values, where=self._where)
                self._column(column, length, index)
        depth = self._deepest + 1
        if depth > self._limits.depth:
            self._limits.check("depth", depth, where=self._where)
        self._depths.append(depth)

    def _column(self, column: Any, length: int, index: int) -> None:
        if type(column) is list:
            if len(column) != length:
                raise _refuse(f"a column of {len(column)} values in a table of {length}")
            for value in column:
                if type(value) not in _PLAIN:
                    self.value(value, index)
        elif type(column) is Same:
            self.value(column.value, index)
        elif type(column) is Rows:
            self._refer([column.node], index)
            n_taken = length - len(column.exceptions)
            if self._rows[column.node] != n_taken:
                raise _refuse(f"a column takes {n_taken} rows of a table that has {self._rows[column.node]}")
            for value in column.exceptions.values():
                self.value(value, index)

    def value(self, value: Any, index: int) -> None:
        """Check one value of a node."""
        if type(value) is not list:
            check_scalar(value, len(self._graph.names))
            self._check_names(value)
            return
        self._refer(value, index)
        rows = self._rows[value[0]]
        if len(value) == 2:
            if rows == 1 or type(value[1]) is not int or not 0 <= value[1] < rows:
                raise _refuse(f"node {value[0]} has no row {value[1]!r}")
        elif rows != 1:
            raise _refuse(f"node {value[0]} has {rows} rows; a reference must say which")

    def _check_names(self, value: Any) -> None:
        """Refuse a class that is only constructed where a class or function stands as a value."""
        tagged = value.get("tuple", [value]) if type(value) is dict else ()
        for item in tagged:
            if type(item) is dict and "name" in item and self._graph.names[item["name"]].role == "constructed":
                name = self._graph.names[item["name"]].name
                raise _refuse(f"{name} is only constructed in the file, so it is no callable or class to refer to")

    def _refer(self, reference: list[Any], index: int) -> None:
        if len(reference) not in (1, 2) or type(reference[0]) is not int or not 0 <= reference[0] < index:
            raise _refuse(f"not a reference to an earlier node: {str(reference)[:80]}")
        depth = self._depths[reference[0]]
        if depth > self._deepest:
            self._deepest = depth
        self._used.add(reference[0])

    def link(self, link: Link) -> None:
        """Check one link."""
        for number, row in ((link.node, link.row), (link.target_node, link.target_row)):
            if not (0 <= number < len(self._rows) and 0 <= row < self._rows[number]):
                raise _refuse(f"a link to row {row} of node {number}, which does not exist")
        self._used.add(link.target_node)
        holder = self._graph.nodes[link.node]
        slot = link.slot
        if isinstance(slot, str):
            is_place = isinstance(holder, Instances) and slot in holder.fields
        else:
            is_place = 0 <= slot < _n_slots(holder, link.row)
        if not is_place:
            raise _refuse(f"node {link.node} has no place {slot!r} for a link")


def _n_slots(holder: Node, row: int) -> int:
    """Give the number of places of one row that a link may fill."""
    if isinstance(holder, Sequences) and holder.type == "list":
        return holder.lengths[row] if isinstance(holder.lengths, list) else holder.lengths
    if isinstance(holder, Mappings):
        return holder.length
    if isinstance(holder, ObjectArray):
        [(_, _, length)] = columns_of(holder)
        return length
    return 0


def _check_sequences(node: Sequences) -> None:
    lengths = node.lengths if isinstance(node.lengths, list) else [node.lengths]
    if node.type not in _SEQUENCES or (node.rows > 1 and node.type not in ("list", "tuple")):
        raise _refuse(f"no table of {node.type!r}")
    if any(length < 0 for length in lengths) or (isinstance(node.lengths, list) and len(lengths) != node.rows):
        raise _refuse("the lengths of a table of lists do not fit")
    is_positional = node.rows > 1 and not isinstance(node.lengths, list)
    if len(node.columns) != (lengths[0] if is_positional else 1) or (node.rows == 1 and isinstance(node.lengths, list)):
        raise _refuse(f"{len(node.columns)} columns for lists of length {lengths[0]}")


def _check_mappings(node: Mappings) -> None:
    if node.length < 0 or len(node.columns) != (1 if node.rows == 1 else node.length):
        raise _refuse(f"{len(node.columns)} columns for dictionaries of length {node.length}")
    if node.rows > 1:
        keys = node.keys
        if type(keys) is not list or not all(type(key) is str for key in keys) or len(set(keys)) != len(keys):
            raise _refuse("a table of dictionaries needs distinct text keys")
        if len(keys) != node.length:
            raise _refuse(f"{len(keys)} keys for dictionaries of length {node.length}")


def _check_object_array(node: ObjectArray) -> None:
    length_bytes = _POINTER_BYTES
    for length in node.shape[: _MAX_DIMENSIONS + 1]:
        # numpy multiplies the lengths that are not zero, even where one is zero.
        length_bytes *= length or 1
    is_shape = len(node.shape) <= _MAX_DIMENSIONS and min(node.shape, default=0) >= 0 and length_bytes < _MAX_BYTES
    if not is_shape or node.order not in ("C", "F"):
        raise _refuse(f"not the shape and order of an array: {str(node.shape)[:100]}, {node.order[:10]!r}")
    if is_endless(node.shape):
        raise _refuse(f"an array without items has the shape {node.shape}")


def _refuse(found: str) -> InvalidState:
    return InvalidState(
        found,
        next_step="The file is damaged or hostile. Ask its producer for a fresh copy and compare digests.",
    )
