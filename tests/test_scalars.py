"""Every immutable value comes back with its type and its bits; what is outside the grammar is refused unread."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hermetic
from hermetic.codecs.scalars import check_scalar, decode_scalar
from hermetic.errors import HermeticError, InvalidState


def _bring_back(value: object):
    saved = hermetic.dumps(value)
    restored = hermetic.loads(saved)
    assert hermetic.dumps(restored) == saved
    return restored


PLAIN = [
    *[None, True, False, 0, -1, 2**53, 2**53 + 1, -(2**53) - 1, 2**64, -(2**200), 0.0, -0.0, 1e308, 5e-324],
    *[
        math.nan,
        math.inf,
        -math.inf,
        1j,
        complex(-0.0, math.nan),
        "",
        "a\0b",
        "æ😀",
        "\ud800",
        "\u2028",
        b"",
        b"\xff\0",
    ],
    *[(), (1, "a", None), ((1, 2), 3), Ellipsis, NotImplemented, int, np.float64, np.ndarray, np.dtype, np.log1p, len],
]
NUMPY = [
    *[np.bool_(True), np.int8(-5), np.uint64(2**64 - 1), np.int64(-(2**63)), np.float16(0.1), np.float32(math.pi)],
    *[
        np.float64(-0.0),
        np.float64(math.nan),
        np.float32(-math.inf),
        np.complex64(1 + 2j),
        np.complex128(complex(0, math.nan)),
    ],
    *[
        np.longdouble(1) / 3,
        np.clongdouble(1j) / 3,
        np.str_("a\0b"),
        np.str_(""),
        np.str_("a\0"),
        np.bytes_(b"\xff"),
        np.bytes_(b""),
        np.bytes_(b"a\0"),
    ],
    *[np.datetime64("2020-01-01T00:00", "m"), np.datetime64("NaT"), np.timedelta64(5, "D"), np.timedelta64(7)],
    *[np.datetime64(3, "25s"), np.timedelta64("NaT", "ns")],
]


@pytest.mark.parametrize("value", [*PLAIN, *NUMPY], ids=lambda value: f"{type(value).__name__}-{str(value)[:20]!a}")
def test_a_value_comes_back_with_its_type_and_its_bits(value: object):
    for restored in (_bring_back(value), _bring_back([value] * 20)[19], _bring_back({"key": (value, 1)})["key"][0]):
        assert type(restored) is type(value)
        assert repr(restored) == repr(value)


@pytest.mark.parametrize("value", NUMPY, ids=lambda value: f"{type(value).__name__}-{str(value)[:20]!a}")
def test_a_numpy_scalar_keeps_its_dtype(value: np.generic):
    assert repr(_bring_back(value).dtype) == repr(value.dtype)


def test_a_nan_keeps_its_payload_as_numpy_scalar():
    value = np.array([0x7FF8DEADBEEF0001], dtype=np.uint64).view(np.float64)[0]
    assert np.array(_bring_back(value)).view(np.uint64) == 0x7FF8DEADBEEF0001


def test_values_that_compare_equal_are_told_apart():
    values = [1, 1.0, True, np.int64(1), np.float64(1), np.True_, 0.0, -0.0, np.float64(-0.0)]
    for column in (values, values * 10, [0.0] * 19 + [-0.0], [1] * 19 + [True], [np.int8(1)] * 20 + [np.int16(1)]):
        restored = _bring_back(column)
        assert list(map(repr, restored)) == list(map(repr, column))
        assert list(map(type, restored)) == list(map(type, column))


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats()
        | st.text(st.characters(exclude_categories=()))
        | st.binary(),
        lambda part: st.lists(part) | st.tuples(part, part) | st.dictionaries(st.text(), part),
        max_leaves=30,
    )
)
@settings(max_examples=80, deadline=None)
def test_any_plain_value_comes_back(value: object):
    assert repr(_bring_back(value)) == repr(value)


@given(st.lists(st.floats(width=32) | st.integers(0, 2**64 - 1), min_size=16, max_size=20))
@settings(max_examples=40, deadline=None)
def test_any_column_of_numpy_scalars_comes_back(numbers: list[float]):
    values = [np.uint64(number) if isinstance(number, int) else np.float32(number) for number in numbers]
    assert list(map(repr, _bring_back(values))) == list(map(repr, values))


HOSTILE = [
    {},
    {"a": 1},
    {"float": "nan", "int": "0x1"},
    {"float": "NaN"},
    {"float": "1.0"},
    {"float": 1.0},
    {"int": "1"},
    {"int": "0x5"},
    {"int": "0X20000000000001"},
    {"int": "0x020000000000001"},
    {"int": 2**60},
    {"text": "é"},
    {"text": "YQ"},
    {"bytes": "YQ==\n"},
    {"bytes": None},
    {"complex": [1.0]},
    {"complex": [1, 2]},
    {"complex": [1.0, {"float": {"nan": 1}}]},
    {"complex": [1.0, {"float": "nan", "int": "0x1"}]},
    {"complex": [1.0, {"int": "0x1"}]},
    {"tuple": [{"tuple": []}]},
    {"tuple": [[0]]},
    {"tuple": 1},
    {"numpy": ["|O", "AAAAAAAAAAA="]},
    {"numpy": ["<f8", 1]},
    {"numpy": ["<f8", "AAAA"]},
    {"numpy": ["<i8", 1.5]},
    {"numpy": ["<i8", True]},
    {"numpy": ["|b1", 1]},
    {"numpy": ["<U3", "a"]},
    {"numpy": ["|i1", 300]},
    {"numpy": ["|u1", -1]},
    {"numpy": ["|V3", "AAAA"]},
    {"numpy": ["|b1", "Ag=="]},
    {"numpy": ["<i8", "AAAAAAAAAAA="]},
    {"numpy": [["<f8", [2]], 1.0]},
    {"numpy": [{"names": [], "formats": [], "offsets": [], "itemsize": 0}, ""]},
    {"dtype": "|T16"},
    {"dtype": "O"},
    {"dtype": ["|O"]},
    {"dtype": ["<f8", []]},
    {"dtype": ["<f8", [-1]]},
    {"dtype": ["<f8", [True]]},
    {"dtype": ["<f8", [2**40]]},
    {"dtype": None},
    {"name": 5},
    {"name": -1},
    {"name": "os.system"},
    {"constant": "None"},
]


@pytest.mark.parametrize("value", HOSTILE, ids=lambda value: str(value)[:40])
def test_a_hostile_value_is_refused(value: object):
    with pytest.raises(InvalidState):
        check_scalar(value, 1)


@pytest.mark.parametrize(
    "value",
    [
        {"numpy": ["<i8", {"int": hex(2**80)}]},
        {"text": "/w=="},
        {"numpy": ["<U1", "////fw=="]},
        {"numpy": ["|V0", ""]},
        {"dtype": ["<f8", [2**31 - 1, 2**31 - 1]]},
        {"dtype": {"names": ["a"], "formats": ["<i4"], "offsets": [9], "itemsize": 4}},
    ],
    ids=str,
)
def test_a_value_that_only_making_it_shows_to_be_wrong_is_refused(value: dict[str, object]):
    with pytest.raises(HermeticError):
        check_scalar(value, 0)
        decode_scalar(value, [])


def test_a_dtype_whose_items_are_too_large_is_told_whole():
    value = {"dtype": ["<f8", [2**31 - 1, 2**31 - 1]]}
    check_scalar(value, 0)
    with pytest.raises(InvalidState, match=r"not a value: .*'dtype': \['<f8', \[2147483647, 2147483647\]\]"):
        decode_scalar(value, [])
