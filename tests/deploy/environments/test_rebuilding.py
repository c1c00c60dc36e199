"""A model is made again in another environment by the command there, and what it tells is told here."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from sklearn.tree import DecisionTreeClassifier

import hermetic
from hermetic.cli.main import hermetic as hermetic_command
from hermetic.deploy.environments import rebuilding, typed
from hermetic.deploy.environments.rebuilding import rebuild_elsewhere
from hermetic.deploy.environments.typed import environment_with
from hermetic.evidence.checks import Check
from hermetic.evidence.rebuilding.report import Rebuild

ABOUT = Check(name="elsewhere", verdict="passed", words="in an environment of Python 3.12 with scikit-learn 1.8.0")
STEPS = [
    {"name": "refit", "verdict": "passed", "words": "fitted"},
    {"name": "write", "verdict": "passed", "words": "w"},
]
INSTALLER: Any = SimpleNamespace()


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Put a stand-in in the place of the environment, and collect what would be run in it."""
    found: list[list[str]] = []

    def run(command: list[str], folder: str) -> SimpleNamespace:
        found.append(command)
        return SimpleNamespace(returncode=0, stdout=json.dumps({"steps": STEPS}), stderr="")

    monkeypatch.setattr(rebuilding, "environment_with", lambda requirements, **others: ("python-there", ABOUT))
    monkeypatch.setattr(rebuilding, "run", run)
    return found


def test_the_command_runs_there_isolated_and_with_whole_paths(commands: list[list[str]], tmp_path: Path):
    report = rebuild_elsewhere(
        "old.hermetic", "new.hermetic", requirements=["scikit-learn==1.8.0"], installer=INSTALLER
    )
    [command] = commands
    assert command[:5] == ["python-there", "-I", "-m", "hermetic", "rebuild"]
    assert command[command.index("-o") + 1] == str(Path("new.hermetic").absolute())
    assert command[-2:] == ["--", str(Path("old.hermetic").absolute())]
    assert [step.name for step in report.steps] == ["elsewhere", "refit", "write"]
    assert (report.ok, report.target, report.file) == (True, "new.hermetic", "old.hermetic")


def test_without_a_target_nothing_is_said_to_be_written(commands: list[list[str]]):
    report = rebuild_elsewhere("old.hermetic", None, requirements=["scikit-learn"], installer=INSTALLER)
    assert "-o" not in commands[0]
    assert report.target == ""


NO_REPORTS = {
    "nothing": "",
    "no-json": "Segmentation fault",
    "a-list": "[1]",
    "no-steps": '{"steps": []}',
    "steps-are-texts": '{"steps": ["refit"]}',
    "an-unknown-verdict": '{"steps": [{"name": "refit", "verdict": "great", "words": ""}]}',
    "a-missing-field": '{"steps": [{"name": "refit", "verdict": "passed"}]}',
}


@pytest.mark.parametrize("name", NO_REPORTS)
def test_a_process_that_dies_is_a_failed_step(name: str, commands: list[list[str]], monkeypatch: pytest.MonkeyPatch):
    died = SimpleNamespace(returncode=-11, stdout=NO_REPORTS[name], stderr="one\n\x1b[2Jtwo\n")
    monkeypatch.setattr(rebuilding, "run", lambda command, folder: died)
    report = rebuild_elsewhere("old.hermetic", "new.hermetic", requirements=["x"], installer=INSTALLER)
    assert (report.ok, report.target) == (False, "")
    assert "status -11" in report.steps[-1].words
    assert "\x1b" not in report.steps[-1].words


def test_a_step_that_failed_there_fails_here_and_nothing_is_written(
    commands: list[list[str]], monkeypatch: pytest.MonkeyPatch
):
    steps = [{"name": "scores", "verdict": "failed", "words": "another range"}]
    told = SimpleNamespace(returncode=1, stdout=json.dumps({"steps": steps}), stderr="")
    monkeypatch.setattr(rebuilding, "run", lambda command, folder: told)
    report = rebuild_elsewhere("old.hermetic", "new.hermetic", requirements=["x"], installer=INSTALLER)
    assert (report.ok, report.target) == (False, "")


