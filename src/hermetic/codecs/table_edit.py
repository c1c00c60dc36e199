"""What a migration does to a table: fields come, go, and get other values; all of them for all rows at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hermetic.codecs.field_view import FieldView
from hermetic.dtypes import describe_dtype
from hermetic.errors import UnsupportedVersion
from hermetic.graph import Arrays, Graph, Instances, Mappings, Name, ObjectArray, Same, Sequences, Value

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
    done : dict, optional
        What `is_first` has noted, one dictionary for the whole graph.
    written : str
        The version of scikit-learn that wrote the model, for messages.
    """

    __slots__ = ("between", "changed_arrays", "done", "written")

    def __init__(
        self,
        graph: Graph,
        node: Instances,
        index: int,
        where: Callable[[int], str],
        between: str = "",
        done: dict[tuple[Any, str], Any] | None = None,
        written: str = "",
    ) -> None:
        super().__init__(graph, node, index, where)
        self.between = between
        self.written = written
        self.changed_arrays: set[str] = set()
        self.done = {} if done is None else done

    @property
    def name(self) -> str:
        """The neutral name of the type."""
        return self.graph.names[self.node.type].name

    def is_first(self, step: Any, value: Value, amount: Any = None) -> bool:
        """Tell whether a step meets an array for the first time; refuse one that is to be changed in two ways."""
        key = (step, repr(value))
        if key in self.done and self.done[key] != amount:
            raise self.no_way("two models share a part that would have to be another one in each")
        is_new = key not in self.done
        self.done[key] = amount
        return is_new

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

    def set_array(self, value: Value, array: Any) -> None:
        """Put another array of the same dtype and shape in the place of the one that a value refers to."""
        number, row = value[0], value[1] if len(value) == 2 else 0
        arrays = self.graph.arrays[number]
        own = arrays if type(arrays) is list else list(arrays)
        own[row] = array
        self.graph.arrays[number] = own
        self.changed_arrays.add("values of arrays")

    def recast(self, field: str, dtype_of: Callable[[Any], Any], make: Callable[[Any], Any]) -> None:
        """Give the arrays of a field another dtype: `dtype_of` takes the one they have, `make` an array."""
        for number in {value[0] for value in self.values(field) if type(value) is list}:
            node = self.graph.nodes[number]
            if isinstance(node, Arrays) and len(self.graph.arrays[number]):
                arrays = self.graph.arrays[number]
                dtype = dtype_of(arrays[0].dtype)
                if dtype != arrays[0].dtype:
                    self.changed_arrays.add(field)
                    self.graph.arrays[number] = [make(array) for array in arrays]
                    node.dtype = describe_dtype(dtype)

    def new_array(self, array: Any) -> Value:
        """Add an array to the graph; give the reference to it."""
        number = self._add(Arrays(dtype=describe_dtype(array.dtype), shape=list(array.shape)))
        self.graph.arrays[number] = [array]
        return [number]

    def new_objects(self, items: list[Value]) -> Value:
        """Add an array of objects to the graph; give the reference to it."""
        return [self._add(ObjectArray(shape=[len(items)], items=items))]

    def new_sequence(self, kind: str, items: list[Value]) -> Value:
        """Add a list or tuple to the graph; give the reference to it."""
        return [self._add(Sequences(type=kind, lengths=len(items), columns=[items]))]

    def new_dictionary(self, items: Mapping[str, Value]) -> Value:
        """Add a dictionary to the graph; give the reference to it."""
        return [self._add(Mappings(length=len(items), keys=list(items), columns=[list(items.values())]))]

    def new_object(self, name: str, fields: dict[str, Any]) -> Value:
        """Add an object of a type to the graph, which needs no further change; give the reference to it."""
        return [self._add(Instances(type=self._number_of(name), fields=fields))]

    def become(self, name: str) -> None:
        """Make the objects those of another type."""
        self.node.type = self._number_of(name)

    def no_way(self, reason: str, *, row: int = 0, field: str = "") -> UnsupportedVersion:
        """Make the error for what the other release cannot express."""
        return UnsupportedVersion(
            f"{self.between}; {reason}",
            where=self.refuse("", row=row, field=field).where,
            next_step=f'Load it where it was written (pip install "scikit-learn=={self.written}"), or fit again.',
        )

    def _number_of(self, name: str) -> int:
        known = Name(name, "constructed")
        if known not in self.graph.names:
            self.graph.names.append(known)
        return self.graph.names.index(known)

    def _add(self, node: Any) -> int:
        self.graph.nodes.append(node)
        return len(self.graph.nodes) - 1


_SIMPLE = frozenset({type(None), bool, int, float, str})
