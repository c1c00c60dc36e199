"""The law of the fast loops: what they read, the handlers that read one opcode each read as the same."""

from __future__ import annotations

import pickle
import struct
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hermetic import Limits
from hermetic.formats import pickle_loops
from hermetic.formats.pickle_nodes import PLAIN_TYPES, ByteArray, PickleStream
from hermetic.formats.pickle_opcodes import OPCODES
from hermetic.formats.pickle_quick import _FUNCTIONS, QUICK
from hermetic.formats.pickle_reader import read_pickles
from hermetic.formats.pickle_stack import PickleStack
from tests.corpus_pickles import HARMLESS, HOSTILE, PickleFile
from tests.laws.test_pickles_read_twice import PIECES, VALUES, Plain, Thing


def as_text(stream: PickleStream) -> list[Any]:
    """Give everything that a stream holds, references by number."""
    parts: list[Any] = [stream.start, stream.end, stream.is_whole, stream.protocol, stream.depth, len(stream.recalled)]
    parts += [(problem.offset, problem.message, problem.is_end) for problem in stream.problems]
    for node in [*stream.nodes]:
        parts.append(type(node).__name__)
        for name in node.__struct_fields__:
            value = getattr(node, name)
            if name == "value" and type(node) is ByteArray:
                value = bytes(value)
            many = value if type(value) is list else [value]
            parts += [(type(one).__name__, repr(one) if type(one) in PLAIN_TYPES else one.number) for one in many]
    parts.append(repr(stream.root) if type(stream.root) in PLAIN_TYPES else stream.root.number)
    return [*parts, *map(as_text, stream.streams)]


