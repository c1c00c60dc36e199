"""The 68 opcodes of pickle, and how the argument of each is read from bytes; nothing here knows what they do.

An argument is read strictly: a number in a form that no pickler writes, a length beyond the end of the bytes or a text
that is not encoded as it must be ends in `FormatError`. Lengths are compared with what is there before memory is taken.

References
----------
Python's ``pickletools.py`` describes every opcode; what the two readers of Python do differently is refused here.
"""

from __future__ import annotations

import binascii
import re
import struct
from collections.abc import Callable

from hermetic.errors import FormatError

__all__ = ["BYTES8_READERS", "LOWEST_PROTOCOLS", "MOST_DIGITS", "OPCODES", "PLAIN_READERS", "Cursor"]

_BY_PROTOCOL = (
    "INT=49 LONG=4c STRING=53 NONE=4e UNICODE=56 FLOAT=46 APPEND=61 LIST=6c TUPLE=74 DICT=64 SETITEM=73 POP=30 DUP=32 "
    "MARK=28 GET=67 PUT=70 GLOBAL=63 REDUCE=52 BUILD=62 INST=69 STOP=2e PERSID=50",
    "BININT=4a BININT1=4b BININT2=4d BINSTRING=54 SHORT_BINSTRING=55 BINUNICODE=58 BINFLOAT=47 EMPTY_LIST=5d "
    "APPENDS=65 EMPTY_TUPLE=29 EMPTY_DICT=7d SETITEMS=75 POP_MARK=31 BINGET=68 LONG_BINGET=6a BINPUT=71 "
    "LONG_BINPUT=72 OBJ=6f BINPERSID=51",
    "LONG1=8a LONG4=8b NEWTRUE=88 NEWFALSE=89 TUPLE1=85 TUPLE2=86 TUPLE3=87 EXT1=82 EXT2=83 EXT4=84 NEWOBJ=81 PROTO=80",
    "BINBYTES=42 SHORT_BINBYTES=43",
    "BINBYTES8=8e SHORT_BINUNICODE=8c BINUNICODE8=8d EMPTY_SET=8f ADDITEMS=90 FROZENSET=91 MEMOIZE=94 "
    "STACK_GLOBAL=93 NEWOBJ_EX=92 FRAME=95",
    "BYTEARRAY8=96 NEXT_BUFFER=97 READONLY_BUFFER=98",
)
_ROWS = [(row.split("="), protocol) for protocol, rows in enumerate(_BY_PROTOCOL) for row in rows.split()]

OPCODES = {int(code, 16): name for (name, code), _ in _ROWS}
"""The name of each opcode by its byte."""

LOWEST_PROTOCOLS = {int(code, 16): protocol for (_, code), protocol in _ROWS}
"""The protocol that brought each opcode; protocols 0 and 1 are told apart by nothing."""

MOST_DIGITS = 4_300
"""Of one whole number: what Python turns into text, and back, without being told to."""
_MOST_LONG_BYTES = 1_750  # no more digits than that
_MOST_NAME_BYTES = 1_000
_DECIMAL = re.compile(rb"-?(?:0|[1-9][0-9]*)\Z")  # with a zero before it, one reader takes it for octal
_FLOAT = re.compile(rb"-?(?:[0-9]+(?:\.[0-9]*)?(?:e[+-]?[0-9]+)?|inf|nan)\Z")
_ESCAPE = re.compile(rb"\\(?:x[0-9a-fA-F]{2}|[0-7]{1,3}|[\\'\"abfnrtv])|[^\\]+", re.DOTALL)
_SIMPLE_ESCAPES = dict(zip(b"\\'\"abfnrtv", b"\\'\"\a\b\f\n\r\t\v", strict=True))


