"""How the time grows with the number of parts: forests of small trees, lists of small pipelines.

Time per part should stay the same from ten to ten thousand: whatever is quadratic shows here first.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmarks.backends import Backend
from benchmarks.models import (
    BenchmarkModel,
    forest_of_small_trees,
    list_of_small_pipelines,
    normal_rows,
    predict_each,
    predict_probabilities,
)
from benchmarks.results import ScalingPoint, median_seconds
from benchmarks.session import Progress, build_models, measure_model

__all__ = ["SCALED_BACKENDS", "measure_scaling"]

SCALED_BACKENDS = ("hermetic", "pickle", "joblib")
_REPEATS = 3


def measure_scaling(
    backends: Sequence[Backend], sizes: Sequence[int], *, cache: Path, scratch: Path, progress: Progress
) -> list[ScalingPoint]:
    """Measure dump and load of each kind at each size, for the backends in `SCALED_BACKENDS`."""
    compared = [backend for backend in backends if backend.name in SCALED_BACKENDS]
    points = []
    for n_units in sizes:
        for kind, model in (("small trees in a forest", _forest(n_units)), ("small pipelines", _pipelines(n_units))):
            if not build_models([model], cache, progress)[0]:
                continue
            for cell in measure_model(
                model, compared, repeats=_REPEATS, cache=cache, scratch=scratch, progress=progress
            ):
                load, dump = median_seconds(cell.load), median_seconds(cell.dump)
                if load is not None and dump is not None:
                    point = ScalingPoint(
                        kind=kind, backend=cell.backend, n_units=n_units, load_seconds=load, dump_seconds=dump
                    )
                    points.append(point)
    return points


def _forest(n_trees: int) -> BenchmarkModel:
    return BenchmarkModel(
        name=f"scaling_forest_{n_trees}",
        title=f"{n_trees:,} small trees",
        build=lambda: forest_of_small_trees(n_trees),
        inputs=normal_rows(10),
        answer=predict_probabilities,
    )


def _pipelines(n_pipelines: int) -> BenchmarkModel:
    return BenchmarkModel(
        name=f"scaling_pipelines_{n_pipelines}",
        title=f"{n_pipelines:,} small pipelines",
        build=lambda: list_of_small_pipelines(n_pipelines),
        inputs=normal_rows(4, 5),
        answer=predict_each,
    )
