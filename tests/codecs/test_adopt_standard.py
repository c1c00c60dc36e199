"""Values, times, containers and callables of the standard library in legacy files: honest forms, and hostile ones."""

from __future__ import annotations

import array
import collections
import datetime
import decimal
import fractions
import functools
import ipaddress
import operator
import pathlib
import random
import re
import types
import uuid
import zoneinfo
from typing import Any

import pytest

import hermetic
from hermetic.errors import FileError
from tests.legacy_pickles import PROTOCOLS, Made, Named, adopted_fields, assert_like_live, new, problem_of, written

OSLO = zoneinfo.ZoneInfo("Europe/Oslo")
VALUES = {
    "decimals": [decimal.Decimal("1.50"), decimal.Decimal("-Infinity"), decimal.Decimal("NaN")],
    "fractions": [fractions.Fraction(-3, 7), fractions.Fraction(5)],
    "paths": [pathlib.PurePosixPath("/a/b"), pathlib.PurePosixPath("."), pathlib.PureWindowsPath("c:/x")],
    "path": pathlib.Path("a") / "b",
    "uuids": [uuid.UUID(int=7), uuid.UUID("12345678123456781234567812345678")],
    "addresses": [ipaddress.IPv4Address("10.0.0.1"), ipaddress.IPv6Address("::1")],
    "ranges": [range(3), range(1, 9, 2), slice(None), slice(1, None, -1)],
    "dates": [datetime.date(2020, 2, 29), datetime.datetime(2020, 2, 29, 1, 2, 3, 4), datetime.time(1, 2)],
    "dates-zone": [
        datetime.datetime(2020, 2, 29, tzinfo=OSLO),
        datetime.datetime(2020, 10, 25, 2, 30, tzinfo=OSLO, fold=1),
        datetime.datetime(2020, 2, 29, tzinfo=datetime.UTC),
    ],
    "durations": [datetime.timedelta(-1, 3, 5), datetime.timedelta(0)],
    "zones": [OSLO, datetime.UTC, datetime.timezone(datetime.timedelta(hours=2), "X")],
    "ordered": collections.OrderedDict([("b", 1), ("a", [2])]),
    "defaults": collections.defaultdict(list, {"a": [1]}),
    "counter": collections.Counter("abca"),
    "queue": collections.deque([1, [2]], maxlen=5),
    "queue-open": collections.deque("ab"),
    "chain": collections.ChainMap({"a": 1}, {"b": 2}),
    "namespace": types.SimpleNamespace(a=1, b=[2]),
    "random": random.Random(3),
    "partial": functools.partial(int, base=2),
    "getters": [operator.itemgetter(1), operator.itemgetter("a", 2)],
    "patterns": [re.compile("a+b"), re.compile(b"x", re.IGNORECASE | re.DOTALL)],
    "plain": [None, True, -1, 1 << 100, 1.5, float("inf"), 1 + 2j, "ø\ud800", b"\xff", (1, (2,)), {1, "a"}, ...],
    "nested": {"a": {("b", 1): [{"c": ()}]}, 2: frozenset({1, 2})},
    "types": [int, dict, collections.OrderedDict, type(None), NotImplemented],
}


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("name", VALUES)
def test_a_value_is_what_the_unpickler_makes(name: str, protocol: int) -> None:
    assert_like_live(VALUES[name], protocol)


def test_a_bytearray_is_what_the_unpickler_makes() -> None:
    assert_like_live([bytearray(b"abc"), bytearray()], 4)


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("code", "bBhHiIlLqQfd")
def test_an_array_of_the_machine_is_what_the_unpickler_makes(code: str, protocol: int) -> None:
    assert_like_live([array.array(code, [1, 2, 3]), array.array(code)], protocol)


def test_an_array_of_another_machine_has_its_own_order_of_bytes() -> None:
    made = Made("array:_array_reconstructor", (Named("array:array"), "i", 9, b"\0\0\0\7"))
    assert hermetic.loads(written(made)) == array.array("i", [7])


@pytest.mark.parametrize(
    "arguments",
    [
        (Named("array:array"), "i", 99, b""),
        (Named("array:array"), "i", 9, b"abc"),
        (Named("array:array"), "x", 9, b""),
        (Named("array:array"), 7, 9, b""),
        (Named("array:array"), "i", "9", b""),
        (Named("array:array"), "i"),
    ],
)
def test_an_array_of_no_machine_is_refused(arguments: Any) -> None:
    with pytest.raises(FileError):
        hermetic.loads(written(Made("array:_array_reconstructor", arguments)))


def test_lists_that_contain_themselves_do_so_again() -> None:
    endless: list[Any] = [1]
    endless.append(endless)
    loaded = assert_like_live(endless, 2)
    assert loaded[1] is loaded


