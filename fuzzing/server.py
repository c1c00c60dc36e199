"""Who survives: forks a child for each batch of mutants, sees how it ends, and goes on behind what killed it."""

from __future__ import annotations

import json
import os
import select
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from fuzzing.child import KINDS, LIMIT_SECONDS, Board, run_batch
from fuzzing.gates import Load
from fuzzing.seeds import Seed
from fuzzing.trial import STAGES

__all__ = ["DIED", "Batch", "Finding", "Result", "run"]

_PATIENCE_SECONDS = 12 * LIMIT_SECONDS
_INTERVAL_SECONDS = 0.2
_MOST_DETAIL = 1500

DIED = "died"
"""What is counted of a mutant that has ended its process."""


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Some mutants of one seed; with `steps`, only these of their changes are made."""

    seed: Seed
    numbers: range
    steps: tuple[int, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What must not be: one mutant, and what it did."""

    seed: str
    number: int
    what: str
    detail: str = ""


@dataclass(kw_only=True)
class Result:
    """What a batch gave: how many mutants of each kind, how many each line refused and which first, and findings."""

    batch: Batch
    kinds: dict[str, int] = field(default_factory=dict)
    lines: dict[str, list[int]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


class _Child:
    """One process and its batch."""

    def __init__(self, batch: Batch, load: Load, board: Board) -> None:
        self.batch, self.board = batch, board
        self.result = Result(batch=batch)
        self.is_overdue = False
        self._unread = b""
        board.clear()
        board.note(0, 0)
        reading, writing = os.pipe()
        self.identifier = os.fork()
        if not self.identifier:
            os.close(reading)
            run_batch(batch.seed, batch.numbers, batch.steps, load, board, writing)
        os.close(writing)
        self.pipe = reading

    def receive(self) -> bool:
        """Take what it has said; tell whether it goes on."""
        received = os.read(self.pipe, 1 << 16)
        self._unread += received
        *lines, self._unread = self._unread.split(b"\n")
        for line in lines:
            self._note(json.loads(line))
        return bool(received)

    def _note(self, told: dict[str, Any]) -> None:
        if "lines" in told:
            self.result.lines = told["lines"]
            return
        finding = Finding(
            seed=self.batch.seed.name,
            number=told["number"],
            what=told["finding"],
            detail=told["detail"],
        )
        self.result.findings.append(finding)

    def kill_when_overdue(self) -> None:
        """End it when it neither works nor ends: a mutant that waits for something."""
        if time.monotonic() - self.board.since_seconds > _PATIENCE_SECONDS:
            self.is_overdue = True
            os.kill(self.identifier, signal.SIGKILL)

    def finish(self) -> range:
        """Take its result when it has ended; give the numbers that are still to be tried."""
        os.close(self.pipe)
        _, status = os.waitpid(self.identifier, 0)
        numbers = self.batch.numbers
        for kind in self.board.outcomes[: len(numbers)].tolist():
            self.result.kinds[KINDS[kind]] = self.result.kinds.get(KINDS[kind], 0) + 1
        self.result.kinds.pop("untried", None)
        if not status:
            return range(0)
        place = self.board.place
        self.result.kinds[DIED] = 1
        what = f"{_describe_end(status, self.is_overdue)} while {STAGES[self.board.stage]}"
        self.board.words.seek(0)
        # The fault handler ends with a list of all extension modules.
        words, _, _ = self.board.words.read().decode(errors="replace").partition("\nExtension modules")
        finding = Finding(seed=self.batch.seed.name, number=numbers[place], what=what, detail=words[:_MOST_DETAIL])
        self.result.findings.append(finding)
        return numbers[place + 1 :]


def _describe_end(status: int, is_overdue: bool) -> str:
    if is_overdue:
        return f"waits for more than {_PATIENCE_SECONDS} s"
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        return f"hang: {LIMIT_SECONDS} s" if number == signal.SIGPROF else signal.Signals(number).name
    return f"exit {os.WEXITSTATUS(status)}"


def run(batches: Iterable[Batch], load: Load, *, jobs: int, is_over: Callable[[], bool]) -> Iterator[Result]:
    """Try batches, some at a time, each in a process of its own.

    Parameters
    ----------
    batches : iterable of Batch
        At most `BATCH` mutants each; asked for one by one.
    load : callable
        From `fuzzing.gates`.
    jobs : int
        How many processes at a time.
    is_over : callable
        Asked before each batch; nothing is begun when it says so.

    Yields
    ------
    Result
        One for each process, in the order in which they end.
    """
    waiting = iter(batches)
    again: list[Batch] = []
    free = [Board() for _ in range(jobs)]
    running: dict[int, _Child] = {}
    try:
        while True:
            while free and not is_over():
                batch = again.pop() if again else next(waiting, None)
                if batch is None:
                    break
                child = _Child(batch, load, free.pop())
                running[child.pipe] = child
            if not running:
                return
            for child in _wait(running):
                del running[child.pipe]
                left = child.finish()
                free.append(child.board)
                if left:
                    again.append(Batch(seed=child.batch.seed, numbers=left, steps=child.batch.steps))
                yield child.result
    finally:
        for child in running.values():
            os.kill(child.identifier, signal.SIGKILL)
            child.finish()


def _wait(running: dict[int, _Child]) -> list[_Child]:
    """Give the children that have ended."""
    ready, _, _ = select.select(list(running), [], [], _INTERVAL_SECONDS)
    for child in running.values():
        child.kill_when_overdue()
    return [running[pipe] for pipe in ready if not running[pipe].receive()]
