"""The state of reading one pickle: nodes, stack, marks and memo, and the budgets they count against."""

from __future__ import annotations

from hermetic.errors import FormatError
from hermetic.formats.pickle_nodes import Atom, Node, Problem
from hermetic.formats.pickle_opcodes import OPCODES, Cursor
from hermetic.limits import Limits

__all__ = ["PickleStack"]

_LEVELS_OF_A_MODEL = 5  # an object holds its state, that a list, that tuples: so many for each level of the graph
_MOST_PROBLEMS = 50


class PickleStack:
    """What the opcodes of one stream work on.

    Parameters
    ----------
    cursor : Cursor
        At the first opcode.
    limits : Limits
        ``nodes`` and ``depth`` count; a pickle has five levels for each of a model.

    Attributes
    ----------
    nodes : list of Node
        What was read so far.
    states : dict of int to int
        The state that BUILD gave last to each node.
    problems : list of Problem
        What was found so far.
    protocol : int
        The highest that the stream has declared.
    depth : int
        How many containers stand inside each other.
    start, offset : int
        The first byte of the stream, and of the opcode that is being read.
    frame_end : int
        The first byte behind the last frame.

    Examples
    --------
    >>> from hermetic.formats.pickle_stack import PickleStack
    >>> from hermetic.limits import DEFAULT_LIMITS
    >>> stack = PickleStack(Cursor(b"N."), DEFAULT_LIMITS)
    >>> stack.push(Atom(0, None))
    >>> stack.pop(), len(stack.nodes)
    (0, 1)
    """

    def __init__(self, cursor: Cursor, limits: Limits) -> None:
        self.cursor = cursor
        self.limits = limits
        self.nodes: list[Node] = []
        self.states: dict[int, int] = {}
        self.problems: list[Problem] = []
        self.protocol = 0
        self.depth = 0
        self.start = self.offset = cursor.position
        self.frame_end = -1
        self._depths: list[int] = []
        self._stack: list[int] = []
        self._marks: list[int] = []
        self._memo: dict[int, int] = {}
        self._replaced: set[int] = set()
        self._most_depth = limits.depth * _LEVELS_OF_A_MODEL

    @property
    def opcode(self) -> str:
        """The name of the opcode that is being read."""
        return OPCODES[self.cursor.data[self.offset]]

    @property
    def left_over(self) -> int:
        """How many values and marks stand on the stack."""
        return len(self._stack) + len(self._marks)

    def note(self, message: str) -> None:
        """Note a problem at the opcode that is being read."""
        if len(self.problems) < _MOST_PROBLEMS:
            self.problems.append(Problem(self.offset, message))

    def push(self, node: Node, depth: int = 0) -> None:
        """Put a new node on the stack."""
        self._stack.append(self.add(node, depth))

    def add(self, node: Node, depth: int = 0) -> int:
        """Keep a new node that does not stand on the stack."""
        number = len(self.nodes)
        if number >= self.limits.nodes:
            self.limits.check("nodes", number + 1)
        if depth > self._most_depth:
            raise FormatError(f"{depth} containers stand inside each other, at most {self._most_depth} are read")
        self.nodes.append(node)
        self._depths.append(depth)
        return number

    def push_number(self, number: int) -> None:
        """Put a node on the stack once more."""
        self._stack.append(number)

    def push_atom(self, value: bool | int | float | str | bytes | None) -> None:
        """Put a plain value on the stack."""
        self.push(Atom(self.offset, value))

    def pop(self) -> int:
        """Take the topmost value."""
        stack = self._stack
        if len(stack) <= (self._marks[-1] if self._marks else 0):
            raise FormatError(f"{self.opcode} needs a value, but none stands above the mark")
        return stack.pop()

    def pop_node(self) -> Node:
        """Take the topmost value and give its node."""
        return self.nodes[self.pop()]

    def top(self) -> int:
        """Give the topmost value and leave it there."""
        number = self.pop()
        self._stack.append(number)
        return number

    def mark(self) -> None:
        """Set a mark."""
        self._marks.append(len(self._stack))

    def pop_to_mark(self) -> list[int]:
        """Take the last mark and everything above it."""
        if not self._marks:
            raise FormatError(f"{self.opcode} needs a mark, but there is none")
        start = self._marks.pop()
        items = self._stack[start:]
        del self._stack[start:]
        return items

    def pop_mark_or_value(self) -> None:
        """Take whatever stands on top: Python has marks on the same stack."""
        if self._marks and self._marks[-1] == len(self._stack):
            self._marks.pop()
        else:
            self.pop()

    def depth_above(self, items: list[int]) -> int:
        """Give the depth of a container of these items."""
        depth = 1 + max(map(self._depths.__getitem__, items), default=0)
        self.depth = max(self.depth, depth)
        return depth

    def deepen(self, target: int, items: list[int]) -> None:
        """Note that a container has got items; one may be the container itself, so the number is no exact one."""
        self._depths[target] = min(max(self._depths[target], self.depth_above(items)), self._most_depth)

    def memoize(self, index: int) -> None:
        """Set an entry of the memo to the topmost value."""
        number = self.top()
        if self._memo.setdefault(index, number) != number:
            self.note(f"memo entry {index} is set twice")
            self._memo[index] = number

    def memoize_next(self) -> None:
        """Set the next entry of the memo to the topmost value."""
        self.memoize(len(self._memo))

    def recall(self, index: int) -> None:
        """Put an entry of the memo on the stack."""
        found = self._memo.get(index, -1)
        if found < 0 or found in self._replaced:
            raise FormatError(f"memo entry {index} is asked for before it is set")
        self._stack.append(found)

    def forget(self, number: int) -> None:
        """Let no entry of the memo give a node that something else has replaced."""
        self._replaced.add(number)
