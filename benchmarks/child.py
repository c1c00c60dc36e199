"""Runs a task in a freshly forked child and brings back its result, or says how it died.

Forked, not spawned: a user's process has its libraries imported already, and so has the parent here.
Before each fork the parent collects its garbage and freezes what is left, so that no collection in a child
walks the parent's objects: the same base for every backend. POSIX only.
"""

from __future__ import annotations

import gc
import os
import signal
import time
import traceback
import warnings
from collections.abc import Callable
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any

__all__ = ["ChildFailed", "run_in_child"]

Note = Callable[[Any], None]


class ChildFailed(Exception):
    """The task raised, the child was killed, or its time was up; the text says which."""


def run_in_child(
    task: Callable[[Note], Any],
    *,
    timeout_seconds: float,
    on_note: Note = lambda note: None,
    watch: Callable[[int], None] | None = None,
    watch_interval_seconds: float = 0.0002,
) -> Any:
    """Run ``task(note)`` in a fork and return what it returns; what it passes to ``note`` reaches `on_note`.

    With `watch`, that function is called with the child's process id over and over until the child is done.
    """
    gc.collect()
    gc.freeze()
    receiver, sender = Pipe(duplex=False)
    with warnings.catch_warnings():
        # Python 3.12 warns of forks beside threads; the only threads here are idle ones of BLAS, which handles forks.
        warnings.simplefilter("ignore", DeprecationWarning)
        process_id = os.fork()
    if process_id == 0:
        _serve(task, sender)
    sender.close()
    try:
        return _await_result(receiver, process_id, timeout_seconds, on_note, watch, watch_interval_seconds)
    finally:
        receiver.close()


def _serve(task: Callable[[Note], Any], sender: Connection) -> None:
    """Run the task, send its result, and leave without running the parent's exit handlers."""
    status = 1
    try:
        try:
            message = ("result", task(lambda note: sender.send(("note", note))))
        except Exception as error:
            message = ("error", _describe(error))
        sender.send(message)
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def _await_result(
    receiver: Connection,
    process_id: int,
    timeout_seconds: float,
    on_note: Note,
    watch: Callable[[int], None] | None,
    watch_interval_seconds: float,
) -> Any:
    deadline = time.monotonic() + timeout_seconds
    is_reaped = False
    try:
        while True:
            wait_seconds = watch_interval_seconds if watch else max(0.0, deadline - time.monotonic())
            if watch:
                watch(process_id)
            if receiver.poll(wait_seconds):
                kind, content = receiver.recv()
                if kind == "note":
                    on_note(content)
                    continue
                if kind == "error":
                    raise ChildFailed(content)
                return content
            if time.monotonic() >= deadline:
                os.kill(process_id, signal.SIGKILL)
                raise ChildFailed(f"stopped after {timeout_seconds:.0f} s")
    except EOFError:
        _, status = os.waitpid(process_id, 0)
        is_reaped = True
        raise ChildFailed(_describe_death(status)) from None
    finally:
        if not is_reaped:
            os.waitpid(process_id, 0)


def _describe(error: Exception) -> str:
    """Put an error on one line: its class and the first line of its text."""
    text = str(error).strip()
    return f"{type(error).__name__}: {text.splitlines()[0]}" if text else type(error).__name__


def _describe_death(status: int) -> str:
    if os.WIFSIGNALED(status):
        return f"killed by {signal.Signals(os.WTERMSIG(status)).name}"
    return f"ended with exit status {os.waitstatus_to_exitcode(status)}"
