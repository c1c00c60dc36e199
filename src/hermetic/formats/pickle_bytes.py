"""The bytes of a pickle or joblib file without their compression: told by content, expanded within a budget.

The suffix of a file chooses nothing. What is damaged is expanded as far as it goes, so that what stands before the
damage can be judged; the problem is told beside it.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from hermetic.errors import FormatError, LimitExceeded
from hermetic.limits import DEFAULT_LIMITS, Limits

__all__ = ["PickleBytes", "compression_of", "expand", "may_be_pickle"]

_STEP_BYTES = 1 << 18
_XZ_MEMORY_BYTES = 128 << 20
_FEW_BYTES = 64 << 20
_ZF = b"ZF"
_ZF_LENGTH = re.compile(rb"0x([0-9a-f]{1,16})L? *\Z")
_ZF_HEADER_BYTES = 21
_MOST_MEMBERS = 10_000
# What protocols 0 and 1, which have no magic number, begin with: a name, a mark, a container or a plain value.
_OLD_BEGINNING = re.compile(
    rb"c[A-Za-z_][\w.]*(?:\Z|\n(?:\Z|[A-Za-z_][\w.]*(?:\Z|\n)))|"
    rb"\((?:[dlt(]|i[A-Za-z_][\w.]*\n|[cIKMJFGLSUTVXN\]})])|[\]})][q.p(]|"
    rb"(?:I-?\d+|L-?\d+L|F[-\d.infae]+|S'[^\n]*'|V[^\n]*)\n[.p]|N\.|\x80[\x00-\x05]|"
    rb"X[\x00-\xff]{3}\x00|(?:K[\x00-\xff]|M[\x00-\xff]{2}|J[\x00-\xff]{4}|G[\x00-\xff]{8})\.\Z"
)


class _Expander(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes | None: ...

    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class PickleBytes(NamedTuple):
    """What came out of a file.

    Attributes
    ----------
    data : bytes
        Decompressed, as far as that went.
    compression : str
        ``zlib``, ``gzip``, ``bz2``, ``xz``, ``lzma``, ``lz4``, ``ZF`` (joblib before 0.10) or ``""``.
    problem : str
        What is wrong with the compressed data; ``""`` for nothing.
    packed_bytes : int
        The length before; 0 where nothing was compressed.
    """

    data: bytes
    compression: str
    problem: str
    packed_bytes: int = 0


class _Inflate:
    """zlib with the interface that bz2 and lzma share."""

    def __init__(self, window_bits: int) -> None:
        self._inflate = zlib.decompressobj(window_bits)
        self.needs_input = True

    def decompress(self, data: bytes, max_length: int) -> bytes:
        output = self._inflate.decompress(self._inflate.unconsumed_tail + data, max_length)
        self.needs_input = not self._inflate.unconsumed_tail and len(output) < max_length
        return output

    @property
    def eof(self) -> bool:
        return self._inflate.eof

    @property
    def unused_data(self) -> bytes:
        return self._inflate.unused_data


_Made = tuple[_Expander, tuple[type[Exception], ...]]


def _make_zlib() -> _Made:
    return _Inflate(zlib.MAX_WBITS), (zlib.error,)


def _make_gzip() -> _Made:
    return _Inflate(16 + zlib.MAX_WBITS), (zlib.error,)


def _make_bz2() -> _Made:
    import bz2

    return bz2.BZ2Decompressor(), (OSError, EOFError, ValueError)


def _make_xz() -> _Made:
    import lzma

    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY_BYTES), (lzma.LZMAError, EOFError)


def _make_lzma() -> _Made:
    import lzma

    return lzma.LZMADecompressor(lzma.FORMAT_ALONE, memlimit=_XZ_MEMORY_BYTES), (lzma.LZMAError, EOFError)


def _make_lz4() -> _Made:
    try:
        import lz4.frame
    except ImportError as error:
        raise FormatError(
            "the file is compressed with lz4, which is not installed",
            next_step="Install it: pip install lz4, then scan again.",
        ) from error
    found: Any = lz4.frame.LZ4FrameDecompressor()
    return found, (RuntimeError, EOFError, ValueError)


class _Method(NamedTuple):
    name: str
    magic: re.Pattern[bytes]
    make: Callable[[], _Made]
    has_members: bool


_METHODS = (
    _Method("zlib", re.compile(rb"x[\x01\x5e\x9c\xda]"), _make_zlib, False),
    _Method("gzip", re.compile(rb"\x1f\x8b"), _make_gzip, True),
    _Method("bz2", re.compile(rb"BZh"), _make_bz2, True),
    _Method("xz", re.compile(rb"\xfd7zXZ\x00"), _make_xz, True),
    _Method("lzma", re.compile(rb"\x5d\x00\x00"), _make_lzma, False),
    _Method("lz4", re.compile(rb"\x04\x22\x4d\x18"), _make_lz4, False),
)


def may_be_pickle(beginning: bytes) -> bool:
    """Tell whether a file may be a pickle or joblib file, by how it begins.

    Parameters
    ----------
    beginning : bytes
        The first bytes of the file, some hundred.

    Returns
    -------
    bool
        True for a protocol number, the first opcodes of the two protocols that have none, and compressed data.

    Examples
    --------
    >>> import pickle
    >>> from hermetic.formats.pickle_bytes import may_be_pickle
    >>> may_be_pickle(pickle.dumps([1])), may_be_pickle(b"PK"), may_be_pickle(b"a,b,c")
    (True, False, False)
    """
    return bool(
        _OLD_BEGINNING.match(beginning)
        or beginning.startswith(b"ZF0x")
        or any(method.magic.match(beginning) for method in _METHODS)
    )


def compression_of(beginning: bytes) -> str:
    """Tell how data are compressed, by their first bytes; "" for not at all.

    Examples
    --------
    >>> import bz2
    >>> from hermetic.formats.pickle_bytes import compression_of
    >>> compression_of(bz2.compress(b"N.")), compression_of(b"N.")
    ('bz2', '')
    """
    if beginning.startswith(_ZF):
        return "ZF"
    return next((method.name for method in _METHODS if method.magic.match(beginning)), "")


def expand(data: bytes, limits: Limits = DEFAULT_LIMITS) -> PickleBytes:
    """Take the compression off a file, if it has one.

    Parameters
    ----------
    data : bytes
        The whole file.
    limits : Limits, optional
        ``expanded_bytes``, or ``expansion`` times the length of the file where that is more; and
        ``free_memory_percent``.

    Returns
    -------
    PickleBytes
        The data, how they were compressed, and what is wrong with that.

    Raises
    ------
    LimitExceeded
        When the data expand to more.
    FormatError
        When the library that they need is not installed.

    Examples
    --------
    >>> import zlib
    >>> from hermetic.formats.pickle_bytes import expand
    >>> expand(zlib.compress(b"N."))
    PickleBytes(data=b'N.', compression='zlib', problem='', packed_bytes=10)
    """
    output = _Output(max(limits.expanded_bytes, limits.expansion * len(data)), limits)
    if data.startswith(_ZF):
        return _expand_zf(data, output)
    method = next((method for method in _METHODS if method.magic.match(data)), None)
    if method is None:
        return PickleBytes(data, "", "")
    problem = _expand_members(method, data, output)
    return PickleBytes(output.getvalue(), method.name, problem, len(data))


class _Output(io.BytesIO):
    """What was expanded so far: `getvalue` gives it without a copy."""

    def __init__(self, allowed: int, limits: Limits) -> None:
        super().__init__()
        self._allowed = allowed
        self._limits = limits
        self._free_bytes: int | None = -1

    def add(self, piece: bytes) -> None:
        """Append a piece, unless that is too much."""
        self.write(piece)
        length = self.tell()
        if length > self._allowed:
            raise LimitExceeded("expanded_bytes", allowed=self._allowed, asked=length)
        if length > _FEW_BYTES:
            self._check_free_memory(length)

    def _check_free_memory(self, length: int) -> None:
        if self._free_bytes == -1:
            from hermetic.free_memory import free_memory_bytes  # few files are big and compressed

            free_bytes = free_memory_bytes()
            self._free_bytes = None if free_bytes is None else free_bytes + length
        if self._free_bytes is not None:
            self._limits.check("free_memory_percent", -(-100 * length // self._free_bytes))


def _expand_zf(data: bytes, output: _Output) -> PickleBytes:
    """Expand the form of joblib 0.8 and 0.9: a length in hexadecimal digits, then zlib."""
    header, rest = data[len(_ZF) : _ZF_HEADER_BYTES], data[_ZF_HEADER_BYTES:]
    declared = _ZF_LENGTH.match(header)
    if declared is None:
        return PickleBytes(b"", "ZF", "the header of the ZF form of joblib holds no length")
    if rest[:1] == b" ":  # Python 2 wrote one character more
        rest = rest[1:]
    problem = _expand_members(_METHODS[0], rest, output)
    if not problem and output.tell() != int(declared[1], 16):
        problem = f"the ZF header declares {int(declared[1], 16)} bytes, but there are {output.tell()}"
    return PickleBytes(output.getvalue(), "ZF", problem, len(data))


def _expand_members(method: _Method, data: bytes, output: _Output) -> str:
    start = 0
    for _ in range(_MOST_MEMBERS):
        problem, start = _expand_one(method, data, start, output)
        if problem or start == len(data):
            return problem
        if not (method.has_members and method.magic.match(data, start)):
            return f"{len(data) - start} bytes follow the end of the compressed data"
    return f"there are more than {_MOST_MEMBERS} compressed members"


def _expand_one(method: _Method, data: bytes, start: int, output: _Output) -> tuple[str, int]:
    """Append one member to the output; give its problem, and where it ends."""
    expander, errors = method.make()
    position = start
    while not expander.eof:
        piece = b""
        if expander.needs_input:
            if position >= len(data):
                return "the compressed data are cut off", position
            piece = data[position : position + _STEP_BYTES]
            position += len(piece)
        try:
            piece = expander.decompress(piece, _STEP_BYTES)
        except errors as error:
            return f"the {method.name} data are damaged: {error}", position
        output.add(piece)
    return "", position - len(expander.unused_data or b"")  # lz4 has None for nothing
