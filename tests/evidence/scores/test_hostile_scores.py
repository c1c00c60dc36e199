"""Scores and counts of a file may be any numbers: each has an answer, and none is passed that nobody has compared."""

from __future__ import annotations

import math
from typing import Any

import msgspec
import numpy as np
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import KFold, RepeatedKFold

from hermetic.errors import UsageError
from hermetic.evidence.scores.checking import check_scores
from hermetic.evidence.scores.same_range import compare_scores
from hermetic.recorded.recipe import Recipe
from hermetic.recorded.records import decode_record, encode_record
from hermetic.recorded.scores import ScoresRecord
from tests.evidence.scores.test_same_range import SCORES, compare, record

X = np.arange(24.0).reshape(12, 2)
PARTS: dict[str, Any] = {"X": X, "y": X[:, 0] ** 2}


def recipe(**changes: Any) -> Recipe:
    known = {"estimator": LinearRegression(), "splitter": KFold(3), "scorers": {"r2": "r2"}}
    return Recipe(**(known | changes))


HOSTILE: dict[str, tuple[list[float | None], list[float | None], str, str]] = {
    "no-number-before": ([math.nan, 1.0, 2.0], [1.0, 1.0, 2.0], "same range", "cannot tell"),
    "no-number-now": ([1.0, 1.0, 2.0], [math.nan, 1.0, 2.0], "another range", "another range"),
    "infinite-before": ([math.inf, -math.inf, math.nan], [1.0, 1.0, 2.0], "cannot tell", "cannot tell"),
    "infinite-now": ([1.0, 1.0, 2.0], [math.inf, 1.0, 2.0], "another range", "another range"),
    "diverged-now": ([-1.0, -1.2, -1.1], [-1e200, -1.2, -1.1], "another range", "another range"),
    "far-apart": ([1e99, -1e99], [-1e99, 1e99], "cannot tell", "cannot tell"),
    "large-and-the-same": ([1e74, 2e74, 3e74], [1e74, 2e74, 3e74], "same range", "cannot tell"),
    "large-and-worse": ([1e70, 1.1e70, 1.2e70], [1e65, 1.1e65, 1.2e65], "another range", "another range"),
    "next-to-nothing": ([1e-200, 2e-200], [3e-200, 4e-200], "same range", "same range"),
    "the-least-number": ([5e-324, 1e-323], [-5e-324, 0.0], "same range", "same range"),
    "nothing-at-all": ([], [], "cannot tell", "cannot tell"),
}


@pytest.mark.parametrize("is_paired", [True, False], ids=["paired", "not-paired"])
@pytest.mark.parametrize("name", HOSTILE)
def test_scores_that_are_hardly_numbers_have_an_answer(name: str, is_paired: bool):
    before, now, *verdicts = HOSTILE[name]
    found = compare(before, now, is_paired=is_paired)
    assert found.verdict == verdicts[not is_paired]
    assert not math.isnan(found.region) or not found.before.n_folds


COUNTS: dict[str, tuple[int, int]] = {
    "negative": (-1, -5),
    "nothing-to-fit-on": (0, 20),
    "nothing-to-test-on": (80, 0),
    "of-the-largest-file": (2**63 - 1, 1),
    "more-than-a-float-holds": (1, 10**400),
    "both-more-than-a-float-holds": (10**400, 10**400),
}


@pytest.mark.parametrize("digest", ["a", "b"], ids=["paired", "not-paired"])
@pytest.mark.parametrize("name", COUNTS)
def test_counts_of_a_file_may_be_any_numbers(name: str, digest: str):
    before, now = record({"r2": SCORES}), record({"r2": [score + 0.001 for score in SCORES]}, digest)
    n_train, n_test = COUNTS[name]
    folds = [msgspec.structs.replace(fold, n_train=n_train, n_test=n_test) for fold in before.folds]
    for pair in (
        (msgspec.structs.replace(before, folds=folds), now),
        (now, msgspec.structs.replace(before, folds=folds)),
    ):
        [found] = compare_scores(*pair)
        assert found.verdict in ("same range", "cannot tell")
        assert not any(map(math.isnan, found.interval))


def test_a_million_folds_of_a_file_are_summed_up():
    fold = record({"r2": [0.5]}).folds[0]
    other = msgspec.structs.replace(fold, test={"r2": 0.7})
    many = msgspec.structs.replace(record({"r2": SCORES}, digest="many"), folds=[fold, other] * 500_000)
    [found] = compare_scores(many, record({"r2": [0.6, 0.61, 0.59]}))
    assert (found.before.n_folds, found.is_paired) == (1_000_000, False)
    assert found.before.words() == "0.600 +- 0.100"


