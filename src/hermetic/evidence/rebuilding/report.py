"""What was done to make a model again, step by step."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from hermetic.evidence.checks import Check
from hermetic.inspection.text import printable

__all__ = ["Rebuild"]


@dataclass(frozen=True, kw_only=True)
class Rebuild:
    """What `hermetic.rebuild` has done.

    Attributes
    ----------
    file : str
        What the model was made from.
    target : str
        What was written; empty where nothing was.
    steps : tuple of Check
        ``file``, ``data``, ``recipe``, ``environment``, ``refit``, ``scores``, ``answers`` and ``write``, as far as it
        went.
    model : object
        The model that was fitted; None where it did not come to that.

    Examples
    --------
    >>> from hermetic.evidence.checks import Check
    >>> step = Check(name="data", verdict="failed", words="X is not what was recorded")
    >>> report = Rebuild(file="old.hermetic", target="", steps=(step,))
    >>> report.ok, str(report).splitlines()[-1]
    (False, 'nothing was written')
    """

    file: str
    target: str
    steps: tuple[Check, ...]
    model: Any = field(default=None, repr=False, compare=False)

    @property
    def ok(self) -> bool:
        """Whether nothing failed and nothing was refused."""
        return all(step.verdict not in ("failed", "refused") for step in self.steps)

    def to_json(self) -> str:
        """Give everything but the model as JSON text."""
        content = {
            "ok": self.ok,
            "file": self.file,
            "target": self.target,
            "steps": [vars(step) for step in self.steps],
        }
        return json.dumps(content, indent=2)

    def __str__(self) -> str:
        """Give the steps as lines of text, every character of which is printable."""
        lines = [f"{step.name}: {step.verdict}: {line}" for step in self.steps for line in step.words.split("\n")]
        return "\n".join(map(printable, [*lines, f"written: {self.target}" if self.target else "nothing was written"]))
