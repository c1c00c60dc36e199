"""pandas indexes.

==============================================  ====================================================================
type                                            fields
==============================================  ====================================================================
Index, CategoricalIndex, IntervalIndex,         ``values``: an array of numpy, or one of
PeriodIndex                                     `hermetic.codecs.pandas.arrays`
DatetimeIndex, TimedeltaIndex                   ``values``, ``zone``, as in `hermetic.codecs.pandas.arrays`;
                                                ``frequency`` where there is one, which pandas checks
RangeIndex                                      ``start``, ``stop``, ``step``
MultiIndex                                      ``levels``: list of indexes; ``codes``: list of integer arrays, -1 for
                                                what is missing; ``names``: list
==============================================  ====================================================================

``name`` stands where there is one.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any, ClassVar

from hermetic.codecs.codec import LegacyObject, not_adopted, resolve_class
from hermetic.codecs.pandas.arrays import moments_from_values
from hermetic.codecs.pandas.arrow_legacy import ARROW_PARTS
from hermetic.codecs.pandas.legacy import without_name
from hermetic.codecs.pandas.legacy_indexes import moments_of_index, parts_of_index, values_of_index
from hermetic.codecs.pandas.offsets import describe_frequency, frequency_from_description
from hermetic.codecs.records import RecordCodec, refuse_value
from hermetic.codecs.standard_time import describe_zone
from hermetic.lazy import numpy as np

__all__ = ["IndexCodec", "MomentIndexCodec", "MultiIndexCodec", "RangeIndexCodec", "values_of"]

_OLD_MODULES = {
    "Index": "base",
    "CategoricalIndex": "category",
    "IntervalIndex": "interval",
    "PeriodIndex": "period",
    "DatetimeIndex": "datetimes",
    "TimedeltaIndex": "timedeltas",
    "RangeIndex": "range",
    "MultiIndex": "multi",
}


def _classes(*names: str) -> dict[str, str]:
    return {f"pandas.{name}": f"pandas:{name}" for name in names}


def _aliases(*names: str) -> dict[str, str]:
    return {f"pandas.core.indexes.{_OLD_MODULES[name]}:{name}": f"pandas.{name}" for name in names}


def values_of(column: Any) -> Any:
    """Give the values of an index or a column: numpy's own array, or the array of pandas that holds them.

    Parameters
    ----------
    column : pandas.Index or pandas.Series
        Any one.

    Returns
    -------
    numpy.ndarray or pandas.api.extensions.ExtensionArray
        A view, where pandas gives one.
    """
    return column.to_numpy() if isinstance(column.dtype, np.dtype) else column.array


class IndexCodec(RecordCodec):
    """Indexes that are an array and a name."""

    row_bytes = 12 << 10
    parts = ARROW_PARTS
    classes: ClassVar = _classes("Index", "CategoricalIndex", "IntervalIndex", "PeriodIndex")
    aliases: ClassVar = {
        **_aliases("Index", "CategoricalIndex", "IntervalIndex", "PeriodIndex"),
        **{f"pandas.core.indexes.numeric:{kind}Index": "pandas.Index" for kind in ("Int64", "UInt64", "Float64")},
    }
    makers: ClassVar = {
        "pandas.core.indexes.base:_new_Index": "",
        "pandas.core.indexes.interval:_new_IntervalIndex": "",
        "pandas.core.indexes.period:_new_PeriodIndex": "",
    }
    is_value = True
    required = frozenset({"values"})
    optional = frozenset({"name"})

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give values and name, as pandas makes them of the dictionary of an index."""
        parts = parts_of_index(made)
        return {"values": values_of_index(name, made, parts), **_legacy_name(parts)}

    def group(self, instance: Any) -> Hashable:
        """Keep those with a name apart."""
        return instance.name is None

    def describe(self, instance: Any) -> dict[str, Any]:
        """Give values and name."""
        return {"values": values_of(instance), **_name_of(instance)}

    def make(self, name: str, state: Mapping[str, Any]) -> Any:
        """Make the index; the dtype is said, so that nothing is inferred."""
        values, index = state["values"], resolve_class(("pandas:Index",), name)
        if not _is_array(values):
            raise refuse_value("the values of an index must be an array of one dimension")
        made = index(values, dtype=values.dtype, name=state.get("name"), copy=False, tupleize_cols=False)
        if type(made) is not self.resolve(name):
            raise refuse_value(f"these values make a {type(made).__name__}, no {name}")
        return made


def _is_array(values: Any) -> bool:
    array = resolve_class(("pandas.api.extensions:ExtensionArray",), "pandas")
    return isinstance(values, (np.ndarray, array)) and values.ndim == 1


def _name_of(instance: Any) -> dict[str, Any]:
    return {} if instance.name is None else {"name": instance.name}


def _legacy_name(parts: Mapping[str, Any]) -> dict[str, Any]:
    return {} if parts.get("name") is None else {"name": parts["name"]}


