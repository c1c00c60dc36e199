"""One run from start to end: every model, every backend, then how things scale.

The order for each model: a holder process loads it from the cache and forks the dumps; then this process,
which never holds a model, forks the loads. One failing cell never stops the run: it is recorded and shown.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from benchmarks.backends import ALL_BACKENDS, Backend, find_obstacle
from benchmarks.cache import cache_path, digest_answers, ensure_built, load_built
from benchmarks.child import ChildFailed, run_in_child
from benchmarks.measure import (
    TIMEOUT_SECONDS,
    WrongModel,
    measure_dump,
    measure_load,
    measure_memory,
    schedule_rounds,
    warm_up,
)
from benchmarks.models import BenchmarkModel
from benchmarks.results import Cell

__all__ = ["Progress", "build_models", "measure_model"]

Progress = Callable[[str], None]
Rounds = dict[int, float]


@dataclass(kw_only=True)
class _Draft:
    """A cell in the making."""

    problem: str = ""
    rounds: dict[str, Rounds] = field(default_factory=lambda: {"load": {}, "dump": {}, "dump_to_stream": {}})
    file_bytes: int | None = None
    memory: tuple[int, int, int] | None = None


def build_models(
    models: Sequence[BenchmarkModel], folder: Path, progress: Progress
) -> tuple[list[BenchmarkModel], dict[str, str]]:
    """Build what the cache lacks, each in a child of its own; return what is ready, and why the rest is not."""
    ready, left_out = [], {}
    for model in models:
        progress(f"building {model.name}")
        if not cache_path(folder, model.name, model.build).exists():
            try:
                # The path is all that comes back: this process must never hold a model.
                run_in_child(partial(_build, folder, model), timeout_seconds=TIMEOUT_SECONDS)
            except ChildFailed as failure:
                left_out[model.name] = str(failure)
                continue
        ready.append(model)
    return ready, left_out


def _build(folder: Path, model: BenchmarkModel, _: object) -> None:
    ensure_built(folder, model)


def measure_model(
    model: BenchmarkModel,
    backends: Sequence[Backend],
    *,
    repeats: int,
    cache: Path,
    scratch: Path,
    progress: Progress,
) -> list[Cell]:
    """Measure every backend on one model; `scratch` is a folder on the disk to write to."""
    drafts = {backend.name: _Draft(problem=_find_problem(backend)) for backend in backends}
    source = cache_path(cache, model.name, model.build)
    with tempfile.TemporaryDirectory(dir=scratch) as name:
        folder = Path(name)
        _measure_dumps(source, _list_writers(backends, drafts), drafts, repeats, folder, progress, model.name)
        expected = run_in_child(lambda _: digest_answers(model, load_built(source)), timeout_seconds=TIMEOUT_SECONDS)
        readers = _list_readers(backends, drafts, folder)
        _prepare_loads(model, readers, drafts, folder, progress)
        _measure_loads(model, readers, drafts, repeats, folder, expected, progress)
    return [_finish_cell(model.name, backend, drafts[backend.name]) for backend in backends]


def path_of(folder: Path, backend: Backend) -> Path:
    """Return where the file that the backend reads is written."""
    suffix = ".hermetic" if backend.file_owner.startswith("hermetic") else ".saved"
    return folder / (backend.file_owner.replace(" ", "_") + suffix)


def _find_problem(backend: Backend) -> str:
    obstacle = find_obstacle(backend)
    return f"not available: {obstacle}" if obstacle else ""


def _list_writers(backends: Sequence[Backend], drafts: Mapping[str, _Draft]) -> list[Backend]:
    """The backends whose files are needed, also those that only another one reads."""
    owners = {backend.file_owner for backend in backends if not drafts[backend.name].problem}
    return [backend for backend in ALL_BACKENDS if backend.name in owners and backend.dump is not None]


def _list_readers(backends: Sequence[Backend], drafts: Mapping[str, _Draft], folder: Path) -> list[Backend]:
    readers = []
    for backend in backends:
        draft = drafts[backend.name]
        if not draft.problem and not path_of(folder, backend).is_file():
            draft.problem = f"error: {backend.file_owner} saved nothing to load"
        if not draft.problem:
            readers.append(backend)
    return readers


def _measure_dumps(
    source: Path,
    writers: Sequence[Backend],
    drafts: Mapping[str, _Draft],
    repeats: int,
    folder: Path,
    progress: Progress,
    model_name: str,
) -> None:
    """Let a holder process time the dumps, and write down what it reports."""

    def hold(note: Callable[[Any], None]) -> None:
        _hold_and_dump(load_built(source), writers, repeats, folder, note)

    def take(report: tuple[str, str, int, float | str]) -> None:
        backend_name, operation, round_number, found = report
        progress(f"{model_name}: {operation.replace('_', ' ')} {backend_name}")
        draft = drafts.get(backend_name)
        if draft is None:
            return
        if isinstance(found, str):
            draft.problem = f"error: dump: {found}"
        else:
            draft.rounds[operation][round_number] = found

    run_in_child(hold, timeout_seconds=TIMEOUT_SECONDS * 10, on_note=take)
    for backend in writers:
        path = path_of(folder, backend)
        if backend.name in drafts and path.is_file():
            drafts[backend.name].file_bytes = path.stat().st_size


def _hold_and_dump(
    fitted: Any, writers: Sequence[Backend], repeats: int, folder: Path, note: Callable[[Any], None]
) -> None:
    """Time dumps of a model that this process holds; runs in the holder."""
    spent: dict[str, list[float]] = {backend.name: [] for backend in writers}
    broken: set[str] = set()
    for round_number, backend in schedule_rounds(writers, repeats, lambda backend: spent[backend.name]):
        if backend.name in broken:
            continue
        path = path_of(folder, backend)
        try:
            if not spent[backend.name]:
                _warm_up_dump(backend, fitted, folder)
            seconds = measure_dump(_required_dump(backend), fitted, path)
            spent[backend.name].append(seconds)
            note((backend.name, "dump", round_number, seconds))
            if backend.dump_to_stream is not None:
                beside = path.with_suffix(".stream")
                seconds = measure_dump(_dump_through_stream(backend.dump_to_stream), fitted, beside)
                note((backend.name, "dump_to_stream", round_number, seconds))
                beside.unlink()
        except ChildFailed as failure:
            broken.add(backend.name)
            path.unlink(missing_ok=True)
            note((backend.name, "dump", round_number, str(failure)))


def _warm_up_dump(backend: Backend, fitted: Any, folder: Path) -> None:
    """Let the holder import what a dump imports; a tiny list of the model's own type would not reach all of it.

    Compressed dumps of big models take minutes: for them the imports of a dump of one number must do.
    """
    path = folder / "warm-up"
    dump = _required_dump(backend)
    warm_up(lambda: dump(1.0 if "xz" in backend.name else fitted, path))
    path.unlink(missing_ok=True)


def _required_dump(backend: Backend) -> Callable[[Any, Path], object]:
    if backend.dump is None:
        raise ChildFailed(f"{backend.name} only reads")
    return backend.dump


def _dump_through_stream(dump: Callable[[Any, BinaryIO], object]) -> Callable[[Any, Path], object]:
    """Open, dump, close: what a user does who passes a file object, and no sync to the disk."""

    def save(model: Any, path: Path) -> None:
        with path.open("wb") as stream:
            dump(model, stream)

    return save


def _prepare_loads(
    model: BenchmarkModel, readers: Sequence[Backend], drafts: Mapping[str, _Draft], folder: Path, progress: Progress
) -> None:
    """Import here what the loads import, and measure their memory."""
    for backend in readers:
        progress(f"{model.name}: memory {backend.name}")
        path = path_of(folder, backend)
        try:
            warm_up(partial(backend.load, path))
            drafts[backend.name].memory = measure_memory(backend, path)
        except ChildFailed as failure:
            drafts[backend.name].problem = f"error: load: {failure}"


def _measure_loads(
    model: BenchmarkModel,
    readers: Sequence[Backend],
    drafts: Mapping[str, _Draft],
    repeats: int,
    folder: Path,
    expected: str,
    progress: Progress,
) -> None:
    def list_times(backend: Backend) -> Sequence[float]:
        return list(drafts[backend.name].rounds["load"].values())

    for round_number, backend in schedule_rounds(readers, repeats, list_times):
        draft = drafts[backend.name]
        if draft.problem:
            continue
        progress(f"{model.name}: load {backend.name}")
        try:
            draft.rounds["load"][round_number] = measure_load(
                backend,
                path_of(folder, backend),
                digest=lambda fitted: digest_answers(model, fitted),
                expected=expected,
            )
        except (ChildFailed, WrongModel) as failure:
            draft.problem = f"error: load: {failure}"


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
        file_bytes=draft.file_bytes,
        kept_bytes=kept,
        peak_bytes=peak,
        peak_resident_bytes=peak_resident,
    )
