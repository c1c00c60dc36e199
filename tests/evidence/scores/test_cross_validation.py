"""Folds score as in scikit-learn, whatever they are given; a fold that fails is told, and the others count."""

from __future__ import annotations

import inspect
from types import SimpleNamespace
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn import config_context
from sklearn.base import clone
from sklearn.cluster import KMeans
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, GroupKFold, KFold, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC

from hermetic.errors import UsageError
from hermetic.evidence.scores.cross_validation import FoldResult, fit_parameters, fold_of, run_folds
from hermetic.evidence.scores.scoring import name_scorers
from tests.evidence.scores.own_scorers import Failing, broken, several

X, y = load_breast_cancer(return_X_y=True)
X, y = X[:200], y[:200]
GROUPS = np.arange(200) % 8
WEIGHTS = np.random.default_rng(0).uniform(0.1, 3.0, 200)
SCALED = make_pipeline(StandardScaler(), LogisticRegression())
# scikit-learn 1.4 has renamed it.
GIVEN = "params" if "params" in inspect.signature(cross_validate).parameters else "fit_params"
with_routing = pytest.mark.skipif(GIVEN == "fit_params", reason="metadata routing of pipelines came with 1.4")
KERNEL = X @ X.T / 1e6
DATA: dict[str, tuple[Any, Any, Any]] = {
    "arrays": (SCALED, X, y),
    "frame": (SCALED, pd.DataFrame(X).add_prefix("f"), pd.Series(y)),
    "sparse": (Ridge(solver="sparse_cg"), sparse.csr_array(X / 100), y),
    "texts": (make_pipeline(TfidfVectorizer(), Ridge()), ["some words", "more of them"] * 100, y),
    "precomputed-kernel": (SVC(kernel="precomputed"), KERNEL, y),
    "two-targets": (Ridge(), X, X[:, :2]),
}


def run(model: Any, parts: dict[str, Any], scoring: Any = None, cv: Any = None, **options: Any) -> list[FoldResult]:
    return run_folds(model, parts, cv or list(KFold(4).split(parts["X"])), name_scorers(scoring), **options)


@pytest.mark.parametrize("name", DATA)
def test_scores_are_those_of_cross_validate(name: str):
    model, rows, target = DATA[name]
    expected = cross_validate(model, rows, target, cv=KFold(4), return_train_score=True)
    results = run(model, {"X": rows, "y": target})
    assert [result.fold.test["score"] for result in results] == expected["test_score"].tolist()
    assert [result.fold.train["score"] for result in results] == expected["train_score"].tolist()
    assert all(result.fold.fit_seconds > 0 and not result.problem for result in results)


SCORINGS: dict[str, tuple[Any, list[str]]] = {
    "a-name": ("accuracy", ["accuracy"]),
    "names": (["accuracy", "roc_auc"], ["accuracy", "roc_auc"]),
    "a-dictionary": ({"own": "f1", "other": "accuracy"}, ["own", "other"]),
    "one-that-gives-several": (several, ["one", "share"]),
}


@pytest.mark.parametrize("name", SCORINGS)
def test_every_form_of_scoring_is_as_in_cross_validate(name: str):
    scoring, names = SCORINGS[name]
    expected = cross_validate(SCALED, X, y, cv=KFold(4), scoring=scoring)
    first = run(SCALED, {"X": X, "y": y}, scoring)[0].fold.test
    assert list(first) == names
    for word, found in first.items():
        assert found == expected.get(f"test_{word}", expected.get("test_score"))[0]


def test_weights_are_handed_to_fit_for_their_samples():
    model = Ridge()
    results = run(model, {"X": X, "y": X[:, 0], "sample_weight": WEIGHTS})
    expected = cross_validate(model, X, X[:, 0], cv=KFold(4), **{GIVEN: {"sample_weight": WEIGHTS}})
    assert [result.fold.test["score"] for result in results] == expected["test_score"].tolist()
    assert results[0].fold.test != run(model, {"X": X, "y": X[:, 0]})[0].fold.test


def test_weights_of_a_pipeline_are_for_its_last_step():
    parts = {"X": X, "y": y, "sample_weight": WEIGHTS, "fit_params.more": 3}
    assert fit_parameters(SCALED, parts).keys() == {"more", "logisticregression__sample_weight"}
    assert fit_parameters(LogisticRegression(), parts).keys() == {"more", "sample_weight"}
    del parts["fit_params.more"]
    assert not any(result.problem for result in run(SCALED, parts))


@with_routing
def test_with_metadata_routing_weights_go_where_they_are_asked_for():
    with config_context(enable_metadata_routing=True):
        scaled = make_pipeline(StandardScaler().set_fit_request(sample_weight=False), Ridge())
        scaled[-1].set_fit_request(sample_weight=True).set_score_request(sample_weight=True)
        parts = {"X": X, "y": X[:, 0], "sample_weight": WEIGHTS, "groups": GROUPS}
        assert fit_parameters(scaled, parts).keys() == {"sample_weight"}
        results = run(scaled, parts)
        expected = cross_validate(scaled, X, X[:, 0], cv=KFold(4), params={"sample_weight": WEIGHTS})
    assert [result.fold.test["score"] for result in results] == expected["test_score"].tolist()


