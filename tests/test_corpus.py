"""Every file that a check ever refused is refused by that very check, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import sklearn

import hermetic
from fuzzing.checks import Check, list_checks, unnoticed
from fuzzing.replay import INDEX, main, read_index, update
from hermetic.formats.container_reader import open_container
from hermetic.formats.sources import BufferSource
from hermetic.limits import DEFAULT_LIMITS

FOLDER = Path(__file__).parent / "corpus" / "refused"
WROTE_THE_CORPUS = "1.9"

same_release = pytest.mark.skipif(
    not sklearn.__version__.startswith(f"{WROTE_THE_CORPUS}."),
    reason=f"the corpus holds the state of scikit-learn {WROTE_THE_CORPUS}; another release refuses it for its version",
)


def _small(tmp_path: Path, number: int = 0) -> Path:
    """Give a corpus of one file."""
    entry = [one for one in read_index(FOLDER) if one["check"].startswith("support_vectors.py:_check_counts")][number]
    (tmp_path / entry["file"]).write_bytes((FOLDER / entry["file"]).read_bytes())
    (tmp_path / INDEX).write_text(json.dumps([entry]))
    return tmp_path


@same_release
def test_each_file_of_the_corpus_is_refused_by_its_check():
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-m", "fuzzing.replay", str(FOLDER)]

    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    *_, last = done.stdout.splitlines()
    wrong = [line for line in done.stdout.splitlines() if line.startswith("WRONG")]
    assert not wrong, "\n".join([*wrong, "Reworded only? python -m fuzzing.replay tests/corpus/refused --update"])
    assert done.returncode == 0, f"exit status {done.returncode} at {last}\n{done.stderr[-2000:]}"


def test_the_index_and_the_folder_agree():
    names = [entry["file"] for entry in read_index(FOLDER)]
    assert names == sorted(names)
    assert {path.name for path in FOLDER.glob("*.hermetic")} == set(names)


def test_every_file_is_kept_for_another_check():
    checks = [entry["check"] for entry in read_index(FOLDER)]
    assert len(checks) == len(set(checks)) > 200


@same_release
def test_a_file_that_is_not_refused_any_longer_is_told(tmp_path, capsys):
    folder = _small(tmp_path)
    [entry] = read_index(folder)
    (folder / entry["file"]).write_bytes(hermetic.dumps(1))

    assert main([str(folder)]) == 1
    assert "refused by nothing, not by support_vectors.py:_check_counts" in capsys.readouterr().out


@same_release
def test_a_reworded_check_is_taken_up_by_an_update(tmp_path):
    folder = _small(tmp_path)
    [entry] = read_index(folder)
    reworded = {**entry, "check": "support_vectors.py:_check_counts: raise words_of_old()"}
    (folder / INDEX).write_text(json.dumps([reworded]))
    assert main([str(folder)]) == 1

    update(folder)

    assert read_index(folder) == [entry]
    assert main([str(folder)]) == 0


def test_an_update_does_not_take_up_another_function(tmp_path):
    folder = _small(tmp_path)
    [entry] = read_index(folder)
    moved = {**entry, "check": "support_vectors.py:elsewhere: raise words()"}
    (folder / INDEX).write_text(json.dumps([moved]))
    assert main([str(folder), "--update"]) == 1


def test_the_checks_are_the_statements_that_refuse_a_file():
    checks = list_checks()
    names = {check.name for check in checks}
    assert len(checks) > 250
    assert any(name.startswith("support_vectors.py:_check_counts: raise view.refuse(") for name in names)
    assert not any(":capture:" in name or "CannotSave(" in name for name in names)


@same_release
def test_a_check_that_is_taken_away_is_noticed(tmp_path):
    folder = _small(tmp_path)
    [entry] = read_index(folder)
    [check] = [check for check in list_checks() if check.name == entry["check"]]
    other = next(check for check in list_checks() if check.path.name == "losses.py")

    found: dict[Check, bool] = dict(unnoticed([check, other], folder))

    assert found == {check: False, other: True}


def test_the_corpus_was_written_by_the_release_that_the_test_names():
    versions = set()
    for path in FOLDER.glob("*.hermetic"):
        try:
            container = open_container(BufferSource(path.read_bytes()), DEFAULT_LIMITS)
        except hermetic.FileError:
            continue
        versions.add(container.written_by.get("scikit-learn", WROTE_THE_CORPUS + ".0").rpartition(".")[0])
    assert versions == {WROTE_THE_CORPUS}
