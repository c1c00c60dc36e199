"""Running a server: the processes, the listening socket, signals, and files that are watched.

The order matters: the nursery is forked while this process has neither threads nor open connections; then the front
listens, says that it is not ready, and loads; it is ready when its workers are, and runs until a signal ends it.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Coroutine
from typing import Any

from hermetic.deploy.serving.settings import Settings, file_identity
from hermetic.errors import UsageError
from hermetic.inspection.text import printable

__all__ = ["serve"]

_BACKLOG = 2048
_KEEP_ALIVE_SECONDS = 75
_MOST_CONNECTIONS = 4_000
_OTHER_DESCRIPTORS = 100
_SWEEP_SECONDS = 5.0


def _log(line: str) -> None:
    """Write one line for the operator; what a file says may be in it."""
    print("hermetic: " + printable(line.replace("\n", " | ")), file=sys.stderr, flush=True)


def serve(settings: Settings, on_ready: Callable[[str], None] = lambda address: None) -> None:
    """Serve models until a signal ends it.

    Parameters
    ----------
    settings : Settings
        Everything about the server.
    on_ready : callable
        Called with the address when requests are answered.

    Raises
    ------
    UsageError
        When the extra is not installed.
    OSError
        When nothing can listen there.
    LoadFailed
        When a file is not served.
    """
    if any(importlib.util.find_spec(name) is None for name in ("starlette", "uvicorn")):
        raise UsageError("serving needs starlette and uvicorn", next_step="pip install 'hermetic[serve]'")
    nursery = None
    if settings.is_forking:
        from hermetic.deploy.serving.nursery import start_nursery  # it needs what only POSIX has

        nursery = start_nursery(settings)
    try:
        listener = _listen(settings.host, settings.port)
        asyncio.run(_Front(settings, listener, nursery).run(on_ready))
    finally:
        if nursery is not None:
            nursery.close()


def _listen(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        if os.name == "posix":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise UsageError(f"cannot listen at {host} port {port}: {error.strerror}") from error
    return listener


def _most_connections() -> int:
    try:
        import resource  # POSIX alone has limits of descriptors
    except ImportError:
        return 400
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _MOST_CONNECTIONS if soft < 0 else max(10, min(_MOST_CONNECTIONS, soft - _OTHER_DESCRIPTORS))


class _Front:
    """The process that speaks HTTP."""

    def __init__(self, settings: Settings, listener: socket.socket, nursery: socket.socket | None) -> None:
        from hermetic.deploy.serving.fleet import Fleet  # starlette and uvicorn only for who serves
        from hermetic.deploy.serving.sources import ForkedSource, Source, StartedSource  # the same reason as above

        def new_source() -> Source:
            return StartedSource(settings) if nursery is None else ForkedSource(nursery)

        self._settings = settings
        self._listener = listener
        self._nursery = nursery
        self._fleet = Fleet(new_source, n_workers=settings.n_workers, limits=settings.limits, log=_log)
        self._server = self._uvicorn()
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_swap_waiting = False
        self._failure: BaseException | None = None
        self._n_signals = 0

    def _uvicorn(self) -> Any:
        import uvicorn

        from hermetic.deploy.serving.application import Application  # starlette and uvicorn only for who serves
        from hermetic.deploy.serving.bodies import Bodies  # the same reason as above
        from hermetic.deploy.serving.hosts import known_hosts  # the same reason as above
        from hermetic.deploy.serving.metrics import Metrics  # the same reason as above

        limits = self._settings.limits
        hosts = known_hosts(self._settings)
        application = Application(self._fleet, limits, Bodies(limits), Metrics(), hosts).asgi()
        server: Any = uvicorn.Server(
            uvicorn.Config(
                application,
                access_log=False,
                lifespan="off",
                limit_concurrency=_most_connections(),
                log_config=None,
                log_level="error",
                proxy_headers=False,
                server_header=False,
                timeout_graceful_shutdown=int(limits.timeout_seconds) + 1,
                timeout_keep_alive=_KEEP_ALIVE_SECONDS,
                ws="none",
            )
        )
        server.capture_signals = contextlib.nullcontext  # signals are taken by the front
        typed: uvicorn.Server = server
        return typed

    async def run(self, on_ready: Callable[[str], None]) -> None:
        """Listen, load, and answer until a signal comes."""
        loop = asyncio.get_running_loop()
        self._take_signals(loop)
        if self._nursery is not None:
            loop.add_reader(self._nursery, self._nursery_lost)
        self._start(self._load(on_ready))
        self._start(self._sweep())
        try:
            await self._server.serve(sockets=[self._listener])
        finally:
            if self._nursery is not None:
                loop.remove_reader(self._nursery)
            for task in list(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await self._fleet.close()
        if self._failure is not None:
            raise self._failure

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _take_signals(self, loop: asyncio.AbstractEventLoop) -> None:
        def stop(number: int, frame: object) -> None:
            self._n_signals += 1
            loop.call_soon_threadsafe(self._stop)

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        if hasattr(signal, "SIGHUP"):
            signal.signal(signal.SIGHUP, lambda number, frame: loop.call_soon_threadsafe(self._swap_soon))
        if self._nursery is not None:
            signal.signal(
                signal.SIGCHLD, signal.SIG_IGN
            )  # nobody is waited for, and as process 1 of a container all are

    def _stop(self) -> None:
        self._server.should_exit = True
        self._server.force_exit = self._n_signals > 1

    def _nursery_lost(self) -> None:
        """End when there can be no further generation: whoever runs the server starts it again, whole."""
        if self._nursery is not None:
            asyncio.get_running_loop().remove_reader(self._nursery)
        self._failure = self._failure or SystemExit(1)
        if not self._server.should_exit:
            _log("the process that others are forked from has ended, so the server ends as well")
        self._stop()

    async def _load(self, on_ready: Callable[[str], None]) -> None:
        try:
            await self._fleet.swap()
        except Exception as error:
            self._failure = error
            self._stop()
            return
        host, port = self._listener.getsockname()[:2]
        on_ready(f"http://{f'[{host}]' if ':' in host else host}:{port}")
        if self._settings.watch_seconds > 0:
            self._start(self._watch())

    def _swap_soon(self) -> None:
        """Load again; one wish that waits stands for all that come meanwhile."""
        if not self._is_swap_waiting:
            self._is_swap_waiting = True
            self._start(self._swap())

    async def _swap(self) -> None:
        self._is_swap_waiting = False
        try:
            await self._fleet.swap()
        except Exception as error:
            _log(f"the files were not taken over, the models before them go on: {error}")

    async def _watch(self) -> None:
        """Look at the files from time to time; one that has changed is loaded when it changes no more."""
        paths = [file.path for file in self._settings.loading.files]
        taken = seen = [file_identity(path) for path in paths]
        while True:
            await asyncio.sleep(self._settings.watch_seconds)
            found = await asyncio.to_thread(lambda: [file_identity(path) for path in paths])
            if found != taken and found == seen and all(found):
                taken = found
                await self._swap()
            seen = found

    async def _sweep(self) -> None:
        from hermetic.deploy.serving.idle import Sweeper  # small, and of use to a front alone

        sweeper = Sweeper(self._settings.limits.timeout_seconds)
        while True:
            await asyncio.sleep(min(_SWEEP_SECONDS, self._settings.limits.timeout_seconds / 2))
            for connection in sweeper.stuck(self._server.server_state.connections, time.monotonic()):
                connection.transport.abort()
