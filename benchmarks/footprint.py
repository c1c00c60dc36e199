"""What hermetic costs before it has loaded anything: its import, its size on disk, what it pulls in."""

from __future__ import annotations

import json
import re
import statistics
import subprocess
import sys
import tomllib
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from packaging.requirements import Requirement

from benchmarks.results import Footprint

__all__ = ["IMPORTED", "measure_footprint"]

_PROJECT = Path(__file__).resolve().parents[1] / "pyproject.toml"
_IMPORT = """
import json, sys, time
started = time.perf_counter()
import {module}
seconds = time.perf_counter() - started
heavy = [name for name in ("numpy", "scipy", "pandas", "sklearn") if name in sys.modules]
print(json.dumps([seconds, heavy]))
"""
IMPORTED = ("hermetic", "pickle", "joblib", "cloudpickle", "skops.io")


def measure_footprint(repeats: int, modules: tuple[str, ...] = IMPORTED) -> Footprint:
    """Import hermetic and its peers in fresh interpreters, and weigh the distributions it needs."""
    seconds: dict[str, float] = {}
    heavy: tuple[str, ...] | None = None
    for module in modules:
        # Once unclocked: the first import may have to compile.
        if _import_once(module) is None:
            continue
        found = [_import_once(module) for _ in range(repeats)]
        times = [answer[0] for answer in found if answer is not None]
        if times and len(times) == len(found):
            seconds[module] = statistics.median(times)
        if module == "hermetic" and found[0] is not None:
            heavy = tuple(found[0][1])
    return Footprint(import_seconds=seconds, heavy_modules=heavy, distributions=_weigh_distributions())


def _import_once(module: str) -> tuple[float, list[str]] | None:
    """Return the seconds of one import in a fresh interpreter, and the heavy modules it brought; None if it fails."""
    command = [sys.executable, "-c", _IMPORT.format(module=module)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode != 0:
        return None
    seconds, heavy = json.loads(done.stdout)
    return seconds, heavy


def _weigh_distributions() -> dict[str, int]:
    """Return the bytes of hermetic and of every distribution it needs that scikit-learn does not need.

    Bytecode is not counted: installers differ in whether they make it.
    """
    with _PROJECT.open("rb") as stream:
        declared = tomllib.load(stream)["project"]["dependencies"]
    sizes = {"hermetic": _weigh_package("hermetic")}
    for name in sorted(_close_over(declared) - _close_over(["scikit-learn"])):
        files = metadata.distribution(name).files or ()
        sizes[name] = sum(_size(Path(str(file.locate()))) for file in files if "__pycache__" not in file.parts)
    return sizes


def _close_over(requirements: list[str]) -> set[str]:
    """Return the installed distributions that the requirements lead to, extras left aside."""
    waiting, found = list(requirements), set[str]()
    while waiting:
        requirement = Requirement(waiting.pop())
        name = re.sub(r"[-_.]+", "-", requirement.name).lower()
        if name in found or (requirement.marker and not requirement.marker.evaluate({"extra": ""})):
            continue
        try:
            waiting.extend(metadata.distribution(name).requires or ())
        except metadata.PackageNotFoundError:
            continue
        found.add(name)
    return found


def _weigh_package(name: str) -> int:
    """Return the bytes of a package's folder, wherever it is imported from."""
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        return 0
    folder = Path(next(iter(spec.submodule_search_locations)))
    return sum(_size(path) for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0
