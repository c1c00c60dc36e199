"""Bytes at an address: whatever is in the way is told with the address, and with what to do."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from hermetic.errors import DataUnavailable
from hermetic.evidence.data.stores import contents
from hermetic.evidence.data.stores.contents import SCHEMES, bucket_of, read_address


@pytest.mark.parametrize("name", ["a.csv", "with spaces", "grün", "a#b?c", "per%20cent", "a\\b", "x" * 200])
@pytest.mark.parametrize("spelled", ["{}", "file://{}"])
def test_a_file_of_any_name_is_read(name: str, spelled: str, tmp_path: Path):
    (tmp_path / name).write_bytes(b"content")
    assert read_address(spelled.format(tmp_path / name)) == b"content"


NOT_READ = {
    "what is not there": lambda folder: folder / "missing",
    "a folder": lambda folder: folder,
    "a file as a folder": lambda folder: folder / "file" / "below",
    "a link in a circle": lambda folder: folder / "circle",
    "too long a name": lambda folder: folder / ("x" * 5_000),
}


@pytest.mark.parametrize("which", NOT_READ)
def test_a_path_that_cannot_be_read_is_told(which: str, tmp_path: Path):
    (tmp_path / "file").write_bytes(b"content")
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    path = NOT_READ[which](tmp_path)
    with pytest.raises(DataUnavailable, match="data cannot be read") as caught:
        read_address(str(path))
    assert caught.value.where == str(path)
    assert "hand the data over" in caught.value.next_step


@pytest.mark.parametrize(
    "uri", ["ftp://server/a", "https://server/a", "file://server/share/a", "dvc://a/b", "s3a://b/a"]
)
def test_an_address_of_another_kind_is_not_read(uri: str):
    with pytest.raises(DataUnavailable, match="are not read") as caught:
        read_address(uri)
    assert all(f"{own}://" in caught.value.next_step for own in SCHEMES)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_bucket_takes_a_library_which_is_named_when_it_is_not_there(scheme: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "obstore", None)
    monkeypatch.setitem(sys.modules, "obstore.store", None)
    with pytest.raises(DataUnavailable, match="takes obstore") as caught:
        bucket_of(f"{scheme}://bucket/data")
    assert "pip install 'hermetic[stores]'" in caught.value.next_step


class Found:
    """What a bucket gives."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def bytes(self) -> bytes:
        return self.content


class Bucket:
    """A bucket that notes what it is asked for."""

    def __init__(self, error: Exception | None = None) -> None:
        self.asked: list[Any] = []
        self.error = error

    def get(self, name: str, options: Any = None) -> Found:
        if self.error:
            raise self.error
        self.asked.append((name, options))
        return Found(b"content")


@pytest.mark.parametrize(("version", "options"), [("", None), ("7", {"version": "7"})])
def test_an_object_is_asked_for_by_its_name_and_version(version: str, options: Any, monkeypatch: pytest.MonkeyPatch):
    bucket = Bucket()
    monkeypatch.setattr(contents, "bucket_of", lambda uri: bucket if uri == "s3://bucket/data" else None)
    assert read_address("s3://bucket/data/a b.csv", version) == b"content"
    assert bucket.asked == [("a b.csv", options)]


@pytest.mark.parametrize(
    "error", [OSError("gone"), ValueError("gone"), RuntimeError("gone")], ids=["os", "value", "own"]
)
def test_whatever_a_bucket_raises_is_told_with_the_address(error: Exception, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(contents, "bucket_of", lambda uri: Bucket(error))
    with pytest.raises(DataUnavailable, match=f"{type(error).__name__}: gone") as caught:
        read_address("s3://bucket/a")
    assert caught.value.where == "s3://bucket/a"
    assert caught.value.__cause__ is error
