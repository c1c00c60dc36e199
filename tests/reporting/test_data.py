"""The chapter on the data: places, identities, columns with their missing values and histograms."""

from __future__ import annotations

from typing import Any

import pytest

from hermetic.recorded.data import ColumnSummary, DataRecord, ValueCount
from hermetic.reporting.data import data_chapter
from tests.handmade_evidence import COLUMNS, DATA, DIGEST, SUMMARIES, changed, column, part
from tests.hostile_strings import HOSTILE_STRINGS
from tests.reporting.pages import Page, taken_apart


def chapter_of(*parts: Any, notes: tuple[str, ...] = ()) -> Page:
    return taken_apart(data_chapter(DataRecord(layout=1, parts=list(parts), notes=list(notes))).html)


def rows(page: Page) -> list[list[str]]:
    """Give the cells of each row behind the headings."""
    names = [text for attributes, text in page.all("th") if attributes["scope"] == "row"]
    width = len(page.texts("td")) // max(len(names), 1)
    cells = iter(page.texts("td"))
    return [[name, *(next(cells) for _ in range(width))] for name in names]


def facts(page: Page) -> dict[str, str]:
    return dict(zip(page.texts("dt"), page.texts("dd"), strict=True))


def summary(**fields: Any) -> ColumnSummary:
    empty = {"column": 0, "n_rows": 9, "n_distinct": 0, "quantiles": [], "edges": [], "counts": [], "values": []}
    return ColumnSummary(**{**empty, **fields})


def test_data_that_were_not_recorded_are_missing_loudly():
    page = taken_apart(data_chapter(None).html)
    assert [attributes["class"] for attributes, _ in page.all("p")] == ["warning"]


def test_no_part_has_a_chapter_of_its_heading_and_notes():
    assert chapter_of().section("data") == "Data"
    assert chapter_of(notes=("a", "<b>")).texts("li") == ["a", "<b>"]


PLACES: dict[str, tuple[dict[str, Any], str]] = {
    "stored": ({"place": "stored"}, f"in the store of whoever fitted the model, as {DIGEST}"),
    "embedded": ({"place": "embedded"}, "in this file"),
    "referenced": ({"place": "referenced", "uri": "s3://a/b"}, "referenced at s3://a/b"),
    "a-version": ({"place": "referenced", "uri": "s3://a", "version": "17"}, "referenced at s3://a, version 17"),
    "left out": ({"place": "left out"}, "nowhere: the values were left out"),
}


@pytest.mark.parametrize("name", PLACES)
def test_every_place_is_told(name: str):
    fields, words = PLACES[name]
    assert facts(chapter_of(part("X", COLUMNS, **fields)))["values"] == words


@pytest.mark.parametrize(
    ("n_rows", "columns", "words"),
    [
        (0, [], "pandas frame, 0 rows, 0 columns"),
        (1, COLUMNS[:1], "pandas frame, 1 row, 1 column"),
        (1_234_567, COLUMNS * 500, "pandas frame, 1,234,567 rows, 1,500 columns"),
    ],
    ids=["nothing", "one", "many"],
)
def test_rows_and_columns_are_counted(n_rows: int, columns: list[Any], words: str):
    assert facts(chapter_of(part("X", columns, n_rows)))["held"] == words


def test_the_length_is_told_where_it_is_known():
    assert facts(chapter_of(part("X", COLUMNS)))["length"] == "91.2 kB as Parquet"
    assert "length" not in facts(chapter_of(part("X", COLUMNS, n_bytes=0)))


MISSING: dict[str, tuple[int, int, str]] = {
    "none": (0, 100, "0"),
    "some": (12, 100, "12 (12.0%)"),
    "all": (100, 100, "100 (100.0%)"),
    "few-of-many": (1, 1_000_000, "1 (0.0%)"),
    "of-no-rows": (5, 0, "5"),
    "more-than-there-are": (1_000, 10, "1,000 (10000.0%)"),
}


