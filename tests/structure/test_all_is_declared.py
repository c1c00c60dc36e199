"""Every module says what it offers, in one sorted list of names that exist."""

from __future__ import annotations

import ast

import pytest

from tests.structure.source_files import FUZZING_FILES, PACKAGE_FILES, SourceFile


@pytest.mark.parametrize("file", [*PACKAGE_FILES, *FUZZING_FILES], ids=lambda file: file.name)
def test_all_is_declared_and_sorted(file: SourceFile):
    names = _declared(file.tree)
    assert names is not None, f"{file.name} has no __all__"
    assert names == sorted(names, key=_as_the_linter_sorts), f"sort __all__ of {file.name}"
    assert len(names) == len(set(names)), f"__all__ of {file.name} names something twice"


def _declared(tree: ast.Module) -> list[str] | None:
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets):
            return ast.literal_eval(node.value)
    return None


def _as_the_linter_sorts(name: str) -> tuple[int, str]:
    """Constants first, then classes, then functions (rule RUF022 of ruff)."""
    if len(name) > 1 and name.isupper():
        return 0, name
    return (1, name) if name[:1].isupper() else (2, name)


def test_a_module_without_the_list_is_seen():
    assert _declared(ast.parse("x = 1")) is None
    assert _declared(ast.parse("__all__: list[str] = ['a']")) == ["a"]
