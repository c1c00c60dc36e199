"""A store in a bucket behaves as one in a folder."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hermetic.errors import DataUnavailable
from hermetic.evidence.data.reading import read_parts
from hermetic.evidence.data.recording import record_data
from hermetic.evidence.data.stores import contents
from hermetic.evidence.data.stores.bucket_store import BucketStore
from hermetic.evidence.data.stores.keys import path_of_key

X = np.random.default_rng(0).normal(size=(70, 3))


@pytest.fixture
def bucket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder that stands for the bucket ``s3://data``, behind obstore itself."""
    stores = pytest.importorskip("obstore.store")
    folder = tmp_path / "bucket"
    folder.mkdir()

    def from_url(uri: str) -> Any:
        below = folder / uri.removeprefix("s3://data").strip("/")
        below.mkdir(parents=True, exist_ok=True)
        return stores.LocalStore(below)

    monkeypatch.setattr(stores, "from_url", from_url)
    return folder


def test_a_snapshot_goes_into_a_bucket_and_comes_back(bucket: Path):
    record, _ = record_data({"X": X}, "store", store="s3://data/models")
    key = record.parts[0].snapshot
    assert (bucket / "models" / path_of_key(key)).stat().st_size == record.parts[0].n_bytes
    assert np.array_equal(read_parts(record, snapshot={}, store="s3://data/models")["X"], X)


def test_what_is_there_already_is_not_sent_again(bucket: Path, monkeypatch: pytest.MonkeyPatch):
    record_data({"X": X}, "store", store="s3://data")
    monkeypatch.setattr(contents._Bucket, "put", lambda *given: pytest.fail("it was sent again"))
    record_data({"X": X}, "store", store="s3://data")


def test_a_snapshot_that_is_gone_and_a_bucket_out_of_reach_are_told_apart(
    bucket: Path, monkeypatch: pytest.MonkeyPatch
):
    record, _ = record_data({"X": X}, "store", store="s3://data")
    (bucket / path_of_key(record.parts[0].snapshot)).unlink()
    with pytest.raises(DataUnavailable, match="is not in the store"):
        read_parts(record, snapshot={}, store="s3://data")

    def fail(*given: Any) -> None:
        raise RuntimeError("no route to host")

    monkeypatch.setattr(contents._Bucket, "get", fail)
    with pytest.raises(DataUnavailable, match="cannot be read: RuntimeError: no route to host"):
        read_parts(record, snapshot={}, store="s3://data")
    monkeypatch.setattr(contents._Bucket, "has", fail)
    with pytest.raises(DataUnavailable, match="cannot be put into the store: RuntimeError"):
        record_data({"X": X}, "store", store="s3://data")


def test_without_obstore_the_extra_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "obstore", None)
    monkeypatch.setitem(sys.modules, "obstore.store", None)
    with pytest.raises(DataUnavailable, match="takes obstore") as caught:
        BucketStore("s3://data")
    assert "pip install 'hermetic[stores]'" in caught.value.next_step


def test_an_object_of_a_bucket_is_read_by_its_version(bucket: Path, monkeypatch: pytest.MonkeyPatch):
    (bucket / "a.parquet").write_bytes(b"content")
    assert contents.read_address("s3://data/a.parquet") == b"content"
    asked = []

    def get(own: Any, name: str, options: Any = None) -> Any:
        asked.append((name, options))
        return own.store.get(name)

    monkeypatch.setattr(contents._Bucket, "get", get)
    assert contents.read_address("s3://data/a.parquet", "v7") == b"content"
    assert asked == [("a.parquet", {"version": "v7"})]


def test_an_address_that_obstore_does_not_understand_is_told():
    pytest.importorskip("obstore")
    with pytest.raises(DataUnavailable, match="cannot be read"):
        contents.bucket_of("az://")
