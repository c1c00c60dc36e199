"""Pausing the cyclic garbage collector while many containers are made, for all threads that ask for it together."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["paused_collector"]

_LOCK = threading.Lock()
_n_waiting = 0
_was_enabled = False


@contextmanager
def paused_collector() -> Iterator[None]:
    """Pause the collector; the last of all concurrent users turns it on again, if it was on.

    Making a hundred thousand containers would make it walk all objects of the process again and again, though nothing
    can be garbage yet.

    Yields
    ------
    None
        While the collector is paused.

    Examples
    --------
    >>> import gc
    >>> with paused_collector():
    ...     gc.isenabled()
    False
    """
    global _n_waiting, _was_enabled
    with _LOCK:
        if _n_waiting == 0:
            _was_enabled = gc.isenabled()
            gc.disable()
        _n_waiting += 1
    try:
        yield
    finally:
        with _LOCK:
            _n_waiting -= 1
            if _n_waiting == 0 and _was_enabled:
                gc.enable()
