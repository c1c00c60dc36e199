"""Containers of the standard library, and its random generator.

================  ======================================================================================
type              fields
================  ======================================================================================
OrderedDict       ``items``, a dictionary
Counter           the same
defaultdict       the same, and ``factory``: None, or a class or function by name, which the policy judges
deque             ``items``, a list; ``maxlen``
ChainMap          its ``__dict__``: ``maps``, a list of one mapping or more
SimpleNamespace   its ``__dict__``
bytearray         ``items``, uint8 array of one dimension
array.array       ``typecode``; ``items``: array of one dimension, int64 or uint64 where C's size depends on the
                  machine, or a text for the codes of characters
random.Random     ``words``, uint32 array of 624; ``position``, 0 to 624; ``gauss_next``, None or a float
================  ======================================================================================

All but the last three lines may contain themselves. ``attributes`` holds what somebody set on an object besides.
"""

from __future__ import annotations

import array
import collections
import types
from collections.abc import Hashable, Mapping, Sequence
from typing import Any, ClassVar

from hermetic.codecs.codec import Codec, FieldView, LegacyObject, not_adopted, pairs_of, states_of
from hermetic.codecs.records import RecordCodec, is_count, is_mapping, list_of, refuse_value
from hermetic.errors import InvalidState
from hermetic.lazy import numpy as np
from hermetic.legacy_arrays import bytes_of
from hermetic.legacy_objects import MISSING

__all__ = [
    "ChainMapCodec",
    "DequeCodec",
    "MachineArrayCodec",
    "MappingCodec",
    "NamespaceCodec",
    "RandomCodec",
]

_FACTORIES = (type, types.FunctionType, types.BuiltinFunctionType, types.NoneType)
# Items of these lie in a file with one size on every machine.
_STORED = {"i": "int32", "I": "uint32", "l": "int64", "L": "uint64", "q": "int64", "Q": "uint64"}
_N_WORDS = 624
_CODES = frozenset("bBhHiIlLqQfd")
_ARRAY_MAKER = "array:_array_reconstructor"
# Their places are the numbers that Python gives them, whatever machine wrote the file.
_MACHINE_FORMS = [
    "u1",
    "i1",
    "<u2",
    ">u2",
    "<i2",
    ">i2",
    "<u4",
    ">u4",
    "<i4",
    ">i4",
    "<u8",
    ">u8",
    "<i8",
    ">i8",
    "<f4",
    ">f4",
    "<f8",
    ">f8",
]
_TEXT_FORMS = {18: "utf-16-le", 19: "utf-16-be", 20: "utf-32-le", 21: "utf-32-be"}


