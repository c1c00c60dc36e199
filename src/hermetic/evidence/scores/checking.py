"""Cross-validation run again on the same data: whether the score is in the same range as before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hermetic.errors import HermeticError
from hermetic.evidence.checks import Check
from hermetic.evidence.scores.caches import without_caches
from hermetic.evidence.scores.cross_validation import Progress, run_folds
from hermetic.evidence.scores.folds import split
from hermetic.evidence.scores.recording import cross_validated
from hermetic.evidence.scores.same_range import RangeComparison, check_tolerance, compare_scores, spread_of
from hermetic.evidence.scores.scoring import scoring_of
from hermetic.evidence.scores.seeds import unseeded
from hermetic.recorded.recipe import Recipe
from hermetic.recorded.scores import ScoresRecord

__all__ = ["ScoresAgain", "check_scores", "score_again", "why_not_again"]

_NAME = "scores"
_N_REFITS = 3


@dataclass(frozen=True, kw_only=True)
class ScoresAgain:
    """A cross-validation that was run again.

    Attributes
    ----------
    record : ScoresRecord
        The new one.
    recipe : Recipe
        Of the new one.
    comparisons : tuple of RangeComparison
        For each scorer that could be computed again.
    notes : tuple of str
        What else there is to know: scorers that are gone, refits that vary.
    """

    record: ScoresRecord
    recipe: Recipe
    comparisons: tuple[RangeComparison, ...]
    notes: tuple[str, ...] = field(default=())

    @property
    def check(self) -> Check:
        """The answer in one line, and a line for each note."""
        verdicts = {comparison.verdict for comparison in self.comparisons}
        verdict = "failed" if "another range" in verdicts else "noted" if "cannot tell" in verdicts else "passed"
        lines = ["; ".join(comparison.words for comparison in self.comparisons), *self.notes]
        if not verdicts:
            verdict, lines[0] = "skipped", "nothing was compared: no scorer has scores both before and now"
        return Check(name=_NAME, verdict=verdict, words="\n".join(lines))


def why_not_again(record: ScoresRecord | None, recipe: Recipe | None) -> str:
    """Say why the scores cannot be computed again; an empty text where they can.

    Parameters
    ----------
    record : ScoresRecord or None
        Of the file.
    recipe : Recipe or None
        Of the file.

    Returns
    -------
    str
        In words.

    Examples
    --------
    >>> why_not_again(None, None)
    'no cross-validation was recorded: save with evidence=hermetic.record(model, X, y, cv=5)'
    """
    if record is None or not record.folds:
        return "no cross-validation was recorded: save with evidence=hermetic.record(model, X, y, cv=5)"
    if recipe is None:
        return "the recipe (estimator, splitter, scorers) was not kept"
    gone = [name for name in ("estimator", "splitter") if getattr(recipe, name) is None]
    if gone:
        return f"the {' and the '.join(gone)} could not be kept{_reasons(record)}"
    if not _usable(recipe)[0]:
        return f"no scorer is here: {'; '.join(_usable(recipe)[1]) or 'none could be kept'}{_reasons(record)}"
    return ""


def _reasons(record: ScoresRecord) -> str:
    reasons = [note for note in record.notes if "cannot be kept" in note]
    return f" ({'; '.join(reasons)})" if reasons else ""


def _usable(recipe: Recipe) -> tuple[dict[str, Any], list[str]]:
    """Give the scorers that are here, and why others are not."""
    usable, problems = {}, []
    for name, scorer in recipe.scorers.items():
        try:
            scoring_of({name: scorer})
        except HermeticError as error:
            problems.append(f"{name}: {error.found}")
        else:
            usable[name] = scorer
    return usable, problems


def check_scores(
    record: ScoresRecord | None,
    recipe: Recipe | None,
    parts: Mapping[str, Any],
    *,
    tolerance: float | None = None,
    n_jobs: int | None = None,
    progress: Progress | None = None,
) -> Check:
    """Run the cross-validation of a file again, and say whether the score is in the same range as before.

    Parameters
    ----------
    record : ScoresRecord or None
        Of the file: ``read_record(container, "scores")``.
    recipe : Recipe or None
        Of the file: ``read_recipe(container, wishes)``, which leads it through the gates.
    parts : mapping of str to object
        The data, which are known to be those of the file.
    tolerance : float, optional
        Instead of the test of `compare_scores`: how far the mean may be from before.
    n_jobs : int, optional
        As in joblib.
    progress : callable, optional
        Called with the numbers of folds that are done, and of all.

    Returns
    -------
    Check
        ``passed`` in the same range, ``failed`` in another one, ``noted`` where that cannot be told, ``skipped`` where
        the file does not hold what is needed, or holds scores of no scorer that is here.

    Raises
    ------
    UsageError
        When the tolerance is no number from 0 on.

    Examples
    --------
    >>> import numpy
    >>> from sklearn.linear_model import LinearRegression
    >>> from hermetic.evidence.scores.recording import cross_validated
    >>> X = numpy.arange(12.0).reshape(12, 1)
    >>> parts = {"X": X, "y": X[:, 0] ** 2}
    >>> check_scores(*cross_validated(LinearRegression(), parts, cv=3, scoring="neg_max_error"), parts)
    Check(name='scores', verdict='passed', words='neg_max_error -40 +- 20 before, -40 +- 20 now: same range')
    """
    check_tolerance(tolerance)
    reason = why_not_again(record, recipe)
    if reason or record is None or recipe is None:
        return Check(name=_NAME, verdict="skipped", words=reason)
    try:
        again = score_again(record, recipe, parts, tolerance=tolerance, n_jobs=n_jobs, progress=progress)
    except HermeticError as error:
        return Check(name=_NAME, verdict="failed", words=f"the cross-validation cannot be run again: {error.found}")
    return again.check


def score_again(
    record: ScoresRecord,
    recipe: Recipe,
    parts: Mapping[str, Any],
    *,
    tolerance: float | None = None,
    n_jobs: int | None = None,
    progress: Progress | None = None,
) -> ScoresAgain:
    """Run the cross-validation of a file again.

    Parameters
    ----------
    record, recipe, parts, tolerance, n_jobs, progress
        As in `check_scores`; `why_not_again` must have nothing to say.

    Returns
    -------
    ScoresAgain
        Scores and comparisons.

    Raises
    ------
    UsageError
        When the estimator cannot be cloned, or the samples cannot be split.
    """
    usable, problems = _usable(recipe)
    recipe, caches = without_caches(recipe)
    made, again = cross_validated(
        recipe.estimator,
        parts,
        cv=recipe.splitter,
        scoring=usable,
        n_jobs=n_jobs,
        progress=progress,
        n_most_folds=len(record.folds) + 1,
    )
    comparisons = compare_scores(record, made, tolerance=tolerance)
    compared = {comparison.scorer for comparison in comparisons}
    lost = [name for name in dict.fromkeys(name for fold in record.folds for name in fold.test) if name not in compared]
    notes = [f"not computed again: {', '.join(lost)}"] if lost else []
    notes += [f"not here: {problem}" for problem in problems]
    notes += [note for note in made.notes if note not in record.notes]
    if comparisons and not comparisons[0].is_paired:
        notes.append("the folds are others than before, so the means were compared, which tells less")
    notes += caches
    notes += _variation(record, recipe, parts, made, usable)
    return ScoresAgain(record=made, recipe=again, comparisons=tuple(comparisons), notes=tuple(notes))


def _variation(
    record: ScoresRecord, recipe: Recipe, parts: Mapping[str, Any], made: ScoresRecord, scorers: Mapping[str, Any]
) -> list[str]:
    """Fit the first fold again where a seed is missing, and say how much its scores vary."""
    names = unseeded(record.seeds)
    if not names:
        return []
    fold = split(recipe.estimator, parts, recipe.splitter, n_most=1).indices[:1]
    others = run_folds(recipe.estimator, parts, fold * (_N_REFITS - 1), scorers, wants_outputs=False)
    found = [made.folds[0].test, *(result.fold.test for result in others)]
    told = "; ".join(_told(name, [test.get(name) for test in found]) for name in made.folds[0].test)
    verb = "is" if len(names) == 1 else "are"
    return [f"refits may vary, since {_listed(names)} {verb} None; fold 1, fitted {len(found)} times: {told}"]


def _told(name: str, scores: Sequence[float | None]) -> str:
    spread = spread_of(scores)
    if spread.n_folds and not spread.deviation:
        return f"{name} {spread.mean:.6g} each time"
    return f"{name} {spread.words()}"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
