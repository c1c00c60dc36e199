"""A dtype's text in a header is numpy's own, without numpy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hermetic.dtypes import describe_dtype, stored_dtype
from hermetic.errors import InvalidState
from hermetic.formats.npy_dtype import npy_dtype_text

PLAIN = ["?", "i1", "u1", "<i2", "<u8", "<f2", "<f8", ">f4", "<c16", "S0", "S7", "U0", "<U12", "V5", "<M8[ns]", "<m8"]
PLAIN += ["<M8[25s]", "<M8", ">M8[ms]", "f16", "c32"]


def numpys_own(dtype: Any) -> str:
    return repr(np.lib.format.dtype_to_descr(stored_dtype(dtype)))


@pytest.mark.parametrize("text", PLAIN)
def test_a_plain_dtype_is_written_as_numpy_does(text: str):
    dtype = np.dtype(text)
    assert npy_dtype_text(describe_dtype(dtype)) == numpys_own(dtype)


RECORDS: dict[str, Any] = {
    "packed": np.dtype([("a", "<i4"), ("b", "<f8")]),
    "aligned": np.dtype([("a", "i1"), ("b", "<f8"), ("c", "i1")], align=True),
    "shaped": np.dtype([("a", "<f4", (2, 3)), ("b", "S3", (1,))]),
    "nested": np.dtype([("a", [("x", "<i2"), ("y", "<U2")]), ("b", "<i8")]),
    "nested with shape": np.dtype([("a", [("x", "<i2")], (2,))]),
    "padded": np.dtype({"names": ["a", "b"], "formats": ["i1", "<i4"], "offsets": [2, 8], "itemsize": 20}),
    "without fields": np.dtype([]),
    "with other letters": np.dtype([("\u00e9", "<i4"), ("it's", "<f8"), ('"', "i1")]),
    "record": np.dtype((np.record, [("a", "<i4")])),
    "big-endian": np.dtype([("a", ">i4"), ("b", ">U3")]),
}


@pytest.mark.parametrize("name", RECORDS)
def test_a_structured_dtype_is_written_as_numpy_does(name: str):
    assert npy_dtype_text(describe_dtype(RECORDS[name])) == numpys_own(RECORDS[name])


FIELDS = st.sampled_from(["?", "i1", "<i2", "<f8", ">i4", "S3", "<U2", "<M8[D]", "V4"])
SHAPES = st.sampled_from([(), (2,), (3, 1)])


@st.composite
def structured(draw: Any, depth: int = 2) -> Any:
    names = draw(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1), unique=True))
    kinds = st.one_of(FIELDS, structured(depth - 1)) if depth else FIELDS
    formats = [(draw(kinds), draw(SHAPES)) for _ in names]
    gaps = [draw(st.integers(0, 3)) for _ in names]
    end, offsets = 0, []
    for gap, inner in zip(gaps, formats, strict=True):
        offsets.append(end + gap)
        end = offsets[-1] + np.dtype(inner).itemsize
    return np.dtype({"names": names, "formats": formats, "offsets": offsets, "itemsize": end + draw(st.integers(0, 3))})


@given(structured())
def test_any_structured_dtype_is_written_as_numpy_does(dtype: Any):
    assert npy_dtype_text(describe_dtype(dtype)) == numpys_own(dtype)


FIELD = {"names": ["a"], "formats": ["<i4"], "offsets": [0], "itemsize": 4}
deep: Any = "<i4"
for _ in range(20):
    deep = {**FIELD, "formats": [deep]}
WRONG: list[Any] = [
    None,
    5,
    "",
    "|O",
    "<f3",
    "|S01",
    "<M8[1s]",
    "<M8[s/2]",
    {},
    {**FIELD, "extra": 1},
    {**FIELD, "names": "a"},
    {**FIELD, "names": [1]},
    {**FIELD, "names": ["a", "b"]},
    {**FIELD, "offsets": [1]},
    {**FIELD, "offsets": [-1]},
    {**FIELD, "offsets": ["0"]},
    {**FIELD, "itemsize": 3},
    {**FIELD, "itemsize": "4"},
    {**FIELD, "formats": [["<i4"]]},
    {**FIELD, "formats": [["<i4", 2]]},
    {**FIELD, "formats": [["<i4", ["2"]]]},
    {**FIELD, "formats": [["<i4", [2]]]},
    {"names": ["a", "b"], "formats": ["<i4", "<i4"], "offsets": [0, 2], "itemsize": 8},
    deep,
]


@pytest.mark.parametrize("description", WRONG, ids=lambda description: str(description)[:60])
def test_what_is_no_dtype_is_refused(description: Any):
    with pytest.raises(InvalidState, match="dtype"):
        npy_dtype_text(description)
