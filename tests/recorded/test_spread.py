"""The scores of folds are summed up as people write them, whatever a file says that they were."""

from __future__ import annotations

import math
import statistics

import pytest

from hermetic.recorded.spread import Spread, spread_of, variance_of

SPREADS: dict[str, tuple[list[float | None], float, float, int]] = {
    "two folds": ([0.5, 1.0], 0.75, 0.3535533905932738, 2),
    "one fold": ([0.5], 0.5, 0.0, 1),
    "a fold without a score": ([0.5, None, 1.0], 0.75, 0.3535533905932738, 2),
    "one fold with a score": ([None, 2.0, None], 2.0, 0.0, 1),
    "the same score in each fold": ([0.1, 0.1, 0.1], 0.1, 0.0, 3),
    "below zero": ([-2.0, -4.0], -3.0, math.sqrt(2), 2),
    "a score beyond all bounds": ([1.0, 1e200, 3.0], 2.0, math.sqrt(2), 2),
    "a score that is infinite": ([1.0, math.inf, -math.inf, 3.0], 2.0, math.sqrt(2), 2),
    "a large score": ([1e100, 1e100], 1e100, 0.0, 2),
}


@pytest.mark.parametrize("which", SPREADS)
def test_folds_have_a_mean_and_a_deviation(which: str):
    scores, mean, deviation, n_folds = SPREADS[which]
    found = spread_of(scores)
    assert (found.mean, found.n_folds) == (pytest.approx(mean, rel=1e-15), n_folds)
    assert found.deviation == pytest.approx(deviation, rel=1e-14)


@pytest.mark.parametrize("scores", [[], [None], [None, None], [1e101], [math.inf], [math.nan]])
def test_folds_without_a_score_say_so(scores: list[float | None]):
    found = spread_of(scores)
    assert (math.isnan(found.mean), found.deviation, found.n_folds) == (True, 0.0, 0)
    assert found.words() == "no score"


@pytest.mark.parametrize("scores", [[-1e100, 1e100], [1e100, 0.0, -1e100], [5e-324, 0.0], [1e-200, 2e-200]])
def test_the_largest_and_the_smallest_scores_have_a_finite_spread(scores: list[float]):
    found = spread_of(scores)
    assert math.isfinite(found.mean)
    assert math.isfinite(found.deviation)
    assert "nan" not in found.words()


WORDS = [
    (0.96421, 0.0123, 5, "0.964 +- 0.012"),
    (0.96421, 0.0, 5, "0.964 +- 0.000"),
    (0.96421, 0.0, 1, "0.964"),
    (0.96421, 0.3, 5, "0.964 +- 0.300"),
    (-3021.7, 153.4, 5, "-3022 +- 153"),
    (-3021.7, 1.534, 5, "-3021.7 +- 1.5"),
    (0.5, 1.2e-6, 5, "0.5000000 +- 0.0000012"),
    (0.0, 0.0, 3, "0.000 +- 0.000"),
    (1e9, 0.0, 1, "1000000000"),
    (1.0, 1e-300, 2, "1.000000000000 +- 0.000000000000"),
]


@pytest.mark.parametrize(("mean", "deviation", "n_folds", "words"), WORDS)
def test_as_many_digits_are_written_as_the_deviation_deserves(mean: float, deviation: float, n_folds: int, words: str):
    assert Spread(mean=mean, deviation=deviation, n_folds=n_folds).words() == words


@pytest.mark.parametrize("numbers", [[], [3.0], [3.0, 3.0], [0.1] * 7])
def test_what_does_not_vary_has_no_variance_at_all(numbers: list[float]):
    assert variance_of(numbers) == 0.0


@pytest.mark.parametrize("numbers", [[1.0, 3.0], [0.1, 0.2, 0.4], [1e8 + 1, 1e8 + 2, 1e8 + 4], [-5.0, 5.0, 0.0, 1.0]])
def test_the_variance_is_that_of_statistics(numbers: list[float]):
    assert variance_of(numbers) == pytest.approx(statistics.variance(numbers), rel=1e-12)
    assert variance_of(numbers[::-1]) == variance_of(numbers)
