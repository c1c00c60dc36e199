"""A scan of numpy's own files: numbers are clean, objects are judged as the pickle that they are."""

from __future__ import annotations

import io
import pickle

import numpy as np
import pytest

import hermetic
from hermetic.scanning import ScanReport, scan
from tests.corpus_archives import npy, npy_of
from tests.corpus_pickles import PAYLOAD


def scanned(data: bytes) -> ScanReport:
    return scan(io.BytesIO(data))


ARRAYS = {
    "float": np.arange(5.0),
    "no dimension": np.array(3),
    "empty": np.zeros((0, 4)),
    "three dimensions": np.zeros((2, 3, 4), order="F"),
    "bool": np.array([True, False]),
    "text": np.array(["a", "longer"]),
    "bytes": np.array([b"a", b"bc"]),
    "moment": np.array(["2020-01-01"], dtype="M8[D]"),
    "duration": np.array([1, 2], dtype="m8[25us]"),
    "complex": np.zeros(3, dtype="c16"),
    "big-endian": np.zeros(3, dtype=">i4"),
    "half": np.zeros(3, dtype="f2"),
    "record": np.zeros(3, dtype=[("a", "i4"), ("b", "f8", (2,))]),
    "record of records": np.zeros(3, dtype=[("a", [("b", "i4"), ("O", "U3")])]),
    "void": np.zeros(3, dtype="V7"),
}
FORMS = {"native": lambda array: array, "twice": lambda array: np.stack([array, array])}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ARRAYS)
def test_numbers_and_texts_are_clean(name: str, form: str):
    report = scanned(npy(FORMS[form](ARRAYS[name])))
    assert (report.verdict, report.format) == ("clean", "npy"), str(report)


@pytest.mark.parametrize("dtype", [object, [("a", "i4"), ("b", object)], [("a", [("b", "O")])], [("a", "O", (2,))]])
def test_objects_in_any_kind_of_array_are_judged(dtype: object):
    array = np.zeros(2, dtype=dtype)
    assert scanned(npy(array)).verdict == "clean"
    data = npy(array)
    header = data[: data.index(b"\n") + 1]
    report = scanned(header + PAYLOAD)
    assert (report.verdict, report.findings[0].rule) == ("dangerous", "run-command")
    assert report.findings[0].path == f"nested@{len(header)}"


def test_objects_of_an_unknown_class_are_unknown():
    class_ = pickle.dumps(np.array([hermetic.Limits()], dtype=object))
    header = b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }\n"
    assert scanned(npy_of(header, class_)).verdict == "unknown"


HEADERS = {
    "other quotes": b'{"descr": "|O", "fortran_order": False, "shape": (1,), }\n',
    "another order": b"{'shape': (1,), 'descr': '|O', 'fortran_order': False}\n",
    "a comment": b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), } # comment\n",
    "no dictionary": b"[]\n",
    "a number that is none": b"{'descr': '<f8', 'fortran_order': False, 'shape': (-1,), }\n",
    "put together": b"{'descr': '|' 'O', 'fortran_order': False, 'shape': (1,), }\n",
    "nothing": b"",
}


@pytest.mark.parametrize("name", HEADERS)
def test_a_header_that_numpy_does_not_write_is_malformed_and_hides_no_pickle(name: str):
    assert scanned(npy_of(HEADERS[name], bytes(8))).verdict == "malformed"
    report = scanned(npy_of(HEADERS[name], PAYLOAD))
    assert report.verdicts == ("dangerous", "malformed")


def test_an_unknown_version_is_malformed():
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }\n"
    assert scanned(npy_of(header, bytes(8))).verdict == "clean"
    assert scanned(npy_of(header, bytes(8), b"\x09\0")).verdict == "malformed"


@pytest.mark.parametrize("shape", ["10000000000000,", "4294967296, 4294967296", "99999999999999999999,"])
def test_a_shape_of_more_than_there_is_takes_memory(shape: str):
    header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': ({shape}), }}\n".encode()
    report = scanned(npy_of(header, bytes(8)))
    assert (report.verdict, report.findings[0].rule) == ("resource", "huge-shape")


def test_a_small_difference_in_length_is_damage():
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (3,), }\n"
    for length in (0, 23, 25):
        report = scanned(npy_of(header, bytes(length)))
        assert report.verdict == "malformed"
        assert f"declares 24 bytes, but {length} follow" in report.problem


def test_a_header_of_a_gigabyte_is_not_read():
    report = scanned(b"\x93NUMPY\x02\0\xff\xff\xff\x3f" + bytes(99))
    assert report.verdict == "malformed"


def test_what_is_too_short_to_be_an_array_is_unreadable():
    for length in range(12):
        assert scanned(npy(np.arange(3.0))[:length]).verdict == "unreadable"
