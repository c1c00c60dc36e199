"""Helper classes that older releases of scikit-learn have and newer ones lack: kept as their state, for `migrate`.

Fields: the ``__dict__``. Each has a history that makes another type of it (`hermetic.codecs.histories.former`); where
the installed release lacks the class, one that is still there after that is refused.

Source: sklearn/ensemble/_gb_losses.py (1.3 and before), sklearn/metrics/_scorer.py (1.3 and before),
sklearn/compose/_column_transformer.py (1.5 and 1.6).
"""

from __future__ import annotations

from typing import ClassVar

from hermetic.codecs.estimators import EstimatorCodec

__all__ = ["BOOSTING_LOSSES", "FormerCodec"]

_BOOSTING = (
    *("BinomialDeviance", "ExponentialLoss", "HuberLossFunction", "LeastAbsoluteError", "LeastSquaresError"),
    *("MultinomialDeviance", "QuantileLossFunction"),
)
BOOSTING_LOSSES = frozenset(f"sklearn.ensemble.losses.{name}" for name in _BOOSTING)
_SCORERS = ("_PredictScorer", "_ProbaScorer", "_ThresholdScorer")


class FormerCodec(EstimatorCodec):
    """Losses of gradient boosting, scorers by kind of answer, lists of columns that warn."""

    is_value = False
    # Gradient boosting computes as many columns as its loss says.
    sealed_fields = frozenset({"K"})
    classes: ClassVar = {
        **{f"sklearn.ensemble.losses.{name}": f"sklearn.ensemble._gb_losses:{name}" for name in _BOOSTING},
        **{f"sklearn.metrics.{name}": f"sklearn.metrics._scorer:{name}" for name in _SCORERS},
        "sklearn.compose._RemainderColsList": "sklearn.compose._column_transformer:_RemainderColsList",
    }
