"""Compression is told by content and taken off within the budget; damage does not lose what came before it."""

from __future__ import annotations

import bz2
import gzip
import lzma
import pickle
import tracemalloc
import zlib

import pytest

from hermetic import FormatError, LimitExceeded, Limits
from hermetic.formats.container_head import CONTAINER_BEGINNING
from hermetic.formats.pickle_bytes import expand, may_be_pickle

CONTENT = pickle.dumps(list(range(2_000)))
FORMS = {
    "zlib": zlib.compress(CONTENT),
    "gzip": gzip.compress(CONTENT),
    "bz2": bz2.compress(CONTENT),
    "xz": lzma.compress(CONTENT),
    "lzma": lzma.compress(CONTENT, lzma.FORMAT_ALONE),
    "ZF": b"ZF" + hex(len(CONTENT)).ljust(19).encode() + zlib.compress(CONTENT),
}


@pytest.mark.parametrize("name", FORMS)
def test_a_compressed_file_is_told_by_its_content(name: str):
    assert expand(FORMS[name]) == (CONTENT, name, "", len(FORMS[name]))
    assert may_be_pickle(FORMS[name])


def test_lz4_is_told_where_it_is_installed():
    lz4 = pytest.importorskip("lz4.frame")
    assert expand(lz4.compress(CONTENT))[:3] == (CONTENT, "lz4", "")


def test_without_lz4_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(__import__("sys").modules, "lz4.frame", None)
    monkeypatch.setitem(__import__("sys").modules, "lz4", None)
    with pytest.raises(FormatError, match="pip install lz4"):
        expand(b"\x04\x22\x4d\x18rest")


def test_what_is_not_compressed_stays():
    assert expand(CONTENT) == (CONTENT, "", "", 0)


@pytest.mark.parametrize("name", FORMS)
def test_a_cut_off_file_gives_what_came_before(name: str):
    found = expand(FORMS[name][:-40])
    assert found.problem
    assert CONTENT.startswith(found.data)


@pytest.mark.parametrize("name", FORMS)
def test_a_damaged_file_is_told(name: str):
    damaged = bytearray(FORMS[name])
    for position in range(len(damaged) // 2, len(damaged) // 2 + 40):
        damaged[position] ^= 0xFF
    assert expand(bytes(damaged)).problem


@pytest.mark.parametrize("name", ["zlib", "lzma", "ZF"])
def test_what_follows_a_single_member_is_a_problem(name: str):
    assert "bytes follow" in expand(FORMS[name] + b"more").problem


@pytest.mark.parametrize("name", ["gzip", "bz2", "xz"])
def test_members_follow_each_other(name: str):
    assert expand(FORMS[name] * 3)[:3] == (CONTENT * 3, name, "")
    assert "4 bytes follow" in expand(FORMS[name] + b"more").problem


@pytest.mark.parametrize("name", FORMS)
def test_no_file_expands_beyond_the_limit(name: str):
    limits = Limits(expanded_bytes=len(CONTENT) - 1, expansion=1)
    with pytest.raises(LimitExceeded) as refused:
        expand(FORMS[name], limits)
    assert refused.value.limit == "expanded_bytes"
    assert expand(FORMS[name], Limits(expanded_bytes=len(CONTENT), expansion=1)).problem == ""


def test_a_long_file_may_expand_in_proportion():
    assert expand(FORMS["zlib"], Limits(expanded_bytes=1, expansion=1_000)).problem == ""


def test_a_zf_length_that_lies_or_is_none_is_told():
    assert "declares 1 bytes" in expand(b"ZF" + b"0x1".ljust(19) + zlib.compress(CONTENT)).problem
    assert "holds no length" in expand(b"ZF" + b"many".ljust(19) + zlib.compress(CONTENT)).problem


def test_python_2_wrote_one_character_more():
    assert expand(b"ZF" + f"{hex(len(CONTENT))}L".ljust(20).encode() + zlib.compress(CONTENT))[:3] == (
        CONTENT,
        "ZF",
        "",
    )


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("value", [[1, 2], {"a": 1}, (1, 2), "text", 5, 2.5, None, {3}, len, ValueError("x"), ()])
def test_whatever_pickle_writes_may_be_a_pickle(value: object, protocol: int):
    data = pickle.dumps(value, protocol)
    assert may_be_pickle(data[:64]) or protocol == 1, data[:20]


@pytest.mark.parametrize(
    "beginning",
    [b"", b"PK\x03\x04", CONTAINER_BEGINNING, b"\x93NUMPY", b"<html>", b"a,b,c\n1,2", b"{}x", b"version https://git"],
)
def test_other_formats_are_no_pickles(beginning: bytes):
    assert not may_be_pickle(beginning)


def test_ten_thousand_members_are_read_in_seconds_and_no_more():
    member = gzip.compress(b"N")
    assert len(expand(member * 10_000).data) == 10_000
    assert "more than 10000 compressed members" in expand(member * 10_001).problem


def test_what_expands_is_held_once():
    content = bytes(40_000_000)
    data = gzip.compress(content, 1)
    tracemalloc.start()
    assert len(expand(data).data) == len(content)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1.5 * len(content)


def test_a_file_may_not_grow_to_all_the_memory_that_is_free(monkeypatch: pytest.MonkeyPatch):
    data = gzip.compress(bytes(70 << 20), 1)
    monkeypatch.setattr("hermetic.free_memory.free_memory_bytes", lambda: 60 << 20)
    with pytest.raises(LimitExceeded) as refused:
        expand(data)
    assert refused.value.limit == "free_memory_percent"
    monkeypatch.setattr("hermetic.free_memory.free_memory_bytes", lambda: None)
    assert len(expand(data).data) == 70 << 20
    monkeypatch.setattr("hermetic.free_memory.free_memory_bytes", lambda: 1 << 40)
    assert len(expand(data).data) == 70 << 20
