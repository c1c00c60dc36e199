"""Folders that a file names are not used as caches, wherever they stand in the estimator."""

from __future__ import annotations

from typing import Any

import pytest
from joblib import Memory
from sklearn.base import BaseEstimator
from sklearn.cluster import FeatureAgglomeration
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from hermetic.errors import UsageError
from hermetic.evidence.scores.caches import without_caches
from hermetic.recorded.recipe import Recipe

INNER = make_pipeline(StandardScaler(), Ridge(), memory="inner")
CASES: dict[str, tuple[Any, str]] = {
    "a-pipeline": (make_pipeline(Ridge(), memory="cache"), "memory is not used"),
    "within": (Pipeline([("inner", INNER)]), "inner__memory is not used"),
    "a-clustering": (FeatureAgglomeration(memory="cache"), "memory is not used"),
}


@pytest.mark.parametrize("name", CASES)
def test_no_folder_is_left(name: str):
    estimator, words = CASES[name]
    recipe, [note] = without_caches(Recipe(estimator=estimator, scorers={"r2": "r2"}))
    named = {key: value for key, value in recipe.estimator.get_params().items() if key.split("__")[-1] == "memory"}
    assert set(named.values()) == {None}
    assert note.startswith(words)
    assert recipe.scorers == {"r2": "r2"}
    assert "cache" in repr(estimator) or "inner" in repr(estimator)  # the one that was given is as it was


def test_an_estimator_without_one_is_left_as_it_is():
    recipe = Recipe(estimator=make_pipeline(StandardScaler(), Ridge()))
    assert without_caches(recipe) == (recipe, [])


@pytest.mark.parametrize("estimator", [None, 3, {"memory": "a"}], ids=["none", "number", "dictionary"])
def test_what_is_no_estimator_is_refused(estimator: Any):
    with pytest.raises(UsageError, match="cannot be cloned"):
        without_caches(Recipe(estimator=estimator))


DEEP: dict[str, tuple[Any, list[str]]] = {
    "two-levels": (Pipeline([("a", Pipeline([("b", INNER)], memory="outer"))]), ["a__b__memory", "a__memory"]),
    "within-a-search": (GridSearchCV(INNER, {"ridge__alpha": [1.0]}), ["estimator__memory"]),
    "an-object-of-joblib": (make_pipeline(Ridge(), memory=Memory(None)), ["memory"]),
    "an-empty-text": (make_pipeline(Ridge(), memory=""), ["memory"]),
}


@pytest.mark.parametrize("name", DEEP)
def test_caches_are_found_wherever_they_stand_and_named(name: str):
    estimator, names = DEEP[name]
    recipe, [note] = without_caches(Recipe(estimator=estimator))
    assert note.startswith(f"{', '.join(names)} is not used")
    assert [recipe.estimator.get_params()[each] for each in names] == [None] * len(names)


def test_parameters_that_only_sound_like_a_cache_are_left():
    class Remembering(BaseEstimator):
        def __init__(self, memory_size: int = 3, own_memory: str = "good") -> None:
            self.memory_size, self.own_memory = memory_size, own_memory

    recipe = Recipe(estimator=Remembering())
    assert without_caches(recipe) == (recipe, [])


def test_an_estimator_whose_parameters_cannot_be_asked_is_refused():
    class Broken(BaseEstimator):
        def get_params(self, deep: bool = True) -> Any:
            raise RuntimeError("not for you " * 100)

    with pytest.raises(UsageError, match="a Broken cannot be cloned: not for you") as caught:
        without_caches(Recipe(estimator=Broken()))
    assert len(caught.value.found) <= 300
