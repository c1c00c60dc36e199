"""report: one page that tells everything about a model file, for somebody who has two minutes."""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass

from hermetic.formats.atomic_file import atomic_writer
from hermetic.limits import DEFAULT_LIMITS, Limits
from hermetic.reporting.facts import gather
from hermetic.reporting.page import page_of
from hermetic.reporting.trust import verdict_of

__all__ = ["WrittenReport", "report"]


@dataclass(frozen=True, kw_only=True)
class WrittenReport:
    """A page that was written.

    Attributes
    ----------
    target : str
        Where it is.
    verdict : str
        The line at its top; text of the file may be part of it.
    ok : bool
        Whether the file loads without anyone's trust and, where that was asked for, is as it was recorded.
    """

    target: str
    verdict: str
    ok: bool


def report(
    file: str | os.PathLike[str],
    target: str | os.PathLike[str],
    *,
    verify: bool = False,
    trusted: Collection[str | type] = (),
    capabilities: Collection[str] = (),
    approvals: str | os.PathLike[str] | None = None,
    limits: Limits | None = None,
) -> WrittenReport:
    """Write a page about a model file: what the model is, how well it does, how it was made, and what is not known.

    Parameters
    ----------
    file : path
        A hermetic, pickle, joblib or skops file. What cannot be read has a page too, which says why.
    target : path
        Where the page is written: HTML in one file, without scripts.
    verify : bool, default=False
        Whether the model is also loaded, and asked what was recorded. Otherwise nothing is loaded, and scikit-learn
        is not imported.
    trusted, capabilities, approvals, limits
        As in `hermetic.load`, for `verify`.

    Returns
    -------
    WrittenReport
        Where it is, and its verdict.

    Raises
    ------
    OSError
        When the file cannot be opened, or the page not be written.

    Examples
    --------
    >>> import os, tempfile, hermetic
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "model.hermetic")
    ...     _ = hermetic.dump({"threshold": 0.5}, path)
    ...     hermetic.report(path, os.path.join(folder, "report.html")).verdict
    "Loads without anyone's trust; nothing is recorded of how it was made"
    """
    grants = {"trusted": trusted, "capabilities": capabilities, "approvals": approvals}
    facts = gather(file, limits or DEFAULT_LIMITS, verify=verify, grants=grants)
    with atomic_writer(target) as stream:
        stream.write(page_of(facts).encode())
    grade, words = verdict_of(facts)
    return WrittenReport(target=os.fspath(target), verdict=words, ok=grade == "good")
