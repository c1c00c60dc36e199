"""Values, moments, containers and callables of the standard library come back exactly, and hostile ones are refused."""

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
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import hermetic
from hermetic.capture import capture
from hermetic.codecs import standard_values
from hermetic.codecs.standard_time import describe_zone, zone_from_description
from hermetic.errors import CannotSave, InvalidState, UnsupportedVersion, UntrustedType
from hermetic.graph import Link
from tests.codecs.hostile import bring_back, change, dumps_elsewhere, refuse, through_the_gates
from tests.zoo.compare_state import assert_same_state

OSLO = zoneinfo.ZoneInfo("Europe/Oslo")
NIGHT = datetime.datetime(2020, 10, 25, 2, 30, 1, 5, fold=1)


def _with(instance: Any, **attributes: Any) -> Any:
    vars(instance).update(attributes)
    return instance


def _used_generator() -> random.Random:
    generator = random.Random(3)
    generator.gauss(0, 1)
    return generator


KEPT: dict[str, Callable[[], Any]] = {
    "decimals": lambda: [decimal.Decimal(text) for text in ("1.0", "1.00", "-0", "Infinity", "1E+400", "NaN123")],
    "fractions": lambda: [fractions.Fraction(1, 3), fractions.Fraction(-(10**40), 7), fractions.Fraction(0)],
    "many decimals": lambda: [decimal.Decimal(number) / 7 for number in range(40)],
    "uuids": lambda: [uuid.UUID(int=5), uuid.UUID(int=6, is_safe=uuid.SafeUUID.safe)],
    "paths": lambda: [
        pathlib.PurePosixPath("/a/../b"),
        pathlib.PureWindowsPath("C:\\a"),
        pathlib.Path("."),
        pathlib.PurePosixPath("//a"),
        pathlib.PurePosixPath("\udcff"),
    ],
    "addresses": lambda: [ipaddress.ip_address("10.0.0.1"), ipaddress.ip_address("fe80::1%eth0")],
    "ranges": lambda: [range(5), range(10, 0, -3), range(10**30), slice(None), slice("a", (1, [2]), None)],
    "dates": lambda: [datetime.date(1, 1, 1), datetime.date.max],
    "moments": lambda: [NIGHT, NIGHT.replace(tzinfo=OSLO), NIGHT.replace(tzinfo=datetime.UTC, fold=0)],
    "times": lambda: [datetime.time(1), datetime.time(1, 2, 3, 4, tzinfo=OSLO, fold=1)],
    "durations": lambda: [datetime.timedelta.min, datetime.timedelta(-1, 5, 7), datetime.timedelta.max],
    "zones": lambda: [datetime.UTC, OSLO, datetime.timezone(datetime.timedelta(hours=5.5), "IST")],
    "ordered dict": lambda: collections.OrderedDict([("b", [1]), (2, "a")]),
    "ordered dict with attributes": lambda: _with(collections.OrderedDict(a=1), note=[1]),
    "counter": lambda: collections.Counter("hello") - collections.Counter("l"),
    "default dicts": lambda: [
        collections.defaultdict(list, a=[1]),
        collections.defaultdict(None),
        collections.defaultdict(int),
    ],
    "default dict of a known function": lambda: collections.defaultdict(np.random.RandomState),
    "deques": lambda: [collections.deque([1, [2]], maxlen=2), collections.deque(), collections.deque(maxlen=0)],
    "chain map": lambda: _with(collections.ChainMap({"a": 1}, collections.OrderedDict(b=2)), note=1),
    "namespace": lambda: types.SimpleNamespace(b=1, a=[2], **{"a b": 3}),
    "bytearrays": lambda: [bytearray(b"abc"), bytearray(), bytearray(bytes(range(256)) * 100)],
    "arrays": lambda: [array.array(code, [0, 1, 2]) for code in "bBhHiIlLqQfd"] + [array.array("u", "aæ")],
    "array of floats": lambda: array.array("d", [float("nan"), -0.0, float("inf")]),
    "generators": lambda: [random.Random(1), _used_generator(), _with(random.Random(2), note="mine")],
    "partials": lambda: [
        functools.partial(np.clip, a_min=0),
        functools.partial(functools.partial(int, "11"), base=2),
        _with(functools.partial(sorted, [1]), note="x"),
        functools.partial(decimal.Decimal, [1]),
    ],
    "item getters": lambda: [operator.itemgetter(1), operator.itemgetter("a", -1, 10**20)],
    "patterns": lambda: [
        re.compile("(?i)a|b", re.MULTILINE),
        re.compile(rb"\d+", re.LOCALE),
        re.compile("x", re.DEBUG * 0),
    ],
}


