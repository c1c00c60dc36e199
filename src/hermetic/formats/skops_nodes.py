"""What a node of skops is, what the function that reads one may ask of the reader, and how its fields are taken.

A kind of node is a *leaf*, whose function gives its value, or a *branch*, whose function is a generator: it yields a
key, for messages, with a node, and is sent the value of that node. So the reader walks with a stack of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, NamedTuple, Protocol

from hermetic.errors import FormatError
from hermetic.formats.pickle_keys import KeyBudget
from hermetic.formats.skops_zip import Archive
from hermetic.legacy_objects import LegacyName, LegacyObject

__all__ = [
    "STATE",
    "Kind",
    "Node",
    "NodeReader",
    "Steps",
    "branch",
    "field_of",
    "leaf",
    "location_of",
    "parts_of",
    "require_class",
]

Node = dict[str, Any]
Steps = Generator[tuple[str | int | None, Any], Any, Any]
_MAX_NAME_LENGTH = 1000
STATE = None
"""The key of a state below its object: the two are one container. Not a text, which a key of the file could equal."""


class Kind(NamedTuple):
    """One kind of node.

    Attributes
    ----------
    read : callable
        Gives the value of a leaf, or the generator of a branch.
    is_leaf : bool
        Which of the two.
    required, known : frozenset of str
        The keys that it must and may have.
    """

    read: Callable[[Node, NodeReader], Any]
    is_leaf: bool
    required: frozenset[str]
    known: frozenset[str]


_OF_EVERY_NODE = frozenset({"__class__", "__module__", "__loader__"})


def leaf(read: Callable[[Node, NodeReader], Any], *required: str, optional: tuple[str, ...] = ()) -> Kind:
    """Make a kind whose function gives the value."""
    return _kind(read, True, required, optional)


def branch(read: Callable[[Node, NodeReader], Steps], *required: str, optional: tuple[str, ...] = ()) -> Kind:
    """Make a kind whose function is a generator."""
    return _kind(read, False, required, optional)


def _kind(
    read: Callable[[Node, NodeReader], Any], is_leaf: bool, required: tuple[str, ...], optional: tuple[str, ...]
) -> Kind:
    keys = _OF_EVERY_NODE | set(required)
    return Kind(read, is_leaf, keys, keys | {"__id__", *optional})


class NodeReader(Protocol):
    """What the functions of nodes may ask of the reader that calls them.

    Attributes
    ----------
    protocol : int
        Of the file.
    keys : KeyBudget
        What members of sets may cost to hash.
    """

    protocol: int
    keys: KeyBudget

    def refuse(self, found: str) -> FormatError:
        """Make the error about the node that is being read."""

    def know(self, value: Any) -> None:
        """Say what the node that is being read will be, so that nodes below it may refer to it."""

    def name(self, location: str) -> LegacyName:
        """Give the one object of a name."""

    def call(self, location: str, *arguments: Any) -> LegacyObject:
        """Make an object that is called."""

    def new(self, location: str, *arguments: Any) -> LegacyObject:
        """Make an object of a class, new."""

    def own(self, value: Any) -> None:
        """Refuse a value whose content another node has copied already: references must not make much of little."""

    def read_member(self, name: object) -> memoryview:
        """Give the content of a member, which belongs to this node alone."""

    def place(self, name: str) -> str:
        """Say where a member stands, for messages."""

    def open_archive(self, data: memoryview, where: str) -> Archive:
        """Open an archive that stands in a member."""


def location_of(node: Node, reader: NodeReader) -> str:
    """Give ``module:name`` of a node's class or function.

    Parameters
    ----------
    node : dict
        With the keys ``__module__`` and ``__class__``.
    reader : NodeReader
        Makes the error.

    Returns
    -------
    str
        As the file spells it.

    Raises
    ------
    FormatError
        When it is none.
    """
    module, name = node["__module__"], node["__class__"]
    is_text = type(module) is str and type(name) is str and len(module) + len(name) <= _MAX_NAME_LENGTH
    if not (is_text and module and name) or ":" in module or ":" in name:
        raise reader.refuse(f"not a module and a name in it: {str(module)[:100]!r}, {str(name)[:100]!r}")
    return f"{module}:{name}"


def field_of(node: Node, key: str, kind: type, reader: NodeReader) -> Any:
    """Give a field that must have one type, or raise `FormatError`."""
    value = node[key]
    if type(value) is not kind:
        raise reader.refuse(f"{key} of a {node['__loader__']} must be a {kind.__name__}, found {type(value).__name__}")
    return value


def parts_of(node: Node, reader: NodeReader, *names: str) -> list[Any]:
    """Give the parts of a content that has exactly these."""
    content = field_of(node, "content", dict, reader)
    if content.keys() != set(names):
        raise reader.refuse(
            f"a {node['__loader__']} has the parts {', '.join(names)}, found {str(sorted(content))[:200]}"
        )
    return [content[name] for name in names]


def require_class(node: Node, reader: NodeReader, *locations: str) -> None:
    """Refuse a class that this kind of node never is: skops would make the usual one, whatever stands here."""
    found = location_of(node, reader)
    if found not in locations:
        raise reader.refuse(f"a {node['__loader__']} is a {locations[0]}, but the file says {found[:200]}")
