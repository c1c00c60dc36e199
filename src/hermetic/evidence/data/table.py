"""What a data set is, whatever library holds it: rows, and columns of one logical type each.

A logical type says what the values are, not how a library stores them:

============================================  =====================================================================
type                                          values
============================================  =====================================================================
``bool``, ``int8`` ... ``uint64``             as they are; the width counts
``float16``, ``float32``, ``float64``         as they are, -0.0 apart from 0.0; NaN is a missing value
``complex64``, ``complex128``                 as they are
``text``, ``bytes``                           of any width or storage; categories are the values they stand for
``date``                                      days
``timestamp[unit]``, ``timestamp[unit, zone]``  moments since 1970, in UTC; unit is s, ms, us or ns
``duration[unit]``, ``time[unit]``            as integers of the unit
``decimal``                                   by value: 1.50 is 1.5
``json``                                      dictionaries and lists of plain values, keys in order
``sparse[dtype, n]``                          rows of a sparse matrix with n columns; zeros are not values
``missing``                                   nothing but missing values, of unknown type
============================================  =====================================================================

None, NaN, NaT, ``pandas.NA`` and Arrow's null all are the missing value. The index of a frame is no part of the data.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

__all__ = ["Column", "Table", "Values"]


@dataclass(frozen=True, kw_only=True)
class Column:
    """Name and logical type of a column.

    Attributes
    ----------
    name : str or None
        None where the data have no names, as an array.
    type : str
        The logical type.
    """

    name: str | None
    type: str


@dataclass(frozen=True, kw_only=True)
class Values:
    """The values of one column in some rows.

    Attributes
    ----------
    content : array, shape (n,), or sequence of (str or bytes or None)
        Numbers, or texts and bytes. What stands at missing places means nothing.
    is_missing : bool array, shape (n,), or None
        None where nothing is missing.
    """

    content: np.ndarray | Sequence[str | bytes | None]
    is_missing: np.ndarray | None


@dataclass(frozen=True, kw_only=True)
class Table:
    """A data set.

    Attributes
    ----------
    n_rows : int
        Number of samples.
    columns : tuple of Column
        In order.
    read : function of (int, int)
        Gives the values of each column, in order, in the rows from the first number up to the second.
    """

    n_rows: int
    columns: tuple[Column, ...]
    read: Callable[[int, int], list[Values]]
