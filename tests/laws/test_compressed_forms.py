"""The law of compression: every form of the argument gives a file that loads as the very same value."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hermetic
from tests.laws.plain_values import PLAIN_VALUES, assert_same_value

FORMS = [True, 1, 9, "zlib", "gzip", "bz2", "xz", "lzma", ("gzip", 1), ("bz2", 1), ("xz", 0), ["zlib", 9], False, 0]


@settings(max_examples=80, deadline=None)
@given(PLAIN_VALUES, st.sampled_from(FORMS))
def test_a_compressed_file_loads_as_the_plain_one_does(value: Any, form: Any):
    loaded = hermetic.loads(hermetic.dumps(value, compress=form))

    assert_same_value(value, loaded)
    assert hermetic.dumps(loaded) == hermetic.dumps(value)


@pytest.mark.parametrize("form", [True, "gzip", "bz2", "xz"])
def test_compressing_twice_gives_the_same_bytes(form: Any):
    value = [list(range(1000)), "text" * 500]

    assert hermetic.dumps(value, compress=form) == hermetic.dumps(value, compress=form)
    assert len(hermetic.dumps(value, compress=form)) < len(hermetic.dumps(value))
