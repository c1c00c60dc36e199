"""Values and moments of the standard library: each boundary of a field is taken, each step beyond it is refused."""

from __future__ import annotations

import datetime
import decimal
import fractions
import ipaddress
import pathlib
import sys
import uuid
import zoneinfo
from typing import Any

import pytest

from hermetic.codecs.standard_time import describe_zone, zone_from_description
from hermetic.errors import CannotSave, InvalidState, UnsupportedVersion
from tests.codecs.hostile import change, refuse, through_the_gates

NIL = "00000000-0000-0000-0000-000000000000"
LATE = "9999-12-31T23:59:59.999999"
DAY = 86_400_000_000

SAMPLES: dict[str, Any] = {
    "datetime.date": datetime.date.max,
    "datetime.datetime": datetime.datetime(2020, 1, 2, fold=1, tzinfo=datetime.UTC),
    "datetime.time": datetime.time(1, fold=1, tzinfo=datetime.UTC),
    "datetime.timedelta": datetime.timedelta(1),
    "datetime.timezone": datetime.timezone(datetime.timedelta(hours=1), "one"),
    "decimal.Decimal": decimal.Decimal(1),
    "fractions.Fraction": fractions.Fraction(1, 2),
    "ipaddress.IPv4Address": ipaddress.IPv4Address(1),
    "ipaddress.IPv6Address": ipaddress.IPv6Address(1),
    "pathlib.PurePosixPath": pathlib.PurePosixPath("a"),
    "pathlib.PureWindowsPath": pathlib.PureWindowsPath("a"),
    "builtins.range": range(3),
    "builtins.slice": slice(3),
    "uuid.UUID": uuid.UUID(int=1, is_safe=uuid.SafeUUID.safe),
    "zoneinfo.ZoneInfo": zoneinfo.ZoneInfo("UTC"),
}

TAKEN: list[tuple[str, str, Any]] = [
    ("datetime.date", "text", "0001-01-01"),
    ("datetime.date", "text", "9999-12-31"),
    ("datetime.date", "text", "2020-02-29"),
    ("datetime.datetime", "text", "0001-01-01T00:00:00"),
    ("datetime.datetime", "text", LATE),
    ("datetime.datetime", "fold", 1),
    ("datetime.time", "text", "00:00:00"),
    ("datetime.time", "text", "23:59:59.999999"),
    ("datetime.timedelta", "days", -999_999_999),
    ("datetime.timedelta", "days", 999_999_999),
    ("datetime.timedelta", "seconds", 0),
    ("datetime.timedelta", "seconds", 86_399),
    ("datetime.timedelta", "microseconds", 999_999),
    ("datetime.timezone", "offset", DAY - 1),
    ("datetime.timezone", "offset", 1 - DAY),
    ("datetime.timezone", "name", ""),
    ("decimal.Decimal", "text", "1E+1000000"),
    ("decimal.Decimal", "text", "-Infinity"),
    ("decimal.Decimal", "text", "-NaN7"),
    ("fractions.Fraction", "numerator", -1),
    ("fractions.Fraction", "numerator", {"int": hex(3**60)}),
    ("fractions.Fraction", "denominator", 1),
    ("ipaddress.IPv4Address", "text", "0.0.0.0"),
    ("ipaddress.IPv4Address", "text", "255.255.255.255"),
    ("ipaddress.IPv6Address", "text", "::"),
    ("ipaddress.IPv6Address", "text", ":".join(["ffff"] * 8)),
    ("pathlib.PurePosixPath", "text", "."),
    ("pathlib.PurePosixPath", "text", "//a"),
    ("pathlib.PureWindowsPath", "text", "C:"),
    ("builtins.range", "start", -1),
    ("builtins.range", "step", -1),
    ("builtins.range", "stop", {"int": hex(1 << 80)}),
    ("builtins.slice", "step", 0),
    ("builtins.slice", "start", "a"),
    ("uuid.UUID", "text", NIL),
    ("uuid.UUID", "text", NIL.replace("0", "f")),
    ("uuid.UUID", "is_safe", -1),
    ("zoneinfo.ZoneInfo", "key", "Etc/GMT+5"),
    ("zoneinfo.ZoneInfo", "key", "America/Argentina/Buenos_Aires"),
]

