"""Which arrays may stay in the file: those that are copied at once, and those that no check reads."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.neighbors import KDTree, KNeighborsClassifier
from sklearn.tree import DecisionTreeClassifier

import hermetic
from hermetic.capture import capture
from hermetic.codecs.registry import CODECS
from hermetic.graph import Arrays, Graph, Instances, Name, Packed, Same
from hermetic.placement import borrowed_arrays, mapped_arrays

X = np.random.default_rng(0).normal(size=(2000, 4))
TREE = DecisionTreeClassifier(max_depth=2, random_state=0).fit(X, X[:, 0] > 0)


def _arrays_of(graph: Graph, field: str) -> set[int]:
    contents = [node.fields[field] for node in graph.nodes if isinstance(node, Instances) and field in node.fields]
    return {content[0] for content in contents if isinstance(content, list)}


def test_the_nodes_of_a_tree_are_borrowed_for_it_copies_them():
    graph = capture(TREE)
    assert borrowed_arrays(graph) >= _arrays_of(graph, "nodes")


def test_what_something_else_refers_to_is_not_borrowed():
    graph = capture(TREE)
    [nodes] = _arrays_of(graph, "nodes")
    graph.nodes.append(Instances(type=0, fields={"note_": [nodes]}))
    assert nodes not in borrowed_arrays(graph)


def test_an_array_that_is_the_model_itself_is_not_borrowed():
    graph = capture(TREE)
    [graph.root] = [[number] for number in _arrays_of(graph, "nodes")]
    assert graph.root[0] not in borrowed_arrays(graph)


def test_plain_values_and_linear_models_borrow_nothing():
    assert borrowed_arrays(capture([np.zeros(9)])) == set()
    assert borrowed_arrays(capture(LinearRegression().fit(X, X[:, 0]))) == set()


def test_only_arrays_that_no_check_reads_stay_mapped():
    graph = capture([np.zeros(9), TREE])
    mapped = mapped_arrays(graph)
    assert all(isinstance(graph.nodes[number], Arrays) for number in mapped)
    assert 0 in mapped
    checked = [codec.checked_fields for codec in CODECS if codec.checked_fields]
    assert checked, "no codec says which arrays it reads"


@pytest.mark.parametrize(
    "codec", [codec for codec in CODECS if codec.checked_fields], ids=lambda codec: type(codec).__name__
)
def test_a_field_that_a_codec_checks_is_never_mapped(codec: Any):
    for field in codec.checked_fields:
        nodes = [Arrays("<f8", [1]), Arrays("<f8", [1]), Instances(type=0, fields={field: [0], "other_": [1]})]
        graph = Graph(names=[Name(next(iter(codec.classes)), "constructed")], nodes=nodes, root=[2])
        assert mapped_arrays(graph) == {1}


def _search(tmp_path: Any, method: str) -> tuple[Any, Any]:
    """Give a model that searches neighbours, and its copy from a mapped file."""
    path = tmp_path / "model.hermetic"
    model = KNeighborsClassifier(algorithm=method).fit(X, X[:, 0] > 0)
    hermetic.dump(model, path)
    return model, hermetic.load(path, mmap_mode="r")


@pytest.mark.parametrize("method", ["kd_tree", "ball_tree"])
def test_the_data_of_a_search_through_a_tree_stay_mapped(tmp_path: Any, method: str):
    model, loaded = _search(tmp_path, method)
    assert not loaded._fit_X.flags.writeable, "only memory of the mapping is read-only"
    assert loaded._y.flags.writeable, "votes are counted by what stands in it"
    assert loaded._tree.get_arrays()[0].base is not None
    assert (loaded.kneighbors(X[:9])[1] == model.kneighbors(X[:9])[1]).all()


def test_the_data_of_a_search_by_brute_force_are_private_for_they_are_checked(tmp_path: Any):
    model, loaded = _search(tmp_path, "brute")
    assert loaded._fit_X.flags.writeable
    assert (loaded.kneighbors(X[:9])[1] == model.kneighbors(X[:9])[1]).all()


@pytest.mark.parametrize(
    "methods",
    [
        ["kd_tree", "brute"],
        ["kd_tree", None],
        Same("brute"),
        Same({"numpy": ["<U5", ""]}),
        Packed("text", None, [0, 15, "\n"]),
    ],
    ids=["one of two", "none", "all", "no text", "not read yet"],
)
def test_data_that_one_search_of_a_table_may_check_are_private(methods: Any):
    fields = {"_fit_X": Same([0]), "_fit_method": methods}
    nodes = [Arrays("<f8", [1]), Instances(type=0, fields=fields, rows=2)]
    graph = Graph(names=[Name("sklearn.neighbors.NearestNeighbors", "constructed")], nodes=nodes, root=[1, 0])
    assert mapped_arrays(graph) == set()
    fields["_fit_method"] = ["kd_tree", "ball_tree"]
    assert mapped_arrays(graph) == {0}


def test_what_is_mapped_for_a_tree_and_checked_for_something_else_is_private():
    names = [Name("sklearn.neighbors.NearestNeighbors", "constructed"), Name("sklearn.svm.SVC", "constructed")]
    search = Instances(type=0, fields={"_fit_X": [0], "_fit_method": "kd_tree"})
    nodes = [Arrays("<f8", [1]), search, Instances(type=1, fields={"support_": [0]})]
    assert mapped_arrays(Graph(names=names, nodes=nodes, root=[2])) == set()


def test_a_mapped_model_answers_as_the_one_in_memory(tmp_path: Any):
    path = tmp_path / "model.hermetic"
    model = [KDTree(X), TREE, LinearRegression().fit(X, X[:, :3])]
    hermetic.dump(model, path)
    for mode in ("r", "c"):
        tree, classifier, regressor = hermetic.load(path, mmap_mode=mode)
        assert (tree.query(X[:9])[1] == model[0].query(X[:9])[1]).all()
        assert (classifier.predict(X) == TREE.predict(X)).all()
        assert (regressor.coef_ == model[2].coef_).all()
