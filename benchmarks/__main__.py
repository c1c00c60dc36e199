"""The command line: ``python -m benchmarks [--models a,b] [--backends x,y] [--quick]``."""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import shlex
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as ProgressBar

from benchmarks.backends import ALL_BACKENDS, LEGACY, Backend
from benchmarks.cache import DEFAULT_CACHE
from benchmarks.child import ChildFailed
from benchmarks.footprint import IMPORTED, measure_footprint
from benchmarks.models import ALL_MODELS, BenchmarkModel
from benchmarks.plot import draw_loads
from benchmarks.report import render_report
from benchmarks.results import Cell, Run, render_json
from benchmarks.scaling import measure_scaling
from benchmarks.session import Plan, Progress, build_models, measure_model
from benchmarks.targets import Outcome, evaluate_targets

__all__ = ["main"]

_LIBRARIES = (
    "hermetic",
    "scikit-learn",
    "numpy",
    "scipy",
    "pandas",
    "joblib",
    "cloudpickle",
    "skops",
    "lz4",
    "msgspec",
    "isal",
)
_SIZES = (10, 100, 1_000, 10_000)
_ROUNDS = 5
_DUMP_ROUNDS = 3
_QUICK_BACKENDS = ("hermetic", "hermetic mmap c", "pickle", "joblib")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what was asked for, write the results, and say where; 1 when hermetic failed on a model."""
    options = _parse(arguments)
    console = Console(stderr=True)
    with _show_progress(console, len(options.models) * (len(options.backends) + 1)) as progress:
        run = _measure(options, progress)
    outcomes = evaluate_targets(run)
    _write(run, outcomes, options.output)
    for outcome in outcomes:
        console.print(
            f"{outcome.state:>12}  {outcome.claim}: {outcome.found or '-'}",
            highlight=False,
            markup=False,
            soft_wrap=True,
        )
    console.print(
        f"written: {options.output}/README.md, results.json, load.svg", highlight=False, markup=False, soft_wrap=True
    )
    return int(any(cell.problem.startswith("error") and cell.backend.startswith("hermetic") for cell in run.cells))


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--models", type=_choose_models, metavar="a,b", help=", ".join(model.name for model in ALL_MODELS)
    )
    parser.add_argument(
        "--backends",
        type=_choose_backends,
        metavar="x,y",
        help=", ".join(backend.name for backend in ALL_BACKENDS),
    )
    parser.add_argument("--repeats", type=_positive, help=f"rounds of loads (default: {_ROUNDS}; with --quick: 2)")
    parser.add_argument(
        "--quick", action="store_true", help="small models, four backends, neither memory nor growth: about a minute"
    )
    parser.add_argument("--output", type=Path, default=Path("docs/benchmarks"), help="folder of the results")
    parser.add_argument("--cache", type=Path, default=DEFAULT_CACHE, help="folder of the fitted models")
    parser.add_argument("--no-scaling", action="store_true", help="leave out the growing forests and lists")
    options = parser.parse_args(arguments)
    if options.models is None:
        options.models = [model for model in ALL_MODELS if model.is_small or not options.quick]
    if options.backends is None:
        usual = [backend for backend in ALL_BACKENDS if backend.name not in LEGACY]
        options.backends = [backend for backend in usual if backend.name in _QUICK_BACKENDS or not options.quick]
    options.repeats = options.repeats or (2 if options.quick else _ROUNDS)
    options.plan = Plan(
        load_rounds=options.repeats,
        dump_rounds=1 if options.quick else min(options.repeats, _DUMP_ROUNDS),
        is_brief=options.quick,
    )
    options.command = shlex.join(["python", "-m", "benchmarks", *(sys.argv[1:] if arguments is None else arguments)])
    return options


def _choose_models(text: str) -> list[BenchmarkModel]:
    known = {model.name: model for model in ALL_MODELS}
    return [known[name] for name in _split_known(text, list(known))]


def _choose_backends(text: str) -> list[Backend]:
    known = {backend.name: backend for backend in ALL_BACKENDS}
    return [known[name] for name in _split_known(text, list(known))]


def _split_known(text: str, known: Sequence[str]) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    unknown = [name for name in names if name not in known]
    if unknown or not names:
        raise argparse.ArgumentTypeError(f"unknown: {', '.join(unknown) or 'nothing named'}; known: {', '.join(known)}")
    return names


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


@contextmanager
def _show_progress(console: Console, total: int) -> Iterator[Progress]:
    """Give a function that names the step under way.

    The bar is redrawn only when it is told to: a drawing thread would run beside what is timed.
    """
    if not console.is_terminal:
        yield lambda step: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    seen: set[str] = set()
    with ProgressBar(*columns, console=console, auto_refresh=False, transient=True) as bar:
        task = bar.add_task("starting", total=total)

        def show(step: str) -> None:
            is_new = ": load " in step or step.startswith("building")
            bar.update(task, description=step[:60], advance=int(is_new and step not in seen))
            seen.add(step)
            bar.refresh()

        yield show


def _measure(options: argparse.Namespace, progress: Progress) -> Run:
    ready, left_out = build_models(options.models, options.cache, progress)
    cells: list[Cell] = []
    # Beside the cache: the system's folder for temporary files is often in memory, where a sync costs nothing.
    options.cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="measuring-", dir=options.cache) as scratch:
        places = {"cache": options.cache, "scratch": Path(scratch), "progress": progress}
        for model in ready:
            try:
                cells += measure_model(model, options.backends, plan=options.plan, **places)
            except ChildFailed as failure:
                # The model itself cannot be loaded from the cache or asked: no backend is to blame.
                left_out[model.name] = str(failure)
        sizes = () if options.no_scaling or options.quick else _SIZES
        scaling = measure_scaling(options.backends, sizes, **places)
    return Run(
        command=options.command,
        date=datetime.datetime.now(datetime.UTC).date().isoformat(),
        machine=_describe_machine(),
        versions=_list_versions(),
        repeats=options.plan.load_rounds,
        models={model.name: model.title for model in ready if model.name not in left_out},
        backends=tuple(backend.name for backend in options.backends),
        cells=tuple(cells),
        left_out=left_out,
        scaling=tuple(scaling),
        footprint=measure_footprint(options.repeats, ("hermetic",) if options.quick else IMPORTED),
    )


def _describe_machine() -> dict[str, str]:
    """Describe what the numbers depend on, and nothing that names the machine."""
    memory_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "processor": _read_processor(),
        "cores": str(os.cpu_count()),
        "memory": f"{memory_bytes / (1 << 30):.0f} GiB",
        "system": f"{platform.system()}, {platform.machine()}",
        "Python": f"{platform.python_implementation()} {platform.python_version()}",
    }


def _read_processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text().splitlines():
            label, _, value = line.partition(":")
            if label.strip() == "model name":
                return value.strip()
    return platform.processor() or "unknown"


def _list_versions() -> dict[str, str]:
    versions = {}
    for name in _LIBRARIES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return versions


def _write(run: Run, outcomes: Sequence[Outcome], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "results.json").write_text(render_json(run, outcomes), encoding="utf-8")
    (folder / "README.md").write_text(render_report(run, outcomes), encoding="utf-8")
    (folder / "load.svg").write_text(draw_loads(run), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
