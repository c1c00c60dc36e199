"""Walking over a graph's nodes: their columns, their references, and nodes like another with other columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice, repeat
from typing import Any

from hermetic.graph import Arrays, Column, Graph, Instances, Mappings, Node, ObjectArray, Rows, Same, Sequences

__all__ = ["columns_of", "first_node_deeper_than", "first_node_met_too_often", "references_of", "with_columns"]

_MAX_ITEMS = 1 << 62


def columns_of(node: Node) -> Iterator[tuple[str, Column, int]]:
    """Give every column of a node with the words for its place and its number of values.

    Parameters
    ----------
    node : Node
        Any node.

    Yields
    ------
    place : str
        The column's place within the node: ``.name`` for fields, ``[...]`` for items and keys.
    column : column
        A list of values, or a packed form. Single values of one-row instances come as lists of one value.
    length : int
        How many values it stands for.

    Examples
    --------
    >>> from hermetic.graph import Instances
    >>> from hermetic.graph_walk import columns_of
    >>> list(columns_of(Instances(type=0, fields={"C": 1.0})))
    [('.C', [1.0], 1)]
    """
    if isinstance(node, Instances):
        for name, column in node.fields.items():
            yield f".{name}", [column] if node.rows == 1 else column, node.rows
    elif isinstance(node, Sequences):
        if node.rows > 1 and isinstance(node.lengths, int):
            for position, column in enumerate(node.columns):
                yield f"[{position}]", column, node.rows
        else:
            total = node.lengths if isinstance(node.lengths, int) else sum(node.lengths)
            for column in node.columns:
                yield "[...]", column, total
    elif isinstance(node, Mappings):
        if node.rows == 1:
            yield ".keys()", node.keys, node.length
            for column in node.columns:
                yield "[...]", column, node.length
        else:
            for key, column in zip(node.keys, node.columns, strict=True):
                yield f"[{key!r}]", column, node.rows
    elif isinstance(node, ObjectArray):
        yield "[...]", node.items, _n_items(node.shape)


def _n_items(shape: Sequence[int]) -> int:
    """Multiply the lengths of the axes, no further than any memory reaches: a product of many costs time itself."""
    total = 1
    for length in shape:
        total *= length
        if total > _MAX_ITEMS:
            break
    return total


def references_of(node: Node) -> Iterator[tuple[str, int, int | None]]:
    """Give every reference of a node: its place, the node it points to, and the row (None: all of them).

    Parameters
    ----------
    node : Node
        Any node.

    Yields
    ------
    place : str
        As in `columns_of`.
    target : int
        The node that is referred to.
    row : int or None
        Its row, or None for a column that takes all rows.

    Examples
    --------
    >>> from hermetic.graph import Instances
    >>> from hermetic.graph_walk import references_of
    >>> list(references_of(Instances(type=0, fields={"coef_": [4], "C": 1.0})))
    [('.coef_', 4, 0)]
    """
    if type(node) is Instances and node.rows == 1:
        for field, value in node.fields.items():
            if type(value) is list:
                yield f".{field}", value[0], value[1] if len(value) == 2 else 0
        return
    for place, column, _ in columns_of(node):
        if type(column) is Rows:
            yield place, column.node, None
            values: Any = column.exceptions.values()
        elif type(column) is Same:
            values = (column.value,)
        elif type(column) is list:
            values = column
        else:
            continue
        for value in values:
            if type(value) is list:
                yield place, value[0], value[1] if len(value) == 2 else 0


def first_node_deeper_than(graph: Graph, limit: int) -> int | None:
    """Give the first node that contains more than `limit` levels of others, or None.

    Parameters
    ----------
    graph : Graph
        Its references point backwards.
    limit : int
        Levels, counting the node itself.

    Returns
    -------
    int or None
        Number of the node.

    Examples
    --------
    >>> from hermetic.graph import Graph, Sequences
    >>> inner = Sequences(type="list", lengths=0, columns=[[]])
    >>> graph = Graph(names=[], nodes=[inner, Sequences(type="list", lengths=1, columns=[[[0]]])], root=[1])
    >>> first_node_deeper_than(graph, 1)
    1
    """
    if len(graph.nodes) <= limit:
        return None  # each level takes a node
    depths: list[int] = []
    for index, node in enumerate(graph.nodes):
        depths.append(1 + max((depths[target] for _, target, _ in references_of(node)), default=0))
        if depths[index] > limit:
            return index
    return None


def first_node_met_too_often(graph: Graph, limit: int) -> int | None:
    """Give the first node below which others are met more than `limit` times, shared ones each time; or None.

    Whoever follows every reference without remembering, as ``repr``, ``clone`` and ``predict`` of estimators do, needs
    that many steps: sixty lists, each with the next one in it twice, take 2**60.

    Parameters
    ----------
    graph : Graph
        Its references point backwards. Links are not followed: they close cycles.
    limit : int
        Times, counting the node itself.

    Returns
    -------
    int or None
        Number of the node.

    Examples
    --------
    >>> from hermetic.graph import Graph, Sequences
    >>> nodes = [Sequences(type="list", lengths=0, columns=[[]])]
    >>> nodes += [Sequences(type="list", lengths=2, columns=[[[number], [number]]]) for number in range(9)]
    >>> first_node_met_too_often(Graph(names=[], nodes=nodes, root=[9]), 100)
    6
    """
    times: list[Any] = []
    for index, node in enumerate(graph.nodes):
        if type(node) is Arrays:
            times.append(1)
            continue
        # Most nodes are arrays, single objects or single lists: no call for each of their values.
        if type(node) is Instances and node.rows == 1:
            values: Any = node.fields.values()
        elif type(node) is Sequences and node.rows == 1 and type(node.columns[0]) is list:
            values = node.columns[0]
        else:
            all_rows = _times_met(node, times)
            times.append(all_rows)
            if (all_rows if type(all_rows) is int else max(all_rows)) > limit:
                return index
            continue
        own = 1
        for value in values:
            if type(value) is list:
                met = times[value[0]]
                own += met if type(met) is int else met[value[1]]
        times.append(own)
        if own > limit:
            return index
    return None


def _times_met(node: Node, times: list[Any]) -> Any:
    """Give how many nodes each row of a node meets: one number where all rows meet as many, or a list."""
    rows: int = getattr(node, "rows", 1)
    all_rows, of_rows = 1, [0] * rows
    for _, column, length in columns_of(node):
        met = _times_in_column(column, length, times)
        if rows == 1:
            all_rows += met * length if type(met) is int else sum(met)
        elif isinstance(node, Sequences) and not isinstance(node.lengths, int):
            items = repeat(met) if type(met) is int else iter(met)
            of_rows = [own + sum(islice(items, count)) for own, count in zip(of_rows, node.lengths, strict=True)]
        elif type(met) is int:
            all_rows += met
        else:
            of_rows = [own + other for own, other in zip(of_rows, met, strict=True)]
    return [all_rows + own for own in of_rows] if any(of_rows) else all_rows


def _times_in_column(column: Column, length: int, times: list[Any]) -> Any:
    """Give how many nodes each value of a column meets: one number where all meet as many, or a list."""
    if type(column) is Same:
        return _times_of_value(column.value, times)
    if type(column) is Rows:
        met = times[column.node]
        if not column.exceptions:
            return met
        taken = iter([met] * length if type(met) is int else met)
        exceptions = column.exceptions
        return [
            _times_of_value(exceptions[position], times) if position in exceptions else next(taken)
            for position in range(length)
        ]
    if type(column) is not list:
        return 0
    return [_times_of_value(value, times) if type(value) is list else 0 for value in column]


def _times_of_value(value: Any, times: list[Any]) -> int:
    if type(value) is not list:
        return 0
    met = times[value[0]]
    return int(met if type(met) is int else met[value[1]])


def with_columns(node: Node, change: Callable[[Any, int], Any]) -> Node:
    """Give a node like another with every column changed; single values of one-row instances are no columns.

    Parameters
    ----------
    node : Node
        Any node; it stays as it is.
    change : callable
        Takes a column and its number of values, gives the new column. Called in the order in which slices lie in pools.

    Returns
    -------
    Node
        The new node, or the same where it has no columns.
    """
    if isinstance(node, Instances):
        if node.rows == 1:
            return node
        fields = {field: change(column, node.rows) for field, column in node.fields.items()}
        return Instances(type=node.type, fields=fields, rows=node.rows)
    if isinstance(node, ObjectArray):
        return ObjectArray(shape=node.shape, items=change(node.items, _n_items(node.shape)), order=node.order)
    if isinstance(node, Sequences):
        length = node.lengths if isinstance(node.lengths, int) else sum(node.lengths)
        if node.rows > 1 and isinstance(node.lengths, int):
            length = node.rows
        columns = [change(column, length) for column in node.columns]
        return Sequences(type=node.type, lengths=node.lengths, columns=columns, rows=node.rows)
    if isinstance(node, Mappings):
        keys = change(node.keys, node.length) if node.rows == 1 else node.keys
        length = node.length if node.rows == 1 else node.rows
        columns = [change(column, length) for column in node.columns]
        return Mappings(length=node.length, keys=keys, columns=columns, rows=node.rows)
    return node
