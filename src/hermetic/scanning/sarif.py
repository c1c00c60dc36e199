"""A scan as SARIF 2.1.0, the format in which code hosts show what checkers found: written here, without a library.

Every text that comes from a file goes through `sarif_text`, every path through `sarif_uri`, and nothing else may.

References
----------
OASIS, *Static Analysis Results Interchange Format (SARIF) Version 2.1.0*, sections 3.11 (message), 3.4 (artifact
location), 3.27 (result), 3.30 (region: a line and a byte may stand side by side).
"""

from __future__ import annotations

import hashlib
import json
import os
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

from hermetic._version import __version__
from hermetic.scanning.harmful_names import RULES
from hermetic.scanning.pickle_judge import Finding
from hermetic.scanning.report import ScanReport

__all__ = ["sarif_of", "sarif_text", "sarif_uri"]

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {
    "dangerous": "error",
    "deferred": "error",
    "resource": "error",
    "malformed": "error",
    "unreadable": "warning",
    "refused": "warning",
    "unknown": "warning",
}
_PLAIN_FORMATS = frozenset({"joblib", "npy", "npz", "pickle", "skops", "tar", "zip"})
_LONGEST_TEXT = 1_000
# Drawn as nothing or as a direction, though they count as letters or marks.
_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Co", "Cn", "Cs", "Zl", "Zp"})
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0") | frozenset(
    map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)))
)


def sarif_text(text: str) -> str:
    r"""Return text from a file as the plain text of a SARIF message.

    Control characters, line breaks, bidirectional controls, lone surrogates and invisible characters are spelled out.
    Brackets and braces, by which SARIF marks links and places for arguments, are escaped; so are the characters with
    which HTML and Markdown begin.

    Parameters
    ----------
    text : str
        Any text, however hostile.

    Returns
    -------
    str
        At most some thousand characters.

    Examples
    --------
    >>> from hermetic.scanning.sarif import sarif_text
    >>> print(sarif_text("os.system('ls')"), sarif_text("[a](http://b) {0}\x1b<b>"))
    os.system('ls') \[a\](http://b) {{0}}\x1b\u003cb\u003e
    """
    return "".join(map(_spell_out, text[:_LONGEST_TEXT]))


def _spell_out(character: str) -> str:
    if character in "[]\\":
        return f"\\{character}"
    if character in "{}":
        return character * 2
    if character in "<>&`":
        return f"\\u{ord(character):04x}"
    if unicodedata.category(character) in _HIDDEN_CATEGORIES or character in _INVISIBLE:
        return ascii(character)[1:-1]
    return character


def sarif_uri(path: str) -> str:
    """Return a path as the URI reference of an artifact.

    Parameters
    ----------
    path : str
        Of a file; relative ones stay relative.

    Returns
    -------
    str
        Only unreserved characters, slashes and percent signs behind the scheme.

    Examples
    --------
    >>> from hermetic.scanning.sarif import sarif_uri
    >>> sarif_uri("models/a b.pkl"), sarif_uri("javascript:alert(1)")
    ('models/a%20b.pkl', 'javascript%3Aalert%281%29')
    """
    spelled = path.replace(os.sep, "/") if os.sep != "/" else path
    quoted = quote(spelled.encode("utf-8", "surrogateescape"), safe="/")
    return f"file://{quoted}" if os.path.isabs(path) and quoted.startswith("/") else quoted.removeprefix("./")


def sarif_of(reports: Iterable[ScanReport]) -> str:
    r"""Give some reports as one SARIF document.

    Parameters
    ----------
    reports : iterable of ScanReport
        Of files and folders.

    Returns
    -------
    str
        JSON in ASCII: one run, one result for each finding, and for each file that needs trust or cannot be read.

    Examples
    --------
    >>> import io, json
    >>> from hermetic import scan
    >>> document = json.loads(sarif_of([scan(io.BytesIO(b"cos\nabort\n)R."))]))
    >>> document["runs"][0]["results"][0]["ruleId"]
    'run-command'
    """
    identities = list(RULES)
    numbers = {identity: number for number, identity in enumerate(identities)}
    results = [result for report in reports for result in _results_of(report, numbers)]
    driver = {
        "name": "hermetic",
        "version": __version__,
        "semanticVersion": __version__,
        "rules": [_rule(identity) for identity in identities],
    }
    run = {
        "tool": {"driver": driver},
        "invocations": [{"executionSuccessful": True}],
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _rule(identity: str) -> dict[str, Any]:
    text = f"{RULES[identity][0].upper()}{RULES[identity][1:]}."
    return {
        "id": identity,
        "shortDescription": {"text": text},
        "fullDescription": {"text": text},
        "help": {"text": f"{text} See docs/scanning.md for what to do."},
        "properties": {"tags": ["security"]},
    }


def _results_of(report: ScanReport, numbers: dict[str, int]) -> Iterator[dict[str, Any]]:
    if report.format == "folder":
        for file in report.files:
            yield from _results_of(file, numbers)
        return
    for found in report.findings:
        yield _result(report, found, numbers)
    if report.findings or report.ok:
        return
    is_refused = report.verdict == "refused"
    asked = [*(name.trust for name in report.unknown), *report.grants]
    text = f"it needs trust in {', '.join(asked)}" if is_refused else report.problem
    rule = "needs-trust" if is_refused else "limit" if report.verdict == "resource" else "unreadable"
    finding = Finding(rule=rule, severity=report.verdict, offset=0, opcode="", text=text, path="")
    yield _result(report, finding, numbers)


def _result(report: ScanReport, found: Finding, numbers: dict[str, int]) -> dict[str, Any]:
    place = f"{os.path.basename(report.file)}!{found.path}" if found.path else os.path.basename(report.file)
    # Code hosts refuse a region without a line; a model has none, so its first one stands for the whole.
    region = {"startLine": 1}
    if not found.path and report.format in _PLAIN_FORMATS:
        region["byteOffset"] = found.offset  # elsewhere it counts within what was decompressed
    physical = {"artifactLocation": {"uri": sarif_uri(report.file)}, "region": region}
    where = f"byte {found.offset} {found.opcode}".strip()
    return {
        "ruleId": found.rule,
        "ruleIndex": numbers[found.rule],
        "level": _LEVELS[found.severity],
        "message": {"text": sarif_text(f"{found.severity}: {found.text} ({RULES[found.rule]}; {where} in {place})")},
        "locations": [
            {"physicalLocation": physical, "logicalLocations": [{"fullyQualifiedName": sarif_text(place)}]},
        ],
        "partialFingerprints": {"finding/v1": _fingerprint(report, found)},
        "properties": {"verdict": report.verdict, "severity": found.severity, "offset": found.offset},
    }


def _fingerprint(report: ScanReport, found: Finding) -> str:
    """Tell one finding from the others of a file, also when the file moves or grows before it."""
    parts = (os.path.basename(report.file), found.path, found.rule, found.text)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
