"""What is known about a file, made by hand, for tests of the chapters that tell it."""

from __future__ import annotations

from typing import Any

from hermetic.inspection.evidence import EvidenceLine
from hermetic.reporting.facts import Facts
from hermetic.scanning import ScanReport

__all__ = ["facts_of", "recorded"]


def facts_of(**fields: Any) -> Facts:
    """Give what is known about a clean file of which nothing is recorded."""
    known: dict[str, Any] = {
        **{"name": "model.hermetic", "format": "hermetic", "digest": "0" * 64, "length_bytes": 1_234_567},
        **{"scan": ScanReport(file="model.hermetic", verdict="clean", written_by={}), "model": None, "problems": {}},
        **{"written_by": {}, "records": {}, "recorded": (), "reveals": (), "golden": None, "importances": None},
        "verified": None,
        **fields,
    }
    return Facts(**known)


def recorded(*kinds: str) -> tuple[EvidenceLine, ...]:
    return tuple(EvidenceLine(kind=kind, words="") for kind in kinds)
