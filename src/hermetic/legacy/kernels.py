"""Kernel principal components whose inverse has another default for gamma.

Source: sklearn/decomposition/_kernel_pca.py of scikit-learn 1.2: without gamma, the inverse divides by the number of
components, as it was fitted; since 1.3 by the number of features.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.exceptions import NotFittedError
from sklearn.metrics.pairwise import pairwise_kernels
from sklearn.utils.validation import check_is_fitted

from hermetic.legacy.former import FormerPredictor

__all__ = ["KernelPCA"]


class KernelPCA(ClassNamePrefixFeaturesOutMixin, TransformerMixin, FormerPredictor):  # type: ignore[misc]  # untyped library
    """Kernel principal components with ``fit_inverse_transform=True`` and without gamma, from the other side of 1.3.

    Parameters
    ----------
    n_components, kernel, gamma, degree, coef0, kernel_params, alpha, fit_inverse_transform, eigen_solver, tol : object
        As in `sklearn.decomposition.KernelPCA`.
    max_iter, iterated_power, remove_zero_eig, random_state, copy_X, n_jobs : object
        The same.

    Examples
    --------
    >>> from hermetic.legacy import KernelPCA
    >>> KernelPCA(kernel="rbf").kernel
    'rbf'
    """

    successor: ClassVar[str] = "sklearn.decomposition.KernelPCA"

    def __init__(
        self,
        n_components: Any = None,
        *,
        kernel: Any = "linear",
        gamma: Any = None,
        degree: float = 3,
        coef0: float = 1,
        kernel_params: Any = None,
        alpha: float = 1.0,
        fit_inverse_transform: bool = False,
        eigen_solver: str = "auto",
        tol: float = 0,
        max_iter: Any = None,
        iterated_power: Any = "auto",
        remove_zero_eig: bool = False,
        random_state: Any = None,
        copy_X: bool = True,  # noqa: N803
        n_jobs: Any = None,
    ) -> None:
        self.n_components = n_components
        self.kernel = kernel
        self.gamma = gamma
        self.degree = degree
        self.coef0 = coef0
        self.kernel_params = kernel_params
        self.alpha = alpha
        self.fit_inverse_transform = fit_inverse_transform
        self.eigen_solver = eigen_solver
        self.tol = tol
        self.max_iter = max_iter
        self.iterated_power = iterated_power
        self.remove_zero_eig = remove_zero_eig
        self.random_state = random_state
        self.copy_X = copy_X
        self.n_jobs = n_jobs

    def transform(self, X: Any) -> Any:
        """Give the components of each row."""
        check_is_fitted(self)
        rows = self._rows(X, accept_sparse="csr")
        similarities = self._centerer.transform(self._similarities(rows, self.X_fit_))
        used = np.flatnonzero(self.eigenvalues_)
        scaled = np.zeros_like(self.eigenvectors_)
        scaled[:, used] = self.eigenvectors_[:, used] / np.sqrt(self.eigenvalues_[used])
        return np.dot(similarities, scaled)

    def inverse_transform(self, X: Any) -> Any:
        """Give rows whose components these are, nearly."""
        if not self.fit_inverse_transform:
            raise NotFittedError("the model was fitted without fit_inverse_transform=True")
        return np.dot(self._similarities(X, self.X_transformed_fit_), self.dual_coef_)

    @property
    def _n_features_out(self) -> int:
        return int(self.eigenvalues_.shape[0])

    def _similarities(self, one: Any, other: Any) -> Any:
        # Models of 1.3 and later: the inverse takes the default that the components have.
        own = {"gamma": vars(self).get("_gamma_of_inverse", self.gamma), "degree": self.degree, "coef0": self.coef0}
        keywords = self.kernel_params or {} if callable(self.kernel) else own
        return pairwise_kernels(one, other, metric=self.kernel, filter_params=True, n_jobs=self.n_jobs, **keywords)
