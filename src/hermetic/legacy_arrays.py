"""numpy's dtypes, arrays and scalars from what their pickles say; numpy's own ``__setstate__`` is never called.

It believes whatever it is told about flags, sizes and object pointers. So a dtype is made from its name and fields
anew, and an array is a view of bytes whose number was compared with dtype and shape as Python integers.

Source: numpy/_core/src/multiarray/descriptor.c (``arraydescr_reduce``), methods.c (``array_reduce``), scalartypes.c.
"""

from __future__ import annotations

import math
import re
from typing import Any

from hermetic.errors import FormatError
from hermetic.lazy import numpy as np
from hermetic.legacy_objects import TEXT_DTYPE_MAKERS, LegacyName, LegacyObject

__all__ = [
    "array_of_bytes",
    "array_of_state",
    "bytes_of",
    "dtype_of_state",
    "dtype_of_text",
    "in_native_order",
    "scalar_of_bytes",
]

_TEXT = re.compile(
    r"[<>=|]?(?:\?|b1|[iu][1248]|f(?:2|4|8|12|16)|c(?:8|16|24|32)|[SVU](?:0|[1-9][0-9]{0,8})?|[mM]8?|O[48]?)\Z"
)
_UNITS = frozenset(["Y", "M", "W", "D", "h", "m", "s", "ms", "us", "ns", "ps", "fs", "as", "generic"])
_MISSING_TEXTS = (type(None), float, str, LegacyName)
_SCALARS = frozenset({str, bool, int, float, type(None)})
_ORDERS = frozenset("<>=|")
_MOST_DIMENSIONS = 32
_MOST_FIELDS = 10_000  # of a dtype, those of its fields included
_MOST_LEVELS = 32
_MOST_EMPTY_ITEMS = 1_000_000
_ALIGNED_STRUCT = 0x80
_STATE_LENGTHS = {3: (8, 9), 4: (9,)}


def dtype_of_text(text: Any) -> Any:
    """Give the dtype of the text that a pickle calls ``numpy.dtype`` with.

    Parameters
    ----------
    text : str
        Letter and size, such as ``f8``, ``U12`` or ``V24``; from a file, so it may be anything.

    Returns
    -------
    numpy.dtype
        In native byte order, unless the text says otherwise.

    Raises
    ------
    FormatError
        For what numpy does not write.

    Examples
    --------
    >>> dtype_of_text("i4")
    dtype('int32')
    """
    if type(text) is not str or not _TEXT.match(text):
        raise FormatError(f"{_shown(text)} is no dtype that numpy writes into a pickle")
    return np.dtype(text.rstrip("48") if text.lstrip("<>=|")[0] == "O" else text)


def dtype_of_state(dtype: Any, state: Any) -> Any:
    """Give the dtype that numpy would make of another by ``__setstate__``: byte order, fields, unit of time.

    Parameters
    ----------
    dtype : numpy.dtype
        From `dtype_of_text`.
    state : tuple
        Version, byte order, sub-array, names, fields, size, alignment, flags, and the unit of a datetime.

    Returns
    -------
    numpy.dtype
        A new one.

    Raises
    ------
    FormatError
        For a state that numpy does not write.

    Examples
    --------
    >>> import numpy
    >>> dtype_of_state(numpy.dtype("i4"), (3, ">", None, None, None, -1, -1, 0))
    dtype('>i4')
    """
    if type(state) is not tuple or not state or len(state) not in _STATE_LENGTHS.get(_whole(state[0]), ()):
        raise FormatError("the state of a dtype is not the one that numpy writes")
    order, sub_array, names, fields, itemsize, _, flags = state[1:8]
    if type(order) is not str or order not in _ORDERS:
        raise FormatError(f"{_shown(order)} is no byte order")
    if len(state) == 9 and state[8] is not None:
        dtype = _with_unit(dtype, state[8])
    if sub_array is not None:
        return _repeated(sub_array)
    if names is not None:
        made = _structured(names, fields, _whole(itemsize), is_aligned=bool(_whole(flags) & _ALIGNED_STRUCT))
        return np.dtype((np.record, made)) if dtype.type is np.record else made
    return dtype if order in "|=" else dtype.newbyteorder(order)


def _shown(value: Any) -> str:
    # A tuple of tuples of tuples may be short in a file and endless as text.
    return repr(value[:100]) if type(value) is str else f"a {type(value).__name__}"


def _with_unit(dtype: Any, metadata: Any) -> Any:
    if type(metadata) is not tuple or len(metadata) != 2 or dtype.kind not in "mM":
        raise FormatError("a dtype carries metadata, which no array needs")
    unit = metadata[1]
    if type(unit) is not tuple or len(unit) not in (3, 4):
        raise FormatError("the unit of a datetime is not the one that numpy writes")
    name, count = unit[0], _whole(unit[1])
    name = name.decode("ascii", "replace") if type(name) is bytes else name
    if type(name) is not str or name not in _UNITS or not 1 <= count < 1 << 31:
        raise FormatError("the unit of a datetime is none that numpy knows")
    return dtype if name == "generic" else np.dtype(f"{dtype.kind}8[{count}{name}]")


