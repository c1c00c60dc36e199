"""What all commands have in common: an example in the help, JSON, exit statuses, harmless answers to bad files."""

from __future__ import annotations

import json
import pickle
import shlex
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from sklearn.linear_model import LinearRegression

import hermetic
from hermetic.cli.main import COMMANDS
from hermetic.cli.main import hermetic as hermetic_command
from hermetic.signing.keys import make_key_pair

ENDLESS = ["container", "demo", "serve"]
"""They ask an index, take long, or go on until a signal comes: their examples are understood, not run."""
OF_FILES = ["inspect", "scan"]
WITH_JSON = [
    ["inspect", "{file}", "--json"],
    ["scan", "{file}", "--json"],
    ["support", "--json"],
    ["support", "SVC", "--json"],
    ["predict", "{file}", "{file.parent}/rows.csv", "-o", "{file.parent}/answers.csv", "--json"],
    ["verify", "{file}", "--json"],
]
HOSTILE_TEXTS = ["\x1b[2J", "a\u202eb", "x\ny", "[red]", "--", "-", "~", "$(id)", "a" * 3000, "%s%n", "\udce9"]


def run(*arguments: object) -> Result:
    return CliRunner().invoke(hermetic_command, [str(argument) for argument in arguments])


def example_of(name: str) -> list[str]:
    text = run(name, "--help").stdout
    [line] = [line for line in text.splitlines() if line.strip().startswith("Example:")]
    return shlex.split(line.partition(":")[2])


KEPT = {"env": "model.hermetic", "rebuild": "old.hermetic"}
"""What these commands read is kept as evidence in a file of this name."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "model.hermetic"
    hermetic.dump(LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0]), path)
    (tmp_path / "model.pkl").write_bytes(pickle.dumps({"threshold": 0.5}))
    (tmp_path / "hermetic.key").write_bytes(make_key_pair()[0])
    (tmp_path / "rows.csv").write_text("x\n0.5\n")
    return path


@pytest.mark.parametrize("name", COMMANDS)
def test_help_shows_an_example_that_names_the_command(name: str):
    assert example_of(name)[:2] == ["hermetic", name]


@pytest.mark.parametrize("name", [name for name in COMMANDS if name not in ENDLESS])
def test_the_example_runs_as_it_stands(name: str, file: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(file.parent)
    if name in KEPT:
        save_with_evidence(file.parent / KEPT[name])
    result = run(*example_of(name)[1:])
    assert result.exit_code == 0, result.output


def save_with_evidence(path: Path) -> None:
    pytest.importorskip("pyarrow", reason="the data are embedded as Parquet")
    rows, targets = [[float(number)] for number in range(6)], [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    model = LinearRegression().fit(rows, targets)
    evidence = hermetic.record(model, rows, targets, cv=2, data="embed", source=None, progress=False)
    hermetic.dump(model, path, evidence=evidence)


@pytest.mark.parametrize("name", ENDLESS)
def test_the_example_of_an_endless_command_is_understood(name: str, file: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(file.parent)
    command = hermetic_command.get_command(click.Context(hermetic_command), name)
    assert command is not None
    command.make_context(name, example_of(name)[2:])


@pytest.mark.parametrize("arguments", WITH_JSON, ids=" ".join)
def test_json_is_one_valid_document_with_a_verdict(arguments: list[str], file: Path):
    result = run(*(argument.format(file=file) for argument in arguments))
    assert result.exit_code == 0
    assert json.loads(result.stdout)["ok"] is True
    assert result.stderr == ""


def test_json_of_something_unknown_says_so_with_exit_status_1():
    result = run("support", "--json", "no.such.Type")
    assert result.exit_code == 1
    assert json.loads(result.stdout) == {"ok": False, "names": []}


def test_json_of_a_file_that_needs_trust_is_not_ok(tmp_path: Path):
    hermetic.dump([json.dumps], tmp_path / "model.hermetic")
    result = run("inspect", "--json", tmp_path / "model.hermetic")
    assert json.loads(result.stdout)["ok"] is False


@pytest.mark.parametrize("options", [[], ["--json"]], ids=["page", "json"])
@pytest.mark.parametrize("name", OF_FILES)
@pytest.mark.parametrize("place", [0, 40, 200, -30])
def test_a_damaged_file_ends_with_2_and_a_reason(name: str, options: list[str], place: int, file: Path):
    data = bytearray(file.read_bytes())
    data[place] ^= 0xFF
    file.write_bytes(data)
    result = run(name, file, *options)
    assert result.exit_code == 2
    if name == "scan":  # what is wrong with a file is what a scan is asked for
        assert "unreadable" in result.stdout.lower()
        return
    assert result.stdout == ""
    assert result.stderr.startswith("hermetic: ")


@pytest.mark.parametrize("name", OF_FILES)
@pytest.mark.parametrize("text", HOSTILE_TEXTS, ids=ascii)
def test_a_hostile_name_of_a_missing_file_ends_with_2_and_no_control_character(name: str, text: str):
    result = run(name, "--", text)
    assert result.exit_code == 2
    assert all(character.isprintable() or character == "\n" for character in result.output)
    assert "Traceback" not in result.output


@pytest.mark.parametrize("text", HOSTILE_TEXTS, ids=ascii)
def test_a_hostile_name_of_a_type_ends_with_2_and_no_control_character(text: str):
    result = run("support", "--", text)
    assert result.exit_code in (1, 2)
    assert all(character.isprintable() or character == "\n" for character in result.output)
