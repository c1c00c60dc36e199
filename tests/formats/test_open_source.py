"""Whatever a caller passes is read from its position, exactly to the end of the container."""

import gzip
import io
import os
import socket
import stat
import tempfile
import threading
import tracemalloc
import zipfile

import pytest

from hermetic.errors import FormatError, LimitExceeded, UsageError
from hermetic.formats import open_source as module
from hermetic.formats.container_head import CONTAINER_BEGINNING
from hermetic.formats.container_reader import open_container
from hermetic.formats.container_writer import BytesMember, write_container_stream
from hermetic.formats.open_source import open_path, open_source, read_stream
from hermetic.formats.sources import BufferSource, FileSource
from hermetic.limits import Limits

needs_fifo = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")


def container(content, size=0):
    target = io.BytesIO()
    members = [BytesMember(name="graph.json", data=content), BytesMember(name="large.npy", data=os.urandom(size))]
    write_container_stream(target, members, {"hermetic": "0.1.0"})
    return target.getvalue()


FIRST, SECOND = container(b"first"), container(b"second", 2_500_000)


def content_of(source):
    opened = open_container(source)
    opened.check("large.npy")
    return opened.read("graph.json")


class ShortReads(io.RawIOBase):
    """A raw stream that gives a few bytes at a time, as a socket does."""

    def __init__(self, data, most):
        self.rest = io.BytesIO(data)
        self.most = most

    def readable(self):
        return True

    def readinto(self, buffer):
        return self.rest.readinto(memoryview(buffer)[: self.most])


class OnlyRead:
    """A home-made stream."""

    def __init__(self, data):
        self.read = io.BytesIO(data).read


@pytest.mark.parametrize("kind", [str, os.fspath, lambda path: path])
def test_a_path_is_opened(tmp_path, kind):
    path = tmp_path / "model.hermetic"
    path.write_bytes(SECOND)
    source = open_source(kind(path))
    assert isinstance(source, FileSource)
    assert content_of(source) == b"second"
    source.close()


@pytest.mark.parametrize("mapping", ["read", "copy"])
def test_a_small_file_is_read_at_once_and_closed(tmp_path, mapping):
    path = tmp_path / "model.hermetic"
    path.write_bytes(FIRST)
    source = open_path(path, mapping=mapping)
    path.unlink()
    assert isinstance(source, BufferSource)
    assert content_of(source) == b"first"
    assert source.view(0, 1).readonly is (mapping == "read")


