"""Columns of plain values: which can be packed, and what two objects need in common to share a table.

The numbers behind the choices are in docs/decisions/0003-tables.md.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from types import NoneType
from typing import Any

from hermetic.dtypes import describe_dtype
from hermetic.graph import Arrays, Column, Packed, Same, Value
from hermetic.lazy import numpy as np

__all__ = [
    "MIN_PACKED",
    "POSITIONAL_LENGTH",
    "SEPARATORS",
    "array_layout",
    "is_endless",
    "is_plain_layout",
    "node_of_arrays",
    "pack_column",
    "packed_dtype",
    "say_once",
    "sequence_group",
    "text_separator",
]

MIN_PACKED = 16
"""Columns shorter than this stay readable JSON."""

POSITIONAL_LENGTH = 8
"""Lists of equal length up to this one become a column for each position: steps, pairs, one-element lists."""

_BIG_BYTES = 1 << 16
"""Arrays from this length on stand alone, so that each can be aligned and mapped; big tables of records stay tables."""

_MOST_EMPTY = 1 << 28
_SAFE = 1 << 53
_INT64 = 1 << 63
SEPARATORS = ("\n", "\0", "\x1f", "\x1e")
_SIMPLE_SCALARS = frozenset({NoneType, bool, int, float, str})


def pack_column(values: Sequence[Any]) -> Column | None:
    """Pack a column of plain values of one type, or give None when it must be encoded value by value.

    Parameters
    ----------
    values : sequence
        At least `MIN_PACKED` Python objects.

    Returns
    -------
    Same, Packed or None
        The packed column.

    Examples
    --------
    >>> pack_column(["a", "b"] * 10).kind
    'text'
    """
    kinds = set(map(type, values))
    if len(kinds) != 1:
        return None
    kind = kinds.pop()
    first = values[0]
    if kind is NoneType:
        return Same(None)
    is_constant = kind in _SIMPLE_SCALARS and values.count(first) == len(values) and _is_plain(first)
    # 0.0 == -0.0, so a column of zeros may not be what its first value says.
    if is_constant and (first != 0.0 or len(set(map(repr, values))) == 1):
        return Same(first)
    if kind is int:
        return Packed("int", values) if min(values) >= -_INT64 and max(values) < _INT64 else None
    if kind is float:
        return Packed("float", values)
    if kind is bool:
        return Packed("bool", values)
    if kind is str:
        return Packed("text", values) if text_separator(values) is not None else None
    if issubclass(kind, np.generic) and values[0].dtype.kind in "biufc":
        array = np.array(values, dtype=values[0].dtype)
        # Equal ones are left to the caller, who says them once.
        return None if array.tobytes() == array[:1].tobytes() * len(array) else Packed("numpy", array)
    return None


def _is_plain(value: Any) -> bool:
    if type(value) is int:
        return -_SAFE <= value <= _SAFE
    if type(value) is float:
        return value - value == 0.0
    return type(value) is not str or value.isascii()


def packed_dtype(kind: str, low: int = 0, high: int = 0) -> str:
    """Give the dtype in which a packed column of plain values is stored: for integers the narrowest.

    Parameters
    ----------
    kind : str
        ``bool``, ``int`` or ``float``.
    low, high : int
        Smallest and greatest value, for integers.

    Returns
    -------
    str
        As in `hermetic.dtypes`.

    Examples
    --------
    >>> packed_dtype("int", 0, 300)
    '<i2'
    """
    if kind != "int":
        return "|b1" if kind == "bool" else "<f8"
    for dtype, bound in (("|i1", 1 << 7), ("<i2", 1 << 15), ("<i4", 1 << 31)):
        if -bound <= low and high < bound:
            return dtype
    return "<i8"


def say_once(column: list[Value]) -> Column:
    """Pack a long column of encoded values that are all the same.

    Parameters
    ----------
    column : list of value
        Encoded.

    Returns
    -------
    list or Same
        The column.

    Examples
    --------
    >>> say_once([[3]] * 20)
    Same(value=[3])
    """
    if len(column) >= MIN_PACKED and column.count(column[0]) == len(column):
        # Equal is not the same: 1 == 1.0 == True and 0.0 == -0.0, but their forms differ.
        form = repr(column[0])
        if all(repr(value) == form for value in column):
            return Same(column[0])
    return column


def text_separator(values: Sequence[str]) -> str | None:
    r"""Give the first separator that no text contains; None when there is none, or a text is not UTF-8.

    Parameters
    ----------
    values : sequence of str
        The texts of one column.

    Returns
    -------
    str or None
        One character.

    Examples
    --------
    >>> text_separator(["a\nb", "c"])
    '\x00'
    """
    joined = "".join(values)
    if not joined.isascii():
        try:
            joined.encode()
        except UnicodeEncodeError:
            return None
    return next((separator for separator in SEPARATORS if separator not in joined), None)


def sequence_group(value: Any, *, is_borrowed: bool = False) -> object:
    """Give what two containers must have in common to stand in one table; unique for those that stand alone.

    A big array stands alone, so that it can be mapped; not where native memory borrows its items and nothing keeps it.
    """
    kind = type(value)
    if kind is list or kind is tuple:
        return kind
    if kind is dict:
        keys = tuple(value)
        if value and all(type(key) is str and key.isascii() for key in keys):
            return kind, keys
        return kind, id(value)
    if kind is np.ndarray or kind is np.memmap:
        kind = np.ndarray
        is_big = not is_borrowed and value.nbytes >= _BIG_BYTES and value.dtype.names is None
        order = array_layout(value)[0]
        if is_big or value.dtype.hasobject or value.dtype.kind == "T" or order == "A":
            return kind, id(value)
        # Rows may differ in the length of their first axis, which must be the slowest one for that.
        axes = value.shape[1:] if order == "C" else value.shape
        return kind, _form_of(value.dtype), value.ndim, axes, order
    return kind, id(value)


_FORMS: dict[int, tuple[Any, str]] = {}


def _form_of(dtype: Any) -> str:
    """Give a dtype's description as text, once for each dtype object: equal ones may differ in what they describe."""
    found = _FORMS.get(id(dtype))
    if found is None or found[0] is not dtype:
        if len(_FORMS) > 256:
            _FORMS.clear()
        found = _FORMS[id(dtype)] = (dtype, str(describe_dtype(dtype)))
    return found[1]


