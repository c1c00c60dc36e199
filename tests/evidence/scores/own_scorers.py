"""Scorers and estimators of somebody's own, in a module from which they can be imported."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils import check_random_state

__all__ = ["Failing", "Noisy", "broken", "several", "share_of_first", "share_of_inliers"]


def share_of_first(estimator: Any, X: Any, y: Any) -> float:
    return float(np.mean(estimator.predict(X) == np.asarray(y)[0]))


def share_of_inliers(estimator: Any, X: Any, y: Any = None) -> float:
    return float(np.mean(estimator.predict(X) == 1))


def several(estimator: Any, X: Any, y: Any) -> dict[str, float]:
    return {"one": 1.0, "share": share_of_first(estimator, X, y)}


def broken(estimator: Any, X: Any, y: Any) -> float:
    raise ArithmeticError("no score today")


class Failing(RegressorMixin, BaseEstimator):
    """Fails where the first sample is among those that it is fitted on."""

    def __init__(self, forbidden: float = 0.0) -> None:
        self.forbidden = forbidden

    def fit(self, X: Any, y: Any) -> Failing:
        if self.forbidden in np.asarray(X):
            raise ValueError(f"{self.forbidden} is not for me")
        self.mean_ = float(np.mean(y))
        return self

    def predict(self, X: Any) -> Any:
        return np.full(len(X), self.mean_)


class Noisy(RegressorMixin, BaseEstimator):
    """Adds noise to the mean: each fit is another one where there is no seed."""

    def __init__(self, noise: float = 1.0, random_state: Any = None) -> None:
        self.noise = noise
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> Noisy:
        random = check_random_state(self.random_state)  # without a seed numpy's own, which a test may seed
        self.mean_ = float(np.mean(y)) + self.noise * random.standard_normal()
        return self

    def predict(self, X: Any) -> Any:
        return np.full(len(X), self.mean_ if math.isfinite(self.mean_) else 0.0)
