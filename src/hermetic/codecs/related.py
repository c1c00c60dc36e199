"""What the fields of an object refer to, for validators that must look at two objects at once.

A forest trusts its trees, a search trusts its neighbours: whether they fit each other shows only in both. Everything
here reads the graph; nothing makes objects.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import accumulate

from hermetic.codecs.field_view import FieldView, column_item, expand_column
from hermetic.graph import Instances, Mappings, ObjectArray, Sequences, Value

__all__ = ["distinct_tables", "equal_lists", "items_of", "mapping_of", "plain_number", "related", "shape_of_objects"]


def plain_number(value: Value) -> Value:
    """Give the number that a value stands for: itself, or what a numpy scalar holds.

    Parameters
    ----------
    value : value
        A raw value.

    Returns
    -------
    value
        The number; anything else unchanged.

    Examples
    --------
    >>> plain_number({"numpy": ["<i8", 3]})
    3
    """
    if type(value) is dict and type(value.get("numpy")) is list:
        return value["numpy"][1]
    return value


def related(view: FieldView, value: Value) -> tuple[str, FieldView, int] | None:
    """Give the object that a value refers to; None when it refers to none.

    Parameters
    ----------
    view : FieldView
        Any view of the graph.
    value : value
        A raw value, as `FieldView.values` gives it.

    Returns
    -------
    name : str
        The neutral name of its type.
    view : FieldView
        Its table.
    row : int
        Its row there.
    """
    if type(value) is not list:
        return None
    node = view.graph.nodes[value[0]]
    if not isinstance(node, Instances):
        return None
    row = value[1] if len(value) == 2 else 0
    return view.graph.names[node.type].name, FieldView(view.graph, node, value[0], view.where), row


def items_of(view: FieldView, value: Value) -> list[Value] | None:
    """Give the raw items of the list, tuple or object array that a value refers to; None when it refers to none.

    Parameters
    ----------
    view, value
        As in `related`.

    Returns
    -------
    list of value or None
        The items, in order; those of arrays in C order.
    """
    if type(value) is dict and type(value.get("tuple")) is list:
        return list(value["tuple"])
    if type(value) is not list:
        return None
    node = view.graph.nodes[value[0]]
    if isinstance(node, ObjectArray):
        total = 1
        for length in node.shape:
            total *= length
        return expand_column(node.items, total)
    # The members of a set have no order that a row of items could stand for.
    if not isinstance(node, Sequences) or node.type not in ("list", "tuple"):
        return None
    row = value[1] if len(value) == 2 else 0
    if isinstance(node.lengths, int):
        if node.rows == 1:
            return expand_column(node.columns[0], node.lengths)
        return [column_item(column, row) for column in node.columns]
    ends = view.graph.ends.get(value[0])
    if ends is None:
        ends = view.graph.ends[value[0]] = list(accumulate(node.lengths))
    return [column_item(node.columns[0], position) for position in range(ends[row] - node.lengths[row], ends[row])]


def equal_lists(view: FieldView, value: Value, length: int) -> list[Value] | None:
    """Give the items of all lists in a list of lists of one length, in any order; None where it is something else.

    Each table is expanded once, so that thousands of short lists cost no more than one long one.

    Parameters
    ----------
    view, value
        As in `related`.
    length : int
        Of each inner list.

    Returns
    -------
    list of value or None
        All inner items.
    """
    outer = items_of(view, value)
    if outer is None or not all(type(inner) is list for inner in outer):
        return None
    items: list[Value] = []
    for number in dict.fromkeys(inner[0] for inner in outer):
        node = view.graph.nodes[number]
        if not isinstance(node, Sequences) or node.type not in ("list", "tuple"):
            return None
        lengths = [node.lengths] if isinstance(node.lengths, int) else node.lengths
        if any(other != length for other in lengths):
            return None
        is_positional = node.rows > 1 and isinstance(node.lengths, int)
        n_values = node.rows if is_positional else node.rows * length
        for column in node.columns:
            items += expand_column(column, n_values)
    return items


def mapping_of(view: FieldView, value: Value) -> dict[str, Value] | None:
    """Give the raw values of the dictionary that a value refers to; None when it refers to none, or to other keys.

    Parameters
    ----------
    view, value
        As in `related`.

    Returns
    -------
    dict of str to value, or None
        The dictionary, for text keys only.
    """
    node = view.graph.nodes[value[0]] if type(value) is list else None
    if not isinstance(node, Mappings):
        return None
    if node.rows == 1:
        keys, values = expand_column(node.keys, node.length), expand_column(node.columns[0], node.length)
    else:
        row = value[1] if len(value) == 2 else 0
        keys, values = node.keys, [column_item(column, row) for column in node.columns]
    return dict(zip(keys, values, strict=True)) if all(type(key) is str for key in keys) else None


def shape_of_objects(view: FieldView, value: Value) -> tuple[int, ...] | None:
    """Give the shape of the object array that a value refers to; None when it refers to none.

    Parameters
    ----------
    view, value
        As in `related`.

    Returns
    -------
    tuple of int or None
        The shape.
    """
    node = view.graph.nodes[value[0]] if type(value) is list else None
    return tuple(node.shape) if isinstance(node, ObjectArray) else None


def distinct_tables(view: FieldView, values: Iterable[Value]) -> list[tuple[str, FieldView, list[int]]] | None:
    """Give the tables that hold the objects which values refer to, each with its rows; None if one is no object.

    Parameters
    ----------
    view
        As in `related`.
    values : iterable of value
        Raw values.

    Returns
    -------
    list of (str, FieldView, list of int) or None
        Name of the type, table and rows, in the order of first use.
    """
    rows: dict[int, list[int]] = {}
    for value in values:
        if type(value) is not list:
            return None
        rows.setdefault(value[0], []).append(value[1] if len(value) == 2 else 0)
    tables = []
    for number, chosen in rows.items():
        found = related(view, [number])
        if found is None:
            return None
        tables.append((found[0], found[1], chosen))
    return tables
