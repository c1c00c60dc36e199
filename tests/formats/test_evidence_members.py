"""Evidence stands behind a model's members, under names that leave no choice, however a file is written."""

from __future__ import annotations

import io
import os
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

import hermetic
from hermetic.errors import FormatError
from hermetic.formats.members import EVIDENCE_KINDS, check_members, evidence_name
from tests.golden_evidence import golden_evidence

X = np.random.default_rng(0).normal(size=(400, 300))
MODEL = LinearRegression().fit(X, X[:, 0])
EVIDENCE = golden_evidence(MODEL, X)
EXPECTED = ["graph.json", "text.txt", "arrays/0-float64.npy"]
GOLDEN = evidence_name(0, "golden")

REFUSED = {
    "before-the-model": [GOLDEN, *EXPECTED],
    "between": [*EXPECTED[:2], GOLDEN, EXPECTED[2]],
    "in-place-of-a-pool": [*EXPECTED[:2], GOLDEN],
    "twice": [*EXPECTED, GOLDEN, GOLDEN],
    "another-number": [*EXPECTED, evidence_name(1, "golden")],
    "another-kind": [*EXPECTED, "evidence/0-bronze.hermetic"],
    "another-folder": [*EXPECTED, "proofs/0-golden.hermetic"],
    "with-zeros": [*EXPECTED, "evidence/00-golden.hermetic"],
    "another-ending": [*EXPECTED, "evidence/0-golden.json"],
    "another-order": [*EXPECTED, evidence_name(0, "data"), evidence_name(1, "golden")],
    "numbers-with-a-gap": [*EXPECTED, evidence_name(0, "golden"), evidence_name(2, "data")],
    "a-record-as-container": [*EXPECTED, "evidence/0-data.hermetic"],
    "something-behind": [*EXPECTED, GOLDEN, "more.txt"],
}


@pytest.mark.parametrize("name", REFUSED)
def test_other_names_and_places_are_refused(name: str):
    with pytest.raises(FormatError, match="in this order, and evidence behind them"):
        check_members(REFUSED[name], EXPECTED)


@pytest.mark.parametrize(
    "found",
    [EXPECTED, [*EXPECTED, GOLDEN], [*EXPECTED, evidence_name(0, "data"), evidence_name(1, "recipe")]],
    ids=["without", "with", "with-others"],
)
def test_a_model_has_evidence_or_none(found: list[str]):
    check_members(found, EXPECTED)
    assert evidence_name(0, next(iter(EVIDENCE_KINDS))) == GOLDEN


def to_path(folder: Path) -> bytes:
    assert hermetic.dump(MODEL, folder / "model.hermetic", evidence=EVIDENCE) == [str(folder / "model.hermetic")]
    return (folder / "model.hermetic").read_bytes()


def to_file(folder: Path) -> bytes:
    with (folder / "model.hermetic").open("wb") as file:
        hermetic.dump(MODEL, file, evidence=EVIDENCE)
    return (folder / "model.hermetic").read_bytes()


def to_pipe(folder: Path) -> bytes:
    reading, writing = os.pipe()
    received: list[bytes] = []

    def read() -> None:
        with os.fdopen(reading, "rb") as file:
            received.append(file.read())

    thread = threading.Thread(target=read)
    thread.start()
    with os.fdopen(writing, "wb") as file:
        hermetic.dump(MODEL, file, evidence=EVIDENCE)
    thread.join()
    return received[0]


@pytest.mark.skipif(os.name == "nt", reason="pipes of Windows are others")
@pytest.mark.parametrize("way", [to_path, to_file, to_pipe], ids=lambda way: way.__name__)
def test_every_way_of_writing_gives_the_same_bytes(way: Any, tmp_path: Path):
    data = way(tmp_path)
    assert data == hermetic.dumps(MODEL, evidence=EVIDENCE)
    assert hermetic.load(io.BytesIO(data), check="always", report=True)[1].golden.verdict == "passed"


def test_evidence_counts_towards_the_length_and_not_towards_the_model():
    plain, beside = (hermetic.inspect(io.BytesIO(hermetic.dumps(MODEL, evidence=own))) for own in (None, EVIDENCE))
    assert beside.length_bytes > plain.length_bytes
    assert (plain.n_objects, plain.n_arrays) == (beside.n_objects, beside.n_arrays)
    assert beside.evidence == (GOLDEN,)
