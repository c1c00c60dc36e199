"""The grammar of graphs as a strategy of hypothesis: any types, with the fields they have and values they do not.

The catalogue of types and fields is read from models of the zoo; what stands in a field is any value, any array, or any
earlier node, so a validator meets state that no single change of an honest model gives.
"""

from __future__ import annotations

import functools
import json
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as numpy_strategies

from fuzzing.seeds import load_seed
from hermetic.columns import array_layout
from hermetic.dtypes import describe_dtype
from hermetic.graph import Arrays, Graph, Instances, Link, Mappings, Name, ObjectArray, Same, Sequences

__all__ = ["MODELS", "catalogue", "graphs"]

MODELS = (
    *("DecisionTreeClassifier-fitted", "RandomForestRegressor-fitted", "GradientBoostingClassifier-fitted"),
    *("histogram-categories", "NearestNeighbors-algorithm=ball_tree", "KNeighborsClassifier-algorithm=kd_tree"),
    *(
        "svc-sparse",
        "KMeans-fitted",
        "bisecting-sparse",
        "birch-leaves",
        "hierarchical-density",
        "TfidfVectorizer-fitted",
    ),
    *("one-hot-infrequent", "spline-quantile-sparse", "IsotonicRegression-fitted", "GaussianMixture-fitted"),
    *("MLPClassifier-fitted", "sgd-averaged", "GridSearchCV-fitted", "stacking", "imputer-neighbours"),
)
"""Names of seeds."""

_INTEGERS = st.sampled_from([0, 1, -1, 2, 3, 4, 7, 255, 1 << 31, -(1 << 31), (1 << 53) - 1])
_VALUES = st.one_of(
    st.none(),
    st.booleans(),
    _INTEGERS,
    st.integers(-(1 << 53), 1 << 53),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["", "auto", "euclidean", "linear", "rbf", "hard", "numpy", "lbfgs"]),
    st.sampled_from([{"float": "nan"}, {"float": "-inf"}, {"int": hex(1 << 63)}, {"numpy": ["<i8", 3]}, {"bytes": ""}]),
    st.lists(_INTEGERS, max_size=3).map(lambda items: {"tuple": items}),
)
_DTYPES = st.sampled_from(["<f8", "<f4", "<i8", "<i4", "|i1", "|u1", "|b1", "<u4", ">f8", "<U3"]).map(np.dtype)


