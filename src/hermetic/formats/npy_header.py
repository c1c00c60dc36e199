"""The header of a ``.npy`` member, byte for byte as numpy writes it, without numpy.

Follows ``numpy/lib/format.py`` (``_write_array_header``, ``_wrap_header_guess_version``) for arrays of one dimension.
Reading needs no parser: the reader renders the header that the graph demands and compares bytes.
"""

from __future__ import annotations

from hermetic.errors import UsageError

__all__ = ["render_npy_header"]

_MAGIC = b"\x93NUMPY"
_ALIGNMENT = 64
# numpy leaves room for the first axis to grow in place to any 64-bit length.
_GROWTH_DIGITS = 21
# A longer text, with 10 bytes before it and at least a space and a new line behind it, passes byte 65,536.
_SHORT_TEXT_BYTES = (1 << 16) - 10 - 2


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
    digits = str(length)
    text = f"{{'descr': {descr}, 'fortran_order': False, 'shape': ({digits},), }}{' ' * (_GROWTH_DIGITS - len(digits))}"
    try:
        encoded = text.encode("latin1")
    except UnicodeEncodeError:
        return _frame(text.encode("utf-8"), b"\x03\x00", 4)
    if len(encoded) <= _SHORT_TEXT_BYTES:
        return _frame(encoded, b"\x01\x00", 2)
    return _frame(encoded, b"\x02\x00", 4)


def _frame(text: bytes, version: bytes, n_length_bytes: int) -> bytes:
    """Put magic, version and length before the text, which is padded and ends with a new line."""
    frame = len(_MAGIC) + len(version) + n_length_bytes
    length = len(text) + 1
    length += _ALIGNMENT - (frame + length) % _ALIGNMENT
    return _MAGIC + version + length.to_bytes(n_length_bytes, "little") + text.ljust(length - 1) + b"\n"
