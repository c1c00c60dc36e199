"""Whether what a reader of legacy files gives is what a pickle of the live object would have said. No test stands here.

The live object is taken apart as `pickle` does it at protocol 4, by ``__reduce_ex__``; what skops cannot keep is
excused in one table, `EXCUSES`, each with its reason.
"""

from __future__ import annotations

import copyreg
import pickle
import types
from collections.abc import Callable
from typing import Any

import numpy as np

from hermetic.dtypes import meaning_mask
from hermetic.legacy_objects import MISSING, LegacyName, LegacyObject

__all__ = ["differences"]

_ATOMS = (type(None), bool, int, float, str, bytes, bytearray, type(Ellipsis), type(NotImplemented))
_CONTAINERS = (list, tuple, set, frozenset, dict)
_FUNCTIONS = (type, types.FunctionType, types.BuiltinFunctionType, np.ufunc, type(np.mean))
_GENERATOR = "numpy.random._pickle:__generator_ctor"

Reduction = tuple[str, bool, tuple[Any, ...], Any, list[Any], list[Any]]


def differences(live: Any, read: Any) -> list[str]:
    """Say where what was read is not what a pickle of the live object would have said; empty when nowhere."""
    comparison = _Comparison()
    comparison.compare(live, read, "$")
    return comparison.found


