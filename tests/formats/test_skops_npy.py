"""Arrays from ``.npy`` files that numpy wrote anywhere, and headers that no numpy writes."""

import io
import struct
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from hermetic.errors import FormatError
from hermetic.formats.skops_npy import read_array, read_npy_header
from tests.formats.skops_files import npy


def read(data):
    return read_array(memoryview(data), "a.npy")


def framed(header: str, items: bytes = b"", version: int = 1, *, ends="\n"):
    """Put a header of any text before some items."""
    encoded = (header + ends).encode("latin1" if version < 3 else "utf-8", "surrogateescape")
    length = struct.pack("<H" if version == 1 else "<L", len(encoded))
    return b"\x93NUMPY" + bytes([version, 0]) + length + encoded + items


def header_of(descr: str, shape: str = "(1,)", order: str = "False") -> str:
    return f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}"


dtypes = st.one_of(
    arrays.scalar_dtypes(),
    arrays.array_dtypes(arrays.scalar_dtypes(), max_size=4).filter(lambda dtype: all(map(str.isascii, dtype.fields))),
    st.sampled_from(["<U0", "|S0", "|V3", "<M8[25s]", "<m8", ">c16"]).map(np.dtype),
)


def has_titles(dtype):
    return any(len(field) == 3 for field in (dtype.fields or {}).values())


@settings(max_examples=200, deadline=None)
@given(
    dtypes.filter(lambda dtype: not has_titles(dtype)),
    arrays.array_shapes(min_dims=0, min_side=0, max_dims=4, max_side=4),
    st.sampled_from("CF"),
)
def test_whatever_numpy_saves_is_read_as_numpy_loads_it(dtype, shape, order):
    values = np.zeros(shape, dtype, order=order)
    file = io.BytesIO()
    np.save(file, values, allow_pickle=False)

    found, expected = read(file.getvalue()), np.load(io.BytesIO(file.getvalue()), allow_pickle=False)

    assert found.dtype == expected.dtype and found.dtype.str == expected.dtype.str and found.shape == expected.shape
    assert found.tobytes() == expected.tobytes() and found.flags.fnc == expected.flags.fnc
    assert found.flags.writeable and found.flags.owndata


def test_the_items_are_those_of_the_file_in_both_orders():
    values = np.arange(24, dtype=">i2").reshape(2, 3, 4)

    assert read(npy(values)).tolist() == values.tolist()
    assert read(npy(np.asfortranarray(values))).tolist() == values.tolist()


def test_fields_with_gaps_and_inner_arrays_are_read():
    inner = np.dtype([("x", "<f4"), ("y", "|u1", (2, 2))])
    dtype = np.dtype({"names": ["a", "b"], "formats": [inner, "<U2"], "offsets": [1, 16], "itemsize": 32})
    values = np.zeros(2, dtype)
    values["b"] = "xy"
    values["a"]["y"] = 7

    found = read(npy(values))

    assert found.dtype == dtype and found.tobytes() == np.load(io.BytesIO(npy(values))).tobytes()


def test_names_of_fields_may_be_any_text():
    names = ["it's", 'a"b', "back\\slash", "é", "日本", "', 'fortran_order': True", "new\nline"]
    values = np.zeros(1, [(name, "<i4") for name in names])

    with pytest.warns(UserWarning, match="Stored array in format 3"):
        data = npy(values)
    found = read(data)

    assert found.dtype.names == tuple(names)


@pytest.mark.parametrize("version", [1, 2, 3])
def test_all_versions_of_the_format_are_read(version):
    file = io.BytesIO()
    if version < 3:
        np.lib.format.write_array(file, np.arange(3.0), version=(version, 0))
        assert read(file.getvalue()).tolist() == [0, 1, 2]
    assert read(framed(header_of("'<f8'"), struct.pack("<d", 2.5), version)).tolist() == [2.5]


def test_headers_of_old_releases_of_numpy_have_another_padding():
    assert read(framed(header_of("'<f8'"), bytes(8), ends=" " * 5 + "\n")).tolist() == [0.0]


