"""What numpy adds to plain arrays comes back; what is masked, or padding, never reaches the file."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest

import hermetic
from tests.codecs.hostile import bring_back, refuse

PAIR = [("x", "i8"), ("y", "f8")]
SECRET = -123456789.125


def _matrix(rows: object) -> np.matrix:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        return np.matrix(rows)


MASKED = {
    "plain": lambda: np.ma.array([1.0, SECRET, 3.0], mask=[0, 1, 0]),
    "no-mask": lambda: np.ma.array([1, 2, 3]),
    "all-false-mask": lambda: np.ma.array([1, 2, 3], mask=[0, 0, 0]),
    "fill-value": lambda: np.ma.array([1, 2], mask=[1, 0], fill_value=-5),
    "hard-mask": lambda: np.ma.array([1, 2], mask=[1, 0], hard_mask=True),
    "objects": lambda: np.ma.array(["a", None, 3], mask=[0, 1, 0], dtype=object, fill_value="?"),
    "structure": lambda: np.ma.array([(1, SECRET), (3, 4.0)], mask=[(0, 1), (1, 0)], dtype=PAIR, fill_value=(7, 8.0)),
    "nested": lambda: np.ma.array(np.zeros(2, [("a", PAIR), ("b", "f4", (2, 3))]), mask=True),
    "fortran": lambda: np.ma.array(np.asfortranarray(np.eye(3)), mask=np.eye(3)),
    "view": lambda: np.ma.array(np.arange(24.0).reshape(4, 6), mask=np.arange(24).reshape(4, 6) % 5 == 0)[::2, ::-1],
    "no-dimensions": lambda: np.ma.array(3.5, mask=True),
    "empty": lambda: np.ma.array(np.empty((0, 3)), mask=np.empty((0, 3), bool)),
    "text": lambda: np.ma.array(["ab", "c"], mask=[0, 1]),
    "times": lambda: np.ma.array(["2020-01-01", "NaT"], mask=[1, 0], dtype="M8[D]"),
    "matrix": lambda: np.ma.array(_matrix([[1.0, 2.0]]), mask=[[1, 0]]),
}


@pytest.mark.parametrize("name", MASKED)
def test_a_masked_array_keeps_mask_fill_value_and_what_is_seen(name: str):
    array = MASKED[name]()
    restored = bring_back(array)
    assert (type(restored), restored.dtype, restored.shape) == (np.ma.MaskedArray, array.dtype, array.shape)
    assert (restored.mask is np.ma.nomask) == (array.mask is np.ma.nomask)
    assert np.ma.getmaskarray(restored).tobytes() == np.ma.getmaskarray(array).tobytes()
    assert str(restored.filled()) == str(array.filled())
    assert (str(restored.fill_value), restored.hardmask) == (str(array.fill_value), array.hardmask)
    assert restored.baseclass is array.baseclass


@pytest.mark.parametrize("name", ["plain", "structure"])
def test_what_is_masked_does_not_reach_the_file(name: str):
    assert np.float64(SECRET).tobytes() not in hermetic.dumps(MASKED[name]())


def test_looking_at_the_fill_value_does_not_change_the_bytes():
    array = np.ma.array([1.0, 2.0], mask=[0, 1])
    before = hermetic.dumps(array)
    repr(array)
    assert hermetic.dumps(array) == before


def test_dumping_leaves_the_masked_items_alone():
    array = np.ma.array([1.0, 2.0], mask=[0, 1])
    hermetic.dumps(array)
    assert array.data.tolist() == [1.0, 2.0]


def test_a_restored_mask_can_be_written_to():
    restored = bring_back(np.ma.array([1.0, 2.0], mask=[0, 1]))
    restored[0] = np.ma.masked
    restored[1] = 5.0
    assert restored.tolist() == [None, 5.0]


def test_the_masked_constant_stays_the_one():
    assert bring_back(np.ma.masked) is np.ma.masked
    assert all(value is np.ma.masked for value in bring_back([np.ma.masked] * 3))


@pytest.mark.parametrize(
    ("field", "new"),
    [
        ("data", None),
        ("data", 3),
        ("mask", np.zeros(4, bool)),
        ("mask", np.zeros(3, np.int8)),
        ("mask", 1),
        ("fill_value", "x"),
        ("hard_mask", 1),
        ("surplus", 1),
    ],
    ids=lambda part: str(part)[:20],
)
def test_a_hostile_masked_array_is_refused(field: str, new: object):
    refuse(MASKED["plain"](), "numpy.ma.MaskedArray", field, new)


def test_a_fill_value_that_is_no_record_is_refused_for_records():
    refuse(MASKED["structure"](), "numpy.ma.MaskedArray", "fill_value", np.array(1.0))


def test_a_record_array_gives_records():
    restored = bring_back(np.rec.array([(1, 2.0), (3, 4.0)], dtype=PAIR))
    assert type(restored) is np.recarray
    assert restored.dtype.type is np.record
    assert restored.y.tolist() == [2.0, 4.0]
    assert restored[0].x == 1


def test_a_plain_structure_beside_a_record_array_stays_plain():
    plain, records = bring_back([np.zeros(2, PAIR), np.rec.array([(1, 2.0)], dtype=PAIR)])
    assert (plain.dtype.type, records.dtype.type) == (np.void, np.record)


def test_a_matrix_stays_a_matrix():
    restored = bring_back(_matrix([[1.0, 2.0], [3.0, 4.0]]))
    assert type(restored) is np.matrix
    assert (restored @ restored).tolist() == [[7.0, 10.0], [15.0, 22.0]]


def test_a_matrix_of_three_dimensions_is_refused():
    refuse(_matrix([[1.0]]), "numpy.matrix", "data", np.zeros((1, 1, 1)))


@pytest.mark.parametrize(
    "scalar",
    [np.void(b"abc\0"), np.ones(1, PAIR)[0], np.rec.array([(1, 2.0)], dtype=PAIR)[0], np.zeros(1, [])[0]],
    ids=["raw", "structure", "record", "no-fields"],
)
def test_a_structured_scalar_keeps_its_type(scalar: np.void):
    restored = bring_back(scalar)
    assert (type(restored), restored.dtype) == (type(scalar), scalar.dtype)
    assert restored.tobytes() == scalar.tobytes()


@pytest.mark.parametrize("new", [np.zeros(1, "V4"), np.array(1.0), None], ids=["row", "number", "nothing"])
def test_a_hostile_structured_scalar_is_refused(new: object):
    refuse(np.void(b"abcd"), "numpy.void", "data", new)


def test_a_mapped_array_comes_back_as_the_plain_array_that_it_shows(tmp_path: Path):
    mapped = np.memmap(tmp_path / "numbers", dtype="f8", mode="w+", shape=(3, 4))
    mapped[:] = np.arange(12.0).reshape(3, 4)
    whole, part = bring_back([mapped, mapped[:, 1:3]])
    assert (type(whole), type(part)) == (np.ndarray, np.ndarray)
    assert part.tolist() == [[1.0, 2.0], [5.0, 6.0], [9.0, 10.0]]
    assert hermetic.dumps(np.array(mapped)) == hermetic.dumps(mapped)


def test_a_polynomial_computes_the_same():
    polynomial = np.poly1d([0, 1.0, -2.0, 3.0], variable="z")
    restored = bring_back(polynomial)
    assert (restored(1.5), restored.variable, restored.order) == (polynomial(1.5), "z", 2)


@pytest.mark.parametrize(
    ("field", "new"), [("coefficients", np.zeros((2, 2))), ("variable", 3)], ids=["matrix", "number"]
)
def test_a_hostile_polynomial_is_refused(field: str, new: object):
    refuse(np.poly1d([1.0, 2.0]), "numpy.poly1d", field, new)
