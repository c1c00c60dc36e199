"""Changes of the graph's structure: fields, types, lengths, the form of columns, names, links and the root."""

from __future__ import annotations

import copy
import random
from typing import Any

import msgspec

from fuzzing.donors import donor_graphs
from fuzzing.draft import Draft, listed, packed
from hermetic.graph import Arrays, Instances, Link, Mappings, Name, ObjectArray, Rows, Same, Sequences

__all__ = [
    "add_link",
    "change_column",
    "change_fields",
    "change_length",
    "change_name",
    "change_shape",
    "change_type",
    "wrap",
]

_MANY = 500
_MOST_LISTED = 100_000
_NEW_FIELDS = (
    *("predict", "__class__", "__dict__", "_impl", "_sparse", "_sparse_predict", "n_jobs", "_fit_X", "note", "_tree"),
    *("tree_", "n_features_in_", "feature_names_in_", "classes_", "_n_threads", "shape", "_shape", "estimators_"),
    *("_parameter_constraints", "__sklearn_clone__", "_repr_html_", "_sklearn_output_config", "metric", "data"),
)
_TYPES = (
    *("sklearn.cluster.KMeans", "sklearn.ensemble.RandomForestClassifier", "sklearn.neighbors.KDTree"),
    *("sklearn.neighbors.BallTree", "sklearn.neighbors.KNeighborsClassifier", "sklearn.svm.SVC", "sklearn.svm.SVR"),
    *("sklearn.tree.DecisionTreeClassifier", "sklearn.tree.Tree", "sklearn.utils.Bunch", "sklearn.pipeline.Pipeline"),
    *("scipy.sparse.csc_matrix", "scipy.sparse.csr_matrix", "scipy.sparse.coo_matrix", "scipy.sparse.csr_array"),
    *(
        "sklearn.ensemble.GradientBoostingRegressor",
        "sklearn.ensemble.IsolationForest",
        "sklearn.tree.ExtraTreeClassifier",
    ),
)


def _pick_instances(draft: Draft, choose: random.Random) -> int | None:
    numbers = [number for number, node in enumerate(draft.graph.nodes) if isinstance(node, Instances)]
    return choose.choice(numbers) if numbers else None


def change_fields(draft: Draft, choose: random.Random) -> str:
    """Drop, add, rename, exchange or copy fields of one table."""
    number = _pick_instances(draft, choose)
    if number is None or not draft.graph.nodes[number].fields:  # type: ignore[union-attr]
        return ""
    node = draft.own(number)
    first, second = choose.choice(list(node.fields)), choose.choice(list(node.fields))
    how = choose.choice(("drop", "drop", "drop", "exchange", "copy", "rename", "add", "order"))
    if how == "drop":
        del node.fields[first]
    elif how == "exchange":
        node.fields[first], node.fields[second] = node.fields[second], node.fields[first]
    elif how == "copy":
        node.fields[second] = copy.deepcopy(node.fields[first])
    elif how == "rename":
        second = choose.choice(_NEW_FIELDS)
        node.fields[second] = node.fields.pop(first)
    elif how == "add":
        second = choose.choice(_NEW_FIELDS)
        node.fields[second] = copy.deepcopy(node.fields[first])
    else:
        names = list(node.fields)
        choose.shuffle(names)
        node.fields = {name: node.fields[name] for name in names}
    return f"{draft.words(number)}: {how} {first}, {second}"


def change_length(draft: Draft, choose: random.Random) -> str:
    """Take an item out of a list or dictionary, put one in twice, or take all out."""
    numbers = [
        number
        for number, node in enumerate(draft.graph.nodes)
        if isinstance(node, (Sequences, Mappings, ObjectArray)) and draft.rows_of(number) == 1
    ]
    if not numbers:
        return ""
    number = choose.choice(numbers)
    columns = draft.columns(number)
    length = columns[0][2] if columns else 0
    if length < 1:
        return ""
    position = choose.randrange(length)
    if any(position >= len(listed(column, length)) for _, column, _, _ in columns):
        return ""  # another change has made the length a lie
    is_dictionary = isinstance(draft.graph.nodes[number], Mappings)
    how = choose.choice(
        ("out", "out", "all out") if is_dictionary else ("out", "twice", "all out", "many" if length < _MANY else "out")
    )
    new_length = length
    for key, column, _, _ in columns:
        values = listed(column, length)
        times = {"out": [], "all out": [], "twice": [values[position]] * 2, "many": [values[position]] * 50}[how]
        values = [] if how == "all out" else [*values[:position], *times, *values[position + 1 :]]
        new_length = len(values)
        draft.set_column(number, key, values)
    node = draft.own(number)
    if isinstance(node, ObjectArray):
        node.shape = [new_length]
    elif isinstance(node, Mappings):
        node.length = new_length
    else:
        node.lengths = new_length
    return f"{draft.words(number)}: item {position} {how}"


