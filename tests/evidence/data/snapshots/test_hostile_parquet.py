"""A snapshot of anybody is read within limits, and whatever it is, the answer is data or one of our errors."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
from typing import Any

import numpy as np
import pandas as pd
import pyarrow
import pytest
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from hermetic.errors import FileError, InvalidState, LimitExceeded, UsageError
from hermetic.evidence.data.reading import read_parts
from hermetic.evidence.data.recording import record_data
from hermetic.evidence.data.snapshots.of_any import unpack
from hermetic.evidence.data.snapshots.packed import Unpacked
from hermetic.evidence.data.snapshots.parquet import read_parquet
from hermetic.recorded.data import DataRecord, Holder, IndexLevel
from hermetic.recorded.records import decode_record, encode_record


def _file(table: pyarrow.Table, **options: Any) -> bytes:
    target = io.BytesIO()
    parquet.write_table(table, target, **options)
    return target.getvalue()


def test_a_text_that_a_short_file_repeats_is_counted_before_it_is_expanded():
    table = pyarrow.table({"a": pyarrow.DictionaryArray.from_arrays(np.zeros(1_000_000, "i4"), ["x" * 100_000])})
    content = _file(table, compression="zstd")
    assert len(content) < 200_000
    with pytest.raises(LimitExceeded) as caught:
        read_parquet(content, n_rows=1_000_000, most_bytes=1 << 30)
    assert caught.value.asked > 1 << 30


def test_a_file_that_says_it_is_large_is_not_read():
    content = _file(pyarrow.table({"a": np.zeros(1_000_000)}), compression="zstd", use_dictionary=False)
    with pytest.raises(LimitExceeded) as caught:
        read_parquet(content, n_rows=1_000_000, most_bytes=1 << 20)
    assert caught.value.asked >= 8_000_000


def test_another_number_of_rows_is_refused():
    with pytest.raises(InvalidState, match="3 rows, recorded were 2"):
        read_parquet(_file(pyarrow.table({"a": [1, 2, 3]})), n_rows=2)


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1" * 9, b"\x00" * 100])
def test_what_is_no_parquet_file_is_refused(content: bytes):
    with pytest.raises(InvalidState, match="no Parquet file"):
        read_parquet(content, n_rows=1)


@pytest.mark.parametrize("text", ["[", "[]", '{"0":[null]}', '{"0":{}}', '{"0":[[]]}', "[" * 100_000])
def test_categories_that_are_none_are_refused(text: str):
    table = pyarrow.table({"a": [1]}).replace_schema_metadata({"hermetic.categories": text})
    with pytest.raises(InvalidState, match="categories of a snapshot"):
        read_parquet(_file(table), n_rows=1)


def _found(*columns: Any, names: list[str] | None = None, categories: Any = None) -> Unpacked:
    held = [pyarrow.chunked_array([column]) for column in columns]
    names = names or [str(place) for place in range(len(held))]
    return Unpacked(names=names, columns=held, n_rows=len(held[0]) if held else 0, categories=categories or {})


def _holder(form: str, *dtypes: str, n: int = 2, **others: Any) -> Holder:
    return Holder(form=form, n_dimensions=n, dtypes=list(dtypes), index=others.pop("index", []), **others)


def _sparse(indices: list[list[int]], values: list[list[float]]) -> tuple[Any, Any]:
    return (
        pyarrow.array(indices, pyarrow.large_list(pyarrow.int32())),
        pyarrow.array(values, pyarrow.large_list(pyarrow.float64())),
    )


NUMBERS = pyarrow.array([1.5, 2.5])
TEXTS = pyarrow.array(["a", "b"])
CSR = ("sparse csr matrix", "<f8", "<i4", "<i4")
HOSTILE = {
    "an unknown form": (_holder("pickle", "<f8"), _found(NUMBERS)),
    "an unknown dtype": (_holder("numpy array", "O8"), _found(NUMBERS)),
    "a dtype with fields": (_holder("numpy array", "i4,i4"), _found(NUMBERS)),
    "a dtype that numpy does not have": (_holder("numpy array", "<f3"), _found(NUMBERS)),
    "no dtype": (_holder("numpy array"), _found(NUMBERS)),
    "texts as numbers": (_holder("numpy array", "<f8"), _found(TEXTS)),
    "numbers of another width": (_holder("numpy array", "<f4"), _found(NUMBERS)),
    "gaps in numbers": (_holder("numpy array", "<f8"), _found(pyarrow.array([1.5, None]))),
    "two columns as one": (_holder("numpy array", "<f8", n=1), _found(NUMBERS, NUMBERS)),
    "three dtypes for a column": (_holder("numpy array", *["object[text]"] * 3), _found(TEXTS)),
    "half a complex number": (_holder("numpy array", "<c16"), _found(NUMBERS, NUMBERS, NUMBERS)),
    "an unknown kind of cells": (_holder("list", "object[pickle]", n=1), _found(TEXTS)),
    "cells that are no JSON": (_holder("list", "object[json]", n=1), _found(TEXTS)),
    "cells of an unknown class": (
        _holder("list", "object[json]", n=1),
        _found(pyarrow.array(['{"is":"numpy O","of":"00"}'])),
    ),
    "cells nested deeply": (_holder("list", "object[json]", n=1), _found(pyarrow.array(["[" * 5_000 + "]" * 5_000]))),
    "a number of many digits": (_holder("list", "object[json]", n=1), _found(pyarrow.array(["9" * 5_000]))),
    "several single values": (_holder("value", "object[text]", n=1), _found(TEXTS)),
    "rows of an unknown class": (_holder("list of sets", "object[text]"), _found(TEXTS)),
    "a column beyond the last": (_holder(*CSR, "2"), _found(*_sparse([[5]], [[1.0]]))),
    "a column before the first": (_holder(*CSR, "2"), _found(*_sparse([[-1]], [[1.0]]))),
    "fewer values than columns": (_holder(*CSR, "2"), _found(*_sparse([[0, 1], []], [[1.0], [2.0]]))),
    "no lists": (_holder(*CSR, "2"), _found(NUMBERS, NUMBERS)),
    "a negative number of columns": (_holder(*CSR, "-2"), _found(*_sparse([[0]], [[1.0]]))),
    "an unknown sparse format": (_holder("sparse dok matrix", *CSR[1:], "2"), _found(*_sparse([[0]], [[1.0]]))),
    "fewer columns than dtypes": (_holder("pandas frame", "<f8", "<f8", labels="text"), _found(NUMBERS)),
    "a series of two columns": (_holder("pandas series", "<f8", "<f8", n=1), _found(NUMBERS, NUMBERS)),
    "names that are no numbers": (_holder("pandas frame", "<f8", labels="int"), _found(NUMBERS, names=["a"])),
    "names that are no range": (
        _holder("pandas frame", "<f8", "<f8", "<f8", labels="range"),
        _found(NUMBERS, NUMBERS, NUMBERS, names=["0", "1", "5"]),
    ),
    "an index of another length": (
        _holder("pandas frame", "<f8", labels="text", index=[IndexLevel(name=None, dtype="range(0, 9, 1)")]),
        _found(NUMBERS),
    ),
    "an index that is no range": (
        _holder("pandas frame", "<f8", labels="text", index=[IndexLevel(name=None, dtype="range(0, x)")]),
        _found(NUMBERS),
    ),
    "a zone that is a path": (
        _holder("pandas series", "datetime64[ns, dateutil//etc/passwd]", n=1),
        _found(pyarrow.array([1])),
    ),
    "values beside the categories": (
        _holder("pandas series", "category[object[text]]", n=1),
        _found(TEXTS, categories={"0": ["a"]}),
    ),
    "no categories": (_holder("pandas series", "category[object[text]]", n=1), _found(TEXTS)),
    "mixed categories": (
        _holder("pandas series", "category[object[text]]", n=1),
        _found(TEXTS, categories={"0": ["a", 1]}),
    ),
    "two columns as an array of Arrow": (_holder("pyarrow array", "string", n=1), _found(TEXTS, TEXTS)),
    "an unknown form of Arrow": (_holder("pyarrow thing", "string"), _found(TEXTS)),
    "fewer columns of polars": (_holder("polars frame", "String", "String"), _found(TEXTS)),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_columns_that_are_not_those_of_the_form_are_refused(case: str):
    with pytest.raises(InvalidState):
        unpack(*HOSTILE[case])


KINDS = {
    "array": np.arange(12.0).reshape(4, 3),
    "texts": ["a", "b", "c"],
    "frame": pd.DataFrame({"a": pd.Categorical(["x", "y"]), "b": ["u", "v"], "c": [1.5, 2.5]}),
    "sparse": scipy.sparse.csr_matrix([[0, 1.5], [2.5, 0]]),
}
RECORDS = {kind: record_data({"X": data}, "embed") for kind, data in KINDS.items()}


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(KINDS)), st.integers(0, 10_000), st.integers(1, 255))
def test_a_changed_byte_gives_an_error_of_ours_even_if_its_digest_is_right(kind: str, place: int, change: int):
    record, snapshot = RECORDS[kind]
    content = bytearray(snapshot["X"])
    content[place % len(content)] ^= change
    digest = hashlib.sha256(content).hexdigest()
    text = encode_record(record).replace(record.parts[0].snapshot.encode(), digest.encode())
    with contextlib.suppress(FileError, UsageError):
        read_parts(decode_record(text, DataRecord), snapshot={"X": bytes(content)}, most_bytes=1 << 24)


def test_a_holder_that_tells_another_form_does_not_pass_for_the_data():
    record, snapshot = RECORDS["array"]
    held = encode_record(record.parts[0].holder)
    document = json.loads(held)
    text = encode_record(record).replace(
        held, json.dumps({**document, "dtypes": ["<i8"]}, separators=(",", ":")).encode()
    )
    with pytest.raises(InvalidState, match="holds float64, expected int64"):
        read_parts(decode_record(text, DataRecord), snapshot=snapshot)
