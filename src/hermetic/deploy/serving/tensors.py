"""Tensors of the Open Inference Protocol: numpy arrays as JSON, and as the bytes of its binary extension.

References
----------
https://github.com/kserve/open-inference-protocol, ``inference_rest.md`` and the extension ``binary_tensor_data``.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from itertools import chain
from typing import Any

from hermetic.deploy.serving.problems import Problem
from hermetic.lazy import numpy as np

__all__ = ["DATATYPES", "binary_of", "datatype_of", "json_of", "values_of_binary", "values_of_json"]

DATATYPES = {
    "BOOL": "?",
    **{f"UINT{8 * size}": f"<u{size}" for size in (1, 2, 4, 8)},
    **{f"INT{8 * size}": f"<i{size}" for size in (1, 2, 4, 8)},
    **{f"FP{8 * size}": f"<f{size}" for size in (2, 4, 8)},
    "BYTES": "O",
}
"""Datatypes of the protocol, and the dtype of numpy for each; BYTES are texts."""

_NAMES = {dtype.lstrip("<"): name for name, dtype in DATATYPES.items() if name != "BYTES"} | {"b1": "BOOL"}
_NUMBERS = {int, float, type(None)}
_LENGTH = struct.Struct("<I")


def datatype_of(array: Any) -> str:
    """Give the datatype of the protocol for an array.

    Examples
    --------
    >>> import numpy
    >>> datatype_of(numpy.zeros(2)), datatype_of(numpy.array(["a"]))
    ('FP64', 'BYTES')
    """
    return _NAMES.get(f"{array.dtype.kind}{array.dtype.itemsize}", "BYTES")


def values_of_json(data: Any, datatype: str, shape: Sequence[int], field: str) -> Any:
    """Make an array of the ``data`` of a tensor: nested as its shape is, or flat.

    Parameters
    ----------
    data : object
        From JSON.
    datatype : str
        One of `DATATYPES`.
    shape : sequence of int
        Checked: each at least 0.
    field : str
        What the data are called in messages.

    Returns
    -------
    array
        Of this shape. Numbers that are null become NaN, with FP64 where the datatype has no NaN.

    Raises
    ------
    Problem
        When values are of another type or another number.

    Examples
    --------
    >>> values_of_json([1, 2, None, 4], "FP64", [2, 2], "inputs[0].data")
    array([[ 1.,  2.],
           [nan,  4.]])
    """
    flat = _flattened(data, shape, field)
    expected = math.prod(shape)
    if len(flat) != expected:
        raise Problem(400, f"has {len(flat)} values, its shape {list(shape)} needs {expected}", field)
    if datatype == "BYTES":
        _check_types(flat, {str, type(None)}, "a text", field)
        values = np.empty(len(flat), dtype=object)
        values[:] = flat
        return _shaped(values, shape, field)
    if datatype == "BOOL":
        _check_types(flat, {bool}, "true or false", field)
        return _shaped(np.array(flat, dtype=bool), shape, field)
    return _shaped(_numbers(flat, datatype, field), shape, field)


def _shaped(values: Any, shape: Sequence[int], field: str) -> Any:
    """Give the shape; one without values may have sizes whose product numpy cannot hold."""
    try:
        return values.reshape(shape)
    except ValueError:
        raise Problem(400, f"its shape {list(shape)} is beyond any array", field) from None


def _flattened(data: Any, shape: Sequence[int], field: str) -> list[Any]:
    """Give the values of nested lists, in row-major order."""
    if not isinstance(data, list):
        raise Problem(400, "expected a list", field)
    for _ in shape[1:]:
        if not data or not isinstance(data[0], list):
            break
        if not all(isinstance(part, list) for part in data):
            raise Problem(400, "mixes lists and values", field)
        data = list(chain.from_iterable(data))
    flat: list[Any] = data
    return flat


def _check_types(flat: list[Any], allowed: set[type], words: str, field: str) -> None:
    if set(map(type, flat)) <= allowed:
        return
    place = next(place for place, value in enumerate(flat) if type(value) not in allowed)
    raise Problem(400, f"expected {words}, found {_shown(flat[place])}", f"{field}[{place}]")


def _shown(value: Any) -> str:
    """Say what was found, briefly: the value is the client's own."""
    names = {str: "a text", bool: "true or false", list: "a list", dict: "an object", type(None): "null"}
    return names.get(type(value), "a number")


