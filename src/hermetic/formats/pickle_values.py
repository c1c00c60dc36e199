"""What the nodes of a pickle stand for: plain values, arrays, and legacy objects; nothing is called or imported.

One pass in the order of the stream makes each node's value: by the time a tuple, a key or an argument is needed, all
that stands in it is there. Lists, dictionaries and sets are made empty and filled in a second pass, so that cycles
close. An array is made when its state arrives. Keys are plain scalars, names and objects; nothing of a file's own is
hashed or compared.
"""

from __future__ import annotations

import _compat_pickle
from collections.abc import Callable
from typing import Any, NamedTuple

from hermetic.collisions import MAX_EQUAL_HASHES, are_colliding
from hermetic.errors import FormatError
from hermetic.formats.joblib_arrays import WRAPPER_MODULES
from hermetic.formats.pickle_nodes import (
    Array,
    Atom,
    Bytes8,
    Call,
    Change,
    Extension,
    Global,
    Mapping,
    PersistentId,
    PickleStream,
    Sequence,
)
from hermetic.lazy import numpy as np
from hermetic.legacy_arrays import (
    array_of_bytes,
    array_of_state,
    bytes_of,
    dtype_of_state,
    dtype_of_text,
    scalar_of_bytes,
)
from hermetic.legacy_objects import LegacyName, LegacyObject

__all__ = ["PickleValues", "checked_keys", "values_of_pickle"]

_FIRST_PROTOCOL_OF_PYTHON_3 = 3
_PLAIN_ARRAYS = frozenset({"numpy:ndarray", "numpy:memmap", "numpy.core.memmap:memmap"})
_WRAPPERS = frozenset(f"{module}:NumpyArrayWrapper" for module in WRAPPER_MODULES)
_ONE_BY_ONE = frozenset({str, int, float, bool, bytes, complex, type(None), type(Ellipsis), LegacyName, LegacyObject})
_MOST_KEY_PARTS = 1_000_000
_MOST_KEY_DEPTH = 8
_UNMADE: Any = object()  # what stands for an array whose state has not come


class PickleValues(NamedTuple):
    """What a pickle holds.

    Attributes
    ----------
    root : object
        A plain value, an array, or one of the two kinds of `hermetic.legacy_objects`.
    objects : list of LegacyObject
        All of them, in the order of the stream.
    names : list of LegacyName
        Each name once.
    """

    root: Any
    objects: list[LegacyObject]
    names: list[LegacyName]


def values_of_pickle(stream: PickleStream, data: bytes) -> PickleValues:
    """Make values of the nodes of one stream.

    Parameters
    ----------
    stream : PickleStream
        Read to its end, without problems.
    data : bytes
        What it was read from: arrays of joblib are views of it.

    Returns
    -------
    PickleValues
        The root, and what the codecs are to be asked about.

    Raises
    ------
    FormatError
        For what no pickler writes, and what only the writing process could know, with the byte at which it stands.

    Examples
    --------
    >>> import pickle
    >>> from hermetic.formats.pickle_reader import read_pickles
    >>> from hermetic.formats.pickle_values import values_of_pickle
    >>> data = pickle.dumps({"C": [1.0, None]})
    >>> values_of_pickle(read_pickles(data)[0], data).root
    {'C': [1.0, None]}
    """
    made = _Builder(stream, data, {})
    return PickleValues(made.build(), made.objects, list(made.names.values()))


