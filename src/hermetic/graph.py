"""The graph: a model as pure data, the one thing that formats and codecs share.

A graph is a flat list of *nodes*. A node is a table: `rows` objects of one kind, stored field by field, because one
pass over a column costs far less than a pass over each object. A single object is a table of one row.

Inside nodes stand *values*: ``None``, booleans, integers, finite floats and text as themselves; a *reference* to a row
of an earlier node as the list ``[node]`` or ``[node, row]``; and everything else immutable as a tagged dictionary of
one key (``{"float": "nan"}``, see `hermetic.codecs.scalars`). A field of a table with several rows is a *column*: a
list of values, or one of the packed forms below.

Nodes stand in the order in which a depth-first walk finishes them, so a reference always points backwards and restoring
is one loop. Cycles, and references that a codec declares weak, are *links*: they are set when all nodes stand.

Nothing in this module imports or calls anything that a file names.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hermetic.structs import msgspec

__all__ = [
    "Arrays",
    "Column",
    "Graph",
    "Instances",
    "Link",
    "Mappings",
    "Name",
    "Node",
    "ObjectArray",
    "Packed",
    "Rows",
    "Same",
    "Sequences",
    "Value",
]

Value = Any
"""One value inside a node; see the module docstring."""


class Same(msgspec.Struct, frozen=True):
    """A column in which every row has the same value."""

    value: Value


class Packed(msgspec.Struct):
    """A column of plain values of one kind that live in a pool.

    Attributes
    ----------
    kind : str
        ``bool``, ``int``, ``float`` or ``text``; or ``numpy`` for numpy scalars of one dtype.
    values : sequence
        A list of plain Python values, final: nothing in it needs resolving; for ``numpy`` an array of one dimension.
    place : object
        Where a file says they lie, for columns that have not been read yet.
    items : numpy.ndarray, optional
        The same values as numbers, where they come from a file: for validators.
    """

    kind: str
    values: Any
    place: Any = None
    items: Any = None


class Rows(msgspec.Struct):
    """A column whose rows are, in order, the rows of one node.

    Attributes
    ----------
    node : int
        The node whose rows fill the column.
    exceptions : dict of int to value
        Positions that hold another value, in rising order; they take no row of the node.
    positions : list of int, optional
        The keys of `exceptions`, once somebody has searched among them.
    """

    node: int
    exceptions: dict[int, Value] = {}
    positions: list[int] | None = None


Column = list[Value] | Same | Packed | Rows


class Instances(msgspec.Struct, tag="instances", tag_field="kind", omit_defaults=True, forbid_unknown_fields=True):
    """Objects of one type with the same fields.

    `type` counts in `Graph.names`. With one row each field holds a value, with several rows a column.
    """

    type: int
    fields: dict[str, Any]
    rows: int = 1


class Sequences(msgspec.Struct, tag="sequences", tag_field="kind", omit_defaults=True, forbid_unknown_fields=True):
    """Lists, tuples, sets or frozensets.

    With one row, `columns` holds one column of `lengths` items. With several rows of equal length L it holds L columns,
    one for each position; with unequal `lengths` one column with the items of all rows end to end.
    """

    type: str
    lengths: int | list[int]
    columns: list[Any]
    rows: int = 1


class Mappings(msgspec.Struct, tag="mappings", tag_field="kind", omit_defaults=True, forbid_unknown_fields=True):
    """Dictionaries.

    With one row: `keys` is a column of `length` keys and `columns` holds one column of as many values. With several
    rows all have the same text keys: `keys` lists them, and `columns` holds a column of `rows` values for each.
    """

    length: int
    keys: Any
    columns: list[Any]
    rows: int = 1


class Arrays(msgspec.Struct, tag="arrays", tag_field="kind", omit_defaults=True, forbid_unknown_fields=True):
    """Arrays of one dtype, number of dimensions and memory order; their items lie end to end in a pool.

    The arrays themselves stand in `Graph.arrays`, under the number of the node.

    Attributes
    ----------
    pool, offset : int
        The pool of a file, and the first item in it; -1 where the graph does not come from a file.
    dtype : str or dict
        As in `hermetic.dtypes`: little-endian or without byte order.
    shape : list of int
        The shape of every row; without the first axis where `lengths` gives it.
    lengths : list of int, optional
        The length of the first axis of each row, where it differs.
    order : str
        ``C`` or ``F``; or ``A`` with `strides` in items, for a layout with gaps or another order of axes.
    """

    dtype: Any
    shape: list[int]
    rows: int = 1
    lengths: list[int] | None = None
    order: str = "C"
    strides: list[int] | None = None
    pool: int = -1
    offset: int = -1


class ObjectArray(msgspec.Struct, tag="object_array", tag_field="kind", omit_defaults=True, forbid_unknown_fields=True):
    """One array of Python objects: its items, in C order, are a column."""

    shape: list[int]
    items: Any
    order: str = "C"


Node = Instances | Sequences | Mappings | Arrays | ObjectArray


class Name(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A type or function that the graph uses, by name.

    Attributes
    ----------
    name : str
        Dotted name: ``package.module.Name``, or ``package.module:Outer.Inner`` for what is nested.
    role : str
        ``constructed`` (an instance is made), ``referenced`` (the thing itself is a value) or ``called``
        (it is called on load, with arguments from the file).
    layout : int
        Version of the fields under which a codec wrote its instances.
    """

    name: str
    role: str
    layout: int = 1


class Link(msgspec.Struct, frozen=True, array_like=True):
    """A value that can be set only when all nodes stand: a cycle, or a weak reference.

    Attributes
    ----------
    node, row : int
        The object that holds the value.
    slot : str or int
        The field of an instance; the position in a list, in the values of a dictionary or in an object array.
    target_node, target_row : int
        The value.
    """

    node: int
    row: int
    slot: str | int
    target_node: int
    target_row: int


class Graph(msgspec.Struct):
    """A whole model as data.

    Attributes
    ----------
    names : list of Name
        Every name that any node or value uses, in the order of first use.
    nodes : list of Node
        In the order in which a depth-first walk finishes them.
    root : value
        The model itself.
    links : list of Link
        What closes cycles.
    arrays : dict of int to sequence of numpy.ndarray
        For each `Arrays` node that has been read, one array for each row.
    ends : dict of int to list of int
        For tables of lists of unequal lengths, once somebody has searched among them: where each row ends.
    """

    names: list[Name]
    nodes: list[Node]
    root: Value
    links: list[Link] = []
    arrays: dict[int, Sequence[Any]] = {}
    ends: dict[int, list[int]] = {}
