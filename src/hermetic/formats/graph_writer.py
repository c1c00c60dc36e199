"""From a graph to the members of a file: ``graph.json``, the text pool, and one ``.npy`` member for each pool."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from hermetic.columns import packed_dtype, text_separator
from hermetic.dtypes import describe_dtype, stored_dtype
from hermetic.formats.compression import Compression, compress_member
from hermetic.formats.container_writer import BytesMember, Chunk, OutgoingMember
from hermetic.formats.graph_json import GraphDocument, Pool, column_to_json, encode_graph
from hermetic.formats.members import GRAPH_NAME
from hermetic.formats.pools import PoolWriter, as_flat, pool_key
from hermetic.graph import Arrays, Column, Graph, Node, Packed
from hermetic.graph_walk import with_columns

__all__ = ["TEXT_NAME", "graph_members"]

TEXT_NAME = "text.txt"

_KINDS = {
    "b": "bool",
    "i": "int",
    "u": "uint",
    "f": "float",
    "c": "complex",
    "S": "bytes",
    "U": "unicode",
    "V": "void",
    "M": "datetime",
    "m": "timedelta",
}


class _Text:
    """Text or JSON as one member."""

    content_length = None

    def __init__(self, name: str) -> None:
        self.name = name
        self.parts: list[bytes] = []
        self.length = 0

    def add(self, part: bytes) -> int:
        offset = self.length
        self.parts.append(part)
        self.length += len(part)
        return offset

    def chunks(self) -> Iterable[Chunk]:
        return iter(self.parts)


def graph_members(graph: Graph, compression: Compression | None = None) -> list[OutgoingMember]:
    """Lay out a graph as members, in the order in which they stand in a file.

    Parameters
    ----------
    graph : Graph
        As `hermetic.capture.capture` gives it.
    compression : Compression, optional
        What each member is compressed with, in memory.

    Returns
    -------
    list of OutgoingMember
        ``graph.json`` first. Pools refer to the arrays of the graph; nothing is copied before it is written.

    Examples
    --------
    >>> from hermetic.capture import capture
    >>> [member.name for member in graph_members(capture([1, 2]))]
    ['graph.json']
    """
    layout = _Layout(graph)
    nodes = [layout.place_node(number, node) for number, node in enumerate(graph.nodes)]
    pools = [Pool(pool.name, layout.descriptions[key], pool.items) for key, pool in layout.pools.items()]
    text = _Text(GRAPH_NAME)
    text.add(encode_graph(GraphDocument(graph.names, pools, nodes, graph.root, graph.links)))
    texts = [layout.text] if layout.has_text else []
    members: list[OutgoingMember] = [text, *texts, *layout.pools.values()]
    if compression is None:
        return members
    return [
        BytesMember(
            name=member.name + compression.suffix,
            data=compress_member(compression, member.chunks()),
            content_length=member.length,
        )
        for member in members
    ]


class _Layout:
    """Gives every slice its place, in the order of the nodes."""

    def __init__(self, graph: Graph) -> None:
        self.arrays = graph.arrays
        self.pools: dict[str, PoolWriter] = {}
        self.descriptions: dict[str, Any] = {}
        self.text = _Text(TEXT_NAME)
        self.has_text = False
        self._numbers: dict[str, int] = {}

    def place_node(self, number: int, node: Node) -> Node:
        """Give a node as it stands in JSON, its packed columns and arrays placed."""
        if isinstance(node, Arrays):
            return self._place_arrays(number, node)
        return with_columns(node, self._place_column)

    def _place_arrays(self, number: int, node: Arrays) -> Arrays:
        arrays = self.arrays[number]
        pool, offset = self._add(node.dtype, stored_dtype(arrays[0].dtype), [as_flat(array) for array in arrays])
        return Arrays(
            dtype=node.dtype,
            shape=node.shape,
            rows=node.rows,
            lengths=node.lengths,
            order=node.order,
            strides=node.strides,
            pool=pool,
            offset=offset,
        )

    def _place_column(self, column: Column, length: int) -> Any:
        if type(column) is not Packed:
            return column_to_json(column)
        if column.kind == "text":
            separator = text_separator(column.values) or "\n"  # capture packs only texts that have one
            part = separator.join(column.values).encode()
            self.has_text = True
            return {"text": [self.text.add(part), len(part), separator]}
        if column.kind == "numpy":
            values = column.values
            description = describe_dtype(values.dtype)
            return {"numpy": [*self._add(description, stored_dtype(values.dtype), [values]), description]}
        is_int = column.kind == "int"
        items = np.array(column.values, dtype=packed_dtype(column.kind, -(1 << 62)) if is_int else None)
        description = packed_dtype(column.kind, *((int(items.min()), int(items.max())) if is_int else ()))
        dtype = stored_dtype(np.dtype(description))
        return {column.kind: list(self._add(description, dtype, [items.astype(dtype)]))}

    def _add(self, description: Any, dtype: Any, arrays: Sequence[Any]) -> tuple[int, int]:
        key = pool_key(description)
        pool = self.pools.get(key)
        if pool is None:
            number = self._numbers[key] = len(self._numbers)
            pool = self.pools[key] = PoolWriter(_member_name(number, dtype), dtype)
            self.descriptions[key] = key[1:-1] if key.startswith('"') else json.loads(key)
        return self._numbers[key], pool.add(arrays)


def _member_name(number: int, dtype: Any) -> str:
    """Name a pool after its number and its dtype."""
    if dtype.names is not None:
        return f"arrays/{number}-records.npy"
    bits = "" if dtype.kind in "bmM" else dtype.itemsize * 8 if dtype.kind in "iufc" else dtype.itemsize
    return f"arrays/{number}-{_KINDS[dtype.kind]}{bits}.npy"
