"""Recording the data that a model was fitted on: fingerprints, summaries, and snapshots where they are wished."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from hermetic.errors import FileError, UsageError
from hermetic.evidence.data.fingerprint import fingerprint
from hermetic.evidence.data.referenced import format_of
from hermetic.evidence.data.references import DataReference
from hermetic.evidence.data.snapshots.exactness import is_the_same
from hermetic.evidence.data.snapshots.of_any import as_samples, pack, unpack
from hermetic.evidence.data.snapshots.packed import CannotKeep, Packed
from hermetic.evidence.data.snapshots.parquet import read_parquet, write_parquet
from hermetic.evidence.data.stores.of_any import Store, find_store
from hermetic.evidence.data.summaries import summaries_of
from hermetic.recorded.data import DataPart, DataRecord, Fingerprint, Holder

__all__ = ["MOST_EMBEDDED_BYTES", "record_data"]

MOST_EMBEDDED_BYTES = 256 << 20
_SUMMARIZED = ("X", "y")

_Promise = Future[Fingerprint | str]


def record_data(
    parts: Mapping[str, Any],
    keep: Literal["store", "embed"] | DataReference | None,
    *,
    store: str | os.PathLike[str] | None = None,
) -> tuple[DataRecord, dict[str, bytes]]:
    """Record the data that a model was fitted on.

    Parameters
    ----------
    parts : mapping of str to object
        What `fit` was given: ``X``, ``y``, ``sample_weight``, ``groups``, ``fit_params.NAME``. None is passed over.
    keep : "store", "embed", DataReference or None
        Put Parquet files into the store, or give them back to be embedded in the model's file, or say where the data
        are, or keep the fingerprint alone.
    store : str or PathLike, optional
        A folder or an address; see `hermetic.evidence.data.stores.of_any.find_store`.

    Returns
    -------
    DataRecord
        Fingerprints, summaries, and where the data are; its notes say what is missing, and why.
    dict of str to bytes
        The Parquet files to embed, by the names of the parts.

    Raises
    ------
    UsageError
        When `keep` is none of these, or the data are too many to be embedded.

    Examples
    --------
    >>> import numpy as np
    >>> from hermetic.evidence.data.recording import record_data
    >>> record, snapshot = record_data({"X": np.eye(3), "y": [0, 1, 1]}, "embed")
    >>> [(part.name, part.form, part.place) for part in record.parts], list(snapshot)
    ([('X', 'numpy array', 'embedded'), ('y', 'list', 'embedded')], ['X', 'y'])
    """
    if keep not in ("store", "embed", None) and not isinstance(keep, DataReference):
        raise UsageError(
            f"data are kept by 'store', 'embed', a DataReference or None, got {keep!r}"[:300],
            next_step="data=None records the fingerprint alone.",
        )
    target = find_store(store) if keep == "store" else None
    recorded: list[DataPart] = []
    notes: list[str] = []
    snapshots: dict[str, bytes] = {}
    # The fingerprint is computed beside the writing: both let go of Python's lock for most of the time.
    with ThreadPoolExecutor(1) as beside:
        for name, data in parts.items():
            if data is None:
                continue
            promise = beside.submit(_fingerprint_or_reason, data)
            kept = _keep(name, data, keep, target, beside, promise)
            found = promise.result()
            if isinstance(found, str):
                notes.append(f"{name} is not recorded at all: {found}")
                continue
            notes.extend(kept.notes)
            recorded.append(_part(name, data, found, kept))
            if kept.content is not None:
                snapshots[name] = kept.content
    return DataRecord(layout=1, parts=recorded, notes=notes), snapshots


def _fingerprint_or_reason(data: Any) -> Fingerprint | str:
    try:
        return fingerprint(as_samples(data))
    except UsageError as error:
        return error.found


@dataclass(frozen=True, kw_only=True)
class _Kept:
    """Where one part is kept, and how it was held."""

    place: Literal["stored", "embedded", "referenced", "left out"] = "left out"
    snapshot: str = ""
    n_bytes: int = 0
    holder: Holder | None = None
    uri: str = ""
    version: str = ""
    format: str = ""
    columns: Sequence[str] = ()
    notes: Sequence[str] = ()
    content: bytes | None = None


def _keep(name: str, data: Any, keep: Any, target: Store | None, beside: Executor, promise: _Promise) -> _Kept:
    if keep is None:
        return _Kept()
    try:
        packed = pack(data)
        if isinstance(keep, DataReference):
            return _referenced(name, packed, keep)
        if target is None:
            return _embed(name, data, packed, beside, promise)
        return _store(data, packed, target, beside, promise)
    except CannotKeep as error:
        reason = error.found
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "pyarrow":
            raise
        reason = "that takes pyarrow, which is not installed (pip install 'hermetic[evidence]')"
    if isinstance(keep, DataReference):
        return replace(_referenced(name, None, keep), notes=(f"{name} can be read, but not as what it was: {reason}",))
    return _Kept(notes=(f"the values of {name} are not kept, only their fingerprint: {reason}",))


def _referenced(name: str, packed: Packed | None, reference: DataReference) -> _Kept:
    columns = reference.columns_of(name)
    holder = packed.holder if packed else None
    if columns is None:
        return _Kept(notes=(f"the values of {name} are not kept: the reference does not say which columns they are",))
    notes = []
    if holder is not None and holder.index:
        notes.append(f"the index of {name} is not looked for in the table that is referenced, and not kept")
        holder = _without_index(holder)
    return _Kept(
        place="referenced",
        holder=holder,
        uri=reference.uri,
        version=reference.version,
        format=reference.format or format_of(reference.uri),
        columns=columns or _names_of(packed),
        notes=notes,
    )


def _without_index(holder: Holder) -> Holder:
    fields = {name: getattr(holder, name) for name in holder.__struct_fields__}
    return Holder(**{**fields, "index": []})


def _names_of(packed: Packed | None) -> Sequence[str]:
    """Give the names of a frame's columns; an array is all columns of the table that nothing else is."""
    if packed is None or packed.holder.labels not in ("text", "object"):
        return ()
    return packed.names[: len(packed.holder.dtypes)]


