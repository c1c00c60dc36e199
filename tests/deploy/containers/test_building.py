"""The program that is installed is asked to build, with the same time for everything, and its failure is told."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from hermetic.deploy.containers.building import BUILDERS, build_image, find_builder, image_tag
from hermetic.errors import UsageError

pytestmark = pytest.mark.skipif(
    os.name == "nt", reason="the stand-ins are scripts with an interpreter in their first line"
)


def put_stand_in(folder: Path, name: str, *, status: int = 0) -> Path:
    """Make a program that writes down what it was asked."""
    folder.mkdir(exist_ok=True)
    program = folder / name
    program.write_text(
        f"#!{sys.executable} -I\nimport json, sys\n"
        f"json.dump(sys.argv, open({str(folder / 'asked.json')!r}, 'w'))\n"
        f"print('built')\nsys.exit({status})\n"
    )
    program.chmod(0o755)
    return program


@pytest.mark.parametrize("name", BUILDERS)
def test_a_builder_gets_the_folder_and_the_tag(name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    program = put_stand_in(tmp_path / "bin", name)
    (tmp_path / "context").mkdir()
    assert build_image(str(program), tmp_path / "context", "churn:1")
    asked = json.loads((tmp_path / "bin" / "asked.json").read_text())
    own = {"docker": ["--build-arg", "SOURCE_DATE_EPOCH=315532800"]}.get(
        name, ["--format", "docker", "--timestamp", "315532800"]
    )
    place = str(tmp_path / "context")
    assert asked[1:] == ["build", "--file", f"{place}/Containerfile", *own, "--tag", "churn:1", place]
    told = capfd.readouterr()
    assert (told.out, told.err) == ("", "built\n")


def test_a_builder_that_fails_is_told(tmp_path: Path):
    assert not build_image(str(put_stand_in(tmp_path / "bin", "podman", status=125)), tmp_path, "churn:1")


def test_a_builder_that_is_missing_is_told_with_what_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    program = put_stand_in(tmp_path / "bin", "podman")
    monkeypatch.setenv("PATH", str(program.parent))
    assert find_builder("podman") == str(program)
    with pytest.raises(UsageError, match="docker is not installed") as caught:
        find_builder("docker")
    assert caught.value.next_step == "Installed is podman."
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError) as caught:
        find_builder("buildah")
    assert "build the folder elsewhere" in caught.value.next_step


@pytest.mark.parametrize(
    ("name", "expected"), [("churn", "churn"), ("Churn_V2.1", "churn-v2-1"), ("_", "model"), ("a--b-", "a-b")]
)
def test_a_tag_is_one_that_registries_take(name: str, expected: str):
    assert image_tag(name, "0123456789abcdef") == f"{expected}:0123456789ab"
