"""The list of the members of a ZIP archive is what any program may see in it, with every difference between them."""

from __future__ import annotations

import io
import pickle
import struct
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hermetic.errors import FormatError, LimitExceeded
from hermetic.limits import DEFAULT_LIMITS, Limits
from hermetic.scanning.archive_members import Budget, Listing, StoredForm, read_form
from hermetic.scanning.zip_headers import read_central_record, read_local_header
from hermetic.scanning.zip_members import find_directories, list_zip
from tests.handmade_archives import Entry, zip_of, zip_of_python

A = Entry(name="a", content=b"first")
B = Entry(name="b", content=b"second" * 20, method=8)


def listed(data: bytes, limits: Limits = DEFAULT_LIMITS) -> Listing:
    return list_zip(data, find_directories(data), limits)


def rules_of(data: bytes) -> set[str]:
    found = listed(data)
    return {one.rule for one in found.findings} | {one.rule for member in found.members for one in member.findings}


def contents_of(data: bytes) -> list[list[tuple[bytes, str]]]:
    budget = Budget(DEFAULT_LIMITS, len(data))
    return [[read_form(data, form, budget) for form in member.forms] for member in listed(data).members]


def test_members_have_their_names_places_and_contents():
    data = zip_of(A, B)
    first, second = listed(data).members
    assert (first.name, first.offset, second.name) == ("a", 0, "b")
    assert data[second.offset : second.offset + 4] == b"PK\3\4"
    assert contents_of(data) == [[(b"first", "")], [(b"second" * 20, "")]]
    assert rules_of(data) == set()


@given(
    st.lists(st.tuples(st.binary(max_size=300), st.sampled_from([0, 8, 12, 14])), max_size=6),
    st.binary(max_size=20),
)
@settings(max_examples=60, deadline=None)
def test_what_python_writes_is_listed_as_python_reads_it(contents: list[tuple[bytes, int]], comment: bytes):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number, (content, method) in enumerate(contents):
            archive.writestr(f"{number}", content, method)
        archive.comment = comment if b"PK" not in comment else b""
    data = file.getvalue()
    assert [member.name for member in listed(data).members] == [f"{number}" for number in range(len(contents))]
    assert contents_of(data) == [[(content, "")] for content, _ in contents]
    assert rules_of(data) == set()


@given(st.binary(max_size=400))
@settings(max_examples=150, deadline=None)
def test_no_bytes_break_the_list(data: bytes):
    listed(data)
    listed(b"PK\3\4" + data)
    listed(zip_of(A, before_directory=data))
    listed(zip_of(A, behind=data))
    listed(zip_of(A, prefix=data))


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_no_edit_breaks_the_list(data: st.DataObject):
    edited = bytearray(zip_of(A, B, comment=b"comment"))
    for _ in range(data.draw(st.integers(1, 4))):
        edited[data.draw(st.integers(0, len(edited) - 1))] = data.draw(st.integers(0, 255))
    for member in listed(bytes(edited)).members:
        for form in member.forms:
            assert form.start >= 0
            assert form.length >= 0


@pytest.mark.parametrize("prefix", [b"", b"x", b"x" * 5000])
@pytest.mark.parametrize("are_from_prefix", [True, False])
def test_an_archive_is_found_wherever_it_begins(prefix: bytes, are_from_prefix: bool):
    data = zip_of(A, B, prefix=prefix, are_offsets_from_prefix=are_from_prefix)
    [directory] = find_directories(data)
    assert directory.n_members == 2
    assert listed(data).members[0].offset == len(prefix)
    assert contents_of(data)[0] == [(b"first", "")]


def test_an_archive_inside_of_another_is_not_taken_for_its_directory():
    inner = zip_of(A)
    assert len(find_directories(zip_of(Entry(name="inner.zip", content=inner), B))) == 1
    assert len(find_directories(zip_of(B, Entry(name="inner.zip", content=inner)))) == 1


def test_a_second_end_record_that_some_programs_take_is_seen():
    data = zip_of(A, comment=zip_of(B))
    assert len(find_directories(data)) == 2
    assert {member.name for member in listed(data).members} == {"a", "b"}
    assert "ambiguous-archive" in rules_of(data)


def test_an_end_record_far_from_the_end_is_none():
    assert find_directories(zip_of(A) + bytes(70_000)) == []


def test_an_end_record_that_is_cut_off_is_none():
    data = zip_of(A)
    for length in range(len(data) - 21, len(data)):
        assert find_directories(data[:length]) == []


def test_a_large_archive_has_its_numbers_in_other_records():
    data = zip_of(A)
    place = data.index(b"PK\1\2")
    length = data.index(b"PK\5\6") - place
    large = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, 1, 1, length, place)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, place + length, 1)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    whole = data[: place + length] + large + locator + end
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        assert archive.namelist() == ["a"]
    assert [member.name for member in listed(whole).members] == ["a"]
    assert rules_of(whole) == set()


