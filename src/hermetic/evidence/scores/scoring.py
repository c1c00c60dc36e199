"""What measures a model: the scorers of a cross-validation by name, and those of them that a file can keep.

A scorer is a callable, the name that scikit-learn has for one, or None for the estimator's own ``score``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hermetic.capture import capture
from hermetic.errors import CannotSave, UsageError

__all__ = ["OWN_SCORE", "keep_scorers", "name_scorers", "scoring_of", "what_hinders"]

OWN_SCORE = "score"
"""The name of a scorer that has none, as in the results of scikit-learn."""

# metrics/_scorer.py: 1.6 renamed the one, 1.8 has dropped the old name.
_RENAMED = {"max_error": "neg_max_error", "neg_max_error": "max_error"}


def name_scorers(scoring: Any) -> dict[str, Any]:
    """Give the scorers of a cross-validation by name.

    Parameters
    ----------
    scoring : None, str, callable, list of str, or mapping of str to (str or callable)
        As in `sklearn.model_selection.cross_validate`.

    Returns
    -------
    dict of str to scorer
        At least one.

    Raises
    ------
    UsageError
        When scikit-learn has no scorer of that name, or when it is none of these.

    Examples
    --------
    >>> name_scorers(None), name_scorers("accuracy")
    ({'score': None}, {'accuracy': 'accuracy'})
    """
    if scoring is None or callable(scoring):
        return {OWN_SCORE: scoring}
    if isinstance(scoring, str):
        scoring = [scoring]
    if isinstance(scoring, (list, tuple, set, frozenset)) and all(isinstance(name, str) for name in scoring):
        scoring = {name: name for name in (sorted(scoring) if isinstance(scoring, (set, frozenset)) else scoring)}
    if not isinstance(scoring, Mapping) or not scoring or not all(isinstance(name, str) for name in scoring):
        raise UsageError(
            f"scoring must be None, a name, a callable, a list of names or a dictionary of them, got {scoring!r}"[:300]
        )
    for scorer in scoring.values():
        _find(scorer)
    return dict(scoring)


def scoring_of(scorers: Mapping[str, Any]) -> Any:
    """Give scorers as `sklearn.model_selection.cross_validate` takes them.

    Parameters
    ----------
    scorers : mapping of str to scorer
        From `name_scorers`, or of a recipe.

    Returns
    -------
    None, callable, or dict of str to callable
        A single one stands alone: only so it may give several scores, or be None.

    Raises
    ------
    UsageError
        When scikit-learn has no scorer of a name.
    """
    if len(scorers) == 1:
        return _find(next(iter(scorers.values())))
    return {name: _find(scorer) for name, scorer in scorers.items()}


def _find(scorer: Any) -> Any:
    if scorer is None or callable(scorer):
        return scorer
    from sklearn.metrics import get_scorer, get_scorer_names

    if isinstance(scorer, str):
        known = get_scorer_names()
        for name in (scorer, _RENAMED.get(scorer)):
            if name in known:
                return get_scorer(name)
    raise UsageError(
        f"scikit-learn has no scorer {scorer!r} here"[:300],
        next_step="sklearn.metrics.get_scorer_names() lists them; a callable of your own works as well.",
    )


def keep_scorers(scorers: Mapping[str, Any], notes: list[str]) -> dict[str, Any]:
    """Give those scorers that a file can keep, and note the others.

    Parameters
    ----------
    scorers : mapping of str to scorer
        All.
    notes : list of str
        Takes a line for each that cannot be kept.

    Returns
    -------
    dict of str to scorer
        The others.
    """
    kept = {}
    for name, scorer in scorers.items():
        if reason := what_hinders(scorer):
            notes.append(f"the scorer {name} cannot be kept, so its scores cannot be computed again: {reason}")
        else:
            kept[name] = scorer
    return kept


def what_hinders(value: Any) -> str:
    """Say why a file cannot keep an object; an empty text where it can.

    Examples
    --------
    >>> what_hinders([1, 2]), what_hinders(lambda estimator, X, y: 1.0)
    ('', 'a lambda has no name by which it could be found again')
    """
    try:
        capture(value)
    except CannotSave as error:
        return error.found
    return ""
