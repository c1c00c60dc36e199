"""Structure-aware changes of a captured graph: the file that an attacker who knows the format would write.

A changed graph is well-formed JSON with right checksums; what is wrong is a number, a shape, a dtype, a reference, a
field or a type, so it reaches the validators and not only the reader. One seed gives one change, on every machine.
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from typing import Any

import numpy as np

from hermetic.columns import array_layout
from hermetic.dtypes import describe_dtype
from hermetic.graph import (
    Arrays,
    Graph,
    Instances,
    Link,
    Mappings,
    Name,
    Node,
    ObjectArray,
    Packed,
    Rows,
    Same,
    Sequences,
)
from hermetic.graph_walk import columns_of, references_of

__all__ = ["changed"]

_BIG = (1 << 53) - 1
_NUMBERS = (0, -1, 1, 2, 3, 255, 65_536, (1 << 31) - 1, 1 << 31, -(1 << 31), _BIG, -_BIG - 1, 0.5, -1.5, 1e300)
_OTHERS = (None, True, False, "", "auto", "precomputed", "euclidean", "linear", {"float": "nan"}, {"float": "-inf"})
# How much work a model does is its author's choice, and not a crash: a degree of 255 is slow for everybody.
_WORK = frozenset({"degree", "_max_degree", "_min_degree", "max_iter", "n_iter", "n_samples", "n_components"})
_DTYPES = ("|i1", "|u1", "|b1", "<i4", "<i8", "<u4", "<u8", "<f4", "<f8", "<c16", ">i4", ">f8", "<U3", "|S8", "<M8[ns]")


def changed(graph: Graph, seed: str) -> tuple[Graph, str]:
    """Give a hostile relative of a graph.

    Parameters
    ----------
    graph : Graph
        As captured; it is left as it is.
    seed : str
        The same one gives the same change.

    Returns
    -------
    graph : Graph
        Its root is a list of the model and of whatever nothing else refers to any longer.
    description : str
        What was changed.
    """
    choose = random.Random(seed)
    nodes = [copy.deepcopy(node) for node in graph.nodes]
    arrays = {number: list(own) for number, own in graph.arrays.items()}
    hostile = Graph(names=list(graph.names), nodes=nodes, root=graph.root, links=list(graph.links), arrays=arrays)
    words = []
    for _ in range(choose.choice((1, 1, 1, 2, 3))):
        for _ in range(20):
            done = choose.choice(_CHANGES)(hostile, choose)
            if done:
                words.append(done)
                break
    _keep_everything_in_use(hostile)
    return hostile, "; ".join(words)


def _keep_everything_in_use(graph: Graph) -> None:
    """Put what nothing refers to beside the model: unused nodes are refused before any validator sees them."""
    used = {target for node in graph.nodes for _, target, _ in references_of(node)}
    used |= {link.target_node for link in graph.links} | {graph.root[0]}
    spare = [number for number in range(len(graph.nodes)) if number not in used]
    items = [[number] if getattr(graph.nodes[number], "rows", 1) == 1 else [number, 0] for number in spare]
    graph.nodes.append(Sequences(type="list", lengths=1 + len(items), columns=[[graph.root, *items]]))
    graph.root = [len(graph.nodes) - 1]


def _places(graph: Graph, choose: random.Random) -> tuple[int, Node, list[tuple[Callable[[Any], None], Any]]]:
    """Give a random node and its single values, each with the function that replaces it."""
    number = choose.randrange(len(graph.nodes))
    node = graph.nodes[number]
    places: list[tuple[Callable[[Any], None], Any]] = []
    if isinstance(node, Instances) and node.rows == 1:
        places = [(_setter(node.fields, field), value) for field, value in node.fields.items() if field not in _WORK]
    elif not isinstance(node, Arrays):
        for _, column, _ in columns_of(node):
            if type(column) is list and column:
                position = choose.randrange(len(column))
                places.append((_setter(column, position), column[position]))
            elif type(column) is Packed and type(column.values) is list and column.kind in ("int", "float"):
                position = choose.randrange(len(column.values))
                places.append((_setter(column.values, position), column.values[position]))
    return number, node, places


def _setter(holder: Any, key: Any) -> Callable[[Any], None]:
    return lambda value: holder.__setitem__(key, value)


def _change_number(graph: Graph, choose: random.Random) -> str:
    number, _, places = _places(graph, choose)
    numbers = [(put, value) for put, value in places if _number_in(value) is not None]
    if not numbers:
        return ""
    put, value = choose.choice(numbers)
    old = _number_in(value)
    new = choose.choice((old + 1, old - 1, -old, *_NUMBERS))
    if type(old) is int and choose.random() < 0.8:
        new = int(max(min(new, _BIG), -_BIG))
    tagged = type(value) is dict and "numpy" in value
    put(
        {"numpy": [value["numpy"][0], new]}
        if tagged
        else {"tuple": [new, *value["tuple"][1:]]}
        if type(value) is dict
        else new
    )
    return f"{_words(graph, number)}: {value!r} becomes {new!r}"


def _number_in(value: Any) -> Any:
    if type(value) in (int, float):
        return value
    if type(value) is dict and type(value.get("numpy")) is list and type(value["numpy"][1]) in (int, float):
        return value["numpy"][1]
    if type(value) is dict and value.get("tuple") and type(value["tuple"][0]) is int:
        return value["tuple"][0]
    return None


def _change_kind(graph: Graph, choose: random.Random) -> str:
    number, _, places = _places(graph, choose)
    if not places:
        return ""
    put, value = choose.choice(places)
    new = choose.choice((*_OTHERS, *_NUMBERS))
    put(new)
    return f"{_words(graph, number)}: {value!r} becomes {new!r}"


def _redirect(graph: Graph, choose: random.Random) -> str:
    number, _, places = _places(graph, choose)
    if not places or not number:
        return ""
    put, value = choose.choice(places)
    new = _reference(graph, choose, number)
    put(new)
    return f"{_words(graph, number)}: {value!r} refers to {new!r}, {_words(graph, new[0])}"


def _reference(graph: Graph, choose: random.Random, below: int) -> list[int]:
    target = choose.randrange(below)
    rows = getattr(graph.nodes[target], "rows", 1)
    return [target] if rows == 1 else [target, choose.randrange(rows)]


def _change_items(graph: Graph, choose: random.Random) -> str:
    """Put a few items of one array out of range, and sometimes all."""
    if not graph.arrays:
        return ""
    number = choose.choice(list(graph.arrays))
    row = choose.randrange(len(graph.arrays[number]))
    array = np.array(graph.arrays[number][row], copy=True, order="K")
    if not array.size or array.dtype.hasobject:
        return ""
    part, field = array, ""
    if array.dtype.names:
        field = choose.choice(array.dtype.names)
        part = array[field]
    positions = [choose.randrange(part.size) for _ in range(choose.choice((1, 1, 3)))]
    new = _hostile_item(part, choose)
    if choose.random() < 0.1:
        positions = list(range(part.size))
    for position in positions:
        part.flat[position] = new
    graph.arrays[number][row] = array
    return f"{_words(graph, number)}{f'[{field!r}]' if field else ''}: items {positions[:3]} become {new!r}"


def _hostile_item(array: Any, choose: random.Random) -> Any:
    kind = array.dtype.kind
    if kind in "iu":
        bounds = np.iinfo(array.dtype)
        near = [
            int(array.max()) + 1,
            int(array.min()) - 1,
            max(array.shape, default=1),
            array.size,
            -1,
            0,
            bounds.min,
            bounds.max,
        ]
        return min(max(choose.choice(near), bounds.min), bounds.max)
    if kind in "fc":
        return choose.choice((np.nan, np.inf, -np.inf, 0.0, -1.0, 1e300 if array.itemsize > 4 else 1e38, 5e-324))
    return array.flat[choose.randrange(array.size)] if kind in "mMV" else array.dtype.type(choose.choice((0, 1)))


def _reshape(graph: Graph, choose: random.Random) -> str:
    if not graph.arrays:
        return ""
    number = choose.choice(list(graph.arrays))
    arrays = graph.arrays[number]
    name, reshaped = choose.choice(_RESHAPES)
    try:
        arrays = [reshaped(array) for array in arrays]
    except (ValueError, IndexError, TypeError):
        return ""
    _replace_arrays(graph, number, arrays)
    return f"{_words(graph, number)}: {name}"


_RESHAPES: list[tuple[str, Callable[[Any], Any]]] = [
    ("without the last row", lambda array: array[:-1].copy()),
    ("without the last column", lambda array: array[:, :-1].copy()),
    ("with one more row", lambda array: np.concatenate([array, array[-1:]])),
    ("with one more column", lambda array: np.concatenate([array, array[:, -1:]], axis=1)),
    ("empty", lambda array: array[:0].copy()),
    ("one row only", lambda array: array[:1].copy()),
    ("transposed", lambda array: array.T.copy()),
    ("in Fortran order", lambda array: np.asfortranarray(array)),
    ("flat", lambda array: array.ravel().copy()),
    ("with one more axis", lambda array: array[None].copy()),
    ("without axes", lambda array: array.ravel()[0:1].reshape(()).copy()),
]


def _change_dtype(graph: Graph, choose: random.Random) -> str:
    if not graph.arrays:
        return ""
    number = choose.choice(list(graph.arrays))
    dtype = np.dtype(choose.choice(_DTYPES))
    try:
        with np.errstate(all="ignore"):
            arrays = [array.astype(dtype) for array in graph.arrays[number]]
    except Exception:  # numpy raises errors of many types for what cannot be cast
        return ""
    _replace_arrays(graph, number, arrays)
    return f"{_words(graph, number)}: as {dtype}"


def _replace_arrays(graph: Graph, number: int, arrays: list[Any]) -> None:
    """Put arrays of another shape or dtype in the place of those of a node."""
    lengths = [len(array) for array in arrays] if len(arrays) > 1 and arrays[0].ndim else None
    is_uniform = lengths is None or lengths.count(lengths[0]) == len(lengths)
    order, strides = array_layout(arrays[0])
    graph.nodes[number] = Arrays(
        dtype=json.loads(json.dumps(describe_dtype(arrays[0].dtype))),
        shape=list(arrays[0].shape if is_uniform else arrays[0].shape[1:]),
        rows=len(arrays),
        lengths=None if is_uniform else lengths,
        order=order,
        strides=strides,
    )
    graph.arrays[number] = arrays


def _change_fields(graph: Graph, choose: random.Random) -> str:
    """Drop, rename, exchange or copy fields of one table."""
    number = choose.randrange(len(graph.nodes))
    node = graph.nodes[number]
    if not isinstance(node, Instances) or not node.fields:
        return ""
    first, second = choose.choice(list(node.fields)), choose.choice(list(node.fields))
    how = choose.choice(("drop", "drop", "exchange", "copy", "rename"))
    if how == "drop":
        del node.fields[first]
    elif how == "exchange":
        node.fields[first], node.fields[second] = node.fields[second], node.fields[first]
    elif how == "copy":
        node.fields[second] = copy.deepcopy(node.fields[first])
    else:
        second = choose.choice(("predict", "__class__", "_impl", "_sparse_predict", "n_jobs", "_fit_X", "note"))
        node.fields[second] = node.fields.pop(first)
    return f"{_words(graph, number)}: {how} {first}, {second}"


def _change_length(graph: Graph, choose: random.Random) -> str:
    """Take an item out of a list or dictionary, or put one in twice."""
    number = choose.randrange(len(graph.nodes))
    node = graph.nodes[number]
    if getattr(node, "rows", 1) != 1 or not isinstance(node, (Sequences, Mappings, ObjectArray)):
        return ""
    columns = [column for _, column, _ in columns_of(node)]
    if not columns or any(type(column) is not list or not column for column in columns):
        return ""
    position = choose.randrange(len(columns[0]))
    takes_out = choose.random() < 0.5 or isinstance(node, Mappings)
    for column in columns:
        column[position : position + 1] = [] if takes_out else [column[position]] * 2
    if isinstance(node, ObjectArray):
        node.shape = [len(columns[0])]
    elif isinstance(node, Mappings):
        node.length = len(columns[0])
    else:
        node.lengths = len(columns[0])
    return f"{_words(graph, number)}: item {position} {'left out' if takes_out else 'twice'}"


def _change_type(graph: Graph, choose: random.Random) -> str:
    number = choose.randrange(len(graph.nodes))
    node = graph.nodes[number]
    constructed = [index for index, name in enumerate(graph.names) if name.role == "constructed"]
    if not isinstance(node, Instances):
        return ""
    if choose.random() < 0.5:
        name = Name(choose.choice(_TYPES), "constructed")
        if name not in graph.names:
            graph.names.append(name)
        constructed = [graph.names.index(name)]
    node.type = choose.choice(constructed)
    return f"node {number} is a {graph.names[node.type].name}"


_TYPES = (
    "sklearn.cluster.KMeans",
    "sklearn.ensemble.RandomForestClassifier",
    "sklearn.neighbors.KDTree",
    "sklearn.neighbors.KNeighborsClassifier",
    "sklearn.svm.SVC",
    "sklearn.tree.DecisionTreeClassifier",
    "sklearn.tree.Tree",
    "sklearn.utils.Bunch",
    "scipy.sparse.csc_matrix",
    "scipy.sparse.csr_matrix",
    "scipy.sparse.coo_matrix",
)


def _add_link(graph: Graph, choose: random.Random) -> str:
    """Let something stand, when all is checked, where something else was."""
    number, node, _ = _places(graph, choose)
    target = _reference(graph, choose, len(graph.nodes))
    if isinstance(node, Instances) and node.fields:
        slot: str | int = choose.choice(list(node.fields))
    elif isinstance(node, (Sequences, Mappings, ObjectArray)):
        slot = 0
    else:
        return ""
    row = choose.randrange(getattr(node, "rows", 1))
    graph.links.append(Link(number, row, slot, target[0], target[1] if len(target) == 2 else 0))
    return f"{_words(graph, number)}: {slot!r} of row {row} is linked to {_words(graph, target[0])}"


def _change_rows(graph: Graph, choose: random.Random) -> str:
    """Let a column take the rows of another table, or one value everywhere."""
    number = choose.randrange(len(graph.nodes))
    node = graph.nodes[number]
    if not isinstance(node, Instances) or node.rows == 1:
        return ""
    field = choose.choice(list(node.fields))
    alike = [index for index in range(number) if getattr(graph.nodes[index], "rows", 1) == node.rows]
    if alike and choose.random() < 0.5:
        node.fields[field] = Rows(choose.choice(alike))
    else:
        node.fields[field] = Same(_reference(graph, choose, number) if choose.random() < 0.7 and number else -1)
    return f"{_words(graph, number)}: {field} is {node.fields[field]!r}"


def _words(graph: Graph, number: int) -> str:
    node = graph.nodes[number]
    if isinstance(node, Instances):
        return f"node {number} ({graph.names[node.type].name})"
    users = [
        f"{graph.names[user.type].name}{place}"
        for user in graph.nodes
        for place, target, _ in references_of(user)
        if target == number and isinstance(user, Instances)
    ]
    return f"node {number} ({type(node).__name__.lower()}, {', '.join(users[:2]) or 'inner'})"


_CHANGES = (
    *(_change_items,) * 6,
    *(_reshape,) * 5,
    *(_change_number,) * 5,
    *(_redirect,) * 4,
    *(_change_dtype,) * 3,
    *(_change_kind,) * 3,
    *(_change_fields,) * 3,
    _change_length,
    _change_rows,
    _change_rows,
    _change_type,
    _add_link,
)
