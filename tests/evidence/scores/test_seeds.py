"""Every random_state is found, wherever it stands."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, KFold, RepeatedKFold, ShuffleSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from hermetic.evidence.scores.seeds import seeds_of, unseeded

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
