"""Which wheels go into a container: those of a lock that was written before, or what the user's own index gives now."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

from hermetic.deploy.containers.context import target_in_container
from hermetic.deploy.environments.installers import Installer
from hermetic.deploy.environments.lock import Lock
from hermetic.deploy.environments.lock_reader import read_lock
from hermetic.deploy.environments.own_package import SERVING, own_pins
from hermetic.deploy.environments.pins import pins_of
from hermetic.deploy.environments.planning import plan_environment, read_environment
from hermetic.deploy.environments.resolving import Missing
from hermetic.errors import UsageError

__all__ = ["ContainerPlan", "plan_container"]

_WITH_STAND_INS = ("httptools", "isal", "msgspec")
_WHAT_SERVES = ("starlette", "uvicorn")
_SHOWN = 20


@dataclass(frozen=True, kw_only=True)
class ContainerPlan:
    """What would be installed.

    Attributes
    ----------
    lock : Lock
        To be approved.
    missing : tuple of Missing
        What cannot be had.
    notes : tuple of str
        What people should know.
    """

    lock: Lock
    missing: tuple[Missing, ...] = ()
    notes: tuple[str, ...] = ()


def plan_container(
    file: str | os.PathLike[str],
    *,
    lock: str | os.PathLike[str] | None,
    is_serving: bool,
    takes_nearest: bool,
    find: Callable[[], Installer],
) -> ContainerPlan:
    """Give the wheels for a container.

    Parameters
    ----------
    file : path
        A hermetic file that records its environment.
    lock : path, optional
        A lock; without it the user's own index is asked.
    is_serving : bool
        Whether the model is served.
    takes_nearest : bool
        Whether to take the nearest version where the recorded one cannot be had.
    find : callable
        Gives the installer; called only when the index is asked.

    Returns
    -------
    ContainerPlan
        Of wheels for Linux.

    Raises
    ------
    UsageError
        When the file records no environment, the lock lacks what is needed, or what serves is not installed here.
    """
    record = read_environment(file, for_answers=True)
    extras = SERVING if is_serving else ()
    if lock is not None:
        return _with_lock(lock, {pin.name: pin.version for pin in pins_of(record).wanted}, extras)
    plan = plan_environment(record, find(), takes_nearest=takes_nearest, extras=extras, place=target_in_container)
    # Versions are those that are installed here: what is not installed has none.
    lost = {one.name for one in plan.missing}
    absent = {*_WHAT_SERVES} - {wheel.name for wheel in plan.lock.wheels} - lost if is_serving else set()
    if absent:
        raise UsageError(
            f"what serves models is not installed here: {', '.join(sorted(absent))}",
            next_step="pip install 'hermetic[serve]', or leave the server out with --no-serve.",
        )
    missing = tuple(one for one in plan.missing if one.name not in _WITH_STAND_INS)
    return ContainerPlan(lock=plan.lock, missing=missing, notes=plan.notes)


def _with_lock(path: str | os.PathLike[str], recorded: dict[str, str], extras: tuple[str, ...]) -> ContainerPlan:
    here = target_in_container("3.0")
    lock = read_lock(path, system=here.system, machine=here.machine)
    locked = {wheel.name: wheel.version for wheel in lock.wheels}
    own = {pin.name for pin in own_pins(extras)} - {*_WITH_STAND_INS}
    needed = {*recorded, *own} | ({*_WHAT_SERVES} if extras else set())
    lacking = sorted(needed - locked.keys())
    if lacking:
        raise UsageError(
            f"the lock lacks what the container needs: {', '.join(lacking[:_SHOWN])}",
            where=os.fspath(path),
            next_step=f"hermetic env FILE --lock PATH{' --serve' if extras else ''} writes one that has it.",
        )
    notes = tuple(
        f"{name}: locked is {locked[name]}, recorded was {version}"
        for name, version in sorted(recorded.items())
        if locked[name] != version
    )
    return ContainerPlan(lock=lock, notes=notes)
