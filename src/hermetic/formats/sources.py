"""Where the bytes of a container come from: memory, or a file on disk.

A source answers for a range of bytes and checks every range before it reads: a file that is shorter than its manifest
says ends in `FormatError`, never in a short answer. `open_source`, which chooses one, stands in `open_source.py`.
"""

from __future__ import annotations

import mmap
import os
import threading
from collections.abc import Callable, Iterator
from typing import BinaryIO, Literal, Protocol

from hermetic.errors import FormatError, UsageError

__all__ = ["BufferSource", "BytesLike", "FileSource", "Mapping", "Source"]

BytesLike = bytes | bytearray | memoryview | mmap.mmap
Mapping = Literal["read", "copy"]
"""What `FileSource.view` gives: memory that cannot be written, or private memory that is copied when written."""

_SMALL_FILE_BYTES = 1 << 20
_BLOCK_BYTES = 1 << 18  # stays in the second-level cache between being read and being checked


class Source(Protocol):
    """A range of bytes that begins with the first byte of a container.

    Attributes
    ----------
    where : str
        The file, for messages.
    length_bytes : int
        How many bytes there are.
    is_whole : bool
        The source is one container and nothing else; otherwise more may follow, as in a file with several models.
    """

    @property
    def where(self) -> str:
        """The file, for messages."""

    @property
    def length_bytes(self) -> int:
        """How many bytes there are."""

    @property
    def is_whole(self) -> bool:
        """Whether nothing may follow the container."""

    def read(self, offset: int, length: int) -> bytes:
        """Copy `length` bytes from `offset`."""

    def readinto(self, offset: int, buffer: bytearray | memoryview) -> None:
        """Fill all of `buffer` from `offset`."""

    def view(self, offset: int, length: int) -> memoryview:
        """Show `length` bytes from `offset` without a copy; what they show may change when the file does."""

    def hold(self, offset: int, length: int) -> memoryview:
        """Show `length` bytes from `offset` in memory that does not change when a file does."""

    def blocks(self, offset: int, length: int) -> Iterator[memoryview]:
        """Show `length` bytes from `offset` in pieces; each is valid until the next is asked for."""

    def seek_after(self, length: int) -> None:
        """Leave a caller's open file behind the first `length` bytes; nothing to do for other sources."""

    def close(self) -> None:
        """Release the file; views stay valid."""


def _check_range(source: Source, offset: int, length: int) -> None:
    if not 0 <= offset <= offset + length <= source.length_bytes:
        raise _describe_range(source, offset, length)


def _describe_range(source: Source, offset: int, length: int) -> FormatError:
    return FormatError(
        f"{length} bytes are needed from byte {offset}, but there are {source.length_bytes} bytes in all",
        where=f"{source.where}, byte {max(offset, 0)}",
        next_step="The file was cut off. Fetch it again, and compare digests.",
    )


class BufferSource:
    """Bytes in memory.

    Parameters
    ----------
    data : bytes-like
        The caller must not change it while it is read.
    where : str, default="<bytes>"
        The name for messages.

    Examples
    --------
    >>> from hermetic.formats.sources import BufferSource
    >>> BufferSource(b"0123456789").read(2, 3)
    b'234'
    """

    is_whole = True

    def __init__(self, data: BytesLike, where: str = "<bytes>") -> None:
        view = memoryview(data)
        if type(data) is not bytes:
            view = _as_plain_bytes(view)
        self._view = view
        self.where = where
        self.length_bytes = len(view)

    def read(self, offset: int, length: int) -> bytes:
        """Give `length` bytes from `offset`: a copy, or the whole itself where it is bytes."""
        end = offset + length
        if not 0 <= offset <= end <= self.length_bytes:
            raise _describe_range(self, offset, length)
        whole = self._view.obj
        if type(whole) is bytes and len(whole) == length:
            return whole  # nobody can change it
        return bytes(self._view[offset:end])

    def readinto(self, offset: int, buffer: bytearray | memoryview) -> None:
        """Fill all of `buffer` from `offset`."""
        target = memoryview(buffer).cast("B")
        target[:] = self.view(offset, len(target))

    def view(self, offset: int, length: int) -> memoryview:
        """Show `length` bytes from `offset` without a copy."""
        end = offset + length
        if not 0 <= offset <= end <= self.length_bytes:
            raise _describe_range(self, offset, length)
        return self._view[offset:end]

    def hold(self, offset: int, length: int) -> memoryview:
        """Show `length` bytes from `offset` without a copy: memory has no file below it that could change."""
        return self.view(offset, length)

    def blocks(self, offset: int, length: int) -> Iterator[memoryview]:
        """Show `length` bytes from `offset` in one piece."""
        yield self.view(offset, length)

    def seek_after(self, length: int) -> None:
        """Do nothing: memory has no position."""

    def close(self) -> None:
        """Do nothing: the memory belongs to whoever refers to it."""


