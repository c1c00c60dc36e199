"""A report says what was done, as text that harms no terminal, and as JSON."""

from __future__ import annotations

import json

import pytest

from hermetic.evidence.checks import Check
from hermetic.evidence.rebuilding.report import Rebuild

GOOD = Check(name="data", verdict="passed", words="X 3 x 2")
BAD = Check(name="scores", verdict="failed", words="accuracy: another range\nfold 1 failed")


def report(*steps: Check, target: str = "") -> Rebuild:
    return Rebuild(file="old.hermetic", target=target, steps=steps)


@pytest.mark.parametrize(
    ("verdict", "is_ok"),
    [("passed", True), ("noted", True), ("skipped", True), ("failed", False), ("refused", False)],
)
def test_it_is_well_unless_something_failed_or_was_refused(verdict: str, is_ok: bool):
    assert report(GOOD, Check(name="recipe", verdict=verdict, words="")).ok is is_ok


def test_every_line_says_which_step_it_belongs_to():
    assert str(report(GOOD, BAD)).split("\n") == [
        "data: passed: X 3 x 2",
        "scores: failed: accuracy: another range",
        "scores: failed: fold 1 failed",
        "nothing was written",
    ]
    assert str(report(GOOD, target="new.hermetic")).endswith("\nwritten: new.hermetic")


def test_words_of_a_file_are_made_printable():
    text = str(report(Check(name="data", verdict="failed", words="\x1b[2J\u202e X"), target="a\nb"))
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert text.count("\n") == 1


def test_json_has_everything_but_the_model():
    content = json.loads(Rebuild(file="a", target="b", steps=(GOOD,), model=object()).to_json())
    assert content == {"ok": True, "file": "a", "target": "b", "steps": [vars(GOOD)]}


def test_reports_are_the_same_whatever_the_model():
    assert Rebuild(file="a", target="", steps=(), model=1) == Rebuild(file="a", target="", steps=(), model=2)
    assert "model" not in repr(Rebuild(file="a", target="", steps=(), model=1))
