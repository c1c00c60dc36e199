"""The arrays of pyarrow in legacy files, read from their buffers without pyarrow.

A pickle of one has its type, its length, how many values are missing, an offset, the buffers and the arrays inside it.
Whatever the file says of lengths is compared with the buffers before anything is read.

References
----------
https://arrow.apache.org/docs/format/Columnar.html; ``_restore_array`` in pyarrow/array.pxi.
"""

from __future__ import annotations

import decimal
from typing import Any, NamedTuple

from hermetic.codecs.codec import LegacyObject, not_adopted
from hermetic.codecs.records import refuse_value
from hermetic.lazy import numpy as np
from hermetic.legacy_arrays import bytes_of

__all__ = ["ARROW_PARTS", "ArrowColumn", "arrow_column", "describe_legacy_arrow_type"]

ARROW_PARTS = frozenset(
    f"pyarrow.lib:{name}"
    for name in [
        "_restore_array",
        "chunked_array",
        "decimal128",
        "field",
        "list_",
        "py_buffer",
        "timestamp",
        "type_for_alias",
    ]
)
"""The calls of which pyarrow's pickles are made."""
_NUMBERS = {
    **{name: name for name in ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")},
    **{"float": "float32", "double": "float64", "bool": "bool", "date32": "int32", "date64": "int64"},
    **{"timestamp": "int64", "duration": "int64", "time32": "int32", "time64": "int64"},
}
_OFFSETS = {"string": "int32", "large_string": "int64", "list": "int32"}
_ALIASES = {"date32[day]": ("date32",), "date64[ms]": ("date64",)} | {
    f"{name}[{unit}]": (name, unit) for name in ("duration", "time32", "time64") for unit in ("s", "ms", "us", "ns")
}
_MOST_LISTS = 8
_MOST_ITEMS = 1 << 31
_DECIMAL_BYTES = 16


class ArrowColumn(NamedTuple):
    """The values of an array of pyarrow.

    Attributes
    ----------
    type : tuple
        As `hermetic.codecs.pandas.arrow.describe_arrow_type` gives it.
    values : numpy.ndarray, list of str, or ArrowColumn
        Numbers; texts; for lists, the items of all.
    missing : numpy.ndarray
        One bool for each value; numbers there are zero, texts empty.
    lengths : numpy.ndarray or None
        For lists, how many items each has.
    """

    type: tuple[Any, ...]
    values: Any
    missing: Any
    lengths: Any = None


def describe_legacy_arrow_type(made: Any) -> tuple[Any, ...]:
    """Give a type of pyarrow in a legacy file as a tuple of words.

    Parameters
    ----------
    made : LegacyObject
        The call that makes it.

    Returns
    -------
    tuple
        As `hermetic.codecs.pandas.arrow.describe_arrow_type` gives it.

    Raises
    ------
    InvalidState
        For types that have no place in a file.

    Examples
    --------
    >>> describe_legacy_arrow_type(LegacyObject("pyarrow.lib:timestamp", arguments=("us", "UTC")))
    ('timestamp', 'us', 'UTC')
    """
    words: list[Any] = []
    while _is_call(made, "list_") and len(words) < _MOST_LISTS:
        words.append("list")
        made = made.arguments[0] if made.arguments else None
        if _is_call(made, "field") and made.arguments[:1] == ("item",) and made.arguments[2:] in ((), (True, None)):
            made = made.arguments[1]
    arguments = made.arguments if type(made) is LegacyObject else ()
    if _is_call(made, "type_for_alias") and len(arguments) == 1 and type(arguments[0]) is str:
        if arguments[0] in _ALIASES:
            return (*words, *_ALIASES[arguments[0]])
        if arguments[0] in _NUMBERS or arguments[0] in ("string", "large_string"):
            return (*words, arguments[0])
    if _is_call(made, "timestamp") and all(type(part) is str or part is None for part in arguments):
        return (*words, "timestamp", *(part for part in arguments if part is not None))
    if _is_call(made, "decimal128") and len(arguments) == 2 and all(type(part) is int for part in arguments):
        return (*words, "decimal128", *arguments)
    raise refuse_value("a column has a type of pyarrow that has no place in a file")


def _is_call(made: Any, name: str) -> bool:
    return type(made) is LegacyObject and made.location == f"pyarrow.lib:{name}"


def arrow_column(made: Any) -> ArrowColumn:
    """Give the values of an array of pyarrow, or of one in chunks.

    Parameters
    ----------
    made : LegacyObject
        The call that makes it.

    Returns
    -------
    ArrowColumn
        Its values.

    Raises
    ------
    InvalidState
        When the buffers are too short for what the array claims, or its type has no place in a file.
    """
    if _is_call(made, "chunked_array") and len(made.arguments) == 2 and type(made.arguments[0]) is list:
        chunks = [arrow_column(chunk) for chunk in made.arguments[0]]
        arrow_type = describe_legacy_arrow_type(made.arguments[1])
        if any(chunk.type != arrow_type for chunk in chunks):
            raise not_adopted(made, "its chunks have other types than it")
        return _joined(made, arrow_type, chunks)
    if not _is_call(made, "_restore_array") or len(made.arguments) != 1:
        raise refuse_value("an array of pyarrow is not made as pyarrow makes it")
    return _column_of_parts(made, made.arguments[0])


def _joined(made: LegacyObject, arrow_type: tuple[Any, ...], chunks: list[ArrowColumn]) -> ArrowColumn:
    if len(chunks) == 1:
        return chunks[0]
    if arrow_type[0] == "list":
        raise not_adopted(made, "it has lists in several chunks")
    missing = np.concatenate([np.zeros(0, dtype=bool), *(chunk.missing for chunk in chunks)])
    if not chunks or type(chunks[0].values) is list:
        is_text = arrow_type[0] not in _NUMBERS
        texts = [text for chunk in chunks for text in chunk.values]
        return ArrowColumn(arrow_type, texts if is_text else np.zeros(0, dtype=_NUMBERS[arrow_type[0]]), missing)
    return ArrowColumn(arrow_type, np.concatenate([chunk.values for chunk in chunks]), missing)


def _column_of_parts(made: LegacyObject, parts: Any, depth: int = 0) -> ArrowColumn:
    if type(parts) is not tuple or len(parts) != 7 or depth > _MOST_LISTS:
        raise not_adopted(made, "it has not the seven parts of an array")
    type_given, length, _, offset, buffers, children, dictionary = parts
    arrow_type = describe_legacy_arrow_type(type_given)
    if any(type(number) is not int or not 0 <= number < _MOST_ITEMS for number in (length, offset)):
        raise not_adopted(made, "its length is no whole number below 2**31")
    if type(buffers) is not list or type(children) is not list or dictionary is not None or len(buffers) < 2:
        raise not_adopted(made, "it has not the buffers that an array of its type has")
    if len(_buffer(made, buffers[1])) * 8 < length:
        raise not_adopted(made, f"it claims {length} values, for which its buffers are too short")
    missing = np.zeros(length, dtype=bool)
    if buffers[0] is not None:
        missing = ~_bits(made, buffers[0], offset, length)
    name = arrow_type[0]
    if name == "list":
        return _lists(made, arrow_type, _numbers(made, buffers[1], "int32", offset, length + 1), children, missing)
    if name in ("string", "large_string"):
        return ArrowColumn(arrow_type, _texts(made, name, buffers, offset, missing), missing)
    if name == "decimal128":
        return ArrowColumn(arrow_type, _decimals(made, arrow_type, buffers[1], offset, missing), missing)
    if name == "bool":
        values = _bits(made, buffers[1], offset, length)
    else:
        values = _numbers(made, buffers[1], _NUMBERS[name], offset, length)
    if missing.any():
        values = np.where(missing, values.dtype.type(0), values)
    return ArrowColumn(arrow_type, values, missing)


def _buffer(made: LegacyObject, buffer: Any) -> Any:
    if buffer is None:
        return b""
    content = buffer.arguments[0] if _is_call(buffer, "py_buffer") and len(buffer.arguments) == 1 else None
    if type(content) is LegacyObject and content.location == "builtins:bytearray":
        content = content.arguments[0] if content.arguments else b""
    raw = bytes_of(content)
    if raw is None:
        raise not_adopted(made, "a buffer is not made of bytes")
    return raw


def _numbers(made: LegacyObject, buffer: Any, dtype: str, offset: int, length: int) -> Any:
    raw, item = _buffer(made, buffer), np.dtype(dtype).newbyteorder("<")
    if not raw and dtype.startswith("int") and (offset, length) == (0, 1):
        return np.zeros(1, dtype=item)  # the offsets of an empty array may be left out
    if len(raw) < (offset + length) * item.itemsize:
        raise not_adopted(made, f"a buffer of {len(raw)} bytes is too short for {length} values from {offset} on")
    return np.frombuffer(raw, dtype=item, count=length, offset=offset * item.itemsize)


def _bits(made: LegacyObject, buffer: Any, offset: int, length: int) -> Any:
    raw = _buffer(made, buffer)
    if len(raw) * 8 < offset + length:
        raise not_adopted(made, f"a buffer of {len(raw)} bytes is too short for {length} bits from {offset} on")
    whole = np.frombuffer(raw, dtype=np.uint8, count=(offset + length + 7) // 8)
    return np.unpackbits(whole, bitorder="little")[offset : offset + length].astype(bool)


def _ends(made: LegacyObject, ends: Any, length_items: int) -> Any:
    """Give where values begin and end, checked."""
    ends = ends.astype(np.int64)
    if ends[0] < 0 or (np.diff(ends) < 0).any() or ends[-1] > length_items:
        raise not_adopted(made, f"its offsets do not ascend within the {length_items} items that there are")
    return ends


def _texts(made: LegacyObject, name: str, buffers: list[Any], offset: int, missing: Any) -> list[str]:
    content = bytes(_buffer(made, buffers[2]) if len(buffers) == 3 else b"")
    ends = _ends(made, _numbers(made, buffers[1], _OFFSETS[name], offset, len(missing) + 1), len(content)).tolist()
    places = zip(ends, ends[1:], missing.tolist(), strict=False)
    # UnicodeDecodeError is a ValueError, which is reported as a damaged file.
    return ["" if is_missing else content[begin:end].decode() for begin, end, is_missing in places]


def _decimals(made: LegacyObject, arrow_type: tuple[Any, ...], buffer: Any, offset: int, missing: Any) -> list[str]:
    raw, scale = bytes(_buffer(made, buffer)), arrow_type[2]
    if len(raw) < (offset + len(missing)) * _DECIMAL_BYTES or not -100 <= scale <= 100:
        raise not_adopted(made, "its buffer is too short for its decimals")
    texts = []
    for row, is_missing in enumerate(missing.tolist(), offset):
        number = int.from_bytes(raw[row * _DECIMAL_BYTES : (row + 1) * _DECIMAL_BYTES], "little", signed=True)
        digits = tuple(map(int, str(abs(number))))
        texts.append("" if is_missing else str(decimal.Decimal((int(number < 0), digits, -scale))))
    return texts


def _lists(
    made: LegacyObject, arrow_type: tuple[Any, ...], ends: Any, children: list[Any], missing: Any
) -> ArrowColumn:
    [child] = children
    items = _column_of_parts(made, child, depth=len(arrow_type))
    ends = _ends(made, ends, len(items.missing))
    lengths = np.diff(ends)
    if items.type != arrow_type[1:] or (items.lengths is not None and (missing & (lengths > 0)).any()):
        raise not_adopted(made, "its items are not those of its type")
    begin, end = int(ends[0]), int(ends[-1])
    if items.lengths is None:
        # What stands in a list that is missing is no item of any.
        kept = np.repeat(~missing, lengths)
        values = items.values[begin:end]
        if type(values) is list:
            values = [value for value, is_kept in zip(values, kept.tolist(), strict=True) if is_kept]
        else:
            values = values[kept]
        items = ArrowColumn(items.type, values, items.missing[begin:end][kept])
    elif (begin, end) != (0, len(items.missing)):
        raise not_adopted(made, "its lists of lists begin behind the first item")
    return ArrowColumn(arrow_type, items, missing, np.where(missing, 0, lengths))