def read_slowly(data: bytes, limits: Limits) -> list[PickleStream]:
    """Read every opcode by its handler."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PickleStack, "find_fast_end", lambda stack: None)
        return read_pickles(data, limits)


def assert_agreement(data: bytes, limits: Limits = Limits()) -> None:  # noqa: B008 - it is frozen
    fast, slow = read_pickles(data, limits), read_slowly(data, limits)
    assert list(map(as_text, fast)) == list(map(as_text, slow))


TAIL = b"N0" * 10  # the last bytes of a stream are always read slowly
LONG_PIECES = [
    *(b"r%c\0\0\0" % number for number in range(6)),
    *(b"j%c\0\0\0" % number for number in range(6)),
    *(b"q%c" % number for number in range(6)),
    *(b"h%c" % number for number in range(6)),
    b"\x8c\x03abc\x94M\x01\x02",
    b"\x8c\x02\xc3\xa9\x94J\xff\xff\xff\xff",
    b"\x8c\x03\xed\xa0\x80\x94K\x01",
    b"\x8c\x02\xff\xffK\x01",
    b"X\x03\0\0\0abcq\x00K\x01",
    b"X\x03\0\0\0\xed\xa0\x80",
    b"X\x00\x01\0\0" + b"a" * 256,
    b"\x96" + struct.pack("<Q", 5_000) + b"b" * 5_000,
    b"\x95" + struct.pack("<Q", 25),
    b"\x95" + struct.pack("<Q", 60),
    b"\xfe",
]


@given(
    pieces=st.lists(st.sampled_from(PIECES + LONG_PIECES), max_size=40),
    protocol=st.sampled_from((0, 1, 2, 3, 4, 5)),
)
@settings(deadline=None, max_examples=1_000)
def test_any_opcodes_are_read_as_the_same(pieces: list[bytes], protocol: int):
    head = b"\x80" + bytes([protocol]) if protocol else b""
    assert_agreement(head + b"".join(pieces) + TAIL + b".")


@given(make=st.builds(lambda value: lambda: value, VALUES), protocol=st.integers(0, 5))
@settings(deadline=None, max_examples=100)
def test_what_python_writes_is_read_as_the_same(make: Any, protocol: int):
    assert_agreement(pickle.dumps([make(), "padding behind it"], protocol))


@pytest.mark.parametrize("file", [*HOSTILE, *HARMLESS], ids=lambda file: file.name)
def test_the_corpus_is_read_as_the_same(file: PickleFile):
    assert_agreement(file.data + TAIL)


WORDS = {f"word {'é' * (number % 3)}{number}": number for number in range(3_000)}


@pytest.mark.parametrize("protocol", range(6))
def test_a_vocabulary_is_read_as_the_same_however_it_is_cut_off(protocol: int):
    data = pickle.dumps(WORDS, protocol)
    for length in [len(data), *range(len(data) // 2, len(data) // 2 + 40)]:
        assert_agreement(data[:length])


@pytest.mark.parametrize("protocol", [2, 4])
@pytest.mark.parametrize("limits", [Limits(nodes=50), Limits(depth=1), Limits(nodes=1)])
def test_budgets_end_at_the_same_node(protocol: int, limits: Limits):
    tower: Any = []
    for _ in range(100):
        tower = (tower, "text", 5)
    assert_agreement(pickle.dumps(tower, protocol), limits)
    assert_agreement(pickle.dumps([[number] for number in range(100)], protocol), limits)


CLASS = b"ccollections\nOrderedDict\n"
OBJECT = CLASS + b")\x81"


def around(inner: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    """Give what holds what is given, in the ways in which picklers and others write it."""
    pair = st.tuples(inner, inner)
    return st.one_of(
        inner.map(lambda one: one + b"\x85"),
        pair.map(lambda both: both[0] + both[1] + b"\x86"),
        pair.map(lambda both: b"(" + b"".join(both) * 5 + b"t"),
        pair.map(lambda both: b"](" + b"".join(both) * 5 + b"e"),
        pair.map(lambda both: b"}(K\x01" + both[0] + b"K\x02" + both[1] + b"u(K\x03" + both[1] + b"u"),
        pair.map(lambda both: CLASS + b"(" + both[0] + both[1] + b"tR" + both[0] + b"b"),
        pair.map(lambda both: OBJECT + b"q\x07}(K\x01h\x07K\x02" + both[0] + b"ub"),  # it stands in its own state
        pair.map(lambda both: OBJECT + b"(K\x01" + both[0] + b"u(" + both[1] + b"e"),
        inner.map(lambda one: CLASS + b"(" + one + b"\x85\x81" + b"N\x88\x89b"),
    )


NESTED = st.recursive(st.sampled_from(PIECES[:17] + PIECES[22:26] + [b"}", b"]", b")", OBJECT]), around, max_leaves=12)


@given(
    parts=st.lists(NESTED, max_size=6), protocol=st.sampled_from((0, 2, 3, 4, 5)), levels=st.sampled_from((1, 2, 1_000))
)
@settings(deadline=None, max_examples=500)
def test_what_stands_inside_each_other_is_read_as_the_same(parts: list[bytes], protocol: int, levels: int):
    head = b"\x80" + bytes([protocol]) if protocol else b""
    assert_agreement(head + b"N" + b"0N".join(parts) + TAIL + b".", Limits(depth=levels))


@pytest.mark.parametrize("name", sorted(_FUNCTIONS))
def test_each_quick_function_reads_what_is_ordinary(name: str):
    called = []
    one = {"a": [Plain(b"b" * 300), True, False, 1.5, bytearray(b"c"), Thing((1,), None, [], []), b"short"]}
    deep: Any = [[[[[[[[[]]]]]]]]]  # what stands deeper than all before it is not ordinary
    protocol = 0 if name in ("APPEND", "SETITEM") else 5  # newer ones have them once for a container
    many = [list(range(9)), dict.fromkeys(range(9))]
    data = pickle.dumps([deep, one, (), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), [{}], *many, "end" * 9], protocol)
    [code] = [code for code, found in OPCODES.items() if found == name]

    def counted(*arguments: Any) -> int:
        after = _FUNCTIONS[name](*arguments)
        called.append(after)
        return after

    with pytest.MonkeyPatch.context() as patch:
        quick = [*QUICK[protocol][:code], counted, *QUICK[protocol][code + 1 :]]
        patch.setattr(pickle_loops, "QUICK", [*QUICK[:protocol], quick, *QUICK[protocol + 1 :]])
        read_pickles(data)
    assert any(called)
