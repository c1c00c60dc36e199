"""Read a container: compare everything that is not content with what the manifest demands, then give contents.

The reader does not parse ZIP: `open_container` renders all headers and end records from the manifest and compares
bytes. Together with the CRC-32 of each content not a single byte of the file is left unchecked.
"""

from __future__ import annotations

from collections.abc import Sequence

from hermetic.errors import FormatError, LimitExceeded
from hermetic.formats.checksum import crc32
from hermetic.formats.compression import SUFFIXES, decompress_member
from hermetic.formats.container_head import describe_difference, read_head
from hermetic.formats.sources import Source
from hermetic.formats.zip_layout import ZipLayout
from hermetic.limits import DEFAULT_LIMITS, Limits
from hermetic.structs import msgspec

__all__ = ["Container", "Member", "open_container"]

_FEW_BYTES = 64 << 20
_N_HEAD_MEMBERS = 2
_ASK_AGAIN = "The file is damaged. Fetch it again, or ask its producer for a fresh copy, and compare digests."


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """One member of an open container: what the manifest says of it, and where its stored bytes begin.

    `offset` and `length` count stored bytes; `content_length` is None for members that are not compressed.
    """

    name: str
    offset: int
    length: int
    crc32: int
    content_length: int | None = None


class Container(msgspec.Struct, frozen=True, kw_only=True):
    """A container whose structure is checked; made by `open_container` only.

    ``source.view(member.offset, member.length)`` shows a member unchecked and without a copy. `members` stand in file
    order, without ``mimetype`` and the manifest; `written_by` has names and versions of programs.
    """

    source: Source
    length_bytes: int
    written_by: dict[str, str]
    members: dict[str, Member]

    @property
    def content_bytes(self) -> int:
        """Length of all members together, decompressed."""
        total = 0
        for member in self.members.values():
            total += member.length if member.content_length is None else member.content_length
        return total

    def find(self, name: str) -> Member:
        """Give the member called `name`, or raise `FormatError`."""
        member = self.members.get(name)
        if member is None:
            raise FormatError(f"the container has no member {name!r}", where=self.source.where)
        return member

    def read(self, name: str) -> bytes:
        """Read a member, decompressed, or raise `FormatError`: its CRC-32 is checked."""
        member = self.find(name)
        data = self.source.read(member.offset, member.length)
        self.compare_crc32(member, crc32(data))
        return data if member.content_length is None else bytes(self._decompress(member, data))

    def read_private(self, name: str) -> bytearray:
        """Read a member like `read`, into memory that may be written."""
        member = self.find(name)
        data = bytearray(member.length)
        self.source.readinto(member.offset, data)
        self.compare_crc32(member, crc32(data))
        return data if member.content_length is None else self._decompress(member, data)

    def check(self, name: str) -> None:
        """Check the CRC-32 of the stored bytes of a member, in little memory, like `read`."""
        member = self.find(name)
        value = 0
        for block in self.source.blocks(member.offset, member.length):
            value = crc32(block, value)
        self.compare_crc32(member, value)

    def compare_crc32(self, member: Member, found: int) -> None:
        """Refuse a member whose stored bytes have another CRC-32 than the manifest says."""
        if found != member.crc32:
            text = f"the {member.length} bytes of the member have CRC-32 {found:08x}, expected {member.crc32:08x}"
            raise FormatError(text, where=self._place(member), next_step=_ASK_AGAIN)

    def _decompress(self, member: Member, data: bytes | bytearray) -> bytearray:
        try:
            return decompress_member(_compression_suffix(member.name), data, member.content_length or 0)
        except FormatError as error:
            raise FormatError(error.found, where=self._place(member), next_step=_ASK_AGAIN) from error

    def _place(self, member: Member) -> str:
        return f"{self.source.where}, member {member.name!r}, byte {member.offset}"


