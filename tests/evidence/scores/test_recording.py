"""A cross-validation is recorded so that it can be run again: scores, folds, seeds, recipe, and what is missing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GroupKFold, KFold, ShuffleSplit, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import hermetic
from hermetic.errors import UsageError
from hermetic.evidence.scores import recording
from hermetic.evidence.scores.recording import cross_validated, scores_of
from hermetic.formats.container_reader import open_container
from hermetic.formats.sources import BufferSource
from hermetic.own_files import Wishes
from hermetic.recorded.evidence import Evidence
from hermetic.recorded.members import read_recipe, read_record
from tests.evidence.scores.own_scorers import Failing, several

X, y = load_breast_cancer(return_X_y=True)
CANCER = {"X": X, "y": y}
MODEL = make_pipeline(StandardScaler(), LogisticRegression(C=0.5)).fit(X, y)


def test_a_fitted_model_is_recorded_as_it_was_cloned():
    record, recipe = cross_validated(MODEL, CANCER, scoring=["accuracy", "roc_auc"])
    assert [fold.n_test for fold in record.folds] == [114, 114, 114, 114, 113]
    assert list(record.folds[0].test) == ["accuracy", "roc_auc"]
    assert record.splitter == "StratifiedKFold(n_splits=5, random_state=None, shuffle=False)"
    assert record.seeds == {"logisticregression__random_state": "None"}
    assert record.notes == []
    assert not hasattr(recipe.estimator[-1], "coef_")
    assert repr(recipe.estimator) == repr(clone(MODEL))
    assert recipe.scorers == {"accuracy": "accuracy", "roc_auc": "roc_auc"}
    assert record.out_of_fold is not None
    assert record.out_of_fold.n_samples == len(y)


@pytest.mark.parametrize("cv", [3, ShuffleSplit(2, random_state=np.random.RandomState(1)), list(KFold(3).split(X))])
def test_it_comes_back_from_a_file_and_makes_the_same_folds(cv: Any):
    record, recipe = cross_validated(MODEL, CANCER, cv=cv)
    data = hermetic.dumps(MODEL, evidence=Evidence(scores=record, recipe=recipe))
    container = open_container(BufferSource(data))
    assert read_record(container, "scores") == record
    kept = read_recipe(container, Wishes())
    again, _ = cross_validated(kept.estimator, CANCER, cv=kept.splitter)
    assert again.folds_digest == record.folds_digest
    assert [fold.test for fold in again.folds] == [fold.test for fold in record.folds]


def test_a_fold_that_fails_is_noted_once():
    rows = np.arange(40.0).reshape(40, 1)
    record, _ = cross_validated(Failing(0.0), {"X": rows, "y": rows[:, 0]}, cv=4, scoring="r2")
    assert record.notes == ["fold 2, 3, 4 failed: ValueError: 0.0 is not for me"]
    assert [fold.test["r2"] is None for fold in record.folds] == [False, True, True, True]
    everywhere, _ = cross_validated(Failing(0.0), {"X": 0 * rows, "y": rows[:, 0]}, cv=2)
    assert everywhere.notes == ["every fold failed: ValueError: 0.0 is not for me"]
    assert everywhere.out_of_fold is None


def test_what_cannot_be_kept_is_noted_and_the_scores_stay():
    class Local(KFold):
        pass

    record, recipe = cross_validated(MODEL, CANCER, cv=Local(3), scoring={"own": lambda *given: 1.0, "r2": "r2"})
    assert recipe.splitter is None
    assert recipe.scorers == {"r2": "r2"}
    assert [fold.test["own"] for fold in record.folds] == [1.0, 1.0, 1.0]
    assert [note.partition(",")[0] for note in record.notes] == [
        "the splitter cannot be kept",
        "the scorer own cannot be kept",
    ]


def test_a_model_that_is_none_is_refused():
    with pytest.raises(UsageError, match="a dict cannot be cloned"):
        cross_validated({}, CANCER)
    with pytest.raises(UsageError, match="no scorer 'acuracy'"):
        cross_validated(MODEL, CANCER, scoring="acuracy")


def test_a_clustering_without_truth_is_recorded_as_well():
    from sklearn.cluster import KMeans

    record, _ = cross_validated(KMeans(3, random_state=0), {"X": X}, cv=3)
    assert all(fold.test["score"] < 0 for fold in record.folds)
    assert record.out_of_fold is None


RESULTS = cross_validate(MODEL, X, y, cv=4, scoring=["accuracy", "f1"], return_train_score=True, return_indices=True)


def test_results_that_somebody_has_already_are_recorded_alike():
    record, recipe = scores_of(MODEL, CANCER, RESULTS, cv=4, scoring=["accuracy", "f1"])
    expected, _ = cross_validated(MODEL, CANCER, cv=4, scoring=["accuracy", "f1"])
    assert [fold.test for fold in record.folds] == [fold.test for fold in expected.folds]
    assert [fold.train for fold in record.folds] == [fold.train for fold in expected.folds]
    assert [fold.n_train for fold in record.folds] == [fold.n_train for fold in expected.folds]
    assert record.folds_digest == expected.folds_digest
    assert record.folds[0].fit_seconds == RESULTS["fit_time"][0]
    assert record.notes == []
    assert recipe.scorers == {"accuracy": "accuracy", "f1": "f1"}


def test_folds_by_chance_are_known_from_their_indices_alone():
    chance = ShuffleSplit(3)
    known = cross_validate(MODEL, X, y, cv=chance, return_indices=True, return_train_score=True)
    record, _ = scores_of(MODEL, CANCER, known, cv=chance)
    assert len(record.folds_digest) == 64
    del known["indices"]
    record, _ = scores_of(MODEL, CANCER, known, cv=chance)
    assert record.folds_digest == ""
    assert record.notes[0].startswith("the folds are not known, since the splitter has no seed")
    assert [fold.n_test for fold in record.folds] == [57, 57, 57]


def test_one_callable_may_give_several_scores():
    results = cross_validate(MODEL, X, y, cv=3, scoring=several)
    record, _ = scores_of(MODEL, CANCER, results, cv=3, scoring=several)
    assert list(record.folds[0].test) == ["one", "share"]


WRONG: dict[str, tuple[Any, dict[str, Any], str]] = {
    "no-results": ({"mean_test_score": [1.0]}, {}, "no results of"),
    "other-folds": (RESULTS | {"indices": None}, {"scoring": ["accuracy", "f1"]}, "4 folds, and cv makes 5"),
    "other-scorers": (RESULTS, {"cv": 4, "scoring": ["accuracy", "r2"]}, "scores of accuracy, f1, and scoring names"),
}


@pytest.mark.parametrize("name", WRONG)
def test_results_of_something_else_are_refused(name: str):
    results, options, words = WRONG[name]
    with pytest.raises(UsageError, match=words):
        scores_of(MODEL, CANCER, results, **options)


def test_folds_may_be_scored_by_several_processes():
    rows, target = load_diabetes(return_X_y=True)
    record, _ = cross_validated(Ridge(), {"X": rows, "y": target}, cv=3, n_jobs=2)
    alone, _ = cross_validated(Ridge(), {"X": rows, "y": target}, cv=3)
    assert [fold.test for fold in record.folds] == [fold.test for fold in alone.folds]


def test_every_seed_is_recorded():
    model = RandomForestClassifier(5, random_state=7)
    record, recipe = cross_validated(model, CANCER, cv=KFold(2, shuffle=True, random_state=1))
    assert record.seeds == {"random_state": "7", "splitter.random_state": "1"}
    assert recipe.splitter.random_state == 1


PLAIN = cross_validate(MODEL, X, y, cv=4)
WRONG_SHAPES: dict[str, tuple[Any, str]] = {
    "an-array": (PLAIN["test_score"], "but ndarray"),
    "a-list": (PLAIN["test_score"].tolist(), "but list"),
    "none": (None, "but NoneType"),
    "fewer-scores-than-fits": (PLAIN | {"test_score": PLAIN["test_score"][:2]}, "fit_time 4, test_score 2"),
    "more-training-scores": (PLAIN | {"train_score": [0.5] * 5}, "fit_time 4, test_score 4, train_score 5"),
    "no-times": ({"test_score": PLAIN["test_score"]}, "no test scores"),
}


@pytest.mark.parametrize("name", WRONG_SHAPES)
def test_what_cross_validate_does_not_give_is_refused_with_words(name: str):
    results, words = WRONG_SHAPES[name]
    with pytest.raises(UsageError, match=words):
        scores_of(MODEL, CANCER, results, cv=4)


def test_results_without_a_model_that_can_be_cloned_are_refused():
    with pytest.raises(UsageError, match="cannot be cloned"):
        scores_of([MODEL], CANCER, PLAIN, cv=4)


def test_scores_that_are_no_number_are_recorded_as_none():
    scores = np.array([0.5, np.nan, np.inf, -np.inf])
    record, _ = scores_of(MODEL, CANCER, PLAIN | {"test_score": scores}, cv=4)
    assert [fold.test["score"] for fold in record.folds] == [0.5, None, None, None]


def test_results_with_groups_are_of_their_folds():
    groups = np.arange(len(y)) % 6
    results = cross_validate(MODEL, X, y, groups=groups, cv=GroupKFold(3), return_indices=True)
    record, recipe = scores_of(MODEL, {**CANCER, "groups": groups}, results, cv=GroupKFold(3))
    expected, _ = cross_validated(MODEL, {**CANCER, "groups": groups}, cv=GroupKFold(3))
    assert record.folds_digest == expected.folds_digest
    assert isinstance(recipe.splitter, GroupKFold)


NO_MODELS: dict[str, Any] = {
    "list": [MODEL],
    "tuple": (MODEL,),
    "text": "SVC",
    "class": LogisticRegression,
    "none": None,
}


@pytest.mark.parametrize("name", NO_MODELS)
def test_what_is_no_estimator_is_told_with_its_type(name: str):
    with pytest.raises(UsageError, match=f"a {type(NO_MODELS[name]).__name__} cannot be cloned"):
        cross_validated(NO_MODELS[name], CANCER)


def test_a_constructor_that_changes_what_it_is_given_is_told():
    class Changing(LogisticRegression):
        def __init__(self, C: float = 1.0) -> None:
            super().__init__(C=C + 1)

    with pytest.raises(UsageError, match="recorded with cv=None"):
        cross_validated(Changing(), CANCER)


def test_folds_of_a_splitter_without_a_seed_are_kept_unless_they_take_much(monkeypatch: pytest.MonkeyPatch):
    _, recipe = cross_validated(MODEL, CANCER, cv=ShuffleSplit(2))
    assert isinstance(recipe.splitter, list)
    monkeypatch.setattr(recording, "_MOST_BYTES_OF_FOLDS", 8 * len(y))
    _, recipe = cross_validated(MODEL, CANCER, cv=ShuffleSplit(2))
    assert isinstance(recipe.splitter, ShuffleSplit)


def test_no_more_folds_are_made_than_wished():
    record, _ = cross_validated(MODEL, CANCER, cv=10, n_most_folds=2)
    assert [fold.n_train + fold.n_test for fold in record.folds] == [len(y), len(y)]


def test_reasons_of_failing_folds_are_short_and_on_one_line():
    class Talking(Failing):
        def fit(self, X: Any, y: Any) -> Talking:
            raise ValueError("word\n\t word " * 500)

    record, _ = cross_validated(Talking(), CANCER, cv=2)
    [note] = [note for note in record.notes if "failed" in note]
    assert note.startswith("every fold failed: ValueError: word word word")
    assert len(note) < 330
    assert "\n" not in note


def test_two_reasons_have_a_note_each():
    rows = np.arange(40.0).reshape(40, 1)
    cv = [(np.arange(10), np.arange(10, 20)), (np.arange(10, 20), np.arange(10)), (np.array([], int), np.arange(5))]
    record, _ = cross_validated(Ridge(), {"X": np.where(rows < 10, np.nan, rows), "y": rows[:, 0]}, cv=cv)
    assert [note.split(" failed: ")[0] for note in record.notes] == ["fold 1, 2", "fold 3"]
    assert "NaN" in record.notes[0]
    assert "0 sample(s)" in record.notes[1]
