"""Python's own values as a column of Arrow and back: plain where all are of one class, else each as JSON.

JSON has texts, booleans, whole numbers, finite floats, None, lists, and dictionaries with texts as keys. Everything
else is a dictionary with the key ``is``, which says what: ``{"is": "tuple", "of": [1, 2]}``.
"""

from __future__ import annotations

import base64
import datetime
import decimal
import json
import math
from collections.abc import Callable, Sequence
from typing import Any

from hermetic.errors import InvalidState
from hermetic.evidence.data.snapshots.packed import CannotKeep

__all__ = ["cells_of", "pack_cells"]

_NAMES: dict[type, str] = {str: "text", bool: "bool", int: "int", float: "float", bytes: "bytes"}
_MOST_DEPTH = 50
_MOST_BITS = 4_096  # Python reads and writes no more than 4,300 digits
_TAG = "is"


def pack_cells(values: Sequence[Any]) -> tuple[str, Any]:
    """Give values as an Arrow array, and the name of what they are.

    Parameters
    ----------
    values : sequence of object
        The values of a column, all of them.

    Returns
    -------
    str
        Such as ``object[text, None]``: what `cells_of` needs to know.
    pyarrow.Array
        As long as the values.

    Raises
    ------
    CannotKeep
        When a value is of a class that is not known here.
    """
    import pyarrow

    kind, marker = _common_kind(values)
    if kind is int and not all(-(2**63) <= value < 2**63 for value in values if type(value) is int):
        kind = None
    try:
        if kind is None:
            return "object[json]", pyarrow.array([_written(value, 0) for value in values], type=pyarrow.string())
        name = f"object[{_NAMES[kind]}{', ' if marker else ''}{marker}]"
        if marker in ("", "None"):
            return name, pyarrow.array(values, type=_arrow_type(_NAMES[kind]), from_pandas=False)
        present = [value if type(value) is kind else None for value in values]
        return name, pyarrow.array(present, type=_arrow_type(_NAMES[kind]), from_pandas=False)
    except (pyarrow.ArrowException, OverflowError, UnicodeError) as error:
        raise CannotKeep(f"values that Parquet cannot hold: {str(error)[:200]}") from error


def _common_kind(values: Sequence[Any]) -> tuple[type | None, str]:
    """Give the one plain class that all values have, and what stands for missing ones; None where they have no such."""
    kinds = {*map(type, values)}
    markers = {kind: _MARKERS[kind.__name__] for kind in kinds if kind.__name__ in _MARKERS}
    others = kinds - markers.keys()
    if float in others and len(others) == 2 and all(value != value for value in values if type(value) is float):
        markers[float] = "nan"
        others.remove(float)
    if len(markers) > 1 or len(others) > 1:
        return None, ""
    marker = next(iter(markers.values()), "")
    kind = next(iter(others), str)
    return (kind, marker) if kind in _NAMES else (None, "")


_MARKERS = {"NoneType": "None", "NAType": "NA", "NaTType": "NaT"}


def _arrow_type(name: str) -> Any:
    import pyarrow

    return {
        "text": pyarrow.string(),
        "bool": pyarrow.bool_(),
        "int": pyarrow.int64(),
        "float": pyarrow.float64(),
        "bytes": pyarrow.binary(),
    }[name]