def array_layout(array: Any) -> tuple[str, list[int] | None]:
    """Give the memory order of an array: ``C``, ``F``, or ``A`` with the strides in items that restore its layout.

    A layout is kept because BLAS takes another path, with other last bits, for another one. Layouts that overlap, run
    backwards or waste more than their own size again come back in C order.

    Parameters
    ----------
    array : numpy.ndarray
        Any array.

    Returns
    -------
    order : str
        ``C``, ``F`` or ``A``.
    strides : list of int or None
        In items, for ``A``.

    Examples
    --------
    >>> import numpy
    >>> array_layout(numpy.zeros((3, 4))[:, :3])
    ('A', [4, 1])
    """
    if array.flags.c_contiguous:
        return "C", None
    if array.flags.f_contiguous:
        return "F", None
    itemsize = array.itemsize
    if itemsize and all(stride > 0 and stride % itemsize == 0 for stride in array.strides):
        strides = [stride // itemsize for stride in array.strides]
        if is_plain_layout(array.shape, strides):
            return "A", strides
    return "C", None


def is_endless(shape: Sequence[int]) -> bool:
    """Tell whether an array without items has axes that nobody could go along: a short file could claim any length.

    Parameters
    ----------
    shape : sequence of int
        Each of 0 or more.

    Returns
    -------
    bool
        Whether the lengths that are not zero multiply to more than 2**28.

    Examples
    --------
    >>> is_endless([1 << 29, 0]), is_endless([1000, 0]), is_endless([1 << 29])
    (True, False, False)
    """
    return 0 in shape and math.prod(length or 1 for length in shape) > _MOST_EMPTY


def is_plain_layout(shape: Sequence[int], strides: Sequence[int]) -> bool:
    """Tell whether strides place every item alone, within twice the space that the items need.

    Parameters
    ----------
    shape : sequence of int
        Lengths of the axes, all at least 1.
    strides : sequence of int
        Distance between neighbours along each axis, in items.

    Returns
    -------
    bool
        False also for wrong lengths, so that a layout from a file can be asked about as it is.

    Examples
    --------
    >>> is_plain_layout([3, 3], [4, 1]), is_plain_layout([3, 3], [1, 1])
    (True, False)
    """
    if len(shape) != len(strides) or 0 in shape:
        return False
    reach, n_items = 1, 1
    for stride, length in sorted(zip(strides, shape, strict=True)):
        n_items *= length
        if length == 1:
            if not 0 < stride <= 1 << 40:
                return False
            continue
        if stride < reach:
            return False
        reach = stride * (length - 1) + reach
    return reach <= 2 * n_items + 16


def node_of_arrays(values: Sequence[Any]) -> Arrays:
    """Give the node of arrays that stand in one table, which have dtype, number of dimensions and order in common.

    Parameters
    ----------
    values : sequence of numpy.ndarray
        At least one.

    Returns
    -------
    Arrays
        Without a place in a file.

    Examples
    --------
    >>> import numpy
    >>> node_of_arrays([numpy.zeros((2, 3)), numpy.zeros((4, 3))]).lengths
    [2, 4]
    """
    order, strides = array_layout(values[0])
    shape = list(values[0].shape)
    lengths = None
    if len(values) > 1 and shape:
        lengths = [len(value) for value in values]
        if lengths.count(shape[0]) == len(lengths):
            lengths = None
    return Arrays(
        dtype=describe_dtype(values[0].dtype),
        shape=shape if lengths is None else shape[1:],
        rows=len(values),
        lengths=lengths,
        order=order,
        strides=strides,
    )
