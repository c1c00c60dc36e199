"""What a loaded model costs: measured in a fresh process by what the kernel says is private to it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import RandomForestRegressor

import hermetic

pytestmark = pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="the kernel tells this on Linux")

MEASURE = """
import ctypes, gc, json, os, sys
import sklearn.ensemble, hermetic
def private():
    gc.collect()
    # What is free belongs to nobody: without this, an arena that is kept for reuse would count.
    getattr(ctypes.CDLL(None), "malloc_trim", int)(0)
    lines = open("/proc/self/smaps_rollup").read().splitlines()
    return 1024 * sum(int(line.split()[1]) for line in lines if line.startswith("Private"))
hermetic.loads(hermetic.dumps(sklearn.ensemble.RandomForestRegressor(2).fit([[0.0], [1.0]], [0.0, 1.0])))
for path, mode, keep in json.loads(sys.argv[1]):
    # A process of its own for each: memory that another one has given back would hide what this one takes.
    if os.fork() == 0:
        before = private()
        kept = hermetic.load(path, mode)
        kept = kept[0] if keep == "first" else kept
        print(private() - before, flush=True)
        os._exit(0)
    os.wait()
"""
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "OMP_NUM_THREADS": "1"}


def private_bytes(path: Path, *jobs: tuple[str | None, str]) -> list[int]:
    """Give what loading a file adds to the private memory of a process, for each mapping mode and what is kept."""
    command = [sys.executable, "-c", MEASURE, json.dumps([[str(path), mode, keep] for mode, keep in jobs])]
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=True, timeout=120)
    return [int(line) for line in done.stdout.split()]


def native_bytes(forest: Any) -> int:
    trees = [estimator.tree_.__getstate__() for estimator in forest.estimators_]
    return sum(state["nodes"].nbytes + state["values"].nbytes for state in trees)


@pytest.fixture(scope="module")
def forest(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """Gives the file of a forest of 30 MB, and the size of its native trees."""
    X = np.random.default_rng(0).normal(size=(6000, 2))
    model = RandomForestRegressor(60, max_features=1, random_state=0).fit(X, X[:, 0])
    path = tmp_path_factory.mktemp("memory") / "forest.hermetic"
    hermetic.dump(model, path)
    assert native_bytes(model) > 25e6
    return path, native_bytes(model)


def test_a_forest_keeps_little_more_than_its_native_trees(forest: tuple[Path, int]):
    path, own_bytes = forest
    read, mapped = private_bytes(path, (None, "all"), ("r", "all"))
    assert own_bytes < read <= 1.15 * own_bytes
    assert own_bytes < mapped <= 1.15 * own_bytes


def test_mapped_arrays_cost_no_private_memory_and_small_ones_keep_no_neighbours(tmp_path: Path):
    path = tmp_path / "arrays"
    hermetic.dump([np.ones(10), *(np.full(500_000, number, dtype=float) for number in range(10))], path)
    read, first, for_reading, for_change = private_bytes(
        path, (None, "all"), (None, "first"), ("r", "all"), ("c", "all")
    )
    assert read > 39_000_000
    assert max(first, for_reading, for_change) < 2_000_000


def test_one_of_many_small_arrays_does_not_keep_the_pool(tmp_path: Path):
    path = tmp_path / "arrays"
    hermetic.dump([np.full(1000, float(number)) for number in range(4000)], path)
    every, first = private_bytes(path, (None, "all"), (None, "first"))
    assert every > 31_000_000
    assert first < 6_000_000
