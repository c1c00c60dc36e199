"""Summaries say something of columns, and nothing of a single row."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars
import pytest
import scipy.sparse

from hermetic.evidence.data.recording import record_data
from hermetic.evidence.data.summaries import summaries_of
from hermetic.recorded.data import ColumnSummary

_random = np.random.default_rng(0)
NUMBERS = _random.normal(size=1_000) * 37 + 1_000


def _one(data: object) -> ColumnSummary:
    (found,) = summaries_of(data)
    return found


def test_numbers_have_quantiles_and_a_histogram():
    found = _one(NUMBERS)
    assert (found.column, found.n_rows, found.n_distinct, found.values) == (0, 1_000, 1_000, [])
    exact = np.quantile(NUMBERS, [0.01, 0.25, 0.5, 0.75, 0.99])
    assert np.allclose(found.quantiles, exact, atol=0.5)
    assert found.quantiles != exact.tolist()
    assert sum(found.counts) == 1_000
    assert len(found.edges) == len(found.counts) + 1 <= 21
    assert found.edges == sorted(found.edges)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("n_rows", [20, 21, 50, 333])
def test_no_number_is_that_of_fewer_than_five_rows(seed: int, n_rows: int):
    random = np.random.default_rng(seed)
    numbers = random.choice([random.normal(size=n_rows), random.exponential(size=n_rows) ** 3])
    found = _one(numbers)
    assert all(count == 0 or count >= 5 for count in found.counts)
    assert sum(found.counts) == n_rows
    rounding = (found.quantiles[-1] - found.quantiles[0]) / 100
    assert sum(numbers <= found.quantiles[0] + rounding) >= 4
    assert sum(numbers >= found.quantiles[-1] - rounding) >= 4
    assert not set(found.quantiles + found.edges) & {numbers.min(), numbers.max()}


def test_few_numbers_are_not_told():
    found = _one(NUMBERS[:19])
    assert (found.quantiles, found.edges, found.counts, found.values) == ([], [], [], [])


def test_an_outlier_does_not_show():
    found = _one(np.append(NUMBERS, 1e9))
    assert max(found.edges) < 2_000
    assert sum(found.counts) == 1_001


def test_few_values_are_counted_the_commonest_first():
    found = _one(["yes"] * 6 + ["no"] * 5)
    assert [(own.value, own.n_rows) for own in found.values] == [("yes", 6), ("no", 5)]
    found = _one(np.array([1] * 30 + [0] * 40))
    assert [(own.value, own.n_rows) for own in found.values] == [("0", 40), ("1", 30)]
    assert [own.value for own in _one([True] * 5 + [False] * 6).values] == ["False", "True"]


@pytest.mark.parametrize(
    "values",
    [["yes"] * 6 + ["no"] * 4, [f"{place}" for place in range(31)] * 5, ["x" * 101] * 9, [0] * 9 + [103], [None] * 9],
    ids=["a rare one", "many", "long ones", "a rare number", "none"],
)
def test_values_that_are_rare_many_or_long_are_not_named(values: list[object]):
    assert all(own.values == [] for own in summaries_of(values))


def test_long_data_are_looked_at_in_places():
    numbers = np.arange(1_000_000.0)
    found = _one(numbers)
    assert found.n_rows == 16_384
    assert np.allclose(found.quantiles, np.quantile(numbers, [0.01, 0.25, 0.5, 0.75, 0.99]), atol=20_000)


def test_missing_and_infinite_values_are_no_numbers():
    found = _one(np.concatenate([NUMBERS[:50], np.full(9, np.nan), np.full(9, np.inf)]))
    assert sum(found.counts) == 50
    assert found.n_rows == 68


def test_a_constant_has_no_histogram():
    assert (_one(np.full(30, 2.5)).edges, _one(np.full(30, 2.5)).quantiles) == ([], [2.5] * 5)


def test_the_largest_and_the_smallest_numbers_are_no_trouble():
    assert _one(np.array([-1.7e308, 1.7e308] * 20)).edges == []
    assert len(_one(np.linspace(0, 5e-324 * 1_000, 50)).counts) > 0


def test_the_first_200_columns_are_told_of_frames_of_any_library():
    assert len(summaries_of(np.zeros((30, 300)))) == 200
    frame = pd.DataFrame({"a": NUMBERS, "b": pd.Categorical(["x", "y"] * 500), "when": pd.Timestamp("2020-01-01")})
    assert [own.column for own in summaries_of(frame)] == [0, 1, 2]
    assert summaries_of(frame)[2].quantiles == []
    assert summaries_of(polars.from_pandas(frame[["a", "b"]])) == summaries_of(frame[["a", "b"]])


def test_sparse_and_nested_values_have_none():
    assert summaries_of(scipy.sparse.eye(30).tocsr()) == []
    assert summaries_of([{"a": 1}] * 30) == []
    assert summaries_of(np.empty((0, 3))) == []


def test_no_cell_of_stored_data_stands_in_the_record():
    secret = ["Ada Lovelace", "Alan Turing"] + ["Jane Doe"] * 3
    frame = pd.DataFrame({"who": secret, "kind": pd.Categorical(secret)}, index=pd.Index(secret, name="id"))
    record, _ = record_data({"X": frame, "y": secret, "groups": secret}, "store")
    assert record.notes == []
    assert not any(name in str(record) for name in secret)
