"""States for tables of cases: a field that refers to another object, a field that is gone, a state that is honest."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest

from hermetic.capture import capture
from hermetic.errors import InvalidState
from hermetic.graph import Graph, Instances, Rows
from tests.codecs.hostile import bring_back, change, through_the_gates

__all__ = ["GONE", "Case", "Other", "accept_state", "refuse_state"]

GONE = object()
"""Stands for a field that the file does not have."""


class Other(NamedTuple):
    """Stands for a reference to another object, which the file holds too."""

    value: Any


class Case(NamedTuple):
    """A value, the field of it that is changed, what it becomes, and what the refusal says."""

    value: Any
    type_name: str
    field: str
    new: Any
    words: str | None = None


def refuse_state(case: Case) -> None:
    """Assert that the state of a case is refused, with its words."""
    graph = _graph_of(case)
    with pytest.raises(InvalidState, match=case.words) as caught:
        through_the_gates(graph)
    for words in ("nothing refers to", "not a value"):
        assert words not in str(caught.value), "refused because the graph is broken, not by the rule"


def accept_state(case: Case) -> Any:
    """Give what the state of a case makes; saved again, it comes back with the same bytes."""
    return bring_back(through_the_gates(_graph_of(case))[1])


def _graph_of(case: Case) -> Graph:
    """Capture a list of the other object, the value, and what its field held before: each node needs a reference."""
    value, type_name, field, new, _ = case
    if callable(new) or type(new) is np.ndarray:
        return change([None, value], type_name, field, new)
    # The other object stands first: a reference points backwards.
    graph = capture([new.value if type(new) is Other else None, value])
    top = graph.nodes[graph.root[0]]
    if type(top.columns[0]) is Rows:
        top.columns[0] = [[top.columns[0].node, row] for row in range(2)]
    node = next(
        node
        for node in reversed(graph.nodes)
        if isinstance(node, Instances) and graph.names[node.type].name == type_name
    )
    old = node.fields.pop(field, None)
    if new is not GONE:
        node.fields[field] = top.columns[0][0] if type(new) is Other else new
    top.columns[0].append(old)
    top.lengths += 1
    return graph
