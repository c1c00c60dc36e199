"""`hermetic verify --env` and `--with`: in another environment, with a table of the models that survive."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from hermetic.cli.elsewhere import show_survivors
from hermetic.cli.main import hermetic as hermetic_command
from hermetic.deploy.environments import verifying
from hermetic.evidence.checks import Check, VerifyReport
from tests.hostile_strings import HOSTILE_STRINGS


def run(*arguments: str) -> Result:
    return CliRunner().invoke(hermetic_command, ["verify", *arguments])


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Give what was asked for; models whose name tells how they fare stand in the folder."""
    calls: list[dict[str, Any]] = []

    def verify_elsewhere(files: Sequence[str], **wishes: Any) -> list[VerifyReport]:
        calls.append(wishes)
        verdicts = {"bad": "failed", "new": "refused"}
        return [
            VerifyReport(
                file=file,
                checks=(
                    Check(name="elsewhere", verdict="passed", words="there"),
                    Check(name="model", verdict=verdicts.get(Path(file).stem, "passed"), words="it says\nmore"),
                ),
            )
            for file in files
        ]

    monkeypatch.setattr(verifying, "verify_elsewhere", verify_elsewhere)
    monkeypatch.chdir(tmp_path)
    for name in ("bad", "good", "new"):
        Path(f"{name}.hermetic").write_bytes(b"")
    return calls


def test_a_folder_gets_a_table_of_what_survives(asked: list[dict[str, Any]]):
    result = run(".", "--with", "scikit-learn==1.9.1", "--with", "numpy<3", "--trust", "a.B")
    assert result.exit_code == 1
    table = result.output[result.output.index("\nmodel ") + 1 :].splitlines()
    assert [line.split()[:2] for line in table[1:4]] == [
        ["./bad.hermetic", "NO"],
        ["./good.hermetic", "yes"],
        ["./new.hermetic", "refused"],
    ]
    assert "model: it says" in table[1]
    assert table[4] == "1 of 3 survive"
    assert asked[0]["requirements"] == ("scikit-learn==1.9.1", "numpy<3")
    assert asked[0]["options"] == ["--trust", "a.B"]


def test_one_file_is_told_check_by_check(asked: list[dict[str, Any]]):
    result = run("good.hermetic", "--env", "recorded", "--approve-lock", "a" * 64, "--approvals", "hermetic.toml")
    assert result.exit_code == 0, result.output
    assert "elsewhere" in result.output
    assert "survives" not in result.output
    assert asked[0]["approved"] == ("a" * 64,)
    assert asked[0]["options"] == ["--approvals", "hermetic.toml"]
    assert asked[0]["extras"] == ()


def test_the_scores_are_asked_for_elsewhere_too(asked: list[dict[str, Any]]):
    options = ("--scores", "--tolerance", "0.1", "--n-jobs", "2", "--store", "snapshots", "--allow", "s3://own/")
    assert run("good.hermetic", "--with", "numpy", *options).exit_code == 0
    said = asked[0]["options"]
    pairs = {tuple(said[place : place + 2]) for place in range(1, len(said), 2)}
    assert said[0] == "--scores"
    assert pairs == {("--allow", "s3://own/"), ("--tolerance", "0.1"), ("--n-jobs", "2"), ("--store", "snapshots")}
    assert asked[0]["extras"] == ("pyarrow",)


def test_a_file_that_was_not_approved_is_refused(asked: list[dict[str, Any]]):
    assert run("new.hermetic", "--env", "recorded").exit_code == 3


def test_reports_from_elsewhere_are_json_too(asked: list[dict[str, Any]]):
    lines = run(".", "--with", "numpy", "--json").output.splitlines()
    assert [json.loads(line)["ok"] for line in lines] == [False, True, False]


@pytest.mark.parametrize(
    "arguments", [("--env", "recorded", "--with", "numpy"), ("--approve-lock", "a" * 64), ("--env", "other")]
)
def test_wishes_that_do_not_go_together_are_wrong_usage(arguments: tuple[str, ...], asked: list[dict[str, Any]]):
    assert run("good.hermetic", *arguments).exit_code == 2
    assert asked == []


@pytest.mark.parametrize("which", HOSTILE_STRINGS)
def test_the_table_shows_hostile_text_harmlessly(which: str, capsys: pytest.CaptureFixture[str]):
    text = HOSTILE_STRINGS[which]
    show_survivors([VerifyReport(file=text, checks=(Check(name="model", verdict="failed", words=text),))])
    output = capsys.readouterr().out
    assert all(line.isprintable() for line in output.split("\n"))
    assert len(output.rstrip("\n").split("\n")) == 4
