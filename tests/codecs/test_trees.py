"""Native trees predict as before; sizes, shapes, nodes and depth that native code would follow blindly are refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor, ExtraTreeRegressor

from hermetic.errors import InvalidState
from tests.codecs.hostile import all_in_use, bring_back, change, refuse, through_the_gates

X = np.random.default_rng(0).normal(size=(300, 3))
LABELS = (X[:, 0] > 0).astype(int) + (X[:, 1] > 0)
BIG = DecisionTreeRegressor(random_state=0).fit(X, X[:, 2])
SMALL = DecisionTreeClassifier(max_depth=2, random_state=0).fit(X, LABELS)
FOREST = RandomForestClassifier(4, max_depth=3, random_state=0).fit(X, LABELS)
TREE = "sklearn.tree.Tree"

HONEST = {
    "big": BIG,
    "small": SMALL,
    "one node": DecisionTreeClassifier(max_depth=3).fit(X, np.zeros(300)),
    "best first": DecisionTreeClassifier(max_leaf_nodes=9, random_state=0).fit(X, LABELS),
    "pruned": DecisionTreeClassifier(ccp_alpha=0.01, random_state=0).fit(X, LABELS),
    "two outputs": DecisionTreeClassifier(random_state=0).fit(X, np.c_[LABELS, LABELS > 0]),
    "random cuts": ExtraTreeRegressor(random_state=0).fit(X, X[:, :2]),
    "absolute error": DecisionTreeRegressor(criterion="absolute_error", max_depth=4).fit(X, X[:, 0]),
    "missing values": DecisionTreeClassifier(random_state=0).fit(np.where(X > 1.5, np.nan, X), LABELS),
}


@pytest.mark.parametrize("name", HONEST)
def test_a_tree_predicts_as_before(name: str):
    model = HONEST[name]
    restored = bring_back(model)
    assert np.array_equal(restored.predict(X), model.predict(X))
    assert (restored.decision_path(X) != model.decision_path(X)).nnz == 0


def changed_node(index: int, **items: Any) -> Any:
    def change_nodes(nodes: Any) -> Any:
        nodes = nodes.copy()
        for field, value in items.items():
            nodes[field][index] = value
        return nodes

    return change_nodes


HOSTILE: dict[str, tuple[str, Any, str]] = {
    "no features": ("n_features", 0, "at least one feature"),
    "features of no number": ("n_features", 3.0, "at least one feature"),
    "features beyond native code": ("n_features", 1 << 31, "at least one feature"),
    "a depth below none": ("max_depth", -1, "depth must be an integer"),
    "a depth of no number": ("max_depth", None, "depth must be an integer"),
    "a depth that is not its own": ("max_depth", 1, "says its depth is 1"),
    "a depth that sizes memory": ("max_depth", 10**9, "says its depth is 1000000000"),
    "no outputs": ("n_classes", {"tuple": []}, "n_classes must be"),
    "an output without classes": ("n_classes", {"tuple": [0]}, "n_classes must be"),
    "classes of no number": ("n_classes", {"tuple": [1.0]}, "n_classes must be"),
    "classes that are no tuple": ("n_classes", 3, "n_classes must be"),
    "more classes than values": ("n_classes", {"tuple": [9]}, "values of shape"),
    "more outputs than values": ("n_classes", {"tuple": [1, 1]}, "values of shape"),
    "fewer values than nodes": ("values", lambda own: own[:-1].copy(), "values of shape"),
    "flat values": ("values", lambda own: own.reshape(len(own), -1).copy(), "in C order is needed"),
    "values in another order": ("values", lambda own: np.asfortranarray(np.repeat(own, 2, axis=1)), "in C order"),
    "short values": ("values", lambda own: own.astype(np.float32), "in C order is needed"),
    "no nodes": ("nodes", lambda own: own[:0].copy(), "values of shape|in C order is needed"),
    "bytes for nodes": ("nodes", lambda own: own.view(np.uint8).copy(), "in C order is needed"),
    "one child": ("nodes", changed_node(0, left_child=-1), "one child"),
    "a child beyond the last node": ("nodes", changed_node(0, right_child=10**6), "beyond the last node"),
    "a child before its parent": ("nodes", changed_node(1, left_child=0), "before itself"),
    "a child of two": ("nodes", changed_node(0, right_child=1), "two parents"),
    "a feature that is not there": ("nodes", changed_node(0, feature=3), "feature that does not exist"),
    "a leaf too many": ("nodes", changed_node(0, left_child=-1, right_child=-1), "number of leaves"),
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("model", [BIG, SMALL], ids=["big", "small"])
def test_a_hostile_tree_is_refused(model: Any, name: str):
    field, new, words = HOSTILE[name]
    refuse(model, TREE, field, new, words)


@pytest.mark.parametrize("depths", [[3, 3, 3, 2], [10**9] * 4], ids=["one", "all"])
def test_one_of_many_small_trees_that_says_another_depth_is_refused(depths: list[int]):
    assert {tree.tree_.max_depth for tree in FOREST.estimators_} == {3}
    refuse(FOREST, TREE, "max_depth", depths, "says its depth is")


def test_a_forest_of_trees_that_are_made_for_more_features_is_refused():
    refuse(FOREST, TREE, "n_features", [3, 3, 3, 10**6], "its tree has 1000000")


@pytest.mark.parametrize("field", ["nodes", "values"])
def test_a_tree_without_one_of_its_arrays_is_refused(field: str):
    with pytest.raises(InvalidState, match="in C order is needed, found nothing"):
        through_the_gates(all_in_use(change(BIG, TREE, field, None)))
