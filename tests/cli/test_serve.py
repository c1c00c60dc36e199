"""`hermetic serve`: options become settings; what is wrong with them ends with 2 before anything is started."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sklearn.linear_model import LinearRegression

import hermetic
from hermetic.cli import serve as module
from hermetic.cli.main import hermetic as hermetic_command
from hermetic.deploy.serving.settings import Limits, Loading, Settings, available_cores
from hermetic.deploy.serving.sources import LoadFailed
from hermetic.errors import UsageError


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    hermetic.dump(LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0]), "model.hermetic")
    Path("release.pub").write_text("a key")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Settings]:
    """Note what would be served."""
    found: list[Settings] = []

    def serve(settings: Settings, on_ready: Any) -> None:
        found.append(settings)
        on_ready("http://127.0.0.1:1")

    monkeypatch.setattr(module, "serve", serve)
    return found


def run(*arguments: str) -> Result:
    return CliRunner().invoke(hermetic_command, ["serve", *arguments])


def test_by_default_only_this_machine_is_answered(asked: list[Settings]):
    result = run("model.hermetic")
    assert (result.exit_code, result.stderr) == (0, "hermetic: ready at http://127.0.0.1:1\n")
    [settings] = asked
    assert (settings.host, settings.port, settings.watch_seconds) == ("127.0.0.1", 8080, 0.0)
    assert settings.limits == Limits()
    assert settings.n_workers == available_cores()
    assert settings.n_threads == 1
    [file] = settings.loading.files
    assert (file.name, file.path) == ("model", str(Path("model.hermetic").resolve()))


def test_every_option_reaches_the_server(asked: list[Settings]):
    limits = ["--max-body", "5", "--max-rows", "10", "--max-waiting", "0", "--timeout", "2.5"]
    policy = ["--trust", "a.B", "--trust", "c.D", "--capability", "regex", "--approvals", "ok.toml"]
    others = [
        "--allowed-host",
        "churn.example",
        "--allowed-host",
        "churn",
        "--host",
        "::1",
        "--port",
        "0",
        "--workers",
        "3",
        "--threads",
        "2",
        "--watch",
        "--signed-by",
        "release.pub",
    ]
    assert run("churn=model.hermetic", "model.hermetic", *limits, *policy, *others).exit_code == 0
    [settings] = asked
    assert settings.limits == Limits(most_body_bytes=5 << 20, most_rows=10, most_waiting=0, timeout_seconds=2.5)
    assert settings.loading == Loading(
        files=settings.loading.files,
        trusted=("a.B", "c.D"),
        capabilities=("regex",),
        approvals="ok.toml",
        signed_by=("release.pub",),
    )
    assert [file.name for file in settings.loading.files] == ["churn", "model"]
    assert settings.allowed_hosts == ("churn.example", "churn")
    found = (settings.host, settings.port, settings.n_workers, settings.n_threads, settings.watch_seconds)
    assert found == ("::1", 0, 3, 2, 1.0)


def test_the_cores_are_divided_among_the_workers(asked: list[Settings], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "available_cores", lambda: 8)
    run("model.hermetic")
    run("model.hermetic", "--workers", "2")
    run("model.hermetic", "--workers", "16")
    assert [(own.n_workers, own.n_threads) for own in asked] == [(8, 1), (2, 4), (16, 1)]


WRONG = {
    "no file": [],
    "a missing file": ["nothing.hermetic"],
    "a folder": ["."],
    "a name that is none": ["a b=model.hermetic"],
    "one name twice": ["model.hermetic", "model=model.hermetic"],
    "a port beyond all": ["model.hermetic", "--port", "70000"],
    "no workers": ["model.hermetic", "--workers", "0"],
    "no time": ["model.hermetic", "--timeout", "0"],
    "a missing key": ["model.hermetic", "--signed-by", "nobody.pub"],
}


@pytest.mark.parametrize("words", WRONG)
def test_what_is_wrong_ends_with_2_before_anything_is_started(words: str, asked: list[Settings]):
    result = run(*WRONG[words])
    assert result.exit_code == 2
    assert asked == []
    assert "Traceback" not in result.output


@pytest.mark.parametrize(("is_refused", "code"), [(False, 2), (True, 3)])
def test_a_file_that_is_not_served_ends_with_its_reason(is_refused: bool, code: int, monkeypatch: pytest.MonkeyPatch):
    def serve(settings: Settings, on_ready: Any) -> None:
        error = LoadFailed("the file says \x1b[2J")
        error.is_refused = is_refused
        raise error

    monkeypatch.setattr(module, "serve", serve)
    result = run("model.hermetic")
    assert (result.exit_code, result.stderr) == (code, "hermetic: the file says \\x1b[2J\n")


@pytest.mark.parametrize("name", ["starlette", "uvicorn"])
def test_without_the_extra_its_name_is_told(name: str, monkeypatch: pytest.MonkeyPatch):
    import importlib.util

    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda asked: None if asked == name else find(asked))
    result = run("model.hermetic")
    assert result.exit_code == 2
    assert "pip install 'hermetic[serve]'" in result.stderr


def test_the_timeout_is_a_number_whoever_gives_it():
    with pytest.raises(UsageError, match="the timeout must be a number"):
        module._settings(("model.hermetic",), {"workers": 1, "approvals": None, "timeout": "x", "signed_by": ()})
