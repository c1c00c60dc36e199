"""Cross-validation fold by fold, as `sklearn.model_selection.cross_validate` does it, with progress and predictions.

Each fold is one call of that function with one pair of indices. So clones, weights, metadata routing, precomputed
kernels and several metrics mean what they mean there, in every release.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hermetic.errors import UsageError
from hermetic.lazy import numpy as np
from hermetic.recorded.scores import Fold

__all__ = ["FIT_PARAMETER", "FoldResult", "Progress", "fit_parameters", "fold_of", "run_folds"]

Progress = Callable[[int, int], None]
"""Called with the number of folds that are done, and of all."""
FIT_PARAMETER = "fit_params."
"""What the name of a part begins with that is handed to ``fit`` by name."""
_MOST_CLASSES_WITH_SCORES = 20


@dataclass(frozen=True, kw_only=True)
class FoldResult:
    """One fold.

    Attributes
    ----------
    fold : Fold
        Sizes, times and scores.
    outputs : mapping of str to array
        For the tested samples, in order: ``prediction``, ``probabilities`` or ``decision``; empty where there are none.
    problem : str
        Why scores are missing; empty where none is.
    """

    fold: Fold
    outputs: Mapping[str, Any] = field(default_factory=dict, repr=False)
    problem: str = ""


def run_folds(
    estimator: Any,
    parts: Mapping[str, Any],
    indices: Sequence[tuple[Any, Any]],
    scoring: Mapping[str, Any],
    *,
    n_jobs: int | None = None,
    progress: Progress | None = None,
    wants_outputs: bool = True,
) -> list[FoldResult]:
    """Fit and score a clone for each fold.

    Parameters
    ----------
    estimator : estimator
        Not changed.
    parts : mapping of str to object
        ``X``, and where there are such ``y``, ``sample_weight``, ``groups`` and ``fit_params.NAME``.
    indices : sequence of (array, array)
        Training and test samples of each fold.
    scoring : mapping of str to scorer
        From `name_scorers`.
    n_jobs : int, optional
        As in joblib.
    progress : callable, optional
        Called after each fold.
    wants_outputs : bool, default=True
        Whether predictions for the tested samples are wanted.

    Returns
    -------
    list of FoldResult
        One for each fold, in order. A fold that fails has no scores.

    Raises
    ------
    UsageError
        When no fold may run at a time.
    """
    if n_jobs == 0:
        raise UsageError("n_jobs must be a number of folds at a time, or -1 for as many as there are cores, got 0")
    results = []
    tasks = ((estimator, parts, train, test, scoring, wants_outputs) for train, test in indices)
    for result in _in_parallel(tasks, n_jobs):
        results.append(result)
        if progress is not None:
            progress(len(results), len(indices))
    return results


def _in_parallel(tasks: Iterable[tuple[Any, ...]], n_jobs: int | None) -> Iterable[FoldResult]:
    try:
        from sklearn.utils.parallel import Parallel, delayed  # they hand scikit-learn's configuration to workers
    except ImportError:  # 1.2.0
        from joblib import Parallel, delayed
    calls = (delayed(_run)(*task) for task in tasks)
    try:
        parallel = Parallel(n_jobs=n_jobs, return_as="generator")
    except (TypeError, ValueError):  # joblib before 1.3, or a backend that gives results only at the end
        parallel = Parallel(n_jobs=n_jobs)
    results: Iterable[FoldResult] = parallel(calls)
    return results


def _run(
    estimator: Any, parts: Mapping[str, Any], train: Any, test: Any, scorers: Mapping[str, Any], wants_outputs: bool
) -> FoldResult:
    problem = ""
    try:
        found = _cross_validate(estimator, parts, train, test, scorers, "raise")
    except Exception as error:  # estimators and scorers may raise anything
        problem = f"{type(error).__name__}: {error}"
        try:
            # It may be one scorer alone that fails.
            found = _cross_validate(estimator, parts, train, test, scorers, math.nan)
        except Exception:  # or the fit, as it did before
            found = {}
    fold = fold_of(found, 0, names=list(scorers), n_train=len(train), n_test=len(test))
    outputs = {}
    if wants_outputs and "estimator" in found:
        outputs = _outputs(found["estimator"][0], estimator, parts, train, test)
    return FoldResult(fold=fold, outputs=outputs, problem=" ".join(problem.split())[:300])


def _cross_validate(
    estimator: Any, parts: Mapping[str, Any], train: Any, test: Any, scorers: Mapping[str, Any], error_score: Any
) -> dict[str, Any]:
    from sklearn.model_selection import cross_validate

    from hermetic.evidence.scores.scoring import scoring_of  # in a worker nothing is imported yet

    known = inspect.signature(cross_validate).parameters
    # Until 1.3 fit_params, in 1.4 and 1.5 both, since 1.6 params.
    given = {"params" if "params" in known else "fit_params": fit_parameters(estimator, parts) or None}
    found: dict[str, Any] = cross_validate(
        estimator,
        parts["X"],
        parts.get("y"),
        cv=[(train, test)],
        scoring=scoring_of(scorers),
        n_jobs=1,
        return_train_score=True,
        return_estimator=True,
        error_score=error_score,
        **given,
    )
    return found


def fit_parameters(estimator: Any, parts: Mapping[str, Any]) -> dict[str, Any]:
    """Give what ``fit`` takes beside X and y, by the name under which it takes it.

    Parameters
    ----------
    estimator : estimator
        A pipeline hands weights to its last step, unless metadata routing is on and says where they go.
    parts : mapping of str to object
        As in `run_folds`.

    Returns
    -------
    dict of str to object
        For ``fit``, and for `sklearn.model_selection.cross_validate`.
    """
    parameters = {
        name.removeprefix(FIT_PARAMETER): value for name, value in parts.items() if name.startswith(FIT_PARAMETER)
    }
    has_routing = _has_routing()
    if parts.get("sample_weight") is not None:
        steps = getattr(estimator, "steps", None)
        name = "sample_weight" if has_routing or not isinstance(steps, list) else f"{steps[-1][0]}__sample_weight"
        parameters[name] = parts["sample_weight"]
    # Without routing groups are for the splitter alone.
    if has_routing and parts.get("groups") is not None and _asks_for_groups(estimator):
        parameters["groups"] = parts["groups"]
    return parameters


def _has_routing() -> bool:
    from sklearn import get_config

    return bool(get_config().get("enable_metadata_routing", False))


def _asks_for_groups(estimator: Any) -> bool:
    from sklearn.utils.metadata_routing import get_routing_for_object

    router = get_routing_for_object(estimator)
    return "groups" in router.consumes("fit", ["groups"]) if hasattr(router, "consumes") else False


def fold_of(results: Mapping[str, Any], number: int, *, names: Sequence[str], n_train: int, n_test: int) -> Fold:
    """Give one fold of the results of `sklearn.model_selection.cross_validate` as a record.

    Parameters
    ----------
    results : mapping of str to array
        What it has returned; empty where it failed.
    number : int
        Of the fold, from 0.
    names : sequence of str
        Of the scorers: a single one has no name in the results.
    n_train, n_test : int
        Numbers of samples.

    Returns
    -------
    Fold
        Scores that are no number are None.

    Examples
    --------
    >>> fold_of({"test_score": [0.5]}, 0, names=["r2"], n_train=2, n_test=1).test
    {'r2': 0.5}
    """
    return Fold(
        n_train=n_train,
        n_test=n_test,
        fit_seconds=_seconds(results, "fit_time", number),
        score_seconds=_seconds(results, "score_time", number),
        train=_scores(results, "train_", number, names),
        test=_scores(results, "test_", number, names),
    )


def _seconds(results: Mapping[str, Any], name: str, number: int) -> float:
    return _finite(results[name][number]) or 0.0 if name in results else 0.0


def _scores(results: Mapping[str, Any], prefix: str, number: int, names: Sequence[str]) -> dict[str, float | None]:
    found = {name.removeprefix(prefix): values for name, values in results.items() if name.startswith(prefix)}
    if len(names) == 1 and list(found) == ["score"]:
        found = {names[0]: found["score"]}
    if not found:
        return dict.fromkeys(names)
    return {name: _finite(values[number]) for name, values in found.items()}


def _finite(value: Any) -> float | None:
    number = float(value)
    return number if math.isfinite(number) else None


def _outputs(fitted: Any, estimator: Any, parts: Mapping[str, Any], train: Any, test: Any) -> dict[str, Any]:
    """Ask the model of a fold about the samples that it is tested on."""
    from sklearn.base import is_classifier, is_regressor
    from sklearn.utils.metaestimators import _safe_split

    if parts.get("y") is None or not (is_classifier(estimator) or is_regressor(estimator)):
        return {}
    outputs: dict[str, Any] = {}
    try:
        X, _ = _safe_split(estimator, parts["X"], parts["y"], test, train)
        outputs["prediction"] = np.asarray(fitted.predict(X))
        classes = getattr(fitted, "classes_", None)
        if not is_classifier(estimator) or classes is None or len(classes) > _MOST_CLASSES_WITH_SCORES:
            return outputs
        if hasattr(fitted, "predict_proba"):
            outputs["probabilities"] = np.asarray(fitted.predict_proba(X))
        elif hasattr(fitted, "decision_function"):
            outputs["decision"] = np.asarray(fitted.decision_function(X))
        outputs["classes"] = np.asarray(classes)
    except Exception:  # they are an extra: who has no such method, or fails in it, has no curve
        return outputs
    return outputs
