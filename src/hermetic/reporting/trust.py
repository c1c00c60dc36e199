"""Whether the file can be trusted: the verdict, what it needs, what was checked, and what its golden rows answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hermetic.codecs.codec import STRAY_ERRORS
from hermetic.inspection.evidence import count_text
from hermetic.inspection.text import size_text
from hermetic.lazy import numpy as np
from hermetic.recorded.golden import GoldenRows
from hermetic.reporting.facts import Facts
from hermetic.reporting.layout import bullets, chapter, fact_list, note, part, table
from hermetic.reporting.markup import Child, Markup, element

__all__ = ["checks_chapter", "golden_chapter", "needs_chapter", "verdict_of"]

_MOST_SHOWN = 12
_VERDICTS = {
    "clean": ("good", "Loads without anyone's trust"),
    "refused": ("warn", "Needs trust before it loads"),
    "unknown": ("warn", "Uses names that are in no table of known types"),
    "no model": ("warn", "No model is in it"),
    "unreadable": ("bad", "Cannot be read: damaged, foreign or hostile"),
    "malformed": ("bad", "Malformed: no writer of models has written it"),
    "resource": ("bad", "Takes more memory or time than its length explains"),
    "deferred": ("bad", "Does harm when the model is used"),
    "dangerous": ("bad", "Dangerous: opening it would do harm"),
}


def verdict_of(facts: Facts) -> tuple[str, str]:
    """Give the verdict on a file in a line, and how grave it is.

    Parameters
    ----------
    facts : Facts
        Of one file.

    Returns
    -------
    (str, str)
        ``good``, ``warn`` or ``bad``; and the words.
    """
    grade, words = _VERDICTS[facts.scan.verdict]
    verified = facts.verified
    if verified is not None and not verified.ok:
        failed = [check.name for check in verified.checks if check.verdict in ("failed", "refused")]
        return "bad", f"{words}; verified here, and not as it should be: {', '.join(failed)}"
    if facts.problems and grade == "good":
        grade = "warn"
        words += f"; not everything in it can be read: {', '.join(facts.problems)}"
    if verified is not None:
        words += "; verified here, and as it was recorded"
    kinds = [line.kind for line in facts.recorded if line.kind in ("data", "source", "environment", "scores", "golden")]
    if not kinds:
        return grade, f"{words}; nothing is recorded of how it was made"
    named = ["golden rows" if kind == "golden" else kind for kind in kinds]
    return grade, f"{words}; recorded: {', '.join(named)}"


def needs_chapter(facts: Facts) -> Markup:
    """Show what the file needs of whoever loads it: trust, capabilities, memory.

    Parameters
    ----------
    facts : Facts
        Of one file.

    Returns
    -------
    Markup
        A chapter.
    """
    report = facts.scan
    unknown: list[list[Child]] = [
        [element("code", own.trust), own.role, own.path or "an unknown place"] for own in report.unknown
    ]
    asked: list[list[Child]] = [[element("code", own.capability), own.path, own.meaning] for own in report.capabilities]
    known = sum(own.is_known for own in report.names)
    words = f"All types and functions that it uses are known, {known} of them." if report.ok and known else None
    sizes: list[tuple[str, Child]] = [("length", f"{size_text(facts.length_bytes)} ({facts.length_bytes:,} bytes)")]
    if facts.model is not None and facts.model.length_bytes:
        sizes.append(("arrays of the model", size_text(facts.model.length_bytes)))
    return chapter(
        "needs",
        "What it needs",
        element("p", words) if words else None,
        table("Names that load refuses until somebody trusts them", ["name", "role", "first at"], unknown)
        if unknown
        else None,
        table("Effects outside the model, refused until granted", ["capability", "where", "meaning"], asked)
        if asked
        else None,
        bullets([f"{path}: {meaning}" for path, meaning in report.notes[:_MOST_SHOWN]]) if report.notes else None,
        fact_list(sizes),
    )


def checks_chapter(facts: Facts) -> Markup:
    """Show what was checked.

    Parameters
    ----------
    facts : Facts
        Of one file.

    Returns
    -------
    Markup
        A chapter.
    """
    report = facts.scan
    found = [
        [own.severity, own.text, f"byte {own.offset:,} {own.opcode}".rstrip(), own.path]
        for own in report.findings[:_MOST_SHOWN]
    ]
    scanned = part(
        "What loading it would do",
        element("p", "scan: ", element("strong", report.verdict), f" ({_VERDICTS[report.verdict][1]})"),
        note(_in_a_line(report.problem), kind="warning") if report.problem else None,
        table("What was found", ["severity", "what", "where", "in"], found) if found else None,
    )
    problems = (
        bullets([f"{name}: {_in_a_line(words)}" for name, words in facts.problems.items()]) if facts.problems else None
    )
    if facts.verified is None:
        words = "Not asked for: the model was not loaded for this page. hermetic report --verify loads it and asks it."
        return chapter("checks", "Checks", scanned, problems, part("Whether it answers as recorded", note(words)))
    rows: list[list[Child]] = [
        [own.name, element("span", own.verdict, class_=f"verdict {own.verdict}"), _in_a_line(own.words)]
        for own in facts.verified.checks
    ]
    verified = part("Verified here", table("What was asked, and the answers", ["question", "verdict", "answer"], rows))
    return chapter("checks", "Checks", scanned, problems, verified)


def _in_a_line(message: str) -> str:
    """Give a message of several lines, which hermetic has laid out, as one."""
    return "; ".join(line.strip() for line in message.splitlines())


def golden_chapter(golden: GoldenRows | None) -> Markup:
    """Show what the model answered about the golden rows, summed up: not the rows.

    Parameters
    ----------
    golden : GoldenRows or None
        None where there are none.

    Returns
    -------
    Markup
        A chapter.
    """
    if golden is None:
        words = "Not recorded: nobody can tell later, or elsewhere, whether the model answers as it did."
        return chapter("golden", "Golden rows", note(words, kind="warning"))
    rows = [[method, _in_words(value)] for method, value in golden.answers.items()]
    versions = ", ".join(f"{name} {version}" for name, version in golden.versions.items())
    skipped = [f"{method}: {reason}" for method, reason in golden.skipped.items()]
    return chapter(
        "golden",
        "Golden rows",
        element(
            "p",
            f"{count_text(golden.n_rows, golden.origin + ' row')} and what the model answered about them, with "
            f"{versions}. Whoever loads the file elsewhere can ask it again.",
        ),
        table("Answers", ["method", "answers"], rows),
        bullets(skipped) if skipped else None,
    )


def _in_words(value: Any) -> str:
    """Sum an answer up; it comes from a file, and may be anything that is plain data."""
    try:
        return "; ".join(_words_of(value))
    except STRAY_ERRORS:
        return type(value).__name__


def _words_of(value: Any) -> Iterator[str]:
    if not isinstance(value, np.ndarray):
        yield f"{type(value).__name__} of {len(value):,}"
        return
    yield f"{' x '.join(f'{length:,}' for length in value.shape)} {value.dtype.name}"
    if value.dtype.kind == "f" and value.size:
        finite = value[np.isfinite(value)]
        if finite.size:
            yield f"from {finite.min():.4g} to {finite.max():.4g}"
    elif value.dtype.kind in "iubUO" and value.ndim == 1:
        labels, counts = np.unique(value.astype(str) if value.dtype.kind == "O" else value, return_counts=True)
        shown = [f"{label} ({count:,})" for label, count in zip(labels[:_MOST_SHOWN], counts, strict=False)]
        yield ", ".join(shown) + (" ..." if len(labels) > _MOST_SHOWN else "")
