"""Starts a new interpreter for one task of `fresh.py` and brings back its result, or says how it died.

A new interpreter, not a fork: a fork shares its parent's pages, and pays a page fault for every object of the
parent's that it touches. No user pays that.

Starting one takes a second of imports. So several may be started at once; each waits before its clock starts until
it is told to go on, and they are told one after the other.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

__all__ = ["ChildFailed", "Fresh", "run_fresh"]

_ROOT = Path(__file__).resolve().parents[1]
_WATCH_INTERVAL_SECONDS = 0.0002


class ChildFailed(Exception):
    """The task raised, the process was killed, or its time was up; the text says which."""


Watch = Callable[[int], None]


class Fresh:
    """A new interpreter with one task; as a context, it is killed at the end if it has not ended by itself."""

    def __init__(self, task: str, request: Mapping[str, Any], *, timeout_seconds: float) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "benchmarks.fresh"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=_make_environment(),
            bufsize=0,
        )
        self._timeout_seconds = timeout_seconds
        self._unread = b""
        self._messages: list[tuple[str, Any]] = []
        self._is_closed = False
        self._send({"task": task, **request})

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        with self._process:
            return

    def await_ready(self) -> None:
        """Wait until it stands before its clocked call; when it has failed before that, `finish` will say so."""
        deadline = time.monotonic() + self._timeout_seconds
        while not self._messages and not self._is_closed and time.monotonic() < deadline:
            self._receive(deadline - time.monotonic())

    def finish(self, *, on_note: Callable[[Any], None] = lambda note: None, watch: Watch | None = None) -> Any:
        """Let it go on and return its result; what it notes on the way reaches `on_note`.

        With `watch`, that function is called with the process's id over and over from the start of the clocked call
        until the next message.

        Raises
        ------
        ChildFailed
            When the task raised, the process died, or its time was up.
        """
        deadline, is_going = time.monotonic() + self._timeout_seconds, False
        while True:
            for kind, content in self._take_messages():
                if kind == "ready":
                    self._send({"go": True})
                    is_going = True
                elif kind == "note":
                    on_note(content)
                elif kind == "error":
                    raise ChildFailed(content)
                else:
                    return content
            if self._is_closed:
                raise ChildFailed(_describe_death(self._process.wait()))
            if time.monotonic() >= deadline:
                raise ChildFailed(f"stopped after {self._timeout_seconds:g} s")
            if watch is not None and is_going:
                watch(self._process.pid)
                self._receive(_WATCH_INTERVAL_SECONDS)
            else:
                self._receive(deadline - time.monotonic())

    def _take_messages(self) -> list[tuple[str, Any]]:
        taken, self._messages = self._messages, []
        return taken

    def _receive(self, timeout_seconds: float) -> None:
        """Wait for a piece of output for so long, and add its whole lines to the messages."""
        stream = self._process.stdout
        if stream is None or not select.select([stream], [], [], max(0.0, timeout_seconds))[0]:
            return
        received = os.read(stream.fileno(), 1 << 20)
        self._is_closed = not received
        *lines, self._unread = (self._unread + received).split(b"\n")
        self._messages.extend(tuple(json.loads(line)) for line in lines)

    def _send(self, message: Mapping[str, Any]) -> None:
        if self._process.stdin is None:
            return
        try:
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
        except BrokenPipeError:
            # It has died: there will be no answer, and its exit status says why.
            return


def run_fresh(
    task: str, request: Mapping[str, Any], *, timeout_seconds: float, on_note: Callable[[Any], None] = lambda note: None
) -> Any:
    """Run a task in a new interpreter and return its result."""
    with Fresh(task, request, timeout_seconds=timeout_seconds) as process:
        return process.finish(on_note=on_note)


def _make_environment() -> dict[str, str]:
    """Let the new interpreter find what this one finds, the benchmarks first."""
    installed = (sys.prefix, sys.base_prefix)
    added = [str(_ROOT), *(path for path in sys.path if path and not path.startswith(installed))]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(dict.fromkeys(added))}


def _describe_death(status: int) -> str:
    if status < 0:
        return f"killed by {signal.Signals(-status).name}"
    return f"ended with exit status {status}"
