"""Columns of plain values: what is packed, which separator divides texts, and what may stand in one table."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hermetic.columns import SEPARATORS, array_layout, is_plain_layout, pack_column, sequence_group, text_separator
from hermetic.graph import Packed, Same

PACKED = {
    "integers": ([1, 2], "int"),
    "the widest integers": ([-(2**63), 2**63 - 1], "int"),
    "floats": ([1.0, 2.0], "float"),
    "floats beyond JSON": ([float("nan"), float("inf")], "float"),
    "zeros of both signs": ([0.0, -0.0], "float"),
    "the same nan": ([float("nan")] * 2, "float"),
    "booleans": ([True, False], "bool"),
    "texts": (["a", "b"], "text"),
    "the same text beyond ASCII": (["é", "é"], "text"),
    "the same huge integer": ([2**60, 2**60], "int"),
    "numpy scalars": ([np.float32(1), np.float32(2)], "numpy"),
    "numpy zeros of both signs": ([np.float64(0.0), np.float64(-0.0)], "numpy"),
}


@pytest.mark.parametrize("name", PACKED)
def test_plain_values_of_one_type_are_packed(name: str):
    values, kind = PACKED[name]
    column = pack_column(values)
    assert isinstance(column, Packed)
    assert column.kind == kind
    assert repr(list(column.values)) == repr(values)


@pytest.mark.parametrize("value", [None, 1, -(2**53), 2.5, -0.0, True, False, "text", ""], ids=repr)
def test_one_value_in_every_row_is_said_once(value: Any):
    assert repr(pack_column([value] * 20)) == repr(Same(value))


NOT_PACKED = {
    "two types": [1, 1.0],
    "an integer and a boolean": [1, True],
    "too wide": [2**63, 1],
    "too low": [-(2**63) - 1, 1],
    "no separator is left": ["".join(SEPARATORS), "a"],
    "a lone surrogate": ["\ud800", "a"],
    "containers": [[1], [2]],
    "bytes": [b"a", b"b"],
    "numpy text": [np.str_("a"), np.str_("b")],
    "numpy moments": [np.datetime64("2020"), np.datetime64("2021")],
    "two numpy types": [np.float32(1), np.float64(1)],
    "the same numpy scalar": [np.float32(1), np.float32(1)],
    "functions": [len, max],
}


@pytest.mark.parametrize("name", NOT_PACKED)
def test_other_values_are_encoded_one_by_one(name: str):
    assert pack_column(NOT_PACKED[name]) is None


@given(st.lists(st.floats() | st.sampled_from([0.0, -0.0]), min_size=16, max_size=20))
def test_a_column_of_floats_holds_every_float_as_it_was(values: list[float]):
    column = pack_column(values)
    held = column.values if isinstance(column, Packed) else [column.value] * len(values)
    assert repr(list(held)) == repr(values)


@pytest.mark.parametrize("number", range(4))
def test_the_first_separator_that_no_text_contains_divides_them(number: int):
    assert text_separator(["a".join(SEPARATORS[:number]), "b"]) == SEPARATORS[number]


@given(st.lists(st.text(st.sampled_from("ab\n\0\x1f\x1eé\ud800")), min_size=1))
def test_texts_that_have_a_separator_can_be_divided_at_it(texts: list[str]):
    separator = text_separator(texts)
    if separator is not None:
        assert separator.join(texts).encode().decode().split(separator) == texts


GROUPS = [
    ([], [1], True),
    ((), (1,), True),
    ([], (), False),
    ({"a": 1}, {"a": 2}, True),
    ({"a": 1}, {"b": 1}, False),
    ({"a": 1, "b": 1}, {"b": 1, "a": 1}, False),
    ({}, {}, False),
    ({1: 1}, {1: 1}, False),
    ({"é": 1}, {"é": 1}, False),
    ({1}, {1}, False),
    (np.zeros(2), np.zeros(3), True),
    (np.zeros((2, 4)), np.zeros((3, 4)), True),
    (np.zeros((2, 4)), np.zeros((2, 5)), False),
    (np.zeros(2), np.zeros(2, "f4"), False),
    (np.zeros(2, "<f8"), np.zeros(2, ">f8"), False),
    (np.zeros((2, 3)), np.zeros((2, 3), order="F"), False),
    (np.zeros((2, 3), order="F"), np.ones((2, 3), order="F"), True),
    (np.zeros(8192), np.zeros(8192), False),
    (np.zeros((4, 4))[:, :2], np.zeros((4, 4))[:, :2], False),
    (np.array([None]), np.array([None]), False),
    (np.zeros(2, [("a", "i1")]), np.zeros(2, np.dtype([("a", "i1")], align=True)), False),
]


@pytest.mark.parametrize(("one", "other", "are_together"), GROUPS)
def test_two_containers_stand_in_one_table_when_they_are_alike(one: Any, other: Any, are_together: bool):
    assert (sequence_group(one) == sequence_group(other)) == are_together


BASE = np.zeros((6, 8))
LAYOUTS = {
    "C": (BASE, ("C", None)),
    "F": (BASE.T, ("F", None)),
    "one dimension": (BASE[0], ("C", None)),
    "a gap in each row": (BASE[:, :5], ("A", [8, 1])),
    "axes swapped": (np.zeros((2, 3, 4)).transpose(1, 0, 2), ("A", [4, 12, 1])),
    "every second": (np.zeros(12)[::2], ("A", [2])),
    "too much waste": (np.zeros(1000)[::10], ("C", None)),
    "backwards": (BASE[::-1], ("C", None)),
    "all the same": (np.broadcast_to(np.zeros(3), (4, 3)), ("C", None)),
    "no items": (np.zeros((0, 3)), ("C", None)),
    "steps of half an item": (np.zeros(8, [("a", "i2"), ("b", "i4")])["b"], ("C", None)),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_the_layout_of_an_array_is_one_of_three(name: str):
    array, layout = LAYOUTS[name]
    assert array_layout(array) == layout


PLAIN_LAYOUTS = [
    ([3, 3], [3, 1], True),
    ([3, 3], [1, 3], True),
    ([3, 3], [4, 1], True),
    ([3, 1], [1, 2**40], True),
    ([], [], True),
    ([3, 3], [1, 1], False),
    ([3, 3], [2, 1], False),
    ([3, 3], [0, 1], False),
    ([3, 3], [-3, 1], False),
    ([3, 3], [2**60, 1], False),
    ([3, 1], [1, 0], False),
    ([3, 1], [1, 2**40 + 1], False),
    ([0, 3], [3, 1], False),
    ([3], [3, 1], False),
    ([3, 3], [1], False),
    ([100], [2], True),
    ([100], [3], False),
    ([2], [19], True),
    ([2], [20], False),
]


@pytest.mark.parametrize(("shape", "strides", "is_plain"), PLAIN_LAYOUTS)
def test_a_plain_layout_places_every_item_alone_without_much_waste(
    shape: list[int], strides: list[int], is_plain: bool
):
    assert is_plain_layout(shape, strides) == is_plain
