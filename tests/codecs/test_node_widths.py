"""Records of native nodes: one form in files, another in the memory of 32-bit machines, the same numbers in both."""

from __future__ import annotations

import copy
import pickle
import sys
from typing import Any

import numpy as np
import pytest
from sklearn.cluster import FeatureAgglomeration
from sklearn.ensemble._hist_gradient_boosting.common import PREDICTOR_RECORD_DTYPE
from sklearn.neighbors import KDTree, RadiusNeighborsClassifier
from sklearn.tree._tree import NODE_DTYPE

import hermetic
from hermetic.codecs import estimators, hist_gradient_boosting, neighbor_trees, trees
from hermetic.codecs.node_widths import (
    IS_NARROW,
    native_counts,
    native_nodes,
    stored_counts,
    stored_node_dtype,
    stored_nodes,
)
from hermetic.errors import InvalidState
from tests.other_machines import narrow_nodes
from tests.test_other_machines import LABELS, MODELS, X

BINARY = np.asarray(KDTree(X).node_data).dtype
RECORDS = {"tree": NODE_DTYPE, "predictor": PREDICTOR_RECORD_DTYPE, "neighbours": BINARY}


def _filled(dtype: Any) -> Any:
    nodes = np.zeros(5, dtype=dtype)
    for name in dtype.names:
        nodes[name] = np.arange(5)
    return nodes


def test_this_machine_is_as_wide_as_its_pointers() -> None:
    assert IS_NARROW == (np.dtype(np.intp).itemsize == 4) == (sys.maxsize == 2**31 - 1)


@pytest.mark.skipif(IS_NARROW, reason="the library's own records are the narrow ones")
@pytest.mark.parametrize("name", RECORDS)
def test_narrow_records_become_those_of_the_library_and_back(name: str) -> None:
    wide = _filled(RECORDS[name])
    narrow = narrow_nodes(wide)
    assert narrow.dtype.itemsize < wide.dtype.itemsize
    assert stored_node_dtype(narrow.dtype) == RECORDS[name]
    for nodes in (narrow, narrow.astype(narrow.dtype.newbyteorder())):
        stored = stored_nodes(nodes)
        assert stored.dtype == RECORDS[name]
        assert stored.dtype.isalignedstruct == RECORDS[name].isalignedstruct
        assert np.array_equal(stored, wide)
        back = native_nodes(stored, narrow.dtype)
        assert back.dtype == narrow.dtype
        assert np.array_equal(back, narrow)


@pytest.mark.parametrize("name", RECORDS)
def test_records_of_this_machine_are_not_copied(name: str) -> None:
    stored = stored_nodes(_filled(RECORDS[name]))
    assert stored_nodes(stored) is stored
    assert native_nodes(stored, stored.dtype) is stored


def test_what_holds_no_records_is_given_back() -> None:
    for other in (np.arange(3), None, "text"):
        assert stored_nodes(other) is other


def test_a_number_that_a_narrow_machine_cannot_hold_is_refused() -> None:
    nodes = np.zeros(2, dtype=[("feature", "i8")])
    dtype = np.dtype([("feature", "i4")])
    nodes["feature"] = 2**31 - 1
    assert native_nodes(nodes, dtype)["feature"].tolist() == [2**31 - 1] * 2
    for number in (2**31, -(2**31) - 1):
        nodes["feature"][1] = number
        with pytest.raises(InvalidState, match="the greatest number of this 32-bit machine"):
            native_nodes(nodes, dtype)
    assert len(native_nodes(nodes[:0], dtype)) == 0


@pytest.mark.parametrize("name", ["tree", "forest", "boosting", "histogram", "kd-tree", "ball-tree"])
def test_a_narrow_machine_would_write_the_same_file(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its branches run here: what is as wide as it should be stays so."""
    expected = hermetic.dumps(MODELS[name])
    for module in (trees, neighbor_trees, hist_gradient_boosting):
        monkeypatch.setattr(module, "IS_NARROW", True)
    assert hermetic.dumps(MODELS[name]) == expected
    loaded = hermetic.loads(expected)
    assert hermetic.dumps(loaded) == expected
    question = (X, LABELS) if hasattr(loaded, "score") else (X,)
    method = "score" if hasattr(loaded, "score") else "kneighbors"
    found, before = (getattr(model, method)(*question) for model in (loaded, MODELS[name]))
    assert np.array_equal(found, before)


COUNTING = {
    "labels_": FeatureAgglomeration(n_clusters=2).fit(X),
    "_y": RadiusNeighborsClassifier(radius=2.0).fit(X, LABELS),
}


@pytest.mark.parametrize("field", COUNTING)
def test_numbers_that_numpy_counts_have_64_bits_in_the_files_of_a_narrow_machine(
    field: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = COUNTING[field]
    expected = hermetic.dumps(model)
    short = copy.deepcopy(model)
    setattr(short, field, getattr(model, field).astype(np.int32))
    assert hermetic.dumps(short) != expected
    assert hermetic.dumps(hermetic.loads(pickle.dumps(short))) == expected
    monkeypatch.setattr(estimators, "IS_NARROW", True)
    assert hermetic.dumps(short) == expected
    loaded = hermetic.loads(expected)
    assert getattr(loaded, field).dtype == np.intp
    assert hermetic.dumps(loaded) == expected


def test_only_rows_of_counts_change_their_width() -> None:
    assert stored_counts(np.arange(3, dtype=">i4")).dtype == np.int64
    assert native_counts(np.arange(3)).dtype == np.intp
    for other in (np.arange(3, dtype=np.uint32), np.arange(3, dtype=np.int16), np.arange(3.0), None, [1]):
        assert stored_counts(other) is other
        assert native_counts(other) is other
