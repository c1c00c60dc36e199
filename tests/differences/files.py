"""Files of two models, for tests of what they differ in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

import hermetic
from hermetic.differences import DiffReport, Section

__all__ = ["X", "Y", "between", "section"]

X = np.random.default_rng(0).normal(size=(60, 4))
Y = (X[:, 0] + 0.5 * X[:, 1] > 0).astype(int)


def between(folder: Path, before: Any, after: Any, evidence: Any = (None, None), **wishes: Any) -> DiffReport:
    """Compare two models, each in a file of its own."""
    for name, model, own in (("before", before, evidence[0]), ("after", after, evidence[1])):
        hermetic.dump(model, folder / f"{name}.hermetic", evidence=own)
    return hermetic.diff(folder / "before.hermetic", folder / "after.hermetic", **wishes)


def section(report: DiffReport, name: str) -> Section:
    [found] = [own for own in report.sections if own.name == name]
    return found
