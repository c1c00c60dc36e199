"""What a file records of its data and scores, asked again: nothing is opened but what the caller allows.

Without a wish the bytes of a snapshot in the user's own store are hashed, and nothing of them is interpreted. With one
they are read, compared with the fingerprint value by value, and cross-validated again.
"""

from __future__ import annotations

import hashlib
from typing import Any

from hermetic.errors import DataChanged, DataUnavailable, FileError
from hermetic.evidence.checks import Check
from hermetic.evidence.data.reading import read_parts
from hermetic.evidence.data.stores.of_any import find_store
from hermetic.evidence.progress import fold_progress
from hermetic.evidence.scores.checking import check_scores
from hermetic.formats.container_reader import Container
from hermetic.limits import Limits
from hermetic.own_files import Wishes
from hermetic.recorded.data import DataPart, DataRecord
from hermetic.recorded.members import read_recipe, read_record, read_snapshot

__all__ = ["check_data", "check_scores_again"]

_NO_DATA = "the file records no data: save it with dump(model, file, X=X, y=y)"
_NO_SCORES = "the file records no scores: save it with dump(model, file, X=X, y=y, cv=5)"


def check_data(container: Container, limits: Limits, places: dict[str, Any], *, is_read: bool) -> Check:
    """Look whether the data are those that were recorded.

    Parameters
    ----------
    container : Container
        A model's file.
    limits : Limits
        Budgets for reading.
    places : dict
        ``store``, ``allowed`` and ``given``, as in `read_parts`.
    is_read : bool
        Whether values are read and compared; else the bytes of what is in the store are.

    Returns
    -------
    Check
        ``data``.
    """
    try:
        record: DataRecord | None = read_record(container, "data")
        if record is None:
            return Check(name="data", verdict="skipped", words=_NO_DATA)
        if is_read:
            return _read(record, container, limits, places)[0]
        found = [_look(part, places["store"]) for part in record.parts]
    except FileError as error:
        return Check(name="data", verdict="failed", words=str(error))
    verdict = "passed" if any(is_compared for is_compared, _ in found) else "skipped"
    return Check(name="data", verdict=verdict, words="; ".join(words for _, words in found))


def _look(part: DataPart, named: Any) -> tuple[bool, str]:
    """Say where a part is, and whether its bytes could be compared."""
    if part.place == "left out":
        return False, f"{part.name} was left out, its fingerprint is recorded"
    if part.place == "referenced":
        return False, f"{part.name} is elsewhere, and not opened: {part.uri} {part.version}".rstrip()
    if part.place == "embedded":
        return False, f"{part.name} is in the file, {part.n_bytes:,} bytes, whose values --scores reads"
    store = find_store(named)
    try:
        content = store.read(part.snapshot)
    except (OSError, DataUnavailable):
        return False, f"{part.name} is not in the store {store}"
    if hashlib.sha256(content).hexdigest() != part.snapshot:
        raise DataChanged(
            f"the bytes of the snapshot of {part.name} are not those that were recorded ({part.snapshot})",
            where=str(store),
            next_step="Take the snapshot from a backup.",
        )
    return True, f"{part.name} is in the store, {len(content):,} bytes as they were written"


def _read(
    record: DataRecord, container: Container, limits: Limits, places: dict[str, Any]
) -> tuple[Check, dict[str, Any] | None]:
    """Read the data, which compares every value with the fingerprint."""
    try:
        parts = read_parts(record, snapshot=read_snapshot(container, limits), **places)
    except (DataUnavailable, FileError) as error:
        return Check(name="data", verdict="failed", words=str(error)), None
    shown = [f"{part.name} {part.fingerprint.n_rows:,} x {len(part.fingerprint.columns):,}" for part in record.parts]
    return Check(name="data", verdict="passed", words=f"every value is as recorded: {', '.join(shown)}"), parts


def check_scores_again(
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
        As in `check_data`.
    run : dict
        ``tolerance``, ``n_jobs`` and ``progress``, as in `hermetic.verify`.

    Returns
    -------
    list of Check
        ``data`` and ``scores``.
    """
    try:
        record, scores = read_record(container, "data"), read_record(container, "scores")
        recipe = None if scores is None else read_recipe(container, wishes)
    except FileError as error:
        return [Check(name="scores", verdict="failed", words=str(error))]
    if record is None or scores is None:
        data = check_data(container, wishes.limits, places, is_read=False)
        return [data, Check(name="scores", verdict="skipped", words=_NO_DATA if record is None else _NO_SCORES)]
    data, parts = _read(record, container, wishes.limits, places)
    if parts is None:
        return [data, Check(name="scores", verdict="skipped", words="without the data there is nothing to score")]
    with fold_progress(run["progress"]) as tick:
        found = check_scores(scores, recipe, parts, tolerance=run["tolerance"], n_jobs=run["n_jobs"], progress=tick)
    return [data, found]
