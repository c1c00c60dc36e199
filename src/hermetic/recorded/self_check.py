"""Loading with a report, and with recorded answers computed again.

A file may hold a few rows and what the model answered about them where it was saved. When scikit-learn, numpy or scipy
are other ones here, the restored model is asked again. That shows that a migration was right; it shows nothing about
who made the file, who could have recorded whatever the model answers.
"""

from __future__ import annotations

import contextlib
import importlib
import time
from typing import TYPE_CHECKING, Any

from hermetic.codecs.codec import STRAY_ERRORS
from hermetic.collector import paused_collector
from hermetic.errors import InvalidState
from hermetic.formats.container_reader import Container
from hermetic.lazy import numpy as np
from hermetic.load_report import GoldenCheck, LoadReport, Migration
from hermetic.own_files import Wishes, restore_opened
from hermetic.recorded.answers import METHODS, answer, methods_of, take_rows
from hermetic.recorded.comparison import find_difference
from hermetic.recorded.golden import GoldenRows
from hermetic.recorded.members import find_golden, read_golden
from hermetic.recorded.one_thread import one_thread
from hermetic.stages import Journal

if TYPE_CHECKING:
    from hermetic.foreign_files import LegacyGraph

__all__ = ["check_answers", "restore_and_check"]

MOST_BYTES = 32 << 20
MOST_ROWS = 1_000
MOST_SECONDS = 2.0
_LIBRARIES = {"scikit-learn": "sklearn", "numpy": "numpy", "scipy": "scipy"}
_PACKAGES = {**_LIBRARIES, "pandas": "pandas"}


def restore_and_check(opened: Container | LegacyGraph, wishes: Wishes) -> Any:
    """Restore a model, and ask it again what was recorded, where that is called for.

    Parameters
    ----------
    opened : Container or LegacyGraph
        The file.
    wishes : Wishes
        What the caller asks for and allows.

    Returns
    -------
    object
        The model, or the model and a `LoadReport`.

    Raises
    ------
    InvalidState
        When the model answers something else than was recorded.
    FileError
        From any of the gates.
    """
    journal = Journal()
    with paused_collector():
        model = restore_opened(opened, wishes, journal)
    installed = _installed(opened.written_by)
    golden = _check(model, opened, wishes, journal, installed)
    if not wishes.report:
        return model
    report = LoadReport(
        file=opened.source.where,
        written_by=dict(opened.written_by),
        installed=installed,
        migrations=tuple(
            Migration(type=name, older=older, newer=newer, what=what) for name, older, newer, what in journal.migrations
        ),
        golden=golden,
        is_known=journal.is_known,
    )
    return model, report


def _installed(written_by: dict[str, str]) -> dict[str, str]:
    """Give the installed versions of the libraries that a file names."""
    found = {}
    for name, package in _PACKAGES.items():
        if name in written_by:
            try:
                found[name] = str(importlib.import_module(package).__version__)
            except ImportError:
                found[name] = "not installed"
    return found


def _check(
    model: Any, opened: Container | LegacyGraph, wishes: Wishes, journal: Journal, installed: dict[str, str]
) -> GoldenCheck:
    if not isinstance(opened, Container) or not (name := find_golden(opened)):
        return GoldenCheck(verdict="absent", reason="the file holds no golden rows")
    other = [f"{name} {installed[name]}" for name in installed if installed[name] != opened.written_by[name]]
    other = [each for each in other if each.split()[0] in _LIBRARIES]
    if wishes.check == "never":
        return GoldenCheck(verdict="skipped", reason="the caller asked for no check")
    if wishes.check == "auto" and not other:
        return GoldenCheck(verdict="skipped", reason="the libraries are those that the file was written with")
    is_bounded = wishes.check == "auto"
    if is_bounded and journal.foreign:
        return GoldenCheck(verdict="skipped", reason=f"it would run code of yours: {journal.foreign[0].name}")
    if is_bounded and opened.members[name].length > MOST_BYTES:
        return GoldenCheck(verdict="skipped", reason=f"the rows take more than {MOST_BYTES:,} bytes")
    golden = read_golden(opened, wishes.limits)
    if is_bounded and golden.n_rows > MOST_ROWS:
        return GoldenCheck(verdict="skipped", reason=f"there are more than {MOST_ROWS} rows")
    reason = f"installed here: {', '.join(other)}" if other else "the caller asked for it"
    return check_answers(
        model, golden, reason=reason, seconds=MOST_SECONDS if is_bounded else None, where=opened.source.where
    )


