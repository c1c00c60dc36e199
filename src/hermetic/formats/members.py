"""A container's members as the graph reader wants them: by their plain names, decompressed, and checked."""

from __future__ import annotations

from hermetic.errors import FormatError
from hermetic.formats.checksum import crc32
from hermetic.formats.compression import SUFFIXES
from hermetic.formats.container_reader import Container, Member
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
    member : Member
        One of its members.
    is_checked : bool
        Whether the CRC-32 of what passes is compared with the manifest at the end.
    """

    __slots__ = ("_checksum", "_container", "_is_checked", "_member", "_position", "_view", "length")

    def __init__(self, container: Container, member: Member, *, is_checked: bool) -> None:
        self._container, self._member, self._is_checked = container, member, is_checked
        self._position = self._checksum = 0
        self._view: memoryview | None = None
        self.length = member.length
        if member.content_length is not None:
            self._view = memoryview(container.read_private(member.name))
            self.length = member.content_length
            self._is_checked = False
        elif is_checked and member.length < _READ_FROM_BYTES:
            # Small enough to be checked at once: what is taken later are slices of what was checked.
            self._view = container.source.hold(member.offset, member.length)
            container.compare_crc32(member, crc32(self._view))
            self._is_checked = False

    def take_view(self, length: int) -> memoryview:
        """Show the next bytes where they lie."""
        start = self._position
        self._position = end = start + length
        if self._view is None:
            self._view = self._container.source.view(self._member.offset, self._member.length)
        view = self._view[start:end]
        if self._is_checked:
            self._checksum = crc32(view, self._checksum)
        return view

    def take_into(self, buffer: memoryview) -> None:
        """Copy the next bytes; what is checked is the copy, while it is still in the processor's cache."""
        length = len(buffer)
        if length < _READ_FROM_BYTES or self._member.content_length is not None:
            buffer[:] = self.take_view(length)
            return
        source, start = self._container.source, self._member.offset + self._position
        for begin in range(0, length, _BLOCK_BYTES):
            block = buffer[begin : begin + _BLOCK_BYTES]
            source.readinto(start + begin, block)
            if self._is_checked:
                self._checksum = crc32(block, self._checksum)
        self._position += length

    def finish(self) -> None:
        """Refuse the member when something is left or its checksum is wrong."""
        if self._position != self.length:
            raise FormatError(f"{self.length - self._position} bytes of {self._member.name} belong to nothing")
        if self._is_checked:
            self._container.compare_crc32(self._member, self._checksum)


class PoolSource:
    """The pools of a container.

    Parameters
    ----------
    container : Container
        Open.
    is_mapped : bool
        The caller asked for a mapping: then members are not read, hence their checksums are not checked.
    """

    __slots__ = ("_container", "_is_mapped", "_members", "names")

    def __init__(self, container: Container, *, is_mapped: bool) -> None:
        self._container = container
        self._is_mapped = is_mapped
        self._members: dict[str, Member] = {}
        for name, member in container.members.items():
            plain = _plain_name(name)
            if (member.content_length is None) != (plain == name) or plain in self._members:
                raise FormatError(f"member {name!r} is not what its name says, or there are two of it")
            self._members[plain] = member
        self.names = list(self._members)

    def open(self, name: str) -> MemberReader:
        """Begin to read a member by its plain name."""
        member = self._members.get(name)
        if member is None:
            raise FormatError(f"the graph names a member {name!r}, which the file does not have")
        return MemberReader(self._container, member, is_checked=not self._is_mapped)


def _plain_name(name: str) -> str:
    return name.rpartition(".")[0] if name.endswith(SUFFIXES) else name


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
    for name in container.members:
        if _plain_name(name) == GRAPH_NAME:
            break
    else:
        name = GRAPH_NAME
    member = container.find(name)
    limits.check("graph_bytes", member.content_length or member.length, where=container.source.where)
    return container.read(name)
