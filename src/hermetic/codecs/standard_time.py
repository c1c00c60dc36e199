"""Dates, times, durations and time zones of the standard library.

==========  ===============================================================================================
type        fields
==========  ===============================================================================================
date        ``text``: ISO 8601
datetime    ``text``: ISO 8601 without zone; ``fold`` where it is 1; ``zone``, an object, where there is one
time        the same
timedelta   ``days``, ``seconds``, ``microseconds``, as normalized by Python
timezone    ``offset`` from UTC in microseconds; ``name`` where it was given one
ZoneInfo    ``key``, as in the IANA database: the rules themselves come from the machine that loads
==========  ===============================================================================================

`describe_zone` and `zone_from_description` give the same zones as one text, for columns of moments.
"""

from __future__ import annotations

import datetime
import importlib
import re
import zoneinfo
from collections.abc import Mapping
from typing import Any, ClassVar

from hermetic.codecs.codec import LegacyObject, not_adopted
from hermetic.codecs.records import RecordCodec, refuse_value
from hermetic.errors import CannotSave, UnsupportedVersion
from hermetic.legacy_arrays import bytes_of

__all__ = [
    "DurationCodec",
    "FixedZoneCodec",
    "MomentCodec",
    "NamedZoneCodec",
    "describe_legacy_zone",
    "describe_zone",
    "zone_from_description",
]

_KEY = re.compile(r"[A-Za-z0-9_+-]+(?:/[A-Za-z0-9_+-]+){0,3}\Z")
_FIXED = re.compile(r"(-?[0-9]{1,11})(?::(.*))?\Z", re.DOTALL)
_MICROSECOND = datetime.timedelta(microseconds=1)


class MomentCodec(RecordCodec):
    """`date`, `datetime` and `time`; only the text that ``isoformat`` gives back is taken."""

    classes: ClassVar = {f"datetime.{name}": f"datetime:{name}" for name in ("date", "datetime", "time")}
    is_value = True
    required = frozenset({"text"})
    optional = frozenset({"fold", "zone"})

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give text and zone: the first argument is a row of bytes, the second the zone."""
        raw = bytes_of(made.arguments[0]) if made.arguments else None
        length = {"datetime.date": 4, "datetime.time": 6, "datetime.datetime": 10}[name]
        if raw is None or len(raw) != length or len(made.arguments) > 2:
            raise not_adopted(made, f"it is not made of {length} bytes")
        kind = getattr(datetime, name.partition(".")[2])
        fields = self.describe(kind(bytes(raw)))
        zone = made.arguments[1] if len(made.arguments) == 2 else None
        return fields if zone is None else fields | {"zone": zone}

    def describe(self, instance: Any) -> dict[str, Any]:
        """Give the text without zone, and what it leaves out."""
        if type(instance) is datetime.date:
            return {"text": instance.isoformat()}
        state: dict[str, Any] = {"text": instance.replace(tzinfo=None).isoformat()}
        if instance.fold:
            state["fold"] = 1
        if instance.tzinfo is not None:
            state["zone"] = instance.tzinfo
        return state

    def make(self, name: str, state: Mapping[str, Any]) -> Any:
        """Read the text and add the rest."""
        made = self.resolve(name).fromisoformat(state["text"])
        if made.isoformat() != state["text"] or getattr(made, "tzinfo", None) is not None:
            raise refuse_value(f"{state['text']!r} is not how {name} is written; that would be {made.isoformat()!r}")
        if "fold" in state and state["fold"] != 1:
            raise refuse_value(f"fold is 1 or left out, got {state['fold']!r}")
        parts = {"tzinfo" if field == "zone" else field: value for field, value in state.items() if field != "text"}
        return made.replace(**parts) if parts else made


class DurationCodec(RecordCodec):
    """`timedelta`."""

    classes: ClassVar = {"datetime.timedelta": "datetime:timedelta"}
    is_value = True
    required = frozenset({"days", "seconds", "microseconds"})

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give the three numbers, which are the arguments."""
        if len(made.arguments) != 3 or not all(type(part) is int for part in made.arguments):
            raise not_adopted(made, "it is not made of three integers")
        return dict(zip(("days", "seconds", "microseconds"), made.arguments, strict=True))

    def describe(self, instance: Any) -> dict[str, Any]:
        """Give the three numbers."""
        return {"days": instance.days, "seconds": instance.seconds, "microseconds": instance.microseconds}

    def make(self, name: str, state: Mapping[str, Any]) -> Any:
        """Make the duration, from normalized numbers only."""
        parts = (state["days"], state["seconds"], state["microseconds"])
        made = datetime.timedelta(*parts)
        if (made.days, made.seconds, made.microseconds) != parts or not all(type(part) is int for part in parts):
            raise refuse_value(f"{parts} are not the days, seconds and microseconds of a duration")
        return made


