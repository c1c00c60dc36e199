"""Where tables stand in a model: paths as Python would write them, and shapes that a file may claim."""

from __future__ import annotations

from typing import Any

import pytest

from hermetic.errors import FormatError
from hermetic.graph import Arrays, Graph, Instances, Link, Mappings, Name, Packed, Rows, Sequences
from hermetic.inspection.places import Places, item_count, row_shape, table_bytes

NAMES = [Name(name="package.Thing", role="constructed")]
PAIR = Arrays(dtype="<f8", shape=[3], rows=2)
THREE = Instances(type=0, fields={}, rows=3)


def places_of(*nodes: Any, links: list[Link] | None = None) -> Places:
    """Give the places of a graph whose last node is the model."""
    return Places(Graph(names=NAMES, nodes=list(nodes), root=[len(nodes) - 1], links=links or []))


def list_of(*values: Any) -> Sequences:
    return Sequences(type="list", lengths=len(values), columns=[list(values)])


def list_of_rows(node: int, length: int) -> Sequences:
    return Sequences(type="list", lengths=length, columns=[Rows(node)])


HOLDERS = {
    "the model": ([THREE], (0, None), "$"),
    "a field": ([PAIR, Instances(type=0, fields={"C": 1, "coef_": [0, 1]})], (0, 1), "$.coef_"),
    "a list": ([PAIR, list_of("a", [0], [0, 1])], (0, 1), "$[2]"),
    "a reference without a row": ([PAIR, list_of("a", [0], [0, 1])], (0, 0), "$[1]"),
    "all rows of a table": ([PAIR, list_of([0], [0, 1])], (0, None), "$[*]"),
    "a single array": ([Arrays(dtype="<f8", shape=[]), list_of("a", [0])], (0, None), "$[1]"),
    "a column of rows": ([THREE, list_of_rows(0, 3)], (0, 2), "$[2]"),
    "a whole column of rows": ([THREE, list_of_rows(0, 3)], (0, None), "$[*]"),
    "a dictionary": ([PAIR, Mappings(length=2, keys=["a", "b"], columns=[[1, [0]]])], (0, 0), "$['b']"),
    "a number as a key": ([PAIR, Mappings(length=1, keys=[7], columns=[[[0]]])], (0, 0), "$[7]"),
    "an object as a key": ([PAIR, Mappings(length=1, keys=[[0]], columns=[[1]])], (0, 0), "$.keys()"),
    "a value under an object": ([PAIR, Mappings(length=1, keys=[[0, 1]], columns=[[[0]]])], (0, 0), "$[...]"),
    "a value under a key in a pool": (
        [PAIR, Mappings(length=1, keys=Packed("text", ["a"]), columns=[[[0]]])],
        (0, 0),
        "$[...]",
    ),
}


@pytest.mark.parametrize("name", HOLDERS)
def test_a_path_says_how_a_table_is_reached(name: str):
    nodes, (node, row), path = HOLDERS[name]
    assert places_of(*nodes).path(node, row) == path


def test_an_array_in_a_table_of_objects_is_found_through_the_row_of_its_object():
    table = Instances(type=0, fields={"coef_": Rows(0)}, rows=2)
    places = places_of(PAIR, table, list_of_rows(1, 2))
    assert places.path(0, 1) == "$[1].coef_"
    assert places.path(0) == "$[*].coef_"


def test_the_second_of_each_pair_is_found_in_its_pair():
    pairs = Sequences(type="tuple", lengths=2, rows=3, columns=[["a", "b", "c"], Rows(0)])
    places = places_of(THREE, pairs, list_of_rows(1, 3))
    assert places.path(0, 2) == "$[2][1]"
    assert places.path(0) == "$[*][1]"


