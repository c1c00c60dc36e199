"""The page: its head, the verdict at the top, the table of contents, the chapters in the order in which one asks."""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files

from hermetic._version import __version__
from hermetic.inspection.text import size_text
from hermetic.reporting.data import data_chapter
from hermetic.reporting.facts import Facts
from hermetic.reporting.layout import fact_list
from hermetic.reporting.markup import Child, Markup, element, style_sheet
from hermetic.reporting.missing import missing_chapter, not_recorded, reveals_chapter
from hermetic.reporting.model import model_chapter
from hermetic.reporting.origin import environment_chapter, lineage_chapter, source_chapter
from hermetic.reporting.scores import scores_chapter
from hermetic.reporting.trust import checks_chapter, golden_chapter, needs_chapter, verdict_of

__all__ = ["page_of"]

_CONTENTS = {
    "model": "The model",
    "scores": "How well it does",
    "data": "Data",
    "missing": "Not recorded",
    "reveals": "Revealed",
    "needs": "Needs",
    "checks": "Checks",
    "golden": "Golden rows",
    "environment": "Environment",
    "source": "Source",
    "lineage": "Lineage",
}
_CONCERNS = ("needs", "checks")
_MARKS = {"good": "✓", "warn": "!", "bad": "✗"}


def page_of(facts: Facts) -> str:
    """Give the whole page.

    Parameters
    ----------
    facts : Facts
        Of one file.

    Returns
    -------
    str
        HTML that runs nothing, loads nothing, and leads nowhere else. The same for the same facts.
    """
    records = facts.records
    style = files("hermetic.reporting").joinpath("style.css").read_text(encoding="utf-8")
    chapters = {
        "model": model_chapter(facts.model, facts.importances),
        "scores": scores_chapter(records.get("scores")),
        "data": data_chapter(records.get("data")),
        "missing": missing_chapter(facts),
        "reveals": reveals_chapter(facts),
        "needs": needs_chapter(facts),
        "checks": checks_chapter(facts),
        "golden": golden_chapter(facts.golden),
        "environment": environment_chapter(records.get("environment")),
        "source": source_chapter(records.get("source")),
        "lineage": lineage_chapter(records.get("lineage"), facts.digest),
    }
    # What is wrong comes first.
    order = (
        sorted(chapters, key=lambda place: place not in _CONCERNS) if verdict_of(facts)[0] != "good" else [*chapters]
    )
    links = (element("li", element("a", _CONTENTS[place], href=f"#{place}")) for place in order)
    contents = element("nav", element("ul", *links), aria_label="Contents")
    body = element(
        "body", _header(facts), contents, element("main", *(chapters[place] for place in order)), _footer(facts)
    )
    return "<!doctype html>\n" + element("html", _head(facts, style), body, lang="en").html + "\n"


def _head(facts: Facts, style: str) -> Markup:
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="referrer", content="no-referrer"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", f"{facts.name}: model report"),
        style_sheet(style),
    )


def _header(facts: Facts) -> Markup:
    grade, words = verdict_of(facts)
    n_missing = len(not_recorded(facts))
    kind = "cannot be read" if facts.model is None else facts.model.type or "no estimator"
    versions = ", ".join(f"{name} {version}" for name, version in facts.written_by.items()) or "nothing that says so"
    known: list[tuple[str, Child]] = [
        ("model", element("code", kind)),
        ("file", f"{facts.name}, {facts.format}, {size_text(facts.length_bytes)}"),
        ("SHA-256", element("code", facts.digest or "not known")),
        ("written by", versions),
    ]
    known += [("golden rows" if line.kind == "golden" else line.kind, line.words) for line in facts.recorded]
    if n_missing:
        link = element("a", f"{n_missing} thing{'' if n_missing == 1 else 's'}", href="#missing")
        known.append(("not recorded", link))
    return element(
        "header",
        element("p", "Model report", class_="eyebrow"),
        element("h1", facts.name),
        element(
            "p",
            element("span", _MARKS[grade], class_="mark", aria_hidden="true"),
            element("span", words),
            class_=f"verdict-line {grade}",
        ),
        fact_list(known),
    )


def _footer(facts: Facts) -> Markup:
    loaded = "the model was loaded for it" if facts.verified is not None else "without loading the model"
    words = (
        f"Written by hermetic {__version__} from the file alone, {loaded}. What a file says of itself is shown as it "
        "stands there: it was written by whoever made the file. A signature tells who that was (hermetic verify "
        "--signed-by)."
    )
    return element("footer", element("p", words))