class MomentIndexCodec(RecordCodec):
    """`pandas.DatetimeIndex` and `pandas.TimedeltaIndex`."""

    row_bytes = 12 << 10
    copy_factor = 1
    classes: ClassVar = _classes("DatetimeIndex", "TimedeltaIndex")
    aliases: ClassVar = _aliases("DatetimeIndex", "TimedeltaIndex")
    makers: ClassVar = {
        "pandas.core.indexes.datetimes:_new_DatetimeIndex": "",
        "pandas.core.indexes.timedeltas:_new_TimedeltaIndex": "",
    }
    required = frozenset({"values"})
    optional = frozenset({"frequency", "name", "zone"})

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give the values in UTC, and the rest where there is any."""
        parts = parts_of_index(made)
        return {**moments_of_index(made, parts), **_legacy_name(parts)}

    def group(self, instance: Any) -> Hashable:
        """Keep those with the same fields together."""
        return getattr(instance, "tz", None) is None, instance.freq is None, instance.name is None

    def describe(self, instance: Any) -> dict[str, Any]:
        """Give the values in UTC, and the rest where there is any."""
        zone = getattr(instance, "tz", None)
        state = {"values": (instance if zone is None else instance.tz_convert(None)).to_numpy()}
        if zone is not None:
            state["zone"] = describe_zone(zone)
        if instance.freq is not None:
            state["frequency"] = describe_frequency(instance.freq)
        return {**state, **_name_of(instance)}

    def make(self, name: str, state: Mapping[str, Any]) -> Any:
        """Make the index; pandas checks that the values have the frequency."""
        made = moments_from_values(state, "M" if name == "pandas.DatetimeIndex" else "m")
        if "frequency" in state:
            made.freq = frequency_from_description(state["frequency"])
        return made.rename(state["name"]) if "name" in state else made


class RangeIndexCodec(RecordCodec):
    """`pandas.RangeIndex`."""

    row_bytes = 2 << 10
    classes: ClassVar = _classes("RangeIndex")
    aliases: ClassVar = _aliases("RangeIndex")
    required = frozenset({"start", "stop", "step"})
    optional = frozenset({"name"})

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give the three numbers."""
        parts = parts_of_index(made)
        ends = {"start": parts.get("start", 0), "stop": parts["stop"], "step": parts.get("step", 1)}
        return {**ends, **_legacy_name(parts)}

    def group(self, instance: Any) -> Hashable:
        """Keep those with a name apart."""
        return instance.name is None

    def describe(self, instance: Any) -> dict[str, Any]:
        """Give the three numbers."""
        return {"start": instance.start, "stop": instance.stop, "step": instance.step, **_name_of(instance)}

    def make(self, name: str, state: Mapping[str, Any]) -> Any:
        """Make the index."""
        ends = [state["start"], state["stop"], state["step"]]
        if not all(type(end) is int and -(1 << 62) < end < 1 << 62 for end in ends):
            raise refuse_value(f"not the ends of a range: {ends}")
        return self.resolve(name)(*ends, name=state.get("name"))


class MultiIndexCodec(RecordCodec):
    """`pandas.MultiIndex`."""

    row_bytes = 24 << 10
    copy_factor = 2
    classes: ClassVar = _classes("MultiIndex")
    aliases: ClassVar = _aliases("MultiIndex")
    required = frozenset({"levels", "codes", "names"})

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give levels, codes (labels, before pandas 0.24) and names."""
        parts = parts_of_index(made)
        codes = parts["codes"] if "codes" in parts else parts["labels"]
        if not all(isinstance(part, np.ndarray) for part in codes):
            raise not_adopted(made, "its codes are no arrays")
        return {"levels": list(map(without_name, parts["levels"])), "codes": list(codes), "names": list(parts["names"])}

    def describe(self, instance: Any) -> dict[str, Any]:
        """Give levels, codes and names."""
        levels = [level.rename(None) for level in instance.levels]
        codes = [np.asarray(codes) for codes in instance.codes]
        return {"levels": levels, "codes": codes, "names": list(instance.names)}

    def make(self, name: str, state: Mapping[str, Any]) -> Any:
        """Make the index; pandas checks that levels differ and codes have one."""
        levels, codes, names = state["levels"], state["codes"], state["names"]
        index = resolve_class(("pandas:Index",), name)
        are_lists = all(type(part) is list for part in (levels, codes, names))
        if not are_lists or not len(levels) == len(codes) == len(names):
            raise refuse_value("a MultiIndex has as many levels as lists of codes and names")
        if not all(isinstance(level, index) for level in levels):
            raise refuse_value("the levels of a MultiIndex must be indexes")
        if not all(type(part) is np.ndarray and part.dtype.kind == "i" and part.ndim == 1 for part in codes):
            raise refuse_value("the codes of a MultiIndex must be signed integers in one dimension")
        # A copy: what pandas checks here must not lie in a file that somebody can change.
        private = [part.copy() for part in codes]
        return self.resolve(name)(levels=levels, codes=private, names=names, verify_integrity=True)
