"""Text reaches a page in one way, and has no power over it."""

from __future__ import annotations

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hermetic.reporting.markup import Markup, element, escaped, joined, style_sheet
from tests.hostile_strings import HOSTILE_STRINGS
from tests.reporting.pages import taken_apart

HOSTILE = {
    **HOSTILE_STRINGS,
    "script": "</p><script>alert(1)</script>",
    "end of style": "</style><img src=x onerror=alert(1)>",
    "end of title": "</title><base href='https://evil.example'>",
    "comment": "--><!-- <![CDATA[",
    "attribute": '" onload="alert(1)',
    "attribute with one quote": "' onfocus='alert(1)' autofocus='",
    "backticks": "`onload=alert(1)",
    "uri": "javascript:alert(1)",
    "uri of data": "data:text/html;base64,PHNjcmlwdD4=",
    "entity": "&lt;script&gt; &#x3c;b&#x3e; &amp",
    "style": "}; body{background:url(https://evil.example)}",
    "expression": "expression(alert(1))",
    "template": "{{7*7}} ${7*7} <% %>",
    "svg": "<svg/onload=alert(1)>",
    "bidi": "\u202e\u2066\u200f\u061c",
    "null and escape": "\0\x1b[2J\x9b",
    "tags of unicode": "a\U000e0041b\ufe0f\u3164",
    "full width": "\uff1cscript\uff1e",
    "surrogates": "\ud800\udfff",
    "line ends": "a\r\nb\u2028c",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_between_tags_is_text(name: str):
    page = taken_apart(element("p", HOSTILE[name]).html)
    assert [tag for tag, _, _ in page.elements] == ["p"]
    assert page.comments == []
    assert page.texts("p")[0].isprintable()


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_in_an_attribute_is_its_value(name: str):
    page = taken_apart(element("p", aria_label=HOSTILE[name], class_="note").html)
    [(attributes, _)] = page.all("p")
    assert list(attributes) == ["aria-label", "class"]
    assert (attributes["aria-label"] or "").isprintable()


@given(st.text(alphabet=st.characters(codec=None), max_size=30))
def test_any_text_comes_back_as_what_is_shown(text: str):
    shown = escaped(text)
    assert html.unescape(shown).isprintable()
    assert not set("<>\"'") & set(shown)
    if text.isprintable() and text.isascii():
        assert html.unescape(shown) == text


def test_text_that_was_escaped_already_is_escaped_again():
    assert escaped("&lt;") == "&amp;lt;"


def test_very_long_text_is_cut_with_a_word():
    shown = escaped("a" * 250_000)
    assert len(shown) < 101_000
    assert shown.endswith("... and 150,000 more characters")


@pytest.mark.parametrize(
    "tag", ["script", "img", "iframe", "style", "link", "base", "form", "object", "use", "image", "P"]
)
def test_there_is_no_element_that_runs_loads_or_leads_out(tag: str):
    with pytest.raises(ValueError, match="no such element"):
        element(tag)


@pytest.mark.parametrize(
    "name", ["style", "src", "srcset", "onload", "onclick", "xlink_href", "action", "srcdoc", "data"]
)
def test_there_is_no_attribute_that_runs_or_loads(name: str):
    with pytest.raises(ValueError, match="no such attribute"):
        element("p", **{name: "x"})


@pytest.mark.parametrize(
    "place", ["javascript:alert(1)", "https://evil.example", "//evil", "#", "#A b", "", "#a\n", "data:,"]
)
def test_a_reference_leads_to_a_place_within_the_page(place: str):
    with pytest.raises(ValueError, match="within the page"):
        element("a", "x", href=place)
    assert element("a", "x", href="#data").html == '<a href="#data">x</a>'


def test_what_is_none_is_left_out():
    assert element("p", None, "a", class_=None).html == "<p>a</p>"
    assert joined([None]).html == ""


def test_numbers_are_written_short():
    assert element("rect", x=1.0, width=0.25).html == '<rect x="1" width="0.25"></rect>'


def test_elements_stand_within_each_other():
    assert element("ul", element("li", "a"), element("li", "<")).html == "<ul><li>a</li><li>&lt;</li></ul>"


def test_an_element_without_content_has_no_end():
    assert element("meta", charset="utf-8").html == '<meta charset="utf-8">'


def test_a_style_sheet_holds_no_tag():
    assert isinstance(style_sheet("p { margin: 0 }"), Markup)
    with pytest.raises(ValueError, match="no tag"):
        style_sheet("</style><script>")
