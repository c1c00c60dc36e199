"""What an object holds is read from its graph: every field, key and item, and texts that only equal values share."""

from __future__ import annotations

import datetime
import sys
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import Ridge

from hermetic.capture import capture
from hermetic.graph import Graph
from hermetic.graph_values import Held, Values
from hermetic.inspection.tables import as_place


def values_of(thing: Any) -> tuple[Values, Held]:
    values = Values(capture(thing))
    place = as_place(values.graph.root)
    assert place is not None
    return values, values.held(place)


def inner(values: Values, value: Any) -> Held:
    place = as_place(value)
    assert place is not None
    return values.held(place)


KINDS: dict[str, tuple[Any, str, int]] = {
    "a-list": ([1, "a", None], "list", 3),
    "an-empty-list": ([], "list", 0),
    "a-long-list": (list(range(500)), "list", 500),
    "texts": (["a", "b"] * 60, "list", 120),
    "a-tuple-of-lists": (([1], [2]), "tuple", 2),
    "a-set": ({1, 2, 3}, "set", 3),
    "a-frozen-set": (frozenset("abc"), "frozenset", 3),
    "a-dictionary": ({"a": 1, "b": [2]}, "dict", 2),
    "an-empty-dictionary": ({}, "dict", 0),
    "a-long-dictionary": ({f"key{n}": n for n in range(500)}, "dict", 500),
    "an-object-array": (np.array([["a", None]], dtype=object), "object array", 2),
    "an-array": (np.zeros((4, 5)), "array", 0),
}


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_tells_what_it_is_and_how_much_it_holds(name: str):
    thing, kind, count = KINDS[name]
    _, held = values_of(thing)
    assert (held.kind, len(held.items)) == (kind, count)
    assert held.fields == {}


PLAIN: dict[str, list[Any]] = {
    "integers": [3, 1, 2],
    "texts": ["x", "", "größe", "\u202e"],
    "both": [1, "1", True, None],
    "many-integers": list(range(300, 0, -1)),
    "many-texts": [f"word{n}" for n in range(300)],
    "many-truths": [n % 3 == 0 for n in range(300)],
    "many-floats": [n / 7 for n in range(300)],
}


@pytest.mark.parametrize("name", PLAIN)
def test_plain_items_stand_in_their_order_whether_packed_or_not(name: str):
    _, held = values_of(PLAIN[name])
    assert list(held.items) == PLAIN[name]
    assert [type(item) for item in held.items] == [type(item) for item in PLAIN[name]]


@pytest.mark.parametrize("name", PLAIN)
def test_values_of_dictionaries_stand_beside_their_keys(name: str):
    things = {f"key {position}": item for position, item in enumerate(PLAIN[name])}
    _, held = values_of(things)
    assert held.keys == [repr(key) for key in things]
    assert list(held.items) == list(things.values())


@pytest.mark.parametrize("n_rows", [1, 2, 9, 40])
def test_rows_of_one_table_are_told_apart(n_rows: int):
    things = [{"a": number, "b": [number, -number]} for number in range(n_rows)]
    values, held = values_of(things)
    rows = [inner(values, item) for item in held.items]
    assert [row.items[0] for row in rows] == list(range(n_rows))
    assert [list(inner(values, row.items[1]).items) for row in rows] == [[n, -n] for n in range(n_rows)]


def test_lists_of_unequal_lengths_are_cut_where_they_end():
    things = [list(range(length)) for length in (3, 0, 7, 1, 1, 0, 12, 5, 2, 9, 4)]
    values, held = values_of(things)
    assert [list(inner(values, item).items) for item in held.items] == things


def test_fields_that_are_sometimes_none_stay_in_their_rows():
    things = [Ridge(alpha=float(n), random_state=None if n % 3 else n) for n in range(20)]
    values, held = values_of(things)
    fields = [inner(values, item).fields for item in held.items]
    assert [own["alpha"] for own in fields] == [float(n) for n in range(20)]
    assert [own["random_state"] for own in fields] == [None if n % 3 else n for n in range(20)]


def test_objects_that_are_sometimes_none_stay_in_their_rows():
    things = [{"a": None if number % 3 else [number]} for number in range(20)]
    values, held = values_of(things)
    found = [inner(values, item).items[0] for item in held.items]
    assert [item is None for item in found] == [bool(number % 3) for number in range(20)]
    assert [list(inner(values, item).items) for item in found if item is not None] == [[n] for n in range(0, 20, 3)]


def test_numbers_of_numpy_keep_their_dtype():
    _, held = values_of([np.float32(n) for n in range(40)])
    assert held.items[3] == {"numpy": ["<f4", 3.0]}
    values, held = values_of({"a": np.int8(-3)})
    assert values.text(held.items[0]) == "int8 -3"


def test_an_instance_has_its_class_and_its_fields():
    values, held = values_of(Ridge(alpha=2.0).fit([[0.0], [1.0]], [0.0, 1.0]))
    assert (held.kind, held.type) == ("instance", "sklearn.linear_model.Ridge")
    assert held.fields["alpha"] == 2.0
    place = as_place(held.fields["coef_"])
    assert place is not None and values.array(place).shape == (1,)