def open_container(source: Source, limits: Limits = DEFAULT_LIMITS) -> Container:
    """Open a container and check all of it but the contents.

    Parameters
    ----------
    source : Source
        Begins with the first byte of the container.
    limits : Limits, optional
        ``manifest_bytes``, ``members``, ``expanded_bytes``, ``expansion`` and ``free_memory_percent`` count.

    Returns
    -------
    Container
        Its contents are checked when they are read.

    Raises
    ------
    FormatError
        When a byte differs from what the manifest demands, or the length does.
    UnsupportedVersion
        When a later version of hermetic wrote the file.
    LimitExceeded
        When reading would cost more than `limits` allow.

    Examples
    --------
    >>> import io
    >>> from hermetic.formats.container_reader import open_container
    >>> from hermetic.formats.container_writer import BytesMember, write_container_seekable
    >>> from hermetic.formats.sources import BufferSource
    >>> file = io.BytesIO()
    >>> _ = write_container_seekable(file, [BytesMember(name="graph.json", data=b"{}")], {"hermetic": "0.1.0"})
    >>> container = open_container(BufferSource(file.getvalue()))
    >>> container.read("graph.json"), container.written_by
    (b'{}', {'hermetic': '0.1.0'})
    """
    position = 0

    def read_next(length: int) -> bytes:
        nonlocal position
        start, position = position, min(position + length, source.length_bytes)
        return source.read(start, position - start)

    head = read_head(read_next, limits, source.where)
    layout = head.layout
    if source.length_bytes < layout.length_bytes or (source.is_whole and source.length_bytes > layout.length_bytes):
        raise _describe_length(source, layout.length_bytes)
    members: dict[str, Member] = {}
    compressed: list[Member] = []
    for listed, placed in zip(head.manifest.members, layout.members[_N_HEAD_MEMBERS:], strict=True):
        found = source.read(placed.header_offset, len(placed.header))
        if found != placed.header:
            raise _describe_damage(source, "local header", listed.name, found, placed.header, placed.header_offset)
        name, length, content_length = listed.name, listed.length, listed.content_length
        member = members[name] = Member(
            name=name, offset=placed.offset, length=length, crc32=placed.member.crc32, content_length=content_length
        )
        if content_length is not None:
            compressed.append(member)
    expected = b"".join(layout.directory) + layout.end
    found = source.read(layout.directory_offset, len(expected))
    if found != expected:
        raise _describe_directory(source, layout, found)
    if compressed:
        _check_compressed_members(compressed, layout.length_bytes, limits, source.where)
    written_by = head.manifest.written_by
    return Container(source=source, length_bytes=layout.length_bytes, written_by=written_by, members=members)


def _describe_length(source: Source, expected: int) -> FormatError:
    found = source.length_bytes
    what = "cut off" if found < expected else "extended: more bytes follow its end"
    text = f"the container was {what}; it has {found} bytes, and its manifest demands {expected}"
    return FormatError(text, where=f"{source.where}, byte {min(found, expected)}", next_step=_ASK_AGAIN)


def _describe_directory(source: Source, layout: ZipLayout, found: bytes) -> FormatError:
    start = 0
    for placed, record in zip(layout.members, layout.directory, strict=True):
        piece, offset = found[start : start + len(record)], layout.directory_offset + start
        if piece != record:
            return _describe_damage(source, "directory record", placed.member.name, piece, record, offset)
        start += len(record)
    return _describe_damage(source, "end record", "", found[start:], layout.end, layout.directory_offset + start)


def _describe_damage(source: Source, what: str, name: str, found: bytes, expected: bytes, offset: int) -> FormatError:
    difference = describe_difference(found, expected, offset)
    member = f", member {name!r}" if name else ""
    place = f"{source.where}{member}, byte {offset}"
    return FormatError(f"the {what} differs from the manifest: {difference}", where=place, next_step=_ASK_AGAIN)


def _check_compressed_members(compressed: Sequence[Member], length_bytes: int, limits: Limits, where: str) -> None:
    """Refuse before anything is inflated: what counts is the sum of what the members declare."""
    for member in compressed:
        if not _compression_suffix(member.name):
            found = f"the member declares a content_length, but its name ends with none of {', '.join(SUFFIXES)}"
            raise FormatError(found, where=f"{where}, member {member.name!r}")
    declared = sum(member.content_length or 0 for member in compressed)
    allowed = max(limits.expanded_bytes, limits.expansion * length_bytes)
    if declared > allowed:
        raise LimitExceeded("expanded_bytes", allowed=allowed, asked=declared, where=where)
    if declared > _FEW_BYTES:
        _check_free_memory(declared, limits, where)


def _check_free_memory(declared: int, limits: Limits, where: str) -> None:
    from hermetic.free_memory import free_memory_bytes  # few files are big and compressed

    free_bytes = free_memory_bytes()
    if free_bytes is not None:
        limits.check("free_memory_percent", -(-100 * declared // max(free_bytes, 1)), where=where)


def _compression_suffix(name: str) -> str:
    return "".join(suffix for suffix in SUFFIXES if name.endswith(suffix))
