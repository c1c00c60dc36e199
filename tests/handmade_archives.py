"""ZIP and TAR archives byte by byte, with whatever is to be wrong with them."""

from __future__ import annotations

import io
import struct
import tarfile
import zipfile
import zlib
from dataclasses import dataclass

__all__ = ["Entry", "tar_of", "zip_of", "zip_of_python"]


def _deflated(content: bytes) -> bytes:
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return deflate.compress(content) + deflate.flush()


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One member: what is not given is as it should be, and the same in both headers."""

    name: str
    content: bytes = b""
    method: int = 0
    flags: int = 0
    crc32: int | None = None
    stored: bytes | None = None
    content_length: int | None = None
    local_name: str | None = None
    local_method: int | None = None
    local_flags: int | None = None
    local_length: int | None = None
    local_crc32: int | None = None
    descriptor: bytes = b""
    is_in_directory: bool = True
    before: bytes = b""
    offset: int | None = None

    @property
    def bytes_stored(self) -> bytes:
        if self.stored is not None:
            return self.stored
        return _deflated(self.content) if self.method == 8 else self.content

    def numbers(self) -> tuple[int, int, int]:
        crc32 = zlib.crc32(self.content) if self.crc32 is None else self.crc32
        declared = len(self.content) if self.content_length is None else self.content_length
        return crc32, len(self.bytes_stored), declared

    def local(self) -> bytes:
        crc32, length, declared = self.numbers()
        name = (self.name if self.local_name is None else self.local_name).encode("cp437")
        method = self.method if self.local_method is None else self.local_method
        flags = self.flags if self.local_flags is None else self.local_flags
        if self.descriptor:
            crc32 = length = declared = 0
        if self.local_length is not None:
            length = declared = self.local_length
        crc32 = crc32 if self.local_crc32 is None else self.local_crc32
        head = struct.pack("<4s5H3L2H", b"PK\3\4", 20, flags, method, 0, 33, crc32, length, declared, len(name), 0)
        return head + name + self.bytes_stored + self.descriptor

    def central(self, offset: int) -> bytes:
        name = self.name.encode("cp437")
        offset = offset if self.offset is None else self.offset
        numbers = (*self.numbers(), len(name), 0, 0, 0, 0, 0, offset)
        return struct.pack("<4s6H3L5H2L", b"PK\1\2", 20, 20, self.flags, self.method, 0, 33, *numbers) + name


def zip_of(
    *entries: Entry,
    prefix: bytes = b"",
    before_directory: bytes = b"",
    before_end: bytes = b"",
    behind: bytes = b"",
    comment: bytes = b"",
    n_members: int | None = None,
    are_offsets_from_prefix: bool = True,
) -> bytes:
    """Write an archive with bytes where none should be."""
    archive, directory, number = b"", b"", 0
    shift = 0 if are_offsets_from_prefix else len(prefix)
    for entry in entries:
        archive += entry.before
        if entry.is_in_directory:
            directory += entry.central(len(archive) + shift)
            number += 1
        archive += entry.local()
    archive += before_directory
    number = number if n_members is None else n_members
    place = len(archive) + shift
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, number, number, len(directory), place, len(comment))
    return prefix + archive + directory + before_end + end + comment + behind


def zip_of_python(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Write an archive as Python does."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def tar_of(
    members: dict[str, bytes], mode: str = "w", form: int = tarfile.GNU_FORMAT, *, links: dict[str, str] | None = None
) -> bytes:
    """Write an archive as Python does, with symbolic links behind the files."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode, format=form) as archive:
        for name, content in members.items():
            header = tarfile.TarInfo(name)
            header.size = len(content)
            archive.addfile(header, io.BytesIO(content))
        for name, target in (links or {}).items():
            header = tarfile.TarInfo(name)
            header.type, header.linkname = tarfile.SYMTYPE, target
            archive.addfile(header)
    return file.getvalue()
