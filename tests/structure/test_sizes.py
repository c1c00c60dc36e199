"""Every file and every function fits into one reading."""

from __future__ import annotations

import ast

import pytest

from tests.structure.source_files import FUZZING_FILES, PACKAGE_FILES, TEST_FILES, Function, SourceFile

MOST_LINES_OF_A_FILE = 400
MOST_LINES_OF_A_FUNCTION = 50


@pytest.mark.parametrize("file", [*PACKAGE_FILES, *FUZZING_FILES, *TEST_FILES], ids=lambda file: file.name)
def test_file_has_at_most_400_lines(file: SourceFile):
    assert len(file.lines) <= MOST_LINES_OF_A_FILE, f"{file.name} has {len(file.lines)} lines: make a second file"


@pytest.mark.parametrize("file", [*PACKAGE_FILES, *FUZZING_FILES, *TEST_FILES], ids=lambda file: file.name)
def test_functions_have_at_most_50_lines_besides_their_docstring(file: SourceFile):
    long = [
        f"{file.at(function)} {function.name} has {n_lines} lines"
        for function in file.functions()
        if (n_lines := _n_lines_of_code(function)) > MOST_LINES_OF_A_FUNCTION
    ]
    assert not long, "\n".join(long)


def _n_lines_of_code(function: Function) -> int:
    n_lines = function.end_lineno - function.lineno + 1
    if ast.get_docstring(function) is not None:
        docstring = function.body[0]
        n_lines -= docstring.end_lineno - docstring.lineno + 1
    return n_lines


def test_a_docstring_is_not_counted_as_code():
    function = ast.parse('def give():\n    """One.\n\n    Two.\n    """\n    return 1\n').body[0]
    assert _n_lines_of_code(function) == 2
