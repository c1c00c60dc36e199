"""Where the model comes from: environment, source, repository, lineage."""

from __future__ import annotations

from hermetic.inspection.evidence import count_text
from hermetic.recorded.environment import DistributionRecord, EnvironmentRecord
from hermetic.recorded.lineage import LineageRecord
from hermetic.recorded.source import Repository, SourceFile, SourceRecord
from hermetic.reporting.highlight import code_block
from hermetic.reporting.layout import bullets, chapter, fact_list, note, part, table
from hermetic.reporting.markup import Child, Markup, element

__all__ = ["environment_chapter", "lineage_chapter", "source_chapter"]

_MOST_FILES = 50
_HOW = {"rebuilt": "rebuilt from", "script": "made again by the script of"}


def environment_chapter(record: EnvironmentRecord | None) -> Markup:
    """Show where the model was made, what it needs first.

    Parameters
    ----------
    record : EnvironmentRecord or None
        None where nothing was recorded.

    Returns
    -------
    Markup
        A chapter.
    """
    if record is None:
        words = "Not recorded, but for the versions at the top of this page."
        return chapter("environment", "Environment", note(words, kind="warning"))
    facts: list[tuple[str, Child]] = [
        ("Python", f"{record.python} ({record.implementation})"),
        ("machine", f"{record.machine}, {record.processor}" if record.processor else record.machine),
        ("platform", record.platform),
        *((name, words) for name, words in record.libraries.items()),
    ]
    needed = [own for own in record.distributions if own.is_needed]
    others = [own for own in record.distributions if not own.is_needed]
    headings = ["distribution", "version", "from"]
    return chapter(
        "environment",
        "Environment",
        fact_list(facts),
        table("What the model needs", headings, map(_row, needed)) if needed else None,
        table(f"What else was installed: {count_text(len(others), 'distribution')}", headings, map(_row, others))
        if others
        else None,
    )


def _row(own: DistributionRecord) -> list[Child]:
    return [own.name, own.version, own.origin]


def source_chapter(record: SourceRecord | None) -> Markup:
    """Show the source that made the model.

    Parameters
    ----------
    record : SourceRecord or None
        None where nothing was recorded.

    Returns
    -------
    Markup
        A chapter.
    """
    if record is None:
        words = "Not recorded: this file does not say which program made the model."
        return chapter("source", "Source", note(words, kind="warning"))
    shown = [_file(own) for own in record.files[:_MOST_FILES]]
    more = len(record.files) - len(shown)
    return chapter(
        "source",
        "Source",
        element("p", "As recorded. Nothing of it was run for this page."),
        _repository(record.repository),
        *shown,
        note(f"... and {count_text(more, 'more file')}") if more > 0 else None,
        bullets(record.notes) if record.notes else None,
    )


def _file(own: SourceFile) -> Markup:
    digest = element("p", f"{own.role}, SHA-256 ", element("code", own.digest), class_="detail")
    if own.text is None:
        return part(own.name, digest, note("Only its digest was recorded."))
    return part(own.name, digest, code_block(own.text, own.name))


def _repository(repository: Repository | None) -> Markup | None:
    if repository is None:
        return note("It stood in no repository.")
    state = "with changes that are not in it" if repository.is_dirty else "exactly as it is there"
    facts: list[tuple[str, Child]] = [
        ("commit", element("span", element("code", repository.commit), f", {state}")),
        ("remote", element("code", repository.remote) if repository.remote else "none"),
    ]
    difference = (
        part("Changes that were not committed", code_block(repository.diff, "diff", is_python=False))
        if repository.diff
        else None
    )
    return element("div", fact_list(facts), difference)


def lineage_chapter(record: LineageRecord | None, digest: str) -> Markup:
    """Show which files the model was made from.

    Parameters
    ----------
    record : LineageRecord or None
        None where it was made from none.
    digest : str
        SHA-256 of this file.

    Returns
    -------
    Markup
        A chapter.
    """
    if record is None or not record.parents:
        return chapter("lineage", "Lineage", element("p", "No other file is named that this one was made from."))
    steps = [element("li", "this file, ", element("code", digest))]
    for parent in record.parents:
        versions = ", ".join(f"{name} {version}" for name, version in parent.written_by.items())
        steps.append(
            element(
                "li",
                f"{_HOW[parent.how]} ",
                element("code", parent.digest),
                f", written by {versions}" if versions else None,
            )
        )
    return chapter("lineage", "Lineage", element("ol", *steps, class_="lineage"))