class _Builder:
    """The values of one stream, by the numbers of its nodes."""

    def __init__(self, stream: PickleStream, data: bytes, names: dict[str, LegacyName]) -> None:
        self._stream = stream
        self._data = data
        self._values: list[Any] = [_UNMADE] * len(stream.nodes)
        self._states: dict[int, int] = {}
        self._unmade: set[int] = set()
        self.names = names
        self.objects: list[LegacyObject] = []

    def build(self) -> Any:
        """Make all values and give that of the root."""
        handlers: dict[type, Callable[[int, Any], Any]] = {
            Bytes8: lambda number, node: node.value.decode() if node.value.isascii() else node.value,
            Sequence: self._sequence,
            Mapping: lambda number, node: {},
            Global: self._global,
            Call: self._call,
            Change: self._change,
            PersistentId: self._outside,
            Extension: self._outside,
            Array: self._array,
        }
        values, nodes, number = self._values, self._stream.nodes, 0
        try:
            for number, node in enumerate(nodes):
                kind = type(node)
                values[number] = node.value if kind is Atom else handlers[kind](number, node)  # type: ignore[union-attr]
            for number, node in enumerate(nodes):
                kind = type(node)
                if kind is Mapping or kind is Sequence:
                    self._fill(values[number], node)
            self._refuse_unmade([self._stream.root])
        except FormatError as error:
            error.where = error.where or f"byte {nodes[number].offset}"
            raise
        return values[self._stream.root]

    def _items(self, numbers: list[int]) -> list[Any]:
        """Give the values of nodes that must be there by now."""
        if self._unmade:
            self._refuse_unmade(numbers)
        return list(map(self._values.__getitem__, numbers))

    def _refuse_unmade(self, numbers: list[int]) -> None:
        if not self._unmade.isdisjoint(numbers):
            raise FormatError("an array is used before its state has come")

    # Containers.
    def _sequence(self, number: int, node: Sequence) -> Any:
        kind = node.kind
        if kind == "list":
            return []
        if kind == "set":
            return set()
        items = self._items(node.items)
        return tuple(items) if kind == "tuple" else frozenset(checked_keys(items))

    def _fill(self, made: Any, node: Any) -> None:
        kind = type(made)
        if kind is list:
            made += self._items(node.items)
        elif kind is dict:
            items = self._items(node.items)
            made.update(zip(checked_keys(items[::2]), items[1::2], strict=True))
        elif kind is set:
            made.update(checked_keys(self._items(node.items)))

    # Names and calls.
    def _global(self, number: int, node: Global) -> Any:
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

    def _call(self, number: int, node: Call) -> Any:
        function = self._values[node.function]
        if type(function) is not LegacyName:
            raise FormatError("what is called is no name of a class or function")
        location = function.location
        arguments = self._items(node.arguments)
        if node.opcode == "REDUCE":
            if location in _ARRAY_MAKERS and type(arguments[0]) is LegacyName:
                return self._begin_array(number, node, arguments[0].location)
            if location in _CALLS:
                return _CALLS[location](self, node, arguments)
            if location == "copyreg:_reconstructor":
                return self._reconstructed(number, node, arguments)
        if location in _WRAPPERS:
            self._unmade.add(number)
            return _UNMADE
        keywords = self._keywords(node)
        # Classes without arguments are made without __init__ by the opcodes of protocols 0 and 1.
        is_new = node.opcode in ("NEWOBJ", "NEWOBJ_EX") or (node.opcode in ("INST", "OBJ") and not arguments)
        return self.object_at(location, arguments, node.offset, is_new=is_new, keywords=keywords)

    def _keywords(self, node: Call) -> dict[str, Any]:
        if node.keywords < 0:
            return {}
        # The dictionary itself is filled later.
        items = self._items(self._stream.nodes[node.keywords].items)  # type: ignore[union-attr]
        if not all(type(key) is str for key in items[::2]):
            raise FormatError("a keyword of a call is no text")
        return dict(zip(items[::2], items[1::2], strict=True))

    def object_at(
        self, location: str, arguments: list[Any], offset: int, *, is_new: bool = True, keywords: Any = None
    ) -> LegacyObject:
        """Make an object that a codec will be asked about."""
        path = f"byte {offset}"
        made = LegacyObject(location, is_new=is_new, arguments=tuple(arguments), keywords=keywords, path=path)
        self.objects.append(made)
        return made

    def _reconstructed(self, number: int, node: Call, arguments: list[Any]) -> Any:
        """Make what protocols 0 and 1 make by a function: class, base that holds data, and the data."""
        if len(arguments) != 3 or type(arguments[0]) is not LegacyName or type(arguments[1]) is not LegacyName:
            raise FormatError("copyreg._reconstructor needs a class, a base and its content")
        location, base, content = arguments[0].location, arguments[1].location, arguments[2]
        if location in _WRAPPERS:
            self._unmade.add(number)
            return _UNMADE
        made = self.object_at(location, [], node.offset)
        if base == "builtins:dict" and type(content) is dict:
            made.pairs += self._items(self._stream.nodes[node.arguments[2]].items)  # type: ignore[union-attr]
        elif base in ("builtins:list", "builtins:set", "builtins:frozenset", "builtins:tuple"):
            made.items += content if type(content) in (tuple, frozenset) else self.items_of(node.arguments[2])
        elif base != "builtins:object" or content is not None:
            made.arguments = (content,)
        return made

    def items_of(self, number: int) -> list[Any]:
        """Give the items of a list or set, which itself is filled later."""
        node = self._stream.nodes[number]
        if type(node) is not Sequence:
            raise FormatError("a call needs a list")
        return self._items(node.items)

    # Arrays.
    def _begin_array(self, number: int, node: Call, location: str) -> Any:
        if location in _PLAIN_ARRAYS:
            self._unmade.add(number)
            return _UNMADE
        made = self.object_at(location, [], node.offset)
        made.is_array = True
        return made

    def _change(self, number: int, node: Change) -> None:
        target = self._values[node.target]
        items = self._items(node.items)
        if node.opcode == "BUILD":
            self._states[node.target] = node.items[0]
            self._values[node.target] = self._built(node.target, target, items[0])
        elif type(target) is not LegacyObject:
            raise FormatError(f"{node.opcode} puts items into something that takes none")
        elif node.opcode in ("SETITEM", "SETITEMS"):
            target.pairs += items
        else:
            target.items += items

    def _built(self, number: int, target: Any, state: Any) -> Any:
        if target is _UNMADE:
            if self._is_wrapper(number):
                return _UNMADE
            self._unmade.discard(number)
            return array_of_state(self._with_list(number, state))
        if isinstance(target, np.dtype):
            return dtype_of_state(target, self._with_fields(number, state))
        if type(target) is not LegacyObject:
            raise FormatError("a state is given to something that has none")
        target.state = self._with_list(number, state) if type(state) is tuple else state
        return target

    def _is_wrapper(self, number: int) -> bool:
        node = self._stream.nodes[number]
        function = self._values[node.function]  # type: ignore[union-attr]
        return function.location in _WRAPPERS or function.location == "copyreg:_reconstructor"

    def _with_list(self, number: int, state: Any) -> Any:
        """Give the state of an array with the list of its objects, which itself is filled later."""
        node = self._stream.nodes[self._states[number]]
        if type(state) is not tuple or not state or type(state[-1]) is not list or type(node) is not Sequence:
            return state
        return (*state[:-1], self.items_of(node.items[-1]))

    def _with_fields(self, number: int, state: Any) -> Any:
        """Give the state of a dtype with the dictionary of its fields, which itself is filled later."""
        node = self._stream.nodes[self._states[number]]
        if type(state) is not tuple or len(state) < 5 or type(state[4]) is not dict or type(node) is not Sequence:
            return state
        items = self._items(self._stream.nodes[node.items[4]].items)  # type: ignore[union-attr]
        return (*state[:4], dict(zip(checked_keys(items[::2]), items[1::2], strict=True)), *state[5:])

    def _array(self, number: int, node: Array) -> Any:
        """Make an array of joblib, whose bytes follow the state of its wrapper."""
        items = self._items(self._stream.nodes[self._states[node.wrapper]].items)  # type: ignore[union-attr]
        state = dict(zip(checked_keys(items[::2]), items[1::2], strict=True))
        subclass = state.get("subclass")
        location = subclass.location if type(subclass) is LegacyName else ""
        self._unmade.discard(node.wrapper)
        if node.stream >= 0:
            inner = _Builder(self._stream.streams[node.stream], self._data, self.names)
            made = inner.build()
            self.objects += inner.objects
        else:
            raw = memoryview(self._data)[node.start : node.start + node.length]
            made = array_of_bytes(raw, state.get("dtype"), state.get("shape"), str(state.get("order")))
        return made if location in _PLAIN_ARRAYS else self.object_at(location, [made], node.offset, is_new=False)

    def _outside(self, number: int, node: PersistentId | Extension) -> Any:
        raise FormatError("the file refers to something that only the process that wrote it knows")


