"""Every link from one page of the documentation to another leads somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\[[^\]]*\]\(\s*<?([^)\s>]+)")
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_inside_the_project_lead_somewhere(page: Path):
    broken = [link for link in links_of(page.read_text(encoding="utf-8")) if not leads_somewhere(link, page)]
    assert not broken, f"{page.relative_to(ROOT)} links to what is not there: {broken}"


def links_of(text: str) -> list[str]:
    """Return the targets of the links that are no code and stay inside the project."""
    found = LINK.findall(CODE.sub("", text))
    return [link for link in found if not re.match(r"[a-z]+:", link)]


def leads_somewhere(link: str, page: Path) -> bool:
    path, _, anchor = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    if not target.exists():
        return False
    return not anchor or anchor in anchors_of(target.read_text(encoding="utf-8"))


def anchors_of(text: str) -> set[str]:
    """Return the anchors that a page's headings get, as GitHub makes them."""
    headings = re.findall(r"^#+\s+(.+?)\s*$", CODE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_links_in_code_and_to_the_web_are_not_followed():
    assert links_of("`[a](b.md)` [c](https://example.org) [d](e.md#f)") == ["e.md#f"]


def test_an_anchor_that_no_heading_makes_is_broken(tmp_path: Path):
    page = tmp_path / "page.md"
    page.write_text("# What it is, in words\n")
    assert leads_somewhere("#what-it-is-in-words", page)
    assert not leads_somewhere("#elsewhere", page)
    assert not leads_somewhere("missing.md", page)
