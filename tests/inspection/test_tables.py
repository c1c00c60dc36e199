"""Looking at one value of a column without its pool, and weighing what stands behind a place."""

from __future__ import annotations

from typing import Any

import pytest

from hermetic.graph import Arrays, Graph, Instances, Link, Mappings, Name, Packed, Rows, Same, Sequences
from hermetic.inspection.tables import Pooled, Weights, as_place, cell, instance_tables, is_plain

NAMES = [Name(name="package.Tree", role="constructed")]
WITH_HOLES = Rows(4, {0: None, 3: [9, 1]})


def graph_of(*nodes: Any) -> Graph:
    return Graph(names=NAMES, nodes=list(nodes), root=[len(nodes) - 1])


@pytest.mark.parametrize(
    ("value", "place"), [([4], (4, 0)), ([4, 2], (4, 2)), (None, None), (4, None), ({"tuple": [[4]]}, None)]
)
def test_only_a_list_is_a_reference(value: Any, place: Any):
    assert as_place(value) == place


CELLS = [
    ([1, "a"], 1, "a"),
    (Same([3]), 7, [3]),
    (Rows(4), 2, [4, 2]),
    (WITH_HOLES, 0, None),
    (WITH_HOLES, 1, [4, 0]),
    (WITH_HOLES, 2, [4, 1]),
    (WITH_HOLES, 3, [9, 1]),
    (WITH_HOLES, 4, [4, 2]),
]


@pytest.mark.parametrize(("column", "position", "value"), CELLS)
def test_a_cell_is_found_in_every_form_of_a_column(column: Any, position: int, value: Any):
    assert cell(column, position) == value


def test_a_cell_in_a_pool_tells_its_kind_only():
    found = cell(Packed("float", None), 10**9)
    assert isinstance(found, Pooled)
    assert found.kind == "float"


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ([1, "a", {"float": "nan"}], True),
        ([], True),
        ([1, [0]], False),
        (Same(3), True),
        (Same([3]), False),
        (Packed("int", None), True),
        (Rows(0), False),
    ],
)
def test_a_column_is_plain_when_it_refers_to_nothing(column: Any, expected: bool):
    assert is_plain(column) is expected


TREES = Instances(type=0, fields={}, rows=3)
SINGLE_TREES = Sequences(type="list", lengths=1, rows=3, columns=[Rows(0)])
TABLES = {
    "a column of objects": ([TREES], Rows(0), [0]),
    "a column with another value": ([TREES], Rows(0, {1: None}), []),
    "a list of references": ([TREES], [[0], [0, 1]], []),
    "lists of objects": ([TREES, SINGLE_TREES], Rows(1), [0]),
    "two lists beside each other": (
        [TREES, Sequences(type="list", lengths=2, rows=3, columns=[Rows(0), Rows(0)])],
        Rows(1),
        [0, 0],
    ),
    "lists with something else": (
        [TREES, Sequences(type="list", lengths=2, rows=3, columns=[Rows(0), Same(1)])],
        Rows(1),
        [],
    ),
    "lists in lists in lists": (
        [TREES, SINGLE_TREES, Sequences(type="list", lengths=1, rows=3, columns=[Rows(1)])],
        Rows(2),
        [],
    ),
    "arrays": ([Arrays(dtype="<f8", shape=[2], rows=3)], Rows(0), []),
    "as many columns as are looked at": (
        [TREES, Sequences(type="list", lengths=64, rows=3, columns=[Rows(0)] * 64)],
        Rows(1),
        [0] * 64,
    ),
    "more columns than are looked at": (
        [TREES, Sequences(type="list", lengths=65, rows=3, columns=[Rows(0)] * 65)],
        Rows(1),
        [],
    ),
}


@pytest.mark.parametrize("name", TABLES)
def test_tables_of_objects_are_found_behind_a_column(name: str):
    nodes, column, tables = TABLES[name]
    assert instance_tables(graph_of(*nodes), column) == tables


ARRAYS = Arrays(dtype="<f8", shape=[2], rows=3)  # 16 bytes each
WEIGHED = {
    "one row": ([ARRAYS], [(0, 1)], 16),
    "two rows": ([ARRAYS], [(0, 1), (0, 2)], 32),
    "one row twice": ([ARRAYS], [(0, 1), (0, 1)], 16),
    "all rows": ([ARRAYS], [(0, None)], 48),
    "all rows and one of them": ([ARRAYS], [(0, None), (0, 1)], 48),
    "one row and then all": ([ARRAYS], [(0, 1), (0, None)], 48),
    "a row of its own length": ([Arrays(dtype="<f8", shape=[], rows=2, lengths=[1, 4])], [(0, 1)], 32),
    "an array without a size": ([Arrays(dtype="|V0", shape=[5])], [(0, None)], 0),
}


@pytest.mark.parametrize("name", WEIGHED)
def test_each_array_weighs_once(name: str):
    nodes, places, length_bytes = WEIGHED[name]
    assert Weights(graph_of(*nodes)).of(places) == (length_bytes, 0)


HOLDING = {
    "a field": (Instances(type=0, fields={"a": [0, 1]}), 0, 16),
    "a field of one row of a table": (Instances(type=0, fields={"a": Rows(0)}, rows=3), 2, 16),
    "a field of all rows": (Instances(type=0, fields={"a": Rows(0)}, rows=3), None, 48),
    "the same array in every row": (Instances(type=0, fields={"a": Same([0, 1])}, rows=3), None, 16),
    "an exception": (Instances(type=0, fields={"a": Rows(1, {0: [0, 1]})}, rows=1 << 30), 0, 16),
    "values in a pool": (Mappings(length=9, keys=Packed("text", None), columns=[Packed("int", None)]), 0, 0),
    "lists of unequal length": (Sequences(type="list", lengths=[1, 2], rows=2, columns=[Rows(0)]), 0, 48),
}


@pytest.mark.parametrize("name", HOLDING)
def test_the_weight_of_an_object_is_that_of_the_arrays_it_reaches(name: str):
    holder, row, length_bytes = HOLDING[name]
    assert Weights(graph_of(ARRAYS, holder)).of([(1, row)]) == (length_bytes, 0)


def test_only_what_is_reached_through_a_field_called_nodes_is_a_tree():
    tree = Instances(type=0, fields={"nodes": Rows(0), "values": Rows(1)}, rows=3)
    assert Weights(graph_of(ARRAYS, ARRAYS, tree)).of([(2, None)]) == (96, 6)


def test_a_weight_beyond_the_budget_is_not_known_and_the_budget_stays_spent():
    wide = Sequences(type="list", lengths=100, columns=[[[0, number % 3] for number in range(100)]])
    weights = Weights(graph_of(ARRAYS, wide), steps=100)
    assert weights.of([(1, 0)]) is None
    assert weights.of([(0, 0)]) is None
    assert Weights(graph_of(ARRAYS, wide), steps=200).of([(1, 0)]) == (48, 0)


def test_links_weigh_nothing_for_what_they_lead_to_stands_elsewhere():
    graph = graph_of(ARRAYS, Instances(type=0, fields={}))
    graph.links = [Link(node=1, row=0, slot="a", target_node=0, target_row=0)]
    assert Weights(graph).of([(1, 0)]) == (0, 0)
