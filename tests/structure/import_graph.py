"""Who imports whom inside the package, as written in the source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from tests.structure.source_files import SourceFile

__all__ = ["Import", "imports_of", "late_imports_of", "room_of"]


@dataclass(frozen=True, kw_only=True)
class Import:
    """One name of one import statement."""

    importer: str
    imported: str
    place: str


def room_of(module: str) -> str:
    """Return the file or folder directly below the package: ``codecs`` for ``hermetic.codecs.tree``."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def imports_of(file: SourceFile, modules: frozenset[str]) -> Iterator[Import]:
    """Yield what a file imports from the package, at its top, in functions and for type checkers alike."""
    for node in ast.walk(file.tree):
        for imported in _modules_named(node, file, modules):
            yield Import(importer=file.module, imported=imported, place=file.at(node))


def _modules_named(node: ast.AST, file: SourceFile, modules: frozenset[str]) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names if alias.name.split(".")[0] == "hermetic")
    if isinstance(node, ast.ImportFrom):
        origin = _absolute_name(node, file)
        if origin.split(".")[0] == "hermetic":
            for alias in node.names:
                submodule = f"{origin}.{alias.name}"
                yield submodule if submodule in modules else origin


def _absolute_name(node: ast.ImportFrom, file: SourceFile) -> str:
    if not node.level:
        return node.module or ""
    parts = file.module.split(".")
    is_package = file.path.name == "__init__.py"
    parent = parts[: len(parts) - node.level + is_package]
    return ".".join([*parent, *([node.module] if node.module else [])])


def late_imports_of(file: SourceFile) -> Iterator[ast.Import | ast.ImportFrom]:
    """Yield the imports that stand inside functions."""
    seen: set[int] = set()
    for function in file.functions():
        for node in ast.walk(function):
            if isinstance(node, ast.Import | ast.ImportFrom) and id(node) not in seen:
                seen.add(id(node))
                yield node
