"""capture: a live object becomes a `Graph`; the only file that walks live objects.

The walk is depth first with its own stack of generators, so a deep model cannot exhaust Python's. Each generator
finishes one table; what it needs first, it yields. Identity is kept for everything but scalars: the second time an
object is met, a reference stands in its place; if it is still being walked, a `Link` is noted.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from itertools import accumulate
from typing import Any, cast

from hermetic.codecs.foreign import FOREIGN
from hermetic.codecs.functions import name_of_function
from hermetic.codecs.numpy_text import StringArray
from hermetic.codecs.registry import codec_of_name, name_of_class
from hermetic.codecs.scalars import NOT_A_SCALAR, encode_scalar
from hermetic.columns import MIN_PACKED, POSITIONAL_LENGTH, node_of_arrays, pack_column, say_once, sequence_group
from hermetic.dtypes import stored_bytes
from hermetic.errors import CannotSave, LimitExceeded
from hermetic.graph import Graph, Instances, Mappings, Name, Node, ObjectArray, Rows, Same, Sequences, Value
from hermetic.graph_paths import path_of
from hermetic.graph_walk import first_node_deeper_than
from hermetic.lazy import numpy as np
from hermetic.legacy_objects import LegacyName, LegacyObject
from hermetic.limits import DEFAULT_LIMITS
from hermetic.structs import msgspec
from hermetic.walked_tables import (
    NotedLink,
    Place,
    WalkedTable,
    check_fields,
    closed_cycle,
    columns_of_legacy,
    final_links,
    refuse_equal_hashes,
    refuse_mixed_fields,
    shape_of_first,
    too_deep,
)

__all__ = ["capture"]

_CONTAINERS = frozenset({list, tuple, dict, set, frozenset})
_MISSING: Any = object()
_MAX_SETS = 20
_MOST_WALKS = 2

Steps = Generator["tuple[str, Steps]", Any, Any]


def capture(model: Any, most_tables: int = DEFAULT_LIMITS.nodes) -> Graph:
    """Turn a model into data.

    Parameters
    ----------
    model : object
        An estimator, or anything made of supported types.
    most_tables : int, optional
        How many tables it may take: little of another format may make many.

    Returns
    -------
    Graph
        Arrays in it share memory with the model.

    Raises
    ------
    CannotSave
        For what cannot be kept, with its path and what to do.
    LimitExceeded
        When the tables are more than `most_tables`.

    Examples
    --------
    >>> len(capture({"threshold": 0.5}).nodes)
    1
    """
    apart: set[int] = set()
    walks = [_Walk(apart, most_tables)]
    while (graph := walks[-1].graph_of(model)) is None:
        # Objects stay alive with the walk that met them, so that no id means another object in the next one.
        walks.append(_Walk(apart if len(walks) < _MOST_WALKS else None, most_tables))
    deep_node = first_node_deeper_than(graph, DEFAULT_LIMITS.depth)
    if deep_node is not None:
        raise too_deep(path_of(graph, deep_node))
    return graph


class _Walk:
    """The state of one walk."""

    def __init__(self, apart: set[int] | None, most_tables: int, around: _Walk | None = None) -> None:
        self._apart = apart
        self._most_tables = most_tables
        self.names: list[Name] = []
        self.nodes: list[Node] = []
        self.arrays: dict[int, Sequence[Any]] = {}
        self._numbers: dict[tuple[str, str], int] = {}
        self._met: dict[int, tuple[WalkedTable, int]] = {}
        self._kept: list[Any] = []
        self._links: list[NotedLink] = []
        self._weak: list[tuple[WalkedTable, str, list[Any]]] = []
        self._encodings: dict[int, tuple[Any, bytes]] = {} if around is None else around._encodings
        self._sets_around: int = 0 if around is None else around._sets_around + 1
        self._never_scalars: set[type] = {*_CONTAINERS - {tuple}, np.ndarray}

    def graph_of(self, model: Any) -> Graph | None:
        """Walk a model; None when some objects must be walked apart, since one of them contains another."""
        n_apart = len(self._apart or ())
        try:
            root = self.value_of(model)
            self._follow_weak_fields()
        except CannotSave:
            if n_apart == len(self._apart or ()):
                raise
            return None
        graph = Graph(names=self.names, nodes=self.nodes, root=root, links=final_links(self._links), arrays=self.arrays)
        if graph.links:
            self._part_sealed(graph)
        return graph if n_apart == len(self._apart or ()) else None

    def value_of(self, value: Any) -> Value:
        """Walk one object to its end."""
        encoded = self._known(value, None, 0)
        return [self._run(self._objects([value])).index] if encoded is _MISSING else encoded

    def _follow_weak_fields(self) -> None:
        """Walk what codecs declared weak, and link it."""
        while self._weak:
            table, field, values = self._weak.pop(0)
            for row, value in enumerate(values):
                if value is not None:
                    if id(value) not in self._met:
                        self.value_of(value)
                    self._links.append((table, row, field, *self._met[id(value)]))

    def _part(self, table: WalkedTable) -> None:
        """Have the rows of a table walked one by one next time: that one contains another is no cycle by itself."""
        if self._apart is not None and table.rows > 1:
            self._apart.update(key for key, (other, _) in self._met.items() if other is table)

    def _part_sealed(self, graph: Graph) -> None:
        """Part the tables that are linked where no load would allow it: row by row there may be no link."""
        from hermetic.codecs.sealed import closed_links  # few models have links

        tables = {target.index: target for *_, target, _ in self._links}
        for link in closed_links(graph):
            self._part(tables[link.target_node])

    def _run(self, steps: Steps) -> Any:
        stack = [("$", steps)]
        result: Any = None
        try:
            while stack:
                try:
                    stack.append(stack[-1][1].send(result))
                    result = None
                except StopIteration as stop:
                    stack.pop()
                    result = stop.value
                if len(stack) > 2 * DEFAULT_LIMITS.depth:  # a list takes two: its own steps and those of its column
                    raise too_deep("")
        except CannotSave as error:
            if error.where.startswith("$"):
                raise
            path = "".join(place for place, _ in stack[:40]) + error.where
            raise CannotSave(error.found, where=path, next_step=error.next_step) from error.__cause__
        return result

    def _known(self, value: Any, place: Place | tuple[WalkedTable, str] | None, position: int) -> Value:
        """Give the form of a scalar or of an object met before; `_MISSING` for one that must be walked."""
        kind = type(value)
        if kind not in self._never_scalars:
            encoded = encode_scalar(value, self._name)
            if encoded is not NOT_A_SCALAR:
                return encoded
            if not isinstance(value, (tuple, np.dtype, LegacyName)):
                self._never_scalars.add(kind)
        met = self._met.get(id(value))
        if met is None:
            return _MISSING
        table, row = met
        if table.index is not None:
            return [table.index] if table.rows == 1 else [table.index, row]
        if isinstance(place, tuple):
            place = Place(*place)
        if place is None or not place.table.may_link(value):
            self._part(table)
            raise closed_cycle(value)
        self._links.append((place.table, *place.slot(position), table, row))
        return None

    def _name(self, thing: Any, role: str) -> int:
        if isinstance(thing, type):
            name, codec = name_of_class(thing)
            if not codec.classes:
                codec.check_importable(thing)
            return self._number(name, role, 1)
        return self._number(thing.name if type(thing) is LegacyName else name_of_function(thing), role, 1)

    def _number(self, name: str, role: str, layout: int) -> int:
        number = self._numbers.get((name, role))
        if number is None:
            number = self._numbers[name, role] = len(self.names)
            self.names.append(Name(name, role, layout))
        return number

    def _column(self, values: Sequence[Any], place: Place) -> Steps:
        """Encode several values: packed, as the rows of one table, or one by one."""
        if len(values) >= MIN_PACKED:
            packed = pack_column(values)
            if packed is not None:
                return packed
            if self._is_one_new_table(values, place):
                return Rows((yield "", self._objects(list(values))).index)
            if values[0] is values[-1] and self._is_same_object(values):
                encoded = self._known(values[0], None, 0)
                return Same([(yield "", self._objects([values[0]])).index] if encoded is _MISSING else encoded)
        column: list[Value] = [None] * len(values)
        groups: dict[Any, list[int]] = {}
        first_position: dict[int, int] = {}
        repeated: list[int] = []
        for position, value in enumerate(values):
            encoded = self._known(value, place, position)
            if encoded is not _MISSING:
                column[position] = encoded
            elif first_position.setdefault(id(value), position) != position:
                repeated.append(position)
            else:
                groups.setdefault(self._group(value, place), []).append(position)
        only_rows = None
        for positions in groups.values():
            # A group walked before may have reached a member of this one.
            new = [position for position in positions if id(values[position]) not in self._met]
            if new:
                table = yield "", self._objects([values[position] for position in new])
                only_rows = table if len(new) == len(values) else None
            if only_rows is None:
                for position in positions:
                    column[position] = self._known(values[position], place, position)
        if only_rows is not None:
            return Rows(only_rows.index) if only_rows.rows > 1 else [[only_rows.index]]
        for position in repeated:
            column[position] = self._known(values[position], place, position)
        return say_once(column)

    def _is_same_object(self, values: Sequence[Any]) -> bool:
        """Tell whether one object stands in every row; not while it is being walked, when each row needs a link."""
        met = self._met.get(id(values[0]))
        return (met is None or met[0].index is not None) and len(set(map(id, values))) == 1

    def _is_one_new_table(self, values: Sequence[Any], place: Place) -> bool:
        """Tell whether all values are distinct new objects of one group: the usual case, decided for all at once."""
        kinds = set(map(type, values))
        if len(kinds) > 1 or not kinds <= self._never_scalars:
            return False
        ids = set(map(id, values))
        if len(ids) < len(values) or not self._met.keys().isdisjoint(ids):
            return False
        return len({self._group(value, place) for value in values}) == 1

    def _group(self, value: Any, place: Place) -> Any:
        if self._apart is None or id(value) in self._apart:
            return id(value)
        kind = type(value)
        if kind in _CONTAINERS or kind is np.ndarray or kind is np.memmap:
            return sequence_group(value, is_borrowed=place.is_borrowed)
        if kind is LegacyObject or kind is LegacyName:
            return value.name, (codec_of_name(value.name) or FOREIGN).group_adopted(value)
        return kind, name_of_class(kind)[1].group(value)

    def _objects(self, values: list[Any]) -> Steps:
        """Give the steps that walk new objects of one group into one table."""
        kind = type(values[0])
        if kind is list or kind is tuple or kind is set or kind is frozenset:
            return self._sequences(kind, values)
        if kind is dict:
            return self._mappings(values)
        # The file behind a mapped array is no part of the model: it is the plain array that it shows.
        if kind is np.ndarray or kind is np.memmap:
            if values[0].dtype.kind == "T":
                return self._instances(StringArray, values)
            return self._object_array(values[0]) if values[0].dtype.hasobject else self._arrays(values)
        return self._instances(kind, values)

    def _open(self, values: list[Any], *, is_linkable: bool) -> WalkedTable:
        table = WalkedTable(len(values), is_linkable=is_linkable)
        for row, value in enumerate(values):
            self._met[id(value)] = (table, row)
        self._kept.append(values)
        return table

    def _close(self, table: WalkedTable, node: Node) -> WalkedTable:
        table.index = len(self.nodes)
        if table.index >= self._most_tables:
            raise LimitExceeded("nodes", allowed=self._most_tables, asked=2 * self._most_tables)
        self.nodes.append(node)
        return table

    def _sequences(self, kind: type, values: list[Any]) -> Steps:
        table = self._open(values, is_linkable=kind is list)
        lengths = [len(value) for value in values]
        if len(values) == 1:
            items = self._sorted(values[0]) if kind in (set, frozenset) else values[0]
            column = yield "[...]", self._column(items, Place(table))
            if kind in (set, frozenset):
                refuse_equal_hashes(column, values[0])
            return self._close(table, Sequences(type=kind.__name__, lengths=lengths[0], columns=[column]))
        if lengths.count(lengths[0]) == len(lengths) and lengths[0] <= POSITIONAL_LENGTH:
            columns = []
            for position in range(lengths[0]):
                items = [value[position] for value in values]
                columns.append((yield f"[{position}]", self._column(items, Place(table, position))))
            return self._close(table, Sequences(kind.__name__, lengths[0], columns, len(values)))
        place = Place(table, ends=list(accumulate(lengths)))
        column = yield "[...]", self._column([item for value in values for item in value], place)
        return self._close(table, Sequences(kind.__name__, lengths, [column], len(values)))

    def _sorted(self, value: Any) -> list[Any]:
        """Order a set by the encodings of its members: iteration order changes with the hash seed."""

        def encoding(item: Any) -> bytes:
            # Each once: a set in a set in a set would be walked again for every one around it. The item keeps its id.
            known = self._encodings.get(id(item))
            if known is None:
                walk = _Walk(self._apart, self._most_tables, self)
                root = walk.value_of(item)
                # With what lies in arrays and packed columns: members may differ in nothing else.
                parts = [root, walk.names, walk.nodes, list(walk.arrays.values())]
                known = item, msgspec.json.encode(parts, enc_hook=stored_bytes)
                self._encodings[id(item)] = known
            return known[1]

        if self._sets_around >= _MAX_SETS:
            raise CannotSave(f"more than {_MAX_SETS} sets stand inside each other", next_step="Store them as a list.")
        return sorted(value, key=encoding)

    def _mappings(self, values: list[dict[Any, Any]]) -> Steps:
        table = self._open(values, is_linkable=True)
        if len(values) == 1:
            [mapping] = values
            keys = yield ".keys()", self._column(list(mapping), Place(WalkedTable(1, is_linkable=False)))
            refuse_equal_hashes(keys, mapping)
            column = yield "[...]", self._column(list(mapping.values()), Place(table))
            return self._close(table, Mappings(length=len(mapping), keys=keys, columns=[column]))
        names = list(values[0])
        columns = []
        for position, name in enumerate(names):
            items = [value[name] for value in values]
            columns.append((yield f"[{name!r}]", self._column(items, Place(table, position))))
        return self._close(table, Mappings(length=len(names), keys=names, columns=columns, rows=len(values)))

    def _arrays(self, values: list[Any]) -> Steps:
        yield from ()  # nothing else must be walked for arrays
        table = self._open(values, is_linkable=False)
        shape_of_first(values)  # refuses what loading would refuse
        self._close(table, node_of_arrays(values))
        self.arrays[cast(int, table.index)] = values
        return table

    def _object_array(self, array: Any) -> Steps:
        refuse_mixed_fields(array.dtype)
        table = self._open([array], is_linkable=True)
        table.is_array = True
        items = yield "[...]", self._column(array.ravel(order="C").tolist(), Place(table))
        order = "F" if array.flags.fnc else "C"
        return self._close(table, ObjectArray(shape=shape_of_first([array]), items=items, order=order))

    def _instances(self, kind: type, values: list[Any]) -> Steps:
        if kind is LegacyObject or kind is LegacyName:
            name, columns = values[0].name, columns_of_legacy(values)
            codec = codec_of_name(name) or FOREIGN
        else:
            name, codec = name_of_class(kind)
            columns = codec.capture(name, values)
        table = self._open(values, is_linkable=codec.is_linkable)
        self._kept.append(columns)
        number = self._number(name, "constructed", codec.layout)
        for field in codec.weak_fields & columns.keys():
            self._weak.append((table, field, columns[field]))
            columns[field] = [None] * len(values)
        check_fields(columns)
        fields: dict[str, Any] = {}
        for field, column in columns.items():
            if len(values) > 1:
                place = Place(table, field, is_borrowed=field in codec.borrowed_fields)
                fields[field] = yield f".{field}", self._column(column, place)
                continue
            try:
                encoded = self._known(column[0], (table, field), 0)  # few need more of a place
            except CannotSave as error:
                raise CannotSave(error.found, where=f".{field}", next_step=error.next_step) from error.__cause__
            if encoded is _MISSING:
                encoded = [(yield f".{field}", self._objects([column[0]])).index]
            fields[field] = encoded
        return self._close(table, Instances(type=number, fields=fields, rows=len(values)))
