"""Laws of golden rows: no honest model is refused for its own, and no changed byte of them does harm."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

import hermetic
from tests.golden_evidence import golden_evidence
from tests.zoo.case import Case
from tests.zoo.every_case import all_cases

X = np.random.default_rng(0).normal(size=(30, 3))
SMALL = LogisticRegression().fit(X, X[:, 0] > 0)
SAVED = hermetic.dumps(SMALL, evidence=golden_evidence(SMALL, X, golden=3))
START = SAVED.rindex(b"evidence/0-golden.hermetic", 0, SAVED.rindex(b"PK\x01\x02"))

EVERY_SEVENTH = [
    case
    for case in all_cases()
    if case.expected == "kept" and "X" in case.inputs and "slow" not in case.tags and "unfitted" not in case.tags
][::7]


def recorded(model: Any, rows: Any, golden: Any) -> hermetic.Evidence | None:
    """Give a record, or None where no such rows can be drawn."""
    try:
        return golden_evidence(model, rows, golden=golden)
    except hermetic.UsageError:
        return None


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("golden", ["synthetic", 8])
@pytest.mark.parametrize("case", EVERY_SEVENTH, ids=lambda case: case.name)
def test_a_model_answers_as_it_was_recorded(case: Case, golden: Any):
    model = case.make()
    evidence = recorded(model, case.inputs["X"], golden)
    if evidence is None:
        assert golden == "synthetic" or not hasattr(case.inputs["X"], "__len__") or len(case.inputs["X"])
        return
    data = hermetic.dumps(model, evidence=evidence)
    wishes = {"trusted": case.trusted, "capabilities": case.capabilities}
    _, report = hermetic.loads(data, check="always", report=True, **wishes)
    assert report.golden.verdict == ("passed" if evidence.golden.answers else "skipped")
    assert report.golden.n_rows in (0, evidence.golden.n_rows)
    again = golden_evidence(model, case.inputs["X"], golden=golden)
    assert again.golden.methods == evidence.golden.methods


def changed(position: int, bit: int) -> bytes:
    data = bytearray(SAVED)
    data[position] ^= 1 << bit
    return bytes(data)


POSITIONS = [*range(START, len(SAVED), 37)]


@pytest.mark.parametrize("bit", [0, 3, 7])
def test_a_changed_byte_is_found_when_the_rows_are_read(bit: int):
    passed = []
    for position in POSITIONS:
        try:
            hermetic.loads(changed(position, bit), check="always")
        except hermetic.FileError:
            continue
        passed.append(position)
    assert not passed


def test_a_changed_byte_changes_no_answer_of_a_model_that_loads():
    expected = SMALL.predict_proba(X)
    n_loaded = 0
    for position in POSITIONS:
        try:
            model = hermetic.loads(changed(position, 1))
        except hermetic.FileError:
            continue
        n_loaded += 1
        assert np.array_equal(model.predict_proba(X), expected)
    assert n_loaded


@pytest.mark.parametrize("length", range(START, len(SAVED), 211))
def test_a_file_that_is_cut_off_is_refused(length: int):
    for read in (hermetic.loads, lambda data: hermetic.inspect(io.BytesIO(data))):
        with pytest.raises(hermetic.FileError):
            read(SAVED[:length])


def test_a_file_without_evidence_is_what_it_was():
    plain = hermetic.dumps(SMALL)
    assert b"evidence" not in plain
    assert hermetic.dumps(hermetic.loads(SAVED)) == plain
    assert hermetic.dumps(SMALL, evidence=None) == plain


def test_two_records_in_a_row_leave_the_model_alone():
    before = hermetic.dumps(SMALL)
    for golden in ("synthetic", 5):
        golden_evidence(SMALL, X, golden=golden)
    assert hermetic.dumps(SMALL) == before