@with_routing
def test_with_metadata_routing_groups_reach_a_search_that_splits_by_them():
    with config_context(enable_metadata_routing=True):
        search = GridSearchCV(Ridge(), {"alpha": [0.1, 1.0]}, cv=GroupKFold(2))
        assert fit_parameters(search, {"X": X, "groups": GROUPS}).keys() == {"groups"}
        results = run(search, {"X": X, "y": X[:, 0], "groups": GROUPS}, cv=list(GroupKFold(4).split(X, groups=GROUPS)))
    assert not any(result.problem for result in results)


def test_a_fold_that_fails_has_no_scores_and_says_why():
    rows = np.arange(40.0).reshape(40, 1)
    results = run(Failing(0.0), {"X": rows, "y": rows[:, 0]}, ["r2", "max_error"])
    assert results[0].problem == ""
    assert results[0].fold.test["r2"] is not None
    for result in results[1:]:
        assert result.problem == "ValueError: 0.0 is not for me"
        assert result.fold.test == result.fold.train == {"r2": None, "max_error": None}
        assert (result.fold.n_train, result.fold.n_test, dict(result.outputs)) == (30, 10, {})


def test_a_scorer_that_fails_leaves_the_others():
    with pytest.warns(UserWarning, match="Scoring failed"):
        [result] = run(
            Ridge(), {"X": X, "y": y}, {"r2": "r2", "own": broken}, cv=[(np.arange(100), np.arange(100, 200))]
        )
    assert result.problem == "ArithmeticError: no score today"
    assert result.fold.test["own"] is None
    assert result.fold.test["r2"] is not None


@pytest.mark.parametrize("backend", ["loky", "threading", "sequential"])
def test_several_processes_give_the_same_and_tell_how_far_they_are(backend: str):
    heard: list[tuple[int, int]] = []
    model = RandomForestClassifier(10, random_state=0)
    with joblib.parallel_config(backend=backend, n_jobs=2):
        results = run(model, {"X": X, "y": y}, progress=lambda done, total: heard.append((done, total)))
    assert heard == [(1, 4), (2, 4), (3, 4), (4, 4)]
    alone = run(model, {"X": X, "y": y}, n_jobs=1)
    assert [result.fold.test for result in results] == [result.fold.test for result in alone]
    assert [result.outputs["prediction"].tolist() for result in results] == [
        result.outputs["prediction"].tolist() for result in alone
    ]


def test_a_backend_that_gives_results_only_at_the_end_works_as_well(monkeypatch: pytest.MonkeyPatch):
    from sklearn.utils import parallel

    class Older(parallel.Parallel):
        def __init__(self, n_jobs: int | None = None) -> None:
            super().__init__(n_jobs=n_jobs)

    monkeypatch.setattr(parallel, "Parallel", Older)
    assert [result.fold.n_test for result in run(SCALED, {"X": X, "y": y})] == [50, 50, 50, 50]


def test_predictions_are_left_out_where_nobody_wants_them():
    assert all(not result.outputs for result in run(SCALED, {"X": X, "y": y}, wants_outputs=False))
    assert all(not result.outputs for result in run(StandardScaler(), {"X": X}, scoring=lambda *given: 1.0))


def test_the_model_is_not_changed():
    model = Ridge()
    rows, target = load_diabetes(return_X_y=True)
    run(model, {"X": rows, "y": target})
    assert not hasattr(model, "coef_")


LAST = [(np.arange(100), np.arange(100, 200))]
TARGETS: dict[str, Any] = {
    "texts": np.array(["benign", "malign"])[y],
    "objects": np.array(["benign", "malign"], dtype=object)[y],
    "truth": y == 1,
    "series": pd.Series(y, index=np.arange(200)[::-1]),
    "categories": pd.Series(pd.Categorical.from_codes(y, ["benign", "malign"])),
    "list": y.tolist(),
}


@pytest.mark.parametrize("name", TARGETS)
def test_predictions_are_of_the_tested_samples_whatever_the_labels(name: str):
    [result] = run(SCALED, {"X": X, "y": TARGETS[name]}, cv=LAST)
    fitted = clone(SCALED).fit(X[:100], np.asarray(TARGETS[name])[:100])
    assert result.problem == ""
    assert np.array_equal(result.outputs["prediction"], fitted.predict(X[100:]))
    assert np.array_equal(result.outputs["probabilities"], fitted.predict_proba(X[100:]))
    assert np.array_equal(result.outputs["classes"], fitted.classes_)


