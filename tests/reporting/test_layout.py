"""Chapters, tables and lists of facts."""

from __future__ import annotations

import pytest

from hermetic.reporting.layout import bullets, chapter, fact_list, note, part, table
from hermetic.reporting.markup import element
from tests.reporting.pages import taken_apart


def test_a_table_has_headings_of_columns_and_rows():
    page = taken_apart(table("Scores", ["fold", "score"], [["1", "0.5"], ["2", "0.7"]], numbers=[1]).html)
    assert [(attributes["scope"], text) for attributes, text in page.all("th")] == [
        ("col", "fold"),
        ("col", "score"),
        ("row", "1"),
        ("row", "2"),
    ]
    assert [attributes.get("class") for attributes, _ in page.all("td")] == ["number", "number"]
    assert page.texts("caption") == ["Scores"]


def test_a_wide_table_can_be_scrolled_by_keyboard():
    page = taken_apart(table("Scores", ["a"], []).html)
    [(attributes, _)] = page.all("div")
    assert (attributes["tabindex"], attributes["role"], attributes["aria-label"]) == ("0", "region", "Scores")


@pytest.mark.parametrize(("n_rows", "n_shown"), [(0, 0), (200, 200), (201, 201), (5_000, 201)])
def test_long_tables_are_cut_with_a_word(n_rows: int, n_shown: int):
    page = taken_apart(table("Rows", ["a", "b"], ([str(n), ""] for n in range(n_rows))).html)
    assert len(page.all("tr")) == n_shown + 1
    assert (f"... and {n_rows - 200:,} more" in page.texts("tr")[-1]) == (n_rows > 200)


def test_chapters_are_named_by_their_headings():
    page = taken_apart(chapter("data", "Data & more", None, "text").html)
    [(attributes, text)] = page.all("section")
    assert attributes == {"id": "data", "aria-labelledby": "data-title"}
    assert text == "Data & moretext"


def test_parts_notes_and_lists():
    page = taken_apart(part("Folds", note("a", kind="warning"), bullets(["b", element("em", "c")], class_="d")).html)
    assert page.texts("h3") == ["Folds"]
    assert page.all("p") == [({"class": "warning"}, "a")]
    assert page.texts("li") == ["b", "c"]


def test_facts_are_names_and_values():
    page = taken_apart(fact_list([("length", "3 kB"), ("digest", element("code", "ab"))]).html)
    assert list(zip(page.texts("dt"), page.texts("dd"), strict=True)) == [("length", "3 kB"), ("digest", "ab")]
