"""The arrays behind pandas columns, each as plain arrays of numpy.

========================================  ==========================================================================
type                                      fields
========================================  ==========================================================================
IntegerArray, FloatingArray, BooleanArray ``values``: array; ``missing``: bool array where something is missing, and
                                          the values there are zero
StringArray (all storages)                ``texts``: list; ``missing`` as above, the texts there empty; ``storage``
                                          and ``missing_value``, as in `hermetic.codecs.pandas.dtypes`. Texts with
                                          NaN semantics become objects where pandas is older than 2.3
Categorical                               ``codes``: integer array, -1 for what is missing; ``categories``: an index of
                                          different values; ``ordered``
DatetimeArray, TimedeltaArray             ``values``: array of moments in UTC, or of durations; ``zone``
PeriodArray                               ``ordinals``: int64 array; ``frequency``
IntervalArray                             ``left``, ``right``: indexes of one length; ``closed``
SparseArray                               ``length``; ``indices``: int32 array, ascending; ``values`` at them;
                                          ``fill_value`` elsewhere; ``layout``: integer or block
NumpyExtensionArray                       ``values``: array
========================================  ==========================================================================

All are made by public constructors, which check what they are given; what they do not check is checked here.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any, ClassVar

from hermetic.codecs.codec import FieldView, LegacyObject, not_adopted, resolve_class
from hermetic.codecs.pandas.arrow_legacy import ARROW_PARTS
from hermetic.codecs.pandas.dtypes import describe_text_dtype, legacy_zone_of_dtype, period_of_dtype, text_dtype
from hermetic.codecs.pandas.legacy import BACKED_MAKER, backed_parts, members_of
from hermetic.codecs.pandas.legacy_arrays import ends_of_intervals, parts_of_sparse, parts_of_texts
from hermetic.codecs.pandas.offsets import describe_frequency, frequency_from_description
from hermetic.codecs.records import RecordCodec, is_count, refuse_value
from hermetic.codecs.standard_time import describe_zone, zone_from_description
from hermetic.errors import UnsupportedVersion
from hermetic.lazy import numpy as np

__all__ = [
    "CategoricalCodec",
    "IntervalArrayCodec",
    "MomentArrayCodec",
    "NullableArrayCodec",
    "PeriodArrayCodec",
    "SparseArrayCodec",
    "TextArrayCodec",
    "WrappedArrayCodec",
    "moments_from_values",
]

_NULLABLE_KINDS = {"IntegerArray": "iu", "FloatingArray": "f", "BooleanArray": "b"}


def _plain(value: Any, kinds: str, what: str) -> Any:
    """Give an array of one dimension and of one of some kinds, or refuse it."""
    if type(value) is not np.ndarray or value.ndim != 1 or value.dtype.kind not in kinds:
        raise refuse_value(f"{what} must be an array of one dimension and of the kind {kinds}")
    return value


def _mask(state: Mapping[str, Any], n_values: int) -> Any:
    """Give what is missing as a bool array of the right length."""
    if "missing" not in state:
        return np.zeros(n_values, dtype=bool)
    missing = _plain(state["missing"], "b", "what is missing")
    if len(missing) != n_values:
        raise refuse_value(f"{len(missing)} bools for {n_values} values")
    return missing


class _ArrayCodec(RecordCodec):
    """Each array stands alone: describing one twice, to group it, would copy it twice."""

    row_bytes = 8 << 10

    def group(self, instance: Any) -> Hashable:
        """Keep each array apart."""
        return id(instance)

    def group_adopted(self, made: LegacyObject) -> Hashable:
        """Keep each array apart."""
        return id(made)


class NullableArrayCodec(_ArrayCodec):
    """Numbers and bools that may be missing."""

    classes: ClassVar = {f"pandas.arrays.{name}": f"pandas.arrays:{name}" for name in _NULLABLE_KINDS}
    aliases: ClassVar = {
        f"pandas.core.arrays.{name[:-5].lower()}:{name}": f"pandas.arrays.{name}" for name in _NULLABLE_KINDS
    }
    required = frozenset({"values"})
    optional = frozenset({"missing"})

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give the values, zero where one is missing."""
        state = members_of(made)
        values, missing = state["_data"], _mask({"missing": state["_mask"]}, len(state["_data"]))
        if not missing.any():
            return {"values": values}
        return {"values": np.where(missing, values.dtype.type(0), values), "missing": missing}

    def describe(self, instance: Any) -> dict[str, Any]:
        """Give the values, zero where one is missing."""
        dtype = instance.dtype.numpy_dtype
        missing = np.asarray(instance.isna())
        state = {"values": instance.to_numpy(dtype=dtype, na_value=dtype.type(0))}
        return {**state, "missing": missing} if missing.any() else state

    def make(self, name: str, state: Mapping[str, Any]) -> Any:
        """Make the array."""
        values = _plain(state["values"], _NULLABLE_KINDS[name.rpartition(".")[2]], "the values")
        return self.resolve(name)(values, _mask(state, len(values)))


