"""A pickle that is read from a file while it is understood: the same as from memory, and each array taken once."""

from __future__ import annotations

import contextlib
import io
import os
import pickle
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest

import hermetic
from hermetic import FormatError
from hermetic.formats import pickle_file
from hermetic.formats.pickle_file import FileCursor
from hermetic.formats.pickle_opcodes import Cursor
from hermetic.formats.pickle_reader import read_pickle_at
from hermetic.formats.sources import BufferSource, FileSource
from tests.corpus_pickles import HARMLESS, HOSTILE, PickleFile, call
from tests.laws.test_fast_and_slow_opcodes_agree import as_text

LONG = np.arange(1 << 15, dtype="<f8")
MODEL = {"long": LONG, "short": LONG[:9], "fortran": LONG.reshape(2, -1).T.copy("F"), "objects": np.array(["a", None])}
BIG = np.zeros(1 << 17)
"""With it a file is too long to be read at once."""


def in_joblib(value: Any) -> bytes:
    """Give a file of joblib."""
    target = io.BytesIO()
    joblib.dump(value, target)
    return target.getvalue()


FILES = {
    **{
        f"pickle {protocol}": pickle.dumps([MODEL, b"b" * 70_000, bytearray(70_000)], protocol) for protocol in range(6)
    },
    "joblib": in_joblib([MODEL, b"b" * 70_000, bytearray(70_000)]),
    "lines": b"(lp0\n" + b"I123456789\na" * 2_000 + b".",
}


def assert_agreement(data: bytes) -> None:
    read = [read_pickle_at(cursor) for cursor in (Cursor(data), FileCursor(BufferSource(data)))]
    assert as_text(read[0]) == as_text(read[1])


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("long_bytes", [1, 100, 1 << 16])
def test_a_file_is_read_as_the_same(name: str, long_bytes: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pickle_file, "_LONG_BYTES", long_bytes)
    monkeypatch.setattr(pickle_file, "_FIRST_STEP_BYTES", 1)
    monkeypatch.setattr(pickle_file, "_LONGEST_STEP_BYTES", 50)
    for length in (len(FILES[name]), len(FILES[name]) // 2, 3_000, 300):
        assert_agreement(FILES[name][:length])


@pytest.mark.parametrize("file", [*HOSTILE, *HARMLESS], ids=lambda file: file.name)
def test_the_corpus_is_read_as_the_same(file: PickleFile, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pickle_file, "_LONG_BYTES", 10)
    monkeypatch.setattr(pickle_file, "_FIRST_STEP_BYTES", 1)
    monkeypatch.setattr(pickle_file, "_LONGEST_STEP_BYTES", 10)
    assert_agreement(file.data)


@pytest.mark.parametrize("dump", [pickle.dump, joblib.dump], ids=["pickle", "joblib"])
def test_arrays_of_a_big_file_are_whole_writable_and_alone(dump: Any, tmp_path: Path):
    path = tmp_path / "model"
    with path.open("wb") as file:
        dump([MODEL, MODEL["long"], BIG], file)
    loaded, again, _ = hermetic.load(path)
    assert hermetic.dumps([loaded, again]) == hermetic.dumps(
        [MODEL, LONG] if dump is pickle.dump else [MODEL, LONG.copy()]
    )
    assert loaded["fortran"].flags.f_contiguous
    path.write_bytes(b"\xff" * path.stat().st_size)
    assert np.array_equal(loaded["long"], LONG)
    loaded["long"][:] = 0
    assert loaded["short"].tolist() == LONG[:9].tolist()
    assert np.array_equal(loaded["fortran"].ravel(), LONG.reshape(2, -1).T.ravel())


def test_a_long_array_takes_the_memory_that_it_was_read_into(tmp_path: Path):
    path = tmp_path / "model.joblib"
    joblib.dump([BIG, LONG], path)
    loaded = hermetic.load(path)
    assert [type(array.base) for array in loaded] == [np.ndarray] * 2
    assert [array.base.nbytes for array in loaded] == [BIG.nbytes, LONG.nbytes]


def test_two_arrays_of_the_same_bytes_get_memory_of_their_own(tmp_path: Path):
    # No pickler writes this: numpy would give two arrays that are the same memory.
    content = b"\x96" + (1 << 20).to_bytes(8, "little") + b"\1" * (1 << 20) + b"\x94"
    dtype = call("numpy.dtype", b"\x8c\x02u1", b"\x89", b"\x88")
    shape = b"J" + (1 << 20).to_bytes(4, "little") + b"\x85"

    def array(buffer: bytes) -> bytes:
        return call("numpy._core.numeric._frombuffer", buffer, dtype, shape, b"\x8c\x01C")

    path = tmp_path / "model.pkl"
    path.write_bytes(b"\x80\x05](" + array(content) + array(b"h\x00") + b"e.")
    first, second = hermetic.load(path)
    first[:] = 0
    assert not np.shares_memory(first, second)
    assert set(second.tolist()) == {1}


def test_a_file_that_becomes_shorter_meanwhile_is_an_error(tmp_path: Path):
    path = tmp_path / "model.joblib"
    joblib.dump([BIG, LONG], path)
    descriptor = os.open(path, os.O_RDONLY)
    with contextlib.closing(FileSource(descriptor, str(path))) as source:
        cursor = FileCursor(source)
        os.truncate(path, 1 << 19)
        stream = read_pickle_at(cursor)
    assert not stream.is_whole
    assert "became shorter" in stream.problems[-1].message


def test_several_models_in_one_open_file_are_read_one_after_the_other(tmp_path: Path):
    path = tmp_path / "models"
    with path.open("wb") as file:
        for number in range(3):
            pickle.dump([number, BIG], file)
    with path.open("rb") as file:
        assert [hermetic.load(file)[0] for _ in range(3)] == [0, 1, 2]
    with pytest.raises(FormatError, match="bytes follow the end of the pickle"):
        hermetic.load(path)


def test_a_file_longer_than_the_memory_is_an_error_before_anything_is_read():
    class Endless(BufferSource):
        length_bytes = 1 << 62

        def __init__(self) -> None:
            self.where = "endless"

    with pytest.raises(MemoryError, match="no room for the 4611686018427387904 bytes of endless"):
        FileCursor(Endless())
