"""Where a node stands in the model, in the words of the person who made it: ``$.steps[1]``. Only for messages."""

from __future__ import annotations

from typing import Any

from hermetic.graph import Graph, Instances
from hermetic.graph_walk import columns_of, references_of

__all__ = ["first_place", "path_of"]

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
    parents: dict[int, tuple[int, str]] = {}
    for number, node in enumerate(graph.nodes):
        try:
            for place, target, row in references_of(node):
                parents[target] = (number, place + (f"[{row}]" if row else ""))
        except (AttributeError, IndexError, KeyError, TypeError, ValueError):
            continue  # The message may be about this very node, which no gate has passed yet.
    for link in graph.links:
        parents.setdefault(link.target_node, (link.node, f".{link.slot}"))
    steps: list[str] = []
    root = graph.root[0] if type(graph.root) is list and graph.root else -1
    while index != root and index in parents and len(steps) < _MAX_STEPS:
        index, place = parents[index]
        steps.append(place)
    return "$" + "".join(reversed(steps))


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
    for index, node in enumerate(graph.nodes):
        if isinstance(node, Instances) and node.type == name:
            return path_of(graph, index)
        for place, column, _ in columns_of(node):
            if isinstance(column, list) and any(_mentions(value, name) for value in column):
                return path_of(graph, index) + place
            if _mentions(getattr(column, "value", None), name):
                return path_of(graph, index) + place
    return "$"


def _mentions(value: Any, name: int) -> bool:
    if type(value) is not dict:
        return False
    if "tuple" in value:
        return any(_mentions(item, name) for item in value["tuple"])
    return value.get("name") == name and "name" in value
