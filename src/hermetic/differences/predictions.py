"""Golden rows of one model, asked of another: which predictions flip, and how far numbers move."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hermetic.codecs.codec import STRAY_ERRORS
from hermetic.differences.changes import largest_text
from hermetic.differences.report import Section
from hermetic.errors import UsageError
from hermetic.inspection.evidence import count_text
from hermetic.lazy import numpy as np
from hermetic.recorded.answers import METHODS, answer, methods_of
from hermetic.recorded.comparison import find_difference, is_same_number
from hermetic.recorded.golden import GoldenRows
from hermetic.recorded.one_thread import one_thread

__all__ = ["answers_section"]

_MOST_SHOWN = 3
_LONGEST_LABEL = 40


def answers_section(golden: GoldenRows, model: Any) -> Section:
    """Ask a model about the golden rows of another one.

    Parameters
    ----------
    golden : GoldenRows
        Rows, and what the other model has answered.
    model : object
        Restored.

    Returns
    -------
    Section
        Called ``answers``.

    Examples
    --------
    >>> import hermetic, numpy
    >>> from sklearn.dummy import DummyRegressor
    >>> X, y = numpy.arange(8.0).reshape(4, 2), numpy.array([1.0, 2.0, 3.0, 4.0])
    >>> golden = hermetic.record(DummyRegressor().fit(X, y), X).golden
    >>> print(answers_section(golden, DummyRegressor(strategy="median").fit(X, y + 1)).lines[0])
    predict: 48 of 48 rows move, by at most 1
    """
    known = set(methods_of(model))
    lines: list[str] = []
    asked = [method for method in golden.answers if method in METHODS]
    with one_thread():
        for method in asked:
            if method not in known:
                lines.append(f"{method}: the second model has no such method")
                continue
            try:
                found = answer(model, method, golden.rows, golden.answers)
            except Exception as error:  # an estimator may raise anything about rows that are not its own
                lines.append(f"{method}: the second model raises {type(error).__name__}: {error}"[:300])
                continue
            lines += _difference(method, golden, found)
    words = f"{count_text(golden.n_rows, golden.origin + ' row')} of the first file, asked of the second"
    same = f"{words}: {', '.join(asked) or 'no answer was recorded'}"
    return Section(
        name="answers", verdict="different" if lines else "same", words=words if lines else same, lines=tuple(lines)
    )


def _difference(method: str, golden: GoldenRows, found: Any) -> Iterator[str]:
    expected = golden.answers[method]
    try:
        are_arrays = type(expected) is np.ndarray and type(found) is np.ndarray
        if are_arrays and expected.ndim and expected.shape == found.shape:
            yield from _of_arrays(method, expected, found)
            return
        difference = find_difference(method, expected, found, golden.answers)
    except (*STRAY_ERRORS, UsageError) as error:
        yield f"{method}: cannot be compared: {error!r}"[:300]
        return
    if difference is not None:
        row = f" for row {difference.row}" if difference.row >= 0 else ""
        yield f"{method}: {difference.expected} -> {difference.found}{row}"


def _of_arrays(method: str, expected: Any, found: Any) -> Iterator[str]:
    is_float = expected.dtype.kind == "f" and found.dtype.kind in "fiu"
    same = is_same_number(expected, found.astype(expected.dtype)) if is_float else _are_same(expected, found)
    if not len(expected):
        return
    rows = np.flatnonzero(~np.asarray(same).reshape(len(expected), -1).all(axis=1))
    if not len(rows):
        return
    words = f"{method}: {len(rows):,} of {count_text(len(expected), 'row')}"
    if is_float:
        with np.errstate(all="ignore"):
            sizes = np.abs(expected.astype(np.float64) - found)
        sizes[np.isnan(sizes)] = np.inf  # only one of the two is a number
        largest = float(np.max(sizes, initial=0.0, where=~np.asarray(same)))
        yield f"{words} move, by at most {largest_text(largest)}"
        return
    shown = ", ".join(f"row {row} {_label(expected[row])} -> {_label(found[row])}" for row in rows[:_MOST_SHOWN])
    yield f"{words} flip: {shown}" + (", ..." if len(rows) > _MOST_SHOWN else "")


def _are_same(expected: Any, found: Any) -> Any:
    """Compare item by item; what is not equal to itself is the same as another that is not."""
    return (expected == found) | ((expected != expected) & (found != found))


def _label(value: Any) -> str:
    return str(value.tolist() if hasattr(value, "tolist") else value)[:_LONGEST_LABEL]
