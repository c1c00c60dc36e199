"""Columns of CSV are typed by the whole file, by what the model takes, and never lose a leading zero that counts."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pandas
import pyarrow
import pytest

from hermetic.deploy.batch.csv_files import CsvReader, types_of_csv
from hermetic.deploy.batch.readers import in_batches, open_reader
from hermetic.errors import FormatError


def typed(tmp_path: Path, text: str, **wishes: str) -> tuple[dict[str, str], dict[str, list], set[str]]:
    """Give the types of the columns, their values, and those with missing ones."""
    path = tmp_path / "rows.csv"
    path.write_text(text, encoding="utf-8")
    found = types_of_csv(CsvReader(str(path)), wishes)
    batches = in_batches(CsvReader(str(path), found.types), list(wishes), 1_000)
    values = pyarrow.Table.from_batches(list(batches)).to_pydict()
    return {name: str(own) for name, own in found.types.items()}, values, found.with_missing


@pytest.mark.parametrize(
    ("values", "type", "wanted"),
    [
        (["1", "-2", " 3"], "int64", [1, -2, 3]),
        (["1", "2.5", "1e3"], "double", [1.0, 2.5, 1000.0]),
        (["1", "inf", "-inf"], "double", [1.0, np.inf, -np.inf]),
        (["1", "NA", "3"], "int64", [1, None, 3]),
        (["1", "None", "<NA>"], "int64", [1, None, None]),
        (["True", "false", "TRUE"], "bool", [True, False, True]),
        (["True", "", "false"], "bool", [True, None, False]),
        (["1", "true", "3"], "string", ["1", "true", "3"]),
        (["1", "two", "3"], "string", ["1", "two", "3"]),
        (["007", "10", "11"], "int64", [7, 10, 11]),
        (["9223372036854775808", "1", "2"], "double", [9223372036854775808.0, 1.0, 2.0]),
        (["NA", "nan", "null"], "double", [None, None, None]),
        (["2026-01-02", "2026-01-03", "NA"], "string", ["2026-01-02", "2026-01-03", None]),
    ],
)
def test_a_column_is_of_the_narrowest_type_that_fits_all_its_values(
    tmp_path: Path, values: list[str], type: str, wanted: list
):
    types, found, _ = typed(tmp_path, "a,b\n" + "".join(f"{own},x\n" for own in values), a="any")
    assert types == {"a": type}
    assert found["a"] == wanted


def test_types_and_missing_values_are_those_that_pandas_finds(tmp_path: Path):
    values = ["1.7976931348623157e308", "5e-324", "0.1", "123456789.123456789", "2.2250738585072011e-308", "1e23"]
    _, found, _ = typed(tmp_path, "a\n" + "\n".join(values) + "\n", a="number")
    assert found["a"] == [float(own) for own in values]
    assert pandas.read_csv(tmp_path / "rows.csv")["a"].tolist() == found["a"]


def test_a_decimal_on_the_last_of_many_rows_makes_the_whole_column_decimal(tmp_path: Path):
    text = "a\n" + "12345678\n" * 1_000_000 + "0.5\n"
    types, found, _ = typed(tmp_path, text, a="any")
    assert types == {"a": "double"}
    assert (len(found["a"]), found["a"][0], found["a"][-1]) == (1_000_001, 12345678.0, 0.5)


def test_text_that_is_wanted_keeps_its_zeros_and_a_number_that_is_wanted_loses_them(tmp_path: Path):
    _, found, _ = typed(tmp_path, "a,b\n007,007\n", a="text", b="number")
    assert (found["a"], found["b"]) == (["007"], [7])


@pytest.mark.parametrize(
    ("values", "type"), [(["007", "8"], "string"), (["0", "7"], "int64"), (["0.5", "1"], "double")]
)
def test_what_is_kept_for_people_keeps_zeros_at_the_front(tmp_path: Path, values: list[str], type: str):
    types, _, _ = typed(tmp_path, "a\n" + "\n".join(values) + "\n", a="label")
    assert types == {"a": type}


def test_columns_with_missing_values_are_known(tmp_path: Path):
    _, _, missing = typed(tmp_path, "a,b,c\n1,x,\n2,,NA\n", a="any", b="text", c="any")
    assert missing == {"b", "c"}


def test_quotes_line_breaks_and_signs_of_any_script_are_read(tmp_path: Path):
    _, found, _ = typed(tmp_path, 'a,b\n"one, ""two""\nthree",1\n"São Paulo",2\n', a="text", b="number")
    assert found == {"a": ['one, "two"\nthree', "São Paulo"], "b": [1, 2]}


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path: Path):
    types, _, _ = typed(tmp_path, "\ufeffa\n1\n", a="any")
    assert types == {"a": "int64"}


def test_a_packed_file_is_read_alike(tmp_path: Path):
    path = tmp_path / "rows.csv.gz"
    path.write_bytes(gzip.compress(b"a\n1\n2\n"))
    assert types_of_csv(CsvReader(str(path)), {"a": "any"}).n_rows == 2


def test_a_number_that_is_none_is_refused_with_file_column_row_and_value(tmp_path: Path):
    text = "a,b\n" + "1,x\n" * 500_000 + "twelve,x\n" + "2,x\n"
    with pytest.raises(FormatError, match="'twelve' is no number, and the model takes numbers") as caught:
        typed(tmp_path, text, a="number")
    assert caught.value.where == f"{tmp_path / 'rows.csv'}, column 'a', row 500001"


def test_a_number_among_truth_values_is_refused_as_such(tmp_path: Path):
    with pytest.raises(FormatError, match="'True' is no number"):
        typed(tmp_path, "a\n1\nTrue\n", a="number")
    with pytest.raises(FormatError, match="is no number"):
        typed(tmp_path, "a\nTrue\n1\n", a="number")


def test_rows_are_counted_when_no_column_is_wanted(tmp_path: Path):
    (tmp_path / "rows.csv").write_text("a\n1\n2\n3\n")
    assert types_of_csv(CsvReader(str(tmp_path / "rows.csv")), {}).n_rows == 3


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"a,b\n1,2\n3\n", "Expected 2 columns, got 1"),
        (b"a\n\xff\xfe\n", "invalid UTF8"),
    ],
)
def test_a_row_that_is_damaged_is_refused(tmp_path: Path, data: bytes, words: str):
    path = tmp_path / "rows.csv"
    path.write_bytes(data)
    with pytest.raises(FormatError, match=words) as caught:
        types_of_csv(open_reader(str(path)), {"a": "any"})
    assert caught.value.where == str(path)