class TextArrayCodec(_ArrayCodec):
    """Texts, in either storage and with either missing value."""

    parts = ARROW_PARTS
    classes: ClassVar = {"pandas.arrays.StringArray": "pandas.arrays:StringArray"}
    aliases: ClassVar = dict.fromkeys(
        (
            "pandas.arrays:ArrowStringArray",
            "pandas.core.arrays.string_:StringArray",
            "pandas.core.arrays.string_:StringArrayNumpySemantics",
            "pandas.core.arrays.string_arrow:ArrowStringArray",
            "pandas.core.arrays.string_arrow:ArrowStringArrayNumpySemantics",
        ),
        "pandas.arrays.StringArray",
    )
    makers: ClassVar = BACKED_MAKER
    required = frozenset({"texts", "storage", "missing_value"})
    optional = frozenset({"missing"})

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give the texts, empty where one is missing."""
        return parts_of_texts(made)

    def describe(self, instance: Any) -> dict[str, Any]:
        """Give the texts, empty where one is missing."""
        dtype = describe_text_dtype(instance.dtype)
        missing = np.asarray(instance.isna())
        texts = instance.to_numpy(dtype=object, na_value="").tolist()
        state = {"storage": dtype["storage"], "missing_value": dtype["missing"], "texts": texts}
        return {**state, "missing": missing} if missing.any() else state

    def make(self, name: str, state: Mapping[str, Any]) -> Any:
        """Make the array."""
        array = resolve_class(("pandas:array",), name)
        texts = state["texts"]
        if type(texts) is not list or not all(type(text) is str for text in texts):
            raise refuse_value("texts must be a list of texts")
        objects = np.empty(len(texts), dtype=object)
        objects[:] = texts
        missing = _mask(state, len(texts)) if "missing" in state else None
        try:
            dtype = text_dtype({"storage": state["storage"], "missing": state["missing_value"]})
        except UnsupportedVersion:
            if state["missing_value"] != "nan":
                raise
            # Before pandas 2.3 such columns, and all labels of columns, were objects with NaN.
            if missing is not None:
                objects[missing] = np.nan
            return objects
        if missing is not None:
            objects[missing] = None
        return array(objects, dtype=dtype)


class CategoricalCodec(_ArrayCodec):
    """`pandas.Categorical`."""

    classes: ClassVar = {"pandas.Categorical": "pandas:Categorical"}
    aliases: ClassVar = {"pandas.core.arrays.categorical:Categorical": "pandas.Categorical"}
    required = frozenset({"codes", "categories", "ordered"})
    checked_fields = frozenset({"codes"})

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give codes and categories, which the dtype has."""
        dtype, codes, rest = backed_parts(made)
        state = dtype.state if type(dtype) is LegacyObject else rest
        categories = state.get("categories", state.get("_categories"))
        ordered = state.get("ordered", state.get("_ordered"))
        return {"codes": codes, "categories": categories, "ordered": bool(ordered)}

    def describe(self, instance: Any) -> dict[str, Any]:
        """Give codes and categories."""
        return {"codes": instance.codes, "categories": instance.categories, "ordered": bool(instance.ordered)}

    def validate(self, name: str, view: FieldView) -> None:
        """Check that no code is below -1: the upper end is checked with the categories, when they stand."""
        super().validate(name, view)
        for row, codes in enumerate(view.arrays("codes")):
            if codes is None or codes.dtype.kind != "i" or codes.ndim != 1:
                raise view.refuse("codes must be signed integers in one dimension", row=row, field="codes")
            if codes.size and codes.min() < -1:
                raise view.refuse(f"a code of {codes.min()}, but -1 is the smallest", row=row, field="codes")

    def make(self, name: str, state: Mapping[str, Any]) -> Any:
        """Make the array; pandas checks that categories differ and codes have one."""
        codes, categories = state["codes"], state["categories"]
        if not isinstance(categories, resolve_class(("pandas:Index",), name)) or type(state["ordered"]) is not bool:
            raise refuse_value("categories must be an index, and ordered True or False")
        if codes.size and codes.max() >= len(categories):
            raise refuse_value(f"a code of {codes.max()}, but there are {len(categories)} categories")
        return self.resolve(name).from_codes(codes, categories=categories, ordered=state["ordered"])


