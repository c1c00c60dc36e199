"""Paths for messages: where a node stands in the words of the person who made the model, also in a broken graph."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from hermetic.capture import capture
from hermetic.graph import Arrays, Graph, Instances, Link, Mappings, Name, Rows, Same, Sequences
from hermetic.graph_paths import Paths, first_place, first_places, path_of

X = np.arange(20.0).reshape(10, 2)
FOREST = RandomForestClassifier(3, max_depth=1, random_state=0)
MODELS = {
    "the root": ([1], "list", "$"),
    "an attribute": (StandardScaler().fit(X), "mean_", "$.mean_"),
    "in a pipeline": (make_pipeline(StandardScaler()).fit(X), "mean_", "$.steps[...][...].mean_"),
    "in a dictionary": ({"a": {"b": StandardScaler().fit(X)}}, "mean_", "$[...][...].mean_"),
    "in a table": ([{"model": StandardScaler().fit(X)} for _ in range(2)], "mean_", "$[...]['model'].mean_"),
}


def _number_of(graph: Graph, field: str) -> int:
    for index, node in enumerate(graph.nodes):
        if isinstance(node, Instances) and field in node.fields:
            content: Any = node.fields[field]
            return content.node if isinstance(content, Rows) else content[0]
        if field == "list" and isinstance(node, Sequences):
            return index
    raise AssertionError(field)


@pytest.mark.parametrize("name", MODELS)
def test_a_path_leads_from_the_model_to_the_node(name: str):
    model, field, path = MODELS[name]
    graph = capture(model)
    assert path_of(graph, _number_of(graph, field)) == path


def test_the_trees_of_a_forest_are_found_through_their_estimators():
    graph = capture(FOREST.fit(X, X[:, 0] > 9))
    number = next(n for n, node in enumerate(graph.nodes) if isinstance(node, Instances) and "nodes" in node.fields)
    assert path_of(graph, number) == "$.estimators_[...].tree_"


def _list(*items: Any) -> Sequences:
    return Sequences("list", len(items), [list(items)])


def test_a_row_of_a_table_is_named():
    table = Sequences("list", 1, [[1, 2]], 2)
    graph = Graph(names=[], nodes=[_list(), table, _list([1, 1]), _list([2])], root=[3])
    assert path_of(graph, 1) == "$[...][...][1]"


def test_what_only_a_link_reaches_has_a_path():
    graph = Graph(names=[], nodes=[_list(), _list(None)], root=[1], links=[Link(1, 0, 0, 0, 0)])
    assert path_of(graph, 0) == "$.0"


def test_a_circle_of_references_ends():
    graph = Graph(names=[], nodes=[_list([1]), _list([0])], root=1)
    assert path_of(graph, 0).count("[...]") == 60


BROKEN: dict[str, Any] = {
    "a reference to nothing": Sequences("list", 1, [[[]]]),
    "a column that is none": Sequences("list", 1, [5]),
    "no column": Mappings(2, ["a", "b"], [], 2),
    "keys that are none": Mappings(2, None, [[1, 1]], 2),
    "a reference by name": _list(["a", "b", "c"]),
    "a reference to itself": _list([1]),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_node_beside_the_way_does_not_spoil_the_message(name: str):
    graph = Graph(names=[], nodes=[_list(), BROKEN[name], _list([0])], root=[2])
    assert path_of(graph, 0) == "$[...]"


@pytest.mark.parametrize("root", [None, [], 5, "a", [7]])
def test_any_root_can_be_asked(root: Any):
    assert path_of(Graph(names=[], nodes=[_list()], root=root), 0) == "$"


NAMES = [Name("package.Thing", "constructed"), Name("package.function", "referenced")]
PLACES = {
    "an instance": ([Instances(type=0, fields={})], 0, "$"),
    "a field": ([Instances(type=0, fields={"a": {"name": 1}})], 1, "$.a"),
    "an item": ([_list({"name": 1}), _list([0])], 1, "$[...][...]"),
    "in a tuple": ([_list({"tuple": [1, {"name": 1}]})], 1, "$[...]"),
    "a key": ([Mappings(1, [{"name": 1}], [[1]])], 1, "$.keys()"),
    "said once": ([Sequences("list", 20, [Same({"name": 1})])], 1, "$[...]"),
    "an exception": ([_list(), Sequences("list", 2, [Rows(0, {1: {"name": 1}})])], 1, "$[...]"),
    "nowhere": ([Arrays("<f8", [1])], 1, "$"),
}


@pytest.mark.parametrize("name", PLACES)
def test_the_first_place_of_a_name_is_found(name: str):
    nodes, number, path = PLACES[name]
    graph = Graph(names=NAMES, nodes=nodes, root=[len(nodes) - 1])
    assert first_place(graph, number) == path


def test_text_that_looks_like_a_name_is_none():
    graph = Graph(names=NAMES, nodes=[_list({"text": "name"}, {"int": 1}, 1, "name")], root=[0])
    assert first_place(graph, 1) == "$"


def test_many_names_are_found_in_one_walk():
    nodes = [_list({"name": 1}), Instances(type=0, fields={"a": [0]}), _list([1], {"name": 1})]
    graph = Graph(names=NAMES, nodes=nodes, root=[2])
    assert first_places(graph, {0, 1}) == {0: "$[...]", 1: "$[...].a[...]"}
    assert first_places(graph, set()) == {}


def test_paths_of_one_graph_are_those_that_are_asked_one_by_one():
    graph = Graph(names=NAMES, nodes=[_list(), _list([0]), _list([1], [0])], root=[2])
    paths = Paths(graph)
    assert [paths.of(number) for number in range(3)] == [path_of(graph, number) for number in range(3)]
