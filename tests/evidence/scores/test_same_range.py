"""Scores are in the same range, in another one, or it cannot be told; and the rates of error are as documented."""

from __future__ import annotations

import math
import subprocess
import sys
from collections import Counter
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from hermetic.errors import UsageError
from hermetic.evidence.scores.recording import cross_validated
from hermetic.evidence.scores.same_range import RangeComparison, check_tolerance, compare_scores, same_range, spread_of
from hermetic.recorded.scores import Fold, ScoresRecord

SCORES = [0.95, 0.97, 0.96, 0.98, 0.96]
N_TRIALS = 2000


def compare(before: Any, now: Any, **options: Any) -> RangeComparison:
    known = {"is_paired": True, "ratios": (0.25, 0.25), **options}
    return same_range(list(before), list(now), **known)


def record(scores: dict[str, list[float | None]], digest: str = "a", n_test: int = 20) -> ScoresRecord:
    folds = [
        Fold(
            n_train=80,
            n_test=n_test,
            fit_seconds=0.0,
            score_seconds=0.0,
            train={},
            test=dict(zip(scores, row, strict=True)),
        )
        for row in zip(*scores.values(), strict=True)
    ]
    return ScoresRecord(layout=1, splitter="", folds_digest=digest, folds=folds, seeds={}, notes=[])


def simulate(n_folds: int, n_trials: int, *, shift: float, noise: float, seed: int) -> tuple[Any, Any, float]:
    """Draw scores of folds whose differences hang together as Nadeau and Bengio assume, in units of their deviation."""
    random = np.random.default_rng(seed)
    ratio = 1 / (n_folds - 1)
    shared = ratio / (1 + ratio)
    before = random.normal(size=(n_trials, n_folds))
    common, own = random.normal(size=(n_trials, 1)), random.normal(size=(n_trials, n_folds))
    difference = shift + noise * (math.sqrt(shared) * common + math.sqrt(1 - shared) * own)
    return 100 + before, 100 + before + difference, ratio


def verdicts(n_folds: int, *, shift: float, noise: float, seed: int = 0) -> Counter[str]:
    """Count verdicts; the least region, 1 % of the mean, is one deviation here."""
    before, now, ratio = simulate(n_folds, N_TRIALS, shift=shift, noise=noise, seed=seed)
    found = (compare(*pair, ratios=(ratio, ratio)).verdict for pair in zip(before, now, strict=True))
    return Counter(found)


@pytest.mark.parametrize("n_folds", [3, 5, 10])
@pytest.mark.parametrize("noise", [0.1, 0.5, 1.0, 3.0])
def test_where_nothing_has_changed_false_alarms_are_rarer_than_one_in_twenty(n_folds: int, noise: float):
    counts = verdicts(n_folds, shift=0.0, noise=noise)
    assert counts["another range"] <= 0.05 * N_TRIALS


def test_where_refits_vary_little_nothing_is_called_uncertain():
    counts = verdicts(5, shift=0.0, noise=0.1)
    assert counts["same range"] >= 0.99 * N_TRIALS


@pytest.mark.parametrize("n_folds", [3, 5, 10])
@pytest.mark.parametrize("noise", [0.1, 0.5, 1.0])
def test_a_drop_out_of_the_range_is_rarely_called_the_same(n_folds: int, noise: float):
    before, now, ratio = simulate(n_folds, N_TRIALS, shift=0.0, noise=noise, seed=1)
    region = np.maximum(before.std(axis=1, ddof=1), 0.01 * before.mean(axis=1))[:, None]
    found = Counter(
        compare(*pair, ratios=(ratio, ratio)).verdict for pair in zip(before, now - 1.001 * region, strict=True)
    )
    assert found["same range"] <= 0.06 * N_TRIALS  # 5 %, and what 2,000 trials vary by


@pytest.mark.parametrize(("shift", "noise", "share"), [(-4.0, 0.5, 0.95), (-3.0, 0.3, 0.95), (-10.0, 1.0, 0.95)])
def test_a_real_drop_is_found(shift: float, noise: float, share: float):
    assert verdicts(5, shift=shift, noise=noise)["another range"] >= share * N_TRIALS


def test_without_the_correction_there_would_be_more_false_alarms():
    before, now, ratio = simulate(10, N_TRIALS, shift=0.0, noise=3.0, seed=2)
    alarms = [
        Counter(compare(*pair, ratios=ratios).verdict for pair in zip(before, now, strict=True))["another range"]
        for ratios in ((0.0, 0.0), (ratio, ratio))
    ]
    assert alarms[0] > 0.1 * N_TRIALS
    assert alarms[1] <= 0.06 * N_TRIALS  # 5 %, and what 2,000 trials vary by


