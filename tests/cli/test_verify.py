"""`hermetic verify`: a line for each question, an exit status for CI."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from click.testing import CliRunner, Result
from sklearn.linear_model import LinearRegression

import hermetic
from hermetic.cli.main import hermetic as hermetic_command
from tests.golden_evidence import golden_evidence
from tests.zoo import user_module as user

X = np.random.default_rng(0).normal(size=(30, 2))
MODEL = LinearRegression().fit(X, X[:, 0])


def run(*arguments: str) -> Result:
    return CliRunner().invoke(hermetic_command, ["verify", *arguments])


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("models/inner").mkdir(parents=True)
    hermetic.dump(MODEL, "models/good.hermetic", evidence=golden_evidence(MODEL, X))
    hermetic.dump(MODEL, "models/inner/plain.hermetic")
    Path("models/notes.txt").write_text("no model")


def _damage() -> None:
    data = bytearray(Path("models/good.hermetic").read_bytes())
    data[len(data) // 2] ^= 1
    Path("models/inner/damaged.hermetic").write_bytes(data)


def test_a_good_file_shows_each_question_and_ends_with_0():
    result = run("models/good.hermetic")
    assert result.exit_code == 0
    for line in ("structure   passed", "checksums   passed", "signature   skipped", "model       passed"):
        assert line in result.output
    assert "answers     passed  as recorded: predict of 48 rows" in result.output


def test_of_a_folder_every_hermetic_file_is_verified_each_on_one_line():
    result = run("models")
    assert result.exit_code == 0
    assert [line.split()[0] for line in result.output.splitlines()[:2]] == ["ok", "ok"]
    assert "2 files, 0 of them not as they should be" in result.output
    assert "notes.txt" not in result.output


def test_a_damaged_file_among_good_ones_is_shown_whole_and_ends_with_1():
    _damage()
    result = run("models")
    assert result.exit_code == 1
    assert "NOT OK  models/inner/damaged.hermetic" in result.output
    assert "3 files, 1 of them not as they should be" in result.output


def test_what_policy_refuses_ends_with_3_until_it_is_allowed():
    hermetic.dump(user.UserScaler(2.0), "own.hermetic")
    result = run("own.hermetic")
    assert (result.exit_code, "refused" in result.output) == (3, True)
    assert run("own.hermetic", "--trust", "tests.zoo.user_module.UserScaler").exit_code == 0


def test_json_is_one_object_for_each_file():
    _damage()
    result = run("models", "--json")
    documents = [json.loads(line) for line in result.output.splitlines()]
    assert [document["ok"] for document in documents] == [True, False, True]
    assert result.exit_code == 1


def test_junit_counts_each_file_as_a_suite():
    _damage()
    run("models", "--junit", "found.xml")
    root = ElementTree.parse("found.xml").getroot()
    assert [(suite.get("name"), suite.get("failures")) for suite in root] == [
        ("models/good.hermetic", "0"),
        ("models/inner/damaged.hermetic", "1"),
        ("models/inner/plain.hermetic", "0"),
    ]


def test_a_signature_is_asked_for_by_its_key():
    runner = CliRunner()
    assert runner.invoke(hermetic_command, ["keygen", "release"]).exit_code == 0
    assert run("models/good.hermetic", "--signed-by", "release.pub").exit_code == 3
    assert runner.invoke(hermetic_command, ["sign", "models/good.hermetic", "--key", "release.key"]).exit_code == 0
    result = run("models/good.hermetic", "--signed-by", "release.pub")
    assert (result.exit_code, "signature   passed" in result.output) == (0, True)


def test_an_empty_folder_and_a_missing_file_are_wrong_usage():
    Path("empty").mkdir()
    assert (run("empty").exit_code, "no hermetic file is there" in run("empty").output) == (2, True)
    assert run("nothing.hermetic").exit_code == 2


def test_hostile_names_are_shown_harmless():
    Path("\x1b[2J.hermetic").write_bytes(b"no model")
    result = run("\x1b[2J.hermetic")
    assert result.exit_code == 1
    assert "\x1b" not in result.output
