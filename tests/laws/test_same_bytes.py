"""The law of the same bytes: two dumps are equal, and so is the dump of what was loaded."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
from hypothesis import given, settings
from scipy.interpolate import BSpline

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


def test_members_of_a_set_that_differ_in_nothing_but_an_array_are_ordered_by_it():
    splines = {BSpline(np.arange(8.0) + number, np.ones(4), 3) for number in range(8)}
    copies = {copy.deepcopy(spline) for spline in splines}

    assert list(map(id, splines)) != list(map(id, copies))
    assert hermetic.dumps(copies) == hermetic.dumps(splines)
