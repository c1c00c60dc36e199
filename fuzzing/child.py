"""The process in which mutants are tried: forked from the server, it may die at any of them.

Before each step it writes into memory that it shares with the server which mutant it is at, and afterwards what became
of it; so nothing is lost when it dies, and the server knows what killed it.
"""

from __future__ import annotations

import contextlib
import faulthandler
import functools
import io
import json
import mmap
import os
import resource
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from joblib import parallel_config

from fuzzing.gates import Load
from fuzzing.refusals import GATES
from fuzzing.seeds import Seed
from fuzzing.trial import Outcome, try_mutant

__all__ = ["BATCH", "KINDS", "LIMIT_SECONDS", "Board", "run_batch"]

BATCH = 250
"""How many mutants one process tries: forking costs as much as several of them."""

LIMIT_SECONDS = 10
"""Processor time that one mutant may take; then the system ends the process."""

KINDS = ("untried", "accepted", "accepted, not saved", *GATES)
"""What the board says of each mutant."""

_MORE_ADDRESS_SPACE_BYTES = 1 << 30
_STACK_BYTES = 8 << 20


class Board:
    """The memory that a child shares with the server.

    Attributes
    ----------
    outcomes : numpy.ndarray
        One byte for each mutant of the batch, a number in `KINDS`.
    words : binary file
        What the child, the C library and Python's fault handler write to standard error.
    """

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, 4096 + BATCH)
        self._head = np.frombuffer(self._memory, dtype=np.float64, count=3)
        self.outcomes = np.frombuffer(self._memory, dtype=np.uint8, offset=4096)
        self.words = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the board

    def note(self, place: int, stage: int) -> None:
        """Say which mutant of the batch is at which stage, since when."""
        self._head[:] = place, stage, time.monotonic()

    @property
    def place(self) -> int:
        """Which mutant of the batch it is at."""
        return int(self._head[0])

    @property
    def stage(self) -> int:
        """At which stage."""
        return int(self._head[1])

    @property
    def since_seconds(self) -> float:
        """When that began."""
        return float(self._head[2])

    def clear(self) -> None:
        """Make it ready for another batch."""
        self.outcomes[:] = 0
        self.words.seek(0)
        self.words.truncate()
        self.note(0, 0)


def run_batch(seed: Seed, numbers: range, steps: tuple[int, ...] | None, load: Load, board: Board, report: int) -> None:
    """Try the mutants of some numbers; lines of JSON go to the file descriptor `report`. Never returns.

    Each line is ``{"number": ..., "finding": ..., "detail": ...}``, the last one
    ``{"lines": {...}}``: how often each check refused, and the first mutant that it refused.
    """
    status = 1
    try:
        with _surroundings(board.words.fileno()):
            lines: dict[str, list[int]] = {}
            for place, number in enumerate(numbers):
                outcome = _try_one(seed, number, steps, load, functools.partial(board.note, place))
                board.outcomes[place] = KINDS.index(
                    "accepted, not saved" if outcome.kind == "accepted" and not outcome.is_saved else outcome.kind
                )
                if outcome.line:
                    lines.setdefault(outcome.line, [0, number])[0] += 1
                if outcome.finding:
                    _tell(report, {"number": number, "finding": outcome.finding, "detail": outcome.detail})
            _tell(report, {"lines": lines})
        status = 0
    finally:
        # Not sys.exit: what the server has registered to happen at its end must not happen here.
        os._exit(status)


def _try_one(
    seed: Seed, number: int, steps: tuple[int, ...] | None, load: Load, note: Callable[[int], None]
) -> Outcome:
    signal.setitimer(signal.ITIMER_PROF, LIMIT_SECONDS)
    try:
        return try_mutant(seed, number, load, note, steps)
    except Exception as error:
        trace = traceback.format_exception(error)
        return Outcome(kind="restore", finding=f"the fuzzer itself: {type(error).__name__}", detail="".join(trace[-3:]))
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _tell(report: int, told: dict[str, Any]) -> None:
    os.write(report, json.dumps(told).encode() + b"\n")


@contextlib.contextmanager
def _surroundings(words: int) -> Any:
    """Bound memory and noise, keep all work in this process, and stand in an empty folder."""
    used_bytes = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    most = used_bytes + _MORE_ADDRESS_SPACE_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.dup2(words, 2)
    faulthandler.enable(words)
    sys.stdout = sys.stderr = io.StringIO()
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings(), np.errstate(all="ignore"):
        os.chdir(folder)
        warnings.simplefilter("ignore")
        # A hostile n_jobs is bounded by the policy; here it would start processes for each of a million mutants.
        with parallel_config(backend="sequential"):
            yield
