"""Two ways of writing a container, the same bytes, whatever the target does."""

import io
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import zipfile
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hermetic.errors import UsageError
from hermetic.formats import container_writer
from hermetic.formats.compression import Compression, compress_member
from hermetic.formats.container_reader import open_container
from hermetic.formats.container_writer import BytesMember, write_container_seekable, write_container_stream
from hermetic.formats.manifest import MIMETYPE, decode_manifest
from hermetic.formats.sources import BufferSource

WRITTEN_BY = {"hermetic": "0.1.0", "python": "3.11.7"}
WRITERS = [write_container_seekable, write_container_stream]
PACKED = compress_member(Compression(suffix=".gz", level=1), [b"spam" * 1000])
MEMBERS = [
    BytesMember(name="graph.json", data=b'{"nodes":[]}'),
    BytesMember(name="pools/f8.npy", data=bytes(range(256)) * 4),
    BytesMember(name="pools/i8.npy", data=memoryview(b"x" * 100)),
    BytesMember(name="text.txt.gz", data=PACKED, content_length=4000),
    BytesMember(name="empty.npy", data=b""),
]


class ChunkedMember:
    """A member that comes in many pieces."""

    def __init__(self, name, pieces, length=None):
        self.name = name
        self.pieces = pieces
        self.length = sum(memoryview(piece).nbytes for piece in pieces) if length is None else length
        self.content_length = None

    def chunks(self):
        yield from self.pieces


class ChangingMember(ChunkedMember):
    """A member that gives other bytes each time, as an array that another thread writes to."""

    n_calls = 0

    def chunks(self):
        self.n_calls += 1
        yield bytes([self.n_calls]) * self.length


class SlowStream(io.RawIOBase):
    """A raw stream that takes a few bytes at a time, as a socket or a full pipe does."""

    def __init__(self, most):
        self.taken = bytearray()
        self.most = most

    def writable(self):
        return True

    def write(self, data):
        part = bytes(data[: self.most])
        self.taken += part
        return len(part)


@pytest.fixture(autouse=True)
def seekable_strategy_for_small_containers(monkeypatch):
    monkeypatch.setattr(container_writer, "KEPT_BYTES", 0)


def written(write, members=MEMBERS, written_by=WRITTEN_BY):
    target = io.BytesIO()
    length = write(target, members, written_by)
    assert length == len(target.getvalue()) == target.tell()
    return target.getvalue()


def test_both_ways_give_the_same_bytes():
    assert written(write_container_seekable) == written(write_container_stream)


@settings(max_examples=40)
@given(
    st.dictionaries(st.from_regex(r"[a-z]{1,9}(\.npy)?", fullmatch=True), st.lists(st.binary(max_size=200)), max_size=5)
)
def test_both_ways_give_the_same_bytes_and_the_contents_come_back(contents):
    members = [ChunkedMember(name, pieces) for name, pieces in contents.items()]
    data = written(write_container_seekable, members)
    assert data == written(write_container_stream, members)
    container = open_container(BufferSource(data))
    assert {name: container.read(name) for name in container.members} == {
        name: b"".join(pieces) for name, pieces in contents.items()
    }


def test_a_small_container_is_written_in_order_by_both(monkeypatch):
    monkeypatch.setattr(container_writer, "KEPT_BYTES", 1 << 20)
    stream = SlowStream(most=1000)
    assert write_container_seekable(stream, MEMBERS, WRITTEN_BY) == len(stream.taken)


def test_the_manifest_lists_every_member_but_the_first_two():
    with zipfile.ZipFile(io.BytesIO(written(write_container_seekable))) as archive:
        assert archive.namelist() == ["mimetype", "manifest.json", *(member.name for member in MEMBERS)]
        assert archive.read("mimetype") == MIMETYPE
        manifest = decode_manifest(archive.read("manifest.json"))
    assert manifest.written_by == WRITTEN_BY
    for listed, member in zip(manifest.members, MEMBERS, strict=True):
        assert (listed.name, listed.length, listed.content_length) == (
            member.name,
            member.length,
            member.content_length,
        )
        assert int(listed.crc32, 16) == zlib.crc32(member.data)


