"""`hermetic env` shows what a file records, locks it, and installs nothing that was not approved."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sklearn.linear_model import LinearRegression

import hermetic
from hermetic.cli import env
from hermetic.cli.main import hermetic as hermetic_command
from hermetic.deploy.environments import planning
from hermetic.evidence.checks import Check, VerifyReport
from hermetic.recorded.evidence import Evidence
from tests.deploy.environments.local_index import LocalIndex, serve, use_index
from tests.deploy.environments.test_pins import distribution, environment
from tests.deploy.environments.test_planning import PYTHON, save, write_keys
from tests.hostile_strings import HOSTILE_STRINGS


def run(*arguments: str) -> Result:
    return CliRunner().invoke(hermetic_command, ["env", *arguments])


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    save(
        tmp_path,
        distribution("own-one", "1.0", content=""),
        distribution("own-two", "2.0", is_needed=False, content=""),
        libraries={"openblas of numpy": "0.3.30"},
    )
    return "model.hermetic"


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("uv-cache")


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cache: Path) -> Iterator[LocalIndex]:
    monkeypatch.setattr(planning, "own_pins", lambda extras=(): ())
    with serve(tmp_path / "index") as made:
        use_index(made, monkeypatch, cache)
        for name, version in (("own-one", "1.0"), ("own-two", "2.0")):
            made.add(name, version)
        yield made


def test_the_record_is_shown_without_network(model: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("subprocess.Popen", None)
    monkeypatch.setattr("socket.socket", None)
    shown = run(model)
    assert shown.exit_code == 0
    assert shown.output.splitlines()[0] == f"CPython {PYTHON} on Linux-6.1-x86_64"
    assert "openblas of numpy 0.3.30" in shown.output
    assert "own-one  1.0" in shown.output
    assert "and 1 more that were installed (--all)" in shown.output
    assert "own-two" in run(model, "--all").output


def test_the_record_is_printed_as_json(model: str):
    told = json.loads(run(model, "--json").output)
    assert [one["name"] for one in told["distributions"]] == ["own-one"]
    assert len(json.loads(run(model, "--json", "--all").output)["distributions"]) == 2


def test_a_file_that_records_nothing_is_wrong_usage(tmp_path: Path):
    hermetic.dump(LinearRegression(), tmp_path / "plain.hermetic")
    result = run(str(tmp_path / "plain.hermetic"))
    assert result.exit_code == 2
    assert "does not record its environment" in result.output


@pytest.mark.parametrize("which", HOSTILE_STRINGS)
def test_hostile_text_in_every_field_is_shown_harmlessly_and_never_asked_for(
    which: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    text = HOSTILE_STRINGS[which]
    one = distribution(text, text, content=text, origin=text, archive=text, tags=[text])
    record = environment(
        one, python=text, implementation=text, platform=text, machine=text, processor=text, libraries={text: text}
    )
    path = tmp_path / "hostile.hermetic"
    hermetic.dump(LinearRegression(), path, evidence=Evidence(environment=record))
    monkeypatch.setattr("subprocess.Popen", None)
    shown = run(str(path))
    assert shown.exit_code == 0
    assert all(line.isprintable() for line in shown.output.split("\n"))
    assert len(shown.output.split("\n")) <= 8
    asked = run(str(path), "--lock", str(tmp_path / "pylock.toml"))
    assert asked.exit_code == 2
    assert all(line.isprintable() for line in asked.output.split("\n"))
    assert not (tmp_path / "pylock.toml").exists()


@pytest.mark.parametrize("which", ["line breaks", "an address", "an option", "escape codes", "a command"])
@pytest.mark.parametrize("field", ["name", "version"])
def test_hostile_distributions_cannot_be_had(
    which: str, field: str, index: LocalIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    path = save(tmp_path, distribution("own-one", "1.0"), distribution(**{field: HOSTILE_STRINGS[which]}))
    monkeypatch.chdir(tmp_path)
    result = run(path, "--lock", "pylock.toml")
    assert result.exit_code == 1
    assert "this is no " in result.output
    assert all(line.isprintable() for line in result.output.split("\n"))
    assert not Path("pylock.toml").exists()
    assert not Path("sprung").exists()


def test_a_lock_is_written_for_pip_and_uv(model: str, index: LocalIndex):
    result = run(model, "--lock", "pylock.toml")
    assert result.exit_code == 0, result.output
    told = tomllib.loads(Path("pylock.toml").read_text())
    assert [package["name"] for package in told["packages"]] == ["own-one"]
    assert told["tool"]["hermetic"]["digest"] in result.output
    assert run(model, "--lock", "requirements.txt", "--all").exit_code == 0
    lines = Path("requirements.txt").read_text().splitlines()
    assert [line.partition(" ")[0] for line in lines] == ["#", "own-one==1.0", "own-two==2.0"]


@pytest.mark.parametrize("name", ["lock.toml", "pylock.a.b.toml", "pylock"])
def test_a_lock_has_a_name_that_pip_and_uv_know(name: str, model: str, index: LocalIndex):
    result = run(model, "--lock", name)
    assert result.exit_code == 2
    assert "pylock.toml" in result.output
    assert not Path(name).exists()


def test_what_cannot_be_had_is_told_with_the_nearest(tmp_path: Path, index: LocalIndex):
    path = save(tmp_path, distribution("own-one", "1.0.3", content=""))
    result = run(path, "--lock", str(tmp_path / "pylock.toml"))
    assert result.exit_code == 1
    assert "own-one 1.0.3: not on the index" in result.output
    assert "the nearest is 1.0 (--nearest takes it)" in result.output
    nearest = run(path, "--lock", str(tmp_path / "pylock.toml"), "--nearest")
    assert nearest.exit_code == 0, nearest.output
    assert "own-one 1.0 in place of 1.0.3" in nearest.output


def digest_in(output: str) -> str:
    return output.partition("SHA-256 of this list: ")[2].split()[0]


@pytest.fixture
def proved(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    asked: list[str] = []

    def verify(python: str, files: list[str]) -> list[VerifyReport]:
        asked.append(python)
        verdict = "failed" if len(asked) > 1 else "passed"
        return [VerifyReport(file=files[0], checks=(Check(name="model", verdict=verdict, words="a\nb"),))]

    monkeypatch.setattr(env, "verify_inside", verify)
    return asked


def test_nothing_is_installed_before_the_list_was_approved(model: str, index: LocalIndex, proved: list[str]):
    refused = run(model, "--create", "my folder")
    assert refused.exit_code == 3
    assert "own-one  1.0 " in refused.output
    digest = digest_in(refused.output)
    assert f"hermetic env model.hermetic --create 'my folder' --approve-lock {digest}" in refused.output
    assert run(model, "--create", "my folder", "--approve-lock", "0" * 64).exit_code == 3
    assert run(model, "--create", "my folder", "--approve-lock", "yes").exit_code == 2
    assert not Path("my folder").exists()
    made = run(model, "--create", "my folder", "--approve-lock", digest)
    assert made.exit_code == 0, made.output
    assert "Verifying inside" in made.output
    assert len(proved) == 1
    again = run(model, "--create", "my folder", "--approve-lock", digest)
    assert again.exit_code == 2
    assert "something already" in again.output
    failed = run(model, "--create", "other", "--approve-lock", digest)
    assert failed.exit_code == 1


def test_other_files_than_were_recorded_are_not_run(tmp_path: Path, index: LocalIndex, proved: list[str]):
    path = save(tmp_path, distribution("own-one", "1.0", content="a" * 64))
    refused = run(path, "--create", str(tmp_path / "made"))
    made = run(path, "--create", str(tmp_path / "made"), "--approve-lock", digest_in(refused.output))
    assert made.exit_code == 1
    assert "other files under the same version: own-one" in made.output
    assert proved == []


def test_wheels_are_compared_before_they_are_locked(tmp_path: Path, index: LocalIndex):
    path = save(tmp_path, distribution("own-one", "1.0", content="a" * 64), distribution("own-two", "2.0", content=""))
    lock = tmp_path / "pylock.toml"
    result = run(path, "--lock", str(lock), "--verify-wheels")
    assert result.exit_code == 1
    assert "other files under the same version: own-one" in result.output
    assert not lock.exists()
    assert run(path, "--lock", str(lock)).exit_code == 0


def test_a_trusted_signature_is_an_approval(model: str, index: LocalIndex, proved: list[str], tmp_path: Path):
    pytest.importorskip("cryptography", reason="signatures need cryptography")
    from hermetic.signing.files import sign_file

    write_keys(tmp_path / "release")
    assert run(model, "--create", "made", "--signed-by", "release.pub").exit_code == 3
    sign_file(model, tmp_path / "release.key")
    assert run(model, "--create", "made", "--signed-by", "release.pub").exit_code == 0


def test_an_environment_is_made_for_this_machine_only(model: str):
    result = run(model, "--create", "made", "--for", "recorded")
    assert result.exit_code == 2
    assert "this machine only" in result.output