def test_of_several_scorers_the_alarm_is_shared():
    before, now, ratio = simulate(5, N_TRIALS, shift=0.0, noise=4.0, seed=3)
    rates = [
        sum(
            compare(*pair, ratios=(ratio, ratio), n_comparisons=n).verdict == "another range"
            for pair in zip(before, now, strict=True)
        )
        for n in (1, 5)
    ]
    assert rates[1] < rates[0] / 2


def test_other_folds_raise_no_false_alarms():
    random = np.random.default_rng(4)
    found = Counter(compare(*random.normal(0.9, 0.01, size=(2, 5)), is_paired=False).verdict for _ in range(N_TRIALS))
    assert found["another range"] <= 0.05 * N_TRIALS


def test_a_big_drop_is_found_with_other_folds_too():
    random = np.random.default_rng(5)
    found = Counter(
        compare(random.normal(0.95, 0.01, 5), random.normal(0.85, 0.01, 5), is_paired=False).verdict for _ in range(500)
    )
    assert found["another range"] >= 0.95 * 500


def test_the_same_data_and_model_are_the_same_range_and_a_spoilt_model_is_not():
    X, y = load_breast_cancer(return_X_y=True)
    model = make_pipeline(StandardScaler(), LogisticRegression())
    before, _ = cross_validated(model, {"X": X, "y": y}, scoring=["accuracy", "neg_log_loss"])
    weaker, _ = cross_validated(model.set_params(logisticregression__C=0.3), {"X": X, "y": y}, scoring="accuracy")
    spoilt, _ = cross_validated(model.set_params(logisticregression__C=1e-5), {"X": X, "y": y}, scoring="accuracy")
    assert {found.verdict for found in compare_scores(before, before)} == {"same range"}
    assert [found.verdict for found in compare_scores(before, weaker)] == ["cannot tell"]
    [found] = compare_scores(before, spoilt)
    assert found.verdict == "another range"
    assert found.words.startswith("accuracy 0.981 +- 0.007 before, 0.")
    assert found.words.endswith("now: another range (worse)")


def test_words_are_those_of_the_manual():
    before, now = [0.95, 0.96, 0.965, 0.98, 0.965], [0.945, 0.958, 0.964, 0.979, 0.96]
    assert compare(before, now, scorer="accuracy").words == (
        "accuracy 0.964 +- 0.011 before, 0.961 +- 0.012 now: same range"
    )


def test_errors_are_negative_so_that_lower_is_worse():
    before = [-3000.0, -3100.0, -2900.0, -3050.0, -2950.0]
    worse = compare(before, [3 * score for score in before])
    assert (worse.verdict, worse.reason) == ("another range", "worse")
    assert worse.words == "score -3000 +- 79 before, -9000 +- 237 now: another range (worse)"
    better = compare(before, [score / 3 for score in before])
    assert (better.verdict, better.reason) == ("another range", "better")


DEGENERATE: dict[str, tuple[list[float | None], list[float | None], str, str]] = {
    "exactly-the-same": (SCORES, SCORES, "same range", ""),
    "no-variance": ([1.0] * 5, [1.0] * 5, "same range", ""),
    "no-variance-and-a-shift": ([1.0] * 5, [0.9] * 5, "another range", "worse"),
    "no-variance-and-a-small-shift": ([1.0] * 5, [0.995] * 5, "same range", ""),
    "a-shift-alike-in-all-folds": (SCORES, [score - 0.1 for score in SCORES if score], "another range", "worse"),
    "all-nothing": ([0.0] * 5, [0.0] * 5, "same range", ""),
    "one-fold": ([0.9], [0.9], "same range", "one fold"),
    "one-fold-and-a-shift": ([0.9], [0.5], "cannot tell", "a tolerance decides"),
    "no-score-before": ([None] * 3, [0.5] * 3, "cannot tell", "no fold had a score before"),
    "no-score-now": ([0.5] * 3, [None] * 3, "another range", "3 of 3 folds have no score now"),
    "fewer-scores-now": (SCORES, [*SCORES[:4], None], "another range", "1 of 5 folds have no score now"),
    "the-same-fold-has-none": ([None, *SCORES], [None, *SCORES], "same range", ""),
    "other-folds-have-none": ([None, 0.5], [0.5, None], "cannot tell", "no fold has a score both times"),
    "wild": ([0.1, 0.9, 0.5], [0.9, 0.1, 0.5], "cannot tell", "the mean is within the range"),
    "wild-and-worse": ([0.1, 0.2, 0.15], [0.9, 0.1, 0.3], "cannot tell", "as much by chance"),
}


