"""numpy's random generators: what draws next, free of the forms in which numpy 1 and 2 pickle it.

A bit generator is its kind and its state; `RandomState` and `Generator` refer to theirs, so that two which share one
keep sharing it. Their seeds: `hermetic.codecs.seed_sequence`.

Native code uses ``pos`` and ``buffer_pos`` as indices without looking, and an all-zero Mersenne twister never leaves
the loop of ``normal``.

Source: numpy/random/_mt19937.pyx, _pcg64.pyx, _philox.pyx, _sfc64.pyx, bit_generator.pyx (``state``, ``__reduce__``).
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, ClassVar

from hermetic.codecs.codec import Codec, FieldView, LegacyObject, class_path, not_adopted
from hermetic.codecs.field_checks import integer_of, require_fields, type_name
from hermetic.codecs.seed_sequence import SEED_SEQUENCE
from hermetic.lazy import numpy as np

__all__ = ["BitGeneratorCodec", "GeneratorCodec", "RandomStateCodec"]

_UINT32, _UINT128 = 1 << 32, 1 << 128
_NESTED: dict[str, tuple[str, ...]] = {
    "MT19937": ("key", "pos"),
    "PCG64": ("state", "inc"),
    "PCG64DXSM": ("state", "inc"),
    "Philox": ("counter", "key"),
    "SFC64": ("state",),
}
_HALVES = ("has_uint32", "uinteger")
_BESIDE: dict[str, tuple[str, ...]] = {
    "MT19937": (),
    "PCG64": _HALVES,
    "PCG64DXSM": _HALVES,
    "Philox": ("buffer", "buffer_pos", *_HALVES),
    "SFC64": _HALVES,
}
_ARRAYS: dict[str, dict[str, tuple[str, int]]] = {
    "MT19937": {"key": ("uint32", 624)},
    "PCG64": {},
    "PCG64DXSM": {},
    "Philox": {"counter": ("uint64", 4), "key": ("uint64", 2), "buffer": ("uint64", 4)},
    "SFC64": {"state": ("uint64", 4)},
}
_NUMBERS = {"pos": 625, "inc": _UINT128, "state": _UINT128, "buffer_pos": 5, "has_uint32": 2, "uinteger": _UINT32}
"""The first number that is too large; the smallest is 0."""

_MODULES = {"MT19937": "_mt19937", "PCG64": "_pcg64", "PCG64DXSM": "_pcg64", "Philox": "_philox", "SFC64": "_sfc64"}
_BIT_GENERATORS = {f"numpy.random.{kind}": f"numpy.random.{module}:{kind}" for kind, module in _MODULES.items()}


class _PlainCodec(Codec):
    """All objects of one type share one table."""

    def group(self, instance: Any) -> Hashable:
        """Let them share it."""
        return None


class BitGeneratorCodec(_PlainCodec):
    """``MT19937``, ``PCG64``, ``PCG64DXSM``, ``Philox``, ``SFC64``.

    Fields: the entries of the ``state`` property without their nesting, and ``seed_seq``, the `SeedSequence` or None.

    ===========  ===========================================================================================
    MT19937      ``key`` uint32 (624,), not all zero; ``pos`` 0..624
    PCG64(DXSM)  ``state``, ``inc`` below 2**128, ``inc`` odd
    Philox       ``counter`` uint64 (4,), ``key`` uint64 (2,), ``buffer`` uint64 (4,), ``buffer_pos`` 0..4
    SFC64        ``state`` uint64 (4,)
    all but one  ``has_uint32`` 0..1, ``uinteger`` below 2**32 (not the first)
    ===========  ===========================================================================================
    """

    row_bytes = 12 << 10
    classes: ClassVar = _BIT_GENERATORS
    makers: ClassVar = {"numpy.random._pickle:__bit_generator_ctor": ""}
    checked_fields = frozenset({"key", "counter", "buffer", "state"})

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give the state: numpy 1 gives the dictionary alone, numpy 2 the seed sequence beside it."""
        state, seed_sequence = made.state if type(made.state) is tuple else (made.state, None)
        kind = name.rpartition(".")[2]
        if type(state) is not dict or state.get("bit_generator") != kind:
            raise not_adopted(made, f"its state is none of a {kind}")
        return _plain_fields(kind, state, seed_sequence)

    def capture(self, name: str, instances: Sequence[Any]) -> dict[str, list[Any]]:
        """Give the state of each generator."""
        kind = name.rpartition(".")[2]
        fields: dict[str, list[Any]] = {field: [] for field in (*_NESTED[kind], *_BESIDE[kind], "seed_seq")}
        for generator in instances:
            state = generator.state
            seed_sequence = getattr(generator, "_seed_seq", None) or getattr(generator, "seed_seq", None)
            if seed_sequence is not None and type(seed_sequence) is not np.random.SeedSequence:
                raise self.refuse(
                    generator,
                    f"its seeds come from a {class_path(type(seed_sequence))}",
                    "Seed it with an integer or a numpy.random.SeedSequence.",
                )
            fields["seed_seq"].append(seed_sequence)
            for field in _NESTED[kind]:
                fields[field].append(state["state"][field])
            for field in _BESIDE[kind]:
                fields[field].append(state[field])
        for field in fields.keys() - {"seed_seq"} - _ARRAYS[kind].keys():
            fields[field] = list(map(int, fields[field]))
        return fields

    def validate(self, name: str, view: FieldView) -> None:
        """Check kinds, sizes and ranges."""
        kind = name.rpartition(".")[2]
        require_fields(view, frozenset({*_NESTED[kind], *_BESIDE[kind], "seed_seq"}))
        for field in (*_NESTED[kind], *_BESIDE[kind]):
            if field in _ARRAYS[kind]:
                _check_words(view, kind, field)
            else:
                _check_number(view, field)
        for row, value in enumerate(view.values("seed_seq")):
            if value is not None and type_name(view, value) != SEED_SEQUENCE:
                raise view.refuse("seed_seq must be a SeedSequence or None", row=row, field="seed_seq")

    def restore(self, name: str, fields: dict[str, list[Any]], rows: int) -> list[Any]:
        """Make the generators and set their states."""
        kind = name.rpartition(".")[2]
        make = self.resolve(name)
        generators = []
        for row in range(rows):
            seed_sequence = fields["seed_seq"][row]
            generator = make(0 if seed_sequence is None else seed_sequence)
            state: dict[str, Any] = {"bit_generator": kind, "state": {f: fields[f][row] for f in _NESTED[kind]}}
            state |= {field: fields[field][row] for field in _BESIDE[kind]}
            # Setting a state costs a hundred times what anything else here does, so never twice.
            if seed_sequence is not None or not _is_set_without_seed(generator, state):
                generator.state = state
            generators.append(generator)
        return generators


