"""DataFrames and Series of polars as tables."""

from __future__ import annotations

from typing import Any

from hermetic.errors import UsageError
from hermetic.evidence.data.python_values import type_of_objects, values_of_objects, zone_name
from hermetic.evidence.data.table import Column, Table, Values

__all__ = ["table_of_polars"]

_NUMBERS = frozenset({"float32", "float64", *(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64))})


def table_of_polars(frame: Any) -> Table:
    """Give a DataFrame or Series of polars as a table.

    Raises
    ------
    UsageError
        When it is something else of polars, or a column has no logical type.
    """
    if not hasattr(frame, "slice") or not hasattr(frame, "__len__"):
        raise UsageError(f"data are frames or series of polars, got a {type(frame).__name__}: collect() it")
    is_frame = hasattr(frame, "get_columns")
    parts = frame.get_columns() if is_frame else [frame]
    types = []
    for part in parts:
        try:
            types.append(_type_of_polars(part))
        except UsageError as error:
            raise UsageError(f"column {part.name!r}: {error}") from None
    return Table(
        n_rows=len(frame),
        columns=tuple(
            Column(name=part.name if is_frame or part.name else None, type=own)
            for part, own in zip(parts, types, strict=True)
        ),
        read=lambda start, stop: [
            _values_of_polars(part.slice(start, stop - start), own) for part, own in zip(parts, types, strict=True)
        ],
    )


_OF_POLARS = {
    "Binary": "bytes",
    "Boolean": "bool",
    "Categorical": "text",
    "Date": "date",
    "Decimal": "decimal",
    "Enum": "text",
    "Null": "missing",
    "String": "text",
    "Time": "time[ns]",
    "Utf8": "text",
}


def _type_of_polars(part: Any) -> str:
    dtype = part.dtype
    name = str(dtype).partition("(")[0]
    if name in _OF_POLARS:
        return _OF_POLARS[name]
    if name.lower() in _NUMBERS:
        return name.lower()
    if name == "Datetime":
        return f"timestamp[{dtype.time_unit}" + (f", {zone_name(dtype.time_zone)}]" if dtype.time_zone else "]")
    if name == "Duration":
        return f"duration[{dtype.time_unit}]"
    if name in ("List", "Array", "Struct"):
        return "json"
    if name == "Object":
        return type_of_objects(part.to_list())
    raise UsageError(f"values of {dtype} have no fingerprint: convert them")


def _values_of_polars(part: Any, type_: str) -> Values:
    import numpy as np

    if type_ in ("text", "bytes", "decimal", "json", "missing"):
        return values_of_objects(part.to_list(), type_)
    absent = part.is_null().to_numpy()
    numbers = part.to_physical()
    numbers = (numbers.fill_null(value=False) if type_ == "bool" else numbers.fill_null(0)).to_numpy()
    if type_.startswith("float"):
        absent = absent | np.isnan(numbers)
    if type_.startswith(("date", "timestamp", "duration", "time")):
        numbers = numbers.astype(np.int64)
    return Values(content=numbers, is_missing=absent if absent.any() else None)
