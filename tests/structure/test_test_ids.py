"""Tests are called the same in every process: pytest-xdist starts no run whose workers collect different names."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.structure.source_files import ROOT


def test_tests_are_called_the_same_under_every_hash_seed():
    # Side by side: a collection takes a quarter of a minute.
    collecting = [_collection(seed) for seed in ("1", "2")]
    first, second = (_names(process.communicate(timeout=500)[0]) for process in collecting)
    assert [process.returncode for process in collecting] == [0, 0]
    assert len(first) > 10_000
    assert first == second, f"these differ with the hash seed, the clock or an address: {sorted(first ^ second)[:10]}"


def _collection(seed: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", "-n0"]
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTEST_ADDOPTS": ""}
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)


def _names(printed: str) -> set[str]:
    return {line for line in printed.splitlines() if "::" in line}