@pytest.mark.parametrize("name", MISSING)
def test_missing_values_are_counted_with_their_share(name: str):
    n_missing, n_rows, text = MISSING[name]
    [row] = rows(chapter_of(part("X", [column("a", "float64", n_missing)], n_rows)))
    assert row == ["a", "float64", text]


def test_columns_without_names_have_numbers():
    page = chapter_of(part("X", [column(None), column(""), column(None)]))
    assert [row[0] for row in rows(page)] == ["column 0", "", "column 2"]


def test_two_hundred_columns_are_shown_and_the_others_counted():
    page = chapter_of(part("X", [column(f"größe {n}") for n in range(1_000)]))
    assert "größe 199" in page.whole and "größe 200" not in page.whole
    assert "... and 800 more" in page.whole


def test_twenty_parts_are_shown_and_the_others_counted():
    page = chapter_of(*(part(f"fit_params.{n}", COLUMNS[:1]) for n in range(23)))
    assert len(page.texts("h3")) == 20
    assert "... and 3 more parts" in page.texts("p")


def test_a_part_without_summaries_has_no_columns_for_them():
    assert len(chapter_of(part("X", COLUMNS)).all("th")) == 3 + len(COLUMNS)
    assert len(chapter_of(part("X", COLUMNS, summaries=SUMMARIES)).all("th")) == 5 + len(COLUMNS)


SUMMED: dict[str, tuple[ColumnSummary, str]] = {
    "nothing": (summary(), ""),
    "quantiles": (summary(quantiles=[1.0, 2.0, 3.0, 4.0, 5.0]), "mostly 1 to 5, half below 3"),
    "too-few-quantiles": (summary(quantiles=[1.0, 2.0]), ""),
    "distinct": (summary(n_distinct=1_234), "1,234 different"),
    "values": (summary(n_distinct=2, values=[ValueCount(value="a", n_rows=1_000)]), "a (1,000)"),
    "many-values": (
        summary(values=[ValueCount(value=str(n), n_rows=9) for n in range(30)]),
        "0 (9), 1 (9), 2 (9), 3 (9) and 26 more",
    ),
    "both": (
        summary(quantiles=[0.5, 1.0, 1.5, 2.0, 2.5], n_distinct=7),
        "mostly 0.5 to 2.5, half below 1.5; 7 different",
    ),
    "a-histogram-that-is-none": (summary(edges=[0.0, 0.0], counts=[3]), ""),
    "a-hostile-value": (summary(values=[ValueCount(value="<b>\u202e", n_rows=5)]), "<b>\\u202e (5)"),
}


@pytest.mark.parametrize("name", SUMMED)
def test_summaries_are_told_in_a_line(name: str):
    own, words = SUMMED[name]
    page = chapter_of(part("X", COLUMNS[:1], summaries=[own]))
    assert rows(page) == [["age", "float64", "0", "", words]]
    assert page.all("svg") == []


def test_a_histogram_is_drawn_and_told():
    page = chapter_of(part("X", COLUMNS, summaries=SUMMARIES))
    assert len(page.all("rect")) == 4
    assert page.texts("title") == ["Distribution of age"]
    assert page.texts("desc") == ["mostly 18 to 83, half below 44; 71 different"]


def test_a_summary_of_a_column_that_is_not_there_is_passed_over():
    page = chapter_of(part("X", COLUMNS[:1], summaries=[summary(column=7, n_distinct=3), summary(column=-1)]))
    assert rows(page) == [["age", "float64", "0", "", ""]]


@pytest.mark.parametrize("name", HOSTILE_STRINGS)
def test_hostile_names_are_text(name: str):
    text = HOSTILE_STRINGS[name]
    own = part(text, [column(text, text)], form=text, place="referenced", uri=text, version=text)
    page = chapter_of(own, changed(DATA.parts[0], summaries=[summary(values=[ValueCount(value=text, n_rows=5)])]))
    assert len(page.texts("h3")) == len(page.all("table")) == 2
    assert page.comments == []
    assert all(character.isprintable() for character in page.whole)
