"""A file taken apart: its graph as plain JSON and its members as bytes, to be changed and put together again.

The real writer puts it together, so every checksum, length and header is right: what is refused then is refused for
what the graph or a pool says.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import sklearn

import hermetic
from hermetic.formats.compression import Compression, compress_member
from hermetic.formats.container_reader import open_container
from hermetic.formats.container_writer import BytesMember, write_container_stream
from hermetic.formats.graph_json import GraphDocument
from hermetic.formats.sources import BufferSource
from hermetic.limits import DEFAULT_LIMITS
from hermetic.structs import msgspec

__all__ = ["WRITTEN_BY", "TakenApart", "canonical", "changed", "pool_bytes", "take_apart"]

WRITTEN_BY = {"hermetic": "0", "numpy": np.__version__, "scikit-learn": sklearn.__version__}


@dataclass(kw_only=True)
class TakenApart:
    """The graph of a file, and the bytes of its other members by name, in order."""

    graph: Any
    members: dict[str, bytes]
    stored_as: dict[str, str] = field(default_factory=dict)

    def put_together(self) -> bytes:
        """Give the file; the graph in canonical JSON wherever its types fit."""
        members = [BytesMember(name="graph.json", data=canonical(self.graph)), *self._outgoing()]
        target = io.BytesIO()
        write_container_stream(target, members, WRITTEN_BY)
        return target.getvalue()

    def _outgoing(self) -> list[BytesMember]:
        outgoing = []
        for name, data in self.members.items():
            suffix = self.stored_as.get(name, "")
            stored = compress_member(Compression(suffix=suffix, level=1), [data]) if suffix else data
            outgoing.append(BytesMember(name=name + suffix, data=stored, content_length=len(data) if suffix else None))
        return outgoing


def take_apart(value: Any) -> TakenApart:
    """Save a value, and take the file apart."""
    container = open_container(BufferSource(hermetic.dumps(value)), DEFAULT_LIMITS)
    members = {name: bytes(container.read(name)) for name in container.members}
    return TakenApart(graph=msgspec.json.decode(members.pop("graph.json")), members=members)


def changed(value: Any, change: Callable[[TakenApart], Any]) -> bytes:
    """Save a value, change the parts of the file, and put them together."""
    parts = take_apart(value)
    change(parts)
    return parts.put_together()


def canonical(graph: Any) -> bytes:
    """Give the text of a graph, fields at their defaults left out, so that it passes the gate of the text."""
    text = msgspec.json.encode(graph)
    try:
        return msgspec.json.encode(msgspec.json.decode(text, type=GraphDocument))
    except msgspec.MsgspecError:
        return text


def pool_bytes(array: np.ndarray) -> bytes:
    """Give an array as the member of a pool, as numpy writes it."""
    target = io.BytesIO()
    np.lib.format.write_array(target, array, version=(1, 0), allow_pickle=False)
    return target.getvalue()
