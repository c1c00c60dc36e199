"""Nested values of the plain types, made up by hypothesis, and what makes two of them the same."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as numpy_strategies

__all__ = ["PLAIN_VALUES", "assert_same_value"]

_KEYS = st.none() | st.booleans() | st.integers() | st.text(max_size=4) | st.binary(max_size=3)
_SCALARS = _KEYS | st.floats() | st.complex_numbers() | st.sampled_from([np.float32(1.5), np.int8(-3), ..., np.log1p])
_HASHABLE = _KEYS | st.tuples(_KEYS, _KEYS) | st.frozensets(_KEYS, max_size=3)
_ARRAYS = numpy_strategies.arrays(
    st.sampled_from(["<f8", ">i4", "|b1", "<U3", "<M8[ns]"]), numpy_strategies.array_shapes(max_dims=3, max_side=3)
)
_COLUMNS = st.sampled_from([list(range(20)), [0.5] * 20, ["a", "b"] * 10, [True] * 19 + [False], [{"a": 1}] * 18])
_LEAVES = _SCALARS | _ARRAYS | _COLUMNS


def _nest(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    lists = st.lists(inner, max_size=4)
    return (
        lists
        | lists.map(tuple)
        | st.dictionaries(_HASHABLE, inner, max_size=4)
        | st.sets(_HASHABLE, max_size=4)
        | st.frozensets(_HASHABLE, max_size=4)
        | st.lists(st.fixed_dictionaries({"a": inner, "b": inner}), max_size=18)
        | lists.map(_as_objects)
    )


def _as_objects(items: list[Any]) -> np.ndarray:
    array = np.empty(len(items), dtype=object)
    array[:] = [None] * len(items)
    for position, item in enumerate(items):
        array[position] = item
    return array


@st.composite
def _shared(draw: st.DrawFn) -> Any:
    """Draw some parts, and a value in which each may stand several times."""
    parts = draw(st.lists(st.recursive(_LEAVES, _nest, max_leaves=6), min_size=1, max_size=3))
    return draw(st.recursive(_LEAVES | st.sampled_from(parts), _nest, max_leaves=12))


PLAIN_VALUES = _shared()


def assert_same_value(expected: Any, found: Any) -> None:
    """Compare types, bits, order and which containers are one object; never with ``==``, for which 1 is True."""
    partners: dict[int, int] = {}
    stack = [(expected, found)]
    while stack:
        one, other = stack.pop()
        assert type(one) is type(other)
        if isinstance(one, (list, dict, np.ndarray)):
            assert partners.setdefault(id(one), id(other)) == id(other), "one object came back as two"
        stack.extend(_parts(one, other))
    assert len(set(partners.values())) == len(partners), "two objects came back as one"


def _parts(one: Any, other: Any) -> list[tuple[Any, Any]]:
    if isinstance(one, (set, frozenset)):
        assert sorted(map(_form, one)) == sorted(map(_form, other))
        return []
    if isinstance(one, np.ndarray) and one.dtype != object:
        assert (one.dtype.str, one.shape, one.tobytes()) == (other.dtype.str, other.shape, other.tobytes())
        return []
    if isinstance(one, (list, tuple, np.ndarray)):
        assert len(one) == len(other)
        return list(zip(one, other, strict=True))
    if isinstance(one, dict):
        assert len(one) == len(other)
        return [*zip(one, other, strict=True), *zip(one.values(), other.values(), strict=True)]
    assert repr(one) == repr(other)
    return []


def _form(member: Any) -> str:
    if isinstance(member, frozenset):
        return f"frozenset {sorted(map(_form, member))}"
    return repr(member)
