"""Compression of single members, and joblib's ways to ask for it.

The ZIP stores every member as it is; a compressed member is a ``.zst``, ``.gz``, ``.bz2`` or ``.xz`` file of its own,
so that any tool opens it. Decompression is bounded by the declared length: one stream, exactly that long, and nothing
after it.
"""

from __future__ import annotations

import operator
import struct
import sys
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Protocol

from hermetic.errors import FormatError, UsageError

__all__ = ["SUFFIXES", "Compression", "compress_member", "decompress_member", "resolve_compression"]

SUFFIXES = (".zst", ".gz", ".bz2", ".xz")

_STEP_BYTES = 1 << 18
# xz -9 needs 65 MiB for its dictionary; a hostile header may ask for 4 GiB.
_XZ_MEMORY_BYTES = 128 << 20
# A dictionary of 128 MiB, what zstd's highest level uses; a hostile header may ask for 2 GiB.
_ZSTD_WINDOW_LOG = 27

# Magic, deflate, no flags, no time, no hint, unknown system: the same on every platform.
_GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"


@dataclass(frozen=True, kw_only=True)
class Compression:
    """How members are to be compressed.

    Attributes
    ----------
    suffix : str
        ``.zst``, ``.gz``, ``.bz2`` or ``.xz``; the name of a compressed member ends with it.
    level : int
        From 1 to 22 for ``.zst``, to 9 for the others.
    """

    suffix: str
    level: int


@dataclass(frozen=True, kw_only=True)
class _Method:
    suffix: str
    default_level: int
    highest_level: int


_METHODS = {
    "zstd": _Method(suffix=".zst", default_level=3, highest_level=22),
    "gzip": _Method(suffix=".gz", default_level=3, highest_level=9),
    "zlib": _Method(suffix=".gz", default_level=3, highest_level=9),
    "bz2": _Method(suffix=".bz2", default_level=9, highest_level=9),
    "xz": _Method(suffix=".xz", default_level=6, highest_level=9),
    "lzma": _Method(suffix=".xz", default_level=6, highest_level=9),
    "lz4": _Method(suffix=".zst", default_level=1, highest_level=9),
}


def resolve_compression(compress: object) -> Compression | None:
    """Understand the ``compress`` argument, in every form that joblib accepts.

    Parameters
    ----------
    compress : bool, int, str, tuple of (str, int) or None
        False, 0 and None mean none; True the default method; a number its level; a name the method; a pair both.
        Methods are zstd, gzip (zlib), bz2, xz (lzma) and lz4. The default method is zstd where it is installed, else
        gzip. ``lz4`` gives zstd at level 1, whatever the level: who asks for it wants speed.

    Returns
    -------
    Compression or None
        None when nothing is to be compressed.

    Raises
    ------
    UsageError
        When `compress` is none of these, or its method is not installed.

    Examples
    --------
    >>> from hermetic.formats.compression import resolve_compression
    >>> resolve_compression(("gzip", 9))
    Compression(suffix='.gz', level=9)
    >>> resolve_compression(False) is None
    True
    """
    if compress is False or compress is None:
        return None  # nearly always: nobody has to find out whether zstd is installed
    if isinstance(compress, str):
        return _choose(compress, None)
    if isinstance(compress, (tuple, list)):
        if len(compress) != 2 or not isinstance(compress[0], str):
            raise _describe_forms(compress)
        return _choose(compress[0], _level_of(compress[1], compress))
    level = _level_of(compress, compress)
    return _choose("zstd" if _has_zstd() or (level or 0) > _METHODS["gzip"].highest_level else "gzip", level)


def _level_of(level: object, compress: object) -> int | None:
    """Give the level as a number; None for the default level."""
    if level is None or level is True:
        return None
    try:
        return operator.index(level)  # type: ignore[arg-type]  # that it may fail is the point
    except TypeError:
        raise _describe_forms(compress) from None


