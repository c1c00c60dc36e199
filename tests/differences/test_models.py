"""Two models are compared by what their files hold: types, steps, parameters, fitted state."""

from __future__ import annotations

import pickle
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.ensemble import GradientBoostingRegressor, HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.svm import SVC

import hermetic
from hermetic.capture import capture
from hermetic.differences import models
from hermetic.differences.models import changes_between
from tests.differences.files import X, Y, between, section


def lines(before: Any, after: Any) -> list[str]:
    return [f"{change.kind} {change}" for change in changes_between(capture(before), capture(after))]


PLAIN: dict[str, tuple[Any, Any, list[str]]] = {
    "numbers": (1, 2, ["parameter $: 1 -> 2"]),
    "kinds-of-equal-numbers": ([1, True, 0.0], [1.0, 1, -0.0], None),
    "texts": ({"a": "x"}, {"a": "y"}, ["parameter $['a']: 'x' -> 'y'"]),
    "an-item-more": ([1], [1, 2], ["parameter $: list of 1 -> list of 2"]),
    "a-key-more": ({"a": 1}, {"a": 1, "b": 2}, ["parameter $['b']: absent -> 2"]),
    "a-key-less": ({"a": 1, "b": [1]}, {"a": 1}, ["parameter $['b']: list of 1 -> absent"]),
    "another-kind": ([1], (1,), None),
    "none-becomes-an-array": ({"a": None}, {"a": np.zeros(3)}, ["parameter $['a']: None -> float64 (3,)"]),
    "many-items": (
        list(range(20)),
        [*range(19), 30],
        ["parameter $: 1 of 20 values; first 19 -> 30"],
    ),
    "keys-in-another-order": ({"a": 1, "b": 2}, {"b": 2, "a": 1}, []),
    "tuples-as-keys": ({(1, 2): 3}, {(1, 2): 4}, ["parameter $[(1, 2)]: 3 -> 4"]),
    "numbers-as-keys": ({1: "a", 2: "b"}, {1: "a", 2: "c"}, ["parameter $[2]: 'b' -> 'c'"]),
    "not-a-number": (float("nan"), float("nan"), []),
    "sets": ({1, 2}, {1, 3}, ["parameter $[1]: 2 -> 3"]),
    "object-arrays": (
        np.array(["a", None], dtype=object),
        np.array(["b", None], dtype=object),
        ["parameter $[0]: 'a' -> 'b'"],
    ),
    "shapes-of-object-arrays": (
        np.array([["a"]], dtype=object),
        np.array(["a"], dtype=object),
        ["parameter $: object array (1, 1) -> object array (1,)"],
    ),
}


@pytest.mark.parametrize("name", PLAIN)
def test_plain_values(name: str):
    before, after, expected = PLAIN[name]
    found = lines(before, after)
    if expected is None:
        assert found
    else:
        assert found == expected


def test_parameters_and_fitted_state_are_told_apart():
    found = lines(LogisticRegression(C=1.0).fit(X, Y), LogisticRegression(C=5.0).fit(X, Y))
    assert found[0] == "parameter $.C: 1.0 -> 5.0"
    assert {line.split(":")[0] for line in found[1:]} >= {"fitted $.coef_", "fitted $.intercept_"}


def test_parameters_within_fitted_state_are_fitted():
    searches = [GridSearchCV(LogisticRegression(), {"C": grid}, cv=2).fit(X, Y) for grid in ([0.1], [9.0])]
    found = lines(*searches)
    assert "fitted $.best_estimator_.C: 0.1 -> 9.0" in found
    assert "parameter $.param_grid['C'][0]: 0.1 -> 9.0" in found


def test_a_step_that_was_added_does_not_make_the_others_new():
    before = Pipeline([("scale", StandardScaler()), ("model", LogisticRegression())]).fit(X, Y)
    after = Pipeline([("scale", StandardScaler()), ("pca", PCA(2)), ("model", LogisticRegression(C=3))]).fit(X, Y)
    found = lines(before, after)
    assert found[0] == "structure $.steps['pca']: absent -> PCA"
    assert "parameter $.steps['model'].C: 1.0 -> 3" in found
    assert not any("scale" in line for line in found)
    assert lines(after, before)[0] == "structure $.steps['pca']: PCA -> absent"


