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

import functools
from collections.abc import Hashable, Iterator, Sequence
from typing import Any, ClassVar

from hermetic.codecs.codec import Codec, FieldView, resolve_class
from hermetic.errors import InvalidState
from hermetic.graph import ArrayRows, Same
from hermetic.lazy import numpy as np

__all__ = ["TreeCodec", "check_topology"]

_NODE_DTYPE = "sklearn.tree._tree:NODE_DTYPE"
_LEAF = -1
_CHECKED = ("left_child", "right_child", "feature")
_MAX_COUNT = 1 << 31
_SMALL_TREE_NODES = 512
_BATCH_NODES = 1 << 15


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
        # One tuple for all trees of one kind: a column of one and the same value is said once.
        kinds: dict[tuple[int, ...], tuple[int, ...]] = {}
        fields: dict[str, list[Any]] = {
            "n_features": [arguments[0] for _, arguments, _ in reduced],
            "n_classes": [kinds.setdefault(each, each) for each in (tuple(args[1].tolist()) for _, args, _ in reduced)],
        }
        for field in ("max_depth", "nodes", "values"):
            fields[field] = [state[field] for _, _, state in reduced]
        return fields

    def validate(self, name: str, view: FieldView) -> None:
        """Check sizes, shapes and dtypes; the nodes themselves are checked in `restore`."""
        node_dtype = resolve_class((_NODE_DTYPE,), name)
        widths_in, depths = view.values("n_features"), view.values("max_depth")
        if not all(type(count) is int and 1 <= count < _MAX_COUNT for count in widths_in):
            raise view.refuse("a tree needs at least one feature", field="n_features")
        if not all(type(depth) is int and 0 <= depth < _MAX_COUNT for depth in depths):
            raise view.refuse("a tree's depth must be an integer of 0 or more", field="max_depth")
        counts = _shapes(view, "nodes", node_dtype, 1)
        n_classes = view.node.fields.get("n_classes")
        if view.rows > 1 and isinstance(n_classes, Same):
            widths = [_width(n_classes.value)] * view.rows
        else:
            widths = [_width(classes) for classes in view.values("n_classes")]
        shapes = _shapes(view, "values", np.dtype(np.float64), 3)
        for row, (shape, width) in enumerate(zip(shapes, widths, strict=True)):
            if width is None:
                raise view.refuse("n_classes must be a tuple of positive integers", row=row, field="n_classes")
            if tuple(shape) != (counts[row][0], *width) or not counts[row][0]:
                raise view.refuse(f"values of shape {shape} for {counts[row][0]} nodes of {width}", row=row)

    def restore(self, name: str, fields: dict[str, list[Any]], rows: int) -> list[Any]:
        """Make the trees, and check each on memory that is its own before anything else sees it."""
        # The dtype must be the module's own object: comparing two equal ones costs 20 us for each tree.
        block = _one_block(fields["nodes"]).view(resolve_class((_NODE_DTYPE,), name))
        counts = list(map(len, fields["nodes"]))
        is_small = rows > 1 and len(block) <= rows * _SMALL_TREE_NODES
        kind = self.resolve(name)
        trees: list[Any] = []
        start = 0
        for begin, end in _batches(counts):
            last = start + sum(counts[begin:end])
            batch = {field: column[begin:end] for field, column in fields.items()}
            nodes = block[start:last]
            if is_small:
                # Many small trees: one private copy of all nodes, checked in one pass before the trees are made.
                nodes = nodes.copy()
                _check_nodes(nodes, counts[begin:end], batch)
            made = _make_trees(kind, nodes, counts[begin:end], batch)
            if not is_small:
                _check_trees(made, counts[begin:end], batch)
            trees += made
            start = last
        return trees


def _one_block(rows: list[Any]) -> Any:
    """Give the nodes of all trees end to end: as they lie in the file, or gathered."""
    if isinstance(rows, ArrayRows):
        return rows.block
    return rows[0] if len(rows) == 1 else np.concatenate([own.view(np.uint8) for own in rows])


def _batches(counts: list[int]) -> Iterator[tuple[int, int]]:
    """Divide trees into runs whose nodes fit into the processor's cache together."""
    begin, n_nodes = 0, 0
    for position, count in enumerate(counts):
        n_nodes += count
        if n_nodes >= _BATCH_NODES:
            yield begin, position + 1
            begin, n_nodes = position + 1, 0
    if begin < len(counts):
        yield begin, len(counts)


def _make_trees(kind: Any, nodes: Any, counts: list[int], batch: dict[str, list[Any]]) -> list[Any]:
    """Make the trees of one batch; ``__setstate__`` copies their nodes and values and follows nothing."""
    trees = []
    start = 0
    columns = (batch[field] for field in ("n_features", "n_classes", "max_depth", "values"))
    for count, n_features, n_classes, max_depth, values in zip(counts, *columns, strict=True):
        tree = kind(n_features, _class_counts(n_classes), len(n_classes))
        end = start + count
        state = {"max_depth": max_depth, "node_count": count, "nodes": nodes[start:end], "values": values}
        tree.__setstate__(state)
        trees.append(tree)
        start = end
    return trees


def _check_nodes(nodes: Any, counts: list[int], batch: dict[str, list[Any]]) -> None:
    """Check many small trees before they are made."""
    left, right, feature = (np.ascontiguousarray(nodes[field]) for field in _CHECKED)
    check_topology(left, right, feature, np.asarray(counts), np.asarray(batch["n_features"]))
    _check_depths(left, right, np.asarray(counts), np.asarray(batch["max_depth"]))


