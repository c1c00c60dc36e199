"""The types and functions that a model uses: how often, in which role, and whether somebody must vouch for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from hermetic.graph import Graph, Instances
from hermetic.graph_paths import first_places
from hermetic.inspection.places import Places
from hermetic.policy import unknown_names

__all__ = ["UsedName", "used_names"]


@dataclass(frozen=True, kw_only=True)
class UsedName:
    """One type or function that the model uses.

    Attributes
    ----------
    name : str
        Its dotted name.
    role : str
        ``constructed``: instances are made; ``referenced``: the thing itself is a value; ``called``: it is called on
        load, with arguments from the file.
    layout : int
        Version of the fields of its instances.
    n_instances : int
        How many instances the model holds.
    is_known : bool
        False for what loads only when it is trusted by name.
    path : str
        The first place, for names that are not known.
    """

    name: str
    role: str
    layout: int
    n_instances: int
    is_known: bool
    path: str

    @property
    def trust(self) -> str:
        """What ``trusted`` and ``--trust`` take to allow it."""
        return f"call:{self.name}" if self.role == "called" else self.name


def used_names(graph: Graph, places: Places) -> Iterator[UsedName]:
    """Give every type and function that a model uses, with its role.

    Parameters
    ----------
    graph : Graph
        Well formed.
    places : Places
        Of the same graph.

    Yields
    ------
    UsedName
        In the order of the graph.
    """
    counts: Counter[int] = Counter()
    first_nodes: dict[int, int] = {}
    for number, node in enumerate(graph.nodes):
        if isinstance(node, Instances):
            counts[node.type] += node.rows
            first_nodes.setdefault(node.type, number)
    unknown = frozenset(unknown_names(graph))
    elsewhere = {n for n, name in enumerate(graph.names) if name in unknown and n not in first_nodes}
    found = first_places(graph, elsewhere) if elsewhere else {}
    for number, name in enumerate(graph.names):
        path = ""
        if name in unknown and number in first_nodes:
            path = places.path(first_nodes[number], 0)
        elif name in unknown:
            path = found[number]
        yield UsedName(
            name=name.name,
            role=name.role,
            layout=name.layout,
            n_instances=counts[number],
            is_known=name not in unknown,
            path=path,
        )
