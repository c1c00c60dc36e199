"""validate: the last gate. Each codec looks at the state of its tables, arrays read, before any object is made."""

from __future__ import annotations

from hermetic.codecs.codec import FieldView
from hermetic.codecs.foreign import FOREIGN
from hermetic.codecs.registry import codec_of_name
from hermetic.graph import Instances
from hermetic.graph_paths import path_of
from hermetic.stages import CurrentGraph, ValidGraph

__all__ = ["validate"]


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
    return ValidGraph(graph=graph)
