"""Models of every kind are made again from their files: the same folds, the same scores, the same answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.cluster import KMeans
from sklearn.compose import TransformedTargetRegressor, make_column_transformer
from sklearn.datasets import load_breast_cancer, load_iris
from sklearn.ensemble import IsolationForest, RandomForestClassifier, RandomForestRegressor
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.metrics import f1_score, make_scorer
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    KFold,
    LeaveOneOut,
    PredefinedSplit,
    RepeatedStratifiedKFold,
    ShuffleSplit,
    StratifiedGroupKFold,
    TimeSeriesSplit,
)
from sklearn.multioutput import MultiOutputClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

import hermetic
from hermetic.evidence.rebuilding.rebuild import rebuild
from hermetic.evidence.rebuilding.report import Rebuild
from hermetic.evidence.recording import record
from tests.evidence.rebuilding.test_rebuild import evidence_in, verdicts, words
from tests.evidence.scores.own_scorers import share_of_inliers

X, y = load_iris(return_X_y=True)
CANCER, sick = load_breast_cancer(return_X_y=True)
CANCER, sick = CANCER[:150, :5], sick[:150]
CHANCE = np.random.default_rng(0)
GROUPS = np.arange(len(X)) % 10
WEIGHTS = CHANCE.uniform(0.1, 3.0, len(X))
FRAME = pd.DataFrame(X, columns=["a", "b", "c", "d"]).assign(kind=np.array(["u", "v", "w"])[np.arange(len(X)) % 3])
TEXTS = [f"{'good' if target else 'bad'} words of number {number % 7}" for number, target in enumerate(sick)]
TREE = DecisionTreeClassifier(max_depth=3, random_state=0)
COLUMNS = make_column_transformer((OneHotEncoder(), ["kind"]), remainder="passthrough")

Made = tuple[Any, Any, Any, dict[str, Any]]
KINDS: dict[str, Callable[[], Made]] = {
    "classes": lambda: (TREE, X, y, {}),
    "numbers": lambda: (Ridge(), X[:, :3], X[:, 3], {}),
    "classes-as-texts": lambda: (TREE, X, np.array(["setosa", "other", "last"])[y], {}),
    "classes-as-truth": lambda: (TREE, CANCER, sick == 1, {"scoring": "roc_auc"}),
    "two-targets-of-numbers": lambda: (Ridge(), X[:, :2], X[:, 2:], {"scoring": ["r2", "neg_mean_squared_error"]}),
    "two-targets-of-classes": lambda: (
        MultiOutputClassifier(TREE),
        X,
        np.stack([y, y[::-1]], axis=1),
        {"cv": KFold(3)},
    ),
    "one-column-of-numbers": lambda: (LinearRegression(), X[:, :3], X[:, 3:], {}),
    "several-scorers": lambda: (TREE, CANCER, sick, {"scoring": ["accuracy", "roc_auc", "f1", "neg_log_loss"]}),
    "scorers-by-name": lambda: (TREE, X, y, {"scoring": {"mine": make_scorer(f1_score, average="macro")}}),
    "a-scorer-of-errors": lambda: (Ridge(), X[:, :3], 1e6 * X[:, 3], {"scoring": "neg_mean_squared_error"}),
    "tiny-errors": lambda: (Ridge(), X[:, :3], 1e-6 * X[:, 3], {"scoring": "neg_mean_squared_error"}),
    "groups": lambda: (TREE, X, y, {"groups": GROUPS, "cv": GroupKFold(4)}),
    "groups-and-classes": lambda: (TREE, X, y, {"groups": GROUPS, "cv": StratifiedGroupKFold(3)}),
    "weights": lambda: (TREE, X, y, {"sample_weight": WEIGHTS}),
    "weights-of-a-pipeline": lambda: (
        make_pipeline(StandardScaler(), LogisticRegression(random_state=0)),
        X,
        y,
        {"sample_weight": WEIGHTS},
    ),
    "one-fold": lambda: (TREE, X, y, {"cv": ShuffleSplit(1, random_state=0)}),
    "one-fold-as-indices": lambda: (TREE, X, y, {"cv": [(np.arange(0, 150, 2), np.arange(1, 150, 2))]}),
    "folds-as-masks": lambda: (TREE, X, y, {"cv": [(np.arange(150) % 3 > 0, np.arange(150) % 3 == 0)]}),
    "folds-by-chance": lambda: (TREE, X, y, {"cv": ShuffleSplit(3)}),
    "every-sample-once": lambda: (TREE, X[45:60], y[45:60], {"cv": LeaveOneOut()}),
    "folds-as-told": lambda: (TREE, X, y, {"cv": PredefinedSplit(np.arange(150) % 4)}),
    "repeated": lambda: (TREE, X, y, {"cv": RepeatedStratifiedKFold(n_splits=2, n_repeats=2, random_state=1)}),
    "in-time": lambda: (Ridge(), X[:, :3], X[:, 3], {"cv": TimeSeriesSplit(3)}),
    "a-class-absent-in-each-fold": lambda: (TREE, X, y, {"cv": KFold(3)}),
    "sparse": lambda: (Ridge(solver="sparse_cg"), sparse.csr_matrix(np.where(X > 1, X, 0)), X[:, 3], {}),
    "a-frame": lambda: (make_pipeline(COLUMNS, TREE), FRAME, pd.Series(y, name="species"), {}),
    "texts": lambda: (
        make_pipeline(HashingVectorizer(n_features=64), LogisticRegression(random_state=0)),
        TEXTS,
        sick,
        {},
    ),
    "a-kernel": lambda: (SVC(kernel="precomputed", random_state=0), X @ X.T, y, {}),
    "distances": lambda: (
        KNeighborsClassifier(metric="precomputed"),
        np.abs(X[:, None, :] - X[None, :, :]).sum(axis=2),
        y,
        {},
    ),
    "a-search": lambda: (GridSearchCV(TREE, {"max_depth": [1, 3]}, cv=3), X, y, {}),
    "a-search-over-a-pipeline": lambda: (
        GridSearchCV(make_pipeline(StandardScaler(), Ridge()), {"ridge__alpha": [0.1, 10.0]}, cv=KFold(3)),
        X[:, :3],
        X[:, 3],
        {},
    ),
    "a-target-that-is-transformed": lambda: (
        TransformedTargetRegressor(Ridge(), transformer=StandardScaler()),
        X[:, :3],
        X[:, 3],
        {},
    ),
    "a-forest-of-several-targets": lambda: (RandomForestRegressor(3, random_state=0), X[:, :2], X[:, 2:], {}),
    "no-target": lambda: (KMeans(3, n_init=1, random_state=0), X, None, {}),
    "folds-in-two-processes": lambda: (TREE, X, y, {"n_jobs": 2}),
}
"""Scores of all of these are the same when they are computed again."""


def rebuilt(folder: Path, made: Made, **wishes: Any) -> tuple[Path, Rebuild]:
    estimator, rows, target, options = made
    parts = {name: options[name] for name in ("groups", "sample_weight") if name in options}
    given = [rows] if target is None else [rows, target]
    is_pipeline = hasattr(estimator, "steps")
    name = f"{estimator.steps[-1][0]}__sample_weight" if is_pipeline else "sample_weight"
    weights = {name: parts["sample_weight"]} if "sample_weight" in parts else {}
    model = estimator.fit(*given, **weights)
    known = {"cv": 3, "data": None, "source": None, "progress": False, **options}
    old = folder / "old.hermetic"
    hermetic.dump(model, old, evidence=record(model, *given, **known))
    data = {"X": rows, **({} if target is None else {"y": target}), **parts}
    return old, rebuild(old, folder / "new.hermetic", data=data, **wishes)


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_is_made_again_and_scores_the_same(name: str, tmp_path: Path):
    old, report = rebuilt(tmp_path, KINDS[name]())
    assert report.ok, str(report)
    before, now = (evidence_in(path, "scores") for path in (old, tmp_path / "new.hermetic"))
    assert now.folds_digest == before.folds_digest
    assert [fold.test for fold in now.folds] == [fold.test for fold in before.folds]
    assert [(fold.n_train, fold.n_test) for fold in now.folds] == [(fold.n_train, fold.n_test) for fold in before.folds]
    assert verdicts(report)["scores"] == "passed"


@pytest.mark.filterwarnings("ignore:Only one class:sklearn.exceptions.UndefinedMetricWarning")
@pytest.mark.filterwarnings("ignore:Scoring failed:UserWarning")
def test_a_class_absent_in_a_fold_has_no_area_and_the_others_count(tmp_path: Path):
    made: Made = (
        TREE,
        CANCER,
        sick,
        {"cv": [(np.arange(75, 150), np.flatnonzero(sick[:75] == 1)), *KFold(2).split(X)]},
    )
    made[3]["scoring"] = ["accuracy", "roc_auc"]
    _, report = rebuilt(tmp_path, made)
    scores = evidence_in(tmp_path / "old.hermetic", "scores")
    assert scores.folds[0].test["roc_auc"] is None
    assert scores.folds[0].test["accuracy"] is not None
    assert None not in [fold.test["roc_auc"] for fold in scores.folds[1:]]
    assert verdicts(report)["scores"] == "passed"


def test_what_was_scored_nowhere_is_not_called_the_same(tmp_path: Path):
    _, report = rebuilt(tmp_path, (TREE, X, y, {"cv": KFold(3), "scoring": "roc_auc_ovr"}))
    assert verdicts(report)["scores"] == "noted"
    assert "no fold had a score before" in words(report, "scores")


@pytest.mark.parametrize("options", [{}, {"cv": None}], ids=["cannot-be-scored", "not-scored"])
def test_what_was_not_scored_is_made_again_and_its_answers_are_compared(options: dict[str, Any], tmp_path: Path):
    _, report = rebuilt(tmp_path, (IsolationForest(n_estimators=5, random_state=0), X, None, options))
    found = verdicts(report)
    assert (found["refit"], found["scores"], found["answers"], found["write"]) == (
        "passed",
        "skipped",
        "passed",
        "passed",
    )
    assert "nothing tells whether the model is as good as before" in words(report, "scores")
    assert (tmp_path / "new.hermetic").exists()


def test_what_finds_outliers_is_made_again_where_a_scorer_is_named(tmp_path: Path):
    made: Made = (IsolationForest(n_estimators=5, random_state=0), X, None, {"scoring": share_of_inliers})
    _, report = rebuilt(tmp_path, made, trusted=[share_of_inliers])
    assert set(verdicts(report).values()) == {"passed"}


@pytest.mark.parametrize("backend", [None, "threading", "loky"])
def test_two_processes_or_threads_make_the_same_model(backend: Any, tmp_path: Path):
    made: Made = (RandomForestClassifier(4, random_state=0), X, y, {})
    _, report = rebuilt(tmp_path, made, n_jobs=2, backend=backend)
    assert set(verdicts(report).values()) == {"passed"}


@pytest.mark.parametrize("tolerance", [float("nan"), -1.0, float("inf"), "much"], ids=repr)
def test_a_wrong_tolerance_ends_before_anything_is_opened(tolerance: Any, tmp_path: Path):
    with pytest.raises(hermetic.UsageError, match="tolerance must be a number"):
        rebuild(tmp_path / "none.hermetic", tolerance=tolerance)


def test_a_tolerance_of_nothing_is_kept_where_all_is_seeded(tmp_path: Path):
    _, report = rebuilt(tmp_path, (TREE, X, y, {}), tolerance=0)
    assert (report.ok, "as before, tolerated is 0" in words(report, "scores")) == (True, True)


@pytest.mark.parametrize("wish", [True, False])
def test_folds_are_counted_on_the_error_stream_where_that_is_wished(
    wish: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    _, report = rebuilt(tmp_path, (TREE, X, y, {}), progress=wish)
    shown = capsys.readouterr()
    assert report.ok
    assert shown.out == ""
    assert ("cross-validating" in shown.err) is wish


def test_the_old_file_is_left_as_it_is(tmp_path: Path):
    old, _ = rebuilt(tmp_path, (TREE, X, y, {}))
    before = old.read_bytes()
    report = rebuild(old, tmp_path / "another.hermetic", data=(X, y), force=True)
    assert report.ok
    assert old.read_bytes() == before


def test_rebuilding_twice_gives_the_same_model_and_the_same_scores(tmp_path: Path):
    old, _ = rebuilt(tmp_path, (TREE, X, y, {}))
    rebuild(old, tmp_path / "another.hermetic", data=(X, y))
    one, other = (tmp_path / name for name in ("new.hermetic", "another.hermetic"))
    assert hermetic.dumps(hermetic.load(one)) == hermetic.dumps(hermetic.load(other))
    for kind in ("data", "lineage"):
        assert evidence_in(one, kind) == evidence_in(other, kind)
