"""Where a node stands in the model, in the words of the person who made it: ``$.steps[1]``. Only for messages."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from hermetic.graph import Column, Graph, Instances, Rows
from hermetic.graph_walk import columns_of, references_of

__all__ = ["Paths", "first_place", "first_places", "path_of"]

_MAX_STEPS = 60


def path_of(graph: Graph, index: int) -> str:
    """Give a path from the root to a node, by the shortest chain of tables that refer to each other.

    Parameters
    ----------
    graph : Graph
        Any graph.
    index : int
        Number of the node.

    Returns
    -------
    str
        ``$`` for the root; one step for each table on the way.

    Examples
    --------
    >>> from hermetic.graph import Graph, Sequences
    >>> inner = Sequences(type="list", lengths=0, columns=[[]])
    >>> path_of(Graph(names=[], nodes=[inner, Sequences(type="list", lengths=1, columns=[[[0]]])], root=[1]), 0)
    '$[...]'
    """
    return Paths(graph).of(index)


class Paths:
    """Paths to the nodes of one graph; the graph is walked once, when the first is asked for.

    Parameters
    ----------
    graph : Graph
        Any graph.
    """

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._parents: dict[int, tuple[int, str]] | None = None

    def of(self, index: int) -> str:
        """Give the path of a node, as `path_of` does."""
        if self._parents is None:
            self._parents = _parents_in(self._graph)
        steps: list[str] = []
        root = self._graph.root[0] if type(self._graph.root) is list and self._graph.root else -1
        while index != root and index in self._parents and len(steps) < _MAX_STEPS:
            index, place = self._parents[index]
            steps.append(place)
        return "$" + "".join(reversed(steps))


def _parents_in(graph: Graph) -> dict[int, tuple[int, str]]:
    """Give, for each node, one that refers to it, and the place in that."""
    parents: dict[int, tuple[int, str]] = {}
    for number, node in enumerate(graph.nodes):
        try:
            for place, target, row in references_of(node):
                parents[target] = (number, place + (f"[{row}]" if row else ""))
        except (AttributeError, IndexError, KeyError, TypeError, ValueError):
            continue  # The message may be about this very node, which no gate has passed yet.
    for link in graph.links:
        parents.setdefault(link.target_node, (link.node, f".{link.slot}"))
    return parents


def first_place(graph: Graph, name: int) -> str:
    """Give the path of the first place that uses a name.

    Parameters
    ----------
    graph : Graph
        Any graph.
    name : int
        Number of the name.

    Returns
    -------
    str
        As in `path_of`.
    """
    return first_places(graph, {name})[name]


def first_places(graph: Graph, names: Collection[int]) -> dict[int, str]:
    """Give the path of the first place that uses each of some names, in one walk.

    Parameters
    ----------
    graph : Graph
        Any graph.
    names : collection of int
        Numbers of names.

    Returns
    -------
    dict of int to str
        As in `path_of`; ``$`` for a name that no node uses.
    """
    paths, missing = Paths(graph), set(names)
    found = dict.fromkeys(names, "$")
    for index, node in enumerate(graph.nodes):
        if not missing:
            break
        if isinstance(node, Instances) and node.type in missing:
            missing.remove(node.type)
            found[node.type] = paths.of(index)
        for place, column, _ in columns_of(node):
            for value in _values_of(column):
                for name in _mentioned(value):
                    if name in missing:
                        missing.remove(name)
                        found[name] = paths.of(index) + place
    return found


def _values_of(column: Column) -> Iterable[Any]:
    """Give the values of a column that stand in the graph itself; equal ones once."""
    if type(column) is Rows:
        return column.exceptions.values()
    return column if isinstance(column, list) else (getattr(column, "value", None),)


def _mentioned(value: Any) -> Iterator[Any]:
    """Give the numbers of the names in a value."""
    if type(value) is dict:
        for item in value.get("tuple", (value,)):
            if type(item) is dict and "name" in item:
                yield item["name"]
