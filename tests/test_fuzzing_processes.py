"""The fuzzer as a command: it finds what must not be, survives it, and tells how to see it again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

import hermetic
from fuzzing.seeds import load_seed
from hermetic.formats.container_reader import open_container
from hermetic.formats.sources import BufferSource
from hermetic.limits import DEFAULT_LIMITS

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the fuzzer forks, and reads /proc")


def fuzz(*arguments: str, setting: str = "") -> subprocess.CompletedProcess[str]:
    """Run the fuzzer; with a setting, after that code."""
    code = f"import sys\n{setting}\nfrom fuzzing.__main__ import main\nsys.exit(main())"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], env=environment, capture_output=True, text=True, check=False
    )


def whats(run: subprocess.CompletedProcess[str]) -> set[str]:
    return {finding["what"] for finding in json.loads(run.stdout)["findings"]}


HARMFUL = """
import os, signal
import fuzzing.gates, fuzzing.trial
use, load = fuzzing.trial.use, fuzzing.gates.load_mutant
def harmful_use(model, inputs):
    kind = type(model).__name__
    if kind == "Ridge":
        os.kill(os.getpid(), signal.SIGSEGV)
    if kind == "Lasso":
        os._exit(1)
    if kind == "ElasticNet":
        signal.setitimer(signal.ITIMER_PROF, 0.01)
        while True:
            pass
    if kind == "Lars":
        b"x" * (600 << 20)
    return use(model, inputs)
def harmful_load(seed, mutant):
    if seed.name == "Perceptron-fitted":
        raise KeyError(seed.name)
    return load(seed, mutant)
fuzzing.trial.use, fuzzing.gates.load_mutant = harmful_use, harmful_load
"""
EXPECTED = {
    "Ridge-fitted": "SIGSEGV while used",
    "Lasso-fitted": "exit 1 while used",
    "ElasticNet-fitted": "hang: 10 s while used",
    "Lars-fitted": "memory: resident",
    "Perceptron-fitted": "load raises KeyError at ",
}


@pytest.fixture(scope="module")
def harmed() -> dict[str, Any]:
    """Run the fuzzer once over five models, each of which does another harm."""
    pattern = ",".join(EXPECTED)
    run = fuzz("--seeds", pattern, "--mutants", "12", "--visit", "12", "--seconds", "100", "--json", setting=HARMFUL)
    assert run.returncode == 1, run.stderr
    found: dict[str, Any] = json.loads(run.stdout)
    return found


@pytest.mark.parametrize("seed", EXPECTED)
def test_what_harms_the_process_is_found_once_and_survived(harmed: dict[str, Any], seed: str):
    findings = [finding for finding in harmed["findings"] if finding["seed"] == seed]

    assert [finding["what"] for finding in findings] == [EXPECTED[seed]]
    assert findings[0]["words"]
    # It went on behind the first one.
    assert harmed["seeds"][seed]["next"] == 12


def test_what_a_dying_process_says_is_kept(harmed: dict[str, Any]):
    [finding] = [finding for finding in harmed["findings"] if finding["seed"] == "Ridge-fitted"]
    assert "Fatal Python error: Segmentation fault" in finding["detail"]


def test_without_checks_a_tree_crashes_within_seconds():
    arguments = ("--gentle", "--seeds", "DecisionTreeClassifier-fitted", "--mutants", "100", "--visit", "20")
    run = fuzz("--checks-off", "--stop", *arguments, "--seconds", "60", "--json")

    assert run.returncode == 1
    assert any(what.startswith(("SIGSEGV", "SIGABRT", "SIGBUS", "hang")) for what in whats(run))

    run = fuzz(*arguments, "--seconds", "60", "--json")

    assert run.returncode == 0, run.stdout + run.stderr
    counts = json.loads(run.stdout)["seeds"]["DecisionTreeClassifier-fitted"]
    assert counts["accepted"] > 15
    assert counts["validate"] > 15


def test_a_known_bad_recipe_is_told_with_what_was_changed():
    run = fuzz("--seed-name", "Ridge-fitted", "--number", "0", setting=HARMFUL)

    assert run.returncode < 0
    assert "node" in run.stdout
    assert run.stdout.splitlines()[-1] == "now being used"
    assert "Segmentation fault" in run.stderr


def test_a_mutant_is_written_as_a_file_that_any_reader_opens(tmp_path):
    path = tmp_path / "mutant.hermetic"

    told = fuzz("--seed-name", "KMeans-fitted", "--number", "10", "--save", str(path))

    assert told.returncode == 0
    assert "graph.json" in open_container(BufferSource(path.read_bytes()), DEFAULT_LIMITS).members
    assert path.read_bytes() != load_seed("KMeans-fitted").data


def test_a_run_tells_its_totals_and_keeps_a_file_for_each_check(tmp_path):
    totals, corpus = tmp_path / "totals.json", tmp_path / "corpus"
    options = ("--seeds", "KMeans-fitted", "--mutants", "100", "--visit", "50", "--seconds", "60")

    run = fuzz(*options, "--totals", str(totals), "--collect", str(corpus))

    assert run.returncode == 0, run.stdout + run.stderr
    assert "100 mutants of 1,000,000" in run.stdout
    assert json.loads(totals.read_text())["seeds"]["KMeans-fitted"]["next"] == 100
    files = list(corpus.glob("*.hermetic"))
    assert len(files) > 5
    for file in files:
        with pytest.raises(hermetic.FileError):
            hermetic.loads(file.read_bytes())
