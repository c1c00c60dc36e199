"""From columns or rows of a request to what the model takes: a DataFrame, an array, texts, or dictionaries.

The aim is the very input that somebody would give the model in a notebook: the dtypes of recorded rows where the file
has them, else those that numpy and pandas choose; null is a missing value.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

from hermetic.deploy.features import Feature, Features
from hermetic.deploy.serving.problems import Problem
from hermetic.lazy import numpy as np

__all__ = ["array_of_rows", "checked_texts", "frame_of_columns"]

_ALLOWED: dict[str, tuple[set[type], str]] = {
    **dict.fromkeys(("number", "integer", "boolean"), ({int, float, bool, type(None)}, "a number")),
    "text": ({str, type(None)}, "a text"),
}
_PLAIN = {str, int, float, bool, type(None)}
_SHOWN = {str: "a text", bool: "true or false", list: "a list", dict: "an object", type(None): "null"}


def frame_of_columns(columns: Mapping[str, Any], features: Features, template: Any, categorical: Sequence[bool]) -> Any:
    """Make a DataFrame.

    Parameters
    ----------
    columns : mapping of str to list or array
        Of equal length, in the order of the model; already complete.
    features : Features
        What the model takes.
    template : DataFrame or None
        Recorded rows, for their dtypes.
    categorical : sequence of bool
        Which features the model takes as pandas' categories.

    Returns
    -------
    DataFrame

    Raises
    ------
    Problem
        When a value is of a wrong type: with row and column.
    """
    import pandas as pd

    kinds = {feature.name: feature for feature in features.columns or ()}
    places = {feature.name: place for place, feature in enumerate(features.columns or ())}
    made = {}
    for name, values in columns.items():
        feature = kinds.get(name, Feature(name=name))
        if isinstance(values, list):
            check_values(values, feature.kind, name)
        dtype = template[name].dtype if template is not None and name in template.columns else None
        place = places.get(name, -1)
        if dtype is None and 0 <= place < len(categorical) and categorical[place]:
            dtype = "category"
        made[name] = _series(pd, values, dtype, feature)
    return pd.DataFrame(made, columns=list(columns))


def check_values(values: list[Any], kind: str, name: str) -> None:
    """Refuse values that a feature of this kind cannot have.

    Examples
    --------
    >>> check_values([1, None, 2.5], "number", "age")
    """
    allowed, words = _ALLOWED.get(kind, (_PLAIN, "a number, a text, true, false or null"))
    found = set(map(type, values))
    if not found <= allowed:
        place = next(place for place, value in enumerate(values) if type(value) not in allowed)
        raise _wrong(words, values[place], f"rows[{place}].{name}")


def _wrong(words: str, value: Any, field: str) -> Problem:
    return Problem(422, f"expected {words}, found {_SHOWN.get(type(value), 'a number')}", field)


def _series(pd: Any, values: Any, dtype: Any, feature: Feature) -> Any:
    """Give a column in its recorded dtype, or in that which pandas chooses."""
    if dtype is None:
        series = pd.Series(values)
        # What is all null says nothing, and a missing number fits everywhere; true and false are numbers among numbers.
        is_text = feature.kind in ("text", "category") or any(isinstance(value, str) for value in values)
        if series.dtype == object and not is_text:
            return _floats(series, feature)
        return series
    if isinstance(dtype, pd.CategoricalDtype):
        return _categories(pd, values, dtype)
    if isinstance(dtype, str):
        # pandas has no index, and so no categories, of half precision.
        is_half = getattr(values, "dtype", None) == np.dtype("f2")
        return pd.Series(values.astype("f4") if is_half else values, dtype=dtype)
    try:
        return _cast(pd, values, dtype)
    except (TypeError, ValueError, OverflowError):
        raise Problem(422, f"its values do not fit the type of this feature, {dtype}", feature.name or "") from None


def _floats(series: Any, feature: Feature) -> Any:
    try:
        return series.astype(float)
    except OverflowError:
        raise Problem(422, "holds a number that is too big", feature.name or "") from None


def _cast(pd: Any, values: Any, dtype: Any) -> Any:
    if not isinstance(dtype, np.dtype) or dtype.kind not in "biu":
        return pd.Series(values, dtype=dtype)
    series = pd.Series(values)
    if bool(series.isna().any()):
        return series.astype(float) if dtype.kind in "iu" else series  # as pandas itself keeps whole numbers with gaps
    if series.dtype.kind == "f" and bool((series % 1 != 0).any()):
        return series  # a fraction where there was none before: nobody cuts it off
    return series.astype(dtype)


def _categories(pd: Any, values: Any, dtype: Any) -> Any:
    """Give categories, with those that were not recorded behind: what becomes of them is for the model to say."""
    kind = dtype.categories.dtype.kind if isinstance(dtype.categories.dtype, np.dtype) else "O"
    plain = [value.item() if hasattr(value, "item") else value for value in values]
    if kind in "iu":
        plain = [int(value) if type(value) is float and not value % 1 else value for value in plain]
    known = set(dtype.categories)
    others = [v for v in dict.fromkeys(plain) if v is not None and v == v and v not in known]
    # As objects: pandas would make floats of 0.5 and a great whole number, and miss the latter among the categories.
    objects = np.empty(len(plain), dtype=object)
    objects[:] = plain
    return pd.Series(objects, dtype=pd.CategoricalDtype([*dtype.categories, *others], ordered=dtype.ordered))


def array_of_rows(rows: Sequence[Sequence[Any]], features: Features, dtype: Any) -> Any:
    """Make an array of rows of equal length.

    Parameters
    ----------
    rows : sequence of list
        From JSON; their lengths are checked.
    features : Features
        What the model takes.
    dtype : dtype or None
        Of recorded rows.

    Returns
    -------
    array
        Two-dimensional; null is NaN among numbers and None among objects.

    Raises
    ------
    Problem
        When a value is of a wrong type: with row and column.

    Examples
    --------
    >>> array_of_rows([[1, 2.5], [3, None]], Features(form="array", columns=None), None)
    array([[1. , 2.5],
           [3. , nan]])
    """
    found = set(map(type, chain.from_iterable(rows)))
    if not found <= _PLAIN:
        _check_each(rows, features, "a number or a text")
    if features.columns is not None:
        kinds = {feature.kind for feature in features.columns}
        allowed = [_ALLOWED[kind][0] if kind in _ALLOWED else _PLAIN for kind in kinds]
        if not all(found <= own for own in allowed):
            _check_each(rows, features, "")
    if str in found:
        values = np.empty((len(rows), len(rows[0]) if rows else 0), dtype=object)
        values[:] = rows
        return values
    try:
        array = np.array(rows, dtype=float if found & {float, type(None)} else None)
    except OverflowError:
        raise Problem(422, "holds a number that is too big", "rows") from None
    if array.dtype.kind == "O":
        raise Problem(422, "holds a whole number beyond 64 bits", "rows")
    if dtype is not None and dtype.kind == "f" and array.dtype.kind in "iuf":
        return array.astype(dtype)
    return array


def _check_each(rows: Sequence[Sequence[Any]], features: Features, words: str) -> None:
    """Find the first value that its feature cannot have."""
    columns = features.columns
    for number, row in enumerate(rows):
        for place, value in enumerate(row):
            kind = columns[place].kind if columns is not None and place < len(columns) else "unknown"
            allowed, expected = _ALLOWED.get(kind, (_PLAIN, words or "a number, a text, true, false or null"))
            if type(value) not in allowed:
                raise _wrong(expected, value, f"rows[{number}][{place}]")


def checked_texts(rows: Sequence[Any]) -> list[str]:
    """Refuse what is no text.

    Examples
    --------
    >>> checked_texts(["good", "bad"])
    ['good', 'bad']
    """
    for number, text in enumerate(rows):
        if type(text) is not str:
            raise _wrong("a text", text, f"rows[{number}]")
    return list(rows)


def first_missing(rows: Any) -> str:
    """Give the place of the first missing or infinite value, or an empty text.

    Examples
    --------
    >>> import numpy
    >>> first_missing(numpy.array([[1.0, 2.0], [3.0, numpy.inf]]))
    'rows[1][1]'
    """
    if hasattr(rows, "iloc"):
        for number, values in enumerate(zip(*(rows[name].tolist() for name in rows.columns), strict=True)):
            for name, value in zip(rows.columns, values, strict=True):
                if _is_odd(value):
                    return f"rows[{number}].{name}"
        return ""
    if getattr(rows, "ndim", 0) != 2:
        return ""
    for number, row in enumerate(rows.tolist()):
        for place, value in enumerate(row):
            if _is_odd(value):
                return f"rows[{number}][{place}]"
    return ""


def _is_odd(value: Any) -> bool:
    if value is None or type(value) is float:
        return value is None or not math.isfinite(value)
    return str(value) in ("<NA>", "NaT")
