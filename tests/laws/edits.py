"""Every single edit of a file's graph that a test can think of, and the honest values to edit."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

__all__ = ["HONEST", "REPLACEMENTS", "edited", "places_in"]

Place = tuple[Any, ...]


def _circle() -> list[Any]:
    circle: list[Any] = [1, {"a": None}, np.array([None, "x"], dtype=object)]
    circle[1]["a"] = circle[2][0] = circle
    return circle


def _forest() -> Any:
    X = np.arange(24.0).reshape(12, 2)
    return make_pipeline(StandardScaler(), RandomForestClassifier(2, max_depth=2, random_state=0)).fit(X, X[:, 0] > 9)


HONEST: dict[str, Callable[[], Any]] = {
    "scalars": lambda: [
        1,
        1.5,
        "a",
        None,
        True,
        float("nan"),
        2**70,
        b"b",
        2j,
        (1, "t"),
        np.float32(2),
        np.dtype("f4"),
    ],
    "packed": lambda: [list(range(20)), [0.5 * n for n in range(20)], [str(n) for n in range(20)], [True, False] * 10],
    "numpy-column": lambda: [np.float32(number) for number in range(20)],
    "rows": lambda: [*[{"a": n, "b": [n]} for n in range(20)], None],
    "ragged": lambda: [[1] * n for n in range(20)],
    "sets": lambda: {"set": {1, "a"}, 5: frozenset({(1, 2), None}), None: ()},
    "arrays": lambda: [np.arange(6.0).reshape(2, 3), np.ones((3, 2), order="F"), np.ones((3, 4))[:, :2], np.ones(600)],
    "records": lambda: np.zeros(3, dtype=[("a", "<i4"), ("b", ">f8", (2,))]),
    "array-rows": lambda: [np.arange(n) for n in range(20)],
    "functions": lambda: [np.log1p, np.float64, abs],
    "circle": _circle,
    "forest": _forest,
}

REPLACEMENTS: list[Any] = [
    *(None, True, -1, 0, 1, 2, 7, 2**31, 2**53, 2**62, 2**64, 10**40, -(2**63), 0.5, 1e300, -0.0),
    *(
        "",
        "a",
        "list",
        "tuple",
        "set",
        "A",
        "F",
        "<f8",
        "|O",
        "arrays",
        "text.txt",
        "graph.json",
        "constructed",
        "called",
    ),
    *([], [0], [0, 0], [-1], [1, 2, 3], [[0]], [2**40] * 3, [0, 2**46, 2**12], ["a"]),
    *({}, {"same": 1}, {"rows": 0}, {"int": [0, 0]}, {"text": [0, 1, "\n"]}, {"name": 0}, {"tuple": [{}]}),
    *({"rows": 0, "except": [[0, None]]}, {"float": "nan"}, {"numpy": [0, 0, 5]}, {"dtype": "<f8"}, {"formats": 1}),
]


def places_in(graph: Any) -> list[Place]:
    """Give the path of every value in a document of JSON, its root left out."""
    return list(_walk(graph, ()))


def _walk(value: Any, place: Place) -> Iterator[Place]:
    pairs: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield (*place, key)
        yield from _walk(inner, (*place, key))


def edited(graph: Any, place: Place, action: str, other: Any) -> Any:
    """Give the document with one edit: ``replace``, ``drop``, ``repeat`` a value, or ``swap`` it with a neighbour."""
    graph = copy.deepcopy(graph)
    holder = graph
    for key in place[:-1]:
        holder = holder[key]
    key = place[-1]
    keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
    neighbour = keys[keys.index(key) - 1]
    if action == "replace":
        holder[key] = other
    elif action == "swap":
        holder[key], holder[neighbour] = holder[neighbour], holder[key]
    elif action == "repeat" and isinstance(holder, list):
        holder.insert(key, copy.deepcopy(holder[key]))
    else:
        del holder[key]
    return graph
