"""One column of pandas as a column of Arrow and back, of any dtype that comes back exactly."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from hermetic.errors import InvalidState
from hermetic.evidence.data.snapshots.arrays import column_of_array, numbers_of, values_of_column
from hermetic.evidence.data.snapshots.packed import CannotKeep, Category, PackedColumn

__all__ = ["index_of", "pack_series", "series_of", "unpack_series"]

_NULLABLE = frozenset({"boolean", *(f"{sign}Int{bits}" for sign in ("", "U") for bits in (8, 16, 32, 64))})
_NULLABLE |= {"Float32", "Float64"}
_STRINGS = re.compile(r"string\[(python|pyarrow), (NA|nan)\]")
_ZONED = re.compile(r"datetime64\[(s|ms|us|ns), (UTC([+-]\d\d:\d\d)?|[A-Z]\w*(/[A-Z][\w+-]*){0,2})\]", re.ASCII)
"""Zones of the usual form only: pandas would read a file whose path stands behind ``dateutil/``."""

_CATEGORIES = re.compile(r"(ordered )?category\[(.+)\]")


def pack_series(column: Any) -> PackedColumn:
    """Give a Series as a column; its index is not looked at.

    Raises
    ------
    CannotKeep
        When its dtype could not be made again.
    """
    dtype = column.dtype
    kind = type(dtype).__name__
    if kind == "CategoricalDtype":
        return _pack_categories(column)
    if str(dtype) in _NULLABLE:
        return _sliced(str(dtype), column.array.__arrow_array__())
    if kind == "StringDtype":
        return _pack_strings(column)
    if kind == "ArrowDtype":
        return _sliced(f"arrow[{dtype.pyarrow_dtype}]", column.array.__arrow_array__())
    if kind == "DatetimeTZDtype":
        if not _ZONED.fullmatch(str(dtype)):
            raise CannotKeep(f"moments of the zone {dtype.tz}")
        # Moments in UTC, as numbers; the zone stands in the name of the dtype.
        return PackedColumn(dtype=str(dtype), read=column_of_array(column.dt.tz_convert(None).to_numpy()).read)
    if kind in ("PeriodDtype", "IntervalDtype", "SparseDtype") or not hasattr(dtype, "itemsize"):
        raise CannotKeep(f"values of {dtype}")
    return column_of_array(column.to_numpy())


def _sliced(name: str, values: Any) -> PackedColumn:
    import pyarrow

    if isinstance(values, pyarrow.ChunkedArray):
        values = pyarrow.concat_arrays(values.chunks) if values.num_chunks else pyarrow.array([], values.type)
    return PackedColumn(dtype=name, read=lambda start, stop: values[start:stop])


def _pack_strings(column: Any) -> PackedColumn:
    import pyarrow

    dtype = column.dtype
    missing = "nan" if isinstance(getattr(dtype, "na_value", None), float) else "NA"
    if dtype.storage == "pyarrow":
        values = column.array.__arrow_array__().cast(pyarrow.large_string())
    else:
        values = pyarrow.array(column.array.to_numpy(object, na_value=None), type=pyarrow.large_string())
    return _sliced(f"string[{dtype.storage}, {missing}]", values)


def _pack_categories(column: Any) -> PackedColumn:
    import pyarrow

    categories = column.cat.categories
    values = categories.tolist()
    if not all(type(value) in (str, int, float, bool) for value in values) or len({*map(type, values)}) > 1:
        raise CannotKeep(f"categories of {categories.dtype}")
    inner = pack_series(series_of(categories)).dtype if values else str(categories.dtype)
    known = pyarrow.array(values, type=_arrow_type(values))
    codes = column.cat.codes.to_numpy()

    def read(start: int, stop: int) -> Any:
        places = codes[start:stop]
        return known.take(pyarrow.array(places, mask=places < 0))

    name = f"{'ordered ' if column.cat.ordered else ''}category[{inner}]"
    return PackedColumn(dtype=name, read=read, categories=values)


def series_of(index: Any) -> Any:
    """Give an index as a Series of the same dtype."""
    import pandas as pd

    return pd.Series(index.array, dtype=index.dtype)


def _arrow_type(values: Sequence[Any]) -> Any:
    import pyarrow

    kind = type(values[0]) if values else str
    if kind is int and max(values) >= 2**63:
        return pyarrow.uint64()
    return {str: pyarrow.string(), int: pyarrow.int64(), float: pyarrow.float64(), bool: pyarrow.bool_()}[kind]


def unpack_series(name: str, column: Any, categories: Sequence[Category] | None) -> Any:
    """Make a Series again, or the array of pandas that makes one.

    Parameters
    ----------
    name : str
        Of the dtype, from `pack_series`.
    column : pyarrow.ChunkedArray
        The values.
    categories : sequence, optional
        All of them, in order.

    Returns
    -------
    Series or array
        Without an index of its own.

    Raises
    ------
    InvalidState
        When the column is not that of such a Series.
    """
    import pandas as pd

    if name in _NULLABLE:
        return _nullable(name, column)
    if found := _STRINGS.fullmatch(name):
        missing = {"na_value": float("nan")} if found[2] == "nan" else {}
        return pd.StringDtype(found[1], **missing).__from_arrow__(column)
    if found := _ZONED.fullmatch(name):
        moments = values_of_column(f"<M8[{found[1]}]", column)
        return pd.Series(moments).dt.tz_localize("UTC").dt.tz_convert(found[2]).array
    if found := _CATEGORIES.fullmatch(name):
        return _categorical(found[2], bool(found[1]), column, categories)
    if name.startswith("arrow["):
        return pd.arrays.ArrowExtensionArray(column)
    if name[1:2] in ("U", "S"):
        raise InvalidState(f"a series of {name[:40]}, which pandas does not have")
    values = values_of_column(name, column)
    # The dtype is said: pandas 3 takes an array of objects that are texts for one of texts.
    return pd.Series(values, dtype=values.dtype, copy=False)


def index_of(values: Any, name: str | None = None) -> Any:
    """Give a Series or an array as an index of the same dtype."""
    import pandas as pd

    return pd.Index(values, dtype=values.dtype, name=name)


def _nullable(name: str, column: Any) -> Any:
    import numpy as np
    import pandas as pd

    dtype: Any = pd.api.types.pandas_dtype(name)
    absent = column.is_null().to_numpy()
    held = column.fill_null(False) if name == "boolean" else column.fill_null(0)
    values = numbers_of(held, np.dtype(dtype.numpy_dtype))
    return dtype.construct_array_type()(np.array(values), np.array(absent))


def _categorical(inner: str, is_ordered: bool, column: Any, categories: Sequence[Category] | None) -> Any:
    import numpy as np
    import pandas as pd
    import pyarrow
    from pyarrow import compute

    if categories is None or len({*map(type, categories)}) > 1:
        raise InvalidState("a snapshot does not say what its categories are")
    known = pyarrow.array(categories, type=_arrow_type(categories))
    places = compute.index_in(column.cast(known.type), value_set=known)
    if places.null_count != column.null_count:
        raise InvalidState("a snapshot holds values that are none of its categories")
    codes = places.fill_null(-1).to_numpy()
    if not categories:
        values: Any = pd.Index([], dtype=inner if inner in ("object", "str") else "object")
    else:
        held = unpack_series(inner, pyarrow.chunked_array([_as_packed(inner, known)]), None)
        values = index_of(held)
    return pd.Categorical.from_codes(np.asarray(codes), dtype=pd.CategoricalDtype(values, ordered=is_ordered))


def _as_packed(inner: str, known: Any) -> Any:
    """Give categories in the width that their dtype has."""
    import pyarrow

    if inner[1:2] in ("i", "u", "f") and inner[2:].isdecimal():
        kind = {"i": "int", "u": "uint", "f": "float"}[inner[1]]
        return known.cast(pyarrow.type_for_alias(f"{kind}{8 * int(inner[2:])}"))
    return known
