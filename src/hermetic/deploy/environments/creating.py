"""Virtual environments made of a lock, and a cache of them.

Only wheels of the lock are installed, each by its SHA-256, without what they would require beyond it. Installing a
wheel runs nothing of it, so what was installed is compared with what was recorded before anything of it is run.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from hermetic.deploy.environments.installers import Installer, run
from hermetic.deploy.environments.lock import Lock, lock_digest, requirements_text
from hermetic.deploy.environments.own_package import copy_package, package_digest
from hermetic.deploy.environments.pins import Pin
from hermetic.errors import UsageError
from hermetic.evidence.environment.distributions import installed_distributions
from hermetic.inspection.text import printable

__all__ = [
    "cache_folder",
    "cached_environment",
    "create_environment",
    "differing_downloads",
    "differing_wheels",
    "python_of",
]

_IS_WINDOWS = sys.platform == "win32"
_READY = "hermetic-ready"


def create_environment(lock: Lock, folder: str | os.PathLike[str], installer: Installer) -> str:
    """Make a virtual environment of exactly the wheels of a lock, and hermetic itself.

    Parameters
    ----------
    lock : Lock
        Approved.
    folder : path
        Must not exist, or be empty.
    installer : Installer
        uv or pip.

    Returns
    -------
    str
        Path of its Python.

    Raises
    ------
    UsageError
        When there is no such Python, or a wheel cannot be had any more; nothing is left behind then.
    """
    place = Path(folder).resolve()
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        raise UsageError(
            "there is something already", where=str(folder), next_step="Name a folder that does not exist."
        )
    place.parent.mkdir(parents=True, exist_ok=True)
    if lock.target.system:
        raise UsageError(f"an environment for {lock.target} cannot be made on this machine")
    try:
        _make_virtual_environment(place, lock.target.python, installer)
        python = python_of(place)
        with tempfile.TemporaryDirectory() as beside:
            requirements = os.path.join(beside, "requirements.txt")
            with open(requirements, "w", encoding="utf-8") as file:
                file.write(requirements_text(lock))
            installer.install(python, requirements)
        copy_package(_packages_of(place, lock.target.python))
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise
    return python


def _make_virtual_environment(place: Path, python: str, installer: Installer) -> None:
    if installer.name == "uv":
        command = [*installer.command, "venv", "--no-project", "-q", "--python", python, str(place)]
    else:
        command = [_find_python(python), "-I", "-m", "venv", "--without-pip", str(place)]
    with tempfile.TemporaryDirectory() as beside:
        done = run(command, beside)
    if done.returncode != 0:
        said = " / ".join(printable(line.strip()) for line in done.stderr.splitlines() if line.strip())
        raise UsageError(
            f"no virtual environment with Python {python} can be made: {said[:500]}", next_step=_advice(python)
        )


def _find_python(python: str) -> str:
    if python == f"{sys.version_info[0]}.{sys.version_info[1]}":
        return sys.executable
    found = shutil.which(f"python{python}")
    if found is None:
        raise UsageError(f"Python {python} is not installed here", next_step=_advice(python))
    return found


def _advice(python: str) -> str:
    return (
        f"Install Python {python}, or uv, which can fetch it (uv python install {python}). The nearest that could do "
        f"is this one, {sys.version_info[0]}.{sys.version_info[1]}: hermetic verify FILE --with NAME==VERSION tries it."
    )


def python_of(folder: str | os.PathLike[str]) -> str:
    """Give the path of the Python of a virtual environment."""
    parts = ("Scripts", "python.exe") if _IS_WINDOWS else ("bin", "python")
    return str(Path(folder).joinpath(*parts))


def _packages_of(folder: Path, python: str) -> Path:
    return folder / "Lib" / "site-packages" if _IS_WINDOWS else folder / "lib" / f"python{python}" / "site-packages"


def differing_wheels(folder: str | os.PathLike[str], python: str, pins: Sequence[Pin]) -> list[str]:
    """Compare what was installed in an environment with what was recorded, file by file.

    Parameters
    ----------
    folder : path
        Of the environment.
    python : str
        Its Python, two numbers.
    pins : sequence of Pin
        What was recorded.

    Returns
    -------
    list of str
        As of `differing_downloads`.
    """
    return _differing(_packages_of(Path(folder), python), pins)


def differing_downloads(lock: Lock, pins: Sequence[Pin], installer: Installer) -> list[str]:
    """Download the wheels of a lock, and compare them with what was recorded, file by file; nothing of them is run.

    Parameters
    ----------
    lock : Lock
        What to download; only what was recorded with its files is.
    pins : sequence of Pin
        What was recorded.
    installer : Installer
        uv or pip.

    Returns
    -------
    list of str
        Names whose wheel holds other files under the same version and for the same platforms.
    """
    comparable = {pin.name for pin in pins if pin.content}
    wheels = tuple(wheel for wheel in lock.wheels if wheel.name in comparable)
    with tempfile.TemporaryDirectory() as folder:
        requirements = os.path.join(folder, "requirements.txt")
        with open(requirements, "w", encoding="utf-8") as file:
            file.write(requirements_text(replace(lock, wheels=wheels)))
        packages = os.path.join(folder, "packages")
        installer.unpack(requirements, lock.target, packages)
        return _differing(packages, pins)


def _differing(packages: str | os.PathLike[str], pins: Sequence[Pin]) -> list[str]:
    recorded = {pin.name: pin for pin in pins}
    found = []
    for one in installed_distributions([str(packages)]):
        pin = recorded.get(one.name)
        is_same_build = pin is not None and (pin.version, pin.tags) == (one.version, one.tags)
        if pin is not None and is_same_build and pin.content and one.content and pin.content != one.content:
            found.append(one.name)
    return found


def cache_folder() -> Path:
    """Give the folder where environments are kept: ``HERMETIC_CACHE``, or where this system keeps such things."""
    own = os.environ.get("HERMETIC_CACHE")
    if own:
        return Path(own).expanduser()
    if _IS_WINDOWS:
        base = os.environ.get("LOCALAPPDATA")
        return Path(base) / "hermetic" / "Cache" if base else Path.home() / "AppData" / "Local" / "hermetic" / "Cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "hermetic"
    base = os.environ.get("XDG_CACHE_HOME")
    return Path(base) / "hermetic" if base and os.path.isabs(base) else Path.home() / ".cache" / "hermetic"


def cached_environment(lock: Lock, installer: Installer) -> tuple[str, str]:
    """Give an environment of a lock: the one that was made before, or a new one.

    Parameters
    ----------
    lock : Lock
        Approved.
    installer : Installer
        uv or pip.

    Returns
    -------
    folder, python : str
        The environment and its Python.
    """
    folder = cache_folder() / "environments" / f"{lock_digest(lock)[:32]}-{package_digest()[:8]}"
    ready = folder / _READY
    if ready.is_file() and ready.read_text(encoding="utf-8") == requirements_text(lock):
        return str(folder), python_of(folder)
    if folder.exists():
        shutil.rmtree(folder)  # what was not finished
    python = create_environment(lock, folder, installer)
    ready.write_text(requirements_text(lock), encoding="utf-8")
    return str(folder), python
