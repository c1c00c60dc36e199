"""`sklearn.tree._tree.Tree`: the native decision tree inside every tree and forest.

Fields
------
n_features : int, 1 or more
n_classes : tuple of n_outputs ints, each 1 or more
max_depth : int, 0 or more
nodes : structured array, shape (node_count,), `sklearn.tree._tree.NODE_DTYPE` of a 64-bit machine
values : float64 array, shape (node_count, n_outputs, max(n_classes)), C order

Native code follows the nodes without looking: `tree_topology.py` has the rules. ``__setstate__`` copies nodes and
values. So the trees of a forest are made batch by batch: nodes are read into memory that is private and used again for
the next batch, checked there, and copied from there. What is checked is what is used, even when somebody writes into
the file meanwhile. The depth, which sizes buffers, is computed anew.

Source: sklearn/tree/_tree.pyx, ``Tree.__reduce__``, ``__getstate__``, ``__setstate__``, ``compute_node_depths``.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Hashable, Iterator, Sequence
from itertools import accumulate
from typing import Any, ClassVar

from hermetic.array_rows import ArrayRows
from hermetic.codecs.codec import Codec, FieldView, LegacyObject, not_adopted, resolve_class
from hermetic.codecs.node_widths import IS_NARROW, native_nodes, stored_node_dtype, stored_nodes
from hermetic.codecs.tree_topology import Topology, depth_of, refuse_nodes
from hermetic.graph import Same
from hermetic.lazy import numpy as np

__all__ = ["TreeCodec"]

_NODE_DTYPE = "sklearn.tree._tree:NODE_DTYPE"
_MAX_COUNT = 1 << 31
_SMALL_TREE_NODES = 512
_BATCH_NODES = 1 << 13


class TreeCodec(Codec):
    """Native decision trees; see the module docstring."""

    row_bytes = 700
    classes: ClassVar = {"sklearn.tree.Tree": "sklearn.tree._tree:Tree"}
    makers: ClassVar = {"sklearn.tree._tree:Tree": "sklearn.tree.Tree"}
    borrowed_fields = frozenset({"nodes", "values"})
    checked_fields = frozenset({"nodes"})

    def group(self, instance: Any) -> Hashable:
        """Let all trees share one table."""
        return None

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give arguments and state, which have had one form since scikit-learn 0.18; before, no depth was written."""
        state = made.state
        if type(state) is dict and state.keys() == {"node_count", "nodes", "values"}:
            made.state = state = {**state, "max_depth": depth_of(state["nodes"])}
        if len(made.arguments) != 3 or type(state) is not dict or len(state) != 4:
            raise not_adopted(made, "it has not the three arguments and the state of four entries that it should have")
        n_features, n_classes, n_outputs = made.arguments
        if len(n_classes) != n_outputs or len(made.state["nodes"]) != made.state["node_count"]:
            raise not_adopted(made, "its sizes contradict each other")
        fields = {"n_features": n_features, "n_classes": tuple(n_classes.tolist())}
        fields |= {field: made.state[field] for field in ("max_depth", "nodes", "values")}
        return fields | {"nodes": stored_nodes(fields["nodes"])}

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
        if IS_NARROW:
            fields["nodes"] = list(map(stored_nodes, fields["nodes"]))
        return fields

    def validate(self, name: str, view: FieldView) -> None:
        """Check sizes, shapes and dtypes; the nodes themselves are checked in `restore`."""
        node_dtype = _stored_dtype(name)
        widths_in, depths = view.values("n_features"), view.values("max_depth")
        if not all(type(count) is int and 1 <= count < _MAX_COUNT for count in widths_in):
            raise view.refuse("a tree needs at least one feature", field="n_features")
        if not all(type(depth) is int and 0 <= depth < _MAX_COUNT for depth in depths):
            raise view.refuse("a tree's depth must be an integer of 0 or more", field="max_depth")
        counts = view.shapes("nodes", node_dtype, 1)
        n_classes = view.node.fields.get("n_classes")
        if view.rows > 1 and isinstance(n_classes, Same):
            widths = [_width(n_classes.value)] * view.rows
        else:
            widths = [_width(classes) for classes in view.values("n_classes")]
        shapes = view.shapes("values", np.dtype(np.float64), 3)
        for row, (shape, width) in enumerate(zip(shapes, widths, strict=True)):
            if width is None:
                raise view.refuse("n_classes must be a tuple of positive integers", row=row, field="n_classes")
            if tuple(shape) != (counts[row][0], *width) or not counts[row][0]:
                raise view.refuse(f"values of shape {shape} for {counts[row][0]} nodes of {width}", row=row)

    def restore(self, name: str, fields: dict[str, list[Any]], rows: int) -> list[Any]:
        """Check the nodes of each batch of trees, and make the trees from what was checked."""
        # The dtype must be the module's own object: comparing two equal ones costs 20 us for each tree.
        nodes = _Items(fields["nodes"], _stored_dtype(name))
        values = _Items(fields["values"], np.dtype(np.float64))
        counts = [count for (count,) in nodes.shapes]
        kind = self.resolve(name)
        # Trees of scikit-learn 1.2 do not count how deep they are.
        is_small = (rows > 1 and sum(counts) <= rows * _SMALL_TREE_NODES) or not hasattr(kind, "compute_node_depths")
        topology = Topology(max(sum(counts[begin:end]) for begin, end in _batches(counts)))
        trees: list[Any] = []
        for begin, end in _batches(counts):
            batch = {field: fields[field][begin:end] for field in ("n_features", "n_classes", "max_depth")}
            block, own_counts = nodes.block(begin, end), counts[begin:end]
            topology.check(block, own_counts, list(batch["n_features"]))
            if IS_NARROW:
                block = native_nodes(block, resolve_class((_NODE_DTYPE,), name))
            made = _make_trees(kind, batch, _cut(block, own_counts), values.arrays(begin, end))
            _check_depths(made, batch["max_depth"], topology.depths(own_counts) if is_small else None)
            trees += made
        return trees


