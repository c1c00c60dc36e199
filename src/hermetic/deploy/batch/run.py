"""Predicting files: the steps in their order."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import numpy
import pyarrow
import sklearn

from hermetic.deploy.batch.asking import Job, ask, ask_model, load_model
from hermetic.deploy.batch.clusters import on_dask, on_ray
from hermetic.deploy.batch.columns import choose_columns
from hermetic.deploy.batch.empty import answer_columns_of_no_rows
from hermetic.deploy.batch.places import Pair, format_of, pairs_of
from hermetic.deploy.batch.readers import in_batches, open_reader
from hermetic.deploy.batch.report import PredictedFile, PredictionReport
from hermetic.deploy.batch.state import FileState, folder_of_file, open_state, state_folder
from hermetic.deploy.batch.survey import Survey, Wishes, survey_file
from hermetic.deploy.batch.workers import Workers, here, in_order, in_processes
from hermetic.deploy.batch.writers import write_table
from hermetic.deploy.features import features_of, method_of
from hermetic.errors import UsageError
from hermetic.signing.files import sha256_of_file

__all__ = ["Progress", "Request", "predict"]

Progress = Callable[[str, int, int], None]
"""Called with the path of an input, the rows of it that are answered, and the rows that it has."""

_MOST_BATCH_ROWS, _LEAST_BATCH_ROWS = 16_384, 256
_BATCH_BYTES = 64 << 20
_PART_BYTES = 64 << 20
_PART_SECONDS = 5.0


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is to be predicted, and how; see `hermetic.deploy.batch.predict_files`."""

    job: Job
    inputs: tuple[str, ...]
    output: str
    wanted: str
    keep: tuple[str, ...]
    columns: tuple[str, ...]
    format: str | None
    batch_rows: int | None
    workers: int
    on: str
    cluster: str | None
    restart: bool
    progress: Progress


@dataclass(frozen=True, kw_only=True)
class _Run:
    """What all files share."""

    job: Job
    model: Any
    wishes: Wishes
    batch_rows: int
    workers: Workers
    folder: str
    progress: Progress


def predict(request: Request) -> PredictionReport:
    """Predict files; see `hermetic.deploy.batch.predict_files`."""
    started = time.monotonic()
    pairs = pairs_of(request.inputs, request.output, request.format)
    model = load_model(request.job)
    job = _with_method(request.job, method_of(model, request.wanted))
    wishes = Wishes(features=features_of(model), columns=request.columns, keep=request.keep)
    _check_columns(pairs, wishes)
    batch_rows = request.batch_rows or _batch_rows(wishes.features.count)
    _check_outputs(pairs, request)
    task = _task(request, job, batch_rows)
    with open_state(request.output, task, restart=request.restart) as folder, _workers(request) as workers:
        run = _Run(
            job=job,
            model=model,
            wishes=wishes,
            batch_rows=batch_rows,
            workers=workers,
            folder=folder,
            progress=request.progress,
        )
        files = tuple(_predict_file(run, pair) for pair in pairs)
    return PredictionReport(
        model=job.model,
        sha256=job.sha256,
        method=job.method,
        batch_rows=batch_rows,
        seconds=time.monotonic() - started,
        files=files,
    )


def _with_method(job: Job, method: str) -> Job:
    return Job(**{**vars(job), "method": method})


def _check_columns(pairs: list[Pair], wishes: Wishes) -> None:
    """Find a file that lacks a column before the first of a hundred is begun."""
    for pair in pairs:
        if format_of(pair.source) != "jsonl":  # which says only at its end which columns it has
            schema = open_reader(pair.source).schema
            choose_columns(pair.source, schema, wishes.features, wishes.columns, wishes.keep)


def _check_outputs(pairs: list[Pair], request: Request) -> None:
    if request.restart or os.path.isdir(state_folder(request.output)):
        return
    there = next((pair.target for pair in pairs if os.path.lexists(pair.target)), None)
    if there is not None:
        raise UsageError("the output is there already", where=there, next_step="--restart writes it anew.")


