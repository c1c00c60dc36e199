"""Telling answers that hang on the last digits of what a model is given: another BLAS changes them as much."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["hangs_on_last_digits", "shaken"]

_SEED = 20_260_103
_UNITS = 4
_STABLE = 1e-12
_SINGLE_STABLE = 1e-6
_JUMP = 1e-4
"""What changes by more has met a threshold or a category, which no other BLAS would move."""


def shaken(value: Any) -> Any:
    """Give rows with other last digits; None for rows without floats.

    Parameters
    ----------
    value : array, frame, sparse matrix or list
        What a model is asked about.

    Returns
    -------
    array, frame, sparse matrix or None
        A copy.

    Examples
    --------
    >>> import numpy
    >>> bool((shaken(numpy.array([[1.0]])) != 1.0).all()), shaken(["a"])
    (True, None)
    """
    if hasattr(value, "iloc"):
        changed = value.copy()
        for number, dtype in enumerate(value.dtypes) if value.ndim == 2 else ():
            if isinstance(dtype, np.dtype) and dtype.kind == "f":
                changed.isetitem(number, _shake(value.iloc[:, number].to_numpy()))
        return changed
    if hasattr(value, "tocsr"):
        changed = value.tocsr(copy=True)
        if changed.dtype.kind != "f":
            return None
        changed.data = _shake(changed.data)
        return changed
    return _shake(value) if isinstance(value, np.ndarray) and value.dtype.kind == "f" else None


def _shake(numbers: Any) -> Any:
    signs = np.random.default_rng(_SEED).choice([-1.0, 1.0], size=numbers.shape)
    return (numbers * (1 + _UNITS * np.finfo(numbers.dtype).eps * signs)).astype(numbers.dtype)


def hangs_on_last_digits(answer: Any, other: Any) -> bool:
    """Tell whether an answer to shaken rows is too far from the answer to the rows.

    Parameters
    ----------
    answer, other : object
        Two answers of one method.

    Returns
    -------
    bool
        Only for answers that are arrays of floats, or lists and tuples of such.

    Examples
    --------
    >>> import numpy
    >>> one = numpy.array([1.0, 2.0])
    >>> hangs_on_last_digits(one, one * (1 + 1e-9)), hangs_on_last_digits(one, one * (1 + 1e-15))
    (True, False)
    """
    if isinstance(answer, (list, tuple)) and type(other) is type(answer):
        return any(hangs_on_last_digits(*pair) for pair in zip(answer, other, strict=False))
    if not all(isinstance(each, np.ndarray) and each.dtype.kind == "f" for each in (answer, other)):
        return False
    if answer.shape != other.shape or not answer.size:
        return False
    scale = float(np.max(np.abs(answer), initial=0.0, where=np.isfinite(answer)))
    change = np.abs(answer - other)
    largest = float(np.max(change, initial=0.0, where=np.isfinite(change) & (change <= _JUMP * scale)))
    return largest > (_STABLE if answer.dtype.itemsize >= 8 else _SINGLE_STABLE) * scale
