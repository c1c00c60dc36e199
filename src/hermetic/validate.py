"""validate: the last gate. Each codec looks at the state of its tables, arrays read, before any object is made."""

from __future__ import annotations

from collections.abc import Callable

from hermetic.codecs.arguments import refuse_shared_outputs
from hermetic.codecs.codec import FieldView
from hermetic.codecs.foreign import FOREIGN
from hermetic.codecs.registry import codec_of_name
from hermetic.errors import InvalidState
from hermetic.graph import Arrays, Graph, Instances
from hermetic.graph_paths import path_of
from hermetic.graph_walk import references_of
from hermetic.stages import CurrentGraph, ValidGraph

__all__ = ["check_links", "validate"]


def validate(current: CurrentGraph, *, where: str = "") -> ValidGraph:
    """Check every table with its codec.

    Parameters
    ----------
    current : CurrentGraph
        With its arrays read.
    where : str
        The file, for messages.

    Returns
    -------
    ValidGraph
        The same graph.

    Raises
    ------
    InvalidState
        With the path of the first table that breaks a rule.

    Examples
    --------
    >>> from hermetic.graph import Graph
    >>> validate(CurrentGraph(graph=Graph(names=[], nodes=[], root=1))).graph.root
    1
    """
    graph = current.graph

    def place(index: int) -> str:
        return f"{where}: {path_of(graph, index)}" if where else path_of(graph, index)

    claims: dict[tuple[int, int], str] = {}
    for index, node in enumerate(graph.nodes):
        if isinstance(node, Instances):
            name = graph.names[node.type].name
            codec = codec_of_name(name) or FOREIGN
            codec.validate(name, FieldView(graph, node, index, place, claims))
    if graph.links:
        check_links(graph, place)
    refuse_shared_outputs(graph, place)
    return ValidGraph(graph=graph)


def check_links(graph: Graph, place: Callable[[int], str]) -> None:
    """Refuse links that would change, after its check, what a codec has checked.

    Parameters
    ----------
    graph : Graph
        Well formed; nothing of it needs to be read.
    place : callable
        Gives the path of a node, for messages.

    Raises
    ------
    InvalidState
        With the first link that is not allowed.
    """
    sealed = _sealed_containers(graph)
    for link in graph.links:
        holder = graph.nodes[link.node]
        is_allowed = link.node not in sealed
        if isinstance(holder, Instances):
            codec = codec_of_name(graph.names[holder.type].name) or FOREIGN
            is_open = codec.is_linkable or link.slot in codec.weak_fields
            is_allowed = is_open and link.slot not in codec.sealed_fields
        if not is_allowed:
            raise InvalidState(
                f"a cycle passes through {link.slot!r}, which native code relies on",
                where=place(link.node),
                next_step="The file is damaged or hostile. Ask its producer for a fresh copy and compare digests.",
            )


def _sealed_containers(graph: Graph) -> set[int]:
    """Give the lists, dictionaries and object arrays that sealed fields contain, at any depth."""
    sealed: set[int] = set()
    found: list[int] = []
    for node in graph.nodes:
        if isinstance(node, Instances):
            codec = codec_of_name(graph.names[node.type].name) or FOREIGN
            if codec.sealed_fields:
                found += [target for place, target, _ in references_of(node) if place[1:] in codec.sealed_fields]
    while found:
        number = found.pop()
        if number not in sealed and not isinstance(graph.nodes[number], (Instances, Arrays)):
            sealed.add(number)
            found += [target for _, target, _ in references_of(graph.nodes[number])]
    return sealed
