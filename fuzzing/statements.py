"""What a check is called: file, function and statement, because line numbers move; equal ones are numbered."""

from __future__ import annotations

import ast
import functools
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Statement", "name_of", "place_in_package", "statements_of"]

_MOST_LETTERS = 300


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement that raises, or gives back what a caller will raise.

    Attributes
    ----------
    first, last : int
        Its lines.
    function : str
        The innermost function around it.
    text : str
        Its source on one line, so that another width of lines changes nothing.
    name : str
        File, function and text; the second of two equal ones of one function has ``#2`` behind it.
    is_raise : bool
        Whether it raises.
    """

    first: int
    last: int
    function: str
    text: str
    name: str
    is_raise: bool


def name_of(path: Path, function: str, line: int) -> str:
    """Give the name of the statement that stands at a line of a file."""
    for statement in statements_of(path):
        if statement.is_raise and statement.first <= line <= statement.last and statement.function == function:
            return statement.name
    lines = path.read_text(encoding="utf-8").splitlines()
    return f"{place_in_package(path)}:{function}: {lines[line - 1].strip() if line <= len(lines) else ''}"


def place_in_package(path: str | Path) -> str:
    """Give where a source file of the package is below it, as ``codecs/pandas/arrays.py``."""
    return Path(path).as_posix().rpartition("/hermetic/")[2]


@functools.cache
def statements_of(path: Path) -> tuple[Statement, ...]:
    """Give the raise and return statements of a file, by line."""
    source = path.read_text(encoding="utf-8")
    functions = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]
    # Outer functions first: a line belongs to the innermost one.
    owner = {
        node: function.name
        for function in sorted(functions, key=lambda own: own.lineno)
        for node in ast.walk(function)
        if isinstance(node, (ast.Raise, ast.Return))
    }
    place = place_in_package(path)
    found: list[Statement] = []
    met: Counter[str] = Counter()
    for node in sorted(owner, key=lambda own: own.lineno):
        text = _on_one_line(ast.get_source_segment(source, node) or "")
        name = f"{place}:{owner[node]}: {text}"
        met[name] += 1
        found.append(
            Statement(
                first=node.lineno,
                last=node.end_lineno or node.lineno,
                function=owner[node],
                text=text,
                name=name if met[name] == 1 else f"{name} #{met[name]}",
                is_raise=isinstance(node, ast.Raise),
            )
        )
    return tuple(found)


def _on_one_line(text: str) -> str:
    text = " ".join(text.split())
    return re.sub(r",? ([)\]}])", r"\1", re.sub(r"([(\[{]) ", r"\1", text))[:_MOST_LETTERS]
