"""Source is shown as it stands, its parts marked where it is Python."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import hermetic
from hermetic.reporting.highlight import code_block
from tests.hostile_strings import HOSTILE_STRINGS
from tests.reporting.pages import Page, taken_apart

PACKAGE = Path(hermetic.__file__).parent


def shown(text: str, **wishes: bool) -> Page:
    return taken_apart(code_block(text, "train.py", **wishes).html)


def lines(page: Page) -> list[str]:
    return [text for attributes, text in page.all("span") if (attributes["class"] or "").startswith("line")]


def marked(page: Page, kind: str) -> list[str]:
    return [text for attributes, text in page.all("span") if attributes["class"] == kind]


TEXT = '''import os  # the system

class Own:
    """Doc
    string."""

    def fit(self, x=1.5):
        return f"{x} and {os.sep!r}" if x is None else 'a'
'''


def test_parts_of_python_are_marked():
    page = shown(TEXT)
    assert marked(page, "comment") == ["# the system"]
    assert marked(page, "keyword") == ["import", "class", "def", "return", "if", "is", "None", "else"]
    assert marked(page, "name") == ["Own", "fit"]
    assert marked(page, "number")[0] == "1.5"
    assert marked(page, "string")[:2] == ['"""Doc', '    string."""']
    assert marked(page, "string")[-1] == "'a'"


def test_every_line_is_there():
    assert lines(shown(TEXT)) == TEXT.splitlines()


@pytest.mark.parametrize("name", ["graph.py", "policy.py", "reporting/highlight.py", "formats/pickle_machine.py"])
def test_whole_files_come_out_as_they_went_in(name: str):
    text = (PACKAGE / name).read_text(encoding="utf-8")
    assert lines(shown(text)) == text.splitlines()


BROKEN = {
    "no-python": "this is no python ~~ 'and not closed",
    "open-string": '"""never closed\nand more',
    "open-bracket": "x = (1,\n",
    "wrong-indent": "  a\n b\n",
    "null": "a = 1\0\nb = 2",
    "tabs": "if a:\n\tb = 1",
    "windows": "a = 1\r\nb = 'c'\r\n",
    "nothing": "",
    "a-surrogate": "a = '\ud800'",
    "other-line-ends": "a = 1\x0cb = 2\x85c\u2028d",
    "a-continuation": "a = \\\n  1",
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_python_is_shown_all_the_same(name: str):
    page = shown(BROKEN[name])
    assert len(lines(page)) == max(1, len(BROKEN[name].removesuffix("\n").split("\n")))
    assert all(line.isprintable() for line in lines(page))


@pytest.mark.parametrize("name", HOSTILE_STRINGS)
def test_hostile_source_has_no_power(name: str):
    page = shown(f"a = 1 {HOSTILE_STRINGS[name]}")
    assert {tag for tag, _, _ in page.elements} <= {"pre", "code", "span"}


@given(st.text(alphabet="ab1'\"#\n\\({[ \t=fr:", max_size=60))
def test_no_character_is_lost_or_added(text: str):
    whole = [line.expandtabs(4) for line in text.split("\n")]
    whole = whole[:-1] if len(whole) > 1 and not whole[-1] else whole
    assert lines(shown(text)) == whole


def test_very_long_source_is_cut_with_a_word():
    page = shown("a = 1\n" * 5_000)
    assert len(lines(page)) == 2_000
    assert page.texts("em") == ["... and 3,000 more lines in the file"]
    [line] = lines(shown("x = '" + "a" * 9_000 + "'"))
    assert len(line) == 1_003


def test_a_difference_is_marked_by_its_lines():
    page = shown("@@ -1 +1 @@\n-a\n+b\n c", is_python=False)
    kinds = [attributes["class"] for attributes, _ in page.all("span")]
    assert kinds == ["line comment", "line removed", "line added", "line "]


def test_it_can_be_reached_and_is_named_for_those_who_do_not_see_it():
    [(attributes, _)] = shown("a = 1").all("pre")
    assert attributes["tabindex"] == "0"
    assert attributes["aria-label"] == "source of train.py"
