"""convert: files of other formats become files of ours, without running them and without importing scikit-learn."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from typing import Any

from hermetic.conversion.folders import pairs_below
from hermetic.conversion.one_file import Task, convert_file
from hermetic.conversion.report import ConversionReport, ConvertedFile
from hermetic.errors import UsageError
from hermetic.limits import DEFAULT_LIMITS, Limits

__all__ = ["ConversionReport", "ConvertedFile", "convert"]

Progress = Callable[[int, int, ConvertedFile], None]


def convert(
    source: str | os.PathLike[str],
    target: str | os.PathLike[str],
    compress: Any = False,
    *,
    overwrite: bool = False,
    check: bool = False,
    jobs: int | None = None,
    capabilities: Collection[str] = (),
    limits: Limits | None = None,
    progress: Progress | None = None,
) -> ConversionReport:
    """Write pickle, joblib and skops files as hermetic files, told by their content.

    Parameters
    ----------
    source : str or PathLike
        A file, or a folder with such files at any depth.
    target : str or PathLike
        The file, or the folder, to write; folders are made as needed. Below a folder each file keeps its place, with
        the suffix ``.hermetic``.
    compress : bool, int, str or (str, int), default=False
        As for `dump`.
    overwrite : bool, default=False
        Whether files that exist may be replaced. Each is replaced whole, or not at all.
    check : bool, default=False
        Whether to load each file from both formats and compare their predictions on made-up rows, which needs
        scikit-learn. Without it scikit-learn is not imported.
    jobs : int, optional
        How many files of a folder are converted at a time, each in a process of its own; by default as many as the
        machine has processors.
    capabilities : collection of str, optional
        With ``"reads-sibling-files"`` arrays are read that joblib 0.8 and 0.9 wrote into files beside a pickle.
    limits : Limits, optional
        Budgets for reading each file.
    progress : callable, optional
        Called after each file with the number done, the number of all, and the `ConvertedFile`.

    Returns
    -------
    ConversionReport
        What became of each file; its ``ok`` tells whether all models were written.

    Raises
    ------
    UsageError
        When the target exists and may not be replaced, or lies in the source.
    OSError
        When the source does not exist.

    Examples
    --------
    >>> import os, pickle, tempfile
    >>> from hermetic import convert, load
    >>> folder = tempfile.mkdtemp()
    >>> with open(os.path.join(folder, "model.pkl"), "wb") as file:
    ...     pickle.dump({"threshold": 0.5}, file)
    >>> report = convert(os.path.join(folder, "model.pkl"), os.path.join(folder, "model.hermetic"))
    >>> report.ok, load(os.path.join(folder, "model.hermetic"))
    (True, {'threshold': 0.5})
    """
    source, target = os.fsdecode(source), os.fsdecode(target)
    is_folder = os.path.isdir(source)
    if not is_folder:
        os.stat(source)  # says itself what is missing
        if os.path.isdir(target):
            target = os.path.join(target, os.path.splitext(os.path.basename(source))[0] + ".hermetic")
    pairs = pairs_below(source, target) if is_folder else [(source, target)]
    if jobs is not None and (type(jobs) is not int or jobs < 1):
        raise UsageError(f"jobs must be an integer of 1 or more, got {jobs!r}")
    existing = [path for _, path in pairs if os.path.exists(path)]
    if existing and not overwrite:
        raise UsageError(
            f"{len(existing)} of {len(pairs)} files to write exist already, such as {existing[0]}",
            next_step="Give another target, or pass overwrite=True (--force).",
        )
    tasks = [
        Task(
            source=one,
            target=other,
            compress=compress,
            checks=check,
            is_one_of_many=is_folder,
            capabilities=frozenset(capabilities),
            limits=limits or DEFAULT_LIMITS,
        )
        for one, other in pairs
    ]
    return ConversionReport(files=tuple(_convert_all(tasks, jobs or os.cpu_count() or 1, progress)))


def _convert_all(tasks: list[Task], jobs: int, progress: Progress | None) -> list[ConvertedFile]:
    done: list[ConvertedFile] = []
    if jobs == 1 or len(tasks) == 1:
        for task in tasks:
            done.append(convert_file(task))
            if progress is not None:
                progress(len(done), len(tasks), done[-1])
        return done
    import multiprocessing  # only a folder needs processes
    from concurrent.futures import ProcessPoolExecutor  # only a folder needs them

    with ProcessPoolExecutor(min(jobs, len(tasks)), mp_context=multiprocessing.get_context("spawn")) as pool:
        for converted in pool.map(convert_file, tasks):
            done.append(converted)
            if progress is not None:
                progress(len(done), len(tasks), converted)
    return done