def _choose(name: str, level: int | None) -> Compression | None:
    method = _METHODS.get(name)
    if method is None:
        raise UsageError(f"unknown compression method {name!r} (expected one of {', '.join(_METHODS)})")
    if level is None:
        level = method.default_level
    if not 0 <= level <= method.highest_level:
        raise UsageError(f"compression level {level} is not one of {name}: 0 (none) to {method.highest_level}")
    if level == 0:
        return None
    if method.suffix == ".zst":
        _import_zstd()
    return Compression(suffix=method.suffix, level=1 if name == "lz4" else level)


def _describe_forms(compress: object) -> UsageError:
    return UsageError(
        f"compress={compress!r} is not understood",
        next_step=f"Pass a bool, a level from 0 to 9, a method ({', '.join(_METHODS)}), or a pair (method, level).",
    )


def compress_member(compression: Compression, chunks: Iterable[bytes | bytearray | memoryview]) -> bytes:
    """Compress the bytes of one member.

    Parameters
    ----------
    compression : Compression
        Made by `resolve_compression`.
    chunks : iterable of bytes-like
        The bytes, in pieces; where they are cut does not change the result.

    Returns
    -------
    bytes
        One stream of the format of ``compression.suffix``; the same bytes for the same input and library.

    Examples
    --------
    >>> from hermetic.formats.compression import compress_member, decompress_member, resolve_compression
    >>> data = compress_member(resolve_compression("gzip"), [b"spam " * 100])
    >>> len(data) < 50, bytes(decompress_member(".gz", data, 500)) == b"spam " * 100
    (True, True)
    """
    compressor = _COMPRESSORS[compression.suffix](compression.level)
    pieces = [compressor.compress(chunk) for chunk in chunks if memoryview(chunk).nbytes]
    return b"".join(pieces) + compressor.flush()


class _Compressor(Protocol):
    def compress(self, data: Any, /) -> bytes: ...
    def flush(self) -> bytes: ...


class _GzipCompressor:
    """Write gzip with a header of our own: zlib writes the operating system into its header."""

    def __init__(self, level: int) -> None:
        self._deflate = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS)
        self._header = _GZIP_HEADER
        self._crc32 = self._length = 0

    def compress(self, data: bytes | bytearray | memoryview) -> bytes:
        header, self._header = self._header, b""
        self._crc32 = zlib.crc32(data, self._crc32)
        self._length += memoryview(data).nbytes
        return header + self._deflate.compress(data)

    def flush(self) -> bytes:
        trailer = struct.pack("<2L", self._crc32, self._length & 0xFFFFFFFF)
        return self._header + self._deflate.flush() + trailer


def decompress_member(suffix: str, data: bytes | bytearray | memoryview, content_length: int) -> bytearray:
    """Decompress the bytes of one member, no further than `content_length`.

    Parameters
    ----------
    suffix : str
        ``.zst``, ``.gz``, ``.bz2`` or ``.xz``.
    data : bytes-like
        One whole stream.
    content_length : int
        How many bytes it must give; within the caller's budget, as memory is reserved for it.

    Returns
    -------
    bytearray
        Exactly `content_length` bytes, in fresh memory.

    Raises
    ------
    FormatError
        When the stream is damaged, gives another number of bytes, or something follows it.
    UsageError
        When zstd is not installed.

    Examples
    --------
    >>> import bz2
    >>> from hermetic.formats.compression import decompress_member
    >>> decompress_member(".bz2", bz2.compress(b"spam"), 4)
    bytearray(b'spam')
    """
    if suffix not in _DECOMPRESSORS:
        raise FormatError(f"unknown compression suffix {suffix!r} (expected one of {', '.join(SUFFIXES)})")
    decompressor, errors = _DECOMPRESSORS[suffix]()
    try:
        return _inflate(decompressor, memoryview(data), content_length)
    except errors as error:
        raise FormatError(f"the {suffix} stream is damaged: {error}") from error


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: Any, max_length: int) -> bytes: ...


