"""What the objects, sets and tables of a pickle may take: counted before they are made; and what was read is freed."""

from __future__ import annotations

import gc
import pickle
import struct
import weakref
from typing import Any

import pytest

import hermetic
from hermetic import Limits
from hermetic.capture import capture
from hermetic.errors import LimitExceeded
from hermetic.foreign_files import read_legacy
from hermetic.formats import pickle_reader
from hermetic.formats.pickle_budgets import OBJECT_BYTES, TABLE_BYTES, check_objects, memory_of_pickle
from hermetic.formats.pickle_reader import read_pickle
from hermetic.limits import DEFAULT_LIMITS
from tests.corpus_legacy.floods import flood

SMALL = Limits(memory_bytes=1 << 20)
ALLOWED = memory_of_pickle(SMALL, 0)


@pytest.mark.parametrize(
    ("name", "each_bytes", "length_bytes"),
    [
        ("calls", OBJECT_BYTES, 4),
        ("objects", OBJECT_BYTES, 4),
        ("sets", TABLE_BYTES, 5),
        ("frozensets", TABLE_BYTES, 4),
    ],
)
def test_objects_and_sets_are_counted_before_they_are_made(name: str, each_bytes: int, length_bytes: int) -> None:
    most = ALLOWED // each_bytes
    check_objects([read_pickle(flood(name, most * length_bytes))], SMALL, 0)
    with pytest.raises(LimitExceeded) as refused:
        check_objects([read_pickle(flood(name, (most + 1) * length_bytes))], SMALL, 0)
    assert (refused.value.limit, refused.value.allowed) == ("memory_bytes", ALLOWED)
    assert refused.value.asked == (most + 1) * each_bytes


def test_the_objects_of_all_streams_count_together() -> None:
    most = ALLOWED // OBJECT_BYTES
    half = read_pickle(flood("calls", (most // 2 + 1) * 4))
    check_objects([half], SMALL, 0)
    with pytest.raises(LimitExceeded):
        check_objects([half, half], SMALL, 0)


@pytest.mark.parametrize("name", ["dictionaries", "dictionaries of one number"])
def test_tables_are_counted_while_they_are_made(name: str) -> None:
    limits = Limits(memory_bytes=8 << 20)
    length_bytes = 1 if name == "dictionaries" else 5
    most = 0
    for _ in range(4):  # each is a little longer than the one before, and so may have a few more
        most = memory_of_pickle(limits, len(flood(name, most * length_bytes))) // TABLE_BYTES
    more = flood(name, most * length_bytes)
    fewer = flood(name, (most - 1) * length_bytes)
    assert len(read_legacy(fewer, limits).graph.nodes) == most
    with pytest.raises(LimitExceeded, match="the limit memory_bytes is") as refused:
        read_legacy(more, limits)
    assert most * TABLE_BYTES == refused.value.allowed < refused.value.asked


def test_what_the_error_says_suffices() -> None:
    data, limits = flood("dictionaries", 20_000), Limits(memory_bytes=8 << 20)
    with pytest.raises(LimitExceeded) as refused:
        hermetic.loads(data, limits=limits)
    assert hermetic.loads(data, limits=Limits(memory_bytes=refused.value.asked)) == [{}] * 20_000


def test_capture_of_a_live_model_has_no_such_bound() -> None:
    assert len(capture([{} for _ in range(1_000)]).nodes) == 1_001
    with pytest.raises(LimitExceeded, match="the limit nodes is 1,000"):
        capture([{} for _ in range(1_000)], 1_000)


HONEST = {
    "a hundred thousand sets": lambda: [{number} for number in range(100_000)],
    "a hundred thousand dictionaries": lambda: [{number: number} for number in range(100_000)],
    "four hundred thousand tuples": lambda: [(number, "text") for number in range(400_000)],
    "a million words": lambda: {f"word {number}": number for number in range(1_000_000)},
}


@pytest.mark.parametrize("name", HONEST)
def test_what_people_have_is_let_through(name: str) -> None:
    value = HONEST[name]()
    assert hermetic.loads(pickle.dumps(value, 4)) == value


def test_memory_grows_with_the_length() -> None:
    assert memory_of_pickle(DEFAULT_LIMITS, 1_000) - memory_of_pickle(DEFAULT_LIMITS, 0) == 3_000


class _Watched(pickle_reader._JoblibMachine):
    made: list[Any] = []  # noqa: RUF012 - one list for all of them is the point

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.made.append(weakref.ref(self.nodes_holder()))

    def nodes_holder(self) -> Any:
        """Give what only the machine refers to."""
        self.held = Limits()
        return self.held


def test_what_was_read_is_freed_without_a_collector(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pickle_reader, "_JoblibMachine", _Watched)
    gc.disable()
    try:
        assert read_pickle(pickle.dumps([1, (2, 3)])).is_whole
        assert read_pickle(b"\x80\x04(" + struct.pack("<B", 255)).problems
        assert [watched() for watched in _Watched.made] == [None, None]
    finally:
        gc.enable()
