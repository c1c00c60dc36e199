"""Small questions that validators ask about the fields of a table. It knows no type."""

from __future__ import annotations

from typing import Any

from hermetic.codecs.field_view import FieldView, expand_column
from hermetic.codecs.related import items_of, plain_number, shape_of_objects
from hermetic.graph import Instances, Mappings, Packed, Same, Sequences, Value
from hermetic.graph_walk import columns_of

__all__ = [
    "COUNTS",
    "amount_of",
    "check_class_counts",
    "check_counts",
    "integer_of",
    "is_plain_number",
    "length_of",
    "require_fields",
    "shape_of",
    "type_name",
]

COUNTS: dict[str, tuple[int, str]] = {
    "n_features_in_": (1 << 28, "get_feature_names_out would make as many names"),
    "n_jobs": (1024, "using the model would start as many threads or processes"),
    "_n_features_out": (1 << 28, "get_feature_names_out would make as many names"),
}
"""The largest value of numbers that mean the same in every estimator, and what a larger one would do."""


def check_counts(view: FieldView) -> None:
    """Refuse numbers that no machine serves; smaller ones, and negative ones, are their author's choice.

    Parameters
    ----------
    view : FieldView
        The table of an estimator.

    Raises
    ------
    InvalidState
        With the field, its value and the consequence.
    """
    fields = view.node.fields
    for field, (most, consequence) in COUNTS.items():
        if field not in fields:
            continue
        column = fields[field]
        # Nearly always one small number, or none, for all rows: nothing else is looked at.
        value = column.value if type(column) is Same else column
        if value is None or (type(value) is int and value <= most):
            continue
        for row, own in enumerate(view.values(field)):
            number = amount_of(view, own)
            if number is not None and number > most:
                raise view.refuse(f"{field} is {number}: {consequence}; {most} is the limit", row=row, field=field)
    if "components_" in fields:
        _check_components(view)


def _check_components(view: FieldView) -> None:
    """Refuse components of no features: a short file may hold any number of them, and each gets a name or a column."""
    for row, array in enumerate(view.arrays("components_")):
        if array is not None and len(array.shape) == 2 and array.shape[0] > array.shape[1] == 0:
            raise view.refuse(f"{array.shape[0]} components of no features", row=row, field="components_")


def require_fields(view: FieldView, required: frozenset[str], optional: frozenset[str] = frozenset()) -> None:
    """Refuse a table that lacks a field or has one too many.

    Parameters
    ----------
    view : FieldView
        The table.
    required, optional : frozenset of str
        The fields it must and may have.

    Raises
    ------
    InvalidState
        With the names of the fields.
    """
    fields = view.node.fields.keys()
    if missing := required - fields:
        raise view.refuse(f"the field {sorted(missing)[0]} is missing")
    if unknown := fields - required - optional:
        raise view.refuse(f"there is no field {sorted(unknown)[0]!r}"[:200])


def type_name(view: FieldView, value: Any) -> str:
    """Give the neutral name of the type of an instance that a value refers to; "" for everything else.

    Parameters
    ----------
    view : FieldView
        The table that holds the value.
    value : value
        As `FieldView.values` gives it.

    Returns
    -------
    str
        The name.
    """
    if type(value) is not list:
        return ""
    node = view.graph.nodes[value[0]]
    return view.graph.names[node.type].name if isinstance(node, Instances) else ""


def integer_of(value: Any) -> int | None:
    """Give the integer that a value of a graph stands for, also a large one; None for everything else.

    Parameters
    ----------
    value : value
        As `FieldView.values` gives it.

    Returns
    -------
    int or None
        The integer.

    Examples
    --------
    >>> integer_of({"int": "0x20000000000001"}), integer_of(True)
    (9007199254740993, None)
    """
    if type(value) is int:
        return value
    if type(value) is dict and type(value.get("int")) is str:
        return int(value["int"], 16)
    return None


