"""The rules that native code relies on when it follows the nodes of a tree, checked for many nodes in a few passes.

A child comes after its parent and in the same tree, each node but the first has exactly one parent, both children exist
or neither, and the feature that an inner node asks for exists. Then every walk ends.

The passes run over memory that is taken once. Fresh memory for each of them would cost more than they do: a page that
is touched for the first time costs a microsecond.
"""

from __future__ import annotations

from typing import Any

from hermetic.errors import InvalidState
from hermetic.lazy import numpy as np

__all__ = ["Topology", "depth_of", "refuse_nodes"]

_LEAF = -1
_COLUMNS = ("left_child", "right_child", "feature")


class Topology:
    """A checker of nodes, for trees that lie one after the other.

    Parameters
    ----------
    n_nodes : int
        The largest number of nodes that it will be given at once.

    Examples
    --------
    >>> import numpy
    >>> nodes = numpy.zeros(1, [("left_child", "i8"), ("right_child", "i8"), ("feature", "i8")])
    >>> nodes["left_child"] = nodes["right_child"] = -1
    >>> Topology(1).check(nodes, [1], [4])
    """

    def __init__(self, n_nodes: int) -> None:
        self._columns = np.empty((len(_COLUMNS), n_nodes), dtype=np.int64)
        self._number = np.arange(n_nodes, dtype=np.int64)
        self._room = np.empty(n_nodes, dtype=np.uint64)
        self._distance = np.empty(n_nodes, dtype=np.int64)
        self._flags = np.empty((3, n_nodes), dtype=bool)
        self._has_parent = np.empty(2 * n_nodes + 1, dtype=bool)

    def check(self, nodes: Any, counts: list[int], n_features: list[int]) -> None:
        """Refuse nodes that do not form one proper tree for each count.

        Parameters
        ----------
        nodes : structured array, shape (n_nodes,)
            With the int64 fields ``left_child``, ``right_child``, counted within each tree and -1 in leaves, and
            ``feature``.
        counts : list of int, length n_trees
            Nodes of each tree; their sum is n_nodes.
        n_features : list of int, length n_trees
            Number of features of each tree.

        Raises
        ------
        InvalidState
            With the rule that is broken.
        """
        n_nodes, n_trees = len(nodes), len(counts)
        left, right, feature = columns = self._columns[:, :n_nodes]
        for column, name in zip(columns, _COLUMNS, strict=True):
            column[...] = nodes[name]
        number, room, distance = self._number[:n_nodes], self._room[:n_nodes], self._distance[:n_nodes]
        is_inner, is_leaf, is_fine = self._flags[:, :n_nodes]
        # Minus one and minus one is the only pair whose common bits are all bits.
        np.equal(np.bitwise_and(left, right, out=distance), _LEAF, out=is_leaf)
        starts: Any = 0
        ends: Any = n_nodes
        limits: Any = n_features[0]
        if n_trees > 1:
            ends = np.cumsum(counts)
            starts = ends - counts
            first = np.repeat(starts, counts)
            left += first
            right += first
            ends = np.repeat(ends, counts)
            if n_features.count(limits) != n_trees:
                limits = np.repeat(np.array(n_features, dtype=np.uint64), counts)
        # Negative numbers become huge when read as unsigned: one comparison instead of two.
        np.less(feature.view(np.uint64), limits, out=is_inner)
        np.subtract(ends, number, out=room.view(np.int64))
        np.subtract(room, 1, out=room)
        after = np.add(number, 1, out=feature)
        has_parent = self._has_parent
        has_parent[:n_nodes] = False
        for child in (left, right):
            unsigned = np.subtract(child, after, out=distance).view(np.uint64)
            np.logical_and(is_inner, np.less(unsigned, room, out=is_fine), out=is_inner)
            # What is no child is marked beyond the last node, without a branch: a processor guesses leaves wrong.
            np.minimum(unsigned, n_nodes, out=unsigned)
            has_parent[np.add(distance, after, out=distance)] = True
        if not np.logical_or(is_inner, is_leaf, out=is_fine).all():
            raise _explain(nodes, counts, n_features)
        # The children are as many as the nodes that are not first in their tree. When they are all distinct and none
        # of them is first, no node has two parents and none has no parent.
        n_children = n_nodes - n_trees
        if 2 * np.count_nonzero(is_inner) != n_children:
            raise refuse_nodes("the number of leaves does not fit the number of inner nodes")
        if np.count_nonzero(has_parent[:n_nodes]) != n_children or np.any(has_parent[starts]):
            raise refuse_nodes("a tree node has two parents, another has none")

    def depths(self, counts: list[int]) -> Any:
        """Give the depth of each tree that has just been checked, all trees one level at a time.

        Parameters
        ----------
        counts : list of int
            As they were given to `check`.

        Returns
        -------
        int64 array, shape (n_trees,)
            The number of edges from the first node to the deepest.
        """
        n_nodes = sum(counts)
        left, right, _ = self._columns[:, :n_nodes]
        is_inner = np.greater(left, self._number[:n_nodes], out=self._flags[0, :n_nodes])
        tree_of = np.repeat(np.arange(len(counts)), counts)
        level = np.cumsum(np.array(counts)) - counts
        depths = np.zeros(len(counts), dtype=np.int64)
        deepest = 0
        while True:
            # Leaves go first: what is looked up for the others is then half as much.
            level = level[is_inner[level]]
            if not len(level):
                return depths
            deepest += 1
            depths[tree_of[level]] = deepest
            level = np.concatenate([left[level], right[level]])


def _explain(nodes: Any, counts: list[int], n_features: list[int]) -> InvalidState:
    """Say which rule is broken, tree by tree; there is time for it."""
    start = 0
    for count, limit in zip(counts, n_features, strict=True):
        left, right, feature = (nodes[start : start + count][name] for name in _COLUMNS)
        inner = np.flatnonzero((left != _LEAF) | (right != _LEAF))
        left, right, feature = left[inner], right[inner], feature[inner]
        if (left == _LEAF).any() or (right == _LEAF).any():
            return refuse_nodes("a tree node has one child; it must have two or none")
        if ((feature < 0) | (feature >= limit)).any():
            return refuse_nodes("a tree node asks for a feature that does not exist")
        if ((left >= count) | (right >= count) | (left < 0) | (right < 0)).any():
            return refuse_nodes("a tree node has a child beyond the last node")
        if ((left <= inner) | (right <= inner)).any():
            return refuse_nodes("a tree node has a child before itself")
        start += count
    return refuse_nodes("a tree is not a proper tree")


def refuse_nodes(found: str) -> InvalidState:
    """Make the error for nodes that break a rule."""
    return InvalidState(
        found,
        next_step="The file is damaged or hostile. Ask its producer for a fresh copy and compare digests.",
    )


def depth_of(nodes: Any) -> int:
    """Give the depth of a tree whose nodes nobody has checked yet.

    Parameters
    ----------
    nodes : structured array
        With ``left_child`` and ``right_child``.

    Returns
    -------
    int
        Of the deepest leaf; 0 where the nodes are no tree, which is found out later.
    """
    left, right, level, depth = nodes["left_child"], nodes["right_child"], np.zeros(1, dtype=np.int64), 0
    for depth in range(len(nodes)):
        inner = level[left[level] != _LEAF]
        level = np.concatenate([left[inner], right[inner]])
        if not len(level):
            return depth
        if not ((level > 0) & (level < len(nodes))).all() or len(level) > len(nodes):
            break
    return 0
