"""scan: what loading a file would do, and whether a load without any trust accepts it; nothing is loaded or imported.

A file is told by its content, whatever its name: our own, pickle, joblib, skops, arrays, archives of them, compressed
or not. What it says is read as data and compared with closed tables.
"""

from __future__ import annotations

import os
from typing import BinaryIO

from hermetic.inspection.names import UsedName
from hermetic.limits import DEFAULT_LIMITS, Limits
from hermetic.scanning.files import scan_file
from hermetic.scanning.folders import scan_folder
from hermetic.scanning.pickle_judge import Finding
from hermetic.scanning.report import VERDICTS, AskedCapability, ScanReport
from hermetic.scanning.usage import LimitUse

__all__ = ["VERDICTS", "AskedCapability", "Finding", "LimitUse", "ScanReport", "UsedName", "scan"]


def scan(file: str | os.PathLike[str] | BinaryIO, *, limits: Limits | None = None) -> ScanReport:
    """Say what loading a file would do, without loading it.

    Parameters
    ----------
    file : str, PathLike or binary file object
        A ``.hermetic``, pickle, joblib, skops, ``.npy`` or ``.npz`` file, an archive of such files (ZIP, TAR), or a
        folder; files are told by their content. A file object is left behind the container, or behind everything.
    limits : Limits, optional
        Budgets for reading, as for `load`; of a folder, for each file.

    Returns
    -------
    ScanReport
        Its ``ok`` tells whether a load without trust and grants raises no error of policy or format. For a folder or an
        archive it holds the worst verdict, and a report for each file in ``files``.

    Raises
    ------
    OSError
        When the file cannot be opened. What is wrong with the file itself stands in the report.

    Examples
    --------
    >>> import io
    >>> from hermetic import dumps, scan
    >>> scan(io.BytesIO(dumps({"threshold": 0.5}))).verdict
    'clean'
    >>> report = scan(io.BytesIO(dumps([print])))
    >>> report.verdict, report.unknown[0].trust
    ('refused', 'builtins.print')
    """
    limits = limits or DEFAULT_LIMITS
    if isinstance(file, (str, os.PathLike)) and os.path.isdir(file):
        return scan_folder(os.fsdecode(file), limits)
    return scan_file(file, limits, is_named=True)
