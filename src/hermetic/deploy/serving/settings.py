"""What a server is asked to do: files with the names of their models, where to listen, and every limit."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from hermetic.errors import UsageError

__all__ = ["Limits", "Loading", "ServedFile", "Settings", "available_cores", "file_identity", "served_files"]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}\Z")
_GIVE_NAME = "Give it a name of letters, digits, dots, hyphens and underscores: NAME=FILE."


@dataclass(frozen=True, kw_only=True)
class ServedFile:
    """A model's file, and what it is called over HTTP.

    Attributes
    ----------
    name : str
        ``[A-Za-z0-9._-]+``, beginning with a letter or digit.
    path : str
        Absolute. Clients never see it.
    """

    name: str
    path: str


@dataclass(frozen=True, kw_only=True)
class Loading:
    """Which files are loaded, and what they may: the keywords of `hermetic.load`."""

    files: tuple[ServedFile, ...]
    trusted: tuple[str, ...] = ()
    capabilities: tuple[str, ...] = ()
    approvals: str | None = None
    signed_by: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one request, and all of them together, may cost.

    Attributes
    ----------
    most_body_bytes : int
        Of one request.
    most_rows : int
        Of one request.
    most_waiting : int
        Requests that wait for a worker; those beyond are turned away with status 503.
    timeout_seconds : float
        For sending a request, for waiting and for the answer: each for itself.
    """

    most_body_bytes: int = 32 << 20
    most_rows: int = 100_000
    most_waiting: int = 256
    timeout_seconds: float = 30.0

    @property
    def most_pending_bytes(self) -> int:
        """Of the bodies of all requests together that are not answered yet."""
        return 8 * self.most_body_bytes


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything about a server.

    Attributes
    ----------
    loading : Loading
        The files.
    limits : Limits
        Of requests.
    host, port
        Where it listens; port 0 takes any that is free.
    allowed_hosts : tuple of str
        Names by which it may be asked, beside its own; see `hosts.known_hosts`.
    n_workers : int
        Processes that compute.
    n_threads : int
        Of each worker.
    watch_seconds : float
        How often the files are looked at for a change; 0 for never.
    is_forking : bool
        Whether workers share the memory of the process that has loaded the models.
    """

    loading: Loading
    limits: Limits = Limits()
    host: str = "127.0.0.1"
    port: int = 8080
    allowed_hosts: tuple[str, ...] = ()
    n_workers: int = 1
    n_threads: int = 1
    watch_seconds: float = 0.0
    # On macOS the system's own BLAS and dispatch queues do not survive a fork.
    is_forking: bool = hasattr(os, "fork") and sys.platform != "darwin"


def served_files(arguments: Sequence[str]) -> tuple[ServedFile, ...]:
    """Give each file of a command line the name of its model.

    Parameters
    ----------
    arguments : sequence of str
        ``FILE`` or ``NAME=FILE``.

    Returns
    -------
    tuple of ServedFile
        In the same order.

    Raises
    ------
    UsageError
        When a file is missing, a name cannot be part of an address, or two models have the same name.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.NamedTemporaryFile(suffix=".hermetic") as file:
    ...     [served] = served_files([f"churn={file.name}"])
    >>> served.name
    'churn'
    """
    files: dict[str, ServedFile] = {}
    for argument in arguments:
        name, path = _name_and_path(argument)
        if not _NAME.match(name):
            raise UsageError(f"{name!r} cannot be the name of a model", where=path, next_step=_GIVE_NAME)
        if not os.path.isfile(path):
            raise UsageError("there is no such file", where=path)
        if name in files:
            raise UsageError(
                f"two models would be called {name}", where=f"{files[name].path}, {path}", next_step=_GIVE_NAME
            )
        files[name] = ServedFile(name=name, path=os.path.abspath(path))
    return tuple(files.values())


def _name_and_path(argument: str) -> tuple[str, str]:
    name, sign, path = argument.partition("=")
    if sign and not os.path.exists(argument):
        return name, path
    return os.path.splitext(os.path.basename(argument))[0], argument


def file_identity(path: str) -> tuple[int, ...]:
    """Give what changes whenever somebody replaces or writes a file; empty where there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return ()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def available_cores() -> int:
    """Give the number of cores that this process may use, at least one."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
