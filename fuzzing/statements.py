"""What a check is called: file, function and statement, because line numbers move; equal ones are numbered."""

from __future__ import annotations

import ast
import functools
from collections import Counter
from pathlib import Path

__all__ = ["name_of", "raises_in"]


def name_of(path: Path, function: str, line: int) -> str:
    """Give the name of the statement that begins at a line of a file."""
    names = raises_in(path)
    if line in names:
        return names[line]
    return f"{path.name}:{function}: {path.read_text(encoding='utf-8').splitlines()[line - 1].strip()}"


@functools.cache
def raises_in(path: Path) -> dict[int, str]:
    """Give the name of each raise statement of a file, by its line.

    The second of two equal statements of one function has ``#2`` behind its text.
    """
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)]
    # Outer functions first: a line belongs to the innermost one.
    owner = {
        node.lineno: function.name
        for function in sorted(functions, key=lambda own: own.lineno)
        for node in ast.walk(function)
        if isinstance(node, ast.Raise)
    }
    names: dict[int, str] = {}
    met: Counter[str] = Counter()
    for line in sorted(owner):
        name = f"{path.name}:{owner[line]}: {lines[line - 1].strip()}"
        met[name] += 1
        names[line] = name if met[name] == 1 else f"{name} #{met[name]}"
    return names
