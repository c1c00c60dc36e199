"""Reading what lies in pools: every slice where it must be, every byte used, every dtype and shape believed in nothing.

All files here come from the real writer, so lengths, checksums and headers of the container are right.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import hermetic
from hermetic.errors import FileError, FormatError, InvalidState
from tests.taken_apart import TakenApart, changed, pool_bytes, take_apart

ARRAY = np.arange(6.0).reshape(2, 3)
TABLE = [np.arange(3), np.arange(5), np.arange(4)]
BIG = [np.ones((1, 3)), np.arange(1000.0)]
WORDS = [f"word {n}" for n in range(20)]
NUMBERS = list(range(20))
NARROW = [np.float32(n) for n in range(20)]
POOL = "arrays/0-float64.npy"


def _node(number: int = 0, **fields: Any) -> Callable[[TakenApart], None]:
    return lambda parts: parts.graph["nodes"][number].update(fields)


def _pool(**fields: Any) -> Callable[[TakenApart], None]:
    return lambda parts: parts.graph["pools"][0].update(fields)


def _column(column: Any) -> Callable[[TakenApart], None]:
    return _node(columns=[column])


def _member(content: bytes, name: str = POOL) -> Callable[[TakenApart], None]:
    return lambda parts: parts.members.update({name: content})


def _all(*changes: Callable[[TakenApart], None]) -> Callable[[TakenApart], None]:
    return lambda parts: [change(parts) for change in changes] and None


def _refuse(value: Any, change: Callable[[TakenApart], None], words: str | None = None) -> None:
    with pytest.raises((FormatError, InvalidState), match=words) as refused:
        hermetic.loads(changed(value, change))
    assert refused.value.where


HONEST_CHANGES = {
    "C order": (_node(shape=[3, 2]), lambda: ARRAY.reshape(3, 2)),
    "no dimension more": (_node(shape=[6]), lambda: ARRAY.reshape(6)),
    "F order": (_node(order="F"), lambda: ARRAY.ravel().reshape(3, 2).T),
    "other byte order": (_node(dtype=">f8"), lambda: ARRAY.astype(">f8")),
    "with gaps": (_node(order="A", strides=[4, 1]), lambda: np.pad(ARRAY, ((0, 0), (0, 1)))[:, :3]),
    "other items": (_member(pool_bytes(ARRAY.ravel() + 1)), lambda: ARRAY + 1),
    "two rows": (
        _all(_node(shape=[3], rows=2), lambda parts: parts.graph.update(root=[0, 1])),
        lambda: np.array([3.0, 4.0, 5.0]),
    ),
    "rows of unequal lengths": (
        _all(_node(shape=[], lengths=[1, 5], rows=2), lambda parts: parts.graph.update(root=[0, 1])),
        lambda: np.arange(1.0, 6.0),
    ),
}


@pytest.mark.parametrize("name", HONEST_CHANGES)
def test_a_description_that_fits_its_pool_is_followed(name: str):
    change, expected = HONEST_CHANGES[name]
    loaded = hermetic.loads(changed(ARRAY, change))
    assert (loaded == expected()).all()
    assert (loaded.dtype, loaded.shape, loaded.strides) == (expected().dtype, expected().shape, expected().strides)


def test_a_pool_whose_dtype_has_a_byte_order_that_is_not_its_own_is_refused():
    _refuse(ARRAY, _all(_pool(dtype=">f8"), _member(pool_bytes(ARRAY.ravel()))), "must say its dtype without byte")


def test_a_column_in_a_pool_wider_than_its_numbers_is_refused():
    wide = _all(_pool(dtype="<i8"), _member(pool_bytes(np.arange(20, dtype="<i8")), "arrays/0-int8.npy"))
    _refuse(NUMBERS, wide, "a column of int lies in pool .*, which is not the narrowest")


SHAPES = [
    *([2], [7], [2, 3, 2], [], [-1], [-2, -3]),
    *([-1, 6], [2**62], [2**31, 2**31], [0, 2**62], [0, 2**47, 2**15], [2**64, 1]),
    *([0], [1.0, 6], ["2", 3], [None], [True, 6], [[2, 3]], [[6]], [1] * 65, [6] + [1] * 64, [0] * 65),
]  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_a_shape_that_does_not_fit_its_items_is_refused(shape: list[Any]):
    _refuse(ARRAY, _node(shape=shape))


def test_a_shape_without_items_is_refused_where_numpy_could_not_count_its_bytes():
    _refuse(np.zeros((0, 3), "<U100"), _node(shape=[0, 2**47, 2**10]), "not a shape")
    _refuse([np.zeros((0, n)) for n in (2, 2, 2)], _node(shape=[0, 2**46, 2**12]))


def test_a_shape_without_items_is_refused_where_nobody_could_go_along_it():
    _refuse(np.zeros((0, 3)), _node(shape=[0, 2**28 + 1]), "an array without items has the shape")
    _refuse(np.zeros((0, 3)), _node(shape=[2**14 + 1, 0, 2**14]), "an array without items has the shape")
    _refuse([np.zeros((0, n)) for n in (2, 2, 2)], _node(shape=[0, 2**29]), "an array without items")


def test_many_huge_axes_are_refused_before_they_are_multiplied():
    started = time.perf_counter()
    _refuse(ARRAY, _node(shape=[2**47] * 300_000))
    assert time.perf_counter() - started < 2


ROWS = [0, -1, 2, 6, 2**40, 2**62, 2**64]


@pytest.mark.parametrize("rows", ROWS)
def test_a_number_of_rows_that_does_not_fit_its_items_is_refused(rows: int):
    with pytest.raises(FileError):
        hermetic.loads(changed(ARRAY, _all(_node(rows=rows), lambda parts: parts.graph.update(root=[0, 0]))))


LENGTHS = [[], [3], [3, 5], [3, 5, 4, 0], [3, 5, 5], [3, 5, 3], [-3, 11, 4], [2**62, 5, 4], [3.0, 5, 4], [True, 7, 4]]


@pytest.mark.parametrize("lengths", LENGTHS, ids=str)
def test_lengths_that_do_not_fit_their_rows_are_refused(lengths: list[Any]):
    _refuse(TABLE, _node(lengths=lengths))


@pytest.mark.parametrize(
    "change", [{"order": "F"}, {"order": "A"}, {"order": "X"}, {"shape": [2]}, {"rows": 1}], ids=str
)
def test_a_table_of_unequal_rows_must_be_in_the_order_of_its_first_axis(change: dict[str, Any]):
    with pytest.raises(FileError):
        hermetic.loads(changed(TABLE, _node(**change)))


ORDERS = [
    *({"order": "X"}, {"order": ""}),
    *({"order": "A"}, {"order": "a", "strides": [3, 1]}, {"order": "C", "strides": [3, 1]}),
    *({"order": "F", "strides": [1, 2]}, {"order": "A", "strides": []}, {"order": "A", "strides": [3]}),
    *({"order": "A", "strides": [1, 1]}, {"order": "A", "strides": [0, 1]}, {"order": "A", "strides": [-3, 1]}),
    *({"order": "A", "strides": [2**62, 1]}, {"order": "A", "strides": [100, 1]}, {"order": "A", "strides": [3, 1, 1]}),
]  # fmt: skip


@pytest.mark.parametrize("fields", ORDERS, ids=str)
def test_a_layout_that_would_overlap_or_waste_memory_is_refused(fields: dict[str, Any]):
    _refuse(ARRAY, _node(**fields))


OFFSETS = [1, -1, 6, 2**62, -(2**62), 2**64]


@pytest.mark.parametrize("offset", OFFSETS)
@pytest.mark.parametrize("value", [ARRAY, TABLE, BIG], ids=["array", "table", "aligned"])
def test_a_slice_must_begin_where_the_slices_before_it_end(value: Any, offset: int):
    _refuse(value, _node(offset=offset), "must begin at 0, but the graph says")


@pytest.mark.parametrize("offset", [3, 7, 9, 16])
def test_a_big_array_must_begin_at_the_next_aligned_item(offset: int):
    _refuse(BIG, _node(1, offset=offset), "must begin at 8, but the graph says")


def test_two_arrays_cannot_share_items():
    _refuse([np.zeros(3), np.ones((3, 1))], _node(1, offset=0), "must begin at 3")


def test_what_lies_before_an_aligned_array_must_be_zero():
    items = np.concatenate([np.ones(3), np.zeros(5), np.arange(1000.0)])
    assert hermetic.loads(changed(BIG, _member(pool_bytes(items))))[1][-1] == 999.0
    items[5] = 1e-300
    _refuse(BIG, _member(pool_bytes(items)), "the padding before item 8 .* is not zero")


PLAIN_DTYPES = [
    None,
    5,
    [],
    {},
    "",
    "O",
    "|O",
    "f8",
    "float64",
    "<f4",
    "|V8",
    "<U2",
    "<i8",
    "<M8[ns]",
    "<f8 ",
    "é",
    "<U1000000000",
]
STRUCTURED_DTYPES = [
    *({"formats": 5}, {"formats": []}, {"formats": [5]}, ["<f8"], [1, 2], ["<f8", [1]]),
    {"names": ["a"], "formats": ["<f8"], "offsets": [0], "itemsize": 4},
    {"names": ["a"], "formats": ["|O"], "offsets": [0], "itemsize": 8},
    {"names": ["a"], "formats": [["<f8"]], "offsets": [0], "itemsize": 8},
]


@pytest.mark.parametrize("dtype", [*PLAIN_DTYPES, *STRUCTURED_DTYPES], ids=str)
def test_a_dtype_other_than_that_of_the_pool_is_refused(dtype: Any):
    _refuse(ARRAY, _node(dtype=dtype))
    _refuse(ARRAY, _pool(dtype=dtype))


POOL_LENGTHS = [-1, 0, 5, 7, 2**48, 2**62, 2**63, 2**64, 2**70]


@pytest.mark.parametrize("length", POOL_LENGTHS)
def test_a_pool_of_another_length_than_its_member_is_refused(length: int):
    _refuse(ARRAY, _pool(length=length))


@pytest.mark.parametrize("length", [2**48, 2**62, 2**70])
def test_items_without_bytes_cannot_be_counted_into_the_sky(length: int):
    _refuse(np.zeros(4, "V0"), _all(_pool(length=length), _node(shape=[length])))


HEADERS = {
    "shorter": pool_bytes(ARRAY.ravel())[:-1],
    "longer": pool_bytes(ARRAY.ravel()) + b"\0",
    "empty": b"",
    "another length": pool_bytes(np.zeros(6)).replace(b"(6,)", b"(5,)"),
    "two dimensions": pool_bytes(np.zeros((6, 1))),
    "Fortran": pool_bytes(np.zeros(6)).replace(b"False", b"True "),
    "another dtype of the same length": pool_bytes(np.zeros(6, "i8")),
    "the other byte order": pool_bytes(np.zeros(6, ">f8")),
    "another version": pool_bytes(np.zeros(6)).replace(b"NUMPY\1\0", b"NUMPY\2\0"),
    "another spelling": pool_bytes(np.zeros(6)).replace(b"'fortran_order': False", b"'fortran_order':False "),
    "no line end": pool_bytes(np.zeros(6)).replace(b" \n", b"  "),
    "a pickle": b"\x80\x04N." + bytes(172),
}


@pytest.mark.parametrize("name", HEADERS)
def test_the_header_of_a_pool_must_be_the_one_that_we_would_write(name: str):
    _refuse(ARRAY, _member(HEADERS[name]))


def _second_pool(parts: TakenApart) -> None:
    parts.graph["pools"].append({"member": "arrays/1-int8.npy", "dtype": "|i1", "length": 1})
    parts.members["arrays/1-int8.npy"] = pool_bytes(np.zeros(1, "i1"))


POOLS = {
    "one more that nothing uses": (_second_pool, "pools that nothing refers to"),
    "none": (lambda parts: parts.graph.update(pools=[]), "the members must be"),
    "a member that is not there": (_pool(member="arrays/9.npy"), "which the file does not have"),
    "the graph itself": (_pool(member="graph.json"), "bytes, but 6 items of float64 need"),
    "a path": (_pool(member="/etc/passwd"), "which the file does not have"),
    "a path upwards": (_pool(member="../" + POOL), "which the file does not have"),
    "no text": (_pool(member=""), "which the file does not have"),
    "the same twice": (lambda parts: parts.graph["pools"].append(parts.graph["pools"][0]), "same dtype or the same"),
    "another number": (_node(pool=1), "do not lie in pool 1"),
    "a number from behind": (_node(pool=-1), "do not lie in pool -1"),
    "no number": (lambda parts: parts.graph["nodes"][0].pop("pool"), "do not lie in pool -1"),
    "items to spare": (_all(_pool(length=7), _member(pool_bytes(np.zeros(7)))), "1 items of .* belong to nothing"),
    "an item too few": (_all(_pool(length=5), _member(pool_bytes(np.zeros(5)))), "must begin at 0"),
    "a member more": (_member(b"", "arrays/1-int8.npy"), "the members must be"),
    "a text pool without text": (_member(b"", "text.txt"), "the members must be"),
}


@pytest.mark.parametrize("name", POOLS)
def test_pools_members_and_nodes_must_account_for_each_other(name: str):
    change, words = POOLS[name]
    _refuse(ARRAY, change, words)


def test_members_must_stand_in_the_order_of_the_pools():
    value = [np.zeros(1), np.zeros(1, "i1")]
    _refuse(value, lambda parts: setattr(parts, "members", dict(reversed(parts.members.items()))), "in this order")
    _refuse(value, lambda parts: parts.graph["pools"].reverse(), "in this order|do not lie")


PACKED = [
    *({"int": [0, 1]}, {"int": [0, -1]}, {"int": [1, 0]}, {"int": [-1, 0]}, {"int": [True, 0]}, {"int": [0, False]}),
    *({"int": [0, 0.0]}, {"int": [0]}, {"int": [0, 0, 0]}, {"int": None}, {"int": {}}, {"int": 0}, {"float": [0, 0]}),
    *({"bool": [0, 0]}, {"numpy": [0, 0]}, {"numpy": [0, 0, "<f8"]}, {"numpy": [0, 0, 5]}, {"numpy": [0, 0, {}]}),
    *({"text": [0, 0, "\n"]}, {"text": [0, 160, "\n"]}, {"text": None}, {"text": [0, 0]}),
]


@pytest.mark.parametrize("column", PACKED, ids=str)
def test_a_packed_column_must_name_its_pool_its_place_and_its_kind(column: Any):
    _refuse(NUMBERS, _column(column))


@pytest.mark.parametrize("dtype", [None, "<f8", "<i4", "|O", ">f4 ", {}, ["<f4", [1]]], ids=str)
def test_a_column_of_numpy_scalars_must_have_the_dtype_of_its_pool(dtype: Any):
    _refuse(NARROW, _column({"numpy": [0, 0, dtype]}))
    assert hermetic.loads(changed(NARROW, _column({"numpy": [0, 0, ">f4"]})))[3] == 3


def test_a_column_of_another_length_is_refused():
    _refuse(NUMBERS, _node(lengths=19), "1 items of .* belong to nothing")
    _refuse(NUMBERS, _node(lengths=21), "must begin at 0")
    _refuse(WORDS, _node(lengths=19), "a column of 19 texts holds 20")
    _refuse(WORDS, _node(lengths=21), "a column of 21 texts holds 20")


TEXTS = [
    *([1, 149, "\n"], [-1, 149, "\n"], [0, 148, "\n"]),
    *([0, 150, "\n"], [0, -1, "\n"], [0, 2**62, "\n"], [0.0, 149, "\n"]),
    *([0, 149, ""], [0, 149, " "], [0, 149, "w"], [0, 149, "\n\n"]),
    *([0, 149, None], [0, 149, []], [0, 149], [True, 149, "\n"]),
    *([0, 149, "\0"], [0, 149, "\n", 1], [False, 149, "\n"], [0, True, "\n"]),
]  # fmt: skip


@pytest.mark.parametrize("place", TEXTS, ids=repr)
def test_a_column_of_text_must_lie_end_to_end_and_be_split_at_a_known_separator(place: Any):
    assert take_apart(WORDS).graph["nodes"][0]["columns"] == [{"text": [0, 149, "\n"]}]
    _refuse(WORDS, _column({"text": place}))


def test_a_text_pool_must_be_text_and_used_up():
    length = 149
    _refuse(WORDS, _member(b"\xff" * length, "text.txt"), "not UTF-8")
    _refuse(WORDS, _member(b"a" * length, "text.txt"), "holds 1")
    _refuse(WORDS, _member(b"word\n" * 60, "text.txt"), "a column of 20 texts holds")
    _refuse(NUMBERS, _column({"text": [0, 5, "\n"]}), "not a column of text")
    whole = "\n".join(WORDS).encode()
    _refuse(WORDS, _member(whole + b"\n", "text.txt"), "1 bytes of text.txt belong to nothing")


def test_a_character_cannot_be_cut_between_two_columns():
    value = {"a": ["é"] * 19 + ["e"], "b": tuple([[n] for n in range(2)])}
    parts = take_apart(value)
    [first] = [node for node in parts.graph["nodes"] if node["kind"] == "sequences" and "text" in str(node["columns"])]
    place = first["columns"][0]["text"]
    _refuse(value, lambda parts: parts.members.update({"text.txt": parts.members["text.txt"][:-1] + b"\xc3"}), "UTF-8")
    assert place[1] == len(("é\n" * 19 + "e").encode())
