"""Folds score as in scikit-learn, whatever they are given; a fold that fails is told, and the others count."""

from __future__ import annotations

import inspect
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn import config_context
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, GroupKFold, KFold, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from hermetic.evidence.scores.cross_validation import FoldResult, fit_parameters, run_folds
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
