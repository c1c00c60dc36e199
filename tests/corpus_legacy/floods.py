"""Floods: streams of one cheap opcode, or few, as long as one likes; a bomb when they are compressed.

Each gives work or memory to whoever reads it, and holds next to nothing. `FLOODS` makes each in a length of its own.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import struct
import zlib
from collections.abc import Callable

import lz4.frame

__all__ = ["COMPRESSORS", "FLOODS", "flood"]

_P4 = b"\x80\x04"
_P2 = b"\x80\x02"

# What stands before, what is repeated, and what stands behind.
FLOODS: dict[str, tuple[bytes, bytes, bytes]] = {
    "NONE POP": (_P4, b"N0", b"N."),
    "BININT1 POP": (_P4, b"K\x010", b"N."),
    "DUP POP": (_P4 + b"N", b"20", b"."),
    "DUP": (_P4 + b"N", b"2", b"."),
    "MARK POP_MARK": (_P4, b"(1", b"N."),
    "BINGET POP": (_P4 + b"N\x94", b"h\x000", b"."),
    "EMPTY_LIST POP": (_P4, b"]0", b"N."),
    "PROTO": (_P4, b"\x80\x04", b"N."),
    "FRAME of nothing": (_P4, b"\x95" + bytes(8), b"N."),
    "FRAME NONE POP": (_P4, b"\x95" + struct.pack("<Q", 2) + b"N0", b"N."),
    "MEMOIZE": (_P4 + b"N", b"\x94", b"."),
    "BINPUT of one entry": (_P2 + b"N", b"q\x00", b"."),
    "PUT of one entry": (b"(lp0\nN", b"p0\n", b"0."),
    "LONG_BINPUT far away": (_P2 + b"N", b"r\xff\xff\xff\xff", b"."),
    "nones": (_P4 + b"(", b"N", b"l."),
    "empty texts": (_P4 + b"(", b"\x8c\x00", b"l."),
    "texts of one letter": (_P4 + b"(", b"\x8c\x01a", b"l."),
    "texts of two letters": (_P4 + b"(", b"\x8c\x02ab", b"l."),
    "bytes": (_P4 + b"(", b"C\x02ab", b"l."),
    "byte arrays": (b"\x80\x05(", b"\x96" + bytes(8), b"l."),
    "8-bit strings": (_P2 + b"(", b"U\x01a", b"l."),
    "numbers": (_P4 + b"(", b"M\x01\x02", b"l."),
    "numbers of 255 bytes": (_P4 + b"(", b"\x8a\xff" + b"\x7f" * 255, b"l."),
    "numbers of 4,300 digits": (b"(lp0\n(", b"L" + b"7" * 4_300 + b"L\n", b"l."),
    "lines of numbers": (b"(lp0\n(", b"I1\n", b"l."),
    "lines of text": (b"(lp0\n(", b"Va\n", b"l."),
    "pairs": (_P4 + b"(", b"K\x01K\x02\x86", b"l."),
    "tuples of nothing": (_P4 + b"(", b")", b"l."),
    "a tower": (_P4 + b"(", b")" + b"\x85" * 900, b"l."),
    "towers of lists": (_P4 + b"(", b"]" * 900 + b"a" * 899, b"l."),
    "APPEND": (_P4 + b"]", b"Na", b"."),
    "APPENDS of nothing": (_P4 + b"]", b"(e", b"."),
    "APPENDS of one": (_P4 + b"]", b"(Ne", b"."),
    "APPEND of protocol 0": (b"(lp0\n", b"Na", b"."),
    "SETITEM": (_P4 + b"}", b"NNs", b"."),
    "SETITEM of protocol 0": (b"(dp0\n", b"NNs", b"."),
    "names": (b"(lp0\n(", b"cnumpy\nndarray\n", b"l."),
    "dictionaries": (_P4 + b"(", b"}", b"l."),
    "dictionaries of one number": (_P4 + b"(", b"}K\x01Ns", b"l."),
    "sets": (_P4 + b"(", b"\x8f(K\x01\x90", b"l."),
    "frozensets": (_P4 + b"(", b"(K\x01\x91", b"l."),
    "objects": (_P4 + b"csklearn.preprocessing._data\nStandardScaler\n\x940(", b"h\x00)\x81", b"l."),
    "containers of a codec": (_P4 + b"ccollections\nOrderedDict\n\x940(", b"h\x00)R", b"l."),
    "calls": (_P4 + b"cbuiltins\nset\n\x940(", b"h\x00)R", b"l."),
    "states": (_P4 + b"cbuiltins\nset\n)R", b"Nb", b"."),
    "extension codes": (_P4 + b"(", b"\x82\x01", b"l."),
    "persistent ids": (_P4 + b"(", b"NQ", b"l."),
    "pickles": (b"", b"\x80\x04N.", b""),
}

COMPRESSORS: dict[str, Callable[[bytes], bytes]] = {
    "none": bytes,
    "zlib": lambda data: zlib.compress(data, 1),
    "gzip": lambda data: gzip.compress(data, 1, mtime=0),
    "bz2": lambda data: bz2.compress(data, 1),
    "xz": lambda data: lzma.compress(data, preset=0),
    "lzma": lambda data: lzma.compress(data, lzma.FORMAT_ALONE, preset=0),
    "lz4": lz4.frame.compress,
}


def flood(name: str, length_bytes: int) -> bytes:
    """Make one, of about this length."""
    before, repeated, behind = FLOODS[name]
    return before + repeated * (length_bytes // len(repeated)) + behind
