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
from fuzzing.checks import Check, list_checks, who_notices
from fuzzing.corpus import Corpus, entry_of
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
    entry = [one for one in read_index(FOLDER) if one["check"].startswith("codecs/support_vectors.py:_check_counts")][
        number
    ]
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
    assert len(checks) == len(set(checks)) > 400


@same_release
def test_a_file_that_is_not_refused_any_longer_is_told(tmp_path, capsys):
    folder = _small(tmp_path)
    [entry] = read_index(folder)
    (folder / entry["file"]).write_bytes(hermetic.dumps(1))

    assert main([str(folder)]) == 1
    assert "refused by nothing, not by codecs/support_vectors.py:_check_counts" in capsys.readouterr().out


@same_release
def test_a_reworded_check_is_taken_up_by_an_update(tmp_path):
    folder = _small(tmp_path)
    [entry] = read_index(folder)
    reworded = {**entry, "check": "codecs/support_vectors.py:_check_counts: raise words_of_old()"}
    (folder / INDEX).write_text(json.dumps([reworded]))
    assert main([str(folder)]) == 1

    update(folder)

    assert read_index(folder) == [entry]
    assert main([str(folder)]) == 0


def test_an_update_does_not_take_up_another_function(tmp_path):
    folder = _small(tmp_path)
    [entry] = read_index(folder)
    moved = {**entry, "check": "codecs/support_vectors.py:elsewhere: raise words()"}
    (folder / INDEX).write_text(json.dumps([moved]))
    assert main([str(folder), "--update"]) == 1


def test_the_checks_are_the_statements_that_refuse_a_file():
    checks = list_checks()
    names = {check.name for check in checks}
    assert len(checks) > 250
    assert any(name.startswith("codecs/support_vectors.py:_check_counts: raise view.refuse(") for name in names)
    assert not any(":capture:" in name or "CannotSave(" in name for name in names)


@same_release
def test_a_check_that_is_taken_away_is_noticed_by_its_file(tmp_path):
    folder = _small(tmp_path)
    [entry] = read_index(folder)
    [check] = [check for check in list_checks() if check.name == entry["check"]]

    [(found, words)] = who_notices([check], folder)

    assert found == check
    assert words.startswith("its file is ")


@pytest.mark.slow
def test_a_check_without_a_file_is_noticed_by_a_test_or_by_nobody(tmp_path):
    checks = [check for check in list_checks() if check.path.name == "online_linear.py"]
    blank = checks[0].path.read_text(encoding="utf-8").splitlines().index("") + 1
    harmless = Check(path=checks[0].path, first=blank, last=blank, name="what no test can notice")

    [(_, words), (_, nothing)] = who_notices([checks[0], harmless], tmp_path)

    assert words.startswith("a test fails: FAILED tests/codecs/test_online_linear.py")
    assert nothing == ""


# Collecting


@same_release
def test_a_smaller_file_takes_the_place_of_a_larger_one(tmp_path):
    folder = _small(tmp_path)
    [entry] = read_index(folder)
    data = (folder / entry["file"]).read_bytes()
    (folder / entry["file"]).write_bytes(data + bytes(len(data)))
    corpus = Corpus(folder)
    again = entry_of(data, entry["check"], trusted=entry["trusted"], capabilities=entry["capabilities"])

    assert corpus.wants(entry["check"], len(data))
    corpus.keep({**again, "words": entry["words"], "seed": entry["seed"]})

    assert read_index(folder) == [entry]
    assert (folder / entry["file"]).read_bytes() == data
    assert not corpus.wants(entry["check"], len(data))


@same_release
def test_a_file_that_another_check_refuses_is_no_entry():
    entries = read_index(FOLDER)
    data = (FOLDER / entries[0]["file"]).read_bytes()
    assert entry_of(data, entries[0]["check"], trusted=(), capabilities=()) is not None
    assert entry_of(data, entries[1]["check"], trusted=(), capabilities=()) is None
    assert entry_of(hermetic.dumps(1), entries[0]["check"], trusted=(), capabilities=()) is None


HOSTILE_TEST = """
import io
import pytest
import hermetic
from hermetic.errors import InvalidState
from tests.codecs.altered import refuse_altered
from sklearn.dummy import DummyClassifier


def test_of_bytes():
    refuse_altered(DummyClassifier().fit([[0], [1]], [0, 1]), "n_classes_ is", n_classes_=9)


def test_of_a_graph():
    from hermetic.graph import Graph
    from hermetic.limits import Limits
    from hermetic.normalize import normalize

    with pytest.raises(InvalidState):
        normalize(Graph(names=[], nodes=[], root={"name": 0}), limits=Limits())
"""


@pytest.mark.slow
@same_release
def test_what_tests_refuse_is_harvested(tmp_path):
    (tmp_path / "test_hostile.py").write_text(HOSTILE_TEST)
    code = f"import sys; from fuzzing.harvest import main; sys.exit(main({[str(tmp_path / 'c'), str(tmp_path)]}))"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}

    run = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)

    assert run.returncode == 0, run.stdout + run.stderr
    assert "2 more checks have a file, 2 in all" in run.stdout
    entries = read_index(tmp_path / "c")
    assert [entry["words"] for entry in entries] == [["test_of_bytes"], ["test_of_a_graph"]]
    assert main([str(tmp_path / "c")]) == 0


def test_the_corpus_was_written_by_the_release_that_the_test_names():
    versions = set()
    for path in FOLDER.glob("*.hermetic"):
        try:
            container = open_container(BufferSource(path.read_bytes()), DEFAULT_LIMITS)
        except hermetic.FileError:
            continue
        versions.add(container.written_by.get("scikit-learn", WROTE_THE_CORPUS + ".0").rpartition(".")[0])
    assert versions == {WROTE_THE_CORPUS}
