"""A text is seen in every form that a file can give it, before anything is read."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import pytest

from hermetic.codecs.scalars import decode_scalar, encode_scalar
from hermetic.codecs.texts import text_of


def encoded(value: Any) -> Any:
    return encode_scalar(value, lambda thing, role: 0)


TEXTS = ["", "a", "filename", "\u00e9\u4e00\U0001f600", "a\udce9", "a\0b"]


@pytest.mark.parametrize("text", TEXTS, ids=ascii)
def test_a_text_is_seen_as_it_will_be_restored(text: str):
    for value in (text, encoded(text), {"text": base64.b64encode(text.encode("utf-8", "surrogatepass")).decode()}):
        assert text_of(value) == text == decode_scalar(value, [])


@pytest.mark.parametrize("text", ["a", "filename", "\u00e9\u4e00\U0001f600"], ids=ascii)
def test_a_text_of_numpy_is_seen_as_well(text: str):
    value = encoded(np.str_(text))
    assert list(value) == ["numpy"]
    assert text_of(value) == text


def test_bytes_of_numpy_never_equal_a_text_but_are_seen():
    assert text_of(encoded(np.bytes_(b"filename"))) == "filename"
    assert text_of(encoded(np.bytes_(b"\xff"))) is None


@pytest.mark.parametrize(
    "value",
    [None, 1, 1.5, True, [0], {"float": "nan"}, {"bytes": "YQ=="}, {"tuple": ["a"]}, {"name": 0}, {"text": "%%%"}],
    ids=str,
)
def test_everything_else_is_no_text(value: Any):
    assert text_of(value) is None


@pytest.mark.parametrize("content", [5, None, ["a"]], ids=str)
def test_a_form_that_is_none_is_no_text(content: Any):
    assert text_of({"text": content}) is None
    assert text_of({"numpy": ["<f8", content]}) is None


def test_a_text_that_no_encoding_gives_is_none():
    assert text_of({"text": base64.b64encode(b"\xff").decode()}) is None
    assert text_of({"numpy": ["<U1", base64.b64encode(b"\xff\xff\xff\xff").decode()]}) is None
