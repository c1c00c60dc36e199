"""Write a container, in one of three ways that give the same bytes.

A small one is written in order, when the CRC-32s of its contents are known. To a file of our own that can seek, every
content is written once: its CRC-32 is computed on the way and put into the headers afterwards. To any other stream
everything is written in order, after a first pass for the CRC-32s.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from hermetic.errors import UsageError
from hermetic.formats.checksum import crc32
from hermetic.formats.manifest import (
    CONTAINER_VERSION,
    LENGTH_LIMIT,
    MIMETYPE,
    Manifest,
    ManifestMember,
    encode_manifest,
    find_member_problem,
    lay_out_container,
)
from hermetic.formats.zip_layout import ZipLayout

__all__ = ["KEPT_BYTES", "BytesMember", "OutgoingMember", "write_container_seekable", "write_container_stream"]

_LARGE_CHUNK_BYTES = 1 << 16
_STEP_BYTES = 1 << 19
_UNKNOWN_CRC32 = "00000000"

Chunk = bytes | bytearray | memoryview
KEPT_BYTES = 1 << 22
"""A container with less content is written in order, from the pieces that its members give at once."""


class OutgoingMember(Protocol):
    """One member to be written."""

    @property
    def name(self) -> str:
        """Its name in the ZIP, see `hermetic.formats.zip_layout.find_name_problem`."""

    @property
    def length(self) -> int:
        """Length of the stored bytes."""

    @property
    def content_length(self) -> int | None:
        """Length after decompression; None for members that are not compressed."""

    def chunks(self) -> Iterable[Chunk]:
        """Give the stored bytes in pieces, and again at each call.

        Of a member of `KEPT_BYTES` or more, a piece need not outlive the request for the next one.
        """


@dataclass(frozen=True, kw_only=True)
class BytesMember:
    """A member whose bytes are in memory: `data`, as they are stored.

    Examples
    --------
    >>> from hermetic.formats.container_writer import BytesMember
    >>> BytesMember(name="graph.json", data=b"{}").length
    2
    """

    name: str
    data: Chunk
    content_length: int | None = None

    @property
    def length(self) -> int:
        """Length of the stored bytes."""
        return memoryview(self.data).nbytes

    def chunks(self) -> Iterable[Chunk]:
        """Give all bytes in one piece."""
        return (self.data,)


def write_container_seekable(target: BinaryIO, members: Sequence[OutgoingMember], written_by: Mapping[str, str]) -> int:
    """Write a container to a file of our own: a large content is read and written once.

    Parameters
    ----------
    target : binary file object
        Seekable; the container begins at its position, and it is left behind the container.
    members : sequence of OutgoingMember
        In the order in which they shall stand.
    written_by : mapping of str to str
        Names and versions of programs, for the manifest.

    Returns
    -------
    int
        Length of the container in bytes.

    Raises
    ------
    UsageError
        When a name or length cannot be written, or a member gives another number of bytes than its length.

    Examples
    --------
    >>> import io
    >>> from hermetic.formats.container_writer import BytesMember, write_container_seekable
    >>> write_container_seekable(io.BytesIO(), [BytesMember(name="graph.json", data=b"{}")], {"hermetic": "0.1.0"})
    485
    """
    lengths = [member.length for member in members]
    if sum(lengths) < KEPT_BYTES:
        return _write_in_order(target, members, lengths, written_by)
    start = target.tell()
    checksums, _ = _write_members(target, members, [_UNKNOWN_CRC32] * len(members), written_by)
    encoded, layout = _lay_out(members, checksums, written_by)
    pieces = [(placed.header_offset, placed.header) for placed in layout.members]
    pieces += [(layout.members[1].offset, encoded), (layout.directory_offset, b"".join(layout.directory) + layout.end)]
    for offset, piece in pieces:
        target.seek(start + offset)
        _write_all(target, piece)
    return layout.length_bytes


def write_container_stream(target: BinaryIO, members: Sequence[OutgoingMember], written_by: Mapping[str, str]) -> int:
    """Write a container strictly in order to any stream: a file, a pipe, a socket.

    Parameters
    ----------
    target : binary file object
        Needs only ``write``; short writes are continued.
    members, written_by
        As in `write_container_seekable`; the chunks of a large member are asked for twice.

    Returns
    -------
    int
        Length of the container in bytes.

    Raises
    ------
    UsageError
        As `write_container_seekable`; when a member gives other bytes the second time, or the target is non-blocking.

    Examples
    --------
    >>> import io
    >>> from hermetic.formats.container_writer import BytesMember, write_container_stream
    >>> write_container_stream(io.BytesIO(), [BytesMember(name="graph.json", data=b"{}")], {"hermetic": "0.1.0"})
    485
    """
    lengths = [member.length for member in members]
    if sum(lengths) < KEPT_BYTES:
        return _write_in_order(target, members, lengths, written_by)
    checksums = [_write_content(_Nowhere(), member) for member in members]
    found, layout = _write_members(target, members, checksums, written_by)
    for member, one, other in zip(members, checksums, found, strict=True):
        if one != other:
            raise UsageError(f"member {member.name!r} changed while it was written; what was written is no model")
    _write_all(target, b"".join(layout.directory) + layout.end)
    return layout.length_bytes


def _write_in_order(
    target: BinaryIO, members: Sequence[OutgoingMember], lengths: Sequence[int], written_by: Mapping[str, str]
) -> int:
    """Write a container whose contents are so few that reading them a second time costs less than seeking."""
    contents: list[Sequence[Chunk]] = [(MIMETYPE,), ()]
    listed = []
    for member, length in zip(members, lengths, strict=True):
        pieces = list(_gather(member.chunks()))
        value = 0
        for piece in pieces:
            value = crc32(piece, value)
        contents.append(pieces)
        listed.append(_list_member(member, length, _checked(member, sum(map(len, pieces)), length, value)))
    encoded, layout = _lay_out_listed(listed, written_by)
    contents[1] = (encoded,)
    whole: list[Chunk] = []
    for placed, pieces_of_member in zip(layout.members, contents, strict=True):
        whole += placed.header, *pieces_of_member
    for piece in _gather([*whole, *layout.directory, layout.end]):
        _write_all(target, piece)
    return layout.length_bytes


def _write_members(
    target: BinaryIO, members: Sequence[OutgoingMember], checksums: Sequence[str], written_by: Mapping[str, str]
) -> tuple[list[str], ZipLayout]:
    """Write all but the directory, with the given CRC-32s; give those that the contents have."""
    encoded, layout = _lay_out(members, checksums, written_by)
    mimetype, manifest, *others = layout.members
    _write_all(target, mimetype.header + MIMETYPE + manifest.header + encoded)
    found = []
    for member, placed in zip(members, others, strict=True):
        _write_all(target, placed.header)
        found.append(_write_content(target, member))
    return found, layout


def _lay_out(
    members: Sequence[OutgoingMember], checksums: Sequence[str], written_by: Mapping[str, str]
) -> tuple[bytes, ZipLayout]:
    pairs = zip(members, checksums, strict=True)
    return _lay_out_listed([_list_member(member, member.length, checksum) for member, checksum in pairs], written_by)


def _list_member(member: OutgoingMember, length: int, checksum: str) -> ManifestMember:
    name, content_length = member.name, member.content_length
    if not 0 <= length < LENGTH_LIMIT or not 0 <= (content_length or 0) < LENGTH_LIMIT:
        raise UsageError(f"member {name!r} cannot be {length} bytes long, or {content_length} decompressed")
    return ManifestMember(name=name, length=length, crc32=checksum, content_length=content_length)


def _lay_out_listed(listed: list[ManifestMember], written_by: Mapping[str, str]) -> tuple[bytes, ZipLayout]:
    if problem := find_member_problem(listed):
        raise UsageError(problem)
    try:
        "".join([*written_by, *written_by.values()]).encode()
    except (TypeError, UnicodeEncodeError) as error:
        raise UsageError(f"written_by must map names to versions, both text: {error}") from error
    versions = dict(written_by)
    manifest = Manifest(format="hermetic", container_version=CONTAINER_VERSION, written_by=versions, members=listed)
    encoded = encode_manifest(manifest)
    return encoded, lay_out_container(manifest, encoded)


class _Nowhere:
    """Takes what is only to be checked."""

    def write(self, data: Chunk) -> int:
        return len(data)


def _write_content(target: BinaryIO | _Nowhere, member: OutgoingMember) -> str:
    value = n_bytes = 0
    for chunk in _gather(member.chunks()):
        n_bytes += len(chunk)
        # Step by step: what the checksum has brought into the processor's cache is written from there.
        for start in range(0, len(chunk), _STEP_BYTES):
            step = chunk if len(chunk) <= _STEP_BYTES else chunk[start : start + _STEP_BYTES]
            value = crc32(step, value)
            _write_all(target, step)
    return _checked(member, n_bytes, member.length, value)


def _checked(member: OutgoingMember, n_bytes: int, length: int, value: int) -> str:
    if n_bytes != length:
        raise UsageError(f"member {member.name!r} gave {n_bytes} bytes, but its length is {length}")
    return f"{value:08x}"


def _gather(chunks: Iterable[Chunk]) -> Iterator[Chunk]:
    """Join small chunks, pass large ones on: thousands of small arrays cost few calls, a big one no copy."""
    waiting = bytearray()
    for chunk in chunks:
        view = memoryview(chunk)
        is_large = view.nbytes >= _LARGE_CHUNK_BYTES
        if not is_large:
            waiting += view
        if waiting and (is_large or len(waiting) >= _LARGE_CHUNK_BYTES):
            yield waiting
            waiting = bytearray()
        if is_large:
            yield view.cast("B")
    if waiting:
        yield waiting


def _write_all(target: BinaryIO | _Nowhere, data: Chunk) -> None:
    """Write all of `data`: raw files and sockets may take only a part at a time."""
    try:
        n_written = target.write(data)
        while _took_a_part(target, n_written, len(data)):
            data = memoryview(data)[n_written:]
            n_written = target.write(data)
    except TypeError as error:
        if isinstance(target, io.TextIOBase):
            raise UsageError("the file is open in text mode; open it with mode 'wb'") from error
        raise


def _took_a_part(target: object, n_written: int | None, length: int) -> bool:
    if n_written is None:
        if isinstance(target, io.RawIOBase):
            raise UsageError("the target is non-blocking and cannot take bytes now; make it blocking")
        return False  # home-made files often forget to give the number; pickle accepts them too
    if not 0 <= n_written <= length or (length and not n_written):
        raise UsageError(f"the target said that it wrote {n_written} of {length} bytes")
    return n_written < length
