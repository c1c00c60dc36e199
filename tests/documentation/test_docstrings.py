"""Every example in a docstring runs as written."""

from __future__ import annotations

import doctest
from importlib import import_module
from pathlib import Path

import pytest

import hermetic

PACKAGE = Path(hermetic.__file__).parent


def dotted_name(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")


MODULES = [dotted_name(path) for path in sorted(PACKAGE.rglob("*.py")) if path.name != "__main__.py"]


@pytest.mark.parametrize("name", MODULES)
def test_examples_of_the_module_run(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.chdir(tmp_path)  # an example may write a file
    result = doctest.testmod(import_module(name), optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    assert result.failed == 0, f"{result.failed} of {result.attempted} examples in {name} failed, see above"
