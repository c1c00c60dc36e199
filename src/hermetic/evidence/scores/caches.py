"""Estimators of a file are fitted without the folders for caches that they name.

``Pipeline(memory="folder")`` reads what an earlier fit has left in that folder, by pickle. The folder is one of the
machine where the model was made, and whoever can write to it here decides what is run.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hermetic.errors import UsageError
from hermetic.recorded.recipe import Recipe

__all__ = ["without_caches"]

_PARAMETER = "memory"


def without_caches(recipe: Recipe) -> tuple[Recipe, list[str]]:
    """Give a recipe whose estimator keeps nothing in folders: what it is fitted to is the same.

    Parameters
    ----------
    recipe : Recipe
        Of a file.

    Returns
    -------
    Recipe
        With ``memory=None`` wherever a folder was named.
    list of str
        A line for people where one was.

    Raises
    ------
    UsageError
        When there is no estimator in it.

    Examples
    --------
    >>> from sklearn.pipeline import Pipeline
    >>> from sklearn.svm import SVC
    >>> recipe, notes = without_caches(Recipe(estimator=Pipeline([("svc", SVC())], memory="cache")))
    >>> recipe.estimator.memory, notes
    (None, ['memory is not used: a fit would read pickles from the folder that the file names'])
    """
    estimator = recipe.estimator
    try:
        parameters = estimator.get_params(deep=True)
        named = sorted(name for name, value in parameters.items() if _is_cache(name, value))
        if not named:
            return recipe, []
        from sklearn.base import clone

        estimator = clone(estimator).set_params(**dict.fromkeys(named))
    except Exception as error:  # estimators may be anybody's
        raise UsageError(f"a {type(estimator).__name__} cannot be cloned: {error}"[:300]) from error
    return replace(recipe, estimator=estimator), [
        f"{', '.join(named)} is not used: a fit would read pickles from the folder that the file names"
    ]


def _is_cache(name: str, value: Any) -> bool:
    return value is not None and name.rpartition("__")[2] == _PARAMETER
