"""The source of the project as syntax trees, read without importing it."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

__all__ = ["FUZZING_FILES", "PACKAGE_FILES", "ROOT", "TEST_FILES", "Function", "SourceFile"]

ROOT = Path(__file__).resolve().parents[2]
Function = ast.FunctionDef | ast.AsyncFunctionDef

_NO_CODE = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
}


@dataclass(frozen=True, kw_only=True)
class SourceFile:
    """One Python file of the project."""

    path: Path

    @property
    def name(self) -> str:
        """Its path below the root of the project, with forward slashes."""
        return self.path.relative_to(ROOT).as_posix()

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, filename=str(self.path))

    @property
    def module(self) -> str:
        """The dotted name under which a file of the package is imported."""
        parts = self.path.relative_to(ROOT / "src").with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @cached_property
    def n_lines_of_code(self) -> int:
        """Lines that do something: neither blank, nor comment, nor docstring (in the source half of all lines)."""
        lines: set[int] = set()
        for token in tokenize.generate_tokens(io.StringIO(self.text).readline):
            if token.type not in _NO_CODE:
                lines.update(range(token.start[0], token.end[0] + 1))
        for node in ast.walk(self.tree):
            if isinstance(node, (ast.Module, ast.ClassDef, Function)) and ast.get_docstring(node) is not None:
                lines.difference_update(range(node.body[0].lineno, node.body[0].end_lineno + 1))
        return len(lines)

    def functions(self) -> Iterator[Function]:
        """Every function and method, also the nested ones."""
        return (node for node in ast.walk(self.tree) if isinstance(node, Function))

    def at(self, node: ast.AST) -> str:
        """The place of a node, as an editor opens it."""
        return f"{self.name}:{getattr(node, 'lineno', 1)}"


def _files_below(*folders: str) -> list[SourceFile]:
    return [SourceFile(path=path) for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


FUZZING_FILES = _files_below("fuzzing")
PACKAGE_FILES = _files_below("src/hermetic")
TEST_FILES = _files_below("tests")
