"""Choose the source for what a caller passes: a path, an open file on disk, or any stream of bytes.

A stream is read exactly to the end of the container, whose length its beginning tells, and not one byte further: so
several models follow each other in one file or socket, as with pickle.
"""

from __future__ import annotations

import errno
import io
import os
import stat
from typing import Any, BinaryIO, cast

from hermetic.errors import FormatError, UsageError
from hermetic.formats.container_head import read_head
from hermetic.formats.sources import BufferSource, FileSource, Mapping, Source
from hermetic.limits import DEFAULT_LIMITS, Limits

__all__ = ["open_path", "open_source", "read_stream", "regular_file_descriptor"]

_FIRST_STEP_BYTES = 1 << 20
_SMALL_FILE_BYTES = 1 << 20  # read at once
_OPEN_FLAGS = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


def open_source(
    file: str | os.PathLike[str] | BinaryIO, limits: Limits = DEFAULT_LIMITS, *, mapping: Mapping = "read"
) -> Source:
    """Open what a caller passes for reading.

    Parameters
    ----------
    file : str, PathLike or binary file object
        A file object is read from its position. A regular file that is open stays where it is until
        ``source.seek_after``; any other stream is read to the end of its container at once.
    limits : Limits, optional
        Budgets for the manifest of a stream.
    mapping : {"read", "copy"}, default="read"
        What ``source.view`` gives for a file on disk.

    Returns
    -------
    Source
        To be closed by the caller.

    Raises
    ------
    OSError
        As `open` does: `FileNotFoundError`, `PermissionError`, `IsADirectoryError`.
    UsageError
        When `file` is neither, or gives text.
    FormatError
        When a stream does not hold a container.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> from hermetic.formats.open_source import open_source
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "model.hermetic")
    ...     _ = path.write_bytes(b"12345")
    ...     source = open_source(path)
    ...     source.length_bytes
    5
    >>> source.close()
    """
    if isinstance(file, (str, os.PathLike)):
        return open_path(file, limits, mapping=mapping)
    if isinstance(file, io.TextIOBase):
        raise UsageError("the file is open in text mode; open it with mode 'rb'")
    if not callable(getattr(file, "read", None)):
        raise UsageError(f"expected a path or a binary file object, got {type(file).__name__}")
    regular = regular_file_descriptor(file)
    if regular is None:
        return read_stream(file, limits)
    if isinstance(file, io.BufferedRandom):
        file.flush()  # what the caller has just written must be on disk to be read from there
    where = str(getattr(file, "name", "<file>"))
    return FileSource(regular, where, base_offset=file.tell(), mapping=mapping, owner=file)


def regular_file_descriptor(file: Any) -> int | None:
    """Give the descriptor of a file when reading it with ``pread`` is the same as reading the file object.

    Parameters
    ----------
    file : binary file object
        Of any kind.

    Returns
    -------
    int or None
        None for all but Python's own files on disk.

    Examples
    --------
    >>> import io
    >>> from hermetic.formats.open_source import regular_file_descriptor
    >>> regular_file_descriptor(io.BytesIO()) is None
    True
    """
    raw = file.raw if type(file) in (io.BufferedReader, io.BufferedRandom) else file
    if type(raw) is not io.FileIO or not raw.readable():
        return None
    descriptor = raw.fileno()
    return descriptor if stat.S_ISREG(os.fstat(descriptor).st_mode) else None


def open_path(path: str | os.PathLike[str], limits: Limits = DEFAULT_LIMITS, *, mapping: Mapping = "read") -> Source:
    """Open a file by its path.

    Parameters
    ----------
    path : str or PathLike
        A regular file, or a pipe or device that holds one container (``/dev/stdin``).
    limits : Limits, optional
        Budgets for the manifest of a pipe.
    mapping : {"read", "copy"}, default="read"
        What ``source.view`` gives.

    Returns
    -------
    Source
        It holds one container and nothing else, else reading it fails.

    Raises
    ------
    OSError
        As `open` does; `IsADirectoryError` for a folder on every platform.

    Examples
    --------
    >>> from hermetic.formats.open_source import open_path
    >>> open_path("no such file")
    Traceback (most recent call last):
        ...
    FileNotFoundError: [Errno 2] No such file or directory: 'no such file'
    """
    path = path if type(path) is str else os.fsdecode(path)
    try:
        descriptor = os.open(path, _OPEN_FLAGS)
    except PermissionError:  # what Windows says about folders
        _refuse_folder(path)
        raise
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            source = _read_pipe(descriptor, path, limits)
        elif status.st_size < _SMALL_FILE_BYTES and len(data := os.read(descriptor, status.st_size)) == status.st_size:
            source = BufferSource(data if mapping == "read" else bytearray(data), path)
        else:
            return FileSource(descriptor, path, mapping=mapping)
    except BaseException:
        os.close(descriptor)
        raise
    os.close(descriptor)
    return source


