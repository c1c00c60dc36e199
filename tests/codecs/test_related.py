"""What validators read of the objects that a field refers to: one table of values, alone and as one row of many."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from hermetic.capture import capture
from hermetic.codecs.codec import FieldView
from hermetic.codecs.related import (
    distinct_tables,
    equal_lists,
    items_of,
    mapping_of,
    plain_number,
    related,
    shape_of_objects,
)
from hermetic.graph import Instances, Same

SPACE = "types.SimpleNamespace"


def _fields(values: list[Any]) -> tuple[FieldView, list[Any]]:
    """Give the view of a table of namespaces that hold these values, and the raw values of their one field."""
    spaces = [SimpleNamespace(field=value) for value in values]
    graph = capture(spaces[0] if len(spaces) == 1 else spaces)
    number = max(
        number for number, node in enumerate(graph.nodes) if isinstance(node, Instances) and "field" in node.fields
    )
    view = FieldView(graph, graph.nodes[number], number, lambda index: f"$[{index}]")
    return view, view.values("field")


def _objects(*items: Any, shape: tuple[int, ...] = (-1,)) -> Any:
    array = np.empty(len(items), dtype=object)
    array[:] = items
    return array.reshape(shape)


NUMBERS: list[tuple[Any, Any]] = [
    (3, 3),
    (2.5, 2.5),
    (True, True),
    (None, None),
    ("3", "3"),
    ([0, 1], [0, 1]),
    ({"numpy": ["<i8", -1]}, -1),
    ({"numpy": ["<f4", 0.5]}, 0.5),
    ({"numpy": 5}, {"numpy": 5}),
    ({"float": "nan"}, {"float": "nan"}),
    ({}, {}),
]


@pytest.mark.parametrize(("value", "number"), NUMBERS, ids=lambda value: str(value))
def test_a_numpy_scalar_counts_as_its_number_and_anything_else_as_itself(value: Any, number: Any):
    assert plain_number(value) == number


LISTS: dict[str, tuple[Any, list[Any] | None]] = {
    "list": ([1, "a", None], [1, "a", None]),
    "empty list": ([], []),
    "list of one value": ([7] * 20, [7] * 20),
    "long list of numbers": (list(range(100)), list(range(100))),
    "tuple of plain values": ((1, 2), [1, 2]),
    "empty tuple": ((), []),
    "object array": (_objects(1, None, "a"), [1, None, "a"]),
    "object array of two dimensions": (_objects(1, 2, 3, 4, shape=(2, 2)), [1, 2, 3, 4]),
    "empty object array": (np.empty((0, 3), dtype=object), []),
    "set": ({1}, None),
    "frozenset": (frozenset({1, 2}), None),
    "number": (5, None),
    "text": ("ab", None),
    "none": (None, None),
    "numpy scalar": (np.float64(1.5), None),
    "array of numbers": (np.arange(3), None),
    "dictionary": ({"a": 1}, None),
    "object": (SimpleNamespace(inner=1), None),
}


@pytest.mark.parametrize("name", LISTS)
def test_the_items_of_a_sequence_are_given_and_of_nothing_else(name: str):
    value, expected = LISTS[name]
    view, [raw] = _fields([value])

    assert items_of(view, raw) == expected


ROWS: dict[str, list[list[Any]]] = {
    "lists of one length": [[number, number + 1] for number in range(9)],
    "lists of two lengths": [[number] * (number % 2) for number in range(9)],
    "lists that grow": [list(range(number)) for number in range(9)],
    "empty lists": [[] for _ in range(9)],
    "equal lists": [[1, "a"] for _ in range(9)],
}


@pytest.mark.parametrize("name", ROWS)
def test_each_row_of_a_table_of_lists_has_its_own_items(name: str):
    view, raw = _fields(ROWS[name])

    assert [items_of(view, value) for value in raw] == ROWS[name]


def test_a_tuple_that_holds_lists_gives_references_to_them():
    view, [raw] = _fields([([1], [2])])

    assert [items_of(view, inner) for inner in items_of(view, raw)] == [[1], [2]]


def test_a_column_with_exceptions_gives_both_in_order():
    view, [raw] = _fields([[[1], None, [2], 5, [3]]])

    items = items_of(view, raw)

    assert [items_of(view, item) or item for item in items] == [[1], None, [2], 5, [3]]


EQUAL: dict[str, tuple[Any, int, list[Any] | None]] = {
    "pairs": ([[1, 2], [3, 4], [5, 6]], 2, [1, 2, 3, 4, 5, 6]),
    "one pair": ([[1, 2]], 2, [1, 2]),
    "pairs in a tuple": (([1, 2], [3, 4]), 2, [1, 2, 3, 4]),
    "pairs in an object array": (_objects([1, 2], [3, 4]), 2, [1, 2, 3, 4]),
    "many pairs of one number": ([[7, 7] for _ in range(50)], 2, [7] * 100),
    "no pairs": ([], 2, []),
    "lists without items": ([[], []], 0, []),
    "another length": ([[1, 2], [3, 4]], 3, None),
    "one shorter": ([[1, 2], [3]], 2, None),
    "one longer": ([[1, 2], [3, 4, 5]], 2, None),
    "one that is a number": ([[1, 2], 3], 2, None),
    "one that is a dictionary": ([[1, 2], {"a": 1, "b": 2}], 2, None),
    "one that is an array": ([[1, 2], np.arange(2)], 2, None),
    "pairs in sets": ([{1, 2}, {3, 4}], 2, None),
    "a set of pairs": ({(1, 2)}, 2, None),
    "numbers only": ([1, 2], 1, None),
    "a number": (5, 1, None),
    "a dictionary": ({"a": [1, 2]}, 2, None),
}


@pytest.mark.parametrize("name", EQUAL)
def test_lists_of_one_length_are_read_together_and_others_not_at_all(name: str):
    value, length, expected = EQUAL[name]
    view, [raw] = _fields([value])

    found = equal_lists(view, raw, length)

    assert (found if found is None else sorted(found)) == expected


BIG = {f"key{number}": number for number in range(60)}
MAPPINGS: dict[str, tuple[Any, dict[str, Any] | None]] = {
    "dictionary": ({"a": 1, "b": None}, {"a": 1, "b": None}),
    "empty dictionary": ({}, {}),
    "big dictionary": (
        {f"key{number}": number for number in range(60)},
        {f"key{number}": number for number in range(60)},
    ),
    "dictionary of one value": (
        {f"key{number}": 5 for number in range(60)},
        {f"key{number}": 5 for number in range(60)},
    ),
    "keys that are numbers": ({1: "a"}, None),
    "keys that are mixed": ({"a": 1, 2: 3}, None),
    "keys that are tuples": ({("a",): 1}, None),
    "list": ([1], None),
    "number": (5, None),
    "none": (None, None),
    "object": (SimpleNamespace(a=1), None),
}


@pytest.mark.parametrize("name", MAPPINGS)
def test_a_dictionary_with_text_keys_is_read_and_nothing_else(name: str):
    value, expected = MAPPINGS[name]
    view, [raw] = _fields([value])

    assert mapping_of(view, raw) == expected


def test_each_row_of_a_table_of_dictionaries_has_its_own_values():
    values = [{"a": number, "b": "x"} for number in range(9)]
    view, raw = _fields(values)

    assert [mapping_of(view, value) for value in raw] == values


def test_a_dictionary_whose_file_packs_its_one_key_is_read_too():
    view, [raw] = _fields([{"a": 1}])
    view.graph.nodes[raw[0]].keys = Same("a")

    assert mapping_of(view, raw) == {"a": 1}


SHAPES: dict[str, tuple[Any, tuple[int, ...] | None]] = {
    "object array": (_objects(1, 2), (2,)),
    "object array of two dimensions": (_objects(1, 2, 3, 4, 5, 6, shape=(3, 2)), (3, 2)),
    "empty object array": (np.empty((0, 4), dtype=object), (0, 4)),
    "array of numbers": (np.zeros((2, 2)), None),
    "list": ([1, 2], None),
    "number": (2, None),
}


@pytest.mark.parametrize("name", SHAPES)
def test_only_an_array_of_objects_has_a_shape_of_objects(name: str):
    value, expected = SHAPES[name]
    view, [raw] = _fields([value])

    assert shape_of_objects(view, raw) == expected


def test_an_object_is_found_with_its_type_its_table_and_its_row():
    children = [SimpleNamespace(inner=number) for number in range(5)]
    view, raw = _fields(children)

    found = [related(view, value) for value in raw]

    assert [name for name, _, _ in found] == [SPACE] * 5
    assert [table.values("inner")[row] for _, table, row in found] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("value", [5, None, "a", [1], {"a": 1}, np.arange(3), (1, 2)], ids=lambda value: str(value))
def test_what_is_no_object_is_related_to_nothing(value: Any):
    view, [raw] = _fields([value])

    assert related(view, raw) is None


def test_objects_of_two_tables_are_given_table_by_table_in_the_order_of_first_use():
    first, second = SimpleNamespace(a=1), SimpleNamespace(a=2)
    other = SimpleNamespace(b=3)
    view, [raw] = _fields([[first, other, second, first]])

    tables = distinct_tables(view, items_of(view, raw))

    assert [name for name, _, _ in tables] == [SPACE, SPACE]
    assert [list(table.node.fields) for _, table, _ in tables] == [["a"], ["b"]]
    assert [rows for _, _, rows in tables] == [[0, 1, 0], [0]]


@pytest.mark.parametrize("stranger", [5, None, [1], {"a": 1}], ids=["number", "none", "list", "dictionary"])
def test_one_stranger_among_objects_means_no_tables_at_all(stranger: Any):
    view, [raw] = _fields([[SimpleNamespace(a=1), stranger]])

    assert distinct_tables(view, items_of(view, raw)) is None


def test_no_objects_are_in_no_tables():
    view, _ = _fields([1])

    assert distinct_tables(view, []) == []
