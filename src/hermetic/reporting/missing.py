"""What was not recorded, and what the file reveals: the two lists that an auditor asks for first."""

from __future__ import annotations

from collections.abc import Iterator

from hermetic.reporting.facts import Facts
from hermetic.reporting.layout import bullets, chapter, note
from hermetic.reporting.markup import Markup, element

__all__ = ["missing_chapter", "not_recorded", "reveals_chapter"]

_CONSEQUENCES = {
    "data": "the data: nobody can tell which data the model was fitted on, or whether some data are those",
    "source": "the source: nobody can read how the model was made",
    "environment": "the environment: nobody can install again what the model was made with",
    "scores": "scores: nobody can tell how well the model did, or whether a model that is made again does as well",
    "golden": "golden rows: nobody can tell whether the model answers elsewhere as it did where it was saved",
    "recipe": "the unfitted estimator with its splitter: the model cannot be fitted again from this file",
}


def not_recorded(facts: Facts) -> list[str]:
    """Say what a file does not record, with what follows from that.

    Parameters
    ----------
    facts : Facts
        Of one file.

    Returns
    -------
    list of str
        What is wholly missing first; text of the file may be part of it.
    """
    kinds = {line.kind for line in facts.recorded}
    missing = [words for kind, words in _CONSEQUENCES.items() if kind not in kinds]
    return [*missing, *_gaps(facts)]


def _gaps(facts: Facts) -> Iterator[str]:
    """Say what is missing within what was recorded."""
    records = facts.records
    if "data" in records:
        for part in records["data"].parts:
            if part.place == "left out":
                yield f"the values of {part.name}: only what identifies them"
            elif part.place == "referenced" and not part.version:
                yield f"which version of {part.uri} the values of {part.name} are"
    if "source" in records:
        for file in records["source"].files:
            if file.text is None:
                yield f"the text of {file.name}: only its digest"
        repository = records["source"].repository
        if repository is None:
            yield "a commit: the source stood in no repository"
        elif repository.is_dirty and not repository.diff:
            yield "how the source differed from its commit"
    if "scores" in records:
        varying = [name for name, seed in records["scores"].seeds.items() if seed == "None"]
        if varying:
            yield f"seeds of {', '.join(varying)}: fitting again may give another model"
        if records["scores"].out_of_fold is None:
            yield "predictions on unseen data: no ROC, calibration or residuals"
    for kind in ("data", "source", "scores"):
        if kind in records:
            yield from (f"{kind}: {words}" for words in records[kind].notes)
    if facts.golden is not None:
        yield from (f"answers of {method}: {reason}" for method, reason in facts.golden.skipped.items())


def missing_chapter(facts: Facts) -> Markup:
    """Show what was not recorded.

    Parameters
    ----------
    facts : Facts
        Of one file.

    Returns
    -------
    Markup
        A chapter.
    """
    found = not_recorded(facts)
    if not found:
        return chapter(
            "missing", "What was not recorded", element("p", "Nothing that hermetic knows how to record is missing.")
        )
    when = "dump(model, file, evidence=hermetic.record(model, X, y)) records all of it."
    advice = note(element("code", when)) if any(words in _CONSEQUENCES.values() for words in found) else None
    return chapter("missing", "What was not recorded", bullets(found, class_="missing"), advice)


def reveals_chapter(facts: Facts) -> Markup:
    """Show what the file reveals about its training data.

    Parameters
    ----------
    facts : Facts
        Of one file.

    Returns
    -------
    Markup
        A chapter.
    """
    title = "What this file reveals about its training data"
    words = "To everybody who holds it, besides what any model tells about the data that it has learned from:"
    if not facts.reveals:
        return chapter(
            "reveals",
            title,
            element("p", "Nothing besides what any model tells about the data that it has learned from."),
        )
    return chapter("reveals", title, element("p", words), bullets(facts.reveals, class_="reveals"))