EIGHT = bytes(8)
WRONG = {
    "object": (framed(header_of("'|O'"), EIGHT), "not a dtype"),
    "object in a field": (framed(header_of("[('a', '|O')]"), EIGHT), "not a dtype"),
    "object spelt otherwise": (framed(header_of("'O'"), EIGHT), "not a dtype"),
    "no dtype": (framed(header_of("'zzz'"), EIGHT), "not a dtype"),
    "number for a dtype": (framed(header_of("8"), EIGHT), "not a dtype that can be kept"),
    "tuple for a dtype": (framed(header_of("('<f8', (1,))"), EIGHT), "not a dtype that can be kept"),
    "field of one part": (framed(header_of("[('a',)]"), EIGHT), "not a dtype that can be kept"),
    "field of four parts": (framed(header_of("[('a', '<f8', (1,), 1)]"), EIGHT), "not a dtype that can be kept"),
    "title of a field": (framed(header_of("[(('t', 'a'), '<f8')]"), EIGHT), "not a dtype that can be kept"),
    "field shape": (framed(header_of("[('a', '<f8', 1)]"), EIGHT), "not a dtype that can be kept"),
    "field shape of text": (framed(header_of("[('a', '<f8', ('1',))]"), EIGHT), "not a dtype that can be kept"),
    "huge field": (framed(header_of("[('a', '<f8', (1073741824,))]"), EIGHT), "not a dtype that can be kept"),
    "huge fields": (framed(header_of("[('a', '<f8', (65536, 65536, 65536))]"), EIGHT), "not a dtype that can be kept"),
    "two names": (framed(header_of("[('a', '<f4'), ('a', '<f4')]"), EIGHT), "not a dtype"),
    "deep": (framed(header_of("[('a', " * 30 + "'<f8'" + ")]" * 30), EIGHT), "not a dtype that can be kept"),
    "very deep": (framed(header_of("[" * 5000 + "]" * 5000), EIGHT, 2), "not the header of an array"),
    "a call": (framed(header_of("__import__('os').system('true')"), EIGHT), "not the header of an array"),
    "minus": (framed(header_of("-" * 3000 + "1"), EIGHT), "not the header of an array"),
    "sum": (framed(header_of("'<f8'", "(1+1,)"), EIGHT), "not the header of an array"),
    "joined texts": (framed(header_of("'<f' '8'"), EIGHT), "not the header of an array as numpy writes it"),
    "hexadecimal": (framed(header_of("'<f8'", "(0x1,)"), EIGHT), "not the header of an array"),
    "escaped": (framed(header_of(r"'\x3cf8'"), EIGHT), "not the header of an array as numpy writes it"),
    "other quotes": (framed(header_of('"<f8"'), EIGHT), "not the header of an array as numpy writes it"),
    "spaces": (framed(header_of("'<f8'", "(1, )"), EIGHT), "not the header of an array as numpy writes it"),
    "shape without comma": (framed(header_of("'<f8'", "(1)"), EIGHT), "not the header of an array as numpy writes it"),
    "leading zero": (framed(header_of("'<f8'", "(01,)"), EIGHT), "not the header of an array"),
    "many digits": (framed(header_of("'<f8'", f"({'9' * 5000},)"), EIGHT), "not the header of an array"),
    "negative": (framed(header_of("'<f8'", "(-1,)"), EIGHT), "not the header of an array"),
    "order as number": (framed(header_of("'<f8'", order="0"), EIGHT), "not the header of an array"),
    "key twice": (framed(header_of("'<f8', 'descr': '<f4'"), EIGHT), "not the header of an array"),
    "another key": (framed(header_of("'<f8'").replace("shape", "shapes"), EIGHT), "not the header of an array"),
    "keys in another order": (framed("{'shape': (1,), 'descr': '<f8', }", EIGHT), "not the header of an array"),
    "no end of line": (framed(header_of("'<f8'"), EIGHT, ends=""), "not the header of an array"),
    "two lines": (framed(header_of("'<f8'"), EIGHT, ends="\n\n"), "not the header of an array"),
    "tab": (framed(header_of("'<f8'"), EIGHT, ends="\t\n"), "not the header of an array"),
    "not UTF-8": (framed(header_of("[('\udcff', '<f8')]"), EIGHT, 3), "not UTF-8"),
    "version 4": (framed(header_of("'<f8'"), EIGHT, 4), "expected the beginning of a .npy file"),
    "other magic": (b"\x94NUMPY\1\0" + EIGHT, "expected the beginning of a .npy file"),
    "pickle": (b"\x80\x04N.", "expected the beginning of a .npy file"),
    "nothing": (b"", "expected the beginning of a .npy file"),
    "cut in its frame": (b"\x93NUMPY\2\0\1", "expected the beginning of a .npy file"),
    "cut in its header": (framed(header_of("'<f8'"))[:50], "does not fit into a .npy file of 50"),
    "long header": (framed(" " * (1 << 21), version=2), "does not fit into a .npy file"),
    "too few items": (framed(header_of("'<f8'", "(2,)"), EIGHT), "8 bytes follow the header, but its array needs 16"),
    "too many items": (
        framed(header_of("'<f8'", "()"), EIGHT * 2),
        "16 bytes follow the header, but its array needs 8",
    ),
    "24 GB from 80 bytes": (framed(header_of("'<f8'", "(3000000000,)"), EIGHT), "its array needs 24000000000"),
    "beyond 64 bits": (framed(header_of("'<f8'", "(4294967296, 4294967296)"), EIGHT), "not the shape of an array"),
    "one axis beyond": (framed(header_of("'<f8'", "(9223372036854775808, 0)")), "not the shape of an array"),
    "nothing of much": (framed(header_of("'<U0'", "(1073741824,)")), "not the shape of an array"),
    "none of much": (framed(header_of("'<f8'", "(0, 4611686018427387904)")), "not the shape of an array"),
    "65 dimensions": (framed(header_of("'<f8'", f"({', '.join('1' * 65)})"), EIGHT), "not the shape of an array"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_file_that_no_numpy_writes_is_refused_with_its_place(case):
    data, message = WRONG[case]

    with pytest.raises(FormatError, match=message) as refused:
        read(data)
    assert refused.value.where == "a.npy" and len(str(refused.value)) < 700


def test_what_the_installed_numpy_does_not_make_is_refused():
    data = framed(header_of("'<f8'", f"({', '.join('1' * 40)})"), bytes(8))

    if np.lib.NumpyVersion(np.__version__) >= "2.0.0":
        assert read(data).ndim == 40
    else:
        with pytest.raises(FormatError, match="numpy makes no such array"):
            read(data)


def test_much_of_nothing_is_an_empty_array():
    assert read(framed(header_of("'<f8'", "(0, 1048576)"))).shape == (0, 1 << 20)
    assert read(framed(header_of("'<U0'", "(1000,)"))).tolist() == [""] * 1000


def test_more_fields_than_any_model_has_are_refused():
    fields = ", ".join(f"('f{number}', '<f8')" for number in range(20_000))

    with pytest.raises(FormatError, match=r"not a dtype"):
        read(framed(header_of(f"[{fields}]"), bytes(8), 2))


def test_a_header_alone_says_what_follows():
    header = read_npy_header(memoryview(npy(np.zeros((2, 3), ">f4", order="F"))))

    assert (header.shape, header.is_fortran, header.length % 64) == ((2, 3), True, 0)
    assert header.description == (">f4" if sys.byteorder == "little" else "<f4")


@pytest.mark.parametrize("step", [1, 7])
def test_no_truncation_and_no_flip_of_a_byte_gives_anything_but_an_array_or_a_refusal(step):
    data = npy(np.zeros(2, [("a", "<f8"), ("b", "<U2", (2,))]))
    for position in range(0, len(data), step):
        with pytest.raises(FormatError):
            read(data[:position])
        for value in (0, data[position] ^ 1, 255):
            changed = data[:position] + bytes([value]) + data[position + 1 :]
            try:
                assert read(changed).nbytes <= len(data)
            except FormatError as error:
                assert error.where == "a.npy"
