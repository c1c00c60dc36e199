"""An environment of versions that the user has typed: no file has a say in it, so it needs no approval."""

from __future__ import annotations

from collections.abc import Sequence

from hermetic.deploy.environments.creating import cached_environment
from hermetic.deploy.environments.installers import Installer
from hermetic.deploy.environments.lock import Lock
from hermetic.deploy.environments.own_package import own_pins
from hermetic.deploy.environments.pins import target_here
from hermetic.deploy.environments.resolving import resolve_typed
from hermetic.evidence.checks import Check

__all__ = ["about_environment", "environment_with"]

_SHOWN = ("scikit-learn", "numpy", "scipy", "pandas")
_FREE = ("click", "isal", "msgspec", "rich")
"""Versions of hermetic's own requirements are free: they shall stand in nobody's way."""


def environment_with(
    requirements: Sequence[str], *, extras: Sequence[str] = (), installer: Installer
) -> tuple[str, Check]:
    """Make an environment with what the user has typed, or take the one that was made before.

    Parameters
    ----------
    requirements : sequence of str
        As ``scikit-learn==1.9.1``.
    extras : sequence of str
        Names of further distributions that are needed there.
    installer : Installer
        uv or pip.

    Returns
    -------
    (str, Check)
        The path of its Python, and what it is, in words.

    Raises
    ------
    UsageError
        When what was typed cannot be had.
    """
    names = [pin.name for pin in own_pins(extras) if pin.name in (*_FREE, *extras)]
    resolution = resolve_typed(["scikit-learn", *requirements], target_here(), installer, own=names)
    _, python = cached_environment(resolution.lock, installer)
    return python, about_environment(resolution.lock, resolution.notes)


def about_environment(lock: Lock, notes: Sequence[str]) -> Check:
    """Say what an environment is.

    Parameters
    ----------
    lock : Lock
        What it is made of.
    notes : sequence of str
        What people should know of it.

    Returns
    -------
    Check
        ``elsewhere``.
    """
    versions = {wheel.name: wheel.version for wheel in lock.wheels}
    shown = ", ".join(f"{name} {versions[name]}" for name in _SHOWN if name in versions)
    words = "\n".join([f"in an environment of {lock.target} with {shown}", *notes])
    return Check(name="elsewhere", verdict="noted" if notes else "passed", words=words)
