"""Walking over nodes: every column and every reference of every kind of node, and nodes with other columns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hermetic.capture import capture
from hermetic.graph import Arrays, Instances, Mappings, ObjectArray, Packed, Rows, Same, Sequences
from hermetic.graph_walk import columns_of, first_node_met_too_often, references_of, with_columns

PACKED = Packed("int", [1, 2])

# node, its columns, its references
NODES: dict[str, tuple[Any, list[Any], list[Any]]] = {
    "one instance": (
        Instances(type=0, fields={"a": [4], "b": [5, 2], "c": 1, "d": {"name": 0}}),
        [(".a", [[4]], 1), (".b", [[5, 2]], 1), (".c", [1], 1), (".d", [{"name": 0}], 1)],
        [(".a", 4, 0), (".b", 5, 2)],
    ),
    "two instances": (
        Instances(type=0, fields={"a": [[4], 1], "b": Rows(5, {0: [6]}), "c": Same([7, 1]), "d": PACKED}, rows=2),
        [(".a", [[4], 1], 2), (".b", Rows(5, {0: [6]}), 2), (".c", Same([7, 1]), 2), (".d", PACKED, 2)],
        [(".a", 4, 0), (".b", 5, None), (".b", 6, 0), (".c", 7, 1)],
    ),
    "one list": (
        Sequences("list", 3, [[1, [2], [3, 1]]]),
        [("[...]", [1, [2], [3, 1]], 3)],
        [("[...]", 2, 0), ("[...]", 3, 1)],
    ),
    "two lists by position": (
        Sequences("list", 2, [Rows(1), [1, [2]]], 2),
        [("[0]", Rows(1), 2), ("[1]", [1, [2]], 2)],
        [("[0]", 1, None), ("[1]", 2, 0)],
    ),
    "two lists end to end": (Sequences("list", [1, 2], [Same([0])], 2), [("[...]", Same([0]), 3)], [("[...]", 0, 0)]),
    "empty lists": (Sequences("list", 0, [], 2), [], []),
    "one dictionary": (
        Mappings(2, [[0], "k"], [[1, [1]]]),
        [(".keys()", [[0], "k"], 2), ("[...]", [1, [1]], 2)],
        [(".keys()", 0, 0), ("[...]", 1, 0)],
    ),
    "two dictionaries": (
        Mappings(2, ["a", "b"], [[1, [2]], Rows(3)], 2),
        [("['a']", [1, [2]], 2), ("['b']", Rows(3), 2)],
        [("['a']", 2, 0), ("['b']", 3, None)],
    ),
    "objects": (ObjectArray([2, 2], [1, [0], 1, 1]), [("[...]", [1, [0], 1, 1], 4)], [("[...]", 0, 0)]),
    "an object": (ObjectArray([], [1]), [("[...]", [1], 1)], []),
    "arrays": (Arrays("<f8", [2], rows=3), [], []),
}


@pytest.mark.parametrize("name", NODES)
def test_a_node_gives_its_columns_with_their_places_and_lengths(name: str):
    node, columns, _ = NODES[name]
    assert list(columns_of(node)) == columns


@pytest.mark.parametrize("name", NODES)
def test_a_node_gives_everything_that_it_refers_to(name: str):
    node, _, references = NODES[name]
    assert list(references_of(node)) == references


@pytest.mark.parametrize("name", NODES)
def test_columns_are_changed_in_the_order_in_which_they_lie_and_the_node_stays_as_it_was(name: str):
    node, columns, _ = NODES[name]
    before = repr(node)
    met: list[Any] = []
    new = with_columns(node, lambda column, length: met.append((column, length)) or column)
    expected = [] if name == "one instance" else [(column, length) for _, column, length in columns]
    assert met == expected
    assert (new, repr(node)) == (node, before)


@pytest.mark.parametrize("name", NODES)
def test_changed_columns_stand_in_the_new_node(name: str):
    node, columns, _ = NODES[name]
    marked = with_columns(node, lambda column, length: Same(length))
    if name not in ("one instance", "arrays"):
        assert [column for _, column, _ in columns_of(marked)] == [Same(length) for _, _, length in columns]
    else:
        assert marked is node


def test_a_dictionary_table_whose_keys_and_columns_do_not_match_is_no_silent_loss():
    with pytest.raises(ValueError, match="shorter"):
        list(columns_of(Mappings(2, ["a", "b"], [[1, 2]], 2)))


@pytest.mark.parametrize("shape", [[2**40, 2**40], [2**62, 2], [2**52] * 100_000])
def test_the_length_of_a_hostile_shape_stays_a_small_number(shape: list[int]):
    [(_, _, length)] = columns_of(ObjectArray(shape, []))
    assert 2**62 < length < 2**126


def _nested(levels: int, times: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels):
        value = [value] * times
    return value


def _brute_force(value: Any) -> int:
    """Count as somebody who remembers nothing would."""
    if isinstance(value, dict):
        return 1 + sum(map(_brute_force, value.values()))
    if isinstance(value, np.ndarray):
        return 1 + (sum(map(_brute_force, value.ravel().tolist())) if value.dtype.hasobject else 0)
    if isinstance(value, list):
        return 1 + sum(map(_brute_force, value))
    return 0


_SHARED = [[], {}]
COUNTED: dict[str, Any] = {
    "numbers": [1, 2, 3],
    "one list": [[]],
    "twice two": _nested(2, 2),
    "five times three": _nested(5, 3),
    "a list of one thing": [_SHARED] * 40,
    "lists of equal length": [[_SHARED, []] for _ in range(5)],
    "lists of other lengths": [[_SHARED] * number for number in range(6)],
    "lists of numbers of other lengths": [list(range(number)) for number in range(6)],
    "dictionaries": [{"a": _SHARED, "b": []} for _ in range(5)],
    "dictionaries with a number among them": [{"a": _SHARED if number % 2 else number} for number in range(6)],
    "dictionaries of lists": [{"a": [[]] * number} for number in range(6)],
    "a dictionary": {"a": _SHARED, "b": _SHARED, "c": 1},
    "arrays": [np.zeros(2), [np.zeros(2)]],
    "an array of objects": np.array([_SHARED, None, _SHARED, "a"], dtype=object),
}


@pytest.mark.parametrize("name", COUNTED)
def test_what_is_shared_is_met_each_time(name: str):
    value = COUNTED[name]
    graph = capture(value)
    expected = _brute_force(value)
    assert first_node_met_too_often(graph, expected) is None
    assert first_node_met_too_often(graph, expected - 1) == graph.root[0]


def test_the_first_of_too_many_levels_is_given():
    graph = capture(_nested(60, 2))
    assert first_node_met_too_often(graph, 1 << 50) == 50