OUTPUTS: dict[str, tuple[Any, Any, set[str]]] = {
    "probabilities": (LogisticRegression(max_iter=5000), y, {"prediction", "probabilities", "classes"}),
    "a-decision": (LinearSVC(), y, {"prediction", "decision", "classes"}),
    "numbers": (Ridge(), X[:, 0], {"prediction"}),
    "several-numbers": (Ridge(), X[:, :2], {"prediction"}),
    "many-classes": (DummyClassifier(), np.arange(200) % 40, {"prediction"}),
    "clusters": (KMeans(2, n_init=1, random_state=0), None, set()),
}


@pytest.mark.parametrize("name", OUTPUTS)
def test_a_model_is_asked_for_what_it_can_answer(name: str):
    model, target, expected = OUTPUTS[name]
    [result] = run(model, {"X": X / X.max(axis=0), **({} if target is None else {"y": target})}, cv=LAST)
    assert set(result.outputs) == expected


def test_a_model_that_cannot_be_asked_is_scored_all_the_same():
    class Silent(LogisticRegression):
        def predict_proba(self, X: Any) -> Any:
            raise RuntimeError("not today")

    [result] = run(Silent(max_iter=5000), {"X": X, "y": y}, "accuracy", cv=LAST)
    assert (result.problem, set(result.outputs)) == ("", {"prediction"})
    assert result.fold.test["accuracy"] is not None


FIT: dict[str, tuple[Any, dict[str, Any], set[str]]] = {
    "nothing": (Ridge(), {"X": X}, set()),
    "no-weights": (Ridge(), {"X": X, "sample_weight": None}, set()),
    "weights": (Ridge(), {"sample_weight": WEIGHTS}, {"sample_weight"}),
    "weights-of-a-pipeline": (SCALED, {"sample_weight": WEIGHTS}, {"logisticregression__sample_weight"}),
    "by-name": (Ridge(), {"fit_params.a": 1, "fit_params.b__c": 2}, {"a", "b__c"}),
    "groups-are-for-the-splitter": (Ridge(), {"groups": GROUPS}, set()),
    "something-with-steps-that-are-none": (
        SimpleNamespace(steps="many"),
        {"sample_weight": WEIGHTS},
        {"sample_weight"},
    ),
}


@pytest.mark.parametrize("name", FIT)
def test_fit_is_handed_what_it_takes(name: str):
    estimator, parts, expected = FIT[name]
    assert set(fit_parameters(estimator, parts)) == expected


def test_parameters_by_name_are_cut_to_the_fold_where_they_are_of_samples():
    results = run(Ridge(), {"X": X, "y": X[:, 0], "fit_params.sample_weight": WEIGHTS}, cv=LAST)
    assert results[0].fold.test == run(Ridge(), {"X": X, "y": X[:, 0], "sample_weight": WEIGHTS}, cv=LAST)[0].fold.test


NUMBERS: dict[str, tuple[Any, float | None]] = {
    "a-share": (0.25, 0.25),
    "half-precision": (np.float16(0.5), 0.5),
    "a-whole-number": (np.int64(3), 3.0),
    "truth": (np.True_, 1.0),
    "not-a-number": (np.nan, None),
    "infinite": (-np.inf, None),
}


@pytest.mark.parametrize("name", NUMBERS)
def test_scores_are_plain_numbers_or_none(name: str):
    score, expected = NUMBERS[name]
    fold = fold_of({"test_r2": [0.0, score], "fit_time": [0.0, 1.5]}, 1, names=["r2"], n_train=3, n_test=1)
    assert fold.test == {"r2": expected}
    assert type(fold.test["r2"]) in (float, type(None))
    assert (fold.fit_seconds, fold.score_seconds, fold.train) == (1.5, 0.0, {"r2": None})


def test_a_fold_without_results_has_every_scorer_and_no_score():
    fold = fold_of({}, 0, names=["r2", "own"], n_train=3, n_test=1)
    assert fold.test == fold.train == {"r2": None, "own": None}
    assert (fold.fit_seconds, fold.n_train, fold.n_test) == (0.0, 3, 1)


def test_no_fold_at_a_time_is_wrong_usage():
    with pytest.raises(UsageError, match="n_jobs must be"):
        run(SCALED, {"X": X, "y": y}, n_jobs=0)


def test_as_many_folds_at_a_time_as_there_are_cores():
    results = run(Ridge(), {"X": X, "y": X[:, 0]}, n_jobs=-1)
    assert [result.fold.test for result in results] == [
        result.fold.test for result in run(Ridge(), {"X": X, "y": X[:, 0]})
    ]


def test_folds_that_overlap_or_leave_samples_out_are_scored_as_given():
    cv = [(np.arange(120), np.arange(100, 160)), (np.arange(50, 150), np.array([7, 7, 7]))]
    results = run(Ridge(), {"X": X, "y": X[:, 0]}, cv=cv)
    assert [(result.fold.n_train, result.fold.n_test) for result in results] == [(120, 60), (100, 3)]
    assert len(results[1].outputs["prediction"]) == 3
