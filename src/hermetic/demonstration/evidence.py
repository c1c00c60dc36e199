"""The second half of the demonstration: how a model was made is recorded, verified, and done again."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hermetic.differences import diff
from hermetic.errors import HermeticError
from hermetic.evidence.rebuilding.rebuild import rebuild
from hermetic.evidence.recording import record
from hermetic.evidence.verification import verify
from hermetic.persistence import dump
from hermetic.reporting import report

__all__ = ["Step", "tell_evidence"]


@dataclass(frozen=True, kw_only=True)
class Step:
    """One thing that was done.

    Attributes
    ----------
    what : str
        The command or function.
    words : str
        What came of it.
    ok : bool
        Whether that is what was promised.
    """

    what: str
    words: str
    ok: bool


def tell_evidence(
    model: Any, samples: Any, targets: Any, directory: Path, announce: Callable[[str], None]
) -> tuple[Step, ...]:
    """Record a model, verify its file, damage it, make it again, compare both, and write a report.

    Parameters
    ----------
    model : estimator
        Fitted to samples and targets.
    samples, targets : array
        Its data.
    directory : Path
        Where files go.
    announce : callable
        Receives a line of text before each step that takes time.

    Returns
    -------
    tuple of Step
        In order.
    """
    path, store = directory / "recorded.hermetic", directory / "store"
    announce("recording data, source, environment, scores and answers")
    dump(model, path, evidence=record(model, samples, targets, store=store, source=None, progress=False))
    given = {"X": samples, "y": targets}
    return tuple(_steps(path, store, given, announce))


def _steps(path: Path, store: Path, given: dict[str, Any], announce: Callable[[str], None]) -> Iterator[Step]:
    yield Step(what="record", words=f"{path.name}, {path.stat().st_size:,} bytes", ok=True)
    announce("verifying, with the cross-validation run again")
    found = verify(path, scores=True, data=given, store=store, progress=False)
    yield Step(what="verify --scores", words=_words_on_scores(found.checks), ok=found.ok)
    changed = {"X": _one_cell_changed(given["X"]), "y": given["y"]}
    found = verify(path, data=changed, store=store, progress=False)
    refused = next(check for check in found.checks if check.name == "data")
    yield Step(what="one cell changed", words=refused.words, ok=refused.verdict == "failed")
    yield _damaged(path)
    announce("making the model again from its own evidence")
    again = path.with_name("rebuilt.hermetic")
    again.unlink(missing_ok=True)  # of an earlier demonstration
    rebuilt = rebuild(path, again, data=given, store=store, progress=False)
    yield Step(what="rebuild", words=rebuilt.steps[-1].words, ok=rebuilt.ok)
    if rebuilt.ok:
        yield Step(what="diff", words=str(diff(path, again)).strip().splitlines()[0], ok=True)
    page = path.with_suffix(".html")
    report(path, page)
    yield Step(what="report", words=os.fspath(page), ok=page.stat().st_size > 0)


def _words_on_scores(checks: Any) -> str:
    return next((check.words for check in checks if check.name == "scores"), "no scores were compared")


def _one_cell_changed(samples: Any) -> Any:
    changed = samples.copy()
    changed[len(changed) // 2, 0] += 1
    return changed


def _damaged(path: Path) -> Step:
    data = bytearray(path.read_bytes())
    data[len(data) // 3] ^= 1
    damaged = path.with_name("damaged.hermetic")
    damaged.write_bytes(data)
    try:
        found = verify(damaged, progress=False)
    except HermeticError as error:
        return Step(what="one bit flipped", words=error.found, ok=True)
    wrong = next((check for check in found.checks if check.verdict == "failed"), None)
    words = "NOTHING WAS NOTICED" if wrong is None else f"{wrong.name}: {wrong.words}".splitlines()[0]
    return Step(what="one bit flipped", words=words, ok=wrong is not None)
