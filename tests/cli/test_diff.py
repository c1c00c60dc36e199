"""`hermetic diff` on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sklearn.linear_model import LogisticRegression

import hermetic
from hermetic.cli.main import hermetic as hermetic_command
from tests.differences.files import X, Y
from tests.golden_evidence import golden_evidence


def run(*arguments: object) -> Result:
    return CliRunner().invoke(hermetic_command, ["diff", *map(str, arguments)])


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("diff")
    for name, strength in (("a", 1.0), ("b", 9.0)):
        model = LogisticRegression(C=strength).fit(X, Y)
        hermetic.dump(model, folder / f"{name}.hermetic", evidence=golden_evidence(model, X))
    return folder / "a.hermetic", folder / "b.hermetic"


def test_the_same_ends_with_0(paths: tuple[Path, Path]):
    result = run(paths[0], paths[0])
    assert result.exit_code == 0
    assert "are the same, byte by byte" in result.stdout


def test_another_model_ends_with_1_and_says_what_differs(paths: tuple[Path, Path]):
    result = run(*paths)
    assert result.exit_code == 1
    assert "differ: parameters, answers, fitted" in result.stdout
    assert "  $.C: 1.0 -> 9.0" in result.stdout
    assert "synthetic rows of the first file" in result.stdout
    assert "\x1b" not in result.stdout


def test_a_file_that_is_none_ends_with_2(paths: tuple[Path, Path], tmp_path: Path):
    (tmp_path / "broken").write_bytes(b"\x80\x04garbage")
    for other in (tmp_path / "broken", tmp_path / "missing"):
        result = run(paths[0], other)
        assert result.exit_code == 2
        assert result.stderr.startswith("hermetic: ")


def test_nobody_is_asked_when_it_is_not_wished(paths: tuple[Path, Path]):
    assert "answers       skipped: not asked for" in run(*paths, "--no-predict").stdout


def test_json_is_one_document(paths: tuple[Path, Path]):
    result = run(*paths, "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["different"] == ["parameters", "answers", "fitted"]


def test_everything_is_listed_on_wish(tmp_path: Path):
    for name, add in (("a", 0), ("b", 1)):
        hermetic.dump({f"[red]{n}": n + add for n in range(30)}, tmp_path / name)
    short, full = run(tmp_path / "a", tmp_path / "b"), run(tmp_path / "a", tmp_path / "b", "--full")
    assert "... and 22 more lines" in short.stdout
    assert "[ red]29" in full.stdout
