"""Sealed rows: exactly what a sealed field contains, at any depth and in every form of table, and nothing beside it."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler

import hermetic
from hermetic.codecs.registry import codec_of_name
from hermetic.codecs.sealed import is_open_to_link, sealed_rows
from hermetic.errors import InvalidState
from hermetic.graph import (
    Arrays,
    Column,
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

SCALER = Name("sklearn.preprocessing.StandardScaler", "constructed")
FIELD = "n_features_in_"  # of every estimator, and sealed
THREE = Sequences("list", 0, [], rows=3)  # three empty lists: what a container may refer to


def _sealed(container: Node, field: Any) -> list[list[int]]:
    """Give the sealed rows of three lists and of a container of them, some of which is a model's sealed field."""
    rows = len(field) if type(field) is list and type(field[0]) is list else 1
    model = Instances(type=0, fields={FIELD: field}, rows=rows)
    found = sealed_rows(Graph(names=[SCALER], nodes=[THREE, container, model], root=[2]))
    assert 2 not in found
    return [[row for row, flag in enumerate(found.get(number, ())) if flag] for number in (0, 1)]


def _lists(*columns: Column, lengths: int | list[int] = 1, rows: int = 3) -> Sequences:
    return Sequences("list", lengths, [*columns], rows=rows)


CONTAINERS: dict[str, tuple[Node, Any, list[list[int]]]] = {
    "values": (_lists([[0, 2], [0, 1], [0]]), [1, 1], [[1], [1]]),
    "first row": (_lists([[0, 2], [0, 1], [0]]), [1], [[2], [0]]),
    "plain values beside": (_lists([7, [0, 1], None]), [1, 0], [[], [0]]),
    "one for all": (_lists(Same([0, 1])), [1, 2], [[1], [2]]),
    "all rows of another": (_lists(Rows(0)), [1, 2], [[2], [2]]),
    "but for exceptions": (_lists(Rows(0, {0: None}), rows=4), [1, 3], [[2], [3]]),
    "an exception": (_lists(Rows(0, {1: [0, 0]}), rows=4), [1, 1], [[0], [1]]),
    "packed": (_lists(Packed("int", [1, 2, 3])), [1, 1], [[], [1]]),
    "packed and not read": (_lists(Packed("int", None)), [1, 1], [[], [1]]),
    "two columns": (_lists([[0, 0], 1, 2], [1, [0, 1], [0, 2]], lengths=2), [1, 2], [[2], [2]]),
    "unequal lengths": (_lists([[0], [0, 1], [0, 2]], lengths=[0, 2, 1]), [1, 1], [[0, 1], [1]]),
    "of unequal lengths the empty one": (_lists(Same([0, 1]), lengths=[0, 2, 1]), [1], [[], [0]]),
    "of unequal lengths the last one": (_lists([[0], [0, 1], [0, 2]], lengths=[0, 2, 1]), [1, 2], [[2], [2]]),
    "one list": (_lists([[0, 1], [0, 2]], lengths=2, rows=1), [1], [[1, 2], [0]]),
    "a tuple": (Sequences("tuple", 1, [[[0, 1], [0, 2]]], rows=2), [1, 1], [[2], [1]]),
    "dictionaries": (Mappings(1, ["a"], [[[0, 1], [0, 2]]], rows=2), [1, 1], [[2], [1]]),
    "one dictionary": (Mappings(2, ["a", "b"], [[[0, 1], 3]]), [1], [[1], [0]]),
    "a key": (Mappings(2, ["a", [0, 2]], [[[0, 1], 3]]), [1], [[1, 2], [0]]),
    "an array of objects": (ObjectArray([2], [[0, 1], [0, 2]]), [1], [[1, 2], [0]]),
    "several models": (_lists([[0, 2], [0, 1], [0]]), [[1, 1], [1, 2]], [[0, 1], [1, 2]]),
    "a plain number": (_lists([[0, 2], [0, 1], [0]]), 2, [[], []]),
}