@pytest.mark.parametrize("write", WRITERS)
def test_a_container_begins_where_the_target_stands(write):
    target = io.BytesIO(b"before" + bytes(5000) + b"after")
    target.seek(6)
    length = write(target, MEMBERS, WRITTEN_BY)
    assert target.tell() == 6 + length
    assert target.getvalue()[:6] == b"before"
    assert target.getvalue()[6 : 6 + length] == written(write_container_stream)
    assert target.getvalue().endswith(b"after")


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize("buffering", [0, 16, -1])
def test_files_on_disk_get_the_same_bytes(tmp_path, write, buffering):
    large = [*MEMBERS, BytesMember(name="large.npy", data=os.urandom(300_000))]
    with open(tmp_path / "a", "wb", buffering=buffering) as file:
        write(file, large, WRITTEN_BY)
    assert (tmp_path / "a").read_bytes() == written(write, large)


@pytest.mark.parametrize("most", [1, 7, 100, 65536])
def test_short_writes_are_continued(most):
    stream = SlowStream(most)
    write_container_stream(stream, MEMBERS, WRITTEN_BY)
    assert bytes(stream.taken) == written(write_container_stream)


def test_a_socket_gets_every_byte():
    one, other = socket.socketpair()
    received = []

    def receive():
        with other:
            while piece := other.recv(1000):
                received.append(piece)

    reader = threading.Thread(target=receive)
    reader.start()
    members = [BytesMember(name="large.npy", data=os.urandom(3_000_000))]
    with one, one.makefile("wb", buffering=0) as stream:
        write_container_stream(stream, members, WRITTEN_BY)
    one.close()
    reader.join(timeout=30)
    assert b"".join(received) == written(write_container_stream, members)


def test_a_non_blocking_target_is_refused_clearly():
    one, other = socket.socketpair()
    one.setblocking(False)
    with other, one, one.makefile("wb", buffering=0) as stream, pytest.raises(UsageError, match="non-blocking"):
        write_container_stream(stream, [BytesMember(name="a", data=bytes(50_000_000))], WRITTEN_BY)


def test_a_home_made_target_that_forgets_the_number_is_taken():
    class Target:
        def __init__(self):
            self.pieces = []

        def write(self, data):
            self.pieces.append(bytes(data))

    target = Target()
    write_container_stream(target, MEMBERS, WRITTEN_BY)
    assert b"".join(target.pieces) == written(write_container_stream)


@pytest.mark.parametrize("number", [0, -1, 10**9])
def test_a_target_that_gives_an_impossible_number_is_refused(number):
    class Target(io.RawIOBase):
        def write(self, data):
            return number

    with pytest.raises(UsageError, match="said that it wrote"):
        write_container_stream(Target(), MEMBERS, WRITTEN_BY)


@pytest.mark.parametrize("write", WRITERS)
def test_a_text_file_is_refused(write):
    with tempfile.TemporaryFile("w") as file, pytest.raises(UsageError, match="'wb'"):
        write(file, MEMBERS, WRITTEN_BY)


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize("length", [0, 99, 101])
def test_a_member_that_gives_another_number_of_bytes_is_refused(write, length):
    with pytest.raises(UsageError, match="gave 100 bytes"):
        write(io.BytesIO(), [ChunkedMember("a", [b"x" * 100], length=length)], WRITTEN_BY)


def test_a_member_that_changes_between_the_passes_is_refused():
    with pytest.raises(UsageError, match="changed while it was written"):
        write_container_stream(io.BytesIO(), [ChangingMember("a", [b"x" * 100])], WRITTEN_BY)


def test_in_one_pass_a_member_is_asked_once():
    member = ChangingMember("a", [b"x" * 100])
    container = open_container(BufferSource(written(write_container_seekable, [member])))
    assert member.n_calls == 1
    assert container.read("a") == b"\1" * 100


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize("name", ["", "A", "../a", "mimetype", "manifest.json"])
def test_a_name_that_cannot_stand_is_refused_before_anything_is_written(write, name):
    target = io.BytesIO()
    with pytest.raises(UsageError, match="name"):
        write(target, [BytesMember(name=name, data=b"")], WRITTEN_BY)
    assert target.getvalue() == b""


@pytest.mark.parametrize("write", WRITERS)
def test_a_declared_length_that_cannot_be_is_refused(write):
    for content_length in (-1, 2**53):
        with pytest.raises(UsageError, match="cannot be"):
            write(io.BytesIO(), [BytesMember(name="a.gz", data=b"", content_length=content_length)], WRITTEN_BY)


