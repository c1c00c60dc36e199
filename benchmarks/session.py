"""One model from start to end: every backend saves it, then every backend loads it.

This process never holds a model: whatever touches one is a process of its own. One failing cell never stops the
run: it is recorded and shown.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.backends import ALL_BACKENDS, COMPRESSED, Backend, find_obstacle, path_of
from benchmarks.cache import cache_path
from benchmarks.child import ChildFailed, run_fresh
from benchmarks.measure import (
    TIMEOUT_SECONDS,
    Bench,
    Job,
    Memory,
    Sample,
    measure_jobs,
    prepare_bench,
    schedule_rounds,
)
from benchmarks.memory import has_readings
from benchmarks.models import BenchmarkModel
from benchmarks.results import OPERATIONS, Cell

__all__ = ["Plan", "Progress", "build_models", "measure_model"]

Progress = Callable[[str], None]
Rounds = dict[int, float]
_SHORT_BYTES = 20_000
_MORE_ROUNDS = 2


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How often to measure.

    Attributes
    ----------
    load_rounds, dump_rounds : int
        Rounds of the backends that are not slow. Models that fill less than 20 kB, which load in about a millisecond,
        get two more rounds of loads.
    is_brief : bool
        Leave out those two, the memory, and dumps to a stream.
    """

    load_rounds: int
    dump_rounds: int
    is_brief: bool = False


@dataclass(kw_only=True)
class _Draft:
    """A cell in the making."""

    problem: str = ""
    rounds: dict[str, Rounds] = field(default_factory=lambda: {name: {} for name in OPERATIONS})
    spent: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in OPERATIONS})
    late_imports: set[str] = field(default_factory=set)
    file_bytes: int | None = None
    memory: Memory | None = None

    def add(self, operation: str, round_number: int, sample: Sample) -> None:
        if operation == "memory":
            self.memory = sample.memory
            return
        self.rounds[operation][round_number] = sample.seconds
        self.spent[operation].append(sample.spent_seconds)
        self.late_imports.update(sample.late_imports)


def build_models(
    models: Sequence[BenchmarkModel], folder: Path, progress: Progress
) -> tuple[list[BenchmarkModel], dict[str, str]]:
    """Build what the cache lacks, each in a process of its own; return what is ready, and why the rest is not."""
    ready, left_out = [], {}
    for model in models:
        progress(f"building {model.name}")
        if not cache_path(folder, model.name, model.build).exists():
            try:
                run_fresh("build", {"model": model.name, "cache": str(folder)}, timeout_seconds=TIMEOUT_SECONDS)
            except ChildFailed as failure:
                left_out[model.name] = str(failure)
                continue
        ready.append(model)
    return ready, left_out


def measure_model(
    model: BenchmarkModel,
    backends: Sequence[Backend],
    *,
    plan: Plan,
    cache: Path,
    scratch: Path,
    progress: Progress,
) -> list[Cell]:
    """Measure every backend on one model; `scratch` is a folder on the disk to write to."""
    drafts = {backend.name: _Draft(problem=_find_problem(backend)) for backend in backends}
    source = cache_path(cache, model.name, model.build)
    writers = _list_writers(backends, drafts)

    def report(step: str) -> None:
        progress(f"{model.name}: {step}")

    with tempfile.TemporaryDirectory(dir=scratch) as name:
        folder = Path(name)
        report("warm-up")
        bench = prepare_bench(source, folder, model.address, _list_warmed_up(backends, writers, drafts))
        # A writer whose file only another backend reads gets a draft as well.
        written = {backend.name: drafts.get(backend.name, _Draft()) for backend in writers}
        _measure(bench, _list_dumps(writers, plan), written, plan.dump_rounds, report)
        _keep_files(bench, writers, written)
        readers = _list_readers(backends, drafts, folder)
        if not plan.is_brief:
            _measure(bench, _list_watched(readers), drafts, int(has_readings()), report)
        more = _MORE_ROUNDS if not plan.is_brief and source.stat().st_size < _SHORT_BYTES else 0
        loads = [Job(backend=backend, operation="load") for backend in readers]
        _measure(bench, loads, drafts, plan.load_rounds + more, report)
    return [_finish_cell(model.name, backend, drafts[backend.name]) for backend in backends]


