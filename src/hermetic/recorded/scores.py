"""Cross-validation: how a model scored on parts of its data that it had not seen."""

from __future__ import annotations

from typing import Literal

from hermetic.structs import msgspec

__all__ = ["Calibration", "Confusion", "Curve", "Fold", "OutOfFold", "Residuals", "ScoresRecord"]


class Fold(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One fit on a part of the data, and its scores.

    Attributes
    ----------
    n_train, n_test : int
        Numbers of samples.
    fit_seconds, score_seconds : float
        How long it took.
    train, test : dict of str to (float or None)
        The score of each scorer on either part; None where it is no number.
    """

    n_train: int
    n_test: int
    fit_seconds: float
    score_seconds: float
    train: dict[str, float | None]
    test: dict[str, float | None]


class Curve(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The receiver operating characteristic of one class against all others.

    Attributes
    ----------
    label : str
        The class, as text.
    false_positive, true_positive : list of float
        Rates from 0 to 1, ascending; at most 100 points.
    area : float
        Below the curve, from all points.
    """

    label: str
    false_positive: list[float]
    true_positive: list[float]
    area: float


class Calibration(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How often a class was true where it was predicted with some probability: one entry for each bin that is used.

    Attributes
    ----------
    label : str
        The class, as text.
    predicted : list of float
        Mean predicted probability.
    observed : list of float
        Share of samples of the class.
    counts : list of int
        Number of samples.
    """

    label: str
    predicted: list[float]
    observed: list[float]
    counts: list[int]


class Confusion(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How often each class was taken for each other one.

    Attributes
    ----------
    labels : list of str
        The classes, as text.
    counts : list of list of int
        A row for each true class, a column for each predicted one.
    """

    labels: list[str]
    counts: list[list[int]]


class Residuals(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How far predictions of numbers were from the truth: truth less prediction.

    Attributes
    ----------
    prediction_edges, residual_edges : list of float
        Ascending edges of the bins of `counts`.
    counts : list of list of int
        A row for each bin of predictions, a column for each bin of residuals.
    histogram_edges : list of float
        Ascending edges of finer bins of residuals.
    histogram : list of int
        Number of samples in each of them.
    """

    prediction_edges: list[float]
    residual_edges: list[float]
    counts: list[list[int]]
    histogram_edges: list[float]
    histogram: list[int]


class OutOfFold(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was predicted for samples that the model of their fold had not seen, summed up: no sample is in it.

    Attributes
    ----------
    n_samples : int
        Number of predictions; a sample counts as often as it was tested.
    roc : list of Curve
        For two classes the second one, else each; empty for numbers, and where the model gives no scores.
    calibration : list of Calibration
        As `roc`; empty where the model gives no probabilities.
    confusion : Confusion or None
        None for numbers, and for more than 50 classes.
    residuals : Residuals or None
        None for classes.
    """

    n_samples: int
    roc: list[Curve]
    calibration: list[Calibration]
    confusion: Confusion | None
    residuals: Residuals | None


class ScoresRecord(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The cross-validation of a model.

    Attributes
    ----------
    layout : int
        1.
    splitter : str
        In words; the object itself is in the recipe.
    folds_digest : str
        Hexadecimal SHA-256 of the indices of all folds (docs/format.md); empty where they are not known.
    folds : list of Fold
        In order.
    seeds : dict of str to str
        Every ``random_state`` of the estimator, by the name of its parameter, and ``splitter.random_state``: a number,
        ``None`` where refits vary, or the name of the type whose state is in the recipe.
    notes : list of str
        What is missing, and why.
    out_of_fold : OutOfFold or None
        Sums of the predictions; None where there are none.
    """

    layout: Literal[1]
    splitter: str
    folds_digest: str
    folds: list[Fold]
    seeds: dict[str, str]
    notes: list[str]
    out_of_fold: OutOfFold | None = None
