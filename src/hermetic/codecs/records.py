"""The common base of codecs whose types have a fixed set of fields, made object by object.

A subclass says which fields there are, how to describe one object, and how to make one. What the base adds: fields
outside the set are refused. Whatever a constructor raises about values from a file becomes `InvalidState` in
`hermetic.restore`.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, ClassVar

from hermetic.codecs.codec import Codec, FieldView, states_of
from hermetic.codecs.field_view import expand_column
from hermetic.errors import InvalidState
from hermetic.graph import Mappings, Sequences

__all__ = ["RecordCodec", "is_count", "is_mapping", "list_of", "refuse_attributes", "refuse_value"]

_DAMAGED = "The file is damaged or hostile. Ask its producer for a fresh copy and compare digests."


class RecordCodec(Codec):
    """Base of codecs with a fixed set of fields.

    Attributes
    ----------
    required, optional : frozenset of str
        Names of the fields; an optional one is left out of a table whose objects do not need it.
    """

    required: ClassVar[frozenset[str]] = frozenset()
    optional: ClassVar[frozenset[str]] = frozenset()

    def describe(self, instance: Any) -> dict[str, Any]:
        """Give the fields of one object, without those it does not need."""
        raise NotImplementedError

    def make(self, name: str, state: Mapping[str, Any]) -> Any:
        """Make one object from its fields, which may still hold what no constructor takes."""
        raise NotImplementedError

    def group(self, instance: Any) -> Hashable:
        """Let objects with the same fields share a table."""
        return tuple(self.describe(instance)) if self.optional else None

    def capture(self, name: str, instances: Sequence[Any]) -> dict[str, list[Any]]:
        """Give the fields of all objects."""
        rows = [self.describe(instance) for instance in instances]
        return {field: [row[field] for row in rows] for field in rows[0]}

    def validate(self, name: str, view: FieldView) -> None:
        """Refuse fields outside the set."""
        found = set(view.node.fields)
        missing, unknown = self.required - found, found - self.required - self.optional
        if missing or unknown:
            raise view.refuse(f"{name} lacks the fields {sorted(missing)}, and has unknown ones: {sorted(unknown)}")
        refuse_attributes(view)

    def restore(self, name: str, fields: dict[str, list[Any]], rows: int) -> list[Any]:
        """Make all objects."""
        self.resolve(name)
        return [self.make(name, state) for state in states_of(fields, rows)]


def is_count(value: Any) -> bool:
    """Tell whether a value from a file is a whole number, zero or more; True and False are none."""
    return type(value) is int and value >= 0


def refuse_value(found: str) -> InvalidState:
    """Make the error for a value that a constructor must not see."""
    return InvalidState(found, next_step=_DAMAGED)


def refuse_attributes(view: FieldView, field: str = "attributes") -> None:
    """Refuse attributes that are no dictionary with text keys, or that would stand in the place of a special name.

    Parameters
    ----------
    view : FieldView
        The table.
    field : str
        The field that holds the ``__dict__`` of each object.

    Raises
    ------
    InvalidState
        With the first name that is not allowed.
    """
    for row, value in enumerate(view.values(field)):
        if value is None:
            continue
        node = view.graph.nodes[value[0]] if type(value) is list else None
        if not isinstance(node, Mappings):
            raise view.refuse(f"{field} must be a dictionary", row=row, field=field)
        for key in expand_column(node.keys, node.length):
            if type(key) is not str or (key.startswith("__") and key.endswith("__")):
                raise view.refuse(f"no object may have an attribute {key!r} of its own", row=row, field=field)


def is_mapping(view: FieldView, value: Any) -> bool:
    """Tell whether a raw value refers to a dictionary."""
    return type(value) is list and isinstance(view.graph.nodes[value[0]], Mappings)


def list_of(view: FieldView, value: Any, kind: str = "list") -> Sequences | None:
    """Give the node of a list (or another sequence) that a raw value refers to, or None."""
    node = view.graph.nodes[value[0]] if type(value) is list else None
    return node if isinstance(node, Sequences) and node.type == kind else None
