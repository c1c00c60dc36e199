"""The page of `hermetic demo` line by line, for findings of every kind."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from hermetic.cli import demo
from hermetic.cli.main import hermetic as hermetic_command
from hermetic.demonstration.run import Demonstration
from tests.demonstration.findings import GOOD, OURS, page_of


def table_lines(findings: Demonstration) -> list[list[str]]:
    """Give the table that compares peers, cell by cell."""
    lines = page_of(findings).splitlines()
    start = next(number for number, line in enumerate(lines) if "kept by" in line)
    table = lines[start + 1 : lines.index("", start)]
    return [line.split() for line in table]


def test_the_table_shows_milliseconds_and_kilobytes_and_names_a_model_once():
    assert table_lines(GOOD) == [
        ["wine", "hermetic", "2.0", "1.0", "12", "no"],
        ["pickle", "2.0", "1.0", "12", "yes"],
    ]


def test_large_files_are_shown_with_commas():
    [line] = table_lines(replace(GOOD, measurements=(replace(OURS, size_bytes=1_234_567_890),)))
    assert "1,234,568" in line


def test_only_hermetic_answers_for_its_predictions():
    page = page_of(replace(GOOD, measurements=(OURS, replace(OURS, peer="pickle", same_predictions=False))))
    assert "DIFFERENT" not in page
    assert "SOMETHING IS NOT AS PROMISED" in page


@pytest.mark.parametrize("n_lines", [7, 8])
def test_a_short_inspection_is_shown_whole(n_lines: int):
    page = page_of(replace(GOOD, inspection="\n".join(f"line {number}" for number in range(n_lines))))
    assert f"  line {n_lines - 1}\n" in page
    assert "more lines" not in page


def test_a_pickle_that_did_nothing_is_not_blamed():
    page = page_of(replace(GOOD, hostile_pickle=replace(GOOD.hostile_pickle, pickle_ran_code=False)))
    assert "pickle.load    did not run the code in it" in page


def test_a_bad_file_that_loaded_is_shouted():
    page = page_of(replace(GOOD, damaged_file=replace(GOOD.damaged_file, refusal="")))
    assert "one flipped bit    hermetic.load  DID NOT REFUSE IT" in page


def test_steps_are_announced_beside_the_page(monkeypatch: pytest.MonkeyPatch):
    def announce_one(directory: Path, announce: Callable[[str], None]) -> Demonstration:
        announce("fitting")
        return replace(GOOD, directory=str(directory))

    monkeypatch.setattr(demo, "run_demonstration", announce_one)
    result = CliRunner().invoke(hermetic_command, ["demo", "--json", "--directory", "another"])
    assert result.stderr == "... fitting\n"
    assert json.loads(result.stdout)["directory"] == "another"


def test_a_folder_whose_name_is_code_is_quoted_in_the_advice():
    assert "hermetic inspect 'x; rm y/wine.hermetic'" in page_of(replace(GOOD, directory="x; rm y"))
