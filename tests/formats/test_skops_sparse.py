"""Sparse matrices of skops files, each an npz in a member: all layouts, and what is refused."""

import numpy as np
import pytest
import scipy.sparse

from hermetic.errors import FormatError
from tests.formats.skops_files import node, npz, read, said, zipped


def matrix(location, **fields):
    return node(location, "SparseMatrixNode", type="scipy", file="a.npz", **fields)


@pytest.mark.parametrize("suffix", ["matrix", "array"])
@pytest.mark.parametrize("layout", ["bsr", "coo", "csc", "csr", "dia"])
def test_a_sparse_matrix_is_a_new_object_with_the_attributes_of_scipy(layout, suffix, tmp_path):
    live = getattr(scipy.sparse, f"{layout}_{suffix}")(np.array([[0, 1.5], [2, 0]]))
    path = tmp_path / "a.npz"
    scipy.sparse.save_npz(path, live)
    location = f"scipy.sparse._{layout}:{layout}_{suffix}"

    found = read(matrix(location), a_npz=path.read_bytes())

    expected = {name: part for name, part in vars(live).items() if not name.startswith("_has")}
    if "row" in expected:  # scipy before 1.13
        expected["coords"] = (expected.pop("row"), expected.pop("col"))
    assert found.location == location and found.is_new
    assert {name: said(part) for name, part in found.state.items()} == {
        **{name: said(part) for name, part in expected.items()},
        **({"has_canonical_format": False} if layout == "coo" else {}),
    }


def test_coordinates_of_more_dimensions_are_read():
    coordinates = np.array([[0], [1], [2]])
    parts = {"format": b"coo", "shape": [3, 3, 3], "data": [1.0], "_is_array": True, "coords": coordinates}

    found = read(matrix("scipy.sparse._coo:coo_array"), a_npz=npz(**parts))

    assert said(found.state["coords"]) == tuple(("array", "<i8", [axis]) for axis in range(3))


CSR = {"format": b"csr", "shape": [1, 1], "data": [1.0], "indices": [0], "indptr": [0, 1]}
CSR_MATRIX = "scipy.sparse._csr:csr_matrix"


@pytest.mark.parametrize(
    ("location", "parts", "message"),
    [
        ("scipy.sparse._base:spmatrix", CSR, "a matrix of format csr is no scipy.sparse._base:spmatrix"),
        ("scipy.sparse._csc:csc_matrix", CSR, "a matrix of format csr is no scipy.sparse._csc:csc_matrix"),
        (CSR_MATRIX, {**CSR, "_is_array": True}, "both that it is an array and that it is a matrix"),
        (
            "scipy.sparse._csr:csr_array",
            {**CSR, "_is_array": False},
            "both that it is an array and that it is a matrix",
        ),
        (CSR_MATRIX, {**CSR, "format": b"lil"}, "not a sparse matrix of scipy: format 'lil'"),
        (CSR_MATRIX, {**CSR, "format": 1}, "not a sparse matrix of scipy: format ''"),
        (CSR_MATRIX, {**CSR, "format": [b"csr"]}, "not a sparse matrix of scipy: format ''"),
        (CSR_MATRIX, {**CSR, "shape": [1.0, 1.0]}, "not a sparse matrix of scipy"),
        (CSR_MATRIX, {**CSR, "shape": 1}, "not a sparse matrix of scipy"),
        (CSR_MATRIX, {**CSR, "more": 1}, "not a sparse matrix of scipy"),
        (CSR_MATRIX, {name: part for name, part in CSR.items() if name != "indptr"}, "not a sparse matrix of scipy"),
        (CSR_MATRIX, {name: part for name, part in CSR.items() if name != "shape"}, "not a sparse matrix of scipy"),
        (CSR_MATRIX, {}, "not a sparse matrix of scipy: format ''"),
    ],
)
def test_a_sparse_matrix_whose_class_or_parts_do_not_fit_is_refused(location, parts, message):
    with pytest.raises(FormatError, match=message):
        read(matrix(location), a_npz=npz(**parts))


def test_an_npz_of_other_members_is_refused_by_the_place_of_the_outer_one():
    with pytest.raises(FormatError, match=r"has no member 'evil\.pkl'") as refused:
        read(matrix(CSR_MATRIX), a_npz=zipped({"evil.pkl": b""}))
    assert "member 'a.npz'" in refused.value.where


def test_a_sparse_matrix_of_another_type_is_refused():
    with pytest.raises(FormatError, match="expected the type scipy, found 'pickle'"):
        read(node(CSR_MATRIX, "SparseMatrixNode", type="pickle", file="a.npz"), a_npz=npz(**CSR))
