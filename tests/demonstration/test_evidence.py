"""The second half of the demonstration, with a small model: every step is as promised, or says that it is not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.tree import DecisionTreeClassifier

from hermetic.demonstration import evidence
from hermetic.demonstration.evidence import Step, tell_evidence
from hermetic.evidence.checks import Check, VerifyReport
from tests.demonstration.findings import GOOD, page_of

X = np.random.default_rng(0).normal(size=(40, 2))
y = (X[:, 0] > 0).astype(int)


def told(folder: Path) -> dict[str, Step]:
    model = DecisionTreeClassifier(random_state=0).fit(X, y)
    return {step.what: step for step in tell_evidence(model, X, y, folder, lambda line: None)}


def test_a_model_is_recorded_verified_damaged_and_made_again_twice_in_the_same_folder(tmp_path: Path):
    for _ in range(2):
        steps = told(tmp_path)
        assert list(steps) == [
            "record",
            "verify --scores",
            "one cell changed",
            "one bit flipped",
            "rebuild",
            "diff",
            "report",
        ]
        assert all(step.ok for step in steps.values()), steps
    assert "same range" in steps["verify --scores"].words
    assert "column 0" in steps["one cell changed"].words
    assert (tmp_path / "rebuilt.hermetic").exists()
    assert "<html" in (tmp_path / "recorded.html").read_text()


def test_the_samples_are_left_alone(tmp_path: Path):
    before = X.copy()
    told(tmp_path)
    assert np.array_equal(X, before)


def test_damage_that_nobody_notices_breaks_the_promise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def all_is_well(file: Any, **wishes: Any) -> VerifyReport:
        names = ("structure", "data", "scores")
        checks = tuple(Check(name=name, verdict="passed", words="well") for name in names)
        return VerifyReport(file=str(file), checks=checks)

    monkeypatch.setattr(evidence, "verify", all_is_well)
    steps = told(tmp_path)
    assert not steps["one cell changed"].ok
    assert not steps["one bit flipped"].ok
    assert "NOTHING WAS NOTICED" in steps["one bit flipped"].words


def test_the_page_shows_every_step_and_what_is_not_as_promised():
    assert "rebuild" in page_of(GOOD)
    assert "NOT AS PROMISED" not in page_of(GOOD).replace("IS NOT AS PROMISED", "")
    wrong = replace(GOOD, evidence=(Step(what="rebuild", words="another range\x1b[2J", ok=False),))
    assert "NOT AS PROMISED: another range" in page_of(wrong)
    assert "\x1b[2J" not in page_of(wrong)
