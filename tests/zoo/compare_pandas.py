"""Exact comparison of two pandas objects: what pandas.testing checks, and the bits and scalars that it does not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas
import pandas.testing
from pandas.api.extensions import ExtensionArray, ExtensionDtype

from tests.zoo.compare_arrays import difference_of_arrays

__all__ = ["difference_of_pandas", "is_immutable_pandas_value", "is_pandas_value"]

_SCALARS = (
    *(pandas.Timestamp, pandas.Timedelta, pandas.Period, pandas.Interval, type(pandas.NaT), type(pandas.NA)),
    *(ExtensionDtype, pandas.tseries.offsets.BaseOffset),
)
_VALUES = (pandas.Series, pandas.DataFrame, pandas.Index, ExtensionArray, *_SCALARS)


def is_pandas_value(value: Any) -> bool:
    """Tell whether `difference_of_pandas` knows the type.

    Examples
    --------
    >>> is_pandas_value(pandas.NA), is_pandas_value([])
    (True, False)
    """
    return isinstance(value, _VALUES)


def is_immutable_pandas_value(value: Any) -> bool:
    """Tell whether nobody can change the value, so that it does not matter how often it is shared.

    Examples
    --------
    >>> is_immutable_pandas_value(pandas.RangeIndex(3)), is_immutable_pandas_value(pandas.Series([1]))
    (True, False)
    """
    return isinstance(value, (*_SCALARS, pandas.Index))


def difference_of_pandas(left: Any, right: Any) -> str:
    """Say how two pandas objects of one type differ, or "".

    Examples
    --------
    >>> difference_of_pandas(pandas.Timestamp("2020-01-01"), pandas.Timestamp("2020-01-02"))
    "Timestamp('2020-01-01 00:00:00') became Timestamp('2020-01-02 00:00:00')"
    """
    if isinstance(left, _SCALARS):
        return "" if _same_scalar(left, right) else f"{left!r} became {right!r}"
    try:
        _assert_equal(left, right)
    except AssertionError as error:
        return " ".join(str(error).split())
    for before, after in zip(_numpy_columns(left), _numpy_columns(right), strict=True):
        difference = difference_of_arrays(before, after, any_nan=True)
        if difference:
            return difference
    return ""


def _same_scalar(left: Any, right: Any) -> bool:
    if isinstance(left, pandas.CategoricalDtype):
        # Equality of unordered categories ignores their order, on which the codes depend.
        pairs = [(left.categories, right.categories)] if left.categories is not None else []
        return bool(left.ordered == right.ordered) and all(not difference_of_pandas(*pair) for pair in pairs)
    same_unit = getattr(left, "unit", None) == getattr(right, "unit", None)
    return left is right or (same_unit and bool(left == right) and repr(left) == repr(right))


def _assert_equal(left: Any, right: Any) -> None:
    if isinstance(left, pandas.DataFrame):
        pandas.testing.assert_frame_equal(left, right, check_exact=True, check_column_type=True)
        pandas.testing.assert_index_equal(left.index, right.index, exact=True)
        assert [*map(repr, left.columns)] == [*map(repr, right.columns)], "column labels differ in type"
    elif isinstance(left, pandas.Series):
        pandas.testing.assert_series_equal(left, right, check_exact=True)
        pandas.testing.assert_index_equal(left.index, right.index, exact=True)
        assert type(left.name) is type(right.name), "the names differ in type"
    elif isinstance(left, pandas.Index):
        pandas.testing.assert_index_equal(left, right, exact=True, check_exact=True)
        assert getattr(left, "freq", None) == getattr(right, "freq", None), "the frequencies differ"
        assert repr(left.names) == repr(right.names), "the names differ"
    else:
        assert left.dtype == right.dtype, f"dtype {left.dtype} became {right.dtype}"
        pandas.testing.assert_extension_array_equal(left, right, check_exact=True)


def _numpy_columns(value: Any) -> list[np.ndarray[Any, Any]]:
    """Give the columns that numpy holds: pandas does not tell 0.0 from -0.0."""
    if isinstance(value, pandas.MultiIndex):
        return [np.asarray(code) for code in value.codes]
    columns = [value[:].iloc[:, number] for number in range(value.shape[1])] if value.ndim == 2 else [value]
    return [column.to_numpy() for column in columns if isinstance(column.dtype, np.dtype)]
