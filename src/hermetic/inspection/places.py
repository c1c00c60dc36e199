"""Where the tables and arrays of a graph stand in the model, and how long the arrays are; nothing is read from pools."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hermetic.dtypes import item_bytes
from hermetic.errors import FormatError
from hermetic.graph import Arrays, Column, Graph, Instances, Mappings, Rows, Same, columns_of
from hermetic.inspection.text import value_text

__all__ = ["Places", "item_count", "row_shape", "table_bytes"]

_MAX_STEPS = 60
_MAX_DIMENSIONS = 64


@dataclass(frozen=True, kw_only=True, slots=True)
class _Holder:
    """What refers to a table.

    With `is_whole` the table's rows are the column's values, so that a row's number is its position.
    With `is_item` the position counts items of one container; otherwise it counts rows of the holder.
    """

    node: int
    step: str
    position: int
    is_whole: bool
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
        self._holders: dict[int, _Holder] = {}
        for number, node in enumerate(graph.nodes):
            is_table = getattr(node, "rows", 1) > 1
            for step, column, _ in columns_of(node):
                for target, position, is_whole in _targets(column):
                    # A holder of the whole table tells more than a reference to one of its rows.
                    if is_whole or target not in self._holders:
                        is_item = not is_table and not isinstance(node, Instances)
                        self._holders[target] = _Holder(
                            node=number, step=step, position=position, is_whole=is_whole, is_item=is_item
                        )
        for link in graph.links:
            is_item = not isinstance(link.slot, str)
            step = "[...]" if is_item else f".{link.slot}"
            position = int(link.slot) if is_item else link.row
            holder = _Holder(node=link.node, step=step, position=position, is_whole=False, is_item=is_item)
            self._holders.setdefault(link.target_node, holder)

    def path(self, node: int, row: int | None = None) -> str:
        """Give the path of one row of a table, or of all of them."""
        root = self._graph.root[0] if type(self._graph.root) is list else -1
        steps: list[str] = []
        while node != root and node in self._holders and len(steps) < _MAX_STEPS:
            holder = self._holders[node]
            position = row if holder.is_whole else holder.position
            if holder.is_item:
                steps.append(self._item_step(holder, position))
                position = 0
            else:
                steps.append(holder.step)
            node, row = holder.node, position
        return "$" + "".join(reversed(steps))

    def _item_step(self, holder: _Holder, position: int | None) -> str:
        if position is None:
            return "[*]"
        node = self._graph.nodes[holder.node]
        if isinstance(node, Mappings) and holder.step == "[...]":
            if type(node.keys) is list and position < len(node.keys) and type(node.keys[position]) is not list:
                return f"[{value_text(node.keys[position], self._graph.names)}]"
            return "[...]"
        return f"[{position}]" if holder.step == "[...]" else holder.step


def _targets(column: Column) -> Iterator[tuple[int, int, bool]]:
    """Give each table that a column refers to, the position of the reference, and whether it takes all rows."""
    if type(column) is Rows:
        yield column.node, 0, not column.exceptions
    elif type(column) is Same and type(column.value) is list:
        yield column.value[0], 0, False
    elif type(column) is list:
        for position, value in enumerate(column):
            if type(value) is list:
                yield value[0], position, False


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
    >>> row_shape(Arrays(dtype="<f8", shape=[[1], [2]], rows=2), 1)
    [2]
    """
    shape: Any = node.shape
    if node.rows > 1 and shape and type(shape[0]) is list:
        shape = shape[row] if row < len(shape) else None
    if type(shape) is not list or len(shape) > _MAX_DIMENSIONS:
        raise _refuse(node.shape)
    if not all(type(length) is int and 0 <= length < 1 << 48 for length in shape):
        raise _refuse(node.shape)
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
    if node.rows > 1 and node.shape and type(node.shape[0]) is list:
        n_items = sum(item_count(row_shape(node, row)) for row in range(len(node.shape)))
    else:
        n_items = item_count(row_shape(node, 0)) * node.rows
    return n_items * item_bytes(node.dtype)


def _refuse(shape: Any) -> FormatError:
    return FormatError(
        f"not a shape: {str(shape)[:100]}",
        next_step="The file is damaged or hostile. Ask its producer for a fresh copy and compare digests.",
    )
