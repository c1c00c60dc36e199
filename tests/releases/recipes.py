"""Models of the zoo as plain data: which class, with which parameters, fitted on what, asked about what.

Releases before 1.2 run on Pythons that cannot import the zoo. They get these recipes as JSON, and make what they can of
them (`tests/releases/write_old.py`). Only parameters that are not the default stand there, so that an old release uses
its own defaults, as the models that people have kept do.

Values that JSON does not have are objects of one key, which says what it is: ``{"$make": [class, parameters]}``.
"""

from __future__ import annotations

import functools
import inspect
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import pandas
import scipy.sparse
from sklearn.base import BaseEstimator

from tests.releases.old_models import old_models
from tests.zoo import data
from tests.zoo.case import Case, fit_a_copy

__all__ = ["NoRecipeError", "made_of", "plain", "recipe_of", "recipes", "write_recipes"]


_LABELS = data.Training(X=data.STRING_LABELS.y, inputs={"X": data.STRING_LABELS.y[:6]})


class NoRecipeError(Exception):
    """Plain data cannot say what a case is made of."""


def recipes(cases: Iterable[Case]) -> list[dict[str, Any]]:
    """Give the recipes of those cases that have one, and those of models that only old releases know.

    Examples
    --------
    >>> [recipe["name"] for recipe in recipes([])][:1]
    ['old-logistic-liblinear-0']
    """
    found = [_old_recipe(*line) for line in old_models()]
    for case in cases:
        try:
            found.append(recipe_of(case))
        except NoRecipeError:
            continue
    return found


def _old_recipe(name: str, kind: str, parameters: dict[str, Any], training: str) -> dict[str, Any]:
    own = _LABELS if training == "LABELS" else getattr(data, training)
    return {
        "name": name,
        "model": {"$make": [kind, parameters]},
        "X": plain(own.X),
        "y": plain(own.y),
        "inputs": {key: plain(value) for key, value in own.inputs.items()},
    }


def write_recipes(cases: Iterable[Case]) -> str:
    """Give recipes as text."""
    return json.dumps(recipes(cases))


def recipe_of(case: Case) -> dict[str, Any]:
    """Give one recipe.

    Examples
    --------
    >>> from sklearn.linear_model import Ridge
    >>> from tests.zoo.case import fitted
    >>> from tests.zoo.data import REGRESSION
    >>> recipe_of(fitted("ridge", Ridge(alpha=2.0, solver="svd"), REGRESSION))["model"]
    {'$make': ['sklearn.linear_model.Ridge', {'alpha': 2.0, 'solver': 'svd'}]}
    """
    build = case.build
    if not isinstance(build, functools.partial) or build.func is not fit_a_copy or case.trusted:
        raise NoRecipeError(case.name)
    estimator, training, after = build.args
    if after:
        raise NoRecipeError(case.name)
    return {
        "name": case.name,
        "model": plain(estimator),
        "X": plain(training.X),
        "y": plain(training.y),
        "inputs": {key: plain(value) for key, value in case.inputs.items()},
    }


def plain(value: Any) -> Any:
    """Give a value as JSON.

    Examples
    --------
    >>> plain((1, np.array([0.5])))
    {'$tuple': [1, {'$array': ['float64', [1], [0.5]]}]}
    """
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, np.ndarray):
        flat = value.ravel().tolist()
        kind = "object" if value.dtype.hasobject else "str" if value.dtype.kind == "U" else value.dtype.name
        return {"$array": [kind, list(value.shape), [plain(item) for item in flat]]}
    if scipy.sparse.issparse(value):
        matrix = value.tocsr()
        return {"$sparse": [value.format, list(value.shape), *map(plain, (matrix.data, matrix.indices, matrix.indptr))]}
    if isinstance(value, pandas.DataFrame):
        return {"$frame": [[name, _column(value[name])] for name in value.columns]}
    if isinstance(value, Mapping):
        return {"$dict": [[plain(key), plain(item)] for key, item in value.items()]}
    if isinstance(value, (list, tuple)):
        items = [plain(item) for item in value]
        return items if isinstance(value, list) else {"$tuple": items}
    if isinstance(value, bytes):
        return {"$bytes": value.decode("latin-1")}
    return _thing(value)