@pytest.mark.parametrize("written_by", [{"hermetic": 1}, {1: "hermetic"}, {"hermetic": None}, {"python": "\ud800"}])
def test_versions_that_are_not_text_are_refused(written_by):
    with pytest.raises(UsageError, match="written_by"):
        write_container_stream(io.BytesIO(), [], written_by)


def test_small_pieces_are_joined_and_large_ones_passed_on_without_a_copy():
    large = bytes(100_000)
    gathered = list(container_writer._gather([b"a", b"", b"b", large, b"c", memoryview(b"d"), b"x" * 65_536]))
    assert [bytes(piece[:2]) for piece in gathered] == [b"ab", b"\0\0", b"cd", b"xx"]
    assert gathered[1].obj is large


def test_pieces_of_wider_elements_are_written_as_bytes():
    numbers = memoryview(bytes(range(64))).cast("d")
    data = written(write_container_seekable, [ChunkedMember("a", [numbers])])
    assert open_container(BufferSource(data)).read("a") == bytes(range(64))


@pytest.mark.parametrize(
    "command",
    [["unzip", "-tqq"], ["bsdtar", "-tf"], ["cmake", "-E", "tar", "tf"], ["jar", "tf"], ["7z", "t"]],
    ids=lambda command: command[0],
)
def test_other_programs_accept_a_container(tmp_path, command):
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    path = tmp_path / "model.zip"
    path.write_bytes(written(write_container_seekable))
    done = subprocess.run([*command, str(path)], capture_output=True, text=True, check=True, timeout=60)
    assert command[0] == "unzip" or all(member.name in done.stdout for member in MEMBERS) or command[0] == "7z"
    assert "warning" not in (done.stdout + done.stderr).lower()


@pytest.mark.parametrize(
    "command", [["unzip", "-q"], ["bsdtar", "-xf"], ["cmake", "-E", "tar", "xf"], ["jar", "xf"]], ids=lambda c: c[0]
)
def test_other_programs_extract_the_contents(tmp_path, command):
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    path = tmp_path / "model.zip"
    path.write_bytes(written(write_container_seekable))
    subprocess.run([*command, str(path)], check=True, timeout=60, cwd=tmp_path, capture_output=True)
    for member in MEMBERS:
        assert (tmp_path / member.name).read_bytes() == member.data
        assert os.access(tmp_path / member.name, os.R_OK)
        assert command[0] == "jar" or (tmp_path / member.name).stat().st_mode & 0o400


JAVA_PROGRAM = """
import java.util.*; import java.util.zip.*; import java.io.*;
public class ReadZip {
    public static void main(String[] paths) throws Exception {
        try (ZipFile zip = new ZipFile(paths[0])) {
            for (ZipEntry entry : Collections.list(zip.entries())) {
                CRC32 crc = new CRC32(); crc.update(zip.getInputStream(entry).readAllBytes());
                System.out.println("file " + entry.getName() + " " + entry.getSize() + " " + crc.getValue());
            }
        }
        try (ZipInputStream stream = new ZipInputStream(new FileInputStream(paths[0]))) {
            for (ZipEntry entry; (entry = stream.getNextEntry()) != null; ) {
                CRC32 crc = new CRC32(); crc.update(stream.readAllBytes());
                System.out.println("stream " + entry.getName() + " " + entry.getSize() + " " + crc.getValue());
            }
        }
    }
}
"""


def test_java_reads_every_member_from_the_directory_and_as_a_stream(tmp_path):
    if shutil.which("java") is None or shutil.which("javac") is None:
        pytest.skip("no Java compiler is installed")
    (tmp_path / "ReadZip.java").write_text(JAVA_PROGRAM)
    (tmp_path / "model.zip").write_bytes(written(write_container_seekable))
    command = ["java", "ReadZip.java", "model.zip"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120, cwd=tmp_path)
    expected = [f"{one.name} {one.length} {zlib.crc32(one.data)}" for one in MEMBERS]
    for way in ("file", "stream"):
        lines = [line.partition(" ")[2] for line in done.stdout.splitlines() if line.startswith(way)]
        assert lines[2:] == expected
