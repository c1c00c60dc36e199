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
from sklearn.linear_model import LogisticRegression, Ridge, RidgeClassifier, SGDClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler, StandardScaler
from sklearn.svm import SVC

import hermetic
from hermetic.capture import capture
from hermetic.differences import models
from hermetic.differences.models import changes_between
from tests.differences.files import X, Y, between, section
from tests.formats.skops_files import dictionary, plain, skops_file, the_list


def lines(before: Any, after: Any) -> list[str]:
    return [f"{change.kind} {change}" for change in changes_between(capture(before), capture(after))]


PLAIN: dict[str, tuple[Any, Any, list[str] | None]] = {
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
    "a-tuple-that-became-longer": (
        [("a", 1), ("b", 2)],
        [("a", 1, 3), ("b", 2)],
        ["structure $['a']: tuple of 2 -> tuple of 3"],
    ),
    "a-tuple-of-objects-that-became-shorter": (
        [("a", [1], [2])],
        [("a", [5])],
        ["structure $['a']: tuple of 3 -> tuple of 2", "parameter $['a'][0]: 1 -> 5"],
    ),
    "texts-that-begin-alike": ("x" * 99, "x" * 98 + "y", None),
    "negative-zero": (0.0, -0.0, ["parameter $: 0.0 -> -0.0"]),
    "infinite": ([float("inf")], [float("-inf")], ["parameter $[0]: inf -> -inf"]),
    "large-integers": ([2**90], [2**90 + 1], None),
    "bytes": ({"a": b"x"}, {"a": b"y"}, ["parameter $['a']: b'x' -> b'y'"]),
    "empty-containers": ([[], {}, (), set()], [[], {}, (), set()], []),
    "an-empty-list-becomes-a-dictionary": ({"a": []}, {"a": {}}, ["parameter $['a']: list of 0 -> dict of 0"]),
    "texts-with-quotes": ({"it's": 1}, {"it's": 2}, ['parameter $["it\'s"]: 1 -> 2']),
    "names-like-texts": ({"1": 1, 1: 2}, {"1": 1, 1: 3}, ["parameter $[1]: 2 -> 3"]),
    "other-letters": ({"größe": "☃"}, {"größe": "\u202e"}, None),
    "an-array-of-another-shape": (
        [np.zeros(3)],
        [np.zeros((3, 1))],
        ["parameter $[0]: float64 (3,) -> float64 (3, 1)"],
    ),
    "a-thousand-columns": (
        {"X": np.zeros((2, 1_000))},
        {"X": np.eye(2, 1_000)},
        ["parameter $['X']: 2 of 2,000 values, by at most 1, relative 1"],
    ),
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


def a_function_whose_name_is_so_long_that_it_is_cut_where_it_is_shown_one(rows: Any) -> Any:
    return rows


def a_function_whose_name_is_so_long_that_it_is_cut_where_it_is_shown_two(rows: Any) -> Any:
    return rows


LONG_NAMES = (
    a_function_whose_name_is_so_long_that_it_is_cut_where_it_is_shown_one,
    a_function_whose_name_is_so_long_that_it_is_cut_where_it_is_shown_two,
)


def test_functions_whose_long_names_begin_alike_are_not_the_same():
    before, after = (FunctionTransformer(function) for function in LONG_NAMES)
    [line] = lines(before, after)
    assert line.startswith("parameter $.func: ")
    assert lines(before, before) == []


def test_functions_with_long_names_within_tuples_are_not_the_same():
    [line] = lines([(1, LONG_NAMES[0])], [(1, LONG_NAMES[1])])
    assert line.startswith("parameter $[0]")


def nested(depth: int, last: Any) -> Any:
    for level in range(depth):
        last = Pipeline([(f"level{level}", last)])
    return last


def test_a_parameter_five_pipelines_deep_is_found():
    assert lines(nested(5, Ridge(alpha=1.0)), nested(5, Ridge(alpha=2.0))) == [
        "parameter " + "$" + "".join(f".steps['level{level}']" for level in range(4, -1, -1)) + ".alpha: 1.0 -> 2.0"
    ]


def test_models_in_a_list_are_compared_one_by_one():
    before, after = ([Ridge(alpha=1.0), Ridge(alpha=number)] for number in (2.0, 3.0))
    assert lines(before, after) == ["parameter $[1].alpha: 2.0 -> 3.0"]


def test_coefficients_that_became_sparse_are_another_type():
    before, after = (SGDClassifier(random_state=0).fit(X, Y) for _ in range(2))
    found = lines(before, after.sparsify())
    assert len(found) == 1
    assert found[0].startswith("fitted $.coef_: float64 (1, 4) -> csr")


def test_sparse_coefficients_are_compared_by_their_values():
    before, after = (SGDClassifier(random_state=0).fit(X, labels).sparsify() for labels in (Y, 1 - Y))
    assert any(line.startswith("fitted $.coef_") and "of 4 values" in line for line in lines(before, after))


def test_skops_files_are_compared_with_each_other_and_with_ours(tmp_path: Path):
    for name, value in (("a", 1), ("b", 2)):
        pairs = dictionary({"threshold": plain(value), "words": the_list(plain("x"), plain("y"))})
        (tmp_path / f"{name}.skops").write_bytes(skops_file(pairs))
    hermetic.dump({"threshold": 1, "words": ["x", "y"]}, tmp_path / "a.hermetic")
    assert hermetic.diff(tmp_path / "a.skops", tmp_path / "a.hermetic").ok
    report = hermetic.diff(tmp_path / "a.skops", tmp_path / "b.skops")
    assert section(report, "parameters").lines == ("$['threshold']: 1 -> 2",)
    assert section(report, "answers").verdict == section(report, "data").verdict == "not recorded"
