"""Members by their plain names: which of them a file may have, compressed or not, and that each is read to its end."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterable

import numpy as np
import pytest

import hermetic
from hermetic.errors import FormatError, LimitExceeded
from hermetic.formats.compression import compress_member, resolve_compression
from hermetic.formats.container_reader import Container, open_container
from hermetic.formats.container_writer import BytesMember, write_container_stream
from hermetic.formats.members import MemberReader, PoolSource, read_graph_text
from hermetic.formats.sources import BufferSource
from hermetic.limits import DEFAULT_LIMITS, Limits
from tests.taken_apart import take_apart

TEXT = b'{"names":[],"pools":[],"nodes":[],"root":1,"links":[]}'


def _container(members: Iterable[BytesMember]) -> bytes:
    target = io.BytesIO()
    write_container_stream(target, list(members), {})
    return target.getvalue()


def _open(*members: BytesMember) -> Container:
    return open_container(BufferSource(_container(members)), DEFAULT_LIMITS)


def _plain(name: str, data: bytes = b"12345678") -> BytesMember:
    return BytesMember(name=name, data=data)


def _packed(name: str, data: bytes = b"12345678", method: str = "gzip", length: int | None = None) -> BytesMember:
    compression = resolve_compression(method)
    assert compression is not None
    stored = compress_member(compression, [data])
    return BytesMember(name=name, data=stored, content_length=len(data) if length is None else length)


SOURCES = {
    "plain": ([_plain("graph.json", b"{}"), _plain("arrays/0.npy")], ["graph.json", "arrays/0.npy"]),
    "gzip": ([_packed("graph.json.gz"), _packed("arrays/0.npy.gz")], ["graph.json", "arrays/0.npy"]),
    "one of each": (
        [_plain("a"), _packed("b.gz"), _packed("c.bz2", method="bz2"), _packed("d.xz", method="xz")],
        ["a", "b", "c", "d"],
    ),
}


@pytest.mark.parametrize("name", SOURCES)
def test_members_are_known_by_their_plain_names_in_the_order_of_the_file(name: str):
    members, names = SOURCES[name]
    source = PoolSource(_open(*members), is_mapped=False)
    assert source.names == names
    for one in names[1:]:
        reader = source.open(one)
        assert bytes(reader.take_view(8)) == b"12345678"
        reader.finish()


WRONG_NAMES = {
    "called compressed but not": [_plain("arrays/0.npy.gz")],
    "plain and compressed": [_plain("x.npy"), _packed("x.npy.gz")],
    "compressed in two ways": [_packed("x.npy.gz"), _packed("x.npy.bz2", method="bz2")],
}


@pytest.mark.parametrize("name", WRONG_NAMES)
def test_a_member_that_is_not_what_its_name_says_is_refused(name: str):
    container = _open(_plain("graph.json", TEXT), *WRONG_NAMES[name])
    with pytest.raises(FormatError, match="is not what its name says, or there are two of it"):
        PoolSource(container, is_mapped=False)


@pytest.mark.parametrize("name", WRONG_NAMES)
def test_so_is_the_whole_file(name: str):
    with pytest.raises(FormatError):
        hermetic.loads(_container([_plain("graph.json", TEXT), *WRONG_NAMES[name]]))


@pytest.mark.parametrize("name", ["arrays/0.npy", "x.npy.zip", "x.gz.npy"])
def test_a_compressed_member_must_be_called_so(name: str):
    with pytest.raises(FormatError, match="its name ends with none of"):
        hermetic.loads(_container([_plain("graph.json", TEXT), _packed(name)]))


@pytest.mark.parametrize("name", ["arrays/9.npy", "", "x.npy.gz", "../x.npy", "mimetype", "manifest.json"])
def test_only_a_member_that_is_there_can_be_opened(name: str):
    source = PoolSource(_open(_packed("x.npy.gz")), is_mapped=False)
    with pytest.raises(FormatError, match="which the file does not have"):
        source.open(name)


def test_a_second_file_of_the_graph_is_refused():
    with pytest.raises(FormatError, match="two of it"):
        hermetic.loads(_container([_plain("graph.json", TEXT), _packed("graph.json.gz", TEXT)]))
    with pytest.raises(FormatError, match="two of it"):
        hermetic.loads(_container([_packed("graph.json.gz", TEXT), _plain("graph.json", TEXT)]))


def test_a_file_without_a_graph_is_refused():
    with pytest.raises(FormatError, match=r"graph\.json"):
        hermetic.loads(_container([_plain("text.txt", TEXT)]))


def test_a_graph_that_is_not_the_first_member_is_refused():
    with pytest.raises(FormatError, match="in this order"):
        hermetic.loads(_container([_plain("text.txt", b""), _plain("graph.json", TEXT)]))


@pytest.mark.parametrize("graph", [_plain("graph.json", TEXT), _packed("graph.json.gz", TEXT)], ids=["plain", "gzip"])
def test_the_graph_has_a_budget_that_counts_it_decompressed(graph: BytesMember):
    container = _open(graph)
    assert bytes(read_graph_text(container, Limits(graph_bytes=len(TEXT)))) == TEXT
    with pytest.raises(LimitExceeded) as refused:
        read_graph_text(container, Limits(graph_bytes=len(TEXT) - 1))
    assert (refused.value.limit, refused.value.asked) == ("graph_bytes", len(TEXT))


@pytest.mark.parametrize("length", [0, 1, len(TEXT) - 1, len(TEXT) + 1, 10_000, 2**40])
def test_a_wrong_length_of_the_content_is_refused(length: int):
    with pytest.raises((FormatError, LimitExceeded)):
        hermetic.loads(_container([_packed("graph.json.gz", TEXT, length=length)]))


@pytest.mark.parametrize(
    "stored",
    [gzip.compress(TEXT) + b"\0", gzip.compress(TEXT) + gzip.compress(b""), gzip.compress(TEXT)[:-1], TEXT, b""],
    ids=["a byte more", "a second stream", "cut off", "not compressed", "nothing"],
)
def test_a_compressed_member_must_be_one_whole_stream(stored: bytes):
    with pytest.raises(FormatError):
        hermetic.loads(_container([BytesMember(name="graph.json.gz", data=stored, content_length=len(TEXT))]))


def test_single_members_may_be_compressed_and_others_not():
    parts = take_apart([np.arange(100.0), [f"{n}" for n in range(20)]])
    for name in parts.members:
        parts.stored_as = {name: ".gz"}
        assert hermetic.loads(parts.put_together())[0][99] == 99.0


def test_what_is_left_of_a_member_is_refused():
    reader = PoolSource(_open(_plain("x")), is_mapped=False).open("x")
    reader.take_view(5)
    with pytest.raises(FormatError, match="3 bytes of x belong to nothing"):
        reader.finish()


def _damaged(data: bytes) -> Container:
    container = _container([_plain("x", data)])
    place = container.index(data)
    return open_container(BufferSource(container[:place] + b"\xee" + container[place + 1 :]), DEFAULT_LIMITS)


def _read(reader: MemberReader, length: int, *, is_copied: bool) -> None:
    if is_copied:
        reader.take_into(memoryview(bytearray(length)))
    else:
        reader.take_view(length)
    reader.finish()


@pytest.mark.parametrize("length", [8, 1 << 18, (1 << 18) + 1, 1 << 20])
@pytest.mark.parametrize("is_copied", [False, True])
def test_a_damaged_member_is_found_at_its_end_however_it_is_read(length: int, is_copied: bool):
    data = np.random.default_rng(0).bytes(length)
    source = PoolSource(_damaged(data), is_mapped=False)
    with pytest.raises(FormatError, match="CRC-32"):
        _read(source.open("x"), length, is_copied=is_copied)


@pytest.mark.parametrize("length", [8, 1 << 18, (1 << 18) + 1])
def test_pieces_of_any_size_give_the_content_and_its_checksum(length: int):
    data = np.random.default_rng(0).bytes(length)
    for member in (_plain("x", data), _packed("x.gz", data)):
        reader = PoolSource(_open(member), is_mapped=False).open("x")
        target = bytearray(length)
        view = memoryview(target)
        reader.take_into(view[: length - 3])
        view[length - 3 : length - 1] = reader.take_view(2)
        reader.take_into(view[length - 1 :])
        reader.finish()
        assert bytes(target) == data


def test_a_member_that_stays_mapped_is_not_checked():
    reader = PoolSource(_damaged(b"a unique content"), is_mapped=True).open("x")
    reader.take_view(16)
    reader.finish()


class _Counting(BufferSource):
    """Bytes that know how often they were read."""

    n_reads = 0

    def read(self, offset: int, length: int) -> bytes:
        """Read, and count it."""
        self.n_reads += 1
        return super().read(offset, length)


def test_small_parts_of_a_big_member_are_read_many_at_once_and_their_checksum_is_that_of_all():
    data = np.random.default_rng(0).bytes(1 << 19)
    source = _Counting(_container([_plain("graph.json", b"{}"), _plain("arrays/0.npy", data)]))
    reader = PoolSource(open_container(source, DEFAULT_LIMITS), is_mapped=False).open("arrays/0.npy")
    source.n_reads = 0
    taken = b"".join(bytes(reader.take_view(length)) for length in (100, 1, 0, 16_000, 300, 70_000, *[40] * 100))
    assert taken == data[: len(taken)]
    assert source.n_reads == 4
    rest = bytearray(len(data) - len(taken))
    reader.take_into(memoryview(rest))
    reader.finish()
    assert taken + rest == data


def test_damage_in_what_was_read_ahead_is_found():
    data = bytearray(_container([_plain("graph.json", b"{}"), _plain("arrays/0.npy", bytes(1 << 19))]))
    data[-(1 << 18)] ^= 1
    reader = PoolSource(open_container(BufferSource(data), DEFAULT_LIMITS), is_mapped=False).open("arrays/0.npy")
    for _ in range(1 << 9):
        reader.take_view(1 << 10)
    with pytest.raises(FormatError, match="CRC-32"):
        reader.finish()
