"""Fit models whose formulas later releases lack, in this environment, and save each with golden rows.

Run once with the Python of a release, from the root: ``python -m tests.archives.write_predictors``. It was run with
scikit-learn 1.2.2, 1.3.2, 1.5.2, 1.7.2 and 1.9.1.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import sklearn
from sklearn.calibration import CalibratedClassifierCV
from sklearn.decomposition import KernelPCA
from sklearn.ensemble import AdaBoostClassifier, BaggingClassifier
from sklearn.linear_model import ARDRegression, BayesianRidge, LogisticRegression, LogisticRegressionCV
from sklearn.model_selection import GridSearchCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

import hermetic
from tests.golden_evidence import golden_evidence

__all__ = ["models", "write"]

FOLDER = Path(__file__).parent / "predictors"
RELEASE = tuple(map(int, sklearn.__version__.split(".")[:2]))
RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(90, 4))
THREE = np.digitize(X[:, 0] + 0.5 * X[:, 1] ** 2 + 0.3 * RANDOM.normal(size=90), [0.0, 1.0])
WORDS = np.array(["low", "middle", "top"])[THREE]
TWO = (THREE > 0).astype(int)
NUMBERS = X @ [1.0, -2.0, 0.0, 0.5] + 0.1 * RANDOM.normal(size=90)


def boosting() -> Iterator[tuple[str, Any, Any]]:
    """Give models of adaptive boosting: name, model, target."""
    for algorithm in ("SAMME", "SAMME.R"):
        make = {"algorithm": algorithm, "n_estimators": 6, "random_state": 0}
        tree = DecisionTreeClassifier(max_depth=2, random_state=0)
        yield f"ada-{algorithm}-two", AdaBoostClassifier(**make), TWO
        yield f"ada-{algorithm}-three", AdaBoostClassifier(**make), THREE
        yield f"ada-{algorithm}-words", AdaBoostClassifier(tree, **make), WORDS
    make = {"algorithm": "SAMME.R", "n_estimators": 4, "random_state": 0}
    yield "ada-bayes", AdaBoostClassifier(GaussianNB(), **make), THREE
    yield "ada-pipeline", make_pipeline(StandardScaler(), AdaBoostClassifier(**make)), THREE
    yield "ada-search", GridSearchCV(AdaBoostClassifier(**make), {"learning_rate": [0.5, 1.0]}, cv=2), THREE
    yield "ada-rest", OneVsRestClassifier(AdaBoostClassifier(**make)), THREE


def logistic() -> Iterator[tuple[str, Any, Any]]:
    """Give logistic regressions."""
    liblinear = LogisticRegression(solver="liblinear")
    yield "logistic-separate", LogisticRegression(multi_class="ovr"), THREE
    yield "logistic-liblinear", LogisticRegression(solver="liblinear", penalty="l1"), WORDS
    yield "logistic-multinomial", LogisticRegression(multi_class="multinomial"), TWO
    yield "logistic-cv", LogisticRegressionCV(Cs=2, cv=2, multi_class="ovr"), THREE
    yield "logistic-cv-liblinear", LogisticRegressionCV(Cs=2, cv=2, solver="liblinear"), THREE
    yield "logistic-bagged", BaggingClassifier(liblinear, n_estimators=4, random_state=0), THREE
    yield "logistic-calibrated", CalibratedClassifierCV(liblinear, cv=2), THREE
    yield "logistic-pipeline", make_pipeline(StandardScaler(), liblinear), WORDS


def others() -> Iterator[tuple[str, Any, Any]]:
    """Give kernel components and Bayesian regressions."""
    for kernel in ("rbf", "sigmoid"):
        parameters = {"kernel": kernel, "fit_inverse_transform": True, "eigen_solver": "dense"}
        yield f"kernels-{kernel}", KernelPCA(2, **parameters), None
        yield f"kernels-{kernel}-gamma", KernelPCA(2, gamma=0.3, **parameters), None
    yield "bayesian-ridge", BayesianRidge(), NUMBERS
    yield "bayesian-relevance", ARDRegression(), NUMBERS


def models() -> Iterator[tuple[str, Any, Any]]:
    """Give the models that this release can fit, and whose formula another one lacks."""
    if RELEASE < (1, 6):
        yield from boosting()
    if RELEASE < (1, 8):
        yield from logistic()
    if RELEASE < (1, 3) or RELEASE >= (1, 9):
        yield from others()


def write() -> None:
    """Write the files of this release."""
    folder = FOLDER / ".".join(map(str, RELEASE))
    folder.mkdir(parents=True, exist_ok=True)
    for name, model, target in models():
        rows = X + 1.0 if name.startswith("bayesian") else X
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.fit(rows, target)
            evidence = golden_evidence(model, rows, golden=12)
        hermetic.dump(model, folder / f"{name}.hermetic", ("zlib", 9), evidence=evidence)


if __name__ == "__main__":
    write()
