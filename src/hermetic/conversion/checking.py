"""Whether a converted file gives the same model as the original, predictions included; the one file that needs both."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from hermetic.errors import CannotSave, HermeticError
from hermetic.foreign_files import read_legacy, restore_legacy
from hermetic.limits import Limits
from hermetic.persistence import dumps, load, loads

__all__ = ["compare_predictions"]

_METHODS = ("predict", "predict_proba", "decision_function", "transform", "score_samples")
_ROWS = 16
_MOST_MODELS = 100
_MOST_DEPTH = 5


def compare_predictions(data: bytes, target: str, limits: Limits, *, sibling_folder: str | None = None) -> str:
    """Load a model from its original and from the converted file, and compare state and answers.

    Parameters
    ----------
    data : bytes
        The original file.
    target : str
        The path of the converted one.
    limits : Limits
        Budgets for reading.
    sibling_folder : str, optional
        Where arrays of the original stand in other files.

    Returns
    -------
    str
        ``same``; or what differs; or why one of them could not be loaded without trust.
    """
    try:
        original = _load_original(data, limits, sibling_folder)
        converted = load(target, limits=limits)
        if dumps(original) != dumps(converted):
            return "the state of the converted model differs"
    except CannotSave as error:
        return f"could not be compared: {error}"
    except HermeticError as error:
        return f"could not be loaded: {error}"
    for one, other in zip(_models(original), _models(converted), strict=True):
        difference = _first_difference(one, other)
        if difference:
            return difference
    return "same"


def _load_original(data: bytes, limits: Limits, sibling_folder: str | None) -> Any:
    if sibling_folder is None:
        return loads(data, limits=limits)
    return restore_legacy(read_legacy(data, limits, folder=sibling_folder), limits=limits)


def _models(value: Any, depth: int = 0) -> list[Any]:
    if depth > _MOST_DEPTH:
        return []
    if hasattr(value, "get_params") and not isinstance(value, type):
        return [value]
    items = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ()
    return [model for item in items for model in _models(item, depth + 1)][:_MOST_MODELS]


def _first_difference(one: Any, other: Any) -> str:
    width = getattr(one, "n_features_in_", None)
    if not isinstance(width, int):
        return ""  # it takes texts, or is not fitted: its state is the same
    rows = np.random.default_rng(0).normal(size=(_ROWS, width))
    for method in _METHODS:
        if hasattr(one, method) and _answer(one, method, rows) != _answer(other, method, rows):
            return f"{method} of the converted {type(one).__name__} differs"
    return ""


def _answer(model: Any, method: str, rows: Any) -> bytes | str:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the rows have no names
            found = getattr(model, method)(rows)
    except Exception as error:
        return f"{type(error).__name__}: {error}"  # made-up rows suit few models with columns; both must say the same
    found = found.toarray() if hasattr(found, "toarray") else found
    return np.asarray(found).tobytes()
