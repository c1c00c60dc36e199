"""The law of the same bytes: two dumps are equal, and so is the dump of what was loaded."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import given, settings

import hermetic
from tests.laws.plain_values import PLAIN_VALUES


@settings(max_examples=100, deadline=None)
@given(PLAIN_VALUES)
def test_two_dumps_of_one_value_are_equal(value: Any):
    assert hermetic.dumps(value) == hermetic.dumps(value)


@settings(max_examples=100, deadline=None)
@given(PLAIN_VALUES)
def test_a_deep_copy_is_saved_as_the_same_bytes(value: Any):
    assert hermetic.dumps(copy.deepcopy(value)) == hermetic.dumps(value)


@settings(max_examples=150, deadline=None)
@given(PLAIN_VALUES)
def test_what_was_loaded_is_saved_as_the_file_that_it_came_from(value: Any):
    file = hermetic.dumps(value)

    assert hermetic.dumps(hermetic.loads(file)) == file