CASES = {
    "hidden-data": [
        zip_of(A, prefix=b"text"),
        zip_of(A, before_directory=b"text"),
        zip_of(A, before_end=b"text"),
        zip_of(A, behind=b"text"),
        zip_of(A, Entry(name="b", content=b"x", before=b"text")),
    ],
    "duplicate-member": [zip_of(A, A), zip_of(A, B, A)],
    "unreferenced-member": [
        zip_of(A, Entry(name="b", content=b"x", is_in_directory=False)),
        zip_of(Entry(name="b", content=b"x", is_in_directory=False), A),
        zip_of(A, before_directory=zip_of(B)[:-22]),
        zip_of(A)[:36],
    ],
    "header-mismatch": [
        zip_of(Entry(name="a", content=b"x", local_name="b")),
        zip_of(Entry(name="a", content=b"x", local_method=8)),
        zip_of(Entry(name="a", content=b"x", local_length=2)),
        zip_of(Entry(name="a", content=b"x", local_crc32=2)),
        zip_of(Entry(name="a", content=b"x", local_flags=1)),
        zip_of(Entry(name="a\0.txt", content=b"x")),
        zip_of(Entry(name="a\\b", content=b"x")),
    ],
    "encrypted-member": [
        zip_of(Entry(name="a", content=b"x", flags=1)),
        zip_of(Entry(name="a", content=b"x", flags=1 << 6 | 1)),
        zip_of(Entry(name="a", content=b"x", local_flags=1)),
    ],
    "malformed-archive": [
        zip_of(Entry(name="a", content=b"x", offset=10_000)),
        zip_of(Entry(name="a", content=b"x", offset=2)),
        zip_of(A).replace(b"PK\3\4", b"PK\3\5"),
    ],
    "ambiguous-archive": [zip_of(A, n_members=2), zip_of(A, B, n_members=1)],
    "overlapping-members": [
        zip_of(A, Entry(name="b", content=b"x", offset=0)),
        zip_of(A, A, Entry(name="b", content=b"x", offset=36)),
    ],
    "path-traversal": [zip_of(Entry(name=name, content=b"x")) for name in ("../a", "a/../../b", "/a", "c:/a", "..\\a")],
}


@pytest.mark.parametrize(("rule", "number"), [(rule, n) for rule, files in CASES.items() for n in range(len(files))])
def test_what_should_not_be_there_has_its_rule(rule: str, number: int):
    assert rule in rules_of(CASES[rule][number])


HONEST_NAMES = ["a", "a/b", "a/", "a.b/c.pkl", "..a", "a..b/c", "ünïcode", "a b", "-", "~"]


@pytest.mark.parametrize("name", HONEST_NAMES)
def test_ordinary_names_raise_no_alarm(name: str):
    assert rules_of(zip_of_python({name: b"x" * (not name.endswith("/"))})) == set()


def test_both_forms_of_a_member_are_read_where_its_headers_disagree():
    data = zip_of(Entry(name="a", content=b"x" * 5, stored=pickle.dumps(1), local_length=3, content_length=5))
    [member] = listed(data).members
    assert [form.length for form in member.forms] == [len(pickle.dumps(1)), 3]


def test_members_beyond_the_limit_are_not_listed():
    data = zip_of(*(Entry(name=f"{n}") for n in range(30)))
    found = listed(data, Limits(members=10))
    assert len(found.members) == 10
    assert ("limit", "resource") in {(one.rule, one.severity) for one in found.findings}


def test_a_budget_ends_in_the_middle_of_a_member():
    data = zip_of(Entry(name="a", content=bytes(3_000_000), method=8))
    [form] = listed(data).members[0].forms
    budget = Budget(Limits(expanded_bytes=1_000_000, expansion=1), len(data))
    with pytest.raises(LimitExceeded) as caught:
        read_form(data, form, budget)
    assert caught.value.asked < 1_500_000


@pytest.mark.parametrize("method", [1, 6, 9, 93, 95, 98, 99])
def test_other_compressions_are_named(method: int):
    with pytest.raises(FormatError, match=f"method {method}"):
        read_form(b"abc", StoredForm(method, 0, 3, 3), Budget(DEFAULT_LIMITS, 3))


@pytest.mark.parametrize("header", [b"", b"\x09\x14\x05\0\xff\0\0\1\0", b"\x09\x14\x06\0\x5d\0\0\1\0"])
def test_an_lzma_header_that_is_none_is_named(header: bytes):
    with pytest.raises(FormatError, match="LZMA header"):
        read_form(header, StoredForm(14, 0, len(header), 3), Budget(DEFAULT_LIMITS, 3))


@pytest.mark.parametrize("method", [8, 12, 14])
def test_damaged_content_is_given_as_far_as_it_goes(method: int):
    content = bytes(range(256)) * 3_000
    data = bytearray(zip_of_python({"a": content}, method))
    [form] = listed(bytes(data)).members[0].forms
    middle = form.start + form.length * 3 // 4
    data[middle : middle + 40] = bytes(40)
    found, problem = read_form(bytes(data), form, Budget(DEFAULT_LIMITS, len(data)))
    assert problem
    assert content.startswith(found[:1_000])
    cut = read_form(bytes(data), form._replace(length=form.length // 2), Budget(DEFAULT_LIMITS, len(data)))
    assert cut[1]


def test_headers_that_are_cut_off_are_none():
    data = zip_of(Entry(name="name", content=b""))
    for length in range(34):
        assert read_local_header(data[:length], 0) is None
    place = data.index(b"PK\1\2")
    for length in range(place, place + 50):
        assert read_central_record(data, place, length) is None
    assert read_local_header(data, -5) is None


def test_the_names_of_members_are_in_unicode_where_the_header_says_so():
    data = zip_of_python({"ü.pkl": b"x"})
    assert listed(data).members[0].name == "ü.pkl"
    hostile = zip_of(Entry(name="aaaa", content=b"x", flags=1 << 11)).replace(b"aaaa", b"\xff\xfeaa")
    assert listed(hostile).members[0].name == r"\xff\xfeaa"
