"""The scan of our own files: everything that load checks without the libraries is checked here.

Every byte of the container, the text of the graph, the names, the capabilities, and that everything which lies in pools
lies where it must. So a file that is called clean is refused by load, if at all, only for what the installed libraries
say about it: another release of scikit-learn, or a state that its compiled code could not be trusted with.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hermetic.approvals import digest_of
from hermetic.codecs.field_view import FieldView
from hermetic.codecs.foreign import FOREIGN
from hermetic.codecs.registry import codec_of_name
from hermetic.errors import CapabilityRefused, FileError, LimitExceeded, UntrustedType
from hermetic.formats.array_check import check_arrays
from hermetic.formats.container_reader import Container, open_container
from hermetic.formats.graph_json import check_text, decode_graph, graph_of
from hermetic.formats.members import read_graph_text
from hermetic.formats.sources import Source
from hermetic.graph import Graph, Instances, Packed
from hermetic.graph_paths import path_of
from hermetic.inspection.names import UsedName, used_names
from hermetic.inspection.places import Places
from hermetic.limits import Limits
from hermetic.normalize import normalize
from hermetic.policy import approve, asked_capabilities, is_exact_name, notes_of
from hermetic.scanning.report import AskedCapability, ScanReport
from hermetic.scanning.usage import limits_used
from hermetic.validate import check_links
from hermetic.weights import check_weight

__all__ = ["scan_own_file", "unreadable"]

_MOST_SHOWN = 100


def scan_own_file(source: Source, limits: Limits) -> tuple[ScanReport, int]:
    """Say what loading a container would do.

    Parameters
    ----------
    source : Source
        It begins with a container, perhaps.
    limits : Limits
        Budgets for reading.

    Returns
    -------
    report : ScanReport
        ``unreadable`` for what is no container.
    length_bytes : int
        Of the container; 0 where its end cannot be told.

    Examples
    --------
    >>> from hermetic.formats.sources import BufferSource
    >>> from hermetic.limits import DEFAULT_LIMITS
    >>> scan_own_file(BufferSource(b"PK"), DEFAULT_LIMITS)[0].verdict
    'unreadable'
    """
    facts: dict[str, Any] = {"written_by": {}}
    length_bytes = 0
    try:
        container = open_container(source, limits)
        length_bytes = container.length_bytes
        facts |= {"length_bytes": length_bytes, "written_by": container.written_by}
        facts["sha256"] = digest_of(source, length_bytes)
        _scan_container(container, limits, facts)
    except FileError as error:
        return unreadable(error, source.where, facts), length_bytes
    return ScanReport(file=source.where, **facts), length_bytes


def unreadable(error: Exception, where: str, facts: dict[str, Any]) -> ScanReport:
    """Give the report of a file that could not be read to its end.

    Examples
    --------
    >>> from hermetic.errors import FormatError
    >>> unreadable(FormatError("cut off"), "model.hermetic", {}).problem
    'cut off'
    """
    verdict = "resource" if isinstance(error, LimitExceeded) else "unreadable"
    failed = {"verdict": verdict, "problem": str(error), "error": type(error).__name__}
    return ScanReport(file=where, **{"written_by": {}, **facts, **failed})


def _scan_container(container: Container, limits: Limits, facts: dict[str, Any]) -> None:
    """Note what a container holds, and the verdict of the policy."""
    where = container.source.where
    text = read_graph_text(container, limits)
    text_weight = check_text(text, container.content_bytes, limits, where=where)
    document = decode_graph(text, where=where)
    neutral = normalize(graph_of(document), limits=limits, where=where)
    graph = neutral.graph
    check_weight(graph, container.content_bytes, text_weight, limits=limits, where=where)
    facts["verdict"] = "clean"
    try:
        approve(neutral, where=where)
    except (CapabilityRefused, UntrustedType) as error:
        facts |= {"verdict": "refused", "error": type(error).__name__}
    facts["names"] = tuple(used_names(graph, Places(graph)))
    facts["capabilities"] = tuple(_capabilities(graph, facts["names"]))[:_MOST_SHOWN]
    facts["notes"] = tuple(notes_of(graph))
    facts["limits"] = limits_used(graph, container, len(text), limits)
    _check_states(graph, where)
    check_arrays(graph, document.pools, container)


def _capabilities(graph: Graph, names: tuple[UsedName, ...]) -> Iterator[AskedCapability]:
    for name in names:
        if not name.is_known and name.role != "constructed":
            when = "loading calls it, with arguments of the file" if name.role == "called" else "using the model may"
            meaning = f"{when}: {name.name}" if name.role == "called" else f"{when} call {name.name}"
            grant = f"trust {name.trust}" if is_exact_name(name.name) else "nothing: it is no name of Python"
            yield AskedCapability(capability=f"calls-code({name.name})", grant=grant, path=name.path, meaning=meaning)
    for capability, path, meaning in asked_capabilities(graph):
        yield AskedCapability(capability=capability, grant=f"capability {capability}", path=path, meaning=meaning)


def _check_states(graph: Graph, where: str) -> None:
    """Check what validate checks without the libraries."""

    def place(index: int) -> str:
        return f"{where}: {path_of(graph, index)}"

    check_links(graph, place)
    for index, node in enumerate(graph.nodes):
        if isinstance(node, Instances):
            name = graph.names[node.type].name
            is_read = not any(type(column) is Packed for column in node.fields.values())
            if codec_of_name(name) is None and is_read:
                FOREIGN.validate(name, FieldView(graph, node, index, place))
