"""Parts of a pickle as text of the program that they are, ``os.system('ls')``: short, however large the pickle is."""

from __future__ import annotations

from hermetic.formats.pickle_nodes import (
    Array,
    ByteArray,
    Bytes8,
    Call,
    Change,
    Extension,
    Global,
    Item,
    Mapping,
    PersistentId,
    Plain,
    Sequence,
)
from hermetic.inspection.text import short

__all__ = ["text_of_item"]

_MOST_ITEMS = 6
_MOST_CHARACTERS = 80
_MOST_LEVELS = 3
_LONGEST_INTEGER_BITS = 128
_BRACKETS = {"list": ("[", "]"), "tuple": ("(", ")"), "set": ("{", "}"), "frozenset": ("{", "}")}


def text_of_item(item: Item, levels: int = _MOST_LEVELS) -> str:
    """Give an item as the Python expression that it stands for.

    Parameters
    ----------
    item : Item
        A node or a plain value.
    levels : int, optional
        How many levels of what it holds are shown.

    Returns
    -------
    str
        Bounded in length; whatever text the file brings is shown by ``repr``, names as they are.

    Examples
    --------
    >>> from hermetic.scanning.pickle_text import text_of_item
    >>> text_of_item(Call(12, 2, 2, "REDUCE", Global(0, 0, "GLOBAL", "os", "system", 0), ["ls"]))
    "os.system('ls')"
    """
    if levels < 0:
        return "..."
    if isinstance(item, Global):
        return f"{item.module}.{item.name}"
    if isinstance(item, Sequence):
        opening, closing = _BRACKETS[item.kind]
        return f"{opening}{_joined(item.items, levels)}{closing}"
    if isinstance(item, Mapping):
        return f"{{{_joined(item.items, levels)}}}"
    if isinstance(item, Call):
        return f"{text_of_item(item.function, levels - 1)}({_joined(item.arguments, levels)})"
    if isinstance(item, Change):
        return f"{text_of_item(item.target, levels - 1)}.{item.opcode}({_joined(item.items, levels)})"
    if isinstance(item, (Array, Extension, PersistentId)):
        return _text_of_other(item)
    if isinstance(item, (Bytes8, ByteArray)):
        return _text_of_value(bytes(item.value[:_MOST_CHARACTERS]))
    return _text_of_value(item)


def _text_of_other(node: Array | Extension | PersistentId) -> str:
    if isinstance(node, Array):
        return f"<array of {node.length} bytes>"
    if isinstance(node, Extension):
        return f"<extension {node.code}>"
    return "<persistent id>"


def _text_of_value(value: Plain) -> str:
    if isinstance(value, int) and value.bit_length() > _LONGEST_INTEGER_BITS:
        return f"<integer of {value.bit_length()} bits>"
    return short(repr(value[:_MOST_CHARACTERS] if isinstance(value, (str, bytes)) else value))


def _joined(items: list[Item], levels: int) -> str:
    shown = [text_of_item(item, levels - 1) for item in items[:_MOST_ITEMS]]
    more = [f"... {len(items) - _MOST_ITEMS:,} more"] if len(items) > _MOST_ITEMS else []
    return ", ".join([*shown, *more])
