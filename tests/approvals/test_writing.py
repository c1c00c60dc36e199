"""One approval is put into a TOML file; everything else in it stays as it is, byte for byte."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hermetic.approvals import Approval, approvals_in
from hermetic.approvals.writing import approval_text, toml_text, write_approval
from hermetic.errors import UsageError

FIRST, SECOND, THIRD = (f"sha256:{str(n) * 64}" for n in range(3))
SMALL = Approval(names=frozenset({("constructed", "a.B")}))
LARGE = Approval(
    names=frozenset({("constructed", "a.B"), ("constructed", "c.D"), ("referenced", "e:F.g"), ("called", "h.i")}),
    capabilities=frozenset({"regex", "reads-files"}),
)
REJECTED = Approval(is_rejected=True)


@pytest.mark.parametrize("name", ["hermetic.toml", "pyproject.toml"])
@pytest.mark.parametrize("approval", [SMALL, LARGE, REJECTED], ids=["small", "large", "rejected"])
def test_what_is_written_is_read(name: str, approval: Approval, tmp_path: Path):
    path = tmp_path / name
    write_approval(path, FIRST, approval, file="model.hermetic")
    write_approval(path, SECOND, SMALL)
    assert approvals_in(path) == {FIRST: approval, SECOND: SMALL}


def test_the_text_is_sorted_and_short(tmp_path: Path):
    assert approval_text(tmp_path / "pyproject.toml", FIRST, LARGE, file="m.hermetic") == (
        f'[tool.hermetic.approvals."{FIRST}"]\n'
        'file = "m.hermetic"\n'
        'constructed = [\n    "a.B",\n    "c.D",\n]\n'
        'referenced = ["e:F.g"]\n'
        'called = ["h.i"]\n'
        'capabilities = [\n    "reads-files",\n    "regex",\n]\n'
    )


OTHERS = {
    "nothing": "",
    "a project": '[project]\nname = "x"  # a comment\n\n[tool.ruff]\nline-length = 120\n',
    "no line feed at the end": '[project]\nname = "x"',
    "other approvals": f'[tool.hermetic.approvals."{THIRD}"]\nconstructed = ["z.Z"]\n',
    "tables in lists": "[[a]]\nb = 1\n\n[[a]]\nb = 2\n",
    "a header in a text": f'a = """\n[tool.hermetic.approvals."{FIRST}"]x\n[b]\n"""\n',
    "lines of Windows": '[project]\r\nname = "x"\r\n',
    "other letters": '[project]\nname = "\u00e9\u4e00"\n',
}


@pytest.mark.parametrize("name", OTHERS)
def test_everything_else_stays_byte_for_byte(name: str, tmp_path: Path):
    path = tmp_path / "pyproject.toml"
    path.write_bytes(OTHERS[name].encode())
    write_approval(path, FIRST, SMALL)
    text = path.read_bytes().decode()
    assert text.startswith(OTHERS[name])
    assert ("\r\n" in text) == ("\r\n" in OTHERS[name])
    assert text.replace("\r\n", "").count("\r") == 0
    assert approvals_in(path)[FIRST] == SMALL


BETWEEN = f"""\
# about the project
[project]
name = "x"

[tool.hermetic.approvals."{FIRST}"]
constructed = [
    "old.Name",
]

# about ruff
[tool.ruff]
line-length = 120
"""


@pytest.mark.parametrize("approval", [SMALL, LARGE, REJECTED], ids=["small", "large", "rejected"])
def test_an_older_approval_of_the_same_file_is_replaced_where_it_stands(approval: Approval, tmp_path: Path):
    path = tmp_path / "pyproject.toml"
    path.write_text(BETWEEN)
    write_approval(path, FIRST, approval)
    before, after = BETWEEN.split(f'[tool.hermetic.approvals."{FIRST}"]\nconstructed = [\n    "old.Name",\n]\n')
    assert path.read_text() == before + approval_text(path, FIRST, approval) + after
    write_approval(path, FIRST, approval)
    assert approvals_in(path) == {FIRST: approval}


STRANGE = {
    "an inline table": f'[tool.hermetic]\napprovals = {{"{FIRST}" = {{constructed = ["a.B"]}}}}\n',
    "a dotted key": f'tool.hermetic.approvals."{FIRST}".constructed = ["a.B"]\n',
    "other quotes": f"[tool.hermetic.approvals.'{FIRST}']\nconstructed = ['a.B']\n",
    "tables inside": f'[tool.hermetic.approvals."{FIRST}"]\n[tool.hermetic.approvals."{FIRST}".more]\na = 1\n',
    "a header in a text": f'a = """\n[tool.hermetic.approvals."{FIRST}"]\n[b]\n"""\n',
    "a list of approvals": "[tool.hermetic]\napprovals = []\n",
}


@pytest.mark.parametrize("name", STRANGE)
def test_a_form_that_cannot_be_edited_safely_is_left_alone(name: str, tmp_path: Path):
    path = tmp_path / "pyproject.toml"
    path.write_text(STRANGE[name])
    with pytest.raises(UsageError, match="cannot be edited safely") as refused:
        write_approval(path, FIRST, LARGE)
    assert approval_text(path, FIRST, LARGE) in refused.value.next_step
    assert path.read_text() == STRANGE[name]


@pytest.mark.parametrize("content", [b"[", b"\xff", b"a = 1\na = 2\n"], ids=ascii)
def test_what_is_no_toml_is_left_alone(content: bytes, tmp_path: Path):
    path = tmp_path / "hermetic.toml"
    path.write_bytes(content)
    with pytest.raises(UsageError, match="not a TOML file"):
        write_approval(path, FIRST, SMALL)
    assert path.read_bytes() == content


HOSTILE = ['"]\nrejected = false\n[x', "a\x1b[2J", "\\", '"""', "'", "\u202egnp", "\x00", "\ud800", "\U000e0041", "é\t"]


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_a_hostile_text_stays_one_text_on_one_printable_line(text: str, tmp_path: Path):
    path = tmp_path / "hermetic.toml"
    write_approval(path, FIRST, Approval(names=frozenset({("constructed", text)})), file=text)
    table = tomllib.loads(path.read_text(encoding="utf-8"))["approvals"]
    expected = text.replace("\ud800", "?")
    assert table == {FIRST: {"file": expected, "constructed": [expected]}}
    assert all(line.isprintable() for line in path.read_text(encoding="utf-8").splitlines())


@given(st.text())
def test_every_text_comes_back(text: str):
    assert tomllib.loads(f"a = {toml_text(text)}")["a"] == text
    assert toml_text(text).isprintable()


NAMES = st.sets(st.tuples(st.sampled_from(["called", "constructed", "referenced"]), st.text(max_size=9)), max_size=4)
DECISIONS = st.builds(
    lambda names, capabilities, is_rejected: Approval(
        names=frozenset(names), capabilities=frozenset(capabilities), is_rejected=is_rejected
    ),
    NAMES,
    st.sets(st.text(max_size=5), max_size=3),
    st.booleans(),
)


@given(st.lists(st.tuples(st.sampled_from([FIRST, SECOND, THIRD]), DECISIONS), max_size=5))
def test_the_last_decision_on_each_file_counts(tmp_path_factory: Any, decisions: list[tuple[str, Approval]]):
    path = tmp_path_factory.mktemp("approvals") / "hermetic.toml"
    for digest, approval in decisions:
        write_approval(path, digest, approval)
    assert not decisions or approvals_in(path) == dict(decisions)
