"""Sums of the predictions for samples that a model had not seen: curves, bins and counts, and no sample among them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hermetic.lazy import numpy as np
from hermetic.recorded.scores import Calibration, Confusion, Curve, OutOfFold, Residuals

__all__ = ["N_POINTS", "out_of_fold"]

N_POINTS = 100
"""Points of a curve, at most."""
_MOST_CLASSES = 50
_N_BINS = 10
_N_PREDICTION_BINS = 30
_N_RESIDUAL_BINS = 20
_N_HISTOGRAM_BINS = 40
_LARGEST = 1e300
_LEAST_RANGE = 1e-300
_LEAST_SHARE = 1e-12
_SHARE_WHERE_ALIKE = 1e-6


def out_of_fold(
    y: Any, tests: Sequence[Any], outputs: Sequence[Mapping[str, Any]], *, is_classifier: bool
) -> OutOfFold | None:
    """Sum up the predictions of all folds.

    Parameters
    ----------
    y : array, series or list
        The truth for all samples.
    tests : sequence of array of int
        For each fold the samples that it was tested on.
    outputs : sequence of mapping of str to array
        For each fold what was predicted for them, as in `FoldResult`; empty for folds that failed.
    is_classifier : bool
        Whether classes were predicted.

    Returns
    -------
    OutOfFold or None
        None where no fold has predictions, for several targets at a time, and where there is not one prediction for
        each sample.

    Examples
    --------
    >>> import numpy
    >>> found = out_of_fold([1.0, 3.0], [[0], [1]], [{"prediction": [1.5]}, {"prediction": [2.0]}], is_classifier=False)
    >>> found.n_samples, sum(found.residuals.histogram)
    (2, 2)
    """
    truth = _truth(y)
    used = [(test, given) for test, given in zip(tests, outputs, strict=True) if "prediction" in given]
    # Some have several targets; predict of somebody's own may give any number of rows.
    if truth is None or not used or any(np.shape(given["prediction"]) != (len(test),) for test, given in used):
        return None
    true = np.concatenate([truth[np.asarray(test)] for test, _ in used])
    predicted = np.concatenate([np.asarray(given["prediction"]) for _, given in used])
    if not is_classifier:
        residuals = _residuals(true, predicted)
        if residuals is None:
            return None
        return OutOfFold(n_samples=len(true), roc=[], calibration=[], confusion=None, residuals=residuals)
    classes = np.unique(truth)
    roc, calibration = _curves(truth, classes, used)
    return OutOfFold(
        n_samples=len(true),
        roc=roc,
        calibration=calibration,
        confusion=_confusion(true, predicted, classes),
        residuals=None,
    )


def _truth(y: Any) -> Any:
    """Give one target as an array; None for several, and for what cannot be compared."""
    truth = np.asarray(y)
    if truth.ndim == 2 and truth.shape[1] == 1:
        truth = truth[:, 0]
    if truth.ndim != 1 or not len(truth):
        return None
    try:
        np.unique(truth)
    except TypeError:  # None among texts
        return None
    return truth


def _confusion(true: Any, predicted: Any, classes: Any) -> Confusion | None:
    try:
        if len(classes) > _MOST_CLASSES or not np.isin(predicted, classes).all():
            return None
    except TypeError:  # texts and numbers have no order
        return None
    counts = np.zeros((len(classes), len(classes)), dtype=np.int64)
    np.add.at(counts, (np.searchsorted(classes, true), np.searchsorted(classes, predicted)), 1)
    return Confusion(labels=[str(label) for label in classes], counts=counts.tolist())


def _curves(truth: Any, classes: Any, used: Sequence[Any]) -> tuple[list[Curve], list[Calibration]]:
    known = [(test, given) for test, given in used if np.array_equal(given.get("classes"), classes)]
    if len(classes) < 2 or not known:
        return [], []
    words = {word for _, given in known for word in ("probabilities", "decision") if word in given}
    if len(words) != 1:
        return [], []
    word = words.pop()
    true = np.concatenate([truth[np.asarray(test)] for test, _ in known])
    try:
        scores = np.concatenate([np.asarray(given[word], dtype=np.float64) for _, given in known])
    except (TypeError, ValueError):  # no numbers, or other columns in each fold
        return [], []
    if scores.ndim == 1:  # the decision between two classes
        scores = np.stack([-scores, scores], axis=1)
    # One against one has more columns than classes; who predicts nothing finite has no curve.
    if scores.shape != (len(true), len(classes)) or not np.isfinite(scores).all():
        return [], []
    asked = range(1, 2) if len(classes) == 2 else range(len(classes))
    roc = [curve for number in asked if (curve := _curve(classes[number], true == classes[number], scores[:, number]))]
    if word != "probabilities":
        return roc, []
    return roc, [_calibration(classes[number], true == classes[number], scores[:, number]) for number in asked]


def _curve(label: Any, is_true: Any, scores: Any) -> Curve | None:
    if is_true.all() or not is_true.any():
        return None
    from sklearn.metrics import auc, roc_curve

    false_positive, true_positive, _ = roc_curve(is_true, scores)
    area = float(auc(false_positive, true_positive))
    if len(false_positive) > N_POINTS:
        # Even steps along the curve: where it is steep, and where it is flat.
        steps = np.linspace(0.0, 2.0, N_POINTS)
        taken = np.unique(np.searchsorted(false_positive + true_positive, steps).clip(0, len(false_positive) - 1))
        false_positive, true_positive = false_positive[taken], true_positive[taken]
    return Curve(
        label=str(label), false_positive=false_positive.tolist(), true_positive=true_positive.tolist(), area=area
    )


def _calibration(label: Any, is_true: Any, probabilities: Any) -> Calibration:
    # Probabilities of somebody's own may be any numbers.
    bins = np.minimum((probabilities.clip(0.0, 1.0) * _N_BINS).astype(np.int64), _N_BINS - 1)
    counts = np.bincount(bins, minlength=_N_BINS)
    filled = np.flatnonzero(counts)
    return Calibration(
        label=str(label),
        predicted=(np.bincount(bins, probabilities, minlength=_N_BINS)[filled] / counts[filled]).tolist(),
        observed=(np.bincount(bins, is_true, minlength=_N_BINS)[filled] / counts[filled]).tolist(),
        counts=counts[filled].tolist(),
    )


def _residuals(true: Any, predicted: Any) -> Residuals | None:
    if any(values.dtype.kind in "cmM" for values in (true, predicted)):
        return None
    try:
        true, predicted = true.astype(np.float64), predicted.astype(np.float64)
    except (TypeError, ValueError):
        return None
    with np.errstate(over="ignore", invalid="ignore"):
        residuals = true - predicted
    is_finite = np.isfinite(residuals)
    if not is_finite.any():
        return None
    residuals, predicted = residuals[is_finite], predicted[is_finite]
    of_predictions, of_residuals = _range(predicted), _range(residuals)
    if of_predictions is None or of_residuals is None:
        return None
    counts, prediction_edges, residual_edges = np.histogram2d(
        predicted, residuals, bins=(_N_PREDICTION_BINS, _N_RESIDUAL_BINS), range=(of_predictions, of_residuals)
    )
    histogram, histogram_edges = np.histogram(residuals, bins=_N_HISTOGRAM_BINS, range=of_residuals)
    return Residuals(
        prediction_edges=prediction_edges.tolist(),
        residual_edges=residual_edges.tolist(),
        counts=counts.astype(np.int64).tolist(),
        histogram_edges=histogram_edges.tolist(),
        histogram=histogram.tolist(),
    )


def _range(values: Any) -> tuple[float, float] | None:
    """Give least and largest value, apart by enough for bins between them; None where they are too far apart."""
    low, high = float(values.min()), float(values.max())
    largest = max(abs(low), abs(high))
    if largest > _LARGEST:
        return None
    if high - low > _LEAST_SHARE * largest and high - low > _LEAST_RANGE:
        return low, high
    # Numbers that differ by rounding alone: there may be no other number between them.
    half = max(0.5, largest * _SHARE_WHERE_ALIKE)
    return low - half, high + half
