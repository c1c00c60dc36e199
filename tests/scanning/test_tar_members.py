"""The list of the members of a TAR archive, in all of its forms, and what they would do when they are unpacked."""

from __future__ import annotations

import io
import tarfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hermetic.limits import DEFAULT_LIMITS, Limits
from hermetic.scanning.archive_members import Listing
from hermetic.scanning.tar_members import is_tar, list_tar
from tests.handmade_archives import tar_of

FORMS = {"ustar": tarfile.USTAR_FORMAT, "GNU": tarfile.GNU_FORMAT, "POSIX": tarfile.PAX_FORMAT}


def listed(data: bytes) -> Listing:
    return list_tar(data, DEFAULT_LIMITS)


def rules_of(data: bytes) -> set[str]:
    found = listed(data)
    return {one.rule for one in found.findings} | {one.rule for member in found.members for one in member.findings}


def contents_of(data: bytes) -> dict[str, bytes]:
    found = {}
    for member in listed(data).members:
        for form in member.forms:
            found[member.name] = data[form.start : form.start + form.length]
    return found


NAMES = st.text("abcdefgh./-_ ü", min_size=1, max_size=150).filter(
    lambda name: not name.startswith((".", "/")) and "//" not in name and ".." not in name and not name.endswith("/")
)


@pytest.mark.parametrize("form", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT], ids=["GNU", "POSIX"])
@given(members=st.dictionaries(NAMES, st.binary(max_size=1_200), max_size=5))
@settings(max_examples=40, deadline=None)
def test_what_python_writes_is_listed_as_python_reads_it(form: int, members: dict[str, bytes]):
    data = tar_of(members, form=form)
    assert contents_of(data) == members
    assert rules_of(data) == set()


@pytest.mark.parametrize("form", FORMS)
def test_each_form_is_told_by_its_first_header(form: str):
    data = tar_of({"a/b.pkl": b"content"}, form=FORMS[form])
    assert is_tar(data)
    assert is_tar(data[:512])
    assert not is_tar(data[:511])
    assert contents_of(data) == {"a/b.pkl": b"content"}


@pytest.mark.parametrize("data", [b"", bytes(512), b"a" * 512, bytes(range(256)) * 4, b"ustar" * 200])
def test_other_bytes_are_none(data: bytes):
    assert not is_tar(data)


@given(st.binary(max_size=1_100))
@settings(max_examples=100, deadline=None)
def test_no_bytes_break_the_list(data: bytes):
    listed(data)
    listed(tar_of({"a": b"x"})[:1024] + data)


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_no_edit_of_a_header_breaks_the_list(data: st.DataObject):
    edited = bytearray(tar_of({"a" * 120: b"x", "b": b"y" * 600}, form=data.draw(st.sampled_from([0, 1, 2][1:]))))
    for _ in range(data.draw(st.integers(1, 4))):
        edited[data.draw(st.integers(0, 2_000))] = data.draw(st.integers(0, 255))
    header = bytearray(edited[:512])
    header[148:156] = b" " * 8
    edited[148:156] = b"%06o\0 " % sum(header)  # else the checksum would end every trial
    for member in listed(bytes(edited)).members:
        assert all(form.start >= 0 and form.length >= 0 for form in member.forms)


def with_header(**changes: object) -> bytes:
    header = tarfile.TarInfo("a")
    for name, value in changes.items():
        setattr(header, name, value)
    return header.tobuf(tarfile.GNU_FORMAT) + bytes(10_240 - 512)


@pytest.mark.parametrize("name", ["../a", "/etc/passwd", "a/../../b"])
def test_a_name_that_leads_out_is_dangerous(name: str):
    found = listed(tar_of({name: b"x"}))
    assert [(one.rule, one.severity) for one in found.members[0].findings] == [("path-traversal", "dangerous")]


