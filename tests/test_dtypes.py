"""dtypes are a closed grammar: what is outside is refused on both sides, what is inside comes back exactly."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as numpy_strategies

import hermetic
from hermetic.dtypes import describe_dtype, dtype_from_description, item_bytes, meaning_mask, stored_bytes, stored_dtype
from hermetic.errors import CannotSave, InvalidState

ALIGNED = np.dtype([("flag", "u1"), ("number", "f8"), ("place", "i4")], align=True)
PACKED = np.dtype([("flag", "u1"), ("number", "f8"), ("place", "i4")])
DTYPES = [
    *["?", "b", "B", "h", "H", "i", "I", "l", "L", "e", "f", "d", "g", "F", "D", "G"],
    *["S0", "S7", "U0", "U12", "V5", "M8", "M8[D]", "M8[25s]", "m8", "m8[ns]", ">i4", ">f8", ">U3", ">M8[ms]", ">c16"],
    PACKED,
    ALIGNED,
    np.dtype((np.record, PACKED)),
    np.dtype([]),
    np.dtype([("inner", ALIGNED), ("grid", "f4", (2, 3)), ("name", "U5")]),
    np.dtype([("records", np.dtype((np.record, PACKED)))]),
    np.dtype({"names": ["b", "a"], "formats": [">f4", "<i2"], "offsets": [2, 8], "itemsize": 20}),
    np.dtype([("æ b", "i4"), ("", "i4")]),
]


def _facts(dtype: np.dtype) -> tuple[object, ...]:
    """Give what == does not look at."""
    return dtype, repr(dtype), dtype.isalignedstruct, dtype.type, dtype.itemsize, dtype.byteorder


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_a_description_gives_the_dtype_back(dtype: object):
    dtype = np.dtype(dtype)
    back = dtype_from_description(describe_dtype(dtype))
    assert _facts(back) == _facts(dtype)
    assert item_bytes(describe_dtype(dtype)) == dtype.itemsize


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_an_array_and_the_dtype_itself_come_back_with_it(dtype: object):
    dtype = np.dtype(dtype)
    zeros = np.zeros(3, dtype)  # of S0 and U0 numpy makes S1 and U1
    array, value = hermetic.loads(hermetic.dumps([zeros, dtype]))
    assert _facts(array.dtype) == _facts(zeros.dtype)
    assert _facts(value) == _facts(dtype)


def test_long_long_comes_back_as_the_integer_of_its_size():
    assert dtype_from_description(describe_dtype(np.dtype("q"))) == np.dtype("q")


OVERLAPPING = {"names": ["a", "b"], "formats": ["<i4", "<i4"], "offsets": [0, 2], "itemsize": 6}
OUT_OF_ORDER = {"names": ["a", "b"], "formats": ["<i4", "<i4"], "offsets": [4, 0], "itemsize": 8}


@pytest.mark.parametrize("description", [OVERLAPPING, OUT_OF_ORDER], ids=["overlapping", "out-of-order"])
def test_fields_that_do_not_follow_each_other_are_refused_on_both_sides(description: dict[str, object]):
    with pytest.raises(CannotSave, match="repack_fields"):
        describe_dtype(np.dtype(description))
    with pytest.raises(InvalidState):
        dtype_from_description(description)


def test_dtypes_that_numpy_calls_equal_are_told_apart():
    # A cache that compared dtypes would mix them up.
    record = np.dtype((np.record, PACKED))
    assert record == PACKED
    descriptions = [describe_dtype(dtype) for dtype in (PACKED, record, PACKED)]
    assert ["record" in description for description in descriptions] == [False, True, False]


def test_a_dtype_with_metadata_is_refused_also_after_its_twin():
    describe_dtype(np.dtype("f8"))
    with pytest.raises(CannotSave, match="metadata"):
        describe_dtype(np.dtype("f8", metadata={"unit": "m"}))


OUTSIDE = [np.dtype(object), np.dtype([("a", "O")]), np.dtype([(("title", "a"), "i4")])]


@pytest.mark.parametrize("dtype", OUTSIDE, ids=str)
def test_a_dtype_outside_the_grammar_is_refused_with_what_to_do(dtype: np.dtype):
    with pytest.raises(CannotSave) as caught:
        hermetic.dumps(np.zeros(2, dtype) if dtype.names else [np.zeros(1, [("x", dtype)])])
    assert caught.value.next_step


@pytest.mark.parametrize("dtype", [np.dtype(object), np.dtype(("f4", (2, 3)))], ids=str)
def test_dtypes_that_no_memory_has_are_values_all_the_same(dtype: np.dtype):
    assert repr(hermetic.loads(hermetic.dumps(dtype))) == repr(dtype)


FIELD = {"names": ["a"], "formats": ["<i4"], "offsets": [0], "itemsize": 4}
HOSTILE = [
    "|O",
    "O",
    "<f3",
    "<i4,<i4",
    "<i4 ",
    "<M8[1000y]",
    "|S99999999999",
    "<U9999999999",
    "f8",
    "=f8",
    "|T16",
    "",
    None,
    3,
    [],
    {},
    {**FIELD, "formats": ["|O"]},
    {**FIELD, "offsets": [1]},
    {**FIELD, "offsets": [-1]},
    {**FIELD, "offsets": [2**63]},
    {**FIELD, "itemsize": 3},
    {**FIELD, "itemsize": 2**40},
    {**FIELD, "itemsize": -4},
    {**FIELD, "names": ["a", "a"], "formats": ["<i4"] * 2, "offsets": [0, 0]},
    {**FIELD, "names": ["a", "b"]},
    {**FIELD, "names": [1]},
    {**FIELD, "flags": 27},
    {**FIELD, "titles": ["t"]},
    {**FIELD, "record": False},
    {**FIELD, "aligned": 1},
    {**FIELD, "formats": [["<i4", [2]]]},
    {**FIELD, "formats": [["<i4", [-1]]]},
    {**FIELD, "formats": [["<i4", [2**40]]]},
    {**FIELD, "formats": [["<i4", []]]},
    {**FIELD, "formats": [["<i4", [1] * 40]]},
]


@pytest.mark.parametrize("description", HOSTILE, ids=lambda part: str(part)[:50])
def test_a_hostile_description_is_refused(description: object):
    with pytest.raises(InvalidState):
        dtype_from_description(description)


def test_a_description_nested_too_deeply_is_refused():
    description = FIELD
    for _ in range(40):
        description = {**FIELD, "formats": [description]}
    with pytest.raises(InvalidState):
        dtype_from_description(description)


@given(numpy_strategies.array_dtypes(allow_subarrays=True))
@settings(max_examples=60, deadline=None)
def test_any_structured_dtype_round_trips_or_is_refused(dtype: np.dtype):
    try:
        description = describe_dtype(dtype)
    except CannotSave:
        assert "'" in repr(dtype)
        return
    assert _facts(dtype_from_description(description)) == _facts(dtype)


@given(st.recursive(st.text(max_size=6) | st.integers() | st.none(), lambda part: st.lists(part, max_size=3)))
@settings(max_examples=60, deadline=None)
def test_no_description_raises_anything_but_invalid_state(description: object):
    for hostile in (description, {**FIELD, "formats": description}, {**FIELD, "names": description}):
        try:
            dtype_from_description(hostile)
        except InvalidState:
            continue


def test_padding_is_marked_and_zeroed():
    assert meaning_mask(ALIGNED).tolist() == [255] + [0] * 7 + [255] * 12 + [0] * 4
    dirty = np.frombuffer(bytearray(b"\xaa" * 48), dtype=ALIGNED)
    clean = dirty.copy()
    for array in (dirty, clean):
        for name in array.dtype.names:
            array[name] = 1
    assert hermetic.dumps(dirty) == hermetic.dumps(clean)


def test_the_unused_bytes_of_long_doubles_do_not_reach_the_file():
    values = np.frombuffer(b"\xaa" * 64, dtype=np.longdouble).copy()
    values[:] = 1
    dirty = np.frombuffer(bytearray(b"\xbb" * values.nbytes), dtype=np.longdouble)
    dirty[:] = 1
    assert hermetic.dumps(values) == hermetic.dumps(dirty)
    assert hermetic.dumps([values[0], np.clongdouble(1j) / 3]) == hermetic.dumps([dirty[1], np.clongdouble(1j) / 3])


def test_items_lie_little_endian_in_a_pool():
    assert stored_dtype(np.dtype(">f8")).str == "<f8"
    assert stored_dtype(np.dtype((np.record, PACKED))).type is np.void


def test_items_have_the_same_bytes_in_either_byte_order():
    for dtype in ("<i4", ">i4", "<f8", ">c16", "<U3", [("a", ">i8"), ("b", "u1")]):
        array = np.arange(3).astype(dtype)
        assert stored_bytes(array) == stored_bytes(array.astype(array.dtype.newbyteorder()))
    assert stored_bytes(np.array([[1, 2]], dtype=">i2")).hex() == "01000200"
    assert stored_bytes(np.asfortranarray([[1, 2], [3, 4]], dtype="|u1")).hex() == "01020304"