def _repeated(sub_array: Any) -> Any:
    if type(sub_array) is not tuple or len(sub_array) != 2 or not isinstance(sub_array[0], np.dtype):
        raise FormatError("the sub-array of a dtype is not the one that numpy writes")
    shape = _shape_of(sub_array[1])
    if math.prod(shape) * sub_array[0].itemsize >= 1 << 31:
        raise FormatError(f"one item of a dtype has the shape {shape}")
    return _bounded(np.dtype((sub_array[0], shape)))


def _structured(names: Any, fields: Any, itemsize: int, *, is_aligned: bool) -> Any:
    if type(names) is not tuple or type(fields) is not dict or not len(names) == len(fields) <= _MOST_FIELDS:
        raise FormatError("the fields of a dtype are not those that numpy writes")
    formats, offsets = [], []
    for name in names:
        field = fields.get(name) if type(name) is str else None
        if type(field) is not tuple or len(field) != 2 or not isinstance(field[0], np.dtype):
            raise FormatError(f"the field {_shown(name)} of a dtype is not one that numpy writes")
        formats.append(field[0])
        offsets.append(_whole(field[1]))
    description: Any = {"names": list(names), "formats": formats, "offsets": offsets, "itemsize": itemsize}
    try:
        return _bounded(np.dtype(description, align=is_aligned))
    except (TypeError, ValueError, OverflowError) as error:
        raise FormatError(f"no dtype has these fields: {error}"[:300]) from error


def _bounded(dtype: Any) -> Any:
    """Refuse fields of fields of fields: numpy writes all of them out in its texts, as often as they are met."""
    waiting = [(dtype, 0)]
    for n_parts in range(_MOST_FIELDS + 1):
        if not waiting:
            return dtype
        part, level = waiting.pop()
        inner = [part.base] if part.subdtype else [field[0] for field in (part.fields or {}).values()]
        if level > _MOST_LEVELS or len(waiting) + len(inner) + n_parts > _MOST_FIELDS:
            break
        waiting += [(one, level + 1) for one in inner]
    raise FormatError("a dtype is made of too many fields inside each other")


def _whole(value: Any) -> int:
    if type(value) is int and -1 << 62 < value < 1 << 62:
        return value
    raise FormatError("a number in the state of a dtype or an array is no whole number below 2**62")


def _shape_of(shape: Any) -> tuple[int, ...]:
    if type(shape) is int:
        shape = (shape,)
    if type(shape) is not tuple or len(shape) > _MOST_DIMENSIONS:
        raise FormatError("the shape of an array is no tuple of whole numbers")
    for length in shape:
        if type(length) is not int or not 0 <= length < 1 << 62:
            raise FormatError("the shape of an array is no tuple of whole numbers")
    return shape


def bytes_of(value: Any) -> Any:
    r"""Give the bytes of what may be text, as files of Python 2 and protocols 0 to 2 have them; None for neither.

    Examples
    --------
    >>> bytes_of("\xff"), bytes_of(b"a"), bytes_of(1)
    (b'\xff', b'a', None)
    """
    if type(value) is str:
        try:
            return value.encode("latin-1")
        except UnicodeEncodeError:
            return None
    return value if isinstance(value, (bytes, bytearray, memoryview)) else None


def array_of_bytes(data: Any, dtype: Any, shape: Any, order: Any) -> Any:
    r"""Give an array over some bytes.

    Parameters
    ----------
    data : bytes-like
        Exactly the items.
    dtype : numpy.dtype
        Without objects; from a file, so it may be anything.
    shape : tuple of int
        From a file.
    order : {"C", "F"}
        How the items follow each other; from a file.

    Returns
    -------
    numpy.ndarray
        A read-only view of the bytes, or a copy where they are not aligned.

    Raises
    ------
    FormatError
        When the bytes are not as many as dtype and shape ask for.

    Examples
    --------
    >>> import numpy
    >>> array_of_bytes(b"\1\2", numpy.dtype("u1"), (2,), "C")
    array([1, 2], dtype=uint8)
    """
    shape = _shape_of(shape)
    if not isinstance(dtype, np.dtype) or dtype.hasobject or type(order) is not str or order not in ("C", "F"):
        raise FormatError("an array of bytes has no dtype of plain items, or its order is neither 'C' nor 'F'")
    n_items, itemsize = math.prod(shape), dtype.itemsize
    length_bytes = n_items * itemsize
    if len(data) != length_bytes or (not itemsize and n_items > _MOST_EMPTY_ITEMS):
        text = f"an array of {dtype} and shape {shape} takes {length_bytes} bytes, found {len(data)}"
        raise FormatError(text[:300])
    try:
        array = _array_over(data, dtype, shape, order)
    except (TypeError, ValueError, OverflowError) as error:
        raise FormatError(f"no array has this shape: {error}"[:300]) from error
    return array if array.flags.aligned else array.copy(order="K")


