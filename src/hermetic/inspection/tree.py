"""A model as a tree for people: what holds what, by name, cut where it becomes too deep or too wide.

A table of many instances is one entry. What stands in two places is shown in the first and named in the second, so a
cycle ends, and a file made to explode on paper stays short.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from hermetic.codecs.registry import codec_of_name
from hermetic.dtypes import item_bytes
from hermetic.graph import Arrays, Graph, Instances, Mappings
from hermetic.inspection.items import Items, items_of
from hermetic.inspection.places import item_count, row_shape
from hermetic.inspection.tables import Place, Pooled, Weights, as_place, cell, instance_tables
from hermetic.inspection.text import dtype_text, shape_text, size_text, value_text

__all__ = ["MOST_ENTRIES", "Entry", "build_tree"]

MOST_ENTRIES = 1_000
"""So many lines a tree has at most."""

_DEEPEST = 16
_WIDEST = 12
_MOST_FIELDS = 200
_COLLAPSED_FROM = 9
_LONGEST_LINE = 80
_ITEMS_NAMED = 4
_NAMED_LISTS = frozenset({"estimators", "steps", "transformer_list", "transformers", "transformers_"})
"""Fields of scikit-learn that hold tuples of a name, an estimator, and perhaps columns."""

_Child = tuple[str, str, Any]


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of the tree.

    Attributes
    ----------
    name : str
        How its holder calls it: a field, ``[3]``, the name of a step; ``""`` for the model.
    path : str
        Where it stands, as Python would write it, with ``$`` for the model.
    summary : str
        What it is, in one line: ``LogisticRegression, 120 bytes``, ``float64 (3, 4), 96 bytes``, ``'rbf'``.
    type : str
        Full name of the class of an instance, or of the instances of a table.
    parameters : dict of str to str
        Fields without an underscore at either end and with a short value: what the constructor was given.
    values : dict of str to str
        All other fields with a short value.
    length_bytes : int or None
        Length of all arrays in it; None where it is not known.
    same_as : str
        Path of the place where the same object is shown.
    children : tuple of Entry
        What it holds.
    n_more : int
        How many further things it holds that are not shown.
    """

    name: str
    path: str
    summary: str
    type: str = ""
    parameters: dict[str, str] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    length_bytes: int | None = None
    same_as: str = ""
    children: tuple[Entry, ...] = ()
    n_more: int = 0


def build_tree(graph: Graph) -> Entry:
    """Give the tree of a model.

    Parameters
    ----------
    graph : Graph
        Well formed; nothing in it needs to be read from pools.

    Returns
    -------
    Entry
        The model.

    Raises
    ------
    FormatError, InvalidState
        When an array has no shape or dtype.

    Examples
    --------
    >>> node = Mappings(length=1, keys=["threshold"], columns=[[0.5]])
    >>> build_tree(Graph(names=[], nodes=[node], root=[0])).summary
    "{'threshold': 0.5}"
    """
    return _Builder(graph).entry(graph.root, "", "$", 0)


