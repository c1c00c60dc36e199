"""What a load would cost is told from the text: which objects are counted one by one, and whose values are followed."""

from __future__ import annotations

from typing import Any

import pytest

from hermetic.errors import LimitExceeded
from hermetic.graph import Arrays, Graph, Instances, Name, Node, Packed, Rows, Same, Sequences
from hermetic.limits import Limits
from hermetic.weights import check_weight

CONTENT_BYTES = 1 << 20
ENCODER, SCALER = "sklearn.preprocessing.OneHotEncoder", "sklearn.preprocessing.StandardScaler"


def _check(name: str, *nodes: Node, limits: Limits | None = None) -> None:
    graph = Graph(names=[Name(name, "constructed")], nodes=list(nodes), root=[len(nodes) - 1])
    check_weight(graph, CONTENT_BYTES, 0, limits=limits or Limits())


def _doubling(n_lists: int) -> list[Node]:
    """Give lists each of which holds the one before twice."""
    lists: list[Node] = [Sequences(type="list", lengths=0, columns=[[]])]
    lists += [Sequences(type="list", lengths=2, columns=[[[number], [number]]]) for number in range(n_lists)]
    return lists


def test_one_object_that_would_check_an_array_thousands_of_times_is_refused():
    array = Arrays("<f8", [100_000])
    few, many = (Sequences(type="list", lengths=n, columns=[[[0]] * n]) for n in (10, 5000))
    encoder = Instances(type=0, fields={"categories_": [1]})
    _check(ENCODER, array, few, encoder)
    with pytest.raises(LimitExceeded) as refused:
        _check(ENCODER, array, many, encoder)
    assert refused.value.limit == "checked_bytes"


def test_many_single_objects_are_counted_one_by_one():
    scaler = Instances(type=0, fields={"copy": True})
    _check(SCALER, *[scaler] * 32, limits=Limits(memory_bytes=1000))
    with pytest.raises(LimitExceeded) as refused:
        _check(SCALER, *[scaler] * 30_000, limits=Limits(memory_bytes=1000))
    assert refused.value.limit == "memory_bytes"


@pytest.mark.parametrize(
    "column",
    [Same([40]), [[40], None], [None, [40]], ["text", [40]]],
    ids=["all rows", "the first row", "the last row", "beside a text"],
)
def test_a_table_that_refers_to_what_shares_without_end_is_refused(column: Any):
    with pytest.raises(LimitExceeded) as refused:
        _check(SCALER, *_doubling(40), Instances(type=0, fields={"copy": column}, rows=2))
    assert refused.value.limit == "visits"


@pytest.mark.parametrize("column", [Same({"tuple": [0] * 100}), Same(None)], ids=["a tuple", "a plain value"])
def test_what_a_table_says_once_for_many_rows_is_looked_at_for_each(column: Any):
    table = Instances(type=0, fields={"copy": column, "with_mean": column}, rows=2_000_000)
    with pytest.raises(LimitExceeded) as refused:
        _check(SCALER, table, limits=Limits(memory_bytes=1 << 50))
    assert refused.value.limit == "visits"


@pytest.mark.parametrize(
    "column", [Rows(0), [[0, 0], [0, 1]], Same([0, 1]), Packed("int", None, [0, 0])], ids=lambda own: type(own).__name__
)
def test_tables_of_arrays_and_of_plain_values_pass(column: Any):
    arrays = Arrays("<f8", [3], rows=2)
    _check(SCALER, arrays, Instances(type=0, fields={"mean_": column, "copy": Same(True)}, rows=2))
