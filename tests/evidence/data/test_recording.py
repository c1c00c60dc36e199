"""What fit was given is recorded, and given back as the very object that it was."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from hermetic.errors import DataChanged, DataUnavailable, UsageError
from hermetic.evidence.data.reading import read_parts
from hermetic.evidence.data.recording import record_data

X = np.random.default_rng(0).normal(size=(70, 3))
y = ["low" if value < 0 else "high" for value in X[:, 0]]


def test_a_stored_snapshot_stands_under_its_own_digest(store: Path):
    record, embedded = record_data({"X": X, "y": y}, "store")
    assert embedded == {}
    for part in record.parts:
        path = store / "sha256" / part.snapshot[:2] / f"{part.snapshot}.parquet"
        assert hashlib.sha256(path.read_bytes()).hexdigest() == part.snapshot
        assert path.stat().st_size == part.n_bytes
    found = read_parts(record, snapshot={})
    assert np.array_equal(found["X"], X)
    assert found["y"] == y


def test_an_embedded_snapshot_is_given_back_and_nothing_is_stored(store: Path):
    record, embedded = record_data({"X": X, "y": y}, "embed")
    assert [part.place for part in record.parts] == ["embedded", "embedded"]
    assert np.array_equal(read_parts(record, snapshot=embedded)["X"], X)
    assert not store.exists()


def test_left_out_data_are_told_so_and_compared_when_they_are_handed_over():
    record, _ = record_data({"X": X}, None)
    with pytest.raises(DataUnavailable, match="only their fingerprint"):
        read_parts(record, snapshot={})
    assert read_parts(record, snapshot={}, given={"X": X})["X"] is X
    changed = X.copy()
    changed[5, 1] += 1
    with pytest.raises(DataChanged, match="column 1 holds other values"):
        read_parts(record, snapshot={}, given={"X": changed})


def test_what_is_no_way_to_keep_data_is_refused():
    with pytest.raises(UsageError, match="got 'everywhere'"):
        record_data({"X": X}, "everywhere")
