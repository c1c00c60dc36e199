"""Linear models learned by stochastic gradients: going on to learn writes into vectors as wide as the input.

Fields: the ``__dict__``. ``coef_``, ``_standard_coef`` and ``_average_coef`` each end with one axis of n_features. Only
the first is compared with the input before native code writes into the others.

Source: sklearn/linear_model/_stochastic_gradient.py, _sgd_fast.pyx.tp, utils/_weight_vector.pyx.tp.
"""

from __future__ import annotations

from typing import ClassVar

from hermetic.codecs.codec import FieldView
from hermetic.codecs.estimators import EstimatorCodec, public_names
from hermetic.codecs.field_checks import shape_of
from hermetic.codecs.related import related
from hermetic.graph import Value

__all__ = ["OnlineLinearCodec"]

_COEFFICIENTS = ("coef_", "_standard_coef", "_average_coef")


class OnlineLinearCodec(EstimatorCodec):
    """Stochastic gradient descent, the perceptron and the passive-aggressive models."""

    classes: ClassVar = {
        **public_names(
            "sklearn.linear_model._passive_aggressive", "PassiveAggressiveClassifier PassiveAggressiveRegressor"
        ),
        **public_names("sklearn.linear_model._perceptron", "Perceptron"),
        **public_names("sklearn.linear_model._stochastic_gradient", "SGDClassifier SGDOneClassSVM SGDRegressor"),
    }
    sealed_fields = frozenset(_COEFFICIENTS)

    def validate(self, name: str, view: FieldView) -> None:
        """Compare the widths of all coefficients."""
        super().validate(name, view)
        columns = [view.values(field) for field in _COEFFICIENTS]
        for row, values in enumerate(zip(*columns, strict=True)):
            widths = {_width(view, value) for value in values if value is not None}
            if len(widths) > 1 or -1 in widths or (widths and values[0] is None):
                raise view.refuse("the coefficients differ in width", row=row, field="coef_")


def _width(view: FieldView, value: Value) -> int:
    """Give the last length of an array or compressed matrix; -1 for everything else."""
    array = view.array(value)
    if array is not None:
        return int(array.shape[-1]) if array.ndim in (1, 2) and array.shape[0] else -1
    found = related(view, value)
    if found is None or not found[0].startswith("scipy.sparse."):
        return -1
    shape = shape_of(found[1].value("shape", found[2]))
    return shape[-1] if shape else -1
