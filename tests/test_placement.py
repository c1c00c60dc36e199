"""Which arrays may stay in the file: those that are copied at once, and those that no check reads."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.neighbors import KDTree
from sklearn.tree import DecisionTreeClassifier

import hermetic
from hermetic.capture import capture
from hermetic.codecs.registry import CODECS
from hermetic.graph import Arrays, Graph, Instances, Name
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


def test_a_mapped_model_answers_as_the_one_in_memory(tmp_path: Any):
    path = tmp_path / "model.hermetic"
    model = [KDTree(X), TREE, LinearRegression().fit(X, X[:, :3])]
    hermetic.dump(model, path)
    for mode in ("r", "c"):
        tree, classifier, regressor = hermetic.load(path, mmap_mode=mode)
        assert (tree.query(X[:9])[1] == model[0].query(X[:9])[1]).all()
        assert (classifier.predict(X) == TREE.predict(X)).all()
        assert (regressor.coef_ == model[2].coef_).all()
