"""Nodes are proper trees, or the rule that they break is named; alone and among other trees."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hermetic import InvalidState
from hermetic.codecs.tree_topology import Topology

FIELDS = [("left_child", "<i8"), ("right_child", "<i8"), ("feature", "<i8"), ("threshold", "<f8")]
LEAF = (-1, -1, -2, -2.0)
FULL = [(1, 4, 0, 0.5), (2, 3, 1, 0.5), LEAF, LEAF, LEAF]
STUMP = [LEAF]


def make_nodes(*trees: list[tuple[Any, ...]]) -> tuple[Any, list[int]]:
    return np.array([node for tree in trees for node in tree], dtype=FIELDS), [len(tree) for tree in trees]


def check(*trees: list[tuple[Any, ...]], n_features: int = 2) -> Topology:
    nodes, counts = make_nodes(*trees)
    topology = Topology(len(nodes))
    topology.check(nodes, counts, [n_features] * len(counts))
    return topology


def change(position: int, node: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    return [*FULL[:position], node, *FULL[position + 1 :]]


BROKEN = [
    (change(0, (-1, 4, 0, 0.5)), "one child"),
    (change(0, (1, -1, 0, 0.5)), "one child"),
    (change(0, (1, 4, 2, 0.5)), "feature that does not exist"),
    (change(0, (1, 4, -1, 0.5)), "feature that does not exist"),
    (change(0, (1, 4, 1 << 62, 0.5)), "feature that does not exist"),
    (change(0, (1, 5, 0, 0.5)), "beyond the last node"),
    (change(0, (1, (1 << 63) - 1, 0, 0.5)), "beyond the last node"),
    (change(0, (1, -2, 0, 0.5)), "beyond the last node"),
    (change(0, (-(1 << 63), 4, 0, 0.5)), "beyond the last node"),
    (change(1, (2, 1, 1, 0.5)), "before itself"),
    (change(1, (0, 3, 1, 0.5)), "before itself"),
    (change(0, (1, 3, 0, 0.5)), "two parents"),
    (change(0, (1, 1, 0, 0.5)), "two parents"),
    (change(4, (1, 1, 0, 0.5)), "before itself"),
    ([*FULL[:4], LEAF, LEAF], "number of leaves"),
    ([LEAF, LEAF], "number of leaves"),
]


@pytest.mark.parametrize("trees", [[FULL], [STUMP], [FULL, STUMP], [STUMP, FULL, STUMP, FULL]])
def test_proper_trees_pass(trees: list[Any]) -> None:
    check(*trees)


@pytest.mark.parametrize("around", [[], [FULL], [STUMP, FULL]], ids=["alone", "after one", "after two"])
@pytest.mark.parametrize(("tree", "words"), BROKEN)
def test_a_broken_rule_is_named(tree: list[Any], words: str, around: list[Any]) -> None:
    with pytest.raises(InvalidState, match=words):
        check(*around, tree, STUMP)


def test_a_child_in_the_next_tree_is_beyond_the_last_node() -> None:
    with pytest.raises(InvalidState, match="beyond the last node"):
        check(change(0, (1, 5, 0, 0.5)), STUMP)


def test_trees_may_differ_in_their_features() -> None:
    nodes, counts = make_nodes(FULL, FULL)
    Topology(10).check(nodes, counts, [2, 5])
    with pytest.raises(InvalidState, match="feature"):
        Topology(10).check(nodes, counts, [5, 1])


def test_a_checker_may_be_used_again_for_fewer_nodes() -> None:
    topology = Topology(20)
    for trees in ([FULL, FULL], [STUMP], [FULL]):
        nodes, counts = make_nodes(*trees)
        topology.check(nodes, counts, [2] * len(counts))
    nodes, counts = make_nodes(change(0, (1, 3, 0, 0.5)))
    with pytest.raises(InvalidState, match="two parents"):
        topology.check(nodes, counts, [2])


def test_depths_are_counted_for_each_tree() -> None:
    chain = [(1, 2, 0, 0.5), LEAF, (3, 4, 0, 0.5), LEAF, (5, 6, 0, 0.5), LEAF, LEAF]
    topology = check(STUMP, FULL, chain, STUMP)
    assert topology.depths([1, 5, 7, 1]).tolist() == [0, 2, 3, 0]


@pytest.mark.parametrize("seed", range(40))
def test_what_passes_is_what_a_walk_over_every_node_finds_proper(seed: int) -> None:
    random = np.random.default_rng(seed)
    count = int(random.integers(1, 8))
    nodes = np.array([LEAF] * count, dtype=FIELDS)
    nodes["left_child"] = random.integers(-1, count + 1, count)
    nodes["right_child"] = random.integers(-1, count + 1, count)
    nodes["feature"] = random.integers(-1, 3, count)
    is_leaf = random.random(count) < 0.5
    for name in ("left_child", "right_child"):
        nodes[name][is_leaf] = -1
    try:
        Topology(count).check(nodes, [count], [2])
        is_passed = True
    except InvalidState:
        is_passed = False
    assert is_passed == is_proper(nodes)


def is_proper(nodes: Any) -> bool:
    """Follow every node, one by one, as the rules say."""
    parents = [0] * len(nodes)
    for number, node in enumerate(nodes):
        children = [int(node["left_child"]), int(node["right_child"])]
        if children == [-1, -1]:
            continue
        if not all(number < child < len(nodes) for child in children) or not 0 <= node["feature"] < 2:
            return False
        for child in children:
            parents[child] += 1
    return parents[0] == 0 and all(count == 1 for count in parents[1:])
