"""What two readers made of one pickle, in a form in which they can be compared: nothing is called by either."""

from __future__ import annotations

import io
import pickle
from typing import Any

from hermetic.formats.pickle_nodes import (
    ByteArray,
    Bytes8,
    Call,
    Change,
    Global,
    Item,
    Mapping,
    PersistentId,
    PickleStream,
    Sequence,
)

__all__ = ["described_by_hermetic", "described_by_python"]


class _Stub:
    """Stands for whatever a stream imports; calling it only notes the call."""

    def __init__(self, module: str, name: str) -> None:
        self.name = ("global", module, name)
        self.__new__ = lambda kind, *arguments, **keywords: _Made(kind, arguments, keywords)

    def __call__(self, *arguments: Any) -> _Made:
        return _Made(self, arguments, {})


class _Made:
    def __init__(self, function: Any, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> None:
        self.parts = (function, arguments, keywords)
        self.changes: list[Any] = []

    def __call__(self, *arguments: Any) -> _Made:
        return _Made(self, arguments, {})

    def __setstate__(self, state: Any) -> None:
        self.changes.append(("state", state))

    def __setitem__(self, key: Any, value: Any) -> None:
        self.changes.append(("item", key, value))

    def append(self, item: Any) -> None:
        self.changes.append(("append", item))

    def add(self, item: Any) -> None:
        self.changes.append(("append", item))


class _Recorder(pickle._Unpickler):
    """Python's own reader in Python, which imports nothing."""

    def find_class(self, module: str, name: str) -> Any:
        return _Stub(module, name)

    def persistent_load(self, identity: Any) -> Any:
        return ("persistent", identity)


def described_by_python(data: bytes) -> Any:
    """Read with Python's reader, every import and call replaced by a note of it."""
    return _describe_value(_Recorder(io.BytesIO(data), encoding="bytes").load(), 0)


def _describe_value(value: Any, level: int) -> Any:
    if level > 9:
        return "deep"
    inner = level + 1
    match value:
        case _Stub():
            return value.name
        case _Made(parts=(function, arguments, keywords)):
            changes = [[change[0], *(_describe_value(part, inner) for part in change[1:])] for change in value.changes]
            given = [_describe_value(argument, inner) for argument in arguments]
            return ["call", _describe_value(function, inner), given, _pairs(keywords, inner), changes]
        case dict():
            return ["dict", _pairs(value, inner)]
        case set() | frozenset():
            return [type(value).__name__, sorted((_describe_value(item, inner) for item in value), key=repr)]
        case list() | tuple():
            return [type(value).__name__, [_describe_value(item, inner) for item in value]]
        case bytearray():
            return repr(bytes(value))
    return repr(value)


def _pairs(mapping: dict[Any, Any], level: int) -> list[Any]:
    return [[_describe_value(key, level), _describe_value(value, level)] for key, value in mapping.items()]


def described_by_hermetic(stream: PickleStream) -> Any:
    """Describe the nodes of a stream in the same form."""
    changes: dict[int, list[Change]] = {}
    for node in stream.nodes:
        if isinstance(node, Change):
            changes.setdefault(node.target.number, []).append(node)
    return _Nodes(changes).describe(stream.root, 0)


class _Nodes:
    def __init__(self, changes: dict[int, list[Change]]) -> None:
        self.changes = changes

    def describe(self, item: Item, level: int) -> Any:
        if level > 9:
            return "deep"
        match item:
            case Bytes8(value=value):
                return repr(value)
            case ByteArray(value=value):
                return repr(bytes(value))
            case Global(module=module, name=name):
                return ("global", module, name)
            case Sequence(kind="set" | "frozenset"):
                items = {repr(found): found for found in self.all(item.items, level + 1)}
                return [item.kind, sorted(items.values(), key=repr)]
            case Sequence():
                return [item.kind, self.all(item.items, level + 1)]
            case Mapping():
                return ["dict", self.pairs(item.items, level + 1)]
            case PersistentId(identity=identity):
                return ["tuple", ["'persistent'", self.describe(identity, level + 1)]]
            case Call():
                return self.call(item, level + 1)
            case None | bool() | int() | float() | str() | bytes():
                return repr(item)
        raise TypeError(item)

    def all(self, items: list[Item], level: int) -> list[Any]:
        return [self.describe(item, level) for item in items]

    def pairs(self, items: list[Item], level: int) -> list[Any]:
        found = {}
        for key, value in zip(items[::2], items[1::2], strict=True):
            text = self.describe(key, level)
            found.setdefault(repr(text), [text, None])[1] = self.describe(value, level)
        return list(found.values())

    def call(self, node: Call, level: int) -> Any:
        function = self.describe(node.function, level)
        keywords = [] if node.keywords is None else self.pairs(node.keywords.items, level)
        given = self.all(node.arguments, level)
        made = []
        for change in self.changes.get(node.number, ()):
            items = self.all(change.items, level)
            if change.opcode == "BUILD":
                made.append(["state", *items])
            elif change.opcode.startswith("SETITEM"):
                made += [["item", *pair] for pair in zip(items[::2], items[1::2], strict=True)]
            else:
                made += [["append", item] for item in items]
        return ["call", function, given, keywords, made]
