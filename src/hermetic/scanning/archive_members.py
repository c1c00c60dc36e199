"""What stands in an archive, and its bytes within a budget that all archives inside each other share."""

from __future__ import annotations

import bz2
import lzma
import zlib
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from hermetic.errors import FormatError, LimitExceeded
from hermetic.limits import Limits
from hermetic.scanning.pickle_judge import Finding

__all__ = ["MOST_LEVELS", "ArchiveMember", "Budget", "Listing", "StoredForm", "damage", "read_form"]

MOST_LEVELS = 8
"""How many archives and compressions may stand inside each other."""

_STEP_BYTES = 1 << 18
_LZMA_MEMORY_BYTES = 128 << 20
_LZMA_HEADER_BYTES = 9
STORED, DEFLATED, BZIP2, LZMA = 0, 8, 12, 14


class StoredForm(NamedTuple):
    """One way to read a member.

    Attributes
    ----------
    method : int
        0 for bytes as they are, else the number that ZIP has for a compression.
    start, length : int
        Where its stored bytes begin, and how many there are.
    content_length : int
        How many bytes it says that it holds.
    """

    method: int
    start: int
    length: int
    content_length: int


@dataclass(frozen=True, kw_only=True)
class ArchiveMember:
    """One member of an archive.

    Attributes
    ----------
    name : str
        As the archive spells it.
    offset : int
        Where its header begins.
    forms : tuple of StoredForm
        Ways in which programs may read it: two where its two headers disagree; none for what has no content.
    crc32 : int
        The checksum that it should have; -1 for none.
    findings : tuple of Finding
        What is wrong with it.
    """

    name: str
    offset: int
    forms: tuple[StoredForm, ...]
    crc32: int = -1
    findings: tuple[Finding, ...] = ()


class Listing(NamedTuple):
    """The members of an archive, and what is wrong with the archive itself."""

    members: list[ArchiveMember]
    findings: list[Finding]


class Budget:
    """How much archives and compressed data may still expand to.

    Parameters
    ----------
    limits : Limits
        ``expanded_bytes``, or ``expansion`` times the length of the outermost file where that is more.
    length_bytes : int
        Of the outermost file.

    Attributes
    ----------
    limits : Limits
        As given.
    left_bytes : int
        What has not been used.

    Examples
    --------
    >>> from hermetic.limits import Limits
    >>> budget = Budget(Limits(expanded_bytes=1000), 10)
    >>> budget.take(900)
    >>> budget.left_bytes
    100
    """

    # Members may share their bytes, and archives lie inside each other without any compression: what is only cut out
    # of something has a budget of its own, a multiple of what it is cut out of.

    def __init__(self, limits: Limits, length_bytes: int) -> None:
        self.limits = limits
        self._allowed_bytes = max(limits.expanded_bytes, limits.expansion * length_bytes)
        self.left_bytes = self._allowed_bytes
        self._left_cut_bytes = limits.expansion * length_bytes

    def take(self, length_bytes: int) -> None:
        """Use some of the budget, or raise `LimitExceeded`."""
        if length_bytes > self.left_bytes:
            used = self._allowed_bytes - self.left_bytes
            raise LimitExceeded("expanded_bytes", allowed=self._allowed_bytes, asked=used + length_bytes)
        self.left_bytes -= length_bytes
        self._left_cut_bytes += self.limits.expansion * length_bytes

    def cut(self, length_bytes: int) -> None:
        """Use some of the budget for bytes that stand in an archive as they are, or raise `LimitExceeded`."""
        if length_bytes > self._left_cut_bytes:
            raise LimitExceeded("expansion", allowed=self.limits.expansion, asked=self.limits.expansion + 1)
        self._left_cut_bytes -= length_bytes


def damage(rule: str, offset: int, text: str, severity: str = "malformed") -> Finding:
    """Give a finding of an archive, which has no opcodes.

    Examples
    --------
    >>> damage("wrong-checksum", 0, "the content has another CRC-32").severity
    'malformed'
    """
    return Finding(rule=rule, severity=severity, offset=offset, opcode="", text=text, path="")


