"""`hermetic container` writes nothing that was not approved, and tells what it made."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sklearn.linear_model import LinearRegression

import hermetic
from hermetic.cli.main import hermetic as hermetic_command
from hermetic.deploy.containers import planning as container_planning
from hermetic.deploy.environments import planning
from hermetic.deploy.environments.lock_reader import read_lock
from hermetic.deploy.environments.pins import Pin
from hermetic.recorded.evidence import Evidence
from tests.cli.test_env import digest_in
from tests.deploy.containers.test_building import put_stand_in
from tests.deploy.environments.local_index import LocalIndex, serve, use_index
from tests.deploy.environments.test_pins import distribution, environment
from tests.deploy.environments.test_planning import PYTHON, save
from tests.hostile_strings import HOSTILE_STRINGS

SERVED = (Pin(name="starlette", version="1.0"), Pin(name="uvicorn", version="1.0"))


def run(*arguments: str) -> Result:
    return CliRunner().invoke(hermetic_command, ["container", *arguments])


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    save(tmp_path, distribution("own-one", "1.0", content=""), machine="x86_64")
    return "model.hermetic"


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("uv-cache")


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cache: Path) -> Iterator[LocalIndex]:
    for module in (planning, container_planning):
        monkeypatch.setattr(module, "own_pins", lambda extras=(): SERVED if extras else ())
    with serve(tmp_path / "index") as made:
        use_index(made, monkeypatch, cache)
        for name in ("own-one", "starlette", "uvicorn"):
            made.add(name, "1.0")
        yield made


def approved(model: str, *options: str) -> str:
    refused = run(model, "-o", "made", *options)
    assert refused.exit_code == 3, refused.output
    return digest_in(refused.output)


def test_nothing_is_written_before_the_list_was_approved(model: str, index: LocalIndex):
    refused = run(model, "-o", "my image", "--base", "localhost/own:1")
    assert refused.exit_code == 3
    assert "own-one    1.0 " in refused.output
    digest = digest_in(refused.output)
    again = f"hermetic container model.hermetic -o 'my image' --base localhost/own:1 --approve-lock {digest}"
    assert again in refused.output
    assert run(model, "-o", "my image", "--approve-lock", "0" * 64).exit_code == 3
    assert run(model, "-o", "my image", "--approve-lock", "yes").exit_code == 2
    assert not Path("my image").exists()
    made = run(model, "-o", "my image", "--base", "localhost/own:1", "--approve-lock", digest)
    assert made.exit_code == 0, made.output
    assert "no answers are recorded" in made.output
    assert Path("my image/Containerfile").read_text().startswith("FROM localhost/own:1 AS build\n")


def test_the_base_is_that_of_the_recorded_python(model: str, index: LocalIndex):
    assert run(model, "-o", "made", "--approve-lock", approved(model)).exit_code == 0
    minor = PYTHON.rpartition(".")[0]
    assert f"FROM docker.io/library/python:{minor}-slim AS build" in Path("made/Containerfile").read_text()


def test_only_what_is_needed_is_in_the_list(model: str, index: LocalIndex):
    assert run(model, "-o", "served", "--approve-lock", approved(model)).exit_code == 0
    digest = approved(model, "--no-serve")
    assert run(model, "-o", "alone", "--no-serve", "--approve-lock", digest).exit_code == 0
    names = [[wheel.name for wheel in read_lock(f"{folder}/requirements.txt").wheels] for folder in ("served", "alone")]
    assert names == [["own-one", "starlette", "uvicorn"], ["own-one"]]


def test_json_tells_what_was_made(model: str, index: LocalIndex):
    result = run(model, "-o", "made", "--json", "--approve-lock", approved(model))
    assert result.exit_code == 0
    told = json.loads(result.stdout)
    assert told["ok"] is True
    assert told["image"] is None
    assert told["files"]["model/model.hermetic"] == told["model"]
    assert result.stderr == ""


def test_a_lock_that_was_written_before_needs_no_index(model: str, index: LocalIndex, monkeypatch: pytest.MonkeyPatch):
    locked = CliRunner().invoke(hermetic_command, ["env", model, "--serve", "--lock", "pylock.toml"])
    assert locked.exit_code == 0, locked.output
    monkeypatch.setattr("socket.socket", None)
    assert run(model, "-o", "made", "--lock", "pylock.toml").exit_code == 3
    digest = digest_in(locked.output)
    made = run(model, "-o", "made", "--lock", "pylock.toml", "--approve-lock", digest)
    assert made.exit_code == 0, made.output
    assert Path("made/pylock.toml").read_bytes() == Path("pylock.toml").read_bytes()
    again = run(model, "-o", "again", "--lock", "made/requirements.txt", "--approve-lock", digest)
    assert again.exit_code == 0, again.output
    assert Path("again/requirements.txt").read_bytes() == Path("made/requirements.txt").read_bytes()


def test_a_lock_that_lacks_something_is_refused_with_what_it_lacks(model: str, index: LocalIndex):
    assert CliRunner().invoke(hermetic_command, ["env", model, "--lock", "lock.txt"]).exit_code == 0
    result = run(model, "-o", "made", "--lock", "lock.txt")
    assert result.exit_code == 2
    assert "lacks what the container needs: starlette, uvicorn" in result.output
    assert "--serve" in result.output
    assert run(model, "-o", "made", "--lock", "lock.txt", "--no-serve").exit_code == 3


def test_other_versions_in_a_lock_are_told(model: str, index: LocalIndex):
    Path("lock.txt").write_text(f"# Python 3.12\nown-one==2.0 --hash=sha256:{'a' * 64}\n")
    digest = approved(model, "--lock", "lock.txt", "--no-serve")
    made = run(model, "-o", "made", "--lock", "lock.txt", "--no-serve", "--approve-lock", digest)
    assert "own-one: locked is 2.0, recorded was 1.0" in made.output
    assert "python:3.12-slim" in Path("made/Containerfile").read_text()


def test_what_cannot_be_had_is_told_and_nothing_is_written(tmp_path: Path, index: LocalIndex):
    path = save(tmp_path, distribution("own-one", "1.0.3", content=""))
    result = run(path, "-o", str(tmp_path / "made"))
    assert result.exit_code == 1
    assert "own-one 1.0.3: " in result.output
    assert "the nearest is 1.0 (--nearest takes it)" in result.output
    assert not (tmp_path / "made").exists()
    assert "--nearest --approve-lock" in run(path, "-o", str(tmp_path / "made"), "--nearest").output


def test_what_serves_must_be_installed_here(model: str, index: LocalIndex, monkeypatch: pytest.MonkeyPatch):
    for module in (planning, container_planning):
        monkeypatch.setattr(module, "own_pins", lambda extras=(): ())
    result = run(model, "-o", "made")
    assert result.exit_code == 2
    assert "what serves models is not installed here: starlette, uvicorn" in result.output


def test_a_file_that_records_nothing_is_wrong_usage(tmp_path: Path):
    hermetic.dump(LinearRegression(), tmp_path / "plain.hermetic")
    result = run(str(tmp_path / "plain.hermetic"), "-o", str(tmp_path / "made"))
    assert result.exit_code == 2
    assert "does not record its environment" in result.output


def test_a_folder_or_a_base_that_cannot_be_is_told_before_anything_is_asked(
    model: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("subprocess.Popen", None)
    Path("full").mkdir()
    Path("full/own").touch()
    assert "something already" in run(model, "-o", "full").output
    assert "--base takes the name of an image" in run(model, "-o", "made", "--base", "a b").output


@pytest.mark.skipif(os.name == "nt", reason="the stand-ins are scripts with an interpreter in their first line")
@pytest.mark.parametrize("status", [0, 1])
def test_an_image_is_built_once_the_list_was_approved(
    status: int, model: str, index: LocalIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    put_stand_in(tmp_path / "bin", "buildah", status=status)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    options = ["-o", "made", "--build", "buildah", "--json"]
    refused = run(model, *options)
    assert refused.exit_code == 3
    assert "--build buildah --json --approve-lock" in refused.output
    assert not (tmp_path / "bin" / "asked.json").exists()
    made = run(model, *options, "--approve-lock", digest_in(refused.output))
    assert made.exit_code == status
    told = json.loads(made.stdout)
    assert told["ok"] is (status == 0)
    assert told["image"] == (f"model:{told['model'][:12]}" if status == 0 else None)
    assert json.loads((tmp_path / "bin" / "asked.json").read_text())[-1] == str(tmp_path / "made")


def test_a_builder_that_is_not_installed_is_told(model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    result = run(model, "-o", "made", "--build", "podman")
    assert result.exit_code == 2
    assert "podman is not installed" in result.output


@pytest.mark.parametrize("which", HOSTILE_STRINGS)
def test_hostile_text_in_every_field_is_refused_harmlessly(which: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    text = HOSTILE_STRINGS[which]
    one = distribution(text, text, content=text, origin=text, archive=text, tags=[text])
    record = environment(one, python=text, implementation=text, platform=text, machine=text, libraries={text: text})
    path = tmp_path / "hostile.hermetic"
    hermetic.dump(LinearRegression(), path, evidence=Evidence(environment=record))
    monkeypatch.setattr("subprocess.Popen", None)
    result = run(str(path), "-o", str(tmp_path / "made"))
    assert result.exit_code == 2
    assert all(line.isprintable() for line in result.output.split("\n"))
    assert not (tmp_path / "made").exists()