def _written(value: Any, depth: int) -> str:
    return json.dumps(_plain(value, depth), ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _plain(value: Any, depth: int) -> Any:
    """Give a value as what JSON has; the class is compared, not inherited, so that it comes back the same."""
    if depth > _MOST_DEPTH:
        raise CannotKeep(f"values nested more than {_MOST_DEPTH} times")
    kind = type(value)
    if value is None or kind in (str, bool, int):
        if kind is int and value.bit_length() > _MOST_BITS:
            raise CannotKeep(f"whole numbers of more than {_MOST_BITS:,} bits")
        return value
    if kind is float:
        return value if math.isfinite(value) else {_TAG: "float", "of": repr(value)}
    if kind is list:
        return [_plain(item, depth + 1) for item in value]
    if kind is dict:
        pairs = [(_plain(key, depth + 1), _plain(item, depth + 1)) for key, item in value.items()]
        if _TAG in value or not all(type(key) is str for key in value):
            return {_TAG: "dict", "of": [list(pair) for pair in pairs]}
        return dict(pairs)
    if kind is tuple:
        return {_TAG: "tuple", "of": [_plain(item, depth + 1) for item in value]}
    for name, (known, write, _) in _OTHERS.items():
        if kind is known:
            return {_TAG: name, "of": write(value)}
    return _of_library(value)


def _of_library(value: Any) -> Any:
    """Write missing values of pandas and single numbers of numpy."""
    kind = type(value)
    if kind.__name__ in _MARKERS:
        return {_TAG: _MARKERS[kind.__name__]}
    is_number = kind.__module__ == "numpy" and kind.__name__ != "ndarray" and hasattr(value, "dtype")
    if is_number and value.dtype.kind in "biufU":
        if value.dtype.kind == "U":
            return {_TAG: "numpy text", "of": str(value)}
        if value.dtype.itemsize <= 8:
            return {_TAG: f"numpy {value.dtype.newbyteorder('<').str}", "of": value.tobytes().hex()}
    raise CannotKeep(f"values of {kind.__module__}.{kind.__qualname__}")


def _written_moment(value: datetime.datetime) -> str:
    if value.tzinfo not in (None, datetime.UTC) or value.fold:
        raise CannotKeep("moments with a time zone other than UTC among other values")
    return value.isoformat()


_OTHERS: dict[str, tuple[type, Callable[[Any], Any], Callable[[Any], Any]]] = {
    "bytes": (bytes, lambda value: base64.b64encode(value).decode("ascii"), lambda text: base64.b64decode(text)),
    "date": (datetime.date, datetime.date.isoformat, datetime.date.fromisoformat),
    "datetime": (datetime.datetime, _written_moment, datetime.datetime.fromisoformat),
    "decimal": (decimal.Decimal, str, decimal.Decimal),
    "time": (datetime.time, lambda value: value.isoformat(), datetime.time.fromisoformat),
    "timedelta": (
        datetime.timedelta,
        lambda value: [value.days, value.seconds, value.microseconds],
        lambda parts: datetime.timedelta(*parts),
    ),
}


def cells_of(name: str, column: Any) -> list[Any]:
    """Make Python's values of an Arrow column again.

    Parameters
    ----------
    name : str
        From `pack_cells`.
    column : pyarrow.Array or ChunkedArray
        The column.

    Returns
    -------
    list of object
        Of the classes that they were of.

    Raises
    ------
    InvalidState
        When the name or a value says nothing that is known here.
    """
    inner = name.removeprefix("object[").removesuffix("]")
    values: list[Any] = column.to_pylist()
    if inner == "json":
        try:
            return [_value_of(json.loads(text), 0) for text in values]
        except (ArithmeticError, AttributeError, KeyError, LookupError, RecursionError, TypeError, ValueError) as error:
            raise InvalidState(f"a snapshot holds a value that is none: {error!r}"[:200]) from error
    plain, _, marker = inner.partition(", ")
    if plain not in _NAMES.values() or marker not in ("", "None", "NA", "NaT", "nan"):
        raise InvalidState(f"a snapshot holds {name[:80]!r}, which is not known here")
    if marker in ("", "None"):
        return values
    absent = _absent(marker)
    return [absent if value is None else value for value in values]


def _absent(marker: str) -> Any:
    import numpy as np

    if marker == "nan":
        return np.nan
    if marker == "None":
        return None
    import pandas as pd

    return pd.NA if marker == "NA" else pd.NaT


def _value_of(plain: Any, depth: int) -> Any:
    if depth > 2 * _MOST_DEPTH:
        raise ValueError("values nested too often")
    if type(plain) is list:
        return [_value_of(item, depth + 1) for item in plain]
    if type(plain) is not dict:
        return plain
    if _TAG not in plain:
        return {key: _value_of(item, depth + 1) for key, item in plain.items()}
    tag, content = plain[_TAG], plain.get("of", "")
    if tag == "dict":
        return {_value_of(key, depth + 1): _value_of(item, depth + 1) for key, item in content}
    if tag == "tuple":
        return tuple(_value_of(item, depth + 1) for item in content)
    if tag == "float":
        return {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}[content]
    if tag in _OTHERS:
        return _OTHERS[tag][2](content)
    return _absent(tag) if tag in _MARKERS.values() else _number_of_numpy(tag, content)


def _number_of_numpy(tag: str, content: str) -> Any:
    import numpy as np

    kind, _, dtype = tag.partition(" ")
    if kind != "numpy" or dtype not in ("text", *_NUMPY_DTYPES):
        raise ValueError(f"unknown class {tag[:80]!r}")
    return np.str_(content) if dtype == "text" else np.frombuffer(bytes.fromhex(content), dtype=dtype)[0]


_NUMPY_DTYPES = ("|b1", "|i1", "|u1", *(f"<{kind}{size}" for kind in "iuf" for size in (2, 4, 8)))
