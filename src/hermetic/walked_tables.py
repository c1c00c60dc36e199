"""Where the tables of a walk will stand: what `hermetic.capture` notes of them before they are finished."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from typing import Any, cast

from hermetic.collisions import MAX_EQUAL_HASHES, are_colliding
from hermetic.columns import is_endless
from hermetic.errors import CannotSave
from hermetic.graph import Column, Link
from hermetic.lazy import numpy as np
from hermetic.legacy_objects import LegacyObject
from hermetic.limits import DEFAULT_LIMITS

__all__ = [
    "NotedLink",
    "Place",
    "WalkedTable",
    "check_fields",
    "closed_cycle",
    "columns_of_legacy",
    "final_links",
    "refuse_equal_hashes",
    "refuse_mixed_fields",
    "shape_of_first",
    "too_deep",
]


class WalkedTable:
    """Where a table that is being walked will stand."""

    __slots__ = ("index", "is_array", "is_linkable", "rows")

    def __init__(self, rows: int, *, is_linkable: bool) -> None:
        self.index: int | None = None
        self.rows = rows
        self.is_linkable = is_linkable
        self.is_array = False

    def may_link(self, value: Any) -> bool:
        """Tell whether an item may be set when all stands; no array may contain itself, see `hermetic.validate`."""
        return self.is_linkable and not (self.is_array and isinstance(value, np.ndarray))


class Place:
    """Whose column is walked, and which slot of which row a value of it fills."""

    __slots__ = ("_ends", "_field", "is_borrowed", "table")

    def __init__(
        self,
        table: WalkedTable,
        field: str | int | None = None,
        ends: list[int] | None = None,
        *,
        is_borrowed: bool = False,
    ) -> None:
        self.table = table
        self.is_borrowed = is_borrowed
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


NotedLink = tuple[WalkedTable, int, str | int, WalkedTable, int]
"""A link of a walk: whose row and slot is to be set, and to which row of which table."""


def final_links(noted: Iterable[NotedLink]) -> list[Link]:
    """Give the links in their order, now that every table has its number."""
    links = [
        Link(cast(int, table.index), row, slot, cast(int, target.index), target_row)
        for table, row, slot, target, target_row in noted
    ]
    return sorted(links, key=lambda link: (link.node, link.row, str(link.slot).zfill(12)))


def too_deep(where: str) -> CannotSave:
    """Make the error for containers that stand inside each other too deeply."""
    return CannotSave(
        f"more than {DEFAULT_LIMITS.depth} containers stand inside each other",
        where=where,
        next_step="Store the long chain as a list.",
    )


def closed_cycle(value: Any) -> CannotSave:
    """Make the error for a cycle that no order of making could close."""
    return CannotSave(
        f"a {type(value).__name__} contains itself through a tuple, a set, a key or an array",
        next_step="Let the cycle pass through a list, a dictionary or an attribute.",
    )


def shape_of_first(arrays: Sequence[Any]) -> list[int]:
    """Give the shape of the first of some arrays; refuse what loading would refuse: none, of endless axes."""
    if any(not array.size and is_endless(array.shape) for array in arrays):
        raise CannotSave(
            "an array without items has axes of more than 2**28 places",
            next_step="Store its shape as a tuple.",
        )
    return list(arrays[0].shape)


def refuse_mixed_fields(dtype: Any) -> None:
    """Refuse a structured dtype of which some fields are objects."""
    if dtype != np.dtype(object):
        raise CannotSave(
            f"the dtype {dtype} mixes Python objects with plain fields",
            next_step="Split the array into one array for each field.",
        )


def refuse_equal_hashes(column: Column, keys: Collection[Any]) -> None:
    """Refuse what loading would refuse: a dictionary or a set with too many keys of equal hash."""
    if are_colliding(column, keys):
        raise CannotSave(
            f"more than {MAX_EQUAL_HASHES} numbers of one {type(keys).__name__} have the same hash",
            next_step="Store them as a list, or as texts.",
        )


def columns_of_legacy(values: list[LegacyObject]) -> dict[str, list[Any]]:
    """Give the fields of legacy objects that their codec has taken, as columns."""
    for value in values:
        if value.problem is not None:
            raise value.problem
    return {field: [value.fields[field] for value in values] for field in values[0].fields}


def check_fields(fields: Iterable[Any]) -> None:
    """Refuse a name of an attribute that is no printable text."""
    for field in fields:
        if type(field) is not str or not field.isprintable():
            raise CannotSave(f"an attribute is called {field!r}", next_step="Attribute names must be printable text.")
