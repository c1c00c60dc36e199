"""Plain Python values as the values of a column: lists, and arrays and frames that hold objects."""

from __future__ import annotations

import datetime
import decimal
import json
import math
from collections.abc import Sequence
from typing import Any

from hermetic.errors import UsageError
from hermetic.evidence.data.table import Values

__all__ = ["is_missing", "type_of_objects", "values_of_objects", "zone_name"]

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_MICROSECOND = datetime.timedelta(microseconds=1)
_MISSING_TYPES = frozenset({"NAType", "NaTType"})
_EXACT_KINDS = frozenset({bool, bytes, int, str, type(None)})


def is_missing(value: Any) -> bool:
    """Tell whether a value is None, NaN, NaT or ``pandas.NA``."""
    if value is None or type(value).__name__ in _MISSING_TYPES:
        return True
    return isinstance(value, float) and math.isnan(value)


def type_of_objects(values: Sequence[Any]) -> str:
    """Give the logical type that all of some values have.

    Raises
    ------
    UsageError
        When they have none in common, or one that no column has.
    """
    found = {*map(type, values)}
    if found <= _EXACT_KINDS:  # most columns: a class for each value need not be asked for
        kinds = found - {type(None)}
    else:
        kinds = {_kind(value) for value in values if not is_missing(value)}
    if kinds == {int, float}:
        return "float64"
    if not kinds:
        # A list of NaN is one of numbers; nothing tells what a list of None is.
        return "float64" if any(isinstance(value, float) for value in values) else "missing"
    if len(kinds) == 1:
        kind = kinds.pop()
        if kind is datetime.datetime:
            return _type_of_moments(values)
        if kind is int:
            return _type_of_integers([value for value in values if not is_missing(value)])
        if kind in _TYPE_OF_KIND:
            return _TYPE_OF_KIND[kind]
        raise UsageError(f"a column holds values of {kind.__name__}, which have no fingerprint: convert them")
    names = sorted(kind.__name__ for kind in kinds)
    raise UsageError(
        f"a column holds values of {' and '.join(names)}, which have no logical type in common: convert it to one type"
    )


_TYPE_OF_KIND: dict[type, str] = {
    bool: "bool",
    bytes: "bytes",
    datetime.date: "date",
    datetime.time: "time[us]",
    datetime.timedelta: "duration[us]",
    decimal.Decimal: "decimal",
    dict: "json",
    float: "float64",
    list: "json",
    str: "text",
    tuple: "json",
}


def _kind(value: Any) -> type:
    """Give the plain class of a value; numpy's scalars are what they hold."""
    if type(value).__module__ == "numpy" and getattr(value, "ndim", 1) == 0:
        plain = value.item()
        # numpy gives moments of nanoseconds as numbers, and those of days as days: they are not what Python has.
        if type(value).__name__ not in ("datetime64", "timedelta64") or isinstance(plain, datetime.timedelta):
            value = plain
    for kind in (bool, int, float, str, bytes, datetime.datetime, *_TYPE_OF_KIND):
        if isinstance(value, kind):
            return kind
    return type(value)


def _type_of_integers(values: Sequence[int]) -> str:
    least, most = min(values), max(values)
    if least >= -(2**63) and most < 2**63:
        return "int64"
    if least >= 0 and most < 2**64:
        return "uint64"
    raise UsageError(
        f"a column holds whole numbers from {_told(least)} to {_told(most)}, which fit into no type of 64 bits"
    )


def _told(number: int) -> str:
    # Python writes no more than 4,300 digits, and nobody reads as many.
    return str(number) if number.bit_length() <= 128 else f"a number of {number.bit_length():,} bits"


def _type_of_moments(values: Sequence[datetime.datetime]) -> str:
    zones = {None if value.tzinfo is None else zone_name(value.tzinfo) for value in values if not is_missing(value)}
    if len(zones) != 1:
        raise UsageError(f"a column holds moments of {len(zones)} time zones: convert them to one")
    zone = zones.pop()
    return "timestamp[us]" if zone is None else f"timestamp[us, {zone}]"


def zone_name(zone: Any) -> str:
    """Give the name of a time zone, ``UTC`` for all that mean it."""
    name = str(zone)
    return "UTC" if name in ("UTC", "utc", "Etc/UTC", "+00:00", "UTC+00:00", "tzutc()") else name


def values_of_objects(values: Sequence[Any], type_: str) -> Values:
    """Give plain values as those of a column whose logical type is known.

    Raises
    ------
    UsageError
        When one is too large for the type.
    """
    import numpy as np

    if type_ in ("text", "bytes") and {*map(type, values)} <= {str, bytes}:  # most texts: none is missing
        return Values(content=values, is_missing=None)
    if type_ in ("text", "bytes") and {*map(type, values)} <= {str, bytes, float, type(None)}:
        # Whatever is no text here is missing.
        texts = [value if isinstance(value, (str, bytes)) else None for value in values]
        return Values(content=texts, is_missing=np.fromiter((text is None for text in texts), bool, len(texts)))
    absent = np.fromiter((is_missing(value) for value in values), dtype=bool, count=len(values))
    missing = absent if absent.any() else None
    if type_ in ("text", "bytes"):
        content = values if missing is None else [None if is_missing(value) else value for value in values]
        return Values(content=content, is_missing=missing)
    if type_ in ("json", "decimal"):
        encode = _json_text if type_ == "json" else _decimal_text
        return Values(content=[None if is_missing(value) else encode(value) for value in values], is_missing=missing)
    dtype, number = _NUMBER_OF_TYPE.get(type_.partition("[")[0], (type_, lambda value: value))
    numbers = [0 if is_missing(value) else number(value) for value in values]
    try:
        return Values(content=np.array(numbers, dtype=dtype), is_missing=missing)
    except OverflowError:
        raise UsageError(f"a column of {type_} holds a value that is too large for it: convert it") from None


def _json_text(value: Any) -> str:
    try:
        return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_plain)
    except (TypeError, ValueError) as error:
        raise UsageError(f"a row of dictionaries or lists holds what is no plain value: {error}") from None


def _plain(value: Any) -> Any:
    if type(value).__module__ == "numpy" and hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"a {type(value).__name__}")


def _decimal_text(value: decimal.Decimal) -> str:
    # By hand: decimal's own normalize rounds to the precision of the thread.
    text = format(value, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def _microseconds(moment: datetime.datetime) -> int:
    return ((moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)) - _EPOCH) // _MICROSECOND


def _microseconds_of_day(time: datetime.time) -> int:
    return ((time.hour * 60 + time.minute) * 60 + time.second) * 1_000_000 + time.microsecond


_NUMBER_OF_TYPE: dict[str, tuple[str, Any]] = {
    "date": ("int64", lambda day: day.toordinal() - 719_163),
    "duration": ("int64", lambda length: length // _MICROSECOND),
    "missing": ("bool", lambda value: False),
    "time": ("int64", _microseconds_of_day),
    "timestamp": ("int64", _microseconds),
}
