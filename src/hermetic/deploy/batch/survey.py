"""Looking at a whole file before the model is asked about any of it.

Names, types, missing values and unknown categories are checked, and the model is asked about the first row and about
the first row with a missing value in each column: what would stop the work after hours stops it at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pyarrow
import pyarrow.compute

from hermetic.deploy.batch.asking import ask_model
from hermetic.deploy.batch.columns import check_types, choose_columns, wish_of
from hermetic.deploy.batch.csv_files import CsvReader, types_of_csv
from hermetic.deploy.batch.json_files import JsonReader, types_of_json
from hermetic.deploy.batch.layout import Layout, pandas_metadata
from hermetic.deploy.batch.readers import ParquetReader, Reader, in_batches, open_reader
from hermetic.deploy.features import Feature, Features
from hermetic.errors import UsageError

__all__ = ["Survey", "Wishes", "survey_file"]

_LOOK_ROWS = 16_384
_COMPUTE: Any = pyarrow.compute


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What the user wants of every file.

    Attributes
    ----------
    features : Features
        What the model takes.
    columns : tuple of str
        The columns that are its features, where it knows no names.
    keep : tuple of str
        The columns that stay beside the answers.
    """

    features: Features
    columns: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Survey:
    """What is known of a file that can be predicted.

    Attributes
    ----------
    reader : Reader
        Gives its rows; the columns of text files have types.
    layout : Layout
        What its columns are to the model.
    n_rows : int
        How many rows there are.
    """

    reader: Reader
    layout: Layout
    n_rows: int


@dataclass
class _Findings:
    n_rows: int = 0
    categories: dict[str, list[pyarrow.Array]] = field(default_factory=dict)
    rows_with_missing: dict[str, tuple[int, pyarrow.RecordBatch]] = field(default_factory=dict)
    first: pyarrow.RecordBatch | None = None


def survey_file(path: str, wishes: Wishes, model: Any, method: str) -> Survey:
    """Look at a file, and ask the model about a few rows of it.

    Parameters
    ----------
    path : str
        The file.
    wishes : Wishes
        What is wanted.
    model : object
        The fitted model.
    method : str
        How it is asked.

    Raises
    ------
    UsageError, FormatError
        When the file cannot be predicted; the message names file, column and row.
    """
    reader = open_reader(path)
    chosen = choose_columns(path, reader.schema, wishes.features, wishes.columns, wishes.keep)
    names = [name for name, _ in chosen]
    n_rows = reader.n_rows
    may_miss = set(names)
    if isinstance(reader, (CsvReader, JsonReader)):
        wanted = dict.fromkeys(wishes.keep, "label") | {name: wish_of(feature) for name, feature in chosen}
        own = types_of_csv(reader, wanted) if isinstance(reader, CsvReader) else types_of_json(reader, wanted)
        n_rows, may_miss = own.n_rows, may_miss & own.with_missing
        reader = open_reader(path, own.types)
    elif isinstance(reader, ParquetReader):
        may_miss -= reader.columns_without_missing()
    check_types(path, reader.schema, chosen)
    layout = Layout(
        path=path,
        form=wishes.features.form,
        columns=tuple(names),
        has_names=wishes.features.names is not None,
        metadata=pandas_metadata(reader.schema),
    )
    found = _look(reader, chosen, may_miss, n_rows)
    categories = {name: _joined(parts) for name, parts in found.categories.items()}
    layout = replace(layout, with_missing=frozenset(found.rows_with_missing), categories=categories)
    _probe(layout, found, model, method)
    return Survey(reader=reader, layout=layout, n_rows=found.n_rows if n_rows is None else n_rows)


def _look(reader: Reader, chosen: Sequence[tuple[str, Feature]], may_miss: set[str], n_rows: int | None) -> _Findings:
    """Read as much as is needed to know where values are missing, and which categories there are."""
    names = [name for name, _ in chosen]
    known = {name: _known_values(feature) for name, feature in chosen if feature.refuses_unknown}
    of_categories = {name for name in names if pyarrow.types.is_dictionary(reader.schema.field(name).type)}
    found = _Findings(categories={name: [] for name in of_categories})
    for batch in in_batches(reader, names, _LOOK_ROWS):
        if found.first is None:
            found.first = batch.slice(0, 1)
        for name, values in zip(names, batch.columns, strict=True):
            if name in may_miss and name not in found.rows_with_missing and values.null_count:
                row = _COMPUTE.index(values.is_null(), True).as_py()
                found.rows_with_missing[name] = (found.n_rows + row, batch.slice(row, 1))
            if name in of_categories:
                found.categories[name].append(values.dictionary)
                found.categories[name] = [_joined(found.categories[name])]
            if known.get(name) is not None:
                _check_categories(f"{reader.path}, column {name!r}", values, known[name], found.n_rows)
        found.n_rows += batch.num_rows
        is_done = may_miss <= found.rows_with_missing.keys() and not known and not of_categories
        if is_done and n_rows is not None:
            break
    return found


def _joined(parts: Sequence[pyarrow.Array]) -> pyarrow.Array:
    """Join the categories of parts of a file in the order in which they come."""
    return parts[0] if len(parts) == 1 else _COMPUTE.unique(pyarrow.chunked_array(parts))


def _known_values(feature: Feature) -> pyarrow.Array | None:
    """Give the categories that a model knows, for comparing; None where values of several kinds cannot be."""
    real = [own for own in feature.categories if own is not None and own == own]
    wish = wish_of(feature)
    if wish == "any":
        return None
    return pyarrow.array(real, pyarrow.string() if wish == "text" else pyarrow.float64())


def _check_categories(where: str, values: Any, known: pyarrow.Array, n_before: int) -> None:
    if pyarrow.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    is_known = _COMPUTE.is_in(values.cast(known.type, safe=False), value_set=known)
    row = _COMPUTE.index(_COMPUTE.or_(is_known, values.is_null(nan_is_null=True)), False).as_py()
    if row < 0:
        return
    shown = ", ".join(repr(own) for own in known[:5].to_pylist())
    raise UsageError(
        f"{values[row].as_py()!r} is none of the {len(known)} categories that the model knows: "
        f"{shown}{' ...' if len(known) > 5 else ''}",
        where=f"{where}, row {n_before + row + 1}",
        next_step="The model was fitted to refuse categories that it has not seen. Correct or leave out the row.",
    )


def _probe(layout: Layout, found: _Findings, model: Any, method: str) -> None:
    """Ask the model about the first row, and about the first row with a missing value in each column."""
    asked: set[int] = set()
    for row, batch in [(0, found.first), *sorted(found.rows_with_missing.values(), key=lambda own: own[0])]:
        if batch is not None and row not in asked:
            asked.add(row)
            ask_model(model, method, layout, batch, row)
