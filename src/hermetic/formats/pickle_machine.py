"""One pickle stream, opcode by opcode, into nodes: a stack, marks and a memo of numbers, and nothing that runs.

What a stream says is never looked up, called, hashed or compared. Where Python's readers would stop, reading stops
with `FormatError`; where they would go on though no pickler writes such a thing, or where two of them understand it
differently, a `Problem` is noted and reading goes on, so that whatever stands behind it is seen as well.
"""

from __future__ import annotations

from typing import Literal

from hermetic.errors import FormatError
from hermetic.formats.pickle_nodes import (
    Atom,
    Bytes8,
    Call,
    Change,
    Extension,
    Global,
    Mapping,
    PersistentId,
    Sequence,
)
from hermetic.formats.pickle_opcodes import ATOM_READERS, BYTES8_READERS, LOWEST_PROTOCOLS, OPCODES, Cursor
from hermetic.formats.pickle_stack import PickleStack
from hermetic.limits import Limits

__all__ = ["PickleMachine"]

_HIGHEST_PROTOCOL = 5
_LOWEST = [LOWEST_PROTOCOLS.get(code, 0) for code in range(256)]
_LONGEST_NAME = 1_000

_Kind = Literal["list", "tuple", "set", "frozenset"]


class PickleMachine(PickleStack):
    r"""Reads one stream; `run` gives the number of its root.

    Parameters
    ----------
    cursor : Cursor
        At the first opcode; left behind STOP.
    limits : Limits
        ``nodes``, ``values`` (opcodes) and ``depth`` count; a pickle has five levels for each of a model.

    Examples
    --------
    >>> from hermetic.formats.pickle_machine import PickleMachine
    >>> from hermetic.formats.pickle_opcodes import Cursor
    >>> from hermetic.limits import DEFAULT_LIMITS
    >>> machine = PickleMachine(Cursor(b"cos\nsystem\n(S'ls'\ntR."), DEFAULT_LIMITS)
    >>> machine.nodes[machine.run()].opcode
    'REDUCE'
    """

    def __init__(self, cursor: Cursor, limits: Limits) -> None:
        super().__init__(cursor, limits)
        self._root = -1
        by_code = {code: getattr(self, _METHODS[name]) for code, name in OPCODES.items()}
        self._handlers = [by_code.get(code) for code in range(256)]

    def run(self) -> int:
        """Read to STOP and give the number of what the stream holds.

        Returns
        -------
        int
            The root.

        Raises
        ------
        FormatError
            Where no reader could go on.
        LimitExceeded
            Where a budget ends.
        """
        cursor, data, handlers = self.cursor, self.cursor.data, self._handlers
        length = len(data)
        left = self.limits.values
        while self._root < 0:
            self.offset = position = cursor.position
            if position >= length:
                raise FormatError("the stream ends without STOP: it is cut off")
            code = data[position]
            handler = handlers[code]
            if handler is None:
                raise FormatError(f"byte {code:#04x} is no opcode")
            cursor.position = position + 1
            if _LOWEST[code] > self.protocol:
                self._check_protocol(code)
            handler()
            if position < self.frame_end < cursor.position:
                self.note("an opcode or its argument reaches over the end of its frame")
            left -= 1
            if not left:
                self.limits.check("values", self.limits.values + 1)
        return self._root

    def _check_protocol(self, code: int) -> None:
        lowest = LOWEST_PROTOCOLS[code]
        if lowest > 1 and OPCODES[code] != "PROTO":
            self.note(f"{OPCODES[code]} belongs to protocol {lowest}, but the stream declares {self.protocol}")

    def _collect(self, kind: _Kind, items: list[int]) -> None:
        self.push(Sequence(self.offset, kind, items), self.depth_above(items))

    # Plain values.
    def _read_atom(self) -> None:
        self.push_atom(ATOM_READERS[self.cursor.data[self.offset]](self.cursor))

    def _read_bytes8(self) -> None:
        self.push(Bytes8(self.offset, BYTES8_READERS[self.cursor.data[self.offset]](self.cursor)))

    # Containers.
    def _empty(self) -> None:
        name = self.opcode
        if name == "EMPTY_DICT":
            self.push(Mapping(self.offset, []), 1)
        else:
            kind: _Kind = "list" if name == "EMPTY_LIST" else "tuple" if name == "EMPTY_TUPLE" else "set"
            self._collect(kind, [])

    def _list(self) -> None:
        self._collect("list", self.pop_to_mark())

    def _tuple(self) -> None:
        self._collect("tuple", self.pop_to_mark())

    def _frozenset(self) -> None:
        self._collect("frozenset", self.pop_to_mark())

    def _short_tuple(self) -> None:
        items = [self.pop() for _ in range(self.cursor.data[self.offset] - 0x84)]
        self._collect("tuple", items[::-1])

    def _dict(self) -> None:
        items = self.pop_to_mark()
        self._check_pairs(items)
        self.push(Mapping(self.offset, items), self.depth_above(items))

    def _check_pairs(self, items: list[int]) -> None:
        if len(items) % 2:
            raise FormatError("a key has no value: an odd number of items stands above the mark")

    def _append(self) -> None:
        self._extend("list", [self.pop()])

    def _appends(self) -> None:
        self._extend("list", self.pop_to_mark())

    def _additems(self) -> None:
        self._extend("set", self.pop_to_mark())

    def _extend(self, kind: str, items: list[int]) -> None:
        target = self.top()
        node = self.nodes[target]
        if type(node) is Sequence and node.kind == kind:
            node.items += items
            self.deepen(target, items)
        else:
            self._change(target, items)

    def _setitem(self) -> None:
        value = self.pop()
        self._set_items([self.pop(), value])

    def _setitems(self) -> None:
        self._set_items(self.pop_to_mark())

    def _set_items(self, items: list[int]) -> None:
        self._check_pairs(items)
        target = self.top()
        node = self.nodes[target]
        if type(node) is Mapping:
            node.items += items
            self.deepen(target, items)
        else:
            self._change(target, items)

    def _change(self, target: int, items: list[int]) -> None:
        opcode = self.opcode
        if type(self.nodes[target]) in (Atom, Bytes8, Sequence, Mapping):
            raise FormatError(f"{opcode} changes a plain value that does not take it")
        self.deepen(target, items)
        self.add(Change(self.offset, opcode, target, items))

    # Names, calls and objects.
    def _global(self) -> None:
        module, name = self.cursor.read_name(), self.cursor.read_name()
        self._push_global("GLOBAL", module, name)

    def _stack_global(self) -> None:
        name, module = self.pop_node(), self.pop_node()
        if not (type(name) is Atom and type(name.value) is str and type(module) is Atom and type(module.value) is str):
            raise FormatError("STACK_GLOBAL needs two texts")
        if len(name.value) + len(module.value) > 2 * _LONGEST_NAME:
            raise FormatError(f"a name has {len(name.value)} characters, at most {_LONGEST_NAME} are read")
        self._push_global("STACK_GLOBAL", module.value, name.value)

    def _push_global(self, opcode: str, module: str, name: str) -> None:
        if not all(part.isidentifier() for text in (module, name) for part in text.split(".")):
            self.note(f"{module!r}, {name!r} is no name that Python could have written")
        self.push(Global(self.offset, opcode, module, name, self.protocol))

    def _reduce(self) -> None:
        arguments = self._pop_arguments()
        self._push_call("REDUCE", self.pop(), arguments)

    def _newobj(self) -> None:
        arguments = self._pop_arguments()
        self._push_call("NEWOBJ", self.pop(), arguments)

    def _newobj_ex(self) -> None:
        keywords = self.pop()
        if type(self.nodes[keywords]) is not Mapping:
            raise FormatError("NEWOBJ_EX needs a dictionary of arguments")
        arguments = self._pop_arguments()
        self._push_call("NEWOBJ_EX", self.pop(), arguments, keywords)

    def _pop_arguments(self) -> list[int]:
        node = self.pop_node()
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

    def _push_call(self, opcode: str, function: int, arguments: list[int], keywords: int = -1) -> None:
        depth = self.depth_above([function, *arguments])
        self.push(Call(self.offset, opcode, function, arguments, keywords), depth)

    def _build(self) -> None:
        state = self.pop()
        target = self.top()
        self._change(target, [state])
        self.states[target] = state

    def _extension(self) -> None:
        n_bytes = {"EXT1": 1, "EXT2": 2, "EXT4": 4}[self.opcode]
        code = self.cursor.read_signed(4) if n_bytes == 4 else self.cursor.read_unsigned(n_bytes)
        if code <= 0:
            raise FormatError(f"an extension code is {code}, expected 1 or more")
        self.note(f"extension code {code} stands for a name that only the reading process knows")
        self.push(Extension(self.offset, code))

    def _persistent_line(self) -> None:
        self.push_atom(self.cursor.read_line())
        self._persistent_id()

    def _persistent_id(self) -> None:
        self.note("a persistent id stands for something that is not in the file")
        identity = self.pop()
        self.push(PersistentId(self.offset, identity), self.depth_above([identity]))

    def _next_buffer(self) -> None:
        raise FormatError("a buffer is asked for that would have been handed over apart from the file")

    def _readonly_buffer(self) -> None:
        self.note("READONLY_BUFFER without buffers")
        self.top()

    # Stack and memo.
    def _duplicate(self) -> None:
        self.push_number(self.top())

    def _get(self) -> None:
        self.recall(self.cursor.read_index())

    def _get_short(self) -> None:
        self.recall(self.cursor.read_unsigned(1))

    def _get_long(self) -> None:
        self.recall(self.cursor.read_unsigned(4))

    def _put(self) -> None:
        self.memoize(self.cursor.read_index())

    def _put_short(self) -> None:
        self.memoize(self.cursor.read_unsigned(1))

    def _put_long(self) -> None:
        self.memoize(self.cursor.read_unsigned(4))

    # The stream itself.
    def _protocol(self) -> None:
        protocol = self.cursor.read_unsigned(1)
        if protocol > _HIGHEST_PROTOCOL:
            raise FormatError(f"the stream has protocol {protocol}, at most {_HIGHEST_PROTOCOL} is known")
        if self.offset != self.start or protocol < 2:
            self.note(f"PROTO {protocol} stands where no pickler writes it")
        self.protocol = protocol

    def _frame(self) -> None:
        length = self.cursor.read_unsigned(8)
        position = self.cursor.position
        if length > len(self.cursor.data) - position:
            raise FormatError(f"a frame has {length} bytes, but {len(self.cursor.data) - position} are left")
        if position - 9 < self.frame_end:
            self.note("a frame begins inside another")
        self.frame_end = position + length

    def _stop(self) -> None:
        root = self.pop()
        if self.left_over:
            self.note(f"{self.left_over} values or marks are left over at STOP")
        if self.cursor.position < self.frame_end:
            self.note(f"STOP stands {self.frame_end - self.cursor.position} bytes before the end of its frame")
        self._root = root


