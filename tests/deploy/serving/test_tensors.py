"""Tensors: every datatype as JSON and as bytes, there and back; everything else is refused with its field."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hermetic.deploy.serving.problems import Problem
from hermetic.deploy.serving.tensors import (
    DATATYPES,
    binary_of,
    datatype_of,
    json_of,
    values_of_binary,
    values_of_json,
)

NUMERIC = [name for name in DATATYPES if name != "BYTES"]


@pytest.mark.parametrize("datatype", NUMERIC)
def test_numbers_come_back_from_json_and_from_bytes(datatype: str):
    values = np.array([[0, 1], [1, 0]]).astype(DATATYPES[datatype])
    assert datatype_of(values) == datatype
    for found in (
        values_of_json(json_of(values), datatype, [2, 2], "data"),
        values_of_json(values.tolist(), datatype, [2, 2], "data"),
        values_of_binary(memoryview(binary_of(values)), datatype, [2, 2], "data"),
    ):
        assert found.dtype.newbyteorder("=") == values.dtype.newbyteorder("=")
        assert found.tolist() == values.tolist()


@pytest.mark.parametrize("datatype", ["INT64", "UINT64", "FP64"])
def test_the_greatest_number_comes_back(datatype: str):
    dtype = np.dtype(DATATYPES[datatype])
    most = np.finfo(dtype).max if dtype.kind == "f" else np.iinfo(dtype).max
    values = np.array([most], dtype=dtype)
    assert values_of_json(json_of(values), datatype, [1], "data").tolist() == [most]
    assert values_of_binary(memoryview(binary_of(values)), datatype, [1], "data").tolist() == [most]


@pytest.mark.parametrize("texts", [["a"], ["", "ünï", "\x00"], ["x" * 300, "\U0001f600"]], ids=range(3))
def test_texts_come_back_from_bytes(texts: list[str]):
    values = np.array(texts, dtype=object)
    assert values_of_binary(memoryview(binary_of(values)), "BYTES", [len(texts)], "data").tolist() == texts


def test_bytes_are_copied_so_that_a_model_may_write_into_them():
    data = bytearray(binary_of(np.zeros(2)))
    values = values_of_binary(memoryview(data), "FP64", [2], "data")
    values[0] = 7
    assert data == bytearray(16)
    assert values.flags.writeable


def test_bytes_of_booleans_are_true_and_false_only():
    found = values_of_binary(memoryview(b"\x00\x01\xff"), "BOOL", [3], "data")
    assert found.view("u1").tolist() == [0, 1, 1]


def test_null_is_a_missing_number_or_text():
    assert np.isnan(values_of_json([None], "FP32", [1], "data")).all()
    assert np.isnan(values_of_json([1, None], "INT64", [2], "data")[1])
    assert values_of_json([None, "a"], "BYTES", [2], "data").tolist() == [None, "a"]


def test_what_json_has_no_word_for_is_written_as_null():
    assert json_of(np.array([np.nan, np.inf, -np.inf, 1.5])) == [None, None, None, 1.5]
    assert json_of(np.array(["a", None], dtype=object)) == ["a", None]


WRONG_JSON: dict[str, tuple[Any, str, list[int], str]] = {
    "no list": (5, "FP64", [1], "expected a list"),
    "too few": ([1], "FP64", [2], "has 1 values, its shape [2] needs 2"),
    "nested unevenly": ([[1, 2], 3], "FP64", [2, 2], "mixes lists and values"),
    "nested too deeply": ([[[1]]], "FP64", [1, 1], "data[0]: expected a number, found a list"),
    "a text": (["1"], "FP64", [1], "data[0]: expected a number, found a text"),
    "a boolean": ([True], "INT8", [1], "data[0]: expected a number, found true or false"),
    "a number for a boolean": ([1], "BOOL", [1], "data[0]: expected true or false, found a number"),
    "a number for a text": ([1], "BYTES", [1], "data[0]: expected a text, found a number"),
    "a fraction": ([1, 1.5], "INT64", [2], "data[1]: expected a whole number for INT64"),
    "too great": ([300], "UINT8", [1], "holds a number that UINT8 cannot hold"),
    "below zero": ([-1], "UINT64", [1], "holds a number that UINT64 cannot hold"),
    "a float beyond half precision": ([1e10], "FP16", [1], "holds a number that FP16 cannot hold"),
    "a float beyond single precision": ([0.5, -1e300], "FP32", [2], "holds a number that FP32 cannot hold"),
    "a float beyond it, with a gap": ([None, 1e300], "FP32", [2], "holds a number that FP32 cannot hold"),
    "a whole number beyond double precision": ([10**400], "FP64", [1], "holds a number that FP64 cannot hold"),
    "a whole number beyond half precision": ([10**6], "FP16", [1], "holds a number that FP16 cannot hold"),
    "a great float for a whole number": ([1e30], "INT64", [1], "holds a number that INT64 cannot hold"),
    "too great, with a gap": ([10**400, None], "INT64", [2], "holds a number that INT64 cannot hold"),
    "a null for a boolean": ([None], "BOOL", [1], "data[0]: expected true or false, found null"),
    "an object": ([{}], "FP64", [1], "data[0]: expected a number, found an object"),
    "values where there are none": ([1], "FP64", [0], "has 1 values, its shape [0] needs 0"),
    "numbers of a shape beyond all": ([], "FP64", [1 << 39, 1 << 39, 0], "is beyond any array"),
    "texts of a shape beyond all": ([], "BYTES", [0, 1 << 39, 1 << 39], "is beyond any array"),
    "booleans of a shape beyond all": ([], "BOOL", [1 << 39, 0, 1 << 39], "is beyond any array"),
    "more values than any list": ([1], "FP64", [1 << 39] * 8, "has 1 values"),
}


@pytest.mark.parametrize("words", WRONG_JSON)
def test_wrong_json_is_refused_with_its_field(words: str):
    data, datatype, shape, message = WRONG_JSON[words]
    with pytest.raises(Problem) as caught:
        values_of_json(data, datatype, shape, "data")
    assert caught.value.status == 400
    assert message in caught.value.body().decode()


WRONG_BYTES: dict[str, tuple[bytes, str, list[int], str]] = {
    "too short": (bytes(7), "FP64", [1], "has 7 bytes, FP64 of shape [1] needs 8"),
    "too long": (bytes(9), "FP64", [1], "has 9 bytes"),
    "half a length": (b"\x01\x00", "BYTES", [1], "are not 1 texts"),
    "half a text": (b"\x05\x00\x00\x00ab", "BYTES", [1], "are not 1 texts"),
    "one text more": (b"\x01\x00\x00\x00a" * 2, "BYTES", [1], "are not 1 texts"),
    "one text less": (b"\x01\x00\x00\x00a", "BYTES", [2], "are not 2 texts"),
    "no text": (b"\x01\x00\x00\x00\xff", "BYTES", [1], "text 0 is no UTF-8"),
    "a length beyond all": (b"\xff\xff\xff\xffa", "BYTES", [1], "are not 1 texts"),
    "a shape beyond all": (bytes(8), "FP64", [1 << 40, 1 << 40], "has 8 bytes"),
    "texts beyond all": (b"", "BYTES", [1 << 40], "are not"),
    "no numbers, of a shape beyond all": (b"", "INT8", [1 << 39, 1 << 39, 0], "is beyond any array"),
    "no booleans, of a shape beyond all": (b"", "BOOL", [0, 1 << 39, 1 << 39], "is beyond any array"),
    "no texts, of a shape beyond all": (b"", "BYTES", [0, 1 << 39, 1 << 39], "is beyond any array"),
    "bytes where there are no texts": (b"\x00\x00\x00\x00", "BYTES", [0], "are not 0 texts"),
    "half of a surrogate pair": (b"\x03\x00\x00\x00\xed\xa0\x80", "BYTES", [1], "text 0 is no UTF-8"),
}


@pytest.mark.parametrize("words", WRONG_BYTES)
def test_wrong_bytes_are_refused_before_anything_is_made_of_them(words: str):
    data, datatype, shape, message = WRONG_BYTES[words]
    with pytest.raises(Problem) as caught:
        values_of_binary(memoryview(data), datatype, shape, "data")
    assert message in caught.value.words


@pytest.mark.parametrize("datatype", NUMERIC)
def test_bytes_of_every_datatype_are_as_many_as_its_shape_needs(datatype: str):
    size = np.dtype(DATATYPES[datatype]).itemsize
    for wrong in {0, size - 1, 6 * size - 1, 6 * size + 1, 12 * size} - {6 * size}:
        with pytest.raises(Problem, match=f"has {wrong} bytes, {datatype} of shape"):
            values_of_binary(memoryview(bytes(wrong)), datatype, [2, 3], "data")


@pytest.mark.parametrize("datatype", ["FP16", "FP32", "FP64"])
def test_infinity_and_nan_come_through_as_bytes_only(datatype: str):
    values = np.array([np.inf, -np.inf, np.nan], dtype=DATATYPES[datatype])
    found = values_of_binary(memoryview(binary_of(values)), datatype, [3], "data")
    assert str(found.tolist()) == "[inf, -inf, nan]"
    assert json_of(found) == [None, None, None]


LEAST_AND_MOST = {
    name: (np.iinfo(dtype).min, np.iinfo(dtype).max) for name, dtype in DATATYPES.items() if "INT" in name
}


@pytest.mark.parametrize("datatype", LEAST_AND_MOST)
def test_whole_numbers_fit_their_datatype_to_the_last_one_and_no_further(datatype: str):
    least, most = LEAST_AND_MOST[datatype]
    assert values_of_json([least, most], datatype, [2], "data").tolist() == [least, most]
    for beyond in (least - 1, most + 1):
        with pytest.raises(Problem, match=f"holds a number that {datatype} cannot hold"):
            values_of_json([beyond], datatype, [1], "data")


@pytest.mark.parametrize("data", [[1, 2, 3, 4, 5, 6], [[1, 2, 3], [4, 5, 6]]], ids=["flat", "nested"])
def test_values_are_in_the_order_of_rows_however_they_are_nested(data: Any):
    assert values_of_json(data, "INT8", [2, 3], "data").tolist() == [[1, 2, 3], [4, 5, 6]]


ODD = {
    "dates": np.array(["2026-01-02"], dtype="M8[D]"),
    "complex numbers": np.array([1j]),
    "fixed texts": np.array(["ab"]),
    "objects": np.array([1], dtype=object),
}


@pytest.mark.parametrize("words", ODD)
def test_what_the_protocol_has_no_datatype_for_is_written_as_text(words: str):
    assert datatype_of(ODD[words]) == "BYTES"
    [text] = json_of(ODD[words])
    assert binary_of(ODD[words]) == len(text).to_bytes(4, "little") + text.encode()


def test_arrays_of_the_other_byte_order_are_written_in_that_of_the_protocol():
    values = np.array([[1, 2], [3, 4]], dtype=">i4")
    assert (datatype_of(values), json_of(values)) == ("INT32", [1, 2, 3, 4])
    assert binary_of(values) == np.array([1, 2, 3, 4], dtype="<i4").tobytes()
    assert binary_of(values.T) == np.array([1, 3, 2, 4], dtype="<i4").tobytes()