def _check_trees(trees: list[Any], counts: list[int], batch: dict[str, list[Any]]) -> None:
    """Check big trees in their own memory."""
    left, right, feature = columns = [np.empty(sum(counts), dtype=np.int64) for _ in _CHECKED]
    start = 0
    for tree, count in zip(trees, counts, strict=True):
        own = tree.__getstate__()["nodes"]
        for column, field in zip(columns, _CHECKED, strict=True):
            column[start : start + count] = own[field]
        start += count
    check_topology(left, right, feature, np.asarray(counts), np.asarray(batch["n_features"]))
    for tree in trees:
        depth = int(tree.compute_node_depths().max()) - 1
        if depth != tree.max_depth:
            raise _refuse(f"a tree says its depth is {tree.max_depth}, but it is {depth}")


@functools.lru_cache(maxsize=16)
def _class_counts(n_classes: tuple[int, ...]) -> Any:
    """Give the array that trees of one kind copy from."""
    return np.array(n_classes, dtype=np.intp)


def _shapes(view: FieldView, field: str, dtype: Any, n_dimensions: int) -> list[Any]:
    """Give the shape of a field's array for each row, all of one dtype and in C order."""
    table = view.table(field)
    arrays = table[1] if table is not None else view.arrays(field)
    # All arrays of one node have one dtype and one order, so that looking at the first is enough.
    for row, array in enumerate(arrays[:1] if table is not None else arrays):
        if array is None or array.dtype != dtype or array.ndim != n_dimensions or not array.flags.c_contiguous:
            found = "nothing" if array is None else f"{array.dtype} {array.shape}"
            raise view.refuse(f"an array of {dtype} in C order is needed, found {found}", row=row, field=field)
    return [array.shape for array in arrays]


def _width(n_classes: Any) -> tuple[int, int] | None:
    """Give the shape of one node's values; None when the counts are not positive integers."""
    counts = n_classes.get("tuple") if type(n_classes) is dict else None
    if not counts or not all(type(count) is int and 1 <= count < _MAX_COUNT for count in counts):
        return None
    return len(counts), max(counts)


def _check_depths(left: Any, right: Any, counts: Any, max_depths: Any) -> None:
    """Compare the depths of proper trees with what they say, all trees one level at a time."""
    starts = _starts(counts)
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
        raise _refuse(f"a tree says its depth is {max_depths[row]}, but it is {depths[row]}")


def _starts(counts: Any) -> Any:
    starts = np.zeros(len(counts), dtype=np.int64)
    np.cumsum(counts[:-1], out=starts[1:])
    return starts


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
    n_features : int, or int64 array of shape (n_trees,)
        Number of features of all trees, or of each.

    Raises
    ------
    InvalidState
        Where a rule is broken: a child lies before its parent or beyond the last node, a node has two parents or none,
        a node has one child, or a feature does not exist.

    Examples
    --------
    >>> import numpy
    >>> leaf = numpy.array([-1])
    >>> check_topology(leaf, leaf, leaf, numpy.array([1]), numpy.array([4]))
    """
    n_nodes, n_trees = len(left), len(counts)
    is_leaf = left == _LEAF
    if (is_leaf != (right == _LEAF)).any():
        raise _refuse("a tree node has one child; it must have two or none")
    inner = np.flatnonzero(~is_leaf)
    left, right, feature = left[inner], right[inner], feature[inner]
    starts = _starts(counts)
    n_features = np.atleast_1d(np.asarray(n_features, dtype=np.int64))
    is_uniform = bool((n_features == n_features[0]).all())
    tree_of = np.zeros(1, dtype=np.int64) if n_trees == 1 else np.repeat(np.arange(n_trees), counts)[inner]
    # Negative numbers become huge when read as unsigned: one comparison instead of two.
    allowed = (n_features[:1] if is_uniform else n_features[tree_of]).astype(np.uint64)
    if (feature.view(np.uint64) >= allowed).any():
        raise _refuse("a tree node asks for a feature that does not exist")
    # Bounds first, within each tree; only then may children be used as indices.
    last = counts[tree_of].astype(np.uint64)
    if (left.view(np.uint64) >= last).any() or (right.view(np.uint64) >= last).any():
        raise _refuse("a tree node has a child beyond the last node")
    if n_trees > 1:
        base = starts[tree_of]
        left, right = left + base, right + base
    if 2 * len(inner) != n_nodes - n_trees:
        raise _refuse("the number of leaves does not fit the number of inner nodes")
    if not ((left > inner) & (right > inner)).all():
        raise _refuse("a tree node has a child before itself")
    # Each tree has one node without a parent, its first. The children are as many as the other nodes, so when they
    # are all distinct no node has two parents and none has no parent.
    has_parent = np.zeros(n_nodes, dtype=bool)
    has_parent[left] = True
    has_parent[right] = True
    if np.count_nonzero(has_parent) != n_nodes - n_trees or has_parent[starts].any():
        raise _refuse("a tree node has two parents, another has none")


def _refuse(found: str) -> InvalidState:
    return InvalidState(
        found,
        next_step="The file is damaged or hostile. Ask its producer for a fresh copy and compare digests.",
    )
