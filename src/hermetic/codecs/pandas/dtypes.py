"""pandas dtypes, as values and for the arrays that have them.

==================  ===========================================================================================
type                fields
==================  ===========================================================================================
CategoricalDtype    ``categories``: an index, or None; ``ordered``: bool or None
StringDtype         ``storage``: python or pyarrow; ``missing``: NA or nan
DatetimeTZDtype     ``unit``; ``zone``, as in `hermetic.codecs.standard_time`
PeriodDtype         ``frequency``, as in `hermetic.codecs.pandas.offsets`
IntervalDtype       ``subtype``: a dtype or None; ``closed``: text or None
SparseDtype         ``subtype``: a numpy dtype; ``fill_value``
ArrowDtype          ``type``, as in `hermetic.codecs.pandas.arrow`
Int64Dtype and kin  nothing
==================  ===========================================================================================
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from hermetic.codecs.codec import LegacyObject, not_adopted, resolve_class
from hermetic.codecs.pandas.arrow import arrow_type_from_description, describe_arrow_type
from hermetic.codecs.pandas.arrow_legacy import ARROW_PARTS, describe_legacy_arrow_type
from hermetic.codecs.pandas.offsets import describe_frequency, describe_legacy_frequency, frequency_from_description
from hermetic.codecs.pandas.scalars import UNITS
from hermetic.codecs.records import RecordCodec, refuse_value
from hermetic.codecs.standard_time import describe_legacy_zone, describe_zone, zone_from_description
from hermetic.errors import UnsupportedVersion
from hermetic.lazy import numpy as np
from hermetic.legacy_objects import MISSING

__all__ = [
    "DTypeCodec",
    "describe_legacy_text_dtype",
    "describe_text_dtype",
    "legacy_zone_of_dtype",
    "period_of_dtype",
    "text_dtype",
]

_FIELDS = {
    "ArrowDtype": frozenset({"type"}),
    "CategoricalDtype": frozenset({"categories", "ordered"}),
    "DatetimeTZDtype": frozenset({"unit", "zone"}),
    "IntervalDtype": frozenset({"subtype", "closed"}),
    "PeriodDtype": frozenset({"frequency"}),
    "SparseDtype": frozenset({"subtype", "fill_value"}),
    "StringDtype": frozenset({"storage", "missing"}),
}
_INTEGERS = ("Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32", "UInt64")
_NAMES = (*_FIELDS, *(f"{name}Dtype" for name in (*_INTEGERS, "Float32", "Float64", "Boolean")))
# pandas 2 gives the private modules; the first two are those of 2.0 and before.
_OLD_MODULES = {
    "core.arrays.arrow.dtype": "ArrowDtype",
    "core.arrays.sparse.dtype": "SparseDtype",
    "core.arrays.boolean": "BooleanDtype",
    "core.arrays.floating": "Float32Dtype Float64Dtype",
    "core.arrays.integer": " ".join(f"{name}Dtype" for name in _INTEGERS),
    "core.arrays.string_": "StringDtype",
    "core.dtypes.dtypes": "ArrowDtype CategoricalDtype DatetimeTZDtype IntervalDtype PeriodDtype SparseDtype",
}


_PERIODS = {
    **{"A": "YearEnd", "Y": "YearEnd", "Q": "QuarterEnd", "M": "MonthEnd", "W": "Week", "B": "BusinessDay", "D": "Day"},
    **{"h": "Hour", "H": "Hour", "min": "Minute", "T": "Minute", "s": "Second", "S": "Second", "ms": "Milli"},
    **{"L": "Milli", "us": "Micro", "U": "Micro", "ns": "Nano", "N": "Nano"},
}
_MONTHLY = {"A": "month", "Y": "month", "Q": "startingMonth"}
_MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
_DAYS = ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"]
_PERIOD = re.compile(
    rf"period\[([0-9]{{1,9}})?(?:({'|'.join(_MONTHLY)})(?:-({'|'.join(_MONTHS)}))?|(W)(?:-({'|'.join(_DAYS)}))?"
    rf"|({'|'.join(sorted(_PERIODS, key=len, reverse=True))}))\]\Z"
)


class DTypeCodec(RecordCodec):
    """All dtypes of pandas that are not numpy's."""

    row_bytes = 4 << 10
    parts = ARROW_PARTS
    classes: ClassVar = {f"pandas.{name}": f"pandas:{name}" for name in _NAMES}
    aliases: ClassVar = {
        f"pandas.{module}:{name}": f"pandas.{name}" for module, names in _OLD_MODULES.items() for name in names.split()
    }
    optional = frozenset[str]().union(*_FIELDS.values())

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give what the dtype was made from: a state, or arguments for texts and periods."""
        short = name.rpartition(".")[2]
        if short == "StringDtype":
            return describe_legacy_text_dtype(made)
        if short == "PeriodDtype":
            return {"frequency": period_of_dtype(made)}
        state = {} if made.state is MISSING or made.state is None else made.state
        if made.arguments or made.items or made.pairs or type(state) is not dict:
            raise not_adopted(made, "it has arguments or items, which dtypes of its class do not have")
        if short == "DatetimeTZDtype":
            return {"unit": state["unit"], "zone": legacy_zone_of_dtype(made)}
        if short == "ArrowDtype":
            return {"type": describe_legacy_arrow_type(state["pyarrow_dtype"])}
        if short == "SparseDtype":
            return {"subtype": state["_dtype"], "fill_value": state["_fill_value"]}
        if short == "CategoricalDtype":
            return {"categories": state["categories"], "ordered": state["ordered"]}
        if short == "IntervalDtype":
            return {"subtype": state["subtype"], "closed": state.get("closed")}
        return {}

    def describe(self, instance: Any) -> dict[str, Any]:
        """Give what the dtype was made from."""
        return _DESCRIBE.get(type(instance).__name__, lambda dtype: {})(instance)

    def make(self, name: str, state: Mapping[str, Any]) -> Any:
        """Make the dtype."""
        short = name.rpartition(".")[2]
        expected = _FIELDS.get(short, frozenset())
        if state.keys() != expected:
            raise refuse_value(f"{name} has the fields {sorted(expected)}, got {sorted(state)}")
        kind = self.resolve(name)
        return _MAKE[short](kind, state) if short in _MAKE else kind()


def describe_text_dtype(dtype: Any) -> dict[str, Any]:
    """Give the fields of a dtype of texts.

    Parameters
    ----------
    dtype : pandas.StringDtype
        Of pandas 2 or 3.

    Returns
    -------
    dict of str to str
        ``storage`` and ``missing``.

    Examples
    --------
    >>> import pandas
    >>> describe_text_dtype(pandas.StringDtype("python"))
    {'storage': 'python', 'missing': 'NA'}
    """
    storage = str(dtype.storage)
    # pandas 2.1 and 2.2 had the storage pyarrow_numpy for what is called NaN semantics now.
    is_float = storage.endswith("_numpy") or isinstance(getattr(dtype, "na_value", None), float)
    return {"storage": storage.removesuffix("_numpy"), "missing": "nan" if is_float else "NA"}


def describe_legacy_text_dtype(made: LegacyObject) -> dict[str, Any]:
    """Give the fields of a dtype of texts in a legacy file: storage and missing value, of which old ones have less.

    Examples
    --------
    >>> describe_legacy_text_dtype(LegacyObject("pandas:StringDtype", arguments=("pyarrow",)))
    {'storage': 'pyarrow', 'missing': 'NA'}
    """
    state = made.state if type(made.state) is dict else {}
    storage, missing = (*made.arguments, None, None)[:2]
    storage = state.get("storage", "python") if storage is None else storage
    if type(storage) is not str or storage.removesuffix("_numpy") not in ("python", "pyarrow"):
        raise not_adopted(made, "its storage is neither python nor pyarrow")
    is_float = storage.endswith("_numpy") or type(missing) is float
    return {"storage": storage.removesuffix("_numpy"), "missing": "nan" if is_float else "NA"}


def legacy_zone_of_dtype(made: LegacyObject) -> str | None:
    """Give the zone of a dtype of moments in a legacy file, as a text.

    Examples
    --------
    >>> made = LegacyObject("pandas:DatetimeTZDtype")
    >>> made.state = {"unit": "ns", "tz": LegacyObject("pytz:_UTC")}
    >>> legacy_zone_of_dtype(made)
    'pytz:UTC'
    """
    if type(made.state) is not dict or "tz" not in made.state:
        raise not_adopted(made, "it has no time zone")
    return describe_legacy_zone(made.state["tz"])


def period_of_dtype(made: LegacyObject) -> tuple[Any, ...] | None:
    """Give the frequency of a dtype of periods in a legacy file: the argument of a name, or an offset in the state.

    Examples
    --------
    >>> period_of_dtype(LegacyObject("pandas:PeriodDtype", arguments=("period[Q-NOV]",)))
    ('QuarterEnd', 1, 'startingMonth', 11)
    """
    if type(made.state) is dict:
        return describe_legacy_frequency(made.state.get("freq", made.state.get("_freq")))
    [text] = made.arguments
    if type(text) is LegacyObject:
        return describe_legacy_frequency(text)  # pandas 2.0 and 2.1 write the offset itself
    found = _PERIOD.match(text) if type(text) is str else None
    if found is None:
        raise not_adopted(made, "its frequency is none that pandas writes")
    count, letters, anchor = int(found[1] or 1), found[2] or found[4] or found[6], found[3] or found[5]
    name = _PERIODS[letters]
    if letters in _MONTHLY:
        return (name, count, _MONTHLY[letters], _MONTHS.index(anchor or "DEC") + 1)
    return (name, count, "weekday", _DAYS.index(anchor or "SUN")) if letters == "W" else (name, count)


def text_dtype(state: Mapping[str, Any]) -> Any:
    """Make a dtype of texts from its fields.

    Parameters
    ----------
    state : mapping
        As `describe_text_dtype` gives it; from a file.

    Returns
    -------
    pandas.StringDtype
        With Python's storage where the texts have NaN semantics and pyarrow is absent, as pandas itself does it.

    Raises
    ------
    InvalidState, UnsupportedVersion
        When the fields are none of ours; when the installed pandas or pyarrow cannot make it.
    """
    storage, missing = state.get("storage"), state.get("missing")
    if storage not in ("python", "pyarrow") or missing not in ("NA", "nan"):
        raise refuse_value(f"not a dtype of texts: {storage!r}, {missing!r}")
    kind = resolve_class(("pandas:StringDtype",), "pandas.StringDtype")
    try:
        return kind(storage) if missing == "NA" else kind(storage, na_value=np.nan)
    except ImportError as error:
        if missing == "nan":
            return kind("python", na_value=np.nan)
        raise UnsupportedVersion(
            "the model holds texts in the memory of pyarrow, which is not installed", next_step="pip install pyarrow"
        ) from error
    except TypeError as error:
        raise UnsupportedVersion(
            "the model holds texts of pandas 3, which the installed pandas does not know",
            next_step='pip install "pandas>=2.3"',
        ) from error


def _make_category(kind: Any, state: Mapping[str, Any]) -> Any:
    index = resolve_class(("pandas:Index",), "pandas.Index")
    if not isinstance(state["categories"], (type(None), index)) or state["ordered"] not in (None, True, False):
        raise refuse_value("categories are an index or None")
    return kind(state["categories"], state["ordered"])


def _make_zone(kind: Any, state: Mapping[str, Any]) -> Any:
    if state["unit"] not in UNITS or state["zone"] is None:
        raise refuse_value(f"not a unit of time in a zone: {state['unit']!r}")
    return kind(state["unit"], zone_from_description(state["zone"]))


def _make_sparse(kind: Any, state: Mapping[str, Any]) -> Any:
    if not isinstance(state["subtype"], np.dtype):
        raise refuse_value("the subtype of a sparse dtype is a numpy dtype")
    return kind(state["subtype"], state["fill_value"])


_DESCRIBE: dict[str, Callable[[Any], dict[str, Any]]] = {
    "ArrowDtype": lambda dtype: {"type": describe_arrow_type(dtype.pyarrow_dtype)},
    "CategoricalDtype": lambda dtype: {"categories": dtype.categories, "ordered": dtype.ordered},
    "DatetimeTZDtype": lambda dtype: {"unit": dtype.unit, "zone": describe_zone(dtype.tz)},
    "IntervalDtype": lambda dtype: {"subtype": dtype.subtype, "closed": dtype.closed},
    "PeriodDtype": lambda dtype: {"frequency": describe_frequency(dtype.freq)},
    "SparseDtype": lambda dtype: {"subtype": dtype.subtype, "fill_value": dtype.fill_value},
    "StringDtype": describe_text_dtype,
}
_MAKE: dict[str, Callable[[Any, Mapping[str, Any]], Any]] = {
    "ArrowDtype": lambda kind, state: kind(arrow_type_from_description(state["type"])),
    "CategoricalDtype": _make_category,
    "DatetimeTZDtype": _make_zone,
    "IntervalDtype": lambda kind, state: kind(state["subtype"], state["closed"]),
    "PeriodDtype": lambda kind, state: kind(frequency_from_description(state["frequency"])),
    "SparseDtype": _make_sparse,
    "StringDtype": lambda kind, state: text_dtype(state),
}
