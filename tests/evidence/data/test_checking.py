"""What verify says of the data: passed, failed with the place, or skipped with what to do."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from hermetic.evidence.data.checking import check_data
from hermetic.evidence.data.recording import record_data
from hermetic.evidence.data.references import DataReference
from hermetic.evidence.data.stores.folder_store import FolderStore
from hermetic.recorded.data import DataRecord
from hermetic.recorded.records import decode_record, encode_record

N_ROWS = 70_000
X = pd.DataFrame({"age": np.random.default_rng(0).normal(size=N_ROWS), "n": np.arange(N_ROWS)})
y = (X["age"] > 0).astype(int)
RECORD, SNAPSHOT = record_data({"X": X, "y": y}, "embed")


def test_data_that_are_what_they_were_pass():
    check = check_data(RECORD, snapshot=SNAPSHOT)
    assert (check.name, check.verdict) == ("data", "passed")
    assert check.words.splitlines() == [
        "X is what was recorded (70,000 rows, embedded)",
        "y is what was recorded (70,000 rows, embedded)",
    ]


def _cell() -> pd.DataFrame:
    changed = X.copy()
    changed.loc[66_000, "age"] = 0.5
    return changed


CHANGES = {
    "a cell": (_cell, "X is not what was recorded: column 'age' holds other values, in rows 65,536 to 131,071"),
    "a dtype": (lambda: X.astype({"n": "int32"}), "X is not what was recorded: column 'n' is int32, recorded as int64"),
    "the order of rows": (
        lambda: X[::-1],
        "X is not what was recorded: all columns hold the same values in another order of rows",
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_fails_and_is_placed(change: str):
    alter, words = CHANGES[change]
    check = check_data(RECORD, snapshot=SNAPSHOT, given={"X": alter()})
    assert check.verdict == "failed"
    assert check.words.splitlines() == [words, "y is what was recorded (70,000 rows, embedded)"]


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_snapshot_that_is_recorded_as_such_fails_by_its_fingerprint(change: str):
    """Whoever changes a file's snapshot and its digest alike still does not have its fingerprint."""
    other, content = record_data({"X": CHANGES[change][0]().reset_index(drop=True)}, "embed")
    part, forged = RECORD.parts[0], other.parts[0]
    text = encode_record(RECORD)
    text = text.replace(part.snapshot.encode(), forged.snapshot.encode())
    text = text.replace(encode_record(part.holder), encode_record(forged.holder))
    check = check_data(decode_record(text, DataRecord), snapshot={**SNAPSHOT, **content})
    assert check.verdict == "failed"
    assert check.words.splitlines()[0] == CHANGES[change][1]


def test_bytes_that_were_damaged_fail_before_they_are_parsed():
    damaged = bytearray(SNAPSHOT["X"])
    damaged[500] ^= 1
    check = check_data(RECORD, snapshot={**SNAPSHOT, "X": bytes(damaged)})
    assert check.verdict == "failed"
    assert check.words.startswith("X: the bytes of the snapshot of X are not those that were recorded")


def test_a_snapshot_that_the_file_lacks_fails():
    check = check_data(RECORD, snapshot={"X": SNAPSHOT["X"]})
    assert check.verdict == "failed"
    assert "y is said to be embedded" in check.words


def test_data_that_were_left_out_are_skipped_and_compared_when_handed_over():
    record, _ = record_data({"X": X}, None)
    check = check_data(record, snapshot={})
    assert check.verdict == "skipped"
    assert "were not recorded, only their fingerprint" in check.words
    assert check_data(record, snapshot={}, given={"X": X}).verdict == "passed"


def test_a_reference_is_skipped_until_it_is_allowed(tmp_path: Path):
    X.to_parquet(tmp_path / "data.parquet")
    record, _ = record_data({"X": X}, DataReference(str(tmp_path / "data.parquet")))
    check = check_data(record, snapshot={})
    assert check.verdict == "skipped"
    assert "allowed=[...]" in check.words
    assert str(tmp_path / "data.parquet") in check.words
    assert check_data(record, snapshot={}, allowed=[str(tmp_path)]).verdict == "passed"


def test_a_part_that_was_left_out_beside_others_is_noted(tmp_path: Path):
    X.to_parquet(tmp_path / "data.parquet")
    record, _ = record_data({"X": X, "y": y}, DataReference(str(tmp_path / "data.parquet")))
    assert check_data(record, snapshot={}, allowed=[str(tmp_path)]).verdict == "noted"


def test_a_snapshot_that_is_nowhere_or_out_of_reach_is_skipped(monkeypatch: pytest.MonkeyPatch):
    record, _ = record_data({"X": X[:50]}, "store")
    assert check_data(record, snapshot={}).verdict == "passed"

    def fail(*given: Any) -> bytes:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr(FolderStore, "read", fail)
        assert "Permission denied" in check_data(record, snapshot={}).words
    check = check_data(record, snapshot={}, store="elsewhere")
    assert check.verdict == "skipped"
    assert "is not in the store" in check.words


def test_a_file_that_says_nothing_of_its_data_is_skipped():
    assert check_data(None, snapshot={}).verdict == "skipped"
    record, _ = record_data({"X": np.zeros((2, 2, 2))}, "embed")
    assert check_data(record, snapshot={}).words.startswith("X is not recorded at all: data are an array of one or two")


@pytest.mark.parametrize(("library", "words"), [("pyarrow", "'hermetic[evidence]'"), ("pandas", "pip install pandas")])
def test_without_a_library_it_is_skipped_and_named(monkeypatch: pytest.MonkeyPatch, library: str, words: str):
    for name in [name for name in sys.modules if name.partition(".")[0] == library]:
        monkeypatch.setitem(sys.modules, name, None)
    check = check_data(RECORD, snapshot=SNAPSHOT)
    assert check.verdict == "skipped"
    assert words in check.words
