"""What reading all the pickles of one file may cost, and what they have cost so far: opcodes, idle ones, and memory.

An opcode costs the reader some 0.2 microseconds, and what a few bytes hold may cost it twenty times their length. So
three things are bounded, for all streams of a file together: the opcodes that come out of a little compressed file,
those that no pickler needs, and the memory that nodes and plain values take.
"""

from __future__ import annotations

from sys import getsizeof

from hermetic.errors import FormatError, LimitExceeded
from hermetic.formats.pickle_nodes import Call, Change, Item, Mapping, Node, PickleStream, Sequence
from hermetic.limits import Limits

__all__ = [
    "MEMORY_OF_A_BYTE",
    "NODE_BYTES",
    "OBJECT_BYTES",
    "OPCODES_OF_BYTES",
    "TABLE_BYTES",
    "PickleBudget",
    "check_objects",
    "memory_of_pickle",
    "plain_bytes",
]

NODE_BYTES = 380
"""Of a node, its list of items, its numbers, and the value that is made of it."""
OBJECT_BYTES = 1_000
"""Of an object from its call to the model: two nodes, what the codecs are asked about, and its row in a table."""
MEMORY_OF_A_BYTE = 20
"""That one byte of opcodes takes at most, nodes aside: a text of two letters is 4 bytes in a file, and 72 in memory."""
OPCODES_OF_BYTES = 8
"""That bytes of little length count as, beyond their own: in a graph each takes as much as a node."""

TABLE_BYTES = 1_600
"""Of what makes a table of its own in a graph, as each set does, until the model is made."""

_MEMORY_HALVES = 7  # of limits.memory_bytes: there are no arrays yet beside the nodes
_MOST_IDLE = 1_000_000
_FEW_OPCODES = 10_000_000
_ITEM_BYTES = 9
_BYTES_BYTES = 200  # of bytes in a graph, where they are a dictionary with a text
_ROUNDING_BYTES = 8
_MANY_ITEMS = 50
_SIZED = frozenset({str, bytes, int, float})  # None and the truth values are there already
_SETS = ("set", "frozenset")
_CALLED_WITH_ITEMS = frozenset({"INST", "OBJ"})  # the arguments of other calls are the items of a tuple


