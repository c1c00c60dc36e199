"""Opcodes that make tuples, dictionaries, lists, calls and objects, read in one function each where all is ordinary.

The loops of `hermetic.formats.pickle_loops` call these before the handlers of `PickleMachine`, where no frame, no
budget and no byte can come to an end. Each gives the byte behind its opcode, or 0 when something is not quite ordinary
- a value is missing, or of another kind, or stands deeper than all before it: then nothing has changed, and the handler
of the opcode is to read it. What these functions read, the handlers read as the same.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from typing import Any

from hermetic.formats.pickle_budgets import OPCODES_OF_BYTES
from hermetic.formats.pickle_nodes import PLAIN_TYPES, ByteArray, Call, Change, Global, Item, Mapping, Sequence
from hermetic.formats.pickle_opcodes import LOWEST_PROTOCOLS, OPCODES

__all__ = ["QUICK", "Quick", "numbers_between"]

Quick = Callable[[Any, list[Item], int, int], int]
"""What is given the machine, what stands above the last mark, the opcode's byte, and the end of what is ordinary."""

_SPECIAL = frozenset({"NumpyArrayWrapper", "_reconstructor"})  # an array may follow the state of what these have made
_MANY_ITEMS = 200
_SHORT = 261
_FEW_ITEMS = 5  # floods of small batches are counted by the handler
_LONG_BYTES = 4_096
# What stands behind the bytes of an array: MEMOIZE, its dtype, shape, MEMOIZE, order, TUPLE, MEMOIZE and REDUCE.
_ARRAY = re.compile(rb"\x94(h.|j.{4})((?:K.|M..|J.{3}[\x00-\x7f]){1,3})([\x85-\x87])\x94(h.|j.{4})t\x94R", re.DOTALL)
_read_signed = struct.Struct("<i").unpack_from
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
    if type(target) is not Mapping or len(stack) < _FEW_ITEMS:
        return 0
    _put(machine, target, depth, stack)
    return position + 1


def _append_items(machine: Any, stack: list[Item], position: int, end: int) -> int:
    depth, levels = _depth_above(stack), machine.levels
    if not levels or not levels[-1] or depth > machine.usual_depth:
        return 0
    target = levels[-1][-1]
    if type(target) is not Sequence or target.kind != "list" or len(stack) < _FEW_ITEMS:
        return 0
    _put(machine, target, depth, stack)
    return position + 1


def _append(machine: Any, stack: list[Item], position: int, end: int) -> int:
    if len(stack) < 2 or machine.protocol >= 2:
        return 0  # newer protocols have it once for a list
    target, item = stack[-2:]
    if type(target) is not Sequence or target.kind != "list" or type(item) not in PLAIN_TYPES:
        return 0
    return _put_plain(target, stack, position, 1)


def _set_item(machine: Any, stack: list[Item], position: int, end: int) -> int:
    if len(stack) < 3 or machine.protocol >= 2:
        return 0
    target, key, value = stack[-3:]
    if type(target) is not Mapping or type(key) not in PLAIN_TYPES or type(value) not in PLAIN_TYPES:
        return 0
    return _put_plain(target, stack, position, 2)


def _put_plain(target: Sequence | Mapping, stack: list[Item], position: int, n_items: int) -> int:
    target.items += stack[-n_items:]
    del stack[-n_items:]
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
    machine.skipped_bytes -= OPCODES_OF_BYTES
    return int(after)


def _bytes(machine: Any, stack: list[Item], position: int, end: int) -> int:
    data = machine.cursor.data
    after = position + 5 + _read_unsigned(data, position + 1)[0]
    if after > end:
        return 0
    stack.append(data[position + 5 : after])
    machine.skipped_bytes += after - position - 1 if after - position > _SHORT else -OPCODES_OF_BYTES
    return int(after)


def _byte_array(machine: Any, stack: list[Item], position: int, end: int) -> int:
    data = machine.cursor.data
    length = _read_length(data, position + 1)[0]
    after = position + 9 + length
    if after > end or length >= _LONG_BYTES:
        return 0
    nodes = machine.nodes
    node = ByteArray(position, len(nodes), data[position + 9 : after])
    rest = _ARRAY.match(data, after) if not stack and machine.levels else None
    nodes.append(node)
    machine.skipped_bytes += length
    if rest is not None and (behind := _array(machine, node, rest, end)):
        return behind
    stack.append(node)
    return int(after)


def _array(machine: Any, node: ByteArray, rest: re.Match[bytes], end: int) -> int:
    """Read how numpy makes an array of some bytes: ten opcodes that are the same for all but for three numbers."""
    data, nodes, memo, below = machine.cursor.data, machine.nodes, machine.memo, machine.levels[-1]
    after, tuple_place, n_nodes = rest.end(), rest.start(3), len(nodes)
    shape = numbers_between(data, rest.start(2), tuple_place)
    entries = [_entry(rest[1]), _entry(rest[4])]
    if after > end or not below or len(shape) != data[tuple_place] - 0x84 or max(entries) >= len(memo):
        return 0
    dtype, order = memo[entries[0]], memo[entries[1]]
    if type(below[-1]) is not Global or type(dtype) is not Call or type(order) is not str:
        return 0
    depth = max(dtype.depth, 1) + 1
    if depth > machine.usual_depth or dtype.number in machine.replaced:
        return 0
    lengths = Sequence(tuple_place, n_nodes, 1, "tuple", shape)
    items: list[Item] = [node, dtype, lengths, order]
    arguments = Sequence(after - 3, n_nodes + 1, depth, "tuple", items)
    call = Call(after - 1, n_nodes + 2, depth, "REDUCE", below[-1], items)
    nodes += (lengths, arguments, call)
    memo += (node, lengths, arguments)
    machine.recalled += (dtype, order)
    machine.stack = machine.levels.pop()
    machine.stack[-1] = call
    return after


def _entry(opcode: bytes) -> int:
    """Give the number of the entry of the memo that BINGET or LONG_BINGET takes."""
    return opcode[1] if opcode[0] == 0x68 else int(_read_unsigned(opcode, 1)[0])


def numbers_between(data: bytes, position: int, end: int) -> list[Any]:
    r"""Give the numbers of BININT1, BININT2 and BININT that fill some bytes.

    Examples
    --------
    >>> from hermetic.formats.pickle_quick import numbers_between
    >>> numbers_between(b"K\1M\0\1J\0\0\1\0", 0, 10)
    [1, 256, 65536]
    """
    found = []
    while position < end:
        code = data[position]
        if code == 0x4B:
            found.append(data[position + 1])
            position += 2
        elif code == 0x4D:
            found.append(data[position + 1] | data[position + 2] << 8)
            position += 3
        else:
            found.append(_read_signed(data, position + 1)[0])
            position += 5
    return found


_FUNCTIONS: dict[str, Quick] = {
    "APPEND": _append,
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
    "SETITEM": _set_item,
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