def _plain_fields(kind: str, state: dict[str, Any], seed_sequence: Any) -> dict[str, Any]:
    """Give the fields of a bit generator from the dictionary that its ``state`` is."""
    fields: dict[str, Any] = {field: state["state"][field] for field in _NESTED[kind]}
    fields.update({field: state[field] for field in _BESIDE[kind]})
    for field in fields.keys() - _ARRAYS[kind].keys():
        fields[field] = int(fields[field])
    return fields | {"seed_seq": seed_sequence}


def _is_set_without_seed(generator: Any, state: dict[str, Any]) -> bool:
    """Set the state and leave no seed sequence, as `RandomState` does; numpy 1 keeps no None, and never asks."""
    try:
        generator.__setstate__((state, None))
    except (TypeError, ValueError):
        if hasattr(generator, "_legacy_seeding"):
            generator._legacy_seeding(0)
        return False
    return True


def _check_words(view: FieldView, kind: str, field: str) -> None:
    dtype, length = _ARRAYS[kind][field]
    for row, array in enumerate(view.arrays(field)):
        if array is None or array.dtype != dtype or not array.dtype.isnative or array.shape != (length,):
            raise view.refuse(f"{field} of a {kind} must be {length} native {dtype}", row=row, field=field)
        # Of the first word of a twister only the highest bit counts.
        if kind == "MT19937" and not (array[1:].any() or array[0] >> 31):
            raise view.refuse("a Mersenne twister whose key is zero gives zeros for ever", row=row, field=field)


def _check_number(view: FieldView, field: str) -> None:
    for row, value in enumerate(view.values(field)):
        number = integer_of(value)
        if number is None or not 0 <= number < _NUMBERS[field] or (field == "inc" and not number % 2):
            odd = "odd and " if field == "inc" else ""
            found = f"{field} must be {odd}an integer from 0 to {_NUMBERS[field] - 1}, got {str(value)[:60]}"
            raise view.refuse(found, row=row, field=field)


