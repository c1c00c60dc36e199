"""Making the values of the nodes of one stream: plain values, arrays and legacy objects; nothing is called.

One pass in the order of the stream makes the value of each node: by the time a tuple, a key or an argument is needed,
all that stands in it is there. Lists, dictionaries and sets that hold nodes are made empty and filled in a second pass,
so that cycles close. An array is made when its state arrives. Keys are plain scalars, names and objects; nothing of a
file's own is hashed or compared.
"""

from __future__ import annotations

import _compat_pickle
import functools
import sys
from collections.abc import Callable
from typing import Any

from hermetic.errors import FileError, FormatError
from hermetic.formats.joblib_arrays import WRAPPER_MODULES
from hermetic.formats.pickle_calls import CALLS
from hermetic.formats.pickle_keys import KeyBudget, checked_keys
from hermetic.formats.pickle_nodes import (
    PLAIN_TYPES,
    Array,
    ByteArray,
    Bytes8,
    Call,
    Change,
    Extension,
    Global,
    Item,
    Mapping,
    PersistentId,
    PickleStream,
    Sequence,
)
from hermetic.formats.pickle_opcodes import Cursor
from hermetic.formats.sibling_arrays import SIBLING_WRAPPERS, SiblingFolder, is_sibling_wrapper
from hermetic.formats.sibling_values import sibling_array
from hermetic.lazy import numpy as np
from hermetic.legacy_arrays import array_of_bytes, array_of_state, dtype_of_state, in_native_order
from hermetic.legacy_objects import LegacyName, LegacyObject
from hermetic.limits import DEFAULT_LIMITS

__all__ = ["ValueBuilder"]

_FIRST_PROTOCOL_OF_PYTHON_3 = 3
_PLAIN_ARRAYS = frozenset({"numpy:ndarray", "numpy:memmap", "numpy.core.memmap:memmap"})
_ARRAY_MAKERS = frozenset(f"numpy.{core}.multiarray:_reconstruct" for core in ("core", "_core"))
_WRAPPERS = SIBLING_WRAPPERS | {f"{module}:NumpyArrayWrapper" for module in WRAPPER_MODULES}
_CONSTANTS = {"builtins:Ellipsis": Ellipsis, "builtins:NotImplemented": NotImplemented}
_DESCRIPTION: list[Item] = ["subclass", "shape", "order", "dtype"]
_TEXTS = {str}
_FEW_ITEMS = 4
_OTHER_ORDER = ">" if sys.byteorder == "little" else "<"
_UNMADE: Any = object()  # what stands for an array whose state has not come


