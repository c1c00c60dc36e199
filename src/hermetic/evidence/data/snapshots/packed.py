"""What an object is as columns of Arrow, and what else must be known to make it again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hermetic.errors import CannotSave
from hermetic.recorded.data import Holder

__all__ = ["MOST_BYTES", "CannotKeep", "Packed", "PackedColumn", "Unpacked"]

MOST_BYTES = 64 << 30
Category = str | int | float | bool


class CannotKeep(CannotSave):
    """An object could not be made again exactly; its fingerprint is kept, and the reason noted."""


@dataclass(frozen=True, kw_only=True)
class PackedColumn:
    """One column of a frame as Arrow.

    Attributes
    ----------
    dtype : str
        In the words of `Holder`.
    read : function of (int, int)
        Gives an Arrow array of the rows from the first number up to the second.
    categories : tuple
        Every category in order, where the column has some.
    """

    dtype: str
    read: Callable[[int, int], Any]
    categories: Sequence[Category] | None = None


@dataclass(frozen=True, kw_only=True)
class Packed:
    """An object as columns of Arrow.

    Attributes
    ----------
    holder : Holder
        What it is.
    names : tuple of str
        Of the columns in the Parquet file; they may repeat.
    n_rows : int
        Number of samples.
    read : function of (int, int)
        Gives an Arrow array for each column, of the rows from the first number up to the second.
    categories : mapping of str to tuple
        By the place of a column, every category in order.
    """

    holder: Holder
    names: Sequence[str]
    n_rows: int
    read: Callable[[int, int], list[Any]]
    categories: Mapping[str, Sequence[Category]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Unpacked:
    """The columns of a snapshot, as they were read.

    Attributes
    ----------
    names : list of str
        Of the columns.
    columns : list of pyarrow.ChunkedArray
        In order.
    n_rows : int
        Number of samples.
    categories : mapping of str to list
        As in `Packed`.
    most_bytes : int
        What the object made of them may take: the texts of an array all take what the widest may.
    """

    names: list[str]
    columns: list[Any]
    n_rows: int
    categories: Mapping[str, list[Category]]
    most_bytes: int = MOST_BYTES
