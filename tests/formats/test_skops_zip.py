"""ZIPs that others wrote: what Python's zipfile writes is read, and whatever two tools read differently is refused."""

import io
import re
import struct
import zipfile
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hermetic.errors import FormatError, LimitExceeded
from hermetic.formats.skops_zip import Archive, Expansion, open_archive, read_directory
from hermetic.limits import DEFAULT_LIMITS, Limits
from tests.formats.skops_files import npz, zipped

METHODS = [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
CONTENT = {"a.npy": b"abc" * 100, "schema.json": b"{}", "empty.bin": b""}
END = struct.Struct("<4s4H2LH")
CENTRAL = 46
LOCAL = 30


def opened(data, limits=DEFAULT_LIMITS) -> Archive:
    return open_archive(memoryview(data), Expansion(limits, len(data)), limits, "model.skops")


def contents_of(data):
    archive = opened(data)
    return {name: bytes(archive.read(name)) for name in archive.entries}


@pytest.mark.parametrize("method", METHODS)
def test_what_zipfile_writes_is_read(method):
    assert contents_of(zipped(CONTENT, method)) == CONTENT


@settings(max_examples=50, deadline=None)
@given(
    st.dictionaries(st.from_regex(r"[a-z0-9_-][a-z0-9_.-]{0,30}", fullmatch=True), st.binary(max_size=500), max_size=6),
    st.sampled_from(METHODS),
)
def test_any_members_are_read(members, method):
    assert contents_of(zipped(members, method)) == members


def test_what_numpy_and_a_writer_that_forces_zip64_write_is_read():
    assert set(opened(npz(data=np.arange(3), indices=np.arange(2))).entries) == {"data.npy", "indices.npy"}
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as writer, writer.open("a.bin", "w", force_zip64=True) as member:
        member.write(b"content")
    assert contents_of(file.getvalue()) == {"a.bin": b"content"}


def test_names_in_utf_8_that_are_ascii_are_read():
    data = bytearray(zipped({"a.bin": b"1"}))
    for at in (6, data.index(b"PK\1\2") + 8):
        data[at : at + 2] = struct.pack("<H", 0x800)

    assert contents_of(bytes(data)) == {"a.bin": b"1"}


def with_zip64_end(data, **changes):
    """Put the ZIP64 end records before the end record, as for more than 65,535 members."""
    *_, count, length, start, _ = END.unpack(data[-END.size :])
    body = data[: -END.size]
    record = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, changes.get("count", count), length, start)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, changes.get("at", len(body)), 1)
    return body + record + locator + data[-END.size :]


def test_zip64_end_records_are_read():
    assert contents_of(with_zip64_end(zipped(CONTENT))) == CONTENT


@pytest.mark.parametrize(
    ("changes", "message"),
    [({"at": 0}, "does not stand where its locator says"), ({"count": 7}, "not one of a single file")],
)
def test_zip64_end_records_that_contradict_are_refused(changes, message):
    with pytest.raises(FormatError, match=message):
        opened(with_zip64_end(zipped(CONTENT), **changes))


def test_a_zip64_end_record_beside_another_count_is_refused():
    data = bytearray(with_zip64_end(zipped(CONTENT)))
    data[-END.size + 8 : -END.size + 12] = struct.pack("<2H", 2, 2)

    with pytest.raises(FormatError, match="the two end records of the ZIP contradict each other"):
        opened(bytes(data))


def test_a_member_wider_than_32_bits_needs_the_field_of_zip64():
    data = bytearray(zipped({"a": b"x"}))
    at = data.index(b"PK\1\2")
    data[at + 24 : at + 28] = b"\xff" * 4

    with pytest.raises(FormatError, match="have extra fields, or lack the one of ZIP64"):
        opened(bytes(data))


def changed(offset, packed, *, central=True, name="a.npy", data=None):
    """Change bytes of a header of the member, counted from its beginning."""
    data = bytearray(zipped(CONTENT) if data is None else data)
    at = data.index(name.encode(), data.index(b"PK\1\2")) - CENTRAL if central else data.index(name.encode()) - LOCAL
    data[at + offset : at + offset + len(packed)] = packed
    return bytes(data)


def both(central_offset, local_offset, packed):
    return changed(local_offset, packed, central=False, data=changed(central_offset, packed))


