"""`pytest --hermetic models/` makes a test suite of a folder of models."""

from __future__ import annotations

import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

import hermetic
from tests.zoo import user_module as user

ROOT = Path(__file__).parents[1]
X = np.random.default_rng(0).normal(size=(60, 3))
y = (X[:, 0] > 0).astype(int)


@pytest.fixture
def models(tmp_path: Path) -> Path:
    folder = tmp_path / "models"
    (folder / "older").mkdir(parents=True)
    for path, model in (
        ("tree.hermetic", DecisionTreeClassifier(random_state=0)),
        ("older/linear.hermetic", LogisticRegression()),
    ):
        fitted = model.fit(X, y)
        hermetic.dump(fitted, folder / path, X=X, y=y, data=None, source=None)
    (folder / "README.txt").write_text("models\n")
    return folder


def run_pytest(folder: Path, *options: str) -> tuple[int, dict[str, str], str]:
    """Give exit status, the outcome of each test by its name, and what was printed."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (ROOT / "src", ROOT)))}
    junit = folder / "out.xml"
    plugin = ("-p", "hermetic.pytest_plugin") if "--hermetic" in options or not options else ()
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *_without_entry_point(plugin), *options]
    command += ["-c", os.devnull, "--rootdir", str(folder), f"--junitxml={junit}", str(folder / "models")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment, check=False)
    outcomes = {}
    for case in ElementTree.parse(junit).iter("testcase") if junit.exists() else ():
        outcomes[f"{case.get('classname')}.{case.get('name')}"] = case[0].tag if len(case) else "passed"
    return done.returncode, outcomes, done.stdout + done.stderr


def _without_entry_point(plugin: tuple[str, ...]) -> tuple[str, ...]:
    """Name the plugin only where no installed entry point does so already."""
    from importlib.metadata import entry_points

    return () if "hermetic" in entry_points(group="pytest11").names else plugin


def test_every_model_below_the_folder_is_asked_every_question(models: Path):
    status, outcomes, printed = run_pytest(models.parent, "--hermetic")
    assert status == 0, printed
    assert len(outcomes) == 16
    assert {name.rpartition(".")[2] for name, outcome in outcomes.items() if outcome == "passed"} >= {
        "structure",
        "checksums",
        "model",
        "answers",
        "environment",
    }
    assert {name.rpartition(".")[2] for name, outcome in outcomes.items() if outcome == "skipped"} >= {
        "signature",
        "scores",
    }


def test_without_the_option_model_files_are_no_tests(models: Path):
    status, outcomes, _ = run_pytest(models.parent)
    assert (status, outcomes) == (5, {})


def test_a_damaged_model_fails_and_the_others_pass(models: Path):
    path = models / "tree.hermetic"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    status, outcomes, printed = run_pytest(models.parent, "--hermetic")
    assert status == 1
    assert [name for name, outcome in outcomes.items() if outcome == "failure"] != []
    assert all("tree" in name for name, outcome in outcomes.items() if outcome == "failure")
    assert "tree.hermetic" in printed


def test_names_are_trusted_by_option(models: Path):
    path = models / "own.hermetic"
    hermetic.dump(user.UserScaler().fit(X), path)
    status, outcomes, printed = run_pytest(models.parent, "--hermetic")
    assert (status, "tests.zoo.user_module.UserScaler" in printed) == (1, True)
    status, outcomes, _ = run_pytest(
        models.parent, "--hermetic", "--hermetic-trust", "tests.zoo.user_module.UserScaler"
    )
    assert status == 0
    assert outcomes
