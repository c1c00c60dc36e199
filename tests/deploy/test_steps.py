"""Which part of a model sees the rows first."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import AdaBoostClassifier, BaggingClassifier, RandomForestClassifier, StackingClassifier
from sklearn.feature_extraction import DictVectorizer, FeatureHasher
from sklearn.feature_extraction.text import HashingVectorizer, TfidfVectorizer
from sklearn.feature_selection import RFE
from sklearn.linear_model import LinearRegression, LogisticRegression, RANSACRegressor
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import ClassifierChain, MultiOutputClassifier
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.semi_supervised import SelfTrainingClassifier
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from hermetic.deploy.steps import first_step, holds_whole_rows, is_text_vectorizer, takes_records

X = np.random.default_rng(0).normal(size=(40, 3))
Y = np.arange(40) % 2
PAIRS = np.column_stack([Y, 1 - Y])


def scaled() -> Any:
    return make_pipeline(MinMaxScaler(), LogisticRegression())


@pytest.mark.parametrize(
    ("model", "target"),
    [
        (scaled(), Y),
        (make_pipeline("passthrough", None, scaled()), Y),
        (GridSearchCV(scaled(), {}, cv=2), Y),
        (RandomizedSearchCV(scaled(), {"logisticregression__C": [1.0]}, n_iter=1, cv=2), Y),
        (OneVsRestClassifier(scaled()), Y),
        (MultiOutputClassifier(scaled()), PAIRS),
        (ClassifierChain(scaled()), PAIRS),
        (CalibratedClassifierCV(scaled(), cv=2), Y),
        (StackingClassifier([("one", scaled())], cv=2), Y),
        (SelfTrainingClassifier(scaled()), np.where(np.arange(40) % 5 == 0, -1, Y)),
        (TransformedTargetRegressor(make_pipeline(MinMaxScaler(), LinearRegression())), Y),
        (RANSACRegressor(make_pipeline(MinMaxScaler(), LinearRegression()), min_samples=10), Y),
        (FeatureUnion([("none", "passthrough"), ("scaled", MinMaxScaler())]), None),
    ],
    ids=lambda own: type(own).__name__ if hasattr(own, "fit") else "",
)
def test_a_model_around_a_pipeline_shows_the_first_step_of_it(model: Any, target: Any):
    fitted = model.fit(X, Y if target is None else target)
    assert isinstance(first_step(fitted)[0], MinMaxScaler)
    assert holds_whole_rows(fitted)


@pytest.mark.parametrize(
    "model",
    [BaggingClassifier(scaled(), n_estimators=2, max_features=2), RFE(SVC(kernel="linear")), StandardScaler(), SVC()],
    ids=lambda own: type(own).__name__,
)
def test_a_model_whose_parts_see_other_rows_than_it_is_the_first_step_itself(model: Any):
    fitted = model.fit(X, Y)
    assert first_step(fitted)[0] is fitted
    assert not holds_whole_rows(fitted)


@pytest.mark.parametrize("model", [RandomForestClassifier(n_estimators=2), AdaBoostClassifier(n_estimators=2)])
def test_the_first_step_of_an_ensemble_is_fitted_and_no_template(model: Any):
    step, _ = first_step(model.fit(X, Y))
    assert isinstance(step, DecisionTreeClassifier)
    assert step.n_features_in_ == 3


def test_only_pipelines_and_searches_look_at_nothing_before():
    assert first_step(GridSearchCV(scaled(), {}, cv=2).fit(X, Y))[1]
    assert not first_step(OneVsRestClassifier(scaled()).fit(X, Y))[1]


def test_a_ring_of_parts_comes_to_an_end():
    class Ring:
        steps: Any

    ring = Ring()
    ring.steps = [("again", ring)]
    assert first_step(ring)[0] is ring


def test_vectorizers_of_texts_and_takers_of_records_are_told_apart():
    assert [is_text_vectorizer(own) for own in (TfidfVectorizer(), HashingVectorizer(), SVC(), object())] == [
        True,
        True,
        False,
        False,
    ]
    assert [takes_records(own) for own in (DictVectorizer(), FeatureHasher(), SVC(), object())] == [
        True,
        True,
        False,
        False,
    ]


def test_a_vectorizer_of_somebodys_own_is_known_by_its_base_class():
    class Own(TfidfVectorizer):
        """Counts in its own way."""

    assert is_text_vectorizer(Own())


def nested(depth: int) -> Any:
    model: Any = MinMaxScaler()
    for _ in range(depth):
        model = make_pipeline(model)
    return model


@pytest.mark.parametrize(("depth", "is_found"), [(0, True), (1, True), (50, True), (51, False), (500, False)], ids=str)
def test_a_model_in_a_model_is_looked_for_to_a_depth_and_no_further(depth: int, is_found: bool):
    assert isinstance(first_step(nested(depth))[0], MinMaxScaler) == is_found


def test_a_pipeline_that_holds_itself_ends():
    model = make_pipeline(MinMaxScaler())
    model.steps[0] = ("itself", model)
    assert first_step(model) == (model, True)


EMPTY = {
    "steps that are none": [("a", None), ("b", "passthrough")],
    "no steps": [],
}


@pytest.mark.parametrize("words", EMPTY)
def test_a_pipeline_without_a_real_step_is_its_own_first(words: str):
    model = make_pipeline(MinMaxScaler())
    model.steps = EMPTY[words]
    assert first_step(model) == (model, True)
    assert not holds_whole_rows(model)


@pytest.mark.parametrize("thing", [None, 5, "steps", [], {"steps": []}, object], ids=lambda own: type(own).__name__)
def test_what_is_no_model_is_its_own_first_step_and_takes_nothing_special(thing: Any):
    assert first_step(thing) == (thing, True)
    assert not holds_whole_rows(thing)
    assert not is_text_vectorizer(thing)
    assert not takes_records(thing)


class OwnVectorizer(TfidfVectorizer):
    """Somebody's own, of a vectorizer."""


class OwnDictVectorizer(DictVectorizer):
    """Somebody's own, of a vectorizer of objects."""


def test_what_is_made_of_a_vectorizer_is_one():
    assert is_text_vectorizer(OwnVectorizer())
    assert not takes_records(OwnVectorizer())
    assert takes_records(OwnDictVectorizer())
    assert not is_text_vectorizer(OwnDictVectorizer())
