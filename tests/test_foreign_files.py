"""The recipe for pickle and joblib files: through the gates of our own, with errors that say where and what next."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import pickle
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.svm import SVC

import hermetic
from hermetic.errors import FileError, FormatError, InvalidState, LimitExceeded, UntrustedType, UsageError
from hermetic.foreign_files import read_legacy
from hermetic.limits import Limits
from tests.codecs import user_classes
from tests.legacy_pickles import Made, Named, new, written

X = np.array([[0.0, 1.0], [1.0, 0.0], [2.0, 2.0], [3.0, 1.0]])
MODEL = LogisticRegression().fit(X, [0, 0, 1, 1])
DATA = pickle.dumps(MODEL)
COMPRESSIONS = {"zlib": ".z", "gzip": ".gz", "bz2": ".bz2", "lzma": ".lzma", "xz": ".xz"}


def _joblib(model: Any, **options: Any) -> bytes:
    target = io.BytesIO()
    joblib.dump(model, target, **options)
    return target.getvalue()


def _is_the_model(loaded: Any) -> bool:
    return hermetic.dumps(loaded) == hermetic.dumps(MODEL)


@pytest.mark.parametrize("protocol", range(6))
def test_a_pickle_of_each_protocol_loads(protocol: int) -> None:
    assert _is_the_model(hermetic.loads(pickle.dumps(MODEL, protocol)))


@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_a_compressed_joblib_file_loads(compression: str) -> None:
    assert _is_the_model(hermetic.loads(_joblib(MODEL, compress=(compression, 3))))


def test_an_uncompressed_joblib_file_loads(tmp_path: Path) -> None:
    joblib.dump(MODEL, tmp_path / "model.joblib")
    assert _is_the_model(hermetic.load(tmp_path / "model.joblib"))


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress], ids=["gzip", "bz2", "lzma"])
def test_a_compressed_pickle_loads(compress: Any) -> None:
    assert _is_the_model(hermetic.loads(compress(DATA)))


def test_a_file_loads_by_its_content_whatever_its_name_is(tmp_path: Path) -> None:
    path = tmp_path / "model.hermetic"
    path.write_bytes(DATA)
    assert _is_the_model(hermetic.load(path))


def test_what_is_loaded_is_the_file_of_ours_that_the_model_itself_gives() -> None:
    loaded = hermetic.loads(DATA)
    assert (loaded.predict(X) == MODEL.predict(X)).all()
    assert hermetic.dumps(loaded) == hermetic.dumps(pickle.loads(DATA))


def test_the_graph_says_who_wrote_the_file_and_in_which_format() -> None:
    legacy = read_legacy(DATA)
    assert legacy.format == "pickle"
    assert legacy.length_bytes == len(DATA)
    assert list(legacy.written_by) == ["scikit-learn"]
    assert read_legacy(_joblib(MODEL)).format == "joblib"


def test_several_pickles_in_one_stream_load_one_after_the_other() -> None:
    stream = io.BytesIO(DATA + pickle.dumps(SVC()) + pickle.dumps({"a": 1}, 2))
    assert _is_the_model(hermetic.load(stream))
    assert isinstance(hermetic.load(stream), SVC)
    assert hermetic.load(stream) == {"a": 1}
    assert stream.read() == b""


def test_what_stands_behind_a_pickle_in_a_stream_stays_there() -> None:
    stream = io.BytesIO(DATA + b"something else")
    assert _is_the_model(hermetic.load(stream))
    assert stream.read() == b"something else"


def test_bytes_behind_a_pickle_are_refused_where_it_must_be_alone() -> None:
    with pytest.raises(FormatError, match="14 bytes follow the end of the pickle") as caught:
        hermetic.loads(DATA + b"something else")
    assert f"byte {len(DATA)}" in str(caught.value)


def test_a_pickle_from_a_pipe_loads() -> None:
    reader, writer = os.pipe()

    def write() -> None:
        with os.fdopen(writer, "wb") as target:
            target.write(DATA)

    thread = threading.Thread(target=write)
    thread.start()
    with os.fdopen(reader, "rb") as source:
        loaded = hermetic.load(source)
    thread.join()
    assert _is_the_model(loaded)


@pytest.mark.parametrize("mode", ["r", "c"])
def test_a_legacy_file_cannot_be_mapped_and_the_error_says_what_to_do(tmp_path: Path, mode: Any) -> None:
    path = tmp_path / "model.pkl"
    path.write_bytes(DATA)
    with pytest.raises(UsageError, match="hermetic convert"):
        hermetic.load(path, mmap_mode=mode)


@pytest.mark.parametrize("length", [1, 2, 10, len(DATA) // 2, len(DATA) - 1])
def test_a_pickle_that_was_cut_is_refused(length: int) -> None:
    with pytest.raises(FileError):
        hermetic.loads(DATA[:length])


@pytest.mark.parametrize("number", range(0, 256, 5))
def test_a_damaged_pickle_loads_as_something_or_is_refused(number: int) -> None:
    position = 20 + number * (len(DATA) - 40) // 256
    damaged = bytearray(DATA)
    damaged[position] ^= 1 << (number % 8)
    try:
        hermetic.loads(bytes(damaged))
    except (FileError, UsageError) as error:
        assert str(error)


@pytest.mark.parametrize("number", range(0, 100, 7))
def test_a_damaged_compressed_file_is_refused(number: int) -> None:
    data = bytearray(_joblib(MODEL, compress=3))
    data[2 + number * (len(data) - 4) // 100] ^= 0x55
    with pytest.raises(FileError):
        hermetic.loads(bytes(data))


@pytest.mark.parametrize(
    "data",
    [b"\x80\x04.", b"\x80\x04N", b"\x80\x04]", b"\x80\x05\x95", b"\x80\x04\x8c\xff", b"\x80\x7f.", b"\x80\x04(((((."],
)
def test_bytes_that_only_begin_like_a_pickle_are_refused(data: bytes) -> None:
    with pytest.raises(FileError):
        hermetic.loads(data)


def test_an_error_says_where_in_the_file_and_that_nothing_was_run() -> None:
    data = written({"model": new("sklearn.svm._classes:SVC", [1, 2])})
    with pytest.raises(InvalidState) as caught:
        hermetic.loads(data)
    message = str(caught.value)
    assert "a sklearn.svm._classes.SVC cannot be read" in message
    assert "byte " in message
    assert "Nothing in it was run" in message


def test_a_file_that_would_take_too_much_is_refused() -> None:
    data = _joblib(np.zeros(1_000_000), compress=9)
    limits = Limits(expanded_bytes=100_000, expansion=2, free_memory_percent=1)
    with pytest.raises(LimitExceeded):
        hermetic.loads(data, limits=limits)


def test_a_call_is_listed_and_not_made(tmp_path: Path) -> None:
    target = tmp_path / "ran"
    data = written(Made("os:mkdir", (str(target),)))
    with pytest.raises(UntrustedType, match=r"os\.mkdir"):
        hermetic.loads(data)
    assert not target.exists()


@pytest.mark.parametrize("trusted", [["os.system"], ["call:os.system"], ["call:os.system", "os.system"]])
def test_what_can_do_anything_is_not_called_even_when_it_is_trusted(tmp_path: Path, trusted: list[str]) -> None:
    target = tmp_path / "ran"
    data = written(Made("os:system", (f"touch {target}",)))
    with pytest.raises((FileError, UsageError)):
        hermetic.loads(data, trusted=trusted)
    assert not target.exists()


def test_a_foreign_call_is_made_when_it_is_trusted_in_that_role() -> None:
    data = written({"made": Made("fractions:gcd_of_nobody", (1,)), "text": Named("builtins:len")})
    with pytest.raises(UntrustedType, match=r"fractions\.gcd_of_nobody"):
        hermetic.loads(data)
    data = written([Made("textwrap:dedent", ("  a",))])
    with pytest.raises(UntrustedType) as caught:
        hermetic.loads(data)
    assert "call:textwrap.dedent" in str(caught.value)
    assert hermetic.loads(data, trusted=["call:textwrap.dedent"]) == ["a"]


def test_trust_in_a_name_as_a_value_is_no_trust_in_calls_of_it() -> None:
    data = written([Made("textwrap:dedent", ("  a",))])
    with pytest.raises(UntrustedType):
        hermetic.loads(data, trusted=["textwrap.dedent"])


def test_an_object_of_a_class_of_the_users_own_needs_trust(tmp_path: Path) -> None:
    data = written(new(f"{user_classes.__name__}:Plain", {"x": 1}))
    with pytest.raises(UntrustedType, match=r"user_classes\.Plain"):
        hermetic.loads(data)


@pytest.mark.parametrize("module", ["sklearn", "joblib", "pandas", "pyarrow"])
def test_reading_a_pickle_of_plain_values_imports_no_library(module: str) -> None:
    code = (
        "import pickle, sys\n"
        "from hermetic.foreign_files import read_legacy\n"
        "read_legacy(pickle.dumps({'a': [1, 2.5, None, 'x']}))\n"
        f"assert {module!r} not in sys.modules, 'imported'\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_models_of_old_releases_are_migrated_or_refused_with_the_release_to_install() -> None:
    data = written(new("sklearn.svm.classes:SVC", {"C": 1.0, "_sklearn_version": "0.11"}))
    with pytest.raises(FileError, match=r"0\.11"):
        hermetic.loads(data)
