"""Compression of members: joblib's ways to ask for it, and decompression that cannot be led astray."""

import bz2
import gzip
import lzma
import os
import struct
import subprocess
import sys
import tracemalloc
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hermetic.errors import FormatError, UsageError
from hermetic.formats import compression as compression_module
from hermetic.formats.compression import (
    SUFFIXES,
    Compression,
    compress_member,
    decompress_member,
    resolve_compression,
)

zstd = pytest.importorskip("compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd")

TEXT = b"".join(b"sample %d of many; " % number for number in range(50_000))

ACCEPTED = [
    *((nothing, None) for nothing in (False, 0, None, ("zlib", 0), ("zstd", 0), ("lz4", 0))),
    (True, (".zst", 3)),
    (1, (".zst", 1)),
    (9, (".zst", 9)),
    (22, (".zst", 22)),
    ("zstd", (".zst", 3)),
    (("zstd", 19), (".zst", 19)),
    ("lz4", (".zst", 1)),
    (("lz4", 9), (".zst", 1)),
    ("gzip", (".gz", 3)),
    ("zlib", (".gz", 3)),
    (("zlib", 9), (".gz", 9)),
    (["gzip", 1], (".gz", 1)),
    (("gzip", None), (".gz", 3)),
    (("gzip", True), (".gz", 3)),
    ("bz2", (".bz2", 9)),
    (("bz2", 1), (".bz2", 1)),
    ("xz", (".xz", 6)),
    ("lzma", (".xz", 6)),
    (("xz", 2), (".xz", 2)),
]

REFUSED = [
    *(-1, 23, 100, 1.5, "zip", "", b"gzip", ("gzip",), ("gzip", 1, 2), (3, "gzip"), ("gzip", "9"), ("gzip", 1.0)),
    *(("gzip", 10), ("bz2", -1), ("zstd", 23), ("xz", 10), {"gzip": 3}, {"zstd": 3}),
]


@pytest.mark.parametrize(("asked", "expected"), ACCEPTED, ids=repr)
def test_every_form_of_joblib_is_understood(asked, expected):
    found = resolve_compression(asked)
    assert found == (expected and Compression(suffix=expected[0], level=expected[1]))


def test_a_number_of_numpy_is_a_level():
    numpy = pytest.importorskip("numpy")
    assert resolve_compression(numpy.int64(5)) == Compression(suffix=".zst", level=5)


@pytest.mark.parametrize("asked", REFUSED, ids=repr)
def test_anything_else_is_refused_with_what_is_accepted(asked):
    with pytest.raises(UsageError, match=r"compress"):
        resolve_compression(asked)


def without_zstd(monkeypatch):
    name = "compression" if sys.version_info >= (3, 14) else "backports"
    monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setitem(sys.modules, f"{name}.zstd", None)


@pytest.mark.parametrize(("asked", "level"), [(True, 3), (1, 1), (9, 9)])
def test_without_zstd_the_default_is_gzip(monkeypatch, asked, level):
    without_zstd(monkeypatch)
    assert resolve_compression(asked) == Compression(suffix=".gz", level=level)


@pytest.mark.parametrize("asked", ["zstd", ("zstd", 5), "lz4", 15])
def test_without_zstd_asking_for_it_names_the_extra(monkeypatch, asked):
    without_zstd(monkeypatch)
    with pytest.raises(UsageError, match=r"hermetic\[zstd\]"):
        resolve_compression(asked)


def test_without_zstd_reading_a_zstd_member_names_the_extra(monkeypatch):
    without_zstd(monkeypatch)
    with pytest.raises(UsageError, match=r"hermetic\[zstd\]"):
        decompress_member(".zst", zstd.compress(b"spam"), 4)


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("data", [b"", b"x", TEXT, bytes(300_000)], ids=["nothing", "one byte", "text", "zeros"])
def test_what_is_compressed_comes_back(suffix, data):
    packed = compress_member(Compression(suffix=suffix, level=1), [data])
    assert decompress_member(suffix, packed, len(data)) == data


@pytest.mark.parametrize("suffix", SUFFIXES)
@settings(max_examples=20, deadline=None)
@given(data=st.binary(max_size=1000), cut=st.integers(0, 1000))
def test_where_the_input_is_cut_does_not_matter(suffix, data, cut):
    how = Compression(suffix=suffix, level=3)
    chunks = [memoryview(data)[:cut], b"", bytearray(data[cut:])]
    assert compress_member(how, chunks) == compress_member(how, [data])


@pytest.mark.parametrize(
    ("suffix", "open_it"),
    [(".gz", gzip.decompress), (".bz2", bz2.decompress), (".xz", lzma.decompress), (".zst", zstd.decompress)],
)
def test_the_usual_tool_opens_a_member(suffix, open_it):
    assert open_it(compress_member(Compression(suffix=suffix, level=2), [TEXT])) == TEXT


