"""Where the tables and arrays of a graph stand in the model, and how long arrays are; nothing is read from pools."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from hermetic.dtypes import item_bytes
from hermetic.errors import FormatError
from hermetic.graph import Arrays, Column, Graph, Instances, Mappings, Rows, Same, Sequences
from hermetic.graph_walk import columns_of
from hermetic.inspection.text import value_text

__all__ = ["Places", "item_count", "row_shape", "table_bytes"]

_MAX_STEPS = 60
_MAX_DIMENSIONS = 64


@dataclass(frozen=True, kw_only=True, slots=True)
class _Holder:
    """What refers to a table: a column of another node, and the position in it (None: any).

    With `is_item` the position counts items of one container; otherwise it counts rows of the holder.
    """

    node: int
    step: str
    position: int | None
    is_item: bool


class Places:
    """Paths from the model to its tables, as Python would write them; ``[*]`` stands for all.

    Parameters
    ----------
    graph : Graph
        Well formed.
    """

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._of_table: dict[int, _Holder] = {}
        self._of_row: dict[tuple[int, int], _Holder] = {}
        for number, node in enumerate(graph.nodes):
            for step, column, _ in columns_of(node):
                self._note(number, step, column)
        for link in graph.links:
            is_item = not isinstance(link.slot, str)
            step = "[...]" if is_item else f".{link.slot}"
            holder = _Holder(
                node=link.node, step=step, position=int(link.slot) if is_item else link.row, is_item=is_item
            )
            self._of_row.setdefault((link.target_node, link.target_row), holder)

    def _note(self, number: int, step: str, column: Column) -> None:
        node = self._graph.nodes[number]
        is_flat = isinstance(node, Sequences) and not isinstance(node.lengths, int)
        is_item = is_flat or (getattr(node, "rows", 1) == 1 and not isinstance(node, Instances))
        if type(column) is Rows and not column.exceptions:
            self._of_table[column.node] = _Holder(node=number, step=step, position=None, is_item=is_item)
        for row, target, position in _targets(column):
            holder = _Holder(node=number, step=step, position=position, is_item=is_item)
            self._of_row.setdefault((target, row), holder)

    def path(self, node: int, row: int | None = None) -> str:
        """Give the path of one row of a table, or of all of them."""
        root = self._graph.root[0] if type(self._graph.root) is list else -1
        steps: list[str] = []
        while node != root and len(steps) < _MAX_STEPS:
            holder = self._of_table.get(node)
            position = row
            if holder is None:
                holder = self._of_row.get((node, row or 0))
                if holder is None:
                    break
                position = (
                    holder.position if row is not None or getattr(self._graph.nodes[node], "rows", 1) == 1 else None
                )
            step, row = self._step(holder, position)
            steps.append(step)
            node = holder.node
        return "$" + "".join(reversed(steps))

    def _step(self, holder: _Holder, position: int | None) -> tuple[str, int | None]:
        """Give the part of the path within a holder, and the row of the holder."""
        node = self._graph.nodes[holder.node]
        if not holder.is_item:
            return holder.step, position
        if isinstance(node, Sequences) and not isinstance(node.lengths, int):
            if position is None:
                return "[*]", None
            ends = list(accumulate(node.lengths))
            row = bisect_right(ends, position)
            return f"[{position - ends[row] + node.lengths[row]}]", row
        if position is None:
            return "[*]", 0
        if isinstance(node, Mappings) and holder.step == "[...]":
            key = _plain_key(node, position)
            return "[...]" if key is None else f"[{value_text(key, self._graph.names)}]", 0
        return f"[{position}]" if holder.step == "[...]" else holder.step, 0


def _plain_key(node: Mappings, position: int) -> Any:
    """Give the key of one item of a dictionary; None where it is no plain value that is known."""
    keys = node.keys
    if type(keys) is list and position < len(keys) and type(keys[position]) is not list:
        return keys[position]
    return None


def _targets(column: Column) -> Iterator[tuple[int, int, int]]:
    """Give row and table of each single reference in a column, and its position."""
    if type(column) is Rows:
        values: Any = column.exceptions.items()
    elif type(column) is Same:
        values = [(0, column.value)]
    else:
        values = enumerate(column) if type(column) is list else ()
    for position, value in values:
        if type(value) is list:
            yield value[1] if len(value) == 2 else 0, value[0], position


def row_shape(node: Arrays, row: int) -> list[int]:
    """Give the shape of one array of a table, after checking it.

    Parameters
    ----------
    node : Arrays
        From a file, so its shapes may be anything.
    row : int
        Which array.

    Returns
    -------
    list of int
        At most 64 lengths.

    Raises
    ------
    FormatError
        When it is no shape.

    Examples
    --------
    >>> row_shape(Arrays(dtype="<f8", shape=[], rows=2, lengths=[1, 2]), 1)
    [2]
    """
    shape = node.shape
    if node.lengths is not None:
        if len(node.lengths) != node.rows:
            raise _refuse(node.lengths)
        shape = [node.lengths[row], *shape]
    if len(shape) > _MAX_DIMENSIONS or not all(0 <= length < 1 << 48 for length in shape):
        raise _refuse(shape)
    return shape


def item_count(shape: list[int]) -> int:
    """Give the number of items of an array.

    Examples
    --------
    >>> item_count([3, 4])
    12
    """
    count = 1
    for length in shape:
        count *= length
    return count


def table_bytes(node: Arrays) -> int:
    """Give the length of all arrays of a table in bytes.

    Parameters
    ----------
    node : Arrays
        From a file.

    Returns
    -------
    int
        As the graph says; whether the pool is as long is for the caller to compare.

    Examples
    --------
    >>> table_bytes(Arrays(dtype="<f8", shape=[3], rows=10))
    240
    """
    n_items = item_count(row_shape(node, 0)) * node.rows
    if node.lengths is not None:
        n_items = item_count(node.shape) * sum(node.lengths)
    return n_items * item_bytes(node.dtype)


def _refuse(shape: Any) -> FormatError:
    return FormatError(
        f"not a shape: {str(shape)[:100]}",
        next_step="The file is damaged or hostile. Ask its producer for a fresh copy and compare digests.",
    )
