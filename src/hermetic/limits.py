"""The budgets that reading a file may use, and the one way to check them.

All numbers are plain Python integers: a product of hostile sizes cannot overflow before it is compared.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

from hermetic.errors import LimitExceeded, UsageError

__all__ = ["DEFAULT_LIMITS", "Limits"]

_GIB = 1 << 30


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


DEFAULT_LIMITS = Limits()
