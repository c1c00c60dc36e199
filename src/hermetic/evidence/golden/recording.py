"""Golden rows of a model: drawn, asked about twice, and kept where the answer is the same each time."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any, Literal

from hermetic._version import __version__
from hermetic.errors import CannotSave, UsageError
from hermetic.evidence.golden.conditioning import hangs_on_last_digits, shaken
from hermetic.evidence.golden.real_rows import real_rows
from hermetic.evidence.golden.stable_rows import stable_rows
from hermetic.evidence.golden.synthetic_rows import synthetic_rows
from hermetic.recorded.answers import answer, methods_of, n_rows_of
from hermetic.recorded.attaching import type_of
from hermetic.recorded.comparison import find_difference
from hermetic.recorded.golden import GoldenRows
from hermetic.recorded.members import check_plain
from hermetic.recorded.one_thread import one_thread

__all__ = ["record_golden"]

_N_SYNTHETIC = 48
_MOST_REAL = 1_000
_LIBRARIES = {"numpy": "numpy", "scikit-learn": "sklearn", "scipy": "scipy", "pandas": "pandas"}
_GIVE_X = "Pass the data that the model was fitted on, or some of it: hermetic.record(model, X)."


def record_golden(model: Any, X: Any, y: Any, wish: Literal["synthetic"] | int) -> GoldenRows:
    """Ask a fitted model about a few rows.

    Parameters
    ----------
    model : object
        Fitted; it is only asked.
    X : array, frame, sparse matrix or list of texts, or None
        What rows are drawn from, or taken from. Without it rows of standard normal numbers are drawn.
    y : array or None
        With real rows: each class is among them.
    wish : "synthetic" or int
        Whether rows are drawn, or how many real ones are taken.

    Returns
    -------
    GoldenRows
        The same for the same model and data.

    Raises
    ------
    UsageError
        When no rows can be drawn.

    Examples
    --------
    >>> import numpy
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> X = numpy.arange(12.0).reshape(6, 2)
    >>> model = DecisionTreeClassifier(random_state=0).fit(X, [0, 0, 0, 1, 1, 1])
    >>> record_golden(model, X, None, 3).n_rows
    3
    """
    rows = _rows(model, X, y, wish)
    check_plain(rows)
    rows = stable_rows(model, rows)
    n_rows = n_rows_of(rows)
    answers, skipped = _answers(model, rows, n_rows)
    return GoldenRows(
        origin="synthetic" if wish == "synthetic" else "real",
        model=type_of(model),
        rows=rows,
        n_rows=n_rows,
        answers=answers,
        skipped=skipped,
        versions=_versions(rows),
    )


def _rows(model: Any, X: Any, y: Any, golden: Any) -> Any:
    if golden == "synthetic":
        if X is not None:
            return synthetic_rows(X, _N_SYNTHETIC)
        n_features = getattr(model, "n_features_in_", None)
        if n_features is None:
            raise UsageError(
                "without data, rows can be drawn for models that know their features only", next_step=_GIVE_X
            )
        return _named(model, import_module("numpy").random.default_rng(0).normal(size=(_N_SYNTHETIC, n_features)))
    if type(golden) is not int or not 1 <= golden <= _MOST_REAL:
        raise UsageError(f"golden must be 'synthetic' or a number from 1 to {_MOST_REAL}, got {golden!r}")
    if X is None:
        raise UsageError("real rows need data", next_step=_GIVE_X)
    return real_rows(X, y, golden)


def _named(model: Any, rows: Any) -> Any:
    """Give rows as a frame to a model that knows its features by name."""
    names = getattr(model, "feature_names_in_", None)
    if names is None:
        return rows
    import pandas as pd

    return pd.DataFrame(rows, columns=names)


def _answers(model: Any, rows: Any, n_rows: int) -> tuple[dict[str, Any], dict[str, str]]:
    """Ask everything twice; leave out what raises, differs from time to time, or is no plain data."""
    answers: dict[str, Any] = {}
    skipped: dict[str, str] = {}
    with one_thread():
        for method in methods_of(model):
            if method == "inverse_transform" and "transform" not in answers:
                continue
            try:
                found, again = (answer(model, method, rows, answers) for _ in range(2))
                check_plain(found)
            except CannotSave as error:
                skipped[method] = error.found
            except Exception as error:  # an estimator may raise anything
                skipped[method] = f"{type(error).__name__}: {error}"[:200]
            else:
                if find_difference(method, found, again, {}) is not None:
                    skipped[method] = "it answers something else each time"
                elif _is_shaky(model, method, rows, answers, found):
                    skipped[method] = "its answers hang on the last digits of what it is given"
                else:
                    answers[method] = found
    return answers, skipped


def _is_shaky(model: Any, method: str, rows: Any, answers: dict[str, Any], found: Any) -> bool:
    other_rows = shaken(rows)
    others = {name: shaken(value) for name, value in answers.items() if name == "transform"}
    if other_rows is None or any(value is None for value in others.values()):
        return False
    try:
        return hangs_on_last_digits(found, answer(model, method, other_rows, others))
    except Exception:  # categories that are numbers, say: who cannot answer is not shaky
        return False


def _versions(rows: Any) -> dict[str, str]:
    versions = {"hermetic": __version__, "python": ".".join(map(str, sys.version_info[:3]))}
    needed = ["numpy", "scikit-learn", "scipy", *(["pandas"] if hasattr(rows, "iloc") else [])]
    return versions | {name: str(import_module(_LIBRARIES[name]).__version__) for name in needed}