def checked_keys(keys: list[Any]) -> list[Any]:
    """Give keys of a dictionary, or members of a set, that can be hashed safely.

    Parameters
    ----------
    keys : list
        From a file.

    Returns
    -------
    list
        The same.

    Raises
    ------
    FormatError
        For a key whose hash the file could make slow or deep.

    Examples
    --------
    >>> checked_keys(["a", 1, (2, None)])
    ['a', 1, (2, None)]
    """
    kinds = set(map(type, keys))
    if kinds <= {str}:
        return keys
    if not kinds <= _ONE_BY_ONE:
        n_parts = [0]
        for key in keys:
            _check_key(key, n_parts, 0)
    if are_colliding([], keys):
        raise FormatError(f"more than {MAX_EQUAL_HASHES} keys of one dictionary or set have the same hash")
    return keys


def _check_key(key: Any, n_parts: list[int], depth: int) -> None:
    kind = type(key)
    n_parts[0] += 1
    if kind is tuple or kind is frozenset:
        if depth > _MOST_KEY_DEPTH or n_parts[0] > _MOST_KEY_PARTS:
            raise FormatError("the keys of a dictionary or set are made of too many parts")
        for part in key:
            _check_key(part, n_parts, depth + 1)
    elif kind not in _ONE_BY_ONE and not isinstance(key, (np.generic, np.dtype)):
        raise FormatError(f"a {kind.__name__} is a key of a dictionary or a member of a set")


