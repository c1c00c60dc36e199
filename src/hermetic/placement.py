"""Which arrays may stay where they lie in the file, and which must be private memory before anything looks at them.

Everything a validator reads must be private first: a file that somebody changes later must not crash the process.
"""

from __future__ import annotations

from hermetic.codecs.field_view import FieldView
from hermetic.codecs.foreign import FOREIGN
from hermetic.codecs.registry import codec_of_name
from hermetic.graph import Arrays, Graph, Instances
from hermetic.graph_paths import Paths
from hermetic.graph_walk import references_of

__all__ = ["borrowed_arrays", "mapped_arrays"]


def borrowed_arrays(graph: Graph) -> set[int]:
    """Give the arrays that restore copies into native memory at once and that nothing else refers to.

    Parameters
    ----------
    graph : Graph
        Approved; its arrays need not be read.

    Returns
    -------
    set of int
        Numbers of nodes.
    """
    borrowing = {
        number: codec.borrowed_fields
        for number, name in enumerate(graph.names)
        if (codec := codec_of_name(name.name)) is not None and codec.borrowed_fields
    }
    if not borrowing:
        return set()
    borrowed: set[int] = set()
    others: set[int] = set()
    for node in graph.nodes:
        fields = borrowing.get(node.type, frozenset()) if isinstance(node, Instances) else frozenset()
        for place, target, _ in references_of(node):
            if isinstance(graph.nodes[target], Arrays):
                (borrowed if place[1:] in fields else others).add(target)
    if type(graph.root) is list:
        others.add(graph.root[0])
    return borrowed - others


def mapped_arrays(graph: Graph) -> set[int]:
    """Give the arrays that may stay a mapping of the file: no validator reads their items.

    Parameters
    ----------
    graph : Graph
        Approved; its arrays need not be read.

    Returns
    -------
    set of int
        Numbers of nodes.
    """
    checked = set()
    place_of = Paths(graph).of
    for index, node in enumerate(graph.nodes):
        if isinstance(node, Instances):
            name = graph.names[node.type].name
            codec = codec_of_name(name) or FOREIGN
            if not codec.checked_fields:
                continue
            fields = codec.fields_read(name, FieldView(graph, node, index, place_of))
            for place, target, _ in references_of(node):
                if place[1:] in fields:
                    checked |= _arrays_within(graph, target)
    return {number for number, node in enumerate(graph.nodes) if isinstance(node, Arrays)} - checked


def _arrays_within(graph: Graph, number: int) -> set[int]:
    """Give the arrays that a node is or contains, through containers but not through instances."""
    found, waiting, seen = set(), [number], {number}
    while waiting:
        number = waiting.pop()
        if isinstance(graph.nodes[number], Arrays):
            found.add(number)
        elif not isinstance(graph.nodes[number], Instances):
            inner = {target for _, target, _ in references_of(graph.nodes[number])} - seen
            seen |= inner
            waiting += inner
    return found
