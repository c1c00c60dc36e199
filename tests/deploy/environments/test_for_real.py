"""A real model: recorded, locked, made again, proved, and verified under another release of scikit-learn."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from sklearn.ensemble import RandomForestClassifier

import hermetic
from hermetic.cli.main import hermetic as hermetic_command
from hermetic.deploy.environments.installers import CannotResolve, find_installer
from hermetic.deploy.environments.pins import target_here
from hermetic.evidence.environment.recording import record_environment
from hermetic.recorded.evidence import Evidence

pytestmark = pytest.mark.matrix


def run(*arguments: str) -> Result:
    return CliRunner().invoke(hermetic_command, list(arguments))


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    try:
        find_installer().resolve(["threadpoolctl"], target_here(), with_dependencies=False)
    except CannotResolve:
        pytest.skip("no package index can be reached")
    X = np.random.default_rng(0).normal(size=(100, 3))
    fitted = RandomForestClassifier(5, random_state=0).fit(X, X[:, 0] > 0)
    golden = hermetic.record(fitted, X).golden
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HERMETIC_CACHE", str(tmp_path / "cache"))
    hermetic.dump(fitted, "model.hermetic", evidence=Evidence(golden=golden, environment=record_environment(fitted)))
    return "model.hermetic"


def test_the_environment_is_made_again_and_proved(model: str):
    refused = run("env", model, "--create", "made")
    assert refused.exit_code == 3
    digest = refused.output.partition("SHA-256 of this list: ")[2].split()[0]
    made = run("env", model, "--create", "made", "--approve-lock", digest)
    assert made.exit_code == 0, made.output
    assert "as recorded: predict" in made.output
    assert run("verify", model, "--env", "recorded", "--approve-lock", digest).exit_code == 0


def test_the_lock_is_read_by_pip_and_uv(model: str):
    assert run("env", model, "--lock", "pylock.toml").exit_code == 0
    assert tomllib.loads(Path("pylock.toml").read_text())["packages"]
    uv = Path(sys.executable).parent / "uv"
    command = str(uv) if uv.is_file() else shutil.which("uv")
    if command is not None:
        subprocess.run([command, "venv", "-q", "--python", sys.executable, "there"], check=True)
        subprocess.run([command, "pip", "sync", "-q", "--dry-run", "--python", "there", "pylock.toml"], check=True)
    pip = [sys.executable, "-m", "pip", "install", "-q", "--dry-run", "--target", "nothing", "-r", "pylock.toml"]
    done = subprocess.run(pip, capture_output=True, text=True, check=False)
    assert done.returncode == 0 or "pylock" not in done.stderr, done.stderr


def test_a_model_survives_an_older_release(model: str):
    shutil.copy(model, "other.hermetic")
    result = run("verify", ".", "--with", "scikit-learn==1.8.0")
    assert result.exit_code == 0, result.output
    assert "2 of 2 survive" in result.output
