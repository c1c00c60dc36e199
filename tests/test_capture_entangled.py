"""Capturing objects of one kind of which one contains another: they share no table, and no cycle is seen in them."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import StandardScaler

import hermetic
from hermetic import capture as module
from hermetic.capture import capture
from hermetic.errors import CannotSave

X = np.arange(24.0).reshape(12, 2)
Y = np.arange(12) % 3


def _pipelines() -> Any:
    inner = Pipeline([("scale", StandardScaler())]).fit(X)
    return {"inner": inner, "outer": Pipeline([("prepare", inner), ("scale", StandardScaler())]).fit(X)}


def _outer_first() -> Any:
    models = _pipelines()
    return {"outer": models["outer"], "inner": models["inner"]}


def _chain() -> Any:
    models = [Pipeline([("scale", StandardScaler())])]
    for _ in range(4):
        models.append(Pipeline([("before", models[-1])]))
    return models


def _unions_and_pipelines() -> Any:
    pipelines = [Pipeline([("scale", StandardScaler())])]
    pipelines.append(Pipeline([("before", pipelines[0])]))
    unions = [FeatureUnion([("one", StandardScaler())])]
    unions.append(FeatureUnion([("before", unions[0])]))
    return [pipelines, unions, [(1, [2])]]


def _tuples() -> Any:
    first = (1, [2])
    return [first, (first, [3])]


def _keys() -> Any:
    first = ("a", (1, 2.5))
    return {first: 1, (first, (3,)): 2}


def _estimators_that_are_checked() -> Any:
    inner = OneVsRestClassifier(LogisticRegression()).fit(X, Y == 0)
    outer = OneVsRestClassifier(LogisticRegression()).fit(X, Y)
    outer.estimators_[0] = inner
    return [inner, outer]


def _members_of_a_set() -> Any:
    return {("a", frozenset({1})), ("b", frozenset({2}))}


ENTANGLED = [
    _pipelines,
    _outer_first,
    _chain,
    _unions_and_pipelines,
    _tuples,
    _keys,
    _estimators_that_are_checked,
    _members_of_a_set,
]


@pytest.mark.parametrize("make", ENTANGLED, ids=lambda make: make.__name__)
def test_what_contains_another_of_its_kind_is_saved_and_comes_back(make: Any) -> None:
    file = hermetic.dumps(make())
    loaded = hermetic.loads(file)
    assert repr(loaded) == repr(make()) or isinstance(loaded, set)
    assert hermetic.dumps(loaded) == file


def test_what_is_shared_stays_shared() -> None:
    loaded = hermetic.loads(hermetic.dumps(_pipelines()))
    assert loaded["outer"].steps[0][1] is loaded["inner"]
    assert loaded["outer"].transform(X).tolist() == _pipelines()["outer"].transform(X).tolist()


def test_only_the_entangled_stand_alone() -> None:
    graph = capture([_pipelines(), [StandardScaler(copy=number) for number in range(20)]])
    assert [node.rows for node in graph.nodes if getattr(node, "rows", 1) == 20] == [20]


def test_links_into_what_is_not_checked_stay_where_they_are() -> None:
    first = [1]
    graph = capture([first, [first]])
    assert len(graph.links) == 1
    assert graph.nodes[0].rows == 2  # type: ignore[union-attr]


def _cycle_through_a_tuple() -> Any:
    inner: list[Any] = []
    inner.append((inner, 1))
    return [inner, [2]]


def test_a_true_cycle_of_a_table_is_refused_as_ever() -> None:
    with pytest.raises(CannotSave, match="contains itself through a tuple"):
        capture(_cycle_through_a_tuple())


def _tangles(n_kinds: int) -> Any:
    """Give pairs of tuples of which one contains the other; each pair has a length, and so a table, of its own."""
    values: list[Any] = []
    for length in range(n_kinds):
        first = ([], *range(length))
        values += [first, (first, *range(length))]
    return values


@pytest.mark.parametrize("n_kinds", [1, 2, 3, 4, 40])
def test_many_tangles_cost_a_few_walks(n_kinds: int, monkeypatch: pytest.MonkeyPatch) -> None:
    walks = []
    walk = module._Walk.graph_of
    monkeypatch.setattr(module._Walk, "graph_of", lambda self, model: walks.append(model) or walk(self, model))
    model = _tangles(n_kinds)
    graph = capture(model)
    monkeypatch.undo()
    assert 2 <= len(walks) <= module._MOST_WALKS + 1
    assert graph.links == []
    assert hermetic.loads(hermetic.dumps(model)) == model


@pytest.mark.parametrize("number", range(40))
def test_any_nest_of_tuples_and_lists_comes_back_with_its_sharing(number: int) -> None:
    choose = random.Random(number)
    values: list[Any] = [[0], (0, [1])]
    for _ in range(choose.randrange(3, 14)):
        items = [choose.choice([7, "a", choose.choice(values)]) for _ in range(choose.choice((1, 2, 3)))]
        values.append(tuple(items) if choose.random() < 0.6 else items)
    choose.shuffle(values)
    file = hermetic.dumps(values)
    loaded = hermetic.loads(file)
    assert loaded == values
    assert hermetic.dumps(loaded) == file
    lists = [(one, other) for one, other in zip(values, loaded, strict=True) if isinstance(one, list)]
    assert len({id(other) for _, other in lists}) == len({id(one) for one, _ in lists})