def _numbers(flat: list[Any], datatype: str, field: str) -> Any:
    is_whole = "INT" in datatype
    _check_types(flat, _NUMBERS, "a number", field)
    if is_whole and None not in flat:
        place = next((place for place, value in enumerate(flat) if type(value) is float and value % 1), None)
        if place is not None:
            raise Problem(400, f"expected a whole number for {datatype}", f"{field}[{place}]")
    dtype = np.dtype("<f8") if is_whole and None in flat else np.dtype(DATATYPES[datatype])
    try:
        with np.errstate(over="raise"):  # 1e10 is no FP16: numpy alone would make an infinity of it, and go on
            numbers = [math.nan if value is None else value for value in flat] if None in flat else flat
            return np.array(numbers, dtype=dtype)
    except (OverflowError, FloatingPointError):
        raise Problem(400, f"holds a number that {datatype} cannot hold", field) from None


def values_of_binary(data: memoryview, datatype: str, shape: Sequence[int], field: str) -> Any:
    """Make an array of the bytes of a tensor.

    Parameters
    ----------
    data : memoryview
        Exactly its bytes.
    datatype, shape, field
        As in `values_of_json`.

    Examples
    --------
    >>> import numpy
    >>> values_of_binary(memoryview(numpy.array([1.5, 2.5]).tobytes()), "FP64", [1, 2], "inputs[0]")
    array([[1.5, 2.5]])
    """
    expected = math.prod(shape)
    if datatype == "BYTES":
        texts = _texts_of_binary(data, expected, field)
        values = np.empty(expected, dtype=object)
        values[:] = texts
        return _shaped(values, shape, field)
    dtype = np.dtype(DATATYPES[datatype])
    if len(data) != expected * dtype.itemsize:
        words = f"has {len(data)} bytes, {datatype} of shape {list(shape)} needs {expected * dtype.itemsize}"
        raise Problem(400, words, field)
    values = np.frombuffer(data, dtype=dtype)
    if datatype == "BOOL":
        values = values.view("u1") != 0  # other bytes than 0 and 1 are no booleans of C
    return _shaped(values, shape, field).astype(dtype.newbyteorder("="), copy=True)


def _texts_of_binary(data: memoryview, expected: int, field: str) -> list[str]:
    texts: list[str] = []
    start = 0
    while start < len(data) and len(texts) < expected:
        if start + _LENGTH.size > len(data):
            break
        end = start + _LENGTH.size + _LENGTH.unpack_from(data, start)[0]
        if end > len(data):
            break
        try:
            texts.append(bytes(data[start + _LENGTH.size : end]).decode())
        except UnicodeDecodeError:
            raise Problem(400, f"text {len(texts)} is no UTF-8", field) from None
        start = end
    if start != len(data) or len(texts) != expected:
        raise Problem(400, f"its {len(data)} bytes are not {expected} texts, each behind its length", field)
    return texts


def json_of(array: Any) -> list[Any]:
    """Give the values of an array for JSON, in row-major order; what is no number there (NaN, infinity) becomes null.

    Examples
    --------
    >>> import numpy
    >>> json_of(numpy.array([[1.0, numpy.nan]]))
    [1.0, None]
    """
    flat = array.reshape(-1)
    if flat.dtype.kind == "f":
        is_finite = bool(np.isfinite(flat).all())
        return list(flat.tolist() if is_finite else (v if math.isfinite(v) else None for v in flat.tolist()))
    if flat.dtype.kind in "biu":
        return list(flat.tolist())
    return [None if value is None or value != value else str(value) for value in flat.tolist()]


def binary_of(array: Any) -> bytes:
    r"""Give the bytes of an array in the binary extension.

    Examples
    --------
    >>> import numpy
    >>> binary_of(numpy.array(["ab"], dtype=object))
    b'\x02\x00\x00\x00ab'
    """
    datatype = datatype_of(array)
    if datatype != "BYTES":
        return bytes(np.ascontiguousarray(array, dtype=DATATYPES[datatype]).tobytes())
    texts = [str(value).encode() for value in array.reshape(-1).tolist()]
    return b"".join(part for text in texts for part in (_LENGTH.pack(len(text)), text))
