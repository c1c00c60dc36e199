"""The graph of what a foreign file holds: values adopted by the codecs and captured, and every foreign name told."""

from __future__ import annotations

import sys

from hermetic.adopt import adopt, is_known
from hermetic.capture import capture
from hermetic.codecs.calls import CALL
from hermetic.codecs.registry import codec_of_name
from hermetic.codecs.vocabularies import BYTE_ORDER, HasherCodec
from hermetic.dtypes import describe_dtype
from hermetic.errors import LimitExceeded
from hermetic.formats.pickle_budgets import TABLE_BYTES, memory_of_pickle
from hermetic.formats.pickle_nodes import Bytes8, PickleStream
from hermetic.formats.pickle_values import PickleValues
from hermetic.graph import Arrays, Graph, Instances, Name, Same
from hermetic.lazy import numpy as np
from hermetic.legacy_objects import LegacyName, LegacyObject
from hermetic.limits import Limits

__all__ = ["decode_arrays", "graph_of_values", "holds_old_bytes"]

_ASCII_END = 128


def graph_of_values(values: PickleValues, limits: Limits, length_bytes: int) -> tuple[Graph, dict[str, str]]:
    """Make the graph of some values, and tell which libraries wrote them.

    Parameters
    ----------
    values : PickleValues
        Of one file; used up by this.
    limits : Limits
        Budgets for reading.
    length_bytes : int
        Of the content, decompressed.

    Returns
    -------
    graph : Graph
        Before any gate.
    written_by : dict of str to str
        Versions of libraries.

    Raises
    ------
    LimitExceeded
        When little of the file makes many tables: ``memory_bytes`` and ``memory_factor`` count, as for its opcodes.
    """
    written_by = adopt(values.objects, values.names, limits=limits, length_bytes=length_bytes)
    try:
        graph = capture(values.root, memory_of_pickle(limits, length_bytes) // TABLE_BYTES)
    except LimitExceeded as error:
        allowed, asked = error.allowed * TABLE_BYTES, error.asked * TABLE_BYTES
        raise LimitExceeded("memory_bytes", allowed=allowed, asked=asked) from error
    _name_what_is_left_out(graph, values)
    _tell_byte_order(graph, values)
    return graph, written_by


def _tell_byte_order(graph: Graph, values: PickleValues) -> None:
    """Let models that hash say that a machine of the other byte order wrote them, where the arrays show it."""
    hashing = {number for number, name in enumerate(graph.names) if isinstance(codec_of_name(name.name), HasherCodec)}
    if hashing and values.is_of_other_machine():
        for node in graph.nodes:
            if isinstance(node, Instances) and node.type in hashing:
                order = "big" if sys.byteorder == "little" else "little"
                node.fields[BYTE_ORDER] = order if node.rows == 1 else Same(order)


def _name_what_is_left_out(graph: Graph, values: PickleValues) -> None:
    """See to it that the policy sees every foreign name, also of objects that the model does not refer to.

    Unpickling would have made them: what is called clean by a scan, and what loads, must not depend on where they went.
    """
    known = {(name.name, name.role) for name in graph.names}
    used = filter(None, (codec_of_name(name.name) for name in graph.names))
    parts = frozenset().union(*(codec.parts for codec in used))
    ordinary = set()
    for made in values.objects:
        if (made.name, made.location, made.is_new) in ordinary:
            continue
        if made.location in parts or (made.is_new and made.location.partition(":")[0] in parts):
            continue
        if made.problem is not None and made.name == CALL and not _is_method(made):
            raise made.problem
        if made.name != CALL:
            ordinary.add((made.name, made.location, made.is_new))
        called = made.fields.get("call") if made.name == CALL else None
        found = (called.name, "called") if type(called) is LegacyName else (made.name, "constructed")
        is_foreign = type(called) is LegacyName or codec_of_name(made.name) is None
        if is_foreign and found not in known:
            known.add(found)
            graph.names.append(Name(*found))
    named = {name for name, _ in known}
    owners = {name.location.rpartition(".")[0] for name in values.names}
    for name in values.names:
        is_part = name.location in parts or name.location.partition(":")[0] in parts or name.location in owners
        if name.name not in named and not is_part and not is_known(name):
            graph.names.append(Name(name.name, name.role))  # importing it may do anything


def _is_method(made: LegacyObject) -> bool:
    """Tell whether a pickle has a method of one of its objects here, which whoever needs it finds anew."""
    return made.location == "builtins:getattr" and type(made.arguments[0]) is LegacyObject


def holds_old_bytes(stream: PickleStream) -> bool:
    """Tell whether Python 2 has written texts as bytes into a stream."""
    return any(type(node) is Bytes8 for each in (stream, *stream.streams) for node in each.nodes)


def decode_arrays(graph: Graph) -> None:
    """Make text of arrays of bytes that Python 2 has written: its texts were bytes, and equal to Unicode ones.

    What is no ASCII stays what it is: nobody knows its encoding.
    """
    for number, node in enumerate(graph.nodes):
        if not isinstance(node, Arrays) or type(node.dtype) is not str or not node.dtype.startswith("|S"):
            continue
        arrays = graph.arrays[number]
        if all((array.view(np.uint8) < _ASCII_END).all() for array in map(np.ascontiguousarray, arrays)):
            graph.arrays[number] = [np.asarray(array).astype(f"=U{array.dtype.itemsize}") for array in arrays]
            node.dtype = describe_dtype(graph.arrays[number][0].dtype)
