"""What is asked of an accepted mutant: everything of scikit-learn's interface that hands its state to native code."""

from __future__ import annotations

import contextlib
import copy
import functools
import itertools
import numbers
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import scipy.sparse
from sklearn.base import clone

__all__ = ["use"]

_METHODS = (
    *("predict", "predict_proba", "predict_log_proba", "decision_function", "transform", "score_samples", "apply"),
    *("decision_path", "kneighbors", "radius_neighbors", "kneighbors_graph", "mahalanobis", "gibbs", "query"),
)
_STAGED = ("staged_predict", "staged_predict_proba", "staged_decision_function")
_MOST_STAGES = 30
_MOST_MODELS = 6
_MOST_NAMES = 100_000
_MOST_CELLS = 10_000_000
_PARTS = ("fit", "predict", "transform", "query")


def use(loaded: Any, inputs: Mapping[str, Any]) -> list[str]:
    """Ask each model in what was loaded everything, on honest input.

    Parameters
    ----------
    loaded : object
        A model, or a container of models.
    inputs : mapping of str to object
        As in `tests.zoo.case.Case`; copied first, since some models change what they are given.

    Returns
    -------
    list of str
        Calls that ran out of memory. Whatever else Python raises is no harm: scikit-learn refuses state of its own.
    """
    floods: list[str] = []
    own = copy.deepcopy(dict(inputs))
    np.random.seed(0)
    for model in itertools.islice(_models(loaded), _MOST_MODELS):
        for name, call in _calls(model, own):
            try:
                call()
            except MemoryError as error:
                floods.append(f"{name}: {error}")
            except Exception:
                continue
    return floods


def _models(loaded: Any, depth: int = 0) -> Iterator[Any]:
    if isinstance(loaded, (list, tuple)):
        items: Any = loaded[: _MOST_MODELS * 2]
    elif isinstance(loaded, dict):
        items = list(loaded.values())[: _MOST_MODELS * 2]
    else:
        if any(hasattr(type(loaded), part) for part in _PARTS):
            yield loaded
        return
    if depth < 3:
        for item in items:
            yield from _models(item, depth + 1)


def _calls(model: Any, inputs: Mapping[str, Any]) -> Iterator[tuple[str, Callable[[], Any]]]:
    X = inputs.get("X")
    kind = type(model)
    yield "repr", lambda: repr(model)
    yield "get_params", lambda: model.get_params()
    yield "clone", lambda: clone(model)
    for name in _METHODS:
        given = inputs.get(name, X)
        if given is not None and hasattr(kind, name):
            yield name, functools.partial(_answer, model, name, given)
    if X is not None:
        for name in _STAGED:
            if hasattr(kind, name):
                yield name, functools.partial(_stages, model, name, X)
        if hasattr(kind, "inverse_transform"):
            yield "inverse_transform", lambda: model.inverse_transform(_given_back(model, inputs))
            yield "inverse_transform", lambda: model.inverse_transform(_finite(_given_back(model, inputs)))
        yield "score", lambda: _score(model, X)
        if hasattr(kind, "partial_fit"):
            yield "partial_fit", lambda: model.partial_fit(X, *_own_answers(model, X))
    for name in ("get_feature_names_out", "sample"):
        if hasattr(kind, name):
            yield name, functools.partial(_ask, model, name)
    yield "feature_importances_", lambda: model.feature_importances_
    if hasattr(kind, "dbscan_clustering"):
        yield "dbscan_clustering", lambda: model.dbscan_clustering(0.5)


def _answer(model: Any, name: str, given: Any) -> Any:
    return _dense(getattr(model, name)(given))


def _stages(model: Any, name: str, X: Any) -> Any:
    return list(itertools.islice(getattr(model, name)(X), _MOST_STAGES))


def _ask(model: Any, name: str) -> Any:
    # A model may honestly have 2**28 features, and makes a name for each when asked: that is what was asked for.
    width = getattr(model, "n_features_in_", 0)
    if name == "get_feature_names_out" and isinstance(width, numbers.Real) and float(width) > _MOST_NAMES:
        return None
    return getattr(model, name)()


def _dense(answer: Any) -> Any:
    # What a hostile model answers may itself be hostile: writing it out is what the next step of a pipeline does.
    if scipy.sparse.issparse(answer) and answer.shape[0] * answer.shape[1] < _MOST_CELLS:
        answer.toarray()
    return answer


def _given_back(model: Any, inputs: Mapping[str, Any]) -> Any:
    given = inputs.get("inverse_transform")
    return model.transform(inputs.get("transform", inputs["X"])) if given is None else given


def _finite(given: Any) -> Any:
    # What a hostile model gives may be refused for what it is, where honest input is not.
    return np.nan_to_num(given, nan=0.5, posinf=1.0, neginf=-1.0)


def _own_answers(model: Any, X: Any) -> tuple[Any, ...]:
    with contextlib.suppress(Exception):
        return (model.predict(X),)
    return ()


def _score(model: Any, X: Any) -> Any:
    return model.score(X, *_own_answers(model, X))
