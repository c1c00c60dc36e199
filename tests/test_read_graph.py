"""Any model file becomes a graph with its arrays, and nothing is made or imported for it."""

from __future__ import annotations

import hashlib
import pickle
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest

import hermetic
from hermetic.graph_values import Values
from hermetic.limits import Limits
from hermetic.read_graph import opened_model
from tests.formats.skops_files import dictionary, plain, skops_file, the_list

VALUE = {"numbers": np.arange(3.0), "words": [f"word{n}" for n in range(30)]}


def written(folder: Path, form: str) -> Path:
    path = folder / "model"
    if form == "pickle":
        path.write_bytes(pickle.dumps(VALUE))
    elif form == "compressed":
        hermetic.dump(VALUE, path, compress="gzip")
    else:
        hermetic.dump(VALUE, path)
    return path


@pytest.mark.parametrize("form", ["hermetic", "compressed", "pickle"])
def test_every_format_gives_the_same_values(form: str, tmp_path: Path):
    path = written(tmp_path, form)
    with opened_model(path) as opened:
        opened.read_arrays()
        opened.read_arrays()  # once is enough, and twice does no harm
        held = Values(opened.graph).held((opened.graph.root[0], 0))
        assert held.keys == ["'numbers'", "'words'"]
        assert Values(opened.graph).array((held.items[0][0], 0)).tolist() == [0.0, 1.0, 2.0]
        assert opened.digest == hashlib.sha256(path.read_bytes()).hexdigest()
        assert opened.length_bytes == path.stat().st_size
        assert (opened.container is None) == (form == "pickle")
    assert opened.format == ("pickle" if form == "pickle" else "hermetic")


def test_what_is_no_array_gives_none(tmp_path: Path):
    with opened_model(written(tmp_path, "hermetic")) as opened:
        opened.read_arrays()
        assert Values(opened.graph).array((opened.graph.root[0], 0)) is None


def test_a_flipped_bit_in_an_array_is_found(tmp_path: Path):
    path = tmp_path / "model"
    hermetic.dump({"a": np.zeros(5_000)}, path)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with opened_model(path) as opened, pytest.raises(hermetic.FormatError) as caught:
        opened.read_arrays()
    assert str(path) in str(caught.value)


VALUES: dict[str, tuple[Any, str]] = {
    "an-array": (np.zeros((2, 3)), "float64 (2, 3)"),
    "a-list": ([1, 2], "list of 2"),
    "a-dictionary": ({"a": 1}, "dict of 1"),
    "an-object-array": (np.array([None], dtype=object), "object array (1,)"),
}


@pytest.mark.parametrize("name", VALUES)
def test_values_in_a_few_words(name: str, tmp_path: Path):
    value, words = VALUES[name]
    hermetic.dump(value, tmp_path / "model")
    with opened_model(tmp_path / "model") as opened:
        opened.read_arrays()
        assert Values(opened.graph).text(opened.graph.root) == words


def test_numbers_of_numpy_and_lists_of_unequal_lengths_are_read(tmp_path: Path):
    value = [[np.float32(n), *range(n)] for n in range(20)]
    hermetic.dump(value, tmp_path / "model")
    with opened_model(tmp_path / "model") as opened:
        opened.read_arrays()
        values = Values(opened.graph)
        rows = values.held((opened.graph.root[0], 0)).items
        assert [values.text(item) for item in values.held(tuple(rows[3])).items] == ["float32 3.0", "0", "1", "2"]


def test_a_skops_file_becomes_the_graph_of_its_values(tmp_path: Path):
    path = tmp_path / "model.skops"
    path.write_bytes(skops_file(dictionary({"a": plain(1), "größe": the_list(plain("x"))})))
    with opened_model(path) as opened:
        opened.read_arrays()
        values = Values(opened.graph)
        held = values.held((opened.graph.root[0], 0))
        assert held.keys == ["'a'", "'größe'"]
        assert (opened.format, opened.container, opened.length_bytes) == ("skops", None, path.stat().st_size)


COMPRESSIONS = ["gzip", "bz2", "xz", "lzma", "zlib"]


@pytest.mark.parametrize("name", COMPRESSIONS)
def test_a_compressed_joblib_file_is_read_with_its_compression_told(name: str, tmp_path: Path):
    path = tmp_path / "model"
    joblib.dump(VALUE, path, compress=(name, 3))
    with opened_model(path) as opened:
        held = Values(opened.graph).held((opened.graph.root[0], 0))
        assert held.keys == ["'numbers'", "'words'"]
        assert opened.format.startswith("joblib")
        assert opened.content_bytes > opened.length_bytes
        assert opened.digest == hashlib.sha256(path.read_bytes()).hexdigest()


NO_MODELS = {
    "empty": b"",
    "text": b"hello, world\n" * 9,
    "a-torn-zip": b"PK\x03\x04" + b"\0" * 60,
    "a-torn-pickle": pickle.dumps(VALUE)[:-9],
    "a-pickle-that-calls": b"cos\nsystem\n(S'true'\ntR.",
}


@pytest.mark.parametrize("name", NO_MODELS)
def test_what_is_no_model_is_refused_with_its_name(name: str, tmp_path: Path):
    path = tmp_path / "model"
    path.write_bytes(NO_MODELS[name])
    with pytest.raises(hermetic.FileError) as caught, opened_model(path):
        pass
    assert str(path) in str(caught.value)


def open_files() -> set[str]:
    folder = Path("/proc/self/fd")
    return {str(own.readlink()) for own in folder.iterdir() if own.is_symlink()}


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="only Linux lists what is open")
@pytest.mark.parametrize("form", ["hermetic", "pickle"])
def test_a_file_is_closed_whatever_happens_within(form: str, tmp_path: Path):
    path = written(tmp_path, form)
    with pytest.raises(KeyError), opened_model(path) as opened:
        raise KeyError(opened.format)
    assert str(path) not in open_files()
    with pytest.raises(hermetic.FileError), opened_model(path, Limits(nodes=1)):
        pass
    assert str(path) not in open_files()


def test_a_file_within_a_file_is_no_second_model(tmp_path: Path):
    path = written(tmp_path, "hermetic")
    path.write_bytes(path.read_bytes() + b"\0")
    with pytest.raises(hermetic.FileError), opened_model(path):
        pass
