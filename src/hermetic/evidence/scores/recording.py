"""Recording a cross-validation: run here, or of results that somebody has already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hermetic.errors import UsageError
from hermetic.evidence.scores.cross_validation import FoldResult, Progress, fold_of, run_folds
from hermetic.evidence.scores.folds import Folds, digest_of_folds, split
from hermetic.evidence.scores.out_of_fold import out_of_fold
from hermetic.evidence.scores.scoring import OWN_SCORE, keep_scorers, name_scorers, what_hinders
from hermetic.evidence.scores.seeds import SPLITTER_SEED, seeds_of, seeds_of_splitter
from hermetic.recorded.recipe import Recipe
from hermetic.recorded.scores import OutOfFold, ScoresRecord

__all__ = ["cross_validated", "recipe_alone", "scores_of"]

_MOST_BYTES_OF_FOLDS = 16 << 20


def cross_validated(
    model: Any,
    parts: Mapping[str, Any],
    *,
    cv: Any = 5,
    scoring: Any = None,
    n_jobs: int | None = None,
    progress: Progress | None = None,
    n_most_folds: int | None = None,
) -> tuple[ScoresRecord, Recipe]:
    """Cross-validate a model, and record it.

    Parameters
    ----------
    model : estimator
        Fitted or not; it is cloned for each fold and not changed.
    parts : mapping of str to object
        What it is fitted on: ``X``, and where there are such ``y``, ``sample_weight``, ``groups`` and
        ``fit_params.NAME``.
    cv, scoring
        As in `sklearn.model_selection.cross_validate`.
    n_jobs : int, optional
        As in joblib.
    progress : callable, optional
        Called with the numbers of folds that are done, and of all.
    n_most_folds : int, optional
        How many folds are made at most; for a splitter from a file, which may promise any number.

    Returns
    -------
    ScoresRecord
        Scores, folds and seeds. A fold that fails has no scores, and a note.
    Recipe
        The unfitted estimator, the splitter and the scorers, as far as a file can keep them; a note tells what it
        cannot keep.

    Raises
    ------
    UsageError
        When the model cannot be cloned, the samples cannot be split, or a scorer has no meaning.

    Examples
    --------
    >>> import numpy
    >>> from sklearn.linear_model import LinearRegression
    >>> X = numpy.arange(12.0).reshape(12, 1)
    >>> record, recipe = cross_validated(LinearRegression(), {"X": X, "y": 2 * X[:, 0]}, cv=3, scoring="r2")
    >>> record.splitter, [fold.test for fold in record.folds][0]
    ('KFold(n_splits=3, random_state=None, shuffle=False)', {'r2': 1.0})
    >>> recipe.estimator
    LinearRegression()
    """
    estimator = _clone(model)
    scorers = name_scorers(scoring)
    folds = split(estimator, parts, cv, n_most=n_most_folds)
    results = run_folds(estimator, parts, folds.indices, scorers, n_jobs=n_jobs, progress=progress)
    notes = _problems(results)
    recipe = _recipe(estimator, folds, scorers, notes)
    record = ScoresRecord(
        layout=1,
        splitter=folds.words,
        folds_digest=folds.digest,
        folds=[result.fold for result in results],
        seeds=seeds_of(estimator, folds.splitter),
        notes=notes,
        out_of_fold=_out_of_fold(
            estimator, parts, [test for _, test in folds.indices], [result.outputs for result in results]
        ),
    )
    return record, recipe


def _clone(model: Any) -> Any:
    from sklearn.base import clone

    try:
        if isinstance(model, (dict, list, tuple)):
            raise TypeError("it is no estimator")  # clone would take what it holds
        return clone(model)
    except Exception as error:  # constructors may be anybody's
        raise UsageError(
            f"a {type(model).__name__} cannot be cloned for cross-validation: {error}"[:500],
            next_step="Estimators have get_params, and constructors that only store; others are recorded with cv=None.",
        ) from error


def _problems(results: Sequence[FoldResult]) -> list[str]:
    """Say which folds failed and why: each reason once."""
    folds: dict[str, list[str]] = {}
    for number, result in enumerate(results, start=1):
        if result.problem:
            folds.setdefault(result.problem, []).append(str(number))
    return [
        f"{'every fold' if len(numbers) == len(results) else 'fold ' + ', '.join(numbers)} failed: {problem}"
        for problem, numbers in folds.items()
    ]


def recipe_alone(model: Any) -> Recipe | None:
    """Give what a model can be fitted from again where nothing is cross-validated.

    Parameters
    ----------
    model : object
        Fitted or not.

    Returns
    -------
    Recipe or None
        Its clone; None where it is no estimator, or holds what cannot be kept.

    Examples
    --------
    >>> from sklearn.preprocessing import StandardScaler
    >>> recipe_alone(StandardScaler(with_mean=False)).estimator
    StandardScaler(with_mean=False)
    >>> recipe_alone({"a": 1}) is None
    True
    """
    try:
        estimator = _clone(model)
    except UsageError:
        return None
    return None if what_hinders(estimator) else Recipe(estimator=estimator)


def _recipe(estimator: Any, folds: Folds, scorers: Mapping[str, Any], notes: list[str]) -> Recipe:
    kept = {"estimator": estimator, "splitter": _repeatable(folds)}
    for name, value in kept.items():
        if reason := what_hinders(value):
            notes.append(f"the {name} cannot be kept, so the scores cannot be computed again: {reason}")
            kept[name] = None
    return Recipe(**kept, scorers=keep_scorers(scorers, notes))


def _repeatable(folds: Folds) -> Any:
    """Give what makes the same folds again: of a splitter without a seed the folds, unless they take much."""
    is_seeded = seeds_of_splitter(folds.splitter).get(SPLITTER_SEED) != "None"
    if is_seeded or sum(part.nbytes for fold in folds.indices for part in fold) > _MOST_BYTES_OF_FOLDS:
        return folds.splitter
    return folds.indices


def _out_of_fold(
    estimator: Any, parts: Mapping[str, Any], tests: Sequence[Any], outputs: Sequence[Mapping[str, Any]]
) -> OutOfFold | None:
    from sklearn.base import is_classifier

    if parts.get("y") is None:
        return None
    return out_of_fold(parts["y"], tests, outputs, is_classifier=is_classifier(estimator))


def scores_of(
    model: Any, parts: Mapping[str, Any], cv_results: Mapping[str, Any], *, cv: Any = 5, scoring: Any = None
) -> tuple[ScoresRecord, Recipe]:
    """Record the results of `sklearn.model_selection.cross_validate` that somebody has already.

    Parameters
    ----------
    model : estimator
        What was cross-validated.
    parts : mapping of str to object
        As in `cross_validated`.
    cv_results : mapping of str to array
        What ``cross_validate`` has returned. With ``return_train_score``, ``return_estimator`` and ``return_indices``
        more can be recorded.
    cv, scoring
        What it was given.

    Returns
    -------
    ScoresRecord, Recipe
        As in `cross_validated`; notes say what the results do not tell.

    Raises
    ------
    UsageError
        When these are no such results, or not those of `cv` and `scoring`.

    Examples
    --------
    >>> import numpy
    >>> from sklearn.linear_model import Ridge
    >>> from sklearn.model_selection import cross_validate
    >>> X = numpy.arange(12.0).reshape(12, 1)
    >>> results = cross_validate(Ridge(), X, X[:, 0], cv=3)
    >>> record, _ = scores_of(Ridge(), {"X": X, "y": X[:, 0]}, results, cv=3)
    >>> len(record.folds), record.notes
    (3, ['scores on the training samples were not computed: cross_validate(..., return_train_score=True) does'])
    """
    estimator, scorers = _clone(model), name_scorers(scoring)
    folds = split(estimator, parts, cv)
    n_folds = _count(cv_results, scorers)
    notes: list[str] = []
    seeds = seeds_of(estimator, folds.splitter)
    indices, digest = _indices(cv_results, folds, n_folds, is_known=seeds.get(SPLITTER_SEED) != "None", notes=notes)
    if not any(name.startswith("train_") for name in cv_results):
        notes.append(
            "scores on the training samples were not computed: cross_validate(..., return_train_score=True) does"
        )
    made = [
        fold_of(cv_results, number, names=list(scorers), n_train=len(train), n_test=len(test))
        for number, (train, test) in enumerate(indices)
    ]
    record = ScoresRecord(layout=1, splitter=folds.words, folds_digest=digest, folds=made, seeds=seeds, notes=notes)
    return record, _recipe(estimator, folds, scorers, notes)


def _count(cv_results: Mapping[str, Any], scorers: Mapping[str, Any]) -> int:
    """Give the number of folds, where these are results of these scorers."""
    if not isinstance(cv_results, Mapping):
        raise UsageError(
            f"these are no results of sklearn.model_selection.cross_validate, but {type(cv_results).__name__}",
            next_step="cross_val_score gives less: pass what cross_validate returns, a dictionary.",
        )
    found = {name.removeprefix("test_"): values for name, values in cv_results.items() if name.startswith("test_")}
    if not found or "fit_time" not in cv_results:
        raise UsageError("these are no results of sklearn.model_selection.cross_validate: they have no test scores")
    if list(found) != [OWN_SCORE] and len(scorers) > 1 and found.keys() != scorers.keys():
        raise UsageError(
            f"the results have scores of {', '.join(sorted(found))}, and scoring names {', '.join(sorted(scorers))}",
            next_step="Pass the scoring= that cross_validate was given.",
        )
    counts = {name: len(cv_results[name]) for name in cv_results if name.startswith(("test_", "train_", "fit_time"))}
    if len(set(counts.values())) != 1:
        told = ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))
        raise UsageError(f"the results have other numbers of folds for each entry: {told}"[:300])
    return counts["fit_time"]


def _indices(
    cv_results: Mapping[str, Any], folds: Folds, n_folds: int, *, is_known: bool, notes: list[str]
) -> tuple[list[tuple[Any, Any]], str]:
    given = cv_results.get("indices")
    indices = folds.indices if given is None else list(zip(given["train"], given["test"], strict=True))
    if len(indices) != n_folds:
        raise UsageError(
            f"the results are of {n_folds} folds, and cv makes {len(indices)}: {folds.words}",
            next_step="Pass the cv= that cross_validate was given.",
        )
    if given is not None or is_known:
        return indices, digest_of_folds(indices)
    notes.append(
        "the folds are not known, since the splitter has no seed: cross_validate(..., return_indices=True) tells"
    )
    return indices, ""
