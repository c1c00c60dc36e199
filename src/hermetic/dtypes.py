"""numpy dtypes as data: a closed grammar, free of byte order.

A dtype is text such as ``<f8`` (the machine's own byte order, on every machine), ``>f8`` (the other one), ``|b1``,
``<U12``, ``<M8[ns]``; or, for structured dtypes whose fields follow each other in memory,
``{"names": [...], "formats": [...], "offsets": [...], "itemsize": n}``.
One dtype has one text, the one that numpy itself writes: no leading zeros, no multiple of one, no fractions of a unit.
Never object pointers, flags or metadata: ``numpy.dtype.__setstate__`` trusts those blindly.

Source: https://numpy.org/doc/stable/reference/arrays.interface.html
"""

from __future__ import annotations

import functools
import re
import sys
from typing import Any

from hermetic.errors import CannotSave, InvalidState
from hermetic.lazy import numpy as np

__all__ = [
    "COMMON_DTYPES",
    "describe_dtype",
    "dtype_from_description",
    "item_bytes",
    "meaning_mask",
    "stored_bytes",
    "stored_dtype",
]

_NATIVE = "<" if sys.byteorder == "little" else ">"
_PLAIN = re.compile(
    r"(?:\|b1|\|[iu]1|[<>][iu][248]|[<>]f(?:2|4|8|12|16)|[<>]c(?:8|16|24|32)|\|[SV](?:0|[1-9][0-9]{0,9})"
    r"|[<>]U(?:0|[1-9][0-9]{0,8})|[<>][mM]8(?:\[(?:[2-9]|[1-9][0-9]{1,9})?(?:Y|M|W|D|h|m|s|ms|us|ns|ps|fs|as)\])?)\Z"
)
COMMON_DTYPES = frozenset({"|b1", "|i1", "|u1", "<i4", "<i8", "<f4", "<f8"})
"""What nearly all arrays are: no expression needs to be matched for these."""
_MAX_FIELDS = 10_000
_MAX_NESTING = 16
_MANTISSA_OF_X87 = 63


def describe_dtype(dtype: Any) -> str | dict[str, Any]:
    """Give a dtype as data.

    Parameters
    ----------
    dtype : numpy.dtype
        Without object fields.

    Returns
    -------
    str or dict
        See the module docstring.

    Raises
    ------
    CannotSave
        For dtypes outside the grammar.

    Examples
    --------
    >>> import numpy
    >>> describe_dtype(numpy.dtype("int16"))
    '<i2'
    """
    if dtype.metadata:
        raise CannotSave(f"the dtype {dtype} carries metadata", next_step="Drop it with numpy.dtype(dtype.str).")
    if dtype.names is None:
        return _describe_plain(dtype)
    description: dict[str, Any] = {"names": list(dtype.names), "formats": [], "offsets": [], "itemsize": dtype.itemsize}
    for name in dtype.names:
        field = dtype.fields[name]
        if len(field) == 3:
            raise CannotSave(f"the dtype {dtype} has field titles", next_step="Use field names only.")
        base, shape = field[0].subdtype or (field[0], ())
        inner = describe_dtype(base)
        description["formats"].append([inner, list(shape)] if shape else inner)
        description["offsets"].append(field[1])
    if not _is_in_order(description["offsets"], [dtype.fields[name][0].itemsize for name in dtype.names]):
        raise CannotSave(
            f"the fields of the dtype {dtype} overlap, or stand in another order than in memory",
            next_step="Copy the array with numpy.lib.recfunctions.repack_fields.",
        )
    if dtype.isalignedstruct:
        description["aligned"] = True
    if dtype.type is np.record:
        description["record"] = True
    return description


def _is_in_order(offsets: list[int], sizes: list[int]) -> bool:
    """Tell whether fields follow each other in memory; a ``.npy`` header can say nothing else."""
    ends = [0, *(offset + size for offset, size in zip(offsets, sizes, strict=True))]
    return all(offset >= end for offset, end in zip(offsets, ends, strict=False))


# Structured dtypes must not be kept like this: == does not see alignment, metadata and the record type.
@functools.lru_cache(maxsize=256)
def _describe_plain(dtype: Any) -> str:
    text = _relative(dtype.str)
    if text in COMMON_DTYPES:
        return text
    if dtype.subdtype is not None or dtype.hasobject or not _PLAIN.match(text):
        raise CannotSave(
            f"the dtype {dtype!r} has no place in a file",
            next_step="Convert the array to a plain numpy dtype before saving.",
        )
    return text


def dtype_from_description(description: Any, *, depth: int = 0) -> Any:
    """Make the dtype that a description stands for, on this machine.

    Parameters
    ----------
    description : str or dict
        As `describe_dtype` gives it; from a file, so trusted in nothing.
    depth : int
        How many structured dtypes stand around this one.

    Returns
    -------
    numpy.dtype
        The dtype, in this machine's byte order where the original had its own.

    Raises
    ------
    InvalidState
        When the description is outside the grammar.

    Examples
    --------
    >>> dtype_from_description("<i2").itemsize
    2
    """
    if type(description) is str:
        return _plain_dtype(description)
    if type(description) is not dict or depth > _MAX_NESTING:
        raise _refuse(description)
    names, formats, offsets = description.get("names"), description.get("formats"), description.get("offsets")
    itemsize = description.get("itemsize")
    flags = {"aligned", "record"} & set(description)
    if (
        not (type(names) is list and type(formats) is list and type(offsets) is list and type(itemsize) is int)
        or not (len(names) == len(formats) == len(offsets) <= _MAX_FIELDS)
        or not (all(type(name) is str for name in names) and all(type(offset) is int for offset in offsets))
        or set(description) - flags != {"names", "formats", "offsets", "itemsize"}
        or any(description[flag] is not True for flag in flags)
        or not 0 <= itemsize < 1 << 31
    ):
        raise _refuse(description)
    return _make_structured(description, names, formats, offsets, itemsize, depth)


