"""Models that the other release cannot express, and that become predictors of ours: `hermetic.legacy`.

The sources are sklearn/ensemble/_weight_boosting.py of 1.2 and 1.5, sklearn/linear_model/_logistic.py of 1.7 and
_bayes.py of 1.9, and sklearn/decomposition/_kernel_pca.py of 1.2.

A table becomes ours as a whole where one of its rows has to: the predictors compute whatever their release did, so the
others answer as before, too. Their state stays that of the release that they come from.
"""

from __future__ import annotations

from hermetic.codecs.table_edit import TableEdit
from hermetic.lazy import numpy as np

__all__ = [
    "keep_boosting_by_probabilities",
    "keep_boosting_by_shares",
    "keep_boosting_by_votes",
    "keep_deviations",
    "keep_inverse_kernels",
]

_LEGACY = "hermetic.legacy."
_WITH_GAMMA = ("rbf", "poly", "polynomial", "sigmoid", "laplacian", "chi2")


def keep_boosting_by_votes(edit: TableEdit) -> None:
    """Keep adaptive boosting by SAMME of before 1.3: since then it spreads its votes (1 and -1 / (n_classes - 1)).

    Parameters
    ----------
    edit : TableEdit
        Of `AdaBoostClassifier`.
    """
    if edit.has("estimators_") and "SAMME" in edit.values("algorithm"):
        edit.become(f"{_LEGACY}AdaBoostClassifier")


def keep_boosting_by_probabilities(edit: TableEdit) -> None:
    """Keep adaptive boosting by SAMME.R, the default until 1.5, which is gone since 1.6.

    Parameters
    ----------
    edit : TableEdit
        Of `AdaBoostClassifier`.
    """
    algorithms = edit.values("algorithm", "SAMME.R")
    if edit.has("estimators_") and any(algorithm not in ("SAMME", "deprecated") for algorithm in algorithms):
        # Whatever stands beside it in the table computes SAMME as 1.3 does.
        edit.put("algorithm", ["SAMME.R" if algorithm == "SAMME.R" else "SAMME" for algorithm in algorithms])
        edit.put("_spreads_votes", [algorithm != "SAMME.R" for algorithm in algorithms])
        edit.become(f"{_LEGACY}AdaBoostClassifier")
    else:
        edit.fill("algorithm", "deprecated")


def keep_boosting_by_shares(edit: TableEdit) -> None:
    """Keep adaptive boosting by SAMME of 1.3 and later: before, a vote counted for its own class only.

    Parameters
    ----------
    edit : TableEdit
        Of `AdaBoostClassifier`.
    """
    algorithms = edit.values("algorithm")
    if edit.has("estimators_") and any(algorithm != "SAMME.R" for algorithm in algorithms):
        edit.put("algorithm", ["SAMME.R" if algorithm == "SAMME.R" else "SAMME" for algorithm in algorithms])
        edit.put("_spreads_votes", [algorithm != "SAMME.R" for algorithm in algorithms])
        edit.become(f"{_LEGACY}AdaBoostClassifier")


def keep_inverse_kernels(edit: TableEdit) -> bool:
    """Keep kernel components whose inverse takes its default from what it is given: before 1.3, not since.

    Parameters
    ----------
    edit : TableEdit
        Of `KernelPCA`.

    Returns
    -------
    bool
        Whether they have become ours.
    """
    rows = zip(*(edit.values(field) for field in ("gamma", "fit_inverse_transform", "kernel")), strict=True)
    if any(gamma is None and is_fitted and kernel in _WITH_GAMMA for gamma, is_fitted, kernel in rows):
        edit.become(f"{_LEGACY}KernelPCA")
        return True
    return False


def keep_deviations(edit: TableEdit) -> None:
    """Keep Bayesian regressions whose deviations centre the data, as they do since 1.9.

    Parameters
    ----------
    edit : TableEdit
        Of `BayesianRidge` or `ARDRegression`.
    """
    if any(offset is not None and np.any(offset) for offset in edit.arrays("X_offset_")):
        edit.become(f"{_LEGACY}{edit.name.rpartition('.')[2]}")
