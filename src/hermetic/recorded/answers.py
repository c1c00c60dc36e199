"""What a fitted model can be asked, and asking it."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

__all__ = ["METHODS", "answer", "methods_of", "n_rows_of", "take_rows"]

_WITH_DEVIATION = "predict with return_std"
_INVERSE = "inverse_transform"
METHODS: dict[str, tuple[str, dict[str, bool]]] = {
    **{
        name: (name, {})
        for name in (
            *("predict", "predict_proba", "predict_log_proba", "decision_function", "score_samples", "transform"),
            *("apply", "kneighbors", _INVERSE),
        )
    },
    _WITH_DEVIATION: ("predict", {"return_std": True}),
}
"""The words of a record, and for each the method with what it is called with beside the rows."""


def methods_of(model: object) -> list[str]:
    """Give the words for everything that a model can be asked.

    Parameters
    ----------
    model : object
        Anything.

    Returns
    -------
    list of str
        In the order of `METHODS`.

    Examples
    --------
    >>> from sklearn.linear_model import LinearRegression
    >>> methods_of(LinearRegression())
    ['predict']
    """
    return [word for word in METHODS if _can_be_asked(model, word)]


def _can_be_asked(model: object, word: str) -> bool:
    method, keywords = METHODS[word]
    try:
        found = getattr(model, method, None)
        return callable(found) and set(keywords) <= inspect.signature(found).parameters.keys()
    except (TypeError, ValueError):
        return False


def answer(model: Any, word: str, rows: Any, answers: Mapping[str, Any]) -> Any:
    """Ask a model.

    Parameters
    ----------
    model : object
        Fitted.
    word : str
        One of `METHODS`.
    rows : array, frame, sparse matrix or list of texts
        What it is asked about.
    answers : mapping of str to object
        Recorded answers about these rows: ``inverse_transform`` is asked about those of ``transform``.

    Returns
    -------
    object
        The answer.

    Examples
    --------
    >>> from sklearn.dummy import DummyRegressor
    >>> answer(DummyRegressor().fit([[0]], [3.0]), "predict", [[5]], {}).tolist()
    [3.0]
    """
    method, keywords = METHODS[word]
    # A copy: some models write into what they are given.
    return getattr(model, method)(deepcopy(answers["transform"] if word == _INVERSE else rows), **keywords)


def n_rows_of(value: Any) -> int:
    """Give the number of rows of whatever a model takes or answers; -1 where there are none.

    Examples
    --------
    >>> n_rows_of(["a", "b"]), n_rows_of(3)
    (2, -1)
    """
    shape = getattr(value, "shape", None)
    if shape is not None:
        return int(shape[0]) if len(shape) else -1
    return len(value) if isinstance(value, (list, tuple)) else -1


def take_rows(value: Any, numbers: Any, n_rows: int) -> Any:
    """Give some rows of whatever a model takes or answers.

    Parameters
    ----------
    value : object
        An array, frame, sparse matrix, list of texts, or a list or tuple of such.
    numbers : array of int
        Which rows.
    n_rows : int
        How many it has.

    Returns
    -------
    object
        Of the same kind.

    Examples
    --------
    >>> take_rows(["a", "b", "c"], [2, 0], 3)
    ['c', 'a']
    """
    if hasattr(value, "iloc"):
        return value.iloc[numbers]
    if hasattr(value, "tocsr"):
        return value.tocsr()[numbers]
    if isinstance(value, (list, tuple)):
        is_of_parts = len(value) > 0 and all(n_rows_of(part) == n_rows for part in value)
        if is_of_parts and not (len(value) == n_rows and all(type(part) is list for part in value)):
            return type(value)(take_rows(part, numbers, n_rows) for part in value)
        return type(value)(value[number] for number in numbers)
    return value[numbers]
