"""in_order: nodes that were added at the end come before what refers to them, and everything still means the same."""

from __future__ import annotations

import numpy as np
import pytest

from hermetic.graph import Arrays, Graph, Instances, Link, Mappings, Name, ObjectArray, Packed, Rows, Same, Sequences
from hermetic.graph_order import in_order

EMPTY = Sequences(type="list", lengths=0, columns=[[]])
NAME = Name("sklearn.svm.SVC", "constructed")


def test_a_graph_in_order_stays_as_it_is():
    nodes = [EMPTY, Sequences(type="list", lengths=1, columns=[[[0]]]), Instances(type=0, fields={"a": [1], "b": 2})]
    graph = Graph(names=[NAME], nodes=nodes, root=[2], arrays={})
    assert in_order(graph) == graph


def test_an_array_at_the_end_comes_before_the_object_that_has_it():
    holder = Instances(type=0, fields={"coef_": [1], "C": 1.0})
    array = Arrays(dtype="<f8", shape=[2])
    graph = in_order(Graph(names=[NAME], nodes=[holder, array], root=[0], arrays={1: [np.zeros(2)]}))
    assert [type(node) for node in graph.nodes] == [Arrays, Instances]
    assert graph.nodes[1].fields == {"coef_": [0], "C": 1.0}
    assert graph.root == [1]
    assert list(graph.arrays) == [0]


def test_what_nothing_refers_to_any_longer_is_gone_with_its_arrays_and_links():
    left_over = Instances(type=0, fields={"coef_": [0]})
    array = Arrays(dtype="<f8", shape=[1])
    link = Link(1, 0, "own", 1, 0)
    graph = Graph(names=[NAME], nodes=[array, left_over, EMPTY], root=[2], links=[link], arrays={0: [np.zeros(1)]})
    ordered = in_order(graph)
    assert (ordered.nodes, ordered.root, ordered.links, ordered.arrays) == ([EMPTY], [0], [], {})


def test_what_only_a_link_leads_to_stays():
    owner, target = Instances(type=0, fields={}), Instances(type=0, fields={"C": 1.0})
    graph = Graph(names=[NAME], nodes=[EMPTY, owner, target], root=[1], links=[Link(1, 0, "own", 2, 0)])
    ordered = in_order(graph)
    assert ordered.nodes == [owner, target]
    assert ordered.links == [Link(0, 0, "own", 1, 0)]


def test_what_is_added_may_refer_to_what_was_there_and_to_what_is_added():
    holder = Instances(type=0, fields={"first": [0], "own": [2]})
    inner = Sequences(type="list", lengths=1, columns=[[[3]]])
    graph = in_order(Graph(names=[NAME], nodes=[EMPTY, holder, inner, EMPTY], root=[1]))
    assert graph.nodes[-1].fields == {"first": [0], "own": [2]}
    assert graph.nodes[2].columns == [[[1]]]


@pytest.mark.parametrize(
    ("column", "moved"),
    [
        ([[2, 0], 5, [2, 1]], [[0, 0], 5, [0, 1]]),
        (Same([2, 1]), Same([0, 1])),
        (Same("text"), Same("text")),
        (Rows(2), Rows(0)),
        (Rows(2, {1: [2, 0]}), Rows(0, {1: [0, 0]})),
        (Packed("int", [1, 2, 3]), Packed("int", [1, 2, 3])),
        ([{"tuple": [1, 2]}, None, True], [{"tuple": [1, 2]}, None, True]),
    ],
    ids=str,
)
def test_every_form_of_a_column_refers_to_the_new_place(column: object, moved: object):
    table = Instances(type=0, fields={"a": column}, rows=3)
    added = Arrays(dtype="<f8", shape=[1], rows=3)
    graph = in_order(Graph(names=[NAME], nodes=[table, EMPTY, added], root=[0]))
    [found] = [node for node in graph.nodes if isinstance(node, Instances)]
    assert found.fields["a"] == moved


@pytest.mark.parametrize(
    "node",
    [
        Sequences(type="tuple", lengths=1, columns=[[[1]]]),
        Mappings(length=1, keys=["key"], columns=[[[1]]]),
        ObjectArray(shape=[1], items=[[1]]),
    ],
    ids=lambda node: type(node).__name__,
)
def test_containers_refer_to_the_new_place(node: object):
    graph = in_order(Graph(names=[], nodes=[node, EMPTY], root=[0]))
    column = getattr(graph.nodes[1], "items", None) or graph.nodes[1].columns[0]
    assert column == [[0]]


def test_links_join_the_same_objects_as_before():
    holder = Instances(type=0, fields={"next": None, "own": [2]})
    other = Instances(type=0, fields={"next": None})
    links = [Link(0, 0, "next", 1, 0)]
    graph = in_order(Graph(names=[NAME], nodes=[holder, other, EMPTY], root=[0], links=links))
    [link] = graph.links
    assert "own" in graph.nodes[link.node].fields
    assert graph.nodes[link.target_node].fields == {"next": None}


def test_a_plain_root_is_no_reference():
    assert in_order(Graph(names=[], nodes=[EMPTY], root="text")).root == "text"


def test_thousands_of_nodes_in_a_row_need_no_recursion():
    nodes = [Sequences(type="list", lengths=1, columns=[[[number + 1]]]) for number in range(20_000)]
    graph = in_order(Graph(names=[], nodes=[*nodes, EMPTY], root=[0]))
    assert graph.root == [20_000]
