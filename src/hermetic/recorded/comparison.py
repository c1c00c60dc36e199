"""Whether two answers are the same: exactly, or within what libraries and machines may differ by on equal state.

Labels, whole numbers and texts must be equal. Floats may differ by 1e-10 of the size of the answer (1e-5 in single
precision): `exp`, `log` and matrix products differ in their last bits. A label may be another one only where the scores
of the two best are within that bound, and a neighbour only among those that are equally far.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hermetic.lazy import numpy as np

__all__ = ["Difference", "find_difference", "is_same_number"]

_BOUND = 1e-10
_SINGLE_BOUND = 1e-5
_MOST_DENSE_ITEMS = 20_000_000
_SCORES = ("decision_function", "predict_proba", "predict_log_proba", "score_samples")
_FROM_SQUARES = frozenset({"kneighbors", "predict with return_std"})
"""Answers that are roots of squares, which cancel out where they are nearly nothing: their squares are compared."""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """The first difference between two answers.

    Attributes
    ----------
    row : int
        Where; -1 where it is not in one row.
    expected, found : str
        What was recorded, and what the model answers.
    """

    row: int
    expected: str
    found: str


def find_difference(method: str, expected: Any, found: Any, answers: Mapping[str, Any]) -> Difference | None:
    """Compare what a model answers with what was recorded.

    Parameters
    ----------
    method : str
        What was asked, as in `hermetic.recorded.answers`.
    expected, found : object
        The two answers.
    answers : mapping of str to object
        All recorded answers about these rows: scores tell how near a label was to another one.

    Returns
    -------
    Difference or None
        None when they are the same.

    Examples
    --------
    >>> import numpy
    >>> find_difference("predict", numpy.array([1, 2]), numpy.array([1, 3]), {})
    Difference(row=1, expected='2', found='3')
    """
    if method == "kneighbors" and all(type(answer) is tuple and len(answer) == 2 for answer in (expected, found)):
        return _difference_of_neighbours(expected, found)
    parts, others = list(_parts(expected)), list(_parts(found))
    kinds, other_kinds = [kind for kind, _ in parts], [kind for kind, _ in others]
    if kinds != other_kinds:
        return Difference(row=-1, expected=_short(kinds), found=_short(other_kinds))
    for (_, one), (_, other) in zip(parts, others, strict=True):
        if method == "inverse_transform" and one.ndim == 1 and one.dtype.kind == "U":
            one, other = np.sort(one), np.sort(other)  # the order of words is that of a matrix, not of the text
        if one.shape != other.shape:
            return Difference(row=-1, expected=f"shape {one.shape}", found=f"shape {other.shape}")
        for row in _different_rows(one, other, is_squared=method in _FROM_SQUARES):
            if one.dtype.kind != "f" and _is_close_call(row, answers):
                continue
            return Difference(
                row=-1 if isinstance(row, tuple) else int(row), expected=_short(one[row]), found=_short(other[row])
            )
    return None


def _difference_of_neighbours(expected: Any, found: Any) -> Difference | None:
    (far, near), (other_far, other_near) = expected, found
    if far.shape != other_far.shape:
        return Difference(row=-1, expected=f"shape {far.shape}", found=f"shape {other_far.shape}")
    for row in _different_rows(np.sort(far, axis=1), np.sort(other_far, axis=1), is_squared=True):
        return Difference(row=int(row), expected=_short(far[row]), found=_short(other_far[row]))
    for row in np.flatnonzero((near != other_near).any(axis=1)):
        bound = _BOUND * max(float(np.max(far[row])), 1e-300) ** 2
        # Only those that are clearly nearer than the farthest are chosen without a tie.
        is_clear = far[row].max() ** 2 - far[row] ** 2 > bound
        if set(near[row][is_clear].tolist()) - set(other_near[row].tolist()):
            return Difference(row=int(row), expected=_short(near[row]), found=_short(other_near[row]))
    return None


def _parts(value: Any) -> Iterator[tuple[str, Any]]:
    """Give an answer as arrays, each with a word for its kind."""
    if hasattr(value, "columns") and hasattr(value, "iloc"):
        yield f"frame {[str(name) for name in value.columns]}", np.empty(0)
        for number in range(len(value.columns)):
            yield from _parts(value.iloc[:, number])
    elif hasattr(value, "tocsr"):
        yield from _sparse_parts(value)
    elif isinstance(value, (list, tuple)):
        yield f"{type(value).__name__} of {len(value)}", np.empty(0)
        for item in value:
            yield from _parts(item)
    elif isinstance(value, np.ma.MaskedArray):
        yield "mask", np.ma.getmaskarray(value)
        yield from _parts(value.filled())
    else:
        sparse = getattr(value, "sparse", None)
        array = np.asarray(value.to_numpy() if hasattr(value, "to_numpy") else value)
        if sparse is not None and array.dtype.kind == "O":
            array = np.asarray(sparse.to_dense())
        yield _kind(array), array


def _kind(array: Any) -> str:
    kind: str = array.dtype.kind
    return {"i": "integers", "u": "integers", "U": "texts", "f": "floats", "b": "booleans"}.get(kind, kind)


def _sparse_parts(value: Any) -> Iterator[tuple[str, Any]]:
    matrix = value.tocsr(copy=True)
    matrix.sum_duplicates()
    if matrix.shape[0] * matrix.shape[1] <= _MOST_DENSE_ITEMS:
        yield "sparse matrix", matrix.toarray()
        return
    matrix.eliminate_zeros()
    yield f"sparse matrix {matrix.shape}", matrix.indptr
    yield "integers", matrix.indices
    yield _kind(matrix.data), matrix.data


def is_same_number(one: Any, other: Any, *, is_squared: bool = False) -> Any:
    """Tell for each item of two arrays of floats whether it is the same within the bound.

    Parameters
    ----------
    one, other : array
        Floats of one shape.
    is_squared : bool, default=False
        Whether they are roots, whose squares are to be compared.

    Returns
    -------
    array of bool
        Of that shape.

    Examples
    --------
    >>> import numpy
    >>> is_same_number(numpy.array([1.0, 2.0]), numpy.array([1.0 + 1e-13, 2.1])).tolist()
    [True, False]
    """
    bound = _BOUND if one.dtype.itemsize >= 8 and other.dtype.itemsize >= 8 else _SINGLE_BOUND
    if is_squared:
        one, other = one * np.abs(one), other * np.abs(other)
    finite = np.abs(one[np.isfinite(one)])
    scale = float(finite.max()) if finite.size else 0.0
    return np.isclose(one, other, rtol=bound, atol=bound * scale, equal_nan=True)


def _different_rows(one: Any, other: Any, *, is_squared: bool) -> Any:
    if one.dtype.kind in "fc":
        same = is_same_number(one, other, is_squared=is_squared)
    elif one.dtype.kind == "O":
        pairs = zip(one.ravel().tolist(), other.ravel().tolist(), strict=True)
        same = np.array([_is_same_object(*pair) for pair in pairs], dtype=bool).reshape(one.shape)
    else:
        same = one == other
        if one.dtype.kind in "mM":
            same = same | (np.isnat(one) & np.isnat(other))
    if one.ndim == 0:
        return [] if bool(same) else [()]
    return np.flatnonzero(~same.reshape(len(one), -1).all(axis=1)) if len(one) else []


def _is_same_object(one: Any, other: Any) -> bool:
    if one is other:
        return True
    if type(one) is float and type(other) is float:
        return bool(is_same_number(np.array(one), np.array(other)))
    try:
        return type(one) is type(other) and (bool(one == other) or bool(one != one and other != other))
    except (TypeError, ValueError):  # missing values of pandas have no truth, arrays within arrays have several
        return find_difference("", one, other, {}) is None if hasattr(one, "shape") else str(one) == str(other)


def _is_close_call(row: Any, answers: Mapping[str, Any]) -> bool:
    """Tell whether the scores of a row say that another label was as good, within the bound."""
    for method in _SCORES:
        for _, scores in _parts(answers[method]) if method in answers else ():
            if scores.dtype.kind != "f" or scores.ndim not in (1, 2) or not 0 <= row < len(scores):
                continue
            # The logarithm of nothing is infinite, and says nothing of how large scores are.
            size = float(np.max(np.abs(scores), initial=1.0, where=np.isfinite(scores)))
            bound = 2 * (_BOUND if scores.dtype.itemsize >= 8 else _SINGLE_BOUND) * size
            if scores.ndim == 1 or scores.shape[1] == 1:
                if bool(np.all(np.abs(scores[row]) <= bound)):
                    return True
            elif float(np.diff(np.sort(scores[row])[-2:])[0]) <= bound:
                return True
    return False


def _short(value: Any) -> str:
    text = str(value.item() if getattr(value, "ndim", 1) == 0 and hasattr(value, "item") else value)
    return text.replace("\n", " ")[:120]
