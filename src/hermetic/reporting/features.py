"""The names of the features that a model sees, followed through the steps before it; no name where that is not sure."""

from __future__ import annotations

from typing import Any

from hermetic.graph_values import Held, Values
from hermetic.inspection.tables import Place, as_place

__all__ = ["names_after", "names_given", "names_through", "tuples_in"]

_SAME = frozenset(
    f"sklearn.preprocessing.{name}"
    for name in (
        *("MaxAbsScaler", "MinMaxScaler", "Normalizer", "OrdinalEncoder", "PowerTransformer", "QuantileTransformer"),
        *("RobustScaler", "StandardScaler"),
    )
)
_FUNCTION = "sklearn.preprocessing.FunctionTransformer"
"""Without a function it passes on what it is given: what fitted column transformers have for ``passthrough``."""
_PASSED = (None, "passthrough")
_DEEPEST = 8
_MOST_NAMES = 100_000

_Names = list[str]


def names_given(values: Values, place: Place | None) -> _Names:
    """Give the names of the features that an estimator was fitted with.

    Parameters
    ----------
    values : Values
        Of a model.
    place : Place or None
        An estimator; of a pipeline its first step knows.

    Returns
    -------
    list of str
        Empty where they are not known.
    """
    for _ in range(_DEEPEST):
        held = values.held(place) if place is not None else None
        if held is None or held.kind != "instance":
            return []
        if held.type != "sklearn.pipeline.Pipeline":
            return _texts(values, held.fields.get("feature_names_in_"))
        steps = tuples_in(values, held.fields.get("steps"))
        place = as_place(steps[0][1]) if steps and len(steps[0]) == 2 else None
    return []


def names_after(values: Values, place: Place | None, names: _Names, depth: int = 0) -> _Names:
    """Give the names of what an estimator makes of features.

    Parameters
    ----------
    values : Values
        Of a model.
    place : Place or None
        A transformer.
    names : list of str
        Of what it is given.
    depth : int
        How many it stands in.

    Returns
    -------
    list of str
        Empty where they are not known for sure.
    """
    held = values.held(place) if place is not None and depth < _DEEPEST else None
    if held is None or held.kind != "instance" or not names or len(names) > _MOST_NAMES:
        return []
    if held.type in _SAME or (held.type == _FUNCTION and held.fields.get("func") is None):
        return names
    if held.type == "sklearn.impute.SimpleImputer":
        statistics = as_place(held.fields.get("statistics_"))
        kept: Any = values.array(statistics) if statistics is not None else None
        if held.fields.get("add_indicator") is not False or kept is None or kept.shape != (len(names),):
            return []
        return names if kept.dtype.kind == "f" and not bool((kept != kept).any()) else []
    if held.type == "sklearn.preprocessing.OneHotEncoder":
        return _of_categories(values, held, names)
    if held.type == "sklearn.pipeline.Pipeline":
        for step in tuples_in(values, held.fields.get("steps")):
            names = _through(values, step, names, depth)
        return names
    if held.type == "sklearn.compose.ColumnTransformer":
        return _of_columns(values, held, names, depth)
    return []


def names_through(values: Values, steps: list[list[Any]], names: _Names) -> _Names:
    """Give the names of what some steps of a pipeline make of features, one after the other.

    Parameters
    ----------
    values : Values
        Of a model.
    steps : list of (str, value)
        From `tuples_in`.
    names : list of str
        Of what the first is given.

    Returns
    -------
    list of str
        Empty where they are not known for sure.
    """
    for step in steps:
        names = _through(values, step, names, 0)
    return names


def _through(values: Values, step: list[Any], names: _Names, depth: int) -> _Names:
    if len(step) != 2:
        return []
    return names if step[1] in _PASSED else names_after(values, as_place(step[1]), names, depth + 1)


def _of_categories(values: Values, held: Held, names: _Names) -> _Names:
    """Give a name for each category; the rarer ones may have been put together, and one may have been left out."""
    fields = held.fields
    if any(fields.get(label) is not None for label in ("drop", "min_frequency", "max_categories")):
        return []
    place = as_place(fields.get("categories_"))
    lists = values.held(place).items if place is not None else []
    found = []
    for name, item in zip(names, lists, strict=False):
        categories = _texts(values, item)
        if not categories:
            return []
        found += [f"{name} = {category}" for category in categories]
    return found if len(lists) == len(names) else []


def _of_columns(values: Values, held: Held, names: _Names, depth: int) -> _Names:
    found: _Names = []
    for step in tuples_in(values, held.fields.get("transformers_")):
        if len(step) != 3:
            return []
        if step[1] == "drop":
            continue
        place = as_place(step[2])
        columns = values.held(place) if place is not None else None
        if columns is None or columns.kind != "list":
            return []  # a text, a slice or an array: not to be passed over, or others would have the names of these
        given = [_named(column, names) for column in columns.items]
        if not given:
            continue
        if "" in given:
            return []
        inner = _through(values, step[:2], given, depth)
        if not inner:
            return []
        found += inner
    return found


def _named(column: Any, names: _Names) -> str:
    if type(column) is str:
        return column
    return names[column] if type(column) is int and 0 <= column < len(names) else ""


def tuples_in(values: Values, value: Any) -> list[list[Any]]:
    """Give the items of each tuple in a list: the steps of a pipeline, the parts of a column transformer.

    Parameters
    ----------
    values : Values
        Of a model.
    value : value
        A list.

    Returns
    -------
    list of list of value
        What is no tuple is left out.
    """
    place = as_place(value)
    items = values.held(place).items if place is not None else []
    found: list[list[Any]] = []
    for item in items:
        inner = as_place(item)
        if inner is not None:
            found.append(list(values.held(inner).items))
        elif type(item) is dict and type(item.get("tuple")) is list:
            found.append(item["tuple"])
    return found


def _texts(values: Values, value: Any) -> _Names:
    """Give texts of an array, which may be one of objects; nothing where others are among them."""
    place = as_place(value)
    if place is None:
        return []
    array = values.array(place)
    if array is not None:
        return [str(item) for item in array.tolist()] if array.ndim == 1 and array.dtype.kind in "Uiub" else []
    items = values.held(place).items
    return list(items) if all(type(item) is str for item in items) else []