def read_form(data: bytes, form: StoredForm, budget: Budget) -> tuple[bytes, str]:
    """Give the content of a member, as far as it can be had, and what is wrong with it.

    Parameters
    ----------
    data : bytes
        The archive.
    form : StoredForm
        The way to read it.
    budget : Budget
        What decompressed content uses up.

    Returns
    -------
    content : bytes
        Also of a member that is damaged behind it.
    problem : str
        ``""`` for nothing.

    Raises
    ------
    LimitExceeded
        When it expands to more than the budget has left.
    FormatError
        When it is compressed in a way that is not read.

    Examples
    --------
    >>> from hermetic.limits import DEFAULT_LIMITS
    >>> read_form(b"abc", StoredForm(method=0, start=1, length=2, content_length=2), Budget(DEFAULT_LIMITS, 3))
    (b'bc', '')
    """
    budget.cut(min(form.length, len(data)))
    stored = data[form.start : form.start + form.length]
    if form.method == STORED:
        content, problem = stored, ("" if len(stored) == form.length else "its content is cut off")
    else:
        content, problem = _expand(stored, form, budget)
    if not problem and len(content) != form.content_length:
        problem = f"it holds {len(content)} bytes, but declares {form.content_length}"
    return content, problem


class _Expander(Protocol):
    @property
    def eof(self) -> bool: ...

    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


class _Inflate:
    """Raw deflate with the interface that bz2 and lzma share."""

    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(-zlib.MAX_WBITS)

    @property
    def eof(self) -> bool:
        return self._inflate.eof

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._inflate.decompress(self._inflate.unconsumed_tail + data, max_length)


def _expander(method: int, stored: bytes) -> tuple[_Expander, bytes]:
    """Give what decompresses a member, and the bytes for it."""
    if method == DEFLATED:
        return _Inflate(), stored
    if method == BZIP2:
        return bz2.BZ2Decompressor(), stored
    if method == LZMA:
        return _lzma_expander(stored), stored[_LZMA_HEADER_BYTES:]
    raise FormatError(f"it is compressed by method {method}, which is not read")


def _lzma_expander(stored: bytes) -> _Expander:
    """Make the expander that nine bytes before LZMA data ask for: version, 5, properties, size of the dictionary."""
    header = stored[:_LZMA_HEADER_BYTES].ljust(_LZMA_HEADER_BYTES, b"\xff")
    properties, dictionary_bytes = header[4], int.from_bytes(header[5:9], "little")
    if header[2:4] != b"\x05\x00" or properties >= 9 * 5 * 5 or dictionary_bytes > _LZMA_MEMORY_BYTES:
        raise FormatError("its LZMA header is damaged, or asks for too much memory")
    rest, literal_bits = divmod(properties, 9)
    position_bits, literal_position_bits = divmod(rest, 5)
    if literal_bits + literal_position_bits > 4:
        raise FormatError("its LZMA header is damaged")
    chosen = {
        "id": lzma.FILTER_LZMA1,
        "dict_size": dictionary_bytes,
        "lc": literal_bits,
        "lp": literal_position_bits,
        "pb": position_bits,
    }
    return lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[chosen])


def _expand(stored: bytes, form: StoredForm, budget: Budget) -> tuple[bytes, str]:
    expander, stored = _expander(form.method, stored)
    output = bytearray()
    problem, piece = "", stored
    while not expander.eof:
        try:
            step = expander.decompress(piece, _STEP_BYTES)
        except (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError) as error:
            problem = f"its compressed data are damaged: {error}"
            break
        piece = b""
        if not step and not expander.eof:
            # LZMA inside ZIP may end without saying so: the declared length is its end.
            if form.method != LZMA or len(output) != form.content_length:
                problem = "its compressed data are cut off"
            break
        budget.take(len(step))
        output += step
    return bytes(output), problem