def _embed(name: str, data: Any, packed: Packed, beside: Executor, promise: _Promise) -> _Kept:
    target = io.BytesIO()
    write_parquet(packed, target)
    content = target.getvalue()
    if len(content) > MOST_EMBEDDED_BYTES:
        raise UsageError(
            f"{name} takes {len(content):,} bytes as Parquet, and at most {MOST_EMBEDDED_BYTES:,} are embedded",
            next_step='Pass data="store", which keeps it in a folder of its own, or a hermetic.DataReference to it.',
        )
    digest = beside.submit(hashlib.sha256, content)
    _check(data, packed, content, promise)
    key = digest.result().hexdigest()
    return _Kept(place="embedded", snapshot=key, n_bytes=len(content), holder=packed.holder, content=content)


def _store(data: Any, packed: Packed, store: Store, beside: Executor, promise: _Promise) -> _Kept:
    with store.workplace() as path:
        with path.open("wb") as file:
            write_parquet(packed, file)
        key = beside.submit(_settle, path)
        try:
            _check(data, packed, path, promise)
        finally:
            # Before the file goes away.
            wait([key])
        n_bytes = path.stat().st_size
        store.keep(path, key.result())
    return _Kept(place="stored", snapshot=key.result(), n_bytes=n_bytes, holder=packed.holder)


def _settle(path: Path) -> str:
    """Give the digest of a file, once its bytes are on the disk."""
    with path.open("rb+") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        os.fsync(file.fileno())
    return digest


def _check(data: Any, packed: Packed, source: Any, promise: _Promise) -> None:
    """Read back what was written, and refuse it where it is anything else than the data."""
    try:
        found = unpack(packed.holder, read_parquet(source, n_rows=packed.n_rows))
    except FileError as error:
        raise CannotKeep(f"reading it back failed: {error.found}") from error
    recorded = promise.result()
    if isinstance(recorded, str) or not is_the_same(data, found, packed.holder, recorded):
        raise CannotKeep("what is read back from Parquet is not exactly what was written")


def _part(name: str, data: Any, found: Fingerprint, kept: _Kept) -> DataPart:
    form = kept.holder.form if kept.holder else f"{type(data).__module__}.{type(data).__qualname__}"
    return DataPart(
        name=name,
        form=form,
        fingerprint=found,
        place=kept.place,
        snapshot=kept.snapshot,
        n_bytes=kept.n_bytes,
        holder=kept.holder,
        uri=kept.uri,
        version=kept.version,
        format=kept.format,
        columns=list(kept.columns),
        summaries=summaries_of(as_samples(data)) if name in _SUMMARIZED else [],
    )
