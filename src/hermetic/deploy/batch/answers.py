"""What a model answers, as columns with names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow

from hermetic.errors import UsageError

__all__ = ["MOST_COLUMNS", "answers_of"]

MOST_COLUMNS = 10_000
"""A sparse answer that is wider than this is no table that anybody can read."""

_STEMS = {
    "predict": "prediction",
    "predict_proba": "probability",
    "decision_function": "decision",
    "transform": "output",
}


def answers_of(model: Any, method: str, rows: Any) -> pyarrow.RecordBatch:
    """Ask a model, and name what it answers.

    Parameters
    ----------
    model : object
        A fitted estimator.
    method : str
        ``predict``, ``predict_proba``, ``decision_function`` or ``transform``.
    rows : frame, array or list of str
        What it is asked about.

    Returns
    -------
    pyarrow.RecordBatch
        ``prediction``; ``probability_CLASS`` for each class; ``decision``, or ``decision_CLASS``; the names of the
        features that a transformer makes. With several outputs ``prediction_0``, ``probability_0_CLASS`` and so on.

    Raises
    ------
    UsageError
        When the answer is no table.

    Examples
    --------
    >>> from sklearn.dummy import DummyClassifier
    >>> model = DummyClassifier().fit([[0], [1]], ["no", "yes"])
    >>> answers_of(model, "predict_proba", [[5]]).to_pydict()
    {'probability_no': [0.5], 'probability_yes': [0.5]}
    """
    answer = getattr(model, method)(rows)
    stem = _STEMS[method]
    if isinstance(answer, (list, tuple)):
        classes: Any = getattr(model, "classes_", None)
        named = [
            own
            for place, part in enumerate(answer)
            for own in _columns(part, f"{stem}_{place}", _labels(classes[place]) if _is_of_lists(classes) else [])
        ]
    else:
        named = _columns(answer, stem, _names(model, method))
    names = [name for name, _ in named]
    if len(set(names)) < len(names):
        named = [(f"{name}_{place}", values) for place, (name, values) in enumerate(named)]
    return pyarrow.RecordBatch.from_arrays([values for _, values in named], names=[name for name, _ in named])


def _names(model: Any, method: str) -> list[str]:
    """Give the ends of the names that the columns of an answer have; whole names of what a transformer makes."""
    if method in ("predict_proba", "decision_function"):
        classes = getattr(model, "classes_", None)
        return [] if classes is None or _is_of_lists(classes) else _labels(classes)
    if method == "transform":
        try:
            return [str(name) for name in model.get_feature_names_out()]
        except Exception:  # a step of somebody's own may not know them, or ask for what is not there
            return []
    return []


def _is_of_lists(classes: Any) -> bool:
    return isinstance(classes, list) and len(classes) > 0 and hasattr(classes[0], "shape")


def _labels(classes: Any) -> list[str]:
    return [str(label) for label in np.asarray(classes).tolist()]


def _columns(answer: Any, stem: str, names: Sequence[str]) -> list[tuple[str, pyarrow.Array]]:
    if hasattr(answer, "tocsr"):
        if answer.shape[1] > MOST_COLUMNS:
            raise UsageError(
                f"the answer has {answer.shape[1]:,} columns, most of them empty: no file here can hold that",
                next_step="Ask a model that makes fewer columns of it, for example with TruncatedSVD behind it.",
            )
        answer = answer.toarray()
    if hasattr(answer, "iloc") and answer.ndim == 2:
        return [(str(name), _arrow(answer.iloc[:, place])) for place, name in enumerate(answer.columns)]
    if hasattr(answer, "get_columns"):
        return [(own.name, own.to_arrow()) for own in answer.get_columns()]
    answer = np.asarray(answer)
    if answer.ndim == 1:
        return [(stem, _arrow(answer))]
    if answer.ndim != 2:
        raise UsageError(f"the model answers with an array of shape {answer.shape}, which is no table")
    count = answer.shape[1]
    if len(names) != count:
        names = [f"{stem}_{place}" for place in range(count)]
    elif stem != _STEMS["transform"]:
        names = [f"{stem}_{name}" for name in names]
    return [(name, _arrow(answer[:, place])) for place, name in enumerate(names)]


def _arrow(values: Any) -> pyarrow.Array:
    if hasattr(values, "iloc"):
        made = pyarrow.array(values)
        return made.combine_chunks() if isinstance(made, pyarrow.ChunkedArray) else made
    if values.dtype.kind in "US":
        return pyarrow.array(values.tolist(), pyarrow.string() if values.dtype.kind == "U" else pyarrow.binary())
    if values.dtype.kind == "O":
        try:
            return pyarrow.array(values.tolist())
        except (pyarrow.ArrowInvalid, pyarrow.ArrowTypeError):
            return pyarrow.array([None if value is None else str(value) for value in values.tolist()])
    if values.dtype == np.longdouble and np.longdouble != np.float64:
        values = values.astype(np.float64)
    return pyarrow.array(np.ascontiguousarray(values))