_METHODS = {
    **{OPCODES[code]: "_read_atom" for code in ATOM_READERS},
    **{OPCODES[code]: "_read_bytes8" for code in BYTES8_READERS},
    **dict.fromkeys(("EMPTY_LIST", "EMPTY_TUPLE", "EMPTY_DICT", "EMPTY_SET"), "_empty"),
    **dict.fromkeys(("TUPLE1", "TUPLE2", "TUPLE3"), "_short_tuple"),
    **{"GET": "_get", "BINGET": "_get_short", "LONG_BINGET": "_get_long"},
    **{"PUT": "_put", "BINPUT": "_put_short", "LONG_BINPUT": "_put_long"},
    **dict.fromkeys(("EXT1", "EXT2", "EXT4"), "_extension"),
    **{"ADDITEMS": "_additems", "APPEND": "_append", "APPENDS": "_appends", "BUILD": "_build"},
    **{"BINPERSID": "_persistent_id", "PERSID": "_persistent_line", "DICT": "_dict", "DUP": "_duplicate"},
    **{"FRAME": "_frame", "FROZENSET": "_frozenset", "GLOBAL": "_global", "STACK_GLOBAL": "_stack_global"},
    **{"INST": "_inst", "OBJ": "_object", "LIST": "_list", "TUPLE": "_tuple", "MARK": "mark"},
    **{"MEMOIZE": "memoize_next", "NEWOBJ": "_newobj", "NEWOBJ_EX": "_newobj_ex", "REDUCE": "_reduce"},
    **{"NEXT_BUFFER": "_next_buffer", "READONLY_BUFFER": "_readonly_buffer", "POP": "pop_mark_or_value"},
    **{"POP_MARK": "pop_to_mark", "PROTO": "_protocol", "SETITEM": "_setitem", "SETITEMS": "_setitems"},
    **{"STOP": "_stop"},
}
