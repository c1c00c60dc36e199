"""Reading a container: contents come back, and every wrong byte is found and placed."""

import io
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hermetic.errors import FileError, FormatError, LimitExceeded, UnsupportedVersion
from hermetic.formats.compression import Compression, compress_member
from hermetic.formats.container_head import CONTAINER_BEGINNING
from hermetic.formats.container_reader import open_container
from hermetic.formats.container_writer import BytesMember, write_container_seekable
from hermetic.formats.manifest import (
    Manifest,
    ManifestMember,
    decode_manifest,
    encode_manifest,
    lay_out_container,
)
from hermetic.formats.sources import BufferSource
from hermetic.limits import DEFAULT_LIMITS, Limits

TEXT = b"sample text, " * 100
CONTENTS = {
    "graph.json": b'{"nodes":[]}',
    "pools/f8.npy": bytes(range(200)),
    "evidence/0001.txt.gz": TEXT,
    "last.npy": b"\x93NUMPY",
}


def packed(data, suffix=".gz"):
    return compress_member(Compression(suffix=suffix, level=3), [data])


def outgoing(name, data):
    if name.endswith((".gz", ".zst", ".bz2", ".xz")):
        return BytesMember(name=name, data=packed(data, "." + name.rpartition(".")[2]), content_length=len(data))
    return BytesMember(name=name, data=data)


def container_of(members):
    target = io.BytesIO()
    write_container_seekable(target, members, {"hermetic": "0.1.0"})
    return target.getvalue()


GOOD = container_of([outgoing(name, data) for name, data in CONTENTS.items()])


def open_bytes(data, limits=DEFAULT_LIMITS):
    return open_container(BufferSource(data, "model.hermetic"), limits)


def read_all(data):
    container = open_bytes(data)
    return {name: container.read(name) for name in container.members}


def forge(listed, bodies):
    """Render a container that says whatever `listed` says, correct in every other respect."""
    manifest = Manifest(format="hermetic", container_version=1, written_by={}, members=listed)
    encoded = encode_manifest(manifest)
    layout = lay_out_container(manifest, encoded)
    contents = [b"application/vnd.hermetic.model", encoded, *bodies]
    pieces = [placed.header + content for placed, content in zip(layout.members, contents, strict=True)]
    return b"".join([*pieces, *layout.directory, layout.end])


def listed(name, data, **changes):
    changes = {"length": len(data), "crc32": f"{zlib.crc32(data):08x}", **changes}
    return ManifestMember(name=name, **changes)


def test_contents_come_back_decompressed():
    assert read_all(GOOD) == CONTENTS


def test_a_container_tells_its_length_and_who_wrote_it():
    container = open_bytes(GOOD)
    assert container.length_bytes == len(GOOD)
    assert container.written_by == {"hermetic": "0.1.0"}
    assert list(container.members) == list(CONTENTS)


def test_a_member_tells_where_its_stored_bytes_are():
    container = open_bytes(GOOD)
    member = container.members["pools/f8.npy"]
    assert member.offset % 64 == 0
    assert container.source.view(member.offset, member.length) == CONTENTS["pools/f8.npy"]
    assert member.content_length is None
    assert container.members["evidence/0001.txt.gz"].content_length == len(TEXT)


def test_private_contents_may_be_written():
    container = open_bytes(GOOD)
    for name, data in CONTENTS.items():
        content = container.read_private(name)
        assert content == data
        content[:1] = b"x"
        assert container.read(name) == data


def test_a_container_without_members_can_be_read():
    assert read_all(container_of([])) == {}


def test_a_member_that_is_not_there_is_named():
    container = open_bytes(GOOD)
    for use in (container.read, container.read_private, container.check):
        with pytest.raises(FormatError, match=r"no member 'other.json'"):
            use("other.json")


def test_a_damaged_content_is_refused_with_member_and_offset():
    for name in CONTENTS:
        member = open_bytes(GOOD).members[name]
        bad = bytearray(GOOD)
        bad[member.offset + member.length - 1] ^= 0x80
        container = open_bytes(bad)
        for use in (container.read, container.read_private, container.check):
            with pytest.raises(FormatError, match="CRC-32") as caught:
                use(name)
            assert caught.value.where == f"model.hermetic, member {name!r}, byte {member.offset}"


def test_damage_in_one_member_leaves_the_others_readable():
    bad = bytearray(GOOD)
    bad[open_bytes(GOOD).members["pools/f8.npy"].offset] ^= 1
    container = open_bytes(bad)
    assert container.read("graph.json") == CONTENTS["graph.json"]
    container.check("last.npy")


