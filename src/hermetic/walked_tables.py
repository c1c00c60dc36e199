"""Where the tables of a walk will stand: what `hermetic.capture` notes of them before they are finished."""

from __future__ import annotations

from bisect import bisect_right

__all__ = ["Place", "WalkedTable"]


class WalkedTable:
    """Where a table that is being walked will stand."""

    __slots__ = ("index", "is_linkable", "rows")

    def __init__(self, rows: int, *, is_linkable: bool) -> None:
        self.index: int | None = None
        self.rows = rows
        self.is_linkable = is_linkable


class Place:
    """Whose column is walked, and which slot of which row a value of it fills."""

    __slots__ = ("_ends", "_field", "table")

    def __init__(self, table: WalkedTable, field: str | int | None = None, ends: list[int] | None = None) -> None:
        self.table = table
        self._field = field
        self._ends = ends

    def slot(self, position: int) -> tuple[int, str | int]:
        """Give the row and the slot that the value at a position of the column fills."""
        if self._field is not None:
            return position, self._field
        if self._ends is None:
            return 0, position
        # Items of several lists stand end to end.
        row = bisect_right(self._ends, position)
        return row, position - (self._ends[row - 1] if row else 0)