@functools.lru_cache(maxsize=256)
def _plain_dtype(description: str) -> Any:
    if description not in COMMON_DTYPES and not _PLAIN.match(description):
        raise _refuse(description)
    try:
        return np.dtype(_relative(description))
    except (TypeError, ValueError) as error:
        raise _refuse(description) from error


def _make_structured(
    description: dict[str, Any], names: list[str], formats: list[Any], offsets: list[int], itemsize: int, depth: int
) -> Any:
    made = []
    for inner, offset in zip(formats, offsets, strict=True):
        shape: tuple[int, ...] = ()
        if type(inner) is list:
            if len(inner) != 2 or type(inner[1]) is not list or not 1 <= len(inner[1]) <= 32:
                raise _refuse(description)
            if not all(type(length) is int and 0 <= length < 1 << 31 for length in inner[1]):
                raise _refuse(description)
            inner, shape = inner[0], tuple(inner[1])
        dtype = dtype_from_description(inner, depth=depth + 1)
        size_bytes = dtype.itemsize
        for length in shape:
            size_bytes *= length
        if offset < 0 or offset + size_bytes > itemsize:
            raise _refuse(description)
        made.append(np.dtype((dtype, shape)) if shape else dtype)
    if not _is_in_order(offsets, [dtype.itemsize for dtype in made]):
        raise _refuse(description)
    try:
        parts: Any = {"names": names, "formats": made, "offsets": offsets, "itemsize": itemsize}
        dtype = np.dtype(parts, align="aligned" in description)
        return np.dtype((np.record, dtype)) if "record" in description else dtype
    except (TypeError, ValueError, MemoryError) as error:
        raise _refuse(description) from error


def stored_dtype(dtype: Any) -> Any:
    """Give the dtype under which items lie in a pool: the same, little-endian, and no record type.

    Parameters
    ----------
    dtype : numpy.dtype
        Of an array in memory.

    Returns
    -------
    numpy.dtype
        Of its pool.
    """
    if dtype.type is np.record:
        dtype = np.dtype(
            {
                "names": dtype.names,
                "formats": [dtype.fields[name][0] for name in dtype.names],
                "offsets": [dtype.fields[name][1] for name in dtype.names],
                "itemsize": dtype.itemsize,
            }
        )
    return dtype.newbyteorder("<")


def stored_bytes(array: Any) -> bytes:
    """Give the items of an array as a pool would hold them: the same bytes on every machine.

    Parameters
    ----------
    array : numpy.ndarray
        Any array of plain items.

    Returns
    -------
    bytes
        In C order.

    Examples
    --------
    >>> import numpy
    >>> stored_bytes(numpy.array([1], dtype=">i4")).hex()
    '01000000'
    """
    stored: bytes = array.astype(stored_dtype(array.dtype), copy=False).tobytes()
    return stored


def meaning_mask(dtype: Any) -> Any:
    """Give 255 for each byte of an item that means something, and 0 for padding.

    Parameters
    ----------
    dtype : numpy.dtype
        Of one item.

    Returns
    -------
    uint8 array of shape (itemsize,)
        The mask.

    Examples
    --------
    >>> import numpy
    >>> meaning_mask(numpy.dtype({"names": ["a"], "formats": ["i1"], "itemsize": 3})).tolist()
    [255, 0, 0]
    """
    mask = np.zeros(dtype.itemsize, dtype=np.uint8)
    _mark_meaning(dtype, mask)
    return mask


def _mark_meaning(dtype: Any, mask: Any) -> None:
    if dtype.names is not None:
        for name in dtype.names:
            inner, offset = dtype.fields[name][:2]
            _mark_meaning(inner, mask[offset : offset + inner.itemsize])
    elif dtype.subdtype is not None:
        base = dtype.subdtype[0]
        if base.itemsize:
            mask.reshape(-1, base.itemsize)[:] = meaning_mask(base)
    elif dtype.char in "gG" and np.finfo(np.longdouble).nmant == _MANTISSA_OF_X87:
        # 80-bit numbers in 96 or 128 bits; the rest of the bytes are whatever was there before.
        part = dtype.itemsize // (2 if dtype.kind == "c" else 1)
        for start in range(0, dtype.itemsize, part):
            mask[start : start + 10] = 255
    else:
        mask[:] = 255


def item_bytes(description: Any) -> int:
    """Give the length of one item in bytes, without numpy.

    Parameters
    ----------
    description : str or dict
        As `describe_dtype` gives it.

    Returns
    -------
    int
        Length of one item.

    Examples
    --------
    >>> item_bytes("<U3"), item_bytes("<f8"), item_bytes("<M8[ns]")
    (12, 8, 8)
    """
    if type(description) is dict:
        itemsize = description.get("itemsize")
        return itemsize if type(itemsize) is int and itemsize >= 0 else 0
    if type(description) is not str or not _PLAIN.match(description):
        raise _refuse(description)
    if description[1] in "mM":
        return 8
    length = int(description[2:])
    return length * 4 if description[1] == "U" else length


def _relative(text: str) -> str:
    """Swap the meanings of the two byte orders on big-endian machines."""
    if _NATIVE == "<" or text[0] == "|":
        return text
    return (">" if text[0] == "<" else "<") + text[1:]


def _refuse(description: Any) -> InvalidState:
    return InvalidState(
        # Not the whole of it: spelling out a deeply nested one would exhaust the stack.
        f"not a dtype: {sorted(description) if type(description) is dict else str(description)[:200]!r}"[:250],
        next_step="The file is damaged or hostile. Ask its producer for a fresh copy and compare digests.",
    )
