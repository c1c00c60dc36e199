"""What a pickle says: a flat list of nodes that refer to each other by number; nothing is imported, called or hashed.

A node stands for what one opcode would have made. Mappings are pairs, sets are items: no value of a file is ever a key
here, or compared with another.
"""

from __future__ import annotations

from typing import Literal

import msgspec

__all__ = [
    "Array",
    "Atom",
    "Bytes8",
    "Call",
    "Change",
    "Extension",
    "Global",
    "Mapping",
    "Node",
    "PersistentId",
    "PickleStream",
    "Problem",
    "Sequence",
    "references_of",
]


class Atom(msgspec.Struct, gc=False):
    """A plain value: None, bool, int, float, text or bytes."""

    offset: int
    value: bool | int | float | str | bytes | None


class Bytes8(msgspec.Struct, gc=False):
    """An 8-bit string of Python 2, which is text to some readers and bytes to others."""

    offset: int
    value: bytes


class Sequence(msgspec.Struct, gc=False):
    """A list, tuple, set or frozenset by the numbers of its items."""

    offset: int
    kind: Literal["list", "tuple", "set", "frozenset"]
    items: list[int]


class Mapping(msgspec.Struct, gc=False):
    """A dictionary: keys and values in turn, repeated keys as often as they stand in the stream."""

    offset: int
    items: list[int]


class Global(msgspec.Struct, gc=False):
    """What an import would give.

    Attributes
    ----------
    offset : int
        Of its opcode.
    opcode : str
        ``GLOBAL``, ``STACK_GLOBAL`` or ``INST``.
    module, name : str
        As the stream spells them.
    protocol : int
        What the stream called itself before; below 3 Python 3 translates names of Python 2.
    """

    offset: int
    opcode: str
    module: str
    name: str
    protocol: int


class Call(msgspec.Struct, gc=False):
    """A call of a function, or the making of an object.

    Attributes
    ----------
    offset : int
        Of its opcode.
    opcode : str
        ``REDUCE``, ``NEWOBJ``, ``NEWOBJ_EX``, ``INST`` or ``OBJ``.
    function : int
        The number of what is called.
    arguments : list of int
        The numbers of the arguments by position.
    keywords : int
        The number of the mapping of the others; -1 where there is none.
    """

    offset: int
    opcode: str
    function: int
    arguments: list[int]
    keywords: int = -1


class Change(msgspec.Struct, gc=False):
    """A change of something that is no plain list, dictionary or set.

    Attributes
    ----------
    offset : int
        Of its opcode.
    opcode : str
        ``BUILD`` gives a state; ``SETITEM``, ``SETITEMS``, ``APPEND``, ``APPENDS`` and ``ADDITEMS`` put items in.
    target : int
        The number of what is changed.
    items : list of int
        The state, or the items.
    """

    offset: int
    opcode: str
    target: int
    items: list[int]


class PersistentId(msgspec.Struct, gc=False):
    """Something outside the stream, by an identity that means nothing to us."""

    offset: int
    identity: int


class Extension(msgspec.Struct, gc=False):
    """A name by a number that only the reading process knows; or a buffer that was handed over apart (code -1)."""

    offset: int
    code: int


class Array(msgspec.Struct, gc=False):
    """Array bytes of joblib, which stand in the file between the opcodes.

    Attributes
    ----------
    offset : int
        Of the opcode behind which they stand.
    wrapper : int
        The number of the call that makes the wrapper, which the array replaces.
    start, length : int
        Where the bytes stand; of an object array, its own pickle stream.
    stream : int
        Which of the streams within holds the objects; -1 for plain bytes.
    """

    offset: int
    wrapper: int
    start: int
    length: int
    stream: int = -1


Node = Atom | Bytes8 | Sequence | Mapping | Global | Call | Change | PersistentId | Extension | Array


class Problem(msgspec.Struct, frozen=True):
    """What no pickler would have written, and where.

    Attributes
    ----------
    offset : int
        The byte at which it stands.
    message : str
        What was found and expected.
    is_end : bool
        Nothing could be read behind it.
    """

    offset: int
    message: str
    is_end: bool = False


class PickleStream(msgspec.Struct, kw_only=True):
    """One pickle, from its first opcode to STOP, or as far as it could be read.

    Attributes
    ----------
    start, end : int
        Its bytes.
    nodes : list of Node
        In the order of the stream.
    root : int
        The number of what it holds; -1 where it has no end.
    protocol : int
        The highest that it declares; 0 where it declares none.
    depth : int
        How many containers stand inside each other, as far as they were made from the inside out.
    problems : list of Problem
        Whatever is wrong with it; empty for what a pickler wrote.
    streams : list of PickleStream
        The object arrays of joblib, each a pickle of its own.
    is_joblib : bool
        Array bytes stand between its opcodes.
    """

    start: int
    end: int
    nodes: list[Node]
    root: int
    protocol: int
    depth: int
    problems: list[Problem]
    streams: list[PickleStream]
    is_joblib: bool


def references_of(node: Node) -> list[int]:
    """Give the numbers of all nodes that a node refers to.

    Parameters
    ----------
    node : Node
        Of any kind.

    Returns
    -------
    list of int
        In the order of the stream; a new list or one of the node's own, not to be changed.

    Examples
    --------
    >>> from hermetic.formats.pickle_nodes import Call, references_of
    >>> references_of(Call(offset=9, opcode="REDUCE", function=0, arguments=[1, 2]))
    [0, 1, 2]
    """
    kind = type(node)
    if kind is Sequence or kind is Mapping:
        return node.items  # type: ignore[union-attr]  # the two kinds that have nothing else
    if isinstance(node, Call):
        return [node.function, *node.arguments, *([node.keywords] if node.keywords >= 0 else [])]
    if isinstance(node, Change):
        return [node.target, *node.items]
    if isinstance(node, PersistentId):
        return [node.identity]
    if isinstance(node, Array):
        return [node.wrapper]
    return []
