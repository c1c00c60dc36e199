"""The law of the round trip: types, bits, order and sharing of any nested value come back."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings

import hermetic
from tests.laws.plain_values import PLAIN_VALUES, assert_same_value


@settings(max_examples=150, deadline=None)
@given(PLAIN_VALUES)
def test_any_nested_value_comes_back_with_its_types_order_and_sharing(value: Any):
    assert_same_value(value, hermetic.loads(hermetic.dumps(value)))
