"""numpy's seed sequences: what each was made from. Its pool is computed anew.

Source: numpy/random/bit_generator.pyx.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, ClassVar

from hermetic.codecs.codec import Codec, FieldView, LegacyObject, not_adopted
from hermetic.codecs.field_checks import integer_of, require_fields
from hermetic.lazy import numpy as np

__all__ = ["SEED_SEQUENCE", "SeedSequenceCodec"]

SEED_SEQUENCE = "numpy.random.SeedSequence"
"""The neutral name."""
_UINT32 = 1 << 32
_MAX_ENTROPY_WORDS = 4096
_MAX_POOL_SIZE = 256


class SeedSequenceCodec(Codec):
    """`numpy.random.SeedSequence`.

    Fields: ``entropy``, None, an integer of at most 131,072 bits, or a tuple (a list becomes one) or array of integers;
    ``spawn_key``, a tuple of integers; ``pool_size`` 4..256; ``n_children_spawned`` below 2**32. The time to make one
    grows with the words of the first two times the third, hence the bounds.
    """

    row_bytes = 3 << 10
    classes: ClassVar = {SEED_SEQUENCE: "numpy.random.bit_generator:SeedSequence"}
    makers: ClassVar = {"numpy.random.bit_generator:__pyx_unpickle_SeedSequence": SEED_SEQUENCE}
    checked_fields = frozenset({"entropy"})

    def group(self, instance: Any) -> Hashable:
        """Let all share one table."""
        return None

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give what the sequence was made from: entropy, children, pool, its size, spawn key, in Cython's order."""
        state = made.arguments[2] if len(made.arguments) == 3 and made.arguments[2] is not None else made.state
        if type(state) is not tuple or len(state) != 5:
            raise not_adopted(made, "its state is no tuple of five")
        entropy, n_children, _, pool_size, spawn_key = state
        if isinstance(entropy, np.integer):
            entropy = int(entropy)
        entropy = tuple(entropy) if type(entropy) is list else entropy
        counts = {"pool_size": int(pool_size), "n_children_spawned": int(n_children)}
        return {"entropy": entropy, "spawn_key": tuple(map(int, spawn_key)), **counts}

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
