"""The scores of several folds as a mean and how far they scatter: how they are summed up, and how written."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Spread", "spread_of", "variance_of"]

# A file may hold any score; the square of a larger one is no number.
_LARGEST = 1e100


@dataclass(frozen=True, kw_only=True)
class Spread:
    """The scores of several folds, summed up.

    Attributes
    ----------
    mean : float
        NaN where there is no score.
    deviation : float
        Standard deviation over the folds (n - 1); 0 for one fold.
    n_folds : int
        Folds that have a score.
    """

    mean: float
    deviation: float
    n_folds: int

    def words(self) -> str:
        """Give both with as many digits as the deviation deserves.

        Examples
        --------
        >>> Spread(mean=0.96421, deviation=0.0123, n_folds=5).words()
        '0.964 +- 0.012'
        >>> Spread(mean=-3021.7, deviation=153.4, n_folds=5).words()
        '-3022 +- 153'
        """
        if not self.n_folds:
            return "no score"
        size = self.deviation or abs(self.mean) / 100
        n_digits = 3 if not size else min(12, max(0, 1 - math.floor(math.log10(size))))
        n_digits = 3 if 2 <= n_digits <= 4 else n_digits  # as people write shares
        return f"{self.mean:.{n_digits}f}" + (f" +- {self.deviation:.{n_digits}f}" if self.n_folds > 1 else "")


def spread_of(scores: Sequence[float | None]) -> Spread:
    """Sum up the scores of folds.

    Parameters
    ----------
    scores : sequence of (float or None)
        None for folds without one; so count numbers whose square is none.

    Returns
    -------
    Spread
        Mean and standard deviation.

    Examples
    --------
    >>> spread_of([0.5, None, 1.0])
    Spread(mean=0.75, deviation=0.3535533905932738, n_folds=2)
    """
    known = [score for score in scores if score is not None and abs(score) <= _LARGEST]
    if not known:
        return Spread(mean=math.nan, deviation=0.0, n_folds=0)
    mean = math.fsum(known) / len(known)
    return Spread(mean=mean, deviation=math.sqrt(variance_of(known)), n_folds=len(known))


def variance_of(numbers: Sequence[float]) -> float:
    """Give the variance (n - 1) of some numbers; exactly 0 where all are the same.

    Examples
    --------
    >>> variance_of([1.0, 3.0])
    2.0
    """
    if len(numbers) < 2 or len(set(numbers)) == 1:
        return 0.0
    mean = math.fsum(numbers) / len(numbers)
    return math.fsum((number - mean) ** 2 for number in numbers) / (len(numbers) - 1)
