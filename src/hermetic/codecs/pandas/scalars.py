"""Single values of pandas.

==========  ====================================================================================================
type        fields
==========  ====================================================================================================
Timestamp   ``value``: int, count of ``unit`` (s, ms, us, ns) since 1970 in UTC; ``zone`` as in
            `hermetic.codecs.standard_time`; ``fold``, always 1, only where it is 1 and there is no zone to tell
Timedelta   ``value``, ``unit``
Period      ``ordinal``: int; ``frequency``, as in `hermetic.codecs.pandas.offsets`
Interval    ``left``, ``right``, ``closed``
NA, NaT     nothing: each is one object
==========  ====================================================================================================
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any, ClassVar

from hermetic.codecs.codec import LegacyObject, not_adopted, resolve_class
from hermetic.codecs.pandas.offsets import describe_frequency, describe_legacy_frequency, frequency_from_description
from hermetic.codecs.records import RecordCodec, refuse_value
from hermetic.codecs.standard_time import describe_legacy_zone, describe_zone, zone_from_description
from hermetic.lazy import numpy as np

__all__ = ["UNITS", "InstantCodec", "IntervalValueCodec", "MissingValueCodec", "PeriodCodec"]

UNITS = ("s", "ms", "us", "ns")
"""The resolutions that pandas knows."""

_LIMIT = 1 << 63
_RESOLUTIONS = {7: "s", 8: "ms", 9: "us", 10: "ns"}  # numpy's numbers for them


class InstantCodec(RecordCodec):
    """`pandas.Timestamp` and `pandas.Timedelta`."""

    row_bytes = 1 << 10
    classes: ClassVar = {"pandas.Timestamp": "pandas:Timestamp", "pandas.Timedelta": "pandas:Timedelta"}
    aliases: ClassVar = {
        "pandas._libs.tslibs.timestamps:Timestamp": "pandas.Timestamp",
        "pandas._libs.tslibs.timedeltas:Timedelta": "pandas.Timedelta",
    }
    makers: ClassVar = {
        "pandas._libs.tslibs.timestamps:_unpickle_timestamp": "pandas.Timestamp",
        "pandas._libs.tslibs.timedeltas:_timedelta_unpickle": "pandas.Timedelta",
    }
    is_value = True
    required = frozenset({"value", "unit"})
    optional = frozenset({"fold", "zone"})

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give count, unit and zone: value, frequency, zone and unit, of which pandas 1 leaves out the last."""
        arguments = made.arguments
        if name == "pandas.Timedelta":
            arguments = (*arguments[:1], None, None, *arguments[1:])
        if len(arguments) not in (3, 4) or type(arguments[0]) is not int:
            raise not_adopted(made, "it is not made of a number, a zone and a unit")
        unit = _RESOLUTIONS.get(arguments[3]) if len(arguments) == 4 and type(arguments[3]) is int else None
        if unit is None and len(arguments) == 4:
            raise not_adopted(made, "its unit is none that pandas knows")
        zone = describe_legacy_zone(arguments[2])
        fields = {"value": arguments[0], "unit": unit or "ns"}
        return fields if zone is None else fields | {"zone": zone}

    def group(self, instance: Any) -> Hashable:
        """Keep those with the same fields together."""
        zone = getattr(instance, "tzinfo", None)
        return zone is None, bool(zone is None and getattr(instance, "fold", 0))

    def describe(self, instance: Any) -> dict[str, Any]:
        """Give count, unit and zone."""
        state = {"value": int(instance.asm8.astype(np.int64)), "unit": instance.unit}
        zone = getattr(instance, "tzinfo", None)
        if zone is not None:
            state["zone"] = describe_zone(zone)
        elif getattr(instance, "fold", 0):
            state["fold"] = 1
        return state

    def make(self, name: str, state: Mapping[str, Any]) -> Any:
        """Make the value."""
        value, unit = state["value"], state["unit"]
        # The smallest integer is numpy's NaT.
        if type(value) is not int or unit not in UNITS or not -_LIMIT < value < _LIMIT:
            raise refuse_value(f"not a {name}: {value!r} {unit!r}")
        fold = state.get("fold", 1)
        if type(fold) is not int or fold != 1 or {"fold", "zone"} <= state.keys():
            raise refuse_value(f"the fold of a moment is told only where it is 1 and there is no zone, got {fold!r}")
        kind = self.resolve(name)
        if name == "pandas.Timedelta":
            if len(state) > 2:
                raise refuse_value("a duration has no time zone")
            return kind(np.timedelta64(value, unit))
        made = kind(np.datetime64(value, unit))
        if "zone" in state:
            return made.tz_localize("UTC").tz_convert(zone_from_description(state["zone"]))
        return made.replace(fold=1) if "fold" in state else made