@pytest.mark.parametrize("name", DEGENERATE)
def test_degenerate_scores_have_an_answer(name: str):
    before, now, verdict, reason = DEGENERATE[name]
    found = compare(before, now)
    assert found.verdict == verdict
    assert reason in found.reason
    assert verdict in found.words


def test_a_tolerance_decides_instead():
    assert compare([0.9], [0.5], tolerance=0.5).verdict == "same range"
    found = compare(SCORES, [score - 0.02 for score in SCORES], tolerance=0.01)
    assert (found.verdict, found.reason) == ("another range", "worse by 0.02, tolerated is 0.01")
    assert compare(SCORES, SCORES, tolerance=0).verdict == "same range"
    assert compare(SCORES, [None] * 5, tolerance=9).verdict == "another range"


@pytest.mark.parametrize("tolerance", [-1, math.inf, math.nan])
def test_a_tolerance_is_a_number(tolerance: float):
    with pytest.raises(UsageError, match="tolerance must be a number"):
        compare(SCORES, SCORES, tolerance=tolerance)


def test_records_are_compared_fold_by_fold_where_they_have_the_same_folds():
    before, now = record({"r2": SCORES, "own": SCORES}), record({"r2": SCORES})
    assert [(found.scorer, found.is_paired) for found in compare_scores(before, now)] == [("r2", True)]
    others = [record({"r2": SCORES}, digest="b"), record({"r2": SCORES[:3]})]
    assert [compare_scores(before, other)[0].is_paired for other in others] == [False, False]
    unknown = record({"r2": SCORES}, digest="")
    assert not compare_scores(unknown, unknown)[0].is_paired


def test_absurd_scores_of_a_file_are_no_scores():
    before = record({"r2": [1e308, -1e308, 1e300]})
    assert compare_scores(before, record({"r2": SCORES[:3]}))[0].reason == "no fold had a score before"


@pytest.mark.parametrize(
    ("scores", "words"),
    [
        ([], "no score"),
        ([0.5], "0.500"),
        ([0.0, 0.0], "0.000 +- 0.000"),
        ([1e-9, 3e-9], "0.0000000020 +- 0.0000000014"),
        ([12345.0, 15678.0], "14012 +- 2357"),
    ],
    ids=["none", "one", "nothing", "tiny", "big"],
)
def test_numbers_have_the_digits_that_they_deserve(scores: list[float], words: str):
    assert spread_of(scores).words() == words


