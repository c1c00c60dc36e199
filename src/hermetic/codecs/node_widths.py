"""Records of native nodes in the form that files have: numbers of nodes and samples in 64 bits, whoever wrote them.

Native code counts in C's ``Py_ssize_t``: 8 bytes on most machines, 4 on 32-bit ones, whose records are shorter. Files
hold the records of 64-bit machines. Pickles hold those of the machine that wrote them, in its byte order too:
unpickling turns plain numbers into the order of the machine that reads, but no records.

>>> import numpy
>>> narrow = numpy.zeros(2, [("left_child", "<i4"), ("threshold", "<f8")])
>>> stored_nodes(narrow).dtype
dtype([('left_child', '<i8'), ('threshold', '<f8')])
"""

from __future__ import annotations

import functools
import sys
from typing import Any

from hermetic.errors import InvalidState
from hermetic.lazy import numpy as np

__all__ = ["IS_NARROW", "native_counts", "native_nodes", "stored_counts", "stored_node_dtype", "stored_nodes"]

IS_NARROW = sys.maxsize < 1 << 32
"""Native code of this machine counts in 32 bits."""

_COUNT_BYTES = 8
_LARGEST_ALIGNMENT_OF_NARROW = 4


@functools.lru_cache(maxsize=32)
def stored_node_dtype(dtype: Any) -> Any:
    """Give the dtype that records have in files.

    Parameters
    ----------
    dtype : numpy.dtype
        Of records; those of their fields that are signed integers count nodes, samples or features.

    Returns
    -------
    numpy.dtype
        In the machine's byte order, in the layout of 64-bit machines; the same object where it is that already.

    Examples
    --------
    >>> import numpy
    >>> wide = numpy.dtype([("feature", "<i8"), ("is_leaf", "u1")])
    >>> stored_node_dtype(wide) is wide
    True
    """
    fields = {name: dtype.fields[name] for name in dtype.names}
    if dtype.isnative and all(own.kind != "i" or own.itemsize == _COUNT_BYTES for own, *_ in fields.values()):
        return dtype
    formats = [np.dtype(np.int64) if own.kind == "i" else own.newbyteorder("=") for own, *_ in fields.values()]
    is_packed = any(place % min(own.itemsize, _LARGEST_ALIGNMENT_OF_NARROW) for own, place, *_ in fields.values())
    offsets, end = [], 0
    for form in formats:
        # As compilers of 64-bit machines place them.
        offsets.append(end if is_packed else _aligned(end, form.itemsize))
        end = offsets[-1] + form.itemsize
    itemsize = end if is_packed else _aligned(end, max(form.itemsize for form in formats))
    return np.dtype({"names": list(fields), "formats": formats, "offsets": offsets, "itemsize": itemsize})


def _aligned(place: int, alignment: int) -> int:
    return -(-place // alignment) * alignment


def stored_nodes(nodes: Any) -> Any:
    """Give records as files hold them.

    Parameters
    ----------
    nodes : structured array
        Of any machine.

    Returns
    -------
    structured array
        Of `stored_node_dtype`; the same object where it has that already.
    """
    if type(nodes) is not np.ndarray or nodes.dtype.names is None:
        return nodes
    dtype = stored_node_dtype(nodes.dtype)
    return nodes if dtype is nodes.dtype else _copied(nodes, dtype)


def _copied(nodes: Any, dtype: Any) -> Any:
    # Not astype: padding would hold whatever the memory held.
    copied = np.zeros(nodes.shape, dtype=dtype)
    for name in dtype.names:
        copied[name] = nodes[name]
    return copied


def native_nodes(nodes: Any, dtype: Any) -> Any:
    """Give records as native code of this machine needs them.

    Parameters
    ----------
    nodes : structured array
        As files hold them.
    dtype : numpy.dtype
        Of the library's own records.

    Returns
    -------
    structured array
        Of that dtype.

    Raises
    ------
    InvalidState
        When a number is too large for it.
    """
    if nodes.dtype == dtype:
        return nodes
    for name in dtype.names:
        if dtype[name].kind == "i" and len(nodes):
            bounds, column = np.iinfo(dtype[name]), nodes[name]
            if int(column.min()) < bounds.min or int(column.max()) > bounds.max:
                raise InvalidState(
                    f"{name} of a node is beyond {bounds.max}, the greatest number of this 32-bit machine",
                    next_step="Load the model with a 64-bit Python.",
                )
    return _copied(nodes, dtype)


def stored_counts(numbers: Any) -> Any:
    """Give numbers of samples, classes or clusters as files hold them: in 64 bits.

    Parameters
    ----------
    numbers : object
        An array of a 32-bit machine, or anything else.

    Returns
    -------
    object
        The same unless it is an array of int32.

    Examples
    --------
    >>> import numpy
    >>> stored_counts(numpy.array([1], dtype=numpy.int32)).dtype
    dtype('int64')
    """
    is_short = type(numbers) is np.ndarray and numbers.dtype.kind == "i" and numbers.dtype.itemsize == 4
    return numbers.astype(np.int64) if is_short else numbers


def native_counts(numbers: Any) -> Any:
    """Give numbers of samples, classes or clusters as wide as a pointer: numpy counts no others (``bincount``).

    Parameters
    ----------
    numbers : object
        An array of int64 whose numbers have been checked, or anything else.

    Returns
    -------
    object
        The same on 64-bit machines.
    """
    is_long = type(numbers) is np.ndarray and numbers.dtype == np.int64
    return numbers.astype(np.intp, copy=False) if is_long else numbers
