"""Times and memory of one dump or one load, each in a freshly forked child.

Time
    ``perf_counter`` around the one call. Files are warm in the page cache. Only when the clock has stopped
    are the answers of the loaded model compared, bit for bit: a wrong model is an error, not a time.
Memory kept
    Growth of ``Anonymous`` in ``/proc/self/smaps_rollup`` over the load, garbage collected: memory that the
    kernel cannot drop. Pages of a mapped file are not in it until they are written to. ``Private_Dirty`` is not
    used: small objects that fill holes in pages inherited from the parent make the child copy these pages, 14 MB
    for a forest of 4 MB, which a process that was not forked never pays.
Memory peak
    A separate, untimed run: the parent reads resident minus shared pages (that is, anonymous memory) of
    the child every 0.2 ms. ``VmHWM`` would be exact but counts the pages of mapped files as well; it is recorded
    beside it as ``peak_resident_bytes``. A peak between two readings is missed; it is never less than what is kept.
Repeats
    Backends take turns, in an order shuffled anew each round, so that drift hits all alike. Shuffled, not
    rotated: in a rotation each backend always follows the same one, and pays for the caches that one has left.
    One that has used up its time budget on a model sits out the remaining rounds.
"""

from __future__ import annotations

import gc
import importlib
import os
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.backends import Backend
from benchmarks.child import ChildFailed, run_in_child

__all__ = [
    "BUDGET_SECONDS",
    "Memory",
    "WrongModel",
    "measure_dump",
    "measure_load",
    "measure_memory",
    "read_into_page_cache",
    "schedule_rounds",
    "warm_up",
]

BUDGET_SECONDS = 20.0
TIMEOUT_SECONDS = 1_800.0
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_CHUNK = bytearray(4 << 20)

Digest = Callable[[Any], str]
Memory = tuple[int, int, int]


class WrongModel(Exception):
    """The loaded model does not answer as the original does."""


def schedule_rounds(
    backends: Sequence[Backend], repeats: int, spent_seconds: Callable[[Backend], Sequence[float]]
) -> Iterator[tuple[int, Backend]]:
    """Yield (round, backend) in the order of measuring.

    `spent_seconds` tells what each backend has taken so far; one whose next time would exceed
    `BUDGET_SECONDS`, or that has its maximum of repeats, is passed over.
    """
    for round_number in range(repeats):
        for backend in random.Random(round_number).sample(backends, k=len(backends)):
            spent = spent_seconds(backend)
            is_affordable = not spent or sum(spent) + spent[-1] <= BUDGET_SECONDS
            if len(spent) < backend.max_repeats and is_affordable:
                yield round_number, backend


def warm_up(task: Callable[[], object]) -> None:
    """Run a task in a child, and import here whatever it imported there.

    A user's process has its libraries imported; so has, after this, the parent of the timed children.
    """

    def list_new_modules(_: Any) -> list[str]:
        before = set(sys.modules)
        task()
        return sorted(set(sys.modules) - before)

    for name in run_in_child(list_new_modules, timeout_seconds=TIMEOUT_SECONDS):
        try:
            importlib.import_module(name)
        except ImportError:
            # A name that the library only made up at run time.
            continue


def measure_load(backend: Backend, path: Path, *, digest: Digest, expected: str) -> float:
    """Return the seconds of one load.

    Raises
    ------
    WrongModel
        When the loaded model's answers have another digest than `expected`.
    ChildFailed
        When the load raised, or its process died.
    """

    def load(_: Any) -> tuple[float, str]:
        started = perf_counter()
        model = backend.load(path)
        seconds = perf_counter() - started
        return seconds, digest(model)

    read_into_page_cache(path)
    seconds, found = run_in_child(load, timeout_seconds=TIMEOUT_SECONDS)
    if found != expected:
        raise WrongModel("the loaded model answers differently from the original")
    return float(seconds)


def measure_dump(dump: Callable[[Any, Path], object], model: Any, path: Path) -> float:
    """Return the seconds of one dump to a path that does not exist yet.

    Whatever a backend leaves unwritten is forced to the disk afterwards, unclocked, so that it does not
    slow down the next one.
    """

    def save(_: Any) -> float:
        started = perf_counter()
        dump(model, path)
        return perf_counter() - started

    path.unlink(missing_ok=True)
    seconds = run_in_child(save, timeout_seconds=TIMEOUT_SECONDS)
    if not path.is_file():
        raise ChildFailed("nothing was saved")
    with path.open("rb") as stream:
        os.fsync(stream.fileno())
    return float(seconds)


def measure_memory(backend: Backend, path: Path) -> Memory | None:
    """Return the bytes that one load keeps, its peak, and its peak with mapped files; None where there is no /proc."""
    if not Path("/proc/self/smaps_rollup").exists():
        return None
    highest = 0

    def watch(process_id: int) -> None:
        nonlocal highest
        try:
            highest = max(highest, _read_anonymous_bytes(process_id))
        except (OSError, IndexError):
            # The child has just ended.
            return

    def load(_: Any) -> tuple[int, int, int]:
        Path("/proc/self/clear_refs").write_text("5")
        anonymous = _read_anonymous_bytes(os.getpid())
        resident = _read_kilobytes("/proc/self/status", "VmRSS")
        before = _read_kilobytes("/proc/self/smaps_rollup", "Anonymous")
        model = backend.load(path)
        gc.collect()
        kept = _read_kilobytes("/proc/self/smaps_rollup", "Anonymous") - before
        peak_resident = _read_kilobytes("/proc/self/status", "VmHWM") - resident
        del model
        return max(0, kept), anonymous, max(0, peak_resident)

    read_into_page_cache(path)
    kept, anonymous, peak_resident = run_in_child(load, timeout_seconds=TIMEOUT_SECONDS, watch=watch)
    return kept, max(kept, highest - anonymous), peak_resident


def read_into_page_cache(path: Path) -> None:
    """Read a file once, through a buffer that is reused."""
    with path.open("rb", buffering=0) as stream:
        while stream.readinto(_CHUNK):
            pass


def _read_anonymous_bytes(process_id: int) -> int:
    """Resident pages less those that belong to files or shared memory."""
    with open(f"/proc/{process_id}/statm", "rb", buffering=0) as stream:
        _, resident, shared, *_ = stream.read().split()
    return (int(resident) - int(shared)) * _PAGE_BYTES


def _read_kilobytes(path: str, label: str) -> int:
    """Read one labelled number, which the kernel gives in units of 1024 bytes."""
    for line in Path(path).read_text().splitlines():
        name, _, rest = line.partition(":")
        if name == label:
            return int(rest.split()[0]) * 1024
    raise KeyError(label)
