"""The model as a tree: where it is cut, what becomes one line, and what is named by its first place."""

from __future__ import annotations

from typing import Any

import pytest

from hermetic.graph import Arrays, Graph, Instances, Link, Mappings, Name, Packed, Rows, Same, Sequences
from hermetic.inspection.tree import MOST_ENTRIES, Entry, build_tree

NAMES = [
    Name(name="sklearn.tree.DecisionTreeClassifier", role="constructed"),
    Name(name="somebody.package:Outer.Inner", role="constructed"),
]
ARRAY = Arrays(dtype="<f8", shape=[2])


def tree_of(*nodes: Any, links: list[Link] | None = None) -> Entry:
    """Give the tree of a graph whose last node is the model."""
    return build_tree(Graph(names=NAMES, nodes=list(nodes), root=[len(nodes) - 1], links=links or []))


def list_of(*values: Any) -> Sequences:
    return Sequences(type="list", lengths=len(values), columns=[list(values)])


def tuple_of(*values: Any) -> Sequences:
    return Sequences(type="tuple", lengths=len(values), columns=[list(values)])


def count(entry: Entry) -> int:
    return 1 + sum(map(count, entry.children))


@pytest.mark.parametrize(
    ("node", "summary"),
    [
        (ARRAY, "float64 (2,), 16 bytes"),
        (Arrays(dtype="<i4", shape=[2, 3], order="F"), "int32 (2, 3) Fortran order, 24 bytes"),
        (list_of(1, 2), "[1, 2]"),
        (
            Sequences(type="list", lengths=5_000, columns=[Same("a")]),
            "list of 5,000: 'a', 'a', 'a', 'a', ... and 4,996 more",
        ),
        (Sequences(type="list", lengths=70, columns=[Packed("text", None)]), "list of 70 text values"),
        (Instances(type=0, fields={}), "DecisionTreeClassifier"),
        (Instances(type=1, fields={}), "Inner"),
    ],
)
def test_a_model_is_summed_up_in_one_line(node: Any, summary: str):
    assert tree_of(node).summary == summary


@pytest.mark.parametrize(
    ("root", "summary"), [(0.5, "0.5"), ({"float": "nan"}, "nan"), ({"name": 1}, "somebody.package:Outer.Inner")]
)
def test_a_model_may_be_a_plain_value(root: Any, summary: str):
    assert build_tree(Graph(names=NAMES, nodes=[], root=root)).summary == summary


def test_what_the_constructor_was_given_stands_apart_from_what_was_learned():
    found = tree_of(ARRAY, Instances(type=0, fields={"C": 1, "fitted_": 2, "_private": 3, "coef_": [0]}))
    assert found.parameters == {"C": "1"}
    assert found.values == {"fitted_": "2", "_private": "3"}
    assert [(child.name, child.path) for child in found.children] == [("coef_", "$.coef_")]
    assert found.length_bytes == 16
    assert found.summary == "DecisionTreeClassifier, 16 bytes"


@pytest.mark.parametrize(("length", "n_shown"), [(12, 12), (13, 12), (500, 12)])
def test_a_list_is_cut_after_twelve(length: int, n_shown: int):
    arrays = Arrays(dtype="<f8", shape=[2], rows=length)
    found = tree_of(arrays, Sequences(type="list", lengths=length, columns=[Rows(0)]))
    assert len(found.children) == n_shown
    assert found.n_more == length - n_shown


@pytest.mark.parametrize(("n_fields", "n_more"), [(200, 0), (201, 1), (1_000, 800)])
def test_an_object_is_cut_after_two_hundred_fields(n_fields: int, n_more: int):
    found = tree_of(Instances(type=0, fields={f"field{number}": number for number in range(n_fields)}))
    assert len(found.parameters) == min(n_fields, 200)
    assert found.n_more == n_more


def test_a_chain_of_objects_is_cut_at_its_sixteenth_level():
    nodes = [ARRAY, *(Instances(type=0, fields={"inner": [number]}) for number in range(40))]
    entry, depth = tree_of(*nodes), 0
    while entry.children:
        [entry] = entry.children
        depth += 1
    assert depth == 16
    assert entry.n_more == 1


def test_a_tree_has_at_most_a_thousand_lines_and_counts_the_rest():
    arrays = Arrays(dtype="<f8", shape=[1], rows=12**3)
    inner = Sequences(
        type="list",
        lengths=12,
        rows=144,
        columns=[[[0, 12 * row + column] for row in range(144)] for column in range(12)],
    )
    middle = Sequences(
        type="list",
        lengths=12,
        rows=12,
        columns=[[[1, 12 * row + column] for row in range(12)] for column in range(12)],
    )
    found = tree_of(arrays, inner, middle, Sequences(type="list", lengths=12, columns=[Rows(2)]))
    assert count(found) == MOST_ENTRIES
    assert found.n_more > 0


