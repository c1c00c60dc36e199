"""The two ways to compare two models, in one place to import from; the work is done in the two files named below."""

from __future__ import annotations

from tests.zoo.compare_outputs import assert_same_outputs
from tests.zoo.compare_state import assert_same_state

__all__ = ["assert_same_outputs", "assert_same_state"]
