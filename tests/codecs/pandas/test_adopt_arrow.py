"""Arrays of pyarrow in legacy files: their buffers are read without pyarrow, and none is believed."""

from __future__ import annotations

import datetime
import decimal
import struct
from typing import Any

import numpy as np
import pandas
import pyarrow
import pytest

import hermetic
from hermetic.codecs.pandas.arrow import describe_arrow_type
from hermetic.codecs.pandas.arrow_legacy import arrow_column, describe_legacy_arrow_type
from hermetic.errors import FileError
from hermetic.legacy_objects import LegacyObject
from tests.legacy_pickles import PROTOCOLS, Made, adopted_fields, assert_like_live, new, problem_of, written

TYPES = [
    pyarrow.int8(),
    pyarrow.uint64(),
    pyarrow.float32(),
    pyarrow.float64(),
    pyarrow.bool_(),
    pyarrow.string(),
    pyarrow.large_string(),
    pyarrow.date32(),
    pyarrow.date64(),
    pyarrow.time32("ms"),
    pyarrow.time64("us"),
    pyarrow.duration("ns"),
    pyarrow.timestamp("s"),
    pyarrow.timestamp("us", tz="Europe/Oslo"),
    pyarrow.decimal128(10, 2),
]
VALUES: dict[str, list[Any]] = {
    "bool": [True, None, False, True],
    "string": ["a", None, "øå", ""],
    "large_string": ["a", None, "øå", ""],
    "date32[day]": [datetime.date(2020, 2, 29), None],
    "date64[ms]": [datetime.date(2020, 2, 29), None],
    "time32[ms]": [datetime.time(1, 2, 3), None],
    "time64[us]": [datetime.time(1, 2, 3), None],
    "duration[ns]": [datetime.timedelta(seconds=-1), None],
    "timestamp[s]": [datetime.datetime(2020, 2, 29), None],
    "timestamp[us, tz=Europe/Oslo]": [datetime.datetime(2020, 2, 29), None],
    "decimal128(10, 2)": [decimal.Decimal("-1.50"), None, decimal.Decimal("0.00")],
}


def _array(values: Any, kind: Any) -> Any:
    return pandas.arrays.ArrowExtensionArray(pyarrow.chunked_array([pyarrow.array(values, type=kind)]))


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("kind", TYPES, ids=str)
def test_a_column_of_each_type_is_what_the_unpickler_makes(kind: Any, protocol: int) -> None:
    assert_like_live(_array(VALUES.get(str(kind), [1, None, 3]), kind), protocol)


@pytest.mark.parametrize("kind", TYPES, ids=str)
def test_a_column_without_missing_values_is_what_the_unpickler_makes(kind: Any) -> None:
    values = [value for value in VALUES.get(str(kind), [1, 3]) if value is not None]
    assert_like_live(_array(values, kind), 4)


@pytest.mark.parametrize("kind", TYPES, ids=str)
def test_an_empty_column_is_what_the_unpickler_makes(kind: Any) -> None:
    assert_like_live(_array([], kind), 4)


@pytest.mark.parametrize("kind", TYPES, ids=str)
@pytest.mark.parametrize("begin", [1, 3])
def test_a_part_of_a_column_is_what_the_unpickler_makes(kind: Any, begin: int) -> None:
    values = VALUES.get(str(kind), [1, None, 3]) * 5
    assert_like_live(_array(values, kind)[begin : begin + 5], 5)


@pytest.mark.parametrize("kind", TYPES, ids=str)
def test_the_type_is_described_as_that_of_a_live_column(kind: Any) -> None:
    assert describe_legacy_arrow_type(_type(kind)) == describe_arrow_type(kind)


@pytest.mark.parametrize(
    "values",
    [
        [[1, 2], [], None, [3, None]],
        [[], []],
        [],
        [None, None],
    ],
)
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_lists_are_what_the_unpickler_makes(values: Any, protocol: int) -> None:
    assert_like_live(_array(values, pyarrow.list_(pyarrow.int64())), protocol)


def test_lists_of_texts_and_of_lists_are_what_the_unpickler_makes() -> None:
    assert_like_live(_array([["a", None], None, ["b"]], pyarrow.list_(pyarrow.string())), 4)
    assert_like_live(_array([[[1], []], None, [[2, 3]]], pyarrow.list_(pyarrow.list_(pyarrow.int8()))), 4)


