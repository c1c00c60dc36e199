"""Whether a file can be trusted: the verdict, what it needs, what was checked, what its golden rows answer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hermetic.evidence.checks import Check, VerifyReport
from hermetic.recorded.golden import GoldenRows
from hermetic.reporting.trust import checks_chapter, golden_chapter, needs_chapter, verdict_of
from hermetic.scanning import ScanReport
from hermetic.scanning.report import VERDICTS
from tests.hostile_strings import HOSTILE_STRINGS
from tests.reporting.gathered import facts_of, recorded
from tests.reporting.pages import Page, taken_apart


def scanned(**fields: Any) -> ScanReport:
    return ScanReport(**{"file": "model.hermetic", "verdict": "clean", "written_by": {}, **fields})


def verified(*verdicts: str) -> VerifyReport:
    checks = tuple(Check(name=f"check{n}", verdict=verdict, words="a\n  b") for n, verdict in enumerate(verdicts))
    return VerifyReport(file="model.hermetic", checks=checks)


@pytest.mark.parametrize("verdict", sorted(VERDICTS))
def test_every_verdict_of_a_scan_has_its_words(verdict: str):
    facts = facts_of(scan=scanned(verdict=verdict))
    grade, words = verdict_of(facts)
    assert (grade == "good") == (verdict == "clean")
    assert words.endswith("; nothing is recorded of how it was made")
    assert f"scan: {verdict} (" in "".join(taken_apart(checks_chapter(facts).html).texts("p"))


VERDICT_LINES: dict[str, tuple[dict[str, Any], str, str]] = {
    "recorded": (
        {"recorded": recorded("data", "golden", "recipe", "lineage")},
        "good",
        "Loads without anyone's trust; recorded: data, golden rows",
    ),
    "a-recipe-alone": (
        {"recorded": recorded("recipe")},
        "good",
        "Loads without anyone's trust; nothing is recorded of how it was made",
    ),
    "a-problem": (
        {"problems": {"arrays": "torn", "evidence": "torn"}, "recorded": recorded("data")},
        "warn",
        "Loads without anyone's trust; not everything in it can be read: arrays, evidence; recorded: data",
    ),
    "verified": (
        {"verified": verified("passed", "skipped", "noted"), "recorded": recorded("data")},
        "good",
        "Loads without anyone's trust; verified here, and as it was recorded; recorded: data",
    ),
    "failed": (
        {"verified": verified("passed", "failed", "refused"), "problems": {"arrays": "torn"}},
        "bad",
        "Loads without anyone's trust; verified here, and not as it should be: check1, check2",
    ),
    "verified-with-nothing-to-ask": (
        {"verified": verified()},
        "good",
        "Loads without anyone's trust; verified here, and as it was recorded; nothing is recorded of how it was made",
    ),
}


@pytest.mark.parametrize("name", VERDICT_LINES)
def test_the_verdict_is_one_line(name: str):
    fields, grade, words = VERDICT_LINES[name]
    assert verdict_of(facts_of(**fields)) == (grade, words)


def test_a_verified_file_shows_every_question_in_one_line_each():
    page = taken_apart(checks_chapter(facts_of(verified=verified("passed", "failed"))).html)
    assert page.texts("h3") == ["What loading it would do", "Verified here"]
    assert [text for attributes, text in page.all("span")] == ["passed", "failed"]
    assert [attributes["class"] for attributes, _ in page.all("span")] == ["verdict passed", "verdict failed"]
    assert page.texts("td") == ["passed", "a; b", "failed", "a; b"]


def test_a_file_that_was_not_verified_says_how_to():
    page = taken_apart(checks_chapter(facts_of()).html)
    assert "hermetic report --verify" in page.whole
    assert page.all("table") == []


@pytest.mark.parametrize("name", HOSTILE_STRINGS)
def test_hostile_problems_are_text(name: str):
    text = HOSTILE_STRINGS[name]
    facts = facts_of(problems={text: text}, scan=scanned(verdict="unreadable", problem=text or "x"))
    page = taken_apart(checks_chapter(facts).html)
    assert {tag for tag, _, _ in page.elements} <= {*("section", "h2", "h3", "div", "p", "strong", "ul", "li")}
    assert len(page.texts("li")) == 1


def test_what_a_file_needs_tells_its_length_in_both_ways():
    page = taken_apart(needs_chapter(facts_of()).html)
    assert page.texts("dd") == ["1.2 MB (1,234,567 bytes)"]
    assert page.all("table") == []


def test_at_most_twelve_notes_are_shown():
    notes = tuple((f"$.a{number}", "a folder") for number in range(30))
    page = taken_apart(needs_chapter(facts_of(scan=scanned(notes=notes))).html)
    assert page.texts("li") == [f"$.a{number}: a folder" for number in range(12)]


# ---- golden rows


def golden_page(**fields: Any) -> Page:
    known = {"origin": "synthetic", "model": "m", "rows": [], "n_rows": 3, "answers": {}, "skipped": {}, "versions": {}}
    return taken_apart(golden_chapter(GoldenRows(**{**known, **fields})).html)


def test_no_golden_rows_are_said_to_be_missing():
    page = taken_apart(golden_chapter(None).html)
    assert page.all("p")[0][0] == {"class": "warning"}


ANSWERS: dict[str, tuple[Any, str]] = {
    "labels": (np.array(["b", "a", "b"]), "3 str32; a (1), b (2)"),
    "numbers-in-their-order": (np.array([10, 9, 2, 10]), "4 int64; 2 (1), 9 (1), 10 (2)"),
    "negative-numbers": (np.array([1, -1, -2]), "3 int64; -2 (1), -1 (1), 1 (1)"),
    "truths": (np.array([True, False, True]), "3 bool; False (1), True (2)"),
    "many-labels": (np.arange(13), f"13 int64; {', '.join(f'{n} (1)' for n in range(12))} ..."),
    "twelve-labels": (np.arange(12), f"12 int64; {', '.join(f'{n} (1)' for n in range(12))}"),
    "objects": (np.array(["b", None, 3], dtype=object), "3 object; 3 (1), None (1), b (1)"),
    "floats": (np.array([[1.5, -2.0]]), "1 x 2 float64; from -2 to 1.5"),
    "not-all-finite": (np.array([np.nan, np.inf, 2.0, 3.0]), "4 float64; from 2 to 3"),
    "nothing-finite": (np.array([np.nan, np.inf]), "2 float64"),
    "no-rows": (np.zeros((0, 3)), "0 x 3 float64"),
    "several-outputs": (np.array([[1, 2], [3, 4]]), "2 x 2 int64"),
    "complex-numbers": (np.array([1j]), "1 complex128"),
    "a-list": ([1, 2, 3], "list of 3"),
    "a-number": (3, "int"),
    "none": (None, "NoneType"),
    "hostile": (np.array(["<b>"]), "1 str96; <b> (1)"),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_every_answer_is_summed_up(name: str):
    value, words = ANSWERS[name]
    page = golden_page(answers={"predict": value})
    assert page.texts("td") == [words]
    assert "nan" not in page.whole and "inf" not in page.whole


def test_versions_and_what_was_skipped_are_told():
    page = golden_page(n_rows=1, versions={"numpy": "2.0", "x": "1"}, skipped={"transform": "it takes too long"})
    assert "1 synthetic row and what" in page.texts("p")[0]
    assert "with numpy 2.0, x 1." in page.texts("p")[0]
    assert page.texts("li") == ["transform: it takes too long"]
