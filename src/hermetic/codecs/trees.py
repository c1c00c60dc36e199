"""`sklearn.tree._tree.Tree`: the native decision tree inside every tree and forest.

Fields
------
n_features : int, 1 or more
n_classes : int64 array, shape (n_outputs,), each 1 or more
n_outputs : int, 1 or more
max_depth : int, 0 or more
nodes : structured array, shape (node_count,), `sklearn.tree._tree.NODE_DTYPE`
values : float64 array, shape (node_count, n_outputs, max(n_classes)), C order

Native code follows ``left_child``, ``right_child`` and ``feature`` without looking, so they are checked here: a child
comes after its parent, each node but the first has exactly one parent, and features exist. ``__setstate__`` copies the
nodes and follows nothing, so it comes first and the checks run on the tree's own memory: what is checked is what is
used, even when somebody writes into the file meanwhile. A refused tree is only freed.

Source: sklearn/tree/_tree.pyx, ``Tree.__reduce__``, ``__getstate__``, ``__setstate__``.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, ClassVar

from hermetic.codecs.codec import Codec, FieldView, resolve_class
from hermetic.errors import InvalidState
from hermetic.lazy import numpy as np

__all__ = ["TreeCodec", "check_topology"]

_NODE_DTYPE = "sklearn.tree._tree:NODE_DTYPE"
_LEAF = -1
_POOLED_NODES = 200_000


class TreeCodec(Codec):
    """Native decision trees; see the module docstring."""

    classes: ClassVar = {"sklearn.tree.Tree": "sklearn.tree._tree:Tree"}
    borrowed_fields = frozenset({"nodes", "values"})

    def group(self, instance: Any) -> Hashable:
        """Let all trees share one table."""
        return None

    def capture(self, name: str, instances: Sequence[Any]) -> dict[str, list[Any]]:
        """Give arguments and state of each tree; the arrays are views into it."""
        fields: dict[str, list[Any]] = {
            field: [] for field in ("n_features", "n_classes", "n_outputs", "max_depth", "nodes", "values")
        }
        for tree in instances:
            _, arguments, state = tree.__reduce__()
            for field, value in zip(("n_features", "n_classes", "n_outputs"), arguments, strict=True):
                fields[field].append(value)
            for field in ("max_depth", "nodes", "values"):
                fields[field].append(state[field])
        return fields

    def validate(self, name: str, view: FieldView) -> None:
        """Check sizes, shapes and dtypes; the nodes themselves are checked in `restore`."""
        shapes = [view.arrays(field) for field in ("n_classes", "nodes", "values")]
        counts = [view.values(field) for field in ("n_features", "n_outputs", "max_depth")]
        node_dtype = resolve_class((_NODE_DTYPE,), name)
        for row in range(view.rows):
            n_classes, nodes, values = (column[row] for column in shapes)
            n_features, n_outputs, max_depth = (column[row] for column in counts)
            if not all(type(count) is int for count in (n_features, n_outputs, max_depth)):
                raise view.refuse("a tree's sizes must be integers", row=row)
            if n_classes is None or nodes is None or values is None:
                raise view.refuse("a tree needs the arrays n_classes, nodes and values", row=row)
            if n_features < 1 or n_outputs < 1 or max_depth < 0:
                raise view.refuse(f"a tree of {n_features} features and {n_outputs} outputs", row=row)
            if n_classes.dtype != np.intp or n_classes.shape != (n_outputs,) or (n_classes < 1).any():
                raise view.refuse(f"n_classes must be {n_outputs} positive int64, got {n_classes.dtype}", row=row)
            if nodes.dtype != node_dtype or nodes.ndim != 1 or not 1 <= len(nodes):
                raise view.refuse(f"nodes must be a row of tree nodes, got {nodes.dtype} {nodes.shape}", row=row)
            expected = (len(nodes), n_outputs, int(n_classes.max()))
            if values.dtype != np.float64 or values.shape != expected or not values.flags.c_contiguous:
                raise view.refuse(f"values must be float64 {expected}, got {values.dtype} {values.shape}", row=row)

    def restore(self, name: str, fields: dict[str, list[Any]], rows: int) -> list[Any]:
        """Make the trees, and check each on its own memory before anything else sees it."""
        kind = self.resolve(name)
        node_dtype = resolve_class((_NODE_DTYPE,), name)
        trees, checked = [], []
        n_pooled = 0
        columns = (fields[field] for field in ("n_features", "n_classes", "n_outputs", "max_depth", "nodes", "values"))
        for n_features, n_classes, n_outputs, max_depth, nodes, values in zip(*columns, strict=True):
            tree = kind(n_features, n_classes, n_outputs)
            # The dtype must be the module's own object: comparing two equal ones costs 20 us for each tree.
            state = {"max_depth": max_depth, "node_count": len(nodes)}
            tree.__setstate__({**state, "nodes": nodes.view(node_dtype), "values": values})
            trees.append(tree)
            n_pooled += len(nodes)
            if n_pooled > _POOLED_NODES:
                _check_trees([*checked, tree])
                checked, n_pooled = [], 0
            else:
                checked.append(tree)
        _check_trees(checked)
        return trees


def _check_trees(trees: list[Any]) -> None:
    """Check the topology of some trees in one pass, then their depths."""
    if not trees:
        return
    counts = [tree.node_count for tree in trees]
    if len(trees) == 1:
        nodes = trees[0].__getstate__()["nodes"]
        columns = [np.ascontiguousarray(nodes[field]) for field in ("left_child", "right_child", "feature")]
    else:
        columns = [
            np.concatenate([getattr(tree, field) for tree in trees])
            for field in ("children_left", "children_right", "feature")
        ]
    n_features = trees[0].n_features
    if any(tree.n_features != n_features for tree in trees):
        n_features = np.repeat([tree.n_features for tree in trees], counts)
    check_topology(*columns, np.asarray(counts), n_features)
    for tree in trees:
        depth = int(tree.compute_node_depths().max()) - 1
        if depth != tree.max_depth:
            raise _refuse(f"a tree says its depth is {tree.max_depth}, but it is {depth}")


def check_topology(left: Any, right: Any, feature: Any, counts: Any, n_features: Any) -> None:
    """Refuse nodes that do not form one proper tree for each count.

    Parameters
    ----------
    left, right : int64 array, shape (n_nodes,)
        Children, counted within each tree; -1 for both marks a leaf.
    feature : int64 array, shape (n_nodes,)
        The feature that an inner node asks about.
    counts : int64 array, shape (n_trees,)
        Nodes of each tree, in order; their sum is n_nodes.
    n_features : int, or int64 array of shape (n_nodes,)
        Number of features.

    Raises
    ------
    InvalidState
        Where a rule is broken: a child lies before its parent or beyond the last node, a node has two parents or none,
        a node has one child, or a feature does not exist.

    Examples
    --------
    >>> import numpy
    >>> leaf = numpy.array([-1])
    >>> check_topology(leaf, leaf, leaf, numpy.array([1]), 4)
    """
    n_nodes = len(left)
    is_leaf = left == _LEAF
    if (is_leaf != (right == _LEAF)).any():
        raise _refuse("a tree node has one child; it must have two or none")
    inner = np.flatnonzero(~is_leaf)
    left, right, feature = left[inner], right[inner], feature[inner]
    if isinstance(n_features, np.ndarray):
        n_features = n_features[inner]
    if ((feature < 0) | (feature >= n_features)).any():
        raise _refuse("a tree node asks for a feature that does not exist")
    starts = np.zeros(len(counts), dtype=np.int64)
    np.cumsum(counts[:-1], out=starts[1:])
    if len(counts) == 1:
        last: Any = n_nodes
    else:
        # Bounds first, within each tree; only then may children be used as indices.
        tree_of = np.repeat(np.arange(len(counts)), counts)[inner]
        base = starts[tree_of]
        last = base + counts[tree_of]
        if ((left < 0) | (right < 0) | (left >= n_nodes) | (right >= n_nodes)).any():
            raise _refuse("a tree node has a child beyond the last node")
        left, right = left + base, right + base
    if not ((left > inner) & (right > inner) & (left < last) & (right < last)).all():
        raise _refuse("a tree node has a child before itself or beyond the last node")
    has_parent = np.zeros(n_nodes, dtype=bool)
    has_parent[left] = True
    has_parent[right] = True
    # Each tree has one node without a parent: its first. With twice as many child places as inner nodes,
    # n_nodes - n_trees of them distinct, no node can have two parents.
    if 2 * len(inner) != n_nodes - len(counts) or has_parent[starts].any():
        raise _refuse("the number of leaves does not fit the number of inner nodes")
    if np.count_nonzero(has_parent) != n_nodes - len(counts):
        raise _refuse("a tree node has two parents, another has none")


def _refuse(found: str) -> InvalidState:
    return InvalidState(
        found,
        next_step="The file is damaged or hostile. Ask its producer for a fresh copy and compare digests.",
    )
