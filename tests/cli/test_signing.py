"""`hermetic keygen` and `hermetic sign`: keys that nobody else can read, signatures beside their files."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hermetic.cli.main import hermetic as hermetic_command
from hermetic.signing.files import check_signature, sha256_of_file
from hermetic.signing.keys import read_public_key


def run(*arguments: str, answer: str | None = None) -> Result:
    return CliRunner().invoke(hermetic_command, list(arguments), input=answer)


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("model.hermetic").write_bytes(b"model")


def test_a_pair_of_keys_is_made_and_its_fingerprint_shown():
    result = run("keygen", "release")
    assert result.exit_code == 0
    assert read_public_key("release.pub").fingerprint in result.output


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps no permissions of this kind")
def test_the_private_key_can_be_read_by_its_owner_only():
    run("keygen", "release")
    assert stat.S_IMODE(os.stat("release.key").st_mode) == 0o600


@pytest.mark.parametrize("ending", ["key", "pub"])
def test_no_key_is_overwritten(ending: str):
    Path(f"release.{ending}").write_text("mine")
    result = run("keygen", "release")
    assert result.exit_code == 2
    assert "exists already" in result.output
    assert Path(f"release.{ending}").read_text() == "mine"
    assert len(list(Path().glob("release.*"))) == 1


def test_several_files_are_signed_each_beside_itself():
    run("keygen", "release")
    Path("second.hermetic").write_bytes(b"second")
    result = run("sign", "model.hermetic", "second.hermetic", "--key", "release.key", "--json")
    assert result.exit_code == 0
    lines = [json.loads(line) for line in result.output.splitlines()]
    assert [line["signature"] for line in lines] == ["model.hermetic.sig", "second.hermetic.sig"]
    for name in ("model.hermetic", "second.hermetic"):
        signature = Path(f"{name}.sig").read_bytes()
        check_signature(sha256_of_file(name), signature, [read_public_key("release.pub")], name)


def test_a_password_is_asked_for_twice_when_made_and_once_when_used():
    assert run("keygen", "release", "--password", answer="secret\nsecret\n").exit_code == 0
    assert run("sign", "model.hermetic", "--key", "release.key").exit_code == 2
    assert not Path("model.hermetic.sig").exists()
    assert run("sign", "model.hermetic", "--key", "release.key", "--password", answer="secret\n").exit_code == 0
    assert Path("model.hermetic.sig").exists()


def test_hostile_names_are_shown_harmless():
    Path("\x1b[2Jmodel").write_bytes(b"x")
    run("keygen", "release")
    result = run("sign", "\x1b[2Jmodel", "--key", "release.key")
    assert result.exit_code == 0
    assert "\x1b" not in result.output
    assert "\\x1b" in result.output


def test_a_missing_key_or_file_is_named():
    assert "does not exist" in run("sign", "model.hermetic", "--key", "none.key").output
    run("keygen", "release")
    result = run("sign", "none.hermetic", "--key", "release.key")
    assert (result.exit_code, "none.hermetic" in result.output) == (2, True)
