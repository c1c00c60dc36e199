"""Wrappers of joblib that differ from one before them in nothing but the shape: read as one, and their array with them.

A forest has a thousand arrays of two kinds. joblib writes two dozen opcodes for each, which from the second array of a
kind on are byte for byte the same around the shape, as all else stands in the memo by then. What the first one was
found to be is kept under those bytes. Whatever is not quite the same is left to the opcodes' own handlers; what is read
here, they read as the same.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any, NamedTuple

from hermetic.formats.joblib_arrays import read_simple_dtype
from hermetic.formats.pickle_nodes import PLAIN_TYPES, Array, Call, Change, Global, Item, Mapping, Sequence
from hermetic.formats.pickle_quick import numbers_between

__all__ = ["RepeatedWrappers"]

# MEMOIZE EMPTY_DICT MEMOIZE MARK subclass=..., shape=(...), order=..., dtype=..., allow_mmap=..., alignment=16
_STATE = re.compile(
    rb"(\x94\x7d\x94\((?:h.|j.{4}){3})((?:K.|M..|J.{3}[\x00-\x7f]){1,3})([\x85-\x87])"
    rb"(\x94(?:h.|j.{4}){5}[\x88\x89](?:h.|j.{4})K\x10ub)",
    re.DOTALL,
)
_N_RECALLED = 9  # entries of the memo in such a state
_SHAPE = 3  # its number among the items
_DTYPE = 7
_ALIGNMENT = 16
_NEWOBJ = 0x81
_PADDINGS = [bytes([length]) + b"\xff" * length for length in range(_ALIGNMENT + 1)]


class _Kind(NamedTuple):
    """What wrappers of one kind have in common.

    Attributes
    ----------
    items : list of Item
        Keys and values of the state in turn.
    recalled : list of Item
        What is taken from the memo, in the order of the opcodes.
    dtype : Call
        One of the items.
    itemsize : int
        In bytes.
    is_same : callable
        Tells whether the dtype still is what it was.
    """

    items: list[Item]
    recalled: list[Item]
    dtype: Call
    itemsize: int
    is_same: Callable[[], bool]


class RepeatedWrappers:
    """The kinds of wrappers that a stream has had so far.

    Parameters
    ----------
    machine : PickleMachine
        That reads the stream, of protocol 4 or 5.
    """

    def __init__(self, machine: Any) -> None:
        self._machine = machine
        self._kinds: dict[tuple[int, bytes, bytes], _Kind] = {}

    def forget(self) -> None:
        """Forget all kinds: an entry of the memo has changed."""
        self._kinds.clear()

    def keep(self, wrapper: Call, itemsize: int) -> None:
        """Remember what a wrapper was found to be that has just got its state; its items are plain bytes."""
        machine = self._machine
        data, state = machine.cursor.data, machine.states[wrapper.number]
        found = _STATE.fullmatch(data, wrapper.offset + 1, machine.offset + 1)
        function = wrapper.function
        if found is None or data[wrapper.offset] != _NEWOBJ or type(function) is not Global or wrapper.arguments:
            return
        items, recalled = state.items.copy(), machine.recalled[-_N_RECALLED:]
        dtype = items[_DTYPE]
        if not all(type(item) in PLAIN_TYPES or type(item) is Global or item is dtype for item in recalled):
            return  # what may change, or be replaced
        is_same = _watch(dtype, machine.states)
        if is_same is not None:
            self._kinds[function.number, found[1], found[4]] = _Kind(items, recalled, dtype, itemsize, is_same)

    def read(self, stack: list[Item], position: int, end: int) -> int:
        """Read a wrapper of a known kind from its NEWOBJ on, and its array.

        Parameters
        ----------
        stack : list of Item
            What stands above the last mark: class and arguments at its end.
        position : int
            Of NEWOBJ.
        end : int
            Where what is ordinary ends.

        Returns
        -------
        int
            The byte behind the array; 0 when something is not quite ordinary: then nothing has changed.
        """
        machine = self._machine
        data = machine.cursor.data
        found = _STATE.match(data, position + 1)
        function, arguments = stack[-2:]
        if found is None or arguments.items:  # type: ignore[union-attr]  # a tuple
            return 0
        kind = self._kinds.get((function.number, found[1], found[4]))  # type: ignore[union-attr]  # a class
        after = found.end()
        if kind is None or after > end or after < machine.frame_end or not kind.is_same():
            return 0
        shape = numbers_between(data, found.start(2), found.start(3))
        depth = max(kind.dtype.depth, 1) + 1
        start = after + 1 + data[after]
        stop = start + math.prod(shape) * kind.itemsize
        if (
            len(shape) != data[found.start(3)] - 0x84  # TUPLE1 to TUPLE3
            or depth >= machine.usual_depth
            or not after + 1 < start <= after + 1 + _ALIGNMENT
            or data[after:start] != _PADDINGS[data[after]]
            or stop > len(data)
        ):
            return 0
        self._make(kind, stack, shape, (position, found.start(3), after, start, stop), depth)
        return int(stop)

    def _make(
        self, kind: _Kind, stack: list[Item], shape: list[Any], places: tuple[int, int, int, int, int], depth: int
    ) -> None:
        """Do what the opcodes do, one after the other."""
        machine = self._machine
        nodes, n_nodes = machine.nodes, len(machine.nodes)
        position, tuple_position, after, start, stop = places
        function, arguments = stack[-2:]
        wrapper = Call(position, n_nodes, depth + 1, "NEWOBJ", function, arguments.items)  # type: ignore[union-attr]
        items = kind.items.copy()
        state = Mapping(position + 2, n_nodes + 1, depth, items)
        items[_SHAPE] = lengths = Sequence(tuple_position, n_nodes + 2, 1, "tuple", shape)
        change = Change(after - 1, n_nodes + 3, "BUILD", wrapper, [state])
        array = Array(after - 1, n_nodes + 4, wrapper, start, stop - start)
        nodes += (wrapper, state, lengths, change, array)
        machine.memo += (wrapper, state, lengths)
        machine.recalled += kind.recalled
        machine.states[n_nodes] = state
        machine.forget(wrapper)
        stack[-2:] = [array]
        machine.skipped_bytes += stop - after
        machine.cursor.position = start
        machine.cursor.keep(stop - start)
        machine.frame_end = -1
        machine.find_fast_end()


def _watch(dtype: Call, states: dict[int, Item]) -> Callable[[], bool] | None:
    """Give what tells whether a dtype is as plain as it was; None for one of too many parts to look at them again.

    A file may give a dtype another state, or put fields into the one that it has.
    """
    state = states.get(dtype.number)
    if read_simple_dtype(dtype)[0] != "V":
        return lambda: True
    if type(state) is not Sequence or state.kind != "tuple" or len(state.items) < 5 or state.items[2] is not None:
        return None
    fields = state.items[4]
    if type(fields) is not Mapping:
        return None
    for entry in fields.items[1::2]:
        inner = entry.items[0] if type(entry) is Sequence and entry.kind == "tuple" and entry.items else None
        if type(inner) is not Call or read_simple_dtype(inner)[0] == "V":
            return None
    number, n_items = dtype.number, len(fields.items)
    return lambda: states.get(number) is state and len(fields.items) == n_items
