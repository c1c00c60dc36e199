"""restore: a `ValidGraph` becomes live objects. One loop over the nodes, each of which has what it needs before it.

Objects are made table by table. Links, which close cycles, come last, and then whatever a foreign class does with its
state, so that it sees everything it refers to.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice
from types import NoneType
from typing import Any

import numpy as np

from hermetic.codecs.codec import STRAY_ERRORS, Codec, SameRows
from hermetic.codecs.foreign import FOREIGN, import_trusted
from hermetic.codecs.functions import KNOWN_FUNCTIONS, KNOWN_VALUE_TYPES, resolve_function
from hermetic.codecs.registry import codec_of_name, name_of_class
from hermetic.codecs.scalars import decode_scalar
from hermetic.collisions import MAX_EQUAL_HASHES, are_colliding
from hermetic.errors import FileError, InvalidState
from hermetic.graph import (
    Arrays,
    Column,
    Graph,
    Instances,
    Link,
    Mappings,
    ObjectArray,
    Packed,
    Rows,
    Same,
    Sequences,
    Value,
)
from hermetic.graph_paths import path_of
from hermetic.graph_walk import references_of
from hermetic.stages import ValidGraph

__all__ = ["restore"]

_PLAIN = frozenset({NoneType, bool, int, float, str})
_SEQUENCES: dict[str, Callable[[Any], Any]] = {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset}


def restore(valid: ValidGraph, *, where: str = "") -> Any:
    """Make the model.

    Parameters
    ----------
    valid : ValidGraph
        From `hermetic.validate.validate`.
    where : str
        The file, for messages.

    Returns
    -------
    object
        The model.

    Raises
    ------
    InvalidState
        When the state breaks a rule that shows only when native objects stand (the nodes of big trees), or a
        constructor does not take it. What a constructor raised is the cause of the error.
    UnsupportedVersion
        When the installed libraries lack a type.
    """
    restoration = _Restoration(valid.graph)
    try:
        return restoration.run()
    except FileError as error:
        error.where = error.where or restoration.place(where)
        raise
    except STRAY_ERRORS as error:
        raise InvalidState(
            f"{restoration.kind()} cannot be made: {type(error).__name__}: {error}"[:300],
            where=restoration.place(where),
            next_step="The file is damaged or hostile. Ask its producer for a fresh copy and compare digests.",
        ) from error


class _Restoration:
    """The state of one restoration."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._completed: int | None = None
        self._tables: list[Sequence[Any]] = []
        self._things: list[Any] = [
            self._thing(name.name) if name.role != "constructed" else None for name in graph.names
        ]
        self._incomplete = _incomplete_nodes(graph)
        self._keys: dict[int, list[Any]] = {}
        self._unfinished: list[tuple[int, Codec, list[Any], dict[str, list[Any]]]] = []

    def run(self) -> Any:
        """Make all tables, then the links, then what waits for them."""
        append, arrays = self._tables.append, self._graph.arrays
        for index, node in enumerate(self._graph.nodes):
            # Most nodes are arrays, which stand already.
            append(arrays[index] if isinstance(node, Arrays) else self._table(index, node))
        for link in self._graph.links:
            self._completed = link.node
            self._set_link(link)
        for index, codec, made, fields in self._unfinished:
            self._completed = index
            codec.finish(made, fields)
        return self._value(self._graph.root)

    def kind(self) -> str:
        """Give the name of the type that is being made, for messages."""
        index = self._index()
        node = self._graph.nodes[index] if index < len(self._graph.nodes) else None
        return self._graph.names[node.type].name if isinstance(node, Instances) else "the model"

    def place(self, where: str) -> str:
        """Give the path of what is being made, for messages."""
        path = path_of(self._graph, self._index())
        return f"{where}: {path}" if where else path

    def _index(self) -> int:
        # Tables that stand need no counter: the next one is being made.
        return len(self._tables) if self._completed is None else self._completed

    def _thing(self, name: str) -> Any:
        if name in KNOWN_FUNCTIONS or name in KNOWN_VALUE_TYPES:
            return resolve_function(name)
        codec = codec_of_name(name)
        return codec.resolve(name) if codec is not None else import_trusted(name)

    def _table(self, index: int, node: Instances | Mappings | Sequences | ObjectArray) -> list[Any]:
        if isinstance(node, Instances):
            return self._instances(index, node)
        if isinstance(node, Mappings):
            return self._mappings(node)
        if isinstance(node, Sequences):
            return self._sequences(node)
        return [self._object_array(node)]

    def _instances(self, index: int, node: Instances) -> list[Any]:
        name = self._graph.names[node.type].name
        codec = codec_of_name(name) or _foreign_codec(name)
        if node.rows == 1:
            value = self._value
            fields = {
                field: [content if type(content) in _PLAIN else value(content)]
                for field, content in node.fields.items()
            }
        else:
            column = self._column
            fields = {field: column(content, node.rows) for field, content in node.fields.items()}
        made = codec.restore(name, fields, node.rows)
        if codec.has_finish:
            # With cycles, what an object is given must be complete before its own code runs.
            if index in self._incomplete:
                self._unfinished.append((index, codec, made, fields))
            else:
                codec.finish(made, fields)
        return made

    def _mappings(self, node: Mappings) -> list[Any]:
        if node.rows == 1:
            keys = self._column(node.keys, node.length)
            values = self._column(node.columns[0], node.length)
            try:
                _refuse_collisions(node.keys, keys)
                mapping = dict(zip(keys, values, strict=True))
            except TypeError as error:
                raise InvalidState(f"a key of a dictionary cannot be hashed: {error}") from error
            if len(mapping) != node.length:
                raise InvalidState("a dictionary has the same key twice")
            return [mapping]
        keys = node.keys
        columns = [self._column(column, node.rows) for column in node.columns]
        if not columns:
            return [{} for _ in range(node.rows)]
        return [dict(zip(keys, values, strict=True)) for values in zip(*columns, strict=True)]

    def _sequences(self, node: Sequences) -> list[Any]:
        make = _SEQUENCES[node.type]
        if node.rows > 1 and isinstance(node.lengths, int):
            columns = [self._column(column, node.rows) for column in node.columns]
            if not columns:
                return [make(()) for _ in range(node.rows)]
            rows = zip(*columns, strict=True)
            return list(rows) if make is tuple else list(map(make, rows))
        if isinstance(node.lengths, int):
            items = self._column(node.columns[0], node.lengths)
            try:
                if make is set or make is frozenset:
                    _refuse_collisions(node.columns[0], items)
                made = make(items)
            except TypeError as error:
                raise InvalidState(f"a member of a set cannot be hashed: {error}") from error
            if len(made) != node.lengths:
                raise InvalidState("a set has the same member twice")
            return [made]
        remaining = iter(self._column(node.columns[0], sum(node.lengths)))
        return [make(islice(remaining, length)) for length in node.lengths]

    def _object_array(self, node: ObjectArray) -> Any:
        total = 1
        for length in node.shape:
            total *= length
        # fromiter, because assigning a list of lists would make numpy look inside them.
        flat = np.fromiter(self._column(node.items, total), dtype=object, count=total)
        array = flat.reshape(node.shape)
        return np.asfortranarray(array) if node.order == "F" else array

    def _column(self, column: Column, length: int) -> list[Any]:
        kind = type(column)
        if kind is Rows:
            return self._rows(column, length)  # type: ignore[arg-type]
        if kind is Same:
            return SameRows(self._value(column.value), length)  # type: ignore[union-attr]
        if kind is Packed:
            values = column.values  # type: ignore[union-attr]
            return values if type(values) is list else list(values)
        value = self._value
        return [item if type(item) in _PLAIN else value(item) for item in column]  # type: ignore[union-attr]

    def _rows(self, column: Rows, length: int) -> list[Any]:
        table = self._tables[column.node]
        if not column.exceptions:
            # Rows that are read later look like a list to all codecs but those that borrow them.
            return table  # type: ignore[return-value]
        remaining = iter(table)
        exceptions = column.exceptions
        return [
            self._value(exceptions[position]) if position in exceptions else next(remaining)
            for position in range(length)
        ]

    def _value(self, value: Value) -> Any:
        kind = type(value)
        if kind is list:
            return self._tables[value[0]][value[1] if len(value) == 2 else 0]
        if kind is dict:
            return decode_scalar(value, self._things)
        return value

    def _set_link(self, link: Link) -> None:
        holder = self._tables[link.node][link.row]
        target = self._tables[link.target_node][link.target_row]
        node = self._graph.nodes[link.node]
        if isinstance(node, Instances):
            name = self._graph.names[node.type].name
            (codec_of_name(name) or FOREIGN).link(holder, str(link.slot), target)
        elif isinstance(node, ObjectArray):
            holder.flat[int(link.slot)] = target
        elif isinstance(node, Mappings):
            # All rows of a table have the same keys, and setting the value of a key keeps their order.
            keys = self._keys.get(link.node)
            if keys is None:
                keys = self._keys[link.node] = list(holder)
            holder[keys[int(link.slot)]] = target
        else:
            holder[int(link.slot)] = target


def _refuse_collisions(column: Column, keys: list[Any]) -> None:
    if are_colliding(column, keys):
        raise InvalidState(f"more than {MAX_EQUAL_HASHES} keys of a dictionary, or members of a set, share one hash")


def _foreign_codec(name: str) -> Codec:
    """Give the codec for a trusted name; refuse one that is another spelling of a class whose state has rules."""
    kind = import_trusted(name)
    if isinstance(kind, type):
        known, codec = name_of_class(kind)
        # Classes that are only values (numpy.ndarray) have a native __setstate__ that believes everything.
        if codec is not FOREIGN or known in KNOWN_VALUE_TYPES:
            raise InvalidState(
                f"an object of {known} is to be made as {name} from state that nothing checks",
                next_step="The file is hostile, or was not written by hermetic. Do not trust this name.",
            )
    return FOREIGN


def _incomplete_nodes(graph: Graph) -> set[int]:
    """Give the nodes that are complete only when the links are set: those that hold one, and all that refer to them."""
    if not graph.links:
        return set()
    incomplete = {link.node for link in graph.links}
    for index, node in enumerate(graph.nodes):
        if any(target in incomplete for _, target, _ in references_of(node)):
            incomplete.add(index)
    return incomplete
