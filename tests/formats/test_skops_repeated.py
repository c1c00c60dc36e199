"""What references in a skops file may hold together: the length of what stands there, each time anew."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hermetic.errors import LimitExceeded
from hermetic.formats.skops_repeated import RepeatBudget
from hermetic.limits import Limits

SHORT = Limits(memory_bytes=1_000)
LENGTHS: list[tuple[Any, int]] = [
    ("a" * 100, 100),
    (b"a" * 100, 100),
    (1 << 799, 100),
    (np.str_("a" * 25), 100),
    (np.zeros((), [("a", "V100")])[()], 100),
    (np.dtype([(f"f{number}", "i1") for number in range(12)]), 96),
]


@pytest.mark.parametrize(("value", "length"), LENGTHS, ids=lambda part: type(part).__name__)
def test_a_value_counts_as_often_as_it_is_referred_to(value: Any, length: int) -> None:
    budget = RepeatBudget(0, SHORT)
    for _ in range(1000 // length):
        budget.count(value)
    with pytest.raises(LimitExceeded) as refused:
        budget.count(value)
    asked = (1000 // length + 1) * length
    assert (refused.value.limit, refused.value.allowed, refused.value.asked) == ("memory_bytes", 1000, asked)


@pytest.mark.parametrize(
    "value", [None, True, 1.5, 7, [], {}, (), np.zeros(1000), object()], ids=lambda value: type(value).__name__
)
def test_what_is_small_or_written_out_once_costs_nothing(value: Any) -> None:
    budget = RepeatBudget(0, Limits(memory_bytes=1))
    budget.measure(value)
    for _ in range(100):
        budget.count(value)


def test_a_tuple_counts_all_that_is_in_it_and_in_the_tuples_within() -> None:
    inner = ("a" * 100, 1)
    outer = (inner, inner)
    budget = RepeatBudget(0, SHORT)
    budget.measure(inner)
    budget.measure(outer)
    for _ in range(4):
        budget.count(outer)  # two tuples of 116 bytes, at 8 bytes each
    with pytest.raises(LimitExceeded):
        budget.count(outer)


def test_a_tuple_that_holds_objects_is_a_table_of_its_own_and_costs_nothing() -> None:
    value = ("a" * 10_000, [])
    budget = RepeatBudget(0, SHORT)
    budget.measure(value)
    budget.count(value)


def test_a_longer_file_may_refer_to_more() -> None:
    budget = RepeatBudget(1_000, SHORT)
    for _ in range(50):
        budget.count("a" * 100)
    with pytest.raises(LimitExceeded):
        budget.count("a" * 100)
