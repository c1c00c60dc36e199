"""Containers of a graph in one form: numbered items, whichever way their table is stored."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hermetic.capture import capture
from hermetic.graph import Graph, Mappings, ObjectArray, Packed, Rows, Same, Sequences
from hermetic.inspection.items import Items, items_of
from hermetic.inspection.tables import Pooled, as_place


def items_in(node: Any, row: int = 0, links: dict[Any, Any] | None = None) -> Items:
    return items_of(Graph(names=[], nodes=[node], root=[0]), links or {}, (0, row))


def captured(value: Any) -> Items:
    graph = capture(value)
    place = as_place(graph.root)
    assert place is not None
    return items_of(graph, {}, place)


SHORT = [
    [],
    [1, "a", None, 2.5],
    [True] * 12,
    {},
    {"a": 1, "b": "x"},
    {1: "one", (1, 2): "pair"},
    {"a"},
    set(),
    [(1, "a"), (2,)],
]


@pytest.mark.parametrize("value", SHORT, ids=repr)
def test_a_short_container_reads_as_python_writes_it(value: Any):
    assert captured(value).inline(80) == repr(value)


def test_an_array_of_objects_says_what_it_is():
    items = captured(np.array([["a", None]], dtype=object))
    assert items.inline(80) == "object array ['a', None]"
    assert items.title == "object array (1, 2)"
    assert items.count == 2


@pytest.mark.parametrize(
    ("kind", "length", "text"),
    [
        ("tuple", 1, "(7,)"),
        ("tuple", 2, "(7, 7)"),
        ("tuple", 0, "()"),
        ("set", 0, "set()"),
        ("frozenset", 1, "frozenset {7}"),
        ("list", 12, str([7] * 12)),
        ("list", 13, ""),
    ],
)
def test_items_that_are_all_the_same_are_shown_one_by_one_up_to_twelve(kind: str, length: int, text: str):
    assert items_in(Sequences(type=kind, lengths=length, columns=[Same(7)])).inline(80) == text


def test_a_text_of_just_the_longest_length_is_shown_and_a_longer_one_is_not():
    items = items_in(Sequences(type="list", lengths=2, columns=[["a", "b"]]))
    assert items.inline(len("['a', 'b']")) == "['a', 'b']"
    assert items.inline(len("['a', 'b']") - 1) == ""


NOT_INLINE = {
    "an item that is an object": Sequences(type="list", lengths=2, columns=[[1, [0]]]),
    "a key that is an object": Mappings(length=1, keys=[[0]], columns=[[1]]),
    "items in a pool": Sequences(type="list", lengths=2, columns=[Packed("int", None)]),
    "keys in a pool": Mappings(length=1, keys=Packed("text", None), columns=[[1]]),
    "items that are objects of a table": Sequences(type="list", lengths=2, columns=[Rows(0)]),
}


@pytest.mark.parametrize("name", NOT_INLINE)
def test_what_is_not_plain_and_known_is_not_shown_in_line(name: str):
    assert items_in(NOT_INLINE[name]).inline(80) == ""


TABLES = {
    "equal lengths": (
        Sequences(type="tuple", lengths=2, rows=2, columns=[["a", "b"], Same(1)]),
        ["('a', 1)", "('b', 1)"],
    ),
    "unequal lengths": (
        Sequences(type="list", lengths=[2, 0, 1], rows=3, columns=[["a", "b", "c"]]),
        ["['a', 'b']", "[]", "['c']"],
    ),
    "dictionaries": (
        Mappings(length=2, rows=2, keys=["k", "l"], columns=[[1, 2], ["x", "y"]]),
        ["{'k': 1, 'l': 'x'}", "{'k': 2, 'l': 'y'}"],
    ),
}


@pytest.mark.parametrize("name", TABLES)
def test_each_row_of_a_table_has_its_own_items(name: str):
    node, texts = TABLES[name]
    assert [items_in(node, row).inline(80) for row in range(node.rows)] == texts


@pytest.mark.parametrize("name", TABLES)
def test_a_row_of_a_table_knows_how_many_items_it_has(name: str):
    node, _ = TABLES[name]
    counts = [items_in(node, row).count for row in range(node.rows)]
    assert counts == ([2, 0, 1] if name == "unequal lengths" else [2, 2])


def test_items_are_called_by_their_keys_and_reached_by_what_python_would_write():
    items = items_in(Mappings(length=3, keys=["a b", 7, [0]], columns=[[1, 2, 3]]))
    assert [items.label(position) for position in range(3)] == ["a b", "7", "..."]
    assert [items.step(position) for position in range(3)] == ["['a b']", "[7]", "[...]"]


def test_items_of_a_list_are_called_by_their_position():
    items = items_in(Sequences(type="list", lengths=2, columns=[["a", "b"]]))
    assert (items.label(1), items.step(1)) == ("[1]", "[1]")


def test_keys_in_a_pool_are_not_known():
    items = items_in(Mappings(length=2, keys=Packed("text", None), columns=[Same(1)]))
    assert (items.label(0), items.step(1)) == ("...", "[...]")


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        (Sequences(type="list", lengths=2, columns=[[1, 2]]), True),
        (Sequences(type="list", lengths=2, columns=[[1, [0]]]), False),
        (Sequences(type="list", lengths=2, rows=2, columns=[Same(1), [1, [0]]]), True),
        (ObjectArray(shape=[1, 1], items=[[0]]), False),
    ],
)
def test_items_are_plain_when_none_of_them_refers_to_anything(node: Any, expected: bool):
    assert items_in(node).is_plain() is expected


def test_the_second_row_of_a_table_may_refer_where_the_first_does_not():
    node = Sequences(type="list", lengths=2, rows=2, columns=[Same(1), [1, [0]]])
    assert not items_in(node, 1).is_plain()


def test_a_link_goes_before_what_the_column_says():
    node = Sequences(type="list", lengths=2, columns=[[None, 5]])
    items = items_in(node, links={(0, 0, 0): [3, 1]})
    assert items.value(0) == [3, 1]
    assert items.value(1) == 5
    assert items.is_linked
    assert not items.is_plain()
    assert items.inline(80) == ""


def test_a_link_into_another_container_changes_nothing():
    items = items_in(Sequences(type="list", lengths=1, columns=[[5]]), links={(1, 0, 0): [3, 1], (0, 0, 9): [3, 1]})
    assert not items.is_linked
    assert items.inline(80) == "[5]"


BEGINNINGS = {
    "nothing": (Sequences(type="list", lengths=0, columns=[[]]), ""),
    "fewer": (Sequences(type="list", lengths=2, columns=[[1, 2]]), ": 1, 2"),
    "as many": (Sequences(type="list", lengths=3, columns=[[1, 2, 3]]), ": 1, 2, 3"),
    "more": (Sequences(type="list", lengths=5_000, columns=[Same("x")]), ": 'x', 'x', 'x', ... and 4,997 more"),
    "a dictionary": (Mappings(length=1, keys=["k"], columns=[["v"]]), ": k: 'v'"),
    "a dictionary of objects": (Mappings(length=1, keys=["k"], columns=[[[0]]]), ": k: ..."),
    "a pool": (Sequences(type="list", lengths=9, columns=[Packed("float", None)]), " float values"),
}


@pytest.mark.parametrize("name", BEGINNINGS)
def test_the_beginning_names_a_few_items_and_counts_the_others(name: str):
    node, text = BEGINNINGS[name]
    assert items_in(node).beginning(3) == text


def test_a_value_in_a_pool_is_one_whatever_its_position():
    value = items_in(Sequences(type="set", lengths=1 << 40, columns=[Packed("text", None)])).value((1 << 40) - 1)
    assert isinstance(value, Pooled)


@pytest.mark.parametrize(
    ("node", "title"),
    [
        (Sequences(type="tuple", lengths=1_234, columns=[Same(1)]), "tuple of 1,234"),
        (Mappings(length=2, keys=["a", "b"], columns=[Same(1)]), "dict of 2"),
        (ObjectArray(shape=[4], items=Same(None)), "object array (4,)"),
    ],
)
def test_a_title_says_kind_and_count(node: Any, title: str):
    assert items_in(node).title == title