class Cursor:
    r"""A place in some bytes, from which arguments are read.

    Parameters
    ----------
    data : bytes
        All bytes.
    position : int, default=0
        Where reading begins.

    Attributes
    ----------
    position : int
        The first byte that is not read yet.

    Examples
    --------
    >>> from hermetic.formats.pickle_opcodes import Cursor
    >>> Cursor(b"12\n").read_decimal()
    12
    """

    def __init__(self, data: bytes, position: int = 0) -> None:
        self.data = data
        self.position = position

    def take(self, length: int) -> bytes:
        """Read exactly `length` bytes."""
        start = self.position
        self.skip(length)
        return self.data[start : self.position]

    def keep(self, length: int) -> None:
        """Go on behind the next `length` bytes, which somebody will ask for by their place."""
        self.skip(length)

    def kept(self, start: int, length: int) -> memoryview:
        """Show bytes that were passed by `keep`, without a copy."""
        return memoryview(self.data)[start : start + length]

    def reach(self, end: int) -> int:
        """Have the bytes up to one of them in memory, and tell up to where they are: here to the last."""
        return len(self.data)

    def skip(self, length: int) -> None:
        """Go on behind the next `length` bytes."""
        n_left = len(self.data) - self.position
        if length > n_left:
            raise FormatError(f"{length} bytes are needed, but {n_left} are left: the stream is cut off")
        self.position += length

    def read_unsigned(self, n_bytes: int) -> int:
        """Read a little-endian number that is not negative."""
        return int.from_bytes(self.take(n_bytes), "little")

    def read_signed(self, n_bytes: int) -> int:
        """Read a little-endian number in two's complement."""
        return int.from_bytes(self.take(n_bytes), "little", signed=True)

    def read_bytes(self, n_bytes: int) -> bytes:
        """Read bytes behind their length, which has `n_bytes`."""
        return self.take(self.read_unsigned(n_bytes))

    def read_signed_bytes(self) -> bytes:
        """Read bytes behind a length of four bytes that may not be negative."""
        length = self.read_signed(4)
        if length < 0:
            raise FormatError(f"a length is {length}, expected 0 or more")
        return self.take(length)

    def read_text(self, n_bytes: int) -> str:
        """Read text in UTF-8, where lone surrogates are allowed, behind its length."""
        return _decode(self.read_bytes(n_bytes), "utf-8", "surrogatepass")

    def read_line(self) -> bytes:
        """Read to the next line feed, which is left out."""
        end = self.data.find(b"\n", self.position)
        if end < 0:
            raise FormatError("a line has no end: the stream is cut off")
        start, self.position = self.position, end + 1
        return self.data[start:end]

    def read_name(self) -> str:
        """Read a line that holds a part of a name."""
        line = self.read_line()
        if len(line) > _MOST_NAME_BYTES:
            raise FormatError(f"a name has {len(line)} bytes, at most {_MOST_NAME_BYTES} are read")
        return _decode(line, "utf-8", "strict")

    def read_raw_unicode(self) -> str:
        """Read a line of text with escapes for what is not in Latin-1."""
        return _decode(self.read_line(), "raw-unicode-escape", "strict")

    def read_quoted(self) -> bytes:
        """Read a line with an 8-bit string between quotes, as Python 2 writes it."""
        line = self.read_line()
        if len(line) < 2 or line[:1] not in (b"'", b'"') or line[-1:] != line[:1]:
            raise FormatError("an 8-bit string does not stand between two quotes")
        inside = line[1:-1]
        if b"\\" not in inside:
            return inside
        return _unescape(inside)

    def read_decimal(self) -> int:
        """Read a line with a whole number in decimal digits."""
        return _whole_number(self.read_line())

    def read_index(self) -> int:
        """Read a line with the number of an entry of the memo."""
        number = self.read_decimal()
        if not 0 <= number < 1 << 32:
            raise FormatError(f"the number of a memo entry is {number}, expected 0 to 4294967295")
        return number

    def read_whole_or_truth(self) -> int | bool:
        """Read a line with a whole number; ``00`` and ``01`` stand for False and True."""
        line = self.read_line()
        if line in (b"00", b"01"):
            return line == b"01"
        return _whole_number(line)

    def read_long(self) -> int:
        """Read a line with a whole number and an ``L`` behind it."""
        line = self.read_line()
        if line[-1:] != b"L":
            raise FormatError("a long integer does not end with L")
        return _whole_number(line[:-1])

    def read_long_bytes(self, n_bytes: int) -> int:
        """Read a whole number of any size, in two's complement behind its length."""
        length = self.read_unsigned(1) if n_bytes == 1 else self.read_signed(4)
        if not 0 <= length <= _MOST_LONG_BYTES:
            raise FormatError(f"an integer has {length} bytes, expected 0 to {_MOST_LONG_BYTES}")
        return int.from_bytes(self.take(length), "little", signed=True)

    def read_float_line(self) -> float:
        """Read a line with a number in the form that ``repr`` gives."""
        line = self.read_line()
        if len(line) > 400 or not _FLOAT.match(line):
            raise FormatError(f"{line[:30]!r} is no number in the form that Python writes")
        return float(line)

    def read_double(self) -> float:
        """Read eight bytes, the most significant first."""
        found: float = struct.unpack(">d", self.take(8))[0]
        return found


