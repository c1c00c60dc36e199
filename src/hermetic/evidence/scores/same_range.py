"""Whether a score is in the same range as before: a corrected resampled t-test with an equivalence region.

Scores of folds are not independent, since the folds share training samples: an ordinary t-test on them raises false
alarms. Nadeau and Bengio correct the variance of their mean from s^2 / k to (1 / k + n_test / n_train) s^2.

The *range* is the recorded mean, give or take the standard deviation over the folds, and at least 1 % of the mean: what
"0.964 +- 0.012" says to a reader. Three answers are possible:

- ``same range``: the 90 % interval of the difference lies within the range (two one-sided tests at 5 %).
- ``another range``: the difference is outside, and the t-test tells it from chance at 5 % (shared by all scorers).
- ``cannot tell``: neither, because folds or refits differ too much among each other.

Where both runs have the same folds, differences are taken fold by fold; otherwise the two means are compared.

References
----------
Nadeau, Bengio (2003): Inference for the generalization error. Machine Learning 52, 239-281.
Bouckaert, Frank (2004): Evaluating the replicability of significance tests for comparing learning algorithms. PAKDD.
Schuirmann (1987): A comparison of the two one-sided tests procedure and the power approach. J. Pharmacokin. 15.
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from hermetic.errors import UsageError
from hermetic.recorded.scores import Fold, ScoresRecord
from hermetic.recorded.spread import Spread, spread_of, variance_of

__all__ = ["RangeComparison", "Spread", "check_tolerance", "compare_scores", "same_range", "spread_of"]

Verdict = Literal["same range", "another range", "cannot tell"]
_ALARM = 0.05
_EQUIVALENCE = 0.05
_LEAST_SHARE_OF_MEAN = 0.01
# What is the same sum in another order differs by this much of its size.
_ROUNDING = 1e-9
# A file may hold any score and count: of a larger or smaller one the fourth power is no number, or nothing.
_LARGEST = 1e75
_SMALLEST = 1e-75
_MOST_SAMPLES = 1 << 63


@dataclass(frozen=True, kw_only=True)
class RangeComparison:
    """The scores of one scorer before and now.

    Attributes
    ----------
    scorer : str
        Its name.
    before, now : Spread
        Both sums.
    difference : float
        Now less before, of the mean over folds; NaN where there is none.
    interval : (float, float)
        90 % confidence interval of the difference.
    region : float
        How far from 0 the difference may be for the same range.
    is_paired : bool
        Whether folds were compared one by one.
    verdict : str
        ``same range``, ``another range`` or ``cannot tell``.
    reason : str
        Why, in words; may be empty.
    """

    scorer: str
    before: Spread
    now: Spread
    difference: float
    interval: tuple[float, float]
    region: float
    is_paired: bool
    verdict: Verdict
    reason: str

    @property
    def words(self) -> str:
        """Say it in one line."""
        scores = f"{self.before.words()} before, {self.now.words()} now: {self.verdict}"
        return f"{self.scorer} {scores}{f' ({self.reason})' if self.reason else ''}"


def compare_scores(before: ScoresRecord, now: ScoresRecord, *, tolerance: float | None = None) -> list[RangeComparison]:
    """Compare two cross-validations, scorer by scorer.

    Parameters
    ----------
    before, now : ScoresRecord
        The test scores are compared; the folds one by one where both records have the same ones.
    tolerance : float, optional
        Instead of the test: how far the mean may be from before, in the unit of the score.

    Returns
    -------
    list of RangeComparison
        One for each scorer that `now` has and `before` too.

    Raises
    ------
    UsageError
        When the tolerance is no number from 0 on.
    """
    known = dict.fromkeys(_names(now))
    names = [name for name in _names(before) if name in known]
    is_paired = bool(before.folds_digest) and before.folds_digest == now.folds_digest
    return [
        same_range(
            [fold.test.get(name) for fold in before.folds],
            [fold.test.get(name) for fold in now.folds],
            is_paired=is_paired and len(before.folds) == len(now.folds),
            ratios=(_ratio(before.folds), _ratio(now.folds)),
            tolerance=tolerance,
            scorer=name,
            n_comparisons=len(names),
        )
        for name in names
    ]


def _sane(score: float | None) -> float | None:
    """Give a score that can be computed with: of what is no such number none, of what is next to nothing 0."""
    if score is None or not abs(score) <= _LARGEST:
        return None
    return score if abs(score) >= _SMALLEST else 0.0


def _names(record: ScoresRecord) -> list[str]:
    return list(dict.fromkeys(name for fold in record.folds for name in fold.test))


def _ratio(folds: Sequence[Fold]) -> float:
    """Give the test samples for each training sample, as a mean over the folds."""
    counts = [(min(max(fold.n_test, 0), _MOST_SAMPLES), max(fold.n_train, 1)) for fold in folds]
    return math.fsum(n_test / n_train for n_test, n_train in counts) / max(len(folds), 1)


def check_tolerance(tolerance: float | None) -> None:
    """Refuse what cannot be a tolerance, before anything is computed.

    Parameters
    ----------
    tolerance : float or None
        As in `same_range`.

    Raises
    ------
    UsageError
        When it is no number from 0 on.

    Examples
    --------
    >>> check_tolerance(0.01)
    """
    if tolerance is not None and not (isinstance(tolerance, numbers.Real) and 0 <= tolerance < math.inf):
        raise UsageError(f"tolerance must be a number from 0 on, got {tolerance!r}")


def same_range(
    before: Sequence[float | None],
    now: Sequence[float | None],
    *,
    is_paired: bool,
    ratios: tuple[float, float],
    tolerance: float | None = None,
    scorer: str = "score",
    n_comparisons: int = 1,
) -> RangeComparison:
    """Tell whether the scores of folds are in the same range as before.

    Parameters
    ----------
    before, now : sequence of (float or None)
        A score for each fold: higher is better, as for all scorers of scikit-learn (errors are negative). What is no
        finite number counts as None.
    is_paired : bool
        Whether both are of the same folds in the same order.
    ratios : (float, float)
        Number of test samples divided by the number of training samples, before and now.
    tolerance : float, optional
        Instead of the test: how far the mean may be from before.
    scorer : str
        For the words.
    n_comparisons : int
        Among how many scorers the rate of false alarms is shared.

    Returns
    -------
    RangeComparison
        With its words.

    Raises
    ------
    UsageError
        When the tolerance is no number from 0 on.

    Examples
    --------
    >>> before, now = [0.95, 0.97, 0.96, 0.98, 0.96], [0.95, 0.96, 0.96, 0.98, 0.96]
    >>> same_range(before, now, is_paired=True, ratios=(0.25, 0.25), scorer="accuracy").words
    'accuracy 0.964 +- 0.011 before, 0.962 +- 0.011 now: same range'
    """
    check_tolerance(tolerance)
    before, now = ([_sane(score) for score in scores] for scores in (before, now))
    both = (spread_of(before), spread_of(now))
    if is_paired:
        pairs = [(old, new) for old, new in zip(before, now, strict=True) if old is not None and new is not None]
        differences = [new - old for old, new in pairs]
        spread = spread_of(differences)
        difference, n_known = spread.mean, spread.n_folds
        error, freedom = math.sqrt((1 / max(n_known, 1) + ratios[1]) * variance_of(differences)), n_known - 1.0
    else:
        difference, n_known = both[1].mean - both[0].mean, min(both[0].n_folds, both[1].n_folds)
        error, freedom = _welch(both, ratios)
    region = max(both[0].deviation, _LEAST_SHARE_OF_MEAN * abs(both[0].mean)) if both[0].n_folds else math.nan
    rounding = _ROUNDING * abs(both[0].mean) if both[0].n_folds else 0.0
    half = _quantile(1 - _EQUIVALENCE, freedom) * error if error > rounding else 0.0
    verdict, reason = _judge_missing(before, now)
    if not verdict and tolerance is not None:
        region, half = tolerance, 0.0
        verdict = "same range" if abs(difference) <= tolerance + rounding else "another range"
        told = f"{_direction(difference)} by {abs(difference):.3g}" if difference else "as before"
        reason = f"{told}, tolerated is {tolerance:.3g}"
    elif not verdict:
        alarm = _quantile(1 - _ALARM / 2 / n_comparisons, freedom) * error if error > rounding else 0.0
        verdict, reason = _judge(difference, half, alarm, region + rounding, n_known)
    return RangeComparison(
        scorer=scorer,
        before=both[0],
        now=both[1],
        difference=difference,
        interval=(difference - half, difference + half),
        region=region,
        is_paired=is_paired,
        verdict=verdict or "cannot tell",
        reason=reason,
    )


def _welch(both: tuple[Spread, Spread], ratios: tuple[float, float]) -> tuple[float, float]:
    """Give standard error and degrees of freedom of the difference of two means of other folds."""
    parts = [
        (1 / max(spread.n_folds, 1) + ratio) * spread.deviation**2 for spread, ratio in zip(both, ratios, strict=True)
    ]
    if not any(parts):
        return 0.0, 1.0
    weights = sum(part**2 / max(spread.n_folds - 1, 1) for part, spread in zip(parts, both, strict=True))
    return math.sqrt(sum(parts)), sum(parts) ** 2 / weights


def _quantile(probability: float, freedom: float) -> float:
    """Give a quantile of Student's distribution; infinite where one fold tells nothing about chance."""
    if freedom < 1:
        return math.inf
    from scipy.special import stdtrit

    return float(stdtrit(freedom, probability))


def _judge_missing(before: Sequence[float | None], now: Sequence[float | None]) -> tuple[Verdict | None, str]:
    n_before, n_now = (sum(score is not None for score in scores) for scores in (before, now))
    if not n_before:
        return "cannot tell", "no fold had a score before"
    lost = len(now) - n_now - (len(before) - n_before)
    if not n_now or lost > 0:
        return "another range", f"{len(now) - n_now} of {len(now)} folds have no score now"
    return None, ""


def _judge(difference: float, half: float, alarm: float, region: float, n_known: int) -> tuple[Verdict, str]:
    if math.isnan(difference):
        return "cannot tell", "no fold has a score both times"
    if n_known < 2:
        if abs(difference) <= region:
            return "same range", "one fold: within 1 % of what it was"
        return "cannot tell", "one fold tells nothing about chance; a tolerance decides"
    if abs(difference) + half <= region:
        return "same range", ""
    if abs(difference) > max(region, alarm):
        return "another range", _direction(difference)
    if abs(difference) <= region:
        return "cannot tell", "the mean is within the range, but folds or refits differ too much to be sure"
    return "cannot tell", f"{_direction(difference)}, but folds or refits differ as much by chance"


def _direction(difference: float) -> str:
    return "worse" if difference < 0 else "better"
