"""What releases have changed in trees, forests, boosting, bagging, and models made of models.

Each change names the release that made it; the sources are the files of sklearn/ensemble/, sklearn/tree/,
sklearn/calibration.py and sklearn/metrics/_scorer.py.
"""

from __future__ import annotations

from hermetic.codecs.history import Change, attribute_added, refused_when, upward
from hermetic.codecs.related import related
from hermetic.codecs.table_edit import TableEdit
from hermetic.lazy import numpy as np

__all__ = ["CHANGES"]

_ENSEMBLE = "sklearn.ensemble."
_FORESTS = " ".join(
    f"{_ENSEMBLE}{name}"
    for name in (
        *("ExtraTreesClassifier", "ExtraTreesRegressor", "IsolationForest", "RandomForestClassifier"),
        *("RandomForestRegressor", "RandomTreesEmbedding"),
    )
)
_NAMED = " ".join(
    f"{_ENSEMBLE}{name}"
    for name in ("AdaBoostClassifier", "AdaBoostRegressor", "BaggingClassifier", "BaggingRegressor")
)
_CLIPPED_BEFORE = 1.2e-7


def _name_estimator(edit: TableEdit) -> None:
    # _base.py, BaseEnsemble of 1.2.0 alone: estimator_ was a property of what stood under this name.
    if edit.has("_estimator") and not edit.has("estimator_"):
        edit.rename("_estimator", "estimator_")


def _forget_weights(edit: TableEdit) -> None:
    # Before, samples were drawn without regard to weights: estimators_samples_ shall say nothing, not something wrong.
    weights = edit.values("_sample_weight")
    if any(weight is not None for weight in weights):
        edit.drop("_n_samples")
    edit.drop("_sample_weight")


def _has_extreme_start(edit: TableEdit, row: int) -> bool:
    # _gb.py, _init_raw_predictions: probabilities of the initial model are clipped at another distance from 0 and 1.
    found = related(edit, edit.value("init_", row))
    if found is None:
        return False
    name, table, own_row = found
    if name != "sklearn.dummy.DummyClassifier" or table.value("strategy", own_row) not in ("prior", "uniform"):
        return True
    prior = table.array(table.value("class_prior_", own_row))
    return prior is None or bool(np.min(prior, initial=1.0) < _CLIPPED_BEFORE)


_TEMPERATURE = "calibration by temperature is new in scikit-learn 1.8"

CHANGES: dict[str, tuple[Change, ...]] = {
    _FORESTS: (attribute_added("1.9", "_sample_weight", None, beside="estimators_")._replace(down=_forget_weights),),
    f"{_FORESTS} {_NAMED}": (upward("1.3", _name_estimator),),
    f"{_ENSEMBLE}BaggingClassifier {_ENSEMBLE}BaggingRegressor": (
        attribute_added("1.8", "_sample_weight", None, beside="estimators_")._replace(down=_forget_weights),
    ),
    f"{_ENSEMBLE}GradientBoostingClassifier": (
        refused_when(
            "1.8",
            "gradient boosting clips the probabilities of its initial model at another distance from 0 and 1 since "
            "scikit-learn 1.8",
            _has_extreme_start,
        ),
    ),
    "sklearn.calibration.CalibratedClassifierCV sklearn.calibration._CalibratedClassifier": (
        refused_when("1.8", _TEMPERATURE, lambda edit, row: edit.value("method", row) == "temperature"),
    ),
    # metrics/_scorer.py: 1.6 and 1.7 ask each time whether a scorer has a warning of its own.
    "sklearn.metrics._Scorer sklearn.metrics._CurveScorer": (
        Change("1.6", lambda edit: edit.fill("_deprecation_msg", None), lambda edit: edit.drop("_deprecation_msg")),
        Change("1.8", lambda edit: edit.drop("_deprecation_msg"), lambda edit: edit.fill("_deprecation_msg", None)),
    ),
}
