"""Text from a file reaches the terminal without power over it."""

from __future__ import annotations

import io
import tomllib
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.errors import MissingStyle
from rich.markup import render
from rich.table import Table

from hermetic.cli.terminal import open_console, plain, plain_lines
from tests.structure.source_files import ROOT

HOSTILE = {
    "clears the screen": ("\x1b[2J", r"\x1b[2J"),
    "colours": ("\x1b[31mred\x1b[0m", r"\x1b[31mred\x1b[0m"),
    "C1 control sequence introducer": ("\x9b31m", r"\x9b31m"),
    "sets the window's title": ("\x1b]0;title\x07", r"\x1b]0;title\x07"),
    "hyperlink of the terminal": (
        "\x1b]8;;http://x\x1b\\y\x1b]8;;\x1b\\",
        r"\x1b]8;;http://x\x1b" + "\\y" + r"\x1b]8;;\x1b" + "\\",
    ),
    "writes the clipboard": ("\x1b]52;c;cm0=\x07", r"\x1b]52;c;cm0=\x07"),
    "device control string": ("\x1bPq\x1b\\", r"\x1bPq\x1b" + "\\"),
    "overwrites the line": ("evil\rgood", r"evil\rgood"),
    "backspaces": ("evil\b\b\b\bgood", r"evil\x08\x08\x08\x08good"),
    "bell": ("\a", r"\x07"),
    "null": ("a\0b", r"a\x00b"),
    "delete": ("\x7f", r"\x7f"),
    "a line of its own": ("name\nhermetic: ok", r"name\nhermetic: ok"),
    "tab": ("a\tb", r"a\tb"),
    "vertical tab and form feed": ("a\vb\fc", r"a\x0bb\x0cc"),
    "line separator": ("a\u2028b", r"a\u2028b"),
    "next line": ("a\x85b", r"a\x85b"),
    "right-to-left override": ("model\u202egnp.exe", r"model\u202egnp.exe"),
    "isolates": ("\u2066a\u2069", r"\u2066a\u2069"),
    "right-to-left mark": ("a\u200fb", r"a\u200fb"),
    "Arabic letter mark": ("a\u061cb", r"a\u061cb"),
    "zero-width space": ("sk\u200blearn", r"sk\u200blearn"),
    "byte order mark": ("\ufeffsklearn", r"\ufeffsklearn"),
    "soft hyphen": ("sk\xadlearn", r"sk\xadlearn"),
    "Hangul filler, a letter drawn as nothing": ("a\u3164b", r"a\u3164b"),
    "variation selector": ("a\ufe0fb", r"a\ufe0fb"),
    "tag characters": ("a\U000e0041b", r"a\U000e0041b"),
    "no-break space": ("a\xa0b", r"a\xa0b"),
    "lone surrogate": ("a\ud800b", r"a\ud800b"),
    "private use": ("\ue000", r"\ue000"),
    "rich style": ("[bold red]x[/bold red]", "[ bold red]x[ /bold red]"),
    "rich link": ("[link=http://x]y[/link]", "[ link=http://x]y[ /link]"),
    "rich action": ("[@click=quit]x[/]", "[ @click=quit]x[ /]"),
    "rich colour": ("[#ff0000]x", "[ #ff0000]x"),
    "rich escape before a tag": (r"\[red]", r"\[ red]"),
    "closing tag alone": ("[/]", "[ /]"),
    "markup made by two brackets": ("[[red]", "[[ red]"),
}


@pytest.mark.parametrize(("text", "shown"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_is_spelled_out(text: str, shown: str):
    assert plain(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sklearn.pipeline.Pipeline",
        "$.steps[1].estimators_[7].tree_.children_left[12]",
        "Größe, 温度, température",
        "emoji 🌲 stays",
        r"C:\models\wine.hermetic",
        "100 % [1, 2, 3] {a: b} <c> 'd' \"e\"",
    ],
)
def test_honest_text_is_left_alone(text: str):
    assert plain(text) == text


@given(st.text(st.characters(exclude_categories=())))
def test_no_text_keeps_a_character_that_steers_a_terminal(text: str):
    categories = {unicodedata.category(character) for character in plain(text)}
    assert categories.isdisjoint({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


@given(st.text(st.sampled_from("[]\\/#@=ared:\n\x1b\u202e ")))
def test_rich_finds_no_markup_in_plain_text(text: str):
    rendered = render(plain(text), emoji=False)
    assert not rendered.spans
    assert not rendered.style


@given(st.text())
def test_plain_text_stays_plain(text: str):
    assert plain(plain(text)) == plain(text)


@given(st.text(st.sampled_from("a\n\r\x85\u2028\x1b")))
def test_a_message_keeps_its_line_feeds_and_no_other_breaks(text: str):
    assert plain_lines(text).splitlines() == [plain(line) for line in text.removesuffix("\n").split("\n")][: len(text)]


@given(st.text(st.characters(codec="utf-8")))
def test_the_console_shows_plain_text_as_it_is(text: str):
    stream = io.StringIO()
    open_console(stream).print(plain(text))
    assert stream.getvalue() == plain(text) + "\n"


_PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
EXTRAS = sorted(set(_PYPROJECT["project"]["optional-dependencies"]) - {"bench", "dev", "docs", "test"})


@pytest.mark.parametrize("extra", EXTRAS)
def test_a_command_that_installs_an_extra_can_be_pasted(extra: str):
    hint = f"Install it: pip install 'hermetic[{extra}]'."
    assert plain(hint) == hint
    assert plain_lines(f"not installed\n  {hint}") == f"not installed\n  {hint}"


@pytest.mark.parametrize("extra", EXTRAS)
def test_the_name_of_an_extra_has_no_power_as_markup(extra: str):
    [span] = render(plain(f"hermetic[{extra}]x")).spans
    with pytest.raises(MissingStyle):
        open_console().get_style(str(span.style))


ALMOST = {
    "another word in brackets": ("hermetic[red]", "hermetic[ red]"),
    "more than an extra": ("hermetic[serve link=http://x]", "hermetic[ serve link=http://x]"),
    "an extra that is a link": ("hermetic[serve=http://x]", "hermetic[ serve=http://x]"),
    "an extra that is closed": ("hermetic[serve]x[/serve]", "hermetic[serve]x[ /serve]"),
    "an extra that is an action": ("hermetic[@serve]", "hermetic[ @serve]"),
    "an extra of nothing": ("[serve]", "[ serve]"),
    "an extra of another package": ("xhermetic[serve]", "xhermetic[ serve]"),
    "an extra that is left open": ("hermetic[serve", "hermetic[ serve"),
    "brackets within": ("hermetic[[serve]", "hermetic[[ serve]"),
}


@pytest.mark.parametrize("words", ALMOST)
def test_what_only_looks_like_an_extra_stays_inert(words: str):
    text, shown = ALMOST[words]
    assert plain(text) == shown


@pytest.mark.parametrize("text", [*(f"hermetic[{extra}]" for extra in EXTRAS), "[red]x[/red]", "[link=http://x]y"])
def test_the_console_takes_nothing_for_markup_not_even_in_a_table(text: str):
    stream = io.StringIO()
    table = Table(text, box=None, show_header=True)
    table.add_row(text)
    open_console(stream).print(table)
    assert [line.strip() for line in stream.getvalue().splitlines()] == [text, text]
