"""Dtypes, arrays and scalars are made of what pickles say of them, and nothing that they say is believed."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

from hermetic.errors import FormatError
from hermetic.legacy_arrays import (
    array_of_bytes,
    array_of_state,
    bytes_of,
    dtype_of_state,
    dtype_of_text,
    scalar_of_bytes,
)

DTYPES = ["?", "i1", "<u2", ">i4", "f2", "f8", "c16", "S5", "U3", "V7", "M8[ns]", "m8[25s]", "M8", "O"]
STATE = (3, "<", None, None, None, -1, -1, 0)


def _read(dtype: Any) -> Any:
    _, arguments, state = np.dtype(dtype).__reduce__()
    return dtype_of_state(dtype_of_text(arguments[0]), state)


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_dtype_is_that_of_numpy(dtype: str) -> None:
    assert _read(dtype) == np.dtype(dtype)


@pytest.mark.parametrize(
    "dtype",
    [
        [("a", "f4"), ("b", ">i2")],
        [("a", "f4", (2, 3))],
        {"names": ["a", "b"], "formats": ["i1", "f8"], "offsets": [0, 16], "itemsize": 32},
    ],
)
def test_a_structure_is_that_of_numpy(dtype: Any) -> None:
    assert pickle.loads(pickle.dumps(np.dtype(dtype))) == _nested(np.dtype(dtype))


def _nested(dtype: Any) -> Any:
    _, arguments, state = dtype.__reduce__()
    return dtype_of_state(dtype_of_text(arguments[0]), state)


@pytest.mark.parametrize(
    "text", ["", "x", "f", "f3", "U9999999999", "i4,i4", "(2,3)f8", "float64", "f8 ", "f8\n", None, 8, b"f8", "O16"]
)
def test_a_text_that_numpy_does_not_write_is_no_dtype(text: Any) -> None:
    with pytest.raises(FormatError):
        dtype_of_text(text)


@pytest.mark.parametrize(
    "state",
    [
        None,
        (),
        [3, "<", None, None, None, -1, -1, 0],
        (9, *STATE[1:]),
        STATE[:5],
        (3, "x", *STATE[2:]),
        (3, 7, *STATE[2:]),
        (*STATE[:2], (1, 2), *STATE[3:]),
        (*STATE[:2], (np.dtype("f8"), (1 << 40,)), *STATE[3:]),
        (*STATE[:2], (np.dtype("f8"), (-1,)), *STATE[3:]),
        (*STATE[:3], ("a",), {}, 8, 1, 0),
        (*STATE[:3], ("a",), {"a": (np.dtype("f8"), "x")}, 8, 1, 0),
        (*STATE[:3], ("a",), {"a": (np.dtype("f8"), 1 << 40)}, 8, 1, 0),
        (*STATE[:3], ("a",), {"a": (np.dtype("f8"), -8)}, 8, 1, 0),
        (*STATE[:3], ("a",), {"a": "f8"}, 8, 1, 0),
        (*STATE[:3], ["a"], {"a": (np.dtype("f8"), 0)}, 8, 1, 0),
        (*STATE[:3], (7,), {7: (np.dtype("f8"), 0)}, 8, 1, 0),
        (4, *STATE[1:], ({}, ("furlongs", 1, 1, 1))),
        (4, *STATE[1:], ({}, ("s", 1 << 40, 1, 1))),
        (4, *STATE[1:], "s"),
    ],
)
def test_a_state_that_numpy_does_not_write_makes_no_dtype(state: Any) -> None:
    with pytest.raises(FormatError):
        dtype_of_state(np.dtype("M8") if type(state) is tuple and len(state) == 9 else np.dtype("V8"), state)


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (0, 2), (1, 1, 1)])
def test_an_array_of_bytes_is_that_of_numpy(shape: tuple[int, ...], order: Any) -> None:
    array = np.arange(int(np.prod(shape)), dtype="f4").reshape(shape, order=order)
    made = array_of_bytes(array.tobytes(order=order), array.dtype, shape, order)
    assert (made.shape, made.dtype) == (array.shape, array.dtype)
    assert (made == array).all()


def test_an_array_is_a_view_of_bytes_that_nobody_can_write_to() -> None:
    assert not array_of_bytes(bytes(8), np.dtype("f8"), (1,), "C").flags.writeable


@pytest.mark.parametrize(
    ("data", "dtype", "shape"),
    [
        (bytes(8), "f8", (2,)),
        (bytes(8), "f8", (1 << 62,)),
        (bytes(8), "f8", (1 << 70,)),
        (bytes(8), "f8", (-1,)),
        (bytes(8), "f8", (-1, -1)),
        (bytes(8), "f8", (1.0,)),
        (bytes(8), "f8", "1"),
        (bytes(8), "f8", (True,)),
        (bytes(8), "f8", (1,) * 40),
        (bytes(8), "O", (1,)),
        (bytes(7), "f8", ()),
    ],
)
def test_bytes_that_are_not_as_many_as_they_say_make_no_array(data: bytes, dtype: str, shape: Any) -> None:
    with pytest.raises(FormatError):
        array_of_bytes(data, np.dtype(dtype), shape, "C")


@pytest.mark.parametrize(
    "state",
    [
        None,
        (),
        (1, (1,), "f8", False, bytes(8)),
        (1, (1,), None, False, bytes(8)),
        (1, (1,), np.dtype("f8"), False, 7),
        (1, (1,), np.dtype("f8"), False, [1.0]),
        (1, (2,), np.dtype(object), False, [1]),
        (1, (1 << 62,), np.dtype(object), False, []),
        (1, (1,), np.dtype("f8"), False, "ĀĀĀĀĀĀĀĀ"),
        (1, 2, 3, (1,), np.dtype("f8"), False, bytes(8)),
    ],
)
def test_a_state_that_numpy_does_not_write_makes_no_array(state: Any) -> None:
    with pytest.raises(FormatError):
        array_of_state(state)


@pytest.mark.parametrize(
    ("dtype", "content"),
    [
        (np.dtype("f8"), bytes(7)),
        (np.dtype("f8"), None),
        (np.dtype("O"), bytes(8)),
        ("f8", bytes(8)),
        (np.dtype("f8"), 8.0),
    ],
)
def test_a_scalar_is_one_item_of_its_dtype(dtype: Any, content: Any) -> None:
    with pytest.raises(FormatError):
        scalar_of_bytes(dtype, content)


@pytest.mark.parametrize(
    "scalar", [np.float32(1.5), np.datetime64(7, "s"), np.str_("ab"), np.bytes_(b"x"), np.void(b"a")]
)
def test_a_scalar_is_that_of_numpy(scalar: Any) -> None:
    made = scalar_of_bytes(scalar.dtype, scalar.tobytes())
    assert type(made) is type(scalar)
    assert made == scalar


def test_text_of_old_protocols_is_bytes() -> None:
    assert bytes_of("\xff") == b"\xff"
    assert bytes_of("Ā") is None
    assert bytes_of(bytearray(b"a")) == b"a"
    assert bytes_of(None) is None
