"""What a model answers, as plain arrays, lists and words that every release of the libraries can read; and comparison.

Two answers are *equal* when every bit is, *close* when numbers differ by no more than 1e-10 of their size.
"""

from __future__ import annotations

import functools
import io
import pickle
from collections.abc import Mapping
from typing import Any

import numpy as np
import scipy.sparse

from tests.zoo.compare_outputs import _answer, _callable_names, _models, _outcome, _Raised

__all__ = ["answers_of", "compare_answers", "has_ties", "is_same_but_for_ties", "read_answers", "write_answers"]

TOLERANCE = 1e-10


def answers_of(model: Any, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Give what each method of a model, or of the models in a container, answers.

    Examples
    --------
    >>> from sklearn.linear_model import LinearRegression
    >>> answers_of(LinearRegression().fit([[0.0], [1.0]], [0.0, 2.0]), {"X": [[3.0]]})
    {'predict': array([6.])}
    """
    if not inputs:
        return {}
    return {
        f"{path}{name}": neutral(_outcome(functools.partial(_answer, found, name, inputs)))
        for path, found, _ in _models(model, model)
        for name in _callable_names(found, inputs)
    }


def neutral(value: Any) -> Any:
    """Give a value without the classes of any library but numpy's arrays of numbers and text."""
    if isinstance(value, _Raised):
        return ("raised", value.description)
    if scipy.sparse.issparse(value):
        matrix = value.tocsr(copy=True)
        matrix.sum_duplicates()
        return (
            "sparse",
            value.format,
            value.shape,
            matrix.indptr.astype(np.int64),
            matrix.indices.astype(np.int64),
            matrix.data,
        )
    if isinstance(value, np.ma.MaskedArray):
        return ("masked", neutral(value.filled()), np.ma.getmaskarray(value))
    if isinstance(value, np.ndarray):
        return (
            ("objects", value.shape, [neutral(item) for item in value.ravel()])
            if value.dtype.hasobject
            else np.asarray(value)
        )
    if isinstance(value, np.generic):
        return np.asarray(value)
    if hasattr(value, "columns") and hasattr(value, "to_numpy"):
        return ("frame", [str(name) for name in value.columns], [_column(value[name]) for name in value.columns])
    if hasattr(value, "index") and hasattr(value, "to_numpy"):
        return ("series", _column(value))
    if isinstance(value, dict):
        return ("mapping", [(neutral(key), neutral(item)) for key, item in value.items()])
    if isinstance(value, (list, tuple)):
        return (type(value).__name__, [neutral(item) for item in value])
    if value is None or type(value) in (bool, int, float, str, bytes):
        return value
    return ("other", repr(value))


def _column(column: Any) -> Any:
    if hasattr(column, "sparse"):
        column = column.sparse.to_dense()
    array = column.to_numpy()
    return neutral(array.tolist() if array.dtype.hasobject else array)


def write_answers(answers: Mapping[str, Any]) -> bytes:
    """Give answers as bytes.

    Examples
    --------
    >>> read_answers(write_answers({"predict": 1}))
    {'predict': 1}
    """
    return pickle.dumps(dict(answers), protocol=4)


class _Reader(pickle.Unpickler):
    """Reads arrays of numpy 1 and 2 in either; the files are the tests' own."""

    def find_class(self, module: str, name: str) -> Any:
        for place in (module, module.replace("numpy._core", "numpy.core"), module.replace("numpy.core", "numpy._core")):
            try:
                return super().find_class(place, name)
            except ModuleNotFoundError:
                continue
        raise ModuleNotFoundError(module)


def read_answers(data: bytes) -> dict[str, Any]:
    """Give answers again; see `write_answers`."""
    answers: dict[str, Any] = _Reader(io.BytesIO(data)).load()
    return answers


def compare_answers(before: Any, after: Any) -> str:
    """Give ``equal``, ``close``, or the first difference in words.

    Examples
    --------
    >>> compare_answers(np.array([1.0]), np.array([1.0 + 1e-12]))
    'close'
    >>> compare_answers([1, "a"], [1, "b"])
    "'a' became 'b'"
    """
    if isinstance(before, np.ndarray) and isinstance(after, np.ndarray):
        return _compare_arrays(before, after)
    if isinstance(before, float) and isinstance(after, float):
        return _compare_arrays(np.asarray(before), np.asarray(after))
    if type(before) is not type(after):
        return f"{_short(before)} became {_short(after)}"
    if isinstance(before, (list, tuple)):
        if isinstance(before, tuple) and before[:1] == ("raised",) == after[:1]:
            kinds = [found[1].split(":")[0] for found in (before, after)]
            return "equal" if kinds[0] == kinds[1] else f"{_short(before)} became {_short(after)}"
        if len(before) != len(after):
            return f"{_short(before)} became {_short(after)}"
        found = [compare_answers(*pair) for pair in zip(before, after, strict=True)]
        return next(
            (words for words in found if words not in ("equal", "close")), "close" if "close" in found else "equal"
        )
    return "equal" if before == after else f"{_short(before)} became {_short(after)}"


def _compare_arrays(before: Any, after: Any) -> str:
    if before.shape != after.shape:
        return f"shape {before.shape} became {after.shape}"
    if before.dtype.kind != after.dtype.kind:
        return f"{before.dtype} became {after.dtype}"
    if before.dtype.kind not in "fc":
        return "equal" if np.array_equal(before, after) else f"{_short(before)} became {_short(after)}"
    if before.dtype == after.dtype and np.array_equal(before, after, equal_nan=True):
        return "equal"
    tolerance = TOLERANCE if before.dtype.itemsize >= 8 else 1e-5
    finite = np.abs(before[np.isfinite(before)])
    scale = float(finite.max()) if finite.size else 0.0
    if np.allclose(before, after, rtol=tolerance, atol=tolerance * scale, equal_nan=True):
        return "close"
    with np.errstate(invalid="ignore"):
        return f"differs by up to {np.nanmax(np.abs(before - after)):.2g} of {scale:.2g}"


def _short(value: Any) -> str:
    return repr(value).replace("\n", " ")[:150]


def has_ties(neighbours: Any) -> bool:
    """Tell whether an answer of ``kneighbors`` has equal distances in a row: their order is numpy's own affair.

    Examples
    --------
    >>> has_ties(("tuple", [np.array([[1.0, 1.0]]), np.array([[4, 2]])]))
    True
    """
    distances = neighbours[1][0]
    return bool((np.diff(np.sort(distances, axis=1), axis=1) == 0).any())


def is_same_but_for_ties(before: Any, after: Any) -> bool:
    """Tell whether two answers of ``kneighbors`` differ only in the order, or the choice, of equally near neighbours.

    Examples
    --------
    >>> near, far = np.array([[1.0, 2.0, 2.0]]), np.array([[1.0, 2.0, 2.0]])
    >>> is_same_but_for_ties(("tuple", [near, np.array([[7, 4, 2]])]), ("tuple", [far, np.array([[7, 2, 5]])]))
    True
    >>> is_same_but_for_ties(("tuple", [near, np.array([[7, 4, 2]])]), ("tuple", [far, np.array([[8, 2, 5]])]))
    False
    """
    if compare_answers(before[1][0], after[1][0]) not in ("equal", "close"):
        return False
    for distances, left, right in zip(before[1][0], before[1][1], after[1][1], strict=True):
        for distance in set(distances.tolist()) - {distances.max()}:
            if set(left[distances == distance].tolist()) != set(right[distances == distance].tolist()):
                return False
    return True
