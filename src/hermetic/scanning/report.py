"""What a scan says of a file, a folder or an archive: the verdicts in their order, and the report that holds them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

from hermetic.inspection.names import UsedName
from hermetic.inspection.text import printable, size_text
from hermetic.scanning.pickle_judge import Finding
from hermetic.scanning.usage import LimitUse

__all__ = [
    "MOST_FINDINGS",
    "VERDICTS",
    "AskedCapability",
    "ScanReport",
    "inside",
    "report_of_files",
    "worst_first",
    "worst_verdict",
]

VERDICTS = (
    "dangerous",
    "deferred",
    "resource",
    "malformed",
    "unreadable",
    "refused",
    "unknown",
    "clean",
    "no model",
)
"""Every verdict, the worst first. The severity of a finding is one of the first five, or ``unknown``."""
_PROBLEMS = frozenset({"resource", "malformed", "unreadable"})
MOST_FINDINGS = 100
_LONGEST_SEGMENT = 200


@dataclass(frozen=True, kw_only=True)
class AskedCapability:
    """An effect that loading or using the model has outside the model.

    Attributes
    ----------
    capability : str
        ``reads-files``, ``regex``, ``native-parser``, or ``calls-code(package.function)``.
    grant : str
        What allows it: ``capability NAME`` or ``trust NAME``.
    path : str
        Where it stands in the model.
    meaning : str
        The parameter, its value and the consequence.
    """

    capability: str
    grant: str
    path: str
    meaning: str


@dataclass(frozen=True, kw_only=True)
class ScanReport:
    """What loading a file would do, or the files of a folder or an archive; made by `scan`.

    All strings are those of the file: whoever shows them makes them harmless first, as ``str(report)`` does.

    Attributes
    ----------
    file : str
        Its path, or what else is known about where it came from.
    verdict : str
        One of `VERDICTS`. ``clean``: a load without trust raises no error of policy or format; of a pickle, a joblib
        or skops file: only known names, in the roles that the models of the libraries use. ``refused``: it needs trust
        or grants. ``unknown``: it uses names that are in no table. ``unreadable``: damaged, foreign, or not to be
        scanned. ``malformed``: no writer of models has written it. ``resource``: reading or loading it takes more
        memory or time than its length explains. ``deferred``: what it stores would do harm when the model is used.
        ``dangerous``: opening it would do harm, whatever else is wrong with it. ``no model``: of a file in a folder or
        an archive, nothing that could be loaded.
    problem : str
        Why the file cannot be read whole; ``""`` otherwise.
    error : str
        The class of error that load raises for it; ``""`` where it raises none.
    sha256 : str
        ``sha256:`` and the digest of the container; ``""`` where its end cannot be told.
    length_bytes : int
        Length of the container.
    written_by : dict of str to str
        Names and versions of the programs that wrote it, as it claims.
    names : tuple of UsedName
        Every type and function that the model uses, with its role.
    capabilities : tuple of AskedCapability
        What it does beyond an ordinary model; at most a hundred.
    notes : tuple of (str, str)
        What people should know of the model though it needs no grant: path, and meaning in words.
    limits : tuple of LimitUse
        What reading it takes of each budget.
    format : str
        ``hermetic``, ``pickle``, ``joblib``, ``skops``, ``npy``, ``npz``, ``zip``, ``tar``, ``folder`` or ``other``,
        with the compression behind it where there is one.
    findings : tuple of Finding
        What a file would do beyond a known model, the worst first; at most a hundred. Of a folder or an archive: those
        of the files within too, with the way to them in their paths.
    files : tuple of ScanReport
        The files of a folder or an archive; empty for all others.
    """

    file: str
    verdict: str
    problem: str = ""
    error: str = ""
    sha256: str = ""
    length_bytes: int = 0
    written_by: dict[str, str]
    names: tuple[UsedName, ...] = ()
    capabilities: tuple[AskedCapability, ...] = ()
    notes: tuple[tuple[str, str], ...] = ()
    limits: tuple[LimitUse, ...] = ()
    format: str = "hermetic"
    findings: tuple[Finding, ...] = ()
    files: tuple[ScanReport, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing speaks against it: it is clean, or there is no model."""
        return self.verdict in ("clean", "no model")

    @property
    def verdicts(self) -> tuple[str, ...]:
        """Everything that it is, the worst first: a file that breaks behind a payload is dangerous and malformed."""
        found = {self.verdict, *(finding.severity for finding in self.findings)}
        return tuple(verdict for verdict in VERDICTS if verdict in found)

    @property
    def unknown(self) -> tuple[UsedName, ...]:
        """The names that load refuses until they are trusted."""
        return tuple(name for name in self.names if not name.is_known)

    @property
    def grants(self) -> tuple[str, ...]:
        """The capabilities that load refuses until they are granted, each once."""
        asked = (entry.grant.removeprefix("capability ") for entry in self.capabilities if entry.grant[0] == "c")
        return tuple(sorted(set(asked)))

    def to_dict(self) -> dict[str, Any]:
        """Give everything as plain data."""
        return {"ok": self.ok, "verdicts": list(self.verdicts), **asdict(self)}

    def to_json(self) -> str:
        """Give everything as JSON text, in ASCII."""
        return json.dumps(self.to_dict(), indent=2)

    def __str__(self) -> str:
        """Give the verdict and its reasons as lines of plain text, every character of which is printable."""
        return "\n".join(map(printable, self._lines()))

    def _lines(self) -> Iterator[str]:
        yield f"{self.file}: {self.verdict}" + (f", {size_text(self.length_bytes)}" if self.sha256 else "")
        if self.problem:
            yield f"  {self.problem}"
        for found in self.findings:
            place = f"byte {found.offset} {found.opcode}".rstrip() + (f" in {found.path}" if found.path else "")
            yield f"  {found.severity}: {found.text} ({found.rule}, {place})"
        if self.findings:
            return
        for name in self.unknown:
            yield f"  needs trust: {name.trust} ({name.role}, first at {name.path})"
        for asked in self.capabilities:
            yield f"  {asked.capability}: {asked.path}: {asked.meaning} (allowed by {asked.grant})"
        for path, meaning in self.notes:
            yield f"  note: {path}: {meaning}"


