"""Getting the data of a model again: the very objects that `fit` was given, compared with what was recorded."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Mapping
from typing import Any

from hermetic.errors import DataChanged, DataUnavailable, InvalidState, UsageError
from hermetic.evidence.data.differences import differences_between
from hermetic.evidence.data.fingerprint import fingerprint
from hermetic.evidence.data.referenced import read_reference
from hermetic.evidence.data.snapshots.of_any import as_samples, unpack
from hermetic.evidence.data.snapshots.parquet import MOST_BYTES, read_parquet
from hermetic.evidence.data.stores.of_any import find_store
from hermetic.recorded.data import DataPart, DataRecord

__all__ = ["read_part", "read_parts"]


def read_parts(
    record: DataRecord,
    *,
    snapshot: Mapping[str, bytes],
    store: str | os.PathLike[str] | None = None,
    allowed: Collection[str] = (),
    given: Mapping[str, Any] | None = None,
    most_bytes: int = MOST_BYTES,
) -> dict[str, Any]:
    """Read the data that a model was fitted on, and compare them with what was recorded.

    Parameters
    ----------
    record : DataRecord
        Of the model's file. Nothing that it names is opened but what is allowed here.
    snapshot : mapping of str to bytes
        The embedded Parquet files, by the names of the parts.
    store : str or PathLike, optional
        The user's own store; see `hermetic.evidence.data.stores.of_any.find_store`.
    allowed : collection of str
        Beginnings of addresses that may be opened.
    given : mapping of str to object, optional
        Data that the caller hands over, by the names of the parts, instead of reading them.
    most_bytes : int
        What a snapshot may take when it is decoded.

    Returns
    -------
    dict of str to object
        By the names of the parts; of the same class, dtypes, order and index as `fit` was given, but what was handed
        over, which is given back as it is.

    Raises
    ------
    DataUnavailable
        When data were left out, are missing, are not allowed, or cannot be reached or read.
    DataChanged
        When data are not those that were recorded; the message says where they differ.
    FileError
        When the file is damaged or hostile.

    Examples
    --------
    >>> from hermetic.evidence.data.reading import read_parts
    >>> from hermetic.evidence.data.recording import record_data
    >>> record, snapshot = record_data({"X": [[1.5], [2.5]], "y": ["a", "b"]}, "embed")
    >>> read_parts(record, snapshot=snapshot)
    {'X': [[1.5], [2.5]], 'y': ['a', 'b']}
    """
    handed = dict(given or {})
    unknown = sorted(handed.keys() - {part.name for part in record.parts})
    if unknown:
        known = ", ".join(part.name for part in record.parts) or "nothing"
        raise UsageError(f"data were handed over for {', '.join(unknown)}, and recorded are {known}")
    return {
        part.name: read_part(
            record, part, snapshot=snapshot, store=store, allowed=allowed, given=handed, most_bytes=most_bytes
        )
        for part in record.parts
    }


def read_part(
    record: DataRecord,
    part: DataPart,
    *,
    snapshot: Mapping[str, bytes],
    store: str | os.PathLike[str] | None,
    allowed: Collection[str],
    given: Mapping[str, Any],
    most_bytes: int,
) -> Any:
    """Read one part of the data, as `read_parts` does all.

    Raises
    ------
    DataUnavailable, DataChanged, FileError
        As `read_parts`.
    """
    if part.name in given:
        data = given[part.name]
    else:
        try:
            data = _read(record, part, snapshot, store, allowed, most_bytes)
        except ModuleNotFoundError as error:
            raise _not_installed(part, error) from error
    _compare(part, data)
    return data


def _not_installed(part: DataPart, error: ModuleNotFoundError) -> DataUnavailable:
    library = (error.name or "a library").partition(".")[0]
    remedy = "pip install 'hermetic[evidence]'" if library == "pyarrow" else f"pip install {library}"
    return DataUnavailable(
        f"{part.name} is a {part.form} in Parquet, and {library} is not installed to read it",
        next_step=f"Run {remedy}.",
    )


def _read(
    record: DataRecord,
    part: DataPart,
    snapshot: Mapping[str, bytes],
    store: str | os.PathLike[str] | None,
    allowed: Collection[str],
    most_bytes: int,
) -> Any:
    if part.place == "left out":
        raise DataUnavailable(
            f"the values of {part.name} were not recorded, only their fingerprint",
            next_step="If you have them, hand them over: they are compared with the fingerprint.",
        )
    if part.place == "referenced":
        others = {name for own in record.parts if own is not part and own.uri == part.uri for name in own.columns}
        return read_reference(part, others, allowed, most_bytes)
    content = _embedded(part, snapshot) if part.place == "embedded" else _stored(part, store)
    if hashlib.sha256(content).hexdigest() != part.snapshot:
        raise DataChanged(
            f"the bytes of the snapshot of {part.name} are not those that were recorded ({part.snapshot})",
            next_step="Take the snapshot from a backup, or hand the data over.",
        )
    if part.holder is None:
        raise InvalidState(f"the snapshot of {part.name} does not say what it is of")
    return unpack(part.holder, read_parquet(content, n_rows=part.fingerprint.n_rows, most_bytes=most_bytes))


def _embedded(part: DataPart, snapshot: Mapping[str, bytes]) -> bytes:
    if part.name not in snapshot:
        raise InvalidState(
            f"{part.name} is said to be embedded, and the file has no snapshot of it",
            next_step="The file is damaged or hostile. Ask its producer for a fresh copy.",
        )
    return snapshot[part.name]


def _stored(part: DataPart, named: str | os.PathLike[str] | None) -> bytes:
    store = find_store(named)
    try:
        return store.read(part.snapshot)
    except FileNotFoundError as error:
        raise DataUnavailable(
            f"the snapshot of {part.name} ({part.snapshot}, {part.n_bytes:,} bytes) is not in the store",
            where=str(store),
            next_step="Name the store that it was put into (store=..., or HERMETIC_STORE), or hand the data over.",
        ) from error
    except OSError as error:
        raise DataUnavailable(
            f"the snapshot of {part.name} cannot be read: {error}"[:300],
            where=str(store),
            next_step="Check that the store can be reached from here, or hand the data over.",
        ) from error


def _compare(part: DataPart, data: Any) -> None:
    found = fingerprint(as_samples(data))
    differences = differences_between(part.fingerprint, found)
    if differences:
        raise DataChanged(
            f"{part.name} is not what was recorded: {'; '.join(differences)}",
            next_step="Find the data that the model was fitted on, or record the model again.",
        )
