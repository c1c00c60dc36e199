"""Hostile clusterings: Birch's tree and norms, centres and counts of means, trees of clusters, numbers of threads."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
from sklearn.cluster import Birch, BisectingKMeans, KMeans, MiniBatchKMeans

import hermetic
from hermetic.capture import capture
from hermetic.codecs.threads import limit_threads
from hermetic.errors import InvalidState
from hermetic.graph import Arrays, Instances, Link
from tests.codecs.altered import GONE, altered, refuse_altered, refuse_saved
from tests.codecs.hostile import bring_back, change, refuse, through_the_gates

X = np.random.default_rng(0).normal(size=(60, 3))
ONE_NODE = Birch(threshold=9.0, n_clusters=None).fit(X)
MEANS = KMeans(3, random_state=0, n_init=1).fit(X)
BATCHES = MiniBatchKMeans(3, random_state=0, n_init=1, batch_size=30).fit(X)
BISECTED = BisectingKMeans(3, random_state=0).fit(X)
NODE = "sklearn.cluster._CFNode"


@pytest.mark.parametrize("model", [ONE_NODE, MEANS, BATCHES, BISECTED], ids=lambda model: type(model).__name__)
def test_an_honest_clustering_predicts_as_before(model: Any):
    assert np.array_equal(bring_back(model).predict(X), model.predict(X))


HOSTILE_COUNTS = [-1, 10**30, 1.0, True, "1"]


@pytest.mark.parametrize("count", HOSTILE_COUNTS, ids=str)
def test_a_node_of_birch_that_uses_no_such_number_of_rows_is_refused(count: Any):
    refuse(ONE_NODE, NODE, "n_subclusters", count, "in use")


HOSTILE_NODES = [
    ("init_centroids_", None, "needs the arrays"),
    ("init_sq_norm_", None, "needs the arrays"),
    ("init_centroids_", np.zeros(51), "needs the arrays"),
    ("init_sq_norm_", np.zeros((51, 1)), "needs the arrays"),
    ("init_sq_norm_", np.zeros(50), "51 centroids have 50 norms"),
    ("init_centroids_", np.zeros((0, 3)), "0 centroids have 51 norms"),
]


@pytest.mark.parametrize(("field", "new", "words"), HOSTILE_NODES)
def test_a_hostile_node_of_birch_is_refused(field: str, new: Any, words: str):
    refuse_saved(altered(ONE_NODE, root_=lambda node: altered(node, **{field: new})), words)


def test_a_node_of_birch_must_say_how_many_rows_it_uses():
    graph = change(ONE_NODE, NODE, "n_subclusters", None)
    for node in graph.nodes:
        getattr(node, "fields", {}).pop("n_subclusters", None)
    with pytest.raises(InvalidState, match="n_subclusters is missing"):
        through_the_gates(graph)


@pytest.mark.parametrize("count", [0, 1, 51])
def test_a_node_of_birch_may_use_none_or_all_of_its_rows(count: int):
    root = ONE_NODE.root_
    hostile = altered(ONE_NODE, root_=altered(root, centroids_=root.init_centroids_[:count]))
    restored = hermetic.loads(hermetic.dumps(hostile)).root_
    assert len(restored.centroids_) == len(restored.squared_norm_) == count
    restored.init_centroids_[:] = 7
    assert (restored.centroids_ == 7).all()


HOSTILE_NORMS = [
    {"_subcluster_norms": None},
    {"_subcluster_norms": GONE},
    {"_subcluster_norms": np.zeros(2)},
    {"_subcluster_norms": np.zeros((1, 1))},
    {"subcluster_centers_": None},
    {"subcluster_centers_": GONE},
    {"subcluster_centers_": np.zeros(3)},
    {"subcluster_centers_": np.zeros((2, 3))},
]


@pytest.mark.parametrize("attributes", HOSTILE_NORMS, ids=range(len(HOSTILE_NORMS)))
def test_each_centre_of_birch_needs_one_norm(attributes: dict[str, Any]):
    assert ONE_NODE.subcluster_centers_.shape == (1, 3)
    refuse_altered(ONE_NODE, "one norm", **attributes)


def test_a_birch_that_is_not_fitted_needs_neither():
    assert bring_back(altered(ONE_NODE, _subcluster_norms=GONE, subcluster_centers_=GONE)).threshold == 9.0


@pytest.mark.parametrize("number", [0, -1, None, True, 2.0, "2", {"numpy": ["<i8", 0]}, {"float": "inf"}], ids=str)
@pytest.mark.parametrize("model", [MEANS, BATCHES, BISECTED], ids=lambda model: type(model).__name__)
def test_an_impossible_number_of_threads_is_refused(model: Any, number: Any):
    name = f"sklearn.cluster.{type(model).__name__}"
    refuse(model, name, "_n_threads", number, "_n_threads must be an integer of 1 or more")


@pytest.mark.parametrize("number", [1, {"numpy": ["<i8", 1]}], ids=str)
def test_one_thread_stays_one(number: Any):
    assert through_the_gates(change(MEANS, "sklearn.cluster.KMeans", "_n_threads", number))._n_threads == 1


def test_threads_are_limited_to_what_the_machine_runs_and_never_raised():
    [most] = limit_threads([10**9])
    assert most >= 1
    assert limit_threads([1, most, most + 1]) == [1, most, most]


CENTRES = {
    "no array": None,
    "one row": np.zeros(3),
    "three axes": np.zeros((3, 3, 1)),
    "too wide": np.zeros((3, 4)),
    "no centre": np.zeros((0, 3)),
    "half precision": np.zeros((3, 3), dtype=np.float16),
    "complex numbers": np.zeros((3, 3), dtype=np.complex128),
    "the other byte order": np.zeros((3, 3), dtype=">f8"),
}


@pytest.mark.parametrize("name", CENTRES)
@pytest.mark.parametrize("model", [MEANS, BISECTED], ids=lambda model: type(model).__name__)
def test_centres_that_native_code_cannot_take_are_refused(model: Any, name: str):
    refuse_altered(model, "the centres are not rows of 3 numbers", cluster_centers_=CENTRES[name])


COUNTS = {"none": None, "few": np.zeros(2), "a table": np.zeros((3, 1)), "many": np.zeros(4)}


@pytest.mark.parametrize("name", COUNTS)
def test_each_centre_of_small_batches_needs_one_count(name: str):
    refuse_altered(BATCHES, "each centre needs one count", _counts=COUNTS[name])


def test_small_batches_without_counts_predict_only():
    restored = bring_back(altered(BATCHES, _counts=GONE))
    assert np.array_equal(restored.predict(X), BATCHES.predict(X))


@pytest.mark.parametrize("width", [2, None, 3.5, np.int64(4)], ids=str)
def test_the_width_of_the_input_is_that_of_the_centres(width: Any):
    refuse_altered(MEANS, "the centres are not rows", n_features_in_=width)


@pytest.mark.parametrize("tree", [GONE, None, 3, [], MEANS], ids=["gone", "none", "number", "list", "another model"])
def test_a_bisection_needs_its_tree_of_clusters(tree: Any):
    refuse_altered(BISECTED, "the tree of clusters holds something else", _bisecting_tree=tree)


CHILDREN = [None, 3, "left", [], (1,), np.zeros(3)]


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("child", CHILDREN, ids=lambda child: type(child).__name__)
def test_a_tree_with_one_child_or_with_something_else_is_refused(side: str, child: Any):
    tree = altered(BISECTED._bisecting_tree, **{side: child})
    refuse_altered(BISECTED, "the tree of clusters holds something else", _bisecting_tree=tree)


@pytest.mark.parametrize(("levels", "words"), [(15, "a cluster stands in two places"), (60, "shared so often")])
def test_a_tree_that_doubles_at_each_level_is_refused_at_once(levels: int, words: str):
    tree = copy.deepcopy(BISECTED._bisecting_tree.left)
    for _ in range(levels):
        tree = altered(BISECTED._bisecting_tree, left=None, right=tree)
        tree.left = tree.right
    refuse_altered(BISECTED, words, _bisecting_tree=tree)


def test_the_centre_of_the_root_is_never_asked():
    tree = altered(BISECTED._bisecting_tree, center=None)
    restored = bring_back(altered(BISECTED, _bisecting_tree=tree))
    assert np.array_equal(restored.predict(X), BISECTED.predict(X))


@pytest.mark.parametrize("field", ["center", "left", "right"])
def test_no_link_changes_a_tree_of_clusters_after_its_check(field: str):
    graph = capture(BISECTED)
    number = next(
        number for number, node in enumerate(graph.nodes) if isinstance(node, Instances) and "left" in node.fields
    )
    graph.links.append(Link(number, 0, field, number, 0))
    with pytest.raises(InvalidState, match=f"a cycle passes through '{field}'"):
        through_the_gates(graph)


@pytest.mark.parametrize("way", ["greedy", None, 3, [0]], ids=str)
def test_a_division_is_fitted_in_a_known_way(way: Any):
    refuse(BISECTED, "sklearn.cluster.BisectingKMeans", "_kmeans_single", way, "no division is fitted by")


CLUSTER_CENTRES = {"none": None, "few": np.zeros(2), "many": np.zeros(4), "a table": np.zeros((2, 3))}


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("name", CLUSTER_CENTRES)
def test_a_cluster_whose_centre_is_not_as_wide_as_the_input_is_refused(side: str, name: str):
    tree = copy.deepcopy(BISECTED._bisecting_tree)
    getattr(tree, side).center = CLUSTER_CENTRES[name]
    refuse_altered(BISECTED, "a cluster's centre is not 3 numbers", _bisecting_tree=tree)


LEAVES = Birch(threshold=0.3, branching_factor=5, n_clusters=None).fit(X)


def _chained(place: int, slot: str) -> tuple[Any, int]:
    """Give the graph of a chain of leaves, and the number of one of its links."""
    graph = capture(LEAVES)
    return graph, [number for number, link in enumerate(graph.links) if link.slot == slot][place]


@pytest.mark.parametrize("slot", ["next_leaf_", "prev_leaf_"])
def test_a_chain_of_leaves_that_comes_back_to_itself_is_refused(slot: str):
    graph, number = _chained(2, slot)
    link = graph.links[number]
    graph.links[number] = Link(link.node, link.row, slot, link.node, link.row)
    with pytest.raises(InvalidState, match=f"the chain of {slot} never ends"):
        through_the_gates(graph)


def test_a_long_round_of_leaves_is_refused():
    graph, _ = _chained(0, "next_leaf_")
    following = {(link.node, link.row): link for link in graph.links if link.slot == "next_leaf_"}
    targets = {(link.target_node, link.target_row) for link in following.values()}
    [last] = targets - following.keys()
    [first] = following.keys() - targets
    graph.links.append(Link(*last, "next_leaf_", *first))
    with pytest.raises(InvalidState, match="the chain of next_leaf_ never ends"):
        through_the_gates(graph)


def test_a_chain_through_something_else_is_refused():
    graph, number = _chained(1, "next_leaf_")
    link = graph.links[number]
    graph.links[number] = Link(link.node, link.row, "next_leaf_", len(graph.nodes) - 1, 0)
    with pytest.raises(InvalidState, match="next_leaf_ refers to something else"):
        through_the_gates(graph)


@pytest.mark.parametrize("value", ["euclidean", 1e300, [0]], ids=str)
def test_a_neighbour_of_a_leaf_is_set_by_a_link_only(value: Any):
    refuse(ONE_NODE, NODE, "prev_leaf_", value, "prev_leaf_ is set by a link")


def test_an_honest_chain_comes_back():
    restored = bring_back(LEAVES)
    assert len(restored._get_leaves()) == len(LEAVES._get_leaves()) > 5
    # Not a deep copy: Birch's views of its own rows do not survive one.
    again = Birch(threshold=0.3, branching_factor=5, n_clusters=None).fit(X)
    assert np.array_equal(restored.partial_fit(X).predict(X), again.partial_fit(X).predict(X))


@pytest.mark.parametrize("model", [MEANS, BATCHES], ids=lambda model: type(model).__name__)
def test_no_link_sets_the_number_of_threads_after_its_check(model: Any):
    graph = capture([model, np.array(10**6)])
    holder = next(
        number for number, node in enumerate(graph.nodes) if isinstance(node, Instances) and "_n_threads" in node.fields
    )
    target = next(number for number, node in enumerate(graph.nodes) if isinstance(node, Arrays) and node.shape == [])
    graph.links.append(Link(holder, 0, "_n_threads", target, 0))
    with pytest.raises(InvalidState, match="a cycle passes through '_n_threads'"):
        through_the_gates(graph)
