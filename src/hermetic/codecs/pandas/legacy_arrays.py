"""Parts of pandas' own arrays in legacy files that need more than taking them out: texts, intervals, sparse ones."""

from __future__ import annotations

from typing import Any

from hermetic.codecs.codec import LegacyObject, not_adopted
from hermetic.codecs.pandas.arrow_legacy import arrow_column
from hermetic.codecs.pandas.dtypes import describe_legacy_text_dtype
from hermetic.codecs.pandas.legacy import adopted_object, backed_parts, is_unset, members_of
from hermetic.lazy import numpy as np

__all__ = ["ends_of_intervals", "index_of_values", "parts_of_sparse", "parts_of_texts"]

_ARROW_TEXTS = ("string", "large_string")
_MOST_ROWS = 1 << 31


def parts_of_texts(made: LegacyObject) -> dict[str, Any]:
    """Give the fields of an array of texts: objects of Python, or buffers of pyarrow.

    Parameters
    ----------
    made : LegacyObject
        As its file makes it.

    Returns
    -------
    dict of str to object
        As `hermetic.codecs.pandas.arrays.TextArrayCodec` describes them.

    Raises
    ------
    InvalidState
        When it holds something else than texts.
    """
    state = made.state if type(made.state) is dict else {}
    if "_pa_array" in state or type(state.get("_data")) is LegacyObject:
        state = members_of(made)
        column = arrow_column(state.get("_pa_array", state.get("_data")))
        if column.type[0] not in _ARROW_TEXTS:
            raise not_adopted(made, f"it holds {column.type[0]} in place of texts")
        dtype, texts, missing = state.get("_dtype"), column.values, column.missing
        described = {"storage": "pyarrow", "missing": "NA"}
    else:
        dtype, values, _ = backed_parts(made)
        described = {"storage": "python", "missing": "NA"}
        if values.ndim == 2 and len(values) == 1:
            values = values[0]  # a block of one column
        items = values.tolist() if values.ndim == 1 else [None]
        missing = np.array([type(item) is not str for item in items], dtype=bool)
        if values.ndim != 1 or not all(type(item) is str or is_unset(item) for item in items):
            raise not_adopted(made, "it holds something else than texts")
        texts = [item if type(item) is str else "" for item in items]
    if type(dtype) is LegacyObject:
        described = describe_legacy_text_dtype(dtype)
    fields: dict[str, Any] = {"storage": described["storage"], "missing_value": described["missing"], "texts": texts}
    return {**fields, "missing": missing} if missing.any() else fields


def index_of_values(made: LegacyObject, values: Any) -> LegacyObject:
    """Give the index that pandas makes of the ends of intervals.

    Parameters
    ----------
    made : LegacyObject
        The intervals, for messages.
    values : numpy.ndarray or LegacyObject
        Numbers, moments or durations.

    Returns
    -------
    LegacyObject
        An index without a name.

    Examples
    --------
    >>> import numpy
    >>> index_of_values(LegacyObject("pandas.arrays:IntervalArray"), numpy.zeros(2)).name
    'pandas.Index'
    """
    if isinstance(values, np.ndarray):
        kinds = {"M": "pandas.DatetimeIndex", "m": "pandas.TimedeltaIndex"}
        return adopted_object(made, kinds.get(values.dtype.kind, "pandas.Index"), {"values": values})
    if type(values) is LegacyObject and values.name in ("pandas.arrays.DatetimeArray", "pandas.arrays.TimedeltaArray"):
        return adopted_object(made, values.name.replace("arrays.", "").replace("Array", "Index"), dict(values.fields))
    raise not_adopted(made, "its ends are neither numbers nor moments")


def ends_of_intervals(made: LegacyObject) -> dict[str, Any]:
    """Give the fields of an array of intervals.

    Parameters
    ----------
    made : LegacyObject
        As its file makes it.

    Returns
    -------
    dict of str to object
        ``left``, ``right`` and ``closed``.

    Raises
    ------
    InvalidState
        When its state is none that pandas writes.
    """
    state = members_of(made)
    dtype = state.get("_dtype")
    closed = dtype.state.get("closed") if type(dtype) is LegacyObject else None
    closed = state.get("_closed") if closed is None else closed
    left, right = (
        value if type(value) is LegacyObject and value.name.endswith("Index") else index_of_values(made, value)
        for value in (state["_left"], state["_right"])
    )
    return {"left": left, "right": right, "closed": closed}


def parts_of_sparse(made: LegacyObject) -> dict[str, Any]:
    """Give the fields of a sparse array: places one by one, or as runs.

    Parameters
    ----------
    made : LegacyObject
        As its file makes it.

    Returns
    -------
    dict of str to object
        As `hermetic.codecs.pandas.arrays.SparseArrayCodec` describes them.

    Raises
    ------
    InvalidState
        When the places are none that pandas writes.
    """
    state = members_of(made)
    place, values, dtype = state["_sparse_index"], state["_sparse_values"], state["_dtype"]
    if type(place) is not LegacyObject or type(dtype) is not LegacyObject or not isinstance(values, np.ndarray):
        raise not_adopted(made, "it has not the places, values and dtype of a sparse array")
    fill_value = dtype.state["_fill_value"]
    if place.location == "pandas._libs.sparse:IntIndex" and len(place.arguments) == 2:
        length, indices = place.arguments
        layout = "integer"
    elif place.location == "pandas._libs.sparse:BlockIndex" and len(place.arguments) == 3:
        length, starts, lengths = place.arguments
        layout, indices = "block", _places_of_runs(made, starts, lengths, len(values))
    else:
        raise not_adopted(made, "its places are neither integers nor blocks")
    fields = {"length": length, "indices": indices, "values": values, "fill_value": fill_value}
    return {**fields, "layout": layout}


def _places_of_runs(made: LegacyObject, starts: Any, lengths: Any, n_values: int) -> Any:
    are_arrays = all(isinstance(part, np.ndarray) and part.dtype.kind in "iu" for part in (starts, lengths))
    if not are_arrays or starts.shape != lengths.shape or starts.ndim != 1:
        raise not_adopted(made, "its runs are no arrays of integers")
    starts, lengths = starts.astype(np.int64), lengths.astype(np.int64)
    # As Python integers: a sum of hostile lengths could overflow, and would be taken as memory.
    if (lengths < 0).any() or (starts < 0).any() or sum(lengths.tolist()) != n_values or (starts >= _MOST_ROWS).any():
        raise not_adopted(made, f"its runs do not hold the {n_values} values that there are")
    before = np.cumsum(lengths) - lengths
    return (np.repeat(starts - before, lengths) + np.arange(n_values)).astype(np.int32)
