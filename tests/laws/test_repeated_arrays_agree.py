"""The law of arrays that repeat themselves: what is read as one before, the handlers of opcodes read as the same."""

from __future__ import annotations

import io
import pickle
from typing import Any

import joblib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hermetic.formats import pickle_quick, pickle_reader
from hermetic.formats.joblib_repeated import RepeatedWrappers
from hermetic.formats.pickle_reader import read_pickles
from tests.laws.test_fast_and_slow_opcodes_agree import as_text, assert_agreement

NODES = np.dtype([("left", "<i8"), ("threshold", "<f8"), ("missing", "u1")])
INNER = np.dtype([("pair", "<f4", (2,)), ("node", NODES)])
DTYPES = [np.dtype(text) for text in ("<f8", ">i4", "?", "S3", "U2", "M8[s]", "c16", "O")] + [NODES, INNER]
SHAPES = [(3,), (0,), (2, 2), (1, 2, 3), (300,), (70_000,), (1, 1, 1, 1), ()]
SIMPLE = [np.zeros(shape, dtype=DTYPES[0]) for shape in [*SHAPES[:5], (5,), (6,)]]


def saved(model: Any, protocol: int = 4) -> bytes:
    """Give a file of joblib."""
    target = io.BytesIO()
    joblib.dump(model, target, protocol=protocol)
    return target.getvalue()


def n_repeated(data: bytes) -> int:
    """Tell how many arrays are read as one before."""
    found = []

    class Counted(RepeatedWrappers):
        def read(self, stack: list[Any], position: int, end: int) -> int:
            after = super().read(stack, position, end)
            found.append(after > 0)
            return after

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pickle_reader, "RepeatedWrappers", Counted)
        read_pickles(data)
    return sum(found)


@given(
    arrays=st.lists(st.tuples(st.sampled_from(DTYPES), st.sampled_from(SHAPES)), max_size=12),
    protocol=st.sampled_from((2, 4, 5)),
)
@settings(deadline=None, max_examples=150)
def test_arrays_of_all_kinds_are_read_as_the_same(arrays: list[tuple[Any, Any]], protocol: int):
    made: list[Any] = [np.zeros(shape, dtype=dtype) for dtype, shape in arrays]
    assert_agreement(saved([*made, "padding behind it"], protocol))
    assert_agreement(pickle.dumps([*made, "padding behind it"], protocol))


def test_arrays_of_one_kind_are_read_as_the_one_before():
    # The first one has names, and the second makes known what all others are like.
    assert n_repeated(saved([np.zeros(length) for length in range(20)])) == 18
    assert n_repeated(saved([np.zeros(length, dtype=NODES) for length in range(20)])) == 18
    assert n_repeated(saved([np.zeros((1, 2, 70_000)), *SIMPLE])) == len(SIMPLE) - 1


def test_a_dtype_with_fields_of_fields_is_looked_at_each_time():
    data = saved([np.zeros(length, dtype=INNER) for length in range(5)])
    assert not n_repeated(data)
    assert_agreement(data)


FILE = saved(SIMPLE)
STRUCTURED = saved([np.zeros(length, dtype=NODES) for length in (1, 2, 300)] + ["padding behind it"])


PICKLE = pickle.dumps([*SIMPLE, *(np.zeros(shape, dtype=NODES) for shape in SHAPES[:4]), "padding behind it"], 5)


def test_arrays_of_a_pickle_are_read_in_one_go():
    found = []

    def counted(*arguments: Any) -> int:
        found.append(pickle_quick_array(*arguments))
        return found[-1]

    pickle_quick_array = pickle_quick._array
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pickle_quick, "_array", counted)
        read_pickles(PICKLE)
    assert sum(after > 0 for after in found) >= len(SIMPLE) + 1


@pytest.mark.parametrize("data", [FILE, STRUCTURED, PICKLE], ids=["floats", "nodes", "pickle"])
def test_a_file_is_read_as_the_same_however_it_is_cut_off(data: bytes):
    for length in range(0, len(data), 3):
        assert_agreement(data[:length])


@given(
    data=st.sampled_from([FILE, STRUCTURED, PICKLE]),
    flips=st.lists(st.tuples(st.integers(0, 2_000), st.integers(0, 255)), min_size=1, max_size=3),
)
@settings(deadline=None, max_examples=1_000)
def test_a_damaged_file_is_read_as_the_same(data: bytes, flips: list[tuple[int, int]]):
    damaged = bytearray(data)
    for position, value in flips:
        damaged[position % len(damaged)] = value
    assert_agreement(bytes(damaged))


WRAPPER = b"\x8c\x13joblib.numpy_pickle\x94\x8c\x11NumpyArrayWrapper\x94\x93\x94"  # entries 0 to 2
DTYPE = b"\x8c\x05numpy\x94\x8c\x05dtype\x94\x93\x94%s\x89\x88\x87R\x94"
NAMES = (b"subclass", b"shape", b"order", b"C", b"dtype", b"allow_mmap", b"numpy_array_alignment_bytes")


def test_a_dtype_that_is_changed_between_two_arrays_is_looked_at_again():
    # joblib would read a pickle behind the second wrapper: what says otherwise would hide it from a scan.
    inner = b"h\x05\x8c\x02%s\x89\x88\x87R"
    state = b"(K\x03\x8c\x01|N\x8c\x01a\x85}\x94(\x8c\x01aXK\x00\x86uK\x08K\x08K\x10tb".replace(b"X", inner % b"f8")
    other = state.replace(b"f8", b"O8")
    dtype = (DTYPE % b"\x8c\x02V8") + state
    names = b"".join(b"\x8c%c%s\x940" % (len(name), name) for name in NAMES)
    head = b"\x80\x04" + WRAPPER + dtype + b"0" + names
    # 0-2 the class, 3-5 numpy.dtype, 6 the dtype, 7 its fields, 8-14 the names
    wrapper = b"h\x02)\x81\x94}\x94(h\x08h\x05h\x09K\x01\x85\x94h\x0ah\x0bh\x0ch\x06h\x0d\x88h\x0eK\x10ub"

    def array(position: int) -> bytes:
        n_padding = 16 - (position + len(wrapper) + 1) % 16
        return wrapper + bytes([n_padding]) + b"\xff" * n_padding + b"12345678"

    first = head + b"](" + array(len(head) + 2)
    plain = first + array(len(first))
    assert n_repeated(plain + b"e." + b" " * 20) == 1
    for change in (b"h\x06" + other + b"0", b"h\x07\x8c\x01b" + inner % b"O8" + b"K\x00\x86s0"):
        changed = first + change
        data = changed + array(len(changed)) + b"e." + b" " * 20
        assert_agreement(data)
        assert n_repeated(data) == 0
    replaced = first + b"h\x03q\x0b0"  # another order
    assert_agreement(replaced + array(len(replaced)) + b"e." + b" " * 20)
    assert as_text(read_pickles(plain + b"e.")[0]) != as_text(read_pickles(first + b"e.")[0])