class PeriodCodec(RecordCodec):
    """`pandas.Period`."""

    row_bytes = 2 << 10
    classes: ClassVar = {"pandas.Period": "pandas:Period"}
    aliases: ClassVar = {"pandas._libs.tslibs.period:Period": "pandas.Period"}
    is_value = True
    required = frozenset({"ordinal", "frequency"})

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give the ordinal and what it counts, which are arguments."""
        if len(made.arguments) != 3 or type(made.arguments[2]) is not int:
            raise not_adopted(made, "it is not made of a frequency and a number")
        return {"ordinal": made.arguments[2], "frequency": describe_legacy_frequency(made.arguments[1])}

    def describe(self, instance: Any) -> dict[str, Any]:
        """Give the ordinal and what it counts."""
        return {"ordinal": int(instance.ordinal), "frequency": describe_frequency(instance.freq)}

    def make(self, name: str, state: Mapping[str, Any]) -> Any:
        """Make the period."""
        if type(state["ordinal"]) is not int or state["frequency"] is None:
            raise refuse_value(f"not a period: {state['ordinal']!r}")
        return self.resolve(name)(ordinal=state["ordinal"], freq=frequency_from_description(state["frequency"]))


class IntervalValueCodec(RecordCodec):
    """`pandas.Interval`."""

    classes: ClassVar = {"pandas.Interval": "pandas:Interval"}
    aliases: ClassVar = {"pandas._libs.interval:Interval": "pandas.Interval"}
    required = frozenset({"left", "right", "closed"})

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give both ends and what belongs to it, which are the arguments."""
        left, right, closed = made.arguments
        return {"left": left, "right": right, "closed": closed}

    def describe(self, instance: Any) -> dict[str, Any]:
        """Give both ends, and which of them belong to it."""
        return {"left": instance.left, "right": instance.right, "closed": instance.closed}

    def make(self, name: str, state: Mapping[str, Any]) -> Any:
        """Make the interval; pandas checks that its ends are in order."""
        return self.resolve(name)(state["left"], state["right"], state["closed"])


class MissingValueCodec(RecordCodec):
    """`pandas.NA` and `pandas.NaT`."""

    classes: ClassVar = {"pandas.NA": "pandas.api.typing:NAType", "pandas.NaT": "pandas.api.typing:NaTType"}
    aliases: ClassVar = {
        "pandas._libs.missing:NAType": "pandas.NA",
        "pandas._libs.tslibs.nattype:NaTType": "pandas.NaT",
    }
    makers: ClassVar = {
        f"pandas._libs.{module}:{name}": "pandas.NaT"
        for module in ("tslib", "tslibs.nattype")
        for name in ("_nat_unpickle", "__nat_unpickle")
    }
    constants: ClassVar = {f"{module}:NA": "pandas.NA" for module in ("pandas", "pandas._libs.missing")}

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give nothing."""
        return {}

    def describe(self, instance: Any) -> dict[str, Any]:
        """Give nothing: the name says all."""
        return {}

    def make(self, name: str, state: Mapping[str, Any]) -> Any:
        """Give the one object."""
        return resolve_class((name.replace(".", ":"),), name)