def made_of(value: Any) -> Any:
    """Give what plain data stands for: values and arrays, no models.

    Examples
    --------
    >>> made_of(plain((1, np.array([0.5]))))
    (1, array([0.5]))
    """
    if isinstance(value, list):
        return [made_of(item) for item in value]
    if not isinstance(value, dict):
        return value
    [(kind, content)] = value.items()
    return _MAKERS[kind](content)


def _made_array(content: Any) -> Any:
    kind, shape, items = content
    if kind != "object":
        return np.array(items, dtype=None if kind == "str" else kind).reshape(shape)
    array = np.empty(len(items), dtype=object)
    array[:] = [made_of(item) for item in items]
    return array.reshape(shape)


def _made_sparse(content: Any) -> Any:
    kind, shape, *parts = content
    return scipy.sparse.csr_matrix(tuple(made_of(part) for part in parts), shape=tuple(shape)).asformat(kind)


_MAKERS: dict[str, Callable[[Any], Any]] = {
    "$array": _made_array,
    "$sparse": _made_sparse,
    "$frame": lambda content: pandas.DataFrame({made_of(name): made_of(column) for name, column in content}),
    "$tuple": lambda content: tuple(made_of(item) for item in content),
    "$dict": lambda content: {made_of(key): made_of(item) for key, item in content},
    "$bytes": lambda content: content.encode("latin-1"),
}


def _column(column: Any) -> Any:
    if column.dtype.kind in "iufb":
        return plain(column.to_numpy(dtype=np.int64 if column.dtype.kind == "i" else None))
    return plain(column.to_numpy(dtype=object))


def _thing(value: Any) -> Any:
    if isinstance(value, type) or inspect.isroutine(value) or isinstance(value, np.ufunc):
        name = value.__name__
        module = "numpy" if getattr(np, name, None) is value else getattr(value, "__module__", None) or ""
        if "<" in name or not module or module.startswith("tests."):
            raise NoRecipeError(name)
        return {"$name": [_public(module), name]}
    if isinstance(value, BaseEstimator):
        if any(name.endswith("_") and not name.startswith("_") for name in vars(value)):
            raise NoRecipeError("fitted within")
        return _made(value, value.get_params(deep=False))
    kind = type(value)
    if kind.__module__.startswith(("sklearn.gaussian_process", "sklearn.compose")):
        parameters = inspect.signature(kind.__init__).parameters
        return _made(value, {name: getattr(value, name) for name in parameters if hasattr(value, name)})
    if kind.__module__.startswith("sklearn.model_selection._split") and type(value.__dict__) is dict:
        return _made(value, vars(value))
    raise NoRecipeError(f"{kind.__module__}.{kind.__name__}")


def _made(value: Any, parameters: Mapping[str, Any]) -> Any:
    kind = type(value)
    if not kind.__module__.startswith("sklearn."):
        raise NoRecipeError(kind.__module__)
    known = inspect.signature(kind.__init__).parameters
    changed = {
        name: plain(own) for name, own in parameters.items() if name in known and _is_other(own, known[name].default)
    }
    return {"$make": [f"{_public(kind.__module__)}.{kind.__name__}", changed]}


def _is_other(value: Any, default: Any) -> bool:
    return (
        type(value) is not type(default)
        or type(value) not in (bool, int, float, str, type(None))
        or (value != default and not (value != value and default != default))
    )


def _public(module: str) -> str:
    parts = module.split(".")
    private = [number for number, part in enumerate(parts) if part.startswith("_")]
    return ".".join(parts[: private[0]] if private else parts)
