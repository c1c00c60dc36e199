"""What was not recorded, with what follows from it, and what a file reveals of its training data."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from hermetic.recorded.golden import GoldenRows
from hermetic.reporting.missing import missing_chapter, not_recorded, reveals_chapter
from tests.handmade_evidence import COLUMNS, DATA, OF_CLASSES, SCORES, SOURCE, changed, part
from tests.reporting.gathered import facts_of, recorded
from tests.reporting.pages import taken_apart

KINDS = ("data", "source", "environment", "scores", "golden", "recipe")


def test_a_file_without_evidence_misses_everything_with_what_follows():
    found = not_recorded(facts_of())
    assert len(found) == len(KINDS)
    assert all(": nobody can" in words or ": the model cannot" in words for words in found)
    page = taken_apart(missing_chapter(facts_of()).html)
    assert "hermetic.record(model, X, y)" in page.texts("code")[0]


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_that_is_recorded_is_missing_no_more(kind: str):
    everything = not_recorded(facts_of())
    rest = not_recorded(facts_of(recorded=recorded(kind)))
    assert len(rest) == len(everything) - 1
    assert set(rest) < set(everything)


def test_a_file_that_records_everything_misses_nothing():
    facts = facts_of(recorded=recorded(*KINDS))
    assert not_recorded(facts) == []
    page = taken_apart(missing_chapter(facts).html)
    assert page.texts("p") == ["Nothing that hermetic knows how to record is missing."]
    assert page.all("code") == []


_CLEAN_SCORES = changed(SCORES, seeds={"a": "0"}, notes=[], out_of_fold=OF_CLASSES)
_CLEAN_SOURCE = changed(SOURCE, files=SOURCE.files[:2], notes=[], repository=changed(SOURCE.repository, is_dirty=False))
GAPS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "nothing": ({"data": DATA, "source": _CLEAN_SOURCE, "scores": _CLEAN_SCORES}, []),
    "no-parts": ({"data": changed(DATA, parts=[])}, []),
    "left-out": (
        {"data": changed(DATA, parts=[part("X", COLUMNS, place="left out")])},
        ["the values of X: only what identifies them"],
    ),
    "without-a-version": (
        {"data": changed(DATA, parts=[part("X", COLUMNS, place="referenced", uri="s3://a")])},
        ["which version of s3://a the values of X are"],
    ),
    "with-a-version": (
        {"data": changed(DATA, parts=[part("X", COLUMNS, place="referenced", uri="s3://a", version="1")])},
        [],
    ),
    "a-digest-alone": (
        {"source": changed(_CLEAN_SOURCE, files=SOURCE.files)},
        ["the text of own.helpers: only its digest"],
    ),
    "no-repository": (
        {"source": changed(_CLEAN_SOURCE, repository=None)},
        ["a commit: the source stood in no repository"],
    ),
    "changes-that-were-not-kept": (
        {"source": changed(_CLEAN_SOURCE, repository=SOURCE.repository)},
        ["how the source differed from its commit"],
    ),
    "changes-that-were-kept": (
        {"source": changed(_CLEAN_SOURCE, repository=changed(SOURCE.repository, diff="+a"))},
        [],
    ),
    "seeds": (
        {"scores": changed(_CLEAN_SCORES, seeds={"a": "None", "b": "0", "c": "None"})},
        ["seeds of a, c: fitting again may give another model"],
    ),
    "no-predictions": (
        {"scores": changed(_CLEAN_SCORES, out_of_fold=None)},
        ["predictions on unseen data: no ROC, calibration or residuals"],
    ),
    "notes": (
        {"data": changed(DATA, notes=["a"]), "scores": changed(_CLEAN_SCORES, notes=["b", "<i>"])},
        ["data: a", "scores: b", "scores: <i>"],
    ),
}


@pytest.mark.parametrize("name", GAPS)
def test_gaps_within_what_was_recorded_are_told(name: str):
    records, words = GAPS[name]
    facts = facts_of(recorded=recorded(*KINDS), records=records)
    assert not_recorded(facts) == words
    page = taken_apart(missing_chapter(facts).html)
    assert page.texts("li") == words
    assert page.all("code") == []


def test_what_golden_rows_skip_is_missing():
    rows = GoldenRows(
        **{"origin": "real", "model": "m", "rows": [], "n_rows": 0, "answers": {}, "versions": {}},
        skipped={"transform": "too long"},
    )
    facts = replace(facts_of(recorded=recorded(*KINDS)), golden=rows)
    assert not_recorded(facts) == ["answers of transform: too long"]


def test_a_file_that_reveals_nothing_says_so():
    page = taken_apart(reveals_chapter(facts_of()).html)
    assert page.texts("p") == ["Nothing besides what any model tells about the data that it has learned from."]
    assert page.all("ul") == []


def test_what_a_file_reveals_is_listed_in_its_order():
    page = taken_apart(reveals_chapter(facts_of(reveals=("b", "<a>", "größe"))).html)
    assert page.texts("li") == ["b", "<a>", "größe"]
