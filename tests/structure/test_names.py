"""Names are whole words of the field."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.structure.source_files import FUZZING_FILES, PACKAGE_FILES, TEST_FILES, SourceFile

ABBREVIATIONS = {
    "arr",
    "arrs",
    "buf",
    "bufs",
    "cfg",
    "cnt",
    "conf",
    "ctx",
    "elem",
    "elems",
    "fn",
    "func",
    "funcs",
    "idx",
    "idxs",
    "lst",
    "msg",
    "msgs",
    "num",
    "obj",
    "objs",
    "ptr",
    "ret",
    "tmp",
    "val",
    "vals",
}
NAMES_OF_OTHERS = {"tmp_path", "tmp_path_factory"}
"""Names that a library gives and that we must spell alike."""


@pytest.mark.parametrize("file", [*PACKAGE_FILES, *FUZZING_FILES, *TEST_FILES], ids=lambda file: file.name)
def test_variables_parameters_and_functions_are_whole_words(file: SourceFile):
    short = sorted({f"{file.at(node)} {name}" for name, node in _names_given(file.tree) if _is_abbreviated(name)})
    assert not short, "write the whole word:\n" + "\n".join(short)


def _names_given(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    """Yield every name that the file itself chooses; attributes of others are not its choice."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                yield name, node
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name, node
            case ast.ExceptHandler(name=str(name)) | ast.alias(asname=str(name)):
                yield name, node


def _is_abbreviated(name: str) -> bool:
    return name not in NAMES_OF_OTHERS and not ABBREVIATIONS.isdisjoint(name.lower().split("_"))


def test_the_rule_sees_a_short_word_inside_a_name():
    tree = ast.parse("def read(buf, n_idx, value): tmp = buf.val\nfor obj in value: ...\n")
    assert [name for name, _ in _names_given(tree) if _is_abbreviated(name)] == ["obj", "buf", "n_idx", "tmp"]
