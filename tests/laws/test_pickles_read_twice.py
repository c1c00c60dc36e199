"""The law of the pickle reader: what it reads without a problem, Python's own reader reads as the same.

Python's reader is the one written in Python, with every import and call replaced by a note of it.
"""

from __future__ import annotations

import pickle
import struct
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hermetic.formats.pickle_reader import read_pickles
from tests.formats.pickle_values import described_by_hermetic, described_by_python

PROTOCOLS = range(6)


class Thing:
    """An object that says itself how it is made again."""

    def __init__(self, arguments: tuple[Any, ...], state: Any, items: list[Any], pairs: list[Any]) -> None:
        self.reduced = (Thing, arguments, state, iter(items), iter(pairs))

    def __reduce__(self) -> tuple[Any, ...]:
        return self.reduced


class Plain:
    """An object that pickle makes by its class."""

    def __init__(self, value: Any) -> None:
        self.value = value


KEYS = st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.binary(max_size=5)
LEAVES = KEYS | st.floats() | st.binary(max_size=300).map(bytearray) | st.sampled_from([len, Thing, Plain, ValueError])


def _larger(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    lists = st.lists(values, max_size=4)
    pairs = st.lists(st.tuples(st.text(max_size=3), values), max_size=3)
    return st.one_of(
        lists,
        lists.map(tuple),
        st.dictionaries(KEYS, values, max_size=4),
        st.sets(st.integers(0, 9), max_size=4),
        st.frozensets(st.text(max_size=2), max_size=4),
        st.builds(Plain, values),
        st.builds(Thing, lists.map(tuple), st.dictionaries(st.text(max_size=3), values, max_size=2), lists, pairs),
    )


VALUES = st.recursive(LEAVES, _larger, max_leaves=12)


@given(make=st.builds(lambda value: lambda: value, VALUES), protocol=st.sampled_from(PROTOCOLS))
@settings(deadline=None, max_examples=150)
def test_what_python_writes_is_read_as_python_reads_it(make: Any, protocol: int):
    data = pickle.dumps(make(), protocol)
    [stream] = read_pickles(data)
    assert stream.problems == []
    assert described_by_hermetic(stream) == described_by_python(data)


def _sized(opcode: bytes, form: str, content: bytes) -> bytes:
    return opcode + struct.pack(form, len(content)) + content


PIECES = [
    *(b"N", b"\x88", b"\x89", b"I12\n", b"I01\n", b"I-7\n", b"L99L\n", b"F1.5\n", b"F-inf\n", b"K\x05", b"M\x01\x02"),
    *(b"J\xff\xff\xff\xff", b"\x8a\x02\x00\x80", b"\x8b\x01\x00\x00\x00\x7f", struct.pack(">cd", b"G", 2.25)),
    *(b"S'ab\\n\\x41\\101'\n", b'S"it\'s"\n', _sized(b"U", "<B", b"xy"), _sized(b"T", "<i", b"x" * 9)),
    *(b"Vz\\u00e9\n", _sized(b"X", "<I", b"key"), _sized(b"\x8c", "<B", b"os"), _sized(b"\x8d", "<Q", b"system")),
    *(
        _sized(b"B", "<I", b"raw"),
        _sized(b"C", "<B", b"\x00"),
        _sized(b"\x8e", "<Q", b"b"),
        _sized(b"\x96", "<Q", b"c"),
    ),
    *(b"(", b"(", b"(", b"]", b"}", b")", b"\x8f", b"l", b"t", b"d", b"\x91", b"\x85", b"\x86", b"\x87"),
    *(b"a", b"e", b"s", b"u", b"\x90", b"0", b"1", b"2", b"p3\n", b"g3\n", b"q\x03", b"h\x03", b"\x94"),
    *(b"r\x04\x00\x00\x00", b"j\x04\x00\x00\x00", b"cos\nsystem\n", b"ccollections\nOrderedDict\n", b"\x93"),
    *(b"R", b"\x81", b"\x92", b"b", b"ios\nsystem\n", b"o", b"Pname\n", b"Q", b"\x82\x01", b"\x97", b"\x98", b"."),
]


def _python_reads(data: bytes) -> Any:
    try:
        return described_by_python(data)
    except Exception as error:
        return error


@given(pieces=st.lists(st.sampled_from(PIECES), max_size=14), protocol=st.sampled_from((0, 2, 3, 4, 5)))
@settings(deadline=None, max_examples=600)
def test_any_opcodes_read_without_a_problem_mean_the_same_to_python(pieces: list[bytes], protocol: int):
    data = (b"\x80" + bytes([protocol]) if protocol else b"") + b"".join(pieces) + b"."
    stream = read_pickles(data)[0]
    expected = _python_reads(data[: stream.end])
    if not stream.problems and not isinstance(expected, TypeError | AttributeError):
        assert described_by_hermetic(stream) == expected
    if isinstance(expected, pickle.UnpicklingError | EOFError | IndexError):
        assert stream.problems


SAMPLES = {
    f"protocol {protocol}": pickle.dumps(
        {"a": [1, -2.5, None, True, 2**70], "b": (Plain(b"x"), {1, 2}), "c": Thing(("d",), {"e": 1}, [3], [("f", 4)])},
        protocol,
    )
    for protocol in PROTOCOLS
}


@pytest.mark.parametrize("name", SAMPLES)
def test_no_truncation_passes(name: str):
    data = SAMPLES[name]
    for length in range(len(data)):
        streams = read_pickles(data[:length])
        assert streams[-1].root < 0
        assert streams[-1].problems[-1].is_end


@pytest.mark.parametrize("name", SAMPLES)
def test_any_flipped_bit_is_a_problem_or_means_the_same_to_python(name: str):
    data = SAMPLES[name]
    for position in range(len(data)):
        for bit in range(8):
            changed = bytearray(data)
            changed[position] ^= 1 << bit
            stream = read_pickles(bytes(changed))[0]
            expected = _python_reads(bytes(changed[: stream.end]))
            if not stream.problems and not isinstance(expected, TypeError | AttributeError):
                assert described_by_hermetic(stream) == expected, (position, bit)
