"""History: the changes between two releases, and the usual kinds of change in both directions."""

from __future__ import annotations

import pytest

from hermetic.codecs.history import (
    RELEASES,
    Change,
    History,
    attribute_added,
    attribute_removed,
    leave,
    refused_when,
    renamed,
    upward,
)
from hermetic.codecs.table_edit import TableEdit
from hermetic.errors import UnsupportedVersion
from hermetic.graph import Graph, Instances, Name


def _edit(fields: dict[str, object], rows: int = 1) -> TableEdit:
    node = Instances(type=0, fields=fields, rows=rows)
    graph = Graph(names=[Name("sklearn.svm.SVC", "constructed")], nodes=[node], root=[0])
    return TableEdit(graph, node, 0, str, "1.7 wrote it")


def _after(step: object, fields: dict[str, object], rows: int = 1) -> dict[str, object]:
    edit = _edit(dict(fields), rows)
    step(edit)
    return edit.node.fields


def test_releases_stand_in_their_order():
    assert list(RELEASES) == sorted(RELEASES, key=lambda release: tuple(map(int, release.split("."))))


def test_going_back_undoes_the_changes_of_a_release_in_reverse():
    first, second = Change("1.8", str, repr), Change("1.8", int, float)
    history = History("1.7", (first, second, Change("1.9", bool, bytes)))
    assert history.steps("1.8", is_upward=True) == [str, int]
    assert history.steps("1.8", is_upward=False) == [float, repr]
    assert history.steps("1.7", is_upward=True) == []


def test_leaving_changes_nothing():
    assert _after(leave, {"C": 1.0}) == {"C": 1.0}


def test_a_new_attribute_is_for_fitted_models_only():
    change = attribute_added("1.9", "_sample_weight", None, beside="estimators_")
    assert _after(change.up, {}) == {}
    assert _after(change.up, {"estimators_": [3]}) == {"estimators_": [3], "_sample_weight": None}
    assert _after(change.up, {"estimators_": [3], "_sample_weight": 1})["_sample_weight"] == 1
    assert _after(change.down, {"estimators_": [3], "_sample_weight": None}) == {"estimators_": [3]}


def test_a_new_attribute_may_be_made_of_the_others_row_by_row():
    change = attribute_added("1.9", "n", lambda edit, row: edit.value("C", row) + 1, beside="C")
    assert _after(change.up, {"C": [1, 2]}, 2) == {"C": [1, 2], "n": [2, 3]}


def test_an_attribute_that_is_gone_comes_back_to_fitted_models():
    change = attribute_removed("1.8", "C", 1.0, beside="coef_")
    assert _after(change.up, {"C": 1.0, "coef_": [2]}) == {"coef_": [2]}
    assert _after(change.down, {"coef_": [2]}) == {"coef_": [2], "C": 1.0}
    assert _after(change.down, {}) == {}


def test_another_name_is_a_change_both_ways():
    change = renamed("1.8", "base_estimator", "estimator")
    assert _after(change.up, {"base_estimator": 1}) == {"estimator": 1}
    assert _after(change.down, {"estimator": 1}) == {"base_estimator": 1}


def test_another_formula_is_refused_both_ways_where_a_model_depends_on_it():
    change = refused_when("1.8", "it stops elsewhere", lambda edit, row: edit.value("how", row) == "old")
    assert _after(change.up, {"how": "new"}) == {"how": "new"}
    for step in (change.up, change.down):
        with pytest.raises(UnsupportedVersion, match="it stops elsewhere"):
            _after(step, {"how": ["new", "old"]}, 2)


def test_a_change_upward_only_leaves_what_it_made_on_the_way_back():
    change = upward("1.3", lambda edit: edit.fill("dual", True))
    assert _after(change.up, {}) == {"dual": True}
    assert _after(change.down, {"dual": True}) == {"dual": True}