def _encoded(builder: _Builder, node: Call, arguments: list[Any]) -> Any:
    raw = bytes_of(arguments[0]) if len(arguments) == 2 and arguments[1] in ("latin1", "latin-1") else None
    if raw is None:
        raise FormatError("_codecs.encode is called with something else than a text of bytes and 'latin1'")
    return raw


def _made_bytes(builder: _Builder, node: Call, arguments: list[Any]) -> bytes:
    if arguments:
        raise FormatError("bytes is called with arguments")
    return b""


def _made_set(builder: _Builder, node: Call, arguments: list[Any]) -> Any:
    if len(arguments) > 1:
        raise FormatError("a set is made of more than one list")
    items = builder.items_of(node.arguments[0]) if arguments else []
    return set(checked_keys(items))


def _made_frozen_set(builder: _Builder, node: Call, arguments: list[Any]) -> Any:
    return frozenset(_made_set(builder, node, arguments))


def _made_dtype(builder: _Builder, node: Call, arguments: list[Any]) -> Any:
    if not 1 <= len(arguments) <= 3:
        raise FormatError("numpy.dtype is called with other arguments than numpy writes")
    text = arguments[0]
    if type(text) is LegacyName and text.location == "numpy:record":
        return np.dtype(np.record)
    return dtype_of_text(text)


def _made_scalar(builder: _Builder, node: Call, arguments: list[Any]) -> Any:
    if len(arguments) == 2 and arguments[0] == np.dtype(object):
        return arguments[1]
    if len(arguments) != 2:
        raise FormatError("a scalar of numpy needs a dtype and its bytes")
    return scalar_of_bytes(arguments[0], arguments[1])


def _from_buffer(builder: _Builder, node: Call, arguments: list[Any]) -> Any:
    raw = bytes_of(arguments[0]) if len(arguments) in (4, 5) else None
    if raw is None or not isinstance(arguments[1], np.dtype) or arguments[3] not in ("C", "F", "K"):
        raise FormatError("an array is made of a buffer in another way than numpy writes")
    _, dtype, shape, order, axes = (*arguments, None)[:5]
    if order != "K":
        return array_of_bytes(raw, dtype, shape, order)
    if not (type(axes) is type(shape) is tuple and set(map(str, axes)) == set(map(str, range(len(shape))))):
        raise FormatError("the order of the axes of an array is not one of them all")
    return array_of_bytes(raw, dtype, shape, "C").transpose(axes)


def _made_complex(builder: _Builder, node: Call, arguments: list[Any]) -> complex:
    if not 1 <= len(arguments) <= 2 or not all(type(part) in (int, float) for part in arguments):
        raise FormatError("a complex number is made of something else than two numbers")
    return complex(*map(float, arguments))


def _attribute(builder: _Builder, node: Call, arguments: list[Any]) -> Any:
    """Give a method of a class, which protocols below 4 name by a call of getattr; the class is a name, not asked."""
    owner, name = arguments if len(arguments) == 2 else (None, None)
    if type(owner) is not LegacyName or type(name) is not str or not name.isidentifier():
        return builder.object_at("builtins:getattr", arguments, node.offset, is_new=False)
    return builder.name_at(f"{owner.location}.{name}", node.offset)


def _type(builder: _Builder, node: Call, arguments: list[Any]) -> Any:
    """Give the type of one of Python's constants, which no module has under a name."""
    for constant, name in ((None, "NoneType"), (Ellipsis, "ellipsis"), (NotImplemented, "NotImplementedType")):
        if len(arguments) == 1 and arguments[0] is constant:
            return builder.name_at(f"builtins:{name}", node.offset)
    return builder.object_at("builtins:type", arguments, node.offset, is_new=False)


_CALLS: dict[str, Callable[[_Builder, Call, list[Any]], Any]] = {
    "_codecs:encode": _encoded,
    "builtins:bytes": _made_bytes,
    "builtins:complex": _made_complex,
    "builtins:frozenset": _made_frozen_set,
    "builtins:getattr": _attribute,
    "builtins:set": _made_set,
    "builtins:type": _type,
    "numpy:dtype": _made_dtype,
    **{f"numpy.{core}.multiarray:scalar": _made_scalar for core in ("core", "_core")},
    **{f"numpy.{core}.numeric:_frombuffer": _from_buffer for core in ("core", "_core")},
}
_CONSTANTS = {"builtins:Ellipsis": Ellipsis, "builtins:NotImplemented": NotImplemented}
_ARRAY_MAKERS = frozenset(f"numpy.{core}.multiarray:_reconstruct" for core in ("core", "_core"))