def _batch_rows(n_features: int | None) -> int:
    """Give the rows of a batch, so that it takes some tens of megabytes at most."""
    return max(_LEAST_BATCH_ROWS, min(_MOST_BATCH_ROWS, _BATCH_BYTES // (8 * max(1, n_features or 1))))


def _task(request: Request, job: Job, batch_rows: int) -> dict[str, Any]:
    return {
        "model": job.sha256,
        "method": job.method,
        "keep": list(request.keep),
        "column": list(request.columns),
        "format": request.format,
        "batch-rows": batch_rows,
        "scikit-learn": sklearn.__version__,
        "numpy": numpy.__version__,
    }


def _workers(request: Request) -> AbstractContextManager[Workers]:
    if request.on == "dask":
        return on_dask(request.cluster)
    if request.on == "ray":
        return on_ray(request.cluster)
    return in_processes(request.workers) if request.workers > 1 else here()


def _predict_file(run: _Run, pair: Pair) -> PredictedFile:
    run.progress(pair.source, 0, 0)
    state = FileState(folder_of_file(run.folder, pair.source))
    identity = _identity(pair)
    state.begin(identity)
    done = state.n_rows_done()
    if done is not None and os.path.exists(pair.target):
        run.progress(pair.source, done, done)
        columns = tuple(open_reader(pair.target).schema.names)
        return PredictedFile(source=pair.source, target=pair.target, n_rows=done, n_rows_before=done, columns=columns)
    before = state.n_rows_answered()
    survey = survey_file(pair.source, run.wishes, run.model, run.job.method)
    if before < survey.n_rows:
        _answer(run, state, survey, before)
    if _identity(pair) != identity:
        raise UsageError("the input was changed while it was read", where=pair.source, next_step="Use --restart.")
    schema = _schema(run, state, survey)
    n_rows = write_table(pair.target, schema, state.read_parts())
    state.finish(identity, n_rows)
    return PredictedFile(
        source=pair.source, target=pair.target, n_rows=n_rows, n_rows_before=before, columns=tuple(schema.names)
    )


def _identity(pair: Pair) -> dict[str, Any]:
    path = os.path.abspath(pair.source)
    return {"path": path, "length": os.path.getsize(path), "sha256": sha256_of_file(path), "target": pair.target}


def _answer(run: _Run, state: FileState, survey: Survey, first_row: int) -> None:
    """Answer what is not answered yet, and put it on the disk every few seconds."""
    held: list[pyarrow.RecordBatch] = []
    schema = next((batch.schema for batch in state.read_parts()), None)
    row, written = first_row, time.monotonic()
    run.progress(survey.layout.path, row, survey.n_rows)

    def put() -> int:
        if held:
            state.write_part(row, held)
        n_rows: int = sum(batch.num_rows for batch in held)
        held.clear()
        return row + n_rows

    try:
        for kept, answers in in_order(run.workers, _calls(run, survey, first_row)):
            made = _beside(kept, answers, run.wishes.keep, survey.layout.path)
            schema = made.schema if schema is None else schema
            held.append(made if made.schema == schema else made.cast(schema))
            n_held = sum(batch.num_rows for batch in held)
            run.progress(survey.layout.path, row + n_held, survey.n_rows)
            is_big = sum(batch.nbytes for batch in held) > _PART_BYTES
            if is_big or time.monotonic() - written > _PART_SECONDS:
                row, written = put(), time.monotonic()
    finally:  # also when somebody interrupts, or a row is refused
        put()


def _calls(run: _Run, survey: Survey, row: int) -> Iterator[tuple[Any, Callable[..., Any], tuple[Any, ...]]]:
    features, keep = list(survey.layout.columns), list(run.wishes.keep)
    names = list(dict.fromkeys([*features, *keep]))
    for batch in in_batches(survey.reader, names, run.batch_rows, row):
        kept, asked = batch.select(keep), batch.select(features)
        if run.workers.n_ahead:
            yield kept, ask, (run.job, survey.layout, asked, row)
        else:
            yield kept, ask_model, (run.model, run.job.method, survey.layout, asked, row)
        row += batch.num_rows


def _beside(kept: Any, answers: Any, keep: tuple[str, ...], path: str) -> pyarrow.RecordBatch:
    taken = sorted(set(keep) & set(answers.schema.names))
    if taken:
        raise UsageError(f"the kept column {taken[0]!r} has the name of an answer", where=path)
    columns = [
        own.dictionary_decode() if pyarrow.types.is_dictionary(own.type) else own for own in [*kept.columns, *answers]
    ]
    return pyarrow.RecordBatch.from_arrays(columns, names=[*keep, *answers.schema.names])


def _schema(run: _Run, state: FileState, survey: Survey) -> pyarrow.Schema:
    found = next((batch.schema for batch in state.read_parts()), None)
    if found is not None:
        return found
    kept = [survey.reader.schema.field(name).remove_metadata() for name in run.wishes.keep]
    answers = answer_columns_of_no_rows(run.model, run.job.method, survey, run.wishes.features)
    return pyarrow.schema([*kept, *answers])
