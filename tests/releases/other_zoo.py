"""Other models on other data: what no migration was written by looking at.

Each class of scikit-learn with every word and every switch that its own list of valid parameters allows, one at a time,
fitted on the zoo's data in another order, on another scale, with targets that belong to other rows.
"""

from __future__ import annotations

import copy
import inspect
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn.frozen import FrozenEstimator
from sklearn.utils import all_estimators

from tests.zoo.case import Case, fitted
from tests.zoo.data import Training
from tests.zoo.every_estimator import _REQUIRED, _SUITABLE, _TRAININGS, _usual_training
from tests.zoo.seeded import seeded

__all__ = ["other_cases"]

_LEFT_OUT = {"verbose", "n_jobs", "memory", "copy", "copy_X", "copy_x", "warm_start", "random_state", "input"}


def other_cases() -> list[Case]:
    """Give the cases.

    Returns
    -------
    list of Case
        Named ``Kind:parameter=value``, and ``Kind:`` for other data alone.

    Examples
    --------
    >>> [case.name for case in other_cases() if case.name.startswith("Ridge:solver")][:2]
    ['Ridge:solver=cholesky', 'Ridge:solver=lbfgs']
    """
    kinds = dict(all_estimators())
    kinds["FrozenEstimator"] = FrozenEstimator
    with seeded(0):
        return [case for name, kind in sorted(kinds.items()) for case in _cases_of(name, kind)]


def _cases_of(name: str, kind: type[Any]) -> Iterator[Case]:
    common = {**_REQUIRED.get(name, {}), **_SUITABLE.get(name, {})}
    estimator = kind(**copy.deepcopy(common))
    training = _other(name, _TRAININGS.get(name) or _usual_training(estimator))
    yield fitted(f"{name}:", estimator, training)
    for parameter, value in _alternatives(kind):
        if parameter not in common:
            model = kind(**copy.deepcopy(common), **{parameter: value})
            yield fitted(f"{name}:{parameter}={value}", model, training)


def _alternatives(kind: type[Any]) -> Iterator[tuple[str, Any]]:
    """Give every word and switch that the class allows, but for its defaults."""
    known = inspect.signature(kind).parameters
    for parameter, constraints in sorted(getattr(kind, "_parameter_constraints", {}).items()):
        if parameter in _LEFT_OUT or parameter not in known:
            continue
        words: set[Any] = set()
        for constraint in constraints if isinstance(constraints, list) else ():
            words |= {word for word in getattr(constraint, "options", ()) if isinstance(word, str)}
            if constraint == "boolean":
                words |= {True, False}
        for word in sorted(words - {known[parameter].default, "warn", "deprecated"}, key=str):
            yield parameter, word


def _other(name: str, training: Training) -> Training:
    generator = np.random.default_rng(zlib.crc32(name.encode()))
    X, y = training.X, training.y
    if isinstance(X, np.ndarray):
        X = X[generator.permutation(len(X))]
        if X.dtype.kind == "f" and X.ndim == 2 and X.shape[0] != X.shape[1]:
            X = X * generator.uniform(0.5, 2.0, X.shape[1]).astype(X.dtype)
    elif isinstance(X, list):
        X = [X[place] for place in generator.permutation(len(X))]
    if isinstance(y, np.ndarray):
        y = y[generator.permutation(len(y))]
    return Training(X=X, y=y, inputs=training.inputs, tags=training.tags)
