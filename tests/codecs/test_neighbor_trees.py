"""Trees over points answer as before, and no node or index of a file leads native code outside the data."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.neighbors import BallTree, KDTree, KernelDensity
from sklearn.neighbors._ball_tree import BallTree32
from sklearn.neighbors._kd_tree import KDTree32

import hermetic
from hermetic.codecs.neighbor_trees import node_ranges
from tests.codecs.hostile import bring_back, change, refuse, through_the_gates

POINTS = np.random.default_rng(0).normal(size=(100, 3))
KINDS = (KDTree, BallTree, KDTree32, BallTree32)
NAME = "sklearn.neighbors.KDTree"


def _tree(kind: Any = KDTree, **options: Any) -> Any:
    return kind(POINTS.astype(np.float32 if kind.__name__.endswith("32") else np.float64), leaf_size=4, **options)


@pytest.mark.parametrize("kind", KINDS)
def test_a_tree_answers_as_before(kind: Any):
    tree = _tree(kind)
    restored = bring_back(tree)
    for before, after in zip(tree.query(POINTS[:9] + 0.1, k=5), restored.query(POINTS[:9] + 0.1, k=5), strict=True):
        assert before.tobytes() == after.tobytes()


@pytest.mark.parametrize("n_samples", [1, 2, 3, 7, 64, 65, 1000])
@pytest.mark.parametrize("leaf_size", [1, 2, 40, 5000])
def test_the_library_builds_the_ranges_that_are_expected(n_samples: int, leaf_size: int):
    tree = KDTree(np.arange(n_samples, dtype=float).reshape(-1, 1), leaf_size=leaf_size)
    nodes = np.asarray(tree.node_data)
    starts, ends = node_ranges(n_samples, len(nodes))
    assert np.array_equal(nodes["idx_start"], starts)
    assert np.array_equal(nodes["idx_end"], ends)
    bring_back(tree)


def test_weights_are_kept():
    weights = np.arange(1.0, 101.0)
    restored = bring_back(_tree(sample_weight=weights))
    assert (
        restored.kernel_density(POINTS[:3], h=0.5).tobytes()
        == _tree(sample_weight=weights).kernel_density(POINTS[:3], h=0.5).tobytes()
    )


def test_the_data_stay_mapped(tmp_path: Any):
    tree = KDTree(np.random.default_rng(0).normal(size=(40_000, 4)))
    path = tmp_path / "tree.hermetic"
    hermetic.dump(tree, path)
    data = np.asarray(hermetic.load(path, mmap_mode="c").__getstate__()[0])
    assert not data.flags.owndata


def _changed(index: int, **items: Any) -> Any:
    def change_nodes(nodes: Any) -> Any:
        for field, value in items.items():
            nodes[field][index] = value
        return nodes

    return change_nodes


def _index(position: int, value: int) -> Any:
    def change_indices(indices: Any) -> Any:
        indices[position] = value
        return indices

    return change_indices


@pytest.mark.parametrize(
    ("field", "new", "words"),
    [
        ("idx_array", _index(3, 100), "outside"),
        ("idx_array", _index(3, -1), "outside"),
        ("idx_array", lambda indices: np.zeros_like(indices), "twice"),
        ("idx_array", lambda indices: indices[:50].copy(), "idx_array"),
        ("idx_array", lambda indices: indices.astype(np.int32), "idx_array"),
        ("node_data", _changed(2, idx_end=10**9), "idx_end"),
        ("node_data", _changed(1, idx_start=-5), "idx_start"),
        ("node_data", _changed(0, is_leaf=1), "is_leaf"),
        ("node_data", _changed(-1, is_leaf=0), "is_leaf"),
        ("node_data", lambda nodes: nodes[:3].copy(), "nodes"),
        ("node_data", lambda nodes: np.repeat(nodes, 2)[::2], "row of nodes"),
        ("node_data", lambda nodes: nodes.astype([(name, "<i8") for name in nodes.dtype.names]), "has the dtype"),
        ("node_bounds", lambda bounds: bounds[:, :2].copy(), "node_bounds"),
        ("node_bounds", lambda bounds: bounds[:1].copy(), "node_bounds"),
        ("data", lambda data: data[:, :2].copy(), "node_bounds"),
        ("data", lambda data: data[:50].copy(), "idx_array"),
        ("data", lambda data: data.astype(np.float32), "data"),
        ("data", lambda data: np.asfortranarray(data), "C order"),
        ("leaf_size", 0, "leaf_size"),
        ("leaf_size", 1 << 70, "leaf_size"),
        ("leaf_size", 1, "node"),
        ("counters", {"tuple": [0, 0, 0, 1 << 40]}, "counters"),
        ("sample_weight", [0], "sample_weight"),
    ],
)
def test_a_hostile_tree_is_refused(field: str, new: Any, words: str):
    refuse(_tree(), NAME, field, new, words)


def test_weights_with_gaps_are_refused():
    weighted = KernelDensity().fit(POINTS, sample_weight=np.ones(100)).tree_
    refuse(weighted, NAME, "sample_weight", lambda weights: np.repeat(weights, 2)[::2], "sample_weight")


def test_a_tree_without_a_metric_is_refused():
    graph = change(_tree(), NAME, "metric", None)
    graph.nodes[-1].fields["sample_weight"] = [len(graph.nodes) - 2]
    with pytest.raises(hermetic.InvalidState, match="metric"):
        through_the_gates(graph)


def test_a_metric_of_another_width_is_refused():
    weighted = _tree(metric="minkowski", p=3, w=np.ones(3))
    refuse(weighted, "sklearn.metrics.MinkowskiDistance64", "w", np.ones(2), "for 2 features")


def test_a_metric_that_the_tree_cannot_use_is_refused():
    graph = change(_tree(BallTree, metric="hamming"), "sklearn.neighbors.BallTree", "leaf_size", 4)
    for number, name in enumerate(graph.names):
        if name.name == "sklearn.neighbors.BallTree":
            graph.names[number] = type(name)("sklearn.neighbors.KDTree", name.role, name.layout)
    with pytest.raises(hermetic.InvalidState, match="cannot measure"):
        through_the_gates(graph)
