"""Where every byte of a strict ZIP stands that is not content: headers, directory, end records.

These functions only *render*. The reader parses no ZIP structure: it renders what the manifest demands and compares
bytes, so that nothing which another ZIP tool would read differently can pass. All rules follow APPNOTE.TXT 6.3.10:
stored members, flags 0, one date, no data descriptor, no comment, ZIP64 exactly where a field would overflow.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

from hermetic.structs import msgspec

__all__ = ["PlacedMember", "ZipLayout", "ZipMember", "find_name_problem", "lay_out_zip", "render_member"]

_LOCAL = struct.Struct("<4s10s3L2H")
_CENTRAL = struct.Struct("<6s10s3L5H2L")
_END = struct.Struct("<4s4H2LH")
_END_ZIP64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR_ZIP64 = struct.Struct("<4sLQL")
_EXTRA_HEADER = struct.Struct("<2H")

_MAXIMUM_16 = 0xFFFF
_MAXIMUM_32 = 0xFFFFFFFF
_MADE_BY = 3 << 8 | 45  # Unix, so that the permissions below count; 4.5 is the version that knows ZIP64
_NEEDS_45 = 45
# Version needed, no flags, stored, midnight, the first of January 1980.
_STORED_20 = struct.pack("<5H", 20, 0, 0, 0, 1 << 5 | 1)
_STORED_45 = struct.pack("<5H", _NEEDS_45, 0, 0, 0, 1 << 5 | 1)
_LOCAL_SIGNATURE = b"PK\x03\x04"
_CENTRAL_SIGNATURE = b"PK\x01\x02" + struct.pack("<H", _MADE_BY)
_LOCATOR_SIGNATURE = b"PK\x06\x07"
# A regular file, rw-r--r--: with 0 in its place unzip and libarchive would extract files nobody may read.
_ATTRIBUTES = 0o100644 << 16
_ZIP64_ID = 0x0001
_PADDING_ID = 0x4D48  # "HM"; registered to nobody, skipped by every reader

_NAME_CHARACTERS = b"abcdefghijklmnopqrstuvwxyz0123456789_./-"
_NAME_LENGTH = 255


class ZipMember(msgspec.Struct, frozen=True, kw_only=True):
    """One member as the manifest describes it.

    Attributes
    ----------
    name : str
        See `find_name_problem`.
    length : int
        Length of the stored bytes.
    crc32 : int
        Their CRC-32.
    alignment : int
        The first byte of the content stands at a multiple of this, counted from the first byte of the container.
    """

    name: str
    length: int
    crc32: int
    alignment: int = 1


class PlacedMember(msgspec.Struct, frozen=True, kw_only=True):
    """One member and its place.

    Attributes
    ----------
    member : ZipMember
        What stands there.
    header_offset : int
        Where its local header begins, in bytes.
    header : bytes
        The local header with name and extra fields.
    offset : int
        Where its content begins, in bytes.
    """

    member: ZipMember
    header_offset: int
    header: bytes
    offset: int


class ZipLayout(msgspec.Struct, frozen=True, kw_only=True):
    """Everything of a ZIP but the contents.

    Attributes
    ----------
    members : tuple of PlacedMember
        In file order, without gaps.
    directory_offset : int
        Where the central directory begins, in bytes.
    directory : tuple of bytes
        One record for each member.
    end : bytes
        The end records that follow the directory.
    length_bytes : int
        Length of the whole ZIP.
    """

    members: tuple[PlacedMember, ...]
    directory_offset: int
    directory: tuple[bytes, ...]
    end: bytes
    length_bytes: int


def find_name_problem(names: Sequence[str]) -> str:
    """Say which name cannot stand in a container, and why; empty text when all can.

    A name that passes means the same file to every ZIP tool on every file system.

    Parameters
    ----------
    names : sequence of str
        The names of all members.

    Returns
    -------
    str
        A sentence about the first problem, or ``""``.

    Examples
    --------
    >>> from hermetic.formats.zip_layout import find_name_problem
    >>> find_name_problem(["graph.json", "pools/f8.npy"])
    ''
    >>> find_name_problem(["../graph.json"])
    "the name '../graph.json' has an empty segment or one that ends with a dot"
    """
    # Joined, few names are checked at once: that text has a wrong character or segment exactly where one of them has.
    if _find_text_problem("/".join(names)):
        for name in names:
            if problem := _find_text_problem(name):
                return problem
    known, folders = set[str](), set[str]()
    for name in names:
        if name in known:
            return f"the name {name!r} stands twice"
        known.add(name)
        folder = name.rpartition("/")[0]
        while folder and folder not in folders:
            folders.add(folder)
            folder = folder.rpartition("/")[0]
    if known.isdisjoint(folders):
        return ""
    return f"the name {min(known & folders)!r} is also the folder of another member"


def _find_text_problem(name: str) -> str:
    if not 0 < len(name) <= _NAME_LENGTH or name.encode("ascii", "replace").translate(None, _NAME_CHARACTERS):
        return f"the name {name[:80]!r} is not 1 to {_NAME_LENGTH} characters of a-z 0-9 _ . / -"
    # Windows drops dots at the end of a segment, which also covers "." and "..".
    framed = f"/{name}/"
    if "//" in framed or "./" in framed:
        return f"the name {name!r} has an empty segment or one that ends with a dot"
    return ""


def lay_out_zip(members: Sequence[ZipMember]) -> ZipLayout:
    """Place `members` one after the other and render all that stands around them.

    Parameters
    ----------
    members : sequence of ZipMember
        In file order; the names have no problem and the sum of the lengths is below 2**62.

    Returns
    -------
    ZipLayout
        A pure function of `members`.

    Examples
    --------
    >>> from hermetic.formats.zip_layout import ZipMember, lay_out_zip
    >>> aligned = ZipMember(name="b", length=5, crc32=0, alignment=64)
    >>> layout = lay_out_zip([ZipMember(name="a", length=0, crc32=0), aligned])
    >>> [placed.offset for placed in layout.members], layout.length_bytes
    ([31, 128], 249)
    """
    placed: list[PlacedMember] = []
    directory: list[bytes] = []
    offset = 0
    for member in members:
        header, record = render_member(member, offset)
        placed.append(PlacedMember(member=member, header_offset=offset, header=header, offset=offset + len(header)))
        directory.append(record)
        offset += len(header) + member.length
    directory_length = sum(map(len, directory))
    end = _render_end(len(placed), directory_length, offset, directory[-1][-_LOCATOR_ZIP64.size :] if placed else b"")
    length = offset + directory_length + len(end)
    return ZipLayout(
        members=tuple(placed), directory_offset=offset, directory=tuple(directory), end=end, length_bytes=length
    )


def render_member(member: ZipMember, offset: int) -> tuple[bytes, bytes]:
    """Render the local header of `member` that begins at `offset`, and its directory record.

    Examples
    --------
    >>> from hermetic.formats.zip_layout import ZipMember, render_member
    >>> header, record = render_member(ZipMember(name="a", length=0, crc32=0, alignment=64), 0)
    >>> len(header), len(record)
    (64, 47)
    """
    name, length = member.name.encode("ascii"), member.length
    stored, short, short_offset, local, central = _STORED_20, length, offset, b"", b""
    if length >= _MAXIMUM_32 or offset >= _MAXIMUM_32:
        # One version for both, though only the directory has the offset.
        stored, short, short_offset = _STORED_45, min(length, _MAXIMUM_32), min(offset, _MAXIMUM_32)
        local, central = _render_zip64(length, length), _render_zip64(length, length, offset)
    missing = -(offset + _LOCAL.size + len(name) + len(local)) % member.alignment
    if missing:
        while missing < _EXTRA_HEADER.size:
            missing += member.alignment
        local += _EXTRA_HEADER.pack(_PADDING_ID, missing - _EXTRA_HEADER.size) + bytes(missing - _EXTRA_HEADER.size)
    crc32, n = member.crc32, len(name)
    header = _LOCAL.pack(_LOCAL_SIGNATURE, stored, crc32, short, short, n, len(local))
    # No comment, first disk, no internal attributes.
    record = _CENTRAL.pack(
        _CENTRAL_SIGNATURE, stored, crc32, short, short, n, len(central), 0, 0, 0, _ATTRIBUTES, short_offset
    )
    return header + name + local, record + name + central


def _render_zip64(*values: int) -> bytes:
    """Render the field for those `values` that do not fit into 32 bits: nothing where all do."""
    large = [value for value in values if value >= _MAXIMUM_32]
    return _EXTRA_HEADER.pack(_ZIP64_ID, 8 * len(large)) + struct.pack(f"<{len(large)}Q", *large) if large else b""


def _render_end(count: int, length: int, offset: int, last_bytes: bytes) -> bytes:
    """Render the end records of a directory of `count` records that is `length` bytes long and begins at `offset`.

    Readers look for a ZIP64 locator in the 20 bytes before the end record, wanted or not. Where the last directory
    record ends with its signature by chance, real ZIP64 records take that place, so that all readers agree.
    """
    looks_like_locator = last_bytes.startswith(_LOCATOR_SIGNATURE)
    short_offset = _MAXIMUM_32 if looks_like_locator or offset > _MAXIMUM_32 else offset
    short_count, short_length = min(count, _MAXIMUM_16), min(length, _MAXIMUM_32)
    end = _END.pack(b"PK\x05\x06", 0, 0, short_count, short_count, short_length, short_offset, 0)
    if short_count < _MAXIMUM_16 and short_length < _MAXIMUM_32 and short_offset < _MAXIMUM_32:
        return end
    rest = _END_ZIP64.size - 12  # the record does not count its signature and this very field
    end_zip64 = _END_ZIP64.pack(b"PK\x06\x06", rest, _MADE_BY, _NEEDS_45, 0, 0, count, count, length, offset)
    return end_zip64 + _LOCATOR_ZIP64.pack(_LOCATOR_SIGNATURE, 0, offset + length, 1) + end