def test_every_flipped_byte_is_found():
    for position in range(len(GOOD)):
        for mask in (0x01, 0x20, 0x80, 0xFF):
            bad = bytearray(GOOD)
            bad[position] ^= mask
            with pytest.raises((FormatError, UnsupportedVersion)):
                read_all(bad)


@settings(max_examples=300)
@given(st.integers(0, len(GOOD) - 1), st.integers(1, 255))
def test_every_change_of_a_byte_is_found(position, mask):
    bad = bytearray(GOOD)
    bad[position] ^= mask
    with pytest.raises((FormatError, UnsupportedVersion)):
        read_all(bad)


def test_every_truncation_is_found():
    for length in range(len(GOOD)):
        with pytest.raises(FormatError):
            open_bytes(GOOD[:length])


@given(st.binary(min_size=1, max_size=100))
def test_every_extension_is_found(more):
    with pytest.raises(FormatError, match="extended"):
        open_bytes(GOOD + more)
    with pytest.raises(FormatError):
        open_bytes(more + GOOD)


@given(st.integers(0, len(GOOD)), st.integers(0, len(GOOD)), st.binary(max_size=50))
def test_replacing_any_range_is_found_or_changes_nothing(start, end, replacement):
    bad = GOOD[: min(start, end)] + replacement + GOOD[max(start, end) :]
    try:
        assert read_all(bad) == CONTENTS
    except FileError as error:
        assert isinstance(error, (FormatError, UnsupportedVersion, LimitExceeded))


def test_swapping_any_two_members_is_found():
    layout = lay_out_container(manifest := manifest_of(GOOD), encode_manifest(manifest))
    spans = [(one.header_offset, one.offset + one.member.length) for one in layout.members]
    for first in range(len(spans)):
        for second in range(first + 1, len(spans)):
            (a, b), (c, d) = spans[first], spans[second]
            swapped = GOOD[:a] + GOOD[c:d] + GOOD[b:c] + GOOD[a:b] + GOOD[d:]
            assert len(swapped) == len(GOOD)
            with pytest.raises(FormatError):
                read_all(swapped)


def manifest_of(data):
    start = len(CONTAINER_BEGINNING) + 43
    length = int.from_bytes(data[start - 25 : start - 21], "little")
    return decode_manifest(data[start : start + length])


def test_swapping_two_contents_of_equal_length_is_found():
    data = container_of([BytesMember(name="a", data=b"1" * 50), BytesMember(name="b", data=b"2" * 50)])
    swapped = data.replace(b"1" * 50, b"-" * 50).replace(b"2" * 50, b"1" * 50).replace(b"-" * 50, b"2" * 50)
    assert swapped != data
    with pytest.raises(FormatError, match="CRC-32"):
        read_all(swapped)


def test_damage_in_a_local_header_is_placed():
    placed = lay_out_container(manifest := manifest_of(GOOD), encode_manifest(manifest)).members[3]
    bad = bytearray(GOOD)
    bad[placed.header_offset + 6] = 1  # the flag for encryption
    with pytest.raises(FormatError, match=f"local header differs.*byte {placed.header_offset + 6} is 0x01") as caught:
        open_bytes(bad)
    assert "'pools/f8.npy'" in caught.value.where


def test_bytes_hidden_in_the_padding_are_found():
    placed = lay_out_container(manifest := manifest_of(GOOD), encode_manifest(manifest)).members[3]
    bad = bytearray(GOOD)
    bad[placed.offset - 1] = ord("x")
    with pytest.raises(FormatError, match="local header"):
        open_bytes(bad)


def test_damage_in_the_directory_and_in_the_end_is_placed():
    bad = bytearray(GOOD)
    bad[GOOD.index(b"PK\x01\x02") + 20] ^= 1
    with pytest.raises(FormatError, match="directory record differs") as caught:
        open_bytes(bad)
    assert "'mimetype'" in caught.value.where
    with pytest.raises(FormatError, match="end record"):
        open_bytes(GOOD[:-1] + b"\1")


def test_a_comment_behind_the_end_is_found():
    with pytest.raises(FormatError):
        open_bytes(GOOD[:-2] + b"\x05\x00hello")


def test_a_cut_off_container_says_how_much_is_missing():
    with pytest.raises(FormatError, match=f"cut off; it has {len(GOOD) - 9} bytes.*demands {len(GOOD)}"):
        open_bytes(GOOD[:-9])


def test_what_follows_in_a_source_that_holds_more_is_left_alone():
    source = BufferSource(GOOD + b"more")
    source.is_whole = False
    container = open_container(source)
    assert container.length_bytes == len(GOOD)
    assert container.read("last.npy") == CONTENTS["last.npy"]


