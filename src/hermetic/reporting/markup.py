"""HTML: the one way in which text reaches a page, and elements that are made of nothing but such text and each other.

Every text, whether it stands between tags or in an attribute, goes through `escaped`. Tags and attributes are closed
lists without any that runs, loads or leads out of the page; a reference leads to a place within it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

from hermetic.printable import printable

__all__ = ["Child", "Markup", "element", "escaped", "joined", "style_sheet"]

_TAGS = frozenset(
    (
        *("a", "article", "body", "caption", "code", "dd", "div", "dl", "dt", "em", "figcaption", "figure", "footer"),
        *("h1", "h2", "h3", "h4", "head", "header", "html", "li", "main", "meta", "nav", "ol", "p", "pre", "section"),
        *("small", "span", "strong", "table", "tbody", "td", "th", "thead", "title", "tr", "ul"),
        *("circle", "desc", "g", "line", "polyline", "rect", "svg", "text"),
    )
)
_VOID = frozenset({"meta"})
_ATTRIBUTES = frozenset(
    (
        *("aria-hidden", "aria-label", "aria-labelledby", "charset", "class", "colspan", "content", "cx", "cy"),
        *("height", "href", "http-equiv", "id", "lang", "name", "points", "preserveAspectRatio", "r", "role", "scope"),
        *("tabindex", "text-anchor", "viewBox", "width", "x", "x1", "x2", "y", "y1", "y2"),
    )
)
_PLACE = re.compile(r"#[a-z][a-z0-9-]*")
_LONGEST = 100_000


class Markup:
    """Finished HTML, made only in this file.

    Attributes
    ----------
    html : str
        The markup.
    """

    __slots__ = ("html",)

    def __init__(self, html: str) -> None:
        self.html = html


Child = Markup | str


def escaped(text: str) -> str:
    r"""Give text as HTML that shows it and does nothing else.

    Characters that are not printable, direct the reading, or are drawn as nothing are spelled out; those that HTML
    gives a meaning become entities. So the result is right between tags and in quoted attributes.

    Parameters
    ----------
    text : str
        Any text, however hostile.

    Returns
    -------
    str
        HTML without any tag.

    Examples
    --------
    >>> print(escaped("<b>\u202e'&amp;"))
    &lt;b&gt;\u202e&#x27;&amp;amp;
    """
    if len(text) > _LONGEST:
        text = f"{text[:_LONGEST]}... and {len(text) - _LONGEST:,} more characters"
    return html.escape(printable(text), quote=True)


def element(tag: str, *children: Child | None, **attributes: str | float | None) -> Markup:
    """Make an element.

    Parameters
    ----------
    tag : str
        One of a closed list.
    *children : Markup, str or None
        Texts are escaped; None is left out.
    **attributes : str, float or None
        Of a closed list; ``class_`` stands for ``class``, other underscores for hyphens; None is left out.

    Returns
    -------
    Markup
        The element.

    Raises
    ------
    ValueError
        When a tag or an attribute is none of the lists, or a reference leads out of the page.

    Examples
    --------
    >>> element("p", "a < b", class_="note").html
    '<p class="note">a &lt; b</p>'
    """
    if tag not in _TAGS:
        raise ValueError(f"no such element here: {tag!r}")
    words = [tag]
    for key, value in attributes.items():
        name = key.rstrip("_").replace("_", "-")
        if name not in _ATTRIBUTES:
            raise ValueError(f"no such attribute here: {name!r}")
        if value is None:
            continue
        text = f"{value:g}" if isinstance(value, float) else str(value)
        if name == "href" and _PLACE.fullmatch(text) is None:
            raise ValueError(f"a reference must lead to a place within the page, not to {text!r}")
        words.append(f'{name}="{escaped(text)}"')
    start = f"<{' '.join(words)}>"
    return Markup(start if tag in _VOID else f"{start}{joined(children).html}</{tag}>")


def joined(children: Iterable[Child | None]) -> Markup:
    """Put texts and elements one behind the other.

    Examples
    --------
    >>> joined(["a & b", element("em", "c")]).html
    'a &amp; b<em>c</em>'
    """
    parts = (child.html if isinstance(child, Markup) else escaped(child) for child in children if child is not None)
    return Markup("".join(parts))


def style_sheet(text: str) -> Markup:
    """Put a style sheet of the project's own into a page; nothing of a file may be part of it.

    Parameters
    ----------
    text : str
        CSS; ends no element.

    Returns
    -------
    Markup
        The element.

    Raises
    ------
    ValueError
        When it holds a tag.
    """
    if "<" in text:
        raise ValueError("a style sheet holds no tag")
    return Markup(f"<style>{text}</style>")
