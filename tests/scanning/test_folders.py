"""A scan of a folder judges every file below it, follows no link out of it, and is not stopped by any one file."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import pytest

import hermetic
from hermetic.scanning import scan
from hermetic.scanning.folders import files_below, leads_out, scan_folder
from tests.corpus_pickles import PAYLOAD
from tests.handmade_archives import zip_of_python

VALUES = pickle.dumps([1, 2.5])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    inside = tmp_path / "models"
    (inside / "b").mkdir(parents=True)
    (inside / "a.pkl").write_bytes(VALUES)
    (inside / "b" / "c.hermetic").write_bytes(hermetic.dumps([1]))
    (inside / "data.csv").write_text("color,count\nred,1\n")
    return inside


def test_a_folder_has_a_report_for_each_file_in_order(folder: Path):
    report = scan(folder)
    assert (report.format, report.verdict, report.ok) == ("folder", "clean", True)
    names = [(os.path.relpath(file.file, folder), file.verdict) for file in report.files]
    assert names == [("a.pkl", "clean"), ("data.csv", "no model"), (os.path.join("b", "c.hermetic"), "clean")]


def test_the_worst_file_decides_and_its_findings_say_where(folder: Path):
    (folder / "b" / "evil.zip").write_bytes(zip_of_python({"d.pkl": PAYLOAD}))
    report = scan(folder)
    assert report.verdict == "dangerous"
    assert report.findings[0].path == f"{os.path.join('b', 'evil.zip')}!d.pkl"


def test_the_path_of_a_folder_may_be_text_bytes_or_a_path(folder: Path):
    assert scan(str(folder)).verdict == scan(folder).verdict == "clean"


def test_an_empty_folder_holds_no_model_and_nothing_speaks_against_it(tmp_path: Path):
    report = scan(tmp_path)
    assert (report.verdict, report.ok, report.files) == ("no model", True, ())


NO_MODELS = {
    "empty": b"",
    "table": b"sepal,petal\n1.0,2.0\n",
    "table of one column that begins as a name": b"class\nsetosa\nvirginica\n",
    "table of counts": b"count\n1\n2\n",
    "text that begins as a pickle": b"N.B. this is text",
    "text that begins with a power": b"x^2 + y^2 = r^2\n",
    "text in brackets": b"(see the other page)\n",
    "list": b"]\n",
    "Python": b"import os\nos.system('true')\n",
    "page": b"<!DOCTYPE html><html></html>",
    "JSON": b'{"a": [1, 2]}',
    "YAML": b"a: 1\nb: [2]\n",
    "TOML": b"[a]\nb = 1\n",
    "picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
    "photograph": b"\xff\xd8\xff\xe0" + bytes(range(256)),
    "commit": b"commit 0123\nAuthor: x\n",
    "numbers": bytes(range(256)) * 9,
    "zeros": bytes(5_000),
}


@pytest.mark.parametrize("name", NO_MODELS)
def test_a_file_without_a_model_does_not_make_a_folder_red(name: str, folder: Path):
    (folder / "other").write_bytes(NO_MODELS[name])
    report = scan(folder)
    assert report.verdict == "clean", str(report)
    assert report.files[1 if "data.csv" > "other" else 2].verdict == "no model"


@pytest.mark.parametrize("name", NO_MODELS)
def test_a_file_without_a_model_that_was_asked_for_is_unreadable(name: str, folder: Path):
    (folder / "other").write_bytes(NO_MODELS[name])
    report = scan(folder / "other")
    assert (report.verdict, report.ok) == ("unreadable", False)
    assert report.problem


NOT_READ = {
    "HDF5": b"\x89HDF\r\n\x1a\n" + bytes(50),
    "a pointer": b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
    "zstd": b"\x28\xb5\x2f\xfd" + bytes(50),
    "7z": b"7z\xbc\xaf\x27\x1c" + bytes(50),
}


@pytest.mark.parametrize("name", NOT_READ)
def test_what_may_hold_a_model_and_is_not_read_is_never_called_good(name: str, folder: Path):
    (folder / "other").write_bytes(NOT_READ[name])
    report = scan(folder)
    assert (report.verdict, report.ok) == ("unreadable", False)
    assert report.findings[0].rule == "not-scanned"


def test_a_pickle_of_an_old_protocol_with_another_name_is_one(folder: Path):
    (folder / "notes.txt").write_bytes(b"(lp0\n" + PAYLOAD[:-1] + b"a.")
    assert scan(folder).verdict == "dangerous"


def test_a_broken_pickle_that_names_what_models_use_is_malformed(folder: Path):
    (folder / "old.pkl").write_bytes(b"ccopy_reg\n_reconstructor\n(csklearn.svm.classes\nSVC\nc__builtin__\nobj")
    assert scan(folder).verdict == "malformed"


def test_a_long_file_of_no_known_kind_is_no_model_when_its_beginning_shows_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("hermetic.scanning.files.MOST_SUSPECT_BYTES", 1_000)
    (folder / "long.csv").write_bytes(b"a,b\n" + b"1,2\n" * 1_000)
    assert scan(folder).verdict == "clean"
    (folder / "long.txt").write_bytes(b"I1\n0" + b"V" + b"x" * 5_000 + b"\n0" + PAYLOAD)
    report = scan(folder)
    assert report.verdict == "unreadable"
    assert "too many to be searched" in report.findings[0].text


def test_a_payload_in_the_beginning_of_a_long_file_is_found(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("hermetic.scanning.files.MOST_SUSPECT_BYTES", 1_000)
    (folder / "long.txt").write_bytes(b"I1\n0" + PAYLOAD[:-1] + b"V" + b"x" * 5_000)
    assert scan(folder).verdict == "dangerous"


def test_a_zip_behind_a_long_file_is_found(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("hermetic.scanning.files.MOST_SUSPECT_BYTES", 1_000)
    (folder / "long.csv").write_bytes(b"a,b\n" * 1_000 + zip_of_python({"m.pkl": PAYLOAD}))
    assert scan(folder).verdict == "dangerous"


needs_links = pytest.mark.skipif(os.name == "nt", reason="links need a privilege")


@needs_links
def test_a_link_out_of_the_folder_is_not_followed_and_not_passed_over(folder: Path):
    (folder.parent / "outside.pkl").write_bytes(PAYLOAD)
    (folder / "link.pkl").symlink_to(folder.parent / "outside.pkl")
    report = scan(folder)
    assert report.verdict == "unreadable"
    assert "is not followed" in report.findings[0].text
    assert report.findings[0].path == "link.pkl"


@needs_links
def test_a_link_to_a_folder_outside_is_not_followed_and_not_passed_over(folder: Path):
    (folder.parent / "outside").mkdir()
    (folder.parent / "outside" / "evil.pkl").write_bytes(PAYLOAD)
    (folder / "link").symlink_to(folder.parent / "outside")
    assert scan(folder).verdict == "unreadable"


@needs_links
def test_a_link_inside_the_folder_is_judged_as_what_it_leads_to(folder: Path):
    (folder / "again.pkl").symlink_to("a.pkl")
    (folder / "ring").symlink_to(".")
    report = scan(folder)
    assert report.verdict == "clean"
    assert [os.path.basename(file.file) for file in report.files][:2] == ["a.pkl", "again.pkl"]
    assert len(report.files) == 4


@needs_links
def test_a_folder_may_itself_be_a_link(folder: Path):
    (folder.parent / "link").symlink_to(folder)
    assert scan(folder.parent / "link").verdict == "clean"
    assert len(scan(folder.parent / "link").files) == 3


@needs_links
def test_where_a_link_leads_is_told_by_its_target(folder: Path):
    (folder / "in").symlink_to("a.pkl")
    (folder / "out").symlink_to("../models2")
    assert [leads_out(str(folder / name), str(folder)) for name in ("in", "out", "a.pkl")] == [False, True, False]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_a_pipe_is_not_waited_for(folder: Path):
    os.mkfifo(folder / "pipe")
    assert len(list(files_below(str(folder)))) == 3


def test_each_file_is_announced_before_it_is_judged(folder: Path):
    told: list[tuple[int, int, str]] = []
    scan_folder(str(folder), announce=lambda done, total, path: told.append((done, total, os.path.basename(path))))
    assert told == [(0, 3, "a.pkl"), (1, 3, "data.csv"), (2, 3, "c.hermetic")]


def test_files_vanish_while_a_folder_is_scanned(folder: Path):
    def remove(done: int, total: int, path: str) -> None:
        if done == 0:
            (folder / "data.csv").unlink()

    report = scan_folder(str(folder), announce=remove)
    assert [file.verdict for file in report.files] == ["clean", "unreadable", "clean"]
    assert "No such file" in report.files[1].problem