def test_a_part_of_a_column_of_lists_is_what_the_unpickler_makes() -> None:
    assert_like_live(_array([[1, 2], None, [3], [4, 5]], pyarrow.list_(pyarrow.int64()))[1:3], 4)


def _type(kind: Any) -> LegacyObject:
    function, arguments = kind.__reduce__()
    return LegacyObject(f"pyarrow.lib:{function.__name__}", is_new=False, arguments=arguments)


def _alias(name: str) -> Made:
    return Made("pyarrow.lib:type_for_alias", (name,))


def _buffer(content: bytes | None) -> Any:
    return None if content is None else Made("pyarrow.lib:py_buffer", (content,))


def _column(kind: Any, length: Any, buffers: Any, offset: Any = 0, children: Any = (), dictionary: Any = None) -> Made:
    parts = (kind, length, -1, offset, [*map(_buffer, buffers)], list(children), dictionary)
    return Made("pyarrow.lib:_restore_array", (parts,))


def _held(column: Any, key: str = "_pa_array") -> Made:
    return new("pandas.arrays:ArrowExtensionArray", {key: column, "_dtype": None})


INTEGERS = np.arange(3, dtype="<i8").tobytes()
SHORTS = np.arange(3, dtype="<i4").tobytes()


@pytest.mark.parametrize("key", ["_pa_array", "_data"])
def test_a_column_may_be_in_chunks_as_pandas_2_writes_it(key: str) -> None:
    chunks = [_column(_alias("int64"), 3, [None, INTEGERS]), _column(_alias("int64"), 1, [b"\0", INTEGERS])]
    fields = adopted_fields(_held(Made("pyarrow.lib:chunked_array", (chunks, _alias("int64"))), key))
    assert fields["values"].tolist() == [0, 1, 2, 0]
    assert fields["missing"].tolist() == [False, False, False, True]


@pytest.mark.parametrize("kind", ["int64", "string", "decimal128"])
def test_a_column_may_have_no_chunks(kind: str) -> None:
    given = Made("pyarrow.lib:decimal128", (5, 2)) if kind == "decimal128" else _alias(kind)
    fields = adopted_fields(_held(Made("pyarrow.lib:chunked_array", ([], given))))
    assert len(fields["values"]) == 0
    assert isinstance(fields["values"], np.ndarray if kind == "int64" else list)


def test_texts_in_chunks_follow_each_other() -> None:
    chunks = [_column(_alias("string"), 1, [None, struct.pack("<2i", 0, 1), b"a"])] * 2
    fields = adopted_fields(_held(Made("pyarrow.lib:chunked_array", (chunks, _alias("string")))))
    assert fields["values"] == ["a", "a"]


def test_items_of_lists_that_are_missing_are_none_of_the_column() -> None:
    ends = struct.pack("<3i", 0, 2, 3)
    child = (_alias("int64"), 3, 0, 0, [None, _buffer(INTEGERS)], [], None)
    kind = Made("pyarrow.lib:list_", (_alias("int64"),))
    fields = adopted_fields(_held(_column(kind, 2, [b"\2", ends], children=[child])))
    assert fields["values"].fields["values"].tolist() == [2]
    assert fields["lengths"].tolist() == [0, 1]


