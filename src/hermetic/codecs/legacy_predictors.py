"""Our own predictors for formulas that releases of scikit-learn no longer have (`hermetic.legacy`).

Fields: the ``__dict__``, that of the release that they come from. What they compute is numpy on arrays, so a wrong
state raises and does no harm; the shapes are compared nevertheless, so that it does so here. Members of boosting are
models of their own, checked by theirs.
"""

from __future__ import annotations

from typing import Any, ClassVar

from hermetic.codecs.codec import FieldView
from hermetic.codecs.estimators import EstimatorCodec
from hermetic.codecs.related import items_of, plain_number

__all__ = ["LegacyPredictorCodec"]

_PACKAGE = "hermetic.legacy"
_TWO = 2


class LegacyPredictorCodec(EstimatorCodec):
    """Predictors of former releases: fitted, and of arrays that fit each other."""

    is_value = False
    classes: ClassVar = {
        f"{_PACKAGE}.{name}": f"{_PACKAGE}.{module}:{name}"
        for module, names in {
            "bayesian": ("ARDRegression", "BayesianRidge"),
            "boosting": ("AdaBoostClassifier",),
            "fitted": ("KBinsDiscretizer",),
            "kernels": ("KernelPCA",),
            "logistic": ("LogisticRegression", "LogisticRegressionCV"),
        }.items()
        for name in names
    }
    checked_fields = frozenset({"lambda_"})
    sealed_fields = frozenset(
        {
            *("X_fit_", "X_offset_", "X_transformed_fit_", "algorithm", "classes_", "coef_", "dual_coef_"),
            *("eigenvalues_", "eigenvectors_", "estimator_weights_", "estimators_", "intercept_", "lambda_"),
            *("n_classes_", "sigma_"),
        }
    )

    def validate(self, name: str, view: FieldView) -> None:
        """Compare the shapes of fitted models."""
        super().validate(name, view)
        kind = name.rpartition(".")[2]
        for row in range(view.rows):
            if kind == "AdaBoostClassifier" and "estimators_" in view.node.fields:
                _check_boosting(view, row)
            elif kind.startswith("Logistic") and "coef_" in view.node.fields:
                _check_logistic(view, row)
            elif kind == "KernelPCA" and "eigenvalues_" in view.node.fields:
                _check_kernels(view, row)
            elif "sigma_" in view.node.fields:
                _check_bayesian(view, row)


def _shape(view: FieldView, row: int, field: str, kinds: str = "f") -> tuple[int, ...]:
    array = view.array(view.value(field, row))
    if array is None or array.dtype.kind not in kinds:
        raise view.refuse(f"{field} must be an array of kind {kinds}", row=row, field=field)
    shape: tuple[int, ...] = array.shape
    return shape


def _check_boosting(view: FieldView, row: int) -> None:
    members = items_of(view, view.value("estimators_", row))
    weights = _shape(view, row, "estimator_weights_")
    if not members or len(weights) != 1 or weights[0] < len(members):
        raise view.refuse(f"{len(members or ())} members have weights of shape {weights}", row=row, field="estimators_")
    n_classes: Any = plain_number(view.value("n_classes_", row))
    classes = _shape(view, row, "classes_", "biufUSO") if _has_array(view, row, "classes_") else (n_classes,)
    if type(n_classes) is not int or n_classes < 1 or classes != (n_classes,):
        raise view.refuse(f"n_classes_ is {n_classes!r}, classes_ has shape {classes}", row=row, field="n_classes_")
    if view.value("algorithm", row) not in ("SAMME", "SAMME.R"):
        raise view.refuse("the algorithm must be SAMME or SAMME.R", row=row, field="algorithm")


def _has_array(view: FieldView, row: int, field: str) -> bool:
    """Tell arrays from arrays of objects, whose shape their own node says."""
    return view.array(view.value(field, row)) is not None


def _check_logistic(view: FieldView, row: int) -> None:
    if not _has_array(view, row, "coef_"):
        return  # a sparse matrix, which its own codec has checked
    coefficients = _shape(view, row, "coef_")
    starts = _shape(view, row, "intercept_") if _has_array(view, row, "intercept_") else (coefficients or (0,))[:1]
    n_scores = coefficients[0] if len(coefficients) == _TWO else 0
    classes = _shape(view, row, "classes_", "biufUSO") if _has_array(view, row, "classes_") else None
    expected = (max(n_scores, 2) if n_scores < _TWO else n_scores,)
    if n_scores < 1 or starts != (n_scores,) or classes not in (None, expected, (_TWO,)):
        raise view.refuse(
            f"coef_ has shape {coefficients}, intercept_ {starts}, classes_ {classes}", row=row, field="coef_"
        )


def _check_kernels(view: FieldView, row: int) -> None:
    values, vectors = _shape(view, row, "eigenvalues_"), _shape(view, row, "eigenvectors_")
    if len(values) != 1 or len(vectors) != _TWO or vectors[1] != values[0]:
        raise view.refuse(f"eigenvalues_ {values} do not fit {vectors}", row=row, field="eigenvectors_")
    if "dual_coef_" in view.node.fields:
        components, coefficients = _shape(view, row, "X_transformed_fit_"), _shape(view, row, "dual_coef_")
        if components != vectors or len(coefficients) != _TWO or coefficients[0] != vectors[0]:
            found = f"X_transformed_fit_ {components} and dual_coef_ {coefficients} do not fit {vectors}"
            raise view.refuse(found, row=row, field="dual_coef_")


def _check_bayesian(view: FieldView, row: int) -> None:
    coefficients, offsets = _shape(view, row, "coef_"), _shape(view, row, "X_offset_")
    spread = _shape(view, row, "sigma_")
    n_used = coefficients[0] if coefficients else 0
    if "lambda_" in view.node.fields and "threshold_lambda" in view.node.fields:
        relevance = view.array(view.value("lambda_", row))
        limit = plain_number(view.value("threshold_lambda", row))
        if relevance is None or relevance.shape != coefficients or type(limit) not in (int, float):
            raise view.refuse("lambda_ does not fit coef_", row=row, field="lambda_")
        n_used = int((relevance < limit).sum())
    if len(coefficients) != 1 or offsets != coefficients or spread != (n_used, n_used):
        found = f"coef_ {coefficients}, X_offset_ {offsets} and sigma_ {spread} do not fit"
        raise view.refuse(found, row=row, field="sigma_")
