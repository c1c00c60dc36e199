"""Record models, verify and rebuild them, in whatever release of scikit-learn runs this: ``record|rebuild FOLDER``."""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.ensemble import AdaBoostClassifier, GradientBoostingRegressor, RandomForestClassifier
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.metrics import get_scorer_names
from sklearn.model_selection import RepeatedKFold
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import hermetic

__all__ = ["MODELS", "rebuild_all", "record_all"]

CANCER, IRIS = (load(return_X_y=True) for load in (load_breast_cancer, load_iris))
DIABETES = load_diabetes(return_X_y=True)
# 1.6 has renamed it.
WORST = next(name for name in ("max_error", "neg_max_error") if name in get_scorer_names())
MODELS: dict[str, tuple[Any, Any, dict[str, Any]]] = {
    "logistic": (
        make_pipeline(StandardScaler(), LogisticRegression(random_state=0)),
        CANCER,
        {"scoring": ["accuracy", "neg_log_loss"]},
    ),
    "lasso-logistic": (
        make_pipeline(StandardScaler(), LogisticRegression(penalty="l1", solver="liblinear", random_state=0)),
        CANCER,
        {"scoring": "roc_auc"},
    ),
    "forest": (RandomForestClassifier(20, random_state=0), IRIS, {}),
    "boosting": (
        GradientBoostingRegressor(n_estimators=20, random_state=0),
        DIABETES,
        {"scoring": ["r2", WORST]},
    ),
    "stages": (AdaBoostClassifier(n_estimators=10, random_state=0), IRIS, {"cv": 3}),
    "ridge": (RidgeCV([0.1, 1.0]), DIABETES, {"cv": RepeatedKFold(n_splits=3, n_repeats=2, random_state=0)}),
    "neighbours": (KNeighborsClassifier(), IRIS, {}),
}


def record_all(folder: Path) -> None:
    """Fit and record every model."""
    for name, (model, (X, y), options) in MODELS.items():
        model.fit(X, y)
        # Not loaded again by the other release: one column of load_diabetes is another one there.
        np.savez(folder / f"{name}.npz", X=X, y=y)
        evidence = hermetic.record(model, X, y, data=None, source=None, progress=False, **options)
        hermetic.dump(model, folder / f"{name}.hermetic", evidence=evidence)


def rebuild_all(folder: Path) -> dict[str, Any]:
    """Verify the scores of every model, and rebuild it; give what was found."""
    found = {}
    for name in MODELS:
        path, data = folder / f"{name}.hermetic", dict(np.load(folder / f"{name}.npz"))
        verified = hermetic.verify(path, scores=True, data=data, progress=False)
        report = hermetic.rebuild(path, folder / f"{name}-again.hermetic", data=data, progress=False)
        again = hermetic.verify(folder / f"{name}-again.hermetic", data=data) if report.target else None
        found[name] = {
            "verified": {check.name: [check.verdict, check.words] for check in verified.checks},
            "steps": {step.name: [step.verdict, step.words] for step in report.steps},
            "again": bool(again and again.ok),
        }
    return found


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    place = Path(sys.argv[2])
    if sys.argv[1] == "record":
        record_all(place)
    else:
        print(json.dumps(rebuild_all(place)))
