"""Looking into a graph without its pools: the value at a place, the tables behind a column, and what they weigh."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hermetic.dtypes import item_bytes
from hermetic.graph import Arrays, Column, Graph, Instances, Packed, Rows, Same, Sequences
from hermetic.graph_walk import columns_of
from hermetic.inspection.places import item_count, row_shape, table_bytes

__all__ = ["Place", "Pooled", "Weights", "as_place", "cell", "instance_tables", "is_plain"]

Place = tuple[int, int]
"""Number of a node, and the row."""

_MOST_COLUMNS = 64


class Pooled:
    """A value that lies in a pool, which inspecting does not read.

    Parameters
    ----------
    kind : str
        ``bool``, ``int``, ``float``, ``text`` or ``numpy``.
    """

    __slots__ = ("kind",)

    def __init__(self, kind: str) -> None:
        self.kind = kind


def as_place(value: Any) -> Place | None:
    """Give the place that a value refers to, or None for a value that is itself.

    Examples
    --------
    >>> as_place([4]), as_place([4, 2]), as_place("rbf")
    ((4, 0), (4, 2), None)
    """
    if type(value) is not list:
        return None
    return value[0], value[1] if len(value) == 2 else 0


def cell(column: Column, position: int) -> Any:
    """Give one value of a column.

    Parameters
    ----------
    column : column
        Of a well-formed graph.
    position : int
        Within the column.

    Returns
    -------
    value or Pooled
        References as lists.

    Examples
    --------
    >>> cell(Rows(4), 2), cell(Same(1.0), 2)
    ([4, 2], 1.0)
    """
    if type(column) is Same:
        return column.value
    if type(column) is Packed:
        return Pooled(column.kind)
    if type(column) is Rows:
        if position in column.exceptions:
            return column.exceptions[position]
        return [column.node, position - sum(other < position for other in column.exceptions)]
    return column[position]  # type: ignore[index]  # a list is all that is left


def is_plain(column: Column) -> bool:
    """Tell whether a column refers to nothing.

    Examples
    --------
    >>> is_plain([1, "a"]), is_plain([1, [0]])
    (True, False)
    """
    if type(column) is Rows:
        return False
    if type(column) is Same:
        return type(column.value) is not list
    return type(column) is Packed or not any(type(value) is list for value in column)  # type: ignore[union-attr]


def instance_tables(graph: Graph, column: Column, levels: int = 2) -> list[int]:
    """Give the tables whose instances fill a column, looking through lists of lists; empty when others are among them.

    Parameters
    ----------
    graph : Graph
        Well formed.
    column : column
        Of that graph.
    levels : int
        How many lists may stand inside each other; a bound, for a file can nest them so that paths double each time.

    Returns
    -------
    list of int
        Numbers of nodes; each table is there as a whole.
    """
    if type(column) is not Rows or column.exceptions:
        return []
    node = graph.nodes[column.node]
    if isinstance(node, Instances):
        return [column.node]
    if not isinstance(node, Sequences) or levels == 1 or len(node.columns) > _MOST_COLUMNS:
        return []
    inner = [instance_tables(graph, other, levels - 1) for other in node.columns]
    return [number for numbers in inner for number in numbers] if all(inner) else []


class Weights:
    """Sums of the lengths of all arrays behind a place, within one budget of steps for a whole inspection.

    Parameters
    ----------
    graph : Graph
        Well formed.
    steps : int
        How many values may be looked at.
    """

    def __init__(self, graph: Graph, steps: int = 50_000) -> None:
        self._graph = graph
        self._steps_left = steps
        self._sizes: dict[int, int] = {}

    def of(self, tables: list[tuple[int, int | None]]) -> tuple[int, int] | None:
        """Give the length in bytes and the number of tree nodes behind rows of tables; None beyond the budget.

        Parameters
        ----------
        tables : list of (int, int or None)
            Number of a node, and a row; None stands for all rows.

        Returns
        -------
        length_bytes : int
            Of each array once.
        n_tree_nodes : int
            Items of the arrays that stand in fields called ``nodes``.
        """
        waiting = list(tables)
        met: dict[int, set[int | None]] = {}
        tree_tables: set[int] = set()
        while waiting:
            number, row = waiting.pop()
            rows = met.setdefault(number, set())
            if None in rows or row in rows:
                continue
            rows.add(row)
            if self._steps_left <= 0:
                return None
            for step, target in self._behind(number, row):
                waiting.append(target)
                if step == ".nodes":
                    tree_tables.add(target[0])
        sizes = {number: self._sums(number, rows) for number, rows in met.items()}
        n_tree_nodes = sum(sizes[number][1] for number in tree_tables)
        return sum(length_bytes for length_bytes, _ in sizes.values()), n_tree_nodes

    def _behind(self, number: int, row: int | None) -> Iterator[tuple[str, tuple[int, int | None]]]:
        node = self._graph.nodes[number]
        is_table = getattr(node, "rows", 1) > 1
        is_flat = isinstance(node, Sequences) and not isinstance(node.lengths, int)
        for step, column, length in columns_of(node):
            self._steps_left -= 1 + (len(column.exceptions) if type(column) is Rows else 0)
            if is_table and row is not None and not is_flat:
                place = as_place(cell(column, row))
                if place:
                    yield step, place
                continue
            if type(column) is Rows:
                yield step, (column.node, None)
            values = column.exceptions.values() if type(column) is Rows else column
            values = [column.value] if type(column) is Same else [] if type(column) is Packed else values
            self._steps_left -= length if type(column) is list else 0
            for value in values:  # type: ignore[union-attr]  # only lists and views of values are left
                if type(value) is list:
                    yield step, (value[0], value[1] if len(value) == 2 else 0)

    def _sums(self, number: int, rows: set[int | None]) -> tuple[int, int]:
        node = self._graph.nodes[number]
        if not isinstance(node, Arrays):
            return 0, 0
        itemsize = item_bytes(node.dtype)
        if None in rows:
            if number not in self._sizes:
                self._sizes[number] = table_bytes(node)
            length_bytes = self._sizes[number]
            return length_bytes, length_bytes // max(itemsize, 1)
        n_items = sum(item_count(row_shape(node, row)) for row in rows if row is not None)
        return n_items * itemsize, n_items
