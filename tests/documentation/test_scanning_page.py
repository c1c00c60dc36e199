"""The page about scanning lists every rule and verdict as the program has them, and its examples are in order."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

import hermetic
from hermetic.cli.main import hermetic as hermetic_command
from hermetic.cli.scan_page import exit_code_of_report
from hermetic.scanning import VERDICTS, ScanReport
from hermetic.scanning.archive_members import MOST_LEVELS
from hermetic.scanning.harmful_names import RULES
from tests.corpus_archives import HOSTILE as HOSTILE_ARCHIVES
from tests.corpus_pickles import HOSTILE as HOSTILE_PICKLES
from tests.corpus_pickles import PAYLOAD

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "scanning.md").read_text(encoding="utf-8")
HOOKS = (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
ROWS = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in PAGE.splitlines() if line.startswith("| `")]
RULE_ROWS = {row[0].strip("`"): row[1:] for row in ROWS if row[0].strip("`") in RULES}
VERDICT_ROWS = [row for row in ROWS if row[0].strip("`") in VERDICTS and row[1].isdecimal()]


def test_every_rule_stands_on_the_page_with_its_meaning():
    assert {rule: row[1] for rule, row in RULE_ROWS.items()} == RULES


def test_every_verdict_stands_on_the_page_in_its_order_with_its_exit_status():
    assert [row[0].strip("`") for row in VERDICT_ROWS] == list(VERDICTS)
    for row in VERDICT_ROWS:
        report = ScanReport(file="", verdict=row[0].strip("`"), written_by={})
        assert int(row[1]) == exit_code_of_report(report)


@pytest.mark.parametrize("file", [*HOSTILE_PICKLES, *HOSTILE_ARCHIVES], ids=lambda file: file.name)
def test_a_rule_has_the_severity_that_the_page_says(file, tmp_path: Path):
    path = tmp_path / "file"
    path.write_bytes(file.data)
    for found in hermetic.scan(path).findings:
        assert found.severity in RULE_ROWS[found.rule][0].split(", "), found


def test_the_number_of_levels_is_that_of_the_program():
    assert f"opened {'eight'} levels deep" in PAGE
    assert MOST_LEVELS == 8


@pytest.mark.parametrize(
    ("name", "is_scanned"),
    [
        *(
            (name, True)
            for name in ("a.pkl", "b/model.joblib.gz", "A.PKL", "x.hermetic", "x.npz", "x.skops", "x.pickle")
        ),
        *((name, False) for name in ("a.csv", "pkl", "a.pkl.txt", "a.py", "npy/notes.md")),
    ],
)
def test_the_hook_asks_for_files_by_their_names(name: str, is_scanned: bool):
    pattern = re.search(r"^  files: (.*)$", HOOKS, re.MULTILINE)[1]
    assert bool(re.search(pattern, name)) == is_scanned


def test_the_hook_is_the_one_of_the_page_and_runs_what_there_is(tmp_path: Path):
    assert re.search(r"^- id: hermetic-scan$", HOOKS, re.MULTILINE)
    assert "      - id: hermetic-scan\n" in PAGE
    entry = re.search(r"^  entry: (.*)$", HOOKS, re.MULTILINE)[1].split()
    (tmp_path / "evil.pkl").write_bytes(PAYLOAD)
    hermetic.dump([1], tmp_path / "good.hermetic")
    paths = [str(tmp_path / "evil.pkl"), str(tmp_path / "good.hermetic")]
    assert entry[0] == "hermetic"
    assert CliRunner().invoke(hermetic_command, [*entry[1:], *paths]).exit_code == 1
    assert CliRunner().invoke(hermetic_command, [*entry[1:], paths[1]]).exit_code == 0


def test_the_commands_of_the_page_are_understood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "models").mkdir()
    for name in ("model.pkl", "models/a.pkl", "old.zip"):
        (tmp_path / name).write_bytes(PAYLOAD)
    commands = re.findall(r"^(?:      - run: )?hermetic (scan [^#>\n]*)", PAGE, re.MULTILINE)
    assert len(commands) == 5
    for command in commands:
        assert CliRunner().invoke(hermetic_command, command.split()).exit_code == 1, command
