"""pyarrow's tables and arrays as tables."""

from __future__ import annotations

from typing import Any

from hermetic.errors import UsageError
from hermetic.evidence.data.python_values import values_of_objects, zone_name
from hermetic.evidence.data.table import Column, Table, Values

__all__ = ["table_of_arrow", "type_of_arrow", "values_of_arrow"]

_PLAIN = {"bool", *(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64))}
_FLOATS = {"halffloat": "float16", "float": "float32", "double": "float64"}
_OF_PYTHON = ("decimal", "list", "large_list", "fixed_size_list", "struct", "map")


def table_of_arrow(table: Any) -> Table:
    """Give a Table, RecordBatch, Array or ChunkedArray of pyarrow as a table.

    Raises
    ------
    UsageError
        When it is something else of pyarrow, or a column has no logical type.
    """
    if not hasattr(table, "slice"):
        raise UsageError(f"data are tables or columns of pyarrow, got a {type(table).__name__}")
    names = list(table.schema.names) if hasattr(table, "schema") else [None]
    parts = list(table.columns) if hasattr(table, "schema") else [table]
    types = []
    for name, part in zip(names, parts, strict=True):
        try:
            types.append(type_of_arrow(part.type, part))
        except UsageError as error:
            raise UsageError(str(error) if name is None else f"column {name!r}: {error}") from None
    return Table(
        n_rows=len(table),
        columns=tuple(Column(name=name, type=own) for name, own in zip(names, types, strict=True)),
        read=lambda start, stop: [
            values_of_arrow(part.slice(start, stop - start), own) for part, own in zip(parts, types, strict=True)
        ],
    )


def type_of_arrow(arrow_type: Any, values: Any) -> str:
    """Give the logical type of an Arrow type; its values decide where the type does not.

    Raises
    ------
    UsageError
        When it has none.
    """
    text = str(arrow_type)
    plain = text.partition("[")[0].partition("<")[0].partition("(")[0]
    if plain == "dictionary":
        return type_of_arrow(arrow_type.value_type, values.cast(arrow_type.value_type))
    if text in _PLAIN:
        return text
    if text in _FLOATS:
        return _FLOATS[text]
    if plain in ("string", "large_string", "string_view"):
        return "text"
    if plain in ("binary", "large_binary", "binary_view", "fixed_size_binary"):
        return "bytes"
    if plain in ("date32", "date64"):
        return "date"
    if plain == "null":
        return "missing"
    if plain == "timestamp":
        return f"timestamp[{arrow_type.unit}" + (f", {zone_name(arrow_type.tz)}]" if arrow_type.tz else "]")
    if plain in ("duration", "time32", "time64"):
        return f"{'duration' if plain == 'duration' else 'time'}[{arrow_type.unit}]"
    if plain.startswith(_OF_PYTHON):
        return "decimal" if plain.startswith("decimal") else "json"
    raise UsageError(f"values of {text} have no fingerprint: convert them")


def values_of_arrow(part: Any, type_: str) -> Values:
    """Give the values of an Array or ChunkedArray of pyarrow, whose logical type is known."""
    import numpy as np
    import pyarrow

    if type_ in ("text", "bytes", "decimal", "json", "missing"):
        return values_of_objects(part.to_pylist(), type_)
    if isinstance(part, pyarrow.ChunkedArray):
        part = part.combine_chunks()
        part = part if isinstance(part, pyarrow.Array) else pyarrow.concat_arrays(part.chunks)
    if pyarrow.types.is_dictionary(part.type):
        part = part.dictionary_decode()
    absent = part.is_null(nan_is_null=True).to_numpy(zero_copy_only=False)
    if type_ == "date":
        part = part.cast(pyarrow.date32()).cast(pyarrow.int32())
    elif type_.startswith(("timestamp", "duration", "time")):
        part = part.cast(pyarrow.int32() if pyarrow.types.is_time32(part.type) else pyarrow.int64())
    if part.null_count:
        part = part.fill_null(False if pyarrow.types.is_boolean(part.type) else 0)
    numbers = part.to_numpy(zero_copy_only=False)
    if type_.startswith(("date", "timestamp", "duration", "time")):
        numbers = numbers.astype(np.int64)
    return Values(content=numbers, is_missing=absent if absent.any() else None)