def test_with_the_python_of_this_environment_the_model_is_really_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rebuilding, "environment_with", lambda requirements, **others: (sys.executable, ABOUT))
    X = np.random.default_rng(0).normal(size=(60, 2))
    y = (X[:, 0] > 0).astype(int)
    old, new = tmp_path / "old.hermetic", tmp_path / "new.hermetic"
    model = DecisionTreeClassifier(random_state=0).fit(X, y)
    hermetic.dump(model, old, X=X, y=y, cv=3, source=None, store=tmp_path / "store", progress=False)
    options = ["--store", str(tmp_path / "store")]
    report = rebuild_elsewhere(str(old), str(new), requirements=["x"], options=options, installer=INSTALLER)
    assert report.ok, str(report)
    assert np.array_equal(hermetic.load(new).predict(X), model.predict(X))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[dict[str, Any]]:
    """Collect what the command line asks for."""
    found: list[dict[str, Any]] = []

    def rebuild_there(file: str, target: str | None, **wishes: Any) -> Rebuild:
        found.append({"file": file, "target": target, **wishes})
        return Rebuild(file=file, target=target or "", steps=(ABOUT,))

    monkeypatch.setattr(rebuilding, "rebuild_elsewhere", rebuild_there)
    monkeypatch.chdir(tmp_path)
    Path("old.hermetic").write_bytes(b"")
    Path("key.pub").write_bytes(b"")
    return found


def test_options_of_the_command_line_are_spelled_out_again(asked: list[dict[str, Any]], tmp_path: Path):
    arguments = ["rebuild", "old.hermetic", "-o", "new.hermetic", "--with", "scikit-learn==1.8.0", "--with", "pandas"]
    arguments += ["--data", "X=x.npy", "--trust", "a.B", "--capability", "regex", "--allow", "s3://a/", "--force"]
    arguments += ["--tolerance", "0.1", "--n-jobs", "2", "--store", "snapshots"]
    result = CliRunner().invoke(hermetic_command, arguments)
    assert result.exit_code == 0, result.output
    [wishes] = asked
    assert wishes["requirements"] == ("scikit-learn==1.8.0", "pandas")
    assert wishes["options"] == [
        *("--data", f"X={tmp_path / 'x.npy'}"),
        *("--trust", "a.B"),
        *("--capability", "regex"),
        *("--allow", "s3://a/"),
        *("--tolerance", "0.1"),
        *("--n-jobs", "2"),
        *("--store", "snapshots"),
        "--force",
    ]


def test_a_signature_is_checked_before_and_not_there(asked: list[dict[str, Any]]):
    arguments = ["rebuild", "old.hermetic", "--with", "scikit-learn==1.8.0", "--signed-by", "key.pub"]
    result = CliRunner().invoke(hermetic_command, arguments)
    assert result.exit_code == 2
    assert "hermetic verify" in result.output
    assert not asked


def test_an_environment_of_typed_versions_is_asked_for_with_what_hermetic_needs(monkeypatch: pytest.MonkeyPatch):
    typed_in: list[Any] = []
    wheel = SimpleNamespace(name="scikit-learn", version="1.8.0")
    lock = SimpleNamespace(wheels=(wheel,), target="Python 3.12")

    def resolve(requirements: list[str], target: Any, installer: Any, own: list[str]) -> SimpleNamespace:
        typed_in.append((requirements, own))
        return SimpleNamespace(lock=lock, notes=["a note"])

    monkeypatch.setattr(typed, "resolve_typed", resolve)
    monkeypatch.setattr(typed, "cached_environment", lambda lock, installer: ("folder", "python-there"))
    python, about = environment_with(["scikit-learn==1.8.0"], extras=["pyarrow"], installer=INSTALLER)
    [(requirements, own)] = typed_in
    assert python == "python-there"
    assert requirements == ["scikit-learn", "scikit-learn==1.8.0"]
    assert {"click", "rich"} <= set(own)
    assert (about.verdict, about.words) == ("noted", "in an environment of Python 3.12 with scikit-learn 1.8.0\na note")
