"""How the time grows with the number of parts: forests of small trees, lists of small pipelines.

Time per part should stay the same from ten to ten thousand: whatever is quadratic shows here first.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmarks.backends import Backend
from benchmarks.models import growing_forest, growing_list
from benchmarks.results import ScalingPoint, median_seconds
from benchmarks.session import Plan, Progress, build_models, measure_model

__all__ = ["SCALED_BACKENDS", "measure_scaling"]

SCALED_BACKENDS = ("hermetic", "pickle", "joblib")
_PLAN = Plan(load_rounds=3, dump_rounds=2, is_brief=True)


def measure_scaling(
    backends: Sequence[Backend], sizes: Sequence[int], *, cache: Path, scratch: Path, progress: Progress
) -> list[ScalingPoint]:
    """Measure dump and load of each kind at each size, for the backends in `SCALED_BACKENDS`."""
    compared = [backend for backend in backends if backend.name in SCALED_BACKENDS]
    points = []
    for n_units in sizes:
        for kind, model in (
            ("small trees in a forest", growing_forest(n_units)),
            ("small pipelines", growing_list(n_units)),
        ):
            if not build_models([model], cache, progress)[0]:
                continue
            for cell in measure_model(model, compared, plan=_PLAN, cache=cache, scratch=scratch, progress=progress):
                load, dump = median_seconds(cell.load), median_seconds(cell.dump)
                if load is not None and dump is not None:
                    point = ScalingPoint(
                        kind=kind, backend=cell.backend, n_units=n_units, load_seconds=load, dump_seconds=dump
                    )
                    points.append(point)
    return points
