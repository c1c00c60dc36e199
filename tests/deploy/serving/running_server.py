"""A server of its own process on a free port, for tests that need sockets, processes and signals."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.structure.source_files import ROOT

__all__ = ["LONGEST_SECONDS", "Running", "running", "wait_until"]

LONGEST_SECONDS = 300.0
"""A busy machine needs long; nothing waits that long unless it is lost."""


def wait_until(is_so: Any, words: str = "it") -> Any:
    """Wait until something is so; fail when it never is."""
    end = time.monotonic() + LONGEST_SECONDS
    while not (found := is_so()):
        if time.monotonic() > end:
            raise AssertionError(f"{words} did not happen within {LONGEST_SECONDS} seconds")
        time.sleep(0.02)
    return found


class Running:
    """A server that runs.

    Attributes
    ----------
    process : Popen
        Its front.
    lines : list of str
        What it has written to its log.
    """

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.lines.append(line.rstrip())

    @property
    def log(self) -> str:
        return "\n".join(self.lines)

    def ready_port(self) -> int:
        """Wait until it answers; give its port."""
        ended = lambda: self.process.poll() is not None  # noqa: E731 - one word for the line below
        found = wait_until(lambda: re.search(r"ready at http://\S+:(\d+)", self.log) or ended(), "ready")
        assert found is not True, self.log
        return int(found[1])

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.ready_port(), timeout=LONGEST_SECONDS)

    def ask(self, method: str, path: str, content: Any = None) -> tuple[int, Any]:
        """Ask over a connection of its own."""
        connection = self.connect()
        try:
            return answer_of(connection, method, path, content)
        finally:
            connection.close()

    def metric(self, name: str) -> int:
        connection = self.connect()
        try:
            connection.request("GET", "/metrics")
            text = connection.getresponse().read().decode()
        finally:
            connection.close()
        return int(re.search(rf"^{name} (\d+)$", text, re.MULTILINE)[1])

    def children(self) -> dict[int, int]:
        """Give every process below the front, with its parent."""
        parents: dict[int, int] = {}
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit():
                try:
                    words = (folder / "stat").read_text().rpartition(")")[2].split()
                except OSError:
                    continue
                if words[0] != "Z":
                    parents[int(folder.name)] = int(words[1])
        below = {self.process.pid}
        while more := {child for child, parent in parents.items() if parent in below} - below:
            below |= more
        return {process: parents[process] for process in below - {self.process.pid}}

    def workers(self) -> list[int]:
        """Give the processes that have none below them, and two between themselves and the front."""
        children = self.children()
        loaders = [child for child, parent in children.items() if children.get(parent) == self.process.pid]
        return sorted(child for child, parent in children.items() if parent in loaders)

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        self.process.wait(LONGEST_SECONDS)
        self._reader.join(LONGEST_SECONDS)
        return self.process.returncode


def answer_of(connection: http.client.HTTPConnection, method: str, path: str, content: Any = None) -> tuple[int, Any]:
    body = None if content is None else content if isinstance(content, bytes) else json.dumps(content)
    connection.request(method, path, body, {"content-type": "application/json"})
    response = connection.getresponse()
    data = response.read()
    return response.status, json.loads(data) if data.startswith((b"{", b"[")) else data.decode()


@contextmanager
def running(*arguments: object, **environment: str) -> Iterator[Running]:
    """Run `hermetic serve`, and end every process of it."""
    command = [sys.executable, "-m", "hermetic", "serve", "--port", "0", *map(str, arguments)]
    paths = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    server = Running(
        subprocess.Popen(
            command,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", **environment},
        )
    )
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.process.kill()
        server.process.wait(LONGEST_SECONDS)
        server._reader.join(LONGEST_SECONDS)
        server.process.stderr.close()
