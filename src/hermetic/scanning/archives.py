"""The scan of an archive: each member is judged by its content, and the archive by what its members should not be.

A member is read in every way in which a program may read it, and judged by the worst. Sizes are summed before anything
is decompressed, and all archives inside each other share one budget.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from hermetic.errors import FileError, LimitExceeded
from hermetic.scanning.archive_members import ArchiveMember, Budget, Listing, damage, read_form
from hermetic.scanning.pickle_judge import Finding
from hermetic.scanning.report import ScanReport, report_of_files, worst_first, worst_verdict
from hermetic.scanning.skops_files import SCHEMA_NAME, SkopsScan, scan_schema

__all__ = ["scan_archive"]

_NPY_SUFFIX = ".npy"


class _Judged(NamedTuple):
    name: str
    report: ScanReport
    schema: SkopsScan | None


def scan_archive(
    data: bytes,
    where: str,
    listing: Listing,
    budget: Budget,
    judge: Callable[[bytes, str], ScanReport],
    *,
    kind: str,
) -> ScanReport:
    """Judge an archive.

    Parameters
    ----------
    data : bytes
        The archive.
    where : str
        Its name.
    listing : Listing
        Its members.
    budget : Budget
        What they may expand to.
    judge : callable
        Gives the report of a content under a name.
    kind : str
        ``zip`` or ``tar``.

    Returns
    -------
    ScanReport
        With the reports of the members in ``files``.

    Examples
    --------
    >>> from hermetic.limits import DEFAULT_LIMITS
    >>> scan_archive(b"", "a.zip", Listing([], []), Budget(DEFAULT_LIMITS, 0), scan_archive, kind="zip").verdict
    'no model'
    """
    findings = list(listing.findings)
    declared = sum(_declared_bytes(member) for member in listing.members)
    is_too_large = declared > budget.left_bytes
    if is_too_large:
        text = (
            f"its members declare {declared:,} bytes, but {budget.left_bytes:,} are allowed (the limit expanded_bytes)"
        )
        findings.append(damage("limit", 0, text, "resource"))
    # A bomb must not hide what stands beside it: whatever fits is judged, the small ones first.
    members = sorted(listing.members, key=_declared_bytes) if is_too_large else listing.members
    judged = [
        _judge_member(data, where, member, budget, judge) for member in members if member.forms or member.findings
    ]
    findings += _skops_findings(judged)
    return report_of_files(
        where,
        [(entry.name, entry.report) for entry in judged],
        findings,
        format=_format_of(judged, kind),
        error="ForeignFormat",
        length_bytes=len(data),
        names=tuple(name for entry in judged if entry.schema for name in entry.schema.names),
    )


def _declared_bytes(member: ArchiveMember) -> int:
    return max((form.content_length for form in member.forms if form.method), default=0)


def _judge_member(
    data: bytes, where: str, member: ArchiveMember, budget: Budget, judge: Callable[[bytes, str], ScanReport]
) -> _Judged:
    """Judge a member in each of its forms, and take the worst."""
    place = f"{where}!{member.name[:300]}"
    findings = list(member.findings)
    reports: list[ScanReport] = []
    schema = None
    for number, form in enumerate(member.forms):
        try:
            if form.method and form.content_length > budget.left_bytes:
                budget.take(form.content_length)
            content, problem = read_form(data, form, budget)
        except LimitExceeded as error:
            findings.append(damage("limit", member.offset, error.found, "resource"))
            continue
        except FileError as error:
            findings.append(damage("not-scanned", member.offset, error.found, "unreadable"))
            continue
        if number == 0 and problem:
            findings.append(damage("malformed-archive", member.offset, problem))
        elif number == 0 and member.crc32 >= 0 and zlib.crc32(content) != member.crc32:
            findings.append(
                damage("wrong-checksum", member.offset, "its content has another CRC-32 than it should have")
            )
        reports.append(judge(content, place))
        if number == 0 and member.name == SCHEMA_NAME:
            schema = scan_schema(content)
    if schema is not None:
        findings += schema.findings
        reports.append(ScanReport(file=place, verdict="clean", written_by={}, format="skops", names=schema.names))
    return _Judged(member.name, _joined(place, reports, findings), schema)


def _joined(place: str, reports: list[ScanReport], findings: list[Finding]) -> ScanReport:
    """Give one report of all that was found of a member."""
    worst = ScanReport(file=place, verdict="no model", written_by={}, format="other")
    for report in reports:
        if worst_verdict([report.verdict, worst.verdict]) == report.verdict:
            worst = report
    if not findings:
        return worst
    return replace(
        worst,
        verdict=worst_verdict([worst.verdict, *(found.severity for found in findings)]),
        problem=worst.problem or findings[0].text,
        findings=worst_first([*findings, *worst.findings]),
    )


def _format_of(judged: list[_Judged], kind: str) -> str:
    if any(entry.schema for entry in judged):
        return "skops"
    if kind == "zip" and judged and all(entry.name.endswith(_NPY_SUFFIX) for entry in judged):
        return "npz"
    return kind


def _skops_findings(judged: list[_Judged]) -> list[Finding]:
    """Compare the members of a skops file with those that its schema refers to."""
    schema = next((entry.schema for entry in judged if entry.schema), None)
    if schema is None:
        return []
    names = {entry.name for entry in judged} - {SCHEMA_NAME}
    findings = [
        damage("foreign-member", 0, f"schema.json does not refer to the member {name[:80]!r}")
        for name in sorted(names - schema.members)
    ]
    missing = [
        damage("malformed-archive", 0, f"schema.json refers to a member {name[:80]!r} that is not there")
        for name in sorted(schema.members - names)
    ]
    return [*findings[:20], *missing[:20]]
