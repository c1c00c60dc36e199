"""Skops files made by hand, one node at a time, as skops writes them: no test stands here, and skops is not needed."""

from __future__ import annotations

import io
import itertools
import json
import zipfile
from typing import Any

import numpy as np

from hermetic.formats.skops_reader import SkopsContent, read_skops
from hermetic.legacy_objects import MISSING, LegacyName, LegacyObject

__all__ = [
    "array",
    "call",
    "dictionary",
    "members_of",
    "node",
    "npy",
    "npz",
    "objects",
    "plain",
    "read",
    "said",
    "skops_file",
    "text_of",
    "the_list",
    "the_tuple",
    "type_of",
    "zipped",
]

_identities = itertools.count(140_000_000_000_000, 16)
Node = dict[str, Any]


def node(location: str, loader: str, **fields: Any) -> Node:
    """Make a node of any kind; ``__id__`` is a new one unless it is given, none at all where it is None."""
    module, _, name = location.rpartition(":")
    made = {"__class__": name, "__module__": module, "__loader__": loader, **fields}
    if "__id__" not in made:
        made["__id__"] = next(_identities)
    elif made["__id__"] is None:
        del made["__id__"]
    return made


def plain(value: Any, **fields: Any) -> Node:
    return node("builtins:str", "JsonNode", content=json.dumps(value), is_json=True, **fields)


def type_of(location: str, **fields: Any) -> Node:
    return node(location, "TypeNode", **fields)


def the_list(*items: Node, location: str = "builtins:list", **fields: Any) -> Node:
    return node(location, "ListNode", content=list(items), **fields)


def the_tuple(*items: Node, location: str = "builtins:tuple", **fields: Any) -> Node:
    return node(location, "TupleNode", content=list(items), **fields)


def dictionary(content: dict[str, Node], *kinds: str, location: str = "builtins:dict", **fields: Any) -> Node:
    """Make a dict whose keys have the types `kinds`; text where none are given."""
    types = the_list(*(type_of(kind) for kind in kinds or ["builtins:str"] * len(content)))
    return node(location, "DictNode", content=content, key_types=types, **fields)


def array(file: str, location: str = "numpy:ndarray", **fields: Any) -> Node:
    return node(location, "NdArrayNode", type="numpy", file=file, **fields)


def objects(shape: tuple[int, ...], *content: Node, **fields: Any) -> Node:
    axes = the_tuple(*map(plain, shape))
    return node("numpy:ndarray", "NdArrayNode", type="json", content=list(content), shape=axes, **fields)


def call(location: str, *arguments: Node, loader: str = "LossNode", content: Node | None = None) -> Node:
    """Make a node that keeps the arguments of a call, and a state."""
    reduced = {"args": the_tuple(*arguments)}
    return node(location, loader, __reduce__=reduced, content=dictionary({}) if content is None else content)


def npy(values: Any) -> bytes:
    file = io.BytesIO()
    np.save(file, np.asanyarray(values), allow_pickle=False)
    return file.getvalue()


def npz(**arrays: Any) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def zipped(members: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression=compression) as writer:
        for name, content in members.items():
            writer.writestr(name, content)
    return file.getvalue()


def text_of(root: Any, protocol: Any = 2, version: Any = "0.16.0") -> bytes:
    """Write ``schema.json`` as skops does."""
    return json.dumps({**root, "protocol": protocol, "_skops_version": version}, indent=2).encode()


def members_of(root: Any, protocol: Any = 2, **members: bytes) -> dict[str, bytes]:
    """Give the members of a file, schema last; ``a_npy`` stands for ``a.npy``."""
    named = {".".join(name.rsplit("_", 1)): content for name, content in members.items()}
    return {**named, "schema.json": text_of(root, protocol)}


def skops_file(root: Any, protocol: Any = 2, compression: int = zipfile.ZIP_STORED, **members: bytes) -> bytes:
    return zipped(members_of(root, protocol, **members), compression)


def read(root: Any, protocol: Any = 2, **members: bytes) -> Any:
    """Read a file with this root and these members, and give what it holds."""
    content: SkopsContent = read_skops(skops_file(root, protocol, **members))
    return content.root


def said(value: Any) -> Any:
    """Write what was read as nested tuples that can be compared: objects with all that they are made of."""
    if isinstance(value, LegacyName):
        return "name", value.location
    if isinstance(value, LegacyObject):
        made = ["new" if value.is_new else "call", value.location, said(value.arguments)]
        for label, part in (("state", value.state), ("items", value.items), ("pairs", value.pairs)):
            if part is not MISSING and (label == "state" or part):
                made += [label, said(part)]
        return tuple(made)
    if isinstance(value, np.ndarray):
        return "array", value.dtype.str, said(value.tolist())
    if type(value) in (list, tuple):
        return type(value)(map(said, value))
    if type(value) is dict:
        return {key: said(part) for key, part in value.items()}
    return value
