"""A cross-validation is run again: the same range passes, another one fails, and what is missing is said."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import KFold, RepeatedKFold, ShuffleSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

import hermetic
from hermetic.evidence.scores.checking import check_scores, score_again, why_not_again
from hermetic.evidence.scores.recording import cross_validated
from hermetic.formats.container_reader import open_container
from hermetic.formats.sources import BufferSource
from hermetic.own_files import Wishes
from hermetic.recorded.evidence import Evidence
from hermetic.recorded.members import read_recipe, read_record
from hermetic.recorded.recipe import Recipe
from tests.evidence.scores.own_scorers import Noisy, several, share_of_first

X, y = load_breast_cancer(return_X_y=True)
CANCER = {"X": X, "y": y}
DIABETES = dict(zip("Xy", load_diabetes(return_X_y=True), strict=True))
IRIS = dict(zip("Xy", load_iris(return_X_y=True), strict=True))
MODEL = make_pipeline(StandardScaler(), LogisticRegression(random_state=0))
RECORD, RECIPE = cross_validated(MODEL, CANCER, scoring=["accuracy", "neg_log_loss"])


def test_the_same_data_give_the_same_range():
    check = check_scores(RECORD, RECIPE, CANCER)
    assert (check.name, check.verdict) == ("scores", "passed")
    assert check.words.startswith("accuracy 0.981 +- 0.007 before, 0.981 +- 0.007 now: same range; neg_log_loss -0.081")
    assert check.words.count("\n") == 0


@pytest.mark.parametrize("parts", [CANCER, DIABETES, IRIS], ids=["cancer", "diabetes", "iris"])
@pytest.mark.parametrize("cv", [3, RepeatedKFold(n_splits=3, n_repeats=2, random_state=1)], ids=["number", "repeated"])
def test_it_passes_from_a_file_too(parts: dict[str, Any], cv: Any):
    model = Ridge() if parts is DIABETES else DecisionTreeClassifier(random_state=1)
    record, recipe = cross_validated(model, parts, cv=cv)
    data = hermetic.dumps(model.fit(**parts), evidence=Evidence(scores=record, recipe=recipe))
    container = open_container(BufferSource(data))
    check = check_scores(read_record(container, "scores"), read_recipe(container, Wishes()), parts)
    assert check.verdict == "passed"


def test_spoilt_data_give_another_range():
    mixed = {"X": X, "y": np.random.default_rng(0).permutation(y)}
    check = check_scores(RECORD, RECIPE, mixed)
    assert check.verdict == "failed"
    assert "accuracy 0.981 +- 0.007 before" in check.words
    assert "another range (worse)" in check.words
    assert "the folds are others than before" in check.words  # they are stratified by y


def test_a_tolerance_decides_instead():
    shifted = {"X": X, "y": np.where(np.arange(len(y)) % 50 == 0, 1 - y, y)}
    tolerant = check_scores(RECORD, RECIPE, shifted, tolerance=0.9)
    assert tolerant.verdict == "passed"
    assert "tolerated is 0.9" in tolerant.words
    assert check_scores(RECORD, RECIPE, shifted, tolerance=0.0001).verdict == "failed"


def test_an_estimator_without_seeds_is_measured():
    np.random.seed(0)  # what estimators without a seed take their chance from
    record, recipe = cross_validated(Noisy(noise=2.0), DIABETES, scoring="neg_mean_absolute_error")
    check = check_scores(record, recipe, DIABETES)
    assert check.verdict in ("passed", "noted")
    note = check.words.split("\n")[-1]
    assert note.startswith(
        "refits may vary, since random_state is None; fold 1, fitted 3 times: neg_mean_absolute_error -"
    )
    assert "+-" in note


def test_an_estimator_that_ignores_its_seed_is_measured_as_steady():
    model = make_pipeline(StandardScaler(), LogisticRegression())
    record, recipe = cross_validated(model, IRIS, cv=3, scoring="accuracy")
    check = check_scores(record, recipe, IRIS)
    assert check.verdict == "passed"
    assert check.words.endswith("fold 1, fitted 3 times: accuracy 0.98 each time")


def test_refits_that_vary_wildly_cannot_be_told_apart():
    np.random.seed(0)  # what estimators without a seed take their chance from
    record, recipe = cross_validated(Noisy(noise=500.0, random_state=None), DIABETES, scoring="r2")
    verdicts = {check_scores(record, recipe, DIABETES).verdict for _ in range(3)}
    assert "passed" not in verdicts


def test_folds_by_chance_are_made_again():
    record, recipe = cross_validated(MODEL, CANCER, cv=ShuffleSplit(4), scoring="accuracy")
    assert isinstance(recipe.splitter, list)
    again = score_again(record, recipe, CANCER)
    assert again.record.folds_digest == record.folds_digest
    assert again.check.verdict == "passed"
    seeded, kept = cross_validated(MODEL, CANCER, cv=ShuffleSplit(2, random_state=0), scoring="accuracy")
    assert isinstance(kept.splitter, ShuffleSplit)
    assert seeded.seeds["splitter.random_state"] == "0"


def test_scorers_that_are_gone_are_named_and_the_others_count():
    record, recipe = cross_validated(MODEL, CANCER, cv=3, scoring={"own": lambda *given: 0.5, "f1": "f1"})
    check = check_scores(record, recipe, CANCER)
    assert check.verdict == "passed"
    assert "not computed again: own" in check.words
    later = Recipe(estimator=recipe.estimator, splitter=recipe.splitter, scorers={"f1": "f1", "own": "of_tomorrow"})
    check = check_scores(record, later, CANCER)
    assert check.verdict == "passed"
    assert "not here: own: scikit-learn has no scorer 'of_tomorrow' here" in check.words


def test_one_scorer_that_gives_several_scores_works_again():
    record, recipe = cross_validated(MODEL, CANCER, cv=3, scoring=several)
    check = check_scores(record, recipe, CANCER)
    assert check.words.startswith("one 1.000 +- 0.000 before")
    assert check.verdict == "passed"


def with_recipe(**changes: Any) -> Recipe:
    return Recipe(**{"estimator": MODEL, "splitter": KFold(3), "scorers": {"accuracy": "accuracy"}} | changes)


MISSING: dict[str, tuple[Any, Any, str]] = {
    "no-scores": (None, RECIPE, "no cross-validation was recorded"),
    "no-recipe": (RECORD, None, "the recipe (estimator, splitter, scorers) was not kept"),
    "no-estimator": (RECORD, with_recipe(estimator=None), "the estimator could not be kept"),
    "no-estimator-and-no-splitter": (RECORD, Recipe(), "the estimator and the splitter could not be kept"),
    "no-scorer": (RECORD, with_recipe(scorers={}), "no scorer is here: none could be kept"),
    "an-unknown-scorer": (RECORD, with_recipe(scorers={"a": "b"}), "scikit-learn has no scorer 'b' here"),
    "a-scorer-that-is-none": (RECORD, with_recipe(scorers={"a": 3}), "scikit-learn has no scorer 3 here"),
}


@pytest.mark.parametrize("name", MISSING)
def test_what_is_missing_is_skipped_and_not_passed(name: str):
    record, recipe, words = MISSING[name]
    check = check_scores(record, recipe, CANCER)
    assert check.verdict == "skipped"
    assert words in check.words
    assert why_not_again(record, recipe) == check.words


def test_the_reason_why_something_was_not_kept_is_repeated():
    record, recipe = cross_validated(MODEL, CANCER, cv=3, scoring=lambda *given: 0.5)
    assert "the scorer score cannot be kept" in check_scores(record, recipe, CANCER).words


HOSTILE: dict[str, tuple[Recipe, str]] = {
    "no-estimator": (with_recipe(estimator={"a": 1}), "cannot be cloned"),
    "no-splitter": (with_recipe(splitter="KFold"), "cannot be split"),
    "splitter-of-numbers": (with_recipe(splitter=[1, 2]), "cannot be split"),
    "no-sample-of-that-number": (with_recipe(splitter=[([10**9], [0])]), "have no score now"),
    "an-endless-splitter": (with_recipe(splitter=RepeatedKFold(n_repeats=10**15, random_state=0)), "cannot tell"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_recipe_that_cannot_work_is_told(name: str):
    recipe, words = HOSTILE[name]
    check = check_scores(RECORD, recipe, CANCER)
    assert words in check.words
    assert check.verdict == ("noted" if name == "an-endless-splitter" else "failed")


def test_folds_that_fail_here_are_another_range():
    record, recipe = cross_validated(MODEL[-1], {"X": X[:, :1], "y": y}, scoring=["accuracy", "roc_auc"])
    check = check_scores(record, recipe, {"X": np.full((len(y), 1), np.nan), "y": y})
    assert check.verdict == "failed"
    assert "5 of 5 folds have no score now" in check.words
    assert "every fold failed: ValueError: Input X contains NaN" in check.words


def test_a_scorer_of_ones_own_works_again():
    record, recipe = cross_validated(MODEL, CANCER, cv=3, scoring={"share": share_of_first})
    assert check_scores(record, recipe, CANCER).verdict == "passed"


def test_progress_is_told():
    heard: list[tuple[int, int]] = []
    check_scores(RECORD, RECIPE, CANCER, progress=lambda done, total: heard.append((done, total)))
    assert heard == [(number, 5) for number in range(1, 6)]
