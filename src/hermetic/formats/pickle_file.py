"""A pickle that is read from a file while it is understood: opcodes into one memory, long arrays each into its own.

Reading the whole file first would take every array twice: once into memory that only holds it until its own is ready.
Offsets are those of the file: the memory is as long as that, but the system gives only the pages that are filled. It is
private: a file that somebody changes or truncates meanwhile gives an error, or what it held when it was read.
"""

from __future__ import annotations

import mmap
from typing import Any

from hermetic.formats.pickle_opcodes import Cursor
from hermetic.formats.sources import Source
from hermetic.lazy import numpy as np

__all__ = ["FileCursor"]

_LONG_BYTES = 1 << 16
_FIRST_STEP_BYTES = 1 << 12  # behind an array often stand few opcodes before the next one
_LONGEST_STEP_BYTES = 1 << 20


class FileCursor(Cursor):
    r"""A place in a file, from which opcodes and their arguments are read.

    Parameters
    ----------
    source : Source
        The file.

    Attributes
    ----------
    blocks : dict of int to uint8 array
        The long arguments that were read into memory of their own, by their first byte.

    Raises
    ------
    MemoryError
        When the system has no room for it.

    Examples
    --------
    >>> from hermetic.formats.pickle_file import FileCursor
    >>> from hermetic.formats.sources import BufferSource
    >>> cursor = FileCursor(BufferSource(b"12\n" + bytes(1 << 20)))
    >>> cursor.read_decimal(), cursor.keep(1 << 20), list(cursor.blocks)
    (12, None, [3])
    """

    def __init__(self, source: Source) -> None:
        try:
            memory: Any = mmap.mmap(-1, source.length_bytes, access=mmap.ACCESS_COPY)
        except (OSError, OverflowError, ValueError) as error:
            raise MemoryError(f"no room for the {source.length_bytes} bytes of {source.where}") from error
        super().__init__(memory)
        self._source = source
        self._memory = memoryview(memory)
        self._filled = 0
        self._step_bytes = _FIRST_STEP_BYTES
        self.blocks: dict[int, Any] = {}

    def reach(self, end: int) -> int:
        """Have the bytes up to one of them in memory, and tell up to where they are."""
        if end > self._filled < len(self.data):
            end = min(max(end, self._filled + self._step_bytes), len(self.data))
            self._source.readinto(self._filled, self._memory[self._filled : end])
            self._filled = end
            self._step_bytes = min(2 * self._step_bytes, _LONGEST_STEP_BYTES)
        return self._filled

    def skip(self, length: int) -> None:
        """Go on behind the next `length` bytes, which are in memory from then on."""
        super().skip(length)
        self.reach(self.position)

    def take(self, length: int) -> bytes:
        """Read exactly `length` bytes."""
        start = self.position
        if not self._is_far(length):
            return super().take(length)
        self._pass(length)
        return self._source.read(start, length)

    def keep(self, length: int) -> None:
        """Go on behind the next `length` bytes, which are read into a memory of their own if they are many."""
        start = self.position
        if not self._is_far(length):
            return self.skip(length)
        self._pass(length)
        block = np.empty(length, dtype=np.uint8)
        self._source.readinto(start, block.data)
        self.blocks[start] = block
        return None

    def kept(self, start: int, length: int) -> memoryview:
        """Show bytes that were passed by `keep`."""
        return self.blocks[start].data if start in self.blocks else super().kept(start, length)

    def read_line(self) -> bytes:
        """Read to the next line feed, which is left out."""
        end = self.position
        while self.data.find(b"\n", self.position, end) < 0 and end < len(self.data):
            end = self.reach(end + 1)
        return super().read_line()

    def _is_far(self, length: int) -> bool:
        """Tell whether bytes are many, and not in memory yet."""
        return length >= _LONG_BYTES and self.position + length > self._filled

    def _pass(self, length: int) -> None:
        """Go on behind bytes that are not read into this memory; what follows is read from there on."""
        super().skip(length)
        self._filled = self.position
        self._step_bytes = _FIRST_STEP_BYTES