HOSTILE = {
    "nothing": None,
    "a call": Made("os:system", ("true",)),
    "six parts": Made("pyarrow.lib:_restore_array", ((1, 2, 3, 4, 5, 6),)),
    "a length beyond the buffer": _column(_alias("int64"), 4, [None, INTEGERS]),
    "a length beyond the mask": _column(_alias("int8"), 9, [b"\1", INTEGERS]),
    "a length of 2**31": _column(_alias("bool"), 1 << 31, [None, b"\1"]),
    "a length that would take a gigabyte": _column(_alias("bool"), 1 << 30, [None, b"\1"]),
    "a length of texts that would take a gigabyte": _column(_alias("string"), 1 << 30, [None, None, b""]),
    "a negative length": _column(_alias("int64"), -1, [None, INTEGERS]),
    "a length that is a text": _column(_alias("int64"), "3", [None, INTEGERS]),
    "an offset beyond the buffer": _column(_alias("int64"), 2, [None, INTEGERS], offset=2),
    "an offset of 2**40": _column(_alias("int64"), 2, [None, INTEGERS], offset=1 << 40),
    "a negative offset": _column(_alias("int64"), 2, [None, INTEGERS], offset=-1),
    "one buffer": _column(_alias("int64"), 3, [INTEGERS]),
    "a dictionary": _column(_alias("int64"), 3, [None, INTEGERS], dictionary=1),
    "a buffer of a file": Made(
        "pyarrow.lib:_restore_array",
        ((_alias("int64"), 3, 0, 0, [None, Made("pyarrow.lib:memory_map", ("/etc/passwd",))], [], None),),
    ),
    "a buffer that is a number": Made("pyarrow.lib:_restore_array", ((_alias("int64"), 3, 0, 0, [None, 7], [], None),)),
    "a type nobody knows": _column(_alias("binary"), 1, [None, SHORTS, b"abc"]),
    "structs": _column(Made("pyarrow.lib:struct", ([],)), 1, [None]),
    "texts whose ends fall": _column(_alias("string"), 2, [None, struct.pack("<3i", 0, 3, 1), b"abc"]),
    "texts that end beyond": _column(_alias("string"), 2, [None, struct.pack("<3i", 0, 1, 9), b"abc"]),
    "texts that begin before": _column(_alias("string"), 2, [None, struct.pack("<3i", -1, 1, 2), b"abc"]),
    "texts that are none": _column(_alias("string"), 1, [None, struct.pack("<2i", 0, 2), b"\xff\xfe"]),
    "texts without a content": _column(_alias("large_string"), 1, [None, struct.pack("<2q", 0, 1)]),
    "decimals that are too short": _column(Made("pyarrow.lib:decimal128", (5, 2)), 2, [None, bytes(16)]),
    "decimals of a huge scale": _column(Made("pyarrow.lib:decimal128", (5, 10**9)), 1, [None, bytes(16)]),
    "lists without items": _column(Made("pyarrow.lib:list_", (_alias("int64"),)), 2, [None, SHORTS]),
    "lists of other items": _column(
        Made("pyarrow.lib:list_", (_alias("int64"),)),
        2,
        [None, SHORTS],
        children=[(_alias("int8"), 3, 0, 0, [None, _buffer(INTEGERS)], [], None)],
    ),
    "lists that end beyond": _column(
        Made("pyarrow.lib:list_", (_alias("int64"),)),
        2,
        [None, struct.pack("<3i", 0, 2, 9)],
        children=[(_alias("int64"), 3, 0, 0, [None, _buffer(INTEGERS)], [], None)],
    ),
    "chunks of other types": Made(
        "pyarrow.lib:chunked_array", ([_column(_alias("int64"), 3, [None, INTEGERS])], _alias("int8"))
    ),
    "chunks that are a call": Made("pyarrow.lib:chunked_array", (Made("os:system", ("true",)), _alias("int8"))),
    "chunks of chunks without end": Made("pyarrow.lib:chunked_array", ([None], _alias("int8"))),
    "a timestamp of numbers": _column(Made("pyarrow.lib:timestamp", (1, 2)), 3, [None, INTEGERS]),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_column_that_pyarrow_does_not_write_is_refused(name: str) -> None:
    assert problem_of(_held(HOSTILE[name]))


@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_with_such_a_column_does_not_load(name: str) -> None:
    with pytest.raises(FileError):
        hermetic.loads(written(_held(HOSTILE[name])))


@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_with_such_texts_does_not_load(name: str) -> None:
    dtype = Made("pandas:StringDtype", ("pyarrow",))
    with pytest.raises(FileError):
        hermetic.loads(written(new("pandas.arrays:ArrowStringArray", {"_pa_array": HOSTILE[name], "_dtype": dtype})))


def test_an_array_of_texts_holds_nothing_else() -> None:
    column = _column(_alias("int64"), 3, [None, INTEGERS])
    assert "in place of texts" in problem_of(new("pandas.arrays:ArrowStringArray", {"_pa_array": column}))


def test_lists_in_each_other_without_end_are_refused() -> None:
    kind = _alias("int8")
    for _ in range(30):
        kind = Made("pyarrow.lib:list_", (kind,))
    assert "no place in a file" in problem_of(_held(_column(kind, 1, [None, SHORTS])))


def test_what_is_no_array_of_pyarrow_is_refused_by_itself() -> None:
    with pytest.raises(FileError, match="not made as pyarrow makes it"):
        arrow_column(7)