def amount_of(view: FieldView, value: Any) -> int | float | None:
    """Give the number that counts where library code asks for one: an array of one number serves as well.

    Parameters
    ----------
    view : FieldView
        The table that holds the value.
    value : value
        As `FieldView.values` gives it.

    Returns
    -------
    int or float or None
        The number, perhaps infinite; None for everything else.
    """
    value = plain_number(value)
    if type(value) is list:
        array = view.array(value)
        return array.item() if array is not None and array.size == 1 and array.dtype.kind in "iuf" else None
    if type(value) is dict and type(value.get("float")) is str:
        return float(value["float"])
    return value if type(value) is float else integer_of(value)


def shape_of(value: Any) -> tuple[int, ...] | None:
    """Give the shape that a tagged tuple stands for; None for everything else.

    Parameters
    ----------
    value : value
        As `FieldView.values` gives it.

    Returns
    -------
    tuple of int or None
        Each length from 0 to 2**53.

    Examples
    --------
    >>> shape_of({"tuple": [3, 4]}), shape_of({"tuple": [-1]})
    ((3, 4), None)
    """
    lengths = value.get("tuple") if type(value) is dict else None
    if type(lengths) is not list or not all(type(length) is int and length >= 0 for length in lengths):
        return None
    return tuple(lengths)


def is_plain_number(view: FieldView, value: Any) -> bool:
    """Tell whether a value is a number, None, an array of numbers, or a list, tuple or dictionary of such.

    Parameters
    ----------
    view, value
        As in `type_name`.

    Returns
    -------
    bool
        False for everything that could bring behaviour of its own.
    """
    waiting, seen = [value], set()
    while waiting:
        value = waiting.pop()
        array = view.array(value)
        if array is not None:
            if array.dtype.kind not in "biufc":
                return False
        elif type(value) is dict:
            [(tag, content)] = value.items()
            if tag == "tuple":
                waiting.extend(content)
            elif tag not in ("float", "int", "complex", "numpy"):
                return False
        elif type(value) is list:
            node = view.graph.nodes[value[0]]
            if not isinstance(node, (Mappings, Sequences)):
                return False
            # Each table once, with all its rows: lists in lists in lists would be looked at again for every one around.
            if value[0] not in seen:
                seen.add(value[0])
                columns = [(column, length) for place, column, length in columns_of(node) if place != ".keys()"]
                if any(type(column) is Packed and column.kind == "text" for column, _ in columns):
                    return False
                for column, length in columns:
                    waiting += () if type(column) is Packed else expand_column(column, length)
        elif type(value) is str:
            return False
    return True


def check_class_counts(view: FieldView) -> None:
    """Compare n_classes_ with classes_, for one output or for each of several.

    Parameters
    ----------
    view : FieldView
        A table of classifiers; one that is not fitted has neither.

    Raises
    ------
    InvalidState
        With both numbers.
    """
    if "classes_" not in view.node.fields:
        return
    for row in range(view.rows):
        classes, counts = view.value("classes_", row), view.value("n_classes_", row)
        n_outputs = integer_of(plain_number(view.value("n_outputs_", row)))
        if n_outputs == 1:
            all_classes, all_counts = [classes], [counts]
        else:
            all_classes, all_counts = items_of(view, classes) or [], items_of(view, counts) or []
        said = [integer_of(plain_number(count)) for count in all_counts]
        found = [length_of(view, labels) for labels in all_classes]
        if said != found or None in found or len(found) != n_outputs:
            found_words = f"n_classes_ is {str(said)[:80]} for {n_outputs} outputs, but classes_ has {str(found)[:80]}"
            raise view.refuse(f"{found_words}: predictions would be as wide as it says", row=row, field="n_classes_")


def length_of(view: FieldView, value: Value) -> int | None:
    """Give the length of a row of numbers, text or objects; None for everything else.

    Parameters
    ----------
    view : FieldView
        The table that holds the value.
    value : value
        As `FieldView.values` gives it.

    Returns
    -------
    int or None
        The length.
    """
    array = view.array(value)
    shape = shape_of_objects(view, value) if array is None else array.shape
    return int(shape[0]) if shape is not None and len(shape) == 1 else None
