"""Plain values and built-in containers, as skops keeps them: what each kind of node stands for.

===============================  ===================================================================================
``JsonNode``                     None, bool, int, float, str
``ListNode``, ``TupleNode``      list, tuple; subclasses are new objects, with items, or with arguments as of a named
                                 tuple (skops keeps no other)
``SetNode``                      set; subclasses a call with the list of items
``DictNode``                     dict; ``OrderedDict`` and ``defaultdict`` calls without arguments, and pairs;
                                 ``Counter`` a call with a dict; other subclasses new objects with pairs
``DefaultDictNode``              a call of ``collections:defaultdict`` with the factory, and pairs
``BytesNode``, ``BytearrayNode`` bytes, or a scalar of numpy; bytearray; subclasses are new objects
``SliceNode``                    a call of ``builtins:slice``
``TypeNode``, ``FunctionNode``   a name
===============================  ===================================================================================

Where that is not what a pickle has: keys that were numpy scalars, of which skops keeps the value as text, are plain
Python values of equal hash; and the instance attributes of a subclass of a container are lost, as skops loses them.

Source: skops/io/_general.py, _sklearn.py, old/_general_v0.py.
"""

from __future__ import annotations

import re
from collections.abc import Generator
from typing import Any

from hermetic.collisions import are_colliding
from hermetic.errors import FormatError
from hermetic.formats.pickle_keys import checked_keys
from hermetic.formats.skops_nodes import (
    Kind,
    Node,
    NodeReader,
    Steps,
    branch,
    field_of,
    leaf,
    location_of,
    parts_of,
    require_class,
)
from hermetic.formats.skops_schema import read_json_scalar
from hermetic.lazy import numpy as np
from hermetic.legacy_arrays import scalar_of_bytes
from hermetic.legacy_objects import LegacyName, LegacyObject

__all__ = ["VALUE_KINDS", "as_set"]

_INTEGER = re.compile(r"-?[0-9]+")
_FLOAT = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?|NaN|-?Infinity")
_NUMPY_INTEGERS = re.compile(r"numpy:u?(?:int[0-9]*_?|intc|intp|long|longlong|short|byte)")
_NUMPY_FLOATS = re.compile(r"numpy:float[0-9]+")
_MAX_DIGITS = 4300  # of an integer as text, as Python itself has it


def _read_json(node: Node, reader: NodeReader) -> Any:
    require_class(node, reader, "builtins:str")
    if node["is_json"] is not True:
        raise reader.refuse("is_json of a JsonNode must be true")
    try:
        return read_json_scalar(field_of(node, "content", str, reader))
    except FormatError as error:
        raise reader.refuse(error.found) from error


def _read_type(node: Node, reader: NodeReader) -> LegacyName:
    return reader.name(location_of(node, reader))


def _read_function(node: Node, reader: NodeReader) -> LegacyName:
    if reader.protocol > 0:
        if "content" in node:
            raise reader.refuse("a FunctionNode has a content in files of protocol 0 only")
        return reader.name(location_of(node, reader))
    if "content" not in node:
        raise reader.refuse("a FunctionNode of a file of protocol 0 must have a content")
    module, function = parts_of(node, reader, "module_path", "function")
    return reader.name(location_of({"__module__": module, "__class__": function}, reader))


def _read_bytes(node: Node, reader: NodeReader) -> Any:
    location, content = location_of(node, reader), bytes(reader.read_member(node["file"]))
    if location == "numpy:bytes_":
        return scalar_of_bytes(np.dtype(f"S{len(content)}"), content)
    return content if location == "builtins:bytes" else reader.new(location, content)


def _read_bytearray(node: Node, reader: NodeReader) -> Any:
    location, content = location_of(node, reader), bytes(reader.read_member(node["file"]))
    return bytearray(content) if location == "builtins:bytearray" else reader.new(location, content)


def _read_slice(node: Node, reader: NodeReader) -> LegacyObject:
    require_class(node, reader, "builtins:slice")
    parts = parts_of(node, reader, "start", "stop", "step")
    if not all(isinstance(part, (int, float, str, type(None))) for part in parts):
        raise reader.refuse("the parts of a slice must be plain values")
    return reader.call("builtins:slice", *parts)


def _items(node: Node, reader: NodeReader) -> Generator[tuple[str | int | None, Any], Any, list[Any]]:
    items = []
    for number, child in enumerate(field_of(node, "content", list, reader)):
        items.append((yield number, child))
    return items


def _read_list(node: Node, reader: NodeReader) -> Steps:
    location = location_of(node, reader)
    product: Any = [] if location == "builtins:list" else reader.new(location)
    reader.know(product)
    items = product if type(product) is list else product.items
    items.extend((yield from _items(node, reader)))
    return product


def _read_tuple(node: Node, reader: NodeReader) -> Steps:
    location = location_of(node, reader)
    items = yield from _items(node, reader)
    return tuple(items) if location == "builtins:tuple" else reader.new(location, *items)


