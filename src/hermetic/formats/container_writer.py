"""Write a container, in one of two ways that give the same bytes.

To a file of our own that can seek, every content is written once: its CRC-32 is computed on the way and put into the
headers afterwards. To any other stream everything is written in order, after a first pass for the CRC-32s.
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

__all__ = ["BytesMember", "OutgoingMember", "write_container_seekable", "write_container_stream"]

_N_HEAD_MEMBERS = 2
_LARGE_CHUNK_BYTES = 1 << 16
_SMALL_CONTAINER_BYTES = 1 << 20  # below this a second pass over the contents costs less than seeking
_UNKNOWN_CRC32 = "00000000"

Chunk = bytes | bytearray | memoryview


class OutgoingMember(Protocol):
    """One member to be written.

    Attributes
    ----------
    name : str
        See `hermetic.formats.zip_layout.find_name_problem`.
    length : int
        Length of the stored bytes.
    content_length : int or None
        Length after decompression; None for members that are not compressed.
    """

    @property
    def name(self) -> str:
        """Its name in the ZIP."""

    @property
    def length(self) -> int:
        """Length of the stored bytes."""

    @property
    def content_length(self) -> int | None:
        """Length after decompression, if it is compressed."""

    def chunks(self) -> Iterable[Chunk]:
        """Give the stored bytes in pieces; may be called again, and gives the same bytes again."""


@dataclass(frozen=True, kw_only=True)
class BytesMember:
    """A member whose bytes are in memory.

    Attributes
    ----------
    name : str
        Its name in the ZIP.
    data : bytes-like
        The stored bytes.
    content_length : int or None
        Length after decompression; None for members that are not compressed.

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
    OSError
        When the target cannot take the bytes.

    Examples
    --------
    >>> import io
    >>> from hermetic.formats.container_writer import BytesMember, write_container_seekable
    >>> target = io.BytesIO()
    >>> write_container_seekable(target, [BytesMember(name="graph.json", data=b"{}")], {"hermetic": "0.1.0"})
    485
    >>> target.getvalue()[30:68]
    b'mimetypeapplication/vnd.hermetic.model'
    """
    if sum(member.length for member in members) < _SMALL_CONTAINER_BYTES:
        return write_container_stream(target, members, written_by)
    start = target.tell()
    encoded, layout = _lay_out(members, [_UNKNOWN_CRC32] * len(members), written_by)
    _write_head(target, encoded, layout)
    checksums = []
    for member, placed in zip(members, layout.members[_N_HEAD_MEMBERS:], strict=True):
        _write_all(target, placed.header)
        checksums.append(_write_content(target, member))
    encoded, layout = _lay_out(members, checksums, written_by)
    target.seek(start)
    _write_head(target, encoded, layout)
    for placed in layout.members[_N_HEAD_MEMBERS:]:
        target.seek(start + placed.header_offset)
        _write_all(target, placed.header)
    target.seek(start + layout.directory_offset)
    _write_directory(target, layout)
    return layout.length_bytes


def write_container_stream(target: BinaryIO, members: Sequence[OutgoingMember], written_by: Mapping[str, str]) -> int:
    """Write a container strictly in order to any stream: a file, a pipe, a socket.

    Parameters
    ----------
    target : binary file object
        Needs only ``write``; short writes are continued.
    members : sequence of OutgoingMember
        In the order in which they shall stand; their chunks are asked for twice.
    written_by : mapping of str to str
        Names and versions of programs, for the manifest.

    Returns
    -------
    int
        Length of the container in bytes.

    Raises
    ------
    UsageError
        When a name or length cannot be written, a member gives other bytes the second time, or the target takes text
        or is non-blocking.
    OSError
        When the target cannot take the bytes.

    Examples
    --------
    >>> import io
    >>> from hermetic.formats.container_writer import BytesMember, write_container_stream
    >>> write_container_stream(io.BytesIO(), [BytesMember(name="graph.json", data=b"{}")], {"hermetic": "0.1.0"})
    485
    """
    checksums = [_check_content(member) for member in members]
    encoded, layout = _lay_out(members, checksums, written_by)
    _write_head(target, encoded, layout)
    for member, placed, checksum in zip(members, layout.members[_N_HEAD_MEMBERS:], checksums, strict=True):
        _write_all(target, placed.header)
        if _write_content(target, member) != checksum:
            raise UsageError(f"member {member.name!r} changed while it was written; what was written is no model")
    _write_directory(target, layout)
    return layout.length_bytes


def _lay_out(
    members: Sequence[OutgoingMember], checksums: Sequence[str], written_by: Mapping[str, str]
) -> tuple[bytes, ZipLayout]:
    listed = [
        ManifestMember(name=member.name, length=member.length, crc32=checksum, content_length=member.content_length)
        for member, checksum in zip(members, checksums, strict=True)
    ]
    problem = find_member_problem(listed) or _find_length_problem(listed) or _find_version_problem(written_by)
    if problem:
        raise UsageError(problem)
    manifest = Manifest(
        format="hermetic", container_version=CONTAINER_VERSION, written_by=dict(written_by), members=listed
    )
    encoded = encode_manifest(manifest)
    return encoded, lay_out_container(manifest, encoded)


def _find_length_problem(members: Sequence[ManifestMember]) -> str:
    for member in members:
        for length in (member.length, member.content_length or 0):
            if not 0 <= length < LENGTH_LIMIT:
                return f"member {member.name!r} cannot be {length} bytes long"
    return ""


def _find_version_problem(written_by: Mapping[str, str]) -> str:
    try:
        for name, version in written_by.items():
            name.encode(), version.encode()
    except (AttributeError, UnicodeEncodeError) as error:
        return f"written_by must map names to versions, both text: {error}"
    return ""


def _write_head(target: BinaryIO, encoded: bytes, layout: ZipLayout) -> None:
    mimetype, manifest = layout.members[:_N_HEAD_MEMBERS]
    _write_all(target, mimetype.header + MIMETYPE + manifest.header + encoded)


def _write_directory(target: BinaryIO, layout: ZipLayout) -> None:
    _write_all(target, b"".join(layout.directory) + layout.end)


def _check_content(member: OutgoingMember) -> str:
    value = n_bytes = 0
    for chunk in _gather(member.chunks()):
        value, n_bytes = crc32(chunk, value), n_bytes + len(chunk)
    _check_length(member, n_bytes)
    return f"{value:08x}"


def _write_content(target: BinaryIO, member: OutgoingMember) -> str:
    value = n_bytes = 0
    for chunk in _gather(member.chunks()):
        value, n_bytes = crc32(chunk, value), n_bytes + len(chunk)
        _write_all(target, chunk)
    _check_length(member, n_bytes)
    return f"{value:08x}"


def _check_length(member: OutgoingMember, n_bytes: int) -> None:
    if n_bytes != member.length:
        raise UsageError(f"member {member.name!r} gave {n_bytes} bytes, but its length is {member.length}")


def _gather(chunks: Iterable[Chunk]) -> Iterator[Chunk]:
    """Join small chunks, pass large ones on: thousands of small arrays cost few calls, a big one no copy."""
    waiting = bytearray()
    for chunk in chunks:
        view = memoryview(chunk)
        if not view.nbytes:
            continue
        view = view if view.format == "B" and view.ndim == 1 else view.cast("B")
        if view.nbytes < _LARGE_CHUNK_BYTES:
            waiting += view
        if waiting and (view.nbytes >= _LARGE_CHUNK_BYTES or len(waiting) >= _LARGE_CHUNK_BYTES):
            yield waiting
            waiting = bytearray()
        if view.nbytes >= _LARGE_CHUNK_BYTES:
            yield view
    if waiting:
        yield waiting


def _write_all(target: BinaryIO, data: Chunk) -> None:
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


def _took_a_part(target: BinaryIO, n_written: int | None, length: int) -> bool:
    if n_written is None:
        if isinstance(target, io.RawIOBase):
            raise UsageError("the target is non-blocking and cannot take bytes now; make it blocking")
        return False  # home-made files often forget to give the number; pickle accepts them too
    if not 0 <= n_written <= length or (length and not n_written):
        raise UsageError(f"the target said that it wrote {n_written} of {length} bytes")
    return n_written < length