DAMAGED = {
    "encrypted": (both(8, 6, b"\1\0"), r"member 'a\.npy' has flags 0x1 and method 0; expected neither encryption"),
    "data descriptor": (both(8, 6, b"\x08\0"), "has flags 0x8"),
    "strong encryption": (both(8, 6, b"\x40\0"), "has flags 0x40"),
    "masked headers": (both(8, 6, b"\0\x20"), "has flags 0x2000"),
    "unknown method": (both(10, 8, b"\x09\0"), "and method 9"),
    "flags only here": (changed(8, b"\0\x08"), "contradicts the directory"),
    "method only here": (changed(10, b"\x08\0"), "contradicts the directory"),
    "method only there": (changed(8, b"\x08\0", central=False), "contradicts the directory"),
    "crc only there": (changed(14, b"abcd", central=False), "contradicts the directory"),
    "size only there": (changed(22, b"\1\0\0\0", central=False), "contradicts the directory"),
    "name only there": (changed(30, b"b", central=False), "contradicts the directory"),
    "stored of two lengths": (changed(24, b"\1\0\0\0"), "is stored, but declares 1 bytes for 300"),
    "comment of a member": (changed(32, b"\1\0"), "no plain directory record"),
    "another disk": (changed(34, b"\1\0"), "no plain directory record"),
    "extra field": (changed(30, b"\4\0"), r"have extra fields|no plain directory record|not the name|bytes more than"),
    "extra field of the header": (changed(28, b"\4\0", central=False), "have extra fields, or lack the one of ZIP64"),
    "wrong offset": (changed(42, b"\1\0\0\0"), r"member 'a\.npy' must begin at byte 0, not 1"),
    "bad signature": (changed(0, b"PK\1\3"), "no plain directory record stands at byte"),
    "bad local signature": (changed(0, b"PK\3\5", central=False), "contradicts the directory"),
    "bytes before": (b"MZ" + zipped(CONTENT), "the directory must end at byte"),
    "bytes behind": (zipped(CONTENT) + b"\0", "does not end with the end record"),
    "cut off": (zipped(CONTENT)[:-1], "does not end with the end record"),
    "two archives": (zipped(CONTENT) + zipped(CONTENT), "the directory must end at byte"),
    "nothing": (b"", "does not end with the end record"),
    "an end alone is empty": (END.pack(b"PK\5\6", 0, 0, 0, 0, 0, 1, 0), "the directory must end at byte 0"),
}


@pytest.mark.parametrize("case", DAMAGED)
def test_a_zip_that_two_tools_read_differently_is_refused(case):
    data, message = DAMAGED[case]

    with pytest.raises(FormatError, match=message) as refused:
        opened(data)
    assert refused.value.where == "model.skops" and refused.value.next_step


@pytest.mark.parametrize("field", [(4, b"\1\0"), (6, b"\1\0"), (8, b"\2\0"), (20, b"\1\0")])
def test_other_disks_and_comments_are_refused(field):
    offset, packed = field
    data = bytearray(zipped(CONTENT))
    at = len(data) - END.size + offset
    data[at : at + 2] = packed

    with pytest.raises(FormatError, match="the ZIP spans several disks, or has a comment"):
        opened(bytes(data))


@pytest.mark.parametrize("count", [1, 2, 4, 60_000])
def test_another_number_of_members_is_refused(count):
    data = bytearray(zipped(CONTENT))
    data[-END.size + 8 : -END.size + 12] = struct.pack("<2H", count, count)

    with pytest.raises(
        FormatError, match=r"cannot hold \d+ members|bytes more than its|ends within the record|no plain"
    ):
        opened(bytes(data))


NAMES = [
    "../a",
    "/a",
    "a/../b",
    "a//b",
    "a/",
    ".",
    "..",
    ".hidden",
    "a\\b",
    "C:a",
    "a b",
    "a\0b",
    "é",
    "x" * 256,
    "a/.b",
]


@pytest.mark.parametrize("name", NAMES)
def test_names_that_leave_the_folder_or_mean_two_files_are_refused(name):
    placeholder = "q" * len(name.encode())
    data = zipped({placeholder: b"1"}).replace(placeholder.encode(), name.encode())

    with pytest.raises(FormatError, match="not the name of a member"):
        opened(data)


def test_a_name_that_stands_twice_is_refused():
    with pytest.raises(FormatError, match=r"the member 'b\.bin' stands twice"):
        opened(zipped({"a.bin": b"1", "b.bin": b"2"}).replace(b"a.bin", b"b.bin"))


def test_members_that_overlap_are_refused():
    """The classic bomb: many directory records that point to one local header."""
    data = zipped({"a.bin": b"1" * 50, "b.bin": b"1" * 50})
    second = data.rindex(b"PK\1\2")
    data = data[: second + 42] + bytes(4) + data[second + 46 :]

    with pytest.raises(FormatError, match=r"member 'b\.bin' must begin at byte \d+, not 0"):
        opened(data)


def test_bytes_between_members_are_refused():
    data = zipped({"a.bin": b"1"})
    at = data.index(b"PK\1\2")
    *ends, start, comment = END.unpack(data[-END.size :])
    moved = data[:at] + b"hidden" + data[at : -END.size] + END.pack(*ends, start + 6, comment)

    with pytest.raises(FormatError, match="6 bytes before the directory belong to no member"):
        opened(moved)


def test_a_member_that_reaches_into_the_directory_is_refused():
    data = both(20, 18, struct.pack("<2L", 10_000, 10_000))

    with pytest.raises(FormatError, match="reaches into the directory"):
        opened(data)


@pytest.mark.parametrize("method", METHODS)
def test_a_wrong_checksum_is_refused_with_the_member(method):
    data = bytearray(zipped({"a.bin": b"abc" * 50}, method))
    checksum = struct.pack("<L", zlib.crc32(b"abc" * 50))
    archive = opened(bytes(data).replace(checksum, b"\0\0\0\0"))

    with pytest.raises(FormatError, match="expected 150 bytes with CRC-32 00000000") as refused:
        archive.read("a.bin")
    assert refused.value.where == "model.skops, member 'a.bin'"


