"""Trees of merges: cut as before, and native code follows no merge that does not exist."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.cluster import HDBSCAN

from tests.codecs.hostile import bring_back, refuse

NAME = "sklearn.cluster.HDBSCAN"
FIELD = "_single_linkage_tree_"
MODEL = HDBSCAN(copy=True).fit(np.random.default_rng(0).normal(size=(60, 2)))


@pytest.mark.parametrize("distance", [0.1, 0.5, 5.0])
def test_a_tree_is_cut_as_before(distance: float):
    assert bring_back(MODEL).dbscan_clustering(distance).tolist() == MODEL.dbscan_clustering(distance).tolist()


def test_an_unfitted_one_comes_back():
    bring_back(HDBSCAN(copy=True))


def _with(field: str, position: int, number: Any) -> Any:
    def changed(tree: np.ndarray) -> np.ndarray:
        tree[field][position] = number
        return tree

    return changed


@pytest.mark.parametrize(
    "new",
    [
        _with("left_node", 0, -1),
        _with("left_node", 0, 60),
        _with("right_node", 0, 10**9),
        _with("left_node", 58, 60 + 58),
        _with("right_node", 3, np.iinfo(np.int64).min),
        lambda tree: np.concatenate([tree[:1], tree[:-1]]),
        lambda tree: tree.reshape(1, -1),
        lambda tree: tree["left_node"].copy(),
        lambda tree: tree[["left_node", "right_node"]].copy(),
        lambda tree: tree.astype([(name, "f8") for name in tree.dtype.names]),
        None,
    ],
)
def test_a_hostile_tree_is_refused(new: Any):
    refuse(MODEL, NAME, FIELD, new)
