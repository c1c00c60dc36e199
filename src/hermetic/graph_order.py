"""Putting the nodes of a graph in order again, after some were added at its end that earlier ones refer to."""

from __future__ import annotations

from collections.abc import Sequence

from hermetic.graph import Column, Graph, Instances, Link, Node, Rows, Same, Value
from hermetic.graph_walk import references_of, with_columns

__all__ = ["in_order"]


def in_order(graph: Graph) -> Graph:
    """Give a graph with the same nodes in an order in which every reference points backwards.

    Parameters
    ----------
    graph : Graph
        References may point forwards; none may lead back to its own node.

    Returns
    -------
    Graph
        Nodes that were in order already keep their order among each other; those that nothing refers to any longer
        are gone.

    Examples
    --------
    >>> from hermetic.graph import Sequences
    >>> nodes = [Sequences(type="list", lengths=1, columns=[[[1]]]), Sequences(type="list", lengths=0, columns=[[]])]
    >>> in_order(Graph(names=[], nodes=nodes, root=[0])).root
    [1]
    """
    order = _order_of(graph.nodes, _needed(graph))
    places = {old: new for new, old in enumerate(order)}
    return Graph(
        names=graph.names,
        nodes=[_moved(graph.nodes[old], places) for old in order],
        root=_moved_value(graph.root, places),
        links=[
            Link(places[link.node], link.row, link.slot, places[link.target_node], link.target_row)
            for link in graph.links
            if link.node in places
        ],
        arrays={places[old]: arrays for old, arrays in graph.arrays.items() if old in places},
    )


def _needed(graph: Graph) -> set[int]:
    """Give the nodes that the root leads to, through references and links."""
    links: dict[int, list[int]] = {}
    for link in graph.links:
        links.setdefault(link.node, []).append(link.target_node)
    needed: set[int] = set()
    waiting = [graph.root[0]] if type(graph.root) is list else []
    while waiting:
        number = waiting.pop()
        if number not in needed:
            needed.add(number)
            waiting += [target for _, target, _ in references_of(graph.nodes[number])]
            waiting += links.get(number, ())
    return needed


def _order_of(nodes: Sequence[Node], needed: set[int]) -> list[int]:
    order: list[int] = []
    seen: set[int] = set()
    for start in sorted(needed):
        waiting = [start]
        while waiting:
            number = waiting[-1]
            if number in seen:
                waiting.pop()
                continue
            missing = [target for _, target, _ in references_of(nodes[number]) if target not in seen]
            if missing:
                waiting += missing
                continue
            seen.add(number)
            order.append(number)
    return order


def _moved(node: Node, places: dict[int, int]) -> Node:
    if isinstance(node, Instances) and node.rows == 1:
        fields = {field: _moved_value(value, places) for field, value in node.fields.items()}
        return Instances(type=node.type, fields=fields)
    return with_columns(node, lambda column, _: _moved_column(column, places))


def _moved_column(column: Column, places: dict[int, int]) -> Column:
    if type(column) is list:
        return [_moved_value(value, places) for value in column]
    if type(column) is Same:
        return Same(_moved_value(column.value, places))
    if type(column) is Rows:
        exceptions = {position: _moved_value(value, places) for position, value in column.exceptions.items()}
        return Rows(places[column.node], exceptions)
    return column


def _moved_value(value: Value, places: dict[int, int]) -> Value:
    return [places[value[0]], *value[1:]] if type(value) is list else value
