"""The header of ``.npy`` members is, byte for byte, what numpy writes."""

import io
import warnings

import numpy as np
import numpy.lib.format
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hermetic.errors import UsageError
from hermetic.formats.npy_header import render_npy_header

# The function that chooses the version is private, and lives elsewhere since numpy 2.3.
_format = getattr(numpy.lib, "_format_impl", numpy.lib.format)

DTYPES = [
    *("|b1", "|i1", "|u1", "<i2", "<u2", "<i4", "<u4", "<i8", "<u8", "<f2", "<f4", "<f8", "<c8", "<c16"),
    *(">i4", ">f8", ">c16", "<U1", "<U300", "|S5", "<M8[ns]", "<m8[D]", "<M8[25s]", "|V7"),
    [("left", "<i8"), ("right", "<i8"), ("threshold", "<f8"), ("missing_go_to_left", "|u1")],
    [("vector", "<f4", (3,)), ("matrix", "<f8", (2, 2))],
    [("outer", [("inner", "<i2"), ("text", "<U4")]), ("last", "|S1")],
    [(("a title", "name"), "<f8")],
    [("it's", "<f8"), ('a "quote"', "<i4"), ("line\nbreak", "<i4")],
    [("café", "<f8")],
]
ALIGNED = [("small", "|u1"), ("large", "<f8"), ("short", "<i2")]


def header_of_numpy(dtype: np.dtype, length: int) -> bytes:
    target = io.BytesIO()
    described = {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": (length,)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # numpy warns that versions 2.0 and 3.0 are rare
        _format._write_array_header(target, described, None)
    return target.getvalue()


def descr_of(dtype: np.dtype) -> str:
    return repr(np.lib.format.dtype_to_descr(dtype))


@pytest.mark.parametrize("length", [0, 1, 9, 10, 12345, 2**31, 2**63 - 1])
@pytest.mark.parametrize("description", DTYPES, ids=str)
def test_the_header_is_the_one_that_numpy_writes(description, length):
    dtype = np.dtype(description)
    assert render_npy_header(descr_of(dtype), length) == header_of_numpy(dtype, length)


def test_the_padding_of_an_aligned_structure_is_described_as_numpy_does():
    dtype = np.dtype(ALIGNED, align=True)
    assert dtype.itemsize == 24
    assert render_npy_header(descr_of(dtype), 7) == header_of_numpy(dtype, 7)


def test_the_node_dtype_of_a_scikit_learn_tree_is_described_as_numpy_does():
    from sklearn.tree._tree import NODE_DTYPE

    assert render_npy_header(descr_of(NODE_DTYPE), 31) == header_of_numpy(NODE_DTYPE, 31)


@pytest.mark.parametrize("n_fields", [*range(2490, 2500), 2800, 3600])
def test_a_header_that_is_too_long_for_version_1_has_version_2(n_fields):
    dtype = np.dtype([(f"a field with {number:04d}", "<f8") for number in range(n_fields)])
    header = render_npy_header(descr_of(dtype), 3)
    assert header == header_of_numpy(dtype, 3)
    assert header[6] == (1 if len(header) < 65536 + 10 else 2)


def test_a_field_name_outside_latin_1_has_version_3():
    dtype = np.dtype([("имя", "<f8")])
    header = render_npy_header(descr_of(dtype), 3)
    assert header == header_of_numpy(dtype, 3)
    assert header[6] == 3


@given(st.integers(0, 2**63 - 1), st.integers(1, 400))
def test_the_elements_stand_at_a_multiple_of_64(length, size):
    assert len(render_npy_header(f"'<U{size}'", length)) % 64 == 0


@pytest.mark.parametrize("name_length", range(0, 70))
def test_headers_of_every_length_modulo_64_agree(name_length):
    dtype = np.dtype([("x" * (name_length + 1), "<f8")])
    assert render_npy_header(descr_of(dtype), 5) == header_of_numpy(dtype, 5)


def test_numpy_loads_what_follows_such_a_header():
    array = np.arange(10, dtype="<i4")
    loaded = np.load(io.BytesIO(render_npy_header("'<i4'", 10) + array.tobytes()), allow_pickle=False)
    assert np.array_equal(loaded, array)


@pytest.mark.parametrize("length", [-1, 2**63])
def test_a_length_that_no_array_has_is_refused(length):
    with pytest.raises(UsageError, match="cannot have"):
        render_npy_header("'<i4'", length)
