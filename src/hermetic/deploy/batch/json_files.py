"""Reading JSON lines, also gzip: an object in each line; a name that an object does not have is a missing value.

As with CSV the whole file is looked at before a column has a type. Texts stay texts, whatever they look like.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow

from hermetic.deploy.batch.csv_files import TextTypes
from hermetic.errors import FormatError

__all__ = ["JsonReader", "types_of_json"]

_CHUNK_ROWS = 4_096
_WORDS = {bool: "truth values", int: "numbers", float: "numbers", str: "texts", list: "lists", dict: "objects"}
_MOST_WHOLE = 1 << 63


class JsonReader:
    """A file of JSON lines; the first reading finds the names and what stands below each."""

    def __init__(self, path: str, types: Mapping[str, pyarrow.DataType] | None = None) -> None:
        self.path = path
        self.n_rows: int | None = None
        self.seen: dict[str, dict[type, int]] = {}
        self.n_present: dict[str, int] = {}
        if types is None:
            self._look()
            types = dict.fromkeys(self.seen, pyarrow.string())
        self.schema: pyarrow.Schema = pyarrow.schema(list(types.items()))

    def _look(self) -> None:
        n_rows = 0
        for row in self._rows():
            n_rows += 1
            for name, value in row.items():
                if value is None:
                    self.seen.setdefault(name, {})
                    continue
                kinds = self.seen.setdefault(name, {})
                kind = type(value)
                if kind is int and not -_MOST_WHOLE <= value < _MOST_WHOLE:
                    kind = float
                if kind not in kinds:
                    kinds[kind] = n_rows
                self.n_present[name] = self.n_present.get(name, 0) + 1
        self.n_rows = n_rows

    def _rows(self) -> Iterator[dict[str, Any]]:
        n_rows = 0
        with open(self.path, "rb") as raw:
            file = gzip.GzipFile(fileobj=raw) if self.path.lower().endswith(".gz") else raw
            for line in file:
                if not line.strip():
                    continue
                n_rows += 1
                try:
                    row = json.loads(line)
                except (ValueError, RecursionError) as error:
                    raise FormatError(f"no JSON: {error}", where=f"{self.path}, row {n_rows}") from None
                if type(row) is not dict:
                    found = _WORDS.get(type(row), "null")
                    raise FormatError(f"expected an object, found {found}", where=f"{self.path}, row {n_rows}")
                yield row

    def chunks(self, columns: Sequence[str], first_row: int) -> Iterator[pyarrow.RecordBatch]:
        """Give the rows from a number on; those before are read and left aside."""
        rows: list[dict[str, Any]] = []
        for number, row in enumerate(self._rows()):
            if number < first_row:
                continue
            rows.append(row)
            if len(rows) == _CHUNK_ROWS:
                yield self._batch(rows, columns)
                rows = []
        if rows:
            yield self._batch(rows, columns)

    def _batch(self, rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> pyarrow.RecordBatch:
        arrays = []
        for name in columns:
            type_ = self.schema.field(name).type
            values = [row.get(name) for row in rows]
            if type_ == pyarrow.float64():
                values = [None if value is None else float(value) for value in values]
            arrays.append(pyarrow.array(values, type_))
        return pyarrow.RecordBatch.from_arrays(arrays, names=list(columns))


def types_of_json(reader: JsonReader, wishes: Mapping[str, str]) -> TextTypes:
    """Tell what the columns of a file hold, by what its first reading has seen.

    Parameters
    ----------
    reader : JsonReader
        Made without types.
    wishes : mapping of str to {"number", "text", "any", "label"}
        What is wanted of each column.

    Raises
    ------
    FormatError
        When a column holds values of several kinds, or other ones than wanted; the message names file, column and row.
    """
    n_rows = reader.n_rows or 0
    types = {name: _type(reader, name, wish) for name, wish in wishes.items()}
    with_missing = {name for name in wishes if reader.n_present.get(name, 0) < n_rows}
    return TextTypes(types=types, with_missing=with_missing, n_rows=n_rows)


def _type(reader: JsonReader, name: str, wish: str) -> pyarrow.DataType:
    kinds = reader.seen[name]
    wrong: set[type] = {own for own in kinds if own in (list, dict)}
    if wish == "number":
        wrong |= {str} & set(kinds)
    elif wish == "text":
        wrong |= {int, float, bool} & set(kinds)
    if str in kinds and len(kinds) > 1 and not wrong:
        wrong.update(kinds)
        wrong.discard(str)
    if wrong:
        kind = min(wrong, key=lambda own: kinds[own])
        wanted = {"number": "the model takes numbers", "text": "the model takes texts"}.get(
            wish, "one kind is expected"
        )
        found = f"{_WORDS[kind]}, {wanted}" if len(kinds) == 1 or wish != "any" else f"{_WORDS[kind]} among others"
        raise FormatError(f"the column holds {found}", where=f"{reader.path}, column {name!r}, row {kinds[kind]}")
    if not kinds:
        return pyarrow.string() if wish == "text" else pyarrow.float64()
    if str in kinds:
        return pyarrow.string()
    if set(kinds) == {bool}:
        return pyarrow.bool_()
    return pyarrow.int64() if set(kinds) == {int} else pyarrow.float64()
