"""The header of a ``.npy`` member, byte for byte as numpy writes it, without numpy.

Follows ``numpy/lib/format.py`` (``_write_array_header``, ``_wrap_header_guess_version``) for arrays of one dimension.
Reading needs no parser: the reader renders the header that the graph demands and compares bytes.
"""

from __future__ import annotations

import struct

from hermetic.errors import UsageError

__all__ = ["render_npy_header"]

_MAGIC = b"\x93NUMPY"
_ALIGNMENT = 64
# numpy leaves room for the first axis to grow in place to any 64-bit length.
_GROWTH_DIGITS = 21


def render_npy_header(descr: str, length: int) -> bytes:
    """Render the header of an array of shape ``(length,)``.

    Parameters
    ----------
    descr : str
        ``repr(numpy.lib.format.dtype_to_descr(dtype))``, for example ``"'<f8'"`` with its inner quotes, or a list of
        fields.
    length : int
        Number of elements, from 0 to 2**63 - 1.

    Returns
    -------
    bytes
        Its length is a multiple of 64, so that the elements are aligned where the header is.

    Raises
    ------
    UsageError
        When `length` is not a count.

    Examples
    --------
    >>> from hermetic.formats.npy_header import render_npy_header
    >>> render_npy_header("'<f8'", 3)[10:69]
    b"{'descr': '<f8', 'fortran_order': False, 'shape': (3,), }  "
    """
    if not 0 <= length < 1 << 63:
        raise UsageError(f"an array cannot have {length} elements (expected 0 to 2**63 - 1)")
    text = f"{{'descr': {descr}, 'fortran_order': False, 'shape': ({length},), }}"
    text += " " * (_GROWTH_DIGITS - len(str(length)))
    try:
        encoded = text.encode("latin1")
    except UnicodeEncodeError:
        return _wrap(text.encode("utf-8"), b"\x03\x00", "<I")
    short = _wrap(encoded, b"\x01\x00", "<H")
    return short or _wrap(encoded, b"\x02\x00", "<I")


def _wrap(text: bytes, version: bytes, length_format: str) -> bytes:
    """Pad and frame the text; nothing when the length does not fit."""
    frame = len(_MAGIC) + len(version) + struct.calcsize(length_format) + 1
    padding = _ALIGNMENT - (frame + len(text)) % _ALIGNMENT
    try:
        length = struct.pack(length_format, len(text) + padding + 1)
    except struct.error:
        return b""
    return _MAGIC + version + length + text + b" " * padding + b"\n"
