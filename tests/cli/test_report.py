"""`hermetic report` on the command line."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sklearn.linear_model import LinearRegression
from sklearn.preprocessing import FunctionTransformer

import hermetic
from hermetic.cli.main import hermetic as hermetic_command


def run(*arguments: object) -> Result:
    return CliRunner().invoke(hermetic_command, ["report", *map(str, arguments)])


def rows(values: object) -> object:
    return values


@pytest.fixture
def path(tmp_path: Path) -> Path:
    model = LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])
    hermetic.dump(model, tmp_path / "model.hermetic", evidence=hermetic.record(model, [[0.0], [1.0]]))
    return tmp_path / "model.hermetic"


def test_the_page_is_written_and_its_verdict_told(path: Path):
    result = run(path, "-o", path.parent / "report.html")
    assert result.exit_code == 0
    assert result.stdout.startswith("Loads without anyone's trust; recorded: golden rows")
    assert "written: " in result.stdout
    assert (path.parent / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_it_is_verified_on_wish(path: Path):
    result = run(path, "-o", path.parent / "report.html", "--verify")
    assert result.exit_code == 0
    assert "verified here, and as it was recorded" in result.stdout


def test_what_is_not_as_it_should_be_ends_with_1(tmp_path: Path):
    hermetic.dump(FunctionTransformer(rows), tmp_path / "model.hermetic")
    arguments = (tmp_path / "model.hermetic", "-o", tmp_path / "report.html")
    assert run(*arguments).exit_code == 0
    assert run(*arguments, "--verify").exit_code == 1
    assert (tmp_path / "report.html").exists()


def test_a_file_that_cannot_be_read_has_a_page(tmp_path: Path):
    (tmp_path / "broken.pkl").write_bytes(pickle.dumps(3)[:-1])
    result = run(tmp_path / "broken.pkl", "-o", tmp_path / "report.html")
    assert result.exit_code == 0
    assert (tmp_path / "report.html").exists()


def test_a_file_that_is_not_there_ends_with_2(tmp_path: Path):
    assert run(tmp_path / "missing", "-o", tmp_path / "report.html").exit_code == 2
    assert run(tmp_path / "missing").exit_code == 2


def test_a_page_that_cannot_be_written_ends_with_2(path: Path):
    result = run(path, "-o", path.parent / "no folder" / "report.html")
    assert result.exit_code == 2
    assert result.stderr.startswith("hermetic: ")


def test_a_hostile_name_of_a_file_is_spelled_out(path: Path):
    other = path.rename(path.parent / "model\u202e[red].hermetic")
    result = run(other, "-o", path.parent / "a\x1b[2J.html")
    assert result.exit_code == 0
    assert "\x1b" not in result.stdout
    assert "\u202e" not in (path.parent / "a\x1b[2J.html").read_text(encoding="utf-8")
