"""Reading a lock that was written before: requirements with hashes, or pylock.toml, as hermetic writes them."""

from __future__ import annotations

import os
import re
import tomllib
from typing import Any

from hermetic.deploy.environments.lock import Lock, LockedWheel, wheel_of
from hermetic.deploy.environments.pins import Target, is_name, is_version
from hermetic.errors import UsageError

__all__ = ["read_lock"]

_MOST_BYTES = 10_000_000
_LINE = re.compile(r"([^=\s]+)==([^\s]+) --hash=sha256:([0-9a-f]{64})\Z")
_HEAD = re.compile(r"# Python (3\.[0-9]{1,2})\Z", re.ASCII)
_REQUIRED = re.compile(r">=(3\.[0-9]{1,2}),<3\.[0-9]{1,2}\Z", re.ASCII)


def read_lock(path: str | os.PathLike[str], *, system: str = "", machine: str = "") -> Lock:
    """Read a lock that ``hermetic env FILE --lock PATH`` has written.

    Parameters
    ----------
    path : path
        Of the lock; what ends with ``.toml`` is a pylock.toml.
    system, machine : str
        What its wheels are for, which it does not say.

    Returns
    -------
    Lock
        As it was written; of requirements it is not known where the wheels are.

    Raises
    ------
    UsageError
        When it holds anything else than names, versions and hashes of wheels.
    OSError
        When it cannot be read.
    """
    where = os.fspath(path)
    with open(where, "rb") as file:
        data = file.read(_MOST_BYTES + 1)
    try:
        text = data.decode() if len(data) <= _MOST_BYTES else ""
        python, wheels = _of_pylock(text) if where.endswith(".toml") else _of_requirements(text)
        return Lock(target=Target(python=python, system=system, machine=machine), wheels=tuple(wheels))
    except (AttributeError, KeyError, TypeError, ValueError, UsageError) as error:
        raise UsageError(
            f"this is no lock of hermetic: {error}"[:500],
            where=where,
            next_step="hermetic env FILE --lock PATH writes one.",
        ) from error


def _of_requirements(text: str) -> tuple[str, list[LockedWheel]]:
    head, *lines = text.split("\n")
    if lines[-1:] != [""]:
        raise ValueError("its last line has no end")
    return _python(_HEAD.match(head)), [_of_line(line) for line in lines[:-1]]


def _of_line(line: str) -> LockedWheel:
    found = _LINE.match(line)
    if not found or not is_name(found[1]) or not is_version(found[2]):
        raise ValueError(f"a line is NAME==VERSION --hash=sha256:DIGEST, not {line[:200]!r}")
    return LockedWheel(name=found[1], version=found[2], sha256=found[3], file="")


def _of_pylock(text: str) -> tuple[str, list[LockedWheel]]:
    told = tomllib.loads(text)
    if told["lock-version"] != "1.0":
        raise ValueError(f"lock-version {str(told['lock-version'])[:20]!r} is not known")
    return _python(_REQUIRED.match(told["requires-python"])), [_of_package(package) for package in told["packages"]]


def _of_package(package: dict[str, Any]) -> LockedWheel:
    [wheel] = package["wheels"]
    sha256 = wheel["hashes"]["sha256"]
    return wheel_of(name=package["name"], version=package["version"], sha256=sha256, url=wheel["url"])


def _python(found: re.Match[str] | None) -> str:
    if found is None:
        raise ValueError("it does not say for which Python it is")
    return found[1]
