"""`import hermetic` is light, and gives every public name."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

import hermetic

SOURCE = Path(hermetic.__file__)
READY = [name for name, module in hermetic._MODULE_OF.items() if find_spec(module)]


def modules_after(statement: str) -> set[str]:
    """Return the names of the modules that a fresh process has after a statement."""
    script = f"{statement}\nimport json, sys; print(json.dumps(list(sys.modules)))"
    environment = {**os.environ, "PYTHONPATH": str(SOURCE.parents[1])}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, env=environment, timeout=60, check=True)
    return set(json.loads(done.stdout))


@pytest.mark.parametrize(
    "statement", ["import hermetic", "import hermetic; dir(hermetic)", "from hermetic import Limits"]
)
def test_importing_hermetic_imports_no_heavy_library(statement: str):
    modules = modules_after(statement)
    assert "hermetic" in modules
    assert modules.isdisjoint({"numpy", "sklearn", "scipy", "pandas", "msgspec", "click", "rich", "isal", "joblib"})


def test_importing_hermetic_imports_nothing_else_of_hermetic():
    mine = {name for name in modules_after("import hermetic") if name.split(".")[0] == "hermetic"}
    assert mine == {"hermetic", "hermetic._version"}


def test_saving_without_compression_imports_none():
    modules = modules_after("import hermetic; hermetic.dumps([1.5])")
    assert "hermetic.formats.compression" in modules
    assert modules.isdisjoint({"backports.zstd", "compression.zstd", "lzma", "bz2"} - modules_after("import numpy"))


@pytest.mark.parametrize("name", READY)
def test_a_public_name_is_the_one_of_its_home(name: str):
    home = import_module(hermetic._MODULE_OF[name])
    assert getattr(hermetic, name) is getattr(home, name)
    assert name in home.__all__


def test_every_public_name_is_in_the_table_and_the_list():
    assert {*hermetic._MODULE_OF, "__version__"} == set(hermetic.__all__)
    assert set(hermetic.__all__) <= set(dir(hermetic))


def test_type_checkers_see_the_same_homes_as_the_table():
    tree = ast.parse(SOURCE.read_text(encoding="utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    seen = {alias.name: statement.module for statement in block.body for alias in statement.names}
    assert seen == hermetic._MODULE_OF


def test_every_error_is_public():
    errors = import_module("hermetic.errors").__all__
    assert set(errors) <= set(hermetic.__all__)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'hermetic' has no attribute 'pickle'"):
        getattr(hermetic, "pickle")  # noqa: B009


def test_a_name_is_kept_after_its_first_use():
    hermetic.__dict__.pop("Limits", None)
    first = hermetic.Limits
    assert hermetic.__dict__["Limits"] is first