class PickleBudget:
    """The budgets of one file; all its streams share them.

    Parameters
    ----------
    limits : Limits
        ``memory_bytes``, ``memory_factor``, ``values`` and ``expansion`` count.
    length_bytes : int
        Of the content, decompressed.
    packed_bytes : int, default=0
        Of the file when it is compressed: it may hold 10 million bytes of opcodes, and ``expansion`` times its length.

    Attributes
    ----------
    memory_bytes : int
        What nodes and plain values may take.
    n_opcodes : int
        How many bytes of opcodes may be read.

    Examples
    --------
    >>> from hermetic.limits import DEFAULT_LIMITS
    >>> budget = PickleBudget(DEFAULT_LIMITS, length_bytes=80_000_000, packed_bytes=100)
    >>> budget.n_opcodes
    10006400
    """

    def __init__(self, limits: Limits, length_bytes: int, packed_bytes: int = 0) -> None:
        self._reserve_bytes = limits.memory_bytes // 2
        self.memory_bytes = memory_of_pickle(limits, length_bytes)
        self._taken_bytes = 0
        self.n_opcodes = limits.values
        self._limits = limits
        self._length_bytes = length_bytes
        self._packed_bytes = packed_bytes
        self._n_read = self._n_idle = 0
        if packed_bytes:
            self.n_opcodes = min(limits.values, _FEW_OPCODES + limits.expansion * packed_bytes)

    @property
    def n_opcodes_left(self) -> int:
        """How many bytes of opcodes may still be read."""
        return self.n_opcodes - self._n_read

    def set_aside(self, taken_bytes: int, n_opcodes: int) -> None:
        """Count the memory and the opcodes of a stream while another one is read."""
        self._taken_bytes += taken_bytes
        self._n_read += n_opcodes

    def check_opcodes(self, n_opcodes: int) -> None:
        """Refuse more bytes of opcodes, in the stream that is being read, than are left."""
        asked = self._n_read + n_opcodes
        if asked > self.n_opcodes:
            self._limits.check("values", asked)
            needed = -(-max(asked, self._length_bytes) // self._packed_bytes)
            raise LimitExceeded("expansion", allowed=self._limits.expansion, asked=needed)

    def add_idle(self) -> None:
        """Count an opcode that picklers hardly ever need: a few are honest, a flood keeps a reader busy."""
        self._n_idle += 1
        if self._n_idle > _MOST_IDLE:
            raise FormatError(f"there are more than {_MOST_IDLE:,} opcodes that no pickler needs")

    def left_bytes(self, taken_bytes: int) -> int:
        """Give the memory that is left beside what a stream takes by an estimate, which may go too far by a little."""
        return self.memory_bytes + self._reserve_bytes - self._taken_bytes - taken_bytes

    def check_left(self, left_bytes: int) -> None:
        """Refuse a stream when what it takes, measured, leaves nothing but the reserve."""
        if left_bytes <= self._reserve_bytes:
            raise LimitExceeded("memory_bytes", allowed=self.memory_bytes, asked=2 * self.memory_bytes)


def memory_of_pickle(limits: Limits, length_bytes: int) -> int:
    """Give the memory that a pickle may take while it becomes a graph, arrays aside.

    Parameters
    ----------
    limits : Limits
        ``memory_bytes`` and ``memory_factor`` count.
    length_bytes : int
        Of the content, decompressed.

    Returns
    -------
    int
        Bytes.

    Examples
    --------
    >>> from hermetic.limits import DEFAULT_LIMITS
    >>> memory_of_pickle(DEFAULT_LIMITS, 1_000) >> 20
    224
    """
    return _MEMORY_HALVES * (limits.memory_bytes // 2) + limits.memory_factor * length_bytes


def check_objects(streams: list[PickleStream], limits: Limits, length_bytes: int) -> None:
    """Refuse more objects and sets than the memory may hold, before they are made.

    Parameters
    ----------
    streams : list of PickleStream
        Of one file.
    limits, length_bytes
        As for `memory_of_pickle`.

    Raises
    ------
    LimitExceeded
        With the memory that would be needed.
    """
    allowed, asked = memory_of_pickle(limits, length_bytes), 0
    for stream in streams:
        asked += OBJECT_BYTES * sum([type(node) is Call for node in stream.nodes])
        asked += TABLE_BYTES * sum([type(node) is Sequence and node.kind in _SETS for node in stream.nodes])
    if asked > allowed:
        raise LimitExceeded("memory_bytes", allowed=allowed, asked=asked)


def plain_bytes(nodes: list[Node], stacks: list[list[Item]], recalled: list[Item]) -> int:
    """Estimate the memory that plain values take, and the lists that hold them.

    Parameters
    ----------
    nodes : list of Node
        All of a stream.
    stacks : list of list of Item
        What stands on its stack.
    recalled : list of Item
        What stands in several places, as often as it was put there again: it takes memory once.

    Returns
    -------
    int
        Bytes.

    Examples
    --------
    >>> plain_bytes([], [[None, True]], [])
    18
    """
    lists = [node.items for node in nodes if type(node) is Sequence or type(node) is Mapping or type(node) is Change]
    lists += [node.arguments for node in nodes if type(node) is Call and node.opcode in _CALLED_WITH_ITEMS]
    lists += stacks
    found = sum([_size_of(items) for items in lists if len(items) > _MANY_ITEMS])
    found += _size_of([item for items in lists if len(items) <= _MANY_ITEMS for item in items])
    n_items = sum(map(len, lists)) + len(recalled)
    return max(found - _size_of(recalled), 0) + _ITEM_BYTES * n_items


def _size_of(items: list[Item]) -> int:
    kinds = set(map(type, items))
    if kinds.isdisjoint(_SIZED):
        return 0
    sized: list[Item] = items if kinds <= _SIZED else [item for item in items if type(item) in _SIZED]
    found = sum(map(getsizeof, sized)) + _ROUNDING_BYTES * len(sized)
    return found + _BYTES_BYTES * sum([type(item) is bytes for item in sized]) if bytes in kinds else found
