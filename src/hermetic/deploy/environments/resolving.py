"""From names and versions to a lock: which wheels the user's own index has, what it has not, and what comes nearest."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from hermetic.deploy.environments.installers import CannotResolve, Installer
from hermetic.deploy.environments.lock import Lock, LockedWheel
from hermetic.deploy.environments.pins import Pin, Target
from hermetic.errors import UsageError
from hermetic.inspection.text import printable

__all__ = ["Missing", "Resolution", "resolve_pins", "resolve_typed"]

# What a person may type: a name, extras, versions; no address, no option, no marker.
_TYPED = re.compile(
    r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?(?:\[[A-Za-z0-9._, -]*\])?"
    r"\s*(?:(?:===?|~=|!=|<=|>=|<|>)\s*[A-Za-z0-9.*+!_-]+\s*(?:,\s*(?:===?|~=|!=|<=|>=|<|>)\s*[A-Za-z0-9.*+!_-]+\s*)*)?\Z"
)
_AT_ONCE = 8


@dataclass(frozen=True, kw_only=True)
class Missing:
    """A distribution that cannot be had as it was.

    Attributes
    ----------
    name, version : str
        What was wanted.
    reason : str
        Why not.
    nearest : str
        The version that comes nearest and can be had; "" for none.
    """

    name: str
    version: str
    reason: str
    nearest: str


@dataclass(frozen=True, kw_only=True)
class Resolution:
    """What an index has of what was wanted.

    Attributes
    ----------
    lock : Lock
        What can be had.
    missing : tuple of Missing
        What cannot.
    notes : tuple of str
        What people should know.
    """

    lock: Lock
    missing: tuple[Missing, ...]
    notes: tuple[str, ...]


def resolve_pins(
    pins: Sequence[Pin], target: Target, installer: Installer, *, takes_nearest: bool = False
) -> Resolution:
    """Look up exact versions on the user's own index.

    Parameters
    ----------
    pins : sequence of Pin
        What is wanted; what they require is not looked up.
    target : Target
        What the wheels are for.
    installer : Installer
        uv or pip.
    takes_nearest : bool, default=False
        Whether to take the nearest version where the wanted one cannot be had.

    Returns
    -------
    Resolution
        Where something is missing, the lock is that of the rest.
    """
    found, yanked, missing = _look_up(pins, target, installer)
    notes = [f"{name} was yanked: its makers have taken this version back" for name in sorted(set(yanked))]
    if takes_nearest:
        nearest = [Pin(name=one.name, version=one.nearest) for one in missing if one.nearest]
        more, _, _ = _look_up(nearest, target, installer)
        found = sorted([*found, *more])
        notes.extend(
            f"{one.name} {one.nearest} in place of {one.version}: {one.reason}" for one in missing if one.nearest
        )
        missing = [one for one in missing if not one.nearest]
    archives = {pin.name: pin.archive for pin in pins if pin.archive}
    notes.extend(
        f"{wheel.name} {wheel.version}: the wheel of the index is not the archive that was installed"
        for wheel in found
        if archives.get(wheel.name, wheel.sha256) != wheel.sha256
    )
    return Resolution(lock=Lock(target=target, wheels=tuple(found)), missing=tuple(missing), notes=tuple(notes))


def _look_up(
    pins: Sequence[Pin], target: Target, installer: Installer
) -> tuple[list[LockedWheel], list[str], list[Missing]]:
    try:
        wheels, yanked = _ask(pins, target, installer)
        return wheels, yanked, []
    except CannotResolve:
        pass
    # One by one, to tell which; the answers of the index are cached by now.
    found: list[LockedWheel] = []
    taken_back: list[str] = []
    missing: list[Missing] = []
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for wheels, yanked, lost in pool.map(lambda pin: _look_up_one(pin, target, installer), pins):
            found.extend(wheels)
            taken_back.extend(yanked)
            missing.extend(lost)
    return found, taken_back, missing


def _ask(pins: Iterable[Pin], target: Target, installer: Installer) -> tuple[list[LockedWheel], list[str]]:
    wanted = {pin.name: pin.version for pin in pins}
    if not wanted:
        return [], []
    requirements = [f"{name}=={version}" for name, version in wanted.items()]
    wheels, yanked = installer.resolve(requirements, target, with_dependencies=False)
    for wheel in wheels:
        if wanted.pop(wheel.name, None) is None:
            raise UsageError(f"{installer.name} offers {wheel.name} {wheel.version}, which nobody asked for")
    if wanted:
        raise CannotResolve(f"no wheel of {', '.join(wanted)}")
    return wheels, yanked


def _look_up_one(pin: Pin, target: Target, installer: Installer) -> tuple[list[LockedWheel], list[str], list[Missing]]:
    try:
        wheels, yanked = _ask([pin], target, installer)
        return wheels, yanked, []
    except CannotResolve as error:
        reason = _reason_in(str(error), target)
    nearest = _nearest(pin, target, installer)
    return [], [], [Missing(name=pin.name, version=pin.version, reason=reason, nearest=nearest)]


def _reason_in(said: str, target: Target) -> str:
    """Tell from what an installer says why something cannot be had."""
    if re.search(r"no usable wheels|no wheels|matching platform|Python ABI|python_requires|Requires-Python", said):
        return f"no wheel for {target}" + ("" if target.system else " on this machine")
    if re.search(r"onnect|resolve host|timed out|certificate|Could not fetch|Failed to fetch|401|403", said):
        lines = [printable(line.strip()) for line in said.splitlines() if line.strip()]
        return f"the index did not answer: {lines[-1][:200] if lines else 'nothing was said'}"
    return f"not on the index as a wheel for {target}"


def _nearest(pin: Pin, target: Target, installer: Installer) -> str:
    """Give the newest version of the same minor release that can be had, else of the same major, else any."""
    numbers = re.findall(r"[0-9]+", pin.version.partition("+")[0].partition("!")[2] or pin.version.partition("+")[0])
    major, minor = int(numbers[0]), int(numbers[1]) if len(numbers) > 1 else 0
    ranges = (f">={major}.{minor},<{major}.{minor + 1}", f">={major}.{minor},<{major + 1}", f">={major}.{minor}", "")
    for each in ranges:
        try:
            wheels, _ = installer.resolve([f"{pin.name}{each}"], target, with_dependencies=False)
        except CannotResolve:
            continue
        if wheels:
            return wheels[0].version
    return ""


def resolve_typed(
    requirements: Sequence[str], target: Target, installer: Installer, *, own: Sequence[str] = ()
) -> Resolution:
    """Look up what a person has typed, with all that it requires.

    Parameters
    ----------
    requirements : sequence of str
        As ``scikit-learn==1.9.1``.
    target : Target
        What the wheels are for.
    installer : Installer
        uv or pip.
    own : sequence of str
        Requirements of hermetic itself.

    Raises
    ------
    UsageError
        When one is in another form, or they cannot be had together.
    """
    for requirement in requirements:
        if not _TYPED.match(requirement.strip()):
            raise UsageError(
                f"this is no requirement: {requirement[:200]!r}", next_step='Write it as in "scikit-learn==1.9.1".'
            )
    typed = [requirement.strip() for requirement in requirements]
    try:
        wheels, yanked = installer.resolve([*typed, *own], target, with_dependencies=True)
    except CannotResolve as error:
        lines = [printable(line.strip()) for line in str(error).splitlines() if line.strip()]
        raise UsageError(
            f"{', '.join(typed)} cannot be had for {target}: {' '.join(lines)[:1_000]}",
            next_step="Ask for another version, or run this with another Python.",
        ) from error
    notes = tuple(f"{name} was yanked: its makers have taken this version back" for name in sorted(set(yanked)))
    return Resolution(lock=Lock(target=target, wheels=tuple(wheels)), missing=(), notes=notes)
