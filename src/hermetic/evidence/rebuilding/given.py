"""Data that somebody hands over as files: what they hold is compared with the fingerprint by whoever reads them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hermetic.errors import DataUnavailable, FileError, UsageError
from hermetic.evidence.data.snapshots.of_any import unpack
from hermetic.evidence.data.snapshots.parquet import read_parquet
from hermetic.lazy import numpy as np
from hermetic.recorded.data import DataPart, DataRecord

__all__ = ["read_given"]


def read_given(given: Mapping[str, Any], record: DataRecord | None) -> dict[str, Any]:
    """Read those parts that are handed over as paths.

    Parameters
    ----------
    given : mapping of str to object
        By the names of the parts; a `pathlib.Path` is a file: ``.npy``, or ``.parquet``.
    record : DataRecord or None
        Tells what a part was: a Parquet file from a store becomes that again, any other one a frame of pandas.

    Returns
    -------
    dict of str to object
        All parts.

    Raises
    ------
    DataUnavailable
        When a file cannot be read.
    UsageError
        When it is of another kind.

    Examples
    --------
    >>> read_given({"X": [[1.0]]}, None)
    {'X': [[1.0]]}
    """
    parts = {} if record is None else {part.name: part for part in record.parts}
    return {name: _read(value, parts.get(name)) if isinstance(value, Path) else value for name, value in given.items()}


def _read(path: Path, part: DataPart | None) -> Any:
    readers = {".npy": _read_array, ".parquet": _read_parquet}
    if path.suffix.lower() not in readers:
        raise UsageError(
            f"data are read from .npy and .parquet files, not from {path.suffix or 'files without a suffix'!r}",
            where=str(path),
            next_step="Read them yourself, and pass them to hermetic.rebuild(file, target, data=(X, y)).",
        )
    try:
        return readers[path.suffix.lower()](path, part)
    except (EOFError, MemoryError, OSError, ValueError) as error:  # a header may promise any number of values
        raise DataUnavailable(f"the data cannot be read: {error}"[:300], where=str(path)) from error


def _read_array(path: Path, part: DataPart | None) -> Any:
    return np.load(path, allow_pickle=False)


def _read_parquet(path: Path, part: DataPart | None) -> Any:
    if part is not None and part.holder is not None:
        try:
            return unpack(part.holder, read_parquet(path, n_rows=part.fingerprint.n_rows))
        except FileError:  # it was written by somebody else
            pass
    import pandas as pd

    frame = pd.read_parquet(path)
    return frame.iloc[:, 0] if part is not None and part.form.endswith(".Series") else frame