def change_shape(draft: Draft, choose: random.Random) -> str:
    """Give an array of objects another shape or order, or a list another kind of sequence."""
    numbers = [number for number, node in enumerate(draft.graph.nodes) if isinstance(node, (Sequences, ObjectArray))]
    if not numbers:
        return ""
    node = draft.own(choose.choice(numbers))
    if isinstance(node, ObjectArray):
        old = node.shape
        node.shape = choose.choice((old[::-1], [1, *old], [*old, 1], [0, *old], [*old, 1 << 40], [-1], []))
        return f"an array of objects of shape {old} gets {node.shape}"
    old = node.type
    node.type = choose.choice(("list", "tuple", "set", "frozenset"))
    return f"a {old} becomes a {node.type}"


def change_type(draft: Draft, choose: random.Random) -> str:
    """Let a table be of another type: of the same graph, of another one, or from a list of the worst."""
    number = _pick_instances(draft, choose)
    if number is None:
        return ""
    own = [name for name in draft.graph.names if name.role == "constructed"]
    others = choose.choice(donor_graphs()).names
    worst = [Name(text, "constructed") for text in _TYPES]
    name = choose.choice(choose.choice((own or worst, others or worst, worst)))
    old = draft.words(number)
    if name not in draft.graph.names:
        draft.graph.names.append(name)
    node = draft.own(number)
    node.type = draft.graph.names.index(name)
    return f"{old} is a {name.name}"


def change_name(draft: Draft, choose: random.Random) -> str:
    """Change a name in place: its role, its layout, its text."""
    if not draft.graph.names:
        return ""
    place = choose.randrange(len(draft.graph.names))
    old = draft.graph.names[place]
    donors = choose.choice(donor_graphs()).names
    changes: list[dict[str, Any]] = [
        {"role": choose.choice(("constructed", "referenced", "called", ""))},
        {"layout": choose.choice((0, 2, -1, 1 << 40))},
        {"name": choose.choice((old.name + "x", "builtins.eval", "os.system", "sklearn", "", "a:b.c"))},
        {"name": choose.choice(donors or [old]).name},
    ]
    draft.graph.names[place] = new = msgspec.structs.replace(old, **choose.choice(changes))
    return f"the name {old} becomes {new}"


def change_column(draft: Draft, choose: random.Random) -> str:
    """Give a column another form: one value everywhere, value by value, packed, or the rows of another table."""
    numbers = [number for number in range(len(draft.graph.nodes)) if draft.columns(number)]
    if not numbers:
        return ""
    number = choose.choice(numbers)
    key, column, length, words = choose.choice(draft.columns(number))
    if length > _MOST_LISTED:
        return ""  # another change has made the length a lie: value by value it would take seconds
    alike = [other for other in range(number) if draft.rows_of(other) == length and length > 1]
    how = choose.choice(("list", "pack", "first", "same reference", "rows", "rows", "exception", "shuffle"))
    values = listed(column, length)
    if not values:
        return ""
    new: Any = values
    if how == "pack":
        new = packed(values)
    elif how == "first":
        new = Same(choose.choice(values))
    elif how == "same reference" and number:
        new = Same(draft.reference(choose, number))
    elif how == "rows" and alike:
        new = Rows(choose.choice(alike))
    elif how == "exception" and type(column) is Rows:
        new = Rows(column.node, {**column.exceptions, choose.randrange(length): choose.choice((None, 0, values[0]))})
    elif how == "shuffle":
        choose.shuffle(values)
    draft.set_column(number, key, new)
    return f"{draft.words(number)}{words}: {how}, {str(new)[:60]}"


def add_link(draft: Draft, choose: random.Random) -> str:
    """Let something stand, when all is checked, where something else was: cycles too."""
    number = choose.randrange(len(draft.graph.nodes))
    node = draft.graph.nodes[number]
    target = draft.reference(choose, len(draft.graph.nodes))
    if isinstance(node, Instances) and node.fields:
        slot: str | int = choose.choice(list(node.fields))
    elif isinstance(node, (Sequences, Mappings, ObjectArray)):
        slot = choose.choice((0, 0, 1))
    else:
        return ""
    row = choose.randrange(draft.rows_of(number))
    draft.graph.links.append(Link(number, row, slot, target[0], target[1] if len(target) == 2 else 0))
    return f"{draft.words(number)}: {slot!r} of row {row} is linked to {draft.words(target[0])}"


def wrap(draft: Draft, choose: random.Random) -> str:
    """Put a value into a list of its own, or take the first item of a list in its place."""
    number = _pick_instances(draft, choose)
    if number is None or draft.rows_of(number) != 1:
        return ""
    node = draft.own(number)
    fields = [field for field, value in node.fields.items() if type(value) is list]
    if not fields:
        return ""
    field = choose.choice(fields)
    inner = draft.graph.nodes[node.fields[field][0]]
    if isinstance(inner, Sequences) and inner.rows == 1 and inner.columns and type(inner.columns[0]) is list:
        if not inner.columns[0]:
            return ""
        node.fields[field] = inner.columns[0][0]
        return f"{draft.words(number)}.{field} is its own first item"
    if isinstance(inner, Arrays):
        return ""
    node.fields[field] = {"tuple": [0]}
    return f"{draft.words(number)}.{field} is a tuple"
