"""Bit-for-bit comparison of two numpy arrays, without the bits that mean nothing (structure and long-double padding).

It knows arrays only; object elements are handed back to the caller. The arrays may be of any dtype and memory order.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

__all__ = ["difference_of_arrays", "difference_of_orders", "object_elements", "same_dtype"]


def same_dtype(left: np.dtype[Any], right: np.dtype[Any]) -> bool:
    """Tell whether two dtypes are equal in byte order, alignment, offsets, titles and nested fields too.

    Examples
    --------
    >>> same_dtype(np.dtype("<i4"), np.dtype(">i4"))
    False
    """
    return bool(left == right) and repr(left) == repr(right)


def difference_of_orders(left: np.ndarray[Any, Any], right: np.ndarray[Any, Any]) -> str:
    """Say how the memory orders differ, or "".

    A left array that is contiguous in neither order sets no demand: no format keeps strides.

    Examples
    --------
    >>> difference_of_orders(np.ones((2, 2), order="F"), np.ones((2, 2)))
    'memory order F became C'
    """
    if not (left.flags.c_contiguous or left.flags.f_contiguous):
        return ""
    orders = [(array.flags.c_contiguous, array.flags.f_contiguous) for array in (left, right)]
    if orders[0] == orders[1]:
        return ""
    names = ["C" if c_contiguous else "F" if f_contiguous else "strided" for c_contiguous, f_contiguous in orders]
    return f"memory order {names[0]} became {names[1]}"


def difference_of_arrays(left: np.ndarray[Any, Any], right: np.ndarray[Any, Any], *, any_nan: bool = False) -> str:
    """Say how dtype, shape or bits differ, or "". Object elements are not looked at.

    Parameters
    ----------
    left, right : array of any dtype and shape
    any_nan : bool, default=False
        Whether all NaN count as one value, whatever their payload.

    Examples
    --------
    >>> difference_of_arrays(np.array([0.0, 1.0]), np.array([-0.0, 1.0]))
    'element (0,): 0.0 became -0.0'
    """
    if not same_dtype(left.dtype, right.dtype):
        return f"dtype {left.dtype!r} became {right.dtype!r}"
    if left.shape != right.shape:
        return f"shape {left.shape} became {right.shape}"
    if left.dtype.names is not None:
        return _difference_of_fields(left, right, any_nan=any_nan)
    equal = _equal_elements(left, right, any_nan=any_nan)
    if equal.all():
        return ""
    first = tuple(int(axis[0]) for axis in np.nonzero(np.atleast_1d(~equal)))
    before, after = np.atleast_1d(left)[first], np.atleast_1d(right)[first]
    return f"element {first}: {before!s} became {after!s}"


def _difference_of_fields(left: np.ndarray[Any, Any], right: np.ndarray[Any, Any], *, any_nan: bool) -> str:
    for name in left.dtype.names or ():
        difference = difference_of_arrays(left[name], right[name], any_nan=any_nan)
        if difference:
            return f"field {name!r}, {difference}"
    return ""


def _equal_elements(left: np.ndarray[Any, Any], right: np.ndarray[Any, Any], *, any_nan: bool) -> np.ndarray[Any, Any]:
    if left.dtype.kind == "O" or left.dtype.itemsize == 0 or left.size == 0:
        return np.ones(left.shape, dtype=bool)
    if left.dtype.kind == "T":
        pairs = zip(left.ravel().tolist(), right.ravel().tolist(), strict=True)
        return np.array([a is b or a == b or (a != a and b != b) for a, b in pairs]).reshape(left.shape)
    equal = _equal_long_doubles(left, right) if left.dtype.char in "gG" else _equal_bytes(left, right)
    if any_nan and left.dtype.kind in "fc":
        equal = equal | (np.isnan(left) & np.isnan(right))
    return np.asarray(equal)


def _equal_bytes(left: np.ndarray[Any, Any], right: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    shape = (*left.shape, left.dtype.itemsize)
    as_bytes = [np.frombuffer(array.tobytes(), dtype=np.uint8).reshape(shape) for array in (left, right)]
    return np.asarray((as_bytes[0] == as_bytes[1]).all(axis=-1))


def _equal_long_doubles(left: np.ndarray[Any, Any], right: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    if left.dtype.kind == "c":
        parts = (_equal_long_doubles(left.real, right.real), _equal_long_doubles(left.imag, right.imag))
        return np.asarray(np.logical_and(*parts))
    # Ten of sixteen bytes carry the number; the others are whatever the memory held before.
    both_nan = np.isnan(left) & np.isnan(right)
    return np.asarray(both_nan | ((left == right) & (np.signbit(left) == np.signbit(right))))


def object_elements(array: np.ndarray[Any, Any]) -> Iterator[tuple[str, Any]]:
    """Give each Python object in an array, in C order, with the path from the array to it.

    Examples
    --------
    >>> list(object_elements(np.array(["a", None], dtype=object)))
    [('[0]', 'a'), ('[1]', None)]
    """
    if array.dtype.names is not None:
        for name in array.dtype.names:
            for path, element in object_elements(array[name]):
                yield f"[{name!r}]{path}", element
    elif array.dtype.kind == "O":
        for place in np.ndindex(array.shape):
            yield f"[{', '.join(map(str, place))}]", array[place]
