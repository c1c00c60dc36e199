"""Deep structural equality of two object graphs, and of the way their parts are shared.

The walk has an explicit stack: cycles end, and depth is not bound by the interpreter. It asks `==` of no class that it
does not know: an object is its `__dict__` and slots or, where the class says otherwise, what it gives to pickle.
"""

from __future__ import annotations

import collections
import copyreg
import datetime
import decimal
import enum
import fractions
import functools
import itertools
import pathlib
import types
import uuid
import zoneinfo
from collections.abc import Iterator
from operator import itemgetter
from typing import Any

import numpy as np
import scipy.sparse
from sklearn.base import BaseEstimator
from sklearn.utils import Bunch

from tests.zoo.compare_arrays import difference_of_arrays, difference_of_orders, object_elements, same_dtype
from tests.zoo.compare_pandas import difference_of_pandas, is_immutable_pandas_value, is_pandas_value

__all__ = ["assert_same_state"]

Part = tuple[str, Any, Any]  # path, left, right

_ATOMS = (
    *(type(None), bool, int, float, complex, str, bytes, slice, range, type(...), type(NotImplemented)),
    *(datetime.date, datetime.time, datetime.timedelta, datetime.tzinfo, zoneinfo.ZoneInfo),
    *(decimal.Decimal, fractions.Fraction, uuid.UUID, pathlib.PurePath),
)
_BY_IDENTITY = (type, types.FunctionType, types.ModuleType, np.ufunc, enum.Enum)
# Caches that scipy fills in when asked; the arrays beside them are the truth.
_SPARSE_CACHES = frozenset({"has_canonical_format", "_has_canonical_format", "_has_sorted_indices"})
# The id() of a text vectorizer's stop words, by which it knows that it has warned: not state, new in each process.
_ESTIMATOR_CACHES = frozenset({"_stop_words_id"})
# A Bunch does not let pickle keep its own attributes, and makes this one anew.
_BUNCH_CACHES = frozenset({"_deprecated_key_to_warnings"})
_MISSING = object()
# Where numpy 1 has it.
_byte_bounds = (np.lib.array_utils if hasattr(np.lib, "array_utils") else np).byte_bounds


def assert_same_state(left: Any, right: Any, path: str = "$") -> None:
    """Assert that `right` is what `left` was before a round trip: types, values, order and sharing.

    Parameters
    ----------
    left, right : object
        Before and after.
    path : str, default="$"
        The name of the root in messages.

    Raises
    ------
    AssertionError
        At the first difference, with its path.

    Examples
    --------
    >>> assert_same_state({"a": [1, 2]}, {"a": [1, 3]})
    Traceback (most recent call last):
    AssertionError: $['a'][1]: 2 became 3
    """
    walk = _Walk()
    stack: list[Part] = [(path, left, right)]
    while stack:
        place, before, after = stack.pop()
        try:
            parts = walk.compare(before, after)
        except AssertionError as error:
            raise AssertionError(f"{place}: {error}") from None
        stack.extend((place + step, a, b) for step, a, b in reversed(parts))
    walk.check_memory()


