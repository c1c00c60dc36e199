"""Logistic regression with probabilities that scikit-learn no longer computes.

Source: sklearn/linear_model/_logistic.py and _base.py of scikit-learn 1.7: one sigmoid for each class, normalised
(``multi_class="ovr"`` or ``solver="liblinear"``), and softmax over two classes (``multi_class="multinomial"``), whose
score is doubled by that. Since 1.8 more than two classes are multinomial, and two are not.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from scipy.special import expit
from sklearn.base import ClassifierMixin
from sklearn.metrics import get_scorer
from sklearn.utils.extmath import safe_sparse_dot, softmax
from sklearn.utils.validation import check_is_fitted

from hermetic.legacy.former import FormerPredictor

__all__ = ["LogisticRegression", "LogisticRegressionCV"]


class _Logistic(ClassifierMixin, FormerPredictor):  # type: ignore[misc]  # untyped library
    """What the two have in common: how they predict."""

    def decision_function(self, X: Any) -> Any:
        """Give a score for each row and class; one for each row where there are two classes."""
        check_is_fitted(self)
        rows = self._rows(X, accept_sparse="csr")
        scores = safe_sparse_dot(rows, self.coef_.T, dense_output=True) + self.intercept_
        return scores.ravel() if scores.ndim > 1 and scores.shape[1] == 1 else scores

    def predict(self, X: Any) -> Any:
        """Give the class with the greatest score for each row."""
        scores = self.decision_function(X)
        return self.classes_[(scores > 0).astype(int) if scores.ndim == 1 else scores.argmax(axis=1)]

    def predict_proba(self, X: Any) -> Any:
        """Give a probability for each row and class, by the rule of scikit-learn 1.7."""
        scores = self.decision_function(X)
        if not self._is_separate():
            return softmax(np.c_[-scores, scores] if scores.ndim == 1 else scores, copy=False)
        shares = expit(scores)
        if shares.ndim == 1:
            return np.vstack([1 - shares, shares]).T
        return shares / shares.sum(axis=1).reshape((shares.shape[0], -1))

    def predict_log_proba(self, X: Any) -> Any:
        """Give the logarithm of each probability."""
        return np.log(self.predict_proba(X))

    def _is_separate(self) -> bool:
        if self.multi_class in ("ovr", "warn"):
            return True
        is_automatic = self.multi_class in ("auto", "deprecated")
        return is_automatic and (self.classes_.size <= 2 or self.solver == "liblinear")


class LogisticRegression(_Logistic):
    """Logistic regression fitted one-versus-rest for several classes, or multinomial for two.

    Parameters
    ----------
    penalty, dual, tol, C, fit_intercept, intercept_scaling, class_weight, random_state, solver, max_iter : object
        As in `sklearn.linear_model.LogisticRegression` of scikit-learn 1.7.
    multi_class, verbose, warm_start, n_jobs, l1_ratio : object
        The same.

    Examples
    --------
    >>> from hermetic.legacy import LogisticRegression
    >>> LogisticRegression(multi_class="ovr").get_params()["multi_class"]
    'ovr'
    """

    successor: ClassVar[str] = "sklearn.multiclass.OneVsRestClassifier(sklearn.linear_model.LogisticRegression())"

    def __init__(
        self,
        penalty: Any = "l2",
        *,
        dual: bool = False,
        tol: float = 1e-4,
        C: float = 1.0,  # noqa: N803
        fit_intercept: bool = True,
        intercept_scaling: float = 1,
        class_weight: Any = None,
        random_state: Any = None,
        solver: str = "lbfgs",
        max_iter: int = 100,
        multi_class: str = "deprecated",
        verbose: int = 0,
        warm_start: bool = False,
        n_jobs: Any = None,
        l1_ratio: Any = None,
    ) -> None:
        self.penalty = penalty
        self.dual = dual
        self.tol = tol
        self.C = C
        self.fit_intercept = fit_intercept
        self.intercept_scaling = intercept_scaling
        self.class_weight = class_weight
        self.random_state = random_state
        self.solver = solver
        self.max_iter = max_iter
        self.multi_class = multi_class
        self.verbose = verbose
        self.warm_start = warm_start
        self.n_jobs = n_jobs
        self.l1_ratio = l1_ratio


class LogisticRegressionCV(_Logistic):
    """Logistic regression with a strength chosen by cross-validation, one-versus-rest or multinomial for two classes.

    Parameters
    ----------
    Cs, fit_intercept, cv, dual, penalty, scoring, solver, tol, max_iter, class_weight, n_jobs, verbose : object
        As in `sklearn.linear_model.LogisticRegressionCV` of scikit-learn 1.7.
    refit, intercept_scaling, multi_class, random_state, l1_ratios : object
        The same.

    Examples
    --------
    >>> from hermetic.legacy import LogisticRegressionCV
    >>> LogisticRegressionCV(Cs=3).Cs
    3
    """

    successor: ClassVar[str] = "sklearn.multiclass.OneVsRestClassifier(sklearn.linear_model.LogisticRegressionCV())"

    def __init__(
        self,
        *,
        Cs: Any = 10,  # noqa: N803
        fit_intercept: bool = True,
        cv: Any = None,
        dual: bool = False,
        penalty: Any = "l2",
        scoring: Any = None,
        solver: str = "lbfgs",
        tol: float = 1e-4,
        max_iter: int = 100,
        class_weight: Any = None,
        n_jobs: Any = None,
        verbose: int = 0,
        refit: bool = True,
        intercept_scaling: float = 1.0,
        multi_class: str = "deprecated",
        random_state: Any = None,
        l1_ratios: Any = None,
    ) -> None:
        self.Cs = Cs
        self.fit_intercept = fit_intercept
        self.cv = cv
        self.dual = dual
        self.penalty = penalty
        self.scoring = scoring
        self.solver = solver
        self.tol = tol
        self.max_iter = max_iter
        self.class_weight = class_weight
        self.n_jobs = n_jobs
        self.verbose = verbose
        self.refit = refit
        self.intercept_scaling = intercept_scaling
        self.multi_class = multi_class
        self.random_state = random_state
        self.l1_ratios = l1_ratios

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Score predictions as ``scoring`` says, by accuracy where it says nothing."""
        weights = {} if sample_weight is None else {"sample_weight": sample_weight}
        return float(get_scorer(self.scoring or "accuracy")(self, X, y, **weights))
