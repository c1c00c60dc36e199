"""Lists, tuples, sets, dictionaries and object arrays of a graph in one form: numbered items."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from hermetic.graph import Column, Graph, Mappings, ObjectArray, Sequences
from hermetic.inspection.places import item_count
from hermetic.inspection.tables import Place, Pooled, cell, is_plain
from hermetic.inspection.text import shape_text, value_text

__all__ = ["Items", "items_of"]

_MOST_INLINE = 12
_BRACKETS = {
    "dict": ("{", "}"),
    "frozenset": ("{", "}"),
    "list": ("[", "]"),
    "object array": ("[", "]"),
    "set": ("{", "}"),
    "tuple": ("(", ")"),
}

Links = Mapping[tuple[int, int, str | int], Any]


@dataclass(frozen=True, kw_only=True)
class Items:
    """The items of one container.

    Attributes
    ----------
    kind : str
        ``list``, ``tuple``, ``set``, ``frozenset``, ``dict`` or ``object array``.
    title : str
        The kind and the number of items.
    count : int
        How many there are.
    value : callable
        Gives the value at a position.
    key : callable or None
        Gives the key at a position, for dictionaries.
    column : column or None
        Holds all values, in order, where one column does.
    texts : callable
        Gives the text of a plain value.
    is_linked : bool
        Whether a link sets one of the values, so that the column does not tell all.
    """

    kind: str
    title: str
    count: int
    value: Callable[[int], Any]
    key: Callable[[int], Any] | None
    column: Column | None
    texts: Callable[[Any], str]
    is_linked: bool

    def label(self, position: int) -> str:
        """Name an item: ``[3]``, or its key."""
        if self.key is None:
            return f"[{position}]"
        key = self.key(position)
        return key if type(key) is str else self._text(key)

    def step(self, position: int) -> str:
        """Give the part of a path that leads to an item."""
        return f"[{position}]" if self.key is None else f"[{self._text(self.key(position))}]"

    def is_plain(self) -> bool:
        """Tell whether no value refers to anything."""
        if self.column is not None and not self.is_linked:
            return is_plain(self.column)
        return not any(type(self.value(position)) is list for position in range(self.count))

    def inline(self, longest: int) -> str:
        """Give all items as Python writes them, or ``""`` when that is too long or they are not plain and known."""
        if self.count > _MOST_INLINE:
            return ""
        texts = []
        for position in range(self.count):
            value = self.value(position)
            key = self.key(position) if self.key is not None else None
            if type(value) is list or type(key) is list or isinstance(value, Pooled) or isinstance(key, Pooled):
                return ""
            texts.append(self.texts(value) if self.key is None else f"{self._text(key)}: {self.texts(value)}")
        start, end = _BRACKETS[self.kind]
        inside = ", ".join(texts) + ("," if self.kind == "tuple" and self.count == 1 else "")
        text = f"{start}{inside}{end}" if self.count or self.kind not in ("set", "frozenset") else "set()"
        text = f"{self.kind} {text}" if self.kind in ("frozenset", "object array") else text
        return text if len(text) <= longest else ""

    def beginning(self, n_items: int) -> str:
        """Give the first items as text; nothing when they lie in a pool."""
        if not self.count or isinstance(self.value(0), Pooled):
            return f" {self.value(0).kind} values" if self.count else ""
        texts = [
            self.texts(self.value(position)) if self.key is None else f"{self.label(position)}: {self._value(position)}"
            for position in range(min(n_items, self.count))
        ]
        more = self.count - len(texts)
        return ": " + ", ".join(texts) + (f", ... and {more:,} more" if more else "")

    def _value(self, position: int) -> str:
        return self._text(self.value(position))

    def _text(self, value: Any) -> str:
        if type(value) is list or isinstance(value, Pooled):
            return "..."
        return self.texts(value)


def items_of(graph: Graph, links: Links, place: Place) -> Items:
    """Give the items of a container.

    Parameters
    ----------
    graph : Graph
        Well formed.
    links : mapping
        The value that a link sets, for node, row and position.
    place : (int, int)
        A row of a table of containers.

    Returns
    -------
    Items
        Nothing is expanded.

    Examples
    --------
    >>> graph = Graph(names=[], nodes=[Sequences(type="list", lengths=2, columns=[["a", "b"]])], root=[0])
    >>> items_of(graph, {}, (0, 0)).inline(40)
    "['a', 'b']"
    """
    node: Any = graph.nodes[place[0]]
    key: Callable[[int], Any] | None = None
    if isinstance(node, Mappings):
        keys, count, kind = node.keys, node.length, "dict"
        key = partial(cell, keys)
        title = f"dict of {count:,}"
    elif isinstance(node, ObjectArray):
        count, kind = item_count(node.shape), "object array"
        title = f"object array {shape_text(node.shape)}"
    else:
        kind = node.type
        count = node.lengths if isinstance(node.lengths, int) else node.lengths[place[1]]
        title = f"{kind} of {count:,}"
    read, column = _reader(node, place[1])

    def value(position: int) -> Any:
        return links.get((*place, position)) or read(position)

    return Items(
        kind=kind,
        title=title,
        count=count,
        value=value,
        key=key,
        column=column,
        texts=lambda plain: value_text(plain, graph.names),
        is_linked=bool(links) and any((*place, position) in links for position in range(count)),
    )


def _reader(node: Any, row: int) -> tuple[Callable[[int], Any], Column | None]:
    """Give what reads an item of a container by position, and the column that holds all items, if one does."""
    if isinstance(node, ObjectArray):
        return partial(cell, node.items), node.items
    columns = node.columns
    if node.rows == 1:
        return partial(cell, columns[0]), columns[0]
    if isinstance(node, Sequences) and not isinstance(node.lengths, int):
        start = sum(node.lengths[:row])
        return (lambda position: cell(columns[0], start + position)), None
    return (lambda position: cell(columns[position], row)), None
