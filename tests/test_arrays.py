"""Plain arrays come back bit for bit, in their layout; views, gaps and read-only flags are laid down as documented."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra import numpy as numpy_strategies

import hermetic
from hermetic.errors import CannotSave


def _bring_back(value: object):
    saved = hermetic.dumps(value)
    restored = hermetic.loads(saved)
    assert hermetic.dumps(restored) == saved
    return restored


def _cube() -> np.ndarray:
    return np.arange(24.0).reshape(2, 3, 4)


LAYOUTS = {
    "no-dimensions": lambda: np.array(3.5),
    "no-items": lambda: np.empty((0,)),
    "no-rows-fortran": lambda: np.empty((0, 5), order="F"),
    "no-middle": lambda: np.empty((3, 0, 2), dtype=np.int8),
    "no-bytes": lambda: np.zeros(4, dtype="V0"),
    "fortran": lambda: np.asfortranarray(np.arange(6).reshape(2, 3)),
    "one-column": lambda: np.arange(3.0).reshape(3, 1),
    "transposed": lambda: _cube().T,
    "axes-swapped": lambda: _cube().transpose(1, 0, 2),
    "part-of-each-row": lambda: _cube()[..., :3],
    "reversed": lambda: _cube()[::-1, :, ::-1],
    "strided": lambda: _cube()[:, ::2, 1::2],
    "broadcast": lambda: np.broadcast_to(np.arange(3), (4, 3)),
    "row-of-a-big-one": lambda: np.zeros((1000, 1000))[500, :10],
    "column-of-a-big-one": lambda: np.arange(10_000.0).reshape(100, 100)[:, 7],
    "sliding": lambda: np.lib.stride_tricks.sliding_window_view(np.arange(9), 4),
    "unaligned": lambda: np.frombuffer(bytearray(range(33)), dtype=np.uint8)[1:].view(np.float64),
    "field-of-records": lambda: np.ones(5, dtype=[("a", "i1"), ("b", "f8")])["b"],
    "big-endian-fortran": lambda: np.asfortranarray(np.arange(6, dtype=">i4").reshape(2, 3)),
    "thirty-two-dimensions": lambda: np.arange(2).reshape((1,) * 31 + (2,)),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_layout_comes_back_with_the_same_items(name: str):
    array = LAYOUTS[name]()
    restored = _bring_back(array)
    assert (restored.shape, restored.dtype.str) == (array.shape, array.dtype.str)
    assert restored.tobytes() == array.tobytes()
    if array.flags.c_contiguous or array.flags.f_contiguous:
        assert restored.flags.c_contiguous == array.flags.c_contiguous
        assert restored.flags.f_contiguous == array.flags.f_contiguous
    assert restored.flags.aligned


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_restored_array_is_free_to_write_to(name: str):
    # Whether an array may be written to is not kept, as in pickle.
    array = LAYOUTS[name]()
    array.flags.writeable = False
    assert _bring_back(array).flags.writeable


def test_a_view_does_not_bring_the_array_that_it_looks_at():
    big = np.zeros((1000, 1000))
    assert len(hermetic.dumps(big[500, :10])) < 4000


def test_views_of_one_array_come_back_as_arrays_of_their_own():
    base = np.arange(10)
    first, second, third = _bring_back([base, base[2:6], base[::-1]])
    first[:] = 0
    assert second.tolist() == [2, 3, 4, 5]
    assert third.tolist() == list(range(9, -1, -1))


def test_an_array_that_is_met_twice_stays_one():
    array = np.arange(3)
    first, second = _bring_back([array, array])
    assert first is second


@given(numpy_strategies.arrays(numpy_strategies.array_dtypes() | numpy_strategies.scalar_dtypes(), (2, 3)))
@settings(max_examples=80, deadline=None)
def test_any_array_comes_back_or_is_refused(array: np.ndarray):
    try:
        saved = hermetic.dumps(array)
    except CannotSave:
        return
    restored = hermetic.loads(saved)
    assert restored.dtype == array.dtype
    assert hermetic.dumps(restored) == saved
    assert hermetic.dumps(array) == saved
    assert repr(restored.tolist()) == repr(array.tolist())


@pytest.mark.parametrize("payload", [0x7FF8DEADBEEF0001, 0xFFF8000000000000, 0x8000000000000000, 1], ids=hex)
def test_every_bit_of_a_float_is_kept(payload: int):
    array = np.array([payload], dtype=np.uint64).view(np.float64)
    assert _bring_back(array).view(np.uint64).tolist() == [payload]


def test_objects_in_an_array_keep_identity_order_and_cycles():
    shared = [1, 2]
    array = np.array([shared, None, shared, 1.5, "a", True], dtype=object).reshape(2, 3, order="F")
    around = [array]
    array[1, 1] = around
    restored = _bring_back(around)
    assert restored[0][0, 0] is restored[0][0, 1]
    assert restored[0][1, 1] is restored


def test_an_array_that_mixes_objects_with_numbers_is_refused_with_what_to_do():
    mixed = np.array([(1, "a")], dtype=[("x", "i8"), ("y", "O")])
    with pytest.raises(CannotSave, match="mixes") as caught:
        hermetic.dumps({"table": mixed})
    assert "one array for each field" in caught.value.next_step


@pytest.mark.parametrize("item", [1.0, "a", True, np.datetime64("2020")])
def test_arrays_without_axes_stay_arrays_when_there_are_many(item: object):
    value = [np.array(item) for _ in range(3)]

    loaded = hermetic.loads(hermetic.dumps(value))

    assert [type(array) for array in loaded] == [np.ndarray] * 3
    assert [array.shape for array in loaded] == [()] * 3
    assert loaded == value


def test_many_small_arrays_are_copies_that_pin_nothing():
    arrays = [np.full(3, float(row)) for row in range(100)]
    restored = _bring_back(arrays)
    assert all(array.base is None or array.base.nbytes <= 64 for array in restored)
    restored[0][:] = 9.0
    assert restored[1].tolist() == [1.0, 1.0, 1.0]
