"""`sklearn.preprocessing.FunctionTransformer`, also the one inside histogram gradient boosting with categories.

Fields: the ``__dict__``; functions of the tables get plain data only in ``kw_args`` and ``inv_kw_args``. Where ``func``
is the partial `check_array` that histogram gradient boosting makes, which has other keywords in other releases,
``checks_numbers`` stands in its place, true.

Source: sklearn/ensemble/_hist_gradient_boosting/gradient_boosting.py, ``_preprocess_X``.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from functools import partial
from inspect import signature
from typing import Any, ClassVar

from hermetic.codecs.arguments import is_known_function, refuse_callables
from hermetic.codecs.codec import FieldView, LegacyObject, resolve_class
from hermetic.codecs.estimators import EstimatorCodec, public_names
from hermetic.codecs.field_checks import type_name
from hermetic.lazy import numpy as np
from hermetic.legacy_objects import LegacyName

__all__ = ["CHECKS_NUMBERS", "FunctionTransformerCodec"]

CHECKS_NUMBERS = "checks_numbers"
"""The field that stands for the partial `check_array`."""

_ARGUMENTS = {"func": "kw_args", "inverse_func": "inv_kw_args"}
_CHECK_ARRAY = "sklearn.utils.validation:check_array"
_KEYWORDS = ("ensure_all_finite", "force_all_finite")


class FunctionTransformerCodec(EstimatorCodec):
    """Functions as transformers; see the module docstring."""

    classes: ClassVar = public_names("sklearn.preprocessing._function_transformer", "FunctionTransformer")
    sealed_fields = frozenset({CHECKS_NUMBERS, *_ARGUMENTS, *_ARGUMENTS.values()})

    def group(self, instance: Any) -> Hashable:
        """Keep the two forms apart."""
        return super().group(instance), _checks_numbers(instance)

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give the state, without the library's own partial function."""
        fields = super().adopt(name, made)
        if not _is_legacy_check(fields.get("func")):
            return fields
        return {
            CHECKS_NUMBERS if field == "func" else field: value if field != "func" else True
            for field, value in fields.items()
        }

    def capture(self, name: str, instances: Sequence[Any]) -> dict[str, list[Any]]:
        """Give the state, without the library's own partial function."""
        fields = super().capture(name, instances)
        if not _checks_numbers(instances[0]):
            return fields
        return {
            CHECKS_NUMBERS if field == "func" else field: [True] * len(instances) if field == "func" else values
            for field, values in fields.items()
        }

    def validate(self, name: str, view: FieldView) -> None:
        """Check that there is one function."""
        super().validate(name, view)
        is_other = any(value is not True for value in view.values(CHECKS_NUMBERS, True))
        if is_other or {"func", CHECKS_NUMBERS} <= view.node.fields.keys():
            raise view.refuse("a function transformer has one function", field=CHECKS_NUMBERS)
        for function_field, field in _ARGUMENTS.items():
            for row, function in enumerate(view.values(function_field)):
                if is_known_function(view, function) or type_name(view, function) == "functools.partial":
                    refuse_callables(view, view.value(field, row), row, field)

    def restore(self, name: str, fields: dict[str, list[Any]], rows: int) -> list[Any]:
        """Make the transformers, with the installed library's own partial function."""
        if CHECKS_NUMBERS not in fields:
            return super().restore(name, fields, rows)
        check_array = resolve_class((_CHECK_ARRAY,), name)
        keyword = next(keyword for keyword in _KEYWORDS if keyword in signature(check_array).parameters)
        functions = [partial(check_array, dtype=[np.float64], **{keyword: False}) for _ in range(rows)]
        renamed = {
            "func" if field == CHECKS_NUMBERS else field: functions if field == CHECKS_NUMBERS else values
            for field, values in fields.items()
        }
        return super().restore(name, renamed, rows)


def _checks_numbers(instance: Any) -> bool:
    function = vars(instance).get("func")
    if type(function) is not partial or function.args or len(function.keywords) != len(_KEYWORDS):
        return False
    # vars() would give the original a dictionary that it did not have.
    if function.__reduce__()[2][3]:  # it reduces to (class, arguments, state)
        return False
    is_check = function.func is resolve_class((_CHECK_ARRAY,), "check_array")
    values = [function.keywords.get(keyword, True) for keyword in _KEYWORDS]
    return is_check and function.keywords.get("dtype") == [np.float64] and any(value is False for value in values)


def _is_legacy_check(function: Any) -> bool:
    """Tell whether a legacy file has the library's own partial function here."""
    if type(function) is not LegacyObject or function.location != "functools:partial":
        return False
    state = function.state
    if type(state) is not tuple or len(state) != 4 or type(state[0]) is not LegacyName or type(state[2]) is not dict:
        return False
    dtype = state[2].get("dtype")
    is_check = state[0].location == _CHECK_ARRAY and state[1] == () and not state[3] and len(state[2]) == len(_KEYWORDS)
    is_float = type(dtype) is list and len(dtype) == 1 and getattr(dtype[0], "location", "") == "numpy:float64"
    return is_check and is_float and any(state[2].get(keyword, True) is False for keyword in _KEYWORDS)
