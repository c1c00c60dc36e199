"""An array from the bytes of a ``.npy`` file that numpy has written anywhere: header by a closed grammar, then copied.

`numpy.load` is not used: it would evaluate the header with Python's parser, whatever it holds, and allocate what it
says. Here the header has nothing but the tokens that numpy writes, renders to the same text again, and the bytes that
follow are exactly those that shape and dtype need. Object arrays have none: they are refused.

Source: ``numpy/lib/format.py`` (``_write_array_header``, ``dtype_to_descr``, ``descr_to_dtype``).
"""

from __future__ import annotations

import ast
import math
import re
import sys
from typing import Any

from hermetic.dtypes import dtype_from_description, item_bytes
from hermetic.errors import FileError, FormatError
from hermetic.lazy import numpy as np

__all__ = ["NpyHeader", "read_array", "read_npy_header"]

_MAGIC = b"\x93NUMPY"
_MAX_HEADER_BYTES = 1 << 20
_MAX_DIMENSIONS = 64
_MAX_AXIS = 1 << 31  # of an array within an item
_MAX_NESTING = 16
_MAX_BYTES = 1 << 62
_MAX_LENGTH = 1 << 63
_MAX_EMPTY_ITEMS = 1 << 24  # items without bytes, such as empty texts, are bounded by no length of a file
_HEADER = re.compile(r"\{'descr': (.+), 'fortran_order': (True|False), 'shape': (\([0-9, ]*\)), \}", re.DOTALL)
# No braces, names or operators: what is left is evaluated in no time that the length does not bound.
_TOKENS = re.compile(r"(?:'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\"|[0-9]+|[\[\](),]| )*+")
_SWAPPED = str.maketrans("<>", "><")


class NpyHeader:
    """What stands before the items of an array.

    Parameters
    ----------
    description : str or dict
        The dtype as in `hermetic.dtypes`.
    shape : tuple of int
        Not yet compared with anything.
    is_fortran : bool
        The first axis runs fastest.
    length : int
        Of the header, in bytes.
    """

    __slots__ = ("description", "is_fortran", "length", "shape")

    def __init__(self, description: Any, shape: tuple[int, ...], is_fortran: bool, length: int) -> None:
        self.description = description
        self.shape = shape
        self.is_fortran = is_fortran
        self.length = length


def read_array(data: memoryview, where: str) -> Any:
    """Give the array that a ``.npy`` file holds, in memory of its own.

    Parameters
    ----------
    data : memoryview
        The whole file.
    where : str
        For messages.

    Returns
    -------
    numpy.ndarray
        Without objects, in the memory order and byte order of the file.

    Raises
    ------
    FormatError
        When the header is none that numpy writes, or other bytes follow than it says.

    Examples
    --------
    >>> import io, numpy
    >>> from hermetic.formats.skops_npy import read_array
    >>> file = io.BytesIO()
    >>> numpy.save(file, numpy.arange(3))
    >>> read_array(memoryview(file.getvalue()), "array.npy")
    array([0, 1, 2])
    """
    try:
        header = read_npy_header(data)
        dtype = dtype_from_description(header.description)
        length = _length_bytes(header, dtype.itemsize)
        if len(data) - header.length != length:
            raise FormatError(f"{len(data) - header.length} bytes follow the header, but its array needs {length}")
        order: Any = "F" if header.is_fortran else "C"
        if not length:
            return np.empty(header.shape, dtype, order=order)
        items = np.frombuffer(data, dtype, offset=header.length)
        return items.reshape(header.shape, order=order).copy(order=order)
    except FileError as error:
        raise FormatError(error.found, where=where, next_step=_NEXT_STEP) from error
    except ValueError as error:  # dimensions that numpy does not take, all else being right
        raise FormatError(f"numpy makes no such array: {error}", where=where, next_step=_NEXT_STEP) from error


_NEXT_STEP = "The file is damaged or hostile. Ask its producer for a fresh copy and compare digests."


def _length_bytes(header: NpyHeader, itemsize: int) -> int:
    """Give the number of bytes that follow; whatever the file says, the shape is within reason."""
    reach = max(itemsize, 1) * math.prod(length or 1 for length in header.shape)
    if reach >= _MAX_BYTES or (not itemsize and reach > _MAX_EMPTY_ITEMS):
        raise FormatError(f"not the shape of an array: {str(header.shape)[:100]}")
    return math.prod(header.shape) * itemsize


