"""What a model answers, as named arrays: also lists of arrays, sparse matrices and DataFrames."""

from __future__ import annotations

from typing import Any

from hermetic.deploy.serving.problems import Problem
from hermetic.lazy import numpy as np

__all__ = ["arrays_of", "json_rows_of"]

_MOST_VALUES = 1 << 26


def arrays_of(method: str, answer: Any) -> dict[str, Any]:
    """Give the arrays of an answer: one of the name of the method, or ``method.0``, ``method.1`` of several outputs.

    Parameters
    ----------
    method : str
        What was asked.
    answer : object
        What the model gave.

    Raises
    ------
    Problem
        When the answer is no array, or too long.

    Examples
    --------
    >>> import numpy
    >>> list(arrays_of("predict_proba", [numpy.zeros((1, 2)), numpy.zeros((1, 3))]))
    ['predict_proba.0', 'predict_proba.1']
    """
    if isinstance(answer, list) and answer and all(getattr(part, "ndim", 0) == 2 for part in answer):
        return {f"{method}.{number}": np.asarray(part) for number, part in enumerate(answer)}
    shape = getattr(answer, "shape", None)
    if shape is not None and len(shape) == 2 and shape[0] * shape[1] > _MOST_VALUES:
        raise Problem(422, f"the answer would have {shape[0]} x {shape[1]} values: send fewer rows")
    if hasattr(answer, "toarray"):
        answer = answer.toarray()
    elif hasattr(answer, "to_numpy"):
        answer = answer.to_numpy()
    return {method: np.asarray(answer)}


def json_rows_of(arrays: dict[str, Any]) -> Any:
    """Give an answer row by row, for JSON; of several outputs one list each. What is not finite becomes null.

    Examples
    --------
    >>> import numpy
    >>> json_rows_of({"predict": numpy.array([1.0, numpy.inf])})
    [1.0, None]
    """
    rows = [_rows(array) for array in arrays.values()]
    return rows[0] if len(rows) == 1 else rows


def _rows(array: Any) -> Any:
    if array.dtype.kind == "f":
        finite = np.isfinite(array)
        if not finite.all():
            array = array.astype(object)
            array[~finite] = None
        return array.tolist()
    if array.dtype.kind in "biu":
        return array.tolist()
    texts = np.empty(array.shape, dtype=object)
    texts.reshape(-1)[:] = [_plain(value) for value in array.reshape(-1).tolist()]
    return texts.tolist()


def _plain(value: Any) -> Any:
    """Keep what JSON knows; spell out what it does not (dates, say)."""
    if value is None or value != value:
        return None
    return value if isinstance(value, (str, bool, int, float)) else str(value)
