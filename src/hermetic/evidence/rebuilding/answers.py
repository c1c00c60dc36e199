"""What a model that was made again answers about the golden rows of the old one: the same, or how far off and where."""

from __future__ import annotations

from typing import Any

from hermetic.evidence.checks import Check
from hermetic.lazy import numpy as np
from hermetic.recorded.answers import METHODS, answer, methods_of
from hermetic.recorded.comparison import find_difference, is_same_number
from hermetic.recorded.golden import GoldenRows
from hermetic.recorded.one_thread import one_thread

__all__ = ["compare_answers"]

_NAME = "answers"


def compare_answers(model: Any, golden: GoldenRows | None) -> Check:
    """Ask a model what was recorded of another one.

    Parameters
    ----------
    model : object
        Fitted again.
    golden : GoldenRows or None
        Of the old file.

    Returns
    -------
    Check
        ``passed`` where all is the same, ``noted`` where it is not: a model that is fitted by another release may
        answer otherwise and be as good, which the scores tell. ``skipped`` where there is nothing to compare.

    Examples
    --------
    >>> from sklearn.dummy import DummyRegressor
    >>> rows = [[0.0], [1.0]]
    >>> golden = GoldenRows(origin="real", model="", rows=rows, n_rows=2, answers={"predict": np.array([2.0, 2.0])},
    ...     skipped={}, versions={})
    >>> compare_answers(DummyRegressor().fit(rows, [2.0, 2.5]), golden).words
    'predict: 2 of 2 rows differ, by at most 0.25 (row 0)'
    """
    asked = [] if golden is None else [method for method in golden.answers if method in METHODS]
    if golden is None or not asked:
        return Check(name=_NAME, verdict="skipped", words="the old file holds no golden rows")
    known = methods_of(model)
    found = {}
    with one_thread():
        for method in asked:
            found[method] = _compare(model, method, golden) if method in known else "the new model has no such method"
    same = [method for method, words in found.items() if not words]
    lines = [f"{method}: {words}" for method, words in found.items() if words]
    if same:
        lines.append(f"as recorded: {', '.join(same)} of {golden.n_rows} rows")
    return Check(name=_NAME, verdict="passed" if len(same) == len(found) else "noted", words="\n".join(lines))


def _compare(model: Any, method: str, golden: GoldenRows) -> str:
    """Say how an answer differs; an empty text where it does not."""
    expected = golden.answers[method]
    try:
        found = answer(model, method, golden.rows, golden.answers)
        if find_difference(method, expected, found, golden.answers) is None:
            return ""
        return _how_far(expected, found)
    except Exception as error:  # estimators may raise anything, and rows of a file may be of any shape
        return f"the new model raises {type(error).__name__}: {error}"[:300]


def _how_far(expected: Any, found: Any) -> str:
    one, other = (np.asarray(value.toarray() if hasattr(value, "toarray") else value) for value in (expected, found))
    if one.shape != other.shape or one.ndim == 0:
        return f"the answer has another shape, {other.shape} instead of {one.shape}"
    one, other = (values.reshape(len(values), -1) for values in (one, other))
    if not all(values.dtype.kind in "fiu" for values in (one, other)) or one.dtype.kind in "iu":
        rows = np.flatnonzero((one != other).any(axis=1))
        first = int(rows[0])
        values = f"{other[first, 0]}, before {one[first, 0]}"[:200]
        return f"{len(rows)} of {len(one)} rows differ, the first is row {first}: {values}"
    one, other = one.astype(np.float64), other.astype(np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        gap = np.abs(one - other)
    gap[np.isnan(one) & np.isnan(other) | (one == other)] = 0.0
    largest = np.where(np.isnan(gap), np.inf, gap).max(axis=1)
    n_rows = np.count_nonzero(~is_same_number(one, other).all(axis=1))
    return f"{n_rows} of {len(one)} rows differ, by at most {largest.max():.3g} (row {largest.argmax()})"