@pytest.mark.parametrize("length", [1, 2**31, 2**32 - 1, 2**32, 2**52, 2**53 - 1])
def test_a_length_beyond_the_file_is_refused_without_reserving_memory(length):
    data = forge([listed("a", b"", length=length)], [b""])
    with pytest.raises(FormatError, match="demands"):
        open_bytes(data)


def test_members_cannot_overlap_because_the_manifest_has_no_offsets():
    data = forge([listed("a", b"12345678", length=4), listed("b", b"5678")], [b"12345678", b"5678"])
    with pytest.raises(FormatError):
        open_bytes(data)


def test_a_wrong_crc_in_a_consistent_file_is_found_on_reading():
    container = open_bytes(forge([listed("a", b"data", crc32="00000000")], [b"data"]))
    with pytest.raises(FormatError, match="expected 00000000"):
        container.read("a")


@pytest.mark.parametrize("name", ["a.json", "gz", "a.gzip"])
def test_a_declared_content_length_needs_a_suffix(name):
    with pytest.raises(FormatError, match="ends with none of"):
        open_bytes(forge([listed(name, b"data", content_length=4)], [b"data"]))


def test_a_compressed_file_that_declares_nothing_is_given_as_it_is():
    data = packed(TEXT)
    assert open_bytes(container_of([BytesMember(name="upload.gz", data=data)])).read("upload.gz") == data


@pytest.mark.parametrize("suffix", [".gz", ".bz2", ".xz"])
@pytest.mark.parametrize("wrong", [0, 1, len(TEXT) - 1, len(TEXT) + 1])
def test_a_wrong_content_length_is_refused(suffix, wrong):
    data = packed(TEXT, suffix)
    container = open_bytes(forge([listed(f"a{suffix}", data, content_length=wrong)], [data]))
    container.check(f"a{suffix}")
    with pytest.raises(FormatError, match="declare") as caught:
        container.read(f"a{suffix}")
    assert f"member 'a{suffix}'" in caught.value.where


def test_bytes_behind_a_compressed_stream_are_refused():
    data = packed(TEXT) + b"\0"
    container = open_bytes(forge([listed("a.gz", data, content_length=len(TEXT))], [data]))
    with pytest.raises(FormatError, match="follow the end"):
        container.read("a.gz")


def test_the_sum_of_declared_lengths_is_limited_before_anything_is_inflated():
    data = packed(TEXT)
    members = [listed(f"{number}.gz", data, content_length=600) for number in range(3)]
    forged = forge(members, [data] * 3)
    open_bytes(forged, Limits(expanded_bytes=1800, expansion=1))
    with pytest.raises(LimitExceeded, match="1,800 would be needed") as caught:
        open_bytes(forged, Limits(expanded_bytes=1799, expansion=1))
    assert (caught.value.limit, caught.value.asked) == ("expanded_bytes", 1800)


def test_a_large_file_may_expand_in_proportion_to_its_length():
    data = packed(TEXT)
    forged = forge([listed("a.gz", data, content_length=len(TEXT))], [data])
    expansion = -(-len(TEXT) // len(forged))
    open_bytes(forged, Limits(expanded_bytes=1, expansion=expansion))
    with pytest.raises(LimitExceeded):
        open_bytes(forged, Limits(expanded_bytes=1, expansion=max(expansion - 1, 1)))


def test_a_huge_declared_length_is_refused_at_once():
    with pytest.raises(LimitExceeded):
        open_bytes(forge([listed("a.gz", b"", content_length=2**53 - 1)], [b""]))


def test_too_many_members_are_refused():
    with pytest.raises(LimitExceeded, match="members"):
        open_bytes(GOOD, Limits(members=3))


@settings(max_examples=50)
@given(
    st.dictionaries(st.from_regex(r"[a-z]{1,5}(/[a-z]{1,5}x)?(\.npy|\.gz)?", fullmatch=True), st.binary(max_size=99))
)
def test_any_contents_come_back(contents):
    names = {name for name in contents if "/" not in name}
    contents = {name: data for name, data in contents.items() if name.split("/")[0] not in names or name in names}
    assert read_all(container_of([outgoing(name, data) for name, data in contents.items()])) == contents


@given(st.binary(max_size=300))
def test_any_bytes_after_a_correct_beginning_give_an_error_of_ours(rest):
    with pytest.raises(FileError):
        open_bytes(CONTAINER_BEGINNING + rest)


@given(st.binary(max_size=300))
def test_any_bytes_give_a_format_error(data):
    with pytest.raises(FormatError):
        open_bytes(data)
