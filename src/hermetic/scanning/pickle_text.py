"""Nodes of a pickle as text of the program that they are, ``os.system('ls')``: short, however large the pickle is."""

from __future__ import annotations

from collections.abc import Sequence as Items

from hermetic.formats.pickle_nodes import (
    Array,
    Atom,
    Bytes8,
    Call,
    Change,
    Extension,
    Global,
    Mapping,
    Node,
    PersistentId,
    Sequence,
)
from hermetic.inspection.text import short

__all__ = ["text_of_node"]

_MOST_ITEMS = 6
_MOST_LEVELS = 3
_LONGEST_INTEGER_BITS = 128
_BRACKETS = {"list": ("[", "]"), "tuple": ("(", ")"), "set": ("{", "}"), "frozenset": ("{", "}")}


def text_of_node(nodes: Items[Node], number: int, levels: int = _MOST_LEVELS) -> str:
    """Give a node as the Python expression that it stands for.

    Parameters
    ----------
    nodes : sequence of Node
        Of the stream.
    number : int
        The node.
    levels : int, optional
        How many levels of what it holds are shown.

    Returns
    -------
    str
        Bounded in length; whatever text the file brings is shown by ``repr``, names as they are.

    Examples
    --------
    >>> from hermetic.scanning.pickle_text import text_of_node
    >>> nodes = [Global(0, "GLOBAL", "os", "system", 0), Atom(9, "ls"), Call(12, "REDUCE", 0, [1])]
    >>> text_of_node(nodes, 2)
    "os.system('ls')"
    """
    node = nodes[number]
    if levels < 0:
        return "..."
    if isinstance(node, (Atom, Bytes8)):
        return _text_of_value(node.value)
    if isinstance(node, Global):
        return f"{node.module}.{node.name}"
    if isinstance(node, Sequence):
        opening, closing = _BRACKETS[node.kind]
        return f"{opening}{_joined(nodes, node.items, levels)}{closing}"
    if isinstance(node, Mapping):
        return f"{{{_joined(nodes, node.items, levels)}}}"
    if isinstance(node, Call):
        return f"{text_of_node(nodes, node.function, levels - 1)}({_joined(nodes, node.arguments, levels)})"
    if isinstance(node, Change):
        return f"{text_of_node(nodes, node.target, levels - 1)}.{node.opcode}({_joined(nodes, node.items, levels)})"
    return _text_of_other(node)


def _text_of_other(node: Array | Extension | PersistentId) -> str:
    if isinstance(node, Array):
        return f"<array of {node.length} bytes>"
    if isinstance(node, Extension):
        return f"<extension {node.code}>"
    return "<persistent id>"


def _text_of_value(value: bool | int | float | str | bytes | None) -> str:
    if isinstance(value, int) and value.bit_length() > _LONGEST_INTEGER_BITS:
        return f"<integer of {value.bit_length()} bits>"
    return short(repr(value[:80] if isinstance(value, (str, bytes)) else value))


def _joined(nodes: Items[Node], numbers: list[int], levels: int) -> str:
    shown = [text_of_node(nodes, number, levels - 1) for number in numbers[:_MOST_ITEMS]]
    more = [f"... {len(numbers) - _MOST_ITEMS:,} more"] if len(numbers) > _MOST_ITEMS else []
    return ", ".join([*shown, *more])
