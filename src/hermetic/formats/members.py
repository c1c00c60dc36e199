"""A container's members as the graph reader wants them: by their plain names, decompressed, and checked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hermetic.errors import FormatError
from hermetic.formats.checksum import crc32, crc32_combine
from hermetic.formats.compression import SUFFIXES
from hermetic.formats.container_reader import Container, Member
from hermetic.limits import Limits

__all__ = [
    "EVIDENCE_KINDS",
    "GRAPH_NAME",
    "LaterPart",
    "MemberReader",
    "PoolSource",
    "check_members",
    "evidence_name",
    "find_evidence",
    "read_graph_text",
]

GRAPH_NAME = "graph.json"
EVIDENCE_KINDS = {
    "golden": ".hermetic",
    "data": ".json",
    "source": ".json",
    "environment": ".json",
    "scores": ".json",
    "lineage": ".json",
    "recipe": ".hermetic",
    "snapshot": ".hermetic",
}
"""What a file may record of its model, in this order: a record as JSON, or values as a container of their own."""
"""What a file may say about its model beside it, in the order in which it stands there."""

_READ_FROM_BYTES = 1 << 18
_BLOCK_BYTES = 1 << 18
_AHEAD_BYTES = 1 << 14


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

    __slots__ = (
        *("_ahead", "_ahead_start", "_checksum", "_container", "_is_checked", "_member", "_position", "_rest", "_view"),
        "length",
    )

    def __init__(self, container: Container, member: Member, *, is_checked: bool) -> None:
        self._container, self._member, self._is_checked = container, member, is_checked
        self._position = self._checksum = 0
        self._view: memoryview | None = None
        self._ahead, self._ahead_start = memoryview(b""), 0
        self._rest: list[LaterPart] = []
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
        if self._view is not None:
            view = self._view[start:end]
        elif self._is_checked and length < _READ_FROM_BYTES:
            # A mapping made for a header costs more than reading it.
            view = self._read_ahead(start, length)
        else:
            view = self._container.source.view(self._member.offset + start, length)
        if self._is_checked:
            self._checksum = crc32(view, self._checksum)
        return view

    def _read_ahead(self, start: int, length: int) -> memoryview:
        """Show bytes of the file, and read some more: where small arrays stand others follow."""
        begin = start - self._ahead_start
        if not 0 <= begin <= len(self._ahead) - length:
            n_bytes = max(length, min(_AHEAD_BYTES, self.length - start))
            self._ahead = memoryview(self._container.source.read(self._member.offset + start, n_bytes))
            self._ahead_start, begin = start, 0
        return self._ahead[begin : begin + length]

    def take_into(self, buffer: memoryview) -> None:
        """Copy the next bytes; what is checked is the copy, while it is still in the processor's cache."""
        length = len(buffer)
        if length < _READ_FROM_BYTES or self._member.content_length is not None:
            buffer[:] = self.take_view(length)
            return
        self._checksum = self.read_at(self._position, buffer, self._checksum)
        self._position += length

    def take_held(self) -> memoryview | None:
        """Show all that is left of a member that lies checked in private memory; None for others, which are read."""
        if self._view is None:
            return None
        start, self._position = self._position, self.length
        return self._view[start:]

    def take_later(self, length: int) -> LaterPart:
        """Pass the next bytes over; they can be read until `check`, which counts them in."""
        part = LaterPart(self, self._position, length, self._checksum)
        self._position += length
        self._checksum = 0
        self._rest.append(part)
        return part

    def finish(self) -> None:
        """Refuse the member when something is left, or when it has been read and its checksum is wrong."""
        if self._position != self.length:
            raise FormatError(f"{self.length - self._position} bytes of {self._member.name} belong to nothing")
        if not self._rest:
            self.check()

    def check(self) -> None:
        """Refuse the member when its checksum is wrong; what was to be read later, and was not, is read for it."""
        if not self._is_checked:
            return
        checksum = self._checksum
        for part in reversed(self._rest):
            checksum = crc32_combine(part.complete(), checksum, self.length - part.end)
        self._container.compare_crc32(self._member, checksum)

    def read_at(self, position: int, buffer: memoryview, checksum: int) -> int:
        """Fill a buffer from a place in the content; give the checksum of what stands before it and of it."""
        if self._view is not None:
            buffer[:] = self._view[position : position + len(buffer)]
            return crc32(buffer, checksum) if self._is_checked else checksum
        source, start = self._container.source, self._member.offset + position
        for begin in range(0, len(buffer), _BLOCK_BYTES):
            block = buffer[begin : begin + _BLOCK_BYTES]
            source.readinto(start + begin, block)
            if self._is_checked:
                checksum = crc32(block, checksum)
        return checksum


