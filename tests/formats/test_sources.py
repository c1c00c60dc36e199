"""Sources: every range is checked, views outlive their file, and a file that shrinks is an error, not a crash."""

import gc
import mmap
import os
import threading

import pytest

from hermetic.errors import FormatError, UsageError
from hermetic.formats import sources
from hermetic.formats.sources import BufferSource, FileSource

LARGE = 3 << 20
CONTENT = os.urandom(LARGE)


@pytest.fixture
def open_file(tmp_path):
    opened = []

    def open_it(content=CONTENT, **options):
        path = tmp_path / "model.hermetic"
        path.write_bytes(content)
        opened.append(FileSource(os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0)), str(path), **options))
        return opened[-1]

    yield open_it
    for source in opened:
        source.close()


@pytest.fixture(
    params=["bytes", "small file", "large file", "large file read with a lock", "file that cannot be mapped"]
)
def source(request, open_file, monkeypatch):
    if request.param == "bytes":
        return BufferSource(CONTENT)
    if request.param == "small file":
        monkeypatch.setattr(sources, "_SMALL_FILE_BYTES", LARGE + 1)
    if request.param == "large file read with a lock":
        monkeypatch.setattr(sources, "_copy_at", sources._copy_with_seek)
        monkeypatch.setattr(sources, "_read_at", sources._read_with_copy)
    if request.param == "file that cannot be mapped":

        def refuse(*_arguments, **_options):
            raise OSError("no mapping here")

        monkeypatch.setattr(mmap, "mmap", refuse)
    return open_file()


RANGES = [(0, 0), (0, 1), (0, LARGE), (1, LARGE - 1), (LARGE, 0), (LARGE - 1, 1), (70_000, 1 << 20), (12_345, 6_789)]


@pytest.mark.parametrize(("offset", "length"), RANGES)
def test_every_way_gives_the_same_bytes(source, offset, length):
    expected = CONTENT[offset : offset + length]
    buffer = bytearray(length)
    source.readinto(offset, buffer)
    assert source.read(offset, length) == expected
    assert buffer == expected
    assert source.view(offset, length) == source.hold(offset, length) == expected
    assert b"".join(map(bytes, source.blocks(offset, length))) == expected


@pytest.mark.parametrize(
    ("offset", "length"), [(0, LARGE + 1), (LARGE, 1), (LARGE + 1, 0), (-1, 1), (1, -1), (2**63, 2**63)]
)
def test_a_range_beyond_the_end_is_refused(source, offset, length):
    for use in (source.read, source.view, source.hold, lambda *where: list(source.blocks(*where))):
        with pytest.raises(FormatError, match=f"there are {LARGE} bytes"):
            use(offset, length)


def test_filling_a_buffer_from_beyond_the_end_is_refused(source):
    with pytest.raises(FormatError):
        source.readinto(LARGE - 1, bytearray(2))


def test_a_read_only_source_shows_memory_that_cannot_be_written(source):
    assert source.view(10, 10).readonly


def test_what_is_read_is_private(source):
    buffer = bytearray(4)
    source.readinto(0, buffer)
    buffer[0] ^= 1
    assert source.read(0, 4) == CONTENT[:4]


