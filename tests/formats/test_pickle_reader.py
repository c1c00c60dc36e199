"""Each trick of a pickle stream is refused or noted at its byte; arrays of joblib are found between the opcodes."""

from __future__ import annotations

import io
import pickle
import struct
import time

import numpy as np
import pytest

from hermetic import Limits
from hermetic.formats.pickle_nodes import Array, Atom, Bytes8, Call, Change, Global, references_of
from hermetic.formats.pickle_reader import read_pickles, read_without_joblib
from tests.corpus_pickles import in_wrapper

LONG = struct.pack("<Q", 1 << 40)


def problem_of(data: bytes) -> tuple[int, str]:
    problems = [problem for stream in read_pickles(data) for problem in stream.problems]
    assert problems, "nothing was noted"
    return problems[0].offset, problems[0].message


@pytest.mark.parametrize(
    ("data", "offset", "words"),
    [
        (b"", 0, "ends without STOP"),
        (b"N", 1, "ends without STOP"),
        (b"N\xfe", 1, "byte 0xfe is no opcode"),
        (b"0.", 0, "POP needs a value"),
        (b".", 0, "STOP needs a value"),
        (b"NN.", 2, "left over at STOP"),
        (b"(N.", 2, "left over at STOP"),
        (b"t.", 0, "TUPLE needs a mark"),
        (b"N(a.", 2, "APPEND needs a value"),
        (b"NNa.", 2, "APPEND changes a plain value"),
        (b"](NNNu.", 5, "a key has no value"),
        (b"(Nd.", 2, "a key has no value"),
        (b"}NNa.", 3, "APPEND changes"),
        (b"g0\n.", 0, "memo entry 0 is asked for before"),
        (b"Ng-1\n.", 1, "the number of a memo entry is -1"),
        (b"Np99999999999\n.", 1, "the number of a memo entry"),
        (b"Np0\n0Np0\n.", 6, "memo entry 0 is set twice"),
        (b"\x80\x06N.", 0, "the stream has protocol 6"),
        (b"\x80\x01N.", 0, "PROTO 1 stands where no pickler"),
        (b"\x80\x02\x80\x02N.", 2, "PROTO 2 stands where no pickler"),
        (b"N\x88.", 1, "NEWTRUE belongs to protocol 2"),
        (b"\x80\x02\x8c\x01a.", 2, "SHORT_BINUNICODE belongs to protocol 4"),
        (b"\x80\x04\x95" + LONG + b"N.", 2, "a frame has 1099511627776 bytes"),
        (b"\x80\x04\x95" + struct.pack("<Q", 1) + b"K\x01.", 11, "reaches over the end of its frame"),
        (b"\x80\x04\x95" + struct.pack("<Q", 4) + b"N.NN.", 12, "before the end of its frame"),
        (b"\x80\x04\x8d" + LONG + b"a.", 2, "bytes are needed, but 2 are left"),
        (b"\x80\x04\x8c\x01\xff.", 2, "not encoded in utf-8"),
        (b"\x80\x04NN\x93.", 4, "STACK_GLOBAL needs two texts"),
        (b"NNR.", 2, "REDUCE needs a tuple of arguments"),
        (b"\x80\x02N]\x81.", 4, "NEWOBJ needs a tuple"),
        (b"\x80\x04N)N\x92.", 5, "NEWOBJ_EX needs a dictionary"),
        (b"(o.", 1, "OBJ needs a class"),
        (b"\x80\x02\x82\x00.", 2, "an extension code is 0"),
        (b"\x80\x02\x84\xff\xff\xff\xff.", 2, "an extension code is -1"),
        (b"\x80\x05\x97.", 2, "a buffer is asked for"),
        (b"\x80\x05N\x98.", 3, "READONLY_BUFFER"),
        (b"Pa\n.", 0, "a persistent id"),
        (b"NQ.", 1, "a persistent id"),
        (b"cos path\nsystem\n.", 0, "is no name that Python"),
        (b"cos\n.", 0, "a line has no end"),
        (b"c" + b"a" * 2000 + b"\nb\n.", 0, "a name has 2000 bytes"),
        (b"c\xff\nb\n.", 0, "not encoded in utf-8"),
        (b"I1_0\n.", 0, "is no whole number"),
        (b"I0x10\n.", 0, "is no whole number"),
        (b"L12\n.", 0, "does not end with L"),
        (b"L" + b"1" * 5000 + b"L\n.", 0, "at most 4300 decimal digits"),
        (b"\x80\x02\x8b\xff\xff\xff\xff.", 2, "an integer has -1 bytes"),
        (b"\x80\x02\x8b\x00\x00\x01\x00" + b"\0" * 65536 + b".", 2, "an integer has 65536 bytes"),
        (b"F1_0\n.", 0, "no number in the form"),
        (b"F0x1p3\n.", 0, "no number in the form"),
        (b"Sabc\n.", 0, "two quotes"),
        (b"S'a\n.", 0, "two quotes"),
        (b"S'\\q'\n.", 0, "no escape"),
        (b"T\xff\xff\xff\xff.", 0, "a length is -1"),
        (b"N.\xff", 2, "byte 0xff is no opcode"),
    ],
)
def test_a_trick_is_told_with_its_byte(data: bytes, offset: int, words: str):
    found_offset, message = problem_of(data)
    assert words in message
    assert found_offset == offset