class FixedZoneCodec(RecordCodec):
    """`timezone`."""

    classes: ClassVar = {"datetime.timezone": "datetime:timezone"}
    required = frozenset({"offset"})
    optional = frozenset({"name"})

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give the offset, a duration, and the name."""
        offset = made.arguments[0] if 1 <= len(made.arguments) <= 2 else None
        if type(offset) is not LegacyObject or offset.location != "datetime:timedelta" or len(offset.arguments) != 3:
            raise not_adopted(made, "its offset is no duration")
        return self.describe(datetime.timezone(datetime.timedelta(*offset.arguments), *made.arguments[1:]))

    def describe(self, instance: Any) -> dict[str, Any]:
        """Give the offset, and the name where it is not made from the offset."""
        return dict(zip(("offset", "name"), _parts_of_fixed_zone(instance), strict=False))

    def make(self, name: str, state: Mapping[str, Any]) -> Any:
        """Make the zone."""
        return _fixed_zone(state["offset"], state.get("name"))


class NamedZoneCodec(RecordCodec):
    """`zoneinfo.ZoneInfo`."""

    classes: ClassVar = {"zoneinfo.ZoneInfo": "zoneinfo:ZoneInfo"}
    required = frozenset({"key"})
    makers: ClassVar = {"zoneinfo:ZoneInfo._unpickle": "zoneinfo.ZoneInfo"}

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give the key."""
        if not made.arguments or type(made.arguments[0]) is not str:
            raise not_adopted(made, "it has no key")
        return {"key": made.arguments[0]}

    def describe(self, instance: Any) -> dict[str, Any]:
        """Give the key; a zone that was read from a file has none."""
        if instance.key is None:
            raise self.refuse(instance, "a time zone read from a file has no name", "Use zoneinfo.ZoneInfo(name).")
        return {"key": instance.key}

    def make(self, name: str, state: Mapping[str, Any]) -> Any:
        """Look the key up in this machine's database."""
        return _named_zone(state["key"])


def describe_zone(zone: Any) -> str | None:
    """Give a time zone as one text; None for none.

    Parameters
    ----------
    zone : tzinfo or None
        ``datetime.timezone``, ``zoneinfo.ZoneInfo`` or a zone of pytz.

    Returns
    -------
    str or None
        ``utc``, ``fixed:<microseconds>``, ``fixed:<microseconds>:<name>``, ``zoneinfo:<key>`` or ``pytz:<key>``.

    Raises
    ------
    CannotSave
        For zones of other kinds.

    Examples
    --------
    >>> describe_zone(datetime.timezone.utc), describe_zone(zoneinfo.ZoneInfo("Europe/Oslo"))
    ('utc', 'zoneinfo:Europe/Oslo')
    """
    if zone is None:
        return None
    if zone is datetime.UTC:
        return "utc"
    if type(zone) is datetime.timezone:
        return ":".join(["fixed", *map(str, _parts_of_fixed_zone(zone))])
    if type(zone) is zoneinfo.ZoneInfo and zone.key is not None:
        return f"zoneinfo:{zone.key}"
    if type(zone).__module__.partition(".")[0] == "pytz" and getattr(zone, "zone", None):
        return f"pytz:{zone.zone}"
    raise CannotSave(
        f"the time zone {zone!r} has no name under which it could be found again",
        next_step="Convert to a zoneinfo.ZoneInfo, for example with .tz_convert(zoneinfo.ZoneInfo(...)).",
    )