class ValueBuilder:
    """The values of one stream, by the numbers of its nodes."""

    def __init__(self, stream: PickleStream, content: Cursor, names: dict[str, LegacyName], keys: KeyBudget) -> None:
        self._stream = stream
        self._nodes = stream.nodes
        self._content = content
        self._values: list[Any] = [_UNMADE] * len(stream.nodes)
        self._states: dict[int, Item] = {}
        self._unmade: set[int] = set()
        self._wrappers: set[int] = set()
        self._unfilled: list[Mapping | Sequence] = []
        calls = [node for node in stream.nodes if type(node) is Call and type(node.function) is Global]
        self._buffers = {id(node.arguments[0]) for node in calls if node.arguments and _is_of_buffer(node)}
        self._recalled = {item.number for item in stream.recalled if type(item) is Sequence or type(item) is Mapping}
        self.keys = keys
        self.names = names
        self.objects: list[LegacyObject] = []
        self.folder: SiblingFolder | None = None
        self.limits = DEFAULT_LIMITS

    def build(self) -> Any:
        """Make all values and give that of the root."""
        handlers: dict[type, Callable[[Any], Any]] = {
            Bytes8: lambda node: node.value.decode() if node.value.isascii() else node.value,
            ByteArray: lambda node: node.value if id(node) in self._buffers else bytearray(node.value),
            Sequence: self._sequence,
            Mapping: self._mapping,
            Global: self._global,
            Call: self._call,
            Change: self._change,
            PersistentId: self._outside,
            Extension: self._outside,
            Array: self._array,
        }
        values, node = self._values, None
        try:
            for number, node in enumerate(self._stream.nodes):
                values[number] = handlers[type(node)](node)
            for node in self._unfilled:
                self._fill(values[node.number], node)
            return self.items_of([self._stream.root])[0]
        except FileError as error:
            error.where = error.where or (f"byte {node.offset}" if node is not None else "")
            raise

    @functools.cached_property
    def is_of_other_machine(self) -> bool:
        """A machine of the other byte order wrote the model: not one of its dtypes has the order of this machine.

        Arrays of protocols below 5, and of joblib, come in the order of the reader whatever they had.
        """
        orders, packages = set(), set()
        for node in self._nodes:
            if type(node) is Global:
                packages.add(node.module.partition(".")[0])
            elif type(node) is Change and type(node.target) is Call and type(node.target.function) is Global:
                state = node.items[-1] if node.items and node.target.function.name == "dtype" else None
                if type(state) is Sequence and len(state.items) > 1 and type(state.items[1]) is str:
                    orders.add(state.items[1])
        return "sklearn" in packages and orders & {"<", ">"} == {_OTHER_ORDER}

    def items_of(self, items: list[Item]) -> list[Any]:
        """Give the values of some items, which must be there by now; the list may be that of a node."""
        if len(items) > _FEW_ITEMS and PLAIN_TYPES.issuperset(map(type, items)):
            return items
        values = self._values
        found = [item if type(item) in PLAIN_TYPES else values[item.number] for item in items]  # type: ignore[union-attr]
        if self._unmade:
            _check_made(found)
        return found

    def _pairs(self, items: list[Item]) -> Any:
        keys = items[::2]
        if set(map(type, keys)) == _TEXTS:
            return zip(keys, self.items_of(items[1::2]), strict=True)
        found = self.items_of(items)
        return zip(checked_keys(found[::2], self.keys), found[1::2], strict=True)

    # Containers.
    def _sequence(self, node: Sequence) -> Any:
        kind, items, number = node.kind, node.items, node.number
        if kind == "tuple":
            if number not in self._recalled:
                # Nothing else than the call that follows has the tuple of its arguments.
                after = self._nodes[number + 1] if number + 1 < len(self._nodes) else None
                if type(after) is Call and after.arguments is items:
                    return None
            return tuple(self.items_of(items))
        if kind == "frozenset":
            return frozenset(checked_keys(self.items_of(items), self.keys))
        if PLAIN_TYPES.issuperset(map(type, items)):
            return items if kind == "list" else set(checked_keys(items, self.keys))
        made: Any = [] if kind == "list" else set()
        self._unfilled.append(node)
        return made

    def _mapping(self, node: Mapping) -> dict[Any, Any]:
        made: dict[Any, Any] = {}
        self._unfilled.append(node)
        return made

    def _fill(self, made: Any, node: Mapping | Sequence) -> None:
        if type(made) is dict:
            made.update(self._pairs(node.items))
        elif type(made) is list:
            made += self.items_of(node.items)
        else:
            made.update(checked_keys(self.items_of(node.items), self.keys))

    # Names and calls.
    def _global(self, node: Global) -> Any:
        module, name = node.module, node.name
        if node.protocol < _FIRST_PROTOCOL_OF_PYTHON_3:
            if (module, name) in _compat_pickle.NAME_MAPPING:
                module, name = _compat_pickle.NAME_MAPPING[module, name]
            else:
                module = _compat_pickle.IMPORT_MAPPING.get(module, module)
        location = f"{module}:{name}"
        return _CONSTANTS[location] if location in _CONSTANTS else self.name_at(location, node.offset)

    def name_at(self, location: str, offset: int) -> LegacyName:
        """Give the one object for a name."""
        found = self.names.get(location)
        if found is None:
            found = self.names[location] = LegacyName(location, f"byte {offset}")
        return found

    def _call(self, node: Call) -> Any:
        function, opcode = node.function, node.opcode
        called = None if type(function) in PLAIN_TYPES else self._values[function.number]  # type: ignore[union-attr]
        if type(called) is not LegacyName:
            _check_made([called])
            raise FormatError("what is called is no name of a class or function")
        location = called.location
        arguments = self.items_of(node.arguments) if node.arguments else []
        if opcode == "REDUCE":
            if location in _ARRAY_MAKERS and arguments and type(arguments[0]) is LegacyName:
                return self._begin_array(node, arguments[0].location)
            if location in CALLS:
                return CALLS[location](self, node, arguments)
            if location == "copyreg:_reconstructor":
                return self._reconstructed(node, arguments)
        if location in _WRAPPERS:
            return self._begin_wrapper(node)
        # Classes without arguments are made without __init__ by the opcodes of protocols 0 and 1.
        is_new = opcode in ("NEWOBJ", "NEWOBJ_EX") or (opcode in ("INST", "OBJ") and not arguments)
        keywords = self._keywords(node.keywords) if node.keywords else None
        return self.object_at(location, arguments, node.offset, is_new=is_new, keywords=keywords)

    def _keywords(self, node: Mapping) -> dict[str, Any]:
        items = self.items_of(node.items)  # it may be filled later
        if not all(type(key) is str for key in items[::2]):
            raise FormatError("a keyword of a call is no text")
        return dict(zip(items[::2], items[1::2], strict=True))

    def object_at(
        self, location: str, arguments: list[Any], offset: int, *, is_new: bool = True, keywords: Any = None
    ) -> LegacyObject:
        """Make an object that a codec will be asked about."""
        made = LegacyObject(location, is_new=is_new, arguments=tuple(arguments), keywords=keywords, path=offset)
        self.objects.append(made)
        return made

    def _reconstructed(self, node: Call, arguments: list[Any]) -> Any:
        """Make what protocols 0 and 1 make by a function: class, base that holds data, and the data."""
        if len(arguments) != 3 or type(arguments[0]) is not LegacyName or type(arguments[1]) is not LegacyName:
            raise FormatError("copyreg._reconstructor needs a class, a base and its content")
        location, base, content = arguments[0].location, arguments[1].location, arguments[2]
        if location in _WRAPPERS:
            return self._begin_wrapper(node)
        made = self.object_at(location, [], node.offset)
        item = node.arguments[2]
        if base == "builtins:dict" and type(item) is Mapping:
            made.pairs += self.items_of(item.items)
        elif base == "builtins:tuple" and type(content) is tuple:
            made.arguments = content
        elif base in ("builtins:list", "builtins:set", "builtins:frozenset"):
            made.items += content if type(content) in (tuple, frozenset) else self.items_in(item)
        elif base != "builtins:object" or content is not None:
            made.arguments = (content,)
        return made

    def items_in(self, item: Item) -> list[Any]:
        """Give the items of a list or set, which itself is filled later if it is not what a call has made."""
        if type(item) is Sequence:
            return self.items_of(item.items)
        made = self._values[item.number] if type(item) is Call else None
        if type(made) is not set:
            raise FormatError("a call needs a list")
        return list(made)

    # Arrays.
    def _begin_array(self, node: Call, location: str) -> Any:
        if location in _PLAIN_ARRAYS:
            self._unmade.add(node.number)
            return _UNMADE
        made = self.object_at(location, [], node.offset)
        made.is_array = True
        return made

    def _change(self, node: Change) -> None:
        number = node.target.number
        target = self._values[number]
        if node.opcode == "BUILD":
            self._states[number] = item = node.items[0]
            if number in self._wrappers:
                if self.folder is not None and type(node.target) is Call and is_sibling_wrapper(node.target):
                    self._values[number] = self._sibling(node.target)
                    return None
                return self._wrapped(item)
            state = item if type(item) in PLAIN_TYPES else self._values[item.number]  # type: ignore[union-attr]
            if state is _UNMADE:
                self.items_of(node.items)
            if type(target) is LegacyObject and type(state) is not tuple:
                target.state = state
            else:
                self._values[number] = self._built(node.target, target, state)
            return None
        items = self.items_of(node.items)
        if type(target) is not LegacyObject:
            raise FormatError(f"{node.opcode} puts items into something that takes none")
        elif node.opcode in ("SETITEM", "SETITEMS"):
            target.pairs += items
        else:
            target.items += items
        return None

    def _built(self, node: Any, target: Any, state: Any) -> Any:
        if target is _UNMADE:
            self._unmade.discard(node.number)
            return array_of_state(self._with_list(node.number, state))
        if isinstance(target, np.dtype):
            return dtype_of_state(target, self._with_fields(node.number, state))
        if type(target) is not LegacyObject:
            raise FormatError("a state is given to something that has none")
        target.state = self._with_list(node.number, state)
        return target

    def _sibling(self, node: Call) -> Any:
        """Make an array of joblib before 0.10, which stands in another file."""
        item = self._states[node.number]
        state = dict(self._pairs(item.items)) if type(item) is Mapping else {}
        self._unmade.discard(node.number)
        subclass = state.get("subclass") or next(iter(state.get("init_args") or ()), None)
        made = sibling_array(state, self.folder, self.limits, self._of_sibling)  # type: ignore[arg-type]  # there is one
        return self._as_subclass(made, subclass, node.offset)

    def _of_sibling(self, stream: PickleStream, data: bytes) -> Any:
        return self._inner(stream, Cursor(data))

    def _inner(self, stream: PickleStream, content: Cursor) -> Any:
        inner = ValueBuilder(stream, content, self.names, self.keys)
        inner.folder, inner.limits = self.folder, self.limits
        made = inner.build()
        self.objects += inner.objects
        return made

    def _as_subclass(self, made: Any, subclass: Any, offset: int) -> Any:
        location = subclass.location if type(subclass) is LegacyName else ""
        return made if location in _PLAIN_ARRAYS else self.object_at(location, [made], offset, is_new=False)

    def _with_list(self, number: int, state: Any) -> Any:
        """Give the state of an array with the list of its objects, which itself is filled later."""
        item = self._states[number]
        if type(state) is not tuple or not state or type(state[-1]) is not list or type(item) is not Sequence:
            return state
        return (*state[:-1], self.items_in(item.items[-1]))

    def _with_fields(self, number: int, state: Any) -> Any:
        """Give the state of a dtype with the dictionary of its fields, which itself is filled later."""
        item = self._states[number]
        fields = item.items[4] if type(item) is Sequence and len(item.items) > 4 else None
        if type(state) is not tuple or type(fields) is not Mapping:
            return state
        return (*state[:4], dict(self._pairs(fields.items)), *state[5:])

    # Arrays of joblib.
    def _begin_wrapper(self, node: Call) -> Any:
        self._unmade.add(node.number)
        self._wrappers.add(node.number)
        return _UNMADE

    def _wrapped(self, item: Item) -> None:
        """Take the state of a wrapper, which need not become a dictionary if nothing else refers to it."""
        unfilled = self._unfilled
        if type(item) is Mapping and unfilled and unfilled[-1] is item and item.number not in self._recalled:
            unfilled.pop()

    def _array(self, node: Array) -> Any:
        """Make an array of joblib, whose bytes follow the state of its wrapper."""
        subclass, shape, order, dtype = self._described(self._states[node.wrapper.number])
        self._unmade.discard(node.wrapper.number)
        if node.stream >= 0:
            made = self._inner(self._stream.streams[node.stream], self._content)
        else:
            raw = self._content.kept(node.start, node.length)
            made = in_native_order(array_of_bytes(raw, dtype, shape, order))
        return self._as_subclass(made, subclass, node.offset)

    def _described(self, item: Item) -> list[Any]:
        """Give subclass, shape, order and dtype from the state of a wrapper."""
        items = item.items if type(item) is Mapping else []
        if items[:8:2] == _DESCRIPTION:  # as joblib writes them
            return self.items_of(items[1:8:2])
        state = dict(self._pairs(items))
        return [state.get(name) for name in _DESCRIPTION]

    def _outside(self, node: PersistentId | Extension) -> Any:
        raise FormatError("the file refers to something that only the process that wrote it knows")


def _check_made(found: list[Any]) -> None:
    if id(_UNMADE) in map(id, found):  # compared they may be arrays
        raise FormatError("an array is used before its state has come")


def _is_of_buffer(node: Call) -> bool:
    """Tell whether a call makes an array of a buffer, which need not be copied then."""
    return node.function.name == "_frombuffer"  # type: ignore[union-attr]  # it is a name
