"""How tests of codecs bring an object back, and make hostile states: a captured graph, one field of it changed."""

from __future__ import annotations

import copy
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import sklearn

import hermetic
from hermetic.capture import capture
from hermetic.errors import InvalidState
from hermetic.graph import Arrays, Graph, Instances, Sequences
from hermetic.limits import DEFAULT_LIMITS
from hermetic.migrate import migrate
from hermetic.normalize import normalize
from hermetic.policy import approve
from hermetic.restore import restore
from hermetic.validate import validate

__all__ = ["all_in_use", "bring_back", "change", "dumps_elsewhere", "refuse", "through_the_gates"]


def bring_back(value: Any) -> Any:
    """Give a value after a round trip that has proved the law: the same bytes before and after."""
    saved = hermetic.dumps(value)
    restored = hermetic.loads(saved)
    assert hermetic.dumps(restored) == saved
    return restored


def through_the_gates(graph: Graph) -> Any:
    """Restore a graph as load does."""
    neutral = normalize(graph, limits=DEFAULT_LIMITS)
    return restore(validate(migrate(approve(neutral), written_by={"scikit-learn": sklearn.__version__})))


def change(value: Any, type_name: str, field: str, new: Any) -> Graph:
    """Capture a value and change one field of the first table of a type; a function gets the old value."""
    graph = capture(value)
    graph.arrays = {number: [array.copy() for array in arrays] for number, arrays in graph.arrays.items()}
    node = next(
        node for node in graph.nodes if isinstance(node, Instances) and graph.names[node.type].name == type_name
    )
    old = node.fields.get(field)
    is_reference = node.rows == 1 and type(old) is list
    array_number = old[0] if is_reference and isinstance(graph.nodes[old[0]], Arrays) else None
    if callable(new):
        new = new(graph.arrays[array_number][0] if array_number is not None else copy.deepcopy(old))
    if isinstance(new, np.ndarray) and array_number is not None:
        graph.arrays[array_number] = [new]
    else:
        node.fields[field] = new
    return graph


def all_in_use(graph: Graph) -> Graph:
    """Keep what a changed field no longer refers to: a graph is refused for that alone, before any codec looks."""
    references = [[number] if node.rows == 1 else [number, 0] for number, node in enumerate(graph.nodes)]
    graph.nodes.append(Sequences("list", len(references), [references]))
    graph.root = [len(references)]
    return graph


def refuse(value: Any, type_name: str, field: str, new: Any, words: str | None = None) -> None:
    """Assert that a value with one field changed is refused, with these words."""
    with pytest.raises(InvalidState, match=words):
        through_the_gates(change(value, type_name, field, new))


def dumps_elsewhere(code: str, name: str = "value") -> bytes:
    """Run code in a process with another hash seed, and give the bytes that it dumps `name` to."""
    script = f"import sys, hermetic\n{code}\nsys.stdout.buffer.write(hermetic.dumps({name}))"
    environment = {"PYTHONHASHSEED": "7", "PYTHONPATH": ":".join(sys.path)}
    return subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, check=True).stdout


Change = Callable[[Any], Any]