def describe_legacy_zone(zone: Any) -> str | None:
    """Give the time zone of a legacy file as the text that `describe_zone` gives for the live one.

    Parameters
    ----------
    zone : LegacyObject, LegacyName or None
        As the file makes it.

    Returns
    -------
    str or None
        See `describe_zone`.

    Raises
    ------
    InvalidState
        For zones of other kinds.

    Examples
    --------
    >>> describe_legacy_zone(LegacyObject("zoneinfo:ZoneInfo._unpickle", arguments=("Europe/Oslo", 1)))
    'zoneinfo:Europe/Oslo'
    """
    if zone is None:
        return None
    location = getattr(zone, "location", "")
    arguments = zone.arguments if type(zone) is LegacyObject else ()
    if location in ("pytz:_UTC", "pytz:UTC", "pytz:utc"):
        return "pytz:UTC"
    if location == "pytz:_p" and arguments and type(arguments[0]) is str:
        return f"pytz:{arguments[0]}"
    if location in ("zoneinfo:ZoneInfo._unpickle", "zoneinfo:ZoneInfo") and type(arguments[0]) is str:
        return f"zoneinfo:{arguments[0]}"
    if location == "datetime:timezone" and 1 <= len(arguments) <= 2:
        offset = arguments[0]
        if type(offset) is LegacyObject and offset.location == "datetime:timedelta":
            return describe_zone(datetime.timezone(datetime.timedelta(*offset.arguments), *arguments[1:]))
    raise refuse_value(f"the time zone {location or type(zone).__name__} has no name to find it again by")


def zone_from_description(description: Any) -> Any:
    """Give the time zone for a text of `describe_zone`.

    Parameters
    ----------
    description : str or None
        From a file.

    Returns
    -------
    tzinfo or None
        The zone. Where pytz is not installed, ``pytz:`` gives the zone of the same name from the standard library.

    Raises
    ------
    InvalidState, UnsupportedVersion
        When the text is none of ours; when this machine does not know the zone.

    Examples
    --------
    >>> zone_from_description("utc")
    datetime.timezone.utc
    """
    if description is None:
        return None
    kind, _, rest = description.partition(":") if type(description) is str else ("", "", "")
    if description == "utc":
        return datetime.UTC
    if kind == "fixed" and (parts := _FIXED.match(rest)):
        return _fixed_zone(int(parts[1]), parts[2])
    if kind == "zoneinfo":
        return _named_zone(rest)
    if kind == "pytz" and _KEY.match(rest):
        try:
            return importlib.import_module("pytz").timezone(rest)
        except ImportError:
            return _named_zone(rest)
    raise refuse_value(f"not a time zone: {description!r}")


def _parts_of_fixed_zone(zone: Any) -> list[Any]:
    """Give the offset in microseconds, and the name where the zone was given one."""
    offset, *name = zone.__getinitargs__()
    return [offset // _MICROSECOND, *name]


def _fixed_zone(offset: Any, name: Any) -> datetime.timezone:
    if type(offset) is not int or not (name is None or type(name) is str):
        raise refuse_value(f"not a time zone: {offset!r}, {name!r}")
    try:
        duration = datetime.timedelta(microseconds=offset)
        return datetime.timezone(duration) if name is None else datetime.timezone(duration, name)
    except (ValueError, OverflowError) as error:
        raise refuse_value(f"not a time zone: {error}") from error


def _named_zone(key: Any) -> zoneinfo.ZoneInfo:
    if type(key) is not str or not _KEY.match(key):
        raise refuse_value(f"not the name of a time zone: {key!r}")
    try:
        return zoneinfo.ZoneInfo(key)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UnsupportedVersion(
            f"the model needs the time zone {key}, which this machine does not know",
            next_step="Install the package tzdata, or update the system's time zones.",
        ) from error