def check_answers(
    model: Any, golden: GoldenRows, *, reason: str = "", seconds: float | None = None, where: str = ""
) -> GoldenCheck:
    """Ask a model what was recorded, in one thread.

    Parameters
    ----------
    model : object
        Restored.
    golden : GoldenRows
        What was recorded.
    reason : str
        Why, for the report.
    seconds : float, optional
        How long it may take: beyond that fewer rows are asked about, at least one.
    where : str
        The file, for messages.

    Returns
    -------
    GoldenCheck
        That it passed, or was skipped because there was nothing to ask.

    Raises
    ------
    InvalidState
        With method, row, what was recorded and what the model answers.
    """
    known = set(methods_of(model))
    asked = [method for method in golden.answers if method in METHODS]
    if not asked:
        return GoldenCheck(verdict="skipped", reason="no answers were recorded")
    try:
        with one_thread():
            rows, answers, n_rows = _within(model, golden, [each for each in asked if each in known], seconds)
            for method in asked:
                if method not in known:
                    raise _refuse(method, f"it was recorded, and the restored {golden.model} has no such method", where)
                _compare(model, method, rows, answers, where)
    except InvalidState:
        raise
    except STRAY_ERRORS as error:
        # Rows and answers are of the file as well: they may be of any shape.
        raise InvalidState(f"these are no golden rows: {error!r}"[:300], where=where) from error
    return GoldenCheck(verdict="passed", reason=reason, n_rows=n_rows, methods=tuple(asked))


def _within(model: Any, golden: GoldenRows, asked: list[str], seconds: float | None) -> tuple[Any, dict[str, Any], int]:
    """Give as many rows as the time allows, and their answers: one row tells how long the others take."""
    rows, answers, n_rows = golden.rows, dict(golden.answers), golden.n_rows
    if seconds is None or n_rows < 2:
        return rows, answers, n_rows
    start = time.perf_counter()
    first = _some(rows, answers, 1, n_rows)
    for method in asked:
        # Who cannot answer about one row is asked about all, and what it raises is told then.
        with contextlib.suppress(Exception):
            answer(model, method, *first)
    n_allowed = max(1, int(seconds / max(time.perf_counter() - start, 1e-9)))
    if n_allowed >= n_rows:
        return rows, answers, n_rows
    return *_some(rows, answers, n_allowed, n_rows), n_allowed


def _some(rows: Any, answers: dict[str, Any], n_taken: int, n_rows: int) -> tuple[Any, dict[str, Any]]:
    numbers = np.arange(n_taken)
    taken = {method: take_rows(value, numbers, n_rows) for method, value in answers.items()}
    return take_rows(rows, numbers, n_rows), taken


def _compare(model: Any, method: str, rows: Any, answers: dict[str, Any], where: str) -> None:
    try:
        found = answer(model, method, rows, answers)
    except Exception as error:  # an estimator may raise anything
        words = f"it was recorded, and the restored model raises {type(error).__name__}: {error}"[:400]
        raise _refuse(method, words, where) from error
    difference = find_difference(method, answers[method], found, answers)
    if difference is not None:
        row = f" for row {difference.row}" if difference.row >= 0 else ""
        words = f"the restored model answers {difference.found}{row}, recorded was {difference.expected}"
        raise _refuse(method, words, where)


def _refuse(method: str, words: str, where: str) -> InvalidState:
    return InvalidState(
        f"golden rows, {method}: {words}",
        where=where,
        next_step="The model would not answer here as it did where it was saved, so it is not loaded. Load it with the "
        'release of scikit-learn that wrote it; load(..., check="never") gives it as it is.',
    )