def test_what_stands_before_a_problem_is_kept():
    [stream] = read_pickles(b"cos\nsystem\n(VX\ntR\xff")
    assert stream.root == -1
    assert isinstance(stream.nodes[-1], Call)
    assert stream.problems[-1].is_end


def test_every_node_has_the_byte_of_its_opcode():
    [stream] = read_pickles(b"(S'a'\nI5\ncos\nname\nt.")
    assert [node.offset for node in stream.nodes] == [1, 6, 9, 18]
    assert [type(node) for node in stream.nodes[:3]] == [Bytes8, Atom, Global]


def test_changes_of_what_is_no_plain_container_are_nodes():
    [stream] = read_pickles(b"cm\nf\n(tR}bI1\nI2\nsI3\na.")
    changes = [(node.opcode, node.target) for node in stream.nodes if isinstance(node, Change)]
    assert changes == [("BUILD", 2), ("SETITEM", 2), ("APPEND", 2)]
    assert references_of(stream.nodes[2]) == [0]


def test_a_tower_of_tuples_stops_at_the_limit_of_depth():
    before = time.perf_counter()
    _, message = problem_of(b"\x80\x04)" + b"\x85" * 3_000_000 + b".")
    assert "1001 containers stand inside each other, at most 1000" in message
    [stream] = read_pickles(b"((((tttt.", Limits(depth=1))
    assert stream.problems == []
    assert stream.depth == 4
    assert time.perf_counter() - before < 30


def test_opcodes_and_nodes_count_against_the_limits():
    assert "the limit nodes is 3" in read_pickles(b"(NNNNt.", Limits(nodes=3))[0].problems[0].message
    assert "the limit values is 5" in read_pickles(b"N" + b"20" * 9 + b".", Limits(values=5))[0].problems[0].message


def test_a_cycle_is_no_problem():
    cycle: list[object] = []
    cycle.append(cycle)
    for protocol in range(6):
        [stream] = read_pickles(pickle.dumps(cycle, protocol))
        assert (stream.problems, stream.nodes[0].items) == ([], [0])


