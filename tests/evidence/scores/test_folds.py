"""Folds are those of scikit-learn, known by a digest, and made again by what is kept."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    LeaveOneOut,
    PredefinedSplit,
    RepeatedKFold,
    ShuffleSplit,
    StratifiedKFold,
    TimeSeriesSplit,
)

from hermetic.errors import UsageError
from hermetic.evidence.scores.folds import digest_of_folds, split

X = np.arange(24.0).reshape(12, 2)
PARTS: dict[str, Any] = {"X": X, "y": np.arange(12) % 2}
GROUPED = {**PARTS, "groups": np.arange(12) // 3}
SPLITTERS: dict[str, Any] = {
    "a-number": 3,
    "none": None,
    "folds": KFold(4, shuffle=True, random_state=0),
    "groups": GroupKFold(4),
    "time": TimeSeriesSplit(3),
    "one-out": LeaveOneOut(),
    "predefined": PredefinedSplit(np.arange(12) % 4),
    "shuffled-by-a-generator": ShuffleSplit(3, random_state=np.random.RandomState(1)),
    "repeated-by-a-generator": RepeatedKFold(n_splits=2, n_repeats=2, random_state=np.random.RandomState(1)),
    "indices": [([0, 1], [2]), ([2, 3], [0])],
    "masks": [(np.arange(12) < 6, np.arange(12) >= 6)],
}


@pytest.mark.parametrize("name", SPLITTERS)
def test_what_is_kept_makes_the_same_folds(name: str):
    parts = GROUPED if name == "groups" else PARTS
    folds = split(DummyClassifier(), parts, SPLITTERS[name])
    again = split(DummyClassifier(), parts, folds.splitter)
    assert len(folds.digest) == 64
    assert again.digest == folds.digest
    assert again.words == folds.words
    assert " at 0x" not in folds.words


def test_a_number_is_stratified_for_classifiers():
    assert isinstance(split(DummyClassifier(), PARTS, 3).splitter, StratifiedKFold)
    folds = split(DummyRegressor(), PARTS, 3)
    assert folds.words == "KFold(n_splits=3, random_state=None, shuffle=False)"
    assert [test.tolist() for _, test in folds.indices] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]


def test_a_generator_of_indices_is_kept_as_indices():
    folds = split(DummyRegressor(), PARTS, KFold(3).split(X))
    assert folds.words == "3 folds, given as indices"
    assert folds.digest == split(DummyRegressor(), PARTS, 3).digest


def test_the_digest_is_as_documented():
    expected = hashlib.sha256()
    for numbers in ([0, 1], [2], [2], [0, 1]):
        expected.update(np.array([len(numbers), *numbers], dtype="<u8").tobytes())
    assert digest_of_folds([([0, 1], [2]), ([2], [0, 1])]) == expected.hexdigest()


def test_folds_differ_by_one_sample_and_by_their_order():
    digests = {digest_of_folds(folds) for folds in ([([0], [1])], [([1], [0])], [([0, 1], [])], [([], [0, 1])])}
    assert len(digests) == 4


@pytest.mark.parametrize("cv", [99, GroupKFold(5), [], "five"], ids=["too-many", "too-few-groups", "none", "a-text"])
def test_what_cannot_be_split_is_told(cv: Any):
    with pytest.raises(UsageError, match=r"cannot be split|makes no fold"):
        split(DummyRegressor(), PARTS, cv)


def test_missing_groups_are_told():
    with pytest.raises(UsageError, match="'groups' parameter"):
        split(DummyRegressor(), {"X": X}, GroupKFold(2))


def test_a_splitter_that_never_ends_is_stopped():
    endless = RepeatedKFold(n_splits=2, n_repeats=10**12, random_state=0)
    assert len(split(DummyRegressor(), PARTS, endless, n_most=3).indices) == 3


FORMS: dict[str, tuple[Any, Any]] = {
    "lists": ([0, 1, 2], [3]),
    "tuples": ((0, 1, 2), (3,)),
    "small-numbers": (np.array([0, 1, 2], np.uint8), np.array([3], np.int16)),
    "big-endian": (np.array([0, 1, 2], ">i8"), np.array([3], ">i4")),
    "every-second-of-more": (np.array([0, 9, 1, 9, 2])[::2], np.array([3, 9])[::2]),
    "masks": (np.isin(np.arange(12), [0, 1, 2]), np.arange(12) == 3),
    "ranges": (range(3), range(3, 4)),
}


@pytest.mark.parametrize("name", FORMS)
def test_the_digest_is_of_the_numbers_and_not_of_their_form(name: str):
    assert digest_of_folds([FORMS[name]]) == digest_of_folds([([0, 1, 2], [3])])


@pytest.mark.parametrize("name", FORMS)
def test_folds_given_in_any_form_are_the_same_folds(name: str):
    folds = split(DummyRegressor(), PARTS, [FORMS[name]])
    assert [(train.tolist(), test.tolist()) for train, test in folds.indices] == [([0, 1, 2], [3])]
    assert folds.words == "1 folds, given as indices"


CHANGED: dict[str, Any] = {
    "another-order-of-folds": [([2], [0, 1]), ([0, 1], [2])],
    "another-order-of-samples": [([1, 0], [2]), ([2], [0, 1])],
    "a-fold-less": [([0, 1], [2])],
    "a-sample-moved": [([0], [1, 2]), ([2], [0, 1])],
    "parts-changed": [([2], [0, 1]), ([2], [0, 1])],
    "nothing": [],
}


@pytest.mark.parametrize("name", CHANGED)
def test_other_folds_have_another_digest(name: str):
    assert digest_of_folds(CHANGED[name]) != digest_of_folds([([0, 1], [2]), ([2], [0, 1])])


@pytest.mark.parametrize("parts", [{}, {"y": PARTS["y"]}, {"x": X}], ids=["nothing", "target", "another-name"])
def test_data_without_rows_are_told(parts: dict[str, Any]):
    with pytest.raises(UsageError, match="there is no X among the data"):
        split(DummyRegressor(), parts, 3)


def test_the_words_of_a_splitter_are_short_and_on_one_line():
    class Talking(KFold):
        def __repr__(self) -> str:
            return "a\n  splitter at 0x7f00dead of many words " * 100

    words = split(DummyRegressor(), PARTS, Talking(2)).words
    assert words.startswith("a splitter of many words a splitter")
    assert len(words) <= 300


def test_a_splitter_of_somebodys_own_that_fails_is_told():
    class Broken(KFold):
        def split(self, X: Any, y: Any = None, groups: Any = None) -> Any:
            yield np.arange(6), np.arange(6, 12)
            raise RuntimeError("no second fold")

    with pytest.raises(UsageError, match="RuntimeError: no second fold"):
        split(DummyRegressor(), PARTS, Broken(2))
    assert len(split(DummyRegressor(), PARTS, Broken(2), n_most=1).indices) == 1
