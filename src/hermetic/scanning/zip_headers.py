"""The two headers that a ZIP archive has for each member, read as plain numbers."""

from __future__ import annotations

import struct
from typing import NamedTuple

__all__ = ["CentralRecord", "LocalHeader", "read_central_record", "read_local_header"]

_CENTRAL = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_UTF8 = 1 << 11
_ZIP64 = 1
_MAXIMUM_32 = 0xFFFFFFFF


class CentralRecord(NamedTuple):
    """What the central directory says of a member; `offset` is that of its local header, `end` of this record."""

    name: str
    flags: int
    method: int
    crc32: int
    length: int
    content_length: int
    offset: int
    end: int


class LocalHeader(NamedTuple):
    """What stands before the content of a member; `end` is where the content begins."""

    name: str
    flags: int
    method: int
    crc32: int
    length: int
    content_length: int
    end: int


def read_central_record(data: bytes, position: int, end: int) -> CentralRecord | None:
    """Read one record of a central directory.

    Parameters
    ----------
    data : bytes
        The archive.
    position, end : int
        Where the record begins, and where the directory ends.

    Returns
    -------
    CentralRecord or None
        None where there is no record, or not all of it.

    Examples
    --------
    >>> read_central_record(b"PK", 0, 2) is None
    True
    """
    if position + _CENTRAL.size > end or data[position : position + 4] != b"PK\x01\x02":
        return None
    fields = _CENTRAL.unpack_from(data, position)
    flags, method, crc32, length, content_length = fields[3], fields[4], *fields[7:10]
    name_length, extra_length, comment_length, offset = *fields[10:13], fields[16]
    name_end = position + _CENTRAL.size + name_length
    record_end = name_end + extra_length + comment_length
    if record_end > end:
        return None
    name = _decode(data[position + _CENTRAL.size : name_end], flags)
    extra = data[name_end : name_end + extra_length]
    content_length, length, offset = _with_zip64(extra, [content_length, length, offset])
    return CentralRecord(name, flags, method, crc32, length, content_length, offset, record_end)


def read_local_header(data: bytes, position: int) -> LocalHeader | None:
    """Read the header before the content of a member.

    Parameters
    ----------
    data : bytes
        The archive.
    position : int
        Where it begins.

    Returns
    -------
    LocalHeader or None
        None where there is no header, or not all of it.

    Examples
    --------
    >>> read_local_header(b"PK", 0) is None
    True
    """
    if not 0 <= position <= len(data) - _LOCAL.size or data[position : position + 4] != b"PK\x03\x04":
        return None
    fields = _LOCAL.unpack_from(data, position)
    flags, method, crc32, length, content_length, name_length, extra_length = fields[2], fields[3], *fields[6:11]
    name_end = position + _LOCAL.size + name_length
    if name_end + extra_length > len(data):
        return None
    name = _decode(data[position + _LOCAL.size : name_end], flags)
    extra = data[name_end : name_end + extra_length]
    content_length, length = _with_zip64(extra, [content_length, length])
    return LocalHeader(name, flags, method, crc32, length, content_length, name_end + extra_length)


def _decode(name: bytes, flags: int) -> str:
    return name.decode("utf-8", "backslashreplace") if flags & _UTF8 else name.decode("cp437")


def _with_zip64(extra: bytes, values: list[int]) -> list[int]:
    """Replace the numbers that have no room in 32 bits by those of the field for them."""
    position = 0
    while position + 4 <= len(extra):
        kind, size = struct.unpack_from("<2H", extra, position)
        field = extra[position + 4 : position + 4 + size]
        if kind == _ZIP64:
            for number, value in enumerate(values):
                if value == _MAXIMUM_32 and len(field) >= 8:
                    values[number] = int.from_bytes(field[:8], "little")
                    field = field[8:]
            break
        position += 4 + size
    return values