@pytest.mark.parametrize(("rows", "is_one_line"), [(8, False), (9, True)])
def test_nine_objects_of_one_class_are_one_line(rows: int, is_one_line: bool):
    fields = {"nodes": Rows(0), "C": Same(1)}
    arrays = Arrays(dtype="<f8", shape=[4], rows=rows)
    table = Instances(type=0, fields=fields, rows=rows)
    found = tree_of(arrays, table, Sequences(type="list", lengths=rows, columns=[Rows(1)]))
    assert bool(found.children) is not is_one_line
    if is_one_line:
        assert found.summary == "9 x DecisionTreeClassifier, 36 nodes, 288 bytes"
        assert found.type == "sklearn.tree.DecisionTreeClassifier"
        assert found.length_bytes == 288


@pytest.mark.parametrize(("kinds", "is_one_line"), [((0, 0), True), ((0, 1), False)])
def test_pairs_of_objects_are_one_line_only_when_their_classes_are_the_same(kinds: tuple[int, int], is_one_line: bool):
    tables = [Instances(type=kind, fields={}, rows=9) for kind in kinds]
    pairs = Sequences(type="list", lengths=2, rows=9, columns=[Rows(0), Rows(1)])
    found = tree_of(*tables, pairs, Sequences(type="list", lengths=9, columns=[Rows(2)]))
    assert found.summary == ("18 x DecisionTreeClassifier" if is_one_line else "list of 9")


def test_a_single_object_is_no_table_of_nine():
    single = Instances(type=0, fields={"C": 1})
    found = tree_of(single, Sequences(type="list", lengths=1, columns=[Rows(0)]))
    assert found.children[0].parameters == {"C": "1"}


def test_what_stands_in_two_places_is_shown_in_the_first():
    first, second = tree_of(ARRAY, Instances(type=0, fields={"a": [0], "b": [0]})).children
    assert first.summary == "float64 (2,), 16 bytes"
    assert (second.summary, second.same_as) == ("same object as $.a", "$.a")


def test_a_row_of_a_table_that_was_shown_as_one_line_is_named_by_its_number():
    table = Instances(type=0, fields={}, rows=9)
    whole = Sequences(type="list", lengths=9, columns=[Rows(0)])
    found = tree_of(table, whole, Instances(type=1, fields={"all": [1], "best": [0, 4]}))
    assert found.children[1].same_as == "$.all[4]"


def test_an_object_that_links_to_itself_ends():
    found = tree_of(
        Instances(type=0, fields={"own": None}), links=[Link(node=0, row=0, slot="own", target_node=0, target_row=0)]
    )
    assert found.children[0].same_as == "$"


def test_a_list_that_links_to_itself_ends():
    found = tree_of(list_of(None), links=[Link(node=0, row=0, slot=0, target_node=0, target_row=0)])
    assert found.children[0].same_as == "$"


def test_a_list_shown_among_parameters_is_named_by_its_place_afterwards():
    found = tree_of(list_of(1, 2), Instances(type=0, fields={"a": [0], "b": [0]}))
    assert found.parameters == {"a": "[1, 2]"}
    assert found.children[0].same_as == "$.a"


STEPS = {
    "a pair": (tuple_of("scale", [0]), "scale", "DecisionTreeClassifier"),
    "a triple": (tuple_of("scale", [0], "rest"), "scale", "DecisionTreeClassifier, on 'rest'"),
    "a quadruple": (tuple_of("scale", [0], 1, 2), "[0]", "tuple of 4"),
    "a pair without a name": (tuple_of(3, [0]), "[0]", "tuple of 2"),
    "a list": (list_of("scale", [0]), "[0]", "list of 2"),
}


@pytest.mark.parametrize("name", STEPS)
def test_a_step_is_shown_under_its_name(name: str):
    step, shown_as, summary = STEPS[name]
    found = tree_of(Instances(type=0, fields={}), step, list_of([1]), Instances(type=0, fields={"steps": [2]}))
    [child] = found.children[0].children
    assert (child.name, child.summary) == (shown_as, summary)


def test_a_field_with_another_name_holds_no_steps():
    step = tuple_of("scale", [0])
    found = tree_of(Instances(type=0, fields={}), step, list_of([1]), Instances(type=0, fields={"others": [2]}))
    assert found.children[0].children[0].name == "[0]"


def test_a_step_that_is_the_model_itself_ends():
    link = Link(node=0, row=0, slot=1, target_node=2, target_row=0)
    found = tree_of(tuple_of("own", None), list_of([0]), Instances(type=0, fields={"steps": [1]}), links=[link])
    [step] = found.children[0].children
    assert (step.name, step.same_as) == ("own", "$")


def test_the_state_of_a_foreign_object_is_its_attributes():
    state = Mappings(length=2, keys=["a", "b"], columns=[[1, [0]]])
    found = tree_of(ARRAY, state, Instances(type=1, fields={"state": [1]}))
    assert found.parameters == {"a": "1"}
    assert [child.name for child in found.children] == ["b"]


def test_a_field_called_state_of_a_known_class_is_a_field():
    state = Mappings(length=1, keys=["a"], columns=[[1]])
    assert tree_of(state, Instances(type=0, fields={"state": [0]})).parameters == {"state": "{'a': 1}"}


def test_values_in_a_pool_are_said_to_be_there():
    table = Instances(type=0, fields={"C": Packed("float", None)}, rows=2)
    assert tree_of(table, list_of([0, 1])).children[0].parameters == {"C": "a float in a pool"}
