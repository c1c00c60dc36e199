"""The places of slices follow from those before them."""

from __future__ import annotations

import pytest

from hermetic.formats import pools
from hermetic.formats.pool_layout import ALIGNMENT, aligned_offset, pool_key, refuse_offset


@pytest.mark.parametrize(
    ("cursor", "itemsize", "n_items", "expected"),
    [(3, 8, 10, 3), (3, 8, 511, 3), (3, 8, 512, 8), (0, 8, 512, 0), (1, 1, 4096, 64), (1, 3, 4096, 64), (1, 64, 64, 1)],
)
def test_a_big_slice_begins_at_an_aligned_item(cursor: int, itemsize: int, n_items: int, expected: int):
    assert aligned_offset(cursor, itemsize, n_items) == expected
    assert expected == cursor or expected * itemsize % ALIGNMENT == 0


def test_byte_order_and_record_type_do_not_count_for_the_pool():
    plain = {"names": ["a"], "formats": ["<i4"], "offsets": [0], "itemsize": 4}
    assert pool_key(">i4") == pool_key("<i4") == '"<i4"'
    assert pool_key({**plain, "record": True}) == pool_key({**plain, "formats": [">i4"]}) == pool_key(plain)
    assert pool_key({**plain, "formats": [[">i4", [2]]]}) == pool_key({**plain, "formats": [["<i4", [2]]]})


def test_writer_and_scan_share_the_rules():
    assert (pools.aligned_offset, pools.pool_key) == (aligned_offset, pool_key)


def test_a_wrong_place_is_told_with_the_right_one():
    assert "must begin at 3, but the graph says 'x'" in refuse_offset("arrays/0-float64.npy", 3, "x").found
