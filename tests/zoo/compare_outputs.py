"""Bit-for-bit comparison of everything that two models answer: predictions, transforms, neighbours, samples, names."""

from __future__ import annotations

import functools
import inspect
import itertools
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import scipy.sparse

from tests.zoo.compare_arrays import difference_of_arrays, object_elements
from tests.zoo.compare_pandas import difference_of_pandas, is_pandas_value
from tests.zoo.seeded import seeded

__all__ = ["assert_same_outputs"]

_METHODS_OF_X = (
    *("predict", "predict_proba", "predict_log_proba", "decision_function", "transform", "score_samples", "apply"),
    *("decision_path", "kneighbors", "radius_neighbors", "kneighbors_graph", "mahalanobis", "gibbs"),
)
_STAGED_METHODS = ("staged_predict", "staged_predict_proba", "staged_decision_function")
_N_STAGES = 3
_VARIANTS = ("return_std", "return_cov")


def assert_same_outputs(left: Any, right: Any, inputs: Mapping[str, Any], *, tolerance: float = 0.0) -> list[str]:
    """Assert that two models answer alike, bit for bit, and give the names of the methods that answered.

    Containers (dict, list, tuple) are compared model by model. Methods that raise must raise the same error in both.
    When `left` is `right` each method is called once, since a second call may rightly draw other random numbers.

    Parameters
    ----------
    left, right : model, or dict, list or tuple of models
    inputs : mapping of str to object
        ``"X"`` for all methods, or the name of a method; None as value skips it.
    tolerance : float, default=0.0
        Relative bound for floating outputs in arrays: `Case.tolerance`.

    Raises
    ------
    AssertionError
        At the first difference, with the method.

    Examples
    --------
    >>> from sklearn.linear_model import LinearRegression
    >>> model = LinearRegression().fit([[0.0], [1.0]], [0.0, 2.0])
    >>> assert_same_outputs(model, model, {"X": [[3.0]]})
    ['predict']
    """
    if not inputs:
        return []
    answered: list[str] = []
    for path, model, other in _models(left, right):
        for name in _callable_names(model, inputs):
            before = _outcome(functools.partial(_answer, model, name, inputs))
            after = before if model is other else _outcome(functools.partial(_answer, other, name, inputs))
            _require_same(f"{path}{name}()", before, after, tolerance)
            answered += [] if isinstance(before, _Raised) else [name]
    return answered


class _Raised:
    """An error that a method raised, as an outcome to compare."""

    def __init__(self, error: Exception) -> None:
        self.description = f"{type(error).__name__}: {error}"


def _models(left: Any, right: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    if type(left) is not type(right):
        raise AssertionError(f"{path or '$'}: type {type(left)} became {type(right)}")
    if isinstance(left, list | tuple):
        for number, (before, after) in enumerate(zip(left, right, strict=True)):
            yield from _models(before, after, f"{path}[{number}].")
    elif isinstance(left, dict):
        for key in left:
            yield from _models(left[key], right[key], f"{path}[{key!r}].")
    elif hasattr(left, "fit") or hasattr(left, "predict") or hasattr(left, "transform"):
        yield path, left, right


def _callable_names(model: Any, inputs: Mapping[str, Any]) -> list[str]:
    names = [name for name in (*_METHODS_OF_X, *_STAGED_METHODS) if inputs.get(name, inputs.get("X")) is not None]
    names += ["inverse_transform", "get_feature_names_out", "sample"]
    present = [name for name in names if not (name in inputs and inputs[name] is None) and _has(model, name)]
    if "predict" in present:
        parameters = inspect.signature(model.predict).parameters
        present += [f"predict:{variant}" for variant in _VARIANTS if variant in parameters]
    return present


def _has(model: Any, name: str) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return hasattr(model, name)


def _answer(model: Any, name: str, inputs: Mapping[str, Any]) -> Any:
    method, _, variant = name.partition(":")
    X = inputs.get(method, inputs.get("X"))
    if variant:
        return model.predict(X, **{variant: True})
    if method in _STAGED_METHODS:
        return list(itertools.islice(getattr(model, method)(X), _N_STAGES))
    if method == "sample":
        return _draw(model)
    if method == "get_feature_names_out":
        return model.get_feature_names_out()
    if method == "inverse_transform" and method not in inputs:
        return model.inverse_transform(model.transform(inputs.get("transform", X)))
    return getattr(model, method)(X)


def _draw(model: Any) -> Any:
    # GaussianMixture draws from its own parameter, KernelDensity from an argument.
    takes_seed = "random_state" in inspect.signature(model.sample).parameters
    return model.sample(5, random_state=0) if takes_seed else model.sample(5)


def _outcome(call: Callable[[], Any]) -> Any:
    """Give what a call returns or raises."""
    try:
        with seeded(7):
            return call()
    except Exception as error:
        # Any error is an answer; two models must give the same one.
        return _Raised(error)


def _require_same(path: str, left: Any, right: Any, tolerance: float) -> None:
    difference = _difference(left, right)
    if difference and not _is_close(left, right, tolerance):
        raise AssertionError(f"{path}: {difference}")


def _is_close(left: Any, right: Any, tolerance: float) -> bool:
    arrays = isinstance(left, np.ndarray) and isinstance(right, np.ndarray)
    if not tolerance or not arrays or left.dtype != right.dtype or left.dtype.kind != "f" or left.shape != right.shape:
        return False
    return bool(np.allclose(left, right, rtol=tolerance, atol=tolerance, equal_nan=True))


def _difference(left: Any, right: Any) -> str:
    if left is right:
        return ""
    if type(left) is not type(right):
        shown = [value.description if isinstance(value, _Raised) else type(value).__name__ for value in (left, right)]
        return f"{shown[0]} became {shown[1]}"
    if isinstance(left, _Raised):
        return "" if left.description == right.description else f"{left.description} became {right.description}"
    if isinstance(left, np.ndarray):
        return _difference_of_answers(left, right)
    if scipy.sparse.issparse(left):
        return _difference_of_sparse(left, right)
    if is_pandas_value(left):
        return difference_of_pandas(left, right)
    if isinstance(left, list | tuple):
        return _difference_of_sequences(left, right)
    return "" if left == right or (left != left and right != right) else f"{left!r} became {right!r}"


def _difference_of_answers(left: np.ndarray[Any, Any], right: np.ndarray[Any, Any]) -> str:
    difference = difference_of_arrays(left, right, any_nan=True)
    if difference:
        return difference
    pairs = zip(object_elements(left), object_elements(right), strict=True)
    differences = (f"{step}: {found}" for (step, a), (_, b) in pairs if (found := _difference(a, b)))
    return next(differences, "")


def _difference_of_sparse(left: Any, right: Any) -> str:
    if left.shape != right.shape or left.format != right.format:
        return f"sparse {left.format}{left.shape} became {right.format}{right.shape}"
    canonical = [matrix.tocsr(copy=True) for matrix in (left, right)]
    for matrix in canonical:
        matrix.sum_duplicates()
    parts = ("indptr", "indices", "data")
    found = (_difference(getattr(canonical[0], part), getattr(canonical[1], part)) for part in parts)
    return next((f"sparse, {difference}" for difference in found if difference), "")


def _difference_of_sequences(left: Any, right: Any) -> str:
    if len(left) != len(right):
        return f"length {len(left)} became {len(right)}"
    found = ((number, _difference(a, b)) for number, (a, b) in enumerate(zip(left, right, strict=True)))
    return next((f"[{number}]: {difference}" for number, difference in found if difference), "")
