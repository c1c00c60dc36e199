"""Short text for values, dtypes and sizes, whatever a file claims they are."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from hermetic.graph import Name
from hermetic.inspection.text import dtype_text, printable, shape_text, short, size_text, value_text

NAMES = [Name(name="numpy.log1p", role="referenced")]
VALUES = [
    (None, "None"),
    (True, "True"),
    (-3, "-3"),
    (0.1, "0.1"),
    ("it's", '"it\'s"'),
    ({"float": "-inf"}, "-inf"),
    ({"tuple": []}, "()"),
    ({"tuple": [1]}, "(1,)"),
    ({"tuple": [1, {"tuple": ["a"]}]}, "(1, ('a',))"),
    ({"tuple": list(range(6))}, "(0, 1, 2, 3, 4, 5)"),
    ({"tuple": list(range(9))}, "(0, 1, 2, 3, 4, 5, ... and 3 more)"),
    ({"name": 0}, "numpy.log1p"),
    ({"numpy": ["<f4", 1.5]}, "float32 1.5"),
    ({"dtype": "<i8"}, "dtype int64"),
    ({"bytes": base64.b64encode(b"abc").decode()}, "b'abc'"),
    ({"bytes": base64.b64encode(b"x" * 12).decode()}, "b'xxxxxxxxxxxx'"),
    ({"bytes": base64.b64encode(b"x" * 2000).decode()}, "2,000 bytes"),
]


@pytest.mark.parametrize(("value", "text"), VALUES, ids=[text for _, text in VALUES])
def test_a_value_is_shown_as_python_writes_it(value: Any, text: str):
    assert value_text(value, NAMES) == text


HOSTILE = [
    ({"name": 1}, "1"),
    ({"name": -1}, "-1"),
    ({"name": True}, "True"),
    ({"tuple": 5}, "5"),
    ({"numpy": ["<f4"]}, "['<f4']"),
    ({"dtype": 7}, "dtype unknown dtype"),
    ({"bytes": 7}, "bytes"),
    ({"bytes": "a"}, "bytes"),
    ({"unknown": "thing"}, "thing"),
    ({}, "{}"),
    ({"two": 1, "tags": 2}, "{'two': 1, 'tags': 2}"),
]


@pytest.mark.parametrize(("value", "text"), HOSTILE, ids=[str(value) for value, _ in HOSTILE])
def test_a_tag_with_the_wrong_content_is_shown_as_it_is(value: Any, text: str):
    assert value_text(value, NAMES) == text


@pytest.mark.parametrize("value", ["x" * 10**6, {"float": "x" * 10**6}, {"unknown": ["x"] * 10**5}], ids=type)
def test_no_value_is_longer_than_60_characters(value: Any):
    text = value_text(value, [])
    assert len(text) == 60
    assert text.endswith("...")


def test_a_long_name_is_cut():
    assert len(value_text({"name": 0}, [Name(name="a" * 999, role="referenced")])) == 60


@pytest.mark.parametrize(("length", "is_cut"), [(59, False), (60, False), (61, True)])
def test_text_is_cut_from_61_characters_on(length: int, is_cut: bool):
    assert (short("x" * length) != "x" * length) is is_cut
    assert len(short("x" * length)) <= 60


DTYPES = [
    ("<f8", "float64"),
    ("|b1", "bool"),
    ("|u1", "uint8"),
    (">c16", "complex128 of the other byte order"),
    ("|S3", "bytes of 3"),
    (">U3", "str of 3 of the other byte order"),
    ("|V7", "void of 7"),
    ("<M8[25s]", "datetime64[25s]"),
    (">m8", "timedelta64 of the other byte order"),
    ({"names": ["a", "b"], "itemsize": 9}, "record of 2 fields, 9 bytes"),
    ({"names": 3}, "record"),
    ({}, "record"),
    ("", "unknown dtype"),
    ("<f", "unknown dtype"),
    (8, "unknown dtype"),
    (None, "unknown dtype"),
    ("<Q8", "<Q8"),
    ("<fx", "<fx"),
    ("<f-8", "<f-8"),
]


@pytest.mark.parametrize(("description", "text"), DTYPES, ids=[str(description) for description, _ in DTYPES])
def test_a_dtype_has_the_name_that_people_know(description: Any, text: str):
    assert dtype_text(description) == text


@pytest.mark.parametrize("description", ["<f" + "9" * 10**5, "<Q" + "9" * 10**5, "<M8" + "[" * 10**5])
def test_a_dtype_of_a_hundred_thousand_digits_costs_nothing(description: str):
    assert len(dtype_text(description)) < 100


@pytest.mark.parametrize(("shape", "text"), [([], "()"), ([5], "(5,)"), ([3, 4], "(3, 4)"), ([0, 1, 2], "(0, 1, 2)")])
def test_a_shape_is_shown_as_a_tuple(shape: list[int], text: str):
    assert shape_text(shape) == text


@pytest.mark.parametrize(
    ("length_bytes", "text"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1_000, "1.0 kB"),
        (999_949, "999.9 kB"),
        (999_950, "1.0 MB"),
        (999_950_000, "1.0 GB"),
        (999_949_999_999, "999.9 GB"),
        (999_950_000_000, "1.0 TB"),
        (12_345 * 10**12, "12,345.0 TB"),
    ],
)
def test_a_size_is_never_a_thousand_of_its_unit(length_bytes: int, text: str):
    assert size_text(length_bytes) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, é and 語", "plain, é and 語"),
        ("two\nlines", "two\\nlines"),
        ("\x1b[2J\x9b", "\\x1b[2J\\x9b"),
        ("\u202egpj.exe", "\\u202egpj.exe"),
        ("\U000e0041", "\\U000e0041"),
        ("\ud800", "\\ud800"),
        ("\u2028\xa0\xad", "\\u2028\\xa0\\xad"),
    ],
)
def test_what_is_not_printable_is_spelled_out(text: str, shown: str):
    assert printable(text) == shown
    assert printable(shown) == shown
