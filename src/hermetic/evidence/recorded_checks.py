"""What a file records of its data and scores, asked again: nothing is opened but what the caller allows.

Data are read from the user's own store, and from addresses that the user allows. What is embedded in the file came with
it: its Parquet is parsed only by who asks for the scores, or hands data over.
"""

from __future__ import annotations

from typing import Any

from hermetic.errors import DataUnavailable, FileError
from hermetic.evidence.approved import apply_approvals
from hermetic.evidence.checks import Check, verdict_of
from hermetic.evidence.data.checking import check_data
from hermetic.evidence.data.reading import read_parts
from hermetic.evidence.progress import fold_progress
from hermetic.evidence.scores.checking import check_scores
from hermetic.formats.container_reader import Container
from hermetic.limits import Limits
from hermetic.own_files import Wishes
from hermetic.recorded.data import DataRecord
from hermetic.recorded.members import read_recipe, read_record, read_snapshot

__all__ = ["check_recorded_data", "check_recorded_scores"]

_NO_DATA = "the file records no data: save it with dump(model, file, X=X, y=y)"
_NO_SCORES = "the file records no scores: save it with dump(model, file, X=X, y=y, cv=5)"


def check_recorded_data(container: Container, limits: Limits, places: dict[str, Any]) -> Check:
    """Look whether the data are those that were recorded.

    Parameters
    ----------
    container : Container
        A model's file.
    limits : Limits
        Budgets for reading.
    places : dict
        ``store``, ``allowed`` and ``given``, as in `hermetic.evidence.data.reading.read_parts`.

    Returns
    -------
    Check
        ``data``.
    """
    try:
        record: DataRecord | None = read_record(container, "data")
        if record is None:
            return Check(name="data", verdict="skipped", words=_NO_DATA)
        handed = places["given"] or {}
        is_read = bool(handed)
        embedded = [part for part in record.parts if part.place == "embedded" and not is_read]
        others = [part for part in record.parts if part not in embedded]
        shown = [f"{part.name} is in the file, {part.n_bytes:,} bytes; --scores reads them" for part in embedded]
        if not others:
            return Check(name="data", verdict="skipped", words="\n".join(shown))
        rest = DataRecord(layout=record.layout, parts=others, notes=record.notes)
        snapshot = read_snapshot(container, limits) if is_read else {}
        found = check_data(rest, snapshot=snapshot, **places)
    except FileError as error:
        return Check(name="data", verdict="failed", words=str(error))
    return Check(name="data", verdict=found.verdict, words="\n".join([found.words, *shown]))


def check_recorded_scores(
    container: Container, wishes: Wishes, places: dict[str, Any], run: dict[str, Any]
) -> list[Check]:
    """Run the recorded cross-validation again, on the recorded data.

    Parameters
    ----------
    container : Container
        A model's file.
    wishes : Wishes
        What the caller trusts and allows: estimator, splitter and scorers pass the gates of a model.
    places : dict
        As in `check_recorded_data`.
    run : dict
        ``tolerance``, ``n_jobs`` and ``progress``, as in `hermetic.verify`.

    Returns
    -------
    list of Check
        ``data`` and ``scores``. Data that are missing fail here, since somebody asked for what needs them.
    """
    try:
        record, scores = read_record(container, "data"), read_record(container, "scores")
        if record is None or scores is None:
            words = _NO_DATA if record is None else _NO_SCORES
            data = check_recorded_data(container, wishes.limits, places)
            return [data, Check(name="scores", verdict="skipped", words=words)]
        parts = read_parts(record, snapshot=read_snapshot(container, wishes.limits), **places)
    except (DataUnavailable, FileError) as error:
        skipped = "without the recorded data there is nothing to score"
        return [
            Check(name="data", verdict="failed", words=str(error)),
            Check(name="scores", verdict="skipped", words=skipped),
        ]
    shown = [f"{part.name} {part.fingerprint.n_rows:,} x {len(part.fingerprint.columns):,}" for part in record.parts]
    data = Check(name="data", verdict="passed", words=f"every value is as recorded: {', '.join(shown)}")
    try:
        recipe = read_recipe(*apply_approvals(container, wishes))
    except FileError as error:
        return [data, Check(name="scores", verdict=verdict_of(error), words=str(error))]
    with fold_progress(run["progress"]) as tick:
        found = check_scores(scores, recipe, parts, tolerance=run["tolerance"], n_jobs=run["n_jobs"], progress=tick)
    return [data, found]