NOTHING: dict[str, ScoresRecord] = {
    "no-scorer-in-any-fold": msgspec.structs.replace(
        record({"r2": SCORES}), folds=[msgspec.structs.replace(fold, test={}) for fold in record({"r2": SCORES}).folds]
    ),
    "another-scorer": record({"of_yesterday": SCORES}),
    "a-scorer-without-a-name": record({"": SCORES}),
}


@pytest.mark.parametrize("name", NOTHING)
def test_where_nothing_was_compared_nothing_has_passed(name: str):
    check = check_scores(NOTHING[name], recipe(), PARTS)
    assert check.verdict == "skipped"
    assert check.words.startswith("nothing was compared: no scorer has scores both before and now")


def test_folds_that_all_failed_before_tell_nothing():
    check = check_scores(record({"r2": [None, None, None]}), recipe(), PARTS)
    assert (check.verdict, "no fold had a score before" in check.words) == ("noted", True)


@pytest.mark.parametrize("n_before", [1, 2, 4, 50])
def test_other_numbers_of_folds_are_compared_by_their_means(n_before: int):
    check = check_scores(record({"neg_max_error": [-50.0 - i for i in range(n_before)]}), MAX_ERROR, PARTS)
    assert check.verdict in ("noted", "failed")
    assert "the folds are others than before" in check.words


MAX_ERROR = recipe(scorers={"neg_max_error": "neg_max_error"})


def test_no_more_folds_are_made_than_were_recorded_and_one():
    heard: list[tuple[int, int]] = []
    endless = recipe(splitter=RepeatedKFold(n_splits=2, n_repeats=10**15, random_state=0))
    check_scores(record({"r2": [0.5] * 4}), endless, PARTS, progress=lambda done, total: heard.append((done, total)))
    assert heard[-1] == (5, 5)


PARTS_WITHOUT: dict[str, tuple[dict[str, Any], str]] = {
    "nothing": ({}, "there is no X among the data, only nothing"),
    "a-target-alone": ({"y": PARTS["y"]}, "there is no X among the data, only y"),
    "other-names": ({"x": X, "target": PARTS["y"]}, "only target, x"),
    "no-samples": ({"X": X[:0], "y": PARTS["y"][:0]}, "cannot be split"),
    "too-few-samples": ({"X": X[:2], "y": PARTS["y"][:2]}, "cannot be split"),
    "other-lengths": ({"X": X, "y": PARTS["y"][:5]}, "cannot be split"),
    "a-number": ({"X": 3, "y": PARTS["y"]}, "cannot be split"),
}


@pytest.mark.parametrize("name", PARTS_WITHOUT)
def test_data_that_nothing_can_be_fitted_on_fail_with_words(name: str):
    parts, words = PARTS_WITHOUT[name]
    check = check_scores(record({"r2": [0.9] * 3}), recipe(), parts)
    assert (check.verdict, words in check.words) == ("failed", True)


@pytest.mark.parametrize("tolerance", [math.nan, -1.0, "much"], ids=["no-number", "negative", "text"])
def test_a_wrong_tolerance_is_the_callers_mistake_and_not_the_files(tolerance: Any):
    for made in (record({"r2": SCORES}), None):
        with pytest.raises(UsageError, match="tolerance must be"):
            check_scores(made, recipe(), PARTS, tolerance=tolerance)


def test_no_fold_at_a_time_is_told():
    check = check_scores(record({"r2": [0.9] * 3}), recipe(), PARTS, n_jobs=0)
    assert (check.verdict, "n_jobs must be" in check.words) == ("failed", True)


def test_an_error_of_who_is_told_of_the_progress_is_not_the_files():
    def interrupt(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check_scores(record({"r2": [0.9] * 3}), recipe(), PARTS, progress=interrupt)


@pytest.mark.parametrize("score", [1e308, -1e308, 5e-324, 0.0, -0.0, 1e75, 1e-75])
def test_any_score_comes_back_from_a_file_and_is_compared(score: float):
    made = decode_record(encode_record(record({"r2": [score, score, score]})), ScoresRecord)
    [found] = compare_scores(made, made)
    assert found.verdict == ("cannot tell" if abs(score) > 1e75 else "same range")
