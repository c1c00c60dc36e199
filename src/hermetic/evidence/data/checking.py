"""Whether the data are what they were when the model was fitted: a line for `hermetic.verify`."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from typing import Any

from hermetic.errors import DataChanged, DataUnavailable, FileError
from hermetic.evidence.checks import Check
from hermetic.evidence.data.reading import read_part
from hermetic.evidence.data.snapshots.parquet import MOST_BYTES
from hermetic.recorded.data import DataRecord

__all__ = ["check_data"]


def check_data(
    record: DataRecord | None,
    *,
    snapshot: Mapping[str, bytes],
    store: str | os.PathLike[str] | None = None,
    allowed: Collection[str] = (),
    given: Mapping[str, Any] | None = None,
    most_bytes: int = MOST_BYTES,
) -> Check:
    """Compare the data with what was recorded of them.

    Parameters
    ----------
    record : DataRecord or None
        Of the model's file; None where it has none.
    snapshot, store, allowed, given, most_bytes
        As of `hermetic.evidence.data.reading.read_parts`.

    Returns
    -------
    Check
        ``data``: passed when all parts are what they were; failed, with the places, when one is another; skipped when
        none could be compared; noted when only some could.

    Examples
    --------
    >>> from hermetic.evidence.data.checking import check_data
    >>> from hermetic.evidence.data.recording import record_data
    >>> record, snapshot = record_data({"X": [[1.5], [2.5]]}, "embed")
    >>> check_data(record, snapshot=snapshot).words
    'X is what was recorded (2 rows, embedded)'
    """
    if record is None or not record.parts:
        why = "; ".join(record.notes) if record and record.notes else "the file says nothing of the data"
        return Check(name="data", verdict="skipped", words=why)
    handed = dict(given or {})
    words, verdicts = [], set()
    for part in record.parts:
        where = "handed over" if part.name in handed else part.place
        try:
            read_part(
                record, part, snapshot=snapshot, store=store, allowed=allowed, given=handed, most_bytes=most_bytes
            )
        except DataUnavailable as error:
            verdicts.add("skipped")
            at = f" ({error.where})" if error.where else ""
            words.append(f"{part.name} was not compared: {error.found}{at}. {error.next_step}")
        except (DataChanged, FileError) as error:
            verdicts.add("failed")
            words.append(error.found if error.found.startswith(part.name) else f"{part.name}: {error.found}")
        else:
            verdicts.add("passed")
            words.append(f"{part.name} is what was recorded ({part.fingerprint.n_rows:,} rows, {where})")
    verdict = "failed" if "failed" in verdicts else "noted" if len(verdicts) > 1 else verdicts.pop()
    return Check(name="data", verdict=verdict, words="\n".join(words))
