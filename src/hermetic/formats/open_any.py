"""Choose the source for a file that may be a container, a pickle or a joblib file, by its content alone."""

from __future__ import annotations

import io
import os
import stat
from typing import Any, BinaryIO, cast

from hermetic.errors import LimitExceeded, UsageError
from hermetic.formats.open_source import open_source, read_stream, regular_file_descriptor
from hermetic.formats.pickle_bytes import may_be_pickle
from hermetic.formats.sources import BufferSource, Source
from hermetic.limits import DEFAULT_LIMITS, Limits

__all__ = ["MOST_SUSPECT_BYTES", "OTHER_FORMATS", "open_any"]

_BEGINNING_BYTES = 64
_STEP_BYTES = 1 << 20
MOST_SUSPECT_BYTES = 64 << 20
"""How long a file of no known format may be to be searched for a payload: protocols 0 and 1 begin with anything."""
OTHER_FORMATS = (b"PK", b"\x93NUMPY", b"\x89", b"<")
"""How files begin that are no pickles, whatever else they are."""


def open_any(file: str | os.PathLike[str] | BinaryIO, limits: Limits = DEFAULT_LIMITS) -> Source:
    r"""Open a file of any format for reading.

    Parameters
    ----------
    file : str, PathLike or binary file object
        As for `open_source`. A stream that is no container is read to its end: no other format tells its length.
    limits : Limits, optional
        ``expanded_bytes`` bounds what is read from such a stream.

    Returns
    -------
    Source
        To be closed by the caller.

    Raises
    ------
    OSError
        As `open` does.
    FileError
        When a stream holds neither, or is too long.

    Examples
    --------
    >>> import io
    >>> from hermetic.formats.open_any import open_any
    >>> open_any(io.BytesIO(b"\x80\x04N.")).length_bytes
    4
    """
    given: Any = file
    if isinstance(file, (str, os.PathLike)):
        if _is_pipe(file):
            with open(file, "rb", buffering=0) as pipe:
                return _read_any_stream(cast(BinaryIO, pipe), limits, os.fsdecode(file))
        return open_source(file, limits)
    if (
        isinstance(given, io.TextIOBase)
        or not callable(getattr(given, "read", None))
        or regular_file_descriptor(given) is not None
    ):
        return open_source(file, limits)
    return _read_any_stream(file, limits, str(getattr(file, "name", "<stream>")))


def _is_pipe(path: str | os.PathLike[str]) -> bool:
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return False  # opening it says what is wrong
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def _read_any_stream(stream: BinaryIO, limits: Limits, where: str) -> Source:
    beginning = _read_up_to(stream, _BEGINNING_BYTES)
    is_pickle = may_be_pickle(beginning)
    if not is_pickle and (not beginning or beginning.startswith(OTHER_FORMATS)):
        return read_stream(stream, limits, beginning=beginning, where=where)
    allowed = limits.expanded_bytes if is_pickle else min(limits.expanded_bytes, MOST_SUSPECT_BYTES)
    data = bytearray(beginning)
    while piece := _read_up_to(stream, _STEP_BYTES):
        data += piece
        if len(data) > allowed:
            raise LimitExceeded("expanded_bytes", allowed=allowed, asked=len(data), where=where)
    return BufferSource(bytes(data), where)


def _read_up_to(stream: BinaryIO, length: int) -> bytes:
    pieces = b""
    while len(pieces) < length:
        piece: object = stream.read(length - len(pieces))
        if piece is not None and not piece:
            break
        if not isinstance(piece, bytes) or len(piece) > length - len(pieces):
            raise UsageError("the stream gives no bytes; open it with mode 'rb', and make it blocking")
        pieces += piece
    return pieces
