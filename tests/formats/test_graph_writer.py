"""Laying out a graph: which members a value gets, what they are called, and where each slice begins."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest

from hermetic.capture import capture
from hermetic.formats.graph_writer import graph_members
from hermetic.structs import msgspec

MEMBERS = {
    "numbers alone": ([1, 2.5], []),
    "words": (["word"] * 8 + ["other"] * 8, ["text.txt"]),
    "booleans": ([True, False] * 8, ["arrays/0-bool.npy"]),
    "big numbers": (list(range(16)), ["arrays/0-int8.npy"]),
    "floats": ([0.5 * n for n in range(16)], ["arrays/0-float64.npy"]),
    "text": (np.array(["ab"]), ["arrays/0-unicode8.npy"]),
    "bytes": (np.array([b"abc"]), ["arrays/0-bytes3.npy"]),
    "raw": (np.zeros(1, "V5"), ["arrays/0-void5.npy"]),
    "moments": (np.array(["2020"], "M8[ns]"), ["arrays/0-datetime.npy"]),
    "spans": (np.array([1], "m8[s]"), ["arrays/0-timedelta.npy"]),
    "complex": (np.zeros(1, "c8"), ["arrays/0-complex64.npy"]),
    "records": (np.zeros(1, [("a", "i4")]), ["arrays/0-records.npy"]),
    "in order of use": (
        [np.zeros(2, "u1"), np.zeros(2, "f4"), np.ones(2, "u1")],
        ["arrays/0-uint8.npy", "arrays/1-float32.npy"],
    ),
    "one pool for both byte orders": ([np.zeros(2, "<f8"), np.zeros(2, ">f8")], ["arrays/0-float64.npy"]),
    "text before arrays": ([np.zeros(2), [f"{n}" for n in range(16)]], ["text.txt", "arrays/0-float64.npy"]),
}


def _members(value: Any) -> dict[str, bytes]:
    return {member.name: b"".join(member.chunks()) for member in graph_members(capture(value))}


@pytest.mark.parametrize("name", MEMBERS)
def test_a_value_gets_these_members_after_the_graph(name: str):
    value, names = MEMBERS[name]
    assert list(_members(value)) == ["graph.json", *names]


@pytest.mark.parametrize("name", MEMBERS)
def test_a_member_says_its_length_before_it_is_written_and_gives_the_same_bytes_again(name: str):
    for member in graph_members(capture(MEMBERS[name][0])):
        first, second = (b"".join(map(bytes, member.chunks())) for _ in range(2))
        assert first == second
        assert len(first) == member.length
        assert member.content_length is None


def test_a_pool_is_a_file_that_numpy_reads():
    members = _members([np.arange(3.0), np.ones((2, 2), order="F")])
    pool = np.load(io.BytesIO(members["arrays/0-float64.npy"]))
    assert pool.tolist() == [0.0, 1.0, 2.0, 1.0, 1.0, 1.0, 1.0]


def test_slices_follow_each_other_and_a_big_one_is_aligned():
    arrays = [np.full(3, 7, "i4"), np.arange(2000, dtype="i4").reshape(2, 1000)]
    members = _members(arrays)
    first, second = msgspec.json.decode(members["graph.json"])["nodes"][:2]
    assert (first["offset"], second["offset"]) == (0, 16)
    pool = np.load(io.BytesIO(members["arrays/0-int32.npy"]))
    assert pool[:18].tolist() == [7] * 3 + [0] * 13 + [0, 1]


def test_a_table_of_arrays_is_one_slice_and_begins_where_the_last_one_ended():
    value = [np.zeros(3, "i1"), [np.full(n, n, "i1") for n in range(1, 4)]]
    members = _members(value)
    nodes = [node for node in msgspec.json.decode(members["graph.json"])["nodes"] if node["kind"] == "arrays"]
    assert [node["offset"] for node in nodes] == [0, 3]
    assert np.load(io.BytesIO(members["arrays/0-int8.npy"])).tolist() == [0, 0, 0, 1, 2, 2, 3, 3, 3]


def test_texts_lie_end_to_end_each_column_with_its_separator():
    members = _members({"a": [f"{n}" for n in range(16)], "b": frozenset(f"a\n{n}" for n in range(16))})
    nodes = msgspec.json.decode(members["graph.json"])["nodes"]
    places = [node["columns"][0]["text"] for node in nodes[:2]]
    assert places == [[0, 37, "\n"], [37, 69, "\0"]]
    assert set(members["text.txt"][37:].split(b"\0")) == {f"a\n{n}".encode() for n in range(16)}


def test_a_column_of_empty_texts_is_said_once():
    # Sixteen equal texts need no pool, so the text pool is never empty.
    assert list(_members([""] * 16)) == ["graph.json"]


def test_the_items_are_little_endian_in_the_file_and_of_both_orders_in_the_graph():
    members = _members([np.array([1], ">i4"), np.array([1], "<i4")])
    graph = msgspec.json.decode(members["graph.json"])
    assert members["arrays/0-int32.npy"][-8:] == b"\1\0\0\0\1\0\0\0"
    assert [node["dtype"] for node in graph["nodes"][:-1]] == [">i4", "<i4"]
    assert [pool["dtype"] for pool in graph["pools"]] == ["<i4"]


def test_nothing_is_copied_before_it_is_written():
    array = np.zeros(1_000_000)
    pool = graph_members(capture(array))[1]
    assert any(np.shares_memory(np.frombuffer(chunk, np.uint8), array) for chunk in pool.chunks())
