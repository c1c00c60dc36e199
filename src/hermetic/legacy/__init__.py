"""Predictors of former releases of scikit-learn, for formulas that no state of the installed release can express.

A model of an older release becomes one of these when it is loaded where its formula is gone. It predicts as it did, has
the parameters of its old constructor, and can be saved and loaded; it cannot be fitted again.
"""

from __future__ import annotations

from hermetic.legacy.bayesian import ARDRegression, BayesianRidge
from hermetic.legacy.boosting import AdaBoostClassifier
from hermetic.legacy.fitted import (
    DecisionTreeClassifier,
    DecisionTreeRegressor,
    ExtraTreeClassifier,
    ExtraTreeRegressor,
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    KBinsDiscretizer,
    RandomForestClassifier,
    RandomForestRegressor,
)
from hermetic.legacy.kernels import KernelPCA
from hermetic.legacy.logistic import LogisticRegression, LogisticRegressionCV

__all__ = [
    "ARDRegression",
    "AdaBoostClassifier",
    "BayesianRidge",
    "DecisionTreeClassifier",
    "DecisionTreeRegressor",
    "ExtraTreeClassifier",
    "ExtraTreeRegressor",
    "ExtraTreesClassifier",
    "ExtraTreesRegressor",
    "HistGradientBoostingClassifier",
    "HistGradientBoostingRegressor",
    "KBinsDiscretizer",
    "KernelPCA",
    "LogisticRegression",
    "LogisticRegressionCV",
    "RandomForestClassifier",
    "RandomForestRegressor",
]
