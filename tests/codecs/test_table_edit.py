"""TableEdit: what migrations do to fields, for one object and for many."""

from __future__ import annotations

import numpy as np
import pytest

from hermetic.codecs.table_edit import TableEdit
from hermetic.errors import UnsupportedVersion
from hermetic.graph import Arrays, Graph, Instances, Mappings, Name, Packed, Rows, Same
from hermetic.graph_order import in_order

SVC = Name("sklearn.svm.SVC", "constructed")


def _edit(fields: dict[str, object], rows: int = 1, *others: object) -> TableEdit:
    node = Instances(type=0, fields=fields, rows=rows)
    graph = Graph(names=[SVC], nodes=[node, *others], root=[0])
    return TableEdit(graph, node, 0, lambda index: f"$[{index}]", "1.7 wrote it")


def test_it_knows_its_type_and_its_fields():
    edit = _edit({"C": 1.0})
    assert edit.name == "sklearn.svm.SVC"
    assert edit.has("C")
    assert not edit.has("C", "gamma")


@pytest.mark.parametrize(("rows", "filled"), [(1, 2.0), (3, Same(2.0))])
def test_filling_gives_all_rows_one_value(rows: int, filled: object):
    edit = _edit({}, rows)
    edit.fill("C", 2.0)
    assert edit.node.fields == {"C": filled}


@pytest.mark.parametrize(("rows", "put"), [(1, "a"), (3, ["a", "b", "c"])])
def test_putting_gives_each_row_its_own(rows: int, put: object):
    edit = _edit({}, rows)
    edit.put("kernel", ["a", "b", "c"][:rows])
    assert edit.node.fields == {"kernel": put}


def test_copying_dropping_and_renaming_move_whole_columns():
    edit = _edit({"a": [1.0, 2.0], "b": Same(3)}, 2)
    edit.copy("c", "a")
    edit.drop("a", "never there")
    edit.rename("b", "d")
    edit.rename("nor there", "e")
    assert edit.node.fields == {"c": [1.0, 2.0], "d": Same(3)}


def test_renaming_replaces_what_has_the_new_name():
    edit = _edit({"metric": True, "dissimilarity": "euclidean"})
    edit.rename("dissimilarity", "metric")
    assert edit.node.fields == {"metric": "euclidean"}


@pytest.mark.parametrize(
    ("value", "changed"),
    [("warn", 4), ("other", "other"), (None, 0), (1, 1), (True, "yes"), ([3, 1], [3, 1]), ({"float": "nan"},) * 2],
    ids=str,
)
def test_replacing_looks_at_values_and_their_types(value: object, changed: object):
    edit = _edit({"n_init": value})
    edit.replace("n_init", {"warn": 4, None: 0, True: "yes"})
    assert edit.node.fields == {"n_init": changed}


@pytest.mark.parametrize(
    ("column", "changed"),
    [
        (Same("warn"), [4, 4, 4]),
        (Packed("text", ["warn", "a", "b"]), [4, "a", "b"]),
        (Packed("int", [1, 2, 3]), Packed("int", [1, 2, 3])),
        (Rows(1), Rows(1)),
        (Rows(1, {2: "warn"}), [[1, 0], [1, 1], 4]),
    ],
    ids=str,
)
def test_replacing_leaves_a_column_alone_where_nothing_changes(column: object, changed: object):
    edit = _edit({"n_init": column}, 3, Arrays(dtype="<f8", shape=[1], rows=3))
    edit.replace("n_init", {"warn": 4})
    assert edit.node.fields == {"n_init": changed}


def test_replacing_a_field_that_is_not_there_makes_none():
    edit = _edit({})
    edit.replace("n_init", {None: 1})
    assert edit.node.fields == {}


def test_a_new_dictionary_stands_in_the_graph_with_what_it_refers_to():
    edit = _edit({})
    edit.node.fields["fitted"] = edit.new_dictionary({"age": edit.new_array(np.zeros(2)), "city": None})
    graph = in_order(edit.graph)
    assert isinstance(graph.nodes[1], Mappings)
    assert (graph.nodes[1].length, graph.nodes[1].keys, graph.nodes[1].columns) == (2, ["age", "city"], [[[0], None]])
    assert graph.nodes[2].fields == {"fitted": [1]}


def test_a_step_meets_an_array_for_the_first_time_once():
    edit = _edit({})
    assert edit.is_first("step", [3, 0])
    assert not edit.is_first("step", [3, 0])
    assert edit.is_first("step", [3, 1])
    assert edit.is_first("other step", [3, 0])


def test_a_shared_array_that_two_models_would_change_in_two_ways_is_refused():
    edit = _edit({})
    assert edit.is_first("step", [3], 0.5)
    assert not edit.is_first("step", [3], 0.5)
    with pytest.raises(UnsupportedVersion, match="two models share"):
        edit.is_first("step", [3], 0.25)


def test_a_new_array_stands_in_the_graph():
    edit = _edit({})
    edit.node.fields["X_offset_"] = edit.new_array(np.arange(3, dtype=np.float32))
    graph = in_order(edit.graph)
    assert (graph.nodes[0].dtype, graph.nodes[0].shape) == ("<f4", [3])
    assert graph.arrays[0][0].tolist() == [0, 1, 2]


def test_rows_that_share_an_array_share_the_new_one_so_that_a_file_cannot_multiply_it():
    edit = _edit({"coef_": [[1, 0], [1, 1], [1, 0]]}, 3, Arrays(dtype="<f8", shape=[2], rows=2))
    made = []

    def make(row: int) -> object:
        made.append(row)
        return np.zeros(2)

    edit.put_arrays("X_offset_", make, "coef_")
    assert made == [0, 1]
    assert edit.node.fields["X_offset_"] == [[2], [3], [2]]


def test_objects_become_those_of_another_type_without_a_second_name_for_it():
    edit = _edit({})
    edit.become("sklearn.svm.SVR")
    edit.become("sklearn.svm.SVC")
    edit.become("sklearn.svm.SVR")
    assert edit.name == "sklearn.svm.SVR"
    assert [name.name for name in edit.graph.names] == ["sklearn.svm.SVC", "sklearn.svm.SVR"]


def test_a_way_that_does_not_exist_is_an_error_with_releases_place_and_reason():
    error = _edit({"C": [1, 2]}, 2).no_way("the formula has changed", row=1, field="C")
    assert error.found == "1.7 wrote it; the formula has changed"
    assert error.where == "$[0][1].C"
    assert error.next_step
