"""What a pickle says: a list of nodes that hold each other and plain values; nothing is imported, called or hashed.

A plain value - None, a truth value, a number, a text, bytes - stands for itself. Everything else is a node: what one
opcode would have made. Mappings are pairs, sets are items: no value of a file is ever a key here, or compared with
another.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from hermetic.structs import msgspec

__all__ = [
    "PLAIN_TYPES",
    "Array",
    "ByteArray",
    "Bytes8",
    "Call",
    "Change",
    "Extension",
    "Global",
    "Item",
    "Mapping",
    "Node",
    "PersistentId",
    "PickleStream",
    "Plain",
    "Problem",
    "Sequence",
    "references_of",
]

PLAIN_TYPES: frozenset[type] = frozenset({type(None), bool, int, float, str, bytes})
"""The types of what stands for itself."""


class Bytes8(msgspec.Struct, gc=False):
    """An 8-bit string of Python 2, which is text to some readers and bytes to others.

    Every node has the byte of its opcode, `offset`, and its `number` in the list of all nodes of its stream.
    """

    offset: int
    number: int
    value: bytes
    depth: ClassVar[int] = 0


class ByteArray(msgspec.Struct, gc=False):
    """Bytes that may be changed; a view of the file where they are long."""

    offset: int
    number: int
    value: bytes | memoryview
    depth: ClassVar[int] = 0


class Sequence(msgspec.Struct):
    """A list, tuple, set or frozenset; `depth` tells how many containers stand inside each other, itself included."""

    offset: int
    number: int
    depth: int
    kind: Literal["list", "tuple", "set", "frozenset"]
    items: list[Item]


class Mapping(msgspec.Struct):
    """A dictionary: keys and values in turn, repeated keys as often as they stand in the stream."""

    offset: int
    number: int
    depth: int
    items: list[Item]


class Global(msgspec.Struct, gc=False):
    """What an import would give.

    Attributes
    ----------
    offset, number : int
        Of its opcode, and among the nodes.
    opcode : str
        ``GLOBAL``, ``STACK_GLOBAL`` or ``INST``.
    module, name : str
        As the stream spells them.
    protocol : int
        What the stream called itself before; below 3 Python 3 translates names of Python 2.
    """

    offset: int
    number: int
    opcode: str
    module: str
    name: str
    protocol: int
    depth: ClassVar[int] = 0


class Call(msgspec.Struct):
    """A call of a function, or the making of an object.

    Attributes
    ----------
    offset, number, depth : int
        Of its opcode, among the nodes, and of containers.
    opcode : str
        ``REDUCE``, ``NEWOBJ``, ``NEWOBJ_EX``, ``INST`` or ``OBJ``.
    function : Item
        What is called.
    arguments : list of Item
        By position.
    keywords : Mapping or None
        The others.
    """

    offset: int
    number: int
    depth: int
    opcode: str
    function: Item
    arguments: list[Item]
    keywords: Mapping | None = None


class Change(msgspec.Struct):
    """A change of something that is no plain list, dictionary or set.

    Attributes
    ----------
    offset, number : int
        Of its opcode, and among the nodes.
    opcode : str
        ``BUILD`` gives a state; ``SETITEM``, ``SETITEMS``, ``APPEND``, ``APPENDS`` and ``ADDITEMS`` put items in.
    target : Node
        What is changed.
    items : list of Item
        The state, or the items.
    """

    offset: int
    number: int
    opcode: str
    target: Node
    items: list[Item]
    depth: ClassVar[int] = 0


class PersistentId(msgspec.Struct):
    """Something outside the stream, by an identity that means nothing to us."""

    offset: int
    number: int
    depth: int
    identity: Item


class Extension(msgspec.Struct, gc=False):
    """A name by a number that only the reading process knows."""

    offset: int
    number: int
    code: int
    depth: ClassVar[int] = 0


class Array(msgspec.Struct):
    """Array bytes of joblib, which stand in the file between the opcodes.

    Attributes
    ----------
    offset, number : int
        Of the opcode behind which they stand, and among the nodes.
    wrapper : Call
        What makes the wrapper, which the array replaces.
    start, length : int
        Where the bytes stand; of an object array, its own pickle stream.
    stream : int
        Which of the streams within holds the objects; -1 for plain bytes.
    """

    offset: int
    number: int
    wrapper: Call
    start: int
    length: int
    stream: int = -1
    depth: ClassVar[int] = 1


Plain = bool | int | float | str | bytes | None
Node = Bytes8 | ByteArray | Sequence | Mapping | Global | Call | Change | PersistentId | Extension | Array
Item = Plain | Node


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
    is_limit : bool
        A budget ended there: reading on would have cost too much.
    """

    offset: int
    message: str
    is_end: bool = False
    is_limit: bool = False


class PickleStream(msgspec.Struct, kw_only=True):
    """One pickle, from its first opcode to STOP, or as far as it could be read.

    Attributes
    ----------
    start, end : int
        Its bytes.
    nodes : list of Node
        In the order of the stream.
    root : Item
        What it holds.
    is_whole : bool
        It was read to its end; otherwise it has no root.
    protocol : int
        The highest that it declares; 0 where it declares none.
    depth : int
        How many containers stand inside each other, as far as they were made from the inside out.
    recalled : list of Item
        What was used once more, as often as it was.
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
    root: Item
    is_whole: bool
    protocol: int
    depth: int
    recalled: list[Item]
    problems: list[Problem]
    streams: list[PickleStream]
    is_joblib: bool


def references_of(node: Node) -> list[Item]:
    """Give everything that a node refers to.

    Parameters
    ----------
    node : Node
        Of any kind.

    Returns
    -------
    list of Item
        In the order of the stream; a new list or one of the node's own, not to be changed.

    Examples
    --------
    >>> from hermetic.formats.pickle_nodes import Sequence, references_of
    >>> references_of(Sequence(offset=9, number=0, depth=1, kind="list", items=[1, "a"]))
    [1, 'a']
    """
    kind = type(node)
    if kind is Sequence or kind is Mapping:
        return node.items  # type: ignore[union-attr]  # the two kinds that have nothing else
    if isinstance(node, Call):
        return [node.function, *node.arguments, *([] if node.keywords is None else [node.keywords])]
    if isinstance(node, Change):
        return [node.target, *node.items]
    if isinstance(node, PersistentId):
        return [node.identity]
    if isinstance(node, Array):
        return [node.wrapper]
    return []
