"""pandas date offsets, also as the frequencies of indexes and periods.

A frequency inside another object is a tuple: the name of the class, ``n``, and then names and values of its parameters,
as in ``("QuarterEnd", 1, "startingMonth", 11)``. Class names are the same in pandas 2 and 3; the short aliases are not.

Offsets as values have the fields ``n``, and ``parameters`` (a dictionary) where they have any; ``normalize`` is one.
Business hours and custom business days, which hold calendars, are refused as frequencies and foreign as values.
"""

from __future__ import annotations

import datetime
from collections.abc import Hashable, Mapping
from typing import Any, ClassVar

from hermetic.codecs.codec import LegacyObject, not_adopted, resolve_class
from hermetic.codecs.records import RecordCodec, refuse_value
from hermetic.errors import CannotSave
from hermetic.legacy_objects import MISSING

__all__ = ["OffsetCodec", "describe_frequency", "describe_legacy_frequency", "frequency_from_description"]

_MODULE = "pandas._libs.tslibs.offsets"
_CLASSES = """
    BHalfYearBegin BHalfYearEnd BQuarterBegin BQuarterEnd BYearBegin BYearEnd BusinessDay BusinessMonthBegin
    BusinessMonthEnd DateOffset Day Easter FY5253 FY5253Quarter HalfYearBegin HalfYearEnd Hour LastWeekOfMonth Micro
    Milli Minute MonthBegin MonthEnd Nano QuarterBegin QuarterEnd Second SemiMonthBegin SemiMonthEnd Week WeekOfMonth
    YearBegin YearEnd
"""
_PARAMETERS = """
    day day_of_month days hour hours method microsecond microseconds millisecond milliseconds minute minutes month
    months nanosecond nanoseconds qtr_with_extra_week quarter second seconds startingMonth week weekday weeks year
    years
"""
_NAMES = _CLASSES.split()
_INTEGERS = frozenset(_PARAMETERS.split())
_VARIATIONS = ("last", "nearest")
_ARGUMENTS = {
    **dict.fromkeys(("BYearBegin", "BYearEnd", "YearBegin", "YearEnd"), "month"),
    **dict.fromkeys(("BQuarterBegin", "BQuarterEnd", "QuarterBegin", "QuarterEnd"), "startingMonth"),
    **dict.fromkeys(("BHalfYearBegin", "BHalfYearEnd", "HalfYearBegin", "HalfYearEnd"), "startingMonth"),
    **dict.fromkeys(("SemiMonthBegin", "SemiMonthEnd"), "day_of_month"),
    **dict.fromkeys(("LastWeekOfMonth", "Week"), "weekday"),
    "BusinessDay": "offset",
    "Easter": "method",
    "FY5253": "weekday startingMonth variation",
    "FY5253Quarter": "weekday startingMonth qtr_with_extra_week variation",
    "WeekOfMonth": "week weekday",
}
"""What pickles give behind ``n`` and ``normalize``."""