def test_what_is_shared_stays_shared() -> None:
    part = [1, 2]
    loaded = assert_like_live({"a": part, "b": collections.OrderedDict(x=part), "c": (part,)}, 4)
    assert loaded["a"] is loaded["b"]["x"] is loaded["c"][0]


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (Made("decimal:Decimal", ("1.5",)), {"text": "1.5"}),
        (Made("fractions:Fraction", ("3/7",)), {"numerator": 3, "denominator": 7}),
        (Made("fractions:Fraction", (6, 14)), {"numerator": 3, "denominator": 7}),
        (Made("builtins:range", (3,)), {"start": 0, "stop": 3, "step": 1}),
        (Made("builtins:range", (1, 3)), {"start": 1, "stop": 3, "step": 1}),
        (Made("collections:OrderedDict", ([["a", 1]],)), {"items": {"a": 1}}),
        (Made("zoneinfo:ZoneInfo._unpickle", ("Europe/Oslo", 1)), {"key": "Europe/Oslo"}),
        (Made("datetime:date", (b"\x07\xe4\x02\x1d",)), {"text": "2020-02-29"}),
        (Made("datetime:date", ("\x07\xe4\x02\x1d",)), {"text": "2020-02-29"}),
    ],
)
def test_the_forms_of_older_releases_are_read(made: Made, expected: dict[str, Any]) -> None:
    assert adopted_fields(made) == expected


HOSTILE = {
    "a number of a list": Made("decimal:Decimal", ([1],)),
    "a number of nothing": Made("decimal:Decimal", ()),
    "a number that is none": Made("decimal:Decimal", ("x",)),
    "a fraction of zero": Made("fractions:Fraction", (1, 0)),
    "a fraction of a million digits": Made("fractions:Fraction", ("1" * 100_000,)),
    "a fraction of texts": Made("fractions:Fraction", ("a", "b")),
    "a fraction of three": Made("fractions:Fraction", (1, 2, 3)),
    "a path of numbers": Made("pathlib:PurePosixPath", (1, 2)),
    "an address that is none": Made("ipaddress:IPv4Address", ("999.0.0.1",)),
    "a uuid of 129 bits": new("uuid:UUID", {"int": 1 << 128}),
    "a uuid of a text": new("uuid:UUID", {"int": "7"}),
    "a uuid without a number": new("uuid:UUID", {}),
    "a range of four": Made("builtins:range", (1, 2, 3, 4)),
    "a range of floats": Made("builtins:range", (1.0, 2.0, 1.0)),
    "a range without a step": Made("builtins:range", (1, 2, 0)),
    "a slice of two": Made("builtins:slice", (1, 2)),
    "a date of three bytes": Made("datetime:date", (b"abc",)),
    "a date of no month": Made("datetime:date", (b"\x07\xe4\x63\x1d",)),
    "a date of numbers": Made("datetime:date", (2020, 2, 29)),
    "a moment of three": Made("datetime:datetime", (b"\x07\xe4\x02\x1d" + bytes(6), None, 3)),
    "a moment in a zone that is a text": Made("datetime:datetime", (b"\x07\xe4\x02\x1d" + bytes(6), "UTC")),
    "a duration of texts": Made("datetime:timedelta", ("1", "2", "3")),
    "a duration beyond all": Made("datetime:timedelta", (10**10, 0, 0)),
    "a zone of a number": Made("datetime:timezone", (3,)),
    "a zone of a day": Made("datetime:timezone", (Made("datetime:timedelta", (2, 0, 0)),)),
    "a zone without a key": Made("zoneinfo:ZoneInfo._unpickle", ()),
    "a zone of a path": Made("zoneinfo:ZoneInfo._unpickle", ("../../etc/passwd", 1)),
    "a zone from a file": Made("zoneinfo:ZoneInfo._unpickle_from_file", ("/etc/passwd",)),
    "an ordered dictionary of numbers": Made("collections:OrderedDict", (7,)),
    "a queue of a text as bound": Made("collections:deque", ((), "x")),
    "a queue of a negative bound": Made("collections:deque", ((), -1)),
    "a partial of nothing": Made("functools:partial", (), (None, (), {}, {})),
    "a partial over a call": Made("functools:partial", (), (Made("os:system", ("true",)), (), {}, {})),
    "a partial over a command": Made("functools:partial", (Named("os:system"),), (Named("os:system"), (), {}, {})),
    "a getter of nothing": Made("operator:itemgetter", ()),
    "a getter of lists": Made("operator:itemgetter", ([1],)),
    "an attribute getter": Made("operator:attrgetter", ("__class__",)),
    "a pattern of a number": Made("re:_compile", (7, 0)),
    "a pattern that is none": Made("re:_compile", ("(", 0)),
    "a pattern without flags": Made("re:_compile", ("a",)),
    "bytes of a number": Made("builtins:bytearray", (1 << 40,)),
    "an evaluation": Made("builtins:eval", ("1",)),
    "an import": Made("importlib:import_module", ("os",)),
    "a codec": Made("_codecs:encode", ("abc", "rot13")),
    "bytes with a length": Made("builtins:bytes", (1 << 40,)),
    "a set of lists": Made("builtins:set", ([[1]],)),
    "a complex of texts": Made("builtins:complex", ("1", "2")),
    "an attribute of a call": Made("builtins:getattr", (Made("os:system", ("true",)), "x")),
    "an attribute of the system": Made("builtins:getattr", (Named("os:environ"), "clear")),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_with_a_form_that_python_does_not_write_does_not_load(name: str) -> None:
    with pytest.raises(FileError):
        hermetic.loads(written([HOSTILE[name]]))


@pytest.mark.parametrize("name", ["a number of a list", "a date of three bytes", "a slice of two", "a uuid of a text"])
def test_a_codec_says_what_is_wrong_with_a_value(name: str) -> None:
    assert "cannot be read" in problem_of(HOSTILE[name])
