"""numpy's dtypes, arrays and scalars from what pickles say: equal to numpy's own, and nothing hostile is believed."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest

from hermetic import FormatError
from hermetic.legacy_arrays import (
    array_of_bytes,
    array_of_state,
    bytes_of,
    dtype_of_state,
    dtype_of_text,
    scalar_of_bytes,
)

U1, F8, OBJECT = np.dtype("u1"), np.dtype("f8"), np.dtype(object)

DTYPES = [
    *map(
        np.dtype,
        ["?", "i1", "u2", "i4", "u8", "f2", "f4", "f8", "c8", "c16", ">i4", ">f8", "S5", "U7", ">U3", "V4", "O"],
    ),
    *map(np.dtype, ["M8[D]", "m8[15us]", "M8", ">M8[s]", "M8[25Y]"]),
    np.dtype([("a", "<f8"), ("b", ">i4", (2, 3)), ("c", "O")]),
    np.dtype([("a", "u1"), ("b", [("c", "f8"), ("d", "S2")])], align=True),
    np.dtype({"names": ["a", "b"], "formats": ["u1", "f4"], "offsets": [3, 8], "itemsize": 20}),
]


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_a_dtype_is_the_one_that_numpy_would_make(dtype: np.dtype):
    _, arguments, state = dtype.__reduce__()
    found = dtype_of_state(dtype_of_text(arguments[0]), state)
    assert (found, found.str, found.isalignedstruct) == (dtype, dtype.str, dtype.isalignedstruct)
    assert found.fields == dtype.fields


@pytest.mark.parametrize(
    "text",
    [
        *("f8,f8", "(9,)f8", "f9", "i3", "U-1", "U01", "S1000000000", "f8 ", "object", "", "T", "M8[D]", "\u0660"),
        *(None, 5, b"f8", ["f8"], ("f8", 2), F8),
    ],
    ids=repr,
)
def test_another_text_is_no_dtype(text: Any):
    with pytest.raises(FormatError, match="no dtype that numpy writes"):
        dtype_of_text(text)


def test_a_message_is_short_whatever_stands_there():
    laugh: Any = ()
    for _ in range(60):
        laugh = (laugh, laugh)
    for refuse in (lambda: dtype_of_text(laugh), lambda: dtype_of_state(U1, (3, laugh, *[None] * 3, -1, -1, 0))):
        try:
            refuse()
        except FormatError as error:
            assert len(str(error)) < 300
        else:
            raise AssertionError("it was not refused")


def test_long_text_is_cut():
    with pytest.raises(FormatError) as refused:
        dtype_of_text("x" * 10_000)
    assert len(str(refused.value)) < 300


def state(**changes: Any) -> tuple[Any, ...]:
    """Give the state of a dtype, with some of its parts changed."""
    parts = {
        "version": 3,
        "order": "<",
        "sub": None,
        "names": None,
        "fields": None,
        "size": -1,
        "align": -1,
        "flags": 0,
    }
    return tuple({**parts, **changes}.values())


FIELDS = {"a": (U1, 0), "b": (F8, 8)}
UNIT = (b"D", 1, 1, 1)


@pytest.mark.parametrize(
    ("dtype", "given", "words"),
    [
        ("i4", None, "the state of a dtype is not"),
        ("i4", (), "the state of a dtype is not"),
        ("i4", (3, "<"), "the state of a dtype is not"),
        ("i4", state(version=2), "the state of a dtype is not"),
        ("i4", state(version="3"), "no whole number below"),
        ("i4", state(version=True), "no whole number below"),
        ("i4", state(order="="), ""),
        ("i4", state(order="<<"), "is no byte order"),
        ("i4", state(order=b"<"), "is no byte order"),
        ("i4", state(order=["<"]), "is no byte order"),
        ("i4", state(sub=(U1,)), "sub-array"),
        ("i4", state(sub=[U1, (2,)]), "sub-array"),
        ("i4", state(sub=("u1", (2,))), "sub-array"),
        ("i4", state(sub=(U1, (-2,))), "no tuple of whole numbers"),
        ("i4", state(sub=(F8, (1 << 30, 1 << 30))), "one item of a dtype has the shape"),
        ("i4", state(names=["a"], fields=FIELDS), "the fields of a dtype are not those"),
        ("V9", state(names=("a",), fields=[("a", U1)]), "the fields of a dtype are not those"),
        ("V9", state(names=("a",), fields=FIELDS), "the fields of a dtype are not those"),
        ("V9", state(names=("a", "c"), fields=FIELDS), "the field 'c' of a dtype"),
        ("V9", state(names=("a", 5), fields=FIELDS), "the field a int of a dtype"),
        ("V9", state(names=("a", "b"), fields={"a": (U1, 0), "b": F8}), "the field 'b' of a dtype"),
        ("V9", state(names=("a", "b"), fields={"a": (U1, 0), "b": ("f8", 0)}), "the field 'b' of a dtype"),
        ("V9", state(names=("a",), fields={"a": (U1, 0.5)}), "no whole number below"),
        ("V9", state(names=("a",), fields={"a": (U1, 1 << 62)}), "no whole number below"),
        ("V9", state(names=("a",), fields={"a": (F8, 4)}, size=4), "no dtype has these fields"),
        ("V9", state(names=("a",), fields={"a": (F8, -4)}, size=40), "no dtype has these fields"),
        ("V9", state(names=("a",), fields={"a": (F8, 0)}, size=1 << 40), "no dtype has these fields"),
        ("V9", state(names=("a", "b"), fields={"a": (OBJECT, 0), "b": (F8, 0)}, size=8), "no dtype has these fields"),
        ("V9", state(names=("a",), fields={"a": (U1, 0)}, size="8"), "no whole number below"),
        ("V9", state(names=("a",), fields={"a": (U1, 0)}, size=8, flags=None), "no whole number below"),
        ("i4", state(version=4, metadata=({}, UNIT)), "a dtype carries metadata"),
        ("M8", state(version=4, metadata=({},)), "a dtype carries metadata"),
        ("M8", state(version=4, metadata={"a": 1}), "a dtype carries metadata"),
        ("M8", state(version=4, metadata=({}, (b"D",))), "the unit of a datetime is not"),
        ("M8", state(version=4, metadata=({}, [b"D", 1, 1])), "the unit of a datetime is not"),
        ("M8", state(version=4, metadata=({}, (b"X", 1, 1, 1))), "none that numpy knows"),
        ("M8", state(version=4, metadata=({}, (b"\xff", 1, 1, 1))), "none that numpy knows"),
        ("M8", state(version=4, metadata=({}, ([], 1, 1, 1))), "none that numpy knows"),
        ("M8", state(version=4, metadata=({}, (b"D", 0, 1, 1))), "none that numpy knows"),
        ("M8", state(version=4, metadata=({}, (b"D", 1 << 31, 1, 1))), "none that numpy knows"),
        ("M8", state(version=4, metadata=({}, (b"D", "1", 1, 1))), "no whole number below"),
    ],
)
def test_a_state_that_numpy_does_not_write_is_refused(dtype: str, given: Any, words: str):
    if not words:
        assert dtype_of_state(np.dtype(dtype), given) == dtype
        return
    with pytest.raises(FormatError) as refused:
        dtype_of_state(np.dtype(dtype), given)
    assert words in refused.value.found


def test_the_unit_may_be_text_and_generic():
    assert dtype_of_state(np.dtype("M8"), state(version=4, metadata=({}, ("s", 5, 1, 1)))) == np.dtype("M8[5s]")
    assert dtype_of_state(np.dtype("M8"), state(version=4, metadata=({}, (b"generic", 1, 1)))) == np.dtype("M8")
    assert dtype_of_state(np.dtype("i4"), state(version=4, metadata=None)) == np.dtype("i4")


def test_fields_inside_each_other_come_to_an_end():
    before = time.perf_counter()
    for size, level in (("V0", 60), ("u1", 29)):
        nested = np.dtype(size)
        with pytest.raises(FormatError, match="too many fields inside each other"):
            for _ in range(level):
                fields = {"a": (nested, 0), "b": (nested, nested.itemsize)}
                nested = dtype_of_state(U1, state(names=("a", "b"), fields=fields, size=2 * nested.itemsize))
    assert time.perf_counter() - before < 10


def test_a_chain_of_fields_comes_to_an_end():
    nested = U1
    with pytest.raises(FormatError, match="too many fields inside each other"):
        for _ in range(40):
            nested = dtype_of_state(U1, state(names=("a",), fields={"a": (nested, 0)}, size=1))
    repeated = U1
    with pytest.raises(FormatError, match="too many fields inside each other"):
        for _ in range(40):
            inner = dtype_of_state(U1, state(sub=(repeated, (1,))))
            repeated = dtype_of_state(U1, state(names=("a",), fields={"a": (inner, 0)}, size=1))


def test_more_fields_than_any_table_has_are_refused():
    names = tuple(map(str, range(10_001)))
    with pytest.raises(FormatError, match="the fields of a dtype are not those"):
        dtype_of_state(U1, state(names=names, fields=dict.fromkeys(names, (U1, 0)), size=1))


@pytest.mark.parametrize(
    ("value", "expected"),
    [("\xff", b"\xff"), ("", b""), ("\u20ac", None), (b"a", b"a"), (bytearray(b"a"), b"a"), (1, None), ([1], None)],
    ids=repr,
)
def test_the_bytes_of_something(value: Any, expected: bytes | None):
    assert bytes_of(value) == expected


def test_a_view_has_bytes():
    assert bytes_of(memoryview(b"ab")) == b"ab"


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("dtype", [dtype for dtype in DTYPES if not dtype.hasobject], ids=str)
@pytest.mark.parametrize("shape", [(), (1,), (2, 3), (0, 4), (2, 1, 2)], ids=str)
def test_an_array_over_bytes_is_equal(dtype: np.dtype, shape: tuple[int, ...], order: str):
    array = np.zeros(shape, dtype, order="C" if order == "C" else "F")
    found = array_of_bytes(bytes(array.nbytes), dtype, shape, order)
    assert (found.dtype, found.shape) == (dtype, shape)
    assert np.array_equal(found, array)
    assert found.flags.f_contiguous == array.flags.f_contiguous
    assert not found.flags.writeable or not found.size


def test_a_sub_array_becomes_dimensions():
    dtype = np.dtype((F8, (2,)))
    assert array_of_bytes(bytes(48), dtype, (3,), "C").shape == (3, 2)
    assert array_of_bytes(b"", dtype, (0,), "C").shape == (0, 2)


def test_what_is_not_aligned_is_copied():
    data = memoryview(b"x" + np.arange(3.0).tobytes())[1:]
    found = array_of_bytes(data, F8, (3,), "C")
    assert found.flags.aligned
    assert found.tolist() == [0.0, 1.0, 2.0]
    aligned = np.arange(3.0)
    assert np.shares_memory(array_of_bytes(memoryview(aligned).cast("B"), F8, (3,), "C"), aligned)


HUGE = 1 << 61


@pytest.mark.parametrize(
    ("data", "dtype", "shape", "order", "words"),
    [
        (b"a", U1, (2,), "C", "takes 2 bytes, found 1"),
        (b"aaa", U1, (2,), "C", "takes 2 bytes, found 3"),
        (b"", U1, (HUGE, HUGE), "C", "bytes, found 0"),
        (b"", U1, (HUGE, HUGE, 0), "C", "no array has this shape"),
        (b"", np.dtype("V0"), (1 << 40,), "C", "takes 0 bytes, found 0"),
        (b"", np.dtype("V0"), (1_000_001,), "C", "takes 0 bytes, found 0"),
        (b"a", U1, (1.0,), "C", "no tuple of whole numbers"),
        (b"a", U1, (True,), "C", "no tuple of whole numbers"),
        (b"a", U1, (-1,), "C", "no tuple of whole numbers"),
        (b"a", U1, (1 << 62,), "C", "no tuple of whole numbers"),
        (b"a", U1, [1], "C", "no tuple of whole numbers"),
        (b"a", U1, None, "C", "no tuple of whole numbers"),
        (b"a", U1, (1,) * 33, "C", "no tuple of whole numbers"),
        (bytes(8), OBJECT, (1,), "C", "no dtype of plain items"),
        (bytes(16), np.dtype([("a", "O"), ("b", "f8")]), (1,), "C", "no dtype of plain items"),
        (b"a", "u1", (1,), "C", "no dtype of plain items"),
        (b"a", None, (1,), "C", "no dtype of plain items"),
        (b"a", U1, (1,), "K", "no dtype of plain items"),
        (b"a", U1, (1,), None, "no dtype of plain items"),
        (b"a", U1, (1,), ["C"], "no dtype of plain items"),
        (b"", np.dtype((F8, (0,))), (HUGE,), "C", "takes 0 bytes, found 0"),
    ],
)
def test_an_array_that_does_not_fit_is_refused(data: bytes, dtype: Any, shape: Any, order: Any, words: str):
    with pytest.raises(FormatError) as refused:
        array_of_bytes(data, dtype, shape, order)
    assert words in refused.value.found


def test_a_length_alone_is_a_shape():
    assert array_of_bytes(b"ab", U1, 2, "C").tolist() == [97, 98]


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6.0).reshape(2, 3),
        np.asfortranarray(np.arange(6).reshape(2, 3)),
        np.array([[1, None], ["a", (2, 3)]], dtype=object),
        np.array([[1, None], ["a", [2]]], dtype=object, order="F"),
        np.array(["a", "b"]),
        np.zeros((0, 3)),
        np.array(5),
    ],
    ids=lambda array: f"{array.dtype}{array.shape}",
)
def test_the_state_of_an_array_gives_an_equal_one(array: np.ndarray):
    given = array.__reduce__()[2]
    for whole in (given, given[1:]):  # numpy 1.0 wrote no version
        found = array_of_state(whole)
        assert (found.dtype, found.shape, found.tolist()) == (array.dtype, array.shape, array.tolist())
        assert found.flags.f_contiguous == array.flags.f_contiguous


def test_text_of_python_2_is_the_bytes_of_an_array():
    assert array_of_state((1, (2,), U1, False, "\x00\xff")).tolist() == [0, 255]


@pytest.mark.parametrize("items", [[], ["text"], ["a", None, 1 << 70, 2.5, True, "bc"], [None], ["a", (1, 2), "b"]])
def test_an_array_of_objects_holds_the_very_objects(items: list[object]):
    found = array_of_state((1, (len(items),), OBJECT, 0, items)).tolist()
    assert list(map(id, found)) == list(map(id, items))


def test_sequences_of_equal_length_stay_objects():
    assert array_of_state((1, (2,), OBJECT, 0, [[1, 2], [3, 4]])).tolist() == [[1, 2], [3, 4]]
    assert array_of_state((1, (2,), OBJECT, 0, [[1, 2], [3, 4]])).shape == (2,)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (None, "the state of an array is not"),
        ((1, (1,), U1), "the state of an array is not"),
        ((1, (1,), "u1", False, b"a"), "the state of an array is not"),
        ([1, (1,), U1, False, b"a"], "the state of an array is not"),
        ((1, (1,), U1, False, 5), "neither bytes nor"),
        ((1, (1,), U1, False, "\u20ac"), "neither bytes nor"),
        ((1, (1,), U1, None, b"a"), "no whole number"),
        ((1, (1,), U1, np.zeros(2), b"a"), "no whole number"),
        ((1, (1,), U1, False, b"ab"), "takes 1 bytes, found 2"),
        ((1, (2,), OBJECT, False, [1]), "no list of as many items"),
        ((1, (1,), OBJECT, False, (1,)), "no list of as many items"),
        ((1, (1,), OBJECT, False, b"a"), "no list of as many items"),
        ((1, (HUGE, HUGE, 0), OBJECT, False, []), "no array has this shape"),
        ((1, ("a",), OBJECT, False, []), "no tuple of whole numbers"),
    ],
)
def test_a_state_of_an_array_that_numpy_does_not_write_is_refused(given: Any, words: str):
    with pytest.raises(FormatError) as refused:
        array_of_state(given)
    assert words in refused.value.found


@pytest.mark.parametrize("dtype", [dtype for dtype in DTYPES if not dtype.hasobject], ids=str)
def test_a_scalar_of_its_bytes_is_equal(dtype: np.dtype):
    expected = np.zeros(1, dtype)[0]
    found = scalar_of_bytes(dtype, bytes(dtype.itemsize))
    assert (type(found), found.dtype) == (type(expected), expected.dtype)
    assert found == expected


def test_an_empty_scalar_has_its_type():
    assert scalar_of_bytes(np.dtype("U0"), b"") == np.str_("")
    assert scalar_of_bytes(U1, "\x07") == 7


@pytest.mark.parametrize(
    ("dtype", "content"),
    [(U1, b""), (U1, b"ab"), (U1, "\u20ac"), (U1, None), (OBJECT, bytes(8)), ("u1", b"a"), (None, b"")],
    ids=repr,
)
def test_another_scalar_is_refused(dtype: Any, content: Any):
    with pytest.raises(FormatError, match="not one item of a dtype"):
        scalar_of_bytes(dtype, content)
