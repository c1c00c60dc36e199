"""Adaptive boosting by the algorithms that scikit-learn had.

Source: sklearn/ensemble/_weight_boosting.py of scikit-learn 1.5 (SAMME.R, gone since 1.6) and 1.2 (SAMME with votes of
1 and 0; since 1.3 they are 1 and -1 / (n_classes - 1)).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils.extmath import softmax
from sklearn.utils.validation import check_is_fitted

from hermetic.legacy.former import FormerPredictor

__all__ = ["AdaBoostClassifier"]


class AdaBoostClassifier(ClassifierMixin, FormerPredictor):  # type: ignore[misc]  # untyped library
    """Adaptive boosting fitted with SAMME.R, or with SAMME by scikit-learn 1.2 or older.

    Parameters
    ----------
    estimator, n_estimators, learning_rate, algorithm, random_state : object
        As in `sklearn.ensemble.AdaBoostClassifier` of scikit-learn 1.5.

    Examples
    --------
    >>> from hermetic.legacy import AdaBoostClassifier
    >>> AdaBoostClassifier().get_params()["algorithm"]
    'SAMME.R'
    """

    successor: ClassVar[str] = "sklearn.ensemble.AdaBoostClassifier"

    def __init__(
        self,
        estimator: Any = None,
        *,
        n_estimators: int = 50,
        learning_rate: float = 1.0,
        algorithm: str = "SAMME.R",
        random_state: Any = None,
    ) -> None:
        self.estimator = estimator
        self.n_estimators = n_estimators
        self.learning_rate = learning_rate
        self.algorithm = algorithm
        self.random_state = random_state

    @property
    def feature_importances_(self) -> Any:
        """Importances of the members, weighted as the members are."""
        check_is_fitted(self)
        pairs = zip(self.estimator_weights_, self.estimators_, strict=False)
        return sum(weight * member.feature_importances_ for weight, member in pairs) / self.estimator_weights_.sum()

    def predict(self, X: Any) -> Any:
        """Give the class with the greatest score for each row."""
        return self._labels(self.decision_function(X))

    def predict_proba(self, X: Any) -> Any:
        """Give a probability for each row and class."""
        check_is_fitted(self)
        if self.n_classes_ == 1:
            return np.ones((self._checked(X).shape[0], 1))
        return self._probabilities(self.decision_function(X))

    def predict_log_proba(self, X: Any) -> Any:
        """Give the logarithm of each probability."""
        return np.log(self.predict_proba(X))

    def decision_function(self, X: Any) -> Any:
        """Give a score for each row and class; one for each row where there are two classes."""
        check_is_fitted(self)
        rows = self._checked(X)
        pairs = zip(self.estimators_, self.estimator_weights_, strict=False)
        scores = sum(self._votes(member, weight, rows) for member, weight in pairs)
        return self._signed(scores / self.estimator_weights_.sum())

    def staged_decision_function(self, X: Any) -> Iterator[Any]:
        """Give the scores after each member."""
        check_is_fitted(self)
        rows = self._checked(X)
        scores, norm = 0.0, 0.0
        for member, weight in zip(self.estimators_, self.estimator_weights_, strict=False):
            norm += weight
            scores = scores + self._votes(member, weight, rows)
            yield self._signed(scores / norm)

    def staged_predict(self, X: Any) -> Iterator[Any]:
        """Give the classes after each member."""
        for scores in self.staged_decision_function(X):
            yield self._labels(scores)

    def staged_predict_proba(self, X: Any) -> Iterator[Any]:
        """Give the probabilities after each member."""
        for scores in self.staged_decision_function(X):
            yield self._probabilities(scores)

    def _checked(self, X: Any) -> Any:
        return self._rows(X, accept_sparse=["csr", "csc"], ensure_2d=True, allow_nd=True, dtype=None)

    def _votes(self, member: Any, weight: float, rows: Any) -> Any:
        if self.algorithm == "SAMME":
            hits = (member.predict(rows) == self.classes_[:, np.newaxis]).T
            # Models of 1.3 to 1.5 that stood beside those of SAMME.R.
            is_spread = vars(self).get("_spreads_votes", False)
            return np.where(hits, weight, -1 / (self.n_classes_ - 1) * weight) if is_spread else hits * weight
        n_classes = self.n_classes_
        shares = member.predict_proba(rows)
        logarithms = np.log(np.clip(shares, np.finfo(shares.dtype).eps, None))
        return (n_classes - 1) * (logarithms - (1.0 / n_classes) * logarithms.sum(axis=1)[:, np.newaxis])

    def _signed(self, scores: Any) -> Any:
        if self.n_classes_ != 2:
            return scores
        scores[:, 0] *= -1
        return scores.sum(axis=1)

    def _labels(self, scores: Any) -> Any:
        return self.classes_.take(scores > 0 if self.n_classes_ == 2 else np.argmax(scores, axis=1), axis=0)

    def _probabilities(self, scores: Any) -> Any:
        n_classes = self.n_classes_
        return softmax(np.vstack([-scores, scores]).T / 2 if n_classes == 2 else scores / (n_classes - 1), copy=False)
