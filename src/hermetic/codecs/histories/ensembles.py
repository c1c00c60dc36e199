"""What releases have changed in trees, forests, boosting, bagging, and models made of models.

Each change names the release that made it; the sources are the files of sklearn/ensemble/, sklearn/tree/,
sklearn/multioutput.py, sklearn/calibration.py and sklearn/metrics/_scorer.py.
"""

from __future__ import annotations

from hermetic.codecs.history import (
    Change,
    attribute_added,
    parameter_removed,
    refused_when,
    values_changed,
)
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
_CLIPPED_BEFORE = 1.2e-7


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


def _name_single_estimator(edit: TableEdit) -> None:
    # multioutput.py, _BaseChain: base_estimator was the former name of estimator.
    if edit.has("base_estimator"):
        if not edit.has("estimator"):
            edit.fill("estimator", None)
        pairs = zip(edit.values("estimator"), edit.values("base_estimator"), strict=True)
        edit.put("estimator", [new if old == "deprecated" else old for new, old in pairs])
        edit.drop("base_estimator")


_TEMPERATURE = "calibration by temperature is new in scikit-learn 1.8"

CHANGES: dict[str, tuple[Change, ...]] = {
    _FORESTS: (attribute_added("1.9", "_sample_weight", None, beside="estimators_")._replace(down=_forget_weights),),
    f"{_ENSEMBLE}BaggingClassifier {_ENSEMBLE}BaggingRegressor": (
        attribute_added("1.8", "_sample_weight", None, beside="estimators_")._replace(down=_forget_weights),
        values_changed("1.8", "max_samples", {}, {None: 1.0}),
    ),
    f"{_ENSEMBLE}GradientBoostingClassifier": (
        refused_when(
            "1.8",
            "gradient boosting clips the probabilities of its initial model at another distance from 0 and 1 since "
            "scikit-learn 1.8",
            _has_extreme_start,
        ),
    ),
    f"{_ENSEMBLE}GradientBoostingClassifier {_ENSEMBLE}GradientBoostingRegressor": (
        values_changed("1.9", "criterion", {"friedman_mse": "deprecated"}, {"deprecated": "friedman_mse"}),
    ),
    f"{_ENSEMBLE}AdaBoostClassifier": (parameter_removed("1.8", "algorithm", "deprecated"),),
    "sklearn.multioutput.ClassifierChain sklearn.multioutput.RegressorChain": (
        Change("1.9", _name_single_estimator, lambda edit: edit.fill("base_estimator", "deprecated")),
    ),
    "sklearn.semi_supervised.SelfTrainingClassifier": (parameter_removed("1.8", "base_estimator", "deprecated"),),
    "sklearn.calibration.CalibratedClassifierCV sklearn.calibration._CalibratedClassifier": (
        refused_when("1.8", _TEMPERATURE, lambda edit, row: edit.value("method", row) == "temperature"),
    ),
    "sklearn.metrics._Scorer sklearn.metrics._CurveScorer": (
        Change("1.8", lambda edit: edit.drop("_deprecation_msg"), lambda edit: edit.fill("_deprecation_msg", None)),
    ),
}