def _inflate(decompressor: _Decompressor, data: memoryview, content_length: int) -> bytearray:
    """Feed the stream in small steps: one step gives little, however much it could give."""
    output = bytearray(content_length)
    length = 0
    for start in range(0, len(data), _STEP_BYTES):
        piece: memoryview | bytes = data[start : start + _STEP_BYTES]
        while not decompressor.eof and (piece or not decompressor.needs_input):
            # One byte more than is still expected shows that there is more.
            step = decompressor.decompress(piece, min(_STEP_BYTES, content_length - length + 1))
            if length + len(step) > content_length:
                raise FormatError(f"the compressed stream gives more than the {content_length} bytes it declares")
            output[length : length + len(step)] = step
            length += len(step)
            piece = b""
        if decompressor.eof:
            n_left = len(decompressor.unused_data) + max(len(data) - start - _STEP_BYTES, 0)
            _check_end(n_left, length, content_length)
            return output
    raise FormatError(f"the compressed stream is cut off after {length} of {content_length} bytes")


def _check_end(n_left: int, length: int, content_length: int) -> None:
    if n_left:
        raise FormatError(f"{n_left} bytes follow the end of the compressed stream")
    if length != content_length:
        raise FormatError(f"the compressed stream gives {length} bytes, but declares {content_length}")


class _GzipDecompressor:
    """Give zlib the interface that bz2, lzma and zstd share."""

    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(16 + zlib.MAX_WBITS)
        self.needs_input = True

    def decompress(self, data: Any, max_length: int) -> bytes:
        # A memoryview of the rest would do, but the rest is at most one step long.
        output = self._inflate.decompress(self._inflate.unconsumed_tail + bytes(data), max_length)
        # zlib may keep output for which there was no room, without keeping input.
        self.needs_input = not self._inflate.unconsumed_tail and len(output) < max_length
        return output

    @property
    def eof(self) -> bool:
        return self._inflate.eof

    @property
    def unused_data(self) -> bytes:
        return self._inflate.unused_data


# The libraries are imported when they are used: most files need none of them.
def _import_zstd() -> ModuleType:
    try:
        if sys.version_info >= (3, 14):
            from compression import zstd
        else:
            from backports import zstd
    except ImportError as error:
        raise UsageError(
            "zstd is not installed", next_step='Install it with: pip install "hermetic[zstd]"; or compress with "gzip".'
        ) from error
    return zstd


def _has_zstd() -> bool:
    try:
        _import_zstd()
    except UsageError:
        return False
    return True


def _zstd_compressor(level: int) -> _Compressor:
    compressor: _Compressor = _import_zstd().ZstdCompressor(level)
    return compressor


def _bz2_compressor(level: int) -> _Compressor:
    import bz2

    return bz2.BZ2Compressor(level)


def _xz_compressor(level: int) -> _Compressor:
    import lzma

    return lzma.LZMACompressor(preset=level)


def _zstd_decompressor() -> tuple[_Decompressor, tuple[type[Exception], ...]]:
    zstd = _import_zstd()
    options = {zstd.DecompressionParameter.window_log_max: _ZSTD_WINDOW_LOG}
    return zstd.ZstdDecompressor(options=options), (zstd.ZstdError, EOFError)


def _gzip_decompressor() -> tuple[_Decompressor, tuple[type[Exception], ...]]:
    return _GzipDecompressor(), (zlib.error,)


def _bz2_decompressor() -> tuple[_Decompressor, tuple[type[Exception], ...]]:
    import bz2

    return bz2.BZ2Decompressor(), (OSError, EOFError)


def _xz_decompressor() -> tuple[_Decompressor, tuple[type[Exception], ...]]:
    import lzma

    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY_BYTES), (lzma.LZMAError, EOFError)


_COMPRESSORS: dict[str, Callable[[int], _Compressor]] = {
    ".zst": _zstd_compressor,
    ".gz": _GzipCompressor,
    ".bz2": _bz2_compressor,
    ".xz": _xz_compressor,
}
_DECOMPRESSORS: dict[str, Callable[[], tuple[_Decompressor, tuple[type[Exception], ...]]]] = {
    ".zst": _zstd_decompressor,
    ".gz": _gzip_decompressor,
    ".bz2": _bz2_decompressor,
    ".xz": _xz_decompressor,
}
