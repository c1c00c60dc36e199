"""Budgets: positive integers with names, compared as Python integers, and each one counted somewhere."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields
from typing import Any

import numpy as np
import pytest

import hermetic
from hermetic.errors import LimitExceeded, UsageError
from hermetic.limits import DEFAULT_LIMITS, Limits

NAMES = [field.name for field in fields(Limits)]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", [0, -1, 1.0, "5", None, True, False, np.int64(5)], ids=repr)
def test_a_budget_must_be_a_positive_integer(name: str, value: Any):
    with pytest.raises(UsageError, match=rf"Limits\.{name} must be a positive integer"):
        Limits(**{name: value})


@pytest.mark.parametrize("name", NAMES)
def test_what_is_asked_may_reach_the_budget_but_not_pass_it(name: str):
    limits = Limits(**{name: 10})
    limits.check(name, 10)
    with pytest.raises(LimitExceeded) as refused:
        limits.check(name, 11, where="here")
    assert (refused.value.limit, refused.value.allowed, refused.value.asked) == (name, 10, 11)
    assert refused.value.where == "here"


def test_huge_numbers_are_compared_and_shown_as_they_are():
    with pytest.raises(LimitExceeded, match="100,000,000,000,000,000,000,000 would be needed"):
        DEFAULT_LIMITS.check("values", 10**23)


def test_budgets_cannot_be_changed_or_given_by_place():
    with pytest.raises(FrozenInstanceError):
        DEFAULT_LIMITS.nodes = 5  # type: ignore[misc]
    with pytest.raises(TypeError):
        Limits(5)  # type: ignore[misc]
    with pytest.raises(TypeError):
        Limits(node=5)  # type: ignore[call-arg]


MODEL = {"words": [f"{n}" for n in range(50)], "nested": [[[1]]], "array": np.arange(100.0)}
TIGHT = {"graph_bytes": 50, "manifest_bytes": 50, "members": 1, "nodes": 2, "values": 10, "depth": 2}


@pytest.mark.parametrize("name", TIGHT)
def test_a_model_beyond_one_budget_is_refused_by_its_name(name: str):
    data = hermetic.dumps(MODEL)
    assert hermetic.loads(data, limits=Limits())["nested"] == [[[1]]]
    with pytest.raises(LimitExceeded) as refused:
        hermetic.loads(data, limits=Limits(**{name: TIGHT[name]}))
    assert refused.value.limit == name


def test_the_budget_that_is_proposed_is_enough():
    data = hermetic.dumps(MODEL)
    limits = {}
    for _ in range(50):
        try:
            hermetic.loads(data, limits=Limits(**{"nodes": 1, "values": 1, "depth": 1, **limits}))
            break
        except LimitExceeded as error:
            limits[error.limit] = error.asked
    else:
        raise AssertionError("the proposals never suffice")
    assert limits.keys() == {"nodes", "values", "depth"}


def test_what_a_compressed_file_grows_to_is_counted_before_it_is_read():
    data = hermetic.dumps(np.zeros(1_000_000), compress="gzip")
    limits = Limits(expanded_bytes=1_000_000, expansion=1)
    with pytest.raises(LimitExceeded) as refused:
        hermetic.loads(data, limits=limits)
    assert refused.value.limit in ("expanded_bytes", "expansion")