def read_npy_header(data: memoryview) -> NpyHeader:
    """Read the header of a ``.npy`` file, without numpy.

    Parameters
    ----------
    data : memoryview
        The file, or at least its header.

    Returns
    -------
    NpyHeader
        Its dtype is within the grammar of `hermetic.dtypes`.

    Raises
    ------
    FormatError
        When it is not what numpy writes.

    Examples
    --------
    >>> from hermetic.formats.npy_header import render_npy_header
    >>> from hermetic.formats.skops_npy import read_npy_header
    >>> read_npy_header(memoryview(render_npy_header("'<f8'", 3))).shape
    (3,)
    """
    text, length = _header_text(data)
    body = text.rstrip(" \n")
    match = _HEADER.fullmatch(body)
    if match is None or text != f"{body.ljust(len(text) - 1)}\n":
        raise _refuse_header(text)
    descr, shape = _literal(match[1], text), _literal(match[3], text)
    is_fortran = match[2] == "True"
    if type(shape) is not tuple or body != _rendered(descr, is_fortran, shape):
        raise _refuse_header(text)
    if len(shape) > _MAX_DIMENSIONS or max(shape, default=0) >= _MAX_LENGTH:
        raise FormatError(f"not the shape of an array: {match[3][:100]}")
    return NpyHeader(_described(descr, 0), shape, is_fortran, length)


def _literal(text: str, header: str) -> Any:
    if not _TOKENS.fullmatch(text):
        raise _refuse_header(header)
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError) as error:
        raise _refuse_header(header) from error


def _refuse_header(text: str) -> FormatError:
    return FormatError(f"not the header of an array as numpy writes it: {text[:200]!r}")


def _header_text(data: memoryview) -> tuple[str, int]:
    """Give the text of the header and the length of all that stands before the items."""
    version = bytes(data[6:8])
    frame = 10 if version == b"\x01\x00" else 12
    if data[:6] != _MAGIC or version not in (b"\x01\x00", b"\x02\x00", b"\x03\x00") or len(data) < frame:
        raise FormatError(f"expected the beginning of a .npy file, found {bytes(data[:8])!r}")
    length = frame + int.from_bytes(data[8:frame], "little")
    if length > min(len(data), frame + _MAX_HEADER_BYTES):
        raise FormatError(f"a header of {length} bytes does not fit into a .npy file of {len(data)}")
    try:
        return str(data[frame:length], "utf-8" if version == b"\x03\x00" else "latin1"), length
    except UnicodeDecodeError as error:
        raise FormatError(f"the header of the array is not UTF-8: {error}") from error


def _rendered(descr: Any, is_fortran: bool, shape: tuple[int, ...]) -> str:
    return f"{{'descr': {descr!r}, 'fortran_order': {is_fortran}, 'shape': {shape!r}, }}"


def _described(descr: Any, depth: int) -> Any:
    """Turn numpy's description of a dtype into ours, whose byte order is relative to the machine's."""
    if type(descr) is str:
        item_bytes(descr)  # refuses what is outside the grammar, objects above all
        return descr if sys.byteorder == "little" else descr.translate(_SWAPPED)
    if type(descr) is not list or depth > _MAX_NESTING:
        raise _refuse(descr)
    names, formats, offsets, end = [], [], [], 0
    for field in descr:
        if type(field) is not tuple or len(field) not in (2, 3) or type(field[0]) is not str:
            raise _refuse(descr)
        inner = _described(field[1], depth + 1)
        shape = field[2] if len(field) == 3 else ()
        if type(shape) is not tuple or not all(type(axis) is int and axis < _MAX_AXIS for axis in shape):
            raise _refuse(descr)
        is_padding = not field[0] and type(inner) is str and inner.startswith("|V") and not shape
        if not is_padding:
            names.append(field[0])
            formats.append([inner, list(shape)] if shape else inner)
            offsets.append(end)
        end += item_bytes(inner) * math.prod(shape[:_MAX_DIMENSIONS])
        if end >= _MAX_AXIS:
            raise _refuse(descr)
    return {"names": names, "formats": formats, "offsets": offsets, "itemsize": end}


def _refuse(descr: Any) -> FormatError:
    return FormatError(f"not a dtype that can be kept: {str(descr)[:200]}")
