"""The manifest: canonical JSON, and nothing else."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hermetic.errors import FormatError, UnsupportedVersion
from hermetic.formats.manifest import (
    LENGTH_LIMIT,
    Manifest,
    ManifestMember,
    decode_manifest,
    encode_manifest,
    find_member_problem,
    lay_out_container,
)
from hermetic.structs import msgspec

GOOD = (
    b'{"format":"hermetic","container_version":1,"written_by":{"hermetic":"0.1.0","python":"3.11.7"},'
    b'"members":[{"name":"graph.json","length":2,"crc32":"9ae0daaf"},'
    b'{"name":"f8.npy.zst","length":20,"crc32":"00000000","content_length":100}]}'
)

NOT_CANONICAL = {
    "white space": GOOD.replace(b":2", b": 2"),
    "a line break at the end": GOOD + b"\n",
    "another order of keys": GOOD.replace(b'"length":2,"crc32":"9ae0daaf"', b'"crc32":"9ae0daaf","length":2'),
    "a key that stands twice": GOOD.replace(b'"length":2,', b'"length":1,"length":2,'),
    "a version key that stands twice": GOOD.replace(b'"container_version":1', b'"container_version":1,' * 2)[:-1]
    + b"}",
    "a name that stands twice in written_by": GOOD.replace(b'"hermetic":"0.1.0"', b'"python":"3","python":"4"'),
    "a needless escape": GOOD.replace(b"graph.json", b"gr\\u0061ph.json"),
    "an escaped slash": GOOD.replace(b"3.11.7", b"3\\/11"),
    "a float": GOOD.replace(b":2,", b":2.0,"),
    "an exponent": GOOD.replace(b":2,", b":2e0,"),
    "a leading zero": GOOD.replace(b":2,", b":02,"),
    "a plus sign": GOOD.replace(b":2,", b":+2,"),
    "a number as text": GOOD.replace(b":2,", b':"2",'),
    "a boolean as number": GOOD.replace(b":2,", b":true,"),
    "an explicit null": GOOD.replace(b'content_length":100', b'content_length":null'),
    "an unknown field": GOOD.replace(b'"length":2', b'"length":2,"comment":""'),
    "an unknown field outside": GOOD.replace(b'"members"', b'"comment":"","members"'),
    "a missing field": GOOD.replace(b'"length":2,', b""),
    "a negative length": GOOD.replace(b":2,", b":-2,"),
    "a negative zero": GOOD.replace(b":2,", b":-0,"),
    "a length of 2**53": GOOD.replace(b":2,", b":9007199254740992,"),
    "a length of 2**63": GOOD.replace(b":2,", b":9223372036854775808,"),
    "a length of 2**64": GOOD.replace(b":2,", b":18446744073709551616,"),
    "a length of 2**200": GOOD.replace(b":2,", b":%d," % 2**200),
    "a CRC in capitals": GOOD.replace(b"9ae0daaf", b"9AE0DAAF"),
    "a short CRC": GOOD.replace(b"9ae0daaf", b"9ae0daa"),
    "a CRC and a line break": GOOD.replace(b"9ae0daaf", b"9ae0daaf\\n"),
    "a CRC as number": GOOD.replace(b'"9ae0daaf"', b"12345678"),
    "another format": GOOD.replace(b'"format":"hermetic"', b'"format":"other"'),
    "no format": GOOD.replace(b'"format":"hermetic",', b""),
    "a version as text": GOOD.replace(b'version":1', b'version":"1"'),
    "a version as float": GOOD.replace(b'version":1', b'version":1.0'),
    "a byte order mark": b"\xef\xbb\xbf" + GOOD,
    "UTF-16": GOOD.decode().encode("utf-16"),
    "invalid UTF-8": GOOD.replace(b"0.1.0", b"\xff"),
    "a lone surrogate": GOOD.replace(b"0.1.0", b"\\ud800"),
    "an encoded surrogate": GOOD.replace(b"0.1.0", b"\xed\xa0\x80"),
    "a comment": GOOD + b"//",
    "nothing": b"",
    "null": b"null",
    "a list": b"[]",
    "a cut": GOOD[:-1],
    "deep nesting": b'{"format":"hermetic","container_version":1,"x":' + b"[" * 100_000,
    "members in a table": GOOD.replace(b"[", b"{").replace(b"]", b"}"),
}


def members_of(*names, length=0):
    return [ManifestMember(name=name, length=length, crc32="00000000") for name in names]


def test_a_manifest_decodes_to_what_it_says():
    manifest = decode_manifest(GOOD)
    assert manifest.written_by == {"hermetic": "0.1.0", "python": "3.11.7"}
    assert manifest.members == [
        ManifestMember(name="graph.json", length=2, crc32="9ae0daaf"),
        ManifestMember(name="f8.npy.zst", length=20, crc32="00000000", content_length=100),
    ]


def test_encoding_what_was_decoded_gives_the_same_bytes():
    assert encode_manifest(decode_manifest(GOOD)) == GOOD


@pytest.mark.parametrize("data", NOT_CANONICAL.values(), ids=NOT_CANONICAL)
def test_what_is_not_canonical_is_refused(data):
    with pytest.raises(FormatError, match="manifest"):
        decode_manifest(data, where="model.hermetic")


@pytest.mark.parametrize("version", [0, 2, 99, 2**53])
def test_another_version_is_told_from_damage(version):
    data = GOOD.replace(b'version":1', b'version":%d' % version)
    with pytest.raises(UnsupportedVersion, match=f"version {version}"):
        decode_manifest(data)


def test_a_later_version_may_have_fields_that_are_unknown_today():
    with pytest.raises(UnsupportedVersion, match="newer hermetic"):
        decode_manifest(b'{"format":"hermetic","container_version":2,"layout":"other"}')


def test_the_error_names_file_and_member():
    with pytest.raises(FormatError) as caught:
        decode_manifest(b"{}", where="model.hermetic")
    assert caught.value.where == "model.hermetic, member 'manifest.json'"


@given(
    st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=3),
    st.lists(
        st.builds(
            ManifestMember,
            name=st.text(max_size=5),
            length=st.integers(0, LENGTH_LIMIT - 1),
            crc32=st.from_regex(r"[0-9a-f]{8}", fullmatch=True),
            content_length=st.none() | st.integers(0, LENGTH_LIMIT - 1),
        ),
        max_size=3,
    ),
)
def test_every_manifest_comes_back_and_the_standard_library_reads_the_same(written_by, members):
    manifest = Manifest(format="hermetic", container_version=1, written_by=written_by, members=members)
    encoded = encode_manifest(manifest)
    assert decode_manifest(encoded) == manifest
    plain = json.loads(encoded)
    assert plain["written_by"] == written_by
    assert [msgspec.convert(one, ManifestMember) for one in plain["members"]] == members


def test_names_are_checked_together_with_the_first_two():
    assert find_member_problem(members_of("graph.json")) == ""
    assert "twice" in find_member_problem(members_of("mimetype"))
    assert "twice" in find_member_problem(members_of("manifest.json"))
    assert "folder" in find_member_problem(members_of("manifest.json/a"))


def test_lengths_that_no_file_has_together_are_refused():
    assert "together" in find_member_problem(members_of("a", "b", length=LENGTH_LIMIT // 2))


def test_only_npy_members_are_aligned():
    members = members_of("a.npy", "b.json", "c.npy.zst", "d.npy", length=1)
    manifest = Manifest(format="hermetic", container_version=1, written_by={}, members=members)
    placed = lay_out_container(manifest, encode_manifest(manifest)).members
    assert [one.member.alignment for one in placed] == [1, 1, 64, 1, 1, 64]
    assert all(one.offset % 64 == 0 for one in placed if one.member.name.endswith(".npy"))
    assert len(placed[0].header) == 38
