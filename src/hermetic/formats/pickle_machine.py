"""One pickle stream, opcode by opcode, into plain values and nodes: a stack, marks and a memo; nothing runs.

What a stream says is never looked up, called, hashed or compared. Where Python's readers would stop, reading stops
with `FormatError`; where they would go on though no pickler writes such a thing, or where two of them understand it
differently, a `Problem` is noted and reading goes on, so that whatever stands behind it is seen as well.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from hermetic.errors import FormatError
from hermetic.formats.pickle_budgets import OPCODES_OF_BYTES
from hermetic.formats.pickle_loops import read_common, read_common_of_old
from hermetic.formats.pickle_nodes import (
    PLAIN_TYPES,
    ByteArray,
    Bytes8,
    Call,
    Change,
    Extension,
    Global,
    Item,
    Mapping,
    PersistentId,
    Sequence,
)
from hermetic.formats.pickle_opcodes import BYTES8_READERS, LOWEST_PROTOCOLS, OPCODES, PLAIN_READERS
from hermetic.formats.pickle_stack import PickleStack

__all__ = ["PickleMachine"]

_HIGHEST_PROTOCOL = 5
_LONGEST_NAME = 1_000
_LONG_BYTES = 4_096
_FEW_ITEMS = 5
_SHORT = 260  # a short text and its length count as opcodes

_Kind = Literal["list", "tuple", "set", "frozenset"]


class PickleMachine(PickleStack):
    r"""Reads one stream; `run` gives what it holds.

    Parameters
    ----------
    cursor : Cursor
        At the first opcode; left behind STOP.
    limits : Limits
        As for `PickleStack`.

    Examples
    --------
    >>> from hermetic.formats.pickle_machine import PickleMachine
    >>> from hermetic.formats.pickle_opcodes import Cursor
    >>> from hermetic.limits import DEFAULT_LIMITS
    >>> PickleMachine(Cursor(b"cos\nsystem\n(S'ls'\ntR."), DEFAULT_LIMITS).run().opcode
    'REDUCE'
    """

    is_finished = False
    root: Item = None

    def run(self) -> Item:
        """Read to STOP and give what the stream holds.

        Returns
        -------
        Item
            The root.

        Raises
        ------
        FormatError
            Where no reader could go on.
        LimitExceeded
            Where a budget ends.
        """
        cursor = self.cursor
        while not self.is_finished:
            before = cursor.position
            if before >= self.fast_end:
                self.find_fast_end()
            if before < self.fast_end:
                read = read_common if self.protocol >= 4 else read_common_of_old
                read(self, _HANDLERS[self.protocol])
                self._check_frame()
            if cursor.position == before:
                self._step()
        return self.root

    def _step(self) -> None:
        """Read one opcode."""
        cursor = self.cursor
        self.check_values()
        self.offset = position = cursor.position
        if position >= len(cursor.data):
            raise FormatError("the stream ends without STOP: it is cut off")
        cursor.position = position + 1
        _HANDLERS[self.protocol][cursor.data[position]](self)
        self._check_frame()

    def _check_frame(self) -> None:
        if self.offset < self.frame_end < self.cursor.position:
            self.note("an opcode or its argument reaches over the end of its frame")

    def _no_opcode(self) -> None:
        raise FormatError(f"byte {self.cursor.data[self.offset]:#04x} is no opcode")

    def _of_later_protocol(self) -> None:
        code = self.cursor.data[self.offset]
        if OPCODES[code] != "PROTO":
            self.note(
                f"{OPCODES[code]} belongs to protocol {LOWEST_PROTOCOLS[code]}, but the stream declares {self.protocol}"
            )
        _HANDLERS[_HIGHEST_PROTOCOL][code](self)

    def _collect(self, kind: _Kind, items: list[Item]) -> None:
        self.push(Sequence(self.offset, len(self.nodes), self.depth_of_new(items), kind, items))

    # Plain values.
    def _read_plain(self) -> None:
        cursor = self.cursor
        start = cursor.position
        value = PLAIN_READERS[cursor.data[self.offset]](cursor)
        self.stack.append(value)
        length = cursor.position - start
        if length > _SHORT:
            self.skipped_bytes += length
        elif type(value) is bytes:
            self.skipped_bytes -= OPCODES_OF_BYTES

    def _read_bytes8(self) -> None:
        value = BYTES8_READERS[self.cursor.data[self.offset]](self.cursor)
        self.push(Bytes8(self.offset, len(self.nodes), value))

    def _read_byte_array(self) -> None:
        cursor = self.cursor
        length = cursor.read_unsigned(8)
        if length < _LONG_BYTES:
            value: bytes | memoryview = cursor.take(length)
        else:
            cursor.keep(length)
            value = cursor.kept(cursor.position - length, length)
        self.skipped_bytes += length
        self.push(ByteArray(self.offset, len(self.nodes), value))

    # Containers.
    def _empty(self) -> None:
        name = self.opcode
        if name == "EMPTY_DICT":
            self.push(Mapping(self.offset, len(self.nodes), self.depth_of_new([]), []))
        else:
            kind: _Kind = "list" if name == "EMPTY_LIST" else "tuple" if name == "EMPTY_TUPLE" else "set"
            self._collect(kind, [])

    def _pop_mark(self) -> None:
        self.budget.add_idle()
        self.pop_to_mark()

    def _list(self) -> None:
        self._collect("list", self.pop_to_mark())

    def _tuple(self) -> None:
        self._collect("tuple", self.pop_to_mark())

    def _frozenset(self) -> None:
        self._collect("frozenset", self.pop_to_mark())

    def _short_tuple(self) -> None:
        n_items, stack = self.cursor.data[self.offset] - 0x84, self.stack
        if len(stack) < n_items:
            raise FormatError(f"{self.opcode} needs a value, but none stands above the mark")
        items = stack[-n_items:]
        del stack[-n_items:]
        self._collect("tuple", items)

    def _dict(self) -> None:
        items = self.pop_to_mark()
        self._check_pairs(items)
        self.push(Mapping(self.offset, len(self.nodes), self.depth_of_new(items), items))

    def _check_pairs(self, items: list[Item]) -> None:
        if len(items) % 2:
            raise FormatError("a key has no value: an odd number of items stands above the mark")

    def _append(self) -> None:
        self._extend("list", [self.pop()])

    def _appends(self) -> None:
        self._extend("list", self.pop_to_mark())

    def _additems(self) -> None:
        self._extend("set", self.pop_to_mark())

    def _extend(self, kind: str, items: list[Item]) -> None:
        target = self.top()
        if type(target) is Sequence and target.kind == kind:
            self._put(target, items)
        else:
            self._change(target, items)

    def _put(self, target: Sequence | Mapping, items: list[Item]) -> None:
        if not items or (target.items and len(items) < _FEW_ITEMS and self.protocol >= 2):
            self.budget.add_idle()  # picklers put a thousand at a time
        target.depth = self.deeper(target.depth, items)
        if target.items:
            target.items += items
        else:
            target.items = items

    def _setitem(self) -> None:
        value = self.pop()
        self._set_items([self.pop(), value])

    def _setitems(self) -> None:
        self._set_items(self.pop_to_mark())

    def _set_items(self, items: list[Item]) -> None:
        self._check_pairs(items)
        target = self.top()
        if type(target) is Mapping:
            self._put(target, items)
        else:
            self._change(target, items)

    def _change(self, target: Item, items: list[Item]) -> None:
        opcode = self.opcode
        if type(target) in _UNCHANGING:
            raise FormatError(f"{opcode} changes a plain value that does not take it")
        if isinstance(target, (Call, PersistentId)):
            target.depth = self.deeper(target.depth, items)
        self.add(Change(self.offset, len(self.nodes), opcode, target, items))  # type: ignore[arg-type]  # no plain one

    # Names, calls and objects.
    def _global(self) -> None:
        module, name = self.cursor.read_name(), self.cursor.read_name()
        self._push_global("GLOBAL", module, name)

    def _stack_global(self) -> None:
        name, module = self.pop(), self.pop()
        if type(name) is not str or type(module) is not str:
            raise FormatError("STACK_GLOBAL needs two texts")
        if len(name) + len(module) > 2 * _LONGEST_NAME:
            raise FormatError(f"a name has {len(name)} characters, at most {_LONGEST_NAME} are read")
        self._push_global("STACK_GLOBAL", module, name)

    def _push_global(self, opcode: str, module: str, name: str) -> None:
        if not all(part.isidentifier() for text in (module, name) for part in text.split(".")):
            self.note(f"{module!r}, {name!r} is no name that Python could have written")
        self.push(Global(self.offset, len(self.nodes), opcode, module, name, self.protocol))

    def _reduce(self) -> None:
        arguments = self._pop_arguments()
        self._push_call("REDUCE", self.pop(), arguments)

    def _newobj(self) -> None:
        arguments = self._pop_arguments()
        self._push_call("NEWOBJ", self.pop(), arguments)

    def _newobj_ex(self) -> None:
        keywords = self.pop()
        if type(keywords) is not Mapping:
            raise FormatError("NEWOBJ_EX needs a dictionary of arguments")
        arguments = self._pop_arguments()
        self._push_call("NEWOBJ_EX", self.pop(), arguments, keywords)

    def _pop_arguments(self) -> list[Item]:
        node = self.pop()
        if type(node) is not Sequence or node.kind != "tuple":
            raise FormatError(f"{self.opcode} needs a tuple of arguments")
        return node.items

    def _inst(self) -> None:
        module, name = self.cursor.read_name(), self.cursor.read_name()
        arguments = self.pop_to_mark()
        self._push_global("INST", module, name)
        self._push_call("INST", self.pop(), arguments)

    def _object(self) -> None:
        items = self.pop_to_mark()
        if not items:
            raise FormatError("OBJ needs a class above the mark")
        self._push_call("OBJ", items[0], items[1:])

    def _push_call(self, opcode: str, function: Item, arguments: list[Item], keywords: Mapping | None = None) -> None:
        depth = self.depth_of_new(arguments)
        if type(function) is not Global:
            depth = max(depth, self.depth_of_new([function]))
        self.push(Call(self.offset, len(self.nodes), depth, opcode, function, arguments, keywords))

    def _build(self) -> None:
        state = self.pop()
        target = self.top()
        self._change(target, [state])
        self.states[target.number] = state  # type: ignore[union-attr]  # a plain one is not changed
        if type(target) is Call:
            self.built(target)

    def built(self, target: Call) -> None:
        """Look at what has got its state; joblib puts arrays there."""

    def read_repeated(self, stack: list[Item], position: int, end: int) -> int:
        """Read what follows NEWOBJ of a special class, if it is ordinary; joblib repeats itself there."""
        return 0

    def _extension(self) -> None:
        n_bytes = {"EXT1": 1, "EXT2": 2, "EXT4": 4}[self.opcode]
        code = self.cursor.read_signed(4) if n_bytes == 4 else self.cursor.read_unsigned(n_bytes)
        if code <= 0:
            raise FormatError(f"an extension code is {code}, expected 1 or more")
        self.note(f"extension code {code} stands for a name that only the reading process knows")
        self.push(Extension(self.offset, len(self.nodes), code))

    def _persistent_line(self) -> None:
        self.stack.append(self.cursor.read_line())
        self._persistent_id()

    def _persistent_id(self) -> None:
        self.note("a persistent id stands for something that is not in the file")
        identity = self.pop()
        self.push(PersistentId(self.offset, len(self.nodes), self.depth_of_new([identity]), identity))

    def _next_buffer(self) -> None:
        raise FormatError("a buffer is asked for that would have been handed over apart from the file")

    def _readonly_buffer(self) -> None:
        self.note("READONLY_BUFFER without buffers")
        self.top()

    # The stream itself.
    def _protocol(self) -> None:
        protocol = self.cursor.read_unsigned(1)
        if protocol > _HIGHEST_PROTOCOL:
            raise FormatError(f"the stream has protocol {protocol}, at most {_HIGHEST_PROTOCOL} is known")
        if self.offset != self.start or protocol < 2:
            self.note(f"PROTO {protocol} stands where no pickler writes it")
        self.protocol = protocol
        self.fast_end = -1

    def _frame(self) -> None:
        length = self.cursor.read_unsigned(8)
        position = self.cursor.position
        if length > len(self.cursor.data) - position:
            raise FormatError(f"a frame has {length} bytes, but {len(self.cursor.data) - position} are left")
        if position - 9 < self.frame_end:
            self.note("a frame begins inside another")
        self.frame_end = position + length
        self.find_fast_end()

    def _stop(self) -> None:
        root = self.pop()
        if self.left_over:
            self.note(f"{self.left_over} values or marks are left over at STOP")
        if self.cursor.position < self.frame_end:
            self.note(f"STOP stands {self.frame_end - self.cursor.position} bytes before the end of its frame")
        self.root, self.is_finished, self.fast_end = root, True, -1


_UNCHANGING = PLAIN_TYPES | {Bytes8, ByteArray, Sequence, Mapping}
_METHODS = {
    **{OPCODES[code]: "_read_plain" for code in PLAIN_READERS},
    **{OPCODES[code]: "_read_bytes8" for code in BYTES8_READERS},
    "BYTEARRAY8": "_read_byte_array",
    **dict.fromkeys(("EMPTY_LIST", "EMPTY_TUPLE", "EMPTY_DICT", "EMPTY_SET"), "_empty"),
    **dict.fromkeys(("TUPLE1", "TUPLE2", "TUPLE3"), "_short_tuple"),
    **{"GET": "get", "BINGET": "get_short", "LONG_BINGET": "get_long"},
    **{"PUT": "put", "BINPUT": "put_short", "LONG_BINPUT": "put_long"},
    **dict.fromkeys(("EXT1", "EXT2", "EXT4"), "_extension"),
    **{"ADDITEMS": "_additems", "APPEND": "_append", "APPENDS": "_appends", "BUILD": "_build"},
    **{
        "BINPERSID": "_persistent_id",
        "BYTEARRAY8": "_read_byte_array",
        "PERSID": "_persistent_line",
        "DICT": "_dict",
        "DUP": "duplicate",
    },
    **{"FRAME": "_frame", "FROZENSET": "_frozenset", "GLOBAL": "_global", "STACK_GLOBAL": "_stack_global"},
    **{"INST": "_inst", "OBJ": "_object", "LIST": "_list", "TUPLE": "_tuple", "MARK": "mark"},
    **{"MEMOIZE": "memoize_next", "NEWOBJ": "_newobj", "NEWOBJ_EX": "_newobj_ex", "REDUCE": "_reduce"},
    **{"NEXT_BUFFER": "_next_buffer", "READONLY_BUFFER": "_readonly_buffer", "POP": "pop_mark_or_value"},
    **{"POP_MARK": "_pop_mark", "PROTO": "_protocol", "SETITEM": "_setitem", "SETITEMS": "_setitems"},
    **{"STOP": "_stop"},
}


def _handlers_of(protocol: int) -> list[Callable[[PickleMachine], None]]:
    """Give what reads each of the 256 bytes as an opcode in a stream that has declared a protocol."""
    handlers: list[Callable[[PickleMachine], None]] = [PickleMachine._no_opcode] * 256
    for code, name in OPCODES.items():
        is_later = LOWEST_PROTOCOLS[code] > max(protocol, 1)  # nothing tells protocols 0 and 1 apart
        handlers[code] = PickleMachine._of_later_protocol if is_later else getattr(PickleMachine, _METHODS[name])
    return handlers


_HANDLERS = [_handlers_of(protocol) for protocol in range(_HIGHEST_PROTOCOL + 1)]
