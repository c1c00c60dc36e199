"""Scorers have names, mean what they mean in scikit-learn, and those that a file cannot keep are told."""

from __future__ import annotations

from typing import Any

import pytest
from sklearn.metrics import f1_score, get_scorer, get_scorer_names, make_scorer

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


EVERY = sorted(get_scorer_names())


@pytest.mark.parametrize("name", EVERY)
def test_every_scorer_of_scikit_learn_has_its_name_and_can_be_kept(name: str):
    notes: list[str] = []
    scorers = name_scorers(name)
    assert keep_scorers(scorers, notes) == scorers == {name: name}
    assert repr(scoring_of(scorers)) == repr(get_scorer(name))
    assert notes == []


HINDERED: dict[str, tuple[Any, str]] = {
    "a-lambda": (lambda *given: 1.0, "a lambda"),
    "a-generator": ((number for number in "12"), "generator"),
}


@pytest.mark.parametrize("name", HINDERED)
def test_what_hinders_is_told_in_words(name: str):
    value, words = HINDERED[name]
    assert words in what_hinders(value)
    assert words in what_hinders({"within": [value]})


MIXED: dict[str, Any] = {
    "a-name-and-a-callable": ["r2", share_of_first],
    "a-dictionary-without-names": {1: "r2"},
    "a-dictionary-of-lists": {"a": ["r2"]},
    "bytes": b"r2",
    "an-empty-dictionary": {},
    "an-empty-name": "",
    "a-name-of-another-case": "R2",
    "a-name-with-blanks": " r2",
}


@pytest.mark.parametrize("name", MIXED)
def test_what_is_nearly_a_scorer_is_refused_with_what_it_was(name: str):
    with pytest.raises(UsageError, match=r"scoring must be|no scorer") as caught:
        name_scorers(MIXED[name])
    assert len(str(caught.value)) < 600


def test_a_tuple_keeps_its_order_and_a_set_has_one_of_its_own():
    assert list(name_scorers(("r2", "accuracy"))) == ["r2", "accuracy"]
    assert list(name_scorers(frozenset({"r2", "accuracy", "f1"}))) == ["accuracy", "f1", "r2"]


def test_the_dictionary_that_was_given_is_not_changed_and_not_kept():
    given = {"mine": F1}
    made = name_scorers(given)
    made["more"] = "r2"
    assert given == {"mine": F1}
