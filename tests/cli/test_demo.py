"""`hermetic demo` tells the truth on one page."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

import hermetic
from hermetic.cli import demo
from hermetic.cli.main import hermetic as hermetic_command
from hermetic.demonstration.run import Demonstration
from tests.demonstration.findings import GOOD, OURS, page_of


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> dict:
    """Gives what a whole run of the command found, as its JSON says."""
    directory = tmp_path_factory.mktemp("a folder") / "hermetic-demo"
    source = Path(hermetic.__file__).resolve().parents[1]
    environment = {**os.environ, "PYTHONPATH": str(source)}
    command = [sys.executable, "-m", "hermetic", "demo", "--json", "--directory", str(directory)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def run_with(findings: Demonstration, monkeypatch: pytest.MonkeyPatch, *options: str):
    monkeypatch.setattr(demo, "run_demonstration", lambda directory, announce: findings)
    return CliRunner().invoke(hermetic_command, ["demo", *options])


def test_all_is_as_promised_on_real_models(findings: dict):
    assert findings["ok"] is True
    assert [measurement["peer"] for measurement in findings["measurements"]] == ["hermetic", "pickle", "joblib"] * 3
    assert all(measurement["same_predictions"] for measurement in findings["measurements"])
    assert all(measurement["size_bytes"] > 1_000 for measurement in findings["measurements"])


def test_the_hostile_pickle_runs_its_code_in_pickle_and_not_in_hermetic(findings: dict):
    attack = findings["hostile_pickle"]
    assert attack["pickle_ran_code"] is True
    assert attack["hermetic_ran_code"] is False
    assert attack["refusal"]
    assert not (Path(findings["directory"]) / "hostile-code-ran").exists()


def test_one_flipped_bit_is_refused(findings: dict):
    assert findings["damaged_file"]["refusal"]


def test_the_files_stay_for_the_reader_to_look_at(findings: dict):
    names = {path.name for path in Path(findings["directory"]).iterdir()}
    assert {"wine.hermetic", "text.hermetic", "digits.hermetic", "damaged.hermetic", "hostile.pkl"} <= names


def test_the_page_has_less_than_60_lines_of_at_most_120_characters():
    lines = page_of(replace(GOOD, measurements=GOOD.measurements[:1] * 9)).splitlines()
    assert len(lines) < 60
    assert max(map(len, lines)) <= 120


def test_the_page_says_what_happened():
    page = page_of(GOOD)
    assert "the same, bit for bit" in page
    assert "ran the code in it" in page
    assert "refused: member 3 is damaged" in page
    assert "... and 32 more lines" in page
    assert "hermetic inspect 'a folder/wine.hermetic'" in page
    assert page.endswith("All as promised.\n")


def test_the_page_shows_text_from_files_without_power():
    page = page_of(replace(GOOD, inspection="\x1b[2J[red]", damaged_file=replace(GOOD.damaged_file, refusal="\u202ex")))
    assert "\\x1b[2J[ red]" in page
    assert "refused: \\u202ex" in page


@pytest.mark.parametrize(
    "bad",
    [
        replace(GOOD, measurements=(replace(OURS, same_predictions=False),)),
        replace(GOOD, hostile_pickle=replace(GOOD.hostile_pickle, refusal="")),
        replace(GOOD, hostile_pickle=replace(GOOD.hostile_pickle, hermetic_ran_code=True)),
        replace(GOOD, damaged_file=replace(GOOD.damaged_file, refusal="")),
    ],
    ids=["other predictions", "hostile pickle loaded", "hostile code ran", "damaged file loaded"],
)
def test_a_broken_promise_is_exit_status_1(bad: Demonstration, monkeypatch: pytest.MonkeyPatch):
    result = run_with(bad, monkeypatch)
    assert result.exit_code == 1
    assert "SOMETHING IS NOT AS PROMISED" in result.stdout


def test_a_model_that_does_not_load_is_shown_with_the_reason():
    refused = replace(OURS, same_predictions=False, refusal="node 3 is odd\n  at wine.hermetic")
    page = page_of(replace(GOOD, measurements=(refused,)))
    assert "NOT LOADED, see below" in page
    assert "wine.hermetic was refused: node 3 is odd\n" in page
    assert "SOMETHING IS NOT AS PROMISED" in page


def test_kept_promises_are_exit_status_0(monkeypatch: pytest.MonkeyPatch):
    assert run_with(GOOD, monkeypatch).exit_code == 0


def test_json_says_the_same(monkeypatch: pytest.MonkeyPatch):
    found = json.loads(run_with(GOOD, monkeypatch, "--json").stdout)
    assert found["ok"] is True
    assert found["measurements"][0]["size_bytes"] == 12_345
