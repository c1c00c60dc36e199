"""Which lists, dictionaries and arrays of objects stand in fields that checks rely on: no link may change them later.

By row, not by table: lists that stand side by side in a model share a table, and only one of them may be such a field.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import accumulate, chain, compress, islice
from typing import Any

from hermetic.codecs.field_view import column_item
from hermetic.codecs.foreign import FOREIGN
from hermetic.codecs.registry import codec_of_name
from hermetic.graph import Arrays, Graph, Instances, Link, Node, Packed, Same, Sequences
from hermetic.graph_walk import columns_of, references_of

__all__ = ["closed_links", "is_open_to_link", "sealed_rows"]


def sealed_rows(graph: Graph) -> dict[int, bytearray]:
    r"""Tell which rows of containers the sealed fields of a graph contain, at any depth.

    Parameters
    ----------
    graph : Graph
        Its references point backwards; nothing of it needs to be read.

    Returns
    -------
    dict of int to bytearray
        For each node that has such a row: 1 for these rows, 0 for the others. Instances and arrays are not among them:
        their own fields say what is sealed, and arrays of numbers have no links.

    Examples
    --------
    >>> from hermetic.graph import Graph, Name
    >>> lists = Sequences(type="list", lengths=1, columns=[[1, 2]], rows=2)
    >>> model = Instances(type=0, fields={"n_features_in_": [0, 1]})
    >>> names = [Name("sklearn.preprocessing.StandardScaler", "constructed")]
    >>> sealed_rows(Graph(names=names, nodes=[lists, model], root=[1]))
    {0: bytearray(b'\x00\x01')}
    """
    sealed: dict[int, bytearray] = {}
    # From the last node to the first: whatever seals a node's rows has been seen before the node.
    found: Iterator[tuple[int, int | None]]
    for number in range(len(graph.nodes) - 1, -1, -1):
        node = graph.nodes[number]
        if isinstance(node, Instances):
            fields = (codec_of_name(graph.names[node.type].name) or FOREIGN).sealed_fields
            found = ((target, row) for place, target, row in references_of(node) if place[1:] in fields)
        elif number in sealed:
            found = _references_of_rows(node, sealed[number])
        else:
            continue
        for target, row in found:
            holder = graph.nodes[target]
            if isinstance(holder, (Instances, Arrays)):
                continue
            rows: int = getattr(holder, "rows", 1)
            flags = sealed.setdefault(target, bytearray(rows))
            if row is None:
                flags[:] = b"\1" * rows
            else:
                flags[row] = 1
    return sealed


def is_open_to_link(graph: Graph, link: Link, sealed: Mapping[int, bytearray]) -> bool:
    """Tell whether a link leaves alone what codecs check.

    Parameters
    ----------
    graph : Graph
        That has the link.
    link : Link
        Of places that exist.
    sealed : mapping of int to bytearray
        What `sealed_rows` gives for the graph.

    Returns
    -------
    bool
        True for fields that their codec does not rely on, and for containers in no field that one relies on.

    Examples
    --------
    >>> from hermetic.graph import Name
    >>> model = Instances(type=0, fields={"n_features_in_": None, "note_": None})
    >>> graph = Graph(names=[Name("sklearn.preprocessing.StandardScaler", "constructed")], nodes=[model], root=[0])
    >>> [is_open_to_link(graph, Link(0, 0, field, 0, 0), {}) for field in model.fields]
    [False, True]
    """
    holder = graph.nodes[link.node]
    if not isinstance(holder, Instances):
        return link.node not in sealed or not sealed[link.node][link.row]
    codec = codec_of_name(graph.names[holder.type].name) or FOREIGN
    if link.slot not in holder.fields:
        return False  # a migration has given it another name, under which a codec may check it
    return (codec.is_linkable or link.slot in codec.weak_fields) and link.slot not in codec.sealed_fields


def closed_links(graph: Graph) -> list[Link]:
    """Give the links of a graph that would change what codecs check.

    Parameters
    ----------
    graph : Graph
        Any that is well formed.

    Returns
    -------
    list of Link
        Those that no load allows, in their order.

    Examples
    --------
    >>> closed_links(Graph(names=[], nodes=[Sequences("list", 1, [[None]])], root=[0], links=[Link(0, 0, 0, 0, 0)]))
    []
    """
    sealed = sealed_rows(graph)
    return [link for link in graph.links if not is_open_to_link(graph, link, sealed)]


def _references_of_rows(node: Node, flags: bytearray) -> Iterator[tuple[int, int | None]]:
    """Give the references of some rows of a container: the node each points to, and its row (None: all)."""
    if all(flags):
        yield from ((target, row) for _, target, row in references_of(node))
        return
    if isinstance(node, Sequences) and not isinstance(node.lengths, int):
        ends = list(accumulate(node.lengths, initial=0))
        places = [*chain.from_iterable(compress(map(range, ends, islice(ends, 1, None)), flags))]
    else:
        places = [*compress(range(len(flags)), flags)]
    for _, column, _ in columns_of(node):
        if type(column) is Packed:
            continue
        for place in places[:1] if type(column) is Same else places:
            value: Any = column_item(column, place)
            if type(value) is list:
                yield value[0], value[1] if len(value) == 2 else 0
