"""Finding connections that hold a place and get nowhere: no request, half a head, or an answer that nobody takes.

The server library ends idle connections between requests; these it would keep for ever.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

__all__ = ["Sweeper"]


class Sweeper:
    """Remembers since when connections have been where they are.

    Parameters
    ----------
    timeout_seconds : float
        How long they may stay there.
    """

    def __init__(self, timeout_seconds: float) -> None:
        self._timeout_seconds = timeout_seconds
        self._since: dict[Any, tuple[Any, float]] = {}

    def stuck(self, connections: Iterable[Any], now: float) -> list[Any]:
        """Give the connections that have been at one place for too long.

        Parameters
        ----------
        connections : iterable of protocol
            Of uvicorn.
        now : float
            Seconds, of a clock that only goes forward.
        """
        places = {connection: _place(connection) for connection in connections}
        kept = {}
        stuck = []
        for connection, place in places.items():
            if place is None:
                continue
            before = self._since.get(connection)
            since = before[1] if before is not None and before[0] == place else now
            kept[connection] = (place, since)
            if now - since > self._timeout_seconds:
                stuck.append(connection)
        self._since = kept
        return stuck


def _place(connection: Any) -> tuple[str, int] | None:
    """Say where a connection is, if that is a place where it may be stuck."""
    cycle = getattr(connection, "cycle", None)
    if cycle is None:
        return "head", 0
    if getattr(cycle, "response_complete", False):
        # Between requests the library's own timer runs; without it, part of a head has come, or the rest of a body.
        has_timer = getattr(connection, "timeout_keep_alive_task", None) is not None
        return None if has_timer else ("head", id(cycle))
    return ("answer", id(cycle)) if getattr(cycle, "response_started", False) else None
