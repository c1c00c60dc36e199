"""`sklearn.neighbors.KDTree` and `BallTree`: the native trees behind neighbour search, of 64 and of 32 bit.

Fields
------
data : float64 (or float32) array, shape (n_samples, n_features), C order
idx_array : int64 array, shape (n_samples,), a permutation
node_data : structured array, shape (n_nodes,), `sklearn.neighbors._kd_tree.NodeData` of a 64-bit machine
node_bounds : float array, shape (2, n_nodes, n_features) for KDTree, (1, n_nodes, n_features) for BallTree
leaf_size : int, 1 or more
counters : tuple of four ints, the statistics of queries
metric : `sklearn.metrics.DistanceMetric` of the same width
sample_weight : float array, shape (n_samples,), or None

The numbers of levels and nodes follow from n_samples and leaf_size. Native code follows ``idx_start``, ``idx_end``,
``is_leaf`` and ``idx_array`` without looking; they are compared with what the library's own construction gives: each
node splits its range at the exact middle. Items of ``data``, ``node_bounds`` and ``sample_weight`` are only numbers to
compute with: they are not read on load and may stay mapped. The tree keeps these arrays, it copies nothing.

Source: sklearn/neighbors/_binary_tree.pxi.tp, ``__getstate__``, ``__setstate__``, ``_recursive_build``.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, ClassVar

from hermetic.codecs.codec import Codec, FieldView, LegacyObject, not_adopted, resolve_class
from hermetic.codecs.distance_metrics import DistanceMetricCodec, n_weights
from hermetic.codecs.node_widths import IS_NARROW, native_counts, native_nodes, stored_counts, stored_nodes
from hermetic.codecs.related import related
from hermetic.lazy import numpy as np

__all__ = ["NeighborTreeCodec", "node_ranges"]

_FIELDS = ("data", "idx_array", "node_data", "node_bounds", "leaf_size", "counters", "metric", "sample_weight")
_POSITIONS = {"leaf_size": 4, "metric": 11, "sample_weight": 12}
_KINDS = ("KDTree", "KDTree32", "BallTree", "BallTree32")
_KD_METRICS = ("Chebyshev", "Euclidean", "Manhattan", "Minkowski")
_OTHER_METRICS = (
    "BrayCurtis Canberra Dice Hamming Haversine Jaccard Kulsinski Mahalanobis Matching PyFunc RogersTanimoto "
    "RussellRao SEuclidean SokalMichener SokalSneath"
)
_BALL_METRICS = (*_KD_METRICS, *_OTHER_METRICS.split())
_MAX_COUNTER = 1 << 31
_MODULES = ("_ball_tree", "_kd_tree", "ball_tree", "kd_tree")


def _module(kind: str) -> str:
    return "sklearn.neighbors._kd_tree" if kind.startswith("KD") else "sklearn.neighbors._ball_tree"


class NeighborTreeCodec(Codec):
    """Trees over points; see the module docstring."""

    row_bytes = 6 << 10
    classes: ClassVar = {
        **{f"sklearn.neighbors.{kind}": f"{_module(kind)}:{kind}" for kind in _KINDS},
        **{f"sklearn.neighbors.{kind}64": f"{_module(kind)}:{kind}64" for kind in ("KDTree", "BallTree")},
    }
    # Until 0.19 trees were made by the name of what KDTree and BallTree share, each in a module of its own.
    aliases: ClassVar = {
        "sklearn.neighbors._kd_tree:BinaryTree": "sklearn.neighbors.KDTree",
        "sklearn.neighbors._ball_tree:BinaryTree": "sklearn.neighbors.BallTree",
        "sklearn.neighbors.kd_tree:KDTree": "sklearn.neighbors.KDTree",
        "sklearn.neighbors.ball_tree:BallTree": "sklearn.neighbors.BallTree",
    }
    makers: ClassVar = {f"sklearn.neighbors.{module}:newObj": "" for module in _MODULES}
    checked_fields = frozenset({"idx_array", "node_data"})

    def group(self, instance: Any) -> Hashable:
        """Let all trees of one kind share a table."""
        return None

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give the state, a tuple of 13, before scikit-learn 0.19 of 12 without weights; its buffers were arrays."""
        if type(made.state) is not tuple or len(made.state) not in (12, 13):
            raise not_adopted(made, "its state is no tuple of 13")
        state = (*made.state, None)[:13]
        fields = {field: state[_POSITIONS.get(field, number)] for number, field in enumerate(_FIELDS)}
        return fields | {
            "counters": tuple(state[7:11]),
            "idx_array": stored_counts(fields["idx_array"]),
            "node_data": stored_nodes(fields["node_data"]),
        }

    def capture(self, name: str, instances: Sequence[Any]) -> dict[str, list[Any]]:
        """Give the state of each tree; the arrays are its own."""
        states = [tree.__getstate__() for tree in instances]
        fields = {
            field: [state[_POSITIONS.get(field, number)] for state in states] for number, field in enumerate(_FIELDS)
        }
        fields["counters"] = [state[7:11] for state in states]
        if IS_NARROW:
            fields["idx_array"] = list(map(stored_counts, map(np.asarray, fields["idx_array"])))
            fields["node_data"] = list(map(stored_nodes, map(np.asarray, fields["node_data"])))
        return fields

    def validate(self, name: str, view: FieldView) -> None:
        """Compare sizes, ranges and the permutation with what the library would build."""
        if set(view.node.fields) != set(_FIELDS):
            raise view.refuse(f"{name} has the fields {sorted(view.node.fields)}, expected {sorted(_FIELDS)}")
        arrays = [view.arrays(field) for field in _FIELDS[:4]]
        plain = [view.values(field) for field in _FIELDS[4:]]
        for row in range(view.rows):
            data, indices, node_data, node_bounds = (column[row] for column in arrays)
            leaf_size, counters, metric, sample_weight = (column[row] for column in plain)
            _check_data(name, view, row, data, node_bounds)
            if type(leaf_size) is not int or not 1 <= leaf_size < 1 << 62:
                raise view.refuse(f"leaf_size must be 1 or more, got {leaf_size!r}", row=row, field="leaf_size")
            _check_counters(view, row, counters)
            _check_metric(name, view, row, metric, data.shape[1])
            _check_permutation(view, row, indices, len(data))
            _check_nodes(view, row, node_data, len(data), leaf_size)
            n_bounds = 2 if "KDTree" in name else 1
            if node_bounds.shape != (n_bounds, len(node_data), data.shape[1]):
                raise view.refuse(f"node_bounds has the shape {node_bounds.shape}", row=row, field="node_bounds")
            weights = view.array(sample_weight)
            if sample_weight is not None and (
                weights is None
                or weights.dtype != data.dtype
                or weights.shape != (len(data),)
                or not weights.flags.c_contiguous
            ):
                raise view.refuse(f"sample_weight must be {len(data)} numbers", row=row, field="sample_weight")

    def restore(self, name: str, fields: dict[str, list[Any]], rows: int) -> list[Any]:
        """Make the trees, and give each its whole state once."""
        kind = self.resolve(name)
        node_dtype = resolve_class((f"{_module(name.rpartition('.')[2])}:NodeData",), name)
        made = []
        for row in range(rows):
            data, indices, node_data, node_bounds, leaf_size, counters, metric, weights = (
                fields[field][row] for field in _FIELDS
            )
            n_levels = _n_levels(len(data), leaf_size)
            if IS_NARROW:
                # Both are what the construction gives for the data: no number in them is beyond it.
                indices, node_data = native_counts(indices), native_nodes(node_data, node_dtype)
            tree = kind.__new__(kind)
            sizes = (leaf_size, n_levels, 2**n_levels - 1)
            tree.__setstate__(
                (data, indices, node_data.view(node_dtype), node_bounds, *sizes, *counters, metric, weights)
            )
            made.append(tree)
        return made