def test_steps_in_another_order_are_told():
    steps = [("a", StandardScaler()), ("b", MinMaxScaler())]
    assert lines(Pipeline(steps), Pipeline(steps[::-1])) == ["structure $.steps: 'a', 'b' -> 'b', 'a'"]


def test_another_type_of_step_is_structure_and_its_state_is_not_compared():
    before = Pipeline([("scale", StandardScaler()), ("model", LogisticRegression())]).fit(X, Y)
    after = Pipeline([("scale", MinMaxScaler()), ("model", RidgeClassifier())]).fit(X, Y)
    assert lines(before, after) == [
        "structure $.steps['scale']: StandardScaler -> MinMaxScaler",
        "structure $.steps['model']: LogisticRegression -> RidgeClassifier",
    ]


def test_a_step_that_becomes_passthrough_is_structure():
    before, after = Pipeline([("a", StandardScaler())]), Pipeline([("a", "passthrough")])
    assert lines(before, after) == ["structure $.steps['a']: StandardScaler -> 'passthrough'"]


def test_columns_of_a_transformer_are_compared():
    before, after = (ColumnTransformer([("num", StandardScaler(), columns)]) for columns in ([0, 1], [0, 2]))
    assert lines(before, after) == ["parameter $.transformers['num'][2][1]: 1 -> 2"]


def test_words_are_compared_one_by_one():
    before, after = (CountVectorizer().fit([text]) for text in ("a cat sat", "a cow sat"))
    assert lines(before, after) == [
        "fitted $.vocabulary_['cat']: 0 -> absent",
        "fitted $.vocabulary_['cow']: absent -> 0",
    ]


def test_shared_objects_and_cycles_end():
    cycle: list[Any] = [1]
    cycle.append(cycle)
    other: list[Any] = [2]
    other.append([2, other])
    assert lines(cycle, other) == [
        "parameter $[0]: 1 -> 2",
        "parameter $[1][0]: 1 -> 2",
    ]


def test_paths_that_double_at_each_level_end():
    deep: Any = [1.5]
    for _ in range(60):
        deep = [deep, deep]
    start = time.perf_counter()
    assert lines(deep, deep) == []
    assert time.perf_counter() - start < 5


def test_a_comparison_that_takes_too_many_steps_says_so(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(models, "_MOST_STEPS", 20)
    [line] = lines([[number] for number in range(30)], [[number] for number in range(30)])
    assert line.startswith("structure ") and "not compared from here on" in line


def test_so_many_changes_are_enough(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(models, "_MOST_CHANGES", 3)
    assert len(lines([[1]] * 9, [[number] for number in range(9)])) == 3


class Own:
    def __init__(self, width: int, fitted: float) -> None:
        self.width = width
        self.fitted_ = fitted


def test_a_class_of_ones_own_is_compared_by_its_attributes():
    assert lines(Own(1, 0.5), Own(2, 0.75)) == ["parameter $.width: 1 -> 2", "fitted $.fitted_: 0.5 -> 0.75"]


def test_trees_of_a_forest_are_one_line_for_each_of_their_parts(tmp_path: Path):
    before, after = (RandomForestClassifier(12, random_state=seed).fit(X, Y) for seed in (0, 1))
    report = between(tmp_path, before, after)
    assert section(report, "parameters").lines == ("$.random_state: 0 -> 1",)
    fitted = section(report, "fitted")
    assert any(line.startswith("$.estimators_[*].random_state, in 12 places") for line in fitted.lines)
    assert len(fitted.lines) < 40


def test_a_pickle_is_the_same_as_the_file_made_of_it(tmp_path: Path):
    model = GradientBoostingRegressor(n_estimators=12, random_state=0).fit(X, X[:, 0])
    (tmp_path / "model.pkl").write_bytes(pickle.dumps(model))
    hermetic.dump(model, tmp_path / "model.hermetic")
    report = hermetic.diff(tmp_path / "model.pkl", tmp_path / "model.hermetic")
    assert report.ok, str(report)
    assert section(report, "versions").verdict == "same"


MODELS = (KNeighborsClassifier(), HistGradientBoostingClassifier(max_iter=3), SVC(), KMeans(2, n_init=1))


@pytest.mark.parametrize("model", MODELS, ids=lambda model: type(model).__name__)
def test_a_model_is_the_same_as_itself_saved_again(model: Any, tmp_path: Path):
    model.fit(X, Y)
    report = between(tmp_path, model, pickle.loads(pickle.dumps(model)))
    assert report.ok
