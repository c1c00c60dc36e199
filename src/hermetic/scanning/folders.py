"""The files of a folder, in order, and the scan of them all; no link leads out of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

from hermetic.limits import DEFAULT_LIMITS, Limits
from hermetic.scanning.archive_members import damage
from hermetic.scanning.files import scan_file
from hermetic.scanning.report import ScanReport, report_of_files

__all__ = ["files_below", "leads_out", "scan_folder"]


def files_below(folder: str) -> Iterator[str]:
    """Give all regular files below a folder, and the links in it that lead out, in order.

    Parameters
    ----------
    folder : str
        Its path.

    Yields
    ------
    str
        Paths that begin with that of the folder. Pipes, devices and broken links are passed over: a pipe would wait for
        whoever writes to it.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = pathlib.Path(folder, "a.pkl").write_bytes(b"N.")
    ...     [os.path.basename(path) for path in files_below(folder)]
    ['a.pkl']
    """
    for parent, folders, names in os.walk(folder):
        folders.sort()
        links = [name for name in folders if os.path.islink(os.path.join(parent, name))]
        for name in sorted([*names, *links]):
            path = os.path.join(parent, name)
            if os.path.isfile(path) or (name in links and leads_out(path, folder)):
                yield path


def leads_out(path: str, folder: str) -> bool:
    """Tell whether a path is a link to something outside of a folder.

    Examples
    --------
    >>> leads_out("models/a.pkl", "models")
    False
    """
    if not os.path.islink(path):
        return False
    root, target = os.path.realpath(folder), os.path.realpath(path)
    return target != root and not target.startswith(os.path.join(root, ""))


def scan_folder(
    folder: str, limits: Limits = DEFAULT_LIMITS, *, announce: Callable[[int, int, str], None] | None = None
) -> ScanReport:
    """Judge all files below a folder.

    Parameters
    ----------
    folder : str
        Its path.
    limits : Limits, optional
        Budgets for reading each file.
    announce : callable, optional
        Told before each file how many were judged, how many there are, and which comes.

    Returns
    -------
    ScanReport
        The worst verdict, and a report for each file in ``files``.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     scan_folder(folder).verdict
    'no model'
    """
    paths = list(files_below(folder))
    reports = []
    for number, path in enumerate(paths):
        if announce is not None:
            announce(number, len(paths), path)
        name = os.path.relpath(path, folder)
        reports.append((name, _not_followed(path) if leads_out(path, folder) else _scan_one(path, limits)))
    return report_of_files(folder, reports, [], format="folder")


def _not_followed(path: str) -> ScanReport:
    text = "it is a link that leads out of the folder, and is not followed: scan what it leads to"
    found = damage("not-scanned", 0, text, "unreadable")
    return ScanReport(file=path, verdict="unreadable", problem=text, written_by={}, format="other", findings=(found,))


def _scan_one(path: str, limits: Limits) -> ScanReport:
    """Judge one of many: one that cannot be opened does not end the scan of the others."""
    try:
        return scan_file(path, limits, is_named=False)
    except OSError as error:
        problem = error.strerror or str(error)
        return ScanReport(file=path, verdict="unreadable", problem=problem, error=type(error).__name__, written_by={})