def test_a_gzip_header_tells_neither_time_nor_system():
    packed = compress_member(Compression(suffix=".gz", level=9), [b"spam"])
    assert packed[:10] == b"\x1f\x8b\x08\x00" + bytes(4) + b"\x00\xff"
    assert struct.unpack("<2L", packed[-8:]) == (zlib.crc32(b"spam"), 4)


def test_two_processes_compress_to_the_same_bytes():
    program = (
        "import sys; from hermetic.formats.compression import *\n"
        "sys.stdout.buffer.write(b''.join(compress_member(Compression(suffix=s, level=3), [b'spam' * 999])"
        " for s in SUFFIXES))"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    one, other = (
        subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, env=environment).stdout
        for _ in range(2)
    )
    assert one == other


@pytest.fixture(params=SUFFIXES)
def packed(request):
    return request.param, compress_member(Compression(suffix=request.param, level=3), [TEXT])


def test_another_declared_length_is_refused(packed):
    suffix, data = packed
    for length in (0, 1, len(TEXT) - 1, len(TEXT) + 1):
        with pytest.raises(FormatError, match="bytes"):
            decompress_member(suffix, data, length)


def test_bytes_after_the_stream_are_refused(packed):
    suffix, data = packed
    for more in (b"\0", b"garbage" * 100_000):
        with pytest.raises(FormatError, match="follow the end"):
            decompress_member(suffix, data + more, len(TEXT))


def test_a_second_stream_is_refused(packed):
    suffix, data = packed
    for second in (data, compress_member(Compression(suffix=suffix, level=3), [])):
        with pytest.raises(FormatError, match="follow the end"):
            decompress_member(suffix, data + second, len(TEXT))


def test_a_stream_that_is_cut_off_is_refused(packed):
    suffix, data = packed
    for length in (0, 1, 5, 12, len(data) // 2, len(data) - 1):
        with pytest.raises(FormatError, match=r"cut off|damaged"):
            decompress_member(suffix, data[:length], len(TEXT))


@pytest.mark.parametrize("suffix", SUFFIXES)
@settings(max_examples=60, deadline=None)
@given(data=st.binary(max_size=200))
def test_any_bytes_give_the_content_or_a_format_error(suffix, data):
    try:
        assert len(decompress_member(suffix, data, 10)) == 10
    except FormatError as error:
        assert error.found


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_flipped_byte_gives_a_format_error_or_as_many_bytes(suffix):
    good = compress_member(Compression(suffix=suffix, level=3), [TEXT[:500]])
    for position in range(len(good)):
        bad = bytearray(good)
        bad[position] ^= 0x55
        try:
            assert len(decompress_member(suffix, bad, 500)) == 500
        except FormatError as error:
            assert error.found


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_bomb_costs_no_more_memory_than_it_declares(suffix):
    bomb = compress_member(Compression(suffix=suffix, level=1), [bytes(1 << 20)] * 64)
    tracemalloc.start()
    try:
        with pytest.raises(FormatError, match="more than the 1000 bytes"):
            decompress_member(suffix, bomb, 1000)
        assert tracemalloc.get_traced_memory()[1] < 4 << 20
    finally:
        tracemalloc.stop()


def test_an_xz_header_that_asks_for_a_huge_dictionary_is_refused():
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 8 << 20}]
    honest = lzma.compress(b"spam", filters=filters)
    position = honest.index(b"\x21\x01") + 2
    hostile = bytearray(honest)
    hostile[position] = 40  # 4 GiB - 1
    header_end = 12 + (hostile[12] + 1) * 4
    hostile[header_end - 4 : header_end] = struct.pack("<L", zlib.crc32(hostile[12 : header_end - 4]))
    with pytest.raises(FormatError, match=r"[Mm]emory"):
        decompress_member(".xz", hostile, 4)


def test_a_zstd_header_that_asks_for_a_huge_window_is_refused():
    window_log_31 = (31 - 10) << 3
    hostile = b"\x28\xb5\x2f\xfd" + bytes([0, window_log_31]) + b"\x21\x00\x00spam"
    with pytest.raises(FormatError, match="damaged"):
        decompress_member(".zst", hostile, 4)


def test_the_highest_levels_can_be_read_back():
    for suffix, level in ((".zst", 22), (".xz", 9)):
        packed = compress_member(Compression(suffix=suffix, level=level), [TEXT])
        assert decompress_member(suffix, packed, len(TEXT)) == TEXT


def test_an_unknown_suffix_is_refused():
    with pytest.raises(FormatError, match=r"\.rar"):
        decompress_member(".rar", b"", 0)


def test_every_suffix_has_a_compressor_and_a_decompressor():
    assert set(SUFFIXES) == set(compression_module._COMPRESSORS) == set(compression_module._DECOMPRESSORS)
