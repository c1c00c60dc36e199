"""validate: the last gate. Each codec looks at the state of its tables, arrays read, before any object is made."""

from __future__ import annotations

from collections.abc import Callable

from hermetic.codecs.arguments import refuse_shared_outputs
from hermetic.codecs.codec import STRAY_ERRORS, Codec, FieldView
from hermetic.codecs.foreign import FOREIGN
from hermetic.codecs.registry import codec_of_name
from hermetic.errors import FileError, InvalidState
from hermetic.graph import Graph, Instances, Link, ObjectArray
from hermetic.graph_paths import path_of
from hermetic.graph_walk import first_node_met_too_often
from hermetic.stages import CurrentGraph, ValidGraph

__all__ = ["check_links", "validate"]

_DAMAGED = "The file is damaged or hostile. Ask its producer for a fresh copy and compare digests."
_MOST_TIMES_MET = 1 << 24
_SHARING = 4
_AROUND_ARRAYS = frozenset({"numpy.matrix", "numpy.ma.MaskedArray", "numpy.recarray"})
_Place = tuple[int, int]


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

    _check_sharing(graph, place)
    claims: dict[tuple[int, int], str] = {}
    for index, node in enumerate(graph.nodes):
        if isinstance(node, Instances):
            name = graph.names[node.type].name
            codec = codec_of_name(name) or FOREIGN
            try:
                codec.validate(name, FieldView(graph, node, index, place, claims))
            except FileError:
                raise
            except STRAY_ERRORS as error:
                # A validator meant to refuse, and stumbled: the state is none that the type ever has.
                raise InvalidState(
                    f"the state of {name} cannot be checked: {type(error).__name__}: {error}"[:300],
                    where=place(index),
                    next_step=_DAMAGED,
                ) from error
    if graph.links:
        check_links(graph, place)
    refuse_shared_outputs(graph, place)
    return ValidGraph(graph=graph)


def _check_sharing(graph: Graph, place: Callable[[int], str]) -> None:
    """Refuse what shares so much of itself that nobody who follows every reference comes to an end."""
    if first_node_met_too_often(graph, _MOST_TIMES_MET) is None:
        return
    n_objects = sum(getattr(node, "rows", 1) for node in graph.nodes)
    limit = _MOST_TIMES_MET + _SHARING * n_objects
    index = first_node_met_too_often(graph, limit)
    if index is not None:
        raise InvalidState(
            f"{n_objects} objects are shared so often that repr, clone and predict would meet more than {limit}",
            where=place(index),
            next_step=_DAMAGED,
        )


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
    from hermetic.codecs.sealed import is_open_to_link, sealed_rows  # few models have links

    sealed = sealed_rows(graph)
    chains: dict[str, dict[_Place, _Place]] = {}
    for link in graph.links:
        holder = graph.nodes[link.node]
        if isinstance(holder, Instances):
            codec = codec_of_name(graph.names[holder.type].name) or FOREIGN
            if link.slot in codec.weak_fields:
                _check_chain_target(graph, link, codec, place)
                chains.setdefault(str(link.slot), {})[link.node, link.row] = (link.target_node, link.target_row)
        if not is_open_to_link(graph, link, sealed):
            raise InvalidState(
                f"a cycle passes through {link.slot!r}, which native code relies on",
                where=place(link.node),
                next_step=_DAMAGED,
            )
        if isinstance(holder, ObjectArray) and _is_array(graph, link.target_node):
            found = "an array contains itself: arithmetic with it would end the process"
            raise InvalidState(found, where=place(link.node), next_step=_DAMAGED)
    for slot, following in chains.items():
        _check_chain_ends(slot, following, place)


def _is_array(graph: Graph, number: int) -> bool:
    """Tell whether a node is an array of objects, or one of numpy's subclasses around one."""
    node = graph.nodes[number]
    return isinstance(node, ObjectArray) or (
        isinstance(node, Instances) and graph.names[node.type].name in _AROUND_ARRAYS
    )


def _check_chain_target(graph: Graph, link: Link, codec: Codec, place: Callable[[int], str]) -> None:
    """Refuse a weak field that refers to something else than objects of its own codec."""
    target = graph.nodes[link.target_node]
    if not isinstance(target, Instances) or graph.names[target.type].name not in codec.classes:
        raise InvalidState(f"{link.slot} refers to something else", where=place(link.node), next_step=_DAMAGED)


def _check_chain_ends(slot: str, following: dict[_Place, _Place], place: Callable[[int], str]) -> None:
    """Refuse a chain through weak fields that comes back to itself: library code follows it to its end."""
    done: set[_Place] = set()
    for start in following:
        passed: set[_Place] = set()
        here: _Place | None = start
        while here is not None and here not in done:
            if here in passed:
                found = f"the chain of {slot} never ends: whoever follows it would not come back"
                raise InvalidState(found, where=place(start[0]), next_step=_DAMAGED)
            passed.add(here)
            here = following.get(here)
        done |= passed
