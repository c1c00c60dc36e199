"""Budgets: positive integers with names, compared as Python integers, and each one counted somewhere."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeRegressor

import hermetic
from hermetic import weights
from hermetic.codecs.registry import CODECS
from hermetic.errors import LimitExceeded, UsageError
from hermetic.limits import DEFAULT_LIMITS, Limits
from tests.hostile_files import sharing, table

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


def test_a_tuple_that_many_objects_look_at_counts_for_each_of_them():
    with pytest.raises(LimitExceeded) as refused:
        hermetic.loads(table(5000, {"a": {"same": {"tuple": [1] * 5000}}}))
    assert refused.value.limit == "memory_bytes"


def test_what_many_objects_share_is_counted_when_each_checks_it():
    index = {"kind": "arrays", "dtype": "<i4", "shape": [1000], "pool": 0, "offset": 0}
    with pytest.raises(LimitExceeded):
        hermetic.loads(sharing("scipy.sparse.csr_matrix", "indices", 2_000_000, [index]))


@pytest.mark.parametrize("name", ["checked_bytes", "visits"])
def test_sharing_has_budgets_of_its_own(name: str):
    limits = Limits(**{name: 10})
    asked = {"read_bytes": 11, "visits": 0} if name == "checked_bytes" else {"read_bytes": 0, "visits": 11}
    limits.check_reading(**asked, content_bytes=1)
    with pytest.raises(LimitExceeded) as refused:
        limits.check_reading(**{key: value + 100 for key, value in asked.items()}, content_bytes=0)
    assert refused.value.limit == name


def test_memory_is_a_floor_and_a_multiple_of_the_content():
    limits = Limits(memory_bytes=100, memory_factor=2)
    limits.check_memory(120, 10)
    with pytest.raises(LimitExceeded, match="the limit memory_bytes is 120, but 121 would be needed"):
        limits.check_memory(121, 10)


@pytest.mark.parametrize("codec", CODECS, ids=lambda codec: type(codec).__name__)
def test_no_object_weighs_more_than_the_short_way_takes_for_granted(codec: Any):
    assert 0 <= codec.row_bytes < weights._SINGLE_BYTES
    assert codec.copy_factor >= 0


HONEST = {
    "forests of equal stumps": lambda: [
        DecisionTreeRegressor(max_depth=1).fit([[0.0], [1.0]], [0.0, 1.0]) for _ in range(3000)
    ],
    "equal pipelines": lambda: [
        make_pipeline(StandardScaler(), Ridge()).fit([[0.0], [1.0]], [0.0, 1.0]) for _ in range(1000)
    ],
    "equal rows": lambda: [np.ones(3) for _ in range(50_000)],
    "a vocabulary": lambda: {f"word{number}": number for number in range(500_000)},
    "a set of words": lambda: {f"word{number}" for number in range(500_000)},
    "numbers": lambda: [float(number) for number in range(500_000)],
    "mixed values": lambda: [None, "a", 1, 2.5] * 100_000,
}


@pytest.mark.parametrize("name", HONEST)
def test_honest_models_that_compress_well_pass_the_default_limits(name: str):
    value = HONEST[name]()
    assert len(hermetic.loads(hermetic.dumps(value))) == len(value)
