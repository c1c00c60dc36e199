"""The names of the features that a model sees, followed through the steps before it; no name where that is not sure."""

from __future__ import annotations

from typing import Any

from hermetic.graph_values import Held, Values
from hermetic.inspection.tables import Place, as_place

__all__ = ["names_after", "names_given"]

_SAME = frozenset(
    f"sklearn.preprocessing.{name}"
    for name in (
        *("MaxAbsScaler", "MinMaxScaler", "Normalizer", "OrdinalEncoder", "PowerTransformer", "QuantileTransformer"),
        *("RobustScaler", "StandardScaler"),
    )
)
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
        steps = _tuples(values, held.fields.get("steps"))
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
    if held.type in _SAME:
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
        for step in _tuples(values, held.fields.get("steps")):
            if len(step) != 2 or step[1] not in (None, "passthrough"):
                names = names_after(values, as_place(step[1]) if len(step) == 2 else None, names, depth + 1)
        return names
    if held.type == "sklearn.compose.ColumnTransformer":
        return _of_columns(values, held, names, depth)
    return []


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
    for step in _tuples(values, held.fields.get("transformers_")):
        if len(step) != 3:
            return []
        place = as_place(step[2])
        columns = list(values.held(place).items) if place is not None else []
        given = [_named(column, names) for column in columns]
        if not columns or step[1] == "drop":
            continue
        if "" in given:
            return []
        inner = given if step[1] == "passthrough" else names_after(values, as_place(step[1]), given, depth + 1)
        if not inner:
            return []
        found += inner
    return found


def _named(column: Any, names: _Names) -> str:
    if type(column) is str:
        return column
    return names[column] if type(column) is int and 0 <= column < len(names) else ""


def _tuples(values: Values, value: Any) -> list[list[Any]]:
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