def _array_over(data: Any, dtype: Any, shape: tuple[int, ...], order: Any) -> Any:
    if dtype.subdtype is None:
        return np.ndarray(shape, dtype, data, 0, None, order)  # with names numpy takes three times as long
    return np.ndarray((*shape, *dtype.shape), dtype=dtype.base, buffer=data, order=order)


def array_of_state(state: Any) -> Any:
    r"""Give the array that numpy would make by ``ndarray.__setstate__``.

    Parameters
    ----------
    state : tuple
        Version, shape, dtype, whether in Fortran's order, and the bytes, or a list of objects.

    Returns
    -------
    numpy.ndarray
        Over the bytes; of objects a new one, with what the list holds now.

    Raises
    ------
    FormatError
        For a state that numpy does not write.

    Examples
    --------
    >>> import numpy
    >>> array_of_state((1, (1,), numpy.dtype("u1"), False, b"\7"))
    array([7], dtype=uint8)
    """
    if type(state) is not tuple or len(state) not in (4, 5):
        raise FormatError("the state of an array is not the one that numpy writes")
    shape, dtype, is_fortran, data = state[-4:]
    order = "F" if _whole(int(is_fortran) if type(is_fortran) is bool else is_fortran) else "C"
    if type(dtype) is LegacyObject and dtype.location in TEXT_DTYPE_MAKERS:
        return _array_of_texts(_array_of_objects(data, _shape_of(shape), order), dtype)
    if not isinstance(dtype, np.dtype):
        raise FormatError("the state of an array is not the one that numpy writes")
    if dtype.hasobject and dtype == np.dtype(object):
        return _array_of_objects(data, _shape_of(shape), order)
    raw = data if type(data) is bytes else bytes_of(data)
    if raw is None:
        raise FormatError("the content of an array is neither bytes nor, for objects, a list")
    return in_native_order(array_of_bytes(raw, dtype, shape, order))


def in_native_order(array: Any) -> Any:
    """Give an array in this machine's byte order, as numpy and joblib make them of such a state.

    Parameters
    ----------
    array : numpy.ndarray
        Of any dtype.

    Returns
    -------
    numpy.ndarray
        The same where it is native already.

    Examples
    --------
    >>> import numpy
    >>> in_native_order(numpy.array([1], dtype=">i2")).dtype.isnative
    True
    """
    if array.dtype.isnative or array.dtype.names is not None:
        return array
    return array.astype(array.dtype.newbyteorder("="), order="K")


def _array_of_objects(items: Any, shape: tuple[int, ...], order: str) -> Any:
    if type(items) is not list or len(items) != math.prod(shape):
        raise FormatError(f"an array of objects of shape {shape} has no list of as many items")
    flat = np.empty(len(items), dtype=object)
    if _SCALARS.issuperset(map(type, items)):
        flat[:] = items
    else:
        for position, item in enumerate(items):  # in one go numpy would look into items that are sequences
            flat[position] = item
    try:
        array = flat.reshape(shape)  # the list is in C's order, whatever the order in memory
    except ValueError as error:
        raise FormatError(f"no array has this shape: {error}"[:300]) from error
    return array if order == "C" else array.copy(order="F")


def _array_of_texts(items: Any, made: LegacyObject) -> Any:
    """Give an array of variable-width text; numpy would ask anything else for its text, so nothing else comes there."""
    coerce, *missing = made.arguments if len(made.arguments) in (1, 2) else (None,)
    if type(coerce) not in (int, bool) or not all(type(value) in _MISSING_TEXTS for value in missing):
        raise FormatError("a dtype of text is not made as numpy makes it")
    if not all(
        type(item) is str or any(item is value or _are_nan(item, value) for value in missing) for item in items.flat
    ):
        raise FormatError("an array of text holds something else")
    return items.astype(np.dtypes.StringDType(coerce=bool(coerce), **({"na_object": missing[0]} if missing else {})))


def _are_nan(item: Any, value: Any) -> bool:
    return type(item) is type(value) is float and item != item and value != value


def scalar_of_bytes(dtype: Any, content: Any) -> Any:
    r"""Give the numpy scalar of a dtype and its bytes.

    Parameters
    ----------
    dtype : numpy.dtype
        Without objects.
    content : bytes or str
        Of one item.

    Returns
    -------
    numpy.generic
        The scalar.

    Raises
    ------
    FormatError
        When the bytes are not one item.

    Examples
    --------
    >>> import numpy
    >>> scalar_of_bytes(numpy.dtype("u1"), b"\7")
    np.uint8(7)
    """
    raw = bytes_of(content)
    if not isinstance(dtype, np.dtype) or dtype.hasobject or raw is None or len(raw) != dtype.itemsize:
        raise FormatError("a scalar of numpy is not one item of a dtype")
    if not raw:
        return dtype.type()
    return np.frombuffer(raw, dtype=dtype, count=1)[0]
