"""Losses come back by kind and parameter, equal in every attribute to what they were."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn._loss import link, loss
from sklearn.linear_model import SGDClassifier, SGDRegressor

from hermetic.codecs.losses import LossCodec
from hermetic.errors import CannotSave
from tests.codecs.hostile import bring_back, refuse

LOSSES = [
    *(getattr(loss, name.rpartition(".")[2])() for name in LossCodec.classes),
    loss.HalfSquaredError(sample_weight=np.ones(3)),
    loss.HalfTweedieLoss(power=1.9),
    loss.HalfTweedieLossIdentity(power=0),
    loss.PinballLoss(quantile=0.3),
    loss.HuberLoss(quantile=0.7, delta=1.5),
    loss.HalfMultinomialLoss(n_classes=np.int64(5)),
]
NAME = "sklearn.loss."


def _state(value: Any) -> Any:
    if hasattr(value, "gradient_hessian") and not hasattr(value, "__dict__"):
        return type(value), value.__reduce__()[1:]
    return {key: repr(part) if not hasattr(part, "__reduce__") else type(part) for key, part in vars(value).items()}


@pytest.mark.parametrize("original", LOSSES)
def test_a_loss_has_the_same_attributes(original: Any):
    restored = bring_back(original)
    assert type(restored) is type(original)
    assert _state(restored) == _state(original)
    assert _state(restored.closs) == _state(original.closs)
    assert restored.interval_y_true == original.interval_y_true
    assert restored.interval_y_pred == original.interval_y_pred


@pytest.mark.parametrize("name", sorted(SGDClassifier.loss_functions))
def test_a_native_loss_of_stochastic_descent_is_kept(name: str):
    original = SGDClassifier(loss=name)._get_loss_function(name)
    assert bring_back(original).__reduce__()[1] == original.__reduce__()[1]


def test_losses_of_regression_and_links_are_kept():
    for name in SGDRegressor.loss_functions:
        bring_back(SGDRegressor(loss=name)._get_loss_function(name))
    assert bring_back(link.Interval(0, 1, True, False)) == link.Interval(0, 1, True, False)
    assert type(bring_back(link.LogitLink())) is link.LogitLink


def test_a_loss_that_its_constructor_would_not_make_is_not_saved():
    changed = loss.HalfSquaredError()
    changed.link = link.LogLink()
    with pytest.raises(CannotSave, match="link"):
        bring_back(changed)


@pytest.mark.parametrize(
    ("original", "name", "field", "new"),
    [
        (loss.PinballLoss(), "PinballLoss", "quantile", 2.0),
        (loss.HalfTweedieLoss(), "HalfTweedieLoss", "power", {"float": "nan"}),
        (loss.HalfMultinomialLoss(), "HalfMultinomialLoss", "n_classes", -1),
        (loss.HuberLoss(), "HuberLoss", "delta", "text"),
        (loss.HalfSquaredError(), "HalfSquaredError", "constant_hessian", 1),
        (loss.HalfSquaredError(), "HalfSquaredError", "closs", 1),
        (loss.HuberLoss().closs, "CyHuberLoss", "parameter", {"float": "inf"}),
    ],
)
def test_a_hostile_loss_is_refused(original: Any, name: str, field: str, new: Any):
    refuse(original, NAME + name, field, new)
