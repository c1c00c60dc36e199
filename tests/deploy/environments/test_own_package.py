"""An environment gets the very package that is running, and what that requires: nothing else, from nowhere else."""

from __future__ import annotations

import hashlib
import importlib.metadata
from pathlib import Path
from types import SimpleNamespace

import pytest

import hermetic
from hermetic.deploy.environments import own_package
from hermetic.deploy.environments.own_package import copy_package, own_pins, package_digest

PACKAGE = Path(hermetic.__file__).parent


def _installed(monkeypatch: pytest.MonkeyPatch, **distributions: tuple[str, list[str]]) -> None:
    """Pretend that some distributions are installed: version, and what they require."""

    def distribution(name: str) -> SimpleNamespace:
        if name.replace("-", "_") not in distributions:
            raise importlib.metadata.PackageNotFoundError(name)
        version, requires = distributions[name.replace("-", "_")]
        return SimpleNamespace(version=version, requires=requires or None)

    monkeypatch.setattr(importlib.metadata, "distribution", distribution)


def test_what_is_required_is_pinned_as_it_is_installed_by_name():
    pins = own_pins()
    names = [pin.name for pin in pins]
    assert names == sorted(set(names))
    assert {"click", "msgspec", "rich"} <= set(names)
    for pin in pins:
        assert pin.version == importlib.metadata.version(pin.name)


def test_hermetic_itself_and_scikit_learn_are_not_among_them():
    assert not {"hermetic", "scikit-learn", "numpy"} & {pin.name for pin in own_pins()}


def test_what_requires_something_brings_it_along(monkeypatch: pytest.MonkeyPatch):
    _installed(
        monkeypatch,
        click=("8.1", ["Colour_Words.Own (>=1) ; python_version > '3'", 'never>=2; extra == "docs"']),
        colour_words_own=("0.5", ["click"]),
        never=("9.9", []),
    )
    assert [(pin.name, pin.version) for pin in own_pins()] == [("click", "8.1"), ("colour-words-own", "0.5")]


def test_what_is_not_installed_is_passed_over(monkeypatch: pytest.MonkeyPatch):
    _installed(monkeypatch, rich=("13.0", ["missing>=1"]))
    assert [pin.name for pin in own_pins(["also-missing"])] == ["rich"]


@pytest.mark.parametrize("version", ["", "1.0 ; rm", "--index-url", "1.0\n2.0", "git+https://example.org"])
def test_a_version_that_is_none_is_not_pinned(version: str, monkeypatch: pytest.MonkeyPatch):
    _installed(monkeypatch, click=(version, ["rich"]), msgspec=("0.19", []))
    assert [pin.name for pin in own_pins()] == ["msgspec"]


def test_further_distributions_come_with_what_they_require(monkeypatch: pytest.MonkeyPatch):
    _installed(monkeypatch, click=("8.1", []), pyarrow=("20.0", ["below"]), below=("1.0", []))
    assert [pin.name for pin in own_pins(["pyarrow"])] == ["below", "click", "pyarrow"]


def test_a_ring_of_requirements_ends(monkeypatch: pytest.MonkeyPatch):
    _installed(monkeypatch, click=("1", ["rich"]), rich=("2", ["click", "rich"]))
    assert [pin.name for pin in own_pins()] == ["click", "rich"]


def test_the_copy_has_every_file_of_the_package_and_no_compiled_one(tmp_path: Path):
    copy_package(tmp_path)
    originals = {path.relative_to(PACKAGE): path for path in PACKAGE.rglob("*") if path.is_file()}
    wanted = {name for name in originals if "__pycache__" not in name.parts}
    copied = {path.relative_to(tmp_path / "hermetic") for path in tmp_path.rglob("*") if path.is_file()}
    assert copied == wanted
    for name in ("__init__.py", "errors.py", "py.typed"):
        assert (tmp_path / "hermetic" / name).read_bytes() == (PACKAGE / name).read_bytes()


def test_a_copy_does_not_overwrite_another(tmp_path: Path):
    (tmp_path / "hermetic").mkdir()
    (tmp_path / "hermetic" / "own.py").write_text("own = 1\n")
    with pytest.raises(FileExistsError):
        copy_package(tmp_path)
    assert (tmp_path / "hermetic" / "own.py").read_text() == "own = 1\n"


@pytest.fixture
def small_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder that stands for the package that is running."""
    folder = tmp_path / "hermetic"
    (folder / "below").mkdir(parents=True)
    (folder / "a.py").write_text("a = 1\n")
    (folder / "below" / "b.py").write_text("b = 2\n")
    (folder / "notes.txt").write_text("not source\n")
    monkeypatch.setattr(own_package, "_FOLDER", folder)
    return folder


def _digest() -> str:
    return package_digest.__wrapped__()


def test_the_digest_is_that_of_names_and_contents(small_package: Path):
    assert _digest() == hashlib.sha256(b"a.py\na = 1\nbelow/b.py\nb = 2\n").hexdigest()


CHANGES = {
    "a content": lambda folder: (folder / "a.py").write_text("a = 2\n"),
    "a name": lambda folder: (folder / "a.py").rename(folder / "c.py"),
    "a folder": lambda folder: (folder / "below" / "b.py").rename(folder / "b.py"),
    "a file more": lambda folder: (folder / "below" / "__init__.py").touch(),
    "a file less": lambda folder: (folder / "a.py").unlink(),
}


@pytest.mark.parametrize("change", CHANGES)
def test_another_package_has_another_digest(change: str, small_package: Path):
    before = _digest()
    CHANGES[change](small_package)
    assert _digest() != before


def test_what_is_no_source_does_not_count(small_package: Path):
    before = _digest()
    (small_package / "notes.txt").write_text("other notes\n")
    (small_package / "a.pyc").write_bytes(b"compiled")
    assert _digest() == before