class _Walk:
    """What one comparison has met so far."""

    def __init__(self) -> None:
        self.partners: dict[int, int] = {}
        self.partners_back: dict[int, int] = {}
        # Everything met stays alive: a freed temporary's id would be given to another object.
        self.kept_alive: list[Any] = []
        self.arrays: list[tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]] = []

    def compare(self, left: Any, right: Any) -> list[Part]:
        """Compare two objects without their parts, and give the parts."""
        if _are_alike_for_numpy(left, right):
            return []
        _require(type(left) is type(right), f"type {_name(left)} became {_name(right)}")
        if isinstance(left, _BY_IDENTITY):
            _require(left is right, f"{left!r} became another object {right!r}")
            return []
        if is_immutable_pandas_value(left):
            return _parts_of_pandas(left, right)
        if _is_atom(left):
            _require(_same_atom(left, right), f"{left!r} became {right!r}")
            return []
        if isinstance(left, tuple):
            return _parts_of_sequences(left, right) + _parts_of_attributes(left, right)
        if isinstance(left, frozenset | set):
            _require(_set_key(left) == _set_key(right), f"{left!r} became {right!r}")
        if isinstance(left, frozenset) or self.has_been_met(left, right):
            return []
        return self.parts(left, right)

    def has_been_met(self, left: Any, right: Any) -> bool:
        """Tell whether this pair was compared before; fail if either was met with another partner."""
        partner, partner_back = self.partners.get(id(left)), self.partners_back.get(id(right))
        _require(partner in (None, id(right)), "sharing was lost: one object became two")
        _require(partner_back in (None, id(left)), "sharing was invented: two objects became one")
        self.partners[id(left)] = id(right)
        self.partners_back[id(right)] = id(left)
        self.kept_alive.append((left, right))
        return partner is not None

    def parts(self, left: Any, right: Any) -> list[Part]:
        """Give the parts of two mutable objects of one type, after comparing what has no parts."""
        if isinstance(left, np.ndarray):
            self.arrays.append((left, right))
            return _parts_of_arrays(left, right)
        if is_pandas_value(left):
            return _parts_of_pandas(left, right)
        if isinstance(left, functools.partial):
            pairs = [(f".{name}", getattr(left, name), getattr(right, name)) for name in ("func", "args", "keywords")]
            return pairs + _parts_of_attributes(left, right)
        if isinstance(left, np.random.SeedSequence):
            # A seed may be any kind of integer: numpy takes its value only.
            _require(_plain_seed(left) == _plain_seed(right), f"{left!r} became {right!r}")
            return [(".pool", left.pool, right.pool)]
        if scipy.sparse.issparse(left):
            # Which of its arrays a sparse matrix was given first is no state.
            parts = _parts_of_attributes(left, right, ignored=_SPARSE_CACHES, is_ordered=False)
            return sorted(parts, key=itemgetter(0))
        if isinstance(left, collections.defaultdict):
            factory = (".default_factory", left.default_factory, right.default_factory)
            return [factory, *_parts_of_mappings(left, right), *_parts_of_attributes(left, right)]
        if isinstance(left, dict):
            ignored = _BUNCH_CACHES if isinstance(left, Bunch) else frozenset()
            return _parts_of_mappings(left, right) + _parts_of_attributes(left, right, ignored=ignored)
        if isinstance(left, list):
            return _parts_of_sequences(left, right) + _parts_of_attributes(left, right)
        if isinstance(left, collections.deque):
            _require(left.maxlen == right.maxlen, f"maxlen {left.maxlen} became {right.maxlen}")
            return _parts_of_sequences(left, right) + _parts_of_attributes(left, right)
        if isinstance(left, set | bytearray):
            _require(isinstance(left, set) or left == right, f"{left!r} became {right!r}")
            return _parts_of_attributes(left, right)
        if _speaks_for_itself(left):
            return _parts_of_reduction(left, right)
        ignored = _ESTIMATOR_CACHES if isinstance(left, BaseEstimator) else frozenset()
        return _parts_of_attributes(left, right, ignored=ignored)

    def check_memory(self) -> None:
        """Fail when two arrays on the right overlap in memory, whose partners on the left do not."""
        spans = sorted(
            ((*_byte_bounds(right), left, right) for left, right in self.arrays if right.size),
            key=lambda span: span[:2],
        )
        for (_, end, left, right), (start, _, other_left, other_right) in itertools.pairwise(spans):
            if start < end and np.shares_memory(right, other_right):
                _require(np.may_share_memory(left, other_left), "$: two arrays with memory of their own share it now")


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise AssertionError(message)


def _name(value: Any) -> str:
    return f"{type(value).__module__}.{type(value).__qualname__}"


def _are_alike_for_numpy(left: Any, right: Any) -> bool:
    """Tell whether both are one of numpy's singletons, or differ only in a C name (``longlong`` is ``int64``)."""
    if isinstance(left, np.dtype) and isinstance(right, np.dtype):
        return same_dtype(left, right)
    if type(left) is np.longlong or type(left) is np.ulonglong:
        return isinstance(right, np.generic) and _same_atom(left, right)
    if left is np.random.mtrand._rand:
        # A model fitted with random_state=None holds numpy's global generator, whose state is not the model's.
        return isinstance(right, np.random.RandomState)
    return left is right and left is np.ma.masked


def _is_atom(value: Any) -> bool:
    return isinstance(value, np.generic | np.dtype) or (isinstance(value, _ATOMS) and not _attributes(value))


def _same_atom(left: Any, right: Any) -> bool:
    if isinstance(left, np.generic):
        return not difference_of_arrays(np.asarray(left), np.asarray(right))
    if isinstance(left, np.dtype):
        return same_dtype(left, right)
    if isinstance(left, float):
        return repr(left) == repr(right)
    # repr beside ==: 1 == True inside a slice, Decimal("1.0") == Decimal("1.00"), fold and zone of a datetime.
    return (left == right or left != left) and (isinstance(left, int) or repr(left) == repr(right))


def _set_key(value: Any) -> Any:
    """Give a value that is equal for equal hashable values of equal types, also for NaN."""
    if isinstance(value, set | frozenset):
        return (type(value), frozenset(map(_set_key, value)))
    if isinstance(value, tuple):
        return (type(value), tuple(map(_set_key, value)))
    return (type(value), "nan" if isinstance(value, float) and value != value else value)


def _parts_of_sequences(left: Any, right: Any) -> list[Part]:
    _require(len(left) == len(right), f"length {len(left)} became {len(right)}")
    return [(f"[{number}]", before, after) for number, (before, after) in enumerate(zip(left, right, strict=True))]


def _parts_of_mappings(left: Any, right: Any) -> list[Part]:
    """Give keys and values in the order of insertion."""
    _require(len(left) == len(right), f"{len(left)} keys became {len(right)}: {list(left)!r} became {list(right)!r}")
    parts: list[Part] = []
    for (key, before), (key_after, after) in zip(dict.items(left), dict.items(right), strict=True):
        parts += [(f".key({key!r})", key, key_after), (f"[{key!r}]", before, after)]
    return parts