def _read_pipe(descriptor: int, path: str, limits: Limits) -> BufferSource:
    _refuse_folder(path)
    with io.FileIO(os.dup(descriptor)) as stream:
        source = read_stream(cast(BinaryIO, stream), limits, where=path)
        if stream.read(1):
            raise FormatError("more bytes follow the end of the container", where=path)
    return source


def _refuse_folder(path: str) -> None:
    if os.path.isdir(path):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)


def read_stream(
    stream: BinaryIO, limits: Limits = DEFAULT_LIMITS, *, beginning: bytes = b"", where: str = ""
) -> BufferSource:
    """Read one container from a stream into private memory.

    Parameters
    ----------
    stream : binary file object
        Needs ``read``; short reads are continued. It is left right behind the container.
    limits : Limits, optional
        Budgets for the manifest.
    beginning : bytes, default=b""
        What was taken from the stream already to see what it holds, at most the first 64 bytes.
    where : str, optional
        The name for messages.

    Returns
    -------
    BufferSource
        Exactly the bytes of the container, in memory that may be written.

    Raises
    ------
    FormatError
        When the stream ends before the container does, or holds something else.
    UsageError
        When the stream gives text, or nothing yet (non-blocking).

    Examples
    --------
    >>> import io
    >>> from hermetic.formats.container_writer import write_container_stream
    >>> from hermetic.formats.open_source import read_stream
    >>> stream = io.BytesIO()
    >>> length = write_container_stream(stream, [], {})
    >>> _ = stream.write(b"and more"), stream.seek(0)
    >>> read_stream(stream).length_bytes == length, stream.read()
    (True, b'and more')
    """
    where = where or str(getattr(stream, "name", "<stream>"))
    data = bytearray(beginning)
    given = 0

    def read_next(length: int) -> bytes:
        nonlocal given
        _fill(stream, data, given + length, where)
        piece = bytes(data[given : given + length])
        given += len(piece)
        return piece

    total = read_head(read_next, limits, where).layout.length_bytes
    _fill(stream, data, total, where)
    if len(data) < total:
        raise FormatError(
            f"the container has {total} bytes, but the stream ends after {len(data)}",
            where=f"{where}, byte {len(data)}",
            next_step="It was cut off. Send it again, and compare digests.",
        )
    return BufferSource(data, where)


def _fill(stream: BinaryIO, data: bytearray, length: int, where: str) -> None:
    """Make `data` `length` bytes long; shorter only where the stream ends.

    The length comes from the stream, so memory is taken step by step, no more than twice what has come: a stream that
    promises much and sends little costs little.
    """
    step = _FIRST_STEP_BYTES
    while len(data) < length:
        start = len(data)
        end = min(length, start + max(step, start))
        data.extend(bytes(end - start))
        n_read = _fill_range(stream, data, start, end, where)
        if n_read < end - start:
            del data[start + n_read :]
            return


def _fill_range(stream: BinaryIO, data: bytearray, start: int, end: int, where: str) -> int:
    """Fill ``data[start:end]``; give the number of bytes until there or the end of the stream."""
    read_into = getattr(stream, "readinto", None)
    position = start
    with memoryview(data) as view:
        while position < end:
            if read_into is not None:
                with view[position:end] as rest:
                    n_read = read_into(rest)
            else:
                n_read = _copy(stream.read(end - position), view[position:end])
            if n_read is None:
                raise UsageError(f"the stream is non-blocking and has no bytes yet; make it blocking ({where})")
            if not n_read:
                break
            position += n_read
    return position - start


def _copy(piece: object, target: memoryview) -> int | None:
    if piece is None:
        return None
    if not isinstance(piece, (bytes, bytearray, memoryview)) or len(piece) > len(target):
        raise UsageError(f"the stream gives {type(piece).__name__}, not the bytes asked for; open it with mode 'rb'")
    target[: len(piece)] = piece
    target.release()
    return len(piece)
