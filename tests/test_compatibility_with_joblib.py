"""The calls of joblib's page on persistence, one by one: each does here what it does there, or says what to do instead.

One table drives both libraries; what differs on purpose stands in tests of its own.
"""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier

import hermetic

joblib = pytest.importorskip("joblib")

TO_PERSIST = [("a", [1, 2, 3]), ("b", np.arange(10)), ("c", {"nested": (np.eye(2), None)})]
LIBRARIES = {"joblib": joblib, "hermetic": hermetic}


def _by_keyword(library: Any, value: Any, path: Path) -> Any:
    library.dump(value=value, filename=path) if library is joblib else library.dump(model=value, file=path)
    return library.load(path)


def _file_object(library: Any, value: Any, path: Path) -> Any:
    with path.open("wb") as file:
        library.dump(value, file)
    with path.open("rb") as file:
        return library.load(file)


def _bytes_object(library: Any, value: Any, path: Path) -> Any:
    file = io.BytesIO()
    library.dump(value, file)
    file.seek(0)
    return library.load(file)


def _several_in_one_file(library: Any, value: Any, path: Path) -> Any:
    with path.open("wb") as file:
        library.dump("first", file)
        library.dump(value, file)
    with path.open("rb") as file:
        assert library.load(file) == "first"
        return library.load(file)


def _with(*arguments: Any, **options: Any) -> Callable[[Any, Any, Path], Any]:
    def call(library: Any, value: Any, path: Path) -> Any:
        assert library.dump(value, path, *arguments, **options) == [str(path)]
        return library.load(path)

    return call


CALLS: dict[str, Callable[[Any, Any, Path], Any]] = {
    "a path": _with(),
    "a text": lambda library, value, path: (library.dump(value, str(path)), library.load(str(path)))[1],
    "keywords": _by_keyword,
    "an open file": _file_object,
    "a file in memory": _bytes_object,
    "several in one file": _several_in_one_file,
    "compress=True": _with(compress=True),
    "compress=False": _with(compress=False),
    **{f"compress={level}": _with(compress=level) for level in range(10)},
    **{f"compress={method!r}": _with(compress=method) for method in ("zlib", "gzip", "bz2", "lzma", "xz")},
    **{f"compress=({method!r}, 3)": _with(compress=(method, 3)) for method in ("zlib", "gzip", "bz2", "lzma", "xz")},
    "a level by position": _with(3),
    "a protocol": _with(protocol=4),
    "a level and a protocol by position": _with(3, 5),
}


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("call", CALLS)
def test_a_call_gives_the_value_back(call: str, library: str, tmp_path: Path):
    loaded = CALLS[call](LIBRARIES[library], TO_PERSIST, tmp_path / "value")
    assert repr(loaded) == repr(TO_PERSIST)
    assert [type(item) for item in loaded] == [tuple] * 3


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("mode", [None, "r", "c"])
def test_big_arrays_are_mapped_from_an_uncompressed_file(library: str, mode: Any, tmp_path: Path):
    own = LIBRARIES[library]
    own.dump({"big": np.arange(100_000.0), "list": [np.ones(3)]}, tmp_path / "value")
    loaded = own.load(tmp_path / "value", mode)
    assert loaded["big"][-1] == 99_999.0
    assert loaded["big"].flags.writeable is (mode != "r")
    if mode == "c":
        loaded["big"][0] = 7.0
        assert own.load(tmp_path / "value")["big"][0] == 0.0


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("arguments", [("nonsense",), (("zlib", 99),), (-1,), (("zlib", 3, 4),)], ids=repr)
def test_an_impossible_compression_is_a_value_error_in_both(library: str, arguments: Any, tmp_path: Path):
    with pytest.raises(ValueError):
        LIBRARIES[library].dump([1], tmp_path / "value", *arguments)
    assert not (tmp_path / "value").exists()


@pytest.mark.parametrize("library", LIBRARIES)
def test_something_that_is_no_file_is_a_value_error_in_both(library: str):
    with pytest.raises(ValueError):
        LIBRARIES[library].dump([1], 42)


@pytest.mark.parametrize("mode", ["r+", "w+", "x"])
def test_modes_that_would_change_the_file_are_refused_with_the_one_to_use(mode: str, tmp_path: Path):
    hermetic.dump([1], tmp_path / "value")
    with pytest.raises(ValueError, match="'c' lets you change"):
        hermetic.load(tmp_path / "value", mode)


def test_a_compressed_file_is_not_mapped_silently_in_memory(tmp_path: Path):
    hermetic.dump(np.arange(100_000.0), tmp_path / "value", 3)
    with pytest.raises(ValueError, match="compressed file cannot be mapped"):
        hermetic.load(tmp_path / "value", mmap_mode="r")


def test_a_file_like_object_that_compresses_by_itself_works(tmp_path: Path):
    with gzip.open(tmp_path / "value.gz", "wb") as file:
        hermetic.dump(TO_PERSIST, file)
    with gzip.open(tmp_path / "value.gz", "rb") as file:
        assert repr(hermetic.load(file)) == repr(TO_PERSIST)


def test_a_forest_that_is_mapped_predicts_as_the_one_in_memory(tmp_path: Path):
    X = np.random.default_rng(0).normal(size=(200, 4))
    model = RandomForestClassifier(5, random_state=0).fit(X, X[:, 0] > 0)
    hermetic.dump(model, tmp_path / "model.joblib")
    loaded = hermetic.load(tmp_path / "model.joblib", mmap_mode="r")
    assert (loaded.predict_proba(X) == model.predict_proba(X)).all()
