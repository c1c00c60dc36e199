"""Arrays and sparse matrices are rows and columns of logical types, however they lie in memory."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.sparse

from hermetic.errors import UsageError
from hermetic.evidence.data.arrays import table_of_array, table_of_sparse, type_of_array, values_of_array
from hermetic.evidence.data.fingerprint import BLOCK_ROWS, fingerprint

TYPES = {
    "?": "bool",
    "i1": "int8",
    "u1": "uint8",
    "i2": "int16",
    ">u2": "uint16",
    "i4": "int32",
    ">u4": "uint32",
    "i8": "int64",
    "u8": "uint64",
    "f2": "float16",
    ">f4": "float32",
    "f8": "float64",
    "c8": "complex64",
    ">c16": "complex128",
    "U3": "text",
    ">U3": "text",
    "T": "text",
    "S3": "bytes",
    "M8[Y]": "date",
    "M8[M]": "date",
    "M8[W]": "date",
    "M8[D]": "date",
    "M8[h]": "timestamp[s]",
    "M8[m]": "timestamp[s]",
    "M8[s]": "timestamp[s]",
    "M8[ms]": "timestamp[ms]",
    ">M8[us]": "timestamp[us]",
    "M8[ns]": "timestamp[ns]",
    "m8[D]": "duration[s]",
    "m8[h]": "duration[s]",
    "m8[ns]": "duration[ns]",
}


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("n_rows", [0, 3])
def test_a_dtype_has_a_logical_type_also_without_rows(dtype: str, n_rows: int):
    array = np.zeros(n_rows, dtype)
    assert type_of_array(array) == TYPES[dtype]
    values = values_of_array(array, TYPES[dtype])
    assert (len(values.content), values.is_missing) == (n_rows, None)
    assert fingerprint(array).columns[0].type == TYPES[dtype]


@pytest.mark.parametrize(
    "dtype", ["g", "G", "V3", "M8", "m8", "M8[ps]", "m8[as]", "M8[25s]", "m8[2h]", "m8[Y]", "m8[W]"]
)
def test_a_dtype_without_a_logical_type_names_itself(dtype: str):
    array = np.zeros(2, dtype)
    with pytest.raises(UsageError, match="have no fingerprint: convert them") as caught:
        type_of_array(array)
    assert str(array.dtype) in caught.value.found


@pytest.mark.parametrize("shape", [(), (2, 2, 2), (0, 0, 0), (1, 1, 1, 1)])
def test_an_array_has_one_or_two_dimensions(shape: tuple[int, ...]):
    with pytest.raises(UsageError, match="one or two dimensions") as caught:
        table_of_array(np.zeros(shape))
    assert str(shape) in caught.value.found


@pytest.mark.parametrize(
    ("shape", "n_rows", "n_columns"), [((0,), 0, 1), ((0, 3), 0, 3), ((3, 0), 3, 0), ((0, 0), 0, 0)]
)
def test_an_array_without_values_has_its_rows_and_columns(shape: tuple[int, ...], n_rows: int, n_columns: int):
    table = table_of_array(np.zeros(shape))
    assert (table.n_rows, len(table.columns)) == (n_rows, n_columns)
    found = fingerprint(np.zeros(shape))
    assert (found.n_rows, len(found.columns)) == (n_rows, n_columns)


def test_empty_arrays_of_other_shapes_have_other_fingerprints():
    shapes = [(0,), (0, 3), (3, 0), (0, 0), (4, 0)]
    digests = {fingerprint(np.zeros(shape)).digest for shape in shapes}
    # No rows of nothing, and one column without rows, are what they are in any other library.
    assert len(digests) == len(shapes)


NUMBERS = np.random.default_rng(0).normal(size=(24, 4))


def _mapped(folder: Path) -> np.ndarray:
    mapped = np.memmap(folder / "numbers", dtype="f8", mode="w+", shape=NUMBERS.shape)
    mapped[:] = NUMBERS
    mapped.flush()
    return np.memmap(folder / "numbers", dtype="f8", mode="r", shape=NUMBERS.shape)


def _unaligned() -> np.ndarray:
    return np.frombuffer(b"\0" + NUMBERS.tobytes(), "u1")[1:].view("f8").reshape(NUMBERS.shape)


HELD = {
    "mapped from a file": _mapped,
    "read only": lambda folder: np.frombuffer(NUMBERS.tobytes()).reshape(NUMBERS.shape),
    "at odd addresses": lambda folder: _unaligned(),
    "backwards": lambda folder: NUMBERS[::-1, ::-1].copy()[::-1, ::-1],
    "a part of a wider one": lambda folder: np.hstack([NUMBERS, NUMBERS])[:, :4],
    "every other column": lambda folder: np.repeat(NUMBERS, 2, axis=1)[:, ::2],
    "a part of one by columns": lambda folder: np.asfortranarray(np.repeat(NUMBERS, 2, axis=0))[::2],
    "of a class of its own": lambda folder: NUMBERS.view(np.recarray),
    "objects": lambda folder: NUMBERS.astype(object),
}


@pytest.mark.parametrize("how", HELD)
def test_the_same_numbers_have_the_same_fingerprint(how: str, tmp_path: Path):
    held = HELD[how](tmp_path)
    before = held.tobytes() if how != "objects" else None
    assert fingerprint(held) == fingerprint(NUMBERS)
    assert before is None or held.tobytes() == before


def test_one_number_repeated_without_memory_counts_as_often_as_it_stands_there():
    repeated = np.broadcast_to(np.array([1.0, 2.0]), (5, 2))
    assert fingerprint(repeated) == fingerprint(repeated.copy())


@pytest.mark.parametrize("n_columns", [1, 7])
def test_rows_beyond_the_first_block_are_read(n_columns: int):
    numbers = np.arange((BLOCK_ROWS + 3) * n_columns, dtype="i4").reshape(-1, n_columns)
    changed = numbers.copy()
    changed[-1, -1] += 1
    first, second = fingerprint(numbers), fingerprint(changed)
    differ = [old.blocks != new.blocks for old, new in zip(first.columns, second.columns, strict=True)]
    assert differ == [False] * (n_columns - 1) + [True]
    assert first.columns[-1].blocks[0] == second.columns[-1].blocks[0]


def _documented(matrix: Any, start: int, stop: int) -> list[bytes]:
    """Give the bytes of rows as they are told of in the documentation: one row after the other."""
    rows = []
    for place in range(start, stop):
        entries = sorted((int(column), matrix[place, column]) for column in np.flatnonzero(matrix[place]))
        columns = struct.pack(f"<{len(entries)}q", *(column for column, _ in entries))
        values = b"".join(value.astype(value.dtype.newbyteorder("<")).tobytes() for _, value in entries)
        rows.append(columns + values)
    return rows


@pytest.mark.parametrize("dtype", ["?", "i1", "u2", "i4", "f4", "i8", "f8", "c8", "c16"])
@pytest.mark.parametrize("index", ["i4", "i8"])
def test_a_sparse_row_is_the_numbers_of_its_columns_and_then_its_values(dtype: str, index: str):
    dense = (scipy.sparse.random(30, 9, 0.3, random_state=0) * 90).toarray().astype(dtype)
    dense[[0, 5, 29]] = 0
    matrix = scipy.sparse.csr_matrix(dense)
    matrix.indices, matrix.indptr = matrix.indices.astype(index), matrix.indptr.astype(index)
    table = table_of_sparse(matrix)
    for start, stop in ((0, 30), (0, 1), (5, 6), (7, 29), (29, 30), (30, 30)):
        (values,) = table.read(start, stop)
        assert values.content == _documented(dense, start, stop)


@pytest.mark.parametrize("shape", [(0, 4), (4, 0), (0, 0), (3, 3)])
@pytest.mark.parametrize("dtype", ["f8", "f4", "?"])
def test_a_sparse_matrix_without_entries_has_empty_rows(shape: tuple[int, int], dtype: str):
    found = fingerprint(scipy.sparse.csr_matrix(shape, dtype=dtype))
    assert found.n_rows == shape[0]
    assert table_of_sparse(scipy.sparse.csr_matrix(shape, dtype=dtype)).read(0, shape[0])[0].content == [b""] * shape[0]
    other = fingerprint(scipy.sparse.csr_matrix((shape[0], shape[1] + 1), dtype=dtype))
    assert other.digest != found.digest


def test_entries_in_any_order_and_given_twice_are_the_same_matrix_which_is_not_written_to():
    matrix = scipy.sparse.csr_matrix(([1.0, 2.0, 4.0, 0.0], [3, 1, 1, 0], [0, 4]), shape=(1, 5))
    before = [own.copy() for own in (matrix.data, matrix.indices, matrix.indptr)]
    assert fingerprint(matrix) == fingerprint(scipy.sparse.csr_matrix([[0, 6.0, 0, 1.0, 0]]))
    for old, new in zip(before, (matrix.data, matrix.indices, matrix.indptr), strict=True):
        assert np.array_equal(old, new)


@pytest.mark.parametrize("make", [scipy.sparse.csr_array, scipy.sparse.coo_array])
def test_a_sparse_vector_is_refused_with_what_to_do(make: Any):
    with pytest.raises(UsageError, match="sparse vector"):
        fingerprint(make(np.array([1.0, 0.0, 2.0])))
