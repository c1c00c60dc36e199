"""Everything is annotated, and everything public says what it gives."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.structure.source_files import FUZZING_FILES, PACKAGE_FILES, Function, SourceFile


@pytest.mark.parametrize("file", [*PACKAGE_FILES, *FUZZING_FILES], ids=lambda file: file.name)
def test_every_parameter_and_result_is_annotated(file: SourceFile):
    bare = [
        f"{file.at(function)} {function.name}: {missing}"
        for function in file.functions()
        if (missing := _bare(function))
    ]
    assert not bare, "\n".join(bare)


def _bare(function: Function) -> list[str]:
    given = function.args
    parameters = [*given.posonlyargs, *given.args, *given.kwonlyargs, *filter(None, (given.vararg, given.kwarg))]
    names = [parameter.arg for parameter in parameters if parameter.annotation is None]
    missing = [name for name in names if name not in {"self", "cls"}]
    return missing if function.returns is not None else [*missing, "return"]


@pytest.mark.parametrize("file", [*PACKAGE_FILES, *FUZZING_FILES], ids=lambda file: file.name)
def test_every_module_class_and_function_of_the_public_kind_has_a_docstring(file: SourceFile):
    mute = [f"{file.at(node)} {getattr(node, 'name', 'the module')}" for node in _public(file.tree) if _is_mute(node)]
    assert not mute, "write a docstring for:\n" + "\n".join(mute)


def _public(tree: ast.Module) -> Iterator[ast.Module | ast.ClassDef | Function]:
    """Yield the module, its public classes with their public methods, and its public functions."""
    yield tree
    for node in tree.body:
        if isinstance(node, ast.ClassDef | Function) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                methods = [method for method in node.body if isinstance(method, Function)]
                yield from (
                    method for method in methods if not method.name.startswith("_") and not _is_overload(method)
                )


def _is_overload(function: Function) -> bool:
    return any(ast.unparse(decorator).endswith(("overload", ".setter")) for decorator in function.decorator_list)


def _is_mute(node: ast.Module | ast.ClassDef | Function) -> bool:
    if isinstance(node, Function) and _is_overload(node):
        return False
    return not (ast.get_docstring(node) or "").strip()


def test_the_rule_sees_what_is_missing():
    tree = ast.parse("def give(first, *, second: int): ...\nclass Kind:\n    def method(self) -> None: ...\n")
    assert _bare(tree.body[0]) == ["first", "return"]
    assert [getattr(node, "name", "") for node in _public(tree) if _is_mute(node)] == ["", "give", "Kind", "method"]
