"""Models as another release of scikit-learn writes them, made by hand from those of the installed one.

What another release really writes is tested with that release (tests/releases); here each change is looked at alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sklearn

from hermetic.capture import capture
from hermetic.dtypes import describe_dtype
from hermetic.errors import UnsupportedVersion
from hermetic.graph import Arrays, Graph, Instances
from hermetic.migrate import migrate
from hermetic.restore import restore
from hermetic.stages import ApprovedGraph
from hermetic.validate import validate

__all__ = [
    "GONE",
    "array_in",
    "brought_up",
    "brought_up_after",
    "fields_of",
    "graph_of_release",
    "refusal_of",
    "taken_back",
]

GONE = object()
"""In place of a value: the older release does not have the field."""


def graph_of_release(model: Any, tables: dict[str, dict[str, Any]]) -> Graph:
    """Give the graph of a model with some fields of some types as another release has them."""
    graph = capture(model)
    for node in graph.nodes:
        if isinstance(node, Instances):
            for field, value in tables.get(graph.names[node.type].name, {}).items():
                node.fields.pop(field, None)
                if value is not GONE:
                    node.fields[field] = value
    return graph


def brought_up(model: Any, release: str, tables: dict[str, dict[str, Any]]) -> Any:
    """Give the model as it is loaded here when `release` has written those fields."""
    approved = ApprovedGraph(graph=graph_of_release(model, tables))
    return restore(validate(migrate(approved, written_by={"scikit-learn": release})))


def brought_up_after(model: Any, release: str, alter: Callable[[Graph], None]) -> Any:
    """Give the model as it is loaded here when `release` has written it, with a graph that `alter` has made older."""
    graph = capture(model)
    alter(graph)
    return restore(validate(migrate(ApprovedGraph(graph=graph), written_by={"scikit-learn": release})))


def array_in(graph: Graph, array: Any) -> list[int]:
    """Give the reference to a new array in a graph, in front of everything that is to refer to it."""
    for node in graph.nodes:
        assert not isinstance(node, Arrays) or node.pool < 0
    graph.nodes.append(Arrays(dtype=describe_dtype(array.dtype), shape=list(array.shape)))
    graph.arrays[len(graph.nodes) - 1] = [array]
    return [len(graph.nodes) - 1]


def taken_back(model: Any, release: str, monkeypatch: pytest.MonkeyPatch, **fields: Any) -> Graph:
    """Give the graph of a model of the installed release, brought back to an older one."""
    written = sklearn.__version__
    tables = {name.name: fields for name in capture(model).names} if fields else {}
    graph = graph_of_release(model, tables)
    monkeypatch.setattr(sklearn, "__version__", release)
    return migrate(ApprovedGraph(graph=graph), written_by={"scikit-learn": written}).graph


def fields_of(graph: Graph, name: str) -> dict[str, Any]:
    """Give the fields of the first table of a type."""
    return next(
        node.fields for node in graph.nodes if isinstance(node, Instances) and graph.names[node.type].name == name
    )


def refusal_of(model: Any, release: str, tables: dict[str, dict[str, Any]]) -> str:
    """Give the words with which a model of another release is refused."""
    with pytest.raises(UnsupportedVersion) as refused:
        brought_up(model, release, tables)
    return refused.value.found
