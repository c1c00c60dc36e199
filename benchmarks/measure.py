"""Times and memory of one dump or one load, each in a new interpreter that has its imports behind it.

Time
    ``perf_counter`` around the one call. Files are warm in the page cache. Every module that the model, or any
    backend, imports on the way is found by a warm-up in a process that is thrown away, and is imported before the clock
    starts: the same modules for all, but for a backend with very many of its own, which only its own processes carry.
    A module that is imported under the clock all the same is recorded. Only when the clock has stopped are the
    answers of the loaded model compared, bit for bit: a wrong model is an error, not a time.
    Before a dump begins, everything that was written or deleted before it has reached the disk.
Memory
    As `memory.py` says; in a separate, untimed run, because watching a process slows it down.
Repeats
    Backends take turns, in an order shuffled anew each round, so that drift hits all alike. Shuffled, not
    rotated: in a rotation each backend always follows the same one, and pays for the caches that one has left.
    One that has used up its time budget on a model sits out the remaining rounds. The interpreters of two jobs start
    and import together; then both stand still, and one after the other goes on: never do two measurements run at
    the same time, nor anything beside one.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from benchmarks.backends import SLOW_ROUNDS, Backend, path_of
from benchmarks.child import ChildFailed, Fresh, run_fresh
from benchmarks.memory import read_anonymous_bytes

__all__ = [
    "AT_ONCE",
    "BUDGET_SECONDS",
    "TIMEOUT_SECONDS",
    "Bench",
    "Job",
    "Memory",
    "Sample",
    "WrongModel",
    "measure_jobs",
    "prepare_bench",
    "schedule_rounds",
]

BUDGET_SECONDS = 20.0
AT_ONCE = 2
TIMEOUT_SECONDS = 1_800.0
_CHUNK = bytearray(4 << 20)

Memory = tuple[int, int, int]


class WrongModel(Exception):
    """The loaded model does not answer as the original does."""


@dataclass(frozen=True, kw_only=True)
class Bench:
    """One model, ready to be measured.

    Attributes
    ----------
    source : Path
        The pickle in the cache.
    folder : Path
        Where files are written and read.
    question : str
        What a loaded model is asked; an address for `questions.find_question`.
    digest : str
        The digest of the answers of the original.
    shared_modules : sequence of str
        What every process imports before its clock starts.
    own_modules : mapping of str to sequence of str
        What only the processes of one backend import besides.
    """

    source: Path
    folder: Path
    question: str
    digest: str
    shared_modules: Sequence[str]
    own_modules: Mapping[str, Sequence[str]]

    def list_modules(self, backend: Backend) -> list[str]:
        """List what is imported before the clock of this backend starts."""
        return [*self.shared_modules, *self.own_modules.get(backend.name, ())]


@dataclass(frozen=True, kw_only=True)
class Job:
    """One thing to measure: a backend, and ``load``, ``memory``, ``dump`` or ``dump_to_stream``."""

    backend: Backend
    operation: str

    @property
    def is_dump(self) -> bool:
        """True when it writes a file."""
        return self.operation.startswith("dump")


@dataclass(frozen=True, kw_only=True)
class Sample:
    """What one job gave.

    Attributes
    ----------
    seconds : float
        What the clock showed.
    spent_seconds : float
        What it took besides, imports left aside; this is what counts against the budget.
    late_imports : tuple of str
        Modules that were imported while the clock ran.
    memory : tuple of int or None
        Bytes kept, at the peak, and at the peak with mapped files; only of a watched load.
    """

    seconds: float = 0.0
    spent_seconds: float = 0.0
    late_imports: tuple[str, ...] = ()
    memory: Memory | None = None


def schedule_rounds(
    jobs: Sequence[Job], repeats: int, spent_seconds: Callable[[Job], Sequence[float]]
) -> Iterator[tuple[int, list[Job]]]:
    """Yield (round, jobs) in the order of measuring; at most `AT_ONCE` jobs, whose processes may start together.

    `spent_seconds` tells what each job has taken so far; one whose next time would exceed `BUDGET_SECONDS`, or that
    of a slow backend that has had its `SLOW_ROUNDS`, is passed over.
    """

    def is_due(job: Job) -> bool:
        spent = spent_seconds(job)
        is_affordable = not spent or sum(spent) + spent[-1] <= BUDGET_SECONDS
        return is_affordable and not (job.backend.is_slow and len(spent) >= SLOW_ROUNDS)

    for round_number in range(repeats):
        waiting = [job for job in random.Random(round_number).sample(jobs, k=len(jobs)) if is_due(job)]
        for first in range(0, len(waiting), AT_ONCE):
            yield round_number, waiting[first : first + AT_ONCE]


def prepare_bench(source: Path, folder: Path, question: str, backends: Sequence[Backend]) -> Bench:
    """Find out, in processes that are thrown away, what is imported and what the original answers.

    A backend that brings its process down is left out of the next one: it fails again when it is measured.

    Raises
    ------
    ChildFailed
        When the model cannot even be read from the cache or asked.
    """
    # Backends with many modules come last: what they share with others is attributed to the others.
    waiting = sorted(backends, key=lambda backend: backend.has_many_imports)
    while True:
        notes: list[tuple[str, list[str]]] = []
        request = {
            "source": str(source),
            "folder": str(folder),
            "question": question,
            "backends": [backend.address for backend in waiting],
        }
        try:
            digest = run_fresh("warm_up", request, timeout_seconds=TIMEOUT_SECONDS, on_note=notes.append)
            break
        except ChildFailed:
            reached = notes[-1][0] if notes else ""
            if not reached:
                raise
            waiting = [backend for backend in waiting if backend.name != reached]
    own = {backend.name for backend in waiting if backend.has_many_imports}
    return Bench(
        source=source,
        folder=folder,
        question=question,
        digest=digest,
        shared_modules=[module for name, found in notes if name not in own for module in found],
        own_modules={name: found for name, found in notes if name in own},
    )


def measure_jobs(bench: Bench, jobs: Sequence[Job]) -> Iterator[tuple[Job, Sample | ChildFailed | WrongModel]]:
    """Start a process for each job, let one after the other go on, and yield what came of each."""
    with ExitStack() as stack:
        processes = [stack.enter_context(_start(bench, job)) for job in jobs]
        for process in processes:
            process.await_ready()
        for job, process in zip(jobs, processes, strict=True):
            try:
                yield job, _finish(bench, job, process)
            except (ChildFailed, WrongModel) as failure:
                yield job, failure


def _start(bench: Bench, job: Job) -> Fresh:
    request = {
        "backend": job.backend.address,
        "modules": bench.list_modules(job.backend),
        "path": str(_path_of_job(bench, job)),
        "source": str(bench.source),
        "question": bench.question,
        "is_through_stream": job.operation == "dump_to_stream",
        "is_watched": job.operation == "memory",
    }
    if job.is_dump:
        _path_of_job(bench, job).unlink(missing_ok=True)
    return Fresh("dump" if job.is_dump else "load", request, timeout_seconds=TIMEOUT_SECONDS)


def _finish(bench: Bench, job: Job, process: Fresh) -> Sample:
    started = monotonic()
    if job.operation == "memory":
        return _watch_memory(process)
    if job.is_dump:
        _await_idle_disk()
        result = process.finish()
        _settle(bench, job)
    else:
        _read_into_page_cache(_path_of_job(bench, job))
        result = process.finish()
        if result["digest"] != bench.digest:
            raise WrongModel("the loaded model answers differently from the original")
    return Sample(
        seconds=result["seconds"],
        spent_seconds=monotonic() - started,
        late_imports=tuple(result["late_imports"]),
    )


def _watch_memory(process: Fresh) -> Sample:
    highest = 0

    def watch(process_id: int) -> None:
        nonlocal highest
        try:
            highest = max(highest, read_anonymous_bytes(process_id))
        except (OSError, ValueError):
            # The process has just ended.
            return

    memory = process.finish(watch=watch)["memory"]
    peak = max(memory["kept"], highest - memory["anonymous"])
    return Sample(memory=(memory["kept"], peak, memory["peak_resident"]))


def _await_idle_disk() -> None:
    """Wait until the system has written what it owes the disk, also for the files that were deleted.

    A dump right after the deletion of a big file waits for it: up to a second for half a gigabyte, whoever dumps.
    """
    if hasattr(os, "sync"):
        os.sync()


def _settle(bench: Bench, job: Job) -> None:
    """Force to the disk what a dump has left unwritten, unclocked; give its errors to the dump that caused them."""
    path = _path_of_job(bench, job)
    if not path.is_file():
        raise ChildFailed("nothing was saved")
    with path.open("rb") as stream:
        os.fsync(stream.fileno())
    if job.operation == "dump_to_stream":
        path.unlink()


def _path_of_job(bench: Bench, job: Job) -> Path:
    path = path_of(bench.folder, job.backend)
    return path.with_suffix(".stream") if job.operation == "dump_to_stream" else path


def _read_into_page_cache(path: Path) -> None:
    """Read a file once, through a buffer that is reused."""
    with path.open("rb", buffering=0) as stream:
        while stream.readinto(_CHUNK):
            pass
