"""The zoo itself: each case can be made, is the same each time, and comes back from pickle as it was."""

from __future__ import annotations

import pickle
from collections import Counter
from typing import Any

import pytest

from tests.zoo.case import Case
from tests.zoo.compare import assert_same_outputs, assert_same_state
from tests.zoo.every_case import all_cases
from tests.zoo.every_estimator import every_estimator
from tests.zoo.seeded import seeded

ALL_CASES = all_cases()
MODELS = [case for case in ALL_CASES if case.inputs]
KEPT = [case for case in ALL_CASES if case.expected == "kept"]
REFUSED = [case for case in ALL_CASES if case.expected == "refused-at-dump"]

# What pickle cannot keep, although it can be kept.
PICKLE_LOSES = {
    "array-big-endian-time": "numpy's pickle state of datetime64 has no byte order",
}
# What pickle keeps by a call that hermetic refuses to make.
PICKLE_KEEPS = {
    "objects-itself",
    "refused-method-of-an-object",
    "refused-iterator",
    "refused-attribute-getter",
    "structure-objects",
    "structure-titles",
    "tuple-in-its-list",
}
# They answer only while they are fitted, or give their answer as attributes.
SILENT_KINDS = ("fit_predict", "fit_transform", "biclusters_")


def _ids(case: Case) -> str:
    return case.name


def _answers(model: Any, other: Any, case: Case) -> list[str]:
    return assert_same_outputs(model, other, case.inputs, tolerance=case.tolerance)


def test_names_are_unique() -> None:
    repeated = [name for name, count in Counter(case.name for case in ALL_CASES).items() if count > 1]
    assert repeated == []


def test_every_scikit_learn_class_is_there_fitted_and_unfitted() -> None:
    names = {case.name for case in every_estimator()}
    assert len(names) == 2 * (len(names) // 2) >= 400
    assert {"HalvingGridSearchCV-fitted", "IterativeImputer-fitted", "FrozenEstimator-fitted"} <= names


def test_a_misspelt_expectation_is_refused() -> None:
    with pytest.raises(ValueError, match="refused-at-dump"):
        Case(name="a", build=list, expected="refused")


@pytest.mark.parametrize("case", MODELS, ids=_ids)
def test_a_model_made_twice_answers_alike(case: Case) -> None:
    first, second = case.make(), case.make()

    answered = _answers(first, second, case)

    assert answered or any(hasattr(first, name) for name in SILENT_KINDS)


@pytest.mark.parametrize("case", KEPT, ids=_ids)
def test_a_case_is_equal_to_itself(case: Case) -> None:
    model = case.make()

    assert_same_state(model, model)
    _answers(model, model, case)
    if case.check is not None:
        case.check(model, model)


@pytest.mark.parametrize("case", [case for case in KEPT if case.name not in PICKLE_LOSES], ids=_ids)
def test_a_case_survives_pickle(case: Case) -> None:
    model = case.make()

    with seeded(0):  # a deprecated class warns when it is made anew
        copied = pickle.loads(pickle.dumps(model, 5))

    assert_same_state(model, copied)
    _answers(model, copied, case)
    if case.check is not None:
        case.check(model, copied)


@pytest.mark.parametrize("case", [case for case in KEPT if case.name in PICKLE_LOSES], ids=_ids)
def test_pickle_still_loses_what_is_listed_as_lost(case: Case) -> None:
    model = case.make()

    copied = pickle.loads(pickle.dumps(model, 5))

    with pytest.raises(AssertionError, match=r"^\$"):
        assert_same_state(model, copied)


@pytest.mark.parametrize("case", REFUSED, ids=_ids)
def test_what_is_to_be_refused_is_refused_by_pickle_or_listed(case: Case) -> None:
    found = case.make()
    try:
        pickle.dumps(found, 5)
        is_kept = True
    except (TypeError, AttributeError, pickle.PicklingError):
        is_kept = False
    finally:
        if case.check is not None:
            case.check(found, found)

    assert is_kept == (case.name in PICKLE_KEEPS)
