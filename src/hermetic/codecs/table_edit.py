"""What a migration does to a table: fields come, go, and get other values; all of them for all rows at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hermetic.codecs.field_view import FieldView
from hermetic.dtypes import describe_dtype
from hermetic.errors import UnsupportedVersion
from hermetic.graph import Arrays, Graph, Instances, Mappings, Name, Rows, Same, Value

__all__ = ["TableEdit"]


class TableEdit(FieldView):
    """One `Instances` node that is brought from one release to the next, or back.

    Nodes that it needs are added at the end of the graph; who edits puts the graph in order afterwards.

    Parameters
    ----------
    graph, node, index, where
        As in `FieldView`.
    between : str
        Who wrote the model and who reads it, for messages.
    """

    __slots__ = ("between",)

    def __init__(
        self, graph: Graph, node: Instances, index: int, where: Callable[[int], str], between: str = ""
    ) -> None:
        super().__init__(graph, node, index, where)
        self.between = between

    @property
    def name(self) -> str:
        """The neutral name of the type."""
        return self.graph.names[self.node.type].name

    def has(self, *fields: str) -> bool:
        """Tell whether the objects have all of some fields."""
        return all(field in self.node.fields for field in fields)

    def fill(self, field: str, value: Value) -> None:
        """Set a field to one value in all rows."""
        self.node.fields[field] = value if self.rows == 1 else Same(value)

    def put(self, field: str, values: Sequence[Value]) -> None:
        """Set a field to one value for each row."""
        self.node.fields[field] = values[0] if self.rows == 1 else list(values)

    def copy(self, field: str, source: str) -> None:
        """Set a field to what another one holds."""
        self.node.fields[field] = self.node.fields[source]

    def drop(self, *fields: str) -> None:
        """Take fields away, where they are."""
        for field in fields:
            self.node.fields.pop(field, None)

    def rename(self, field: str, new: str) -> None:
        """Give a field another name, where it is; what stands under the new name already goes."""
        if field in self.node.fields:
            self.node.fields[new] = self.node.fields.pop(field)

    def replace(self, field: str, changes: Mapping[Any, Value]) -> None:
        """Give other values to a field where it has certain ones: None, booleans, numbers and text."""
        if field not in self.node.fields:
            return
        values = self.values(field)
        # 1, 1.0 and True are equal keys: the type must be that of the key as well.
        exact = {(type(old), old): new for old, new in changes.items()}
        found = [(type(value), value) if type(value) in _SIMPLE else (object, None) for value in values]
        if not exact.keys().isdisjoint(found):
            self.put(field, [exact.get(key, value) for key, value in zip(found, values, strict=True)])

    def fill_with_dictionaries(self, field: str) -> None:
        """Set a field to an empty dictionary of its own in each row."""
        columns: list[Any] = [[]] if self.rows == 1 else []
        number = self._add(Mappings(length=0, keys=[], columns=columns, rows=self.rows))
        self.node.fields[field] = [number] if self.rows == 1 else Rows(number)

    def put_arrays(self, field: str, make: Callable[[int], Any], source: str) -> None:
        """Set a field to a new array for each row; rows that share the array in `source` share the new one as well.

        So a file cannot make a small array many times over.
        """
        known: dict[str, Value] = {}
        values: list[Value] = []
        for row, value in enumerate(self.values(source)):
            key = repr(value)
            if key not in known:
                known[key] = self.new_array(make(row))
            values.append(known[key])
        self.put(field, values)

    def new_array(self, array: Any) -> Value:
        """Add an array to the graph; give the reference to it."""
        number = self._add(Arrays(dtype=describe_dtype(array.dtype), shape=list(array.shape)))
        self.graph.arrays[number] = [array]
        return [number]

    def become(self, name: str) -> None:
        """Make the objects those of another type."""
        known = Name(name, "constructed")
        if known not in self.graph.names:
            self.graph.names.append(known)
        self.node.type = self.graph.names.index(known)

    def no_way(self, reason: str, *, row: int = 0, field: str = "") -> UnsupportedVersion:
        """Make the error for what the other release cannot express."""
        return UnsupportedVersion(
            f"{self.between}; {reason}",
            where=self.refuse("", row=row, field=field).where,
            next_step="Load it where the release is installed that wrote it, or fit the model again.",
        )

    def _add(self, node: Any) -> int:
        self.graph.nodes.append(node)
        return len(self.graph.nodes) - 1


_SIMPLE = frozenset({type(None), bool, int, float, str})
