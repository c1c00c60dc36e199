"""`sklearn.tree._tree.Tree`: the native decision tree inside every tree and forest.

Fields
------
n_features : int, 1 or more
n_classes : tuple of n_outputs ints, each 1 or more
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
from itertools import accumulate
from typing import Any, ClassVar

from hermetic.codecs.codec import Codec, FieldView, resolve_class
from hermetic.errors import InvalidState
from hermetic.graph import ArrayRows
from hermetic.lazy import numpy as np

__all__ = ["TreeCodec", "check_topology"]

_NODE_DTYPE = "sklearn.tree._tree:NODE_DTYPE"
_LEAF = -1
_MAX_COUNT = 1 << 31
_POOLED_NODES = 1 << 19


class TreeCodec(Codec):
    """Native decision trees; see the module docstring."""

    classes: ClassVar = {"sklearn.tree.Tree": "sklearn.tree._tree:Tree"}
    borrowed_fields = frozenset({"nodes", "values"})

    def group(self, instance: Any) -> Hashable:
        """Let all trees share one table."""
        return None

    def capture(self, name: str, instances: Sequence[Any]) -> dict[str, list[Any]]:
        """Give arguments and state of each tree; the arrays are views into it."""
        reduced = [tree.__reduce__() for tree in instances]
        fields: dict[str, list[Any]] = {
            "n_features": [arguments[0] for _, arguments, _ in reduced],
            "n_classes": [tuple(arguments[1].tolist()) for _, arguments, _ in reduced],
        }
        for field in ("max_depth", "nodes", "values"):
            fields[field] = [state[field] for _, _, state in reduced]
        return fields

    def validate(self, name: str, view: FieldView) -> None:
        """Check sizes, shapes and dtypes; the nodes themselves are checked in `restore`."""
        node_dtype = resolve_class((_NODE_DTYPE,), name)
        counts, depths = view.values("n_features"), view.values("max_depth")
        if not all(type(count) is int and 1 <= count < _MAX_COUNT for count in counts):
            raise view.refuse("a tree needs at least one feature", field="n_features")
        if not all(type(depth) is int and 0 <= depth < _MAX_COUNT for depth in depths):
            raise view.refuse("a tree's depth must be an integer of 0 or more", field="max_depth")
        widths = [_width(classes) for classes in view.values("n_classes")]
        if None in widths:
            raise view.refuse("n_classes must be a tuple of positive integers", field="n_classes")
        nodes, values = view.arrays("nodes"), view.arrays("values")
        for row, (own_nodes, own_values, width) in enumerate(zip(nodes, values, widths, strict=True)):
            if own_nodes is None or own_values is None:
                raise view.refuse("a tree needs the arrays nodes and values", row=row)
            if own_nodes.dtype != node_dtype or own_nodes.ndim != 1 or not len(own_nodes):
                raise view.refuse(f"not a row of tree nodes: {own_nodes.dtype} {own_nodes.shape}", row=row)
            expected = (len(own_nodes), *width)
            if own_values.dtype.char != "d" or own_values.shape != expected or not own_values.flags.c_contiguous:
                found = f"{own_values.dtype} {own_values.shape}"
                raise view.refuse(f"values must be float64 {expected} in C order, got {found}", row=row)

    def restore(self, name: str, fields: dict[str, list[Any]], rows: int) -> list[Any]:
        """Make the trees, and check each on memory that is its own before anything else sees it."""
        kind = self.resolve(name)
        nodes = _with_own_dtype(fields["nodes"], resolve_class((_NODE_DTYPE,), name))
        n_features = fields["n_features"]
        counts = np.fromiter(map(len, nodes), dtype=np.int64, count=rows)
        is_small = rows > 1 and int(counts.sum()) <= _POOLED_NODES
        if is_small:
            # Many small trees: one private copy of all nodes, checked in one pass.
            block = np.concatenate([own.view(np.uint8) for own in nodes]).view(nodes[0].dtype)
            _check_block(block, counts, np.asarray(n_features), np.asarray(fields["max_depth"]))
            ends = np.cumsum(counts).tolist()
            nodes = [block[start:end] for start, end in zip([0, *ends], ends, strict=False)]
        trees = []
        columns = (n_features, fields["n_classes"], fields["max_depth"], nodes, fields["values"])
        for own_features, n_classes, max_depth, own_nodes, own_values in zip(*columns, strict=True):
            tree = kind(own_features, np.array(n_classes, dtype=np.intp), len(n_classes))
            state = {"max_depth": max_depth, "node_count": len(own_nodes), "nodes": own_nodes, "values": own_values}
            tree.__setstate__(state)
            if not is_small:
                _check_tree(tree)
            trees.append(tree)
        return trees


def _width(n_classes: Any) -> tuple[int, int] | None:
    """Give the shape of one node's values; None when the counts are not positive integers."""
    counts = n_classes.get("tuple") if type(n_classes) is dict else None
    if not counts or not all(type(count) is int and 1 <= count < _MAX_COUNT for count in counts):
        return None
    return len(counts), max(counts)


def _with_own_dtype(nodes: list[Any], node_dtype: Any) -> list[Any]:
    """Give the nodes with the module's own dtype object: comparing two equal dtypes costs 20 us for each tree."""
    if isinstance(nodes, ArrayRows):
        block = nodes.block.view(node_dtype)
        ends = list(accumulate(map(len, nodes)))
        return [block[start:end] for start, end in zip([0, *ends], ends, strict=False)]
    return [own.view(node_dtype) for own in nodes]


def _check_tree(tree: Any) -> None:
    nodes = tree.__getstate__()["nodes"]
    columns = [np.ascontiguousarray(nodes[field]) for field in ("left_child", "right_child", "feature")]
    check_topology(*columns, np.array([len(nodes)]), tree.n_features)
    depth = int(tree.compute_node_depths().max()) - 1
    if depth != tree.max_depth:
        raise _refuse(f"a tree says its depth is {tree.max_depth}, but it is {depth}")


def _check_block(block: Any, counts: Any, n_features: Any, max_depths: Any) -> None:
    """Check the nodes of many trees in one pass: topology, features, and the depth of each tree level by level."""
    left, right, feature = (np.ascontiguousarray(block[name]) for name in ("left_child", "right_child", "feature"))
    is_uniform = (n_features == n_features[0]).all()
    check_topology(left, right, feature, counts, n_features[0] if is_uniform else np.repeat(n_features, counts))
    starts = np.zeros(len(counts), dtype=np.int64)
    np.cumsum(counts[:-1], out=starts[1:])
    level, tree_of = starts, np.arange(len(counts))
    depths = np.zeros(len(counts), dtype=np.int64)
    deepest = 0
    while True:
        is_inner = left[level] != _LEAF
        level, tree_of = level[is_inner], tree_of[is_inner]
        if not len(level):
            break
        deepest += 1
        depths[tree_of] = deepest
        base = starts[tree_of]
        level = np.concatenate([left[level] + base, right[level] + base])
        tree_of = np.concatenate([tree_of, tree_of])
    if (depths != max_depths).any():
        row = int(np.flatnonzero(depths != max_depths)[0])
        raise _refuse(f"tree {row} says its depth is {max_depths[row]}, but it is {depths[row]}")


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
