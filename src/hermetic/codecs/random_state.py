"""numpy's random generators: what draws next, free of the forms in which numpy 1 and 2 pickle it.

A bit generator is its kind and its state; `RandomState` and `Generator` refer to theirs, so that two which share one
keep sharing it. A `SeedSequence` is what it was made from: its pool is computed anew.

Native code uses ``pos`` and ``buffer_pos`` as indices without looking, and an all-zero Mersenne twister never leaves
the loop of ``normal``.

Source: numpy/random/_mt19937.pyx, _pcg64.pyx, _philox.pyx, _sfc64.pyx, bit_generator.pyx (``state``, ``__reduce__``).
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, ClassVar

from hermetic.codecs.codec import Codec, FieldView, class_path
from hermetic.codecs.field_checks import integer_of, require_fields, type_name
from hermetic.lazy import numpy as np

__all__ = ["BitGeneratorCodec", "GeneratorCodec", "RandomStateCodec", "SeedSequenceCodec"]

_UINT32, _UINT128 = 1 << 32, 1 << 128
_MAX_ENTROPY_WORDS = 4096
_MAX_POOL_SIZE = 256
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
_SEED_SEQUENCE = "numpy.random.SeedSequence"


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
    checked_fields = frozenset({"key", "counter", "buffer", "state"})

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
            if value is not None and type_name(view, value) != _SEED_SEQUENCE:
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
    is_value = True

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


class SeedSequenceCodec(_PlainCodec):
    """`numpy.random.SeedSequence`.

    Fields: ``entropy``, None, an integer of at most 131,072 bits, or a tuple (a list becomes one) or array of integers;
    ``spawn_key``, a tuple of integers; ``pool_size`` 4..256; ``n_children_spawned`` below 2**32. The time to make one
    grows with the words of the first two times the third, hence the bounds.
    """

    row_bytes = 3 << 10
    classes: ClassVar = {_SEED_SEQUENCE: "numpy.random.bit_generator:SeedSequence"}
    checked_fields = frozenset({"entropy"})

    def capture(self, name: str, instances: Sequence[Any]) -> dict[str, list[Any]]:
        """Give what each sequence was made from."""
        fields: dict[str, list[Any]] = {
            "entropy": [self._entropy(instance) for instance in instances],
            "spawn_key": [self._spawn_key(instance) for instance in instances],
            "pool_size": [int(instance.pool_size) for instance in instances],
            "n_children_spawned": [int(instance.n_children_spawned) for instance in instances],
        }
        for row, instance in enumerate(instances):
            n_words = _n_words_of(fields["entropy"][row]) + _n_words_of(fields["spawn_key"][row])
            if n_words > _MAX_ENTROPY_WORDS or instance.pool_size > _MAX_POOL_SIZE:
                raise self.refuse(instance, "its entropy or its pool is too large", _ENTROPY)
        return fields

    def _entropy(self, instance: Any) -> Any:
        entropy = instance.entropy
        if isinstance(entropy, (int, np.integer)):
            return int(entropy)
        is_array = type(entropy) is np.ndarray and entropy.ndim == 1 and entropy.dtype.kind in "ui"
        if entropy is None or is_array:
            return entropy
        if type(entropy) in (list, tuple) and all(type(word) is int for word in entropy):
            return tuple(entropy)
        raise self.refuse(instance, "its entropy is no integer, nor a row of integers", _ENTROPY)

    def _spawn_key(self, instance: Any) -> tuple[int, ...]:
        if not all(isinstance(word, (int, np.integer)) for word in instance.spawn_key):
            raise self.refuse(instance, "its spawn_key is no row of integers", "Spawn it from another sequence.")
        return tuple(map(int, instance.spawn_key))

    def validate(self, name: str, view: FieldView) -> None:
        """Check kinds and sizes."""
        require_fields(view, frozenset({"entropy", "spawn_key", "pool_size", "n_children_spawned"}))
        columns = [view.values(field) for field in ("entropy", "spawn_key", "pool_size", "n_children_spawned")]
        for row, (entropy, spawn_key, pool_size, n_children) in enumerate(zip(*columns, strict=True)):
            n_words = _n_entropy_words(view, entropy), _n_entropy_words(view, spawn_key)
            if n_words[0] is None:
                raise view.refuse("entropy must be None, an integer from 0, or a row of such", row=row)
            if n_words[1] is None or type(spawn_key) is not dict or "tuple" not in spawn_key:
                raise view.refuse("spawn_key must be a tuple of integers from 0", row=row)
            if sum(n_words) > _MAX_ENTROPY_WORDS:  # type: ignore[arg-type]  # neither is None here
                raise view.refuse("entropy and spawn_key are too long", row=row)
            if type(pool_size) is not int or not 4 <= pool_size <= _MAX_POOL_SIZE:
                raise view.refuse(f"pool_size must lie in 4..{_MAX_POOL_SIZE}", row=row)
            if type(n_children) is not int or not 0 <= n_children < _UINT32:
                raise view.refuse("n_children_spawned must lie below 2**32", row=row)

    def restore(self, name: str, fields: dict[str, list[Any]], rows: int) -> list[Any]:
        """Make the sequences; each computes its pool."""
        make = self.resolve(name)
        made = []
        for row in range(rows):
            state = {field: column[row] for field, column in fields.items()}
            made.append(make(state.pop("entropy"), **state))
        return made


_ENTROPY = "Seed it with an integer."


def _n_words_of(entropy: Any) -> int:
    """Give the number of 32-bit words that numpy makes of a seed."""
    if entropy is None:
        return 0
    if type(entropy) is int:
        return _n_words(entropy)
    if type(entropy) is tuple:
        return sum(map(_n_words, entropy))
    # Two for what does not fit into one; nothing is wider than 64 bits.
    return len(entropy) + int((entropy >= _UINT32).sum())


def _n_words(number: int) -> int:
    return max(1, -(-number.bit_length() // 32))


def _n_entropy_words(view: FieldView, value: Any) -> int | None:
    """Give the number of 32-bit words that a seed in a file asks for; None for what is no seed."""
    if value is None:
        return 0
    number = integer_of(value)
    if number is not None:
        return _n_words_of(number) if number >= 0 else None
    array = view.array(value)
    if array is not None:
        is_fine = array.ndim == 1 and array.dtype.kind in "ui" and not (array < 0).any()
        return _n_words_of(array) if is_fine else None
    items = value.get("tuple") if type(value) is dict else None
    if type(items) is not list or len(items) > _MAX_ENTROPY_WORDS:
        return None
    numbers = [integer_of(item) for item in items]
    if any(number is None or number < 0 for number in numbers):
        return None
    return _n_words_of(tuple(numbers))
