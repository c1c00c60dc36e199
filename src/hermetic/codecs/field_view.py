"""What a validator sees of a table: its fields by name, arrays as arrays, and the error for a broken rule."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import Any

from hermetic.array_rows import ArrayRows
from hermetic.errors import InvalidState
from hermetic.graph import Arrays, Column, Graph, Instances, Rows, Same

__all__ = ["FieldView", "column_item", "expand_column"]

_FEW = 8
"""How many rows are expanded in the time that one takes to be asked for."""


class FieldView:
    """One `Instances` node as a validator sees it: its fields by name, arrays as arrays.

    Parameters
    ----------
    graph : Graph
        The graph, with its arrays read.
    node : Instances
        The table to look at.
    index : int
        Its number.
    where : callable
        Gives the path of a place in the model, for messages.
    claims : dict, optional
        What `claim` has noted, one dictionary for the whole graph.
    """

    __slots__ = ("claims", "graph", "index", "node", "where")

    def __init__(
        self,
        graph: Graph,
        node: Instances,
        index: int,
        where: Callable[[int], str],
        claims: dict[tuple[int, int], str] | None = None,
    ) -> None:
        self.claims = {} if claims is None else claims
        self.graph = graph
        self.node = node
        self.index = index
        self.where = where

    @property
    def rows(self) -> int:
        """Number of objects in the table."""
        return self.node.rows

    def values(self, field: str, default: Any = None) -> list[Any]:
        """Give the raw value of a field for each row: plain values as they are, references as lists."""
        column: Column = self.node.fields.get(field, Same(default) if self.node.rows > 1 else default)
        return [column] if self.node.rows == 1 else expand_column(column, self.node.rows)

    def value(self, field: str, row: int, default: Any = None) -> Any:
        """Give the raw value of a field for one row, without a look at the others."""
        column: Column = self.node.fields.get(field, Same(default) if self.node.rows > 1 else default)
        return column if self.node.rows == 1 else column_item(column, row)

    def chosen(self, field: str, rows: Sequence[int], default: Any = None) -> list[Any]:
        """Give the raw value of a field for some rows."""
        if self.node.rows > _FEW * len(rows):
            return [self.value(field, row, default) for row in rows]
        values = self.values(field, default)
        return [values[row] for row in rows]

    def table(self, field: str) -> tuple[Arrays, Sequence[Any]] | None:
        """Give the node and the arrays of a field whose rows are, in order, the rows of one node; else None."""
        column = self.node.fields.get(field)
        if self.node.rows == 1 and type(column) is list and len(column) == 1:
            number = column[0]
        elif type(column) is Rows and not column.exceptions:
            number = column.node
        else:
            return None
        node = self.graph.nodes[number]
        return (node, self.graph.arrays[number]) if isinstance(node, Arrays) else None

    def arrays(self, field: str) -> list[Any]:
        """Give a field's array for each row; None where a row holds something else."""
        return [self.array(value) for value in self.values(field)]

    def shapes(self, field: str, dtype: Any, n_dimensions: int) -> list[tuple[int, ...]]:
        """Give the shape of a field's array for each row; refuse what is not of that dtype, rank and in C order."""
        table = self.table(field)
        if table is not None and isinstance(table[1], ArrayRows):
            found = table[1]
            if found.dtype == dtype and len(found.shapes[0]) == n_dimensions:
                return found.shapes
            raise self._refuse_array(field, 0, f"{found.dtype} {found.shapes[0]}", dtype)
        arrays = table[1] if table is not None else self.arrays(field)
        # All arrays of one node have one dtype and one order, so that looking at the first is enough.
        for row, array in enumerate(arrays[:1] if table is not None else arrays):
            if array is None or array.dtype != dtype or array.ndim != n_dimensions or not array.flags.c_contiguous:
                description = "nothing" if array is None else f"{array.dtype} {array.shape}"
                raise self._refuse_array(field, row, description, dtype)
        return [array.shape for array in arrays]

    def _refuse_array(self, field: str, row: int, found: str, dtype: Any) -> InvalidState:
        return self.refuse(f"an array of {dtype} in C order is needed, found {found}", row=row, field=field)

    def array(self, value: Any) -> Any:
        """Give the array that a value refers to, or None when it refers to something else."""
        if type(value) is not list:
            return None
        node = self.graph.nodes[value[0]]
        if not isinstance(node, Arrays):
            return None
        return self.graph.arrays[value[0]][value[1] if len(value) == 2 else 0]

    def claim(self, field: str, role: str) -> None:
        """Note what native code will take the arrays of a field for, and refuse one that already is something else.

        Native code that changes an array in place would change the other one after it has been checked.
        """
        for row, value in enumerate(self.values(field)):
            if type(value) is list:
                place = (value[0], value[1] if len(value) == 2 else 0)
                if self.claims.setdefault(place, role) != role:
                    found = f"one array is {role} of one object and {self.claims[place]} of another"
                    raise self.refuse(found, row=row, field=field)

    def refuse(self, found: str, *, row: int = 0, field: str = "") -> InvalidState:
        """Make the error for a broken rule, with the place in the model."""
        place = self.where(self.index) + (f"[{row}]" if self.rows > 1 else "") + (f".{field}" if field else "")
        return InvalidState(
            found,
            where=place,
            next_step="The file is damaged or hostile. Ask its producer for a fresh copy and compare digests.",
        )


def column_item(column: Column, position: int) -> Any:
    """Give the raw value at one position of a column, whatever its form and length.

    Parameters
    ----------
    column : column
        A list of values, or a packed form.
    position : int
        From 0; within the column.

    Returns
    -------
    value
        As `expand_column` gives it.

    Examples
    --------
    >>> column_item(Rows(7, {1: None}), 2)
    [7, 1]
    """
    if type(column) is list:
        return column[position]
    if type(column) is Same:
        return column.value
    if type(column) is not Rows:
        return column.values[position]  # type: ignore[union-attr]
    if position in column.exceptions:
        return column.exceptions[position]
    if column.positions is None:
        column.positions = list(column.exceptions)
    return [column.node, position - bisect_left(column.positions, position)]


def expand_column(column: Column, length: int) -> list[Any]:
    """Give the raw value of every row of a column, whatever its form: a rule for some forms has a way around.

    Parameters
    ----------
    column : column
        A list of values, or a packed form.
    length : int
        How many values it stands for.

    Returns
    -------
    list of value
        Plain values as they are, references as lists.

    Examples
    --------
    >>> expand_column(Same("a"), 2)
    ['a', 'a']
    >>> expand_column(Rows(7, {1: None}), 3)
    [[7, 0], None, [7, 1]]
    """
    if type(column) is list:
        return list(column)
    if type(column) is Same:
        return [column.value] * length
    if type(column) is Rows:
        remaining = iter(range(length))
        return [
            column.exceptions[position] if position in column.exceptions else [column.node, next(remaining)]
            for position in range(length)
        ]
    return list(column.values)  # type: ignore[union-attr]
