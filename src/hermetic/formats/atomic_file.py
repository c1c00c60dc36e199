"""Write a file so that a crash, a full disk or an interrupt leaves the old one whole.

The new content goes to a temporary file in the same folder, which takes the place of the old one in one step when it
is on the disk as a whole. A process that is killed leaves only the temporary file behind, ``.NAME.XXXXXXXX.tmp``.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

__all__ = ["atomic_writer"]

_CREATE_FLAGS = (
    os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
)  # O_EXCL follows no symbolic link
_NEW_FILE_MODE = 0o666  # the umask of the process is applied by the system
_NAME_BYTES = 200
_MAXIMUM_LINKS = 40
_DESCRIPTOR_FOLDER = re.compile(r"/dev/fd|/proc/.*/fd")
# A folder may be unreadable, and some file systems cannot synchronise one; the file itself is safe by then.
_NO_FOLDER_SYNC = frozenset({errno.EINVAL, errno.EACCES, errno.EPERM, errno.ENOTSUP, errno.EBADF})


@contextmanager
def atomic_writer(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """Open `path` for writing; it changes when the block ends without an exception, all at once.

    Symbolic links are followed. A device, a pipe or ``/dev/stdout`` is written directly. A hard link is cut: its other
    names keep the old content. A file that may not be written is refused, as `open` does.

    Parameters
    ----------
    path : str or PathLike
        The file to make or to replace; a file that is replaced hands on its permissions.

    Yields
    ------
    binary file object
        Seekable, unless `path` is a pipe or the like.

    Raises
    ------
    OSError
        As `open` does, and when the disk is full.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from hermetic.formats.atomic_file import atomic_writer
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "model.hermetic")
    ...     with atomic_writer(path) as file:
    ...         _ = file.write(b"new")
    ...     path.read_bytes()
    b'new'
    """
    path = os.fsdecode(path)
    old = _stat_writable(path)
    target = _find_target(path)
    if target is None or (old is not None and not stat.S_ISREG(old.st_mode)):
        with open(path, "wb") as file:
            yield file
        return
    temporary = _temporary_name(target)
    descriptor = os.open(temporary, _CREATE_FLAGS, _NEW_FILE_MODE if old is None else 0o600)
    try:
        with _close_quietly_on_error(os.fdopen(descriptor, "wb")) as file:
            if old is not None and hasattr(os, "fchmod"):
                os.fchmod(descriptor, stat.S_IMODE(old.st_mode) & 0o777)
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    _sync_folder(os.path.dirname(target))


def _stat_writable(path: str) -> os.stat_result | None:
    """Look at the old file; none when there is none. What `open` would refuse to write is refused here."""
    try:
        old = os.stat(path)
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(old.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
    if not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
    return old


def _find_target(path: str) -> str | None:
    """Follow links to the file that is to be made or replaced; None for an open descriptor (``/dev/stdout``).

    A link keeps pointing where it points. Replacing the file behind a descriptor, also where that is redirected to a
    regular file, would take it away from under the one who holds it open.
    """
    for _ in range(_MAXIMUM_LINKS):
        folder, name = os.path.split(path)
        folder = os.path.realpath(folder)
        if _DESCRIPTOR_FOLDER.fullmatch(folder):
            return None
        target = os.path.join(folder, name)
        if not os.path.islink(target):
            return target
        path = os.path.join(folder, os.readlink(target))
    return os.path.realpath(path)


def _temporary_name(target: str) -> str:
    folder, name = os.path.split(target)
    # Cut by bytes: the limit of 255 that file systems have counts those.
    short = os.fsencode(name)[:_NAME_BYTES].decode("utf-8", "ignore")
    return os.path.join(folder, f".{short}.{secrets.token_hex(4)}.tmp")


@contextmanager
def _close_quietly_on_error(file: BinaryIO) -> Iterator[BinaryIO]:
    """Close `file`; after an error without a second one, which a full disk gives for what is still in its buffer."""
    try:
        yield file
    except BaseException:
        with contextlib.suppress(OSError):
            file.close()
        raise
    file.close()


def _sync_folder(folder: str) -> None:
    """Make the new name durable; Windows does that by itself, and has no way to ask for it."""
    if os.name == "nt":
        return
    try:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        if error.errno not in _NO_FOLDER_SYNC:
            raise