class _Comparison:
    """Walks two things side by side; objects that are shared in one must be shared in the other."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self._partners: dict[int, Any] = {}
        self._kept: list[Any] = []

    def compare(self, live: Any, read: Any, path: str) -> None:
        kind = type(live)
        if live is type(None):
            is_none = isinstance(read, LegacyName) and read.location == "builtins:NoneType"
            self._require(is_none, path, live, read)
        elif kind in _ATOMS:
            self._require(type(read) is kind and (read == live or live != live), path, live, read)
        elif isinstance(live, (np.generic, np.dtype)):
            self._require(_is_same_of_numpy(live, read), path, live, read)
        elif isinstance(live, _FUNCTIONS) and kind is not types.MethodType:
            location = f"{pickle.whichmodule(live, live.__name__)}:{getattr(live, '__qualname__', live.__name__)}"
            self._require(isinstance(read, LegacyName) and read.location == location, path, location, read)
        elif isinstance(reduced := _reduced(live), str):
            location = f"{pickle.whichmodule(live, reduced)}:{reduced}"
            self._require(isinstance(read, LegacyName) and read.location == location, path, location, read)
        elif self._is_new_pair(live, read, path):
            self._compare_parts(live, read, path)

    def _require(self, condition: bool, path: str, live: Any, read: Any) -> None:
        if not condition:
            self.found.append(f"{path}: {str(read)[:120]} for {str(live)[:120]}")

    def _is_new_pair(self, live: Any, read: Any, path: str) -> bool:
        if id(live) in self._partners:
            partner = self._partners[id(live)]
            self._require(partner is read or type(read) in (tuple, bytes), path, "the same object again", read)
            return False
        self._partners[id(live)] = read
        self._kept.append(live)
        return True

    def _compare_parts(self, live: Any, read: Any, path: str) -> None:
        kind = type(live)
        if kind is np.ndarray:
            self._compare_arrays(live, read, path)
        elif kind in (set, frozenset) and type(read) is kind:
            self._require(live == read, path, live, read)
        elif kind in _CONTAINERS and kind not in (set, frozenset):
            self._require(type(read) is kind and len(read) == len(live), path, live, read)
            if self.found:
                return
            if kind is dict:
                self._compare_dicts(live, read, path)
            else:
                for number, (left, right) in enumerate(zip(live, read, strict=True)):
                    self.compare(left, right, f"{path}[{number}]")
        else:
            self._compare_objects(live, read, path)

    def _compare_dicts(self, live: dict[Any, Any], read: dict[Any, Any], path: str) -> None:
        # skops keeps numpy scalars as keys by their value.
        keys = [key.item() if isinstance(key, np.generic) else key for key in live]
        self._require(list(map(repr, keys)) == list(map(repr, read)), path, keys, list(read))
        for key, left, right in zip(keys, live.values(), read.values(), strict=True):
            self.compare(left, right, f"{path}.{key}")

    def _compare_arrays(self, live: Any, read: Any, path: str) -> None:
        if type(read) is not np.ndarray:
            self._require(False, path, live, read)
            return
        is_same = live.dtype == read.dtype and live.dtype.byteorder == read.dtype.byteorder and live.shape == read.shape
        self._require(is_same, path, (live.dtype, live.shape), (read.dtype, read.shape))
        if self.found:
            return
        if live.dtype.hasobject:
            for number, (left, right) in enumerate(zip(live.ravel(), read.ravel(), strict=True)):
                self.compare(left, right, f"{path}[{number}]")
        else:
            order = "F" if live.flags.fnc else "C"
            # Bytes between fields may be anything.
            is_equal = np.array_equal(live, read) if live.dtype.names else live.tobytes(order) == read.tobytes(order)
            self._require(bool(is_equal), path, live, read)
            self._require(live.flags.fnc == read.flags.fnc and read.flags.writeable, path, live.flags, read.flags)

    def _compare_objects(self, live: Any, read: Any, path: str) -> None:
        if not isinstance(read, LegacyObject):
            self._require(False, path, type(live), read)
            return
        left, right = _reduction(live), _parts(read)
        if read.is_array:
            left = (f"{left[2][0].__module__}:{left[2][0].__qualname__}", True, (), *left[3:])
        excuse = EXCUSES.get(left[0])
        if excuse is not None:
            left, right = excuse(left, right)
        self._require(left[:2] == right[:2], path, left[:2], right[:2])
        if self.found:
            return
        for name, before, after in zip(("arguments", "state", "items", "pairs"), left[2:], right[2:], strict=True):
            if before is MISSING or after is MISSING:
                self._require(before is after, f"{path}<{name}>", before, after)
            else:
                self.compare(before, after, f"{path}<{name}>")
        self._kept.append((left, right))


def _is_same_of_numpy(live: Any, read: Any) -> bool:
    """Compare dtypes, but for the alignment of records, and scalars, but for bytes that mean nothing in memory."""
    if isinstance(live, np.dtype):  # those of C's long and long long are equal, and pickle keeps one of them
        return isinstance(read, np.dtype) and live == read and (live.type is np.record) == (read.type is np.record)
    if not isinstance(read, np.generic) or isinstance(live, np.record) != isinstance(read, np.record):
        return False
    mask = meaning_mask(live.dtype)
    before, after = (np.frombuffer(value.tobytes(), np.uint8) & mask for value in (live, read))
    return live.dtype == read.dtype and before.tobytes() == after.tobytes()


def _reduced(live: Any) -> Any:
    """Give what pickle asks an object for; for arrays and containers it does not ask."""
    if type(live) in (list, tuple, dict, np.ndarray):
        return ()
    reduce = copyreg.dispatch_table.get(type(live))
    return reduce(live) if reduce is not None else live.__reduce_ex__(4)


def _parts(read: LegacyObject) -> Reduction:
    return read.location, read.is_new, read.arguments, read.state, read.items, read.pairs


def _reduction(live: Any) -> Reduction:
    reduced = _reduced(live)
    function, arguments, state, items, pairs = (*reduced[:5], *[None] * (5 - len(reduced)))
    is_new = function is copyreg.__newobj__  # type: ignore[attr-defined]
    if is_new:
        function, *arguments = arguments
    flat = [part for pair in pairs or () for part in pair]
    location = f"{function.__module__}:{function.__qualname__}".replace("numpy.core.", "numpy._core.")
    return location, is_new, tuple(arguments), MISSING if state is None else state, list(items or ()), flat


def _without_bit_generator(left: Reduction, right: Reduction) -> tuple[Reduction, Reduction]:
    """Compare a `RandomState` with the form of numpy before 1.24: skops keeps the name of its generator only."""
    generator = left[2][0]  # numpy before 1.24 has the name itself, and numpy 1 a function beside it
    name = generator if isinstance(generator, str) else type(generator).__name__
    return (*left[:2], (name,), *left[3:]), right


def _without_pool(left: Reduction, right: Reduction) -> tuple[Reduction, Reduction]:
    """Leave out the pool of a `SeedSequence`, which follows from the rest."""
    return (*left[:3], (*left[3][:2], None, *left[3][3:]), *left[4:]), right


def _without_hidden_state(left: Reduction, right: Reduction) -> tuple[Reduction, Reduction]:
    """Leave out what scipy keeps about the order of indices when it was asked; npz has no place for it."""
    state = {key: part for key, part in left[3].items() if not key.startswith("_has_")}
    if "has_canonical_format" in state:
        state["has_canonical_format"] = False
    return (*left[:3], dict(sorted(state.items())), *left[4:]), (*right[:3], dict(sorted(right[3].items())), *right[4:])


def _without_attributes(left: Reduction, right: Reduction) -> tuple[Reduction, Reduction]:
    """Leave out the attributes of subclasses of containers: skops keeps the items only."""
    return (*left[:3], MISSING, *left[4:]), right


def _without_fill_value(left: Reduction, right: Reduction) -> tuple[Reduction, Reduction]:
    """Leave out the fill value of a masked array, which skops does not keep."""
    return (*left[:3], (*left[3][:-1], None), *left[4:]), right


def _as_a_class(left: Reduction, right: Reduction) -> tuple[Reduction, Reduction]:
    """Compare the one native loss that Cython pickles with a call of its class: skops drops the checksum."""
    kind = left[2][0]
    return (f"{kind.__module__}:{kind.__qualname__}", False, (), MISSING, [], []), right


def _by_its_key(left: Reduction, right: Reduction) -> tuple[Reduction, Reduction]:
    """Compare a time zone with a call of its class: skops keeps the key alone."""
    return ("zoneinfo:ZoneInfo", False, left[2][:1], *left[3:]), right


_LOSS = "sklearn._loss._loss:__pyx_unpickle_CyHalfMultinomialLoss"
EXCUSES: dict[str, Callable[[Reduction, Reduction], tuple[Reduction, Reduction]]] = {
    "numpy.random._pickle:__randomstate_ctor": _without_bit_generator,
    "numpy.random.bit_generator:__pyx_unpickle_SeedSequence": _without_pool,
    "numpy.ma.core:_mareconstruct": _without_fill_value,
    "sklearn.utils._bunch:Bunch": _without_attributes,
    "None:ZoneInfo._unpickle": _by_its_key,
    _LOSS: _as_a_class,
    **{
        f"scipy.sparse._{kind}:{kind}_{suffix}": _without_hidden_state
        for kind in ("bsr", "coo", "csc", "csr", "dia")
        for suffix in ("array", "matrix")
    },
}
