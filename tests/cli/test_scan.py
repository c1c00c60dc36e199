"""`hermetic scan` judges a file on one screen, or a folder in a table; scripts see the verdict as the exit status."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import hermetic
from hermetic.cli.main import hermetic as hermetic_command
from hermetic.cli.scan_page import exit_code_of_report
from hermetic.scanning import ScanReport
from tests.taken_apart import TakenApart, changed
from tests.zoo import user_module as user

MOST_LINES_OF_A_SCREEN = 50


def run(*arguments: object) -> Result:
    return CliRunner().invoke(hermetic_command, ["scan", *map(str, arguments)])


@pytest.fixture
def clean(tmp_path: Path) -> Path:
    X, y = np.arange(40.0).reshape(20, 2) % 7, np.arange(20) % 2
    path = tmp_path / "clean.hermetic"
    hermetic.dump(make_pipeline(StandardScaler(), LogisticRegression(), memory="cache").fit(X, y), path)
    return path


@pytest.fixture
def refused(tmp_path: Path) -> Path:
    path = tmp_path / "refused.hermetic"
    hermetic.dump([user.UserScaler(2.0), user.double, CountVectorizer(input="filename")], path)
    return path


@pytest.fixture
def unreadable(tmp_path: Path) -> Path:
    path = tmp_path / "unreadable.pkl"
    path.write_bytes(b"PK\x03\x04 no container of ours")
    return path


def test_a_clean_file_ends_with_0_and_shows_types_limits_and_notes(clean: Path):
    result = run(clean)
    assert result.exit_code == 0
    for words in (
        str(clean),
        "verdict     CLEAN: loads without anyone's trust",
        "identity    sha256:",
        "written by  hermetic ",
        "graph_bytes ",
        "note, needs no grant  $.memory: memory='cache'",
        "Known types",
        "  sklearn.linear_model.LogisticRegression  1",
    ):
        assert words in result.stdout


def test_a_file_that_needs_trust_ends_with_3_and_says_for_what(refused: Path):
    result = run(refused)
    assert result.exit_code == 3
    for words in (
        "verdict     REFUSED",
        "tests.zoo.user_module.UserScaler  constructed, first at $[",
        "tests.zoo.user_module.double  referenced, first at $",
        "calls-code(tests.zoo.user_module.double)",
        'reads-files  $[...].input: input="filename": transform and predict open every file',
        f"hermetic approve {refused}",
        "--trust tests.zoo.user_module.double --trust tests.zoo.user_module.UserScaler --capability reads-files",
    ):
        assert words in result.stdout


def test_an_unreadable_file_ends_with_2_and_says_why(unreadable: Path):
    result = run(unreadable)
    assert result.exit_code == 2
    assert "verdict     UNREADABLE" in result.stdout
    assert "because     " in result.stdout
    assert "identity" not in result.stdout


def test_a_missing_file_ends_with_2(tmp_path: Path):
    result = run(tmp_path / "no.hermetic")
    assert result.exit_code == 2
    assert result.stderr.startswith("hermetic: No such file")


@pytest.mark.parametrize(("name", "code"), [("clean", 0), ("refused", 3), ("unreadable", 2)])
def test_json_is_what_the_function_gives(name: str, code: int, request: pytest.FixtureRequest):
    path = request.getfixturevalue(name)
    result = run(path, "--json")
    assert result.exit_code == code
    assert json.loads(result.stdout) == json.loads(hermetic.scan(path).to_json())
    assert json.loads(result.stdout)["verdict"] == name


def test_one_screen_is_enough_however_much_a_file_names(tmp_path: Path):
    def many(parts: TakenApart) -> None:
        names = [f"package.module.Name{n}" for n in range(500)]
        parts.graph["names"] = [{"name": name, "role": "referenced"} for name in names]
        parts.graph["nodes"] = [
            {"kind": "sequences", "type": "list", "lengths": 500, "columns": [[{"name": n} for n in range(500)]]}
        ]
        parts.graph["root"] = [0]

    path = tmp_path / "many.hermetic"
    path.write_bytes(changed([1], many))
    page = run(path).stdout
    assert len(page.splitlines()) < MOST_LINES_OF_A_SCREEN
    assert "... and 488 more (--json lists all)" in page
    assert len(json.loads(run(path, "--json").stdout)["names"]) == 500
    assert len(page) < 6_000


def test_a_folder_is_judged_file_by_file(clean: Path, refused: Path, unreadable: Path):
    inner = clean.parent / "inner"
    inner.mkdir()
    os.link(clean, inner / "again.hermetic")
    result = run(clean.parent)
    assert result.exit_code == 3
    lines = [line.split() for line in result.stdout.splitlines()]
    assert lines[0] == [str(clean.parent)]
    assert ["clean", "clean.hermetic"] in lines
    assert ["clean", os.path.join("inner", "again.hermetic")] in lines
    assert any(line[:3] == ["refused", "refused.hermetic", "needs"] for line in lines)
    assert any(line[:2] == ["unreadable", "unreadable.pkl"] for line in lines)
    assert result.stdout.endswith("4 files: 2 clean, 1 refused, 1 unreadable\n")


def test_a_folder_gives_json_of_all_files(clean: Path, refused: Path):
    result = run(clean.parent, "--json")
    assert result.exit_code == 3
    answer = json.loads(result.stdout)
    assert answer["ok"] is False
    assert [file["verdict"] for file in answer["files"]] == ["clean", "refused"]


def test_a_folder_of_clean_files_ends_with_0_and_one_with_an_unreadable_one_with_2(clean: Path):
    assert run(clean.parent).exit_code == 0
    (clean.parent / "notes.txt").write_text("no model")
    assert run(clean.parent).exit_code == 2


def test_an_empty_folder_holds_nothing_to_refuse(tmp_path: Path):
    result = run(tmp_path)
    assert result.exit_code == 0
    assert "0 files" in result.stdout


@pytest.mark.skipif(not hasattr(os, "mkfifo") or os.name == "nt", reason="no pipes with names")
def test_a_pipe_in_a_folder_is_not_waited_for_and_a_broken_link_is_passed_over(clean: Path):
    os.mkfifo(clean.parent / "pipe")
    (clean.parent / "broken").symlink_to(clean.parent / "nothing")
    assert run(clean.parent).stdout.endswith("1 file: 1 clean, 0 refused, 0 unreadable\n")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="everybody may read everything")
def test_a_file_that_may_not_be_read_does_not_end_the_scan_of_the_others(clean: Path):
    (clean.parent / "a.hermetic").write_bytes(b"")
    (clean.parent / "a.hermetic").chmod(0)
    result = run(clean.parent)
    assert "Permission denied" in result.stdout
    assert "1 clean" in result.stdout


def test_a_file_that_cannot_be_opened_does_not_end_the_scan_of_the_others(clean: Path, monkeypatch: pytest.MonkeyPatch):
    (clean.parent / "a.hermetic").write_bytes(b"")

    def scan(path: str) -> ScanReport:
        if path.endswith("a.hermetic"):
            raise PermissionError(13, "Permission denied", path)
        return hermetic.scan(path)

    monkeypatch.setattr("hermetic.cli.scan.scan", scan)
    result = run(clean.parent)
    assert result.exit_code == 2
    assert "unreadable  a.hermetic  Permission denied" in result.stdout
    assert "clean       clean.hermetic" in result.stdout


HOSTILE = ["\x1b[2J", "a\u202eb", "x\ny", "[red]", "\u2028", "[link=http://example.org]", "\udce9"]


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_hostile_texts_reach_the_screen_harmlessly(text: str, tmp_path: Path):
    def rename(parts: TakenApart) -> None:
        parts.graph["names"] = [{"name": text.replace("\udce9", "?"), "role": "referenced"}]
        parts.graph["nodes"] = [{"kind": "sequences", "type": "list", "lengths": 1, "columns": [[{"name": 0}]]}]
        parts.graph["root"] = [0]

    folder = tmp_path / text.replace("/", "_")
    folder.mkdir()
    path = folder / f"{text.replace('/', '_')}.hermetic"
    path.write_bytes(changed([1], rename))
    for arguments in ([path], [folder], [tmp_path]):
        result = CliRunner().invoke(hermetic_command, ["scan", *map(os.fspath, arguments)])
        assert result.exit_code in (2, 3)
        assert "Traceback" not in result.output
        assert all(character.isprintable() or character == "\n" for character in result.output)
        assert "\x1b" not in result.output


def test_each_verdict_has_its_status():
    verdicts = {"clean": 0, "refused": 3, "unreadable": 2}
    for verdict, code in verdicts.items():
        assert exit_code_of_report(ScanReport(file="", verdict=verdict, written_by={})) == code
