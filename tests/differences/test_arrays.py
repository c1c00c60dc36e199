"""Arrays are compared item by item; how many differ, and by how much."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hermetic.differences import arrays
from hermetic.differences.arrays import changes_of_arrays

NODE = np.dtype([("feature", "<i8"), ("threshold", "<f8")])
SAME = {
    "floats": np.array([1.0, np.nan, np.inf, -0.0]),
    "integers": np.arange(6).reshape(2, 3),
    "unsigned": np.array([2**64 - 1], dtype=np.uint64),
    "booleans": np.array([True, False]),
    "texts": np.array(["a", "bc"]),
    "bytes": np.array([b"a"]),
    "times": np.array(["2020-01-01", "NaT"], dtype="M8[D]"),
    "spans": np.array([1, 2], dtype="m8[s]"),
    "complex": np.array([1j, np.nan]),
    "structures": np.array([(1, 2.0), (3, np.nan)], dtype=NODE),
    "empty": np.empty((0, 3)),
    "a-number": np.array(3.0),
    "fortran": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    "half": np.array([1.5], dtype=np.float16),
    "other-byte-order": np.array([1.5], dtype=">f8"),
    "raw-bytes": np.array([b"ab", b"cd"], "V2"),
    "arrays-within-records": np.ones(2, [("a", "<f8", (2,))]),
    "every-second": np.arange(9.0)[::2],
}


@pytest.mark.parametrize("name", SAME)
def test_an_array_is_the_same_as_its_copy(name: str):
    array = SAME[name]
    assert list(changes_of_arrays("$", "fitted", array, array.copy())) == []


CHANGED: dict[str, tuple[Any, Any, list[str]]] = {
    "floats": ([1.0, 2.0, 4.0], [1.0, 2.5, 5.0], ["$: 2 of 3 values, by at most 1, relative 0.2"]),
    "integers": ([1, 2], [1, 12], ["$: 1 of 2 values, by at most 10, relative 0.833"]),
    "a-sign": ([1.0], [-1.0], ["$: 1 of 1 values, by at most 2, relative 2"]),
    "nan": ([1.0, np.nan], [np.nan, np.nan], ["$: 1 of 2 values, by at most inf, relative inf"]),
    "infinite": ([np.inf], [-np.inf], ["$: 1 of 1 values, by at most inf, relative inf"]),
    "booleans": ([True, False], [True, True], ["$: 1 of 2 values"]),
    "texts": (["a", "b"], ["a", "c"], ["$: 1 of 2 values"]),
    "times": (
        np.array(["2020-01-01", "NaT"], dtype="M8[D]"),
        np.array(["2020-01-01", "2020-01-01"], dtype="M8[D]"),
        ["$: 1 of 2 values"],
    ),
    "complex": ([1j], [2j], ["$: 1 of 1 values, by at most 1, relative 0.5"]),
    "a-shape": ([1.0], [1.0, 2.0], ["$: float64 (1,) -> float64 (2,)"]),
    "a-dtype-alone": (
        np.array([1.0, 2.0]),
        np.array([1.0, 2.0], dtype=np.float32),
        ["$: float64 (2,) -> float32 (2,)"],
    ),
    "dtype-and-values": (
        np.array([1, 2]),
        np.array([1.0, 2.5]),
        ["$: int64 (2,) -> float64 (2,)", "$: 1 of 2 values, by at most 0.5, relative 0.2"],
    ),
    "number-becomes-text": ([1.0], ["a"], ["$: float64 (1,) -> str of 1 (1,)"]),
    "a-field": (
        np.array([(1, 2.0), (3, 4.0)], dtype=NODE),
        np.array([(1, 2.0), (3, 5.0)], dtype=NODE),
        ["$['threshold']: 1 of 2 values, by at most 1, relative 0.2"],
    ),
    "other-fields": (
        np.array([(1, 2.0)], dtype=NODE),
        np.array([(1,)], dtype=[("feature", "<i8")]),
        ["$: record of 2 fields, 16 bytes (1,) -> record of 1 fields, 8 bytes (1,)"],
    ),
}


@pytest.mark.parametrize("name", CHANGED)
def test_what_differs_is_counted_and_measured(name: str):
    before, after, lines = CHANGED[name]
    assert list(map(str, changes_of_arrays("$", "fitted", np.asarray(before), np.asarray(after)))) == lines


def test_memory_order_does_not_count():
    array = np.arange(6.0).reshape(2, 3)
    assert list(changes_of_arrays("$", "fitted", array, np.asfortranarray(array))) == []


def test_zero_with_a_sign_is_zero():
    assert list(changes_of_arrays("$", "fitted", np.array([0.0]), np.array([-0.0]))) == []


def test_big_arrays_are_compared_in_pieces(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(arrays, "_BLOCK_ITEMS", 7)
    before = np.arange(100.0)
    after = before.copy()
    after[[3, 50, 99]] += [1.0, 3.0, 2.0]
    [change] = changes_of_arrays("$", "fitted", before, after)
    assert (change.n_changed, change.largest, change.relative) == (3, 3.0, pytest.approx(0.25))


RECORDS = np.zeros(2, [("a", "<f8"), ("b", "<i8")])
OTHER_FIELDS = {
    "another-name": np.zeros(2, [("a", "<f8"), ("c", "<i8")]),
    "another-order": np.zeros(2, [("b", "<i8"), ("a", "<f8")]),
}


@pytest.mark.parametrize("name", OTHER_FIELDS)
def test_records_of_the_same_length_with_other_fields_are_told_by_their_fields(name: str):
    other = OTHER_FIELDS[name]
    [change] = changes_of_arrays("$", "fitted", RECORDS, other)
    assert change.before == "record of 2 fields, 16 bytes (2,) ['a', 'b']"
    assert change.after == f"record of 2 fields, 16 bytes (2,) {list(other.dtype.names)}"


def test_a_field_of_another_dtype_is_told_within_its_record():
    other = np.zeros(2, [("a", "<f8"), ("b", "<u8")])
    [change] = changes_of_arrays("$", "fitted", RECORDS, other)
    assert (change.path, change.before, change.after) == ("$['b']", "int64 (2,)", "uint64 (2,)")


LARGE_INTEGERS = {
    "neighbours-beyond-floats": (np.array([2**60]), np.array([2**60 + 1]), 1.0),
    "the-whole-range": (np.array([-(2**63)]), np.array([2**63 - 1]), float(2**64)),
    "without-a-sign": (np.array([0], np.uint64), np.array([2**64 - 1], np.uint64), float(2**64)),
    "one-byte": (np.array([-128], np.int8), np.array([127], np.int8), 255.0),
    "of-both-kinds": (np.array([1], np.int32), np.array([3], np.uint8), 2.0),
}


@pytest.mark.parametrize("name", LARGE_INTEGERS)
def test_integers_differ_by_their_exact_distance(name: str):
    before, after, distance = LARGE_INTEGERS[name]
    *_, change = changes_of_arrays("$", "fitted", before, after)
    assert change.largest == distance
    *_, change = changes_of_arrays("$", "fitted", after, before)
    assert change.largest == distance


@pytest.mark.parametrize("name", [name for name in SAME if name != "empty"])
def test_an_array_is_another_one_with_another_bit(name: str):
    other = SAME[name].copy()
    other.reshape(-1)[:1].view(np.uint8)[0] ^= 1
    assert len(list(changes_of_arrays("$", "fitted", SAME[name], other))) == 1
