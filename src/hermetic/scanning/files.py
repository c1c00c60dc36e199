"""The scan of one file: opened once, read no further than it must be, and judged by its content."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import BinaryIO

from hermetic.approvals import digest_of
from hermetic.errors import FileError
from hermetic.formats.container_head import CONTAINER_BEGINNING
from hermetic.formats.open_any import MOST_SUSPECT_BYTES, open_any
from hermetic.formats.sources import BufferSource, Source
from hermetic.limits import Limits
from hermetic.scanning.archive_members import Budget, damage
from hermetic.scanning.contents import is_of_known_kind, scan_content
from hermetic.scanning.own_files import scan_own_file, unreadable
from hermetic.scanning.report import ScanReport

__all__ = ["scan_file"]

_BEGINNING_BYTES = 512
_END_BYTES = 66_000
_HARM = frozenset({"dangerous", "deferred", "resource"})


def scan_file(file: str | os.PathLike[str] | BinaryIO, limits: Limits, *, is_named: bool) -> ScanReport:
    """Judge one file.

    Parameters
    ----------
    file : str, PathLike or binary file object
        A file object is left behind the container, or at its end.
    limits : Limits
        Budgets for reading.
    is_named : bool
        Somebody asked for this very file: that it is no model is then an answer to him, ``unreadable``; in a folder it
        is ``no model``.

    Returns
    -------
    ScanReport
        The verdict and its reasons.

    Raises
    ------
    OSError
        When the file cannot be opened.

    Examples
    --------
    >>> import io
    >>> from hermetic.limits import DEFAULT_LIMITS
    >>> [scan_file(io.BytesIO(b"a,b"), DEFAULT_LIMITS, is_named=named).verdict for named in (True, False)]
    ['unreadable', 'no model']
    """
    try:
        source = open_any(file, limits)
    except FileError as error:
        where = str(getattr(file, "name", "<stream>")) if not isinstance(file, (str, os.PathLike)) else os.fspath(file)
        return unreadable(error, where, {})
    try:
        report, length_bytes = _scan_source(source, limits)
        if report.verdict == "no model" and is_named:
            report = _as_named(report, source, limits)
        source.seek_after(length_bytes)
    finally:
        source.close()
    return report


def _as_named(report: ScanReport, source: Source, limits: Limits) -> ScanReport:
    if report.files:
        text = "nothing in it holds a model"
        return replace(report, verdict="unreadable", problem=text, error="FormatError")
    return scan_own_file(source, limits)[0]  # it says what the file looks like


def _scan_source(source: Source, limits: Limits) -> tuple[ScanReport, int]:
    length_bytes = source.length_bytes
    beginning = source.read(0, min(length_bytes, _BEGINNING_BYTES))
    if beginning.startswith(CONTAINER_BEGINNING):
        report, own_length_bytes = scan_own_file(source, limits)
        if report.verdict != "unreadable" or not source.is_whole:
            return report, own_length_bytes
        as_archive, _ = _scan_whole(source, limits)
        return (as_archive if as_archive.verdict in _HARM else report), own_length_bytes
    n_end = min(length_bytes, _END_BYTES)
    if is_of_known_kind(beginning, source.read(length_bytes - n_end, n_end)) or length_bytes <= MOST_SUSPECT_BYTES:
        return _scan_whole(source, limits)
    return _scan_beginning(source, limits), length_bytes


def _scan_whole(source: Source, limits: Limits) -> tuple[ScanReport, int]:
    # Read once: what is judged is what is hashed.
    data = source.read(0, source.length_bytes)
    report = scan_content(data, source.where, Budget(limits, len(data)))
    if report.format != "hermetic" and report.verdict not in ("unreadable", "no model"):
        report = replace(report, sha256=digest_of(BufferSource(data), len(data)), length_bytes=len(data))
    return report, source.length_bytes


def _scan_beginning(source: Source, limits: Limits) -> ScanReport:
    """Judge a long file of no known kind by its beginning, where that is enough to see that it is no pickle."""
    data = source.read(0, MOST_SUSPECT_BYTES)
    report = scan_content(data, source.where, Budget(limits, len(data)))
    if report.verdict in _HARM or (report.verdict == "no model" and "cut off" not in report.problem):
        return report
    text = f"it has {source.length_bytes:,} bytes of no known kind, too many to be searched"
    found = damage("not-scanned", 0, text, "unreadable")
    return replace(
        report, verdict="unreadable", problem=text, error="FormatError", format="other", findings=(found,), names=()
    )