HOSTILE: list[tuple[str, str, Any]] = [
    *(("datetime.date", "text", text) for text in ("0000-01-01", "10000-01-01", "2021-02-29", "20200101", "", 5, None)),
    ("datetime.date", "text", "2020-W01-1"),
    ("datetime.date", "text", "2020-01-01T00:00:00"),
    ("datetime.date", "zone", None),
    *(("datetime.datetime", "text", text) for text in ("2020-01-01", "2020-01-01 00:00:00", "2020-01-01T24:00:00")),
    ("datetime.datetime", "text", "2020-01-01T00:00:00+00:00"),
    ("datetime.datetime", "text", "2020-01-01T00:00:00.5"),
    *(("datetime.datetime", "fold", fold) for fold in (0, 2, -1, None, "1")),
    *(("datetime.datetime", "zone", zone) for zone in (0, "UTC", {"name": 0}, {"float": "nan"})),
    *(("datetime.time", "text", text) for text in ("00:00", "24:00:00", "23:59:60", "00:00:00Z", "-1:00:00", 1)),
    *(("datetime.timedelta", "days", days) for days in (-(10**9), 10**9, "1", None, 1.0, True)),
    *(("datetime.timedelta", "seconds", seconds) for seconds in (-1, 86_400, 0.5, False)),
    *(("datetime.timedelta", "microseconds", microseconds) for microseconds in (-1, 10**6, {"float": "nan"})),
    *(("datetime.timezone", "offset", offset) for offset in (DAY, -DAY, True, None, 0.0, {"int": hex(10**30)})),
    *(("datetime.timezone", "name", name) for name in (1, {"bytes": "YQ=="})),
    *(("decimal.Decimal", "text", text) for text in ("1e5", "1_000", "+1", "\u0661", "nan", "Inf", "", "1E+", None)),
    *(("fractions.Fraction", "numerator", number) for number in (0, 4, 1.0, "1", True, None, {"float": "inf"})),
    *(("fractions.Fraction", "denominator", number) for number in (0, -1, -2, 2.0, True, None)),
    *(("ipaddress.IPv4Address", "text", text) for text in ("01.2.3.4", "256.0.0.0", "1.2.3", "1.2.3.4/8", "", 1)),
    *(("ipaddress.IPv6Address", "text", text) for text in ("FE80::1", "0:0:0:0:0:0:0:1", "1::1::1", "::10000", None)),
    *(("pathlib.PurePosixPath", "text", text) for text in ("", "a/", "./a", "///a", "a//b", 1, {"bytes": "YQ=="})),
    *(("pathlib.PureWindowsPath", "text", text) for text in ("C:/a", "a\\", "a\\.\\b")),
    *(("builtins.range", "step", step) for step in (0, None, 1.0, "1")),
    *(("builtins.range", "stop", stop) for stop in (None, 3.0, {"float": "nan"})),
    *(("uuid.UUID", "text", text) for text in (NIL[:-1], NIL.replace("-", ""), f"urn:uuid:{NIL}", 5, None)),
    ("uuid.UUID", "text", NIL.replace("0", "F")),
    *(("uuid.UUID", "is_safe", is_safe) for is_safe in (1, -2, "safe")),
    *(("zoneinfo.ZoneInfo", "key", key) for key in ("", "/etc/localtime", "Europe//Oslo", "Asia/Aden\n", "a/b/c/d/e")),
    *(("zoneinfo.ZoneInfo", "key", key) for key in ("..", "Europe/../UTC", "Europe/Oslo/", "C:\\x", "UTC\0", None)),
]


def _id(case: tuple[str, str, Any]) -> str:
    return ascii(f"{case[0].rpartition('.')[2]}.{case[1]}={str(case[2])[:40]}")


@pytest.mark.parametrize("case", TAKEN, ids=_id)
def test_a_boundary_value_is_taken(case: tuple[str, str, Any]):
    name, field, new = case
    expected = int(new["int"], 16) if type(new) is dict else new

    made = through_the_gates(change(SAMPLES[name], name, field, new))

    if field == "text":
        assert (str(made) if "datetime" not in name else made.replace(**_bare(made)).isoformat()) == expected
    elif name != "datetime.timezone":
        assert getattr(made, field, None) in (expected, uuid.SafeUUID.unsafe)
    else:
        assert made.tzname(None) == expected or made.utcoffset(None) == datetime.timedelta(microseconds=expected)


def _bare(moment: Any) -> dict[str, Any]:
    return {"tzinfo": None} if hasattr(moment, "tzinfo") else {}


