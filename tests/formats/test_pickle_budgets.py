"""What reading a pickle may cost: memory for each opcode, marks, gaps of the memo; and one pickle among others."""

from __future__ import annotations

import gc
import pickle
import struct
import time
import tracemalloc

import pytest

from hermetic import Limits
from hermetic.formats.pickle_nodes import ByteArray, Call, Sequence
from hermetic.formats.pickle_reader import read_pickle, read_pickles

MIB = 1 << 20


def peak_bytes(data: bytes) -> int:
    """Give the memory that reading takes at most."""
    gc.collect()
    tracemalloc.start()
    read_pickles(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


@pytest.mark.parametrize(
    "data",
    [
        pickle.dumps([None] * 1_000_000, 4),
        pickle.dumps([True] * 1_000_000, 2),
        b"\x80\x04(" + b"N" * 1_000_000 + b"l.",
        b"\x80\x04N" + b"\x94" * 1_000_000 + b".",
        b"\x80\x04N" + b"2" * 1_000_000 + b"(1.",
        b"(N" + b"p0\n" * 300_000 + b"l.",
    ],
    ids=["nones", "truths", "one list", "a memo of one value", "duplicates", "one entry"],
)
def test_plain_values_take_no_more_than_a_list_of_them(data: bytes):
    assert peak_bytes(data) < 24 * len(data)


@pytest.mark.parametrize("pair", [b"]", b")", b"}", b"\x8f", b"))\x86"], ids=repr)
def test_nodes_take_no_more_memory_than_the_budget(pair: bytes):
    data = b"\x80\x04" + pair * 3_000_000
    limits = Limits(memory_bytes=4 * MIB)
    tracemalloc.start()
    [stream] = read_pickles(data, limits)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "the limit memory_bytes is" in stream.problems[0].message
    assert peak < 2 * (3 * limits.memory_bytes + limits.memory_factor * len(data))


def test_the_budget_for_memory_lets_half_a_million_tuples_through():
    data = pickle.dumps([(number, "text") for number in range(500_000)], 4)
    [stream] = read_pickles(data)
    assert stream.problems == []
    assert len(stream.root.items) == 500_000


def test_long_bytearrays_are_views_of_the_file():
    data = pickle.dumps([bytearray(3), bytearray(4_000_000)], 5)
    assert peak_bytes(data) < MIB
    short, long = read_pickles(data)[0].root.items
    assert (type(short), type(long)) == (ByteArray, ByteArray)
    assert short.value == bytes(3)
    assert (long.value.obj is data, long.value.nbytes) == (True, 4_000_000)


def test_marks_that_are_never_closed_come_to_an_end():
    for marks in (b"(" * 1_000_000, b"\x80\x04" + b"(" * 1_000_000):
        [stream] = read_pickles(marks)
        assert stream.problems[-1].message == "more than 100000 marks are open"


def test_a_deep_tower_of_lists_is_freed():
    [stream] = read_pickles(b"]" * 300_000 + b"a" * 299_999 + b".")
    assert stream.problems == []
    assert stream.depth == 1001
    del stream
    gc.collect()


def test_a_cycle_is_seen_by_the_collector():
    cycle: list[object] = []
    cycle.append(cycle)
    [stream] = read_pickles(pickle.dumps(cycle))
    node = stream.nodes[0]
    assert gc.is_tracked(node)
    assert node.items[0] is node


@pytest.mark.parametrize("first", [1, 5, 900])
def test_a_memo_may_begin_later(first: int):
    # The pickler of Python 2 in C counts from 1.
    data = b"\x80\x02(X\x01\x00\x00\x00aq" + bytes([first % 256]) + b"h" + bytes([first % 256]) + b"N" * 30 + b"l."
    assert read_pickles(data)[0].root.items[:2] == ["a", "a"]


@pytest.mark.parametrize("order", [(2_000_000_000, 0), (0, 2_000_000_000), (100_003, 100_001)])
def test_entries_of_the_memo_may_be_far_from_each_other(order: tuple[int, int]):
    put = b"".join(b"K" + bytes([place]) + b"r" + struct.pack("<I", index) for place, index in enumerate(order))
    get = b"".join(b"j" + struct.pack("<I", index) for index in order)
    [stream] = read_pickles(b"(" + put + get + b"N" * 40 + b"t.")
    assert stream.problems == []
    assert stream.root.items[:4] == [0, 1, 0, 1]


def test_a_memo_with_gaps_counts_its_entries():
    # MEMOIZE takes the number of entries as the next index, so that it is 1 here, not 6.
    data = b"\x80\x04(K\x01q\x05K\x02\x94h\x01h\x05" + b"N" * 40 + b"t."
    assert read_pickles(data)[0].root.items[:4] == [1, 2, 2, 1]


def test_far_entries_of_the_memo_come_to_an_end():
    puts = b"".join(b"r" + struct.pack("<I", 200_000 + 7_000 * number) for number in range(100_001))
    before = time.perf_counter()
    [stream] = read_pickles(b"N" + puts + b".")
    assert "far from all others" in stream.problems[-1].message
    assert time.perf_counter() - before < 20


@pytest.mark.parametrize("index", [0, 3, 2_000_000_000])
def test_a_memo_entry_that_is_set_twice_is_told(index: int):
    put = b"r" + struct.pack("<I", index)
    [stream] = read_pickles(
        b"K\x01r\0\0\0\0" * (index != 0) + b"K\x01" + put + b"0K\x02" + put + b"0" * (index != 0) + b"."
    )
    assert any("is set twice" in problem.message for problem in stream.problems)


def test_opcodes_count_but_not_the_bytes_of_texts_and_arrays():
    data = pickle.dumps(["a" * 1_000, b"b" * 1_000, bytearray(1_000)], 5)
    assert read_pickles(data, Limits(values=100))[0].problems == []
    many = pickle.dumps(list(range(1_000)), 4)
    assert "the limit values is 100" in read_pickles(many, Limits(values=100))[0].problems[0].message


def test_one_pickle_is_read_and_its_end_told():
    first, second = pickle.dumps({"a": 1}), pickle.dumps([2, 3])
    stream = read_pickle(first + second + b"\xff")
    assert (stream.end, stream.problems, stream.is_whole) == (len(first), [], True)
    behind = read_pickle(first + second + b"\xff", stream.end)
    assert (behind.start, behind.end, behind.root.items) == (len(first), len(first + second), [2, 3])
    assert not read_pickle(first + second + b"\xff", behind.end).is_whole


def test_what_is_recalled_is_kept():
    text = "a" * 300
    for protocol in range(6):
        [stream] = read_pickles(pickle.dumps([text, "b", text, text], protocol))
        assert stream.recalled == [text, text]
    assert read_pickles(b"I5\n2\x86.")[0].recalled == [5]


def test_arguments_are_the_items_of_their_tuple():
    [stream] = read_pickles(b"\x80\x02cm\nf\nK\x01K\x02\x86R" + b"N0" * 20 + b".")
    _, arguments, call = stream.nodes
    assert (type(arguments), type(call)) == (Sequence, Call)
    assert call.arguments is arguments.items
