"""Sparse matrices come back in their format and with their index dtype; hostile index arrays are refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import scipy
import scipy.sparse as sparse

import hermetic
from hermetic.errors import CannotSave, InvalidState
from hermetic.graph import Link
from tests.codecs.hostile import bring_back, change, refuse, through_the_gates

DENSE = np.where(np.random.default_rng(0).random((6, 8)) > 0.6, np.random.default_rng(1).random((6, 8)), 0.0)
FORMATS = ("csr", "csc", "coo", "bsr", "dia", "lil", "dok")
NEEDS_SCIPY_1_15 = pytest.mark.skipif(
    np.lib.NumpyVersion(scipy.__version__) < "1.15.0", reason="older scipy has two dimensions only"
)
KINDS = [f"{name}_{form}" for name in FORMATS for form in ("matrix", "array")]
DTYPES = ("bool", "int8", "int64", "uint32", "float32", "float64", "complex128")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_a_matrix_keeps_format_dtype_and_numbers(kind: str, dtype: str):
    matrix = getattr(sparse, kind)((DENSE * 9).astype(dtype))
    restored = bring_back(matrix)
    assert (type(restored), restored.dtype, restored.shape) == (type(matrix), matrix.dtype, matrix.shape)
    assert restored.toarray().tobytes() == matrix.toarray().tobytes()
    assert (restored @ np.ones(8)).tobytes() == (matrix @ np.ones(8)).tobytes()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", [(0, 5), (5, 0), (3, 4)], ids=str)
def test_a_matrix_without_items_keeps_its_shape(kind: str, shape: tuple[int, int]):
    assert bring_back(getattr(sparse, kind)(shape, dtype=np.float32)).shape == shape


@pytest.mark.parametrize("kind", KINDS)
def test_many_matrices_of_different_shapes_stand_in_one_table(kind: str):
    matrices = [getattr(sparse, kind)(DENSE[: 1 + row % 5, : 2 + row % 6]) for row in range(40)]
    restored = bring_back(matrices)
    assert [matrix.toarray().tolist() for matrix in restored] == [matrix.toarray().tolist() for matrix in matrices]


@pytest.mark.parametrize("kind", KINDS)
def test_a_restored_matrix_can_be_changed_and_converted(kind: str):
    restored = bring_back(getattr(sparse, kind)(DENSE))
    assert restored.tocsr().sorted_indices().nnz == np.count_nonzero(DENSE)
    assert (restored.copy() * 2).T.toarray().tolist() == (DENSE * 2).T.tolist()
    if kind.startswith(("lil", "dok", "csr")):
        restored.tolil()[0, 0] = 5.0


@pytest.mark.parametrize("dtype", [np.int32, np.int64])
@pytest.mark.parametrize("kind", ["csr_matrix", "csc_array", "bsr_array"])
def test_index_arrays_keep_their_dtype(kind: str, dtype: type):
    matrix = getattr(sparse, kind)(DENSE)
    matrix.indices, matrix.indptr = matrix.indices.astype(dtype), matrix.indptr.astype(dtype)
    restored = bring_back(matrix)
    assert (restored.indices.dtype, restored.indptr.dtype) == (dtype, dtype)


def test_matrices_that_share_their_structure_keep_sharing_it():
    first, second = sparse.csr_matrix(DENSE), sparse.csr_matrix(DENSE)
    second.indices, second.indptr = first.indices, first.indptr
    first, second = bring_back([first, second])
    assert first.indices is second.indices
    assert first.data is not second.data


def test_unsorted_and_repeated_indices_stay_as_they_are():
    matrix = sparse.csr_matrix((np.arange(4.0), np.array([3, 1, 1, 0]), np.array([0, 3, 4])), shape=(2, 4))
    restored = bring_back(matrix)
    assert restored.indices.tolist() == [3, 1, 1, 0]
    assert not restored.has_sorted_indices
    assert not restored.has_canonical_format


def test_what_scipy_has_cached_is_found_anew():
    matrix = sparse.csr_matrix(DENSE)
    before = hermetic.dumps(matrix)
    assert matrix.has_sorted_indices
    assert hermetic.dumps(matrix) == before


def test_unusual_but_honest_matrices_are_made_usual():
    matrix = sparse.csr_matrix(DENSE)
    matrix.data = np.r_[matrix.data, 7.0].astype(">f8")  # byte order of another machine, and a reserve
    matrix.indices = np.r_[matrix.indices, 0].astype(np.int64)
    restored = bring_back(matrix)
    assert restored.toarray().tolist() == DENSE.tolist()
    assert restored.indices.dtype == restored.indptr.dtype == np.int64


def test_how_much_is_printed_is_kept():
    matrix = sparse.coo_array(DENSE)
    matrix.maxprint = 3
    assert bring_back(matrix).maxprint == 3


@NEEDS_SCIPY_1_15
@pytest.mark.parametrize("shape", [(4,), (2, 3, 4)], ids=str)
def test_coordinates_have_any_number_of_dimensions(shape: tuple[int, ...]):
    dense = np.arange(np.prod(shape)).reshape(shape) % 3
    restored = bring_back(sparse.coo_array(dense))
    assert restored.shape == shape
    assert restored.toarray().tolist() == dense.tolist()


@NEEDS_SCIPY_1_15
@pytest.mark.parametrize("kind", ["csr_array", "dok_array"])
def test_rows_of_one_dimension_are_kept(kind: str):
    assert bring_back(getattr(sparse, kind)(np.arange(5))).toarray().tolist() == [0, 1, 2, 3, 4]


def test_blocks_keep_their_size():
    matrix = sparse.bsr_matrix(np.kron(np.eye(3), np.ones((2, 3))), blocksize=(2, 3))
    assert bring_back(matrix).blocksize == (2, 3)


def test_a_mapped_matrix_has_its_data_in_the_file_and_its_indices_in_memory(tmp_path: Path):
    matrix = sparse.random(400, 300, density=0.2, format="csr", random_state=0)
    hermetic.dump(matrix, tmp_path / "matrix.hermetic")
    restored = hermetic.load(tmp_path / "matrix.hermetic", mmap_mode="c")
    assert restored.indices.base is None or isinstance(restored.indices.base, np.ndarray)
    assert isinstance(restored.data.base, memoryview) or not restored.data.flags.owndata
    assert (restored != matrix).nnz == 0


def test_an_attribute_that_would_be_lost_is_refused():
    matrix = sparse.csr_matrix(DENSE)
    matrix.note = "x"
    with pytest.raises(CannotSave, match="note"):
        hermetic.dumps(matrix)


def test_a_matrix_that_could_not_be_loaded_is_not_written():
    matrix = sparse.csr_matrix(DENSE)
    matrix.indices[0] = 8
    with pytest.raises(CannotSave, match="outside"):
        hermetic.dumps(matrix)


def test_objects_as_data_are_refused():
    matrix = sparse.csr_matrix(DENSE)
    matrix.data = matrix.data.astype(object)
    with pytest.raises(CannotSave, match=r"numbers|objects"):
        hermetic.dumps(matrix)


def _set(position: int, number: int):
    def change_item(array: np.ndarray) -> np.ndarray:
        array[position] = number
        return array

    return change_item


ROWS = [
    ("indices", _set(0, 8)),
    ("indices", _set(-1, 2**31 - 1)),
    ("indices", _set(0, -1)),
    ("indices", lambda array: array.astype(np.int64)),
    ("indices", lambda array: array.astype(np.float64)),
    ("indices", lambda array: array.astype(">i4")),
    ("indices", lambda array: array[:-1].copy()),
    ("indices", lambda array: array.reshape(1, -1)),
    ("indptr", _set(0, 1)),
    ("indptr", _set(1, 10**6)),
    ("indptr", _set(2, -5)),
    ("indptr", _set(-1, 10**6)),
    ("indptr", lambda array: array[:-1].copy()),
    ("indptr", lambda array: array[:0].copy()),
    ("data", lambda array: array[:-1].copy()),
    ("data", lambda array: array.astype("U8")),
    ("data", lambda array: array.astype(">f8")),
    ("data", None),
    ("shape", {"tuple": [6, 2**40]}),
    ("shape", {"tuple": [7, 8]}),
    ("shape", {"tuple": [6, 3]}),
    ("shape", {"tuple": [-6, 8]}),
    ("shape", {"tuple": [48]}),
    ("shape", 6),
    ("maxprint", "x"),
    ("surplus", 1),
]


@pytest.mark.parametrize(("field", "new"), ROWS, ids=lambda part: part if isinstance(part, str) else None)
@pytest.mark.parametrize("kind", ["csr_matrix", "lil_array"])
def test_hostile_rows_are_refused(kind: str, field: str, new: object):
    if kind == "lil_array" and field in ("indices", "indptr") and getattr(new, "__name__", "") == "<lambda>":
        pytest.skip("stored as int64: the dtypes above are those of csr")
    if kind == "lil_array" and new == {"tuple": [6, 2**40]}:
        pytest.skip("lists of long rows are honest")
    refuse(getattr(sparse, kind)(DENSE), f"scipy.sparse.{kind}", field, new)


def test_hostile_columns_are_refused():
    refuse(sparse.csc_matrix(DENSE), "scipy.sparse.csc_matrix", "indices", _set(0, 6), "outside of 0..5")


def test_a_csc_array_of_one_dimension_is_refused():
    refuse(sparse.csc_array(DENSE[:1]), "scipy.sparse.csc_array", "shape", {"tuple": [8]})


def test_one_hostile_matrix_among_many_is_found_with_its_row():
    graph = change([sparse.csr_matrix(DENSE) for _ in range(9)], "scipy.sparse.csr_matrix", "surplus", None)
    node = next(node for node in graph.nodes if getattr(node, "fields", None))
    del node.fields["surplus"]
    graph.arrays[node.fields["indices"].node][6][0] = 99
    with pytest.raises(InvalidState, match="outside") as caught:
        through_the_gates(graph)
    assert "[6]" in caught.value.where


def test_an_array_cannot_be_indices_and_bounds_at_once():
    # Native code that sorts the one in place would change the other after it has been checked.
    matrix = sparse.csr_matrix(np.array([[1.0, 0.0], [0.0, 1.0]]))
    other = sparse.csc_matrix((2, 3))
    graph = change([matrix, other], "scipy.sparse.csr_matrix", "maxprint", 50)
    rows, columns = (node for node in graph.nodes if getattr(node, "fields", None))
    columns.fields["indptr"] = [4]
    rows.fields["indices"] = columns.fields["indptr"]
    with pytest.raises(InvalidState):
        through_the_gates(graph)


def test_a_link_cannot_replace_what_was_checked():
    graph = change([sparse.csr_matrix(DENSE)], "scipy.sparse.csr_matrix", "maxprint", 50)
    number = next(number for number, node in enumerate(graph.nodes) if getattr(node, "fields", None))
    graph.links.append(Link(number, 0, "indices", graph.nodes[number].fields["indptr"][0], 0))
    with pytest.raises(InvalidState, match="indices"):
        through_the_gates(graph)


COORDINATES = [
    ("coordinate_0", _set(0, 6)),
    ("coordinate_1", _set(0, -1)),
    ("coordinate_1", lambda array: array[:-1].copy()),
    ("coordinate_1", lambda array: array.astype(np.int64)),
    ("coordinate_2", lambda array: 1),
    ("shape", {"tuple": [6, 8, 2]}),
    ("shape", {"tuple": [6]}),
    ("data", lambda array: array[:-1].copy()),
]


@pytest.mark.parametrize(("field", "new"), COORDINATES, ids=lambda part: part if isinstance(part, str) else None)
@pytest.mark.parametrize("kind", ["coo_matrix", "dok_matrix"])
def test_hostile_coordinates_are_refused(kind: str, field: str, new: object):
    refuse(getattr(sparse, kind)(DENSE), f"scipy.sparse.{kind}", field, new)


def test_a_place_that_occurs_twice_is_refused_where_none_may():
    twice = sparse.coo_matrix((np.ones(2), ([1, 1], [2, 2])), shape=(3, 3))
    assert bring_back(twice).toarray()[1, 2] == 2.0
    refuse(twice, "scipy.sparse.coo_matrix", "has_canonical_format", True, "twice")
    refuse(twice, "scipy.sparse.coo_matrix", "has_canonical_format", 1)


BLOCKS = [
    ("data", lambda array: array.reshape(len(array), -1)),
    ("data", lambda array: array[:, :0]),
    ("data", lambda array: np.ones((len(array), 4, 3))),
    ("indices", _set(0, 3)),
    ("indptr", _set(1, 99)),
    ("shape", {"tuple": [8, 9]}),
]


@pytest.mark.parametrize(("field", "new"), BLOCKS, ids=lambda part: part if isinstance(part, str) else None)
def test_hostile_blocks_are_refused(field: str, new: object):
    matrix = sparse.bsr_matrix(np.kron(np.eye(3), np.ones((2, 3))), blocksize=(2, 3))
    refuse(matrix, "scipy.sparse.bsr_matrix", field, new)


DIAGONALS = [
    ("offsets", _set(0, 1)),
    ("offsets", _set(0, 2**31 - 1)),
    ("offsets", _set(0, -(2**31))),
    ("offsets", lambda array: array[:-1].copy()),
    ("offsets", lambda array: array.astype(float)),
    ("data", lambda array: array.ravel()),
    ("shape", {"tuple": [4, 2**40]}),
]


@pytest.mark.parametrize(("field", "new"), DIAGONALS, ids=lambda part: part if isinstance(part, str) else None)
def test_hostile_diagonals_are_refused(field: str, new: object):
    matrix = sparse.dia_matrix((np.ones((2, 4)), [0, 1]), shape=(4, 4))
    refuse(matrix, "scipy.sparse.dia_matrix", field, new)
