"""Types that are refused when a model is saved, each with its reason: their state is code, or unchecked memory."""

from __future__ import annotations

__all__ = ["REFUSED"]

_POINTS = "Store the points it was made from, and make it again after loading."
_TREE = "a native search tree, whose memory cannot be checked on load,", _POINTS
_HULL = "memory of the qhull library, which cannot be checked on load,", _POINTS
_OLD_TEXT = "a chararray, an obsolete type,", "Convert it with numpy.asarray(...).astype(str)."
_RECORD = "one record of a masked array", "Store the array, or the record's .item()."

REFUSED: dict[str, tuple[str, str]] = {
    "numpy.char.chararray": _OLD_TEXT,
    "numpy.chararray": _OLD_TEXT,
    "numpy.ma.core.mvoid": _RECORD,
    "numpy.ma.mvoid": _RECORD,
    "numpy.vectorize": (
        "a numpy.vectorize, which calls any function it was made with,",
        "Store the function itself, defined in a module.",
    ),
    "scipy.spatial._ckdtree.cKDTree": _TREE,
    "scipy.spatial._qhull.ConvexHull": _HULL,
    "scipy.spatial._qhull.Delaunay": _HULL,
    "scipy.spatial._qhull.HalfspaceIntersection": _HULL,
    "scipy.spatial._qhull.Voronoi": _HULL,
    "scipy.spatial.ckdtree.cKDTree": _TREE,
    "scipy.spatial.qhull.Delaunay": _HULL,
}
"""For each dotted name what it is, in words, and what to do instead."""