def _stored_dtype(name: str) -> Any:
    dtype = resolve_class((_NODE_DTYPE,), name)
    return stored_node_dtype(dtype) if IS_NARROW else dtype


class _Items:
    """The arrays of a field, given in runs that lie in one block of memory, of one and the same dtype object."""

    def __init__(self, column: Sequence[Any], dtype: Any) -> None:
        self._column, self._dtype = column, dtype
        self.shapes = column.shapes if isinstance(column, ArrayRows) else [array.shape for array in column]
        self._memory = np.empty(0, dtype=dtype)

    def block(self, begin: int, end: int) -> Any:
        """Give the items of some rows end to end; valid until the next call."""
        if not isinstance(self._column, ArrayRows):
            # Through bytes, because joining structured arrays makes a new dtype.
            own = [np.ascontiguousarray(array).reshape(-1).view(np.uint8) for array in self._column[begin:end]]
            return (own[0] if len(own) == 1 else np.concatenate(own)).view(self._dtype)
        n_items = sum(map(math.prod, self.shapes[begin:end]))
        if len(self._memory) < n_items:
            self._memory = np.empty(n_items, dtype=self._dtype)
        return self._column.items(begin, end, self._memory)

    def arrays(self, begin: int, end: int) -> list[Any]:
        """Give the arrays of some rows; valid until the next call."""
        if not isinstance(self._column, ArrayRows):
            return list(self._column[begin:end])
        shapes = self.shapes[begin:end]
        if any(shape[1:] != shapes[0][1:] for shape in shapes):
            parts = _cut(self.block(begin, end), list(map(math.prod, shapes)))
            return [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)]
        whole = self.block(begin, end).reshape(-1, *shapes[0][1:])
        return _cut(whole, [shape[0] for shape in shapes])


def _cut(block: Any, lengths: list[int]) -> list[Any]:
    ends = list(accumulate(lengths))
    return [block[start:end] for start, end in zip([0, *ends], ends, strict=False)]


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


def _make_trees(kind: Any, batch: dict[str, Any], nodes: list[Any], values: list[Any]) -> list[Any]:
    """Make the trees of one batch; ``__setstate__`` copies their nodes and values and follows nothing."""
    trees = []
    columns = (batch["n_features"], batch["n_classes"], batch["max_depth"], nodes, values)
    for n_features, n_classes, max_depth, own_nodes, own_values in zip(*columns, strict=True):
        tree = kind(n_features, _class_counts(n_classes), len(n_classes))
        tree.__setstate__(
            {"max_depth": max_depth, "node_count": len(own_nodes), "nodes": own_nodes, "values": own_values}
        )
        trees.append(tree)
    return trees


def _check_depths(trees: list[Any], stored: Sequence[int], found: Any) -> None:
    """Compare the depths of trees with what they say; native code counts those of big ones."""
    if found is None:
        found = [int(tree.compute_node_depths().max()) - 1 for tree in trees]
    for depth, max_depth in zip(found, stored, strict=True):
        if depth != max_depth:
            raise refuse_nodes(f"a tree says its depth is {max_depth}, but it is {depth}")


@functools.lru_cache(maxsize=16)
def _class_counts(n_classes: tuple[int, ...]) -> Any:
    """Give the array that trees of one kind copy from."""
    return np.array(n_classes, dtype=np.intp)


def _width(n_classes: Any) -> tuple[int, int] | None:
    """Give the shape of one node's values; None when the counts are not positive integers."""
    counts = n_classes.get("tuple") if type(n_classes) is dict else None
    if not counts or not all(type(count) is int and 1 <= count < _MAX_COUNT for count in counts):
        return None
    return len(counts), max(counts)