@functools.cache
def catalogue() -> tuple[dict[str, tuple[str, ...]], tuple[Any, ...]]:
    """Give the fields of each type of the models, and the dtypes of their arrays."""
    fields: dict[str, tuple[str, ...]] = {}
    dtypes: dict[str, Any] = {}
    for model in MODELS:
        graph = load_seed(model).graph
        for node in graph.nodes:
            if isinstance(node, Instances):
                fields.setdefault(graph.names[node.type].name, tuple(node.fields))
        for arrays in graph.arrays.values():
            dtypes.setdefault(str(arrays[0].dtype), arrays[0].dtype)
    return fields, tuple(dtypes.values())


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Give a graph of one to eight nodes whose references are right and whose state is anything."""
    graph = Graph(names=[], nodes=[], root=None)
    for number in range(draw(st.integers(1, 8))):
        kind = draw(st.sampled_from(["instances", "instances", "arrays", "arrays", "sequences", "mappings", "objects"]))
        _ADDERS[kind](draw, graph, number)
    if draw(st.integers(0, 4)) == 0:
        _add_link(draw, graph)
    # Everything is used: the root is a list of all nodes.
    references = [[number] if _rows(graph, number) == 1 else [number, 0] for number in range(len(graph.nodes))]
    graph.nodes.append(Sequences("list", len(references), [references]))
    graph.root = [len(graph.nodes) - 1]
    return graph


def _rows(graph: Graph, number: int) -> int:
    return getattr(graph.nodes[number], "rows", 1)


def _value(draw: st.DrawFn, graph: Graph) -> Any:
    if graph.nodes and draw(st.booleans()):
        number = draw(st.integers(0, len(graph.nodes) - 1))
        rows = _rows(graph, number)
        return [number] if rows == 1 else [number, draw(st.integers(0, rows - 1))]
    return draw(_VALUES)


def _add_instances(draw: st.DrawFn, graph: Graph, number: int) -> None:
    fields, _ = catalogue()
    name = Name(draw(st.sampled_from(sorted(fields))), "constructed")
    if name not in graph.names:
        graph.names.append(name)
    kept = [field for field in fields[name.name] if draw(st.integers(0, 9)) < 9]
    rows = draw(st.sampled_from([1, 1, 1, 2]))
    if rows == 1:
        state = {field: _value(draw, graph) for field in kept}
    else:
        state = {field: _column(draw, graph, rows) for field in kept}
    graph.nodes.append(Instances(graph.names.index(name), state, rows))


def _column(draw: st.DrawFn, graph: Graph, rows: int) -> Any:
    return Same(_value(draw, graph)) if draw(st.booleans()) else [_value(draw, graph) for _ in range(rows)]


def _add_arrays(draw: st.DrawFn, graph: Graph, number: int) -> None:
    _, dtypes = catalogue()
    dtype = draw(st.one_of(_DTYPES, st.sampled_from(dtypes)))
    shape = tuple(draw(st.lists(st.integers(0, 4), max_size=3)))
    if dtype.names:
        array = np.frombuffer(draw(st.binary(min_size=4 * dtype.itemsize, max_size=4 * dtype.itemsize)), dtype=dtype)
    else:
        array = draw(numpy_strategies.arrays(dtype, shape, elements=_elements(dtype)))
    order, strides = array_layout(array)
    description = json.loads(json.dumps(describe_dtype(array.dtype)))
    graph.arrays[number] = [array]
    graph.nodes.append(Arrays(dtype=description, shape=list(array.shape), order=order, strides=strides))


def _elements(dtype: Any) -> Any:
    if dtype.kind in "iu":
        bounds = np.iinfo(dtype)
        return st.one_of(st.integers(max(bounds.min, -1), 5), st.sampled_from([int(bounds.min), int(bounds.max)]))
    if dtype.kind == "f":
        return st.sampled_from([0.0, 1.0, -1.0, 0.5, float("nan"), float("inf"), 1e30])
    return None


def _add_sequences(draw: st.DrawFn, graph: Graph, number: int) -> None:
    items = [_value(draw, graph) for _ in range(draw(st.integers(0, 4)))]
    graph.nodes.append(Sequences(draw(st.sampled_from(["list", "list", "tuple", "set"])), len(items), [items]))


def _add_mappings(draw: st.DrawFn, graph: Graph, number: int) -> None:
    keys = draw(st.lists(st.sampled_from(["a", "b", "c", 1, 2]), unique=True, max_size=3))
    graph.nodes.append(Mappings(len(keys), keys, [[_value(draw, graph) for _ in keys]]))


def _add_objects(draw: st.DrawFn, graph: Graph, number: int) -> None:
    shape = draw(st.sampled_from([[0], [1], [2], [1, 2], [2, 1]]))
    graph.nodes.append(ObjectArray(shape, [_value(draw, graph) for _ in range(int(np.prod(shape)))]))


def _add_link(draw: st.DrawFn, graph: Graph) -> None:
    number = draw(st.integers(0, len(graph.nodes) - 1))
    node = graph.nodes[number]
    slot: str | int = 0
    if isinstance(node, Instances) and node.fields:
        slot = draw(st.sampled_from(list(node.fields)))
    graph.links.append(Link(number, 0, slot, draw(st.integers(0, len(graph.nodes) - 1)), 0))


_ADDERS = {
    "instances": _add_instances,
    "arrays": _add_arrays,
    "sequences": _add_sequences,
    "mappings": _add_mappings,
    "objects": _add_objects,
}
