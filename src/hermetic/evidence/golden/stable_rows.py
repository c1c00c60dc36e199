"""Leaving out rows whose answers no state decides: neighbours equally far, probabilities that are no numbers."""

from __future__ import annotations

from contextlib import suppress
from copy import deepcopy
from typing import Any

import numpy as np

from hermetic.recorded.answers import n_rows_of, take_rows
from hermetic.recorded.one_thread import one_thread

__all__ = ["stable_rows"]

_BOUND = 1e-9


def stable_rows(model: Any, rows: Any) -> Any:
    """Give the rows whose answers another release or machine must repeat.

    Parameters
    ----------
    model : object
        Fitted.
    rows : array, frame, sparse matrix or list of texts
        What it is to be asked about.

    Returns
    -------
    array, frame, sparse matrix or list of texts
        All of them where no row would be left.

    Examples
    --------
    >>> import numpy
    >>> from sklearn.neighbors import KNeighborsRegressor
    >>> model = KNeighborsRegressor(n_neighbors=1).fit([[0.0], [2.0]], [0.0, 1.0])
    >>> stable_rows(model, numpy.array([[0.5], [1.0]])).tolist()
    [[0.5]]
    """
    n_rows = n_rows_of(rows)
    keep = np.ones(n_rows, dtype=bool)
    with one_thread():
        for find in (_have_tied_neighbours, _have_no_probabilities):
            # An estimator may raise anything; what it cannot be asked is not recorded either.
            with suppress(Exception):
                keep &= ~np.asarray(find(model, deepcopy(rows)), dtype=bool)
    return rows if keep.all() or not keep.any() else take_rows(rows, np.flatnonzero(keep), n_rows)


def _have_tied_neighbours(model: Any, rows: Any) -> Any:
    steps = getattr(model, "steps", None)
    if steps:
        rows, model = model[:-1].transform(rows), steps[-1][1]
    n_neighbours = model.n_neighbors + 1
    if n_neighbours > model.n_samples_fit_:
        return np.zeros(n_rows_of(rows), dtype=bool)
    distances, _ = model.kneighbors(rows, n_neighbors=n_neighbours)
    return distances[:, -1] - distances[:, -2] <= _BOUND * np.abs(distances[:, -1])


def _have_no_probabilities(model: Any, rows: Any) -> Any:
    return np.isnan(model.predict_proba(rows)).any(axis=1)