def worst_verdict(verdicts: Iterable[str]) -> str:
    """Give the worst of some verdicts; ``no model`` where there is none.

    Examples
    --------
    >>> from hermetic.scanning.report import worst_verdict
    >>> worst_verdict(["clean", "unknown", "malformed"])
    'malformed'
    """
    return min(verdicts, key=VERDICTS.index, default="no model")


def worst_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Give the worst findings in the order of their severity, at most a hundred.

    Examples
    --------
    >>> from hermetic.scanning.report import worst_first
    >>> worst_first([])
    ()
    """
    return tuple(sorted(findings, key=lambda found: VERDICTS.index(found.severity))[:MOST_FINDINGS])


def inside(finding: Finding, container: str) -> Finding:
    """Give a finding as the container of its file sees it: with one more step in its path.

    Examples
    --------
    >>> from hermetic.scanning.report import Finding, inside
    >>> found = Finding(rule="malformed", severity="malformed", offset=0, opcode="", text="", path="nested@226")
    >>> inside(found, "data.pkl").path
    'data.pkl!nested@226'
    """
    segment = container if len(container) <= _LONGEST_SEGMENT else f"{container[:_LONGEST_SEGMENT]}..."
    return replace(finding, path=f"{segment}!{finding.path}" if finding.path else segment)


def report_of_files(
    where: str, files: Iterable[tuple[str, ScanReport]], findings: Iterable[Finding], **facts: Any
) -> ScanReport:
    """Give the report of a folder or an archive.

    Parameters
    ----------
    where : str
        Its path.
    files : iterable of (str, ScanReport)
        What stands in it: name and report.
    findings : iterable of Finding
        What was found of the folder or archive itself.
    **facts : object
        Further fields of the report.

    Returns
    -------
    ScanReport
        With the worst verdict of all, and the worst findings.

    Examples
    --------
    >>> from hermetic.scanning.report import report_of_files
    >>> report_of_files("models", [], [], format="folder").verdict
    'no model'
    """
    named = list(files)
    own = list(findings)
    verdicts = [report.verdict for _, report in named] + [found.severity for found in own]
    inner = [inside(found, name) for name, report in named for found in report.findings]
    problem = next((found.text for found in worst_first(own) if found.severity in _PROBLEMS), "")
    return ScanReport(
        file=where,
        **{
            "verdict": worst_verdict(verdicts),
            "problem": problem,
            "written_by": {},
            "findings": worst_first([*own, *inner]),
            "files": tuple(report for _, report in named),
            **facts,
        },
    )
