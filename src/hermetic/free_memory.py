"""How much memory the machine has left: a file that declares to grow beyond half of it is refused before it grows."""

from __future__ import annotations

import os
import sys

__all__ = ["free_memory_bytes"]

_MEMINFO = "/proc/meminfo"


def free_memory_bytes() -> int | None:
    """Give the memory that programs may still take without swapping, in bytes.

    Returns
    -------
    int or None
        None where the system does not tell (macOS, restricted containers).

    References
    ----------
    MemAvailable in https://docs.kernel.org/filesystems/proc.html; on Windows GlobalMemoryStatusEx.

    Examples
    --------
    >>> found = free_memory_bytes()
    >>> found is None or found > 0
    True
    """
    if sys.platform == "win32":
        return _ask_windows()
    return _read_meminfo(_MEMINFO) or _ask_system()


def _read_meminfo(path: str) -> int | None:
    try:
        with open(path, encoding="ascii") as lines:
            for line in lines:
                if line.startswith("MemAvailable:"):
                    return int(line.split()[1]) * 1024
    except (OSError, ValueError, IndexError):
        return None
    return None


def _ask_system() -> int | None:
    """Give the free pages of systems without ``/proc``; free is less than available, so this is careful."""
    try:
        found = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return None
    return found if found > 0 else None


def _ask_windows() -> int | None:
    import ctypes  # other systems do without it

    class Status(ctypes.Structure):
        _fields_ = (
            ("length", ctypes.c_uint32),
            ("load", ctypes.c_uint32),
            *((name, ctypes.c_uint64) for name in ("total", "available", "a", "b", "c", "d", "e")),
        )

    status = Status(length=ctypes.sizeof(Status))
    kernel = getattr(ctypes, "windll", None)
    if kernel is None or not kernel.kernel32.GlobalMemoryStatusEx(ctypes.byref(status)):
        return None
    return int(status.available)
