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
}


@pytest.mark.parametrize("words", WRONG_BYTES)
def test_wrong_bytes_are_refused_before_anything_is_made_of_them(words: str):
    data, datatype, shape, message = WRONG_BYTES[words]
    with pytest.raises(Problem) as caught:
        values_of_binary(memoryview(data), datatype, shape, "data")
    assert message in caught.value.words