class OffsetCodec(RecordCodec):
    """All offsets that numbers describe."""

    row_bytes = 4 << 10
    parts = frozenset({"dateutil.relativedelta:relativedelta"})
    classes: ClassVar = {
        f"pandas.offsets.{name}": f"{'pandas' if name == 'DateOffset' else _MODULE}:{name}" for name in _NAMES
    }
    aliases: ClassVar = {
        f"{_MODULE}:DateOffset": "pandas.offsets.DateOffset",
        **{f"pandas.tseries.offsets:{name}": f"pandas.offsets.{name}" for name in _NAMES},
    }
    required = frozenset({"n"})
    optional = frozenset({"parameters"})

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give number and parameters."""
        n, parameters = _legacy_parts(name, made)
        return {"n": n, **({"parameters": parameters} if parameters else {})}

    def group(self, instance: Any) -> Hashable:
        """Keep those with parameters apart."""
        return bool(_parameters_of(instance))

    def describe(self, instance: Any) -> dict[str, Any]:
        """Give number and parameters."""
        parameters = _parameters_of(instance)
        return {"n": int(instance.n), **({"parameters": parameters} if parameters else {})}

    def make(self, name: str, state: Mapping[str, Any]) -> Any:
        """Make the offset."""
        return _make(name, state["n"], state.get("parameters", {}))


def _parameters_of(offset: Any) -> dict[str, Any]:
    parameters: dict[str, Any] = {"normalize": True} if offset.normalize else {}
    for name, value in offset.kwds.items():
        # Defaults, one of which pandas 2 does not know.
        if (name, value) in (("offset", datetime.timedelta(0)), ("method", 3)):
            continue
        if not _is_parameter(name, value):
            raise CannotSave(
                f"the offset {offset!r} has the parameter {name}={value!r}, which is no number",
                next_step="Use an offset without a calendar or a shift; for an index set freq to None.",
            )
        parameters[name] = value if type(value) is str else int(value)
    return parameters


def _legacy_parts(name: str, made: LegacyObject) -> tuple[int, dict[str, Any]]:
    """Give number and parameters: arguments in an order of their own, or a dictionary of attributes."""
    names = ["n", "normalize", *_ARGUMENTS.get(name.rpartition(".")[2], "").split()]
    if len(made.arguments) > len(names) or made.items or made.pairs or made.keywords:
        raise not_adopted(made, f"it takes {' and '.join(names)}, not {len(made.arguments)} arguments")
    given = dict(zip(names, made.arguments, strict=False))
    if type(made.state) is dict:
        given |= {key: value for key, value in made.state.items() if key in names or key in _INTEGERS}
        extra = made.state.keys() - given.keys() - {"_cache", "_offset", "_use_relativedelta", "kwds"}
        if extra:
            raise not_adopted(made, f"it has the attribute {min(extra)}")
    elif made.state is not MISSING and made.state is not None:
        raise not_adopted(made, "its state is no dictionary")
    n, normalize = given.pop("n", 1), given.pop("normalize", False)
    parameters: dict[str, Any] = {"normalize": True} if normalize else {}
    for parameter, value in given.items():
        is_default = value is None or (parameter, value) == ("method", 3)
        if parameter == "offset" and type(value) is LegacyObject and value.location == "datetime:timedelta":
            is_default = not any(value.arguments)
        if is_default:
            continue
        if not _is_parameter(parameter, value):
            raise not_adopted(made, f"its parameter {parameter} is no number")
        parameters[parameter] = value if type(value) is str else int(value)
    return int(n), parameters


def _is_parameter(name: Any, value: Any) -> bool:
    if name == "variation":
        return value in _VARIATIONS
    return name in _INTEGERS and hasattr(type(value), "__index__") and -(1 << 31) < int(value) < 1 << 31


def _make(name: str, n: Any, parameters: Any) -> Any:
    if type(n) is not int or type(parameters) is not dict or not -(1 << 31) < n < 1 << 31:
        raise refuse_value(f"not a date offset: {name}, {n!r}")
    for parameter, value in parameters.items():
        if not (parameter == "normalize" and value is True) and not _is_parameter(parameter, value):
            raise refuse_value(f"{name} takes no {parameter!r}={value!r}")
    locations = (OffsetCodec.classes[name], f"{_MODULE}:{name.rpartition('.')[2]}")
    return resolve_class(locations, name)(n, **parameters)


def describe_frequency(offset: Any) -> tuple[Any, ...] | None:
    """Give a frequency as a tuple of plain values; None for none.

    Parameters
    ----------
    offset : pandas.tseries.offsets.BaseOffset or None
        The frequency.

    Returns
    -------
    tuple or None
        See the module docstring.

    Raises
    ------
    CannotSave
        For offsets that numbers do not describe.

    Examples
    --------
    >>> import pandas
    >>> describe_frequency(pandas.offsets.QuarterEnd(startingMonth=11))
    ('QuarterEnd', 1, 'startingMonth', 11)
    """
    if offset is None:
        return None
    name = type(offset).__name__
    if f"pandas.offsets.{name}" not in OffsetCodec.classes:
        raise CannotSave(
            f"the frequency {offset!r} is not described by numbers", next_step="Set the index's freq to None."
        )
    parameters = _parameters_of(offset)
    return (name, int(offset.n), *(part for pair in parameters.items() for part in pair))


def describe_legacy_frequency(offset: Any) -> tuple[Any, ...] | None:
    """Give the frequency of a legacy file as the tuple that `describe_frequency` gives for the live one.

    Parameters
    ----------
    offset : LegacyObject or None
        As the file makes it.

    Returns
    -------
    tuple or None
        See the module docstring.

    Raises
    ------
    InvalidState
        For offsets that numbers do not describe.

    Examples
    --------
    >>> describe_legacy_frequency(LegacyObject("pandas._libs.tslibs.offsets:QuarterEnd", arguments=(1, False, 11)))
    ('QuarterEnd', 1, 'startingMonth', 11)
    """
    if offset is None:
        return None
    location = getattr(offset, "location", "")
    name = f"pandas.offsets.{location.rpartition(':')[2]}"
    if type(offset) is not LegacyObject or name not in OffsetCodec.classes or not location.startswith("pandas"):
        raise refuse_value(f"the frequency {location or type(offset).__name__} is not described by numbers")
    n, parameters = _legacy_parts(name, offset)
    return (name.rpartition(".")[2], n, *(part for pair in parameters.items() for part in pair))


def frequency_from_description(description: Any) -> Any:
    """Make the frequency for a tuple of `describe_frequency`.

    Parameters
    ----------
    description : tuple or None
        From a file.

    Returns
    -------
    offset or None
        The frequency.

    Raises
    ------
    InvalidState
        When the tuple is none of ours.

    Examples
    --------
    >>> frequency_from_description(("Day", 2))
    <2 * Days>
    """
    if description is None:
        return None
    is_tuple = type(description) is tuple and len(description) >= 2 and len(description) % 2 == 0
    name = f"pandas.offsets.{description[0]}" if is_tuple else ""
    names = description[2::2] if is_tuple else ()
    if name not in OffsetCodec.classes or not all(type(part) is str for part in names):
        raise refuse_value(f"not a frequency: {str(description)[:200]}")
    return _make(name, description[1], dict(zip(names, description[3::2], strict=True)))
