"""Pausing the cyclic garbage collector while many containers are made, for all threads that ask for it together."""

from __future__ import annotations

import gc
import threading

__all__ = ["paused_collector"]

_LOCK = threading.Lock()
_n_waiting = 0
_was_enabled = False


class paused_collector:  # noqa: N801 - reads as a function, and is cheaper than a generator
    """Pause the collector; the last of all concurrent users turns it on again, if it was on.

    Making a hundred thousand containers would make it walk all objects of the process again and again, though nothing
    can be garbage yet.

    Examples
    --------
    >>> import gc
    >>> with paused_collector():
    ...     gc.isenabled()
    False
    """

    def __enter__(self) -> None:
        """Pause it."""
        global _n_waiting, _was_enabled
        with _LOCK:
            if _n_waiting == 0:
                _was_enabled = gc.isenabled()
                gc.disable()
            _n_waiting += 1

    def __exit__(self, *exception: object) -> None:
        """Turn it on again, when nobody else waits."""
        global _n_waiting
        with _LOCK:
            _n_waiting -= 1
            if _n_waiting == 0 and _was_enabled:
                gc.enable()