def _parts_of_arrays(left: Any, right: Any) -> list[Part]:
    if isinstance(left, np.ma.MaskedArray):
        return _parts_of_masked_arrays(left, right)
    plain_left, plain_right = left.view(np.ndarray), right.view(np.ndarray)
    difference = difference_of_arrays(plain_left, plain_right) or difference_of_orders(plain_left, plain_right)
    _require(not difference, difference)
    elements = zip(object_elements(plain_left), object_elements(plain_right), strict=True)
    return [(step, before, after) for (step, before), (_, after) in elements] + _parts_of_attributes(left, right)


def _parts_of_masked_arrays(left: Any, right: Any) -> list[Part]:
    """Give what is not masked; the data under a mask mean nothing and may be zeroed."""
    masks = np.ma.getmaskarray(left), np.ma.getmaskarray(right)
    difference = difference_of_arrays(*masks) or difference_of_arrays(_visible(left), _visible(right))
    _require(not difference, difference)
    fill_values = [copy_of.fill_value for copy_of in (left.copy(), right.copy())]
    elements = zip(object_elements(_visible(left)), object_elements(_visible(right)), strict=True)
    visible = [(step, before, after) for (step, before), (_, after) in elements]
    return [*visible, (".fill_value", *fill_values), (".hardmask", left.hardmask, right.hardmask)]


def _plain_seed(seed: np.random.SeedSequence) -> dict[str, Any]:
    return {name: np.asarray(value, dtype=object).tolist() for name, value in seed.state.items()}


def _visible(array: Any) -> np.ndarray[Any, Any]:
    """Give a copy of a masked array's data with zero (None in object arrays) where it is masked."""
    data = np.array(array.data, subok=False)
    if data.dtype.names is None:
        data[np.ma.getmaskarray(array)] = None if data.dtype.kind == "O" else np.zeros((), dtype=data.dtype)
        return data
    for name in data.dtype.names:
        data[name] = _visible(array[name])
    return data


def _parts_of_pandas(left: Any, right: Any) -> list[Part]:
    difference = difference_of_pandas(left, right)
    _require(not difference, difference)
    return [(".attrs", left.attrs, right.attrs)] if hasattr(left, "attrs") else []


def _attributes(value: Any) -> dict[str, Any]:
    """Give what stands in ``__dict__`` and in slots, in order of insertion and of definition."""
    found = dict(getattr(value, "__dict__", {}))
    for kind in type(value).__mro__:
        slots = kind.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            mangled = f"_{kind.__name__.lstrip('_')}{name}" if name.startswith("__") and name[-2:] != "__" else name
            descriptor = kind.__dict__.get(mangled)
            if isinstance(descriptor, types.MemberDescriptorType):
                member = getattr(value, mangled, _MISSING)
                found.update({} if member is _MISSING else {mangled: member})
    return found


def _parts_of_attributes(
    left: Any, right: Any, *, ignored: frozenset[str] = frozenset(), is_ordered: bool = True
) -> list[Part]:
    before = {name: value for name, value in _attributes(left).items() if name not in ignored}
    after = {name: value for name, value in _attributes(right).items() if name not in ignored}
    lost, new = sorted(before.keys() - after.keys()), sorted(after.keys() - before.keys())
    _require(not lost and not new, f"attributes lost: {lost}, new: {new}")
    same_order = list(before) == list(after) or not is_ordered
    _require(same_order, f"attributes in order {list(before)} became {list(after)}")
    return [(f".{name}", value, after[name]) for name, value in before.items()]


def _speaks_for_itself(value: Any) -> bool:
    """Tell whether a class says itself what its state is, or is native and has neither ``__dict__`` nor slots."""
    kind = type(value)
    own_state = getattr(kind, "__getstate__", None) not in (object.__getstate__, BaseEstimator.__getstate__)
    own_reduction = any(getattr(kind, name) is not getattr(object, name) for name in ("__reduce__", "__reduce_ex__"))
    return kind in copyreg.dispatch_table or own_reduction or own_state or not _attributes(value)


def _parts_of_reduction(left: Any, right: Any) -> list[Part]:
    before, after = _reduction(left), _reduction(right)
    if isinstance(before, str):
        _require(left is right, f"{left!r} became another object {right!r}")
        return []
    steps = (".__reduce__.call", ".__reduce__.arguments", ".__reduce__.state")
    _require(len(before) == len(after), "what __reduce__ gives has another length")
    return [(step, *pair) for step, pair in zip(steps, zip(before, after, strict=True), strict=False)] + [
        (f".__reduce__.items{number}", *map(_as_list, pair)) for number, pair in enumerate(_pairs(before, after))
    ]


def _reduction(value: Any) -> Any:
    reducer = copyreg.dispatch_table.get(type(value))
    return reducer(value) if reducer else value.__reduce_ex__(4)


def _pairs(before: tuple[Any, ...], after: tuple[Any, ...]) -> Iterator[tuple[Any, Any]]:
    return zip(before[3:], after[3:], strict=True)


def _as_list(items: Any) -> Any:
    return None if items is None else list(items)
