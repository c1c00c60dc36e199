"""The budgets that reading a file may use, and the one way to check them.

All numbers are plain Python integers: a product of hostile sizes cannot overflow before it is compared.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

from hermetic.errors import LimitExceeded, UsageError

__all__ = ["DEFAULT_LIMITS", "Limits"]

_GIB = 1 << 30
_READINGS = 100


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Budgets for reading one file; the defaults let every honest model through.

    Attributes
    ----------
    graph_bytes : int
        Length of the graph as JSON text, in bytes, decompressed.
    manifest_bytes : int
        Length of the manifest, in bytes.
    members : int
        Number of members in the container.
    nodes : int
        Number of nodes in the graph.
    values : int
        Number of single values in all tables together: rows times fields.
    depth : int
        How many containers may stand inside each other.
    expanded_bytes : int
        Sum of the lengths that compressed members declare, in bytes.
    expansion : int
        How many times its own length a compressed file may grow before `expanded_bytes` counts.
    free_memory_percent : int
        How much of the memory that is free a compressed file may grow to.
    memory_bytes : int
        Memory that loading may take beyond `memory_factor` times the content, in bytes, as estimated before it is
        taken.
    memory_factor : int
        How many times the length of its content, decompressed, loading a file may take.
    checked_bytes : int
        Bytes of arrays that are checked, an array counted for each object that shares it, beyond 100 times the content.
    visits : int
        Values that the checks of all objects look at, counted for each object that shares them, beyond one for each
        byte of the content.

    Examples
    --------
    >>> from hermetic.limits import Limits
    >>> Limits(depth=50).depth
    50
    """

    graph_bytes: int = _GIB
    manifest_bytes: int = 16 << 20
    members: int = 10_000
    nodes: int = 20_000_000
    values: int = 400_000_000
    depth: int = 200
    expanded_bytes: int = _GIB
    expansion: int = 64
    free_memory_percent: int = 50
    memory_bytes: int = 64 << 20
    memory_factor: int = 3
    checked_bytes: int = _GIB
    visits: int = 2_000_000

    def __post_init__(self) -> None:
        """Refuse budgets that are not positive integers."""
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise UsageError(f"Limits.{field.name} must be a positive integer, got {value!r}")

    def check(self, limit: str, asked: int, *, where: str = "") -> None:
        """Refuse `asked` when it is above the budget called `limit`.

        Parameters
        ----------
        limit : str
            The name of a field of this class.
        asked : int
            What the file asks for, as a Python integer.
        where : str
            Where it asks for it.

        Raises
        ------
        LimitExceeded
            When `asked` is above the budget.
        """
        allowed = getattr(self, limit)
        if asked > allowed:
            raise LimitExceeded(limit, allowed=allowed, asked=asked, where=where)

    def check_memory(self, asked: int, content_bytes: int, *, where: str = "") -> None:
        """Refuse a file whose objects would take more memory than its length may ask for.

        Parameters
        ----------
        asked : int
            Estimate of the memory that is needed, in bytes.
        content_bytes : int
            Length of what the file holds, decompressed.
        where : str
            The file, for messages.

        Raises
        ------
        LimitExceeded
            When it is more than `memory_bytes` and `memory_factor` times the content.
        """
        allowed = self.memory_bytes + self.memory_factor * content_bytes
        if asked > allowed:
            raise LimitExceeded("memory_bytes", allowed=allowed, asked=asked, where=where)

    def check_reading(self, read_bytes: int, visits: int, content_bytes: int, *, where: str = "") -> None:
        """Refuse a file whose checks would take too long: what many objects share, each of them checks.

        Parameters
        ----------
        read_bytes : int
            Bytes of arrays that are to be read, each as often as it is.
        visits : int
            Values that are to be looked at, each as often as it is.
        content_bytes : int
            Length of what the file holds, decompressed.
        where : str
            The file, for messages.

        Raises
        ------
        LimitExceeded
            When it is more than `checked_bytes` and 100 times the content, or `visits` and the content.
        """
        allowed = self.checked_bytes + _READINGS * content_bytes
        if read_bytes > allowed:
            raise LimitExceeded("checked_bytes", allowed=allowed, asked=read_bytes, where=where)
        if visits > self.visits + content_bytes:
            raise LimitExceeded("visits", allowed=self.visits + content_bytes, asked=visits, where=where)


DEFAULT_LIMITS = Limits()