def _check_data(name: str, view: FieldView, row: int, data: Any, node_bounds: Any) -> None:
    dtype = np.float32 if name.endswith("32") else np.float64
    for field, array, n_dimensions in (("data", data, 2), ("node_bounds", node_bounds, 3)):
        if array is None or array.dtype != dtype or array.ndim != n_dimensions or not array.size:
            found = f"{field} must be a {dtype.__name__} array of {n_dimensions} dimensions"
            raise view.refuse(found, row=row, field=field)
        if not array.flags.c_contiguous:
            raise view.refuse(f"{field} must be in C order", row=row, field=field)


def _check_counters(view: FieldView, row: int, counters: Any) -> None:
    values = counters.get("tuple") if type(counters) is dict else None
    if not values or len(values) != 4 or not all(type(value) is int and 0 <= value < _MAX_COUNTER for value in values):
        raise view.refuse("counters must be four integers", row=row, field="counters")


def _check_metric(name: str, view: FieldView, row: int, metric: Any, n_features: int) -> None:
    found = related(view, metric)
    if found is None or found[0] not in DistanceMetricCodec.classes:
        raise view.refuse("a tree needs a distance metric", row=row, field="metric")
    kind, _, width = found[0].rpartition(".")[2].partition("Distance")
    allowed = _KD_METRICS if "KDTree" in name else _BALL_METRICS
    if kind not in allowed or width != ("32" if name.endswith("32") else "64"):
        raise view.refuse(f"{name} cannot measure with {found[0]}", row=row, field="metric")
    needed = n_weights(*found)
    if needed is not None and needed != n_features:
        raise view.refuse(f"the metric is for {needed} features, the data have {n_features}", row=row, field="metric")


