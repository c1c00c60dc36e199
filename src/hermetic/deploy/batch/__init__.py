"""Predicting files of any length: batch by batch, in order, and going on where it was stopped."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING

from hermetic.errors import UsageError
from hermetic.signing.files import sha256_of_file

if TYPE_CHECKING:
    from hermetic.deploy.batch.asking import Job
    from hermetic.deploy.batch.report import PredictionReport
    from hermetic.deploy.batch.run import Progress

__all__ = ["predict_files"]


def predict_files(
    model: str | os.PathLike[str],
    inputs: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    output: str | os.PathLike[str],
    *,
    method: str = "auto",
    keep: Sequence[str] = (),
    columns: Sequence[str] = (),
    format: str | None = None,
    batch_rows: int | None = None,
    workers: int = 1,
    on: str = "local",
    cluster: str | None = None,
    restart: bool = False,
    trusted: Collection[str] = (),
    capabilities: Collection[str] = (),
    approvals: str | os.PathLike[str] | None = None,
    signed_by: Sequence[str | os.PathLike[str]] = (),
    progress: Progress | None = None,
) -> PredictionReport:
    """Ask a model about all rows of files, and write its answers to files.

    Parameters
    ----------
    model : path
        The file of the model.
    inputs : path, pattern or sequence of these
        Parquet, CSV, JSON lines or Arrow files, by suffix; folders of them, and patterns as ``data/**/*.parquet``.
    output : path
        A file for a file; a folder, with the same tree, for anything else. It is there when it is whole.
    method : {"auto", "predict", "proba", "decision", "transform"}, default="auto"
        What the model is asked for.
    keep : sequence of str
        Columns of the input that stay beside the answers.
    columns : sequence of str
        The columns that the model takes, in its order, where it knows no names.
    format : {"parquet", "csv", "jsonl", "arrow"}, optional
        What is written into a folder; the format of each input when left out.
    batch_rows : int, optional
        How many rows are asked about at a time; 16,384, fewer for more than 512 features.
    workers : int, default=1
        How many processes; they share the arrays of the model.
    on : {"local", "dask", "ray"}, default="local"
        Where they work.
    cluster : str, optional
        The address of the cluster.
    restart : bool, default=False
        Begin anew where an earlier run was stopped, and replace outputs that are there.
    trusted, capabilities, approvals, signed_by
        As in `hermetic.load`.
    progress : callable, optional
        Called with the path of the input, the rows of it that are answered, and its rows.

    Returns
    -------
    PredictionReport
        What was done.

    Raises
    ------
    UsageError, FormatError
        When a file cannot be predicted: the message names file, row and column. What was answered before is kept, and
        the same call goes on from there.
    FileError
        When the model cannot be loaded.

    Examples
    --------
    >>> import os, tempfile, hermetic, pandas
    >>> from sklearn.linear_model import LinearRegression
    >>> from hermetic.deploy.batch import predict_files
    >>> frame = pandas.DataFrame({"name": ["a", "b"], "size": [1.0, 2.0]})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     model, rows, answers = (os.path.join(folder, name) for name in ("m.hermetic", "rows.csv", "answers.csv"))
    ...     _ = hermetic.dump(LinearRegression().fit(frame[["size"]], [2.0, 4.0]), model)
    ...     frame.to_csv(rows, index=False)
    ...     report = predict_files(model, rows, answers, keep=["name"])
    ...     found = pandas.read_csv(answers)
    >>> report.n_rows, list(found.columns), found["prediction"].round(6).tolist()
    (2, ['name', 'prediction'], [2.0, 4.0])
    """
    if find_spec("pyarrow") is None or find_spec("pandas") is None:
        raise UsageError(
            "predicting files needs pyarrow and pandas, which are not installed",
            next_step="pip install 'hermetic[predict]'",
        )
    _check_words(on, workers, batch_rows, format)
    from hermetic.deploy.batch.run import Request, predict  # all that follows imports pyarrow, an extra

    several = [inputs] if isinstance(inputs, (str, os.PathLike)) else inputs
    return predict(
        Request(
            job=_job(model, trusted, capabilities, approvals, signed_by),
            inputs=tuple(os.fspath(own) for own in several),
            output=os.fspath(output),
            wanted=method,
            keep=tuple(dict.fromkeys(keep)),
            columns=tuple(columns),
            format=format,
            batch_rows=batch_rows,
            workers=workers,
            on=on,
            cluster=cluster,
            restart=restart,
            progress=progress or (lambda path, done, total: None),
        )
    )


def _job(
    model: str | os.PathLike[str],
    trusted: Collection[str],
    capabilities: Collection[str],
    approvals: str | os.PathLike[str] | None,
    signed_by: Sequence[str | os.PathLike[str]],
) -> Job:
    """Name the model for every process, wherever that is at work."""
    from hermetic.deploy.batch.asking import Job  # imports pyarrow, an extra

    path = os.path.abspath(os.fspath(model))
    return Job(
        model=path,
        sha256=sha256_of_file(path),
        method="",
        trusted=tuple(trusted),
        capabilities=tuple(capabilities),
        approvals=None if approvals is None else os.path.abspath(approvals),
        signed_by=tuple(os.path.abspath(key) for key in signed_by),
    )


def _check_words(on: str, workers: int, batch_rows: int | None, format: str | None) -> None:
    if on not in ("local", "dask", "ray"):
        raise UsageError(f"on must be 'local', 'dask' or 'ray', got {on!r}")
    if format not in (None, "parquet", "csv", "jsonl", "arrow"):
        raise UsageError(f"format must be 'parquet', 'csv', 'jsonl' or 'arrow', got {format!r}")
    if workers < 1 or (batch_rows is not None and batch_rows < 1):
        raise UsageError(f"workers and batch_rows are 1 or more, got {workers} and {batch_rows}")
