"""The zoo in a release of scikit-learn that lacks some of its classes and parameters.

The zoo is written for the newest release. In an older one a class that does not exist yet becomes a stand-in whose
models cannot be made, and a parameter that does not exist yet is left out: what remains is a model of that release.
"""

from __future__ import annotations

import ast
import functools
import importlib
import inspect
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

from sklearn.utils import all_estimators

from tests.releases.helpers import helpers
from tests.zoo.case import Case

__all__ = ["Absent", "NotThere", "forgiving_constructors", "stand_in_for_what_is_missing", "zoo_of_this_release"]

_ZOO = Path(__file__).parents[1] / "zoo"
_FORMER_NAMES = {"estimator": "base_estimator", "sparse_output": "sparse", "max_iter": "n_iter"}
_OTHERS = ("sklearn.model_selection._split", "sklearn.gaussian_process.kernels")


class NotThere(NotImplementedError):
    """This release of scikit-learn does not have it."""


class Absent:
    """Stands in for a class or function that this release lacks: no model with it can be made.

    Parameters
    ----------
    *arguments, **parameters : object
        Anything.
    """

    is_listed: ClassVar[bool] = False

    def __init__(self, *arguments: Any, **parameters: Any) -> None:
        # The zoo names it while it lists its cases; whoever then makes one is told.
        if Absent.is_listed:
            self.fit()

    def fit(self, *arguments: Any) -> Any:
        """Say that there is no such class."""
        raise NotThere(f"this release of scikit-learn does not have {type(self).__name__}")


def zoo_of_this_release() -> list[Case]:
    """Give the models of the zoo: no plain values, and nothing that is to be refused; or those of `other_zoo`.

    Returns
    -------
    list of Case
        Made within `forgiving_constructors` only.

    Examples
    --------
    >>> len(zoo_of_this_release()) > 800
    True
    """
    Absent.is_listed = False
    stand_in_for_what_is_missing(sorted(_ZOO.glob("*.py")))
    with forgiving_constructors():
        if os.environ.get("HERMETIC_ZOO") == "other":
            from tests.releases.other_zoo import other_cases

            cases = other_cases()
        else:
            from tests.zoo.compositions import compositions
            from tests.zoo.configurations import configurations
            from tests.zoo.every_estimator import every_estimator

            cases = [*every_estimator(), *configurations(), *compositions(), *helpers()]
    Absent.is_listed = True
    return [case for case in cases if case.expected == "kept"]


def stand_in_for_what_is_missing(paths: Iterable[Path]) -> None:
    """Put a stand-in where files import a class or function of scikit-learn that this release lacks.

    Parameters
    ----------
    paths : iterable of Path
        Python files.

    Examples
    --------
    >>> stand_in_for_what_is_missing([])
    """
    importlib.import_module("sklearn.experimental.enable_halving_search_cv")
    importlib.import_module("sklearn.experimental.enable_iterative_imputer")
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and str(node.module).startswith("sklearn"):
                module = _module(str(node.module))
                for alias in node.names:
                    if not hasattr(module, alias.name) and not _is_module(f"{node.module}.{alias.name}"):
                        setattr(module, alias.name, type(alias.name, (Absent,), {}))


def _module(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError:
        return sys.modules.setdefault(name, ModuleType(name))


def _is_module(name: str) -> bool:
    try:
        return importlib.import_module(name) is not None
    except ModuleNotFoundError:
        return False


@contextmanager
def forgiving_constructors() -> Iterator[None]:
    """Let the constructors of scikit-learn leave out parameters that they do not have.

    Examples
    --------
    >>> from sklearn.linear_model import Ridge
    >>> with forgiving_constructors():
    ...     Ridge(alpha=2.0, strength_of_1996=3)
    Ridge(alpha=2.0)
    """
    kinds = {base for _, kind in all_estimators() for base in kind.__mro__ if base.__module__.startswith("sklearn.")}
    for module in _OTHERS:
        kinds |= {kind for _, kind in inspect.getmembers(importlib.import_module(module), inspect.isclass)}
    own = {kind: vars(kind)["__init__"] for kind in kinds if inspect.isfunction(vars(kind).get("__init__"))}
    for kind, original in own.items():
        kind.__init__ = _forgiving(original)  # type: ignore[misc]
    try:
        yield
    finally:
        for kind, original in own.items():
            kind.__init__ = original  # type: ignore[misc]


def _forgiving(original: Callable[..., None]) -> Callable[..., None]:
    parameters = inspect.signature(original).parameters
    takes_any = any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values())

    @functools.wraps(original)
    def construct(self: Any, *arguments: Any, **given: Any) -> None:
        if not takes_any:
            named = {name if name in parameters else _FORMER_NAMES.get(name, name): given[name] for name in given}
            given = {name: value for name, value in named.items() if name in parameters}
        original(self, *arguments, **given)

    return construct
