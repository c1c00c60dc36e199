"""A table of arrays whose items are taken from the file only when native memory is ready for them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Any

from hermetic.lazy import numpy as np

__all__ = ["ArrayRows"]


class ArrayRows(Sequence[Any]):
    """The arrays of one table while their items still lie in a file, end to end: who takes them brings the memory.

    A codec that copies the items into native memory anyway takes them batch by batch into memory that it uses again
    and again: fresh pages for all of them would cost more than reading does.

    Parameters
    ----------
    dtype : numpy.dtype
        Of every array.
    shapes : list of tuple of int
        One for each row; all rows are in C order.
    read_into : callable
        Called with the number of the first byte and a buffer to fill.
    """

    def __init__(self, dtype: Any, shapes: list[tuple[int, ...]], read_into: Callable[[int, memoryview], None]) -> None:
        self.dtype, self.shapes = dtype, shapes
        self._read_into = read_into
        self._ends = [0, *accumulate(map(math.prod, shapes))]
        self._arrays: list[Any] | None = None

    def __len__(self) -> int:
        """Give the number of rows."""
        return len(self.shapes)

    def __getitem__(self, position: Any) -> Any:
        """Give the array of a row, in memory of its own."""
        if self._arrays is None:
            self._arrays = [self.items(row, row + 1).reshape(shape) for row, shape in enumerate(self.shapes)]
        return self._arrays[position]

    def items(self, begin: int, end: int, memory: Any = None) -> Any:
        """Give the items of the rows from `begin` to `end`, one after the other.

        Parameters
        ----------
        begin, end : int
            Rows.
        memory : numpy.ndarray, optional
            One dimension, of this dtype and long enough; what is given is its beginning. Without it the memory is new.

        Returns
        -------
        numpy.ndarray
            One dimension.
        """
        start, stop = self._ends[begin], self._ends[end]
        taken = np.empty(stop - start, dtype=self.dtype) if memory is None else memory[: stop - start]
        if stop > start and self.dtype.itemsize:
            self._read_into(start * self.dtype.itemsize, taken.view(np.uint8).data)
        return taken
