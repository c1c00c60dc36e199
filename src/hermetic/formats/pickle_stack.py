"""The state of reading one pickle: nodes, stack, marks and memo, and the budgets they count against."""

from __future__ import annotations

from hermetic.errors import FormatError, LimitExceeded
from hermetic.formats.pickle_budgets import MEMORY_OF_A_BYTE, NODE_BYTES, PickleBudget, plain_bytes
from hermetic.formats.pickle_nodes import PLAIN_TYPES, Call, Item, Node, Problem
from hermetic.formats.pickle_opcodes import OPCODES, Cursor
from hermetic.limits import Limits

__all__ = ["MISSING", "MOST_MARKS", "PickleStack"]

MISSING = Call(offset=-1, number=-1, depth=0, opcode="", function=None, arguments=[])
"""What stands in the memo where no entry was set; a call, since only calls are looked at when they are recalled."""
MOST_MARKS = 100_000
"""That are open at the same time: each stands for a container that is not finished."""

_LEVELS_OF_A_MODEL = 5  # an object holds its state, that a list, that tuples: so many for each level of the graph
_MOST_PROBLEMS = 50
_MOST_MISSING = 100_000
_ENTRY_BYTES = 9
_FEW_OPCODES = 10_000
_MUCH = 4
_MARGIN_BYTES = 16  # the longest opcode of fixed length, one that follows it unasked, and some more
_MOST_FRAME_BYTES = 1 << 17  # twice what picklers write
_FEW_ITEMS = 8


