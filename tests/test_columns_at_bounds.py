"""Columns at their bounds: the narrowest dtype, equal values that are not the same, and lengths around the limits."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import hermetic
from hermetic.columns import (
    MIN_PACKED,
    POSITIONAL_LENGTH,
    array_layout,
    pack_column,
    packed_dtype,
    say_once,
    sequence_group,
)
from hermetic.graph import Packed, Same

WIDTHS = [("|i1", 7), ("<i2", 15), ("<i4", 31), ("<i8", 63)]


@pytest.mark.parametrize(("dtype", "bits"), WIDTHS)
def test_integers_up_to_the_bound_fit_their_dtype(dtype: str, bits: int):
    bound = 1 << bits
    assert packed_dtype("int", -bound, bound - 1) == dtype
    assert packed_dtype("int", bound - 1, bound - 1) == dtype
    assert packed_dtype("int", -bound, -bound) == dtype
    assert (np.iinfo(dtype).min, np.iinfo(dtype).max) == (-bound, bound - 1)


@pytest.mark.parametrize(("number", "bits"), [(number, bits) for number, (_, bits) in enumerate(WIDTHS[:-1])])
@pytest.mark.parametrize("sign", [-1, 1])
def test_the_first_integer_beyond_the_bound_takes_the_next_dtype(number: int, bits: int, sign: int):
    beyond = (1 << bits) if sign > 0 else -(1 << bits) - 1
    assert packed_dtype("int", min(beyond, 0), max(beyond, 0)) == WIDTHS[number + 1][0]


@pytest.mark.parametrize(("kind", "dtype"), [("bool", "|b1"), ("float", "<f8")])
def test_other_kinds_have_one_dtype_whatever_the_bounds(kind: str, dtype: str):
    assert packed_dtype(kind) == packed_dtype(kind, -1, 1 << 40) == dtype


@pytest.mark.parametrize("bits", [7, 8, 15, 16, 31, 32, 53, 62])
def test_integers_around_a_power_of_two_come_back(bits: int):
    values = [sign * (1 << bits) + near for sign in (-1, 1) for near in range(-8, 8)]
    assert hermetic.loads(hermetic.dumps(values)) == values


@pytest.mark.parametrize("widest", [[2**63 - 1, -(2**63)], [2**63, 0], [-(2**63) - 1, 0], [10**100, 0]], ids=str)
def test_integers_at_and_beyond_64_bits_come_back(widest: list[int]):
    values = widest * MIN_PACKED
    assert hermetic.loads(hermetic.dumps(values)) == values


@pytest.mark.parametrize("length", [MIN_PACKED - 1, MIN_PACKED, MIN_PACKED + 1])
def test_a_column_is_said_once_from_sixteen_on(length: int):
    column = [[3]] * length
    assert say_once(column) == (Same([3]) if length >= MIN_PACKED else column)


SAME = [[3], [3, 1], 0.0, -0.0, {"float": "nan"}, {"tuple": [1, "a"]}, None, True]


@pytest.mark.parametrize("value", SAME, ids=str)
def test_equal_forms_are_said_once(value: Any):
    column = [value] * 20
    assert repr(say_once(column)) == repr(Same(value))


NOT_THE_SAME = [[1, 1.0], [1, True], [0, False], [0.0, -0.0], [[3], [3, 0]], [{"tuple": [1]}, {"tuple": [1.0]}]]


@pytest.mark.parametrize("pair", NOT_THE_SAME, ids=str)
def test_equal_values_of_another_form_are_each_said(pair: list[Any]):
    for column in (pair * 10, pair[::-1] * 10, [pair[0]] * 19 + pair[1:]):
        assert say_once(column) is column


MIXES = [
    [0, False],
    [1, True, 1],
    [1, 1.0],
    [None, 0],
    [0, np.int64(0)],
    [0.0, np.float64(0.0)],
    [True, np.True_],
    ["a", np.str_("a")],
    [np.int32(1), np.int64(1)],
    [np.float32("nan"), np.float64("nan")],
]


@pytest.mark.parametrize("mix", MIXES, ids=lambda mix: " ".join(type(value).__name__ for value in mix))
def test_values_of_two_types_are_not_packed_and_come_back_as_they_were(mix: list[Any]):
    values = mix * MIN_PACKED
    assert pack_column(values) is None
    back = hermetic.loads(hermetic.dumps(values))
    assert [(type(value), repr(value)) for value in back] == [(type(value), repr(value)) for value in values]


FLOATS = {
    "zeros of both signs": [0.0, -0.0],
    "zeros with one of the other sign": [0.0] * 19 + [-0.0],
    "negative zeros": [-0.0, -0.0],
    "nan": [math.nan, math.nan],
    "infinities": [math.inf, -math.inf],
    "the smallest": [5e-324, -5e-324],
    "the greatest": [1.7976931348623157e308, 0.1],
}


@pytest.mark.parametrize("name", FLOATS)
@pytest.mark.parametrize("kind", [float, np.float64, np.float32])
def test_a_column_of_floats_comes_back_bit_for_bit(name: str, kind: Any):
    with np.errstate(over="ignore", under="ignore"):
        values = [kind(value) for value in FLOATS[name]] * MIN_PACKED
    back = hermetic.loads(hermetic.dumps(values))
    assert {type(value) for value in back} == {kind}
    assert np.array(back).tobytes() == np.array(values).tobytes()


@pytest.mark.parametrize("payload", [0x7FF8000000000001, 0xFFF8000000000000, 0x7FF0000000000001])
def test_the_payload_of_a_nan_among_numpy_scalars_is_kept(payload: int):
    array = np.full(MIN_PACKED, payload, dtype=np.uint64)
    array[0] = 0
    values = list(array.view(np.float64))
    assert np.array(hermetic.loads(hermetic.dumps(values))).tobytes() == array.tobytes()


@pytest.mark.parametrize("dtype", ["?", "i1", "u8", "f2", "f4", "f8", "c8", "c16"])
def test_numpy_scalars_of_one_type_are_packed_with_their_dtype(dtype: str):
    values = list(np.arange(MIN_PACKED).astype(dtype))
    column = pack_column(values)
    assert isinstance(column, Packed)
    assert column.values.dtype == dtype
    assert [type(value) for value in hermetic.loads(hermetic.dumps(values))] == [type(value) for value in values]


@pytest.mark.parametrize("value", [2**53, -(2**53), 2**53 + 1, -(2**53) - 1, 2**63], ids=str)
def test_one_integer_in_every_row_is_said_once_where_json_can_hold_it(value: int):
    column = pack_column([value] * MIN_PACKED)
    assert (column == Same(value)) is (abs(value) <= 2**53)
    assert hermetic.loads(hermetic.dumps([value] * MIN_PACKED)) == [value] * MIN_PACKED


@pytest.mark.parametrize("n_keys", [POSITIONAL_LENGTH, POSITIONAL_LENGTH + 1])
def test_lists_of_the_length_that_has_a_column_for_each_position_and_one_more_come_back(n_keys: int):
    values = [[row * position for position in range(n_keys)] for row in range(MIN_PACKED)]
    assert hermetic.loads(hermetic.dumps(values)) == values


@pytest.mark.parametrize(("n_items", "are_together"), [(8191, True), (8192, False)])
def test_arrays_of_64_kib_stand_alone(n_items: int, are_together: bool):
    assert (sequence_group(np.zeros(n_items)) == sequence_group(np.ones(n_items))) is are_together


LAYOUTS = {
    "no axes": (np.zeros(()), ("C", None)),
    "one item": (np.zeros((5, 5))[2:3, 2:3], ("C", None)),
    "one row": (np.zeros((4, 8))[1:2], ("C", None)),
    "one column": (np.zeros((4, 2))[:, :1], ("A", [2, 1])),
    "one column among too many": (np.zeros((40, 8))[:, :1], ("C", None)),
    "twice the space and sixteen": (np.zeros(60)[::2][:18], ("A", [2])),
    "items of no size": (np.zeros((3, 4), "V0")[:, ::2], ("C", None)),
    "axes of one item in Fortran order": (np.zeros((1, 4, 1), order="F"), ("C", None)),
    "another order and gaps": (np.zeros((4, 3, 5)).transpose(2, 0, 1)[:, :, :2], ("A", [1, 15, 5])),
    "one axis backwards": (np.zeros((3, 4))[:, ::-1], ("C", None)),
    "the same row again": (np.lib.stride_tricks.as_strided(np.zeros(4), (2, 4), (0, 8)), ("C", None)),
    "rows that overlap": (np.lib.stride_tricks.as_strided(np.zeros(8), (4, 4), (8, 8)), ("C", None)),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_layout_is_kept_where_no_two_items_share_a_place(name: str):
    array, layout = LAYOUTS[name]
    assert array_layout(array) == layout


@pytest.mark.parametrize("name", LAYOUTS)
def test_an_array_comes_back_with_its_values_and_its_kept_layout(name: str):
    array, (order, strides) = LAYOUTS[name]
    filled = array if order == "C" else np.copy(array)
    if order == "A":
        room = np.arange(array.size * 4.0 + 64)
        filled = np.lib.stride_tricks.as_strided(room, array.shape, [stride * 8 for stride in strides])
    back = hermetic.loads(hermetic.dumps(filled))
    assert np.array_equal(back, filled)
    assert array_layout(back) == (order, strides)
    assert back.flags.writeable
