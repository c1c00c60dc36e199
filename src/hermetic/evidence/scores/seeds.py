"""Where chance has its seeds: every ``random_state`` of an estimator and a splitter."""

from __future__ import annotations

import numbers
from collections.abc import Mapping
from typing import Any

__all__ = ["SPLITTER_SEED", "seeds_of", "seeds_of_splitter", "unseeded"]

_SEED = "random_state"
SPLITTER_SEED = "splitter.random_state"
"""Under what name the seed of the splitter is recorded."""


def seeds_of(estimator: Any, splitter: Any) -> dict[str, str]:
    """Give every seed of a cross-validation in words.

    Parameters
    ----------
    estimator : estimator
        Asked by ``get_params(deep=True)``.
    splitter : splitter
        What makes the folds.

    Returns
    -------
    dict of str to str
        By parameter; ``splitter.random_state`` and ``cv.random_state`` for splitters that shuffle.

    Examples
    --------
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from sklearn.model_selection import KFold
    >>> seeds_of(RandomForestClassifier(random_state=3), KFold(5, shuffle=True))
    {'random_state': '3', 'splitter.random_state': 'None'}
    """
    seeds = {}
    for name, value in sorted(estimator.get_params(deep=True).items()):
        if name == _SEED or name.endswith(f"__{_SEED}"):
            seeds[name] = _words(value)
        elif _has_chance(value):
            seeds[f"{name}.{_SEED}"] = _words(value.random_state)
    return seeds | seeds_of_splitter(splitter)


def seeds_of_splitter(splitter: Any) -> dict[str, str]:
    """Give the seed of a splitter, where it has one that it uses.

    Examples
    --------
    >>> from sklearn.model_selection import KFold
    >>> seeds_of_splitter(KFold(5)), seeds_of_splitter(KFold(5, shuffle=True, random_state=1))
    ({}, {'splitter.random_state': '1'})
    """
    return {SPLITTER_SEED: _words(splitter.random_state)} if _has_chance(splitter) else {}


def unseeded(seeds: Mapping[str, str]) -> list[str]:
    """Give the parameters of the estimator by which refits vary.

    Examples
    --------
    >>> unseeded({"random_state": "None", "cv.random_state": "1", "splitter.random_state": "None"})
    ['random_state']
    """
    return [name for name, seed in seeds.items() if seed == "None" and name != SPLITTER_SEED]


def _has_chance(value: Any) -> bool:
    """Tell whether something splits by chance: KFold has a seed that it uses only to shuffle."""
    return hasattr(value, "split") and hasattr(value, _SEED) and bool(getattr(value, "shuffle", True))


def _words(value: Any) -> str:
    if value is None or isinstance(value, numbers.Integral):
        return str(value if value is None else int(value))
    return type(value).__name__
