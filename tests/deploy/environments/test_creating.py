"""Environments are made of exactly the wheels of a lock, by their digests, and kept for the next time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from hermetic.deploy.environments import creating
from hermetic.deploy.environments.creating import (
    cache_folder,
    cached_environment,
    create_environment,
    differing_downloads,
    differing_wheels,
    python_of,
)
from hermetic.deploy.environments.installers import Installer
from hermetic.deploy.environments.lock import Lock
from hermetic.deploy.environments.own_package import copy_package, own_pins, package_digest
from hermetic.deploy.environments.pins import Pin, Target, target_here
from hermetic.deploy.environments.resolving import resolve_pins
from hermetic.errors import UsageError
from hermetic.evidence.environment.distributions import installed_distributions
from tests.deploy.environments.local_index import LocalIndex

HERE = target_here()
ONE = Pin(name="own-one", version="1.0")


def lock_of(installer: Installer, *pins: Pin) -> Lock:
    resolution = resolve_pins(pins, HERE, installer)
    assert resolution.missing == ()
    return resolution.lock


def say(python: str, statement: str) -> str:
    done = subprocess.run([python, "-I", "-c", statement], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_an_environment_holds_the_wheels_of_the_lock_and_hermetic(
    index: LocalIndex, each_installer: Installer, tmp_path: Path
):
    index.add("own-one", "1.0", requires=["own-absent"])
    python = create_environment(lock_of(each_installer, ONE), tmp_path / "made", each_installer)
    assert say(python, "import own_one, sys; print(own_one.__version__, *sys.version_info[:2])") == (
        f"1.0 {sys.version_info[0]} {sys.version_info[1]}"
    )
    assert say(python, "import hermetic; print(hermetic.__version__)")
    packages = next((tmp_path / "made").glob("lib*/**/site-packages"))
    assert [one.name for one in installed_distributions([str(packages)])] == ["own-one"]


def test_a_wheel_that_was_changed_is_not_installed(index: LocalIndex, each_installer: Installer, tmp_path: Path):
    index.add("own-one", "1.0")
    lock = lock_of(each_installer, ONE)
    index.links.clear()
    index.add("own-one", "1.0", text="evil = True")
    with pytest.raises(UsageError, match="could not install") as caught:
        create_environment(lock, tmp_path / "made", each_installer)
    assert str(caught.value).replace("\n", "").isprintable()
    assert not (tmp_path / "made").exists()


def test_nothing_that_is_there_is_overwritten(tmp_path: Path, installer: Installer):
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "mine.txt").write_text("")
    with pytest.raises(UsageError, match="something already"):
        create_environment(Lock(target=HERE, wheels=()), tmp_path / "made", installer)
    assert (tmp_path / "made" / "mine.txt").exists()


def test_a_python_that_is_not_here_is_told_with_the_nearest(
    index: LocalIndex, each_installer: Installer, tmp_path: Path
):
    with pytest.raises(UsageError, match=r"Python 3\.99") as caught:
        create_environment(Lock(target=Target(python="3.99"), wheels=()), tmp_path / "made", each_installer)
    assert f"this one, {HERE.python}" in caught.value.next_step
    assert not (tmp_path / "made").exists()


def test_an_environment_of_another_machine_cannot_be_made(tmp_path: Path, installer: Installer):
    target = Target(python="3.12", system="Windows", machine="x86_64")
    with pytest.raises(UsageError, match="cannot be made on this machine"):
        create_environment(Lock(target=target, wheels=()), tmp_path / "made", installer)


def test_an_environment_is_made_once_for_a_lock(
    index: LocalIndex, installer: Installer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("HERMETIC_CACHE", str(tmp_path / "cache"))
    index.add("own-one", "1.0")
    lock = lock_of(installer, ONE)
    folder, python = cached_environment(lock, installer)
    assert folder.startswith(str(tmp_path / "cache"))
    assert python == python_of(folder)
    monkeypatch.setattr(creating, "create_environment", None)
    assert cached_environment(lock, installer) == (folder, python)


def test_what_was_not_finished_is_made_again(
    index: LocalIndex, installer: Installer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("HERMETIC_CACHE", str(tmp_path / "cache"))
    lock = Lock(target=HERE, wheels=())
    made = []

    def make(lock: Lock, folder: Path, installer: Installer) -> str:
        assert not folder.exists()
        folder.mkdir(parents=True)
        made.append(folder)
        return ""

    monkeypatch.setattr(creating, "create_environment", make)
    folder, _ = cached_environment(lock, installer)
    (Path(folder) / "hermetic-ready").unlink()
    cached_environment(lock, installer)
    assert len(made) == 2


def test_another_hermetic_has_environments_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HERMETIC_CACHE", str(tmp_path))
    made = []

    def make(lock: Lock, folder: Path, installer: Installer) -> str:
        folder.mkdir(parents=True)
        made.append(folder)
        return ""

    monkeypatch.setattr(creating, "create_environment", make)
    for digest in ("a" * 64, "b" * 64):
        monkeypatch.setattr(creating, "package_digest", lambda digest=digest: digest)
        cached_environment(Lock(target=HERE, wheels=()), Installer(name="uv", command=()))
    assert made[0] != made[1]


def test_other_files_under_the_same_version_are_noticed(index: LocalIndex, installer: Installer, tmp_path: Path):
    index.add("own-one", "1.0")
    create_environment(lock_of(installer, ONE), tmp_path / "made", installer)
    packages = next((tmp_path / "made").glob("lib*/**/site-packages"))
    (found,) = installed_distributions([str(packages)])

    def differing(**fields: object) -> list[str]:
        pin = Pin(**{"name": "own-one", "version": "1.0", "content": found.content, "tags": found.tags, **fields})
        return differing_wheels(tmp_path / "made", HERE.python, [pin])

    assert differing() == []
    assert differing(content="a" * 64) == ["own-one"]
    # Another build, or a version that was not recorded, cannot be compared.
    assert differing(content="a" * 64, tags=("cp39-cp39-win32",)) == []
    assert differing(content="") == []
    assert differing(content="a" * 64, version="2.0") == []


def test_wheels_are_compared_without_an_environment(index: LocalIndex, each_installer: Installer):
    index.add("own-one", "1.0")
    index.add("own-two", "1.0")
    lock = lock_of(each_installer, ONE, Pin(name="own-two", version="1.0"))

    def differing(content: str) -> list[str]:
        pin = Pin(name="own-one", version="1.0", content=content, tags=("py3-none-any",))
        return differing_downloads(lock, [pin], each_installer)

    assert differing("a" * 64) == ["own-one"]
    assert differing("") == []


FOLDERS = [("linux", "XDG_CACHE_HOME", ".cache"), ("darwin", "", "Library/Caches"), ("win32", "LOCALAPPDATA", "")]


@pytest.mark.parametrize(("system", "variable", "below"), FOLDERS)
def test_the_cache_is_where_the_system_keeps_such_things(
    system: str, variable: str, below: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    for name in ("HERMETIC_CACHE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(creating.sys, "platform", system)
    monkeypatch.setattr(creating, "_IS_WINDOWS", system == "win32")
    monkeypatch.setattr(creating.Path, "home", lambda: tmp_path / "home")
    assert cache_folder().is_relative_to(tmp_path / "home" / below)
    if variable:
        monkeypatch.setenv(variable, str(tmp_path / "elsewhere"))
        assert cache_folder().is_relative_to(tmp_path / "elsewhere")
    monkeypatch.setenv("HERMETIC_CACHE", str(tmp_path / "own"))
    assert cache_folder() == tmp_path / "own"


def test_the_running_package_is_copied_whole(tmp_path: Path):
    copy_package(tmp_path)
    assert (tmp_path / "hermetic" / "__main__.py").is_file()
    assert not list(tmp_path.rglob("*.pyc"))
    assert len(package_digest()) == 64


def test_what_hermetic_requires_is_known_with_versions():
    names = [pin.name for pin in own_pins()]
    assert names == sorted(names)
    assert {"click", "rich", "pygments"} <= set(names)
    assert not {"hermetic", "scikit-learn", "numpy"} & set(names)
