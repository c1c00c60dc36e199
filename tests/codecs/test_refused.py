"""Types whose state is code, or memory that nobody can check, are refused when the model is saved."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.spatial

import hermetic
from hermetic.errors import CannotSave

POINTS = np.random.default_rng(0).random((9, 2))

CASES = {
    "vectorize": lambda: np.vectorize(len),
    "chararray": lambda: np.array(["a"]).view(np.char.chararray),
    "masked-record": lambda: np.ma.array([(1, 2.0)], mask=[(0, 1)], dtype=[("x", "i8"), ("y", "f8")])[0],
    "cKDTree": lambda: scipy.spatial.cKDTree(POINTS),
    "KDTree": lambda: scipy.spatial.KDTree(POINTS),
    "Delaunay": lambda: scipy.spatial.Delaunay(POINTS),
    "ConvexHull": lambda: scipy.spatial.ConvexHull(POINTS),
    "Voronoi": lambda: scipy.spatial.Voronoi(POINTS),
}


@pytest.mark.parametrize("name", CASES)
def test_the_error_says_where_it_stands_and_what_to_store_instead(name: str):
    with pytest.raises(CannotSave) as caught:
        hermetic.dumps({"index": CASES[name]()})
    assert caught.value.where.startswith("$")
    assert caught.value.next_step.startswith(("Store", "Convert"))