class LaterPart:
    """A part of a member that is read when memory is ready for it; its checksum is that of what was really read.

    Parameters
    ----------
    member : MemberReader
        To read from.
    start, length : int
        The part, in bytes of the content.
    checksum : int
        The CRC-32 of what stands between the part before, or the beginning, and this one.
    """

    __slots__ = ("_checksum", "_member", "_position", "_start", "end")

    def __init__(self, member: MemberReader, start: int, length: int, checksum: int) -> None:
        self._member, self._start, self._checksum = member, start, checksum
        self._position, self.end = start, start + length

    def read_into(self, offset: int, buffer: memoryview) -> None:
        """Fill a buffer from a place in the part. What is read in order is read only once."""
        position = self._start + offset
        if position == self._position:
            self._checksum = self._member.read_at(position, buffer, self._checksum)
            self._position += len(buffer)
        else:
            self._member.read_at(position, buffer, 0)

    def complete(self) -> int:
        """Give the CRC-32 of the part and what stands before it; what was never asked for is read now."""
        buffer = memoryview(bytearray(min(_BLOCK_BYTES, self.end - self._position)))
        while self._position < self.end:
            self.read_into(self._position - self._start, buffer[: self.end - self._position])
        return self._checksum


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


def evidence_name(number: int, kind: str) -> str:
    """Give the name of a member that records something about the model.

    Parameters
    ----------
    number : int
        Its position among them.
    kind : str
        One of `EVIDENCE_KINDS`.

    Returns
    -------
    str
        The name.

    Examples
    --------
    >>> evidence_name(0, "golden"), evidence_name(1, "data")
    ('evidence/0-golden.hermetic', 'evidence/1-data.json')
    """
    return f"evidence/{number}-{kind}{EVIDENCE_KINDS[kind]}"


def find_evidence(found: Iterable[str], kind: str) -> str:
    """Give the name of the member that records one kind of evidence.

    Parameters
    ----------
    found : iterable of str
        Names of all members of a file.
    kind : str
        One of `EVIDENCE_KINDS`.

    Returns
    -------
    str
        The name; empty where the file records nothing of that kind.

    Examples
    --------
    >>> find_evidence(["graph.json", "evidence/0-data.json"], "data")
    'evidence/0-data.json'
    """
    ending = f"-{kind}{EVIDENCE_KINDS[kind]}"
    return next((name for name in found if name.startswith("evidence/") and name.endswith(ending)), "")


def check_members(found: Sequence[str], expected: Sequence[str]) -> None:
    """Refuse members that neither the graph nor evidence accounts for.

    Parameters
    ----------
    found : sequence of str
        Plain names of all members of a file, in its order.
    expected : sequence of str
        Those that the graph accounts for, which stand before all evidence.

    Raises
    ------
    FormatError
        With both lists.

    Examples
    --------
    >>> check_members(["graph.json", "evidence/0-golden.hermetic"], ["graph.json"])
    """
    model, evidence = found[: len(expected)], found[len(expected) :]
    kinds = [kind for kind in EVIDENCE_KINDS if find_evidence(evidence, kind)]
    if list(model) != list(expected) or list(evidence) != [evidence_name(*pair) for pair in enumerate(kinds)]:
        raise FormatError(
            f"the members must be {list(expected)}, in this order, and evidence behind them, but they are {list(found)}"
        )


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
    name = GRAPH_NAME
    if name not in container.members:
        name = next((other for other in container.members if _plain_name(other) == GRAPH_NAME), GRAPH_NAME)
    member = container.find(name)
    limits.check("graph_bytes", member.content_length or member.length, where=container.source.where)
    return container.read(name)
