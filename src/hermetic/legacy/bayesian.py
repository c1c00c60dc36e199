"""Bayesian regressions whose deviations centre the data, for releases before those of scikit-learn did.

Source: sklearn/linear_model/_bayes.py of scikit-learn 1.9. Before, the deviation of a prediction was that of the data
as they are, though the model was fitted to centred data.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.utils.validation import check_is_fitted

from hermetic.legacy.former import FormerPredictor

__all__ = ["ARDRegression", "BayesianRidge"]


class _Bayesian(RegressorMixin, FormerPredictor):  # type: ignore[misc]  # untyped library
    """What the two have in common: how they predict."""

    def predict(self, X: Any, return_std: bool = False) -> Any:
        """Give the mean of each prediction, and its standard deviation by wish."""
        check_is_fitted(self)
        rows = self._rows(X, accept_sparse=["csr", "csc", "coo"])
        mean = rows @ self.coef_ + self.intercept_
        if not return_std:
            return mean
        centred = self._used(np.asarray(X) - self.X_offset_)
        return mean, np.sqrt((np.dot(centred, self.sigma_) * centred).sum(axis=1) + (1.0 / self.alpha_))

    def _used(self, rows: Any) -> Any:
        return rows


class BayesianRidge(_Bayesian):
    """Bayesian ridge regression of scikit-learn 1.9, for older releases.

    Parameters
    ----------
    max_iter, tol, alpha_1, alpha_2, lambda_1, lambda_2, alpha_init, lambda_init, compute_score : object
        As in `sklearn.linear_model.BayesianRidge` of scikit-learn 1.9.
    fit_intercept, copy_X, verbose : object
        The same.

    Examples
    --------
    >>> from hermetic.legacy import BayesianRidge
    >>> BayesianRidge(max_iter=5).max_iter
    5
    """

    successor: ClassVar[str] = "sklearn.linear_model.BayesianRidge"

    def __init__(
        self,
        *,
        max_iter: int = 300,
        tol: float = 1e-3,
        alpha_1: float = 1e-6,
        alpha_2: float = 1e-6,
        lambda_1: float = 1e-6,
        lambda_2: float = 1e-6,
        alpha_init: Any = None,
        lambda_init: Any = None,
        compute_score: bool = False,
        fit_intercept: bool = True,
        copy_X: bool = True,  # noqa: N803
        verbose: bool = False,
    ) -> None:
        self.max_iter = max_iter
        self.tol = tol
        self.alpha_1 = alpha_1
        self.alpha_2 = alpha_2
        self.lambda_1 = lambda_1
        self.lambda_2 = lambda_2
        self.alpha_init = alpha_init
        self.lambda_init = lambda_init
        self.compute_score = compute_score
        self.fit_intercept = fit_intercept
        self.copy_X = copy_X
        self.verbose = verbose


class ARDRegression(_Bayesian):
    """Regression with automatic relevance of scikit-learn 1.9, for older releases.

    Parameters
    ----------
    max_iter, tol, alpha_1, alpha_2, lambda_1, lambda_2, compute_score, threshold_lambda : object
        As in `sklearn.linear_model.ARDRegression` of scikit-learn 1.9.
    fit_intercept, copy_X, verbose : object
        The same.

    Examples
    --------
    >>> from hermetic.legacy import ARDRegression
    >>> ARDRegression(threshold_lambda=5.0).threshold_lambda
    5.0
    """

    successor: ClassVar[str] = "sklearn.linear_model.ARDRegression"

    def __init__(
        self,
        *,
        max_iter: int = 300,
        tol: float = 1e-3,
        alpha_1: float = 1e-6,
        alpha_2: float = 1e-6,
        lambda_1: float = 1e-6,
        lambda_2: float = 1e-6,
        compute_score: bool = False,
        threshold_lambda: float = 1e4,
        fit_intercept: bool = True,
        copy_X: bool = True,  # noqa: N803
        verbose: bool = False,
    ) -> None:
        self.max_iter = max_iter
        self.tol = tol
        self.alpha_1 = alpha_1
        self.alpha_2 = alpha_2
        self.lambda_1 = lambda_1
        self.lambda_2 = lambda_2
        self.compute_score = compute_score
        self.threshold_lambda = threshold_lambda
        self.fit_intercept = fit_intercept
        self.copy_X = copy_X
        self.verbose = verbose

    def _used(self, rows: Any) -> Any:
        return rows[:, self.lambda_ < self.threshold_lambda]
