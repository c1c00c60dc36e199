"""A ZIP that somebody else has written, read only where every ZIP tool reads the same: skops files, and npz in them.

Members follow each other from the first byte without gaps, in the order of the directory, which ends the file; local
headers say what the directory says. That is what Python's `zipfile` writes to memory, as skops and numpy use it. Data
descriptors, encryption, comments, other disks, extra fields (but ZIP64), names that leave the folder or stand twice
are refused. All lengths are added up before anything is inflated.

Source: APPNOTE.TXT 6.3.10; ``zipfile.py`` of CPython (``ZipFile._write_end_record``, ``ZipInfo.FileHeader``).
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable

from hermetic.errors import FormatError, LimitExceeded
from hermetic.formats.checksum import crc32
from hermetic.formats.compression import decompress_member
from hermetic.free_memory import free_memory_bytes
from hermetic.limits import Limits
from hermetic.structs import msgspec

__all__ = ["Archive", "Expansion", "ZipEntry", "open_archive", "read_directory"]

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_END_ZIP64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR_ZIP64 = struct.Struct("<4sLQL")
_MAXIMUM_16 = 0xFFFF
_MAXIMUM_32 = 0xFFFFFFFF
_FLAGS = 0x0806  # UTF-8 names, and two hints about how well it was compressed
_UTF8 = 0x0800
_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*")
_NAME_BYTES = 255
_FEW_BYTES = 64 << 20
_LZMA_MEMORY_BYTES = 128 << 20
_NEXT_STEP = "The file is damaged or hostile. Ask its producer for a fresh copy and compare digests."


class ZipEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One member as the directory describes it.

    Attributes
    ----------
    name : str
        ASCII, segments of letters, digits and ``_ . -``.
    flags, method : int
        As in the headers; 0 is stored, 8 deflated, 12 bzip2, 14 LZMA.
    crc32 : int
        Of the content, decompressed.
    stored_bytes, length : int
        Length in the file, and decompressed.
    offset : int
        Where its local header begins.
    """

    name: str
    flags: int
    method: int
    crc32: int
    stored_bytes: int
    length: int
    offset: int


