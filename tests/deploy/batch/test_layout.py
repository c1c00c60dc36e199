"""A batch looks to the model as its rows do in the whole table."""

from __future__ import annotations

import io

import numpy as np
import pandas
import pyarrow
import pyarrow.parquet
import pytest
from pandas.testing import assert_frame_equal

from hermetic.deploy.batch.layout import Layout, pandas_metadata
from hermetic.errors import UsageError


def layout(form: str = "frame", columns: tuple[str, ...] = ("a",), **described) -> Layout:
    return Layout(path="rows.parquet", form=form, columns=columns, has_names=True, **described)


def batch(*arrays: pyarrow.Array, names: tuple[str, ...] = ("a",)) -> pyarrow.RecordBatch:
    return pyarrow.RecordBatch.from_arrays(list(arrays), names=list(names))


def test_whole_numbers_are_decimals_where_the_file_misses_some_though_the_batch_does_not():
    rows = batch(pyarrow.array([1, 2], pyarrow.int32()))
    assert layout().input_of(rows)["a"].dtype == np.int32
    assert layout(with_missing=frozenset("a")).input_of(rows)["a"].dtype == np.float64


def test_a_whole_number_that_no_decimal_can_hold_is_rounded_as_pandas_rounds_it():
    values = pyarrow.array([(1 << 53) + 1, None])
    found = layout(with_missing=frozenset("a")).input_of(batch(values))["a"]
    assert found.tolist()[0] == pyarrow.table({"a": values}).to_pandas()["a"].tolist()[0] == float(1 << 53)


def test_truth_values_are_objects_where_the_file_misses_some():
    rows = batch(pyarrow.array([True, False]))
    assert layout().input_of(rows)["a"].dtype == bool
    found = layout(with_missing=frozenset("a")).input_of(rows)["a"]
    assert (found.dtype, found.tolist()) == (np.dtype(object), [True, False])


@pytest.mark.parametrize("dtype", ["Int64", "UInt8", "boolean", "Float32"])
def test_types_of_pandas_that_know_missing_values_stay(dtype: str):
    frame = pandas.DataFrame({"a": pandas.array([1, None, 0], dtype), "b": [1.5, 2.5, 3.5]})
    file = io.BytesIO()
    frame.to_parquet(file)
    table = pyarrow.parquet.read_table(file)
    own = layout(columns=("b", "a"), with_missing=frozenset("a"), metadata=pandas_metadata(table.schema)).input_of(
        table.select(["b", "a"]).to_batches()[0].slice(2)
    )
    assert_frame_equal(own, frame[["b", "a"]].iloc[2:].reset_index(drop=True))


def test_an_index_that_pandas_wrote_is_a_column_like_others():
    frame = pandas.DataFrame({"a": [1.0, 2.0]}, index=pandas.Index(["x", "y"], name="key"))
    file = io.BytesIO()
    frame.to_parquet(file)
    table = pyarrow.parquet.read_table(file)
    own = layout(columns=("key", "a"), metadata=pandas_metadata(table.schema))
    found = own.input_of(table.select(["key", "a"]).to_batches()[0])
    assert found["key"].tolist() == ["x", "y"]
    assert found.index.tolist() == [0, 1]


def test_categories_are_those_of_the_file_in_its_order_with_their_kind_of_order():
    values = pyarrow.DictionaryArray.from_arrays([0, None, 0], ["b"], ordered=True)
    found = layout(categories={"a": pyarrow.array(["c", "b", "a"])}).input_of(batch(values))["a"]
    assert found.cat.categories.tolist() == ["c", "b", "a"]
    assert found.cat.ordered
    assert found.astype(object).where(found.notna(), None).tolist() == ["b", None, "b"]


def test_without_names_columns_are_numbers():
    rows = batch(pyarrow.array([1]), pyarrow.array(["x"]), names=("a", "b"))
    own = Layout(path="rows.csv", form="frame", columns=("a", "b"), has_names=False)
    assert list(own.input_of(rows).columns) == [0, 1]


def test_an_array_of_numbers_has_one_type_that_holds_all():
    rows = batch(pyarrow.array([1]), pyarrow.array([2.5], pyarrow.float32()), names=("a", "b"))
    found = layout("array", ("a", "b")).input_of(rows)
    assert (found.tolist(), found.dtype) == ([[1.0, 2.5]], np.float64)
    alike = batch(pyarrow.array([1.0], pyarrow.float32()), pyarrow.array([2.5], pyarrow.float32()), names=("a", "b"))
    assert layout("array", ("a", "b")).input_of(alike).dtype == np.float32


def test_texts_are_a_list():
    assert layout("texts").input_of(batch(pyarrow.array(["x", "y"]).dictionary_encode())) == ["x", "y"]


@pytest.mark.parametrize("text", [b"{", b"[]", b'{"columns": 3}', b'{"columns": [{}]}', b"\xff"])
def test_metadata_that_cannot_be_read_are_refused(text: bytes):
    schema = pyarrow.schema([("a", pyarrow.int8())], metadata={b"pandas": text})
    with pytest.raises(UsageError, match="what pandas wrote into the file cannot be read"):
        pandas_metadata(schema)
