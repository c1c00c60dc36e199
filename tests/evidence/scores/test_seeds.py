"""Every random_state is found, wherever it stands."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.base import BaseEstimator
from sklearn.decomposition import PCA
from sklearn.ensemble import BaggingClassifier, RandomForestClassifier, VotingClassifier
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    KFold,
    RepeatedKFold,
    ShuffleSplit,
    StratifiedKFold,
    StratifiedShuffleSplit,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from hermetic.evidence.scores.seeds import SPLITTER_SEED, seeds_of, seeds_of_splitter, unseeded

PIPELINE = make_pipeline(StandardScaler(), RandomForestClassifier(random_state=np.int64(3)))
SEARCH = GridSearchCV(LogisticRegression(), {"C": [1]}, cv=KFold(3, shuffle=True))
CASES: dict[str, tuple[Any, Any, dict[str, str]]] = {
    "a-scaler": (StandardScaler(), KFold(5), {}),
    "a-pipeline": (PIPELINE, KFold(5), {"randomforestclassifier__random_state": "3"}),
    "within-a-search": (SEARCH, KFold(5), {"cv.random_state": "None", "estimator__random_state": "None"}),
    "a-generator": (LogisticRegression(random_state=np.random.RandomState(0)), [], {"random_state": "RandomState"}),
    "a-shuffle": (StandardScaler(), ShuffleSplit(), {"splitter.random_state": "None"}),
    "repeats": (StandardScaler(), RepeatedKFold(random_state=1), {"splitter.random_state": "1"}),
}


@pytest.mark.parametrize("name", CASES)
def test_every_seed_is_found(name: str):
    estimator, splitter, expected = CASES[name]
    assert seeds_of(estimator, splitter) == expected


def test_a_splitter_without_a_seed_does_not_make_refits_vary():
    seeds = seeds_of(SEARCH, ShuffleSplit())
    assert unseeded(seeds) == ["cv.random_state", "estimator__random_state"]
    assert unseeded({"random_state": "0"}) == []


VALUES: dict[str, tuple[Any, str]] = {
    "none": (None, "None"),
    "nothing": (0, "0"),
    "a-number-of-numpy": (np.uint32(7), "7"),
    "a-large-number": (2**32 - 1, "4294967295"),
    "an-old-generator": (np.random.RandomState(1), "RandomState"),
    "a-generator": (np.random.default_rng(1), "Generator"),
    "a-text": ("seven", "str"),
}


@pytest.mark.parametrize("name", VALUES)
def test_a_seed_is_told_without_its_state(name: str):
    value, words = VALUES[name]
    assert seeds_of(LogisticRegression(random_state=value), None) == {"random_state": words}
    assert seeds_of_splitter(ShuffleSplit(random_state=value)) == {SPLITTER_SEED: words}


SPLITTERS: dict[str, tuple[Any, bool]] = {
    "does-not-shuffle": (KFold(3), False),
    "stratified": (StratifiedKFold(3), False),
    "shuffles": (StratifiedKFold(3, shuffle=True), True),
    "always-by-chance": (StratifiedShuffleSplit(3), True),
    "groups": (GroupKFold(3), False),
    "indices": ([([0], [1])], False),
    "none": (None, False),
    "a-number": (5, False),
}


@pytest.mark.parametrize("name", SPLITTERS)
def test_a_splitter_has_a_seed_only_where_it_uses_chance(name: str):
    splitter, has_seed = SPLITTERS[name]
    assert (SPLITTER_SEED in seeds_of_splitter(splitter)) is has_seed


def test_seeds_deep_within_are_found_under_their_whole_name():
    inner = make_pipeline(PCA(random_state=1), BaggingClassifier(SGDClassifier(random_state=2), random_state=3))
    model = VotingClassifier([("one", inner), ("two", SGDClassifier())])
    assert seeds_of(model, None) == {
        "one__baggingclassifier__estimator__random_state": "2",
        "one__baggingclassifier__random_state": "3",
        "one__pca__random_state": "1",
        "two__random_state": "None",
    }
    assert unseeded(seeds_of(model, None)) == ["two__random_state"]


def test_parameters_that_only_sound_like_a_seed_are_none():
    class Own(BaseEstimator):
        def __init__(self, random_states: Any = 1, my_random_state: Any = 2, seed: Any = 3) -> None:
            self.random_states, self.my_random_state, self.seed = random_states, my_random_state, seed

    assert seeds_of(Own(), None) == {}
