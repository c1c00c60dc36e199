"""Values, dtypes and sizes of a graph as short text for people; imports neither numpy nor scikit-learn.

The text may hold whatever a hostile file holds. What shows it makes it harmless: `printable` here for plain text,
`hermetic.cli.terminal.plain` for terminals, JSON's own escapes for JSON.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any

from hermetic.graph import Name
from hermetic.printable import printable

__all__ = ["dtype_text", "printable", "shape_text", "short", "size_text", "value_text"]

_LONGEST_VALUE = 60
_KINDS = {"b": "bool", "i": "int", "u": "uint", "f": "float", "c": "complex", "M": "datetime64", "m": "timedelta64"}
_ITEMS_SHOWN = 6


def value_text(value: Any, names: Sequence[Name]) -> str:
    """Give a plain or tagged value as short text, close to how Python writes it.

    Parameters
    ----------
    value : value
        Plain, or a tagged dictionary as in `hermetic.codecs.scalars`; no reference.
    names : sequence of Name
        Of the graph.

    Returns
    -------
    str
        One value, at most some 60 characters.

    Examples
    --------
    >>> value_text("rbf", []), value_text({"float": "nan"}, []), value_text({"tuple": [1, 2]}, [])
    ("'rbf'", 'nan', '(1, 2)')
    """
    if type(value) is not dict or len(value) != 1:
        return short(repr(value[:_LONGEST_VALUE] if isinstance(value, str) else value))
    [(tag, content)] = value.items()
    if tag == "tuple" and type(content) is list:
        texts = [value_text(item, names) for item in content[:_ITEMS_SHOWN]]
        more = len(content) - len(texts)
        inside = ", ".join(texts) + ("," if len(content) == 1 else "") + (f", ... and {more} more" if more else "")
        return f"({inside})"
    if tag == "name" and type(content) is int and 0 <= content < len(names):
        return short(names[content].name)
    if tag == "numpy" and type(content) is list and len(content) == 2:
        return f"{dtype_text(content[0])} {value_text(content[1], names)}"
    if tag == "dtype":
        return f"dtype {dtype_text(content)}"
    if tag == "bytes":
        return _bytes_text(content)
    return short(str(content))


def _bytes_text(content: Any) -> str:
    try:
        raw = base64.b64decode(content)
    except (binascii.Error, TypeError, ValueError):
        return "bytes"
    return repr(raw) if len(raw) <= _ITEMS_SHOWN * 2 else f"{len(raw):,} bytes"


def short(text: str) -> str:
    """Cut a text that is too long for one value.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str
        The text, or its beginning and three dots.

    Examples
    --------
    >>> len(short("x" * 1000))
    60
    """
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 3] + "..."


def dtype_text(description: Any) -> str:
    """Give the name by which people know a dtype.

    Parameters
    ----------
    description : str or dict
        As in `hermetic.dtypes`.

    Returns
    -------
    str
        ``float64``; with ``big-endian`` behind it where the byte order is not the machine's own.

    Examples
    --------
    >>> dtype_text("<f8"), dtype_text("<U3"), dtype_text("<M8[ns]"), dtype_text(">i4")
    ('float64', 'str of 3', 'datetime64[ns]', 'int32 of the other byte order')
    """
    if type(description) is dict:
        fields, size = description.get("names"), description.get("itemsize")
        return f"record of {len(fields)} fields, {size} bytes" if type(fields) is list else "record"
    if type(description) is not str or len(description) < 3:
        return "unknown dtype"
    order, kind, size_bytes = description[0], description[1], description[2:]
    swapped = " of the other byte order" if order == ">" else ""
    if kind in "SUV":
        return {"S": "bytes", "U": "str", "V": "void"}[kind] + f" of {size_bytes}{swapped}"
    if kind in "mM":
        return _KINDS[kind] + short(size_bytes[1:]) + swapped
    if kind not in _KINDS or not size_bytes.isdecimal():
        return short(description)
    return "bool" if kind == "b" else f"{_KINDS[kind]}{int(size_bytes[:3]) * 8}{swapped}"


def shape_text(shape: Sequence[int]) -> str:
    """Give a shape as Python writes it.

    Examples
    --------
    >>> shape_text([3, 4]), shape_text([5])
    ('(3, 4)', '(5,)')
    """
    return f"({shape[0]},)" if len(shape) == 1 else f"({', '.join(map(str, shape))})"


def size_text(length_bytes: int) -> str:
    """Give a length in bytes as people read it, in units of 1,000.

    Examples
    --------
    >>> size_text(96), size_text(423_200_000)
    ('96 bytes', '423.2 MB')
    """
    if length_bytes < 1_000:
        return "1 byte" if length_bytes == 1 else f"{length_bytes} bytes"
    size = float(length_bytes)
    for unit in ("kB", "MB", "GB"):
        size /= 1_000
        if size < 999.95:
            return f"{size:.1f} {unit}"
    return f"{size / 1_000:,.1f} TB"
