"""Opcodes that make tuples, dictionaries, lists, calls and objects, read in one function each where all is ordinary.

The loops of `hermetic.formats.pickle_loops` call these before the handlers of `PickleMachine`, where no frame, no
budget and no byte can come to an end. Each gives the byte behind its opcode, or 0 when something is not quite ordinary
- a value is missing, or of another kind, or stands deeper than all before it: then nothing has changed, and the handler
of the opcode is to read it. What these functions read, the handlers read as the same.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

from hermetic.formats.pickle_nodes import PLAIN_TYPES, ByteArray, Call, Change, Global, Item, Mapping, Sequence
from hermetic.formats.pickle_opcodes import LOWEST_PROTOCOLS, OPCODES

__all__ = ["QUICK", "Quick"]

Quick = Callable[[Any, list[Item], int, int], int]
"""What is given the machine, what stands above the last mark, the opcode's byte, and the end of what is ordinary."""

_SPECIAL = frozenset({"NumpyArrayWrapper", "_reconstructor"})  # an array may follow the state of what these have made
_MANY_ITEMS = 200
_LONG_BYTES = 4_096
_read_length = struct.Struct("<Q").unpack_from
_read_unsigned = struct.Struct("<I").unpack_from
_read_double = struct.Struct(">d").unpack_from


def _depth_above(items: list[Item]) -> int:
    if len(items) > _MANY_ITEMS and PLAIN_TYPES.issuperset(map(type, items)):
        return 1
    depth = 0
    for item in items:
        if type(item) not in PLAIN_TYPES and item.depth > depth:  # type: ignore[union-attr]  # a node
            depth = item.depth  # type: ignore[union-attr]  # a node
    return depth + 1


def _empty_dictionary(machine: Any, stack: list[Item], position: int, end: int) -> int:
    if not machine.usual_depth:
        return 0
    nodes = machine.nodes
    node = Mapping(position, len(nodes), 1, [])
    nodes.append(node)
    stack.append(node)
    return position + 1


def _empty_list(machine: Any, stack: list[Item], position: int, end: int) -> int:
    if not machine.usual_depth:
        return 0
    nodes = machine.nodes
    node = Sequence(position, len(nodes), 1, "list", [])
    nodes.append(node)
    stack.append(node)
    return position + 1


def _short_tuple(machine: Any, stack: list[Item], position: int, end: int) -> int:
    code = machine.cursor.data[position]
    n_items = 0 if code == 0x29 else code - 0x84  # EMPTY_TUPLE, TUPLE1 to TUPLE3
    if len(stack) < n_items:
        return 0
    items = stack[-n_items:] if n_items else []
    depth = _depth_above(items)
    if depth > machine.usual_depth:
        return 0
    nodes = machine.nodes
    node = Sequence(position, len(nodes), depth, "tuple", items)
    nodes.append(node)
    if n_items:
        stack[-n_items:] = [node]
    else:
        stack.append(node)
    return position + 1


def _tuple(machine: Any, stack: list[Item], position: int, end: int) -> int:
    depth = _depth_above(stack)
    levels = machine.levels
    if not levels or depth > machine.usual_depth:
        return 0
    nodes = machine.nodes
    node = Sequence(position, len(nodes), depth, "tuple", stack)
    nodes.append(node)
    machine.stack = levels.pop()
    machine.stack.append(node)
    return position + 1


def _set_items(machine: Any, stack: list[Item], position: int, end: int) -> int:
    depth, levels = _depth_above(stack), machine.levels
    if not levels or not levels[-1] or len(stack) % 2 or depth > machine.usual_depth:
        return 0
    target = levels[-1][-1]
    if type(target) is not Mapping:
        return 0
    _put(machine, target, depth, stack)
    return position + 1


def _append_items(machine: Any, stack: list[Item], position: int, end: int) -> int:
    depth, levels = _depth_above(stack), machine.levels
    if not levels or not levels[-1] or depth > machine.usual_depth:
        return 0
    target = levels[-1][-1]
    if type(target) is not Sequence or target.kind != "list":
        return 0
    _put(machine, target, depth, stack)
    return position + 1


def _put(machine: Any, target: Sequence | Mapping, depth: int, items: list[Item]) -> None:
    if depth > target.depth:
        target.depth = depth
    if target.items:
        target.items += items
    else:
        target.items = items
    machine.stack = machine.levels.pop()