def _find_problem(backend: Backend) -> str:
    obstacle = find_obstacle(backend)
    return f"not available: {obstacle}" if obstacle else ""


def _list_writers(backends: Sequence[Backend], drafts: Mapping[str, _Draft]) -> list[Backend]:
    """The backends whose files are needed, also those that only another one reads."""
    owners = {backend.file_owner for backend in backends if not drafts[backend.name].problem}
    return [backend for backend in ALL_BACKENDS if backend.name in owners and backend.dump is not None]


def _list_warmed_up(
    backends: Sequence[Backend], writers: Sequence[Backend], drafts: Mapping[str, _Draft]
) -> list[Backend]:
    """Writers first, then those that only read what they have written."""
    readers = [backend for backend in backends if not drafts[backend.name].problem and backend not in writers]
    return [*writers, *readers]


def _list_readers(backends: Sequence[Backend], drafts: Mapping[str, _Draft], folder: Path) -> list[Backend]:
    readers = []
    for backend in backends:
        draft = drafts[backend.name]
        if not draft.problem and not path_of(folder, backend).is_file():
            draft.problem = f"error: {backend.file_owner} saved nothing to load"
        if not draft.problem:
            readers.append(backend)
    return readers


def _list_dumps(writers: Sequence[Backend], plan: Plan) -> list[Job]:
    paths = [Job(backend=backend, operation="dump") for backend in writers]
    if plan.is_brief:
        return paths
    return paths + [Job(backend=backend, operation="dump_to_stream") for backend in writers if backend.dump_to_stream]


def _list_watched(readers: Sequence[Backend]) -> list[Job]:
    """Compressed forms have no column in the table of memory."""
    return [Job(backend=backend, operation="memory") for backend in readers if backend.name not in COMPRESSED]


def _measure(bench: Bench, jobs: Sequence[Job], drafts: Mapping[str, _Draft], repeats: int, report: Progress) -> None:
    """Measure the jobs round by round; a backend that has failed is not asked again."""

    def list_spent(job: Job) -> Sequence[float]:
        return drafts[job.backend.name].spent.get(job.operation, ())

    for round_number, due in schedule_rounds(jobs, repeats, list_spent):
        healthy = [job for job in due if not drafts[job.backend.name].problem]
        for job in healthy:
            report(f"{job.operation.replace('_', ' ')} {job.backend.name}")
        for job, found in measure_jobs(bench, healthy):
            draft = drafts[job.backend.name]
            if isinstance(found, Sample):
                draft.add(job.operation, round_number, found)
            else:
                draft.problem = f"error: {'dump' if job.is_dump else 'load'}: {found}"


def _keep_files(bench: Bench, writers: Sequence[Backend], drafts: Mapping[str, _Draft]) -> None:
    """Note how long the files are; what a failed dump has left is no file to load."""
    for backend in writers:
        path, draft = path_of(bench.folder, backend), drafts[backend.name]
        if draft.problem:
            path.unlink(missing_ok=True)
        elif path.is_file():
            draft.file_bytes = path.stat().st_size


def _finish_cell(model_name: str, backend: Backend, draft: _Draft) -> Cell:
    """Freeze a draft; a backend with an error shows no number at all."""
    if draft.problem:
        return Cell(model=model_name, backend=backend.name, problem=draft.problem)
    kept, peak, peak_resident = draft.memory or (None, None, None)
    return Cell(
        model=model_name,
        backend=backend.name,
        load=draft.rounds["load"],
        dump=draft.rounds["dump"],
        dump_to_stream=draft.rounds["dump_to_stream"],
        late_imports=tuple(sorted(draft.late_imports)),
        file_bytes=draft.file_bytes,
        kept_bytes=kept,
        peak_bytes=peak,
        peak_resident_bytes=peak_resident,
    )
