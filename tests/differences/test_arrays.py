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
