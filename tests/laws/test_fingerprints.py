"""Laws of fingerprints: the holder does not matter, each value does, and what is told of a difference is true."""

from __future__ import annotations

import datetime
import io
from typing import Any

import numpy as np
import pandas as pd
import polars
import pyarrow
import pyarrow.parquet
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hermetic.evidence.data.differences import differences_between
from hermetic.evidence.data.fingerprint import fingerprint

_MOMENTS = st.datetimes(datetime.datetime(1700, 1, 1), datetime.datetime(2200, 1, 1))
_VALUES: dict[str, tuple[st.SearchStrategy[Any], Any]] = {
    "float64": (st.floats(allow_nan=False), pyarrow.float64()),
    "float32": (st.floats(allow_nan=False, width=32), pyarrow.float32()),
    "int64": (st.integers(-(2**63), 2**63 - 1), pyarrow.int64()),
    "int8": (st.integers(-128, 127), pyarrow.int8()),
    "uint16": (st.integers(0, 2**16 - 1), pyarrow.uint16()),
    "uint64": (st.integers(0, 2**64 - 1), pyarrow.uint64()),
    "bool": (st.booleans(), pyarrow.bool_()),
    "text": (st.text(st.characters(exclude_categories=["Cs"]), max_size=8), pyarrow.string()),
    "bytes": (st.binary(max_size=8), pyarrow.binary()),
    "date": (st.dates(datetime.date(1700, 1, 1), datetime.date(2200, 1, 1)), pyarrow.date32()),
    "timestamp[us]": (_MOMENTS, pyarrow.timestamp("us")),
    "timestamp[ms, UTC]": (
        _MOMENTS.map(lambda own: own.replace(microsecond=0, tzinfo=datetime.UTC)),
        pyarrow.timestamp("ms", tz="UTC"),
    ),
    "duration[us]": (st.timedeltas(-datetime.timedelta(10**5), datetime.timedelta(10**5)), pyarrow.duration("us")),
}


@st.composite
def tables(draw: st.DrawFn, least_rows: int = 0) -> pyarrow.Table:
    """Give a table of one to four columns, any of them with missing values."""
    n_rows = draw(st.integers(least_rows, 12))
    kinds = draw(st.lists(st.sampled_from(sorted(_VALUES)), min_size=1, max_size=4))
    columns = {}
    for place, kind in enumerate(kinds):
        values, arrow_type = _VALUES[kind]
        items = st.none() | values if draw(st.booleans()) else values
        rows = draw(st.lists(items, min_size=n_rows, max_size=n_rows))
        columns[f"{kind} {place}"] = pyarrow.array(rows, type=arrow_type)
    return pyarrow.table(columns)


def _parquet(table: pyarrow.Table) -> io.BytesIO:
    file = io.BytesIO()
    pyarrow.parquet.write_table(table, file)
    file.seek(0)
    return file


@given(tables(), st.integers(0, 12))
@settings(max_examples=80, deadline=None)
def test_the_library_that_holds_a_table_does_not_matter(table: pyarrow.Table, cut: int):
    expected = fingerprint(table)
    assert [column.type for column in expected.columns] == [name.rpartition(" ")[0] for name in table.column_names]
    held = {
        "polars": polars.from_arrow(table),
        "pandas": table.to_pandas(types_mapper=pd.ArrowDtype),
        "pieces": pyarrow.concat_tables([table[:cut], table[cut:]]),
        "Parquet": pyarrow.parquet.read_table(_parquet(table)),
        "Parquet in polars": polars.read_parquet(_parquet(table)),
    }
    assert {holder: fingerprint(own) == expected for holder, own in held.items()} == dict.fromkeys(held, True)


@given(tables(least_rows=1), st.data())
@settings(max_examples=80, deadline=None)
def test_each_single_value_matters(table: pyarrow.Table, data: st.DataObject):
    place = data.draw(st.integers(0, table.num_columns - 1))
    row = data.draw(st.integers(0, table.num_rows - 1))
    name = table.column_names[place]
    column = table.column(place)
    values = column.to_pylist()
    other = data.draw(st.none() | _VALUES[name.rpartition(" ")[0]][0])
    changed = table.set_column(place, name, pyarrow.array([*values[:row], other, *values[row + 1 :]], column.type))
    # -0.0 is equal to 0.0, and another value.
    assume(repr(changed.column(place).to_pylist()) != repr(values))
    first, second = fingerprint(table), fingerprint(changed)
    assert first.digest != second.digest
    assert [one.digest == two.digest for one, two in zip(first.columns, second.columns, strict=True)] == [
        number != place for number in range(table.num_columns)
    ]
    (words,) = differences_between(first, second)
    assert words.startswith(f"column {name!r} holds other values")


@given(tables(least_rows=2), st.randoms(use_true_random=False))
@settings(max_examples=80, deadline=None)
def test_the_order_of_rows_matters_and_is_told(table: pyarrow.Table, random: Any):
    order = list(range(table.num_rows))
    random.shuffle(order)
    shuffled = table.take(order)
    first, second = fingerprint(table), fingerprint(shuffled)
    is_same = repr(shuffled.to_pylist()) == repr(table.to_pylist())
    assert (first.digest == second.digest) == is_same
    for one, two in zip(first.columns, second.columns, strict=True):
        assert (one.unordered, one.n_missing) == (two.unordered, two.n_missing)
    are_numbers = all(not column.type.startswith(("text", "bytes")) for column in first.columns)
    if not is_same and are_numbers:
        assert all("the same values in another order of rows" in words for words in differences_between(first, second))


@given(tables(least_rows=1))
@settings(max_examples=60, deadline=None)
def test_names_are_compared_beside_the_values(table: pyarrow.Table):
    renamed = table.rename_columns([f"new {name}" for name in table.column_names])
    first, second = fingerprint(table), fingerprint(renamed)
    assert first.digest == second.digest
    words = differences_between(first, second)
    assert len(words) == 2
    assert words[0].startswith("missing columns: ")
    assert words[1].startswith("columns that were not recorded: 'new ")


@given(tables(least_rows=1), tables(least_rows=1))
@settings(max_examples=60, deadline=None)
def test_two_tables_have_the_same_digest_exactly_when_no_value_differs(one: pyarrow.Table, other: pyarrow.Table):
    first, second = fingerprint(one), fingerprint(other)
    types = [[column.type for column in own.columns] for own in (first, second)]
    rows = [
        repr(own.rename_columns([str(place) for place in range(own.num_columns)]).to_pylist()) for own in (one, other)
    ]
    assert (first.digest == second.digest) == (types[0] == types[1] and rows[0] == rows[1])
    assert bool(differences_between(first, second)) == (first != second)


@given(st.lists(st.floats(), max_size=30), st.sampled_from(["C", "F", "strided", "big"]))
@settings(max_examples=80, deadline=None)
def test_the_place_of_numbers_in_memory_does_not_matter(numbers: list[float], form: str):
    matrix = np.array(numbers + numbers).reshape(2, -1).T
    held = {
        "C": np.ascontiguousarray(matrix),
        "F": np.asfortranarray(matrix),
        "strided": np.repeat(np.ascontiguousarray(matrix), 3, axis=1)[:, ::3],
        "big": matrix.astype(">f8"),
    }[form]
    before = held.tobytes()
    assert fingerprint(held) == fingerprint(matrix)
    assert held.tobytes() == before
    frame = pd.DataFrame(matrix, columns=["one", "two"])
    assert fingerprint(frame).digest == fingerprint(held).digest