class PickleStack:
    """What the opcodes of one stream work on.

    Parameters
    ----------
    cursor : Cursor
        At the first opcode.
    limits : Limits
        ``nodes`` and ``depth`` count; a pickle has five levels for each of a model.
    budget : PickleBudget, optional
        Of the whole file, by default one that is this stream alone.

    Attributes
    ----------
    nodes : list of Node
        What was read so far.
    states : dict of int to Item
        The state that BUILD gave last to each node, by its number.
    problems : list of Problem
        What was found so far.
    protocol : int
        The highest that the stream has declared.
    depth : int
        How many containers stand inside each other.
    usual_depth : int
        The same, and no more than may be.
    start, offset : int
        The first byte of the stream, and of the opcode that is being read.
    frame_end : int
        The first byte behind the last frame.
    fast_end : int
        Up to this byte no budget and no frame can end: see `hermetic.formats.pickle_loops`.
    skipped_bytes : int
        Of arrays and long texts, which are no opcodes.
    recalled : list of Item
        The entries of the memo, and topmost values, that were put on the stack once more, as often as they were.
    stack : list of Item
        What stands above the last mark.
    levels : list of list of Item
        What stands below each mark.
    memo : list of Item
        By number, `MISSING` where nothing was set.
    replaced : set of int
        The numbers of nodes that no entry of the memo may give any more.

    Examples
    --------
    >>> from hermetic.formats.pickle_stack import PickleStack
    >>> from hermetic.limits import DEFAULT_LIMITS
    >>> stack = PickleStack(Cursor(b"N."), DEFAULT_LIMITS)
    >>> stack.stack.append("a")
    >>> stack.pop(), len(stack.nodes)
    ('a', 0)
    """

    def __init__(self, cursor: Cursor, limits: Limits, budget: PickleBudget | None = None) -> None:
        self.cursor = cursor
        self.budget = budget or PickleBudget(limits, len(cursor.data))
        self.limits = limits
        self.nodes: list[Node] = []
        self.states: dict[int, Item] = {}
        self.problems: list[Problem] = []
        self.protocol = 0
        self.depth = self.usual_depth = 0
        self.start = self.offset = cursor.position
        self.frame_end = -1
        self.fast_end = -1
        self.skipped_bytes = 0
        self.recalled: list[Item] = []
        self.stack: list[Item] = []
        self.levels: list[list[Item]] = []
        self.memo: list[Item] = []
        self.replaced = {MISSING.number}
        self._far_memo: dict[int, Item] = {}
        self._n_missing = 0
        self._most_depth = limits.depth * _LEVELS_OF_A_MODEL
        self._n_measured = self._plain_bytes = 0
        self.share(self.budget.left_bytes(0))

    def share(self, left_bytes: int) -> None:
        """Allow so many nodes and opcodes, until they are counted again, that they cannot take more than is left."""
        self._most_nodes = min(self.limits.nodes, len(self.nodes) + max(left_bytes, 0) // 2 // NODE_BYTES)
        self._counted_at = self.n_opcodes + max(left_bytes, 0) // 2 // MEMORY_OF_A_BYTE
        self.fast_end = -1

    def check_memory(self) -> None:
        """Refuse a stream whose nodes and plain values take too much; they are measured only where they might."""
        left = self.budget.left_bytes(self.taken_bytes())
        if left <= 0:
            self.measure()
            left = self.budget.left_bytes(self.taken_bytes())
            self.budget.check_left(left)
        self.share(left)

    def measure(self) -> None:
        """Measure what plain values take."""
        self._plain_bytes = plain_bytes(self.nodes, [self.stack, *self.levels], self.recalled)
        self._plain_bytes += _ENTRY_BYTES * len(self.memo)
        self._n_measured = self.n_opcodes

    def taken_bytes(self) -> int:
        """Estimate what the stream takes, from above: what was measured, and the most that followed may take."""
        return NODE_BYTES * len(self.nodes) + self._plain_bytes + MEMORY_OF_A_BYTE * (self.n_opcodes - self._n_measured)

    def set_aside(self) -> int:
        """Give what the stream takes while another one is read, so exactly that as much is left as may be."""
        if self.n_opcodes - self._n_measured > self._n_measured // _MUCH + _FEW_OPCODES:
            self.measure()
        return self.taken_bytes()

    @property
    def n_opcodes(self) -> int:
        """How many bytes of opcodes were read."""
        return self.cursor.position - self.start - self.skipped_bytes

    @property
    def opcode(self) -> str:
        """The name of the opcode that is being read."""
        return OPCODES[self.cursor.data[self.offset]]

    @property
    def left_over(self) -> int:
        """How many values and marks stand on the stack."""
        return len(self.stack) + len(self.levels) + sum(map(len, self.levels))

    def note(self, message: str) -> None:
        """Note a problem at the opcode that is being read."""
        self.budget.add_idle()
        if len(self.problems) < _MOST_PROBLEMS:
            self.problems.append(Problem(self.offset, message))

    def find_fast_end(self) -> None:
        """Find how far opcodes can be read without looking at frames and budgets: none is shorter than a byte."""
        position = self.cursor.position
        frame_bytes = min(max(self.frame_end - position, 0), _MOST_FRAME_BYTES)
        end = self.cursor.reach(position + frame_bytes + _MARGIN_BYTES) - _MARGIN_BYTES
        if position < self.frame_end < end:
            end = self.frame_end
        n_opcodes = min(self._counted_at, self.budget.n_opcodes_left) - self.n_opcodes
        room = min(self._most_nodes - len(self.nodes), n_opcodes)
        is_dense = not self._far_memo and not (self._n_missing and self.protocol >= 4)
        self.fast_end = min(end, position + room) if is_dense else -1

    def check_values(self) -> None:
        """Refuse more opcodes than the limit, each counted as one byte; and more memory than they may take."""
        n_opcodes = self.n_opcodes
        if n_opcodes > self.budget.n_opcodes_left:
            self.budget.check_opcodes(n_opcodes)
        if n_opcodes >= self._counted_at:
            self.check_memory()

    def push(self, node: Node) -> None:
        """Keep a new node and put it on the stack."""
        self.add(node)
        self.stack.append(node)

    def add(self, node: Node) -> None:
        """Keep a new node that does not stand on the stack."""
        if node.number >= self._most_nodes:
            self.limits.check("nodes", node.number + 1)
            self.check_memory()
        self.nodes.append(node)

    def pop(self) -> Item:
        """Take the topmost value."""
        if not self.stack:
            raise FormatError(f"{self.opcode} needs a value, but none stands above the mark")
        return self.stack.pop()

    def top(self) -> Item:
        """Give the topmost value and leave it there."""
        if not self.stack:
            raise FormatError(f"{self.opcode} needs a value, but none stands above the mark")
        return self.stack[-1]

    def mark(self) -> None:
        """Set a mark."""
        if len(self.levels) >= MOST_MARKS:
            raise FormatError(f"more than {MOST_MARKS} marks are open")
        self.levels.append(self.stack)
        self.stack = []

    def pop_to_mark(self) -> list[Item]:
        """Take the last mark and everything above it; the list is the caller's own."""
        if not self.levels:
            raise FormatError(f"{self.opcode} needs a mark, but there is none")
        items = self.stack
        self.stack = self.levels.pop()
        return items

    def pop_mark_or_value(self) -> None:
        """Take whatever stands on top: Python has marks on the same stack."""
        self.budget.add_idle()
        if self.levels and not self.stack:
            self.stack = self.levels.pop()
        else:
            self.pop()

    def depth_above(self, items: list[Item]) -> int:
        """Give the depth of a container of these items."""
        depth = 1
        if len(items) <= _FEW_ITEMS or not PLAIN_TYPES.issuperset(map(type, items)):
            for item in items:
                if type(item) not in PLAIN_TYPES and item.depth >= depth:  # type: ignore[union-attr]  # a node
                    depth = item.depth + 1  # type: ignore[union-attr]  # a node
        if depth > self.depth:
            self.depth = depth
            self.usual_depth = min(depth, self._most_depth)
        return depth

    def depth_of_new(self, items: list[Item]) -> int:
        """Give the depth of a container that is made of these items, unless it is too deep."""
        depth = self.depth_above(items)
        if depth > self._most_depth:
            raise LimitExceeded("depth", allowed=self._most_depth, asked=depth)
        return depth

    def deeper(self, depth: int, items: list[Item]) -> int:
        """Give the depth of a container that has got items; one may be the container itself, so it is no exact one."""
        return min(max(depth, self.depth_above(items)), self._most_depth)

    def memoize(self, index: int) -> None:
        """Set an entry of the memo to the topmost value."""
        value, memo = self.top(), self.memo
        n_missing = index - len(memo)
        if index in self._far_memo or (n_missing < 0 and memo[index] is not MISSING):
            self.note(f"memo entry {index} is set twice")
            self.entry_changed()
        if index in self._far_memo or n_missing + self._n_missing > _MOST_MISSING:
            self._put_far(index, value)
        elif n_missing < 0:
            self._n_missing -= memo[index] is MISSING
            memo[index] = value
        else:
            self._n_missing += n_missing
            memo += [MISSING] * n_missing
            memo.append(value)
        if n_missing > 0:
            self.fast_end = -1

    def _put_far(self, index: int, value: Item) -> None:
        if len(self._far_memo) >= _MOST_MISSING:
            raise FormatError(f"more than {_MOST_MISSING} entries of the memo have numbers far from all others")
        self._far_memo[index] = value

    def entry_changed(self) -> None:
        """Take note that an entry of the memo does not give any more what it gave."""

    def memoize_next(self) -> None:
        """Set the next entry of the memo to the topmost value."""
        self.memoize(len(self.memo) - self._n_missing + len(self._far_memo))

    def recall(self, index: int) -> None:
        """Put an entry of the memo on the stack."""
        found = self.memo[index] if index < len(self.memo) else MISSING
        if found is MISSING:
            found = self._far_memo.get(index, MISSING)
        if type(found) is Call and found.number in self.replaced:
            raise FormatError(f"memo entry {index} is asked for before it is set")
        self.recalled.append(found)
        self.stack.append(found)

    def forget(self, node: Node) -> None:
        """Let no entry of the memo give a node that something else has replaced."""
        self.replaced.add(node.number)

    def duplicate(self) -> None:
        """Put the topmost value on the stack once more."""
        self.budget.add_idle()
        value = self.top()
        self.recalled.append(value)
        self.stack.append(value)

    def get(self) -> None:
        """Put the entry on the stack whose number stands in the line."""
        self.recall(self.cursor.read_index())

    def get_short(self) -> None:
        """Put the entry on the stack whose number is the next byte."""
        self.recall(self.cursor.read_unsigned(1))

    def get_long(self) -> None:
        """Put the entry on the stack whose number stands in four bytes."""
        self.recall(self.cursor.read_unsigned(4))

    def put(self) -> None:
        """Set the entry whose number stands in the line."""
        self.memoize(self.cursor.read_index())

    def put_short(self) -> None:
        """Set the entry whose number is the next byte."""
        self.memoize(self.cursor.read_unsigned(1))

    def put_long(self) -> None:
        """Set the entry whose number stands in four bytes."""
        self.memoize(self.cursor.read_unsigned(4))
