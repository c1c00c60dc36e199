"""From a file to a plan: its recorded environment, what of it can be had, and what hermetic itself needs beside it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from hermetic.deploy.environments.installers import Installer
from hermetic.deploy.environments.lock import Lock
from hermetic.deploy.environments.own_package import own_pins
from hermetic.deploy.environments.pins import Pins, Target, pins_of, target_of
from hermetic.deploy.environments.resolving import Missing, Resolution, resolve_pins
from hermetic.errors import UsageError
from hermetic.formats.container_reader import open_container
from hermetic.formats.open_source import open_source
from hermetic.inspection.golden import golden_of
from hermetic.limits import DEFAULT_LIMITS
from hermetic.recorded.environment import DistributionRecord, EnvironmentRecord
from hermetic.recorded.members import read_record
from hermetic.signing.files import PublicKeys

__all__ = ["Plan", "plan_environment", "read_environment"]

_FRAMES = ("pandas", "polars", "pyarrow")
_RECORD_IT = "Save the model with evidence: dump(model, file, evidence=hermetic.record(model, X, y))."


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What an environment would be made of.

    Attributes
    ----------
    lock : Lock
        What can be had.
    pins : Pins
        What was recorded.
    missing : tuple of Missing
        What was recorded and cannot be had as it was, for whichever reason.
    notes : tuple of str
        What people should know.
    """

    lock: Lock
    pins: Pins
    missing: tuple[Missing, ...]
    notes: tuple[str, ...]


def read_environment(
    file: str | os.PathLike[str], *, signed_by: PublicKeys | None = None, for_answers: bool = False
) -> EnvironmentRecord:
    """Read the recorded environment of a file.

    Parameters
    ----------
    file : path
        A hermetic file.
    signed_by : path or PEM text of a public key, or a collection of them, optional
        One of them must have signed the very bytes that are read.
    for_answers : bool, default=False
        Whether what the recorded rows are made of, as pandas, counts as needed, too.

    Returns
    -------
    EnvironmentRecord
        Whatever it names is only text.

    Raises
    ------
    UsageError
        When the file records none.
    FileError
        When it is damaged, hostile, or not signed by one of the keys.
    OSError
        When it cannot be opened.
    """
    if signed_by is None:
        source = open_source(file, DEFAULT_LIMITS)
    else:
        from hermetic.signing.files import signed_source  # cryptography only for who names a key

        source = signed_source(file, signed_by)
    try:
        container = open_container(source, DEFAULT_LIMITS)
        record: EnvironmentRecord | None = read_record(container, "environment")
        golden = golden_of(container, DEFAULT_LIMITS) if for_answers else None
    finally:
        source.close()
    if record is None:
        raise UsageError("the file does not record its environment", where=os.fspath(file), next_step=_RECORD_IT)
    return record if golden is None else _with_frames(record, golden.written_by)


def _with_frames(record: EnvironmentRecord, written_by: Mapping[str, str]) -> EnvironmentRecord:
    """Mark the libraries of frames that the recorded rows name, and what these require as far as it is known here."""
    named = tuple(name for name in _FRAMES if name in written_by)
    if not named:
        return record
    needed = {*named, *(pin.name for pin in own_pins(named))} - {pin.name for pin in own_pins()}
    return EnvironmentRecord(
        layout=record.layout,
        python=record.python,
        implementation=record.implementation,
        platform=record.platform,
        machine=record.machine,
        processor=record.processor,
        libraries=record.libraries,
        distributions=[_mark(one) if one.name in needed else one for one in record.distributions],
    )


def _mark(one: DistributionRecord) -> DistributionRecord:
    return DistributionRecord(
        name=one.name,
        version=one.version,
        content=one.content,
        origin=one.origin,
        archive=one.archive,
        tags=one.tags,
        is_needed=True,
    )


def plan_environment(
    record: EnvironmentRecord,
    installer: Installer,
    *,
    with_all: bool = False,
    takes_nearest: bool = False,
    is_here: bool = True,
    extras: Sequence[str] = (),
    place: Callable[[str], Target] | None = None,
) -> Plan:
    """Look up on the user's own index what a recorded environment is made of.

    Parameters
    ----------
    record : EnvironmentRecord
        From a file.
    installer : Installer
        uv or pip; here the network is used.
    with_all : bool, default=False
        Whether to take every recorded distribution, not only those that the model needs.
    takes_nearest : bool, default=False
        Whether to take the nearest version where the recorded one cannot be had.
    is_here : bool, default=True
        Whether wheels for this machine are wanted; else those for the recorded one.
    extras : sequence of str
        Names of further distributions that commands of hermetic use.
    place : callable, optional
        Gives for the recorded Python what the wheels are for, where that is neither of both.

    Returns
    -------
    Plan
        With what hermetic itself needs, in the versions that are installed here, or near to them.

    Raises
    ------
    UsageError
        When no environment can be made for what was recorded.
    """
    target, reason = target_of(record, is_here=is_here)
    if target is None:
        raise UsageError(
            reason, next_step="hermetic verify FILE --with NAME==VERSION tries an environment of your own."
        )
    if place is not None:
        target = place(target.python)
    pins = pins_of(record, with_all=with_all)
    found = resolve_pins(pins.wanted, target, installer, takes_nearest=takes_nearest)
    taken = {pin.name for pin in pins.wanted}
    own = resolve_pins(
        [pin for pin in own_pins(extras) if pin.name not in taken], target, installer, takes_nearest=True
    )
    refused = tuple(Missing(name=one.name, version=one.version, reason=one.reason, nearest="") for one in pins.refused)
    lock = replace(found.lock, wheels=tuple(sorted((*found.lock.wheels, *own.lock.wheels))))
    return Plan(lock=lock, pins=pins, missing=(*refused, *found.missing, *_lost(own)), notes=(*found.notes, *own.notes))


def _lost(own: Resolution) -> tuple[Missing, ...]:
    # What has a stand-in is not missed.
    return tuple(one for one in own.missing if one.name not in ("isal", "msgspec"))