@pytest.mark.parametrize("case", HOSTILE, ids=_id)
def test_a_value_beyond_the_boundary_is_refused(case: tuple[str, str, Any]):
    name, field, new = case

    refuse(SAMPLES[name], name, field, new)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_value_that_lacks_its_field_is_refused_by_name(name: str):
    graph = change(SAMPLES[name], name, "surprise", None)
    del graph.nodes[-1].fields["surprise"]
    first = next(iter(graph.nodes[-1].fields))
    del graph.nodes[-1].fields[first]

    with pytest.raises(InvalidState, match=rf"lacks the fields \['{first}'\]"):
        through_the_gates(graph)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_field_of_no_type_is_refused_by_name(name: str):
    refuse(SAMPLES[name], name, "surprise", 1, r"unknown ones: \['surprise'\]")


def test_one_hostile_row_among_many_is_refused():
    days = [datetime.timedelta(number) for number in range(1, 9)]

    assert through_the_gates(change(days, "datetime.timedelta", "seconds", [7] * 8))[0].seconds == 7
    refuse(days, "datetime.timedelta", "seconds", [0] * 7 + [86_400], "not the days, seconds")


@pytest.mark.parametrize("key", ["Europe", "Nowhere", "+", "America/Argentina"])
def test_a_key_that_is_well_formed_but_no_zone_here_asks_for_the_database(key: str):
    with pytest.raises(UnsupportedVersion, match=f"time zone {key.replace('+', '[+]')}") as caught:
        through_the_gates(change(SAMPLES["zoneinfo.ZoneInfo"], "zoneinfo.ZoneInfo", "key", key))

    assert "tzdata" in caught.value.next_step


class _Lunar(datetime.tzinfo):
    """A zone of one's own; its class has no text."""

    def __repr__(self) -> str:
        return "Lunar()"


class _FromPytz(datetime.tzinfo):
    """Looks to us like a zone of pytz."""

    zone = "Europe/Oslo"


_FromPytz.__module__ = "pytz.tzfile"

TEXTS: dict[str, datetime.tzinfo | None] = {
    "utc": datetime.UTC,
    "fixed:1": datetime.timezone(datetime.timedelta(microseconds=1)),
    f"fixed:{1 - DAY}": datetime.timezone(datetime.timedelta(microseconds=1 - DAY)),
    "fixed:0:": datetime.timezone(datetime.timedelta(0), ""),
    "fixed:0:UTC": datetime.timezone(datetime.timedelta(0), "UTC"),
    "fixed:0:two\nlines": datetime.timezone(datetime.timedelta(0), "two\nlines"),
    "zoneinfo:Etc/GMT-14": zoneinfo.ZoneInfo("Etc/GMT-14"),
}


@pytest.mark.parametrize("text", TEXTS, ids=ascii)
def test_a_zone_and_its_text_give_each_other(text: str):
    zone = TEXTS[text]

    assert describe_zone(zone) == text
    assert zone_from_description(text) == zone
    assert repr(zone_from_description(text)) == repr(zone)


def test_a_zone_of_ones_own_has_no_text():
    with pytest.raises(CannotSave, match=r"Lunar\(\) has no name") as caught:
        describe_zone(_Lunar())

    assert "zoneinfo" in caught.value.next_step


def test_a_zone_of_pytz_becomes_one_of_the_standard_library_where_pytz_is_not_installed(monkeypatch):
    monkeypatch.setitem(sys.modules, "pytz", None)

    assert describe_zone(_FromPytz()) == "pytz:Europe/Oslo"
    assert zone_from_description("pytz:Europe/Oslo") is zoneinfo.ZoneInfo("Europe/Oslo")


@pytest.mark.parametrize(
    "text",
    [
        *["UTC", "utc:", "fixed", "fixed:", "fixed:1.5", "fixed:+1", "fixed:123456789012", f"fixed:{DAY}"],
        *["pytz", "pytz:", "pytz:../UTC", "zoneinfo", "zoneinfo:UTC\n", b"utc", True, 0, ["utc"]],
    ],
    ids=ascii,
)
def test_a_text_of_no_zone_is_refused_before_anything_is_looked_up(text: Any, monkeypatch):
    monkeypatch.setattr(zoneinfo, "ZoneInfo", None)

    with pytest.raises(InvalidState, match="time zone"):
        zone_from_description(text)