@pytest.mark.parametrize(("row", "path"), [(0, "$[0][0]"), (1, "$[2][0]"), (2, "$[2][1]"), (None, "$[*][*]")])
def test_lists_of_unequal_length_count_their_items_from_their_own_beginning(row: int | None, path: str):
    lists = Sequences(type="list", lengths=[1, 0, 2], rows=3, columns=[Rows(0)])
    assert places_of(THREE, lists, list_of_rows(1, 3)).path(0, row) == path


@pytest.mark.parametrize(("slot", "path"), [("next_leaf_", "$.next_leaf_"), (5, "$[5]")])
def test_what_only_a_link_leads_to_has_the_path_of_the_link(slot: str | int, path: str):
    model = Instances(type=0, fields={}) if isinstance(slot, str) else list_of(*range(6))
    places = places_of(THREE, model, links=[Link(node=1, row=0, slot=slot, target_node=0, target_row=2)])
    assert places.path(0, 2) == path


def test_a_place_in_the_model_goes_before_a_link():
    link = Link(node=1, row=0, slot="twin", target_node=0, target_row=0)
    assert places_of(PAIR, Instances(type=0, fields={"own": [0]}), links=[link]).path(0, 0) == "$.own"


def test_a_cycle_that_never_reaches_the_model_ends():
    links = [
        Link(node=0, row=0, slot="a", target_node=1, target_row=0),
        Link(node=1, row=0, slot="b", target_node=0, target_row=0),
    ]
    lone = Instances(type=0, fields={})
    path = places_of(lone, lone, lone, links=links).path(0)
    assert path.startswith("$.")
    assert len(path) < 200


def test_a_model_that_is_a_plain_value_has_no_places():
    assert Places(Graph(names=[], nodes=[PAIR], root=3)).path(0) == "$"


SHAPES = {
    "one shape for all": (Arrays(dtype="<f4", shape=[2, 3], rows=4), 3, [2, 3], 96),
    "a length for each": (Arrays(dtype="<f4", shape=[3], rows=2, lengths=[1, 5]), 1, [5, 3], 72),
    "a number": (Arrays(dtype="|b1", shape=[]), 0, [], 1),
    "no items": (Arrays(dtype="<f8", shape=[0, 7]), 0, [0, 7], 0),
    "as long as can be": (Arrays(dtype="|i1", shape=[(1 << 48) - 1]), 0, [(1 << 48) - 1], (1 << 48) - 1),
    "as many axes as can be": (Arrays(dtype="<i2", shape=[1] * 64), 0, [1] * 64, 2),
    "records": (Arrays(dtype={"itemsize": 24}, shape=[2]), 0, [2], 48),
}


@pytest.mark.parametrize("name", SHAPES)
def test_a_table_weighs_what_its_shapes_say(name: str):
    node, row, shape, length_bytes = SHAPES[name]
    assert row_shape(node, row) == shape
    assert table_bytes(node) == length_bytes


NO_SHAPES = {
    "a negative length": Arrays(dtype="<f8", shape=[-1]),
    "a negative first length": Arrays(dtype="<f8", shape=[2], rows=1, lengths=[-1]),
    "too long": Arrays(dtype="<f8", shape=[1 << 48]),
    "too many axes": Arrays(dtype="<f8", shape=[1] * 65),
    "too many axes with the first": Arrays(dtype="<f8", shape=[1] * 64, lengths=[1]),
    "too few lengths": Arrays(dtype="<f8", shape=[], rows=2, lengths=[1]),
    "too many lengths": Arrays(dtype="<f8", shape=[], rows=1, lengths=[1, 1]),
}


@pytest.mark.parametrize("name", NO_SHAPES)
def test_what_is_no_shape_is_refused(name: str):
    with pytest.raises(FormatError, match="not a shape"):
        row_shape(NO_SHAPES[name], 0)
    with pytest.raises(FormatError, match="not a shape"):
        table_bytes(NO_SHAPES[name])


def test_a_product_of_lengths_does_not_wrap_round():
    assert item_count([1 << 40, 1 << 40]) == 1 << 80