def _read_set(node: Node, reader: NodeReader) -> Steps:
    location = location_of(node, reader)
    items = yield from _items(node, reader)
    return as_set(location, items, reader)


def as_set(location: str, items: list[Any], reader: NodeReader) -> Any:
    """Make a set of what can be hashed safely; one of a class of its own stays a call."""
    if location not in ("builtins:set", "builtins:frozenset"):
        return reader.call(location, items)
    try:
        members = checked_keys(items, reader.keys)
    except FormatError as error:
        raise reader.refuse(error.found) from error
    return set(members) if location == "builtins:set" else frozenset(members)


def _pairs(node: Node, reader: NodeReader) -> Generator[tuple[str | int | None, Any], Any, list[Any]]:
    """Give keys and values in turn: the keys stand as texts, their types beside them."""
    content = field_of(node, "content", dict, reader)
    kinds = yield "keys", node["key_types"]
    if type(kinds) is not list or len(kinds) != len(content):
        raise reader.refuse(f"the types of its {len(content)} keys are not a list of as many")
    pairs: list[Any] = []
    for (text, child), kind in zip(content.items(), kinds, strict=True):
        key = text if type(kind) is LegacyName and kind.location == "builtins:str" else _key(text, kind, reader)
        pairs += (key, (yield text, child))
    return pairs


def _key(text: str, kind: Any, reader: NodeReader) -> Any:
    location = kind.location if type(kind) is LegacyName else ""
    if location == "numpy:str_":
        return text
    if location == "builtins:int" or _NUMPY_INTEGERS.fullmatch(location):
        if _INTEGER.fullmatch(text) and len(text) < _MAX_DIGITS:
            return int(text)
    elif location == "builtins:float" or _NUMPY_FLOATS.fullmatch(location):
        if _FLOAT.fullmatch(text):
            return float(text)
    elif location in ("builtins:bool", "numpy:bool_", "numpy:bool"):
        if text in ("true", "false"):
            return text == "true"
    elif location == "builtins:NoneType" and text == "null":
        return None
    raise reader.refuse(f"the key {text[:100]!r} is no plain value of type {location[:100] or 'unknown'}")


def _as_dict(pairs: list[Any], reader: NodeReader) -> dict[Any, Any]:
    keys = pairs[::2]
    if are_colliding([], keys):
        raise reader.refuse("the keys of a dictionary share their hashes, which would take long to compare")
    made = dict(zip(keys, pairs[1::2], strict=True))
    if len(made) != len(keys):
        raise reader.refuse("two keys of a dictionary are equal")
    return made


def _read_dict(node: Node, reader: NodeReader) -> Steps:
    location = location_of(node, reader)
    if location == "builtins:dict":
        made: dict[Any, Any] = {}
        reader.know(made)
        made.update(_as_dict((yield from _pairs(node, reader)), reader))
        return made
    if location == "collections:Counter":
        return reader.call(location, _as_dict((yield from _pairs(node, reader)), reader))
    is_called = location in ("collections:OrderedDict", "collections:defaultdict")
    product = reader.call(location) if is_called else reader.new(location)
    reader.know(product)
    product.pairs = yield from _pairs(node, reader)
    return product


def _read_defaultdict(node: Node, reader: NodeReader) -> Steps:
    require_class(node, reader, "collections:defaultdict")
    main, factory = parts_of(node, reader, "main", "default_factory")
    made = yield "default_factory", factory
    product = reader.call("collections:defaultdict", *(() if made is None else (made,)))
    reader.know(product)
    product.pairs = _flat((yield "main", main), reader)
    return product


def _read_deprecated_keys(node: Node, reader: NodeReader) -> Steps:
    product = reader.new(location_of(node, reader))
    reader.know(product)
    main, new_keys = parts_of(node, reader, "main", "_deprecated_key_to_new_key")
    product.pairs = _flat((yield "main", main), reader)
    product.state = {"_deprecated_key_to_new_key": (yield "_deprecated_key_to_new_key", new_keys)}
    return product


def _flat(content: Any, reader: NodeReader) -> list[Any]:
    if type(content) is not dict:
        raise reader.refuse("the main part must be a dictionary")
    reader.own(content)
    return [part for pair in content.items() for part in pair]


VALUE_KINDS: dict[str, Kind] = {
    "BytearrayNode": leaf(_read_bytearray, "file"),
    "BytesNode": leaf(_read_bytes, "file"),
    "DefaultDictNode": branch(_read_defaultdict, "content"),
    "DictNode": branch(_read_dict, "content", "key_types"),
    "FunctionNode": leaf(_read_function, optional=("content",)),
    "JsonNode": leaf(_read_json, "content", "is_json"),
    "ListNode": branch(_read_list, "content"),
    "SetNode": branch(_read_set, "content"),
    "SliceNode": leaf(_read_slice, "content"),
    "TupleNode": branch(_read_tuple, "content"),
    "TypeNode": leaf(_read_type),
    "_DictWithDeprecatedKeysNode": branch(_read_deprecated_keys, "content"),
}
"""The kinds of this file by the name of their loader."""
