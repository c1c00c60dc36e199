"""What a run of the benchmarks found, as plain data, and the statistics that tables and targets share.

Times of one operation are kept by round, because a ratio is formed from two times of the same round: the
machine drifts, and a ratio of two medians taken minutes apart would measure the drift.
"""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

__all__ = [
    "OPERATIONS",
    "Cell",
    "Footprint",
    "Run",
    "ScalingPoint",
    "find_common_models",
    "geometric_mean",
    "median_seconds",
    "paired_speedup",
    "render_json",
    "speedup_over_models",
]

Rounds = Mapping[int, float]
OPERATIONS = ("load", "dump", "dump_to_stream")


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One backend on one model.

    Attributes
    ----------
    model, backend : str
        Names.
    problem : str
        Empty when everything was measured; otherwise why there is no time.
    load, dump, dump_to_stream : mapping of int to float
        Seconds by round; empty when not measured.
    late_imports : tuple of str
        Modules that were imported while a clock ran; the warm-up should leave none.
    file_bytes : int or None
        Length of the saved file.
    kept_bytes, peak_bytes, peak_resident_bytes : int or None
        Memory of a load; see `memory.py`.
    """

    model: str
    backend: str
    problem: str = ""
    load: Rounds = field(default_factory=dict)
    dump: Rounds = field(default_factory=dict)
    dump_to_stream: Rounds = field(default_factory=dict)
    late_imports: tuple[str, ...] = ()
    file_bytes: int | None = None
    kept_bytes: int | None = None
    peak_bytes: int | None = None
    peak_resident_bytes: int | None = None


@dataclass(frozen=True, kw_only=True)
class Footprint:
    """What it costs to have hermetic at all.

    Attributes
    ----------
    import_seconds : mapping of str to float
        Seconds that ``import name`` takes in a fresh interpreter.
    heavy_modules : tuple of str or None
        Which of numpy, scipy, pandas and sklearn ``import hermetic`` pulls in; None when it cannot be imported.
    distributions : mapping of str to int
        Bytes of each distribution that hermetic needs beyond scikit-learn, itself included.
    """

    import_seconds: Mapping[str, float]
    heavy_modules: tuple[str, ...] | None
    distributions: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class ScalingPoint:
    """One size of one kind of model that grows: seconds to dump and to load `n_units` trees or pipelines."""

    kind: str
    backend: str
    n_units: int
    load_seconds: float
    dump_seconds: float


@dataclass(frozen=True, kw_only=True)
class Run:
    """Everything one run found."""

    command: str
    date: str
    machine: Mapping[str, str]
    versions: Mapping[str, str]
    repeats: int
    models: Mapping[str, str]
    backends: tuple[str, ...]
    cells: tuple[Cell, ...]
    left_out: Mapping[str, str]
    scaling: tuple[ScalingPoint, ...]
    footprint: Footprint | None

    def cell(self, model: str, backend: str) -> Cell | None:
        """Find one cell; None when it was not part of this run."""
        return next((cell for cell in self.cells if (cell.model, cell.backend) == (model, backend)), None)


def geometric_mean(ratios: Iterable[float]) -> float | None:
    """Return the geometric mean; None of nothing.

    Examples
    --------
    >>> geometric_mean([2.0, 8.0])
    4.0
    """
    logarithms = [math.log(ratio) for ratio in ratios]
    return math.exp(math.fsum(logarithms) / len(logarithms)) if logarithms else None


def median_seconds(rounds: Rounds) -> float | None:
    """Return the median time; None when nothing was measured."""
    return statistics.median(rounds.values()) if rounds else None


def paired_speedup(ours: Rounds, peer: Rounds) -> float | None:
    """Return how many times as long as ours the peer takes: the median of the ratios of each common round.

    Examples
    --------
    >>> paired_speedup({0: 1.0, 1: 2.0}, {0: 3.0, 1: 6.0, 2: 100.0})
    3.0
    """
    ratios = [peer[round_number] / seconds for round_number, seconds in ours.items() if round_number in peer]
    return statistics.median(ratios) if ratios else None


def find_common_models(run: Run, backend: str, peer: str, operation: str, peer_operation: str = "") -> list[str]:
    """List the models on which the operation was measured for both backends."""
    return [
        model
        for model in run.models
        if _rounds(run, model, backend, operation) and _rounds(run, model, peer, peer_operation or operation)
    ]


def speedup_over_models(
    run: Run, backend: str, peer: str, operation: str, *, peer_operation: str = ""
) -> dict[str, float]:
    """Return for each model measured on both sides how many times as long the peer takes."""
    speedups = {}
    for model in find_common_models(run, backend, peer, operation, peer_operation):
        ours = _rounds(run, model, backend, operation)
        theirs = _rounds(run, model, peer, peer_operation or operation)
        speedup = paired_speedup(ours, theirs)
        if speedup is not None:
            speedups[model] = speedup
    return speedups


def render_json(run: Run, outcomes: Iterable[Any] = ()) -> str:
    """Render the run and what became of its targets, for programs."""
    facts = {**asdict(run), "targets": [asdict(outcome) for outcome in outcomes]}
    return json.dumps(facts, indent=1, sort_keys=True) + "\n"


def _rounds(run: Run, model: str, backend: str, operation: str) -> Rounds:
    cell = run.cell(model, backend)
    readers: dict[str, Callable[[Cell], Rounds]] = {
        "load": lambda found: found.load,
        "dump": lambda found: found.dump,
        "dump_to_stream": lambda found: found.dump_to_stream,
    }
    return readers[operation](cell) if cell is not None and not cell.problem else {}