def _as_plain_bytes(view: memoryview) -> memoryview:
    if not view.c_contiguous:
        raise UsageError("the bytes must stand together in memory: pass bytes(data)")
    if view.format == "B" and view.ndim == 1:
        return view
    return view.cast("B") if view.nbytes else memoryview(b"")


class FileSource:
    """A regular file, from one of its bytes to its end.

    Ranges are read with ``pread``, so that threads may share one source and a caller's file keeps its position.
    A file below 1 MiB is read at once.

    Parameters
    ----------
    descriptor : int
        The open file.
    where : str
        The name for messages.
    base_offset : int, default=0
        Where the container begins in the file.
    mapping : {"read", "copy"}, default="read"
        What `view` gives.
    owner : binary file object, optional
        The caller's file that `descriptor` belongs to; without it the descriptor is closed by `close`.

    Examples
    --------
    >>> import os, tempfile
    >>> from hermetic.formats.sources import FileSource
    >>> with tempfile.NamedTemporaryFile() as file:
    ...     _ = file.write(b"0123456789")
    ...     file.flush()
    ...     FileSource(file.fileno(), file.name, base_offset=4, owner=file).read(0, 2)
    b'45'
    """

    def __init__(
        self,
        descriptor: int,
        where: str,
        *,
        base_offset: int = 0,
        mapping: Mapping = "read",
        owner: BinaryIO | None = None,
    ) -> None:
        self.where = where
        self.is_whole = owner is None
        self.length_bytes = max(os.fstat(descriptor).st_size - base_offset, 0)
        self._descriptor: int | None = descriptor
        self._base_offset = base_offset
        self._mapping = mapping
        self._owner = owner
        self._memory: BufferSource | None = None
        self._lock = threading.Lock()
        if self.length_bytes < _SMALL_FILE_BYTES:
            self._memory = self._read_whole()

    def read(self, offset: int, length: int) -> bytes:
        """Copy `length` bytes from `offset`."""
        if self._memory is not None:
            return self._memory.read(offset, length)
        _check_range(self, offset, length)
        return self._read_from_disk(offset, length)

    def readinto(self, offset: int, buffer: bytearray | memoryview) -> None:
        """Fill all of `buffer` from `offset`."""
        if self._memory is not None:
            return self._memory.readinto(offset, buffer)
        target = memoryview(buffer).cast("B")
        _check_range(self, offset, len(target))
        while target:
            n_read = _read_at(self._open_descriptor(), target, self._base_offset + offset, self._lock)
            self._check_progress(n_read, offset)
            target, offset = target[n_read:], offset + n_read
        return None

    def view(self, offset: int, length: int) -> memoryview:
        """Show `length` bytes from `offset` of the mapped file.

        A file that is truncated later crashes a process that looks at such memory: content that is checked must be
        read, not viewed. Where mapping fails (32-bit hosts, some network file systems) the range is read.
        """
        if self._memory is not None:
            return self._memory.view(offset, length)
        _check_range(self, offset, length)
        mapped = self._map()
        if mapped is None:
            buffer = bytearray(length)
            self.readinto(offset, buffer)
            return memoryview(buffer) if self._mapping == "copy" else memoryview(buffer).toreadonly()
        start = self._base_offset + offset
        if start + length > len(mapped):
            raise self._describe_shrinking(offset)
        return mapped[start : start + length]

    def hold(self, offset: int, length: int) -> memoryview:
        """Show `length` bytes from `offset` in memory that does not change when the file does."""
        return memoryview(self.read(offset, length))

    def blocks(self, offset: int, length: int) -> Iterator[memoryview]:
        """Show `length` bytes from `offset` in pieces of one buffer that is filled again and again."""
        _check_range(self, offset, length)
        buffer = memoryview(bytearray(min(length, _BLOCK_BYTES)))
        for start in range(offset, offset + length, _BLOCK_BYTES):
            block = buffer[: min(_BLOCK_BYTES, offset + length - start)]
            self.readinto(start, block)
            yield block

    def seek_after(self, length: int) -> None:
        """Leave the caller's open file behind the first `length` bytes."""
        if self._owner is not None:
            self._owner.seek(self._base_offset + length)

    def close(self) -> None:
        """Close the file, unless it is the caller's; views stay valid."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None and self._owner is None:
            os.close(descriptor)

    def _read_whole(self) -> BufferSource:
        data: bytes | bytearray = self._read_from_disk(0, self.length_bytes)
        if self._mapping == "copy":
            data = bytearray(data)
        return BufferSource(data, self.where)

    def _read_from_disk(self, offset: int, length: int) -> bytes:
        pieces = []
        while length:
            piece = _copy_at(self._open_descriptor(), length, self._base_offset + offset, self._lock)
            self._check_progress(len(piece), offset)
            pieces.append(piece)
            offset, length = offset + len(piece), length - len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _map(self) -> memoryview | None:
        with self._lock:
            if not hasattr(self, "_mapped"):
                access = mmap.ACCESS_COPY if self._mapping == "copy" else mmap.ACCESS_READ
                try:
                    self._mapped: memoryview | None = memoryview(mmap.mmap(self._open_descriptor(), 0, access=access))
                except (OSError, OverflowError, ValueError):
                    self._mapped = None
            return self._mapped

    def _open_descriptor(self) -> int:
        if self._descriptor is None:
            raise UsageError(f"the file is closed: {self.where}")
        return self._descriptor

    def _check_progress(self, n_read: int, offset: int) -> None:
        if not n_read:
            raise self._describe_shrinking(offset)

    def _describe_shrinking(self, offset: int) -> FormatError:
        return FormatError("the file became shorter while it was read", where=f"{self.where}, byte {offset}")


# Windows has no pread: a lock and the file's own position take its place, and the position is put back.
def _copy_with_seek(descriptor: int, length: int, offset: int, lock: threading.Lock) -> bytes:
    with lock:
        position = os.lseek(descriptor, 0, os.SEEK_CUR)
        try:
            os.lseek(descriptor, offset, os.SEEK_SET)
            return os.read(descriptor, min(length, 1 << 30))
        finally:
            os.lseek(descriptor, position, os.SEEK_SET)


def _copy_with_pread(descriptor: int, length: int, offset: int, lock: threading.Lock) -> bytes:
    return os.pread(descriptor, min(length, 1 << 30), offset)


def _read_with_copy(descriptor: int, target: memoryview, offset: int, lock: threading.Lock) -> int:
    piece = _copy_at(descriptor, min(len(target), _BLOCK_BYTES), offset, lock)
    target[: len(piece)] = piece
    return len(piece)


def _read_with_preadv(descriptor: int, target: memoryview, offset: int, lock: threading.Lock) -> int:
    return os.preadv(descriptor, [target[: 1 << 30]], offset)


_CopyAt = Callable[[int, int, int, threading.Lock], bytes]
_ReadAt = Callable[[int, memoryview, int, threading.Lock], int]
_copy_at: _CopyAt = _copy_with_pread if hasattr(os, "pread") else _copy_with_seek
_read_at: _ReadAt = _read_with_preadv if hasattr(os, "preadv") else _read_with_copy
