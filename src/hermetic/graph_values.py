"""A graph with its arrays as nested values: what an object holds, field by field, without making the object."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from hermetic.codecs.registry import codec_of_name
from hermetic.graph import Arrays, Column, Graph, Instances, Mappings, ObjectArray, Packed, Rows, Same, Sequences
from hermetic.inspection.places import item_count, row_shape
from hermetic.inspection.tables import Place, as_place
from hermetic.inspection.text import dtype_text, shape_text, value_text

__all__ = ["Held", "Values"]


@dataclass(frozen=True, kw_only=True)
class Held:
    """What one object holds.

    Attributes
    ----------
    kind : str
        ``instance``, ``array``, ``dict``, ``list``, ``tuple``, ``set``, ``frozenset`` or ``object array``.
    type : str
        The name of its class, for instances; the shape, for object arrays.
    fields : dict of str to value
        Of an instance.
    keys : list of str
        Of a dictionary: each as text that only equal keys share.
    items : sequence of value
        Of a dictionary its values; else the items.
    """

    kind: str
    type: str = ""
    fields: dict[str, Any]
    keys: list[str]
    items: Sequence[Any]


class Values:
    """A graph, its values at hand.

    Parameters
    ----------
    graph : Graph
        Well formed, its arrays read.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._links: dict[tuple[int, int], dict[str | int, Any]] = {}
        for link in graph.links:
            slots = self._links.setdefault((link.node, link.row), {})
            slots[link.slot] = [link.target_node, link.target_row]
        self._exceptions: dict[int, list[int]] = {}
        self._ends: dict[int, list[int]] = {}

    def array(self, place: Place) -> Any:
        """Give an array; None where the place is none."""
        node = self.graph.nodes[place[0]]
        return self.graph.arrays[place[0]][place[1]] if isinstance(node, Arrays) else None

    def held(self, place: Place) -> Held:
        """Give what an object holds."""
        node = self.graph.nodes[place[0]]
        links = self._links.get(place, {})
        if isinstance(node, Instances):
            fields = {
                label: links.get(label, column if node.rows == 1 else self._cell(column, place[1]))
                for label, column in node.fields.items()
            }
            kind = self.graph.names[node.type].name
            return Held(kind="instance", type=kind, fields=self._unfolded(kind, fields), keys=[], items=[])
        if isinstance(node, Arrays):
            return Held(kind="array", fields={}, keys=[], items=[])
        items = self._items(node, place[1])
        if links:
            items = [links.get(position, item) for position, item in enumerate(items)]
        if isinstance(node, Mappings):
            keys = node.keys if node.rows > 1 else self._all(node.keys, node.length)
            return Held(kind="dict", fields={}, keys=list(map(self._key, keys)), items=items)
        if isinstance(node, ObjectArray):
            return Held(kind="object array", type=shape_text(node.shape), fields={}, keys=[], items=items)
        return Held(kind=node.type, fields={}, keys=[], items=items)

    def _unfolded(self, kind: str, fields: dict[str, Any]) -> dict[str, Any]:
        """Give the attributes of a foreign class, which stand in a dictionary of their own."""
        state = as_place(fields.get("state"))
        if state is None or codec_of_name(kind) is not None or not isinstance(self.graph.nodes[state[0]], Mappings):
            return fields
        held = self.held(state)
        others = {label: value for label, value in fields.items() if label != "state"}
        return {**others, **{_unquoted(key): item for key, item in zip(held.keys, held.items, strict=True)}}

    def _items(self, node: Any, row: int) -> Sequence[Any]:
        if isinstance(node, ObjectArray):
            return self._all(node.items, item_count(node.shape))
        if isinstance(node, Mappings):
            count = node.length
        else:
            count = node.lengths if isinstance(node.lengths, int) else node.lengths[row]
        if node.rows == 1:
            return self._all(node.columns[0], count)
        if isinstance(node, Sequences) and not isinstance(node.lengths, int):
            ends = self._ends.get(id(node)) or self._ends.setdefault(id(node), list(accumulate(node.lengths)))
            start = ends[row] - count
            return [self._cell(node.columns[0], position) for position in range(start, start + count)]
        return [self._cell(column, row) for column in node.columns]

    def _all(self, column: Column, count: int) -> Sequence[Any]:
        if type(column) is list:
            return column
        if type(column) is Packed and column.kind != "numpy":
            return list(column.values)
        return [self._cell(column, position) for position in range(count)]

    def _cell(self, column: Column, position: int) -> Any:
        if type(column) is Same:
            return column.value
        if type(column) is Packed:
            value = column.values[position]
            return {"numpy": [value.dtype.str, value.item()]} if column.kind == "numpy" else value
        if type(column) is not Rows:
            return column[position]  # type: ignore[index]  # a list is all that is left
        if position in column.exceptions:
            return column.exceptions[position]
        passed = self._exceptions.get(id(column)) or self._exceptions.setdefault(id(column), sorted(column.exceptions))
        return [column.node, position - bisect_left(passed, position)]

    def _key(self, key: Any) -> str:
        place = as_place(key)
        if place is None:
            return self.exact(key)
        held = self.held(place)
        # What stands deeper within a key is told apart by its form alone: a hostile one could hold itself many times.
        parts = [self.exact(part) if as_place(part) is None else self.text(part) for part in _parts(held)]
        return f"{'' if held.kind == 'tuple' else held.type or held.kind}({', '.join(parts)})"

    def exact(self, value: Any) -> str:
        """Give a plain value as text that only equal values share."""
        if type(value) is not dict:
            return repr(value)
        if type(value.get("tuple")) is list:
            return f"({', '.join(map(self.exact, value['tuple']))})"
        if type(value.get("name")) is int:
            return self.graph.names[value["name"]].name
        return json.dumps(value, sort_keys=True, default=repr)

    def text(self, value: Any) -> str:
        """Give any value in a few words."""
        place = as_place(value)
        if place is None:
            return value_text(value, self.graph.names)
        node = self.graph.nodes[place[0]]
        if isinstance(node, Instances):
            return self.graph.names[node.type].name.rpartition(":")[2].rpartition(".")[2]
        if isinstance(node, Arrays):
            return f"{dtype_text(node.dtype)} {shape_text(row_shape(node, place[1]))}"
        held = self.held(place)
        return f"{held.kind} {held.type}" if held.type else f"{held.kind} of {len(held.items):,}"


def _parts(held: Held) -> list[Any]:
    return [*held.fields.values(), *held.items]


def _unquoted(key: str) -> str:
    return key[1:-1] if key.startswith("'") else key
