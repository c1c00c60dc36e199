"""Fitted numbers from which using a model makes a matrix that it decomposes: they must be finite.

LAPACK's singular value decomposition never ends where it meets an infinity, and nothing can interrupt it. scikit-learn
looks at its input, not at its own fitted arrays, and asks scipy not to look (``check_finite=False``).

Source: sklearn/decomposition/_incremental_pca.py, ``partial_fit``; sklearn/random_projection.py,
``_compute_inverse_components``, which adds up what stands twice in a sparse matrix.
"""

from __future__ import annotations

from typing import Any

from hermetic.codecs.codec import FieldView
from hermetic.codecs.field_checks import amount_of
from hermetic.codecs.related import related
from hermetic.graph import Value
from hermetic.lazy import numpy as np

__all__ = ["DECOMPOSED", "check_decomposed"]

DECOMPOSED: dict[str, tuple[tuple[str, ...], ...]] = {
    "sklearn.decomposition.IncrementalPCA": (("singular_values_", "components_"), ("mean_",)),
    "sklearn.random_projection.GaussianRandomProjection": (("components_",),),
    "sklearn.random_projection.SparseRandomProjection": (("components_",),),
}
"""For each type the products of fields that a matrix is made of."""

_ROOM = 2.0**-31
"""How far below the largest float a number must lie, so that it may be added up and multiplied with what is honest."""


def check_decomposed(name: str, view: FieldView) -> None:
    """Refuse numbers that are not finite, or so large that what is made of them would not be.

    Parameters
    ----------
    name : str
        A key of `DECOMPOSED`.
    view : FieldView
        The table.

    Raises
    ------
    InvalidState
        With the field and the consequence.
    """
    for row in range(view.rows):
        for fields in DECOMPOSED[name]:
            known = [field for field in fields if view.value(field, row) is not None]
            found = [_largest(view, view.value(field, row)) for field in known]
            if None in found:
                field = known[found.index(None)]
                raise view.refuse(f"{field} must be an array of real numbers", row=row, field=field)
            largest, most = 1.0, float("inf")
            for magnitude, own_most in filter(None, found):
                largest, most = largest * magnitude, min(most, own_most)
            # What is not a number is refused too: it is not below anything.
            if known and not largest <= most * _ROOM:
                words = f"{' times '.join(known)} reaches {largest}: a decomposition of it would never end"
                raise view.refuse(words, row=row, field=known[0])


def _largest(view: FieldView, value: Value) -> tuple[float, float] | None:
    """Give the largest magnitude in an array or sparse matrix, and the largest number of its dtype."""
    array: Any = view.array(value)
    matrix = related(view, value)
    if array is None and matrix is not None and matrix[0].startswith("scipy.sparse."):
        _, table, row = matrix
        array = table.array(table.value("data", row))
    if array is None:
        amount = amount_of(view, value)
        return None if amount is None else (abs(float(amount)), float(np.finfo(np.float64).max))
    if array.dtype.kind not in "iuf":
        return None
    single = array.dtype.kind == "f" and array.dtype.itemsize < 8
    most = float(np.finfo(np.float32 if single else np.float64).max)
    return (max(float(array.max()), -float(array.min())) if array.size else 0.0), most
