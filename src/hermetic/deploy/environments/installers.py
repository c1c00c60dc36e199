"""uv or pip, as programs: what they are asked, and what they say. They know the user's index, and the keys to it.

They run in an empty folder, so that no settings beside a file that somebody was handed count as the user's own.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hermetic.deploy.environments.lock import LockedWheel, wheel_of
from hermetic.deploy.environments.pins import Target
from hermetic.errors import UsageError
from hermetic.inspection.text import printable

__all__ = ["CannotResolve", "Installer", "find_installer", "run"]

_SECONDS = 1_800
_NO_INSTALLER = "Install uv (https://docs.astral.sh/uv/) or pip, and try again."
_YANKED_SAYS_PIP = re.compile(r"yanked version: '([A-Za-z0-9._-]{1,100})' candidate")
_YANKED = re.compile(r"`([a-z0-9-]{1,100})==[^`]{1,100}` is yanked")
_UV_PLATFORMS = {
    ("Linux", "x86_64"): "x86_64-manylinux_2_28",
    ("Linux", "aarch64"): "aarch64-manylinux_2_28",
    ("Darwin", "x86_64"): "x86_64-apple-darwin",
    ("Darwin", "aarch64"): "aarch64-apple-darwin",
    ("Windows", "x86_64"): "x86_64-pc-windows-msvc",
    ("Windows", "aarch64"): "aarch64-pc-windows-msvc",
}
_PIP_PLATFORMS = {
    ("Linux", "x86_64"): [f"manylinux_2_{minor}_x86_64" for minor in (28, 27, 26, 24, 17, 12, 5)],
    ("Linux", "aarch64"): [f"manylinux_2_{minor}_aarch64" for minor in (28, 27, 26, 24, 17)],
    ("Darwin", "x86_64"): [f"macosx_{release}_x86_64" for release in ("14_0", "13_0", "12_0", "11_0", "10_13", "10_9")],
    ("Darwin", "aarch64"): [f"macosx_{release}_arm64" for release in ("14_0", "13_0", "12_0", "11_0")],
    ("Windows", "x86_64"): ["win_amd64"],
    ("Windows", "aarch64"): ["win_arm64"],
}


class CannotResolve(Exception):
    """The index has not all that was asked for; what the installer says about it is the text."""


@dataclass(frozen=True, kw_only=True)
class Installer:
    """A program that resolves and installs.

    Attributes
    ----------
    name : str
        ``uv`` or ``pip``.
    command : tuple of str
        What starts it.
    """

    name: str
    command: tuple[str, ...]

    def resolve(
        self, requirements: Sequence[str], target: Target, *, with_dependencies: bool
    ) -> tuple[list[LockedWheel], list[str]]:
        """Ask the user's index for wheels, and install nothing.

        Parameters
        ----------
        requirements : sequence of str
            Names with versions; whoever calls has checked that they are nothing else.
        target : Target
            What the wheels are for.
        with_dependencies : bool
            Whether to take what they require, too.

        Returns
        -------
        wheels : list of LockedWheel
            By name.
        yanked : list of str
            Names of those that their makers have taken back: they are still there for who asks for that very version.

        Raises
        ------
        CannotResolve
            When something cannot be had.
        """
        dependencies = () if with_dependencies else ("--no-deps",)
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "requirements.txt")
            with open(path, "w", encoding="utf-8") as file:
                file.write("".join(f"{requirement}\n" for requirement in requirements))
            ask = _ask_uv if self.name == "uv" else _ask_pip
            wheels, yanked = ask(self.command, path, target, [*dependencies, "--only-binary", ":all:"], folder)
        return sorted(wheels), yanked

    def unpack(self, requirements: str, target: Target, folder: str) -> None:
        """Fetch the wheels of a requirements file with hashes, for any machine, and unpack them into a folder.

        Parameters
        ----------
        requirements : str
            Path of the file.
        target : Target
            What the wheels are for.
        folder : str
            Where.

        Raises
        ------
        UsageError
            With what the installer says.
        """
        self.install(sys.executable, requirements, "--target", folder, *_target_options(self.name, target))

    def install(self, python: str, requirements: str, *options: str) -> None:
        """Install exactly the wheels of a requirements file with hashes.

        Parameters
        ----------
        python : str
            The interpreter of the environment.
        requirements : str
            Path of the file.
        *options : str
            More of them.

        Raises
        ------
        UsageError
            With what the installer says.
        """
        which = ("pip", "install", "--python", python) if self.name == "uv" else ("--python", python, "install")
        strict = ("--require-hashes", "--no-deps", "--only-binary", ":all:", "-q", *options, "-r", requirements)
        with tempfile.TemporaryDirectory() as folder:
            done = run([*self.command, *which, *strict], folder)
        if done.returncode != 0:
            raise UsageError(
                f"{self.name} could not install the wheels of the lock: {_last_words(done.stderr)}",
                next_step="A wheel that was changed or taken away since it was locked cannot be had: lock again.",
            )


def find_installer() -> Installer:
    """Give uv where it is installed, else pip.

    Raises
    ------
    UsageError
        When there is neither.
    """
    beside = os.path.join(os.path.dirname(sys.executable), "uv.exe" if sys.platform == "win32" else "uv")
    uv = beside if os.path.isfile(beside) else shutil.which("uv")
    if uv:
        return Installer(name="uv", command=(uv, "--no-progress", "--color", "never"))
    return _pip()


def _pip() -> Installer:
    if importlib.util.find_spec("pip") is not None:
        return Installer(name="pip", command=(sys.executable, "-I", "-m", "pip", "--disable-pip-version-check"))
    pip = shutil.which("pip")
    if pip is None:
        raise UsageError("an environment needs uv or pip, and neither is installed", next_step=_NO_INSTALLER)
    return Installer(name="pip", command=(pip, "--disable-pip-version-check"))


def run(command: Sequence[str], folder: str, **surroundings: str) -> subprocess.CompletedProcess[str]:
    """Run a program in a folder, without anything of Python's surroundings here.

    Parameters
    ----------
    command : sequence of str
        Program and arguments.
    folder : str
        Where.
    **surroundings : str
        Variables of the environment to set.

    Returns
    -------
    subprocess.CompletedProcess
        With its output as text.
    """
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith("PYTHON") and name != "VIRTUAL_ENV"
    }
    return subprocess.run(
        list(command),
        cwd=folder,
        env=kept | surroundings,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=_SECONDS,
        check=False,
    )


def _ask_uv(
    command: Sequence[str], path: str, target: Target, options: Sequence[str], folder: str
) -> tuple[list[LockedWheel], list[str]]:
    arguments = ("pip", "compile", path, "--format", "pylock.toml", "--no-header", "--no-sources")
    # With a Python named, uv looks for no other one: this one tells only what machine this is.
    which = (*_target_options("uv", target), "--python", sys.executable)
    done = run([*command, *arguments, *which, *options], folder)
    if done.returncode != 0:
        raise CannotResolve(done.stderr)
    packages: list[dict[str, Any]] = tomllib.loads(done.stdout).get("packages", [])
    return [_wheel_of_uv(package) for package in packages], _YANKED.findall(done.stderr)


def _target_options(installer: str, target: Target) -> list[str]:
    place = (target.system, target.machine)
    if installer == "uv":
        platform = ["--python-platform", _UV_PLATFORMS[place]] if target.system else []
    else:
        platform = [part for name in _PIP_PLATFORMS[place] for part in ("--platform", name)] if target.system else []
    return ["--python-version", target.python, *platform]


def _wheel_of_uv(package: dict[str, Any]) -> LockedWheel:
    wheels = package.get("wheels", [])
    first = wheels[0] if wheels else {}
    url = first.get("url") or f"file://{first.get('path', '')}"
    sha256 = first.get("hashes", {}).get("sha256", "")
    return wheel_of(name=package["name"], version=package["version"], sha256=sha256, url=url)


def _ask_pip(
    command: Sequence[str], path: str, target: Target, options: Sequence[str], folder: str
) -> tuple[list[LockedWheel], list[str]]:
    # pip demands a folder for another Python, and with --dry-run puts nothing there.
    elsewhere = (*_target_options("pip", target), "--target", os.path.join(folder, "nothing"))
    arguments = ("install", "--dry-run", "--ignore-installed", "--report", os.path.join(folder, "report.json"), "-q")
    done = run([*command, *arguments, *elsewhere, *options, "-r", path], folder)
    if done.returncode != 0:
        raise CannotResolve(done.stderr)
    with open(os.path.join(folder, "report.json"), encoding="utf-8") as file:
        items: list[dict[str, Any]] = json.load(file)["install"]
    yanked = {_normalized(item["metadata"]["name"]) for item in items if item.get("is_yanked")}
    # Before 23.3 the report is silent about it.
    yanked |= {_normalized(name) for name in _YANKED_SAYS_PIP.findall(done.stderr)}
    return [_wheel_of_pip(item) for item in items], sorted(yanked)


def _wheel_of_pip(item: dict[str, Any]) -> LockedWheel:
    found, metadata = item["download_info"], item["metadata"]
    sha256 = found.get("archive_info", {}).get("hashes", {}).get("sha256", "")
    return wheel_of(name=_normalized(metadata["name"]), version=metadata["version"], sha256=sha256, url=found["url"])


def _normalized(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _last_words(text: str) -> str:
    lines = [printable(line.strip()) for line in text.splitlines() if line.strip()]
    return " / ".join(lines[-4:])[:1_000] or "nothing"
