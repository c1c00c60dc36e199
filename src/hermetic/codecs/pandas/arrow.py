"""pandas arrays in the memory of pyarrow: their values as plain columns, their types as tuples of words.

A type is ``("int64",)``, ``("timestamp", "us", "Europe/Oslo")``, ``("decimal128", 10, 2)``, or ``("list", ...)`` with
the type of the items behind it. Structs, maps, dictionaries and binary data are refused.

Fields of an array
------------------
type : tuple
values : array of one dimension (numbers, bools, moments as integers); list of texts; or, for lists, the array of items
lengths : int64 array, only for lists: how many items each has
missing : bool array, only where something is missing; the values there are zero, empty or absent
"""

from __future__ import annotations

import decimal
import importlib
import re
from collections.abc import Hashable, Mapping
from typing import Any, ClassVar

from hermetic.codecs.codec import LegacyObject
from hermetic.codecs.pandas.arrow_legacy import ARROW_PARTS, ArrowColumn, arrow_column
from hermetic.codecs.pandas.legacy import adopted_object, members_of
from hermetic.codecs.records import RecordCodec, refuse_value
from hermetic.errors import CannotSave, UnsupportedVersion
from hermetic.lazy import numpy as np

__all__ = ["ArrowArrayCodec", "arrow_type_from_description", "describe_arrow_type"]

_NUMBERS = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float", "double", "bool")
_FUNCTIONS = {"float": "float32", "double": "float64", "bool": "bool_"}
_TEXTS = ("string", "large_string")
_WITH_UNIT = {"timestamp": "int64", "duration": "int64", "time32": "int32", "time64": "int64"}
_DAYS = {"date32": "int32", "date64": "int64"}
_UNIT = re.compile(r"(timestamp|duration|time32|time64)\[(s|ms|us|ns)(?:, tz=(.+))?\]\Z")
_ZONE = re.compile(r"[A-Za-z0-9_+:/-]{1,64}\Z")
_MAX_NESTING = 8


class ArrowArrayCodec(RecordCodec):
    """`pandas.arrays.ArrowExtensionArray`."""

    row_bytes = 12 << 10
    copy_factor = 1
    parts = ARROW_PARTS
    classes: ClassVar = {"pandas.arrays.ArrowExtensionArray": "pandas.arrays:ArrowExtensionArray"}
    aliases: ClassVar = {"pandas.core.arrays.arrow.array:ArrowExtensionArray": "pandas.arrays.ArrowExtensionArray"}
    required = frozenset({"type", "values"})
    optional = frozenset({"lengths", "missing"})

    def group(self, instance: Any) -> Hashable:
        """Let each array stand alone: its fields depend on its type and on what is missing."""
        return id(instance)

    def group_adopted(self, made: LegacyObject) -> Hashable:
        """Let each array stand alone."""
        return id(made)

    def adopt(self, name: str, made: LegacyObject) -> dict[str, Any]:
        """Give type, values and what is missing, out of the buffers."""
        state = members_of(made)
        return _fields_of_column(made, arrow_column(state.get("_pa_array", state.get("_data"))))

    def describe(self, instance: Any) -> dict[str, Any]:
        """Give type, values and what is missing."""
        pyarrow = _pyarrow()
        column = instance.__arrow_array__()
        column = pyarrow.concat_arrays(column.chunks) if column.num_chunks else pyarrow.array([], column.type)
        state = {"type": describe_arrow_type(column.type), **_describe_values(column, type(instance))}
        if column.null_count:
            state["missing"] = column.is_null().to_numpy(zero_copy_only=False)
        return state

    def make(self, name: str, state: Mapping[str, Any]) -> Any:
        """Make the array."""
        kind = self.resolve(name)
        arrow_type = arrow_type_from_description(state["type"])
        missing = state.get("missing")
        if missing is not None and (type(missing) is not np.ndarray or missing.dtype != bool or missing.ndim != 1):
            raise refuse_value("what is missing must be a bool array of one dimension")
        # Another number of bools than of values is refused by pyarrow, or by zip.
        return kind(_make_values(state, arrow_type, missing))


def _fields_of_column(made: LegacyObject, column: ArrowColumn) -> dict[str, Any]:
    fields: dict[str, Any] = {"type": column.type, "values": column.values}
    if column.lengths is not None:
        items = _fields_of_column(made, column.values)
        fields["values"] = adopted_object(made, "pandas.arrays.ArrowExtensionArray", items)
        fields["lengths"] = column.lengths
    return {**fields, "missing": column.missing} if column.missing.any() else fields


def _describe_values(column: Any, kind: Any) -> dict[str, Any]:
    pyarrow = _pyarrow()
    name = describe_arrow_type(column.type)[0]
    if name == "list":
        lengths = column.value_lengths().fill_null(0).to_numpy(zero_copy_only=False)
        return {"values": kind(pyarrow.chunked_array([column.flatten()])), "lengths": lengths.astype(np.int64)}
    if name in _TEXTS:
        return {"values": column.fill_null("").to_pylist()}
    if name == "decimal128":
        return {"values": ["" if value is None else str(value) for value in column.to_pylist()]}
    integers = _WITH_UNIT.get(name) or _DAYS.get(name)
    if integers:
        column = column.view(getattr(pyarrow, integers)())
    zero = pyarrow.scalar(False) if name == "bool" else pyarrow.scalar(0, column.type)
    return {"values": column.fill_null(zero).to_numpy(zero_copy_only=False)}


