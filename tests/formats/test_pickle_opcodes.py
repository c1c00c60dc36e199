"""The table of opcodes is Python's own; arguments are read strictly."""

from __future__ import annotations

import pickletools
from typing import Any

import pytest

from hermetic.errors import FormatError
from hermetic.formats.pickle_opcodes import ATOM_READERS, BYTES8_READERS, LOWEST_PROTOCOLS, OPCODES, Cursor


def test_the_table_is_that_of_python():
    assert {ord(entry.code): entry.name for entry in pickletools.opcodes} == OPCODES
    assert {ord(entry.code): entry.proto for entry in pickletools.opcodes} == LOWEST_PROTOCOLS


def test_every_argument_of_a_plain_value_is_read_as_python_describes_it():
    samples = {"BINFLOAT": bytes(8), "BININT1": b"\x05", "INT": b"12\n", "LONG": b"-3L\n", "FLOAT": b"2.5\n"}
    for entry in pickletools.opcodes:
        code = ord(entry.code)
        readers: dict[int, Any] = {**ATOM_READERS, **BYTES8_READERS}
        if code in readers and entry.name in samples:
            value = readers[code](Cursor(samples[entry.name]))
            assert value == {"BINFLOAT": 0.0, "BININT1": 5, "INT": 12, "LONG": -3, "FLOAT": 2.5}[entry.name]


@pytest.mark.parametrize(
    ("method", "data", "value"),
    [
        ("read_decimal", b"-12\n", -12),
        ("read_index", b"7\n", 7),
        ("read_whole_or_truth", b"01\n", True),
        ("read_whole_or_truth", b"00\n", False),
        ("read_whole_or_truth", b"-5\n", -5),
        ("read_long", b"123L\n", 123),
        ("read_float_line", b"1.5e-07\n", 1.5e-07),
        ("read_float_line", b"-inf\n", float("-inf")),
        ("read_double", b"\x40\x04" + bytes(6), 2.5),
        ("read_quoted", b"'it\\'s \\x41\\101\\n\\\\'\n", b"it's AA\n\\"),
        ("read_quoted", b'"plain"\n', b"plain"),
        ("read_raw_unicode", b"a\\u20ac\xe9\n", "a\u20ac\xe9"),
        ("read_name", b"module\n", "module"),
        ("read_line", b"\n", b""),
    ],
)
def test_an_argument_is_read(method: str, data: bytes, value: object):
    cursor = Cursor(data + b"rest")
    assert getattr(cursor, method)() == value
    assert cursor.take(4) == b"rest"


@pytest.mark.parametrize(
    ("method", "data"),
    [
        ("read_decimal", b"+1\n"),
        ("read_decimal", b"010\n"),
        ("read_decimal", b" 1\n"),
        ("read_decimal", b"1"),
        ("read_decimal", b"\n"),
        ("read_decimal", b"\xd9\xa1\n"),
        ("read_long", b"1l\n"),
        ("read_float_line", b"1E5_0\n"),
        ("read_float_line", b"infinity\n"),
        ("read_float_line", b"1" * 500 + b"\n"),
        ("read_quoted", b"'a\"\n"),
        ("read_quoted", b"'\n"),
        ("read_quoted", b"'\\'\n"),
        ("read_raw_unicode", b"\\u12\n"),
        ("read_double", bytes(7)),
        ("read_signed_bytes", b"\xff\xff\xff\xff"),
    ],
)
def test_another_form_is_refused(method: str, data: bytes):
    with pytest.raises(FormatError):
        getattr(Cursor(data), method)()
