"""What is asked about a file, and the answers: one line for each question."""

from __future__ import annotations

import json
from dataclasses import dataclass

from hermetic.errors import CapabilityRefused, RejectedFile, SignatureRefused, UntrustedType

__all__ = ["VERDICTS", "Check", "VerifyReport", "verdict_of"]

VERDICTS = frozenset({"passed", "failed", "refused", "skipped", "noted"})
_REFUSALS = (UntrustedType, CapabilityRefused, RejectedFile, SignatureRefused)


@dataclass(frozen=True, kw_only=True)
class Check:
    """One question about a file, and its answer.

    Attributes
    ----------
    name : str
        ``structure``, ``checksums``, ``signature``, ``model``, ``answers``, ``environment`` and so on.
    verdict : str
        ``passed``, ``failed``, ``refused`` (by policy, until somebody allows it), ``skipped``, or ``noted`` for what
        people should know though nothing is wrong.
    words : str
        What was found; text of the file may be part of it.
    """

    name: str
    verdict: str
    words: str


@dataclass(frozen=True, kw_only=True)
class VerifyReport:
    """What `hermetic.verify` found.

    Attributes
    ----------
    file : str
        Its path.
    checks : tuple of Check
        In the order in which they were made; none comes after one that makes it useless.

    Examples
    --------
    >>> from hermetic.evidence.checks import Check, VerifyReport
    >>> VerifyReport(file="model.hermetic", checks=(Check(name="structure", verdict="passed", words="whole"),)).ok
    True
    """

    file: str
    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing failed and nothing was refused."""
        return all(check.verdict not in ("failed", "refused") for check in self.checks)

    def to_json(self) -> str:
        """Give everything as JSON text."""
        checks = [vars(check) for check in self.checks]
        return json.dumps({"ok": self.ok, "file": self.file, "checks": checks}, indent=2)


def verdict_of(error: Exception | str) -> str:
    """Give the verdict of a question that an error has answered.

    Parameters
    ----------
    error : Exception or str
        What was raised, or what is wrong in words.

    Returns
    -------
    str
        ``refused`` where the caller's own policy has decided, ``failed`` for all else.

    Examples
    --------
    >>> verdict_of(RejectedFile("somebody has rejected it")), verdict_of("the data are gone")
    ('refused', 'failed')
    """
    return "refused" if isinstance(error, _REFUSALS) else "failed"
