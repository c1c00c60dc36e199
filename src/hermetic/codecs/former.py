"""Helper classes that older releases of scikit-learn have and newer ones lack: kept as their state, for `migrate`.

Fields: the ``__dict__``; of what is made by calls, its arguments. Each has a history that makes another type of it
(`hermetic.codecs.histories.former`, `hermetic.codecs.histories.gone`); where the installed release lacks the class, one
that is still there after that is refused.

Source: sklearn/ensemble/_gb_losses.py (1.3 and before), sklearn/ensemble/gradient_boosting.py (0.20 and before),
sklearn/metrics/_scorer.py (1.3 and before), sklearn/compose/_column_transformer.py (1.5 and 1.6),
sklearn/covariance/_graph_lasso.py (1.1 and before), sklearn/grid_search.py and cross_validation.py (0.19 and before).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from hermetic.codecs.codec import LegacyObject, not_adopted, pairs_of
from hermetic.codecs.estimators import EstimatorCodec

__all__ = ["BOOSTING_LOSSES", "FormerCodec", "FormerDictionaryCodec", "FormerTupleCodec"]

_BOOSTING = (
    *("BinomialDeviance", "ExponentialLoss", "HuberLossFunction", "LeastAbsoluteError", "LeastSquaresError"),
    *("MultinomialDeviance", "QuantileLossFunction"),
)
BOOSTING_LOSSES = frozenset(f"sklearn.ensemble.losses.{name}" for name in _BOOSTING)
_INITIAL = (
    *("LogOddsEstimator", "MeanEstimator", "PriorProbabilityEstimator", "QuantileEstimator"),
    *("ScaledLogOddsEstimator", "ZeroEstimator"),
)
_SCORERS = ("_PredictScorer", "_ProbaScorer", "_ThresholdScorer")
_FOLDS = ("KFold", "LeaveOneOut", "ShuffleSplit", "StratifiedKFold", "StratifiedShuffleSplit")
_FAMILIES = (
    *("DistributionBoundary", "GammaDistribution", "InverseGaussianDistribution", "NormalDistribution"),
    *("PoissonDistribution", "TweedieDistribution"),
)
_HISTOGRAM_LOSSES = (
    "BinaryCrossEntropy",
    "CategoricalCrossEntropy",
    "LeastAbsoluteDeviation",
    "LeastSquares",
    "Poisson",
)
_LINKS = ("IdentityLink", "LogLink", "LogitLink")
_WEIGHTED = "sklearn.metrics.WMinkowskiDistance64"
_REFUSED = {
    **{
        f"sklearn.mixture.{name}": f"sklearn.mixture.{'gmm' if name == 'GMM' else 'dpgmm'}:{name}"
        for name in ("DPGMM", "GMM", "VBGMM")
    },
    "sklearn.neighbors.LSHForest": "sklearn.neighbors.approximate:LSHForest",
    "sklearn.gaussian_process.GaussianProcess": "sklearn.gaussian_process.gaussian_process:GaussianProcess",
    "sklearn.decomposition.ProjectedGradientNMF": "sklearn.decomposition._nmf:ProjectedGradientNMF",
    "sklearn.preprocessing.CategoricalEncoder": "sklearn.preprocessing._data:CategoricalEncoder",
    **{
        f"sklearn.linear_model.{name}": f"sklearn.linear_model.randomized_l1:{name}"
        for name in ("RandomizedLasso", "RandomizedLogisticRegression")
    },
}


class FormerCodec(EstimatorCodec):
    """Losses and first models of gradient boosting, scorers by kind of answer, searches and folds of before 0.18."""

    is_value = False
    # Functions that GaussianProcess refers to, which is refused.
    parts = frozenset({"sklearn.gaussian_process.regression_models", "sklearn.gaussian_process.correlation_models"})
    # Gradient boosting computes as many columns as its loss says.
    sealed_fields = frozenset({"K"})
    classes: ClassVar = {
        **{f"sklearn.ensemble.losses.{name}": f"sklearn.ensemble._gb_losses:{name}" for name in _BOOSTING},
        **{f"sklearn.ensemble.initial.{name}": f"sklearn.ensemble._gb:{name}" for name in _INITIAL},
        **{f"sklearn.metrics.{name}": f"sklearn.metrics._scorer:{name}" for name in _SCORERS},
        "sklearn.compose._RemainderColsList": "sklearn.compose._column_transformer:_RemainderColsList",
        "sklearn.preprocessing.Imputer": "sklearn.preprocessing.imputation:Imputer",
        "sklearn.decomposition.RandomizedPCA": "sklearn.decomposition._pca:RandomizedPCA",
        "sklearn.grid_search.GridSearchCV": "sklearn.grid_search:GridSearchCV",
        "sklearn.grid_search.RandomizedSearchCV": "sklearn.grid_search:RandomizedSearchCV",
        **{f"sklearn.cross_validation.{name}": f"sklearn.cross_validation:{name}" for name in _FOLDS},
        **_REFUSED,
    }
    aliases: ClassVar = {f"sklearn.ensemble._gb:{name}": f"sklearn.ensemble.losses.{name}" for name in _BOOSTING}

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give the state; nothing of what is refused by its name, whatever functions it refers to."""
        return {} if name in _REFUSED else super().adopt(name, made)


class FormerTupleCodec(EstimatorCodec):
    """What was made with arguments: scores of the searches of before 0.18, folders that cached a fit."""

    is_value = False
    classes: ClassVar = {
        "sklearn.grid_search._CVScoreTuple": "sklearn.grid_search:_CVScoreTuple",
        **{f"sklearn.linear_model.{name}": f"sklearn._loss.glm_distribution:{name}" for name in _FAMILIES},
        **{f"sklearn.linear_model.{name}": f"sklearn.linear_model._glm.link:{name}" for name in _LINKS},
        **{
            f"sklearn.ensemble.losses.{name}": f"sklearn.ensemble._hist_gradient_boosting.loss:{name}"
            for name in _HISTOGRAM_LOSSES
        },
        _WEIGHTED: "sklearn.metrics._dist_metrics:WMinkowskiDistance",
        # joblib's own class, which is still there, is another name, and not known.
        "sklearn.externals.Memory": "sklearn.externals.joblib.memory:Memory",
    }
    makers: ClassVar = {"sklearn.externals.joblib.memory:Memory": "sklearn.externals.Memory"}

    def capture(self, name: str, instances: Sequence[Any]) -> dict[str, list[Any]]:
        """Refuse what scikit-learn 1.2 still has, and no codec reads."""
        if name == _WEIGHTED:
            reason = "metric='wminkowski' is gone since scikit-learn 1.3"
            raise self.refuse(instances[0], reason, "Use metric='minkowski' with the weights w**p, and fit again.")
        return super().capture(name, instances)

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give the first argument, which of a folder is its path; families of distributions are told by their owner."""
        if name.endswith("Memory") and made.arguments and type(made.arguments[0]) in (str, type(None)):
            return {"location": made.arguments[0]}
        if name.endswith("Memory"):
            raise not_adopted(made, "it has no folder")
        return {}


class FormerDictionaryCodec(EstimatorCodec):
    """Dictionaries that warned of some of their keys."""

    is_value = False
    classes: ClassVar = {
        "sklearn.covariance._DictWithDeprecatedKeys": "sklearn.covariance._graph_lasso:_DictWithDeprecatedKeys",
        "sklearn.utils.DeprecationDict": "sklearn.utils.deprecation:DeprecationDict",
    }

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give the pairs."""
        return {"items": pairs_of(made)}
