"""Source travels as text after a scan for secrets, or as digests; what travels is told before."""

from __future__ import annotations

import hashlib
import importlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from hermetic.errors import UsageError
from hermetic.evidence.source import recording
from hermetic.evidence.source.recording import describe_source, record_source
from hermetic.recorded.records import decode_record, encode_record
from hermetic.recorded.source import Repository, SourceFile, SourceRecord
from tests.hostile_strings import HOSTILE_STRINGS

HELPER = "def twice(X):\n    return X * 2\n"
SCRIPT = "import steps_of_mine\nmodel = make(steps_of_mine.twice)\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    (tmp_path / "steps_of_mine.py").write_text(HELPER)
    (tmp_path / "train.py").write_text(SCRIPT)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()
    yield tmp_path
    sys.modules.pop("steps_of_mine", None)


def make_model() -> Any:
    return make_pipeline(FunctionTransformer(importlib.import_module("steps_of_mine").twice), LinearRegression())


def test_script_and_own_modules_travel_as_text(project: Path):
    record = record_source(make_model(), "train.py")
    assert [(file.role, file.name, file.text) for file in record.files] == [
        ("script", "train.py", SCRIPT),
        ("module", "steps_of_mine.py", HELPER),
    ]
    assert record.files[0].digest == hashlib.sha256(SCRIPT.encode()).hexdigest()
    assert str(project) not in encode_record(record).decode()
    assert decode_record(encode_record(record), SourceRecord) == record


def test_the_running_script_is_found_in_a_process_of_its_own(project: Path):
    (project / "train.py").write_text(
        "from sklearn.pipeline import make_pipeline\nfrom sklearn.preprocessing import FunctionTransformer\n"
        "import steps_of_mine\nfrom hermetic.evidence.source.recording import record_source, describe_source\n"
        "print('\\n'.join(describe_source(record_source(FunctionTransformer(steps_of_mine.twice)))))\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "train.py"], capture_output=True, text=True, env=environment, check=True)
    size = (project / "train.py").stat().st_size
    assert done.stdout.splitlines()[:2] == [
        f"script train.py: text of {size} bytes",
        f"module steps_of_mine.py: text of {len(HELPER)} bytes",
    ]


def test_digests_alone_travel_by_wish_even_where_there_is_a_secret(project: Path, monkeypatch: pytest.MonkeyPatch):
    (project / "steps_of_mine.py").write_text(HELPER + "password = 'k3?Zp!x9Qw'\n")
    monkeypatch.setitem(sys.modules, "IPython", None)
    record = record_source(make_model(), "digest")
    assert [file.name for file in record.files] == ["steps_of_mine.py"]
    assert all(file.text is None and len(file.digest) == 64 for file in record.files)


def test_a_secret_stops_the_recording_with_file_and_line_and_is_not_repeated(project: Path):
    (project / "steps_of_mine.py").write_text(HELPER + "password = 'k3?Zp!x9Qw'\n")
    with pytest.raises(UsageError) as caught:
        record_source(make_model(), ["train.py"])
    assert "steps_of_mine.py, line 3: a value for a name like password" in caught.value.found
    assert 'source="digest"' in caught.value.next_step
    assert "k3?Zp" not in str(caught.value)


def test_nothing_is_recorded_by_wish_and_that_is_said(project: Path):
    record = record_source(make_model(), None)
    assert (record.files, record.repository, record.notes) == ([], None, ["the source was left out by wish"])


def test_too_much_text_is_refused_with_advice(project: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(recording, "MOST_BYTES", 40)
    with pytest.raises(UsageError, match=r"largest is train\.py") as caught:
        record_source(make_model(), "train.py")
    assert 'source="digest"' in caught.value.next_step


def test_files_outside_of_the_project_go_by_their_last_name(project: Path, tmp_path_factory: pytest.TempPathFactory):
    other = tmp_path_factory.mktemp("elsewhere") / "prepare.py"
    other.write_text("")
    record = record_source(LinearRegression(), ["train.py", str(other)])
    assert [file.name for file in record.files] == ["train.py", "prepare.py"]


def test_a_file_that_is_named_and_imported_is_recorded_once(project: Path):
    record = record_source(make_model(), ["train.py", "steps_of_mine.py"])
    assert [file.name for file in record.files] == ["train.py", "steps_of_mine.py"]


@pytest.mark.parametrize("wish", [3, [], [3], "absent.py", b"train.py"])
def test_other_wishes_are_refused(wish: Any, project: Path):
    with pytest.raises((UsageError, FileNotFoundError)):
        record_source(LinearRegression(), wish)


def test_the_difference_is_searched_for_secrets_too(project: Path, monkeypatch: pytest.MonkeyPatch):
    changed = Repository(commit="0" * 40, remote="", is_dirty=True, diff="+password = 'k3?Zp!x9Qw'\n")
    monkeypatch.setattr(recording, "find_project", lambda folder: str(project))
    monkeypatch.setattr(recording, "read_repository", lambda *arguments, **others: (changed, []))
    with pytest.raises(UsageError, match="the difference from the commit, line 1"):
        record_source(make_model(), ["train.py"])
    long = Repository(commit="0" * 40, remote="", is_dirty=True, diff="+a\n" * 2_000_000)
    monkeypatch.setattr(recording, "read_repository", lambda *arguments, **others: (long, []))
    with pytest.raises(UsageError, match="6,000,000 bytes") as caught:
        record_source(make_model(), ["train.py"])
    assert "Commit first" in caught.value.next_step


def test_own_modules_outside_of_the_project_are_noted(project: Path, tmp_path_factory: pytest.TempPathFactory):
    model = make_model()
    other = tmp_path_factory.mktemp("elsewhere")
    (other / "train.py").write_text("")
    record = record_source(model, [str(other / "train.py")])
    assert [file.name for file in record.files] == ["train.py"]
    assert record.notes[0] == "own modules outside of the project are not recorded: steps_of_mine"


@pytest.mark.parametrize("which", HOSTILE_STRINGS)
def test_hostile_text_in_every_field_is_kept_as_text_and_told_harmlessly(which: str):
    text = HOSTILE_STRINGS[which]
    record = SourceRecord(
        layout=1,
        files=[SourceFile(name=text, role="notebook", digest=text, text=text)],
        repository=Repository(commit=text, remote=text, is_dirty=True, diff=text),
        notes=[text],
    )
    assert decode_record(encode_record(record), SourceRecord) == record
    lines = describe_source(record)
    assert len(lines) == 4
    assert all(line.isprintable() and len(line) <= 1_000 for line in lines)


def test_what_travels_is_told_in_words():
    files = [
        SourceFile(name="train.py", role="script", digest="a" * 64, text="é"),
        SourceFile(name="own/steps.py", role="module", digest="b" * 64, text=None),
    ]
    repository = Repository(commit="c" * 40, remote="https://host.org/x", is_dirty=True, diff=None)
    record = SourceRecord(layout=1, files=files, repository=repository, notes=["a note"])
    assert describe_source(record) == [
        "script train.py: text of 2 bytes",
        "module own/steps.py: digest only, bbbbbbbbbbbb",
        "together 2 files, 2 bytes of text",
        "commit cccccccccccc of https://host.org/x, with changes that are not committed",
        'difference from the commit: not kept (source="diff" keeps it)',
        "note: a note",
    ]
    kept = Repository(commit="c" * 40, remote="", is_dirty=True, diff="+1")
    assert describe_source(SourceRecord(layout=1, files=[], repository=kept, notes=[])) == [
        "commit cccccccccccc, with changes that are not committed",
        "difference from the commit: text of 2 bytes",
    ]
