"""JSON lines: a type for each column of the whole file, texts stay texts, and what does not fit is named by its row."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pyarrow
import pytest

from hermetic.deploy.batch.json_files import JsonReader, types_of_json
from hermetic.deploy.batch.readers import in_batches
from hermetic.errors import FormatError


def typed(tmp_path: Path, rows: list, **wishes: str) -> tuple[dict[str, str], dict[str, list], set[str]]:
    """Give the types of the columns, their values, and those with missing ones."""
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    found = types_of_json(JsonReader(str(path)), wishes)
    batches = in_batches(JsonReader(str(path), found.types), list(wishes), 1_000)
    values = pyarrow.Table.from_batches(list(batches)).to_pydict()
    return {name: str(own) for name, own in found.types.items()}, values, found.with_missing


@pytest.mark.parametrize(
    ("values", "type", "wanted"),
    [
        ([1, 2], "int64", [1, 2]),
        ([1, 2.5], "double", [1.0, 2.5]),
        ([1, True], "double", [1.0, 1.0]),
        ([1, None], "int64", [1, None]),
        ([True, False], "bool", [True, False]),
        (["007", "8"], "string", ["007", "8"]),
        ([None, None], "double", [None, None]),
        ([1 << 63, 1], "double", [float(1 << 63), 1.0]),
    ],
)
def test_a_column_is_of_the_narrowest_type_that_fits_all_its_values(
    tmp_path: Path, values: list, type: str, wanted: list
):
    types, found, _ = typed(tmp_path, [{"a": own} for own in values], a="any")
    assert types == {"a": type}
    assert found["a"] == wanted


def test_a_name_that_comes_late_is_a_column_and_missing_before(tmp_path: Path):
    types, found, missing = typed(tmp_path, [{"a": 1}] * 5_000 + [{"a": 2, "b": "x"}], a="number", b="text")
    assert types == {"a": "int64", "b": "string"}
    assert missing == {"b"}
    assert found["b"] == [None] * 5_000 + ["x"]


def test_the_order_of_names_in_a_row_does_not_count(tmp_path: Path):
    _, found, _ = typed(tmp_path, [{"a": 1, "b": 2}, {"b": 3, "a": 4}], a="any", b="any")
    assert found == {"a": [1, 4], "b": [2, 3]}


def test_empty_lines_are_no_rows_and_packed_files_are_read_alike(tmp_path: Path):
    path = tmp_path / "rows.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"a": 1}\n\n  \n{"a": 2}'))
    assert types_of_json(JsonReader(str(path)), {"a": "any"}).n_rows == 2


@pytest.mark.parametrize(
    ("rows", "wish", "words", "row"),
    [
        ([{"a": 1}, {"a": "x"}], "number", "texts, the model takes numbers", 2),
        ([{"a": "x"}, {"a": 7}], "text", "numbers, the model takes texts", 2),
        ([{"a": "x"}, {"a": None}, {"a": True}], "any", "truth values among others", 3),
        ([{"a": [1]}], "any", "lists, one kind is expected", 1),
        ([{"a": 1}, {"a": {"b": 1}}], "label", "objects, one kind is expected", 2),
    ],
)
def test_a_value_that_does_not_fit_is_refused_with_file_column_and_row(
    tmp_path: Path, rows: list, wish: str, words: str, row: int
):
    with pytest.raises(FormatError, match=f"the column holds {words}") as caught:
        typed(tmp_path, rows, a=wish)
    assert caught.value.where == f"{tmp_path / 'rows.jsonl'}, column 'a', row {row}"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{", "no JSON"),
        ("[1]", "expected an object, found lists"),
        ("null", "expected an object, found null"),
        ("{'a': 1}", "no JSON"),
        ("\udcff", "no JSON"),
    ],
)
def test_a_line_that_is_no_object_is_refused_with_its_row(tmp_path: Path, line: str, words: str):
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b'{"a": 1}\n' + line.encode(errors="surrogateescape") + b"\n")
    with pytest.raises(FormatError, match=words) as caught:
        JsonReader(str(path))
    assert caught.value.where == f"{path}, row 2"


def test_a_line_of_very_many_brackets_is_refused(tmp_path: Path):
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b"[" * 200_000)
    with pytest.raises(FormatError, match="no JSON"):
        JsonReader(str(path))
