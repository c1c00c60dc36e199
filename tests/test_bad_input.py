"""Files that are not what they should be: each gives one documented error, or the very same model; never a crash."""

from __future__ import annotations

import os
import random
import resource
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier

import hermetic
from hermetic import dump, dumps, load, loads

X, Y = load_iris(return_X_y=True)


@pytest.fixture(scope="module")
def model() -> Any:
    return RandomForestClassifier(20, max_depth=3, random_state=0).fit(X, Y)


@pytest.fixture(scope="module")
def data(model: Any) -> bytes:
    return dumps(model)


def test_one_flipped_byte_at_each_of_a_thousand_places_is_detected(model: Any, data: bytes) -> None:
    choose = random.Random(0)
    expected = model.predict_proba(X)

    for _ in range(1000):
        place = choose.randrange(len(data))
        damaged = bytearray(data)
        damaged[place] ^= 1 << choose.randrange(8)
        try:
            loaded = loads(bytes(damaged))
        except hermetic.FileError:
            continue
        assert (loaded.predict_proba(X) == expected).all(), place


def test_every_truncation_is_detected(data: bytes) -> None:
    for length in [*range(0, 400), *range(400, len(data), 997), len(data) - 1]:
        with pytest.raises(hermetic.FormatError):
            loads(data[:length])


@pytest.mark.parametrize("extra", [b"\0", b"PK\x05\x06", b"\n" * 100])
def test_bytes_after_the_end_are_refused(extra: bytes, data: bytes) -> None:
    with pytest.raises(hermetic.FormatError):
        loads(data + extra)


@pytest.mark.parametrize(
    "content",
    [b"", b"\x80\x05N", b"PK\x03\x04", b"\x93NUMPY", b"hello", b"\x1f\x8b\x08", b"\0" * 1000, b"mimetype"],
    ids=["empty", "pickle cut off", "zip", "npy", "text", "gzip", "zeros", "name"],
)
def test_a_foreign_file_is_told_apart_and_named(content: bytes, tmp_path: Any) -> None:
    path = tmp_path / "foreign.hermetic"
    path.write_bytes(content)

    with pytest.raises(hermetic.FormatError) as refused:
        load(path)

    assert "foreign.hermetic" in str(refused.value)


def test_a_missing_file_and_a_folder_give_the_usual_errors(tmp_path: Any) -> None:
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "missing")
    with pytest.raises(IsADirectoryError):
        load(tmp_path)
    with pytest.raises(FileNotFoundError):
        dump([1], tmp_path / "no folder" / "file")


@pytest.mark.skipif(os.name != "posix", reason="file size limits are POSIX")
def test_a_full_disk_leaves_the_old_file_whole(tmp_path: Any) -> None:
    path = tmp_path / "model.hermetic"
    dump({"version": 1}, path)
    child = os.fork()
    if child == 0:
        try:
            import signal

            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
            try:
                dump({"version": 2, "big": np.zeros(1_000_000)}, path)
            except OSError:
                os._exit(7)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)

    assert os.waitstatus_to_exitcode(status) == 7
    assert load(path) == {"version": 1}
    assert os.listdir(tmp_path) == ["model.hermetic"]


def test_a_model_nested_too_deeply_is_refused_at_dump_and_does_not_exhaust_the_stack() -> None:
    nested: list[Any] = []
    for _ in range(1_000_000):
        nested = [nested]

    with pytest.raises(hermetic.CannotSave, match="containers"):
        dumps(nested)
    while nested:  # free it level by level: the interpreter itself would overflow its stack
        nested = nested.pop()


def test_the_longest_nesting_that_is_saved_is_also_loaded() -> None:
    nested: list[Any] = []
    for _ in range(198):
        nested = [nested]

    assert loads(dumps(nested)) == nested


def test_a_small_budget_is_named_with_its_value(data: bytes) -> None:
    with pytest.raises(hermetic.LimitExceeded, match="nodes") as refused:
        loads(data, limits=hermetic.Limits(nodes=3))

    assert refused.value.allowed == 3
    assert "limits=" in str(refused.value)
