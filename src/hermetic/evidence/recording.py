"""Recording how a model was made and what it does, for whoever opens its file later."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from hermetic.errors import UsageError
from hermetic.evidence.data.recording import record_data
from hermetic.evidence.data.references import DataReference
from hermetic.evidence.environment.recording import record_environment
from hermetic.evidence.golden.recording import record_golden
from hermetic.evidence.progress import fold_progress
from hermetic.evidence.scores.recording import cross_validated, recipe_alone, scores_of
from hermetic.evidence.source.recording import record_source
from hermetic.recorded.evidence import Evidence

__all__ = ["record", "record_scores"]

SourceWish = Literal["auto", "digest", "diff"] | str | os.PathLike[str] | Sequence[str | os.PathLike[str]] | None


def record(
    model: Any,
    X: Any = None,
    y: Any = None,
    *,
    cv: Any = 5,
    scoring: Any = None,
    sample_weight: Any = None,
    groups: Any = None,
    fit_params: Mapping[str, Any] | None = None,
    data: Literal["store", "embed"] | DataReference | None = "store",
    source: SourceWish = "auto",
    golden: Literal["synthetic"] | int | None = "synthetic",
    n_jobs: int | None = None,
    store: str | os.PathLike[str] | None = None,
    progress: bool | None = None,
) -> Evidence:
    """Record how a fitted model was made: its data, source, environment and scores; and what it answers.

    Parameters
    ----------
    model : estimator
        Fitted; it is only asked. Cross-validation fits clones of it.
    X : array, frame, sparse matrix or list of texts, optional
        The data that the model was fitted on.
    y : array, optional
        The targets that it was fitted on.
    cv : int, splitter or None, default=5
        As in scikit-learn's ``cross_validate``; None records no scores. Without `y` and `scoring` there are scores
        only for models that score themselves, as clusterings do.
    scoring : str, callable, list or dict, optional
        As in ``cross_validate``; by default the model's own score.
    sample_weight, groups : array, shape (n_samples,), optional
        What `fit` and the splitter were given.
    fit_params : mapping, optional
        What else `fit` was given.
    data : "store", "embed", DataReference or None, default="store"
        Where the data are kept: as Parquet in the store, a folder of the project, so that handing on the model does not
        hand on the data; in the file; where they are, by reference; or nowhere. Their fingerprint is always recorded.
    source : {"auto", "digest", "diff"}, path, list of paths or None, default="auto"
        The script or the cells that run, and the modules of your own that the model uses, as text after a scan for
        secrets; as digests; or with what differs from the last commit.
    golden : "synthetic", int or None, default="synthetic"
        Synthetic rows are drawn feature by feature from the ranges, quantiles, categories and missing values of X, and
        texts from its words, so that no row of X travels in the file. A number takes so many real rows of X instead,
        among them all classes, extremes and patterns of missing values.
    n_jobs : int, optional
        Folds at a time.
    store : path or URI, optional
        The store; by default ``HERMETIC_STORE``, or ``.hermetic`` in the folder of the project.
    progress : bool, optional
        Whether folds are counted on the error stream; by default on a terminal.

    Returns
    -------
    Evidence
        For ``dump(model, file, evidence=...)``. The same model and data give the same golden rows.

    Raises
    ------
    UsageError
        When no golden rows can be drawn, or the source holds a secret; nothing was written then.

    Examples
    --------
    >>> import hermetic
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.linear_model import LogisticRegression
    >>> X, y = load_iris(return_X_y=True)
    >>> model = LogisticRegression(max_iter=500).fit(X, y)
    >>> evidence = hermetic.record(model, X, y, data=None)
    >>> round(sum(fold.test["score"] for fold in evidence.scores.folds) / 5, 2)
    0.97
    >>> data = hermetic.dumps(model, evidence=evidence)
    >>> hermetic.loads(data, check="always").predict([[5.0, 3.5, 1.5, 0.2]])
    array([0])
    """
    parts = _parts(X, y, sample_weight, groups, fit_params)
    # What may stop it comes first, so that nothing has been written or computed in vain.
    written = record_source(model, source)
    rows = None if golden is None else record_golden(model, X, y, golden)
    scores, recipe = None, None if X is None else recipe_alone(model)
    if cv is not None and _can_be_scored(model, X, y, scoring):
        with fold_progress(progress) as tick:
            scores, recipe = cross_validated(model, parts, cv=cv, scoring=scoring, n_jobs=n_jobs, progress=tick)
    record_of_data, snapshot = record_data(parts, data, store=store) if parts else (None, {})
    return Evidence(
        golden=rows,
        data=record_of_data,
        source=written,
        environment=record_environment(model, fed=(X, rows.rows if rows is not None else None)),
        scores=scores,
        recipe=recipe,
        snapshot=snapshot,
    )


def record_scores(
    model: Any,
    X: Any,
    y: Any = None,
    *,
    results: Mapping[str, Any],
    cv: Any = 5,
    scoring: Any = None,
    sample_weight: Any = None,
    groups: Any = None,
    fit_params: Mapping[str, Any] | None = None,
    **others: Any,
) -> Evidence:
    """Record a model of which ``cross_validate`` has been run already: its results are taken, nothing is fitted.

    Parameters
    ----------
    model, X, y
        As in `record`.
    results : dict
        What scikit-learn's ``cross_validate`` gave.
    cv, scoring, sample_weight, groups, fit_params
        What it was given.
    **others
        As in `record`.

    Returns
    -------
    Evidence
        For ``dump(model, file, evidence=...)``.

    Examples
    --------
    >>> import hermetic
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.model_selection import cross_validate
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> model = DecisionTreeClassifier(random_state=0).fit(X, y)
    >>> results = cross_validate(model, X, y, cv=5, return_train_score=True)
    >>> len(hermetic.record_scores(model, X, y, results=results, cv=5, data=None).scores.folds)
    5
    """
    parts = _parts(X, y, sample_weight, groups, fit_params)
    scores, recipe = scores_of(model, parts, results, cv=cv, scoring=scoring)
    given = {"sample_weight": sample_weight, "groups": groups, "fit_params": fit_params}
    return replace(record(model, X, y, cv=None, **given, **others), scores=scores, recipe=recipe)


def _parts(X: Any, y: Any, sample_weight: Any, groups: Any, fit_params: Mapping[str, Any] | None) -> dict[str, Any]:
    named = {"X": X, "y": y, "sample_weight": sample_weight, "groups": groups}
    named |= {f"fit_params.{name}": value for name, value in (fit_params or {}).items()}
    if X is None and any(value is not None for value in named.values()):
        raise UsageError("there is no X to these data", next_step="Pass the data: hermetic.record(model, X, y).")
    return {name: value for name, value in named.items() if value is not None}


def _can_be_scored(model: Any, X: Any, y: Any, scoring: Any) -> bool:
    """Tell whether cross-validation has what it needs."""
    if X is None or not callable(getattr(model, "fit", None)) or not callable(getattr(model, "get_params", None)):
        return False
    if y is not None or scoring is not None:
        return True
    from sklearn.base import is_classifier, is_regressor

    # Clusterings, mixtures and decompositions score without targets; whoever predicts targets cannot.
    return callable(getattr(model, "score", None)) and not is_classifier(model) and not is_regressor(model)