def test_a_small_file_that_comes_in_pieces_is_read_to_its_end(tmp_path, monkeypatch):
    path = tmp_path / "model.hermetic"
    path.write_bytes(FIRST)
    monkeypatch.setattr(os, "read", lambda _descriptor, length: FIRST[: length // 2])
    source = open_path(path)
    monkeypatch.undo()
    assert content_of(source) == b"first"
    source.close()


def test_a_folder_that_the_system_forbids_to_open_is_called_a_folder(tmp_path, monkeypatch):
    def refuse(path, _flags):
        raise PermissionError(13, "Permission denied", path)

    (tmp_path / "file").write_bytes(FIRST)
    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(IsADirectoryError):
        open_path(tmp_path)
    with pytest.raises(PermissionError):
        open_path(tmp_path / "file")


def test_a_path_must_hold_one_container_only(tmp_path):
    path = tmp_path / "model.hermetic"
    path.write_bytes(FIRST + FIRST)
    with pytest.raises(FormatError, match="extended"):
        open_container(open_source(path))


def test_missing_and_forbidden_files_and_folders_give_the_usual_errors(tmp_path):
    with pytest.raises(FileNotFoundError):
        open_source(tmp_path / "missing")
    with pytest.raises(IsADirectoryError):
        open_source(tmp_path)
    with pytest.raises(NotADirectoryError):
        (tmp_path / "file").write_bytes(b"")
        open_source(tmp_path / "file" / "below")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_gives_the_usual_error(tmp_path):
    path = tmp_path / "secret"
    path.write_bytes(FIRST)
    path.chmod(0)
    with pytest.raises(PermissionError):
        open_source(path)


def test_an_empty_file_is_no_container(tmp_path):
    (tmp_path / "empty").write_bytes(b"")
    with pytest.raises(FormatError, match="0 bytes"):
        open_container(open_source(tmp_path / "empty"))


def test_several_containers_follow_each_other_in_a_file(tmp_path):
    path = tmp_path / "many"
    path.write_bytes(b"before" + FIRST + SECOND + FIRST + b"after")
    for buffering in (0, -1):
        with open(path, "rb", buffering=buffering) as file:
            assert file.read(6) == b"before"
            for expected in (b"first", b"second", b"first"):
                source = open_source(file)
                assert isinstance(source, FileSource)
                opened = open_container(source)
                assert opened.read("graph.json") == expected
                source.seek_after(opened.length_bytes)
                source.close()
            assert file.read() == b"after"


@pytest.mark.parametrize(
    "make",
    [io.BytesIO, OnlyRead, lambda data: io.BufferedReader(ShortReads(data, 1000)), lambda data: ShortReads(data, 999)],
    ids=["BytesIO", "only read", "buffered", "short reads"],
)
def test_several_containers_follow_each_other_in_a_stream(make):
    stream = make(FIRST + SECOND + FIRST + b"after")
    assert [content_of(open_source(stream)) for _ in range(3)] == [b"first", b"second", b"first"]
    assert stream.read(5) == b"after"


@pytest.mark.parametrize("most", [1, 50, 69])
def test_short_reads_are_continued(most):
    assert content_of(open_source(ShortReads(FIRST, most))) == b"first"


def test_a_socket_is_read_to_the_end_of_the_container_and_stays_open():
    one, other = socket.socketpair()
    with one, other:
        sender = threading.Thread(target=one.sendall, args=(SECOND + FIRST,))
        sender.start()
        with other.makefile("rb", buffering=0) as stream:
            assert content_of(open_source(stream)) == b"second"
            assert content_of(open_source(stream)) == b"first"
        sender.join()


def test_what_is_written_but_not_flushed_is_read(tmp_path):
    with open(tmp_path / "file", "w+b") as file:
        file.write(FIRST)
        file.seek(0)
        file.write(FIRST[:10])
        file.seek(0)
        assert content_of(open_source(file)) == b"first"


def test_a_temporary_file_and_a_member_of_an_archive_are_read(tmp_path):
    with tempfile.NamedTemporaryFile() as file:
        file.write(FIRST)
        file.seek(0)
        assert content_of(open_source(file)) == b"first"
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("model", SECOND)
    with zipfile.ZipFile(tmp_path / "a.zip") as archive, archive.open("model") as stream:
        assert content_of(open_source(stream)) == b"second"


def test_a_gzip_file_object_is_not_taken_for_the_file_below_it(tmp_path):
    with gzip.open(tmp_path / "a.gz", "wb") as file:
        file.write(FIRST)
    with gzip.open(tmp_path / "a.gz", "rb") as file:
        source = open_source(file)
    assert isinstance(source, BufferSource)
    assert content_of(source) == b"first"


@needs_fifo
def test_a_pipe_is_read_by_its_path(tmp_path):
    for data, error in ((FIRST, None), (FIRST + b"x", "more bytes follow"), (FIRST[:-1], "ends after")):
        path = tmp_path / f"pipe{len(data)}"
        os.mkfifo(path)
        writer = threading.Thread(target=path.write_bytes, args=(data,))
        writer.start()
        if error is None:
            assert content_of(open_path(path)) == b"first"
        else:
            with pytest.raises(FormatError, match=error):
                open_path(path)
        writer.join()


@pytest.mark.skipif(not os.path.exists("/dev/null"), reason="needs devices")
def test_a_device_without_a_container_is_refused():
    with pytest.raises(FormatError, match="0 bytes"):
        open_source("/dev/null")
    with pytest.raises(FormatError, match="not a hermetic container"):
        open_source("/dev/zero")


def test_a_refused_path_leaves_no_descriptor_open(tmp_path):
    if not os.path.isdir("/proc/self/fd"):
        pytest.skip("needs /proc")
    before = len(os.listdir("/proc/self/fd"))
    for path in ("/dev/null", "/dev/zero", str(tmp_path)):
        with pytest.raises((FormatError, OSError)):
            open_source(path)
    assert len(os.listdir("/proc/self/fd")) == before


@pytest.mark.parametrize("wrong", [b"bytes", 3, None, object(), [FIRST]])
def test_what_is_neither_a_path_nor_a_file_is_refused(wrong):
    with pytest.raises(UsageError, match="expected a path or a binary file object"):
        open_source(wrong)


def test_text_is_refused(tmp_path):
    (tmp_path / "file").write_bytes(FIRST)
    with open(tmp_path / "file", encoding="latin1") as file, pytest.raises(UsageError, match="'rb'"):
        open_source(file)
    with pytest.raises(UsageError, match="'rb'"):
        open_source(io.StringIO("text"))


def test_a_home_made_stream_of_text_is_refused():
    class Text:
        def read(self, _length):
            return "text"

    with pytest.raises(UsageError, match="gives str"):
        open_source(Text())


def test_a_stream_that_gives_more_than_asked_for_is_refused():
    class TooMuch:
        def read(self, length):
            return bytes(length + 1)

    with pytest.raises(UsageError, match="not the bytes asked for"):
        open_source(TooMuch())


def test_a_non_blocking_stream_without_bytes_is_refused():
    one, other = socket.socketpair()
    with one, other:
        other.setblocking(False)
        with other.makefile("rb", buffering=0) as stream, pytest.raises(UsageError, match="non-blocking"):
            open_source(stream)


def test_every_truncation_of_a_stream_is_found():
    for length in range(len(FIRST)):
        with pytest.raises(FormatError):
            content_of(open_source(io.BytesIO(FIRST[:length])))


def test_bytes_that_were_taken_already_are_put_in_front():
    for length in (0, 1, 64, len(CONTAINER_BEGINNING)):
        stream = io.BytesIO(FIRST + b"after")
        beginning = stream.read(length)
        assert content_of(read_stream(stream, beginning=beginning)) == b"first"
        assert stream.read() == b"after"


def test_what_a_stream_gave_may_be_written():
    view = read_stream(io.BytesIO(FIRST)).view(0, 1)
    view[0] = 0
    assert not view.readonly


def test_a_stream_that_promises_much_and_sends_little_costs_little():
    class Promise:
        """Says that it is 8 PiB long."""

        name, length, content_length = "large.npy", 2**53 - 10_000, None

        def chunks(self):
            return iter(())

    from hermetic.formats import container_writer

    _, layout = container_writer._lay_out([Promise()], ["00000000"], {})
    encoded, _ = container_writer._lay_out([Promise()], ["00000000"], {})
    head = CONTAINER_BEGINNING + layout.members[1].header + encoded
    tracemalloc.start()
    try:
        with pytest.raises(FormatError, match="the stream ends after"):
            open_source(io.BytesIO(head))
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()


def test_the_limits_hold_for_streams():
    with pytest.raises(LimitExceeded, match="manifest_bytes"):
        open_source(io.BytesIO(FIRST), Limits(manifest_bytes=10))


def test_the_mapping_is_passed_on(tmp_path):
    path = tmp_path / "model"
    path.write_bytes(SECOND)
    for mapping, readonly in (("read", True), ("copy", False)):
        source = open_source(path, mapping=mapping)
        assert source.view(0, 10).readonly is readonly
        source.close()
        with open(path, "rb") as file:
            assert open_source(file, mapping=mapping).view(0, 10).readonly is readonly


def test_only_plain_files_are_read_around_their_object(tmp_path):
    class Special(io.FileIO):
        def read(self, *_):
            return b""

    path = tmp_path / "model"
    path.write_bytes(FIRST)
    with open(path, "rb") as plain, Special(path) as special, open(path, "ab") as writing:
        assert stat.S_ISREG(os.fstat(special.fileno()).st_mode)
        assert module.regular_file_descriptor(plain) == plain.fileno()
        assert module.regular_file_descriptor(special) is None
        assert module.regular_file_descriptor(writing) is None
