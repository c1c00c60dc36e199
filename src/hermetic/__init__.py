"""The whole public surface of hermetic; each name is imported when it is first used.

`import hermetic` therefore costs a few milliseconds and imports neither numpy nor scikit-learn.
To add a public name, write it in three places here: the table, the block for type checkers and `__all__`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from hermetic._version import __version__

if TYPE_CHECKING:
    from hermetic.conversion import ConversionReport, convert
    from hermetic.differences import DiffReport, diff
    from hermetic.errors import (
        CannotSave,
        CapabilityRefused,
        DataChanged,
        DataUnavailable,
        EndOfStream,
        FileError,
        ForeignFormat,
        FormatError,
        HermeticError,
        InvalidState,
        LimitExceeded,
        LockNotApproved,
        RejectedFile,
        SignatureRefused,
        UnknownReleaseWarning,
        UnsupportedVersion,
        UntrustedType,
        UsageError,
    )
    from hermetic.evidence.checks import VerifyReport
    from hermetic.evidence.data.references import DataReference
    from hermetic.evidence.rebuilding.rebuild import rebuild
    from hermetic.evidence.rebuilding.report import Rebuild
    from hermetic.evidence.recording import record, record_scores
    from hermetic.evidence.saving import dump
    from hermetic.evidence.verification import verify
    from hermetic.inspection import inspect
    from hermetic.limits import Limits
    from hermetic.load_report import LoadReport
    from hermetic.persistence import dumps, load, loads
    from hermetic.recorded.evidence import Evidence
    from hermetic.reporting import WrittenReport, report
    from hermetic.scanning import ScanReport, scan

__all__ = [
    "CannotSave",
    "CapabilityRefused",
    "ConversionReport",
    "DataChanged",
    "DataReference",
    "DataUnavailable",
    "DiffReport",
    "EndOfStream",
    "Evidence",
    "FileError",
    "ForeignFormat",
    "FormatError",
    "HermeticError",
    "InvalidState",
    "LimitExceeded",
    "Limits",
    "LoadReport",
    "LockNotApproved",
    "Rebuild",
    "RejectedFile",
    "ScanReport",
    "SignatureRefused",
    "UnknownReleaseWarning",
    "UnsupportedVersion",
    "UntrustedType",
    "UsageError",
    "VerifyReport",
    "WrittenReport",
    "__version__",
    "convert",
    "diff",
    "dump",
    "dumps",
    "inspect",
    "load",
    "loads",
    "rebuild",
    "record",
    "record_scores",
    "report",
    "scan",
    "verify",
]

_MODULE_OF = {
    "CannotSave": "hermetic.errors",
    "CapabilityRefused": "hermetic.errors",
    "ConversionReport": "hermetic.conversion",
    "DataChanged": "hermetic.errors",
    "DataReference": "hermetic.evidence.data.references",
    "DataUnavailable": "hermetic.errors",
    "DiffReport": "hermetic.differences",
    "EndOfStream": "hermetic.errors",
    "Evidence": "hermetic.recorded.evidence",
    "FileError": "hermetic.errors",
    "ForeignFormat": "hermetic.errors",
    "FormatError": "hermetic.errors",
    "HermeticError": "hermetic.errors",
    "InvalidState": "hermetic.errors",
    "LimitExceeded": "hermetic.errors",
    "LockNotApproved": "hermetic.errors",
    "Limits": "hermetic.limits",
    "LoadReport": "hermetic.load_report",
    "Rebuild": "hermetic.evidence.rebuilding.report",
    "RejectedFile": "hermetic.errors",
    "ScanReport": "hermetic.scanning",
    "SignatureRefused": "hermetic.errors",
    "UnknownReleaseWarning": "hermetic.errors",
    "UnsupportedVersion": "hermetic.errors",
    "UntrustedType": "hermetic.errors",
    "UsageError": "hermetic.errors",
    "VerifyReport": "hermetic.evidence.checks",
    "WrittenReport": "hermetic.reporting",
    "convert": "hermetic.conversion",
    "diff": "hermetic.differences",
    "dump": "hermetic.evidence.saving",
    "dumps": "hermetic.persistence",
    "inspect": "hermetic.inspection",
    "load": "hermetic.persistence",
    "loads": "hermetic.persistence",
    "rebuild": "hermetic.evidence.rebuilding.rebuild",
    "record": "hermetic.evidence.recording",
    "record_scores": "hermetic.evidence.recording",
    "report": "hermetic.reporting",
    "scan": "hermetic.scanning",
    "verify": "hermetic.evidence.verification",
}


def __getattr__(name: str) -> object:
    """Import the home of a public name, and keep the name for the next time."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found: object = getattr(import_module(_MODULE_OF[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """List the public names, also those that nobody has used yet."""
    return sorted({*globals(), *__all__})
