"""Text that a value of a graph stands for, in each of its forms, told before anything is imported."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from hermetic.codecs.field_view import FieldView
from hermetic.graph import Packed

__all__ = ["patterns_of", "text_of"]

_ENCODINGS = {"S": "ascii", "U": "utf-32-le"}


def text_of(value: Any) -> str | None:
    """Give the text that a value stands for; None for everything else.

    What library code compares with a text, or compiles as a pattern, may be numpy's own kind of text as well.

    Parameters
    ----------
    value : value
        Of a graph that is well formed.

    Returns
    -------
    str or None
        The text.

    Examples
    --------
    >>> text_of("content"), text_of({"text": "YQ=="}), text_of({"numpy": ["<U1", "YQAAAA=="]}), text_of(5)
    ('content', 'a', 'a', None)
    """
    if type(value) is str:
        return value
    if type(value) is not dict:
        return None
    encoding, content = "utf-8", value.get("text")
    if "numpy" in value:
        description, content = value["numpy"]
        encoding = _ENCODINGS.get(str(description)[1:2], "")
    if type(content) is not str or not encoding:
        return None
    handler = "strict" if encoding == "ascii" else "surrogatepass"
    try:
        return base64.b64decode(content, validate=True).decode(encoding, handler)
    except (binascii.Error, UnicodeDecodeError):
        return None


def patterns_of(view: FieldView, field: str) -> list[tuple[int, str, str | bytes | None, int]]:
    """Give the regular expressions of a field, as `Codec.patterns` does.

    Parameters
    ----------
    view : FieldView
        The table; nothing of it needs to be read.
    field : str
        It holds texts, or None; a compiled pattern in it is an object with a codec of its own.

    Returns
    -------
    list of (int, str, str or None, int)
        Row, field, pattern and flags; one without a pattern for what cannot be seen yet. What is no text never runs.
    """
    column = view.node.fields.get(field)
    if type(column) is Packed:
        return [(0, field, None, 0)]
    texts = enumerate(map(text_of, view.values(field)))
    return [(row, field, text, 0) for row, text in texts if text is not None]
