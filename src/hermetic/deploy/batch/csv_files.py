"""Reading CSV, also gzip: as texts first, to find out what the columns of the whole file hold, then as that.

A column is never typed by its first rows: whole numbers at the beginning and decimals at the end of a file are one
column of decimals. Values count as missing, and as numbers, as with `pandas.read_csv`; what a model takes for text
stays text, so that the category ``007`` keeps its zeros. Numbers are rounded correctly, as with
``float_precision="round_trip"`` of pandas.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow
import pyarrow.compute
import pyarrow.csv

from hermetic.deploy.batch.damage import naming_damage
from hermetic.errors import FormatError

__all__ = ["CsvReader", "TextTypes", "types_of_csv"]

_BLOCK_BYTES = 4 << 20
_MISSING = "#N/A|#N/A N/A|#NA|-1.#IND|-1.#QNAN|-NaN|-nan|1.#IND|1.#QNAN|<NA>|N/A|NA|NULL|NaN|None|n/a|nan|null"
_TRUE, _FALSE = ["True", "TRUE", "true"], ["False", "FALSE", "false"]
_ZEROS_FIRST = r"^[+-]?0[0-9]"
_COMPUTE: Any = pyarrow.compute


@dataclass(frozen=True, kw_only=True)
class TextTypes:
    """What the columns of a text file hold.

    Attributes
    ----------
    types : dict of str to pyarrow.DataType
        The type of each column.
    with_missing : set of str
        The columns in which a value is missing.
    n_rows : int
        How many rows there are.
    """

    types: dict[str, pyarrow.DataType]
    with_missing: set[str]
    n_rows: int


class CsvReader:
    """A CSV file, with the types that its columns are known to have; all are texts without."""

    def __init__(self, path: str, types: Mapping[str, pyarrow.DataType] | None = None) -> None:
        self.path = path
        self.n_rows: int | None = None
        with pyarrow.input_stream(path, compression="detect") as file:
            names = pyarrow.csv.open_csv(file, read_options=_reading(), parse_options=_parsing()).schema.names
        own = dict(types or {})
        self.schema: pyarrow.Schema = pyarrow.schema([(name, own.get(name, pyarrow.string())) for name in names])

    def chunks(self, columns: Sequence[str], first_row: int) -> Iterator[pyarrow.RecordBatch]:
        """Give the rows from a number on; those before are read and left aside."""
        converting = pyarrow.csv.ConvertOptions(
            column_types=dict.fromkeys(self.schema.names, pyarrow.string()),
            null_values=["", *_MISSING.split("|")],
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
            include_columns=list(dict.fromkeys(columns)),
        )
        wanted = [self.schema.field(name).type for name in columns]
        with pyarrow.input_stream(self.path, compression="detect") as file:
            options: dict[str, Any] = {"read_options": _reading(), "parse_options": _parsing()}
            for batch in pyarrow.csv.open_csv(file, convert_options=converting, **options):
                if first_row >= batch.num_rows:
                    first_row -= batch.num_rows
                    continue
                rest = batch.slice(first_row)
                first_row = 0
                own = [
                    values if type_ == pyarrow.string() else _CONVERT[str(type_)](values)
                    for values, type_ in zip(rest.select(list(columns)).columns, wanted, strict=True)
                ]
                yield pyarrow.RecordBatch.from_arrays(own, names=list(columns))


def _reading() -> Any:
    return pyarrow.csv.ReadOptions(use_threads=False, block_size=_BLOCK_BYTES)


def _parsing() -> Any:
    return pyarrow.csv.ParseOptions(newlines_in_values=True)


def _trimmed(values: Any) -> Any:
    return _COMPUTE.utf8_trim_whitespace(values)


def _booleans(values: Any) -> Any:
    trimmed = _trimmed(values)
    is_true = _COMPUTE.is_in(trimmed, pyarrow.array(_TRUE))
    is_known = _COMPUTE.or_(is_true, _COMPUTE.is_in(trimmed, pyarrow.array(_FALSE)))
    if not _COMPUTE.all(_COMPUTE.or_(is_known, _COMPUTE.is_null(values)), min_count=0).as_py():
        raise pyarrow.ArrowInvalid("no truth value")
    return _COMPUTE.if_else(_COMPUTE.is_null(values), pyarrow.scalar(None, pyarrow.bool_()), is_true)


_CONVERT: dict[str, Callable[[Any], Any]] = {
    "bool": _booleans,
    "int64": lambda values: _COMPUTE.cast(_trimmed(values), pyarrow.int64()),
    "double": lambda values: _COMPUTE.cast(_trimmed(values), pyarrow.float64()),
}
_NAMES = {"bool": pyarrow.bool_(), "int64": pyarrow.int64(), "double": pyarrow.float64()}


class _Observed:
    """What the values of one column, seen so far, can be."""

    def __init__(self, wish: str) -> None:
        self.wish = wish
        self.possible = [] if wish == "text" else list(_CONVERT)
        self.has_missing = False
        self.has_values = False

    def see(self, values: Any, n_before: int, where: str) -> None:
        """Look at more values; raises FormatError where a number is wanted, and there is none."""
        self.has_missing = self.has_missing or values.null_count > 0
        if values.null_count == len(values):
            return
        self.has_values = True
        if self.wish == "label" and self.possible and _zeros_first(values):
            self.possible = []
        before = self.possible
        self.possible = [name for name in before if _converts(name, values)]
        if self.wish == "number" and not self.possible:
            row = _first_wrong(values)
            found = values[row].as_py()
            what = "is no number" if _converts("double", values.slice(row, 1)) is False else "is unlike those before"
            raise FormatError(
                f"{found!r} {what}, and the model takes numbers", where=f"{where}, row {n_before + row + 1}"
            )

    def type(self, *, is_feature: bool) -> pyarrow.DataType:
        """Give the narrowest type that fits all; as pandas, whole numbers with missing ones are decimals."""
        if self.wish == "text":
            return pyarrow.string()
        if not self.has_values:
            return pyarrow.float64() if is_feature else pyarrow.string()
        return _NAMES[self.possible[0]] if self.possible else pyarrow.string()


def _zeros_first(values: Any) -> bool:
    found = _COMPUTE.any(_COMPUTE.match_substring_regex(values, _ZEROS_FIRST), min_count=0)
    return bool(found.as_py())


def _converts(name: str, values: Any) -> bool:
    try:
        _CONVERT[name](values)
    except pyarrow.ArrowInvalid:
        return False
    return True


def _first_wrong(values: Any) -> int:
    """Find the first value that is no number."""
    start, stop = 0, len(values)
    while stop - start > 1:
        middle = (start + stop) // 2
        if _converts("double", values.slice(start, middle - start)):
            start = middle
        else:
            stop = middle
    return start


def types_of_csv(reader: CsvReader, wishes: Mapping[str, str]) -> TextTypes:
    """Read a file once, to find out what its columns hold.

    Parameters
    ----------
    reader : CsvReader
        Without types.
    wishes : mapping of str to {"number", "text", "any", "label"}
        What is wanted of each column. "label" is kept for people: numbers with zeros at the front stay texts.

    Raises
    ------
    FormatError
        When a number is wanted where there is none; the message names file, column, row and value.
    """
    observed = {name: _Observed(wish) for name, wish in wishes.items()}
    n_rows = 0
    # Without any column the rows would not be counted.
    with naming_damage(reader.path):
        for batch in reader.chunks(list(wishes) or reader.schema.names[:1], 0):
            for name, seen in observed.items():
                seen.see(batch.column(name), n_rows, f"{reader.path}, column {name!r}")
            n_rows += batch.num_rows
    types = {name: seen.type(is_feature=seen.wish != "label") for name, seen in observed.items()}
    with_missing = {name for name, seen in observed.items() if seen.has_missing}
    return TextTypes(types=types, with_missing=with_missing, n_rows=n_rows)