class RandomStateCodec(_PlainCodec):
    """`numpy.random.RandomState`.

    Fields: ``bit_generator``; ``has_gauss`` 0..1; ``gauss``, a float, the normal number that waits. The state that
    ``numpy.random.seed`` sets comes back as an object of its own.
    """

    row_bytes = 1 << 10
    classes: ClassVar = {"numpy.random.RandomState": "numpy.random.mtrand:RandomState"}
    makers: ClassVar = {
        "numpy.random:__RandomState_ctor": "numpy.random.RandomState",
        "numpy.random._pickle:__randomstate_ctor": "numpy.random.RandomState",
    }
    is_value = True

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give the bit generator and the number that waits; before numpy 1.17 a tuple held both."""
        state = made.state
        if type(state) is tuple and len(state) in (3, 5) and state[0] == "MT19937":
            has_gauss, gauss = state[3:] if len(state) == 5 else (0, 0.0)
            state = {
                "bit_generator": "MT19937",
                "state": {"key": state[1], "pos": state[2]},
                "has_gauss": has_gauss,
                "gauss": gauss,
            }
        if type(state) is not dict:
            raise not_adopted(made, "its state is no dictionary")
        generator = made.arguments[0] if made.arguments else None
        if type(generator) is not LegacyObject:
            # numpy 1 names the kind, and has no generator of its own in the file.
            kind = state.get("bit_generator")
            if kind not in _MODULES:
                raise not_adopted(made, f"{str(kind)[:40]!r} is no bit generator of numpy")
            generator = LegacyObject(_BIT_GENERATORS[f"numpy.random.{kind}"], path=made.path)
            generator.name = f"numpy.random.{kind}"
            generator.fields = _plain_fields(str(kind), state, None)
        fields: dict[str, Any] = {"bit_generator": generator}
        return fields | {"has_gauss": int(state["has_gauss"]), "gauss": float(state["gauss"])}

    def capture(self, name: str, instances: Sequence[Any]) -> dict[str, list[Any]]:
        """Give the bit generator and the number that waits."""
        states = [instance.get_state(legacy=False) for instance in instances]
        return {
            "bit_generator": [_known_bit_generator(self, instance, instance._bit_generator) for instance in instances],
            "has_gauss": [int(state["has_gauss"]) for state in states],
            "gauss": [float(state["gauss"]) for state in states],
        }

    def validate(self, name: str, view: FieldView) -> None:
        """Check the kinds of the fields."""
        require_fields(view, frozenset({"bit_generator", "has_gauss", "gauss"}))
        _check_bit_generators(view)
        for row, (has_gauss, gauss) in enumerate(zip(view.values("has_gauss"), view.values("gauss"), strict=True)):
            if type(has_gauss) is not int or has_gauss not in (0, 1):
                raise view.refuse(f"has_gauss must be 0 or 1, got {has_gauss!r}"[:100], row=row, field="has_gauss")
            if type(gauss) is not float and not (type(gauss) is dict and "float" in gauss):
                raise view.refuse("gauss must be a float", row=row, field="gauss")

    def restore(self, name: str, fields: dict[str, list[Any]], rows: int) -> list[Any]:
        """Make the random states around their bit generators."""
        make = self.resolve(name)
        made = []
        columns = (fields[field] for field in ("bit_generator", "has_gauss", "gauss"))
        for generator, has_gauss, gauss in zip(*columns, strict=True):
            instance = make(generator)
            # A new one waits with no number, which is what most have saved.
            if has_gauss or repr(gauss) != "0.0":
                instance.set_state({**generator.state, "has_gauss": has_gauss, "gauss": gauss})
            made.append(instance)
        return made


class GeneratorCodec(_PlainCodec):
    """`numpy.random.Generator`. Field: ``bit_generator``."""

    classes: ClassVar = {"numpy.random.Generator": "numpy.random._generator:Generator"}
    makers: ClassVar = {"numpy.random._pickle:__generator_ctor": "numpy.random.Generator"}

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give the bit generator: an object of its own in numpy 2, a name with the state beside it in numpy 1."""
        generator = made.arguments[0] if made.arguments else None
        if type(generator) is not LegacyObject:
            if type(made.state) is not dict or made.state.get("bit_generator") not in _MODULES:
                raise not_adopted(made, "its bit generator is none of numpy's")
            kind = str(made.state["bit_generator"])
            generator = LegacyObject(_BIT_GENERATORS[f"numpy.random.{kind}"], path=made.path)
            generator.name = f"numpy.random.{kind}"
            generator.fields = _plain_fields(kind, made.state, None)
        return {"bit_generator": generator}

    def capture(self, name: str, instances: Sequence[Any]) -> dict[str, list[Any]]:
        """Give the bit generators."""
        generators = [_known_bit_generator(self, instance, instance.bit_generator) for instance in instances]
        return {"bit_generator": generators}

    def validate(self, name: str, view: FieldView) -> None:
        """Check the kind of the field."""
        require_fields(view, frozenset({"bit_generator"}))
        _check_bit_generators(view)

    def restore(self, name: str, fields: dict[str, list[Any]], rows: int) -> list[Any]:
        """Make the generators around their bit generators."""
        return list(map(self.resolve(name), fields["bit_generator"]))


def _known_bit_generator(codec: Codec, instance: Any, generator: Any) -> Any:
    name = type(generator).__name__
    if name not in _MODULES or type(generator) is not getattr(np.random, name):
        raise codec.refuse(
            instance,
            f"its bit generator is a {class_path(type(generator))}",
            "Use one of numpy's own: " + ", ".join(_MODULES) + ".",
        )
    return generator


def _check_bit_generators(view: FieldView) -> None:
    for row, value in enumerate(view.values("bit_generator")):
        if type_name(view, value) not in _BIT_GENERATORS:
            raise view.refuse("bit_generator must be one of numpy's bit generators", row=row, field="bit_generator")