def test_trees_of_a_forest_have_arrays_of_their_own():
    X, y = np.arange(40.0).reshape(20, 2), np.arange(20) % 2
    forest = RandomForestClassifier(9, random_state=0).fit(X, y)
    values, held = values_of(forest)
    trees = [inner(values, item) for item in inner(values, held.fields["estimators_"]).items]
    counts = [len(values.array(as_place(inner(values, tree.fields["tree_"]).fields["nodes"]))) for tree in trees]
    assert counts == [tree.tree_.node_count for tree in forest.estimators_]


class Own:
    def __init__(self, **attributes: Any) -> None:
        self.__dict__.update(attributes)


def test_attributes_of_a_class_of_ones_own_are_its_fields():
    _, held = values_of(Own(width=3, fitted_=0.5, größe="x"))
    assert held.type.endswith("Own")
    assert {name: held.fields[name] for name in ("width", "fitted_", "größe")} == {
        "width": 3,
        "fitted_": 0.5,
        "größe": "x",
    }
    assert "state" not in held.fields


def test_a_cycle_leads_back_to_where_it_began():
    cycle: list[Any] = [1]
    cycle.append(cycle)
    values, held = values_of(cycle)
    assert as_place(held.items[1]) == as_place(values.graph.root)


def test_a_cycle_through_a_dictionary_leads_back():
    cycle: dict[str, Any] = {"a": 1}
    cycle["self"] = cycle
    values, held = values_of(cycle)
    assert as_place(dict(zip(held.keys, held.items, strict=True))["'self'"]) == as_place(values.graph.root)


def test_an_object_that_is_shared_has_one_place():
    shared = [1]
    _, held = values_of([shared, shared, [1]])
    places = [as_place(item) for item in held.items]
    assert places[0] == places[1] != places[2]


DIFFERENT: list[tuple[str, Any, Any]] = [
    ("a-number-and-a-truth", 1, True),
    ("a-number-and-a-float", 1, 1.0),
    ("a-number-and-a-text", 1, "1"),
    ("signs-of-zero", 0.0, -0.0),
    ("neighbours", 0.1, np.nextafter(0.1, 1).item()),
    ("large-integers", 2**80, 2**80 + 1),
    ("infinities", float("inf"), float("-inf")),
    ("bytes-and-text", b"a", "a"),
    ("complex-numbers", 1j, 2j),
    ("tuples", (1, 2), (1, 3)),
    ("tuples-of-other-kinds", (1, 2), (1, "2")),
    ("widths", np.float32(1), np.float64(1)),
    ("functions", np.log, np.exp),
    ("types", int, float),
    ("dtypes", np.dtype("f4"), np.dtype("f8")),
    ("none-and-its-name", None, "None"),
    ("a-tuple-and-its-text", (1,), "(1)"),
    ("long-texts", "x" * 200, "x" * 199 + "y"),
]


@pytest.mark.parametrize(("one", "other"), [case[1:] for case in DIFFERENT], ids=[case[0] for case in DIFFERENT])
def test_values_that_differ_share_no_exact_text(one: Any, other: Any):
    texts = []
    for thing in (one, other, one):
        values, held = values_of([thing])
        texts.append(values.exact(held.items[0]))
    assert texts[0] != texts[1]
    assert texts[0] == texts[2]


KEYS: dict[str, list[Any]] = {
    "tuples": [(1, "a"), (1, "b"), ("1", "a"), (1,), ()],
    "tuples-within-tuples": [((1, 2), 3), ((1, 3), 3), (1, 2, 3)],
    "long-texts-within-tuples": [("x" * 100 + last, (1,)) for last in "ab"],
    "frozen-sets": [frozenset({1}), (1,), frozenset({1, 2})],
    "ranges": [range(3), range(4), slice(3)] if sys.version_info >= (3, 12) else [range(3), range(4)],
    "days": [datetime.date(2020, 1, day) for day in (1, 2, 3)],
    "numbers-and-texts": [1, "1", 2.5, None, b"1"],
    "numbers-of-numpy": [np.int64(1), np.int32(2), np.str_("1")],
    "types": [int, float, np.float64],
}


@pytest.mark.parametrize("name", KEYS)
def test_keys_that_differ_have_texts_that_differ(name: str):
    things = {key: number for number, key in enumerate(KEYS[name])}
    _, held = values_of(things)
    assert len(set(held.keys)) == len(things)
    assert list(held.items) == list(things.values())


def test_hostile_keys_are_kept_as_they_are_and_spelled_out():
    _, held = values_of({"\x1b[2J": 1, "'": 2, '"': 3, "a\nb": 4})
    assert held.keys == ["'\\x1b[2J'", '"\'"', "'\"'", "'a\\nb'"]


TEXTS: dict[str, tuple[Any, str]] = {
    "an-instance": (Ridge(), "Ridge"),
    "a-list": ([1, 2], "list of 2"),
    "a-long-list": (list(range(1_234)), "list of 1,234"),
    "an-array": (np.zeros((2, 1_000), np.float32), "float32 (2, 1000)"),
    "no-array-at-all": (np.zeros((0, 3)), "float64 (0, 3)"),
    "an-array-of-objects": (np.array([[None]], dtype=object), "object array (1, 1)"),
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_value_has_a_few_words(name: str):
    thing, words = TEXTS[name]
    values = Values(capture(thing))
    assert values.text(values.graph.root) == words


def test_a_graph_of_a_plain_value_holds_no_object():
    values = Values(Graph(names=[], nodes=[], root=3))
    assert as_place(values.graph.root) is None
    assert (values.text(3), values.exact(3)) == ("3", "3")