def test_threads_may_share_a_source(source):
    wrong = []

    def read_everywhere():
        offsets = range(0, LARGE - 1000, 100_003)
        wrong.extend(offset for offset in offsets if source.read(offset, 1000) != CONTENT[offset : offset + 1000])

    threads = [threading.Thread(target=read_everywhere) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.parametrize("size", [10, LARGE])
def test_a_copy_on_write_view_may_be_written_without_changing_the_file(open_file, size):
    source = open_file(CONTENT[:size], mapping="copy")
    view = source.view(2, 4)
    view[:] = b"abcd"
    assert source.view(2, 4) == b"abcd"
    with open(source.where, "rb") as file:
        assert file.read(6) == CONTENT[:6]


@pytest.mark.parametrize("mapping", ["read", "copy"])
@pytest.mark.parametrize("size", [10, LARGE])
def test_a_view_outlives_its_source(open_file, mapping, size):
    source = open_file(CONTENT[:size], mapping=mapping)
    view = source.view(0, 10)
    source.close()
    del source
    gc.collect()
    assert view == CONTENT[:10]


def test_the_file_is_mapped_once(open_file, monkeypatch):
    source, mapped = open_file(), []
    real = mmap.mmap
    monkeypatch.setattr(mmap, "mmap", lambda *given, **options: mapped.append(given) or real(*given, **options))
    assert mapped == []
    source.view(0, 10), source.view(5, 10)
    assert len(mapped) == 1


def test_a_small_file_is_read_at_once_and_needs_the_file_no_more(open_file):
    source = open_file(b"0123456789")
    source.close()
    assert source.read(2, 3) == b"234"


def test_a_large_file_that_is_closed_says_so(open_file):
    source = open_file()
    source.close()
    source.close()
    with pytest.raises(UsageError, match="closed"):
        source.read(0, 1)


def test_a_file_that_shrinks_is_an_error(open_file):
    source = open_file()
    os.truncate(source.where, 1000)
    assert source.read(0, 1000) == CONTENT[:1000]
    for use in (source.read, source.view, lambda *where: list(source.blocks(*where))):
        with pytest.raises(FormatError, match="became shorter"):
            use(500, 1000)


def test_what_is_held_does_not_change_with_the_file(open_file):
    for size in (1000, LARGE):
        source = open_file(CONTENT[:size])
        held = source.hold(10, 10)
        with open(source.where, "r+b") as file:
            file.write(bytes(100))
        assert held == CONTENT[10:20]


def test_a_container_inside_a_larger_file_begins_at_its_base(open_file):
    for size in (1000, LARGE):
        source = open_file(CONTENT[:size], base_offset=100)
        assert source.length_bytes == size - 100
        assert source.read(0, 5) == source.view(0, 5) == CONTENT[100:105]
        with pytest.raises(FormatError):
            source.read(size - 104, 5)


def test_a_base_beyond_the_end_leaves_nothing(open_file):
    assert open_file(b"123", base_offset=10).length_bytes == 0


def test_a_file_of_the_caller_stays_open_and_is_left_behind_the_container(tmp_path):
    path = tmp_path / "many"
    path.write_bytes(CONTENT)
    with open(path, "rb") as file:
        source = FileSource(file.fileno(), str(path), base_offset=10, owner=file)
        assert not source.is_whole
        assert source.read(0, 5) == CONTENT[10:15]
        source.seek_after(90)
        source.close()
        assert file.read(5) == CONTENT[100:105]


@pytest.mark.skipif(not hasattr(os, "pread"), reason="needs pread")
def test_reading_leaves_the_position_of_the_file_alone(open_file):
    for copy in (sources._copy_with_seek, sources._copy_with_pread):
        descriptor = open_file()._descriptor
        os.lseek(descriptor, 77, os.SEEK_SET)
        assert copy(descriptor, 10, 1000, threading.Lock()) == CONTENT[1000:1010]
        assert os.lseek(descriptor, 0, os.SEEK_CUR) == 77


def test_short_reads_of_the_system_are_continued(open_file, monkeypatch):
    source = open_file()
    pread = os.pread
    monkeypatch.setattr(
        sources, "_copy_at", lambda descriptor, length, offset, _: pread(descriptor, min(length, 1000), offset)
    )
    monkeypatch.setattr(sources, "_read_at", sources._read_with_copy)
    buffer = bytearray(5500)
    source.readinto(3, buffer)
    assert source.read(3, 5500) == buffer == CONTENT[3:5503]


@pytest.mark.parametrize(
    "data", [b"12345678", bytearray(b"12345678"), memoryview(b"12345678"), memoryview(b"12345678").cast("d")]
)
def test_every_buffer_is_taken_as_bytes(data):
    source = BufferSource(data)
    assert (source.length_bytes, source.is_whole, source.read(6, 2)) == (8, True, b"78")


def test_an_empty_buffer_is_a_source_of_nothing():
    for data in (b"", bytearray(), memoryview(b"").cast("c")):
        assert BufferSource(data).length_bytes == 0


def test_a_mapping_of_the_caller_is_a_buffer(tmp_path):
    (tmp_path / "file").write_bytes(CONTENT)
    with open(tmp_path / "file", "rb") as file:
        source = BufferSource(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    assert source.read(LARGE - 3, 3) == CONTENT[-3:]


def test_a_buffer_with_gaps_is_refused():
    with pytest.raises(UsageError, match="stand together"):
        BufferSource(memoryview(b"12345678")[::2])


def test_a_view_of_bytes_is_no_copy():
    data = bytearray(b"12345678")
    view = BufferSource(data).view(2, 2)
    data[2] = ord("x")
    assert view == b"x4"


def test_memory_has_nothing_to_close_or_to_seek():
    source = BufferSource(b"123")
    source.seek_after(1)
    source.close()
    assert source.read(0, 3) == b"123"
