"""Models learned by stochastic gradients go on learning as before, and only into vectors as wide as the input."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import PassiveAggressiveClassifier, Perceptron, SGDClassifier, SGDOneClassSVM, SGDRegressor

import hermetic
from tests.codecs.hostile import bring_back
from tests.zoo.seeded import seeded

X = np.random.default_rng(0).normal(size=(40, 3))
LABELS = np.arange(40) % 3
AVERAGED = SGDClassifier(average=True, random_state=0).fit(X, LABELS > 0)


def _deprecated() -> Any:
    with seeded(0):
        return PassiveAggressiveClassifier(random_state=0)


MODELS = {
    "two classes": (SGDClassifier(random_state=0), LABELS > 0),
    "three classes": (SGDClassifier(random_state=0), LABELS),
    "averaged": (SGDClassifier(average=True, random_state=0), LABELS > 0),
    "averaged, three classes": (SGDClassifier(average=True, random_state=0), LABELS),
    "regression": (SGDRegressor(random_state=0), X[:, 0]),
    "averaged regression": (SGDRegressor(average=True, random_state=0), X[:, 0]),
    "novelty": (SGDOneClassSVM(average=True, random_state=0), None),
    "perceptron": (Perceptron(random_state=0), LABELS),
    "passive-aggressive": (_deprecated(), LABELS),
}


@pytest.mark.parametrize("name", MODELS)
def test_a_model_goes_on_learning_as_before(name: str):
    unfitted, targets = MODELS[name]
    with seeded(0):
        model = unfitted.fit(X, targets)
        restored = bring_back(model)
        assert restored.partial_fit(X, targets).coef_.tobytes() == model.partial_fit(X, targets).coef_.tobytes()


def test_a_sparse_model_comes_back():
    model = SGDClassifier(average=True, random_state=0).fit(X, LABELS).sparsify()
    assert (bring_back(model).predict(X) == model.predict(X)).all()


@pytest.mark.parametrize(
    ("field", "new"),
    [
        ("_average_coef", np.zeros((1, 2))),
        ("_average_coef", np.zeros(())),
        ("_standard_coef", np.zeros((0, 3))),
        ("_standard_coef", np.zeros((1, 1, 3))),
        ("_standard_coef", 3.5),
        ("coef_", np.zeros((1, 4))),
        ("coef_", None),
        ("coef_", "text"),
    ],
)
def test_coefficients_of_another_width_are_refused(field: str, new: Any):
    hostile = copy.copy(AVERAGED)
    setattr(hostile, field, new)
    with pytest.raises(hermetic.InvalidState, match="width"):
        hermetic.loads(hermetic.dumps(hostile))
