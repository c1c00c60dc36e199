"""Python source with its parts marked, by the standard library's tokenizer; what it does not understand stays plain."""

from __future__ import annotations

import io
import keyword
import tokenize
from collections.abc import Iterator

from hermetic.reporting.markup import Markup, element

__all__ = ["code_block"]

_MOST_LINES = 2_000
_MOST_MARKED = 200_000
_LONGEST_LINE = 1_000
_NAMED_AFTER = frozenset({"class", "def"})
_STRINGS = frozenset(
    number for number, name in tokenize.tok_name.items() if name == "STRING" or name.startswith(("FSTRING", "TSTRING"))
)

_Marks = dict[int, list[tuple[int, int, str]]]


def code_block(text: str, label: str, *, is_python: bool = True) -> Markup:
    r"""Show source, line by line.

    Parameters
    ----------
    text : str
        Any text.
    label : str
        What it is, for those who do not see it.
    is_python : bool, default=True
        Whether its parts are marked, as far as it is Python; a diff is marked by its lines.

    Returns
    -------
    Markup
        At most 2,000 lines of it.

    Examples
    --------
    >>> print(code_block("x = 1", "train.py").html.partition("<code>")[2])
    <span class="line">x = <span class="number">1</span></span></code></pre>
    """
    lines = text.split("\n")
    lines = lines[:-1] if len(lines) > 1 and not lines[-1] else lines
    marks = _marks(text) if is_python else {}
    shown = [
        _line(line.rstrip("\r").expandtabs(4), marks.get(number, []))
        if is_python
        else element("span", line.rstrip("\r").expandtabs(4)[:_LONGEST_LINE], class_=f"line {_kind_of_change(line)}")
        for number, line in enumerate(lines[:_MOST_LINES], start=1)
    ]
    if len(lines) > _MOST_LINES:
        shown.append(element("em", f"... and {len(lines) - _MOST_LINES:,} more lines in the file"))
    return element(
        "pre", element("code", *shown), class_="source", tabindex=0, role="region", aria_label=f"source of {label}"
    )


def _kind_of_change(line: str) -> str:
    return {"+": "added", "-": "removed", "@": "comment"}.get(line[:1], "")


def _line(line: str, marks: list[tuple[int, int, str]]) -> Markup:
    parts: list[Markup | str] = []
    position = 0
    for start, end, kind in marks:
        if position <= start < end <= len(line):
            parts += [line[position:start], element("span", line[start:end], class_=kind)]
            position = end
    if len(line) > _LONGEST_LINE:
        parts, position, line = [], 0, f"{line[:_LONGEST_LINE]}..."
    return element("span", *parts, line[position:], class_="line")


def _marks(text: str) -> _Marks:
    marks: _Marks = {}
    # A tab is one column for the tokenizer, and a few for the reader.
    if len(text) > _MOST_MARKED or "\t" in text:
        return marks
    try:
        for (line, start), (last, end), kind in _tokens(text):
            for number in range(line, last + 1):
                whole = len(text) if number < last else end
                marks.setdefault(number, []).append((start if number == line else 0, whole, kind))
    except (SyntaxError, ValueError, tokenize.TokenError):
        pass  # no Python: what was understood stays marked
    lines = text.split("\n")
    return {
        number: [(start, min(end, len(lines[number - 1].rstrip("\r"))), kind) for start, end, kind in found]
        for number, found in marks.items()
        if number <= len(lines)
    }


def _tokens(text: str) -> Iterator[tuple[tuple[int, int], tuple[int, int], str]]:
    before = ""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        kind = ""
        if token.type == tokenize.COMMENT:
            kind = "comment"
        elif token.type in _STRINGS:
            kind = "string"
        elif token.type == tokenize.NUMBER:
            kind = "number"
        elif token.type == tokenize.NAME:
            kind = "name" if before in _NAMED_AFTER else "keyword" if keyword.iskeyword(token.string) else ""
        if kind:
            yield token.start, token.end, kind
        before = token.string
