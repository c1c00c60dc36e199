"""Capturing: what stands in one table, what is said once, how cycles become links, and what is refused where."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import Bunch

import hermetic
from hermetic.capture import capture
from hermetic.errors import CannotSave
from hermetic.graph import Arrays, Graph, Instances, Link, Mappings, ObjectArray, Packed, Rows, Same, Sequences
from tests.codecs.user_classes import Plain


def _tables(value: Any) -> list[tuple[str, int]]:
    """Give the kind and the rows of each node, in order."""
    return [(type(node).__name__, getattr(node, "rows", 1)) for node in capture(value).nodes]


TABLES = {
    "lists of one length": ([[1], [2], [3]], [("Sequences", 3), ("Sequences", 1)]),
    "lists of other lengths": ([[1], [], [3, 4]], [("Sequences", 3), ("Sequences", 1)]),
    "lists and tuples": ([[[]], ([],)], [("Sequences", 1)] * 4 + [("Sequences", 1)]),
    "dictionaries of the same keys": ([{"a": 1}, {"a": 2}], [("Mappings", 2), ("Sequences", 1)]),
    "dictionaries of other keys": ([{"a": 1}, {"b": 2}], [("Mappings", 1), ("Mappings", 1), ("Sequences", 1)]),
    "the same keys in another order": (
        [{"a": 1, "b": 2}, {"b": 2, "a": 1}],
        [("Mappings", 1), ("Mappings", 1), ("Sequences", 1)],
    ),
    "keys that are no text": ([{1: 1}, {1: 2}], [("Mappings", 1), ("Mappings", 1), ("Sequences", 1)]),
    "keys that are not ASCII": ([{"é": 1}, {"é": 2}], [("Mappings", 1), ("Mappings", 1), ("Sequences", 1)]),
    "empty dictionaries": ([{}, {}], [("Mappings", 1), ("Mappings", 1), ("Sequences", 1)]),
    "sets": ([{1}, {2}], [("Sequences", 1), ("Sequences", 1), ("Sequences", 1)]),
    "arrays": ([np.zeros(3), np.zeros(5)], [("Arrays", 2), ("Sequences", 1)]),
    "arrays of other dtypes": ([np.zeros(3), np.zeros(3, "i1")], [("Arrays", 1), ("Arrays", 1), ("Sequences", 1)]),
    "arrays of other dimensions": ([np.zeros(3), np.zeros((3, 1))], [("Arrays", 1), ("Arrays", 1), ("Sequences", 1)]),
    "big arrays": ([np.zeros(9000), np.zeros(9000)], [("Arrays", 1), ("Arrays", 1), ("Sequences", 1)]),
    "estimators alike": ([StandardScaler(), StandardScaler()], [("Instances", 2), ("Sequences", 1)]),
    "one of them fitted": (
        [StandardScaler(), StandardScaler(with_mean=False, with_std=False).fit([[1.0]])],
        [("Instances", 1), ("Instances", 1), ("Sequences", 1)],
    ),
    "two classes": ([StandardScaler(), LinearRegression()], [("Instances", 1), ("Instances", 1), ("Sequences", 1)]),
    "one object twice": ([shared := [1], shared], [("Sequences", 1), ("Sequences", 1)]),
    "an object met before": ([[[first := [1]], first, [2]]], [("Sequences", 1)] * 2 + [("Sequences", 1)] * 3),
}


@pytest.mark.parametrize("name", [name for name in TABLES if name not in ("lists and tuples", "an object met before")])
def test_what_is_alike_stands_in_one_table(name: str):
    value, tables = TABLES[name]
    assert _tables(value) == tables


@pytest.mark.parametrize("name", TABLES)
def test_a_table_comes_back_as_the_objects_that_it_was_made_of(name: str):
    saved = hermetic.dumps(TABLES[name][0])
    assert hermetic.dumps(hermetic.loads(saved)) == saved


def _only_column(value: list[Any]) -> Any:
    node = capture(value).nodes[-1]
    assert isinstance(node, Sequences)
    return node.columns[0]


def test_a_column_whose_rows_are_those_of_one_table_is_said_in_one_word():
    assert _only_column([[n] for n in range(5)]) == Rows(0)
    assert _only_column([[n] for n in range(5)] + [None]) == [[0, 0], [0, 1], [0, 2], [0, 3], [0, 4], None]


def test_one_object_in_every_place_of_a_long_column_is_said_once():
    shared: list[int] = []
    assert _only_column([shared] * 20) == Same([0])
    assert _only_column([shared] * 3) == [[0], [0], [0]]


def test_a_long_column_that_is_itself_everywhere_needs_a_link_for_each_place():
    circle: list[Any] = []
    circle.extend([circle] * 20)
    graph = capture(circle)
    assert graph.links == [Link(0, 0, position, 0, 0) for position in range(20)]
    loaded = hermetic.loads(hermetic.dumps(circle))
    assert all(item is loaded for item in loaded)


@pytest.mark.parametrize("count", [15, 16])
def test_sixteen_values_of_one_type_are_packed_and_fifteen_are_not(count: int):
    assert isinstance(_only_column(list(range(count))), Packed) == (count == 16)


EQUAL_BUT_NOT_THE_SAME = [
    [0.0] * 15 + [-0.0],
    [1] * 15 + [True],
    [1] * 15 + [1.0],
    [np.float32(0.0)] * 15 + [np.float32(-0.0)],
    [(1,)] * 15 + [(True,)],
    [(0.0,)] * 15 + [(-0.0,)],
    [float("nan")] * 16,
]


@pytest.mark.parametrize("values", EQUAL_BUT_NOT_THE_SAME, ids=lambda value: type(value).__name__)
def test_values_that_are_equal_but_not_the_same_keep_their_types_and_signs(values: list[Any]):
    loaded = hermetic.loads(hermetic.dumps(values))
    assert repr(loaded) == repr(values)
    assert [type(value) for value in loaded] == [type(value) for value in values]


def test_an_object_stands_before_everything_that_refers_to_it():
    graph = capture({"a": [1], "b": (np.zeros(1), {2})})
    kinds = [type(node) for node in graph.nodes]
    assert kinds == [Sequences, Arrays, Sequences, Sequences, Mappings]
    assert graph.root == [4]


# Cycles


def _list_in_itself() -> Any:
    value: list[Any] = [1]
    value.append(value)
    return value, [Link(0, 0, 1, 0, 0)], lambda loaded: loaded[1]


def _dictionary_in_itself() -> Any:
    value: dict[str, Any] = {"a": 1}
    value["self"] = value
    return value, [Link(0, 0, 1, 0, 0)], lambda loaded: loaded["self"]


def _array_in_a_list() -> Any:
    value: list[Any] = [np.empty((2, 2), dtype=object)]
    value[0][1, 0] = value
    return value, [Link(0, 0, 2, 1, 0)], lambda loaded: loaded[0][1, 0]


def _fortran_array_in_a_list() -> Any:
    value: list[Any] = [np.empty((2, 3), dtype=object, order="F")]
    value[0][1, 0] = value
    return value, [Link(0, 0, 3, 1, 0)], lambda loaded: loaded[0][1, 0]


def _estimator_in_itself() -> Any:
    value = StandardScaler()
    value.note_ = value
    return value, [Link(0, 0, "note_", 0, 0)], lambda loaded: loaded.note_


def _list_in_a_tuple() -> Any:
    value: list[Any] = [([None],)]
    value[0][0][0] = value
    return value, [Link(0, 0, 0, 2, 0)], lambda loaded: loaded[0][0][0]


def _lists_of_a_table() -> Any:
    value: list[Any] = [[n, None] for n in range(3)]
    for row in value:
        row[1] = value
    return value, [Link(0, row, 1, 1, 0) for row in range(3)], lambda loaded: loaded[2][1]


def _lists_of_other_lengths() -> Any:
    value: list[Any] = [[None] * n for n in range(4)]
    value[3][1] = value
    return value, [Link(0, 3, 1, 1, 0)], lambda loaded: loaded[3][1]


def _dictionaries_of_a_table() -> Any:
    value: list[Any] = [{"a": n, "b": None} for n in range(3)]
    value[1]["b"] = value
    return value, [Link(0, 1, 1, 1, 0)], lambda loaded: loaded[1]["b"]


CYCLES = [
    _list_in_itself,
    _dictionary_in_itself,
    _array_in_a_list,
    _fortran_array_in_a_list,
    _estimator_in_itself,
    _list_in_a_tuple,
    _lists_of_a_table,
    _lists_of_other_lengths,
    _dictionaries_of_a_table,
]


@pytest.mark.parametrize("make", CYCLES, ids=lambda make: make.__name__)
def test_a_cycle_is_a_link_and_comes_back_as_the_same_cycle(make: Any):
    value, links, follow = make()
    assert capture(value).links == links
    saved = hermetic.dumps(value)
    loaded = hermetic.loads(saved)
    assert follow(loaded) is loaded
    assert hermetic.dumps(loaded) == saved


def test_a_cycle_that_only_a_tuple_could_close_is_refused_with_what_to_do():
    inner: list[Any] = []
    inner.append((inner,))
    with pytest.raises(CannotSave, match="a list contains itself through a tuple, a set, a key or an array") as refused:
        capture({"a": inner})
    assert refused.value.next_step == "Let the cycle pass through a list, a dictionary or an attribute."
    assert refused.value.where == "$[...][...][...]"


@pytest.mark.parametrize("kind", [np.ndarray, np.matrix, np.recarray, np.ma.MaskedArray])
def test_an_array_in_itself_is_refused_because_arithmetic_with_it_ends_the_process(kind: Any):
    value = np.empty((1, 1), dtype=object).view(kind)
    np.asarray(value)[0, 0] = value
    with pytest.raises(CannotSave, match="contains itself through a tuple, a set, a key or an array"):
        capture(value)


@pytest.mark.parametrize("dtype", [float, object])
def test_an_empty_array_that_nobody_could_go_along_is_refused(dtype: Any):
    assert capture(np.empty((1 << 28, 0), dtype)).nodes
    with pytest.raises(CannotSave, match=r"an array without items has axes of more than 2\*\*28 places"):
        capture([np.empty((1, 0), dtype), np.empty(((1 << 28) + 1, 0), dtype)])


# Sets


SETS = [{3, 1, 2}, {"b", "a", "c"}, {1, "1", None, 2.5, (1, 2)}, frozenset({frozenset({1, 2}), frozenset({3})})]


@pytest.mark.parametrize("members", SETS, ids=lambda value: type(value).__name__)
def test_the_members_of_a_set_stand_in_the_order_of_their_encodings(members: Any):
    backwards = type(members)(reversed(list(members)))
    assert hermetic.dumps(members) == hermetic.dumps(backwards)
    assert hermetic.loads(hermetic.dumps(members)) == members


def _sets_in_sets(depth: int) -> frozenset[Any]:
    value: frozenset[Any] = frozenset({1})
    for _ in range(depth - 1):
        value = frozenset({value, 2})
    return value


def test_twenty_sets_in_each_other_are_saved_in_no_time_and_one_more_is_refused():
    # Without a memory of the members' encodings each set would double the work of those in it.
    started = time.perf_counter()
    assert hermetic.loads(hermetic.dumps([_sets_in_sets(20)])) == [_sets_in_sets(20)]
    assert time.perf_counter() - started < 5
    with pytest.raises(CannotSave, match="more than 20 sets stand inside each other"):
        hermetic.dumps([_sets_in_sets(21)])


# Depth


def _nested(kind: str, depth: int) -> Any:
    value: Any = None
    for _ in range(depth):
        value = {"list": [value], "dictionary": {"a": value}, "tuple": (value, []), "array": None}[kind]
    return value


@pytest.mark.parametrize("kind", ["list", "dictionary"])
def test_two_hundred_containers_in_each_other_are_saved_and_one_more_is_not(kind: str):
    assert hermetic.loads(hermetic.dumps(_nested(kind, 200))) == _nested(kind, 200)
    with pytest.raises(CannotSave, match="more than 200 containers") as refused:
        hermetic.dumps(_nested(kind, 201))
    assert refused.value.where.startswith("$[...][...]")
    assert refused.value.next_step == "Store the long chain as a list."


def test_a_chain_that_its_codec_calls_weak_may_be_as_long_as_it_wants():
    from sklearn.cluster import Birch

    X = np.arange(3000.0).reshape(-1, 1)
    model = Birch(n_clusters=None, threshold=0.1, branching_factor=3).fit(X)
    loaded = hermetic.loads(hermetic.dumps(model))
    length, leaf = 0, loaded.dummy_leaf_.next_leaf_
    while leaf is not None:
        length, leaf = length + 1, leaf.next_leaf_
    assert length > 500
    assert (loaded.predict(X) == model.predict(X)).all()


# Refusals


def _pipeline(step: Any) -> Pipeline:
    return Pipeline([("scale", StandardScaler()), ("last", step)])


def _with(attribute: str, value: Any) -> Any:
    model = LinearRegression()
    setattr(model, attribute, value)
    return model


BAD = lambda: None  # noqa: E731  # a lambda is what this is about
REFUSED = {
    "in a list": ([1, [BAD]], "$[...][...]"),
    "as a value": ({"a": {"b": BAD}}, "$[...][...]"),
    "as a key": ({"a": {BAD: 1}}, "$[...].keys()"),
    "in an attribute": (_with("note_", BAD), "$.note_"),
    "in a column of attributes": ([_with("note_", BAD), _with("note_", BAD)], "$[...].note_"),
    "in a table of lists": ([[1, BAD], [2, BAD]], "$[...][1]"),
    "in a table of dictionaries": ([{"a": 1, "b": BAD}, {"a": 2, "b": BAD}], "$[...]['b']"),
    "in an array": (np.array([BAD, 1], dtype=object), "$[...]"),
    "in a bunch": (Bunch(data=BAD), "$.items[...]"),
    "in a pipeline": (_pipeline(_with("note_", [BAD])), "$.steps[...][1].note_[...]"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_kept_is_refused_with_its_path_and_what_to_do(name: str):
    value, path = REFUSED[name]
    with pytest.raises(CannotSave, match="lambda") as refused:
        capture(value)
    assert refused.value.where == path
    assert refused.value.next_step.startswith("Write it as a named function")


def test_the_path_of_a_refusal_deep_inside_stays_readable():
    value: Any = [BAD]
    for _ in range(150):
        value = [value]
    with pytest.raises(CannotSave) as refused:
        capture(value)
    assert len(refused.value.where) < 250


@pytest.mark.parametrize("name", ["a\nb", "a\0", "\u202eevil", "\ud800"])
def test_an_attribute_must_have_a_printable_name(name: str):
    with pytest.raises(CannotSave, match="an attribute is called"):
        capture(_with(name, 1))


@pytest.mark.parametrize("thing", [open, (n for n in ()), np, iter([])], ids=lambda value: type(value).__name__)
def test_things_that_live_cannot_be_kept(thing: Any):
    if thing is open:
        with open(__file__) as file, pytest.raises(CannotSave):
            capture([file])
        return
    with pytest.raises(CannotSave):
        capture([thing])


def test_capturing_leaves_the_model_as_it_was_and_shares_its_memory():
    array = np.arange(4.0)
    model = _with("coef_", array)
    before = dict(vars(model))
    graph = capture(model)
    assert vars(model) == before
    assert graph.arrays[0][0] is array


def test_every_name_stands_once_with_its_role():
    graph = capture([np.log1p, np.log1p, StandardScaler(), StandardScaler, StandardScaler()])
    assert [(name.name, name.role) for name in graph.names] == [
        ("numpy.log1p", "referenced"),
        ("sklearn.preprocessing.StandardScaler", "referenced"),
        ("sklearn.preprocessing.StandardScaler", "constructed"),
    ]


def test_objects_of_one_foreign_class_share_a_table_whatever_their_attributes():
    one, other = Plain(), Plain()
    other.more = 1
    graph = capture([one, other])
    [table] = [node for node in graph.nodes if isinstance(node, Instances)]
    assert table.rows == 2


def test_an_array_of_objects_is_a_column_in_c_order_whatever_its_own():
    array = np.array([[1, "a"], [None, 2.5]], dtype=object)
    for order in ("C", "F"):
        [node] = capture(np.array(array, order=order)).nodes
        assert node == ObjectArray(shape=[2, 2], items=[1, "a", None, 2.5], order=order)


def test_an_empty_graph_holds_a_plain_value():
    assert capture(1.5) == Graph(names=[], nodes=[], root=1.5)
