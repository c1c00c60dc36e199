"""The data that the model was fitted on, as a record tells them: names, types, missing values, small histograms."""

from __future__ import annotations

from collections.abc import Iterator

from hermetic.inspection.evidence import count_text
from hermetic.inspection.text import size_text
from hermetic.recorded.data import ColumnSummary, DataPart, DataRecord
from hermetic.reporting.charts import histogram
from hermetic.reporting.layout import bullets, chapter, fact_list, note, part, table
from hermetic.reporting.markup import Child, Markup, element

__all__ = ["data_chapter"]

_MOST_PARTS = 20
_MOST_VALUES = 4
_PLACES = {
    "stored": "in the store of whoever fitted the model, as",
    "embedded": "in this file",
    "referenced": "referenced at",
    "left out": "nowhere: the values were left out",
}


def data_chapter(record: DataRecord | None) -> Markup:
    """Show what is recorded of the data.

    Parameters
    ----------
    record : DataRecord or None
        None where nothing was recorded.

    Returns
    -------
    Markup
        A chapter.
    """
    if record is None:
        words = "Not recorded: this file does not say which data the model was fitted on."
        return chapter("data", "Data", note(words, kind="warning"))
    parts = [_part(own) for own in record.parts[:_MOST_PARTS]]
    more = len(record.parts) - len(parts)
    return chapter(
        "data",
        "Data",
        *parts,
        note(f"... and {count_text(more, 'more part')}") if more else None,
        bullets(record.notes) if record.notes else None,
    )


def _part(own: DataPart) -> Markup:
    found = own.fingerprint
    place: Child = _PLACES[own.place]
    if own.place == "stored":
        place = element("span", f"{place} ", element("code", own.snapshot))
    elif own.place == "referenced":
        # Only text: an address of a file leads nowhere from here.
        place = element(
            "span", f"{place} ", element("code", own.uri), f", version {own.version}" if own.version else None
        )
    facts: list[tuple[str, Child]] = [
        ("held", f"{own.form}, {count_text(found.n_rows, 'row')}, {count_text(len(found.columns), 'column')}"),
        ("values", place),
        ("identity", element("code", found.digest)),
    ]
    if own.n_bytes:
        facts.append(("length", f"{size_text(own.n_bytes)} as Parquet"))
    return part(own.name, fact_list(facts), _columns(own))


def _columns(own: DataPart) -> Markup:
    summaries = {summary.column: summary for summary in own.summaries}
    rows: list[list[Child]] = []
    for number, column in enumerate(own.fingerprint.columns):
        name = column.name if column.name is not None else f"column {number}"
        share = (
            f" ({column.n_missing / own.fingerprint.n_rows:.1%})" if column.n_missing and own.fingerprint.n_rows else ""
        )
        summary = summaries.get(number)
        shown, words = (None, "") if summary is None else (_histogram(name, summary), _words(summary))
        rows.append([name, column.type, f"{column.n_missing:,}{share}", shown or "", words])
    headings = ["column", "type", "missing", "distribution", "in numbers"]
    if not summaries:
        rows, headings = [row[:3] for row in rows], headings[:3]
    return table(f"Columns of {own.name}", headings, rows, numbers=[2])


def _histogram(name: str, summary: ColumnSummary) -> Markup | None:
    return histogram(f"Distribution of {name}", _words(summary), summary.edges, summary.counts)


def _words(summary: ColumnSummary) -> str:
    return "; ".join(_parts_of_words(summary))


def _parts_of_words(summary: ColumnSummary) -> Iterator[str]:
    if len(summary.quantiles) == 5:
        low, _, middle, _, high = summary.quantiles
        yield f"mostly {low:g} to {high:g}, half below {middle:g}"
    if summary.values:
        shown = ", ".join(f"{own.value} ({own.n_rows:,})" for own in summary.values[:_MOST_VALUES])
        n_more = len(summary.values) - _MOST_VALUES
        yield shown + (f" and {n_more:,} more" if n_more > 0 else "")
    elif summary.n_distinct:
        yield f"{summary.n_distinct:,} different"
