"""A container's members as the graph reader wants them: by their plain names, decompressed, and checked."""

from __future__ import annotations

from hermetic.errors import FormatError
from hermetic.formats.checksum import crc32
from hermetic.formats.compression import SUFFIXES
from hermetic.formats.container_reader import Container
from hermetic.limits import Limits

__all__ = ["GRAPH_NAME", "MemberReader", "PoolSource", "read_graph_text"]

GRAPH_NAME = "graph.json"
_READ_FROM_BYTES = 1 << 18
_BLOCK_BYTES = 1 << 18


class MemberReader:
    """Gives a member's content once, from its first byte to its last, and checks it on the way.

    Parameters
    ----------
    container : Container
        Open.
    stored : str
        The member's name in it.
    is_checked : bool
        Whether the CRC-32 of what passes is compared with the manifest at the end.
    """

    def __init__(self, container: Container, stored: str, *, is_checked: bool) -> None:
        member = container.find(stored)
        self._container, self._member = container, member
        self._position = 0
        self._checksum = 0
        self._view: memoryview | None = None
        self.length = member.length
        self._is_checked = is_checked
        if member.content_length is not None:
            self._view = memoryview(container.read_private(stored))
            self.length = member.content_length
            self._is_checked = False

    def take_view(self, length: int) -> memoryview:
        """Show the next bytes where they lie."""
        view = self._whole()[self._position : self._position + length]
        if self._is_checked:
            self._checksum = crc32(view, self._checksum)
        self._position += length
        return view

    def take_into(self, buffer: memoryview) -> None:
        """Copy the next bytes; what is checked is the copy, while it is still in the processor's cache."""
        if len(buffer) < _READ_FROM_BYTES or (self._view is not None and self._member.content_length is not None):
            buffer[:] = self._whole()[self._position : self._position + len(buffer)]
            if self._is_checked:
                self._checksum = crc32(buffer, self._checksum)
        else:
            source, start = self._container.source, self._member.offset + self._position
            for begin in range(0, len(buffer), _BLOCK_BYTES):
                block = buffer[begin : begin + _BLOCK_BYTES]
                source.readinto(start + begin, block)
                if self._is_checked:
                    self._checksum = crc32(block, self._checksum)
        self._position += len(buffer)

    def finish(self) -> None:
        """Refuse the member when something is left or its checksum is wrong."""
        if self._position != self.length:
            raise FormatError(f"{self.length - self._position} bytes of {self._member.name} belong to nothing")
        if self._is_checked:
            self._container.compare_crc32(self._member, self._checksum)

    def _whole(self) -> memoryview:
        if self._view is None:
            self._view = self._container.source.view(self._member.offset, self._member.length)
        return self._view


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
        self._stored = {}
        for name, member in container.members.items():
            plain = _plain_name(name)
            if (member.content_length is None) != (plain == name) or plain in self._stored:
                raise FormatError(f"member {name!r} is not what its name says, or there are two of it")
            self._stored[plain] = name
        self.names = list(self._stored)

    def open(self, name: str) -> MemberReader:
        """Begin to read a member by its plain name."""
        if name not in self.names:
            raise FormatError(f"the graph names a member {name!r}, which the file does not have")
        return MemberReader(self._container, self._stored[name], is_checked=not self._is_mapped)


def _plain_name(name: str) -> str:
    for suffix in SUFFIXES:
        if name.endswith(suffix):
            return name.removesuffix(suffix)
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
