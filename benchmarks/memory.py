"""Reads how much private memory a process has, from Linux's ``/proc``; nothing is read elsewhere.

Kept
    Growth of ``Anonymous`` in ``/proc/self/smaps_rollup`` over a load, garbage collected: memory that the kernel
    cannot drop. Pages of a mapped file are not in it until they are written to.
Peak
    The parent reads resident minus shared pages (that is, anonymous memory) of the process every 0.2 ms.
    ``VmHWM`` would be exact but counts the pages of mapped files as well; it is recorded beside it. A peak between
    two readings is missed; it is never less than what is kept.
"""

from __future__ import annotations

import gc
import os
from pathlib import Path

__all__ = ["begin_reading", "finish_reading", "has_readings", "read_anonymous_bytes"]

Reading = dict[str, int]
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_CLEAR = Path("/proc/self/clear_refs")


def has_readings() -> bool:
    """Say whether this system tells a process about its memory."""
    return Path("/proc/self/smaps_rollup").exists() and _CLEAR.exists()


def begin_reading() -> Reading:
    """Read this process's memory before a load, and let the kernel forget the highest so far."""
    _CLEAR.write_text("5")
    return {
        "anonymous": read_anonymous_bytes(os.getpid()),
        "resident": _read_kilobytes("/proc/self/status", "VmRSS"),
        "kept": _read_kilobytes("/proc/self/smaps_rollup", "Anonymous"),
    }


def finish_reading(before: Reading) -> Reading:
    """Return what a load has kept and its resident peak; the model must still be alive."""
    gc.collect()
    kept = _read_kilobytes("/proc/self/smaps_rollup", "Anonymous") - before["kept"]
    peak_resident = _read_kilobytes("/proc/self/status", "VmHWM") - before["resident"]
    return {"anonymous": before["anonymous"], "kept": max(0, kept), "peak_resident": max(0, peak_resident)}


def read_anonymous_bytes(process_id: int) -> int:
    """Return resident pages less those that belong to files or shared memory."""
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
