"""One whole container, byte by byte: the format cannot change without this table changing.

The table is the worked example of the specification: what stands where, in the words of APPNOTE.TXT.
"""

import io

import pytest

from hermetic.formats.container_reader import open_container
from hermetic.formats.container_writer import BytesMember, write_container_seekable, write_container_stream
from hermetic.formats.sources import BufferSource

MANIFEST = (
    b'{"format":"hermetic","container_version":1,"written_by":{"hermetic":"0.1.0"},"members":['
    b'{"name":"graph.json","length":2,"crc32":"0d4cbb29"},'
    b'{"name":"a.npy","length":5,"crc32":"3610a686"}]}'
)
MEMBERS = [BytesMember(name="graph.json", data=b"[]"), BytesMember(name="a.npy", data=b"hello")]

TABLE = [
    # mimetype: no extra field, so that `file` and every sniffer find the type at byte 38
    ("local header signature", "504b0304"),
    ("version needed 2.0", "1400"),
    ("flags", "0000"),
    ("method: stored", "0000"),
    ("time 00:00:00", "0000"),
    ("date 1980-01-01", "2100"),
    ("CRC-32", "25a77857"),
    ("compressed length 30", "1e000000"),
    ("length 30", "1e000000"),
    ("name length 8", "0800"),
    ("extra length 0", "0000"),
    ("name", b"mimetype".hex()),
    ("content", b"application/vnd.hermetic.model".hex()),
    # manifest.json
    ("local header signature", "504b0304"),
    ("version, flags, method, time, date", "14000000000000002100"),
    ("CRC-32 of the manifest", "cf0b94d6"),
    ("compressed length", len(MANIFEST).to_bytes(4, "little").hex()),
    ("length", len(MANIFEST).to_bytes(4, "little").hex()),
    ("name length 13, extra length 0", "0d000000"),
    ("name", b"manifest.json".hex()),
    ("content", MANIFEST.hex()),
    # graph.json
    ("local header signature", "504b0304"),
    ("version, flags, method, time, date", "14000000000000002100"),
    ("CRC-32", "29bb4c0d"),
    ("lengths 2", "0200000002000000"),
    ("name length 10, extra length 0", "0a000000"),
    ("name", b"graph.json".hex()),
    ("content", b"[]".hex()),
    # a.npy
    ("local header signature", "504b0304"),
    ("version, flags, method, time, date", "14000000000000002100"),
    ("CRC-32", "86a61036"),
    ("lengths 5", "0500000005000000"),
    ("name length 5, extra length 8", "05000800"),
    ("name", b"a.npy".hex()),
    ("padding: identifier HM, 4 bytes of zeros", "484d0400" + "00" * 4),
    ("content at byte 384", b"hello".hex()),
]
DIRECTORY_TAIL = "0000000000000000a481"  # no comment, first disk, no internal attributes, -rw-r--r--
DIRECTORY = [
    ("504b0102 2d03 1400 0000 0000 0000 2100 25a77857 1e000000 1e000000 0800 0000", b"mimetype", 0),
    ("504b0102 2d03 1400 0000 0000 0000 2100 cf0b94d6 bc000000 bc000000 0d00 0000", b"manifest.json", 68),
    ("504b0102 2d03 1400 0000 0000 0000 2100 29bb4c0d 02000000 02000000 0a00 0000", b"graph.json", 299),
    ("504b0102 2d03 1400 0000 0000 0000 2100 86a61036 05000000 05000000 0500 0000", b"a.npy", 341),
]


def golden():
    head = b"".join(bytes.fromhex(value) for _, value in TABLE)
    directory = b"".join(
        bytes.fromhex(fixed + DIRECTORY_TAIL) + offset.to_bytes(4, "little") + name for fixed, name, offset in DIRECTORY
    )
    end = bytes.fromhex("504b0506 0000 0000 0400 0400") + len(directory).to_bytes(4, "little")
    return head + directory + end + len(head).to_bytes(4, "little") + b"\0\0"


def test_the_table_has_the_offsets_that_it_names():
    data = golden()
    assert data[30:38] == b"mimetype"
    assert data[38:68] == b"application/vnd.hermetic.model"
    for _, name, offset in DIRECTORY:
        assert data[offset + 30 :].startswith(name)
    assert data.index(b"hello") % 64 == 0


@pytest.mark.parametrize("write", [write_container_seekable, write_container_stream])
def test_the_writer_gives_the_table(write):
    target = io.BytesIO()
    write(target, MEMBERS, {"hermetic": "0.1.0"})
    assert target.getvalue().hex() == golden().hex()


def test_the_reader_takes_the_table():
    container = open_container(BufferSource(golden()))
    assert container.read("graph.json") == b"[]"
    assert container.read("a.npy") == b"hello"
    assert container.length_bytes == len(golden())