def _whole_number(digits: bytes) -> int:
    if len(digits) > MOST_DIGITS or not _DECIMAL.match(digits):
        raise FormatError(f"{digits[:30]!r} is no whole number of at most {MOST_DIGITS} decimal digits")
    return int(digits)


def _decode(data: bytes, encoding: str, errors: str) -> str:
    try:
        return data.decode(encoding, errors)
    except UnicodeDecodeError as error:
        raise FormatError(f"a text is not encoded in {encoding}: {error.reason}") from error


def _unescape(inside: bytes) -> bytes:
    output = bytearray()
    position = 0
    while position < len(inside):
        found = _ESCAPE.match(inside, position)
        if found is None:
            raise FormatError(f"{inside[position : position + 4]!r} is no escape that Python 2 writes")
        output += _unescaped(found[0])
        position = found.end()
    return bytes(output)


def _unescaped(piece: bytes) -> bytes:
    if piece[:1] != b"\\":
        return piece
    if piece[1:2] == b"x":
        return binascii.unhexlify(piece[2:])
    if piece[1:2].isdigit():
        return bytes([int(piece[1:], 8) & 0xFF])
    return bytes([_SIMPLE_ESCAPES[piece[1]]])


def _code(name: str) -> int:
    return next(code for code, found in OPCODES.items() if found == name)


_Plain = None | bool | int | float | str | bytes
_PLAIN: dict[str, Callable[[Cursor], _Plain]] = {
    "BINBYTES": lambda cursor: cursor.read_bytes(4),
    "BINBYTES8": lambda cursor: cursor.read_bytes(8),
    "BINFLOAT": Cursor.read_double,
    "BININT": lambda cursor: cursor.read_signed(4),
    "BININT1": lambda cursor: cursor.read_unsigned(1),
    "BININT2": lambda cursor: cursor.read_unsigned(2),
    "BINUNICODE": lambda cursor: cursor.read_text(4),
    "BINUNICODE8": lambda cursor: cursor.read_text(8),
    "FLOAT": Cursor.read_float_line,
    "INT": Cursor.read_whole_or_truth,
    "LONG": Cursor.read_long,
    "LONG1": lambda cursor: cursor.read_long_bytes(1),
    "LONG4": lambda cursor: cursor.read_long_bytes(4),
    "NEWFALSE": lambda cursor: False,
    "NEWTRUE": lambda cursor: True,
    "NONE": lambda cursor: None,
    "SHORT_BINBYTES": lambda cursor: cursor.read_bytes(1),
    "SHORT_BINUNICODE": lambda cursor: cursor.read_text(1),
    "UNICODE": Cursor.read_raw_unicode,
}
_BYTES8: dict[str, Callable[[Cursor], bytes]] = {
    "BINSTRING": Cursor.read_signed_bytes,
    "SHORT_BINSTRING": lambda cursor: cursor.read_bytes(1),
    "STRING": Cursor.read_quoted,
}

PLAIN_READERS = {_code(name): reader for name, reader in _PLAIN.items()}
"""How to read the value of each opcode that is one plain value."""

BYTES8_READERS = {_code(name): reader for name, reader in _BYTES8.items()}
"""How to read the value of each opcode that is an 8-bit string of Python 2."""