@pytest.mark.parametrize("method", METHODS[1:])
@pytest.mark.parametrize("declared", [0, 149, 151, 10_000])
def test_a_member_of_another_length_than_declared_is_refused(method, declared):
    data = zipped({"a.bin": b"abc" * 50}, method).replace(struct.pack("<L", 150), struct.pack("<L", declared))

    with pytest.raises(FormatError, match=re.escape(str(declared))) as refused:
        opened(data).read("a.bin")
    assert "member 'a.bin'" in refused.value.where


@pytest.mark.parametrize("method", METHODS[1:])
def test_damaged_compressed_bytes_are_refused(method):
    data = bytearray(zipped({"a.bin": b"abc" * 50}, method))
    start, end = LOCAL + len("a.bin"), data.index(b"PK\1\2")
    data[start:end] = b"\xff" * (end - start)

    with pytest.raises(FormatError, match=r"not deflated|not LZMA|properties of LZMA|damaged|bz2|\.bz2"):
        opened(bytes(data)).read("a.bin")


def test_lzma_that_asks_for_much_memory_is_refused():
    data = bytearray(zipped({"a.bin": b"abc" * 50}, zipfile.ZIP_LZMA))
    dictionary = data.index(b"a.bin") + len("a.bin") + 5
    data[dictionary : dictionary + 4] = struct.pack("<L", 2**31)

    with pytest.raises(FormatError, match="not LZMA: Memory usage limit"):
        opened(bytes(data)).read("a.bin")


def test_all_lengths_are_summed_before_anything_is_inflated():
    data = zipped({f"{number}.bin": bytes(1000) for number in range(10)}, zipfile.ZIP_DEFLATED)

    with pytest.raises(LimitExceeded) as refused:
        opened(data, Limits(expanded_bytes=9_999, expansion=1))
    assert (refused.value.limit, refused.value.asked) == ("expanded_bytes", 10_000)
    assert opened(data, Limits(expanded_bytes=10_000, expansion=1)).entries


def test_archives_in_archives_share_one_budget():
    limits = Limits(expanded_bytes=1_500, expansion=1)
    inner = zipped({"a.bin": bytes(1000)}, zipfile.ZIP_DEFLATED)
    expansion = Expansion(limits, 10)
    open_archive(memoryview(inner), expansion, limits, "a")

    with pytest.raises(LimitExceeded, match="2,000"):
        open_archive(memoryview(inner), expansion, limits, "b")


def test_much_is_compared_with_the_memory_that_is_free():
    with pytest.raises(LimitExceeded) as refused:
        Expansion(Limits(expanded_bytes=1 << 50), 10).declare(1 << 49, "a")
    assert refused.value.limit == "free_memory_percent"


def test_the_number_of_members_is_bounded():
    with pytest.raises(LimitExceeded) as refused:
        opened(zipped(CONTENT), Limits(nodes=2))
    assert (refused.value.limit, refused.value.asked, refused.value.where) == ("nodes", 3, "model.skops")


def test_a_member_that_is_not_there_is_refused():
    with pytest.raises(FormatError, match=r"there is no member 'b\.npy'"):
        opened(zipped(CONTENT)).read("b.npy")


def test_the_directory_alone_lists_the_members_in_order():
    assert [entry.name for entry in read_directory(memoryview(zipped(CONTENT)), DEFAULT_LIMITS)] == list(CONTENT)


@pytest.mark.parametrize("method", METHODS)
def test_the_beginning_of_a_member_is_shown_where_it_costs_little(method):
    archive = opened(zipped({"a.bin": b"abc" * 5000}, method))

    is_cheap = method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
    assert archive.peek("a.bin", 100) == ((b"abc" * 50)[:100] if is_cheap else None)


def test_the_beginning_of_damaged_bytes_is_empty():
    data = bytearray(zipped({"a.bin": b"abc" * 50}, zipfile.ZIP_DEFLATED))
    data[LOCAL + 5 : LOCAL + 9] = b"\xff" * 4

    assert opened(bytes(data)).peek("a.bin", 10) == b""


def test_no_flip_of_a_bit_goes_unnoticed_but_in_dates_and_versions():
    data = zipped({"a.bin": b"abc", "b.bin": b""}, zipfile.ZIP_DEFLATED)
    free = 0
    for position in range(len(data)):
        for bit in (1, 128):
            flipped = bytearray(data)
            flipped[position] ^= bit
            try:
                free += contents_of(bytes(flipped)) == {"a.bin": b"abc", "b.bin": b""}
            except (FormatError, LimitExceeded):
                continue
    # Versions (2 here, 4 there), dates and times (4 and 4), attributes (6), each with two bits, of two members; and the
    # bits behind the end of what is deflated.
    assert free <= 2 * 2 * (2 + 4 + 4 + 4 + 6) + 2
