"""uv or pip is found and asked in a way that nothing of a file, nor beside it, can change."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from pathlib import Path

import pytest

from hermetic.deploy.environments import installers
from hermetic.deploy.environments.installers import CannotResolve, Installer, find_installer, run
from hermetic.deploy.environments.pins import Target, target_here
from hermetic.errors import UsageError
from tests.deploy.environments.local_index import LocalIndex


def test_uv_beside_this_python_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    name = "uv.exe" if sys.platform == "win32" else "uv"
    (tmp_path / name).write_text("")
    monkeypatch.setattr(installers.sys, "executable", str(tmp_path / "python"))
    assert find_installer().command[0] == str(tmp_path / name)


def test_without_uv_pip_is_taken_isolated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(installers.sys, "executable", str(tmp_path / "python"))
    monkeypatch.setattr(shutil, "which", lambda name: None)
    found = find_installer()
    assert found.name == "pip"
    assert found.command[:4] == (str(tmp_path / "python"), "-I", "-m", "pip")


def test_pip_may_stand_elsewhere_or_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(installers.sys, "executable", str(tmp_path / "python"))
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(shutil, "which", lambda name: "/usr/bin/pip" if name == "pip" else None)
    assert find_installer().command[0] == "/usr/bin/pip"
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(UsageError, match="neither is installed"):
        find_installer()


def test_programs_run_without_the_surroundings_of_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    monkeypatch.setenv("VIRTUAL_ENV", "/somewhere")
    monkeypatch.setenv("OWN_SETTING", "kept")
    script = "import os; print(sorted(set(os.environ) & {'PYTHONPATH', 'VIRTUAL_ENV', 'OWN_SETTING'}), os.getcwd())"
    done = run([sys.executable, "-c", script], str(tmp_path))
    assert done.stdout.strip() == f"['OWN_SETTING'] {os.path.realpath(tmp_path)}"


def test_what_an_installer_says_is_the_text_of_the_error(tmp_path: Path):
    script = "import sys; print('\\x1b[2Jno', file=sys.stderr); sys.exit(1)"
    broken = Installer(name="uv", command=(sys.executable, "-c", script))
    with pytest.raises(CannotResolve, match="no"):
        broken.resolve(["own-one==1.0"], target_here(), with_dependencies=False)
    with pytest.raises(UsageError, match="could not install") as caught:
        broken.install(sys.executable, str(tmp_path / "absent.txt"))
    assert "\\x1b[2Jno" in caught.value.found


TARGETS = [(system, machine) for system in ("Linux", "Darwin", "Windows") for machine in ("x86_64", "aarch64")]


@pytest.mark.parametrize(("system", "machine"), TARGETS)
def test_every_target_is_known_to_both(system: str, machine: str):
    target = Target(python="3.12", system=system, machine=machine)
    uv, pip = (installers._target_options(name, target) for name in ("uv", "pip"))
    assert uv[:3] == ["--python-version", "3.12", "--python-platform"]
    assert pip[:3] == ["--python-version", "3.12", "--platform"]
    assert len(pip) % 2 == 0


def test_wheels_of_another_machine_are_unpacked_too(index: LocalIndex, each_installer: Installer, tmp_path: Path):
    sha256 = index.add("own-one", "1.0", tag="cp312-cp312-win_amd64")
    requirements = tmp_path / "requirements.txt"
    requirements.write_text(f"own-one==1.0 --hash=sha256:{sha256}\n")
    target = Target(python="3.12", system="Windows", machine="x86_64")
    each_installer.unpack(str(requirements), target, str(tmp_path / "unpacked"))
    assert (tmp_path / "unpacked" / "own_one.py").is_file()