@pytest.mark.parametrize("case", CONTAINERS)
def test_what_a_field_contains_is_sealed_and_nothing_beside_it(case: str) -> None:
    container, field, expected = CONTAINERS[case]
    assert _sealed(container, field) == expected


def test_rows_of_several_models_are_sealed_at_once() -> None:
    lists = _lists([[0, 2], [0, 1]], rows=2)
    model = Instances(type=0, fields={FIELD: Rows(1), "mean_": Rows(1)}, rows=2)
    sealed = sealed_rows(Graph(names=[SCALER], nodes=[THREE, lists, model], root=[2]))
    assert sealed == {1: bytearray(b"\1\1"), 0: bytearray(b"\0\1\1")}


def test_a_field_that_nothing_relies_on_seals_nothing() -> None:
    model = Instances(type=0, fields={"note_": [0, 1]})
    assert sealed_rows(Graph(names=[SCALER], nodes=[THREE, model], root=[1])) == {}


@pytest.mark.parametrize("field", ["_sign", "note_"])
def test_a_link_into_a_field_that_the_object_no_longer_has_is_closed(field: str) -> None:
    # Migrations give fields other names; a link to the old one would set what the new one's check has looked at.
    scorer = Instances(type=0, fields={"sign": 1})
    graph = Graph(names=[Name("sklearn.metrics._PredictScorer", "constructed")], nodes=[scorer], root=[0])
    assert not is_open_to_link(graph, Link(0, 0, field, 0, 0), {})
    scorer.fields["note_"] = None
    codec = codec_of_name("sklearn.metrics._PredictScorer")
    assert codec is not None
    assert is_open_to_link(graph, Link(0, 0, "note_", 0, 0), {}) == codec.is_linkable


def test_objects_and_arrays_in_a_field_are_not_sealed_themselves() -> None:
    nodes = [Arrays("<f8", [1]), Instances(type=0, fields={}), _lists([[0], [1]], lengths=2, rows=1)]
    model = Instances(type=0, fields={FIELD: [2]})
    assert sealed_rows(Graph(names=[SCALER], nodes=[*nodes, model], root=[3])) == {2: bytearray(b"\1")}


def _any_containers(choose: random.Random) -> list[Any]:
    """Give lists, dictionaries and arrays that hold earlier ones of them: a few shapes, so that some share a table."""
    containers: list[Any] = [[0], [0]]
    for _ in range(choose.randrange(2, 12)):
        items = [choose.choice([7, None, choose.choice(containers)]) for _ in range(choose.choice((1, 2, 2, 3)))]
        kind = choose.randrange(8)
        if kind == 0:
            containers.append({"a": items[0], "b": items[-1]})
        elif kind == 1:
            array = np.empty(len(items), dtype=object)
            for place, item in enumerate(items):
                array[place] = item
            containers.append(array)
        else:
            containers.append(items)
    return containers


def _reachable(value: Any, seen: dict[int, Any]) -> dict[int, Any]:
    if id(value) not in seen and isinstance(value, (list, dict, np.ndarray)):
        seen[id(value)] = value
        for inner in value.values() if isinstance(value, dict) else value:
            _reachable(inner, seen)
    return seen


@pytest.mark.parametrize("number", range(150))
def test_a_cycle_is_refused_exactly_when_the_field_reaches_it(number: int) -> None:
    choose = random.Random(number)
    containers = _any_containers(choose)
    model = StandardScaler()
    model.n_features_in_ = choose.choice(containers)
    looped = choose.choice([one for one in containers if isinstance(one, list)])
    looped[choose.randrange(len(looped))] = looped
    choose.shuffle(containers)
    file = hermetic.dumps([containers, model])
    if id(looped) in _reachable(model.n_features_in_, {}):
        with pytest.raises(InvalidState, match="a cycle passes through"):
            hermetic.loads(file)
    else:
        assert hermetic.dumps(hermetic.loads(file)) == file
