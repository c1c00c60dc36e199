"""Some bytes, judged by what they are: their content decides, never a name; what holds other files is opened.

Whatever two programs would take for two things is judged as both: a ZIP archive may stand behind a pickle, and a pickle
may hide in a member that is compressed twice.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial

from hermetic.errors import FileError, LimitExceeded
from hermetic.formats.container_head import CONTAINER_BEGINNING
from hermetic.formats.manifest import MIMETYPE
from hermetic.formats.pickle_bytes import PickleBytes, compression_of, expand, may_be_pickle
from hermetic.formats.sources import BufferSource
from hermetic.scanning.archive_members import MOST_LEVELS, Budget, Listing, StoredForm, damage
from hermetic.scanning.archives import scan_archive
from hermetic.scanning.npy_files import NPY_BEGINNING, scan_npy
from hermetic.scanning.own_files import scan_own_file
from hermetic.scanning.pickles import PickleScan, scan_expanded
from hermetic.scanning.report import ScanReport, worst_first, worst_verdict
from hermetic.scanning.tar_members import is_tar, list_tar
from hermetic.scanning.zip_members import Directory, find_directories, list_zip

__all__ = ["is_of_known_kind", "scan_content"]

_ZIP_BEGINNINGS = (b"PK\x03\x04", b"PK\x05\x06")
_OPENED = (*_ZIP_BEGINNINGS, NPY_BEGINNING)
_BEGINNING_BYTES = 256
_HARM = frozenset({"dangerous", "deferred", "resource"})
_PROTOCOL_2_AND_LATER = re.compile(rb"\x80[\x02-\x05]")
_NOT_READ = (
    (b"\x89HDF", "an HDF5 file (a Keras model, perhaps)"),
    (b"\x28\xb5\x2f\xfd", "zstd data"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"GGUF", "a GGUF model"),
    (b"version https://git-lfs", "a Git LFS pointer, not the file itself: run `git lfs pull`"),
)


def is_of_known_kind(beginning: bytes, end: bytes) -> bool:
    r"""Tell from its beginning and its end whether a file must be read whole to be judged.

    Parameters
    ----------
    beginning : bytes
        At least 512 bytes, or all.
    end : bytes
        At least 66,000 bytes, or all.

    Returns
    -------
    bool
        True for pickles, compressed data, arrays and archives; False where a search of the beginning is enough.

    Examples
    --------
    >>> is_of_known_kind(b"a,b,c", b"a,b,c"), is_of_known_kind(b"\x80\x04N.", b"\x80\x04N.")
    (False, True)
    """
    return (
        beginning.startswith((*_ZIP_BEGINNINGS, NPY_BEGINNING))
        or may_be_pickle(beginning[:_BEGINNING_BYTES])
        or is_tar(beginning)
        or b"PK\x05\x06" in end
    )


def scan_content(data: bytes, where: str, budget: Budget, level: int = 0) -> ScanReport:
    """Judge some bytes.

    Parameters
    ----------
    data : bytes
        A whole file, or a member of an archive.
    where : str
        Its name, with the way through the containers.
    budget : Budget
        What archives and compressed data may still expand to.
    level : int, optional
        How many archives and compressions stand around it.

    Returns
    -------
    ScanReport
        ``no model`` for what no program would load as one.

    Examples
    --------
    >>> from hermetic.limits import DEFAULT_LIMITS
    >>> scan_content(b"a,b,c", "data.csv", Budget(DEFAULT_LIMITS, 5)).verdict
    'no model'
    """
    if level > MOST_LEVELS:
        text = f"more than {MOST_LEVELS} archives and compressions stand inside each other"
        found = damage("nesting", 0, text, "resource")
        return ScanReport(
            file=where, verdict="resource", problem=text, written_by={}, format="other", findings=(found,)
        )
    is_zip = data.startswith(_ZIP_BEGINNINGS)
    if data.startswith(CONTAINER_BEGINNING):
        report, _ = scan_own_file(BufferSource(data, where), budget.limits)
        return _as_archive_too(report, data, where, budget, level) if report.verdict == "unreadable" else report
    if is_zip:
        report = _scan_zip(data, where, budget, level)
        own = report.files[0].file if report.files else ""
        is_ours = MIMETYPE in data[:_BEGINNING_BYTES] or own.endswith("!mimetype")
        if is_ours and report.verdict not in _HARM:
            return scan_own_file(BufferSource(data, where), budget.limits)[0]
        return report
    return _as_archive_too(_scan_head(data, where, budget, level), data, where, budget, level)


def _scan_zip(data: bytes, where: str, budget: Budget, level: int) -> ScanReport:
    directories = find_directories(data)
    listing = list_zip(data, directories, budget.limits)
    report = _opened(data, where, budget, level, "zip", listing)
    if directories or report.verdict in _HARM:
        return report
    text = "the ZIP archive has no central directory: it is cut off, or none"
    return replace(report, verdict="unreadable", problem=text, error="FormatError")


def _opened(data: bytes, where: str, budget: Budget, level: int, kind: str, listing: Listing) -> ScanReport:
    def judge(content: bytes, place: str) -> ScanReport:
        return scan_content(content, place, budget, level + 1)

    return scan_archive(data, where, listing, budget, judge, kind=kind)


def _as_archive_too(report: ScanReport, data: bytes, where: str, budget: Budget, level: int) -> ScanReport:
    """Judge the ZIP archive that stands behind something else, where there is one."""
    directories = find_directories(data)
    if is_tar(data):  # whose last member may well be a ZIP archive
        forms = [form for member in list_tar(data, budget.limits).members for form in member.forms]
        directories = [one for one in directories if not any(map(partial(_holds, one), forms))]
    if not directories:
        return report
    listing = list_zip(data, directories, budget.limits)
    archive = _opened(data, where, budget, level, "zip", listing)
    is_ours = data.startswith(CONTAINER_BEGINNING) or any(file.file.endswith("!mimetype") for file in archive.files[:1])
    if is_ours and report.verdict in ("no model", "unreadable") and archive.verdict not in _HARM:
        return scan_own_file(BufferSource(data, where), budget.limits)[0]
    text = "a ZIP archive stands behind something else: programs take it for two files"
    found = damage("polyglot", directories[0].shift, text)
    verdict = worst_verdict([report.verdict, archive.verdict, found.severity])
    return replace(
        archive,
        verdict=verdict,
        problem=text,
        format=f"{report.format} and {archive.format}",
        findings=worst_first([found, *report.findings, *archive.findings]),
        names=(*report.names, *archive.names),
    )


def _holds(directory: Directory, form: StoredForm) -> bool:
    return form.start <= directory.shift and directory.end <= form.start + form.length


def _scan_head(data: bytes, where: str, budget: Budget, level: int) -> ScanReport:
    """Judge what is no ZIP archive."""
    if data.startswith(NPY_BEGINNING) and len(data) >= 12:
        return scan_npy(data, where, budget.limits)
    if is_tar(data):
        return _opened(data, where, budget, level, "tar", list_tar(data, budget.limits))
    if may_be_pickle(data[:_BEGINNING_BYTES]):
        return _scan_expanding(data, where, budget, level)
    for magic, kind in _NOT_READ:
        if data.startswith(magic):
            text = f"this is {kind}, which is not scanned"
            found = damage("not-scanned", 0, text, "unreadable")
            return ScanReport(
                file=where,
                verdict="unreadable",
                problem=text,
                error="FormatError",
                written_by={},
                format="other",
                findings=(found,),
            )
    return _scan_suspect(PickleBytes(data, "", ""), where, budget)


def _scan_expanding(data: bytes, where: str, budget: Budget, level: int) -> ScanReport:
    limits = replace(budget.limits, expanded_bytes=max(budget.left_bytes, 1), expansion=1)
    try:
        expanded = expand(data, limits)
        if expanded.compression:
            budget.take(len(expanded.data))
    except FileError as error:
        is_bomb = isinstance(error, LimitExceeded)
        found = damage("limit" if is_bomb else "not-scanned", 0, error.found, "resource" if is_bomb else "unreadable")
        return ScanReport(
            file=where,
            verdict=found.severity,
            problem=error.found,
            error="ForeignFormat",
            written_by={},
            format="compressed data",
            length_bytes=len(data),
            findings=(found,),
        )
    if expanded.compression == "zlib" and expanded.problem and not expanded.data:
        return _no_model(where, expanded.problem)  # two bytes that some text begins with, too
    inner = expanded.data
    if expanded.compression and (compression_of(inner) or inner.startswith(_OPENED) or is_tar(inner)):
        report = scan_content(inner, where, budget, level + 1)
        broken = [damage("malformed", len(inner), expanded.problem)] if expanded.problem else []
        return replace(
            report,
            verdict=worst_verdict([report.verdict, *(one.severity for one in broken)]),
            problem=report.problem or expanded.problem,
            format=f"{report.format}, {expanded.compression}",
            findings=worst_first([*broken, *report.findings]),
        )
    if not _PROTOCOL_2_AND_LATER.match(inner):
        return _scan_suspect(expanded, where, budget)
    return _report_of(scan_expanded(expanded, budget.limits), where, len(data))


def _report_of(found: PickleScan, where: str, length_bytes: int) -> ScanReport:
    return ScanReport(
        file=where,
        verdict=found.verdict,
        problem=found.problem,
        error="ForeignFormat",
        length_bytes=length_bytes,
        written_by={},
        names=found.names,
        format=found.format,
        findings=found.findings,
    )


def _scan_suspect(expanded: PickleBytes, where: str, budget: Budget) -> ScanReport:
    """Judge what begins like no pickle of protocol 2 or later: older ones begin with anything, as text does.

    Text is taken for a pickle when reading it as one ends well, or does anything that is known.
    """
    found = scan_expanded(expanded, budget.limits)
    has_known = any(name.is_known for name in found.names)
    does_harm = found.verdict in _HARM
    is_whole = not found.problem
    if has_known or does_harm or is_whole or expanded.problem:
        return _report_of(found, where, len(expanded.data))
    return _no_model(where, found.problem)


def _no_model(where: str, problem: str) -> ScanReport:
    return ScanReport(
        file=where, verdict="no model", problem=problem, written_by={}, format="other", error="FormatError"
    )
