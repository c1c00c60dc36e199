"""Array pools: which arrays share one, where a slice begins, and that no padding carries old memory into a file."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hermetic.formats.pools import (
    ALIGNMENT,
    PoolWriter,
    aligned_offset,
    as_flat,
    pool_header,
    pool_key,
    refuse_offset,
    zero_padding,
)

RECORD = {"names": ["a"], "formats": [">i4"], "offsets": [0], "itemsize": 4}
KEYS = {
    "plain": ("<f8", '"<f8"'),
    "other byte order": (">f8", '"<f8"'),
    "no byte order": ("|b1", '"|b1"'),
    "records": (RECORD, '{"formats":["<i4"],"itemsize":4,"names":["a"],"offsets":[0]}'),
    "aligned records": (
        {**RECORD, "aligned": True, "record": True},
        '{"formats":["<i4"],"itemsize":4,"names":["a"],"offsets":[0]}',
    ),
    "records in records": (
        {"names": ["b"], "formats": [[RECORD, [2]]], "offsets": [0], "itemsize": 8},
        '{"formats":[[{"formats":["<i4"],"itemsize":4,"names":["a"],"offsets":[0]},[2]]],'
        '"itemsize":8,"names":["b"],"offsets":[0]}',
    ),
}


@pytest.mark.parametrize("name", KEYS)
def test_arrays_share_a_pool_whatever_their_byte_order_and_record_type(name: str):
    description, key = KEYS[name]
    assert pool_key(description) == key


@pytest.mark.parametrize("dtype", ["<f8", "|b1", "<U3", "|S5", "<M8[ns]", "|V2", [("a", "<i4"), ("b", "<f8", (2,))]])
def test_the_header_is_the_one_that_numpy_writes(dtype: object):
    array = np.zeros(3, dtype=dtype)
    target = io.BytesIO()
    np.lib.format.write_array(target, array)
    assert target.getvalue() == pool_header(array.dtype, 3) + array.tobytes()


OFFSETS = [
    # cursor, itemsize, items, offset
    (0, 8, 10_000, 0),
    (3, 8, 511, 3),
    (3, 8, 512, 8),
    (8, 8, 512, 8),
    (9, 8, 512, 16),
    (1, 1, 4096, 64),
    (1, 1, 4095, 1),
    (1, 12, 1000, 16),
    (5, 7, 1000, 64),
    (5, 64, 1000, 5),
    (5, 0, 10_000, 5),
    (2**62 + 1, 8, 2**62, 2**62 + 8),
]


@pytest.mark.parametrize(("cursor", "itemsize", "n_items", "offset"), OFFSETS)
def test_a_slice_of_4096_bytes_begins_at_a_multiple_of_64(cursor: int, itemsize: int, n_items: int, offset: int):
    assert aligned_offset(cursor, itemsize, n_items) == offset


@given(st.integers(0, 2**60), st.integers(0, 300), st.integers(0, 10_000))
def test_an_aligned_slice_skips_fewer_than_64_items(cursor: int, itemsize: int, n_items: int):
    offset = aligned_offset(cursor, itemsize, n_items)
    assert cursor <= offset < cursor + ALIGNMENT
    assert offset == cursor or offset * itemsize % ALIGNMENT == 0


def _written(pool: PoolWriter) -> bytes:
    data = b"".join(bytes(chunk) for chunk in pool.chunks())
    assert len(data) == pool.length
    return data[len(pool.header) :]


def test_a_pool_gives_its_slices_in_order_and_zeros_between_them():
    pool = PoolWriter("arrays/0-int8.npy", np.dtype("i1"))
    assert pool.add([np.full(3, 7, "i1")]) == 0
    assert pool.add([np.full(4096, 1, "i1")]) == 64
    assert pool.add([np.full(2, 2, "i1"), np.full(2, 3, "i1")]) == 4160
    assert _written(pool) == bytes([7] * 3 + [0] * 61 + [1] * 4096 + [2, 2, 3, 3])


@pytest.mark.parametrize("n_items", [0, 1, 600, (1 << 17) - 1, 1 << 17, 400_000])
def test_however_big_the_slices_are_every_byte_is_written_once(n_items: int):
    pool = PoolWriter("arrays/0-float64.npy", np.dtype("f8"))
    arrays = [np.arange(n_items, dtype="f8"), np.arange(5.0), np.arange(n_items, dtype="f8")]
    offsets = [pool.add([array]) for array in arrays]
    items = np.frombuffer(_written(pool))
    for offset, array in zip(offsets, arrays, strict=True):
        assert (items[offset : offset + len(array)] == array).all()


def test_items_of_the_other_byte_order_are_swapped():
    pool = PoolWriter("arrays/0-int16.npy", np.dtype("<i2"))
    pool.add([np.array([1], ">i2"), np.array([1], "<i2")])
    assert _written(pool) == b"\1\0\1\0"


PADDED = {
    "short": np.dtype({"names": ["a"], "formats": ["i1"], "itemsize": 3}),
    "of whole words": np.dtype([("a", "i1"), ("b", "f8")], align=True),
    "in records of records": np.dtype([("a", np.dtype([("b", "i1"), ("c", "i4")], align=True), (2,))]),
}


@pytest.mark.parametrize("name", PADDED)
@pytest.mark.parametrize("n_items", [1, 5, 200_000, 300_000])
def test_padding_is_written_as_zeros_and_the_array_stays_as_it_was(name: str, n_items: int):
    array = np.full(n_items * PADDED[name].itemsize, 65, np.uint8).view(PADDED[name])
    pool = PoolWriter("arrays/0-records.npy", PADDED[name])
    pool.add([array])
    written = np.frombuffer(_written(pool), dtype=PADDED[name])
    clean = np.zeros(n_items, dtype=PADDED[name])
    clean[:] = array
    assert written.tobytes() != array.tobytes()
    assert (written == clean).all()
    assert set(np.unique(array.view(np.uint8))) == {65}


def test_zeroing_works_for_items_of_any_length():
    for itemsize in (1, 2, 3, 7, 8, 12, 16, 24):
        mask = np.full(itemsize, 255, np.uint8)
        mask[-1] = 0
        raw = np.full(5 * itemsize, 9, np.uint8)
        zero_padding(raw, mask)
        assert raw.reshape(5, itemsize)[:, -1].tolist() == [0] * 5
        assert (raw.reshape(5, itemsize)[:, :-1] == 9).all()


FLAT = {
    "C": np.arange(6).reshape(2, 3),
    "F": np.asfortranarray(np.arange(6).reshape(2, 3)),
    "gaps": np.arange(12).reshape(3, 4)[:, :2],
    "no dimensions": np.array(5),
    "no items": np.zeros((0, 3)),
}


@pytest.mark.parametrize("name", FLAT)
def test_items_are_laid_flat_in_their_own_order_without_a_copy_where_it_can_be(name: str):
    array = FLAT[name]
    flat = as_flat(array)
    assert flat.ndim == 1
    assert flat.tolist() == array.ravel(order="F" if name == "F" else "C").tolist()
    assert np.shares_memory(flat, array) == (name in ("C", "F", "no dimensions"))


def test_a_subclass_of_array_is_laid_flat_as_a_plain_one():
    assert type(as_flat(np.ma.array([1, 2]))) is np.ndarray


def test_a_wrong_offset_is_told_with_the_only_right_one():
    error = refuse_offset("arrays/0-float64.npy", 8, -1)
    assert error.found == "a slice of arrays/0-float64.npy must begin at 8, but the graph says -1"


def test_what_a_small_pool_with_padding_has_given_stays_as_it_was():
    pool = PoolWriter("arrays/0-records.npy", PADDED["of whole words"])
    pool.add([np.ones(100_000, PADDED["of whole words"])])
    pool.add([np.zeros(100_000, PADDED["of whole words"])])
    kept = list(pool.chunks())
    assert b"".join(kept)[len(pool.header) :] == _written(pool)


def test_arrays_in_two_byte_orders_may_take_turns_in_one_pool():
    pool = PoolWriter("arrays/0-float64.npy", np.dtype("<f8"))
    for number in range(6):
        pool.add([np.array([number], ">f8" if number % 3 else "<f8")])
    assert np.frombuffer(_written(pool)).tolist() == [0, 1, 2, 3, 4, 5]