class MomentArrayCodec(_ArrayCodec):
    """Moments with a zone, and moments and durations without, where they stand outside a column of numpy."""

    classes: ClassVar = {
        f"pandas.arrays.{name}": f"pandas.arrays:{name}" for name in ("DatetimeArray", "TimedeltaArray")
    }
    aliases: ClassVar = {
        "pandas.core.arrays.datetimes:DatetimeArray": "pandas.arrays.DatetimeArray",
        "pandas.core.arrays.timedeltas:TimedeltaArray": "pandas.arrays.TimedeltaArray",
    }
    required = frozenset({"values"})
    optional = frozenset({"zone"})

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give the values in UTC, and the zone, which the dtype has."""
        dtype, values, _ = backed_parts(made)
        zone = {"zone": legacy_zone_of_dtype(dtype)} if type(dtype) is LegacyObject else {}
        return {"values": values, **zone}

    def describe(self, instance: Any) -> dict[str, Any]:
        """Give the values in UTC, and the zone."""
        if getattr(instance, "tz", None) is None:
            return {"values": instance.to_numpy()}
        return {"values": instance.tz_convert(None).to_numpy(), "zone": describe_zone(instance.tz)}

    def make(self, name: str, state: Mapping[str, Any]) -> Any:
        """Make the array."""
        short = name.rpartition(".")[2]
        return moments_from_values(state, "M" if short == "DatetimeArray" else "m").array


def moments_from_values(state: Mapping[str, Any], kind: str) -> Any:
    """Make an index of moments or durations.

    Parameters
    ----------
    state : mapping
        With ``values``, and ``zone`` where there is one.
    kind : {"M", "m"}
        Moments or durations.

    Returns
    -------
    pandas.DatetimeIndex or pandas.TimedeltaIndex
        Without name and frequency.

    Raises
    ------
    InvalidState
        When the values are of another kind.
    """
    values = _plain(state["values"], kind, "the values")
    name = "DatetimeIndex" if kind == "M" else "TimedeltaIndex"
    index = resolve_class((f"pandas:{name}",), f"pandas.{name}")(values)
    if "zone" not in state:
        return index
    if kind == "m":
        raise refuse_value("a duration has no time zone")
    return index.tz_localize("UTC").tz_convert(zone_from_description(state["zone"]))


class PeriodArrayCodec(_ArrayCodec):
    """`pandas.arrays.PeriodArray`."""

    classes: ClassVar = {"pandas.arrays.PeriodArray": "pandas.arrays:PeriodArray"}
    aliases: ClassVar = {"pandas.core.arrays.period:PeriodArray": "pandas.arrays.PeriodArray"}
    required = frozenset({"ordinals", "frequency"})

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give the ordinals and what they count, which the dtype has."""
        dtype, ordinals, _ = backed_parts(made)
        if type(dtype) is not LegacyObject:
            raise not_adopted(made, "it has no frequency")
        return {"ordinals": ordinals, "frequency": period_of_dtype(dtype)}

    def describe(self, instance: Any) -> dict[str, Any]:
        """Give the ordinals and what they count."""
        return {"ordinals": instance.asi8, "frequency": describe_frequency(instance.freq)}

    def make(self, name: str, state: Mapping[str, Any]) -> Any:
        """Make the array."""
        ordinals = _plain(state["ordinals"], "i", "ordinals")
        if ordinals.dtype != np.int64 or state["frequency"] is None:
            raise refuse_value("ordinals must be int64, and have a frequency")
        dtype = resolve_class(("pandas:PeriodDtype",), name)(frequency_from_description(state["frequency"]))
        return self.resolve(name)(ordinals, dtype=dtype)


