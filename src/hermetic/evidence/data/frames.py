"""DataFrames and Series of pandas as tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hermetic.errors import UsageError
from hermetic.evidence.data.arrays import type_of_array, values_of_array
from hermetic.evidence.data.arrow import type_of_arrow, values_of_arrow
from hermetic.evidence.data.python_values import values_of_objects, zone_name
from hermetic.evidence.data.table import Column, Table, Values

__all__ = ["table_of_frame"]

_Reader = tuple[str, Callable[[int, int], Values]]


def table_of_frame(frame: Any) -> Table:
    """Give a DataFrame or a Series as a table; its index is no part of the data.

    Raises
    ------
    UsageError
        When a column has no logical type; the message names it.
    """
    columns = [frame] if frame.ndim == 1 else [frame.iloc[:, place] for place in range(frame.shape[1])]
    names = [frame.name] if frame.ndim == 1 else list(frame.columns)
    readers = []
    for name, column in zip(names, columns, strict=True):
        try:
            readers.append(_reader(column))
        except UsageError as error:
            raise UsageError(str(error) if name is None else f"column {name!r}: {error}") from None
    return Table(
        n_rows=len(frame),
        columns=tuple(
            Column(name=None if name is None else str(name), type=own)
            for name, (own, _) in zip(names, readers, strict=True)
        ),
        read=lambda start, stop: [read(start, stop) for _, read in readers],
    )


def _reader(column: Any) -> _Reader:
    """Give the logical type of a Series, and what reads its values."""
    dtype = column.dtype
    kind = type(dtype).__name__
    if kind == "CategoricalDtype":
        return _categories(column)
    if kind == "SparseDtype":
        return _reader(column.sparse.to_dense())
    if kind == "ArrowDtype":
        chunks = column.array.__arrow_array__()
        own = type_of_arrow(chunks.type, chunks)
        return own, lambda start, stop: values_of_arrow(chunks.slice(start, stop - start), own)
    if kind == "StringDtype":
        return "text", lambda start, stop: values_of_objects(column.iloc[start:stop].to_numpy(object).tolist(), "text")
    if kind == "DatetimeTZDtype":
        moments = column.dt.tz_convert("UTC").dt.tz_localize(None)
        own = f"timestamp[{dtype.unit}, {zone_name(dtype.tz)}]"
        return own, lambda start, stop: values_of_array(moments.iloc[start:stop].to_numpy(), f"timestamp[{dtype.unit}]")
    if hasattr(dtype, "numpy_dtype") and hasattr(column.array, "to_numpy"):
        return _nullable(column)
    if kind in ("PeriodDtype", "IntervalDtype"):
        raise UsageError(f"values of {dtype} have no fingerprint: convert them, for example to timestamps or texts")
    array = column.to_numpy()
    own = type_of_array(array)
    return own, lambda start, stop: values_of_array(array[start:stop], own)


def _categories(column: Any) -> _Reader:
    """Read categories as the values that they stand for, each encoded once."""
    import numpy as np

    codes = column.cat.codes.to_numpy()
    values = column.cat.categories.to_series().reset_index(drop=True)
    own, read_categories = _reader(values)
    known = read_categories(0, len(values))

    def read(start: int, stop: int) -> Values:
        places = codes[start:stop]
        absent = places < 0
        missing = absent if absent.any() else None
        if isinstance(known.content, np.ndarray):
            taken = known.content.take(places, mode="clip") if len(known.content) else np.zeros(len(places), bool)
            return Values(content=taken, is_missing=missing)
        # One more for -1, so that a missing value takes the last.
        texts = [*known.content, None]
        return Values(content=[texts[place] for place in places.tolist()], is_missing=missing)

    return ("missing" if not len(values) and own != "text" else own), read


def _nullable(column: Any) -> _Reader:
    """Read whole numbers, numbers and booleans beside which pandas keeps a mask."""
    import numpy as np

    dtype = column.dtype.numpy_dtype
    own = type_of_array(np.empty(0, dtype))

    def read(start: int, stop: int) -> Values:
        part = column.iloc[start:stop]
        absent = part.isna().to_numpy(bool)
        numbers = part.array.to_numpy(dtype=dtype, na_value=dtype.type(0))
        if dtype.kind == "f":
            absent = absent | np.isnan(numbers)
        return Values(content=numbers, is_missing=absent if absent.any() else None)

    return own, read
