"""The beginning of a container: exact bytes, kind words for other files, and limits before work."""

import io
import pickle

import pytest

from hermetic.errors import FormatError, LimitExceeded, UnsupportedVersion
from hermetic.formats.container_head import CONTAINER_BEGINNING, describe_difference, read_head
from hermetic.formats.container_writer import BytesMember, write_container_stream
from hermetic.formats.manifest import lay_out_head
from hermetic.formats.zip_layout import lay_out_zip
from hermetic.limits import DEFAULT_LIMITS, Limits

OTHER_FILES = [
    (pickle.dumps([1, 2], protocol=2), "a pickle"),
    (pickle.dumps([1, 2], protocol=5), "a pickle"),
    (b"PK\x03\x04" + bytes(200), "a ZIP archive of another kind"),
    (b"PK\x05\x06" + bytes(18), "an empty ZIP archive"),
    (b"\x1f\x8b\x08" + bytes(200), "gzip"),
    (b"x\x9c" + bytes(200), "zlib"),
    (b"BZh9" + bytes(200), "bzip2"),
    (b"\xfd7zXZ\x00" + bytes(200), "xz"),
    (b"\x04\x22\x4d\x18" + bytes(200), "lz4"),
    (b"\x28\xb5\x2f\xfd" + bytes(200), "zstd"),
    (b"\x93NUMPY\x01\x00" + bytes(200), "numpy array"),
    (b"\x89HDF\r\n" + bytes(200), "HDF5"),
    (b"version https://git-lfs.github.com/spec/v1\n" + bytes(200), "git lfs pull"),
    (b"<!DOCTYPE html>" + bytes(200), "HTML"),
    (b"something else" + bytes(200), "byte 0 is 0x73, expected 0x50"),
    (b"\0", "byte 0 is 0x00"),
]


def container(*members):
    target = io.BytesIO()
    write_container_stream(target, members, {"hermetic": "0.1.0"})
    return target.getvalue()


def head_with(manifest: bytes) -> bytes:
    """Put any manifest behind a correct header."""
    _, second = lay_out_zip(lay_out_head(manifest)).members
    return CONTAINER_BEGINNING + second.header + manifest


def read(data, limits=DEFAULT_LIMITS):
    return read_head(io.BytesIO(data).read, limits, "model.hermetic")


def test_the_beginning_is_that_of_an_epub_and_never_changes():
    assert CONTAINER_BEGINNING == (
        b"PK\x03\x04\x14\x00\x00\x00\x00\x00\x00\x00\x21\x00\x25\xa7xW\x1e\x00\x00\x00\x1e\x00\x00\x00"
        b"\x08\x00\x00\x00mimetypeapplication/vnd.hermetic.model"
    )


def test_the_head_tells_the_length_of_the_whole():
    data = container(BytesMember(name="graph.json", data=b"{}"), BytesMember(name="a.npy", data=bytes(1000)))
    assert read(data).layout.length_bytes == len(data)


def test_nothing_beyond_the_manifest_is_read():
    stream = io.BytesIO(container(BytesMember(name="graph.json", data=b"{}")))
    read_head(stream.read, DEFAULT_LIMITS, "")
    assert stream.read(4) == b"PK\x03\x04"
    assert b"graph.json" in stream.read(40)


@pytest.mark.parametrize(("data", "description"), OTHER_FILES)
def test_another_kind_of_file_is_named(data, description):
    with pytest.raises(FormatError, match="not a hermetic container") as caught:
        read(data)
    assert description in caught.value.found
    assert "model.hermetic" in caught.value.where


def test_an_empty_file_is_said_to_be_empty():
    with pytest.raises(FormatError, match="0 bytes"):
        read(b"")


def test_a_beginning_that_is_cut_off_is_said_to_be_so():
    data = container()
    for length in range(1, len(CONTAINER_BEGINNING)):
        with pytest.raises(FormatError, match="cut off"):
            read(data[:length])


def test_a_damaged_first_member_is_told_from_another_file():
    for position in (14, 20, 40, 60):
        data = bytearray(container())
        data[position] ^= 1
        with pytest.raises(FormatError, match=f"first member of the container is damaged: byte {position} "):
            read(data)


def test_a_manifest_that_is_cut_off_is_refused():
    data = head_with(b'{"format":"hermetic"}')
    for length in range(len(CONTAINER_BEGINNING), len(data)):
        with pytest.raises(FormatError, match=r"cut off|only"):
            read(data[:length])


def test_a_manifest_that_does_not_match_its_crc_is_refused():
    data = container()
    with pytest.raises(FormatError, match="CRC-32"):
        read(data.replace(b"0.1.0", b"0.1.1", 1))


def test_a_manifest_longer_than_the_limit_is_refused_before_it_is_read():
    asked = []

    def read_next(length):
        asked.append(length)
        return stream.read(length)

    stream = io.BytesIO(head_with(b" " * 1000))
    with pytest.raises(LimitExceeded, match="manifest_bytes"):
        read_head(read_next, Limits(manifest_bytes=999), "")
    assert max(asked) < 100


def test_more_members_than_the_limit_are_refused():
    data = container(*(BytesMember(name=f"{number}", data=b"") for number in range(5)))
    assert len(read(data, Limits(members=5)).manifest.members) == 5
    with pytest.raises(LimitExceeded, match="members"):
        read(data, Limits(members=4))


def test_a_later_version_is_told_from_damage():
    with pytest.raises(UnsupportedVersion, match="version 2"):
        read(head_with(b'{"format":"hermetic","container_version":2}'))


@pytest.mark.parametrize("length", [2**53 - 1, 2**53, 2**62, 2**63 - 1, 2**63, 2**64, 2**64 + 5, 10**100])
def test_lengths_that_no_file_has_are_refused_without_an_overflow(length):
    one = b'{"name":"%s","length":%d,"crc32":"00000000"}'
    members = b",".join([one % (b"a", length), one % (b"b", length)])
    manifest = b'{"format":"hermetic","container_version":1,"written_by":{},"members":[%s]}' % members
    with pytest.raises(FormatError):
        read(head_with(manifest))


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "C:\\\\x", "A", "a\\u0000", "", "mimetype"])
def test_a_hostile_name_is_refused(name):
    manifest = (
        '{"format":"hermetic","container_version":1,"written_by":{},'
        f'"members":[{{"name":"{name}","length":0,"crc32":"00000000"}}]}}'
    )
    with pytest.raises(FormatError, match="name"):
        read(head_with(manifest.encode()))


def test_a_difference_names_the_first_byte_or_the_lengths():
    assert describe_difference(b"abc", b"axc", 10) == "byte 11 is 0x62, expected 0x78"
    assert describe_difference(b"ab", b"abc", 10) == "2 bytes stand at byte 10, expected 3"
