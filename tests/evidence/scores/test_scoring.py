"""Scorers have names, mean what they mean in scikit-learn, and those that a file cannot keep are told."""

from __future__ import annotations

from typing import Any

import pytest
from sklearn.metrics import f1_score, get_scorer, make_scorer

from hermetic.errors import UsageError
from hermetic.evidence.scores.scoring import keep_scorers, name_scorers, scoring_of, what_hinders
from tests.evidence.scores.own_scorers import share_of_first

F1 = make_scorer(f1_score, average="macro")
NAMED: dict[str, tuple[Any, dict[str, Any]]] = {
    "none": (None, {"score": None}),
    "a-name": ("r2", {"r2": "r2"}),
    "a-callable": (share_of_first, {"score": share_of_first}),
    "a-scorer": (F1, {"score": F1}),
    "names": (["r2", "max_error"], {"r2": "r2", "max_error": "max_error"}),
    "a-set": ({"r2", "accuracy"}, {"accuracy": "accuracy", "r2": "r2"}),
    "a-dictionary": ({"mine": F1, "theirs": "r2"}, {"mine": F1, "theirs": "r2"}),
}
WRONG = {"a-number": 3, "an-unknown-name": "acuracy", "nothing": [], "numbers": [1], "no-scorer": {"a": 3}}


@pytest.mark.parametrize("name", NAMED)
def test_scorers_get_names(name: str):
    scoring, expected = NAMED[name]
    assert name_scorers(scoring) == expected


@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_scorer_is_refused(name: str):
    with pytest.raises(UsageError, match=r"scoring must be|no scorer"):
        name_scorers(WRONG[name])


def test_one_scorer_stands_alone_and_several_by_name():
    assert scoring_of({"score": None}) is None
    assert scoring_of({"own": share_of_first}) is share_of_first
    both = scoring_of({"accuracy": "accuracy", "own": share_of_first})
    assert list(both) == ["accuracy", "own"]
    assert both["own"] is share_of_first
    assert repr(both["accuracy"]) == repr(get_scorer("accuracy"))


@pytest.mark.parametrize("name", ["max_error", "neg_max_error"])
def test_a_scorer_that_was_renamed_is_found_under_both_names(name: str):
    assert "max_error" in repr(scoring_of({"worst": name}))


def test_scorers_that_cannot_be_kept_are_noted():
    notes: list[str] = []
    kept = keep_scorers({"r2": "r2", "own": lambda *given: 1.0, "mine": share_of_first}, notes)
    assert kept == {"r2": "r2", "mine": share_of_first}
    assert len(notes) == 1
    assert "the scorer own cannot be kept" in notes[0]
    assert "a lambda" in notes[0]


def test_nothing_hinders_what_is_known():
    assert what_hinders([F1, "r2", None]) == ""
    assert "generator" in what_hinders(number for number in "123")
