"""`hermetic scan` on pickle and joblib files: what would run, on one screen; the exit status tells how bad it is."""

from __future__ import annotations

import json
import os
import pickle
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hermetic.cli.main import hermetic as hermetic_command
from tests.corpus_pickles import PAYLOAD

FILES = {
    "clean": pickle.dumps({"a": [1, 2.5]}),
    "dangerous": b"}" + PAYLOAD,
    "malformed": pickle.dumps([1, 2])[:-1],
    "unknown": b"\x80\x02cxgboost.sklearn\nXGBClassifier\n)\x81.",
}
CODES = {"clean": 0, "dangerous": 1, "malformed": 2, "unknown": 3}


def run(*arguments: object) -> Result:
    return CliRunner().invoke(hermetic_command, [*map(str, arguments)])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for verdict, data in FILES.items():
        (tmp_path / f"{verdict}.dat").write_bytes(data)
    return tmp_path


@pytest.mark.parametrize("verdict", FILES)
def test_each_verdict_has_its_exit_status_and_its_word(folder: Path, verdict: str):
    result = run("scan", folder / f"{verdict}.dat")
    assert result.exit_code == CODES[verdict]
    assert f"verdict     {verdict.upper()}: " in result.stdout
    assert "format      pickle, read without running it" in result.stdout


@pytest.mark.parametrize("verdict", FILES)
def test_json_tells_the_same(folder: Path, verdict: str):
    result = run("scan", "--json", folder / f"{verdict}.dat")
    assert result.exit_code == CODES[verdict]
    found = json.loads(result.stdout)
    assert (found["verdict"], found["format"], found["ok"]) == (verdict, "pickle", verdict == "clean")


def test_the_page_shows_the_program_that_the_file_is(folder: Path):
    (folder / "dangerous.dat").write_bytes(PAYLOAD + b"\xff")
    page = run("scan", folder / "dangerous.dat").stdout
    assert "os.system('true')  (run-command: it starts programs)" in page
    assert "REDUCE" in page
    assert "because     byte 0xff is no opcode (byte " in page


def test_hostile_text_does_not_reach_the_terminal(folder: Path):
    (folder / "dangerous.dat").write_bytes(b"cos\nsystem\n(V\x1b[2J [red]\ntR.")
    page = run("scan", folder / "dangerous.dat").stdout
    assert "\x1b" not in page
    assert "x1b[2J [ red]" in page


def test_a_long_list_is_cut(folder: Path):
    (folder / "dangerous.dat").write_bytes(b"(" + PAYLOAD[:-1] * 60 + b"l.")
    page = run("scan", folder / "dangerous.dat").stdout
    assert "... and 48 more (--json lists all)" in page
    assert len(page.splitlines()) < 50


def test_a_folder_with_a_dangerous_file_ends_with_1(folder: Path):
    result = run("scan", folder)
    assert result.exit_code == 1
    assert "dangerous   dangerous.dat  os.system('true')" in result.stdout
    assert result.stdout.endswith("4 files: 1 clean, 0 refused, 0 unreadable, 1 dangerous, 1 malformed, 1 unknown\n")
    (folder / "dangerous.dat").unlink()
    assert run("scan", folder).exit_code == 3


@pytest.mark.parametrize("verdict", FILES)
def test_no_approval_is_written_for_a_pickle(folder: Path, verdict: str):
    output = folder / "approvals.toml"
    result = run("approve", folder / f"{verdict}.dat", "--yes", "--output", output)
    assert result.exit_code == CODES[verdict]
    assert not output.exists()


def test_a_pipe_is_read_to_its_end(folder: Path):
    pipe = folder / "pipe"
    if not hasattr(os, "mkfifo"):
        pytest.skip("no pipes with names here")
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(FILES["dangerous"],))
    writer.start()
    result = run("scan", pipe)
    writer.join()
    assert result.exit_code == 1
