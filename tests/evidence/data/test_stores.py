"""Snapshots are kept once, under their own digest, read-only, and nothing else becomes a path."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

import numpy as np
import pytest

from hermetic.errors import DataChanged, DataUnavailable, InvalidState
from hermetic.evidence.data.reading import read_parts
from hermetic.evidence.data.recording import record_data
from hermetic.evidence.data.stores.folder_store import FolderStore
from hermetic.evidence.data.stores.keys import check_key, path_of_key
from hermetic.evidence.data.stores.of_any import find_store, project_folder
from hermetic.recorded.data import DataRecord
from hermetic.recorded.records import decode_record, encode_record

X = np.random.default_rng(0).normal(size=(70, 3))


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name != ".gitignore")


def test_the_same_data_have_one_file(store: Path):
    first, _ = record_data({"X": X}, "store")
    second, _ = record_data({"X": X.copy()}, "store")
    assert first == second
    assert _files(store) == [store / path_of_key(first.parts[0].snapshot)]


def test_a_file_of_the_store_is_read_only_and_git_passes_over_it(store: Path):
    record_data({"X": X}, "store")
    (path,) = _files(store)
    assert not path.stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH)
    assert "*" in (store / ".gitignore").read_text().splitlines()


@pytest.mark.skipif(os.name == "nt", reason="permissions of others are not those of files there")
def test_a_file_of_the_store_is_readable_for_whoever_may_look_into_its_folder(store: Path):
    (store / "sha256").mkdir(parents=True)
    record, _ = record_data({"X": X}, "store")
    folder = store / "sha256" / record.parts[0].snapshot[:2]
    folder.chmod(0o700)
    record_data({"X": X}, "store")
    assert stat.S_IMODE(_files(store)[0].stat().st_mode) == 0o400


def test_what_is_not_written_to_the_end_leaves_nothing(store: Path):
    folder = FolderStore(store)
    with pytest.raises(RuntimeError), folder.workplace() as path:
        path.write_bytes(b"half")
        raise RuntimeError
    assert _files(store) == []


def test_recording_again_mends_a_damaged_snapshot(store: Path):
    record, _ = record_data({"X": X}, "store")
    (path,) = _files(store)
    content = bytearray(path.read_bytes())
    content[100] ^= 1
    path.chmod(0o600)
    path.write_bytes(content)
    with pytest.raises(DataChanged, match="bytes of the snapshot of X"):
        read_parts(record, snapshot={})
    record_data({"X": X}, "store")
    assert np.array_equal(read_parts(record, snapshot={})["X"], X)


def test_a_snapshot_that_is_gone_says_which_and_where(store: Path):
    record, _ = record_data({"X": X}, "store")
    _files(store)[0].unlink()
    with pytest.raises(DataUnavailable) as caught:
        read_parts(record, snapshot={})
    assert record.parts[0].snapshot in caught.value.found
    assert caught.value.where == str(store)
    assert "HERMETIC_STORE" in caught.value.next_step


@pytest.mark.parametrize("key", ["", "a" * 63, "A" * 64, "../" + "a" * 61, "a" * 64 + "\n", "/etc/passwd"])
def test_only_64_hexadecimal_digits_are_a_key(key: str):
    with pytest.raises(InvalidState, match="64 hexadecimal digits"):
        check_key(key)
    record, _ = record_data({"X": X}, "store")
    text = encode_record(record).replace(record.parts[0].snapshot.encode(), encode_record(key)[1:-1])
    with pytest.raises(InvalidState, match="64 hexadecimal digits"):
        read_parts(decode_record(text, DataRecord), snapshot={})


def test_a_key_has_a_folder_of_its_first_digits():
    key = hashlib.sha256(b"").hexdigest()
    assert path_of_key(key) == f"sha256/e3/{key}.parquet"


def test_the_store_is_that_of_the_argument_the_environment_or_the_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    assert str(find_store(tmp_path / "own")) == str(tmp_path / "own")
    assert str(find_store()) == str(tmp_path / "store")
    monkeypatch.delenv("HERMETIC_STORE")
    below = tmp_path / "project" / "notebooks"
    below.mkdir(parents=True)
    (tmp_path / "project" / "pyproject.toml").touch()
    monkeypatch.chdir(below)
    assert str(find_store()) == str(tmp_path / "project" / ".hermetic")
    (below / ".hermetic").mkdir()
    assert project_folder() == below


def test_an_address_of_a_file_is_a_folder(tmp_path: Path):
    assert str(find_store(f"file://{tmp_path}/own")) == str(tmp_path / "own")


def test_an_address_that_nobody_knows_is_told(tmp_path: Path):
    with pytest.raises(DataUnavailable, match="addresses of ftp are not read"):
        record_data({"X": X}, "store", store="ftp://server/data")
