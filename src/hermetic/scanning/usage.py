"""How much of each budget reading a file takes."""

from __future__ import annotations

from dataclasses import dataclass

from hermetic.formats.container_reader import Container
from hermetic.graph import Graph, Instances, Node
from hermetic.graph_walk import columns_of, references_of
from hermetic.limits import Limits

__all__ = ["LimitUse", "limits_used"]


@dataclass(frozen=True, kw_only=True)
class LimitUse:
    """What reading a file takes of one budget.

    Attributes
    ----------
    limit : str
        The name of the field of `hermetic.Limits`.
    used, allowed : int
        In bytes, or a number, as the field says.
    """

    limit: str
    used: int
    allowed: int


def limits_used(graph: Graph, container: Container, graph_bytes: int, limits: Limits) -> tuple[LimitUse, ...]:
    """Give what reading a file takes of each budget.

    Parameters
    ----------
    graph : Graph
        Well formed.
    container : Container
        The file.
    graph_bytes : int
        Length of the text of the graph.
    limits : Limits
        The budgets.

    Returns
    -------
    tuple of LimitUse
        In the order of the fields of `hermetic.Limits`.
    """
    used = {
        "graph_bytes": graph_bytes,
        "members": len(container.members),
        "nodes": len(graph.nodes),
        "values": sum(map(_n_values, graph.nodes)),
        "depth": _depth(graph),
        "expanded_bytes": sum(member.content_length or 0 for member in container.members.values()),
    }
    return tuple(LimitUse(limit=limit, used=number, allowed=getattr(limits, limit)) for limit, number in used.items())


def _n_values(node: Node) -> int:
    if isinstance(node, Instances) and node.rows == 1:
        return len(node.fields)
    rows = getattr(node, "rows", 1)
    return (rows if rows > 1 else 0) + sum(length for _, _, length in columns_of(node))


def _depth(graph: Graph) -> int:
    depths: list[int] = []
    for node in graph.nodes:
        depths.append(1 + max((depths[target] for _, target, _ in references_of(node)), default=0))
    return max(depths, default=0)
