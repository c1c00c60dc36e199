"""Reports as JUnit's XML, which every CI service shows: a file of models is a test suite."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

from hermetic.evidence.checks import Check, VerifyReport

__all__ = ["junit_of", "xml_text"]

# What XML 1.0 cannot hold, in any spelling, and what turns the direction of a line around.
_FORBIDDEN = re.compile("[^\t\n\x20-\x7e\xa1-\u200a\u2010-\u2027\u2030-\u2065\u206a-\ud7ff\ue000-\ufefe\uff00-\ufffd]")


def xml_text(text: str) -> str:
    r"""Give any text as the content of an XML element; what XML cannot hold is spelled out.

    Examples
    --------
    >>> from hermetic.evidence.junit import xml_text
    >>> print(xml_text("<a> & \x1b"))
    &lt;a&gt; &amp; \x1b
    """
    return escape(_spelled_out(text))


def junit_of(reports: Sequence[VerifyReport]) -> str:
    """Give reports as the text of a JUnit file: a suite for each model, a case for each check.

    Parameters
    ----------
    reports : sequence of VerifyReport
        One for each file.
    """
    lines = ['<?xml version="1.0" encoding="utf-8"?>', "<testsuites>"]
    for report in reports:
        n_failed = sum(check.verdict in ("failed", "refused") for check in report.checks)
        n_skipped = sum(check.verdict == "skipped" for check in report.checks)
        lines.append(
            f'<testsuite name={_attribute(report.file)} tests="{len(report.checks)}" failures="{n_failed}" '
            f'skipped="{n_skipped}">'
        )
        lines.extend(_case(report, check) for check in report.checks)
        lines.append("</testsuite>")
    return "\n".join([*lines, "</testsuites>", ""])


def _case(report: VerifyReport, check: Check) -> str:
    head = f"<testcase classname={_attribute(report.file)} name={_attribute(check.name)}>"
    if check.verdict in ("failed", "refused"):
        first = check.words.partition("\n")[0]
        inner = (
            f"<failure type={_attribute(check.verdict)} message={_attribute(first)}>{xml_text(check.words)}</failure>"
        )
    elif check.verdict == "skipped":
        inner = f"<skipped message={_attribute(check.words)}/>"
    else:
        inner = f"<system-out>{xml_text(check.words)}</system-out>"
    return f"{head}{inner}</testcase>"


def _attribute(text: str) -> str:
    return quoteattr(_spelled_out(text).replace("\n", " ").replace("\t", " "))


def _spelled_out(text: str) -> str:
    return _FORBIDDEN.sub(lambda found: ascii(found[0])[1:-1], text)
