"""The recipe for a file of our own: read, led through the four gates, restored."""

from __future__ import annotations

import os
from collections.abc import Collection
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from hermetic.errors import FileError, InvalidState, UsageError
from hermetic.formats.container_reader import Container
from hermetic.formats.graph_json import GraphDocument, check_text, decode_graph, graph_of
from hermetic.formats.graph_reader import Reading, read_arrays
from hermetic.formats.members import PoolSource, read_graph_text
from hermetic.limits import DEFAULT_LIMITS, Limits
from hermetic.migrate import migrate
from hermetic.normalize import normalize
from hermetic.placement import borrowed_arrays, mapped_arrays
from hermetic.policy import approve, unknown_names
from hermetic.restore import restore
from hermetic.stages import ApprovedGraph, Journal
from hermetic.validate import validate
from hermetic.weights import check_weight

if TYPE_CHECKING:
    from hermetic.foreign_files import LegacyGraph

__all__ = ["MappingMode", "SelfCheck", "Wishes", "restore_container", "restore_opened"]

MappingMode = Literal["r", "c"]
SelfCheck = Literal["auto", "always", "never"]


class Wishes(NamedTuple):
    """What the caller of `hermetic.load` asks for and allows."""

    mmap_mode: MappingMode | None = None
    trusted: Collection[str | type] = ()
    capabilities: Collection[str] = ()
    limits: Limits = DEFAULT_LIMITS
    approvals: str | os.PathLike[str] | None = None
    approved: Collection[tuple[str, str]] = ()
    check: SelfCheck = "auto"
    report: bool = False


def restore_opened(opened: Container | LegacyGraph, wishes: Wishes, journal: Journal | None = None) -> Any:
    """Restore what a file holds, whatever its format.

    Parameters
    ----------
    opened : Container or LegacyGraph
        The file, read as far as that needs no gate.
    wishes, journal
        As in `restore_container`.

    Returns
    -------
    object
        The model.
    """
    if isinstance(opened, Container):
        return restore_container(opened, wishes, journal)
    from hermetic.foreign_files import restore_legacy  # what most loads never need

    return restore_legacy(
        opened,
        trusted=wishes.trusted,
        capabilities=wishes.capabilities,
        approved=wishes.approved,
        limits=wishes.limits,
        journal=journal,
    )


def restore_container(container: Container, wishes: Wishes, journal: Journal | None = None) -> Any:
    """Lead a file of our own through the gates.

    Parameters
    ----------
    container : Container
        Open.
    wishes : Wishes
        What the caller asks for and allows.
    journal : Journal, optional
        Takes note of what is done, for a report.

    Returns
    -------
    object
        The model.

    Raises
    ------
    FileError
        From any of the gates.
    """
    where = container.source.where
    text = read_graph_text(container, wishes.limits)
    text_weight = check_text(text, container.content_bytes, wishes.limits, where=where)
    document = decode_graph(text, where=where)
    del text  # from here on its memory is for the model
    # What the model may do is decided on its text, before a single array is read.
    neutral = normalize(graph_of(document), limits=wishes.limits, where=where)
    check_weight(neutral.graph, container.content_bytes, text_weight, limits=wishes.limits, where=where)
    trusted, capabilities = wishes.trusted, wishes.capabilities
    approved = approve(neutral, trusted=trusted, capabilities=capabilities, approved=wishes.approved, where=where)
    if journal is not None:
        journal.foreign = unknown_names(approved.graph)
    reading = _read_arrays(approved, document, container, wishes.mmap_mode)
    try:
        current = migrate(approved, written_by=container.written_by, where=where, journal=journal)
        model = restore(validate(current, where=where), where=where)
    except InvalidState:
        # Damage shows in what is read while native objects are made: then it is not the state that is wrong.
        _check_reading(reading, where)
        raise
    _check_reading(reading, where)
    return model


def _check_reading(reading: Reading, where: str) -> None:
    try:
        reading.check()
    except FileError as error:
        error.where = error.where or where
        raise


def _read_arrays(
    approved: ApprovedGraph, document: GraphDocument, container: Container, mmap_mode: MappingMode | None
) -> Reading:
    is_mapped = mmap_mode is not None
    if is_mapped and any(member.content_length is not None for member in container.members.values()):
        raise UsageError(
            "a compressed file cannot be mapped", next_step="Load it without mmap_mode, or save it without compress."
        )
    graph = approved.graph
    source = PoolSource(container, is_mapped=is_mapped)
    mapped = mapped_arrays(graph) if is_mapped else ()
    try:
        return read_arrays(graph, document.pools, source, borrowed=borrowed_arrays(graph), mapped=mapped)
    except FileError as error:
        error.where = error.where or container.source.where
        raise