@pytest.mark.parametrize("name", KEPT)
def test_a_value_comes_back_as_it_was(name: str):
    value = KEPT[name]()

    assert_same_state(value, bring_back(value))


@pytest.mark.parametrize("name", KEPT)
def test_a_compressed_copy_in_a_list_of_forty_comes_back(name: str):
    value = [KEPT[name]() for _ in range(40)]

    restored = hermetic.loads(hermetic.dumps(value, 3))

    assert_same_state(value, restored)


def test_a_decimal_that_signals_comes_back():
    assert repr(bring_back(decimal.Decimal("sNaN"))) == "Decimal('sNaN')"


def test_a_random_generator_goes_on_where_it_stood():
    generator = _used_generator()

    restored = bring_back(generator)

    assert [restored.gauss(0, 1) for _ in range(5)] == [generator.gauss(0, 1) for _ in range(5)]


def test_a_pattern_forgets_that_it_was_to_print_itself(capsys):
    pattern = re.compile("ab?", re.DEBUG)
    capsys.readouterr()

    restored = bring_back(pattern)

    assert restored.flags == pattern.flags & ~re.DEBUG
    assert capsys.readouterr().out == ""


def test_bytes_do_not_depend_on_the_process():
    code = (
        "import collections, decimal, datetime\n"
        "value = [collections.Counter('hello'), decimal.Decimal('1.0'), {datetime.date.max}]"
    )
    here: dict[str, Any] = {}
    exec(code, here)

    assert dumps_elsewhere(code) == hermetic.dumps(here["value"])


@pytest.mark.parametrize("make", [collections.OrderedDict, lambda: collections.defaultdict(list), collections.ChainMap])
def test_a_mapping_may_hold_itself(make: Callable[[], Any]):
    mapping = make()
    mapping["me"] = [mapping]

    restored = bring_back(mapping)

    assert restored["me"][0] is restored


def test_a_deque_and_a_namespace_may_hold_themselves():
    queue = collections.deque([1])
    queue.append(queue)
    space = types.SimpleNamespace(queue=queue)
    space.me = space

    restored = bring_back(space)

    assert restored.me is restored
    assert restored.queue[1] is restored.queue


def test_a_path_of_this_system_is_pure_on_another_one(monkeypatch):
    saved = hermetic.dumps([pathlib.PosixPath("/a/b")])
    monkeypatch.setitem(standard_values._MAKERS, "pathlib.PosixPath", pathlib.PurePosixPath)

    assert hermetic.loads(saved) == [pathlib.PurePosixPath("/a/b")]
    assert type(standard_values._MAKERS["pathlib.WindowsPath"]("C:\\a")) is pathlib.PureWindowsPath


REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "attribute getter": (lambda: operator.attrgetter("a"), "any attribute"),
    "method caller": (lambda: operator.methodcaller("a"), "any method"),
    "item getter of a slice": (lambda: operator.itemgetter(slice(1)), "integers or texts"),
    "partial over a method": (lambda: functools.partial({}.get, 1), "method of a dict"),
    "partial over a lambda": (lambda: functools.partial(lambda: 1), "lambda"),
    "partial over an object": (lambda: functools.partial(operator.itemgetter(1), [1, 2]), "no name"),
    "default dict of a lambda": (lambda: collections.defaultdict(lambda: 1), "lambda"),
    "default dict of a partial": (lambda: collections.defaultdict(functools.partial(int)), "factory"),
    "read-only mapping": (lambda: types.MappingProxyType({}), r"dict\(\.\.\.\)"),
    "memoryview": (lambda: memoryview(b""), r"bytes\(\.\.\.\)"),
    "system random": (random.SystemRandom, "SystemRandom"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_has_no_place_is_refused_when_it_is_dumped(name: str):
    build, words = REFUSED[name]

    with pytest.raises(CannotSave, match=words):
        hermetic.dumps({"value": build()})


def test_a_zone_without_a_name_is_refused(tmp_path):
    with open(zoneinfo.TZPATH[0] + "/UTC", "rb") as file:
        zone = zoneinfo.ZoneInfo.from_file(file)

    with pytest.raises(CannotSave, match="no name"):
        hermetic.dumps(zone)


def test_a_partial_over_a_foreign_function_needs_trust_in_that_function():
    saved = hermetic.dumps(functools.partial(pathlib.posixpath.join, "a"))

    with pytest.raises(UntrustedType, match=r"posixpath\.join"):
        hermetic.loads(saved)
    assert hermetic.loads(saved, trusted=["posixpath.join"])("b") == "a/b"


def test_getters_of_attributes_stay_unknown_when_a_file_has_them():
    graph = capture(operator.itemgetter(1))
    graph.names[0] = type(graph.names[0])("operator.attrgetter", "constructed")

    with pytest.raises(UntrustedType, match="attrgetter"):
        through_the_gates(graph)


HOSTILE: dict[str, tuple[Any, str, str, Any]] = {
    "decimal with spaces": (decimal.Decimal(1), "decimal.Decimal", "text", " 1"),
    "decimal of a number": (decimal.Decimal(1), "decimal.Decimal", "text", 5),
    "no decimal": (decimal.Decimal(1), "decimal.Decimal", "text", "one"),
    "no address": (ipaddress.ip_address("::1"), "ipaddress.IPv6Address", "text", "::zz"),
    "another text of a path": (pathlib.PurePosixPath("a"), "pathlib.PurePosixPath", "text", "a//b"),
    "fraction by zero": (fractions.Fraction(1, 2), "fractions.Fraction", "denominator", 0),
    "fraction not reduced": (fractions.Fraction(1, 2), "fractions.Fraction", "numerator", 2),
    "fraction of bool": (fractions.Fraction(1, 2), "fractions.Fraction", "numerator", True),
    "uuid in other form": (uuid.UUID(int=1), "uuid.UUID", "text", "{00000000-0000-0000-0000-000000000001}"),
    "uuid of odd safety": (uuid.UUID(int=1, is_safe=uuid.SafeUUID.safe), "uuid.UUID", "is_safe", 7),
    "range of text": (range(3), "builtins.range", "stop", "a"),
    "range without a step": (range(3), "builtins.range", "step", 0),
    "moment in other form": (NIGHT, "datetime.datetime", "text", "20201025T023001"),
    "moment with a zone in its text": (NIGHT, "datetime.datetime", "text", "2020-10-25T02:30:01+01:00"),
    "fold of two": (NIGHT, "datetime.datetime", "fold", 2),
    "zone that is a text": (NIGHT.replace(tzinfo=OSLO), "datetime.datetime", "zone", "Europe/Oslo"),
    "date with a fold": (datetime.date.max, "datetime.date", "fold", 1),
    "seconds beyond a day": (datetime.timedelta(1), "datetime.timedelta", "seconds", 100_000),
    "days beyond all": (datetime.timedelta(1), "datetime.timedelta", "days", 10**12),
    "days of float": (datetime.timedelta(1), "datetime.timedelta", "days", 1.0),
    "offset of two days": (datetime.UTC, "datetime.timezone", "offset", 2 * 86_400_000_000),
    "offset of text": (datetime.UTC, "datetime.timezone", "offset", "1"),
    "zone out of its folder": (OSLO, "zoneinfo.ZoneInfo", "key", "../../etc/passwd"),
    "zone of a number": (OSLO, "zoneinfo.ZoneInfo", "key", 1),
    "items that are a number": (collections.OrderedDict(), "collections.OrderedDict", "items", 1),
    "a field too many": (collections.OrderedDict(), "collections.OrderedDict", "surprise", 1),
    "a factory where none is": (collections.Counter(), "collections.Counter", "factory", None),
    "a factory that is a number": (collections.defaultdict(), "collections.defaultdict", "factory", 1),
    "attributes that are a number": (collections.Counter(), "collections.Counter", "attributes", 1),
    "deque of a number": (collections.deque(), "collections.deque", "items", 1),
    "deque longer than it may be": (collections.deque([1, 2, 3]), "collections.deque", "maxlen", 2),
    "deque of negative length": (collections.deque(), "collections.deque", "maxlen", -1),
    "chain of nothing": (collections.ChainMap(), "collections.ChainMap", "maps", 1),
    "chain that hides a method": (collections.ChainMap(), "collections.ChainMap", "get", 1),
    "bytes of float": (bytearray(b"abc"), "builtins.bytearray", "items", np.zeros(3)),
    "bytes with a type": (bytearray(b"abc"), "builtins.bytearray", "typecode", "d"),
    "array of another type": (array.array("d", [1]), "array.array", "typecode", "i"),
    "array of an unknown type": (array.array("d", [1]), "array.array", "typecode", "z"),
    "state of another length": (random.Random(1), "random.Random", "words", np.ones(623, dtype=np.uint32)),
    "state of zeros": (random.Random(1), "random.Random", "words", np.zeros(624, dtype=np.uint32)),
    "position beyond the state": (random.Random(1), "random.Random", "position", 625),
    "position of bool": (random.Random(1), "random.Random", "position", True),
    "next number that is a text": (random.Random(1), "random.Random", "gauss_next", "a"),
    "generator that hides a method": (random.Random(1), "random.Random", "random", 1),
    "function that is a text": (functools.partial(int), "functools.partial", "function", "int"),
    "arguments that are a number": (functools.partial(int), "functools.partial", "arguments", 1),
    "keywords that are a number": (functools.partial(int), "functools.partial", "keywords", 1),
    "getter of a float": (operator.itemgetter(1), "operator.itemgetter", "items", {"tuple": [1.5]}),
    "getter of nothing": (operator.itemgetter(1), "operator.itemgetter", "items", {"tuple": []}),
    "pattern that is none": (re.compile("a"), "re.Pattern", "pattern", "("),
    "pattern of a number": (re.compile("a"), "re.Pattern", "pattern", 1),
    "pattern that prints": (re.compile("a"), "re.Pattern", "flags", 128 | 32),
    "pattern with other flags": (re.compile("(?i)a"), "re.Pattern", "flags", 32),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_field_is_refused(name: str):
    refuse(*HOSTILE[name])


@pytest.mark.parametrize("key", ["__class__", "__dict__", 5])
def test_attributes_have_no_special_names(key: Any):
    graph = change(_with(collections.OrderedDict(), note=1), "collections.OrderedDict", "surprise", None)
    del graph.nodes[-1].fields["surprise"]
    graph.nodes[-2].keys = [key]

    with pytest.raises(InvalidState, match="of its own"):
        through_the_gates(graph)


def test_a_link_cannot_change_what_was_looked_at():
    graph = capture([collections.deque([1])])
    graph.links.append(Link(1, 0, "items", 2, 0))

    with pytest.raises(InvalidState, match=r"link|cycle"):
        through_the_gates(graph)


def test_a_zone_that_this_machine_lacks_is_named():
    with pytest.raises(UnsupportedVersion, match="Mars/Olympus"):
        through_the_gates(change(OSLO, "zoneinfo.ZoneInfo", "key", "Mars/Olympus"))


@pytest.mark.parametrize(
    "zone", [None, datetime.UTC, OSLO, datetime.timezone(datetime.timedelta(hours=-3.5)), datetime.timezone.max]
)
def test_a_zone_as_one_text_comes_back(zone: Any):
    assert zone_from_description(describe_zone(zone)) == zone


def test_a_named_offset_keeps_its_name():
    zone = datetime.timezone(datetime.timedelta(hours=1), "UTC:winter")

    assert zone_from_description(describe_zone(zone)).tzname(None) == "UTC:winter"


@pytest.mark.parametrize(
    "text", ["", "local", "zoneinfo:", "zoneinfo:../x", "fixed:x", "fixed:99999999999", 5, "pytz:/etc"]
)
def test_a_text_that_is_no_zone_is_refused(text: Any):
    with pytest.raises(InvalidState, match="time zone"):
        zone_from_description(text)
