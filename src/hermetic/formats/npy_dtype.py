"""How a dtype stands in the header of a ``.npy`` member, without numpy.

Follows ``numpy/lib/format.py`` (``dtype_to_descr``) and ``numpy/_core/_internal.py`` (``_array_descr``): structured
dtypes become lists of fields, with unnamed ones for the bytes between them.
"""

from __future__ import annotations

from typing import Any

from hermetic.dtypes import item_bytes
from hermetic.errors import InvalidState

__all__ = ["npy_dtype_text"]

_MAX_NESTING = 16
_KEYS = frozenset({"names", "formats", "offsets", "itemsize"})
_FLAGS = frozenset({"aligned", "record"})


def npy_dtype_text(description: Any) -> str:
    """Give the text of a pool's dtype in its header.

    Parameters
    ----------
    description : str or dict
        As in `hermetic.dtypes`; from a file, so trusted in nothing.

    Returns
    -------
    str
        As numpy writes it, little-endian.

    Raises
    ------
    InvalidState
        When the description is outside the grammar.

    Examples
    --------
    >>> npy_dtype_text(">f8")
    "'<f8'"
    >>> npy_dtype_text({"names": ["a"], "formats": ["<i2"], "offsets": [2], "itemsize": 4})
    "[('', '|V2'), ('a', '<i2')]"
    """
    return repr(_described(description, 0))


def _described(description: Any, depth: int) -> Any:
    if type(description) is not dict:
        item_bytes(description)  # refuses what is outside the grammar
        return description.replace(">", "<")
    if depth > _MAX_NESTING or description.keys() - _FLAGS != _KEYS:
        raise _refuse()
    names, formats, offsets = description["names"], description["formats"], description["offsets"]
    itemsize, end = description["itemsize"], 0
    if not (type(names) is list and type(formats) is list and type(offsets) is list and type(itemsize) is int):
        raise _refuse()
    if not len(names) == len(formats) == len(offsets):
        raise _refuse()
    fields: list[Any] = []
    for name, inner, offset in zip(names, formats, offsets, strict=True):
        base, shape = _base_and_shape(inner)
        if type(name) is not str or type(offset) is not int or offset < end:
            raise _refuse()
        if offset > end:
            fields.append(("", f"|V{offset - end}"))
        fields.append((name, _described(base, depth + 1), shape) if shape else (name, _described(base, depth + 1)))
        end = offset + item_bytes(base) * _count(shape)
    if end > itemsize:
        raise _refuse()
    return [*fields, ("", f"|V{itemsize - end}")] if itemsize > end else fields


def _base_and_shape(inner: Any) -> tuple[Any, tuple[int, ...]]:
    if type(inner) is not list:
        return inner, ()
    if len(inner) != 2 or type(inner[1]) is not list or not all(type(length) is int for length in inner[1]):
        raise _refuse()
    return inner[0], tuple(inner[1])


def _count(shape: tuple[int, ...]) -> int:
    total = 1
    for length in shape[:64]:
        total *= length
    return total


def _refuse() -> InvalidState:
    return InvalidState(
        "not a structured dtype",
        next_step="The file is damaged or hostile. Ask its producer for a fresh copy and compare digests.",
    )
