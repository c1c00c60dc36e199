"""Sparse matrices, interpolation and distributions of scipy in legacy files: old forms, and hostile ones."""

from __future__ import annotations

import pickle
import time
from typing import Any

import numpy as np
import pytest
import scipy.interpolate
import scipy.optimize
import scipy.sparse
import scipy.stats

import hermetic
from hermetic.errors import FileError
from tests.legacy_pickles import PROTOCOLS, Made, adopted_fields, assert_like_live, new, problem_of, written

DENSE = np.array([[0.0, 1.5, 0.0], [2.5, 0.0, 3.5]])
KINDS = ("csr", "csc", "coo", "bsr", "dia", "lil", "dok")
OTHERS = {
    "spline": scipy.interpolate.BSpline(np.arange(8.0), np.arange(4.0), 3),
    "cubic": scipy.interpolate.CubicSpline(np.arange(4.0), np.arange(4.0) ** 2),
    "pieces": scipy.interpolate.PPoly(np.ones((2, 3)), np.arange(4.0)),
    "linear": scipy.interpolate.interp1d([0.0, 1.0, 2.0], [3.0, 1.0, 2.0], bounds_error=False, fill_value=0.5),
    "nearest": scipy.interpolate.interp1d([0.0, 1.0], [3.0, 1.0], kind="nearest"),
    "ends": scipy.interpolate.interp1d([0.0, 1.0], [3.0, 1.0], bounds_error=False, fill_value=(-1.0, 1.0)),
    "result": scipy.optimize.OptimizeResult(x=np.array([1.0]), success=True, nit=3),
    "norm": scipy.stats.norm(1.0, 2.0),
    "uniform": scipy.stats.uniform(loc=0, scale=4),
    "randint": scipy.stats.randint(1, 9),
    "loguniform": scipy.stats.loguniform(1e-3, 10.0),
}


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("form", ["matrix", "array"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_sparse_matrix_is_what_the_unpickler_makes(kind: str, form: str, protocol: int) -> None:
    matrix = getattr(scipy.sparse, f"{kind}_{form}")(DENSE)
    loaded = assert_like_live(matrix, protocol)
    assert type(loaded) is type(matrix)
    assert (loaded.toarray() == DENSE).all()


@pytest.mark.parametrize("protocol", [protocol for protocol in PROTOCOLS if protocol >= 2])
@pytest.mark.parametrize("name", OTHERS)
@pytest.mark.filterwarnings("ignore")
def test_an_object_is_what_the_unpickler_makes(name: str, protocol: int) -> None:
    assert_like_live(OTHERS[name], protocol)


def test_arrays_that_two_matrices_share_stay_shared() -> None:
    first = scipy.sparse.csr_matrix(DENSE)
    second = scipy.sparse.csr_matrix(DENSE)
    second.indices = first.indices
    loaded = assert_like_live([first, second], 4)
    assert loaded[0].indices is loaded[1].indices or np.shares_memory(loaded[0].indices, loaded[1].indices)


def _old(kind: str, state: dict[str, Any]) -> Made:
    return new(f"scipy.sparse.{kind}:{kind}_matrix", {"_shape": (2, 3), "maxprint": 50, **state})


CSR = {
    "data": np.array([1.5, 2.5, 3.5]),
    "indices": np.array([1, 0, 2], dtype="i4"),
    "indptr": np.array([0, 1, 3], dtype="i4"),
}
COO = {"data": CSR["data"], "row": np.array([0, 1, 1], dtype="i4"), "col": np.array([1, 0, 2], dtype="i4")}


def _objects(*rows: Any) -> Any:
    array = np.empty(len(rows), dtype=object)
    array[:] = rows
    return array


LIL = {"rows": _objects([1], [0, 2]), "data": _objects([1.5], [2.5, 3.5]), "dtype": np.dtype(float)}


@pytest.mark.parametrize(
    "made",
    [
        _old("csr", CSR),
        _old("csr", {**CSR, "_has_canonical_format": True, "_has_sorted_indices": True}),
        _old("csr", {**CSR, "has_sorted_indices": True}),
        _old("coo", {**COO, "has_canonical_format": False}),
        _old("lil", LIL),
        _old("dia", {"data": np.array([[1.5, 0.0, 0.0]]), "offsets": np.array([1], dtype="i4")}),
    ],
    ids=["csr", "csr-canonical", "csr-sorted", "coo", "lil", "dia"],
)
def test_the_matrices_of_old_scipy_are_read(made: Made) -> None:
    loaded = hermetic.loads(written(made))
    assert loaded.shape == (2, 3)
    assert scipy.sparse.issparse(loaded)


def test_a_matrix_of_old_scipy_has_the_values_of_its_rows() -> None:
    for made in (_old("csr", CSR), _old("coo", {**COO, "has_canonical_format": False}), _old("lil", LIL)):
        assert (hermetic.loads(written(made)).toarray() == DENSE).all()


def test_the_reserve_behind_the_last_item_is_left_out() -> None:
    state = {**CSR, "data": np.arange(9.0), "indices": np.arange(9, dtype="i4") % 3}
    fields = adopted_fields(_old("csr", state))
    assert (len(fields["data"]), len(fields["indices"])) == (3, 3)


def _without(state: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in state.items() if name != key}


HOSTILE = {
    "an index beyond the columns": _old("csr", {**CSR, "indices": np.array([1, 0, 9], dtype="i4")}),
    "a negative index": _old("csr", {**CSR, "indices": np.array([1, 0, -1], dtype="i4")}),
    "ends that fall": _old("csr", {**CSR, "indptr": np.array([0, 3, 1], dtype="i4")}),
    "ends beyond the items": _old("csr", {**CSR, "indptr": np.array([0, 1, 99], dtype="i4")}),
    "too few ends": _old("csr", {**CSR, "indptr": np.array([0, 3], dtype="i4")}),
    "indices that are a list": _old("csr", {**CSR, "indices": [1, 0, 2]}),
    "indices that are a call": _old("csr", {**CSR, "indices": Made("os:system", ("true",))}),
    "data in a table": _old("csr", {**CSR, "data": DENSE}),
    "no data": _old("csr", _without(CSR, "data")),
    "no ends": _old("csr", _without(CSR, "indptr")),
    "no shape": new("scipy.sparse.csr:csr_matrix", CSR),
    "a shape of texts": _old("csr", {**CSR, "_shape": ("a", "b")}),
    "a huge shape": _old("csr", {**CSR, "_shape": (1 << 62, 3)}),
    "a negative shape": _old("csr", {**CSR, "_shape": (-2, 3)}),
    "a shape of three": _old("csr", {**CSR, "_shape": (2, 3, 4)}),
    "an attribute of its own": _old("csr", {**CSR, "toarray": 7}),
    "a state that is a list": new("scipy.sparse.csr:csr_matrix", [1, 2]),
    "no state": new("scipy.sparse.csr:csr_matrix"),
    "arguments": Made("scipy.sparse.csr:csr_matrix", (1,), dict(CSR), is_new=True),
    "coordinates beyond the rows": _old("coo", {**COO, "row": np.array([0, 1, 9], dtype="i4")}),
    "coordinates that are too few": _old("coo", {**COO, "row": np.array([0, 1], dtype="i4")}),
    "a canonical format that is none": _old(
        "coo", {**COO, "row": np.zeros(3, "i4"), "col": np.zeros(3, "i4"), "has_canonical_format": True}
    ),
    "two diagonals at one place": _old("dia", {"data": np.zeros((2, 3)), "offsets": np.array([1, 1], dtype="i4")}),
    "rows that are too few": _old("lil", {**LIL, "rows": _objects([1]), "data": _objects([1.5])}),
    "rows and values of other lengths": _old("lil", {**LIL, "data": _objects([1.5, 2.5], [3.5])}),
    "rows beyond the columns": _old("lil", {**LIL, "rows": _objects([9], [0, 2])}),
    "rows that are numbers": _old("lil", {**LIL, "rows": _objects(1, 2)}),
    "rows that are no array": _old("lil", {**LIL, "rows": [[1], [0, 2]]}),
    "rows of texts": _old("lil", {**LIL, "rows": _objects(["a"], ["b", "c"])}),
    "a distribution of another module": new(
        "scipy.stats._distn_infrastructure:rv_frozen", {"dist": Made("os:system", ("true",)), "args": (), "kwds": {}}
    ),
    "a distribution without arguments": new("scipy.stats._distn_infrastructure:rv_frozen", {}),
    "a spline of texts": new("scipy.interpolate._bsplines:BSpline", {"t": "a", "c": "b", "k": 3}),
    "a spline of too few knots": new(
        "scipy.interpolate._bsplines:BSpline", {"t": np.zeros(2), "c": np.zeros(9), "k": 3, "extrapolate": True}
    ),
    "a spline of a huge degree": new(
        "scipy.interpolate._bsplines:BSpline",
        {"t": np.zeros(9), "c": np.zeros(9), "k": 1 << 40, "extrapolate": True, "axis": 0},
    ),
    "an interpolation without values": new("scipy.interpolate._interpolate:interp1d", {"x": np.zeros(2)}),
    "an interpolation of a call": new(
        "scipy.interpolate._interpolate:interp1d", {"x": Made("os:system", ("true",)), "y": None}
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_with_a_form_that_scipy_does_not_write_does_not_load(name: str) -> None:
    with pytest.raises(FileError):
        hermetic.loads(written(HOSTILE[name]))


@pytest.mark.parametrize("name", ["no shape", "a state that is a list", "an attribute of its own", "arguments"])
def test_a_codec_says_what_is_wrong_with_a_matrix(name: str) -> None:
    assert problem_of(HOSTILE[name])


def test_a_row_that_stands_a_million_times_in_a_matrix_does_not_take_its_memory_a_million_times() -> None:
    row, values = list(range(2000)), [1.0] * 2000
    n_rows = 300_000
    state = {"rows": _objects(*[row] * n_rows), "data": _objects(*[values] * n_rows), "dtype": np.dtype(float)}
    data = pickle.dumps(state, 4)
    assert len(data) < 10_000_000
    started = time.monotonic()
    assert "of their own" in problem_of(_old("lil", {"_shape": (n_rows, 2000), **state}))
    assert time.monotonic() - started < 60
