"""What every worker does, in whatever process, on whatever machine: load the model once, ask it batch by batch."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pyarrow

from hermetic.deploy.batch.answers import answers_of
from hermetic.deploy.batch.layout import Layout
from hermetic.errors import FileError, ForeignFormat, HermeticError, UsageError
from hermetic.formats.container_reader import open_container
from hermetic.formats.open_source import open_source
from hermetic.limits import DEFAULT_LIMITS
from hermetic.persistence import load
from hermetic.signing.files import sha256_of_file

__all__ = ["Job", "ask", "ask_model", "load_model"]

_LOCK = threading.Lock()


@dataclass(frozen=True, kw_only=True)
class Job:
    """Which model is asked for what.

    Attributes
    ----------
    model : str
        Path of the file.
    sha256 : str
        Hexadecimal digest of it: no worker asks another model than the first one.
    method : str
        Name of the method.
    trusted, capabilities, signed_by, approvals
        As in `hermetic.load`.
    """

    model: str
    sha256: str
    method: str
    trusted: tuple[str, ...] = ()
    capabilities: tuple[str, ...] = ()
    approvals: str | None = None
    signed_by: tuple[str, ...] = ()


def load_model(job: Job) -> Any:
    """Load the model of a job; its arrays are those of the file, shared by all processes that load it.

    Raises
    ------
    FileError
        When the file is another one than that of the job, and as `hermetic.load` does.
    """
    if sha256_of_file(job.model) != job.sha256:
        raise FileError(
            "the model file was changed while it was used",
            where=job.model,
            next_step="Start again with --restart, so that all answers are those of one model.",
        )
    return load(
        job.model,
        "c" if _is_own(job.model) else None,
        trusted=job.trusted,
        capabilities=job.capabilities,
        approvals=job.approvals,
        signed_by=job.signed_by or None,
    )


def _is_own(path: str) -> bool:
    """Tell whether a file can be mapped: pickles and files of skops cannot."""
    source = open_source(path, DEFAULT_LIMITS)
    try:
        open_container(source, DEFAULT_LIMITS)
    except ForeignFormat:
        return False
    finally:
        source.close()
    return True


@lru_cache(maxsize=1)
def _loaded(job: Job) -> Any:
    return load_model(job)


def ask(job: Job, layout: Layout, batch: pyarrow.RecordBatch, first_row: int) -> pyarrow.RecordBatch:
    """Answer about a batch; the first call in a process loads the model.

    Parameters
    ----------
    job : Job
        Which model.
    layout : Layout
        What the columns of the file are to the model.
    batch : pyarrow.RecordBatch
        The columns of the layout.
    first_row : int
        How many rows of the file come before.

    Returns
    -------
    pyarrow.RecordBatch
        As many rows.

    Raises
    ------
    UsageError
        When the model refuses them; the message names file, row and what is missing there.
    """
    with _LOCK:  # a worker of a cluster has several threads
        model = _loaded(job)
    return ask_model(model, job.method, layout, batch, first_row)


def ask_model(model: Any, method: str, layout: Layout, batch: pyarrow.RecordBatch, first_row: int) -> Any:
    """Answer about a batch with a model that is loaded; as `ask`."""

    def answer(rows: pyarrow.RecordBatch) -> pyarrow.RecordBatch:
        return answers_of(model, method, layout.input_of(rows))

    try:
        answers = answer(batch)
    except (HermeticError, MemoryError):
        raise
    except Exception as error:  # whatever a model says to rows that it does not like
        raise _refusal(error, answer, layout, batch, first_row) from error
    if answers.num_rows != batch.num_rows:
        raise UsageError(f"the model gave {answers.num_rows} answers to {batch.num_rows} rows", where=layout.path)
    return answers


def _refusal(
    error: Exception, answer: Callable[[Any], Any], layout: Layout, batch: pyarrow.RecordBatch, first_row: int
) -> UsageError:
    place = _first_refused(answer, batch)
    words = f"{type(error).__name__}: {' '.join(str(error).split())[:500]}"
    if place is None:
        where = f"{layout.path}, rows {first_row + 1} to {first_row + batch.num_rows}"
        return UsageError(f"the model does not answer: {words}", where=where)
    row = batch.slice(place, 1)
    missing = [name for name, own in zip(layout.columns, row.columns, strict=True) if _is_missing(own)]
    shown = ", ".join(map(repr, missing[:10])) + (f" and {len(missing) - 10} more" if len(missing) > 10 else "")
    return UsageError(
        f"the model does not answer about this row{f', where {shown} is missing' if missing else ''}: {words}",
        where=f"{layout.path}, row {first_row + place + 1}" + (f", column {missing[0]!r}" if len(missing) == 1 else ""),
        next_step="Correct or leave out the row; what was answered before it is kept, and is not asked again.",
    )


def _is_missing(value: pyarrow.Array) -> bool:
    found = value[0].as_py()
    return found is None or found != found


def _first_refused(answer: Callable[[Any], Any], batch: pyarrow.RecordBatch) -> int | None:
    """Find the first row that the model refuses, by halves; None when it refuses no single row."""
    start, stop = 0, batch.num_rows
    while stop - start > 1:
        middle = (start + stop) // 2
        if _is_answered(answer, batch.slice(start, middle - start)):
            start = middle
        else:
            stop = middle
    return None if _is_answered(answer, batch.slice(start, 1)) else start


def _is_answered(answer: Callable[[Any], Any], rows: pyarrow.RecordBatch) -> bool:
    try:
        answer(rows)
    except Exception:  # the same kinds as above
        return False
    return True