def test_pickles_follow_each_other():
    streams = read_pickles(pickle.dumps(1, 4) + pickle.dumps(2, 0))
    assert [stream.nodes[stream.root].value for stream in streams] == [1, 2]
    assert streams[1].start == streams[0].end


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6.0).reshape(2, 3),
        np.asfortranarray(np.arange(6, dtype="i2").reshape(2, 3)),
        np.zeros((0, 4)),
        np.array(5, dtype="u1"),
        np.array(["a", "bcd"]),
        np.array([b"a", b"bcd"]),
        np.array([True, False]),
        np.array(["2020-01-01"], dtype="M8[D]"),
        np.zeros(3, dtype=[("a", "<f8"), ("b", "<i4", (2,))]),
        np.array([1.5], dtype=">f8"),
    ],
    ids=lambda array: f"{array.dtype.str}{array.shape}",
)
def test_the_bytes_of_an_array_of_joblib_are_found(array: np.ndarray):
    joblib = pytest.importorskip("joblib")
    for protocol in range(6):
        file = io.BytesIO()
        joblib.dump(
            {"first": array, "second": array + array if array.dtype.kind == "f" else array}, file, protocol=protocol
        )
        [stream] = read_pickles(file.getvalue())
        assert stream.problems == []
        assert stream.is_joblib
        found = [node for node in stream.nodes if isinstance(node, Array)]
        data = file.getvalue()[found[0].start : found[0].start + found[0].length]
        assert data == array.tobytes("F" if array.flags.f_contiguous and not array.flags.c_contiguous else "C")


def test_objects_of_joblib_are_pickles_of_their_own():
    joblib = pytest.importorskip("joblib")
    structured = np.zeros(2, dtype=[("a", "O"), ("b", "f8")])
    for array in (np.array([{"a": 1}, None], dtype=object), structured):
        file = io.BytesIO()
        joblib.dump([array, "behind"], file)
        [stream] = read_pickles(file.getvalue())
        assert stream.problems == stream.streams[0].problems == []
        assert len(stream.streams) == 1
        assert "behind" in [node.value for node in stream.nodes if isinstance(node, Atom)]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (in_wrapper(b"\0" * 7), "an array of joblib has 8 bytes, but 7 are left"),
        (in_wrapper(b"", shape=b"I4294967296\nI4294967296\n"), "bytes, but 0 are left"),
        (in_wrapper(b"", shape=b"I-1\n"), "has the shape [-1]"),
        (in_wrapper(b"", shape=b"F1.0\n"), "no whole number"),
        (in_wrapper(b"", shape=b"I1\n" * 65), "no tuple of at most 64"),
        (in_wrapper(b"", dtype="f"), "has no size"),
        (in_wrapper(b"", dtype="(9,)f8"), "has no size"),
        (in_wrapper(b"", alignment=b"I8\n"), "aligns arrays to 16 bytes, found 8"),
        (in_wrapper(b"\x00" + b"\0" * 8 + b".", alignment=b"I16\n"), "1 to 16 bytes of padding"),
        (in_wrapper(b"\x02\xff\x00" + b"\0" * 8 + b".", alignment=b"I16\n"), "1 to 16 bytes of padding"),
        (in_wrapper(b"\xff", dtype="O8"), "cannot be read to its end"),
    ],
)
def test_a_wrapper_that_joblib_would_not_write_is_a_problem(data: bytes, words: str):
    assert words in problem_of(data)[1]


def test_a_wrapper_that_an_array_has_replaced_is_not_recalled():
    data = in_wrapper(b"\0" * 8).replace(b"NtR(", b"NtRp9\n(", 1) + b"g9\n\x86."
    assert "memo entry 9 is asked for before" in problem_of(data)[1]


def test_without_joblib_the_bytes_of_an_array_are_opcodes():
    data = in_wrapper(b"cos\nsystem\n.", dtype="S12") + b"."
    assert read_pickles(data)[0].problems == []
    names = [node.name for node in read_without_joblib(data, 0).nodes if isinstance(node, Global)]
    assert names[-1] == "system"


def test_many_arrays_and_a_large_memo_do_not_multiply():
    memo = b"".join(b"p%d\n" % index for index in range(100_000))
    array = in_wrapper(b"\0" * 8)
    before = time.perf_counter()
    [stream] = read_pickles(b"(N" + memo + array * 3_000 + b"l.")
    assert stream.problems == []
    assert time.perf_counter() - before < 20