class MappingCodec(RecordCodec):
    """Subclasses of dict; they are filled when everything stands, so they may contain themselves."""

    row_bytes = 1 << 10
    copy_factor = 1
    classes: ClassVar = {
        "collections.Counter": "collections:Counter",
        "collections.OrderedDict": "collections:OrderedDict",
        "collections.defaultdict": "collections:defaultdict",
    }
    is_value = True
    required = frozenset({"items"})
    optional = frozenset({"attributes", "factory"})
    has_finish = True

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give the items: pairs that were put in, or an argument; and the factory."""
        arguments = list(made.arguments)
        fields: dict[str, Any] = {}
        if name == "collections.defaultdict":
            fields["factory"] = arguments.pop(0) if arguments else None
        if arguments and type(arguments[0]) is dict:
            made.pairs[:0] = [part for pair in arguments.pop().items() for part in pair]
        elif arguments and type(arguments[0]) is list:  # before Python 2.7 an OrderedDict was made of a list of pairs
            made.pairs[:0] = [part for pair in arguments.pop() for part in pair]
        if arguments or len(made.pairs) % 2:
            raise not_adopted(made, "it has arguments that are no items")
        fields = {"items": pairs_of(made), **fields}
        state = None if made.state is MISSING else made.state
        return fields | {"attributes": dict(state)} if state else fields

    def group(self, instance: Any) -> Hashable:
        """Let objects with the same fields share a table."""
        return bool(_attributes_of(instance))

    def describe(self, instance: Any) -> dict[str, Any]:
        """Give the items, and what else the object holds."""
        items = dict(instance)
        state: dict[str, Any] = {"items": items}
        if type(instance) is collections.defaultdict:
            if not isinstance(instance.default_factory, _FACTORIES):
                raise self.refuse(
                    instance,
                    f"its factory is a {type(instance.default_factory).__name__}",
                    "Use a class or an importable function as the factory.",
                )
            state["factory"] = instance.default_factory
        attributes = _attributes_of(instance)
        return {**state, "attributes": attributes} if attributes else state

    def validate(self, name: str, view: FieldView) -> None:
        """Check that items are dictionaries and factories names."""
        super().validate(name, view)
        if ("factory" in view.node.fields) != (name == "collections.defaultdict"):
            raise view.refuse(f"{name} has a factory, or lacks one")
        for row, value in enumerate(view.values("items")):
            if not is_mapping(view, value):
                raise view.refuse("items must be a dictionary", row=row, field="items")
        for row, value in enumerate(view.values("factory")):
            if value is not None and not (type(value) is dict and "name" in value):
                raise view.refuse("a factory is named or none", row=row, field="factory")

    def make(self, name: str, state: Mapping[str, Any]) -> Any:
        """Make an empty one."""
        kind = self.resolve(name)
        return kind(state["factory"]) if name == "collections.defaultdict" else kind()

    def finish(self, instances: list[Any], fields: dict[str, list[Any]]) -> None:
        """Fill them."""
        for instance, state in zip(instances, states_of(fields, len(instances)), strict=True):
            # Counter's own update adds to what is there; an OrderedDict keeps its order beside the dictionary.
            if type(instance) is collections.OrderedDict:
                instance.update(state["items"])
            else:
                dict.update(instance, state["items"])
            if "attributes" in state:
                vars(instance).update(state["attributes"])


def _attributes_of(instance: Any) -> dict[str, Any]:
    return dict(getattr(instance, "__dict__", {}))


class DequeCodec(RecordCodec):
    """`collections.deque`."""

    row_bytes = 1 << 10
    copy_factor = 1
    classes: ClassVar = {"collections.deque": "collections:deque"}
    is_value = True
    required = frozenset({"items", "maxlen"})
    has_finish = True

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give items and bound: the second argument is the bound, the first nothing or the items."""
        first, maxlen = (*made.arguments, None, None)[:2]
        items = [*first, *made.items] if type(first) in (list, tuple) else list(made.items)
        return {"items": items, "maxlen": maxlen}

    def describe(self, instance: Any) -> dict[str, Any]:
        """Give items and bound."""
        return {"items": list(instance), "maxlen": instance.maxlen}

    def validate(self, name: str, view: FieldView) -> None:
        """Check that items are lists and bounds are kept."""
        super().validate(name, view)
        for row, (items, maxlen) in enumerate(zip(view.values("items"), view.values("maxlen"), strict=True)):
            if list_of(view, items) is None or not (maxlen is None or is_count(maxlen)):
                raise view.refuse("a deque has a list of items, and maxlen is None or 0 or more", row=row)

    def make(self, name: str, state: Mapping[str, Any]) -> Any:
        """Make an empty one."""
        return collections.deque(maxlen=state["maxlen"])

    def finish(self, instances: list[Any], fields: dict[str, list[Any]]) -> None:
        """Fill them."""
        for instance, items in zip(instances, fields["items"], strict=True):
            instance.extend(items)
            if len(instance) != len(items):
                raise refuse_value(f"{len(items)} items in a deque of at most {instance.maxlen}")


class NamespaceCodec(Codec):
    """`types.SimpleNamespace`."""

    classes: ClassVar = {"types.SimpleNamespace": "types:SimpleNamespace"}
    is_linkable = True

    def restore(self, name: str, fields: dict[str, list[Any]], rows: int) -> list[Any]:
        """Make the objects; their ``__dict__`` can be filled but not replaced."""
        made = []
        for state in states_of(fields, rows):
            instance = types.SimpleNamespace()
            vars(instance).update(state)
            made.append(instance)
        return made


class ChainMapCodec(Codec):
    """`collections.ChainMap`."""

    classes: ClassVar = {"collections.ChainMap": "collections:ChainMap"}
    is_linkable = True

    def validate(self, name: str, view: FieldView) -> None:
        """Check that there is a list of maps, and that no method is hidden."""
        hidden = [field for field in view.node.fields if hasattr(collections.ChainMap, field)]
        if hidden:
            raise view.refuse(f"a ChainMap may not have its own {hidden[0]}")
        for row, value in enumerate(view.values("maps")):
            maps = list_of(view, value)
            if maps is None or maps.lengths == 0 or (isinstance(maps.lengths, list) and 0 in maps.lengths):
                raise view.refuse("maps must be a list of one mapping or more", row=row, field="maps")


