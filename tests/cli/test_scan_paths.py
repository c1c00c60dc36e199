"""`hermetic scan` of several paths, of archives, as JSON and as SARIF, with a bar on a terminal."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import hermetic
from hermetic.cli import scan as scan_command
from hermetic.cli.main import hermetic as hermetic_command
from hermetic.cli.scan_page import exit_code_of_reports
from hermetic.scanning import VERDICTS, ScanReport
from tests.corpus_pickles import PAYLOAD
from tests.handmade_archives import Entry, tar_of, zip_of, zip_of_python


def run(*arguments: object) -> Result:
    return CliRunner().invoke(hermetic_command, ["scan", *map(str, arguments)])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    hermetic.dump([1], tmp_path / "good.hermetic")
    (tmp_path / "evil.pkl").write_bytes(PAYLOAD)
    (tmp_path / "evil.zip").write_bytes(zip_of_python({"data.pkl": PAYLOAD, "notes.txt": b"text"}))
    (tmp_path / "data.csv").write_bytes(b"a,b")
    (tmp_path / "inner").mkdir()
    hermetic.dump([2], tmp_path / "inner" / "also.hermetic")
    return tmp_path


def test_several_files_are_shown_in_a_table(folder: Path):
    result = run(folder / "good.hermetic", folder / "evil.pkl", folder / "inner")
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert f"  clean       {folder / 'good.hermetic'}" in lines
    assert f"  dangerous   {folder / 'evil.pkl'}  os.system('true')" in lines
    assert str(folder / "inner") in lines
    assert "  clean       also.hermetic" in lines
    assert lines[-1] == "3 files: 2 clean, 0 refused, 0 unreadable, 1 dangerous"


def test_several_clean_files_end_with_0(folder: Path):
    assert run(folder / "good.hermetic", folder / "inner").exit_code == 0


def test_a_named_file_that_is_no_model_ends_with_2_also_among_others(folder: Path):
    assert run(folder / "data.csv").exit_code == 2
    assert run(folder / "good.hermetic", folder / "data.csv").exit_code == 2


def test_a_missing_file_among_several_does_not_end_the_scan(folder: Path):
    result = run(folder / "missing.pkl", folder / "good.hermetic")
    assert result.exit_code == 2
    assert "unreadable" in result.stdout
    assert "No such file" in result.stdout
    assert "1 clean" in result.stdout


def test_no_path_at_all_is_wrong_usage():
    assert run().exit_code == 2


def test_an_archive_is_shown_with_its_files(folder: Path):
    result = run(folder / "evil.zip")
    assert result.exit_code == 1
    for words in (
        "verdict     DANGEROUS: ",
        "format      zip, read without running it",
        "dangerous   os.system('true')  (run-command: it starts programs)",
        "byte 19 REDUCE in evil.zip!data.pkl",
        "Files in it",
        "  dangerous   data.pkl",
        "  no model    notes.txt",
    ):
        assert words in result.stdout


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.zip", zip_of_python({"a.hermetic": hermetic.dumps([1])})),
        ("a.tar.gz", tar_of({"a.hermetic": hermetic.dumps([1])}, "w:gz")),
    ],
)
def test_a_clean_archive_says_so(name: str, data: bytes, tmp_path: Path):
    (tmp_path / name).write_bytes(data)
    result = run(tmp_path / name)
    assert result.exit_code == 0
    assert "verdict     CLEAN: " in result.stdout


def test_json_of_one_file_is_an_object_and_of_several_a_list(folder: Path):
    one = json.loads(run("--json", folder / "evil.pkl").stdout)
    assert (one["verdict"], one["verdicts"]) == ("dangerous", ["dangerous"])
    several = json.loads(run("--json", folder / "good.hermetic", folder / "evil.zip", folder / "inner").stdout)
    assert [entry["verdict"] for entry in several] == ["clean", "dangerous", "clean"]
    assert [file["verdict"] for file in several[1]["files"]] == ["dangerous", "no model"]
    assert several[2]["files"][0]["file"] == str(folder / "inner" / "also.hermetic")


def test_json_of_a_folder_tells_all_files_and_whether_nothing_speaks_against_it(folder: Path):
    answer = json.loads(run("--json", folder).stdout)
    assert answer["ok"] is False
    assert len(answer["files"]) == 5
    assert json.loads(run("--json", folder / "inner").stdout)["ok"] is True


@pytest.mark.parametrize("n_paths", [1, 2])
def test_sarif_is_one_document_for_all_paths(folder: Path, n_paths: int):
    result = run("--sarif", *[folder, folder / "evil.pkl"][:n_paths])
    assert result.exit_code == 1
    document = json.loads(result.stdout)
    assert document["version"] == "2.1.0"
    assert len(document["runs"]) == 1
    assert len(document["runs"][0]["results"]) == 1 + n_paths
    assert result.stderr == ""


def test_two_forms_at_once_are_wrong_usage(folder: Path):
    result = run("--sarif", "--json", folder)
    assert result.exit_code == 2
    assert "cannot be printed at once" in result.stderr
    assert result.stdout == ""


def test_the_worst_verdict_decides_not_the_highest_number():
    for place, verdict in enumerate(VERDICTS):
        others = VERDICTS[place:]
        reports = [ScanReport(file="", verdict=other, written_by={}) for other in reversed(others)]
        assert exit_code_of_reports(reports) == exit_code_of_reports(reports[-1:]), verdict
    numbers = [int(exit_code_of_reports([ScanReport(file="", verdict=v, written_by={})])) for v in VERDICTS]
    assert numbers == [1, 1, 1, 2, 2, 3, 3, 0, 0]
    assert exit_code_of_reports([]) == 0


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_bar_is_shown_on_a_terminal_and_only_there(folder: Path, monkeypatch: pytest.MonkeyPatch):
    (folder / "\x1b[2Jx.csv").write_bytes(b"a,b")
    screen = Terminal()
    monkeypatch.setattr("sys.stderr", screen)
    with scan_command._progress() as announce:
        report = scan_command._scan_path(str(folder), True, announce)
    assert len(report.files) == 6
    assert "evil" in screen.getvalue() or "/6" in screen.getvalue()
    assert "\x1b[2J" not in screen.getvalue()
    monkeypatch.setattr("sys.stderr", io.StringIO())
    with scan_command._progress() as announce:
        scan_command._scan_path(str(folder), True, announce)


HOSTILE = ["\x1b[2J", "a\u202eb", "[red]", "\u2028", "[link=http://example.org]", "a" * 3_000]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:20]))
@pytest.mark.parametrize("options", [[], ["--json"], ["--sarif"]], ids=["page", "json", "sarif"])
def test_hostile_names_of_members_reach_nobody(text: str, options: list[str], tmp_path: Path):
    path = tmp_path / "a.zip"
    path.write_bytes(zip_of_python({f"{text}.pkl": PAYLOAD, f"{text}.txt": b"text"}))
    for arguments in ([path], [tmp_path], [path, path]):
        result = run(*options, *arguments)
        assert result.exit_code == 1
        assert all(character.isprintable() or character == "\n" for character in result.output)
        assert "[red]" not in result.output or options


def test_many_members_are_cut_on_the_page(tmp_path: Path):
    (tmp_path / "a.zip").write_bytes(zip_of(*(Entry(name=f"{n}.pkl", content=PAYLOAD) for n in range(200))))
    page = run(tmp_path / "a.zip").stdout
    assert len(page.splitlines()) < 60
    assert "... and 188 more (--json lists all)" in page


def test_approve_writes_nothing_for_an_archive(folder: Path):
    result = CliRunner().invoke(
        hermetic_command,
        ["approve", str(folder / "evil.zip"), "--yes", "--output", str(folder / "hermetic.toml")],
    )
    assert result.exit_code == 1
    assert not (folder / "hermetic.toml").exists()
