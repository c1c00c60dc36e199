"""The user's own modules are found from the model and the script, with all that they import; nothing else is."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sklearn
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from hermetic.evidence.source.modules import (
    imports_of,
    is_below,
    is_installed,
    module_file,
    modules_of,
    own_modules,
    read_text,
)

FILES = {
    "own_features.py": "from own_package.steps import Doubling\n\ndef twice(X):\n    return X * 2\n",
    "own_package/__init__.py": "",
    "own_package/steps.py": (
        "from . import helpers\nfrom sklearn.preprocessing import FunctionTransformer\n\n"
        "class Doubling(FunctionTransformer):\n    pass\n"
    ),
    "own_package/helpers.py": "import json\n",
    "own_package/unused.py": "SECRET = 1\n",
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    for name, text in FILES.items():
        path = tmp_path / "project" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path / "project"))
    importlib.invalidate_caches()
    yield tmp_path / "project"
    for name in [name for name in sys.modules if name.startswith("own_")]:
        del sys.modules[name]


def test_modules_of_types_and_functions_within_a_model_are_found(project: Path):
    features = importlib.import_module("own_features")
    model = make_pipeline(FunctionTransformer(features.twice), features.Doubling(), LinearRegression())
    found = modules_of(model)
    assert {"own_features", "own_package.steps"} <= found
    assert {name.partition(".")[0] for name in found} >= {"sklearn"}


def test_a_model_that_cannot_be_saved_is_told_by_its_own_type():
    found = modules_of(make_pipeline(FunctionTransformer(lambda X: X), LinearRegression()))
    assert "sklearn.pipeline" in found


def test_own_modules_come_with_what_they_import_and_with_their_packages(project: Path):
    importlib.import_module("own_features")
    found, outside = own_modules(["own_features", "sklearn.svm"], [], str(project))
    assert list(found) == ["own_features", "own_package", "own_package.helpers", "own_package.steps"]
    assert found["own_features"] == str(project / "own_features.py")
    assert outside == []


def test_what_a_script_imports_counts_and_what_nobody_imports_does_not(project: Path):
    importlib.import_module("own_package.unused")
    importlib.import_module("own_package.helpers")
    found, _ = own_modules([], ["from own_package import helpers"], str(project))
    assert list(found) == ["own_package", "own_package.helpers"]


def test_modules_elsewhere_are_told_but_not_given(project: Path, tmp_path: Path):
    importlib.import_module("own_features")
    found, outside = own_modules(["own_features"], [], str(tmp_path / "other"))
    assert found == {}
    assert outside == ["own_features"]


def test_modules_that_import_each_other_end(project: Path):
    (project / "own_one.py").write_text("import own_two\n")
    (project / "own_two.py").write_text("import own_one\n")
    importlib.import_module("own_one")
    assert list(own_modules(["own_one"], [], str(project))[0]) == ["own_one", "own_two"]


def test_an_environment_inside_the_project_is_not_own(project: Path, monkeypatch: pytest.MonkeyPatch):
    packages = project / ".venv" / "lib" / "python3" / "site-packages"
    packages.mkdir(parents=True)
    (packages / "own_installed.py").write_text("")
    monkeypatch.syspath_prepend(str(packages))
    importlib.import_module("own_installed")
    assert own_modules(["own_installed"], [], str(project)) == ({}, [])


def test_installed_is_what_came_with_python_or_an_installer(tmp_path: Path):
    assert is_installed(json.__file__)
    assert is_installed(sklearn.__file__)
    assert not is_installed(str(tmp_path / "train.py"))


def test_a_script_in_the_folder_of_programs_is_installed():
    assert is_installed(str(Path(sys.executable).parent.resolve() / "train")) or is_installed(
        str(Path(sys.prefix) / ("Scripts" if sys.platform == "win32" else "bin") / "train")
    )


def test_below_is_not_beside(tmp_path: Path):
    assert is_below(str(tmp_path / "a" / "b.py"), str(tmp_path / "a"))
    assert not is_below(str(tmp_path / "ab.py"), str(tmp_path / "a"))
    assert not is_below(str(tmp_path / "a" / ".." / "b.py"), str(tmp_path / "a"))


@pytest.mark.parametrize("name", ["sys", "no_such_module", "__main__", "hermetic", "hermetic.capture", ""])
def test_modules_without_a_source_of_their_own_have_no_file(name: str):
    assert module_file(name) == ""


IMPORTS = [
    ("import a.b.c", "", {"a", "a.b", "a.b.c"}),
    ("from a.b import c", "", {"a.b", "a.b.c"}),
    ("from . import c", "p.q", {"p.q", "p.q.c"}),
    ("from ..r import c", "p.q", {"p.r", "p.r.c"}),
    ("from ....far import c", "p.q", set()),
    ("x = '\\d'\nimport a", "", {"a"}),
    ("def f():\n    import late", "", {"late"}),
    ("this is no Python", "", set()),
    ("import a\0", "", set()),
    ("(" * 10_000, "", set()),
]


@pytest.mark.parametrize(("text", "package", "expected"), IMPORTS, ids=[str(n) for n in range(len(IMPORTS))])
def test_imports_are_read_from_the_text(text: str, package: str, expected: set[str]):
    assert imports_of(text, package) == expected


def test_text_is_read_as_python_reads_it(tmp_path: Path):
    path = tmp_path / "a.py"
    path.write_bytes("# coding: latin-1\r\nx = 'é'\r\n".encode("latin-1"))
    assert read_text(str(path)) == "# coding: latin-1\nx = 'é'\n"
    path.write_bytes(b"\xef\xbb\xbfx = 1\n")
    assert read_text(str(path)) == "x = 1\n"


@pytest.mark.parametrize("data", [b"x = '\xff'\n", b"# coding: no-such-coding\n"])
def test_what_is_no_text_is_none(data: bytes, tmp_path: Path):
    path = tmp_path / "a.py"
    path.write_bytes(data)
    assert read_text(str(path)) is None
    assert read_text(str(tmp_path / "absent.py")) is None