def _call(machine: Any, stack: list[Item], position: int, end: int) -> int:
    if len(stack) < 2:
        return 0
    function, arguments = stack[-2:]
    if type(arguments) is not Sequence or arguments.kind != "tuple" or type(function) is not Global:
        return 0
    opcode = "REDUCE" if machine.cursor.data[position] == 0x52 else "NEWOBJ"
    if function.name in _SPECIAL and opcode == "NEWOBJ" and (after := machine.read_repeated(stack, position, end)):
        return int(after)
    depth = _depth_above(arguments.items)
    if depth > machine.usual_depth:
        return 0
    nodes = machine.nodes
    node = Call(position, len(nodes), depth, opcode, function, arguments.items)
    nodes.append(node)
    stack[-2:] = [node]
    return position + 1


def _build(machine: Any, stack: list[Item], position: int, end: int) -> int:
    if len(stack) < 2:
        return 0
    target, state = stack[-2:]
    function = target.function if type(target) is Call else None
    if type(function) is not Global or function.name in _SPECIAL:
        return 0
    depth = 1 if type(state) in PLAIN_TYPES else state.depth + 1  # type: ignore[union-attr]  # a node
    if depth > machine.usual_depth:
        return 0
    if depth > target.depth:  # type: ignore[union-attr]  # a call
        target.depth = depth  # type: ignore[union-attr, misc]  # a call
    nodes = machine.nodes
    nodes.append(Change(position, len(nodes), "BUILD", target, [state]))  # type: ignore[arg-type]  # a call
    machine.states[target.number] = state  # type: ignore[union-attr]  # a call
    stack.pop()
    return position + 1


def _truth(machine: Any, stack: list[Item], position: int, end: int) -> int:
    stack.append(machine.cursor.data[position] == 0x88)
    return position + 1


def _double(machine: Any, stack: list[Item], position: int, end: int) -> int:
    stack.append(_read_double(machine.cursor.data, position + 1)[0])
    return position + 9


def _short_bytes(machine: Any, stack: list[Item], position: int, end: int) -> int:
    data = machine.cursor.data
    after = position + 2 + data[position + 1]
    if after > end:
        return 0
    stack.append(data[position + 2 : after])
    machine.skipped_bytes += after - position - 1
    return int(after)


def _bytes(machine: Any, stack: list[Item], position: int, end: int) -> int:
    data = machine.cursor.data
    after = position + 5 + _read_unsigned(data, position + 1)[0]
    if after > end:
        return 0
    stack.append(data[position + 5 : after])
    machine.skipped_bytes += after - position - 1
    return int(after)


def _byte_array(machine: Any, stack: list[Item], position: int, end: int) -> int:
    data = machine.cursor.data
    length = _read_length(data, position + 1)[0]
    after = position + 9 + length
    if after > end or length >= _LONG_BYTES:
        return 0
    nodes = machine.nodes
    node = ByteArray(position, len(nodes), data[position + 9 : after])
    nodes.append(node)
    stack.append(node)
    machine.skipped_bytes += length
    return int(after)


_FUNCTIONS: dict[str, Quick] = {
    "APPENDS": _append_items,
    "BINBYTES": _bytes,
    "BINFLOAT": _double,
    "BUILD": _build,
    "BYTEARRAY8": _byte_array,
    "EMPTY_DICT": _empty_dictionary,
    "EMPTY_LIST": _empty_list,
    "EMPTY_TUPLE": _short_tuple,
    "NEWFALSE": _truth,
    "NEWOBJ": _call,
    "NEWTRUE": _truth,
    "REDUCE": _call,
    "SETITEMS": _set_items,
    "SHORT_BINBYTES": _short_bytes,
    "TUPLE": _tuple,
    "TUPLE1": _short_tuple,
    "TUPLE2": _short_tuple,
    "TUPLE3": _short_tuple,
}


def _never(machine: Any, stack: list[Item], position: int, end: int) -> int:
    return 0


def _functions_of(protocol: int) -> list[Quick]:
    """Give what reads each of the 256 bytes; what the protocol does not have is left to the handlers."""
    found: list[Quick] = [_never] * 256
    for code, name in OPCODES.items():
        if LOWEST_PROTOCOLS[code] <= max(protocol, 1) and name in _FUNCTIONS:
            found[code] = _FUNCTIONS[name]
    return found


QUICK = [_functions_of(protocol) for protocol in range(6)]
"""By protocol and byte."""
