"""Pages taken apart, for tests of reports."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import hermetic
from hermetic.recorded.evidence import Evidence

__all__ = ["Page", "page_of", "taken_apart"]

_VOID = frozenset({"meta"})


class Page(HTMLParser):
    """Every element of a page in order, with its attributes and the text right within it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None], list[str]]] = []
        self.open: list[int] = []
        self.comments: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs), []))
        if tag not in _VOID:
            self.open.append(len(self.elements) - 1)

    def handle_endtag(self, tag: str) -> None:
        assert self.elements[self.open.pop()][0] == tag, f"</{tag}> closes something else"

    def handle_data(self, data: str) -> None:
        if self.open:
            for number in self.open:
                self.elements[number][2].append(data)

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    def all(self, tag: str) -> list[tuple[dict[str, str | None], str]]:
        """Give attributes and text of each element of a kind."""
        return [(attributes, "".join(texts)) for name, attributes, texts in self.elements if name == tag]

    def texts(self, tag: str) -> list[str]:
        return [text for _, text in self.all(tag)]

    def section(self, place: str) -> str:
        [text] = [text for attributes, text in self.all("section") if attributes["id"] == place]
        return text

    @property
    def text(self) -> str:
        return self.texts("body")[0]

    @property
    def whole(self) -> str:
        """The text of a part of a page, which has no body."""
        return "".join(self.elements[0][2])


def taken_apart(text: str) -> Page:
    page = Page()
    page.feed(text)
    page.close()
    assert not page.open
    return page


def page_of(folder: Path, model: Any, evidence: Evidence | None = None, **wishes: Any) -> Page:
    """Save a model, write its report, and take that apart."""
    hermetic.dump(model, folder / "model.hermetic", evidence=evidence)
    hermetic.report(folder / "model.hermetic", folder / "report.html", **wishes)
    return taken_apart((folder / "report.html").read_text(encoding="utf-8"))
