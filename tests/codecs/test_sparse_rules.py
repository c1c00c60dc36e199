"""The rules of sparse matrices say which matrix of a table breaks which rule."""

from __future__ import annotations

import numpy as np
import pytest

from hermetic.codecs.sparse_rules import problem_of_compressed, problem_of_coordinates, shared_index_dtype

ROWS = ([1.0, 2.0], [0, 2], [0, 1, 2])


def _table(n_matrices: int) -> list[list[np.ndarray]]:
    data, indices, indptr = ROWS
    makers = (lambda: np.array(data), lambda: np.array(indices, np.int32), lambda: np.array(indptr, np.int32))
    return [[make() for _ in range(n_matrices)] for make in makers]


@pytest.mark.parametrize("n_matrices", [1, 2, 50])
def test_a_table_without_problem_has_none(n_matrices: int):
    assert problem_of_compressed([(2, 3)] * n_matrices, *_table(n_matrices)) == (0, "")


@pytest.mark.parametrize("row", [0, 1, 29, 49])
@pytest.mark.parametrize(
    ("part", "position", "number", "words"),
    [
        (1, 0, -1, "outside of 0..2"),
        (1, 1, 3, "outside of 0..2"),
        (2, 0, 1, "begin with 0"),
        (2, 2, 3, "end with the number of items"),
        (2, 1, 5, "must not fall"),
    ],
)
def test_the_row_with_the_problem_is_named(row: int, part: int, position: int, number: int, words: str):
    table = _table(50)
    table[part][row][position] = number
    found, problem = problem_of_compressed([(2, 3)] * 50, *table)
    assert found == row
    assert words in problem


def test_the_bound_of_each_matrix_is_its_own():
    shapes = [(2, 3), (2, 2), (2, 9)]
    assert problem_of_compressed(shapes, *_table(3))[0] == 1


def test_matrices_without_items_beside_others_are_no_problem():
    table = _table(3)
    for part, empty in zip(table, (np.zeros(0), np.zeros(0, np.int32), np.zeros(1, np.int32)), strict=True):
        part[1] = empty
    assert problem_of_compressed([(2, 3), (0, 0), (2, 3)], *table) == (0, "")


def test_long_index_arrays_are_checked_in_parts():
    shapes, data, indices, indptr = [], [], [], []
    for length in (3000, 5000, 10, 4096, 7):
        shapes.append((1, length))
        data.append(np.ones(length))
        indices.append(np.arange(length))
        indptr.append(np.array([0, length]))
    assert problem_of_compressed(shapes, data, indices, indptr) == (0, "")
    indices[4][3] = 7
    assert problem_of_compressed(shapes, data, indices, indptr)[0] == 4


def test_index_arrays_of_the_right_dtype_are_not_copied():
    first, second = np.zeros(3, np.int32), np.zeros(2, np.int32)
    same = shared_index_dtype(first, second)
    assert same[0] is first
    assert same[1] is second


@pytest.mark.parametrize("dtype", ["uint32", "int64", "uint64", ">i8"])
def test_other_integers_become_int64(dtype: str):
    arrays = shared_index_dtype(np.zeros(3, dtype), np.zeros(2, np.int32))
    assert {array.dtype for array in arrays} == {np.dtype(np.int64)}


def test_coordinates_are_unique_in_any_order():
    places = {"coordinate_0": [np.array([2, 0, 1])], "coordinate_1": [np.array([0, 1, 0])]}
    fields = {"shape": [(3, 2)], "data": [np.ones(3)], **places}
    assert problem_of_coordinates(fields, unique=[True]) == (0, "")
    fields["coordinate_0"][0][2] = 2
    assert problem_of_coordinates(fields, unique=[True]) == (0, "a place occurs twice")
    assert problem_of_coordinates(fields) == (0, "")