@pytest.mark.parametrize(
    ("target", "is_out"),
    [("b", False), ("../c", False), ("../../c", True), ("/etc", True), (".", False), ("x/../../../y", True)],
)
def test_a_link_is_judged_by_where_it_leads(target: str, is_out: bool):
    assert ("path-traversal" in rules_of(tar_of({}, links={"a/link": target}))) == is_out


def test_a_hard_link_is_judged_from_the_top():
    assert "path-traversal" in rules_of(with_header(type=tarfile.LNKTYPE, linkname="../a"))
    assert rules_of(with_header(type=tarfile.LNKTYPE, linkname="b")) == set()


@pytest.mark.parametrize("kind", [tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE, b"S", b"Z"])
def test_what_is_no_file_is_not_passed_over(kind: bytes):
    [member] = listed(with_header(type=kind)).members
    assert [one.rule for one in member.findings] == ["not-scanned"]
    assert member.forms == ()


def test_a_folder_has_no_content():
    [member] = listed(with_header(type=tarfile.DIRTYPE, name="a/")).members
    assert (member.forms, member.findings) == ((), ())


def test_a_sparse_file_is_not_passed_over():
    header = tarfile.TarInfo("a")
    header.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.name": "a"}
    assert "not-scanned" in rules_of(header.tobuf(tarfile.PAX_FORMAT) + bytes(1024))


def test_a_length_in_the_records_of_posix_counts():
    header = tarfile.TarInfo("a")
    header.pax_headers = {"size": "700"}
    data = header.tobuf(tarfile.PAX_FORMAT) + b"x" * 700 + bytes(324) + bytes(1024)
    assert contents_of(data) == {"a": b"x" * 700}
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        assert archive.getmembers()[0].size == 700


def test_a_content_that_is_cut_off_is_damage():
    data = tar_of({"a": b"x" * 600})
    assert "malformed-archive" in rules_of(data[:1_000])


def test_a_length_of_exabytes_is_damage_and_costs_nothing():
    data = bytearray(tar_of({"a": b"x"}))
    data[124:136] = b"\x80" + (1 << 80).to_bytes(11, "big")
    header = bytearray(data[:512])
    header[148:156] = b" " * 8
    data[148:156] = b"%06o\0 " % sum(header)
    assert "malformed-archive" in rules_of(bytes(data))


def test_members_beyond_the_limit_are_not_listed():
    found = list_tar(tar_of({f"{n}": b"" for n in range(30)}), Limits(members=10))
    assert len(found.members) == 10
    assert [(one.rule, one.severity) for one in found.findings] == [("limit", "resource")]


def test_what_follows_the_end_is_seen():
    assert rules_of(tar_of({"a": b"x"}) + b"hidden") == {"hidden-data"}
    assert rules_of(tar_of({"a": b"x"})[:1024] + b"hidden" * 100) == {"malformed-archive"}


def test_a_name_that_stands_twice_is_seen():
    data = tar_of({"a": b"x"})[:1024] + tar_of({"a": b"y"})
    assert rules_of(data) == {"duplicate-member"}


def test_an_archive_without_its_end_is_read_as_python_reads_it():
    assert rules_of(tar_of({"a": b"x"})[:1024]) == set()


def test_names_of_hostile_bytes_are_spelled_out():
    data = bytearray(tar_of({"aaaa": b"x"}))
    data[:4] = b"\xff\xfe\x1b["
    header = bytearray(data[:512])
    header[148:156] = b" " * 8
    data[148:156] = b"%06o\0 " % sum(header)
    assert listed(bytes(data)).members[0].name == "\\xff\\xfe\x1b["


@pytest.mark.parametrize("record", [b"", b"5", b"99 path=a\n", b"x path=a\n", b"0 path=a\n", b"-9 path=a\n", b"7 p=\n"])
def test_damaged_records_of_posix_end_the_reading_of_them(record: bytes):
    header = tarfile.TarInfo("pax")
    header.type, header.size = tarfile.XHDTYPE, len(record)
    padding = bytes(-len(record) % 512)
    [member] = listed(header.tobuf() + record + padding + tar_of({"a": b"x"})).members
    assert member.name == "a"
