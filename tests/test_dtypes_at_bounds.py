"""Descriptions of dtypes at their bounds: the last one that is a dtype, and the first one that is none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hermetic.dtypes import describe_dtype, dtype_from_description, item_bytes, meaning_mask
from hermetic.errors import CannotSave, InvalidState


def record(formats: list[Any], itemsize: int, **others: Any) -> dict[str, Any]:
    """Describe fields that lie end to end, each of one byte or as wide as `offsets` says."""
    names = [f"f{number}" for number in range(len(formats))]
    return {"names": names, "formats": formats, "offsets": list(range(len(formats))), "itemsize": itemsize, **others}


def nested(depth: int) -> Any:
    description: Any = "|i1"
    for _ in range(depth):
        description = record([description], 1)
    return description


BOUNDS: dict[str, tuple[Any, Any]] = {
    "nesting": (nested(17), nested(18)),
    "fields": (record(["|i1"] * 10_000, 10_000), record(["|i1"] * 10_001, 10_001)),
    "length of an item": (record(["|i1"], (1 << 31) - 1), record(["|i1"], 1 << 31)),
    "axes of a field": (record([["|i1", [1] * 32]], 1), record([["|i1", [1] * 33]], 1)),
    "end of a field": (record([["<f8", [3]]], 24), record([["<f8", [3]]], 23)),
    "end of a field with gap": (record(["<f8"], 12, offsets=[4]), record(["<f8"], 12, offsets=[5])),
    "neighbours": (record(["<i4"] * 2, 8, offsets=[0, 4]), record(["<i4"] * 2, 8, offsets=[0, 3])),
    "aligned places": (record(["<i4"], 8, offsets=[4], aligned=True), record(["<i4"], 8, offsets=[2], aligned=True)),
    "a flag": (record(["|i1"], 1, record=True), record(["|i1"], 1, record=1)),
    "widest text": ("<U536870911", "<U536870912"),
    "widest bytes": ("|S2147483647", "|S2147483648"),
    "multiple of a unit of time": ("<M8[2147483647s]", "<M8[2147483648s]"),
    "floating point": ("<f2", "<f1"),
    "single bytes have no order": ("|i1", "<i1"),
    "wider ones have one": ("<i2", "|i2"),
}


@pytest.mark.parametrize("name", BOUNDS)
def test_the_last_description_within_the_bounds_is_a_dtype(name: str):
    description, _ = BOUNDS[name]
    dtype = dtype_from_description(description)
    assert describe_dtype(dtype) == description
    assert item_bytes(description) == dtype.itemsize


@pytest.mark.parametrize("name", BOUNDS)
def test_the_first_description_beyond_the_bounds_is_refused(name: str):
    with pytest.raises(InvalidState, match="not a dtype"):
        dtype_from_description(BOUNDS[name][1])


@pytest.mark.parametrize("depth", [100, 10_000])
def test_a_description_of_any_depth_is_refused_without_deep_recursion(depth: int):
    with pytest.raises(InvalidState):
        dtype_from_description(nested(depth))


@pytest.mark.parametrize("description", ["|O", "<f3", "", "f8", "<i4 ", None, 3, ["<f8"], ("<f8",), b"<f8"], ids=repr)
def test_an_item_of_no_dtype_has_no_length(description: Any):
    with pytest.raises(InvalidState, match="not a dtype"):
        item_bytes(description)


@pytest.mark.parametrize("itemsize", [-1, None, 8.0, "8", True, [8]], ids=repr)
def test_a_record_that_says_no_length_weighs_nothing(itemsize: Any):
    # Only inspecting asks before the description is checked as a whole.
    assert item_bytes({"itemsize": itemsize}) == 0
    assert item_bytes({}) == 0


def test_an_error_shows_no_more_than_the_beginning_of_a_long_description():
    with pytest.raises(InvalidState) as caught:
        dtype_from_description("<" + "x" * 10**6)
    assert len(str(caught.value)) < 1_000


MASKS = [
    ("f8", [255] * 8),
    (np.dtype("V3"), [255] * 3),
    (np.dtype([]), []),
    (np.dtype([("a", "i1"), ("b", "i2")], align=True), [255, 0, 255, 255]),
    (np.dtype({"names": ["a"], "formats": ["i1"], "offsets": [2], "itemsize": 4}), [0, 0, 255, 0]),
    (np.dtype([("a", np.dtype([("x", "i1"), ("y", "i2")], align=True), (2,))]), [255, 0, 255, 255] * 2),
    (np.dtype([("a", "i8", (0,)), ("b", "i1")]), [255]),
]


@pytest.mark.parametrize(("dtype", "mask"), MASKS, ids=str)
def test_only_bytes_that_mean_something_are_marked(dtype: Any, mask: list[int]):
    assert meaning_mask(np.dtype(dtype)).tolist() == mask


@pytest.mark.parametrize("length", [0, 1, 5])
def test_padding_within_arrays_of_fields_is_nothing_to_describe(length: int):
    dtype = np.dtype([("a", "i2", (length,)), ("b", "i1")])
    assert dtype_from_description(describe_dtype(dtype)) == dtype


@pytest.mark.parametrize("dtype", [np.dtype(("f8", (2,))), np.dtype("O"), np.dtypes.StringDType()], ids=str)
def test_a_dtype_that_no_description_holds_is_named_with_what_to_do(dtype: Any):
    with pytest.raises(CannotSave, match="has no place in a file") as caught:
        describe_dtype(dtype)
    assert "plain numpy dtype" in caught.value.next_step
