"""CRC-32 as ZIP uses it, at the speed of `isal` where it is installed, else of zlib.

The polynomial arithmetic of `crc32_combine` follows ``crc32.c`` of zlib 1.2.12: multiplication of polynomials over
GF(2) modulo the reflected CRC-32 polynomial. In the reflected order bit 31 stands for ``x**0``.

>>> from hermetic.formats.checksum import crc32
>>> f"{crc32(b'789', crc32(b'123456')):08x}"
'cbf43926'
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from types import ModuleType

__all__ = ["crc32", "crc32_combine"]

_POLYNOMIAL = 0xEDB88320
_ONE = 1 << 31
_X_TO_THE_8 = 1 << (31 - 8)


def crc32_combine(a: int, b: int, length_b: int) -> int:
    """Compute the CRC-32 of two blocks that stand one after the other from the CRC-32 of each.

    Parameters
    ----------
    a, b : int
        The CRC-32 of the first and of the second block.
    length_b : int
        Length of the second block in bytes.

    Returns
    -------
    int
        From 0 to 2**32 - 1.

    Examples
    --------
    >>> from hermetic.formats.checksum import crc32, crc32_combine
    >>> crc32_combine(crc32(b"12345"), crc32(b"6789"), 4) == crc32(b"123456789")
    True
    """
    return _crc32_combine(a, b, length_b)


def _combine_in_python(a: int, b: int, length_b: int) -> int:
    """Shift `a` by `length_b` zero bytes, ``a * x**(8 * length_b)``, by squaring; then add `b`."""
    shift, power = _ONE, _X_TO_THE_8
    while length_b:
        if length_b & 1:
            shift = _multiply(power, shift)
        power = _multiply(power, power)
        length_b >>= 1
    return _multiply(shift, a) ^ b


def _multiply(a: int, b: int) -> int:
    product = 0
    while a:
        if a & _ONE:
            product ^= b
        a = (a << 1) & 0xFFFFFFFF
        b = (b >> 1) ^ (_POLYNOMIAL if b & 1 else 0)
    return product


def _import_isal() -> ModuleType | None:
    try:
        from isal import isal_zlib
    except ImportError:  # no wheels for s390x and i386
        return None
    return isal_zlib


_isal = _import_isal()
_crc32: Callable[..., int] = zlib.crc32 if _isal is None else _isal.crc32
crc32 = _crc32
"""Compute the CRC-32 of any contiguous buffer, continuing from the CRC-32 of what stands before it (0 at first).

Not a function around the function: it is called for every member, and for small ones the frame would cost more.
"""
_crc32_combine: Callable[[int, int, int], int] = _combine_in_python if _isal is None else _isal.crc32_combine
