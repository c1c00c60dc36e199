"""Cross-validation: how a model scored on parts of its data that it had not seen."""

from __future__ import annotations

from typing import Literal

from hermetic.structs import msgspec

__all__ = ["Fold", "ScoresRecord"]


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


class ScoresRecord(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The cross-validation of a model.

    Attributes
    ----------
    layout : int
        1.
    splitter : str
        In words; the object itself is in the recipe.
    folds_digest : str
        Hexadecimal SHA-256 of the indices of all folds; empty where they are not known.
    folds : list of Fold
        In order.
    seeds : dict of str to str
        Every ``random_state`` of the estimator and the splitter: a number, or ``None`` where refits vary.
    notes : list of str
        What is missing, and why.
    """

    layout: Literal[1]
    splitter: str
    folds_digest: str
    folds: list[Fold]
    seeds: dict[str, str]
    notes: list[str]