def _make_values(state: Mapping[str, Any], arrow_type: Any, missing: Any) -> Any:
    pyarrow = _pyarrow()
    values, name = state["values"], state["type"][0]
    if (name == "list") != ("lengths" in state):
        raise refuse_value("only lists have lengths")
    if name == "list":
        return _make_lists(values, state["lengths"], arrow_type, missing)
    if name in _TEXTS or name == "decimal128":
        if type(values) is not list or not all(type(text) is str for text in values):
            raise refuse_value("the values must be a list of texts")
        gaps = missing if missing is not None else [False] * len(values)
        read = decimal.Decimal if name == "decimal128" else str
        parts = [None if gap else read(text) for text, gap in zip(values, gaps, strict=True)]
        return pyarrow.array(parts, type=arrow_type)
    stored = _WITH_UNIT.get(name) or _DAYS.get(name) or _FUNCTIONS.get(name, name)
    if type(values) is not np.ndarray or values.ndim != 1 or values.dtype != np.dtype(stored.rstrip("_")):
        raise refuse_value(f"the values must be a {stored} array of one dimension")
    made = pyarrow.array(values, mask=missing, from_pandas=False)
    return made if made.type == arrow_type else made.view(arrow_type)


def _make_lists(items: Any, lengths: Any, arrow_type: Any, missing: Any) -> Any:
    pyarrow = _pyarrow()
    if type(lengths) is not np.ndarray or lengths.dtype != np.int64 or lengths.ndim != 1 or (lengths < 0).any():
        raise refuse_value("lengths must be an int64 array, each 0 or more")
    column = items.__arrow_array__().combine_chunks() if hasattr(items, "__arrow_array__") else None
    if column is None or column.type != arrow_type.value_type:
        raise refuse_value("the items of lists must be an array of their type")
    # As Python integers: a sum of hostile lengths could overflow.
    if sum(lengths.tolist()) != len(column) or len(column) >= 1 << 31:
        raise refuse_value(f"lists of {sum(lengths.tolist())} items in all, but there are {len(column)}")
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    gaps = None if missing is None else np.append(missing, False)
    return pyarrow.ListArray.from_arrays(pyarrow.array(offsets, mask=gaps), column, type=arrow_type)


def describe_arrow_type(arrow_type: Any) -> tuple[Any, ...]:
    """Give a type of pyarrow as a tuple of words.

    Parameters
    ----------
    arrow_type : pyarrow.DataType
        Any type.

    Returns
    -------
    tuple
        See the module docstring.

    Raises
    ------
    CannotSave
        For types that have no place in a file.

    Examples
    --------
    >>> import pyarrow
    >>> describe_arrow_type(pyarrow.timestamp("us", tz="UTC"))
    ('timestamp', 'us', 'UTC')
    """
    words: list[Any] = []
    pyarrow = _pyarrow()
    while pyarrow.types.is_list(arrow_type) and len(words) < _MAX_NESTING:
        if arrow_type != pyarrow.list_(arrow_type.value_type):
            break
        words.append("list")
        arrow_type = arrow_type.value_type
    text = str(arrow_type)
    found = _UNIT.match(text)
    if found:
        return (*words, *(part for part in found.groups() if part is not None))
    name = text.partition("[")[0].partition("(")[0]
    if name in _DAYS or text in _NUMBERS or text in _TEXTS:
        return (*words, name)
    if name == "decimal128":
        return (*words, name, arrow_type.precision, arrow_type.scale)
    raise CannotSave(
        f"columns of the pyarrow type {arrow_type} have no place in a file",
        next_step="Convert the column to numbers, texts, moments, or lists of them.",
    )


def arrow_type_from_description(description: Any) -> Any:
    """Make the type for a tuple of `describe_arrow_type`.

    Parameters
    ----------
    description : tuple
        From a file.

    Returns
    -------
    pyarrow.DataType
        The type.

    Raises
    ------
    InvalidState, UnsupportedVersion
        When the tuple is none of ours; when pyarrow is not installed.

    Examples
    --------
    >>> str(arrow_type_from_description(("list", "int64")))
    'list<item: int64>'
    """
    pyarrow = _pyarrow()
    words = list(description) if type(description) is tuple and len(description) <= _MAX_NESTING + 4 else []
    n_lists = next((count for count, word in enumerate(words) if word != "list"), len(words))
    made = _simple_type(pyarrow, words[n_lists:])
    if made is None:
        raise refuse_value(f"not a type of pyarrow: {str(description)[:200]}")
    for _ in range(n_lists):
        made = pyarrow.list_(made)
    return made


def _simple_type(pyarrow: Any, words: list[Any]) -> Any:
    match words:
        case [str(name)] if name in _NUMBERS or name in _TEXTS or name in _DAYS:
            return getattr(pyarrow, _FUNCTIONS.get(name, name))()
        case ["timestamp", ("s" | "ms" | "us" | "ns") as unit, str(zone)] if _ZONE.match(zone):
            return pyarrow.timestamp(unit, tz=zone)
        case [str(name), ("s" | "ms" | "us" | "ns") as unit] if name in _WITH_UNIT:
            return getattr(pyarrow, name)(unit)
        case ["decimal128", int(precision), int(scale)]:
            return pyarrow.decimal128(precision, scale)
    return None


def _pyarrow() -> Any:
    try:
        return importlib.import_module("pyarrow")
    except ImportError as error:
        raise UnsupportedVersion(
            "the model holds columns in the memory of pyarrow, which is not installed", next_step="pip install pyarrow"
        ) from error
