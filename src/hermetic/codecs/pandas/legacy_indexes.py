"""The parts of pandas indexes in legacy files: a dictionary that a function of pandas is called with."""

from __future__ import annotations

from typing import Any

from hermetic.codecs.codec import LegacyObject, not_adopted
from hermetic.codecs.pandas.dtypes import legacy_zone_of_dtype
from hermetic.codecs.pandas.legacy import adopted_object, backed_parts, plain_moments, without_name
from hermetic.codecs.pandas.offsets import describe_legacy_frequency
from hermetic.codecs.standard_time import describe_legacy_zone
from hermetic.lazy import numpy as np

__all__ = ["moments_of_index", "parts_of_index", "values_of_index"]


def parts_of_index(made: LegacyObject) -> dict[str, Any]:
    """Give the dictionary that an index is made of.

    Parameters
    ----------
    made : LegacyObject
        A call with a class and a dictionary.

    Returns
    -------
    dict
        With ``name`` and what the class needs.

    Raises
    ------
    InvalidState
        For any other call.

    Examples
    --------
    >>> call = ("pandas.RangeIndex", {"stop": 3})
    >>> parts_of_index(LegacyObject("pandas.core.indexes.base:_new_Index", is_new=False, arguments=call))
    {'stop': 3}
    """
    if made.is_new or len(made.arguments) != 2 or type(made.arguments[1]) is not dict:
        raise not_adopted(made, "it is not made of a class and a dictionary")
    parts: dict[str, Any] = made.arguments[1]
    return parts


def values_of_index(name: str, made: LegacyObject, parts: dict[str, Any]) -> Any:
    """Give the values of an index that is an array and a name.

    Parameters
    ----------
    name : str
        Neutral name of its class.
    made : LegacyObject
        For messages.
    parts : dict
        From `parts_of_index`.

    Returns
    -------
    numpy.ndarray or LegacyObject
        As `hermetic.codecs.pandas.indexes.IndexCodec` has them.

    Raises
    ------
    InvalidState
        When there are none.
    """
    if name == "pandas.IntervalIndex" and "left" in parts:
        ends = {"left": without_name(parts["left"]), "right": without_name(parts["right"]), "closed": parts["closed"]}
        return adopted_object(made, "pandas.arrays.IntervalArray", ends)
    values = parts["data"]
    if name == "pandas.PeriodIndex" and isinstance(values, np.ndarray):
        fields = {"ordinals": values, "frequency": describe_legacy_frequency(parts["freq"])}
        return adopted_object(made, "pandas.arrays.PeriodArray", fields)
    if type(values) is LegacyObject and values.name.endswith("Index") and "values" in values.fields:
        values = values.fields["values"]  # pandas takes the values out of it
    values = plain_moments(values)
    if not isinstance(values, (np.ndarray, LegacyObject)):
        raise not_adopted(made, "its data are no array")
    return values


def moments_of_index(made: LegacyObject, parts: dict[str, Any]) -> dict[str, Any]:
    """Give values, zone and frequency of an index of moments or durations.

    Parameters
    ----------
    made : LegacyObject
        For messages.
    parts : dict
        From `parts_of_index`: an array of pandas; before pandas 1 one of numpy, with the zone beside it.

    Returns
    -------
    dict of str to object
        As `hermetic.codecs.pandas.indexes.MomentIndexCodec` has them.

    Raises
    ------
    InvalidState
        When there are no moments.
    """
    data, frequency, zone = parts["data"], parts.get("freq"), None
    if type(data) is LegacyObject:
        dtype, values, rest = backed_parts(data)
        frequency = rest.get("_freq") if frequency is None else frequency
        if type(dtype) is LegacyObject:
            zone = legacy_zone_of_dtype(dtype)
    else:
        values, zone = data, describe_legacy_zone(parts.get("tz"))
    if not isinstance(values, np.ndarray) or values.dtype.kind not in "mM":
        raise not_adopted(made, "its data are neither moments nor durations")
    fields: dict[str, Any] = {"values": values}
    if zone is not None:
        fields["zone"] = zone
    if frequency is not None:
        fields["frequency"] = describe_legacy_frequency(frequency)
    return fields
