"""Where the workers of one generation of models come from: forked from a loader, or started for themselves."""

from __future__ import annotations

import asyncio
import json
import secrets
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import Protocol

from hermetic.deploy.serving.links import Link, open_link
from hermetic.deploy.serving.messages import Frame
from hermetic.deploy.serving.models import Description
from hermetic.deploy.serving.settings import Settings
from hermetic.errors import HermeticError

__all__ = ["ForkedSource", "LoadFailed", "Source", "StartedSource"]

_TOKEN_BYTES = 32


class LoadFailed(HermeticError):
    """The files could not be loaded; the message is for the log, not for clients.

    Attributes
    ----------
    is_refused : bool
        Whether policy refused a file, until somebody allows it.
    """

    is_refused = False


class Source(Protocol):
    """What gives the workers of one generation."""

    async def load(self, on_lost: Callable[[], None]) -> dict[str, Description]:
        """Load the models, and describe them.

        Raises
        ------
        LoadFailed
            When a file is not served.
        """

    async def worker(self, on_lost: Callable[[Link], None]) -> Link:
        """Give one more worker.

        Raises
        ------
        OSError
            When there can be none.
        """

    def close(self) -> None:
        """Make no more workers; those that are there live on."""


def _described(first: Frame) -> dict[str, Description]:
    if "error" in first.head:
        failed = LoadFailed(first.head["error"])
        failed.is_refused = bool(first.head.get("refused"))
        raise failed
    found = [Description.from_dict(content) for content in first.head["models"]]
    return {description.name: description for description in found}


class ForkedSource:
    """Workers that share the memory of their loader.

    Parameters
    ----------
    nursery : socket
        From `start_nursery`.
    """

    def __init__(self, nursery: socket.socket) -> None:
        self._nursery = nursery
        self._control: socket.socket | None = None
        self._loader: Link | None = None

    async def load(self, on_lost: Callable[[], None]) -> dict[str, Description]:
        """See `Source`."""
        from hermetic.deploy.serving.nursery import ask_for_process  # it needs what only POSIX has

        try:
            self._control = ask_for_process(self._nursery)
            self._loader, first = await open_link(self._control, lambda link: on_lost())
        except OSError as error:
            raise LoadFailed("the process that loads the models has ended") from error
        return _described(first)

    async def worker(self, on_lost: Callable[[Link], None]) -> Link:
        """See `Source`."""
        from hermetic.deploy.serving.nursery import ask_for_process  # it needs what only POSIX has

        if self._control is None or self._loader is None or self._loader.is_lost:
            raise ConnectionResetError("the process that has loaded the models has ended")
        return (await open_link(ask_for_process(self._control), on_lost))[0]

    def close(self) -> None:
        """See `Source`."""
        if self._loader is not None:
            self._loader.close()


class StartedSource:
    """Workers that load the models each for itself: as many copies in memory as workers.

    Parameters
    ----------
    settings : Settings
        Of the server.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._spare: tuple[socket.socket, Frame] | None = None
        self._processes: list[subprocess.Popen[bytes]] = []

    async def load(self, on_lost: Callable[[], None]) -> dict[str, Description]:
        """See `Source`; the first worker is the one that says what it has loaded."""
        connection, first = await asyncio.to_thread(self._start)
        try:
            described = _described(first)
        except LoadFailed:
            connection.close()
            raise
        self._spare = (connection, first)
        return described

    async def worker(self, on_lost: Callable[[Link], None]) -> Link:
        """See `Source`."""
        spare, self._spare = self._spare, None
        connection, first = spare if spare is not None else await asyncio.to_thread(self._start)
        if "error" in first.head:
            connection.close()
            raise ConnectionResetError("the worker could not load the models")
        self._processes = [process for process in self._processes if process.poll() is None]
        return (await open_link(connection, on_lost))[0]

    def _start(self) -> tuple[socket.socket, Frame]:
        """Start a process; it connects, and shows that it is the one that was started."""
        from hermetic.deploy.serving.messages import receive_frame  # blocking, as the front never is

        token = secrets.token_hex(_TOKEN_BYTES)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            content = {"port": listener.getsockname()[1], "token": token, "settings": asdict(self._settings)}
            process = subprocess.Popen([sys.executable, "-m", "hermetic.deploy.serving.started"], stdin=subprocess.PIPE)
            self._processes.append(process)
            if process.stdin is not None:
                process.stdin.write(json.dumps(content).encode())
                process.stdin.close()
            listener.settimeout(0.2)
            while process.poll() is None:
                try:
                    connection, _ = listener.accept()
                except TimeoutError:
                    continue
                connection.settimeout(None)
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                greeting = receive_frame(connection)
                if greeting is not None and secrets.compare_digest(str(greeting.head.get("token", "")), token):
                    first = receive_frame(connection)
                    if first is not None:
                        return connection, first
                connection.close()
        return socket.socket(), Frame({"error": "the process that loads the models has ended"})

    def close(self) -> None:
        """See `Source`."""
        spare, self._spare = self._spare, None
        if spare is not None:
            spare[0].close()
