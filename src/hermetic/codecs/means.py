"""The k-means family: centres as wide as the input, and no more threads than this machine runs.

Fields: the ``__dict__``; the function that fits one division, ``_kmeans_single``, as ``lloyd`` or ``elkan``: native
code that trusts its arguments, so it is no function that a model may refer to.

Source: sklearn/cluster/_kmeans.py, _bisect_k_means.py, _k_means_lloyd.pyx.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from hermetic.codecs.codec import FieldView, LegacyObject, resolve_class
from hermetic.codecs.estimators import EstimatorCodec, public_names
from hermetic.codecs.related import plain_number, related
from hermetic.codecs.threads import check_threads, limit_threads
from hermetic.graph import Value
from hermetic.lazy import numpy as np
from hermetic.legacy_objects import LegacyName

__all__ = ["ClusterTreeCodec", "MeansCodec"]

_TREE = "sklearn.cluster._BisectingTree"
_THREADS = "_n_threads"
_SINGLE = "_kmeans_single"
_WAYS = {way: f"sklearn.cluster._kmeans:_kmeans_single_{way}" for way in ("elkan", "lloyd")}


class ClusterTreeCodec(EstimatorCodec):
    """Nodes of the tree of a bisection; `MeansCodec` walks them and checks what it finds, so no link may change it."""

    classes: ClassVar = public_names("sklearn.cluster._bisect_k_means", "_BisectingTree")
    sealed_fields = frozenset({"center", "left", "right"})


class MeansCodec(EstimatorCodec):
    """Clusterings by means; see the module docstring."""

    classes: ClassVar = {
        **public_names("sklearn.cluster._bisect_k_means", "BisectingKMeans"),
        **public_names("sklearn.cluster._kmeans", "KMeans MiniBatchKMeans"),
    }
    sealed_fields = frozenset({"cluster_centers_", "n_features_in_", "_bisecting_tree", "_counts", _SINGLE})

    def validate(self, name: str, view: FieldView) -> None:
        """Compare the centres with the width of the input."""
        super().validate(name, view)
        check_threads(view, _THREADS)
        for row, way in enumerate(view.values(_SINGLE)):
            if _SINGLE in view.node.fields and (type(way) is not str or way not in _WAYS):
                raise view.refuse(f"no division is fitted by {str(way)[:40]!r}", row=row, field=_SINGLE)
        if "cluster_centers_" not in view.node.fields:
            return
        trees = view.values("_bisecting_tree")
        n_features = view.values("n_features_in_")
        for row, centers in enumerate(view.arrays("cluster_centers_")):
            width = plain_number(n_features[row])
            is_table = centers is not None and centers.ndim == 2 and centers.shape[0] >= 1
            if not is_table or centers.shape[1] != width or centers.dtype not in (np.float32, np.float64):
                raise view.refuse(f"the centres are not rows of {width} numbers", row=row, field="cluster_centers_")
            counts = view.array(view.value("_counts", row))
            if "_counts" in view.node.fields and (counts is None or counts.shape != centers.shape[:1]):
                raise view.refuse("each centre needs one count", row=row, field="_counts")
            if name.endswith("BisectingKMeans"):
                _check_tree(view, row, trees[row], width)

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give the state, with the name of the function that fits."""
        fields = super().adopt(name, made)
        if type(function := fields.get(_SINGLE)) is LegacyName:
            ways = {place: way for way, place in _WAYS.items()}
            fields[_SINGLE] = ways.get(function.location, function)
        return fields

    def capture(self, name: str, instances: Sequence[Any]) -> dict[str, list[Any]]:
        """Give the state, with the name of the function that fits."""
        fields = super().capture(name, instances)
        if _SINGLE in fields:
            ways = {resolve_class((place,), place): way for way, place in _WAYS.items()}
            fields[_SINGLE] = [ways.get(function, function) for function in fields[_SINGLE]]
        return fields

    def restore(self, name: str, fields: dict[str, list[Any]], rows: int) -> list[Any]:
        """Make the objects, with no more threads than this machine runs."""
        if _SINGLE in fields:
            fields[_SINGLE] = [resolve_class((_WAYS[way],), _WAYS[way]) for way in fields[_SINGLE]]
        if _THREADS in fields:
            fields[_THREADS] = limit_threads(fields[_THREADS])
        return super().restore(name, fields, rows)


def _check_tree(view: FieldView, row: int, root: Value, width: Value) -> None:
    """Refuse a tree of clusters with a centre of another width."""
    waiting: list[Value] = [root]
    seen: set[tuple[int, int]] = set()
    while waiting:
        value = waiting.pop()
        found = related(view, value)
        if found is None or found[0] != _TREE:
            raise view.refuse("the tree of clusters holds something else", row=row, field="_bisecting_tree")
        _, table, own_row = found
        if (table.index, own_row) in seen:
            raise view.refuse("a cluster stands in two places", row=row, field="_bisecting_tree")
        seen.add((table.index, own_row))
        center = table.array(table.value("center", own_row))
        # Prediction asks the children, never the root, whose centre is a numpy matrix for sparse data.
        if value is not root and (center is None or center.size != width):
            raise view.refuse(f"a cluster's centre is not {width} numbers", row=row, field="_bisecting_tree")
        children = [table.value(side, own_row) for side in ("left", "right")]
        if children != [None, None]:
            waiting += children
