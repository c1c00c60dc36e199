"""Evidence of golden rows alone, for tests that are about nothing else."""

from __future__ import annotations

from typing import Any

from hermetic.evidence.golden.recording import record_golden
from hermetic.recorded.evidence import Evidence

__all__ = ["golden_evidence"]


def golden_evidence(model: Any, X: Any = None, y: Any = None, *, golden: Any = "synthetic") -> Evidence:
    """Record what a model answers, and nothing else."""
    return Evidence(golden=record_golden(model, X, y, golden))
