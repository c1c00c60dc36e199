"""A container's members as the graph reader wants them: by their plain names, decompressed, and checked."""

from __future__ import annotations

from collections.abc import Collection

from hermetic.formats.compression import SUFFIXES
from hermetic.formats.container_reader import Container
from hermetic.limits import Limits

__all__ = ["GRAPH_NAME", "PoolSource", "read_graph_text"]

GRAPH_NAME = "graph.json"


class PoolSource:
    """The pools of a container.

    Parameters
    ----------
    container : Container
        Open.
    is_mapped : bool
        The caller asked for a mapping: then members are not read, hence their checksums are not checked.
    """

    def __init__(self, container: Container, *, is_mapped: bool) -> None:
        self._container = container
        self._is_mapped = is_mapped
        self._stored = {_plain_name(name): name for name in container.members if _plain_name(name) != GRAPH_NAME}

    @property
    def names(self) -> Collection[str]:
        """Plain names of all members but the graph and the evidence."""
        return [name for name in self._stored if not name.startswith("evidence/")]

    def view(self, name: str) -> memoryview:
        """Give a member's content; its checksum is checked unless it is to stay mapped."""
        stored = self._stored[name]
        member = self._container.find(stored)
        if member.content_length is not None:
            return memoryview(self._container.read_private(stored))
        if not self._is_mapped:
            self._container.check(stored)
        return self._container.source.view(member.offset, member.length)


def _plain_name(name: str) -> str:
    for suffix in SUFFIXES:
        name = name.removesuffix(suffix)
    return name


def read_graph_text(container: Container, limits: Limits) -> bytes:
    """Give the text of a container's graph, within its budget.

    Parameters
    ----------
    container : Container
        Open.
    limits : Limits
        ``graph_bytes`` counts.

    Returns
    -------
    bytes
        JSON, decompressed.

    Raises
    ------
    FormatError, LimitExceeded
        When there is none, or it is damaged or too long.
    """
    stored = next((name for name in container.members if _plain_name(name) == GRAPH_NAME), GRAPH_NAME)
    member = container.find(stored)
    limits.check("graph_bytes", member.content_length or member.length, where=container.source.where)
    return container.read(stored)
