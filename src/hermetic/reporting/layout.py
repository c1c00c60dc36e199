"""The few forms that every chapter of a report is made of: chapter, table, list of facts, note."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hermetic.reporting.markup import Child, Markup, element

__all__ = ["bullets", "chapter", "fact_list", "note", "part", "table"]

_MOST_ROWS = 200


def chapter(place: str, title: str, *children: Child | None) -> Markup:
    """Make a chapter with a heading that the table of contents leads to.

    Examples
    --------
    >>> chapter("data", "Data", "...").html
    '<section id="data" aria-labelledby="data-title"><h2 id="data-title">Data</h2>...</section>'
    """
    heading = element("h2", title, id=f"{place}-title")
    return element("section", heading, *children, id=place, aria_labelledby=f"{place}-title")


def part(title: str, *children: Child | None) -> Markup:
    """Make a part of a chapter, which is not torn apart in print.

    Examples
    --------
    >>> part("Folds").html
    '<div class="part"><h3>Folds</h3></div>'
    """
    return element("div", element("h3", title), *children, class_="part")


def table(
    caption: str, headings: Sequence[str], rows: Iterable[Sequence[Child]], *, numbers: Sequence[int] = ()
) -> Markup:
    """Make a table whose first cells are headings of their rows, and which scrolls where it is too wide.

    Parameters
    ----------
    caption : str
        What it holds, for everybody.
    headings : sequence of str
        Of the columns.
    rows : iterable of sequence of Markup or str
        At most 200 are shown, and the others counted.
    numbers : sequence of int
        Which columns stand on the right.

    Returns
    -------
    Markup
        The table.

    Examples
    --------
    >>> table("Columns", ["name", "rows"], [["a", "3"]], numbers=[1]).html.count('scope="row"')
    1
    """
    all_rows = list(rows)

    def kind(column: int) -> str | None:
        return "number" if column in numbers else None

    head = element(
        "tr", *(element("th", text, scope="col", class_=kind(column)) for column, text in enumerate(headings))
    )
    body = [
        element(
            "tr",
            *(
                element("th", cell, scope="row") if not column else element("td", cell, class_=kind(column))
                for column, cell in enumerate(row)
            ),
        )
        for row in all_rows[:_MOST_ROWS]
    ]
    if len(all_rows) > _MOST_ROWS:
        words = f"... and {len(all_rows) - _MOST_ROWS:,} more"
        body.append(element("tr", element("td", words, colspan=len(headings))))
    whole = element("table", element("caption", caption), element("thead", head), element("tbody", *body))
    return element("div", whole, class_="wide", role="region", aria_label=caption, tabindex=0)


def fact_list(facts: Iterable[tuple[str, Child]]) -> Markup:
    """List what is known as names and values.

    Examples
    --------
    >>> fact_list([("length", "3 kB")]).html
    '<dl><div><dt>length</dt><dd>3 kB</dd></div></dl>'
    """
    return element("dl", *(element("div", element("dt", name), element("dd", value)) for name, value in facts))


def bullets(items: Iterable[Child], class_: str | None = None) -> Markup:
    """List things one below the other.

    Examples
    --------
    >>> bullets(["a"]).html
    '<ul><li>a</li></ul>'
    """
    return element("ul", *(element("li", item) for item in items), class_=class_)


def note(*children: Child | None, kind: str = "note") -> Markup:
    """Say something beside the matter; of the kind ``warning`` so that nobody overlooks it.

    Examples
    --------
    >>> note("...").html
    '<p class="note">...</p>'
    """
    return element("p", *children, class_=kind)
