"""Who asks the model: this process, others beside it, or those of a cluster. All run `asking.ask`."""

from __future__ import annotations

import multiprocessing
import os
import queue
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from multiprocessing.connection import Connection
from typing import Any, Protocol

from hermetic.errors import HermeticError, UsageError

__all__ = ["Answered", "Workers", "here", "in_order", "in_processes"]

_THREAD_COUNTS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


class Answered(Protocol):
    """What will be answered."""

    def result(self) -> Any:
        """Wait for it; raises what was raised where it was asked."""


class Workers(Protocol):
    """Those who work.

    Attributes
    ----------
    n_ahead : int
        How many batches may be under way, which bounds the memory.
    """

    n_ahead: int

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Answered:
        """Let one of them call a function of a module."""


def in_order(workers: Workers, calls: Iterable[tuple[Any, Callable[..., Any], tuple[Any, ...]]]) -> Iterator[Any]:
    """Let calls be made side by side, and give their results in their order.

    Parameters
    ----------
    workers : Workers
        Who calls.
    calls : iterable of (object, callable, tuple)
        Something that is given back beside the result, and what is called with what.

    Yields
    ------
    tuple
        Of the object and the result.
    """
    under_way: deque[tuple[Any, Answered]] = deque()
    for beside, function, arguments in calls:
        under_way.append((beside, workers.submit(function, *arguments)))
        if len(under_way) > workers.n_ahead:
            beside, answered = under_way.popleft()
            yield beside, answered.result()
    while under_way:
        beside, answered = under_way.popleft()
        yield beside, answered.result()


class _Now:
    """A result that is there when somebody wants it, and not before."""

    def __init__(self, call: Callable[[], Any]) -> None:
        self._call = call

    def result(self) -> Any:
        return self._call()


class _Here:
    n_ahead = 0

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Answered:
        return _Now(partial(function, *arguments))


@contextmanager
def here() -> Iterator[Workers]:
    """Work in this process."""
    yield _Here()


class _Processes:
    def __init__(self, connections: list[Connection], threads: ThreadPoolExecutor) -> None:
        # One batch more than there are processes is read meanwhile.
        self.n_ahead = len(connections)
        self._threads = threads
        self._idle: queue.SimpleQueue[Connection] = queue.SimpleQueue()
        for connection in connections:
            self._idle.put(connection)

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Answered:
        return self._threads.submit(self._call, function, arguments)

    def _call(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        connection = self._idle.get()
        try:
            connection.send((function, arguments))
            is_answer, result = connection.recv()
        except (EOFError, BrokenPipeError, ConnectionResetError) as error:
            raise UsageError(
                "a worker process has ended, perhaps because the memory did not suffice",
                next_step="Run the same command again, with fewer --workers or --batch-rows: it goes on where it was.",
            ) from error
        finally:
            self._idle.put(connection)
        if not is_answer:
            raise result
        return result


@contextmanager
def in_processes(n_workers: int) -> Iterator[Workers]:
    """Work in several processes, which end with the block, and with this process however that ends.

    Each has one end of a pipe and knows no other: a process pool of the standard library would outlive a parent that
    is killed, with the model in its memory.
    """
    context = multiprocessing.get_context("spawn")
    n_threads = max(1, (os.cpu_count() or 1) // n_workers)
    processes, connections = [], []
    try:
        for _ in range(n_workers):
            ours, theirs = context.Pipe()
            process = context.Process(target=_work, args=(theirs, n_threads), daemon=True)
            process.start()
            theirs.close()
            processes.append(process)
            connections.append(ours)
        threads = ThreadPoolExecutor(n_workers)
        try:
            yield _Processes(connections, threads)
        finally:
            for process in processes:
                process.terminate()
            threads.shutdown(cancel_futures=True)
    finally:
        for connection in connections:
            connection.close()
        for process in processes:
            process.join()


def _work(connection: Connection, n_threads: int) -> None:
    """Answer until the other end is gone."""
    import signal  # in a process of its own

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears it too, and ends this
    for name in _THREAD_COUNTS:  # before numpy is imported, which unpickling the first call does
        os.environ.setdefault(name, str(n_threads))
    while True:
        try:
            function, arguments = connection.recv()
        except (EOFError, OSError):
            return
        try:
            answer: tuple[bool, Any] = True, function(*arguments)
        except HermeticError as error:
            error.__cause__ = None
            answer = False, error
        except Exception as error:  # it is raised again on the other side
            answer = False, UsageError(f"a worker failed: {type(error).__name__}: {error}")
        try:
            connection.send(answer)
        except OSError:
            return
