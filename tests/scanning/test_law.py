"""What scan calls clean, load accepts, and the reverse: judged over models, hostile relatives and hostile files.

``make law`` judges all of them; here stands a part that takes seconds.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

import hermetic
from hermetic.errors import FormatError
from tests.scanning import law
from tests.scanning.law import disagreement, models, mutations
from tests.taken_apart import changed

MODEL = LinearRegression().fit(np.arange(6.0).reshape(3, 2), np.arange(3.0))


def test_models_are_clean_exactly_when_they_load_without_trust():
    judged = {name: disagreement(data) for name, data in models(step=15)}
    assert len(judged) > 90
    assert not {name: words for name, words in judged.items() if words}


def test_hostile_relatives_of_models_are_judged_alike():
    judged = {name: disagreement(data) for name, data in mutations(2, step=2)}
    assert len(judged) > 40
    assert not {name: words for name, words in judged.items() if words}


def test_every_single_byte_of_a_file_counts_for_both():
    data = hermetic.dumps([np.arange(3.0), "text", MODEL.coef_])
    for place in range(0, len(data), 3):
        edited = bytearray(data)
        edited[place] ^= 0xFF
        assert disagreement(bytes(edited)) == ""
        assert not hermetic.scan(io.BytesIO(bytes(edited))).ok


@pytest.mark.parametrize("compress", [False, "zlib", "bz2", "xz"])
def test_every_length_of_a_file_counts_for_both(compress: object):
    data = hermetic.dumps({"a": np.arange(100.0), "words": [f"word{n}" for n in range(40)]}, compress)
    for length in range(0, len(data), 97):
        assert disagreement(data[:length]) == ""


def test_the_hostile_files_of_the_reader_are_judged_alike():
    done = subprocess.run(
        [sys.executable, "-m", "tests.scanning.law", "tests/formats/test_graph_reader.py"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert int(done.stdout.splitlines()[-1].split()[0]) > 200


def test_a_scan_that_sees_less_breaks_the_law(monkeypatch: pytest.MonkeyPatch):
    """The judge itself: with a blind eye in scan, it finds the files that load refuses."""
    monkeypatch.setattr("hermetic.scanning.own_files.check_arrays", lambda *arguments: None)
    data = changed(np.arange(3.0), lambda parts: parts.graph["pools"][0].update(length=2))
    with pytest.raises(FormatError):
        hermetic.loads(data)
    assert disagreement(data).startswith("scan says clean, but load raises FormatError")


def test_a_scan_that_sees_more_breaks_the_law(monkeypatch: pytest.MonkeyPatch):
    def refuse(*arguments: object) -> None:
        raise FormatError("never good enough")

    monkeypatch.setattr("hermetic.scanning.own_files.check_arrays", refuse)
    assert "never good enough" in disagreement(hermetic.dumps(1))


def test_another_reason_breaks_the_law(monkeypatch: pytest.MonkeyPatch):
    data = hermetic.dumps(print)
    assert disagreement(data) == ""
    monkeypatch.setattr(law, "_LOADS", lambda data: hermetic.loads(b"PK"))
    assert disagreement(data).startswith("scan says UntrustedType, but load raises FormatError")