def test_no_statistics_are_imported_before_they_are_needed():
    code = (
        "import hermetic.evidence.scores.same_range, sys; sys.exit('scipy' in sys.modules or 'sklearn' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_folds_of_a_time_series_count_with_their_sizes():
    X = np.arange(60.0).reshape(60, 1)
    made, _ = cross_validated(LogisticRegression(), {"X": X, "y": X[:, 0] % 2}, cv=KFold(3))
    assert compare_scores(made, made)[0].region > 0


def test_many_test_samples_for_few_training_samples_make_it_less_sure():
    now = [0.955, 0.96, 0.965, 0.975, 0.957]
    widths = [
        (lambda interval: interval[1] - interval[0])(compare(SCORES, now, ratios=(ratio, ratio)).interval)
        for ratio in (0.0, 0.25, 1.0, 9.0)
    ]
    assert widths == sorted(widths)
    assert widths[3] > 3 * widths[0]


def test_the_interval_is_that_of_the_corrected_test():
    from scipy import stats

    before, now = [0.5, 0.6, 0.7, 0.8], [0.55, 0.6, 0.8, 0.75]
    differences = np.subtract(now, before)
    error = math.sqrt((1 / 4 + 1 / 3) * differences.var(ddof=1))
    found = compare(before, now, ratios=(1 / 3, 1 / 3))
    expected = stats.t.interval(0.9, 3, loc=differences.mean(), scale=error)
    assert found.interval == pytest.approx(expected)
    assert found.difference == pytest.approx(0.025)


def test_without_pairs_and_correction_it_is_the_interval_of_welch():
    from scipy import stats

    before, now = [0.5, 0.6, 0.7, 0.8], [0.55, 0.6, 0.8]
    found = compare(before, now, is_paired=False, ratios=(0.0, 0.0))
    expected = stats.ttest_ind(now, before, equal_var=False).confidence_interval(0.9)
    assert found.interval == pytest.approx((expected.low, expected.high))


def test_the_unit_of_a_score_does_not_matter():
    now = [score - 0.01 * number for number, score in enumerate(SCORES)]
    expected = compare(SCORES, now)
    for factor in (1e-30, 1e-6, 7.0, 1e6, 1e30):
        found = compare([factor * score for score in SCORES], [factor * score for score in now])
        assert found.verdict == expected.verdict
        assert found.difference == pytest.approx(factor * expected.difference)
        assert found.interval == pytest.approx([factor * bound for bound in expected.interval])


def test_before_and_now_are_mirrored_when_they_change_places():
    now = [0.90, 0.93, 0.91, 0.94, 0.92]
    worse, better = compare(SCORES, now), compare(now, SCORES)
    assert (worse.reason, better.reason) == ("worse", "better")
    assert worse.difference == pytest.approx(-better.difference)
    assert worse.interval == pytest.approx((-better.interval[1], -better.interval[0]))


@pytest.mark.parametrize("is_paired", [True, False], ids=["paired", "not-paired"])
def test_the_order_of_folds_does_not_matter(is_paired: bool):
    now = [0.94, 0.97, 0.95, 0.98, 0.97]
    order = [3, 0, 4, 1, 2]
    found, expected = (
        compare(before, after, is_paired=is_paired)
        for before, after in (([SCORES[i] for i in order], [now[i] for i in order]), (SCORES, now))
    )
    assert found.verdict == expected.verdict
    assert found.interval == pytest.approx(expected.interval)


TOLERATED: dict[str, tuple[list[float | None], list[float | None], float, str, str]] = {
    "nothing-and-the-same": (SCORES, SCORES, 0.0, "same range", "as before, tolerated is 0"),
    "nothing-and-rounding": ([0.1, 0.2], [0.1, 0.2 + 1e-16], 0.0, "same range", "tolerated is 0"),
    "nothing-and-better": ([0.1, 0.2], [0.1, 0.3], 0.0, "another range", "better by 0.05, tolerated is 0"),
    "just-enough": ([-2.0, -2.0], [-2.5, -2.5], 0.5, "same range", "worse by 0.5, tolerated is 0.5"),
    "just-too-little": ([-2.0, -2.0], [-2.5, -2.5], 0.499, "another range", "worse by 0.5, tolerated is 0.499"),
    "of-nothing": ([None, None], [0.5, 0.5], 9.0, "cannot tell", "no fold had a score before"),
    "a-fold-is-gone": ([0.5, 0.5], [0.5, None], 9.0, "another range", "1 of 2 folds have no score now"),
}


@pytest.mark.parametrize("name", TOLERATED)
def test_a_tolerance_counts_to_the_last_digit(name: str):
    before, now, tolerance, verdict, reason = TOLERATED[name]
    found = compare(before, now, tolerance=tolerance)
    assert (found.verdict, reason in found.reason) == (verdict, True)


@pytest.mark.parametrize("tolerance", ["a", "0.1", [0.1], -1e-9, math.nan, 1j], ids=repr)
def test_what_is_no_tolerance_is_wrong_usage(tolerance: Any):
    with pytest.raises(UsageError, match="tolerance must be a number from 0 on"):
        check_tolerance(tolerance)


@pytest.mark.parametrize("tolerance", [None, 0, 0.0, 5, np.float32(0.5)], ids=repr)
def test_what_is_a_tolerance_is_taken(tolerance: Any):
    assert compare(SCORES, SCORES, tolerance=tolerance).verdict == "same range"


def test_scorers_of_only_one_record_are_left_out():
    before, now = record({"r2": SCORES, "old": SCORES}), record({"new": SCORES, "r2": SCORES})
    assert [found.scorer for found in compare_scores(before, now)] == ["r2"]
    assert compare_scores(record({"old": SCORES}), record({"new": SCORES})) == []


def test_a_scorer_that_only_some_folds_have_is_compared_where_it_is():
    before, now = record({"r2": SCORES}), record({"r2": SCORES})
    for made in (before, now):
        made.folds[0].test.clear()
    [found] = compare_scores(before, now)
    assert (found.verdict, found.before.n_folds, found.now.n_folds) == ("same range", 4, 4)
