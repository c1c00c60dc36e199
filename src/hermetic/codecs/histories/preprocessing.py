"""What releases have changed in encoders, scalers, imputers and other transformers.

Each change names the release that made it; the sources are the files of sklearn/preprocessing/, sklearn/impute/,
sklearn/compose/ and sklearn/decomposition/.
"""

from __future__ import annotations

from hermetic.codecs.history import Change, refused_when
from hermetic.codecs.table_edit import TableEdit
from hermetic.dtypes import describe_dtype
from hermetic.graph import ObjectArray, Value
from hermetic.lazy import numpy as np

__all__ = ["CHANGES"]

_PREPROCESSING = "sklearn.preprocessing."
_CODING = "sklearn.decomposition."
_OBJECTS = {"dtype": "|O"}
_NEAR = 1e-5
_EXACT = 1e-15


def _remember_fill_dtype(edit: TableEdit) -> None:
    # impute/_base.py: what is filled in is now cast to a dtype; before, it had that of statistics_.
    if edit.has("statistics_") and not edit.has("_fill_dtype"):
        edit.put("_fill_dtype", [_dtype_of(edit, value, row) for row, value in enumerate(edit.values("statistics_"))])


def _dtype_of(edit: TableEdit, value: Value, row: int) -> Value:
    array = edit.array(value)
    if array is not None:
        return {"dtype": describe_dtype(array.dtype)}
    if type(value) is list and isinstance(edit.graph.nodes[value[0]], ObjectArray):
        return _OBJECTS
    raise edit.refuse("statistics_ is no array", row=row, field="statistics_")


def _cast_statistics(edit: TableEdit) -> None:
    if not edit.has("statistics_", "_fill_dtype"):
        return
    for row, (statistics, dtype) in enumerate(zip(edit.values("statistics_"), edit.values("_fill_dtype"), strict=True)):
        if dtype != _dtype_of(edit, statistics, row):
            raise edit.no_way("before scikit-learn 1.8 a value to fill in had the dtype of statistics_", row=row)
    edit.drop("_fill_dtype")


def _fills_empty_features(edit: TableEdit, row: int) -> bool:
    # impute/_iterative.py, _initial_imputation: who leaves empty features out has changed.
    if edit.value("initial_strategy", row) != "constant" or edit.value("keep_empty_features", row):
        return False
    empty = edit.array(edit.value("_is_empty_feature", row))
    return empty is not None and bool(np.any(empty))


def _groups_unknown(edit: TableEdit, row: int) -> bool:
    is_grouping = edit.value("_infrequent_enabled", row) is True
    return is_grouping and bool(edit.value("handle_unknown", row) == "warn")


def _is_nearly_logarithmic(edit: TableEdit, row: int) -> bool:
    # _data.py, _yeo_johnson_transform against scipy.stats.yeojohnson: one subtracts 1 from a power near 1.
    lambdas = edit.array(edit.value("lambdas_", row))
    if lambdas is None or edit.value("method", row) != "yeo-johnson":
        return False
    distances = np.minimum(np.abs(lambdas), np.abs(lambdas - 2.0))
    return bool(np.any((distances > _EXACT) & (distances < _NEAR)))


def _codes_by_descent(edit: TableEdit, row: int) -> bool:
    return bool(edit.value("transform_algorithm", row) == "lasso_cd")


def _count_components(edit: TableEdit) -> None:
    # _dict_learning.py, SparseCoder: two properties have become attributes.
    shapes = [_shape_of(edit, row) for row in range(edit.rows)]
    edit.put("n_components_", [shape[0] for shape in shapes])
    edit.put("n_features_in_", [shape[1] for shape in shapes])


def _shape_of(edit: TableEdit, row: int) -> tuple[int, ...]:
    dictionary = edit.array(edit.value("dictionary", row))
    if dictionary is None or dictionary.ndim != 2:
        raise edit.no_way("the dictionary is not a matrix", row=row, field="dictionary")
    return tuple(dictionary.shape)


CHANGES: dict[str, tuple[Change, ...]] = {
    "sklearn.impute.SimpleImputer": (Change("1.8", _remember_fill_dtype, _cast_statistics),),
    "sklearn.impute.IterativeImputer": (
        refused_when(
            "1.8",
            "an iterative imputer leaves empty features out at another place since scikit-learn 1.8",
            _fills_empty_features,
        ),
    ),
    f"{_PREPROCESSING}OneHotEncoder": (
        refused_when(
            "1.8",
            "handle_unknown='warn' takes unknown categories for infrequent ones since scikit-learn 1.8",
            _groups_unknown,
        ),
    ),
    f"{_PREPROCESSING}PowerTransformer": (
        refused_when(
            "1.9",
            "scikit-learn 1.9 rounds differently where an exponent is nearly 0 or 2",
            _is_nearly_logarithmic,
        ),
    ),
    f"{_CODING}SparseCoder": (
        Change("1.8", _count_components, lambda edit: edit.drop("n_components_", "n_features_in_")),
    ),
    f"{_CODING}SparseCoder {_CODING}DictionaryLearning {_CODING}MiniBatchDictionaryLearning": (
        refused_when(
            "1.8",
            "transform_algorithm='lasso_cd' stops at other points since scikit-learn 1.8",
            _codes_by_descent,
        ),
    ),
}
