"""Density clustering with a tree of merges: each merge joins two clusters that stand already.

Fields: the ``__dict__``. ``_single_linkage_tree_`` (structured array, shape (n_samples - 1,), ``HIERARCHY_dtype``):
merge k joins ``left_node`` and ``right_node``, samples (0 to n_samples - 1) or earlier merges (n_samples + their
number), each of which is joined once; ``dbscan_clustering`` follows them in native code.

Source: sklearn/cluster/_hdbscan/hdbscan.py, _tree.pyx, ``labelling_at_cut``.
"""

from __future__ import annotations

from typing import Any, ClassVar

from hermetic.codecs.codec import FieldView
from hermetic.codecs.estimators import EstimatorCodec, public_names
from hermetic.lazy import numpy as np

__all__ = ["LinkageCodec"]

_TREE = "_single_linkage_tree_"
_DTYPE = [("left_node", "i"), ("right_node", "i"), ("value", "f"), ("cluster_size", "i")]


class LinkageCodec(EstimatorCodec):
    """`sklearn.cluster.HDBSCAN`; see the module docstring."""

    classes: ClassVar = public_names("sklearn.cluster._hdbscan.hdbscan", "HDBSCAN")
    checked_fields = frozenset({_TREE})
    sealed_fields = frozenset({_TREE})

    def validate(self, name: str, view: FieldView) -> None:
        """Check the merges of each tree."""
        super().validate(name, view)
        if _TREE not in view.node.fields:
            return
        for row, tree in enumerate(view.arrays(_TREE)):
            if tree is None or tree.ndim != 1 or tree.dtype.names is None:
                raise view.refuse("the tree of merges must be a row of records", row=row, field=_TREE)
            if [(field, tree.dtype[field].kind) for field in tree.dtype.names] != _DTYPE:
                raise view.refuse(f"the records of a tree of merges are not {tree.dtype}", row=row, field=_TREE)
            if not _is_tree(tree):
                raise view.refuse("a merge joins what does not stand, or stood already", row=row, field=_TREE)


def _is_tree(tree: Any) -> bool:
    n_samples = len(tree) + 1
    ends = np.arange(n_samples, 2 * n_samples - 1)
    joined = np.concatenate([tree["left_node"], tree["right_node"]])
    # Bounds first; only then may they be used as indices.
    if not ((joined >= 0) & (joined < np.concatenate([ends, ends]))).all():
        return False
    n_times = np.bincount(joined.astype(np.intp, copy=False), minlength=1)
    return int(n_times.max(initial=0)) <= 1