class MachineArrayCodec(RecordCodec):
    """`array.array` and `bytearray`."""

    copy_factor = 2
    classes: ClassVar = {"array.array": "array:array", "builtins.bytearray": "builtins:bytearray"}
    makers: ClassVar = {_ARRAY_MAKER: "array.array"}
    required = frozenset({"items"})
    optional = frozenset({"typecode"})

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give the items: bytes in a form of some machine, or a list of numbers in the protocols before 3."""
        if name == "builtins.bytearray":
            raw = bytes_of(made.arguments[0]) if made.arguments else b""
            if raw is None or len(made.arguments) > 2:
                raise not_adopted(made, "it is no array of bytes")
            return {"items": np.frombuffer(bytes(raw), dtype=np.uint8)}
        if made.location == _ARRAY_MAKER:
            _, code, form, raw = made.arguments
            raw = bytes(bytes_of(raw) or b"")
            if type(form) is int and form in _TEXT_FORMS:
                return {"typecode": code, "items": raw.decode(_TEXT_FORMS[form])}
            items: Any = np.frombuffer(raw, dtype=_MACHINE_FORMS[form])
        else:
            code, items = made.arguments
            if type(items) is str:
                return {"typecode": code, "items": items}
        if type(code) is not str or code not in _CODES:
            raise not_adopted(made, "the type of its items is none that Python knows")
        return {"typecode": code, "items": np.array(items, dtype=_STORED.get(code, code))}

    def group(self, instance: Any) -> Hashable:
        """Keep item types apart."""
        return getattr(instance, "typecode", None)

    def describe(self, instance: Any) -> dict[str, Any]:
        """Give a copy of the items: a view would forbid the owner to grow while it lives."""
        if type(instance) is bytearray:
            return {"items": np.frombuffer(bytes(instance), dtype=np.uint8)}
        code = instance.typecode
        if code in "uw":
            return {"typecode": code, "items": instance.tounicode()}
        items = np.frombuffer(instance.tobytes(), dtype=code)
        return {"typecode": code, "items": items.astype(_STORED.get(code, code))}

    def validate(self, name: str, view: FieldView) -> None:
        """Check that there is a type of items exactly where one is needed."""
        super().validate(name, view)
        if ("typecode" in view.node.fields) != (name == "array.array"):
            raise view.refuse(f"{name} has a typecode, or lacks one")

    def make(self, name: str, state: Mapping[str, Any]) -> Any:
        """Make it from items of the one dtype that fits."""
        items, code = state["items"], state.get("typecode", "B")
        if type(code) is str and len(code) == 1 and code in "uw" and type(items) is str:
            return array.array(code, items)
        if type(code) is not str or len(code) != 1 or code not in _CODES:
            raise refuse_value(f"not a type of items: {code!r}")
        if type(items) is not np.ndarray or items.ndim != 1 or items.dtype != np.dtype(_STORED.get(code, code)):
            raise refuse_value(f"the items of {name} must be a {_STORED.get(code, code)} array of one dimension")
        native = items.astype(code)
        if not np.array_equal(native, items, equal_nan=code in "fd"):
            raise refuse_value(f"the items of {name} do not fit into the type {code} of this machine")
        return bytearray(native.tobytes()) if name == "builtins.bytearray" else array.array(code, native.tobytes())


class RandomCodec(Codec):
    """`random.Random`: the Mersenne Twister. Its other attributes are fields of their own names."""

    row_bytes = 8 << 10
    classes: ClassVar = {"random.Random": "random:Random"}
    checked_fields = frozenset({"words"})

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give the state: version, the words with the position behind them, and the number that waits."""
        if type(made.state) is not tuple or len(made.state) != 3 or type(made.state[1]) is not tuple:
            raise not_adopted(made, "its state is no tuple of three")
        version, numbers, gauss_next = made.state
        if version != 3 or len(numbers) != _N_WORDS + 1 or not all(type(number) is int for number in numbers):
            raise not_adopted(made, f"it has not {_N_WORDS} words and a position")
        return {"gauss_next": gauss_next, "words": np.array(numbers[:-1], dtype=np.uint32), "position": numbers[-1]}

    def capture(self, name: str, instances: Sequence[Any]) -> dict[str, list[Any]]:
        """Give the state of each generator."""
        fields = super().capture(name, instances)
        states = [instance.getstate() for instance in instances]
        if any(state[0] != 3 or {"words", "position"} & set(fields) for state in states):
            raise self.refuse(instances[0], "its state has another form", "Store its seed, or a numpy generator.")
        fields["words"] = [np.array(state[1][:-1], dtype=np.uint32) for state in states]
        fields["position"] = [state[1][-1] for state in states]
        return fields

    def validate(self, name: str, view: FieldView) -> None:
        """Check the state, which native code indexes with ``position``."""
        unknown = [field for field in view.node.fields if hasattr(self.resolve(name), field)]
        if unknown:
            raise view.refuse(f"a generator may not have its own {unknown[0]}")
        for row, words in enumerate(view.arrays("words")):
            if words is None or words.dtype != np.uint32 or words.shape != (_N_WORDS,) or not words.any():
                raise view.refuse("the state must be 624 uint32, not all zero", row=row, field="words")
        for row, position in enumerate(view.values("position")):
            if not (is_count(position) and position <= _N_WORDS):
                raise view.refuse(f"a position from 0 to {_N_WORDS}, got {position!r}", row=row, field="position")

    def restore(self, name: str, fields: dict[str, list[Any]], rows: int) -> list[Any]:
        """Make the generators."""
        made = []
        for state in states_of(fields, rows):
            words, position, gauss_next = state.pop("words"), state.pop("position"), state.get("gauss_next")
            if not (gauss_next is None or type(gauss_next) is float):
                raise InvalidState(f"gauss_next must be None or a float, got {gauss_next!r}")
            instance = self.resolve(name)()
            instance.setstate((3, (*words.tolist(), position), gauss_next))
            vars(instance).update(state)
            made.append(instance)
        return made