class Expansion:
    """What all compressed members of a file, and of the archives in it, may grow to together.

    Parameters
    ----------
    limits : Limits
        ``expanded_bytes``, ``expansion`` and ``free_memory_percent`` count.
    file_bytes : int
        Length of the whole file.
    """

    def __init__(self, limits: Limits, file_bytes: int) -> None:
        self._limits = limits
        self._allowed = max(limits.expanded_bytes, limits.expansion * file_bytes)
        self.declared = 0

    def declare(self, length: int, where: str) -> None:
        """Count what members declare to grow to, or raise `LimitExceeded` before they do."""
        if not length:
            return
        self.declared += length
        if self.declared > self._allowed:
            raise LimitExceeded("expanded_bytes", allowed=self._allowed, asked=self.declared, where=where)
        if self.declared > _FEW_BYTES and (free_bytes := free_memory_bytes()) is not None:
            percent = -(-100 * self.declared // max(free_bytes, 1))
            self._limits.check("free_memory_percent", percent, where=where)


class Archive:
    """An open ZIP whose structure is checked; made by `open_archive`.

    Parameters
    ----------
    data : memoryview
        All of it.
    where : str
        The file, for messages.
    entries : list of ZipEntry
        In file order.
    starts : list of int
        Where the content of each begins.
    """

    def __init__(self, data: memoryview, where: str, entries: list[ZipEntry], starts: list[int]) -> None:
        self._data = data
        self._where = where
        self._starts = {entry.name: start for entry, start in zip(entries, starts, strict=True)}
        self.entries = {entry.name: entry for entry in entries}

    def place(self, name: str) -> str:
        """Say where a member stands, for messages."""
        return f"{self._where}, member {name!r}"

    def find(self, name: str) -> ZipEntry:
        """Give the entry called `name`, or raise `FormatError`."""
        entry = self.entries.get(name)
        if entry is None:
            raise FormatError(f"there is no member {name[:100]!r}", where=self._where, next_step=_NEXT_STEP)
        return entry

    def peek(self, name: str, length: int) -> bytes | None:
        """Give the beginning of a member, unchecked; None where that would cost more than it is worth."""
        entry = self.find(name)
        start = self._starts[name]
        stored = self._data[start : start + entry.stored_bytes]
        if entry.method != 8:
            return None if entry.method else bytes(stored[:length])
        try:
            return zlib.decompressobj(-zlib.MAX_WBITS).decompress(stored, length)
        except zlib.error:
            return b""

    def read(self, name: str) -> memoryview:
        """Give the content of a member, decompressed, or raise `FormatError`: its CRC-32 is checked.

        What was stored is shown where it lies in the caller's memory.
        """
        entry = self.find(name)
        start = self._starts[name]
        stored = self._data[start : start + entry.stored_bytes]
        if entry.method:
            try:
                content = memoryview(_METHODS[entry.method](stored, entry.length))
            except FormatError as error:
                raise FormatError(error.found, where=self.place(name), next_step=_NEXT_STEP) from error
        else:
            content = stored
        if len(content) != entry.length or crc32(content) != entry.crc32:
            found = f"{len(content)} bytes with CRC-32 {crc32(content):08x}"
            expected = f"{entry.length} bytes with CRC-32 {entry.crc32:08x}"
            raise FormatError(f"found {found}, expected {expected}", where=self.place(name), next_step=_NEXT_STEP)
        return content


def open_archive(data: memoryview, expansion: Expansion, limits: Limits, where: str) -> Archive:
    """Check the structure of a ZIP; contents are checked when they are read.

    Parameters
    ----------
    data : memoryview
        The whole ZIP, and nothing else.
    expansion : Expansion
        What its compressed members declare is added here.
    limits : Limits
        ``nodes`` counts its members: skops writes one for each number of numpy.
    where : str
        The file, for messages.

    Returns
    -------
    Archive
        To be read.

    Raises
    ------
    FormatError
        When anything could be read in two ways, or is damaged.
    LimitExceeded
        When its members declare too much.

    Examples
    --------
    >>> import io, zipfile
    >>> from hermetic.formats.skops_zip import Expansion, open_archive
    >>> from hermetic.limits import DEFAULT_LIMITS
    >>> file = io.BytesIO()
    >>> with zipfile.ZipFile(file, "w") as writer:
    ...     writer.writestr("a.bin", b"content")
    >>> data = memoryview(file.getvalue())
    >>> bytes(open_archive(data, Expansion(DEFAULT_LIMITS, len(data)), DEFAULT_LIMITS, "").read("a.bin"))
    b'content'
    """
    try:
        entries, end = _read_directory(data, limits)
        starts = _check_local_headers(data, entries, end)
    except FormatError as error:
        raise FormatError(error.found, where=where, next_step=_NEXT_STEP) from error
    except LimitExceeded as error:
        raise LimitExceeded(error.limit, allowed=error.allowed, asked=error.asked, where=where) from error
    expansion.declare(sum(entry.length for entry in entries if entry.method), where)
    return Archive(data, where, entries, starts)


def read_directory(data: memoryview, limits: Limits) -> list[ZipEntry]:
    """Read the directory alone, to see what an archive may be.

    Parameters
    ----------
    data : memoryview
        The whole ZIP.
    limits : Limits
        ``nodes`` counts its members.

    Returns
    -------
    list of ZipEntry
        In the order of the directory.

    Raises
    ------
    FormatError, LimitExceeded
        When it is no directory, or too long a one.
    """
    return _read_directory(data, limits)[0]


def _read_directory(data: memoryview, limits: Limits) -> tuple[list[ZipEntry], int]:
    """Give the entries, and where the directory begins."""
    count, length, start = _read_end(data)
    limits.check("nodes", count)
    end = start + length
    if count * _CENTRAL.size > length:
        raise FormatError(f"the directory of {length} bytes cannot hold {count} members")
    entries, names, position = [], set[str](), start
    for _ in range(count):
        entry, position = _read_record(data, position, end)
        if entry.name in names:
            raise FormatError(f"the member {entry.name!r} stands twice")
        names.add(entry.name)
        entries.append(entry)
    if position != end:
        raise FormatError(f"the directory has {end - position} bytes more than its {count} members need")
    return entries, start


def _read_end(data: memoryview) -> tuple[int, int, int]:
    """Give the number of members, the length of the directory and where it begins."""
    end = len(data) - _END.size
    if end < 0 or bytes(data[end : end + 4]) != b"PK\x05\x06":
        raise FormatError("the file does not end with the end record of a ZIP: it was cut off, or something follows")
    _, disk, first_disk, here, count, length, start, comment = _END.unpack_from(data, end)
    if disk or first_disk or here != count or comment:
        raise FormatError("the ZIP spans several disks, or has a comment")
    locator = end - _LOCATOR_ZIP64.size
    if locator >= _END_ZIP64.size and bytes(data[locator : locator + 4]) == b"PK\x06\x07":
        short = (count, length, start)
        end = locator - _END_ZIP64.size
        if _LOCATOR_ZIP64.unpack_from(data, locator)[1:] != (0, end, 1) or bytes(data[end : end + 4]) != b"PK\x06\x06":
            raise FormatError("the ZIP64 end record does not stand where its locator says")
        _, size, _, _, disk, first_disk, here, count, length, start = _END_ZIP64.unpack_from(data, end)
        maxima = (_MAXIMUM_16, _MAXIMUM_32, _MAXIMUM_32)
        if size != _END_ZIP64.size - 12 or disk or first_disk or here != count:
            raise FormatError("the ZIP64 end record is not one of a single file")
        if any(low != min(high, most) for low, high, most in zip(short, (count, length, start), maxima, strict=True)):
            raise FormatError("the two end records of the ZIP contradict each other")
    if start + length != end:
        raise FormatError(f"the directory must end at byte {end}, but it ends at {start + length}")
    return count, length, start


def _read_record(data: memoryview, position: int, end: int) -> tuple[ZipEntry, int]:
    if position + _CENTRAL.size > end:
        raise FormatError(f"the directory ends within the record at byte {position}")
    fields = _CENTRAL.unpack_from(data, position)
    signature, _, _, flags, method, _, _, checksum, stored_bytes, length, n_name, n_extra, n_comment, disk = fields[:14]
    name_at = position + _CENTRAL.size
    after = name_at + n_name + n_extra
    if signature != b"PK\x01\x02" or n_comment or disk or after > end:
        raise FormatError(f"no plain directory record stands at byte {position}")
    name = _check_name(bytes(data[name_at : name_at + n_name]), flags)
    if flags & ~_FLAGS or method not in (0, *_METHODS):
        raise FormatError(
            f"the member {name!r} has flags {flags:#x} and method {method}; "
            "expected neither encryption nor a data descriptor, and stored, deflated, bzip2 or LZMA"
        )
    extra = bytes(data[name_at + n_name : after])
    length, stored_bytes, offset = _widen((length, stored_bytes, fields[16]), extra, name)
    if method == 0 and stored_bytes != length:
        raise FormatError(f"the member {name!r} is stored, but declares {length} bytes for {stored_bytes}")
    entry = ZipEntry(
        name=name,
        flags=flags,
        method=method,
        crc32=checksum,
        stored_bytes=stored_bytes,
        length=length,
        offset=offset,
    )
    return entry, after


def _check_name(encoded: bytes, flags: int) -> str:
    try:
        name = encoded.decode("utf-8" if flags & _UTF8 else "ascii")
    except UnicodeDecodeError:
        raise FormatError(f"not the name of a member: {encoded[:100]!r}") from None
    if len(encoded) > _NAME_BYTES or not _NAME.fullmatch(name):
        raise FormatError(f"not the name of a member: {name[:100]!r} (expected letters, digits and _ . - in segments)")
    return name


def _widen(fields: tuple[int, ...], extra: bytes, name: str) -> tuple[int, ...]:
    """Replace what does not fit into 32 bits by its value in the ZIP64 field, the only one that may stand there."""
    n_wide = sum(value == _MAXIMUM_32 for value in fields)
    if not n_wide and not extra:
        return fields
    if len(extra) != 4 + 8 * n_wide or struct.unpack_from("<2H", extra) != (1, 8 * n_wide) or not n_wide:
        raise FormatError(f"the headers of the member {name!r} have extra fields, or lack the one of ZIP64")
    wide = iter(struct.unpack_from(f"<{n_wide}Q", extra, 4))
    return tuple(next(wide) if value == _MAXIMUM_32 else value for value in fields)


def _check_local_headers(data: memoryview, entries: list[ZipEntry], end: int) -> list[int]:
    """Give the start of each content; refuse gaps, overlaps and headers that contradict the directory."""
    starts, position = [], 0
    for entry in entries:
        start = position + _LOCAL.size
        if entry.offset != position or start > end:
            raise FormatError(f"the member {entry.name!r} must begin at byte {position}, not {entry.offset}")
        fields = _LOCAL.unpack_from(data, position)
        signature, _, flags, method, _, _, checksum, stored_bytes, length, n_name, n_extra = fields
        extra = bytes(data[start + n_name : start + n_name + n_extra])
        name = bytes(data[start : start + n_name])
        length, stored_bytes = _widen((length, stored_bytes), extra, entry.name)
        found = (signature, flags, method, checksum, stored_bytes, length, name)
        expected = (b"PK\x03\x04", entry.flags, entry.method, entry.crc32, entry.stored_bytes, entry.length)
        if found != (*expected, entry.name.encode()):
            raise FormatError(f"the local header of the member {entry.name!r} contradicts the directory")
        starts.append(start + n_name + n_extra)
        position = starts[-1] + entry.stored_bytes
        if position > end:
            raise FormatError(f"the member {entry.name!r} reaches into the directory")
    if position != end:
        raise FormatError(f"{end - position} bytes before the directory belong to no member")
    return starts


def _inflate(data: memoryview, length: int) -> bytes:
    decompressor = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        content = decompressor.decompress(data, length + 1)  # one more would show that it is longer; 0 means no end
    except zlib.error as error:
        raise FormatError(f"the bytes are not deflated: {error}") from error
    if not decompressor.eof or decompressor.unused_data or len(content) != length:
        raise FormatError(f"the bytes do not inflate to exactly the {length} declared")
    return content


def _decompress_bz2(data: memoryview, length: int) -> bytearray:
    return decompress_member(".bz2", data, length)


def _decompress_lzma(data: memoryview, length: int) -> bytes:
    """Decompress LZMA as ZIP holds it: two bytes of a version, the length of the properties, these, a marked end."""
    import lzma

    if len(data) < 9 or bytes(data[2:4]) != b"\x05\x00":
        raise FormatError("the bytes do not begin with the properties of LZMA")
    decompressor = lzma.LZMADecompressor(lzma.FORMAT_ALONE, memlimit=_LZMA_MEMORY_BYTES)
    try:
        content = decompressor.decompress(b"".join((data[4:9], b"\xff" * 8, data[9:])), length + 1)
    except (lzma.LZMAError, EOFError) as error:
        raise FormatError(f"the bytes are not LZMA: {error}") from error
    if not decompressor.eof or decompressor.unused_data or len(content) != length:
        raise FormatError(f"the bytes do not decompress to exactly the {length} declared")
    return content


_METHODS: dict[int, Callable[[memoryview, int], bytes | bytearray]] = {
    8: _inflate,
    12: _decompress_bz2,
    14: _decompress_lzma,
}
