"""Records read from an open file; unlike containers within it they need no numpy, so that `inspect` can show them."""

from __future__ import annotations

from typing import Any

from hermetic.formats.container_reader import Container
from hermetic.formats.members import find_evidence
from hermetic.recorded.data import DataRecord
from hermetic.recorded.environment import EnvironmentRecord
from hermetic.recorded.lineage import LineageRecord
from hermetic.recorded.records import decode_record
from hermetic.recorded.scores import ScoresRecord
from hermetic.recorded.source import SourceRecord

__all__ = ["RECORDS", "read_record"]

RECORDS: dict[str, Any] = {
    "data": DataRecord,
    "source": SourceRecord,
    "environment": EnvironmentRecord,
    "scores": ScoresRecord,
    "lineage": LineageRecord,
}
"""The kinds of evidence that are records, in the order in which they stand."""


def read_record(container: Container, kind: str) -> Any:
    """Read the record of one kind.

    Parameters
    ----------
    container : Container
        A model's file.
    kind : str
        ``data``, ``source``, ``environment``, ``scores`` or ``lineage``.

    Returns
    -------
    DataRecord, SourceRecord, EnvironmentRecord, ScoresRecord, LineageRecord, or None
        None where the file has none. Whatever it names is only text.

    Raises
    ------
    FileError
        When it is damaged or hostile.
    """
    name = find_evidence(container.members, kind)
    if not name:
        return None
    return decode_record(container.read(name), RECORDS[kind], where=f"{container.source.where}, {kind}")