class IntervalArrayCodec(_ArrayCodec):
    """`pandas.arrays.IntervalArray`."""

    classes: ClassVar = {"pandas.arrays.IntervalArray": "pandas.arrays:IntervalArray"}
    aliases: ClassVar = {"pandas.core.arrays.interval:IntervalArray": "pandas.arrays.IntervalArray"}
    makers: ClassVar = {"pandas._libs.interval:__pyx_unpickle_IntervalMixin": ""}
    adopts_last = True
    required = frozenset({"left", "right", "closed"})

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give both ends, and which of them belong to the intervals."""
        return ends_of_intervals(made)

    def describe(self, instance: Any) -> dict[str, Any]:
        """Give both ends, and which of them belong to the intervals."""
        return {"left": instance.left, "right": instance.right, "closed": instance.closed}

    def make(self, name: str, state: Mapping[str, Any]) -> Any:
        """Make the array; pandas checks that the ends are in order and of one length."""
        kind = resolve_class(("pandas:Index",), name)
        if not isinstance(state["left"], kind) or not isinstance(state["right"], kind):
            raise refuse_value("the ends of intervals must be indexes")
        return self.resolve(name).from_arrays(state["left"], state["right"], closed=state["closed"])


class SparseArrayCodec(_ArrayCodec):
    """`pandas.arrays.SparseArray`."""

    parts = frozenset({"pandas._libs.sparse:IntIndex", "pandas._libs.sparse:BlockIndex"})
    classes: ClassVar = {"pandas.arrays.SparseArray": "pandas.arrays:SparseArray"}
    aliases: ClassVar = {"pandas.core.arrays.sparse.array:SparseArray": "pandas.arrays.SparseArray"}
    required = frozenset({"length", "indices", "values", "fill_value", "layout"})
    checked_fields = frozenset({"indices"})

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give what is stored, and where."""
        return parts_of_sparse(made)

    def describe(self, instance: Any) -> dict[str, Any]:
        """Give what is stored, and where."""
        indices = instance.sp_index.to_int_index().indices
        state = {"length": len(instance), "indices": indices, "values": instance.sp_values}
        return {**state, "fill_value": instance.fill_value, "layout": instance.kind}

    def validate(self, name: str, view: FieldView) -> None:
        """Check that indices ascend and stay within the length: native code follows them."""
        super().validate(name, view)
        for row, (indices, length) in enumerate(zip(view.arrays("indices"), view.values("length"), strict=True)):
            if indices is None or indices.dtype != np.int32 or indices.ndim != 1 or not is_count(length):
                raise view.refuse("indices must be int32 in one dimension, and length 0 or more", row=row)
            if length >= 1 << 31 or (indices.size and not 0 <= indices[0] <= indices[-1] < length):
                raise view.refuse(f"an index beyond the length {length}", row=row, field="indices")
            if (indices[1:] <= indices[:-1]).any():
                raise view.refuse("indices must ascend", row=row, field="indices")

    def make(self, name: str, state: Mapping[str, Any]) -> Any:
        """Make the array."""
        values, layout = state["values"], state["layout"]
        is_fitting = type(values) is np.ndarray and values.shape == state["indices"].shape
        if not is_fitting or layout not in ("integer", "block"):
            raise refuse_value("a sparse array has as many values as indices")
        kind, length, indices = self.resolve(name), state["length"], state["indices"]
        if hasattr(kind, "from_indices"):
            return kind.from_indices(values, indices, length, state["fill_value"], layout, dtype=values.dtype)
        # Before pandas 3.1 there is no public way that does not make the dense array, whose length a file could choose.
        place = resolve_class(("pandas._libs.sparse:IntIndex",), name)(length, indices)
        dtype = resolve_class(("pandas:SparseDtype",), name)(values.dtype, state["fill_value"])
        return kind(values, sparse_index=place.to_block_index() if layout == "block" else place, dtype=dtype)


class WrappedArrayCodec(_ArrayCodec):
    """`pandas.arrays.NumpyExtensionArray`: an array of numpy in the clothes of pandas."""

    parts = frozenset({"pandas.core.dtypes.dtypes:NumpyEADtype", "pandas.core.dtypes.dtypes:PandasDtype"})
    classes: ClassVar = {"pandas.arrays.NumpyExtensionArray": "pandas.arrays:NumpyExtensionArray"}
    aliases: ClassVar = {
        "pandas.arrays:PandasArray": "pandas.arrays.NumpyExtensionArray",
        "pandas.core.arrays.numpy_:NumpyExtensionArray": "pandas.arrays.NumpyExtensionArray",
        "pandas.core.arrays.numpy_:PandasArray": "pandas.arrays.NumpyExtensionArray",
    }
    required = frozenset({"values"})

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give the array."""
        return {"values": backed_parts(made)[1]}

    def describe(self, instance: Any) -> dict[str, Any]:
        """Give the array."""
        return {"values": instance.to_numpy()}

    def make(self, name: str, state: Mapping[str, Any]) -> Any:
        """Make the array."""
        return self.resolve(name)(_plain(state["values"], "biufcmMOSU", "the values"))
