"""A folder keeps each snapshot once, whole, wherever it stands and however many write to it."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from hermetic.errors import DataUnavailable
from hermetic.evidence.data.reading import read_parts
from hermetic.evidence.data.recording import record_data
from hermetic.evidence.data.stores.folder_store import FolderStore
from hermetic.evidence.data.stores.keys import path_of_key

CONTENT = b"a snapshot"
KEY = hashlib.sha256(CONTENT).hexdigest()
X = np.arange(12.0).reshape(4, 3)

NAMES = [
    "with spaces",
    " before and after ",
    "Grüße \N{GRINNING FACE}",
    "per%20cent",
    "a#b?c",
    "-o",
    "C:\\data",
    "x" * 200,
    "one/below/another",
    "quote'\"s",
    "~nobody",
    "$HOME",
]


def _put(store: FolderStore, content: bytes = CONTENT) -> None:
    with store.workplace() as path:
        path.write_bytes(content)
        store.keep(path, hashlib.sha256(content).hexdigest())


@pytest.mark.parametrize("name", NAMES)
def test_a_folder_of_any_name_keeps_data(name: str, tmp_path: Path):
    record, _ = record_data({"X": X}, "store", store=tmp_path / "store" / name)
    assert (tmp_path / "store" / name / path_of_key(record.parts[0].snapshot)).is_file()
    assert np.array_equal(read_parts(record, snapshot={}, store=tmp_path / "store" / name)["X"], X)


@pytest.mark.parametrize("name", ["with spaces", "Grüße", "a#b"])
def test_an_address_of_a_folder_is_read_letter_by_letter(name: str, tmp_path: Path):
    record, _ = record_data({"X": X}, "store", store=f"file://{tmp_path}/{name}")
    assert np.array_equal(read_parts(record, snapshot={}, store=tmp_path / name)["X"], X)


def test_what_is_kept_is_read_again(tmp_path: Path):
    store = FolderStore(tmp_path)
    _put(store)
    assert store.read(KEY) == CONTENT
    assert str(store) == str(tmp_path)


def test_nothing_but_the_snapshot_and_the_rule_for_git_is_left(tmp_path: Path):
    _put(FolderStore(tmp_path))
    _put(FolderStore(tmp_path))
    found = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file())
    assert found == [".gitignore", path_of_key(KEY)]


def test_a_rule_for_git_that_is_there_stays(tmp_path: Path):
    (tmp_path / ".gitignore").write_text("own\n")
    _put(FolderStore(tmp_path))
    assert (tmp_path / ".gitignore").read_text() == "own\n"


def test_a_link_to_a_folder_is_a_store(tmp_path: Path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real", target_is_directory=True)
    _put(FolderStore(tmp_path / "link"))
    assert FolderStore(tmp_path / "real").read(KEY) == CONTENT


def test_a_link_in_the_place_of_a_snapshot_is_replaced_and_what_it_leads_to_stays(tmp_path: Path):
    store = FolderStore(tmp_path / "store")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(b"own")
    target = tmp_path / "store" / path_of_key(KEY)
    target.parent.mkdir(parents=True)
    target.symlink_to(elsewhere)
    _put(store)
    assert (target.read_bytes(), target.is_symlink()) == (CONTENT, False)
    assert elsewhere.read_bytes() == b"own"


def test_a_file_in_the_place_of_the_store_is_told(tmp_path: Path):
    (tmp_path / "store").write_text("a file")
    with pytest.raises(DataUnavailable, match="cannot be put into the store") as caught:
        record_data({"X": X}, "store", store=tmp_path / "store")
    assert caught.value.where == str(tmp_path / "store")
    assert "HERMETIC_STORE" in caught.value.next_step
    assert (tmp_path / "store").read_text() == "a file"


@pytest.mark.skipif(os.name == "nt" or not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may do anything")
def test_a_folder_that_is_read_only_is_told_and_still_read(tmp_path: Path):
    _put(FolderStore(tmp_path / "store"))
    folders = [tmp_path / "store", tmp_path / "store" / "sha256"]
    for folder in folders:
        folder.chmod(0o500)
    try:
        with pytest.raises(DataUnavailable, match="cannot be put into the store"):
            record_data({"X": X}, "store", store=tmp_path / "store")
        assert FolderStore(tmp_path / "store").read(KEY) == CONTENT
    finally:
        for folder in folders:
            folder.chmod(0o700)


def test_a_store_that_cannot_be_made_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def refuse(*arguments: object, **options: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(DataUnavailable, match="Permission denied"), FolderStore(tmp_path / "store").workplace():
        pass


def test_a_system_that_replaces_no_read_only_file_keeps_the_new_one_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    replace = os.replace

    def replace_as_windows(source: Path, target: Path) -> None:
        if target.exists() and not target.stat().st_mode & 0o200:
            raise PermissionError(5, "Access is denied")
        replace(source, target)

    monkeypatch.setattr(os, "replace", replace_as_windows)
    store = FolderStore(tmp_path)
    _put(store)
    (tmp_path / path_of_key(KEY)).chmod(0o400)
    _put(store)
    assert store.read(KEY) == CONTENT
    assert not (tmp_path / path_of_key(KEY)).stat().st_mode & 0o222


def test_a_refusal_that_has_another_reason_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def refuse(source: Path, target: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(PermissionError):
        _put(FolderStore(tmp_path))
    assert not list(tmp_path.rglob("*.tmp"))


def test_a_snapshot_that_is_a_folder_cannot_be_read(tmp_path: Path):
    record, _ = record_data({"X": X}, "store", store=tmp_path)
    path = tmp_path / path_of_key(record.parts[0].snapshot)
    path.chmod(0o600)
    path.unlink()
    path.mkdir()
    with pytest.raises(DataUnavailable, match="the snapshot of X cannot be read"):
        read_parts(record, snapshot={}, store=tmp_path)


WRITER = """
import sys
from pathlib import Path
from hermetic.evidence.data.stores.folder_store import FolderStore
store = FolderStore(Path(sys.argv[1]))
for turn in range(60):
    with store.workplace() as path:
        path.write_bytes(b"a snapshot" * 9_000)
        store.keep(path, sys.argv[2])
    if store.read(sys.argv[2]) != b"a snapshot" * 9_000:
        sys.exit(f"half a snapshot at turn {turn}")
"""


def test_two_processes_that_keep_the_same_data_at_one_time_leave_it_whole(tmp_path: Path):
    content = b"a snapshot" * 9_000
    key = hashlib.sha256(content).hexdigest()
    command = [sys.executable, "-c", WRITER, str(tmp_path / "store"), key]
    writers = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    errors = [writer.communicate(timeout=60)[1] for writer in writers]
    assert ([writer.returncode for writer in writers], errors) == ([0, 0], ["", ""])
    assert FolderStore(tmp_path / "store").read(key) == content
    assert len([path for path in (tmp_path / "store").rglob("*") if path.is_file()]) == 2
