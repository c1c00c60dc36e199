"""What two readers made of one pickle, in a form in which they can be compared: nothing is called by either."""

from __future__ import annotations

import io
import pickle
from typing import Any

from hermetic.formats.pickle_nodes import (
    Atom,
    Bytes8,
    Call,
    Change,
    Global,
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
            changes.setdefault(node.target, []).append(node)
    return _Nodes(stream, changes).describe(stream.root, 0)


class _Nodes:
    def __init__(self, stream: PickleStream, changes: dict[int, list[Change]]) -> None:
        self.nodes = stream.nodes
        self.changes = changes

    def describe(self, number: int, level: int) -> Any:
        if level > 9:
            return "deep"
        node = self.nodes[number]
        match node:
            case Atom(value=value) | Bytes8(value=value):
                return repr(value)
            case Global(module=module, name=name):
                return ("global", module, name)
            case Sequence(kind="set" | "frozenset"):
                items = {repr(found): found for found in self.all(node.items, level + 1)}
                return [node.kind, sorted(items.values(), key=repr)]
            case Sequence():
                return [node.kind, self.all(node.items, level + 1)]
            case Mapping():
                return ["dict", self.pairs(node.items, level + 1)]
            case PersistentId(identity=identity):
                return ["tuple", ["'persistent'", self.describe(identity, level + 1)]]
            case Call():
                return self.call(number, node, level + 1)
        raise TypeError(node)

    def all(self, numbers: list[int], level: int) -> list[Any]:
        return [self.describe(number, level) for number in numbers]

    def pairs(self, items: list[int], level: int) -> list[Any]:
        found = {}
        for key, value in zip(items[::2], items[1::2], strict=True):
            text = self.describe(key, level)
            found.setdefault(repr(text), [text, None])[1] = self.describe(value, level)
        return list(found.values())

    def call(self, number: int, node: Call, level: int) -> Any:
        function = self.describe(node.function, level)
        keywords = self.pairs(self.nodes[node.keywords].items, level) if node.keywords >= 0 else []
        given = self.all(node.arguments, level)
        made = []
        for change in self.changes.get(number, ()):
            items = self.all(change.items, level)
            if change.opcode == "BUILD":
                made.append(["state", *items])
            elif change.opcode.startswith("SETITEM"):
                made += [["item", *pair] for pair in zip(items[::2], items[1::2], strict=True)]
            else:
                made += [["append", item] for item in items]
        return ["call", function, given, keywords, made]
