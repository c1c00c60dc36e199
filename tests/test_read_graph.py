"""Any model file becomes a graph with its arrays, and nothing is made or imported for it."""

from __future__ import annotations

import hashlib
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hermetic
from hermetic.graph_values import Values
from hermetic.read_graph import opened_model

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
