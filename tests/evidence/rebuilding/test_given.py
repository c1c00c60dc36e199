"""Data in files become what they were, or it is said why they cannot be read; no pickle within is opened."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from hermetic.errors import DataUnavailable, UsageError
from hermetic.evidence.data.reading import read_parts
from hermetic.evidence.data.recording import record_data
from hermetic.evidence.rebuilding.given import read_given

FRAME = pd.DataFrame({"a": [1.5, 2.5], "b": ["x", "y"]})
DATA: dict[str, Any] = {
    "array": np.arange(6.0).reshape(3, 2),
    "whole-numbers": np.arange(6, dtype=np.int16).reshape(3, 2),
    "frame": FRAME,
    "texts": ["some", "words"],
    "sparse": sparse.csr_matrix(np.eye(3)),
}


def test_what_is_no_path_is_left_as_it_is():
    array = np.eye(2)
    assert read_given({"X": array, "y": "labels.npy"}, None)["X"] is array
    assert read_given({"y": "labels.npy"}, None) == {"y": "labels.npy"}


def test_an_array_is_read(tmp_path: Path):
    np.save(tmp_path / "X.npy", np.eye(2))
    assert np.array_equal(read_given({"X": tmp_path / "X.npy"}, None)["X"], np.eye(2))


def test_a_pickle_within_an_array_is_not_opened(tmp_path: Path):
    np.save(tmp_path / "X.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(DataUnavailable, match="cannot be read"):
        read_given({"X": tmp_path / "X.npy"}, None)


@pytest.mark.parametrize("name", DATA)
def test_a_snapshot_becomes_the_very_object(name: str, tmp_path: Path):
    pytest.importorskip("pyarrow")
    record, snapshot = record_data({"X": DATA[name]}, "embed")
    (tmp_path / "X.parquet").write_bytes(snapshot["X"])
    handed = read_given({"X": tmp_path / "X.parquet"}, record)
    assert type(handed["X"]) is type(DATA[name])
    assert read_parts(record, snapshot={}, given=handed)["X"] is handed["X"]


def test_a_parquet_file_of_somebody_else_becomes_a_frame(tmp_path: Path):
    pytest.importorskip("pyarrow")
    FRAME.to_parquet(tmp_path / "X.parquet")
    record, _ = record_data({"X": FRAME}, None)
    pd.testing.assert_frame_equal(read_given({"X": tmp_path / "X.parquet"}, record)["X"], FRAME)
    pd.testing.assert_frame_equal(read_given({"X": tmp_path / "X.parquet"}, None)["X"], FRAME)


BROKEN = {"X.npy": b"no array", "Y.npy": b"", "X.parquet": b"PAR1", "Y.parquet": b""}


@pytest.mark.parametrize("name", BROKEN)
def test_what_cannot_be_read_is_told_with_its_place(name: str, tmp_path: Path):
    pytest.importorskip("pyarrow")
    (tmp_path / name).write_bytes(BROKEN[name])
    with pytest.raises(DataUnavailable, match="cannot be read") as caught:
        read_given({"X": tmp_path / name}, None)
    assert name in caught.value.where


@pytest.mark.parametrize("name", ["X.csv", "X.pkl", "X", "X.npz"])
def test_other_kinds_are_refused(name: str, tmp_path: Path):
    with pytest.raises(UsageError, match=r"\.npy and \.parquet files"):
        read_given({"X": tmp_path / name}, None)


def test_a_file_that_is_not_there_is_told(tmp_path: Path):
    for name in ("X.npy", "X.parquet"):
        with pytest.raises(DataUnavailable):
            read_given({"X": tmp_path / name}, None)


ARRAYS: dict[str, Any] = {
    "whole-numbers": np.arange(6, dtype=np.int8).reshape(3, 2),
    "by-columns": np.asfortranarray(np.arange(6.0).reshape(3, 2)),
    "big-endian": np.arange(3, dtype=">f4"),
    "truth": np.array([True, False]),
    "texts": np.array(["a", "bc"]),
    "nothing": np.zeros((0, 4)),
    "one-number": np.float64(3.0),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays_come_back_with_type_and_shape(name: str, tmp_path: Path):
    np.save(tmp_path / "X.NPY.npy", ARRAYS[name])
    (tmp_path / "X.NPY.npy").rename(tmp_path / "X.NPY")
    found = read_given({"X": tmp_path / "X.NPY"}, None)["X"]
    assert (found.dtype, found.shape) == (np.asarray(ARRAYS[name]).dtype, np.shape(ARRAYS[name]))
    assert np.array_equal(found, ARRAYS[name])


def test_a_column_in_parquet_becomes_the_series_that_was_recorded(tmp_path: Path):
    pytest.importorskip("pyarrow")
    target = pd.Series([1.5, 2.5], name="price")
    record, _ = record_data({"y": target}, None)
    target.to_frame().to_parquet(tmp_path / "y.parquet")
    pd.testing.assert_series_equal(read_given({"y": tmp_path / "y.parquet"}, record)["y"], target)


def test_each_part_is_read_by_its_own_name(tmp_path: Path):
    np.save(tmp_path / "one.npy", np.eye(2))
    handed = read_given({"X": tmp_path / "one.npy", "y": [1, 2], "groups": None}, None)
    assert list(handed) == ["X", "y", "groups"]
    assert (handed["y"], handed["groups"]) == ([1, 2], None)


def test_an_array_that_was_cut_off_is_told(tmp_path: Path):
    np.save(tmp_path / "X.npy", np.arange(1_000.0))
    content = (tmp_path / "X.npy").read_bytes()
    for share in (0.001, 0.01, 0.5, 0.99):
        (tmp_path / "X.npy").write_bytes(content[: int(len(content) * share)])
        with pytest.raises(DataUnavailable, match="cannot be read"):
            read_given({"X": tmp_path / "X.npy"}, None)


def test_an_array_that_promises_more_than_there_is_takes_no_memory(tmp_path: Path):
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000,), }"
    header += b" " * (117 - len(header)) + b"\n"
    (tmp_path / "X.npy").write_bytes(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header)
    with pytest.raises(DataUnavailable, match="cannot be read"):
        read_given({"X": tmp_path / "X.npy"}, None)
