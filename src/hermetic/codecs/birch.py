"""The clustering-feature tree of `sklearn.cluster.Birch`: nodes, subclusters, and the chain through all leaves.

Fields
------
Node: ``threshold``, ``branching_factor``, ``is_leaf``, ``n_features``, ``subclusters_`` (list of subclusters),
``init_centroids_`` (array, shape (branching_factor + 1, n_features)), ``init_sq_norm_`` (array, shape
(branching_factor + 1,)), ``n_subclusters`` (int: how many rows of both are in use; None before the first), and the weak
``prev_leaf_`` and ``next_leaf_``.
Subcluster: ``n_samples_``, ``squared_sum_``, ``centroid_``, ``linear_sum_``, ``sq_norm_``, ``child_`` (node or None).

``centroids_`` and ``squared_norm_`` are views of the first rows of ``init_centroids_`` and ``init_sq_norm_``, into
which partial_fit writes; they are made anew as such. The chain through thousands of leaves is followed by links, not by
containment. Source: sklearn/cluster/_birch.py.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, ClassVar

from hermetic.codecs.codec import Codec, FieldView, LegacyObject, plain_state
from hermetic.codecs.estimators import EstimatorCodec, public_names
from hermetic.codecs.related import plain_number
from hermetic.lazy import numpy as np

__all__ = ["BirchCodec", "BirchNodeCodec", "BirchSubclusterCodec"]


class BirchCodec(EstimatorCodec):
    """The estimator: one norm for each centre, for native code looks up the norms by the number of the centre."""

    classes: ClassVar = public_names("sklearn.cluster._birch", "Birch")
    sealed_fields = frozenset({"subcluster_centers_", "_subcluster_norms"})

    def validate(self, name: str, view: FieldView) -> None:
        """Compare the number of norms with the number of centres."""
        super().validate(name, view)
        if {"subcluster_centers_", "_subcluster_norms"}.isdisjoint(view.node.fields):
            return
        pairs = zip(view.arrays("subcluster_centers_"), view.arrays("_subcluster_norms"), strict=True)
        for row, (centers, norms) in enumerate(pairs):
            if centers is None or centers.ndim != 2 or norms is None or norms.shape != centers.shape[:1]:
                raise view.refuse("each centre needs one norm", row=row, field="_subcluster_norms")


class BirchSubclusterCodec(Codec):
    """One subcluster; see the module docstring."""

    classes: ClassVar = {"sklearn.cluster._CFSubcluster": "sklearn.cluster._birch:_CFSubcluster"}
    is_linkable = True


class BirchNodeCodec(Codec):
    """One node; see the module docstring."""

    classes: ClassVar = {"sklearn.cluster._CFNode": "sklearn.cluster._birch:_CFNode"}
    weak_fields = frozenset({"prev_leaf_", "next_leaf_"})
    sealed_fields = frozenset({"init_centroids_", "init_sq_norm_", "n_subclusters"})
    is_linkable = True

    def group(self, instance: Any) -> Hashable:
        """Let all nodes that have subclusters share a table."""
        return tuple(vars(instance))

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give the fields, with the number of rows in use in place of the copies of them."""
        fields = plain_state(made)
        fields.pop("squared_norm_", None)
        used = fields.pop("centroids_", None)
        return fields | {"n_subclusters": None if used is None else len(used)}

    def capture(self, name: str, instances: Sequence[Any]) -> dict[str, list[Any]]:
        """Give the fields, with the number of rows in use in place of the views of them."""
        fields = super().capture(name, instances)
        fields.pop("squared_norm_", None)
        centroids = fields.pop("centroids_", [None] * len(instances))
        fields["n_subclusters"] = [None if used is None else len(used) for used in centroids]
        return fields

    def validate(self, name: str, view: FieldView) -> None:
        """Check that the rows in use exist."""
        if "n_subclusters" not in view.node.fields:
            raise view.refuse("the field n_subclusters is missing")
        for field in self.weak_fields & view.node.fields.keys():
            if any(value is not None for value in view.values(field)):
                raise view.refuse(f"{field} is set by a link, or None", field=field)
        centroids, norms = view.arrays("init_centroids_"), view.arrays("init_sq_norm_")
        used = map(plain_number, view.values("n_subclusters"))
        for row, (own_centroids, own_norms, count) in enumerate(zip(centroids, norms, used, strict=True)):
            if own_centroids is None or own_norms is None or own_centroids.ndim != 2 or own_norms.ndim != 1:
                raise view.refuse("a node needs the arrays init_centroids_ and init_sq_norm_", row=row)
            if len(own_centroids) != len(own_norms):
                raise view.refuse(f"{len(own_centroids)} centroids have {len(own_norms)} norms", row=row)
            if count is not None and (type(count) is not int or not 0 <= count <= len(own_norms)):
                raise view.refuse(f"{count!r} of {len(own_norms)} rows are in use", row=row, field="n_subclusters")

    def restore(self, name: str, fields: dict[str, list[Any]], rows: int) -> list[Any]:
        """Make the nodes, with views of the rows in use."""
        ordered: dict[str, list[Any]] = {}
        for field, values in fields.items():
            if field != "n_subclusters":
                ordered[field] = values
            if field == "init_sq_norm_":
                ordered["squared_norm_"] = [None] * rows
        made = super().restore(name, ordered, rows)
        for node, count in zip(made, fields["n_subclusters"], strict=True):
            if count is None:
                node.squared_norm_ = []
                continue
            node.squared_norm_ = np.asarray(node.init_sq_norm_)[:count]
            node.centroids_ = np.asarray(node.init_centroids_)[:count, :]
        return made