class _Builder:
    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._weights = Weights(graph)
        self._links: dict[tuple[int, int, str | int], Any] = {
            (link.node, link.row, link.slot): [link.target_node, link.target_row] for link in graph.links
        }
        self._shown: dict[Place, str] = {}
        self._tables_shown: dict[int, str] = {}
        self._n_entries = 0

    def entry(self, value: Any, name: str, path: str, depth: int) -> Entry:
        """Show one value and what it holds; the recursion ends at a fixed depth."""
        self._n_entries += 1
        place = as_place(value)
        if place is None:
            return Entry(name=name, path=path, summary=self._text(value))
        same_as = self._place_shown(place)
        if same_as:
            return Entry(name=name, path=path, summary=f"same object as {same_as}", same_as=same_as)
        self._shown[place] = path
        node = self._graph.nodes[place[0]]
        if isinstance(node, Instances):
            return self._instance(place, name, path, depth)
        if isinstance(node, Arrays):
            return self._array(node, place[1], name, path)
        return self._container(place, name, path, depth)

    def _place_shown(self, place: Place) -> str:
        if place in self._shown:
            return self._shown[place]
        path = self._tables_shown.get(place[0], "")
        return path and f"{path}[{place[1]}]"

    def _text(self, value: Any) -> str:
        if isinstance(value, Pooled):
            return f"a {value.kind} in a pool"
        return value_text(value, self._graph.names)

    def _array(self, node: Arrays, row: int, name: str, path: str) -> Entry:
        shape = row_shape(node, row)
        length_bytes = item_count(shape) * item_bytes(node.dtype)
        order = " Fortran order" if node.order == "F" else ""
        summary = f"{dtype_text(node.dtype)} {shape_text(shape)}{order}, {size_text(length_bytes)}"
        return Entry(name=name, path=path, summary=summary, length_bytes=length_bytes)

    def _instance(self, place: Place, name: str, path: str, depth: int) -> Entry:
        kind = self._kind(place[0])
        parameters: dict[str, str] = {}
        values: dict[str, str] = {}
        children: list[_Child] = []
        n_fields = 0
        for label, value in self._fields(place, kind, path):
            n_fields += 1
            if n_fields > _MOST_FIELDS:
                continue
            text = self._folded(value, f"{path}.{label}")
            if text is None:
                children.append((label, f"{path}.{label}", value))
            else:
                is_parameter = not (label.startswith("_") or label.endswith("_"))
                (parameters if is_parameter else values)[label] = text
        weight = self._weights.of([place])
        shown = self._children(children, depth, _MOST_FIELDS)
        return Entry(
            name=name,
            path=path,
            summary=_short_name(kind) + _weight_text(weight),
            type=kind,
            parameters=parameters,
            values=values,
            length_bytes=weight and weight[0],
            children=shown,
            n_more=len(children) - len(shown) + max(n_fields - _MOST_FIELDS, 0),
        )

    def _kind(self, number: int) -> str:
        node = self._graph.nodes[number]
        return self._graph.names[node.type].name if isinstance(node, Instances) else ""

    def _fields(self, place: Place, kind: str, path: str) -> Iterator[tuple[str, Any]]:
        """Give each field and its value; of a foreign class the items of its state, which are its attributes."""
        node = self._graph.nodes[place[0]]
        if not isinstance(node, Instances):
            return
        for label, column in node.fields.items():
            value = column if node.rows == 1 else cell(column, place[1])
            value = self._links.get((*place, label), value)
            state = as_place(value) if label == "state" and codec_of_name(kind) is None else None
            inner = self._graph.nodes[state[0]] if state else None
            if state and isinstance(inner, Mappings) and state not in self._shown:
                self._shown[state] = f"{path}.__dict__"
                items = self._items(state)
                for position in range(items.count):
                    yield items.label(position), items.value(position)
            else:
                yield label, value

    def _items(self, place: Place) -> Items:
        return items_of(self._graph, self._links, place)

    def _folded(self, value: Any, path: str) -> str | None:
        """Give the text of what is short enough to stand among parameters, or None."""
        place = as_place(value)
        if place is None:
            return self._text(value)
        if self._place_shown(place) or isinstance(self._graph.nodes[place[0]], (Instances, Arrays)):
            return None
        text = self._items(place).inline(_LONGEST_LINE // 2)
        if text:
            self._shown[place] = path
        return text or None

    def _container(self, place: Place, name: str, path: str, depth: int) -> Entry:
        items = self._items(place)
        inline = items.inline(_LONGEST_LINE)
        if inline:
            return Entry(name=name, path=path, summary=inline)
        tables = self._collapsible(items)
        if tables:
            return self._table(tables, name, path)
        if items.is_plain():
            return Entry(name=name, path=path, summary=items.title + items.beginning(_ITEMS_NAMED))
        is_named = name in _NAMED_LISTS
        children = [
            (items.label(position), path + items.step(position), items.value(position))
            for position in range(min(items.count, _WIDEST))
        ]
        shown = self._children(children, depth, _WIDEST, is_named=is_named)
        return Entry(name=name, path=path, summary=items.title, children=shown, n_more=items.count - len(shown))

    def _children(self, children: list[_Child], depth: int, most: int, *, is_named: bool = False) -> tuple[Entry, ...]:
        shown = []
        for name, path, value in children[:most] if depth < _DEEPEST else []:
            if self._n_entries >= MOST_ENTRIES:
                break
            named = self._named(value, path, depth + 1) if is_named else None
            shown.append(named or self.entry(value, name, path, depth + 1))
        return tuple(shown)

    def _named(self, value: Any, path: str, depth: int) -> Entry | None:
        """Show ``("scale", StandardScaler(), columns)`` as the estimator, under its name."""
        place = as_place(value)
        if place is None or self._place_shown(place) or isinstance(self._graph.nodes[place[0]], (Instances, Arrays)):
            return None
        items = self._items(place)
        if items.kind != "tuple" or items.count not in (2, 3) or type(items.value(0)) is not str:
            return None
        self._shown[place] = path
        entry = self.entry(items.value(1), items.value(0), f"{path}[1]", depth)
        if items.count == 2:
            return entry
        return replace(entry, summary=f"{entry.summary}, on {self._brief(items.value(2), f'{path}[2]', depth)}")

    def _brief(self, value: Any, path: str, depth: int) -> str:
        """Give columns in a few words, also those that are shown elsewhere: they are what one wants to know here."""
        place = as_place(value)
        if place is None or isinstance(self._graph.nodes[place[0]], (Instances, Arrays)):
            return self.entry(value, "", path, depth).summary
        self._shown.setdefault(place, path)
        items = self._items(place)
        return items.inline(_LONGEST_LINE // 2) or items.title

    def _collapsible(self, items: Items) -> list[int]:
        """Give the tables of a container that holds many instances of one class and nothing else."""
        tables = instance_tables(self._graph, items.column) if items.column is not None else []
        n_rows = sum(getattr(self._graph.nodes[number], "rows", 1) for number in tables)
        is_uniform = len({self._kind(number) for number in tables}) == 1
        return tables if is_uniform and n_rows >= _COLLAPSED_FROM else []

    def _table(self, tables: list[int], name: str, path: str) -> Entry:
        is_direct = len(tables) == 1
        if is_direct:
            self._tables_shown.setdefault(tables[0], path)
        n_rows = sum(getattr(self._graph.nodes[number], "rows", 1) for number in tables)
        weight = self._weights.of([(number, None) for number in tables])
        kind = self._kind(tables[0])
        return Entry(
            name=name,
            path=path,
            summary=f"{n_rows:,} x {_short_name(kind)}{_weight_text(weight)}",
            type=kind,
            length_bytes=weight and weight[0],
        )


def _short_name(name: str) -> str:
    return name.rpartition(":")[2].rpartition(".")[2]


def _weight_text(weight: tuple[int, int] | None) -> str:
    if weight is None:
        return ""
    length_bytes, n_tree_nodes = weight
    nodes = f", {n_tree_nodes:,} nodes" if n_tree_nodes else ""
    return nodes + (f", {size_text(length_bytes)}" if length_bytes else "")