def _check_permutation(view: FieldView, row: int, indices: Any, n_samples: int) -> None:
    if indices is None or indices.dtype != np.int64 or indices.shape != (n_samples,) or not indices.flags.c_contiguous:
        raise view.refuse(f"idx_array must be {n_samples} int64", row=row, field="idx_array")
    if int(indices.min()) < 0 or int(indices.max()) >= n_samples:
        raise view.refuse("idx_array points outside the data", row=row, field="idx_array")
    is_present = np.zeros(n_samples, dtype=bool)
    is_present[indices] = True
    if not is_present.all():
        raise view.refuse("idx_array names a sample twice", row=row, field="idx_array")


def _check_nodes(view: FieldView, row: int, nodes: Any, n_samples: int, leaf_size: int) -> None:
    names = ("idx_start", "idx_end", "is_leaf", "radius")
    is_row = nodes is not None and nodes.ndim == 1 and nodes.flags.c_contiguous
    if not is_row or nodes.dtype.names != names or nodes.dtype.itemsize != 32:
        raise view.refuse("node_data must be a row of nodes", row=row, field="node_data")
    if [nodes.dtype[name].str[1:] for name in names] != ["i8", "i8", "i8", "f8"]:
        raise view.refuse(f"node_data has the dtype {nodes.dtype}", row=row, field="node_data")
    n_nodes = 2 ** _n_levels(n_samples, leaf_size) - 1
    if len(nodes) != n_nodes:
        raise view.refuse(f"{n_samples} samples need {n_nodes} nodes, not {len(nodes)}", row=row, field="node_data")
    starts, ends = node_ranges(n_samples, n_nodes)
    is_leaf = 2 * np.arange(n_nodes) + 1 >= n_nodes
    for field, expected in (("idx_start", starts), ("idx_end", ends), ("is_leaf", is_leaf)):
        if not np.array_equal(nodes[field], expected):
            raise view.refuse(f"{field} of a node is not what the construction gives", row=row, field="node_data")


def _n_levels(n_samples: int, leaf_size: int) -> int:
    return int(np.log2(max(1, (n_samples - 1) / leaf_size)) + 1)


def node_ranges(n_samples: int, n_nodes: int) -> tuple[Any, Any]:
    """Give the range of samples of each node: every node splits its range at the middle.

    Parameters
    ----------
    n_samples : int
        Number of samples, 1 or more.
    n_nodes : int
        A power of two less one.

    Returns
    -------
    starts, ends : int64 array, shape (n_nodes,)
        Node i has the samples ``idx_array[starts[i]:ends[i]]``; its children are nodes 2 * i + 1 and 2 * i + 2.

    Examples
    --------
    >>> [column.tolist() for column in node_ranges(5, 3)]
    [[0, 0, 2], [5, 2, 5]]
    """
    starts, ends = np.zeros(n_nodes, dtype=np.int64), np.full(n_nodes, n_samples, dtype=np.int64)
    first, width = 0, 1
    while 2 * first + 1 < n_nodes:
        parents = slice(first, first + width)
        middle = starts[parents] + (ends[parents] - starts[parents]) // 2
        first, width = 2 * first + 1, 2 * width
        starts[first : first + width : 2], ends[first : first + width : 2] = starts[parents], middle
        starts[first + 1 : first + width : 2], ends[first + 1 : first + width : 2] = middle, ends[parents]
    return starts, ends
