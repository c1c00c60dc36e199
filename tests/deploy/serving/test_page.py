"""The pages: text of a file is text, scripts are named by digest, nothing comes from elsewhere."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from typing import Any

import pytest

from hermetic.deploy.serving.models import DescribedFeature, Description, Output
from hermetic.deploy.serving.openapi import openapi_document
from hermetic.deploy.serving.page import Page, documentation_page, start_page
from hermetic.deploy.serving.settings import Limits

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onfocus='alert(1)",
    "</textarea><script>1</script>",
    "</script><script>1</script>",
    "javascript:alert(1)",
    "\u202egnp.exe",
    "\x00\x1b[2J",
    "&lt;b&gt;",
    "a\nb",
]


def described(text: str = "age", **changes: Any) -> Description:
    """Give a model every text of which is the same."""
    features = [
        DescribedFeature(name=text, kind="number", datatype="FP64"),
        DescribedFeature(
            name=f"{text}2", kind="category", datatype="BYTES", categories=[text, "b"], refuses_unknown=True
        ),
        DescribedFeature(name=f"{text}3", kind="boolean", datatype="BOOL"),
        DescribedFeature(name=f"{text}4", kind="category", datatype="FP64", categories=[1, 2]),
        DescribedFeature(name=f"{text}5", kind="category", datatype="BYTES", categories=[text]),
    ]
    content: dict[str, Any] = {
        "name": "model",
        "version": "abc123",
        "digest": "d" * 64,
        "length_bytes": 1000,
        "type": text,
        "form": "frame",
        "has_names": True,
        "features": features,
        "methods": ["predict"],
        "outputs": [Output(name="predict", datatype="FP64", shape=[-1])],
        "classes": [text],
        "verdict": "passed",
        "verdict_words": f"answers as recorded: {text}",
        "written_by": {text: text},
        "installed": {"numpy": text},
        "example": [{text: 1.5, f"{text}2": text, f"{text}3": True, f"{text}4": 2, f"{text}5": text}],
    }
    return Description(**{**content, **changes})


class Seen(HTMLParser):
    """Notes the elements and attributes of a page."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(page.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes += attrs


def pages(description: Description) -> dict[str, Page]:
    document = openapi_document([description], Limits())
    return {"start": start_page([description]), "documentation": documentation_page(document)}


@pytest.mark.parametrize("name", ["start", "documentation"])
@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_text_of_a_file_makes_no_element_and_no_attribute(text: str, name: str):
    harmless, hostile = Seen(pages(described("plain"))[name]), Seen(pages(described(text))[name])
    assert hostile.elements == harmless.elements
    assert [own for own, _ in hostile.attributes] == [own for own, _ in harmless.attributes]
    assert not [own for own, _ in hostile.attributes if own.startswith("on")]


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_no_character_that_is_not_seen_reaches_a_page(text: str):
    for page in pages(described(text)).values():
        body = page.text.partition("<body>")[2].partition("<script>")[0]
        assert all(character.isprintable() or character == "\n" for character in body)


@pytest.mark.parametrize("name", ["start", "documentation"])
def test_nothing_is_fetched_from_elsewhere(name: str):
    page = pages(described())[name]
    assert "http:" not in page.text
    assert "https:" not in page.text
    assert "//" not in re.sub(r"^\s*// .*$", "", page.text, flags=re.MULTILINE)
    assert not [value for own, value in Seen(page).attributes if own in ("src", "srcset", "action", "integrity")]


@pytest.mark.parametrize("name", ["start", "documentation"])
@pytest.mark.parametrize("element", ["script", "style"])
def test_the_policy_names_the_very_script_and_style(element: str, name: str):
    page = pages(described())[name]
    [text] = re.findall(f"<{element}>(.*?)</{element}>", page.text, flags=re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    assert f"{element}-src 'sha256-{digest}'" in page.policy
    assert page.policy.startswith("default-src 'none';")
    assert "unsafe" not in page.policy


def test_no_style_or_script_stands_in_an_attribute():
    for page in pages(described()).values():
        assert not [own for own, _ in Seen(page).attributes if own == "style" or own.startswith("on")]


def test_the_start_page_shows_what_is_served():
    page = start_page([described("age")])
    for words in ("model", "abc123", "d" * 64, "answers as recorded: age", "POST /models/model/predict"):
        assert words in page.text


def test_a_form_has_a_field_for_each_feature():
    attributes = Seen(start_page([described("age")])).attributes
    assert [value for own, value in attributes if own == "data-feature"] == ["age", "age2", "age3", "age4", "age5"]


WITHOUT_FIELDS = {
    "too many features": {
        "features": [DescribedFeature(name=f"x{n}", kind="number", datatype="FP64") for n in range(99)]
    },
    "unknown features": {"features": None, "has_names": False},
    "objects": {"form": "records", "features": None, "has_names": False},
}


@pytest.mark.parametrize("words", WITHOUT_FIELDS)
def test_what_has_no_fields_has_a_field_for_the_whole_body(words: str):
    page = start_page([described("age", **WITHOUT_FIELDS[words])])
    assert "<textarea name='body'" in page.text
    assert "data-feature" not in page.text.partition("<script>")[0]


def test_texts_have_one_field():
    feature = DescribedFeature(name="x0", kind="text", datatype="BYTES")
    page = start_page([described("t", form="texts", features=[feature], has_names=False, example=["some words"])])
    assert '<label>Text<input data-feature="x0" data-kind="text" value="some words"></label>' in page.text


def test_rows_without_names_have_their_fields_in_order():
    features = [DescribedFeature(name=f"x{n}", kind="number", datatype="FP64") for n in range(3)]
    page = start_page([described("t", form="array", features=features, has_names=False, example=[[1.5, None, 3]])])
    values = [value for own, value in Seen(page).attributes if own == "value"]
    assert values[:3] == ["1.5", "", "3"]


def test_every_address_has_a_form():
    document = openapi_document([described()], Limits())
    n_operations = sum(len(methods) for methods in document["paths"].values())
    assert Seen(documentation_page(document)).elements.count("form") == n_operations


def test_a_description_survives_the_way_to_the_front():
    description = described()
    assert Description.from_dict(description.to_dict()) == description
    unknown = described(features=None)
    assert Description.from_dict(unknown.to_dict()) == unknown
