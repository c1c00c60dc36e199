"""The kinds of rules for parameters, both ways: as plain values, and as changes of tables of fitted models."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hermetic.codecs.histories import parameters
from hermetic.codecs.histories.parameter_rules import Rule, Unsaid, added, is_value, joined, removed, reworded
from hermetic.codecs.table_edit import TableEdit
from hermetic.errors import UnsupportedVersion
from hermetic.graph import Graph, Instances, Name, Same

CLIP = added("1.8", "preprocessing.MaxAbsScaler", clip=False)
WORDS = reworded("1.9", "a.A", "criterion", {"friedman_mse": "deprecated"}, {"deprecated": "friedman_mse"})


def _after(change: Any, own: dict[str, Any]) -> dict[str, Any]:
    own = dict(own)
    change(own)
    return own


def _edited(rule: Rule, fields: dict[str, Any], rows: int = 1, *, is_upward: bool = False) -> dict[str, Any]:
    node = Instances(type=0, fields=dict(fields), rows=rows)
    graph = Graph(names=[Name("sklearn.svm.SVC", "constructed")], nodes=[node], root=[0])
    step = parameters._applying(rule, rule.up if is_upward else rule.down)
    step(TableEdit(graph, node, 0, str, "1.9 wrote it"))
    return node.fields


@pytest.mark.parametrize(
    ("value", "expected", "answer"),
    [
        (1, 1, True),
        (1, True, False),
        (1, 1.0, False),
        (None, None, True),
        ("a", "a", True),
        ({"numpy": ["<f8", 1.0]}, 1.0, True),
        ([3], 3, False),
        (np.zeros(3), "warn", False),
    ],
    ids=["int", "bool", "float", "none", "text", "numpy", "reference", "array"],
)
def test_a_value_is_another_one_only_of_the_same_type(value: Any, expected: Any, answer: bool):
    assert is_value(value, expected) is answer


def test_a_new_parameter_gets_the_value_that_does_what_was_done_before():
    assert _after(CLIP.up, {}) == {"clip": False}
    assert _after(CLIP.up, {"clip": True}) == {"clip": True}


def test_a_new_parameter_goes_back_only_when_it_does_nothing_new():
    assert _after(CLIP.down, {"clip": False, "copy": True}) == {"copy": True}
    assert _after(CLIP.down, {}) == {}
    for value in (True, 0, None):
        with pytest.raises(Unsaid, match=r"clip=.* is new in scikit-learn 1\.8"):
            _after(CLIP.down, {"clip": value})


def test_a_new_parameter_that_an_object_does_not_look_at_goes_back_whatever_it_is():
    rule = added("1.7", "a.A", unused=lambda own: own["strategy"] == "uniform", method="warn")
    assert _after(rule.down, {"strategy": "uniform", "method": "median"}) == {"strategy": "uniform"}
    with pytest.raises(Unsaid):
        _after(rule.down, {"strategy": "quantile", "method": "median"})


def test_a_parameter_that_is_gone_is_dropped_and_comes_back_as_its_default():
    rule = removed("1.8", "cluster.Birch", copy="deprecated")
    assert _after(rule.up, {"copy": True, "C": 1}) == {"C": 1}
    assert _after(rule.down, {"C": 1}) == {"C": 1, "copy": "deprecated"}
    assert _after(rule.down, {"copy": 3}) == {"copy": 3}


def test_other_words_for_a_value_are_a_rule_both_ways():
    assert _after(WORDS.up, {"criterion": "friedman_mse"}) == {"criterion": "deprecated"}
    assert _after(WORDS.down, {"criterion": "deprecated"}) == {"criterion": "friedman_mse"}
    assert _after(WORDS.up, {"criterion": "squared_error"}) == {"criterion": "squared_error"}
    assert _after(WORDS.up, {}) == {}


@pytest.mark.parametrize(
    ("older", "newer"),
    [({"n_iter": 7}, {"max_iter": 7}), ({"n_iter": 300}, {"max_iter": 300})],
    ids=["other", "default"],
)
def test_another_name_for_a_parameter_is_two_rules_with_both_names_between(older: Any, newer: Any):
    begin, end = joined(("1.3", "1.5"), "a.A", "n_iter", "max_iter", 300)
    both = _after(begin.up, older)
    assert both == {"n_iter": "deprecated", **newer}
    assert _after(end.up, both) == newer
    assert _after(end.down, newer) == both
    assert _after(begin.down, both) == older


@pytest.mark.parametrize("unsaid", [{"n_iter": "deprecated", "max_iter": None}, {"n_iter": "deprecated"}], ids=str)
def test_a_parameter_of_two_names_that_neither_says_is_its_default(unsaid: Any):
    begin, end = joined(("1.3", "1.5"), "a.A", "n_iter", "max_iter", 300)
    assert _after(end.up, unsaid) == {"max_iter": 300}
    assert _after(begin.down, unsaid) == {"n_iter": 300}


def test_what_is_said_under_the_former_name_counts():
    [rule] = joined((None, "1.4"), "a.A", "affinity", "metric", "euclidean")
    assert _after(rule.up, {"affinity": "cosine", "metric": "euclidean"}) == {"metric": "cosine"}
    assert _after(rule.up, {"affinity": "deprecated", "metric": "cosine"}) == {"metric": "cosine"}
    assert _after(rule.down, {"metric": "cosine"}) == {"affinity": "deprecated", "metric": "cosine"}


def test_all_rows_that_say_the_same_are_changed_at_once():
    assert _edited(CLIP, {}, 3, is_upward=True) == {"clip": Same(False)}
    assert _edited(CLIP, {"clip": Same(False)}, 3) == {}
    assert _edited(WORDS, {"criterion": Same("deprecated")}, 3) == {"criterion": Same("friedman_mse")}


def test_rows_that_say_different_things_are_changed_each():
    fields = {"criterion": ["deprecated", "squared_error"], "C": [1, 2]}
    assert _edited(WORDS, fields, 2) == {"criterion": ["friedman_mse", "squared_error"], "C": [1, 2]}


def test_what_no_rule_changes_keeps_its_form():
    fields = {"criterion": ["squared_error", "absolute_error"]}
    assert _edited(WORDS, fields, 2) == fields


def test_one_row_with_a_new_parameter_is_enough_to_refuse_its_table():
    with pytest.raises(UnsupportedVersion, match=r"clip=True is new in scikit-learn 1\.8") as refused:
        _edited(CLIP, {"clip": [False, True]}, 2)
    assert refused.value.where == "0[1].clip"


def test_a_reference_is_not_shown_as_a_value():
    with pytest.raises(UnsupportedVersion, match=r"clip=\.\.\. is new"):
        _edited(CLIP, {"clip": [5]})


def test_infinite_numbers_are_plain_ones_to_a_rule():
    rule = Rule("1.8", "a.A", ("C",), lambda own: None, lambda own: own.update(C=-own["C"]))
    assert _edited(rule, {"C": {"float": "inf"}}) == {"C": {"float": "-inf"}}
    assert _edited(rule, {"C": 2.0}) == {"C": -2.0}
