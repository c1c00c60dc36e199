"""Changes of whole files: the graph's JSON, the bytes of a pool, the list of members, and now and then the container.

The real writer puts the parts together again, so checksums, lengths and headers are right and the reader is reached;
only one file in ten has bytes of its container changed.
"""

from __future__ import annotations

import copy
import io
import random
from collections.abc import Mapping
from typing import Any

import msgspec

from hermetic.errors import UsageError
from hermetic.formats.container_reader import open_container
from hermetic.formats.container_writer import BytesMember, write_container_seekable
from hermetic.formats.graph_json import GraphDocument
from hermetic.formats.members import GRAPH_NAME
from hermetic.formats.sources import BufferSource
from hermetic.limits import DEFAULT_LIMITS

__all__ = ["changed_file"]

_INNER = ".hermetic"
_REPLACEMENTS: tuple[Any, ...] = (
    *(None, True, -1, 0, 1, 2, 7, 1 << 31, 1 << 53, 1 << 62, 1 << 64, 10**40, -(1 << 63), 0.5, 1e300, -0.0),
    *("", "a", "list", "tuple", "set", "A", "F", "<f8", "|O", "arrays", "text.txt", GRAPH_NAME, "constructed"),
    *([], [0], [0, 0], [-1], [1, 2, 3], [[0]], [1 << 40] * 3, [0, 1 << 46, 1 << 12], ["a"]),
    *({}, {"same": 1}, {"rows": 0}, {"int": [0, 0]}, {"text": [0, 1, "\n"]}, {"name": 0}, {"tuple": [{}]}),
    *({"rows": 0, "except": [[0, None]]}, {"float": "nan"}, {"numpy": [0, 0, 5]}, {"dtype": "<f8"}),
)


def changed_file(data: bytes, written_by: Mapping[str, str], choose: random.Random) -> tuple[bytes, str]:
    """Give a file like another but for one change, and the change in words."""
    if choose.random() < 0.1:
        return _change_container(data, choose)
    container = open_container(BufferSource(data), DEFAULT_LIMITS)
    members = {name: bytes(container.read(name)) for name in container.members}
    inner = [name for name in members if name.endswith(_INNER)]
    name = choose.choice([GRAPH_NAME, GRAPH_NAME, *inner * len(members), *members])
    if name.endswith(_INNER):
        members[name], words = changed_file(members[name], container.written_by, choose)
    elif name == GRAPH_NAME:
        members[name], words = _change_json(members[name], choose)
    else:
        members[name], words = _change_bytes(members[name], choose)
    target = io.BytesIO()
    outgoing = [BytesMember(name=own, data=content) for own, content in members.items()]
    try:
        write_container_seekable(target, outgoing, dict(written_by))
    except UsageError:
        return data, "nothing"
    return target.getvalue(), f"{name}: {words}"


def _change_container(data: bytes, choose: random.Random) -> tuple[bytes, str]:
    changed, words = _change_bytes(data, choose)
    return changed, f"container: {words}"


def _change_bytes(data: bytes, choose: random.Random) -> tuple[bytes, str]:
    if not data:
        return b"\0", "one byte more"
    position = choose.randrange(len(data))
    how = choose.choice(("flip", "flip", "set", "cut", "insert", "end"))
    changed = bytearray(data)
    if how == "flip":
        changed[position] ^= 1 << choose.randrange(8)
    elif how == "set":
        changed[position : position + 8] = choose.choice((b"\xff", b"\0")) * len(changed[position : position + 8])
    elif how == "cut":
        del changed[position : position + choose.choice((1, 8))]
    elif how == "insert":
        changed[position:position] = bytes(choose.choice((1, 8)))
    else:
        del changed[position:]
    return bytes(changed), f"{how} at byte {position}"


def _change_json(text: bytes, choose: random.Random) -> tuple[bytes, str]:
    document = msgspec.json.decode(text)
    places: list[tuple[Any, Any]] = []
    waiting: list[Any] = [document]
    while waiting:
        holder = waiting.pop()
        pairs: Any = holder.items() if isinstance(holder, dict) else enumerate(holder)
        for key, inner in pairs:
            places.append((holder, key))
            if isinstance(inner, (dict, list)):
                waiting.append(inner)
    holder, key = choose.choice(places)
    how = choose.choice(("replace", "replace", "near", "copy", "drop", "repeat"))
    old = holder[key]
    if how == "near" and type(old) is int:
        holder[key] = old + choose.choice((1, -1))
    elif how == "copy":
        other, place = choose.choice(places)
        holder[key] = copy.deepcopy(other[place])
    elif how == "drop":
        del holder[key]
    elif how == "repeat" and isinstance(holder, list):
        holder.insert(key, copy.deepcopy(old))
    else:
        holder[key] = copy.deepcopy(choose.choice(_REPLACEMENTS))
    return _canonical(document) or text, f"{how} {key!r}, which was {str(old)[:80]}"


def _canonical(document: Any) -> bytes:
    """Give the text, with defaults left out wherever the types fit, so that it passes the gate of the text."""
    try:
        text = msgspec.json.encode(document)
    except (OverflowError, ValueError, RecursionError):
        return b""
    try:
        return msgspec.json.encode(msgspec.json.decode(text, type=GraphDocument))
    except msgspec.MsgspecError:
        return text
