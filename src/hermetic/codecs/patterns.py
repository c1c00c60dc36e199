r"""Which regular expressions can take exponential time: unbounded repeats whose content can be divided in two ways.

A pattern from a file runs on texts of whoever uses the model. ``(a+)+b`` takes minutes for thirty characters, because
every division of the a's among the two repeats is tried before the match fails. That such repeats stand inside each
other is no fault by itself: in ``[a-z]+(?:-[a-z]+)*`` the hyphen says which repeat a letter belongs to.

So the pattern becomes an automaton with one state for each character that it can match (Glushkov's), in which every
operator adds the steps that it allows. A pattern is slow when, inside a loop, one step is allowed twice, or two
different ways lead from a state back to it with the same text. What cannot be decided within small budgets counts as
slow. Look-arounds and ``\b`` are taken to match anywhere, so some patterns that they save are called slow as well.

Sources: V. M. Glushkov, The abstract theory of automata (1961); A. Weber and H. Seidl, On the degree of ambiguity of
finite automata (1991), criterion EDA; Lib/re/_parser.py for the form of a parsed pattern.
"""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from re import _parser  # type: ignore[attr-defined]  # the standard library's own parser is private
from typing import Any

from hermetic.codecs.pattern_characters import Alphabet, alphabet_of, may_ignore_case, widest_ranges

__all__ = ["LONGEST_PATTERN", "slow_reason"]

LONGEST_PATTERN = 4_096
"""Longer patterns are not judged, so they need the capability."""

_REPEATS = frozenset({"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"})
_UNROLLED = 10
_MOST_STATES = 600
_MOST_EDGES = 20_000
_MOST_STEPS = 40_000
_MOST_CASES = 10_000


class _TooMuchError(Exception):
    """The pattern is beyond the budgets, or holds what this file does not know."""


@functools.lru_cache(maxsize=256)
def slow_reason(pattern: str | bytes, flags: int = 0) -> str:
    r"""Say why a pattern may take exponential time.

    Parameters
    ----------
    pattern : str or bytes
        Of a file, so it may be no pattern at all.
    flags : int
        As for `re.compile`.

    Returns
    -------
    str
        In words; ``""`` for a pattern that cannot, and for what is no pattern: it fails before it runs.

    Examples
    --------
    >>> slow_reason(r"(?u)\b\w\w+\b"), slow_reason(r"[a-z]+(?:-[a-z]+)*")
    ('', '')
    >>> slow_reason(r"(a+)+b")
    'repeats stand inside each other, and the same text can be divided among them in many ways'
    """
    if len(pattern) > LONGEST_PATTERN:
        return f"it has {len(pattern):,} characters, more than the {LONGEST_PATTERN:,} that are judged"
    try:
        parsed = _parser.parse(pattern, flags)
        if may_ignore_case(parsed) and widest_ranges(parsed) > _MOST_CASES:
            return "it ignores the case of a great range of characters, which takes long to compile"
        alphabet = alphabet_of(parsed)
        reasons = (_reason_of_loop(alphabet, loop) for loop in _outermost_loops(parsed))
        return next(filter(None, reasons), "")
    except (re.error, OverflowError, TypeError, ValueError):
        return ""
    except (_TooMuchError, RecursionError, MemoryError, Warning):
        return "it is too intricate to be judged"


def _outermost_loops(parsed: Any) -> Iterator[Any]:
    """Give the unbounded repeats that stand in no other one: what is outside of them is gone through once."""
    waiting = [parsed]
    while waiting:
        item = waiting.pop()
        if isinstance(item, tuple) and len(item) == 2 and str(item[0]) in _REPEATS and item[1][1] > _UNROLLED:
            yield item
        elif isinstance(item, (tuple, list)):
            waiting.extend(item)
        elif isinstance(item, _parser.SubPattern):
            waiting.extend(item.data)


def _reason_of_loop(alphabet: Alphabet, loop: Any) -> str:
    automaton = _Automaton(alphabet)
    automaton.add([loop])
    return automaton.slow_reason()


@dataclass(slots=True)
class _Part:
    """What an operator needs to know of a part: the states it can begin and end with, and whether it can be empty."""

    first: frozenset[int] = frozenset()
    last: frozenset[int] = frozenset()
    is_nullable: bool = True


@dataclass(slots=True)
class _Automaton:
    alphabet: Alphabet
    characters: list[int] = field(default_factory=list)
    steps: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    doubled: set[tuple[int, int]] = field(default_factory=set)
    n_edges: int = 0

    def add(self, items: Iterable[Any]) -> _Part:
        """Add a sequence of parsed items."""
        whole = _Part()
        for operator, argument in items:
            whole = self._then(whole, self._item(operator, argument))
        return whole

    def _item(self, operator: Any, argument: Any) -> _Part:
        name = str(operator)
        if name in _REPEATS:
            return self._repeat(*argument)
        if name == "SUBPATTERN":
            return self.add(argument[3])
        if name == "ATOMIC_GROUP":
            return self.add(argument)
        if name == "BRANCH":
            return self._branch(argument[1])
        if name == "GROUPREF_EXISTS":
            return self._branch([argument[1], argument[2] or []])
        if name in ("ASSERT", "ASSERT_NOT"):
            self.add(argument[1])  # a world of its own: its loops count, but nothing leads in or out
            return _Part()
        if name == "AT":
            return _Part()
        if name == "GROUPREF":
            anything = self._state(self.alphabet.everything)
            self._connect(anything.last, anything.first)
            return _Part(first=anything.first, last=anything.last)
        characters = self.alphabet.mask(operator, argument)
        if characters is None:
            raise _TooMuchError(name)
        return self._state(characters)

    def _state(self, characters: int) -> _Part:
        if len(self.characters) >= _MOST_STATES:
            raise _TooMuchError("states")
        self.characters.append(characters)
        only = frozenset({len(self.characters) - 1})
        return _Part(first=only, last=only, is_nullable=False)

    def _connect(self, last: frozenset[int], first: frozenset[int]) -> None:
        self.n_edges += len(last) * len(first)
        if self.n_edges > _MOST_EDGES:
            raise _TooMuchError("edges")
        for origin in last:
            known = self.steps[origin]
            self.doubled.update((origin, target) for target in first if target in known)
            known |= first

    def _then(self, left: _Part, right: _Part) -> _Part:
        self._connect(left.last, right.first)
        return _Part(
            first=left.first | right.first if left.is_nullable else left.first,
            last=left.last | right.last if right.is_nullable else right.last,
            is_nullable=left.is_nullable and right.is_nullable,
        )

    def _branch(self, branches: Iterable[Any]) -> _Part:
        parts = [self.add(branch) for branch in branches]
        return _Part(
            first=frozenset().union(*(part.first for part in parts)),
            last=frozenset().union(*(part.last for part in parts)),
            is_nullable=any(part.is_nullable for part in parts),
        )

    def _repeat(self, least: int, most: int, items: Any) -> _Part:
        if most > _UNROLLED:
            part = self.add(items)
            self._connect(part.last, part.first)
            return _Part(first=part.first, last=part.last, is_nullable=part.is_nullable or least == 0)
        # Few repeats are written out, each after the first behind the one before it.
        parts = [self.add(items) for _ in range(most)]
        whole = _Part()
        for number, part in enumerate(reversed(parts), start=1):
            whole = self._then(part, whole)
            whole.is_nullable = whole.is_nullable or most - number >= least
        return whole

    def slow_reason(self) -> str:
        """Say what makes the automaton ambiguous in a loop."""
        loops = _components(len(self.characters), self.steps)
        for origin, target in self.doubled:
            if loops[origin] == loops[target]:
                return _AMBIGUOUS
        members: dict[int, list[int]] = defaultdict(list)
        for state, loop in enumerate(loops):
            members[loop].append(state)
        budget = _MOST_STEPS
        for states in members.values():
            if len(states) > 1:
                budget = self._search(frozenset(states), budget)
                if budget < 0:
                    return _AMBIGUOUS
        return ""

    def _search(self, loop: frozenset[int], budget: int) -> int:
        """Look for two ways through a loop with one text that part and meet; give what is left of the budget, or -1.

        All states of a loop reach each other, so two ways that meet anywhere can go on to where they parted.
        """
        steps = {state: [target for target in self.steps[state] if target in loop] for state in loop}
        waiting = [(state, state) for state in loop]
        seen: set[tuple[int, int]] = set()
        while waiting:
            left, right = waiting.pop()
            for left_next in steps[left]:
                for right_next in steps[right]:
                    budget -= 1
                    if budget < 0:
                        raise _TooMuchError("steps")
                    is_apart = left != right
                    if left_next == right_next:
                        if is_apart:
                            return -1
                    elif self.characters[left_next] & self.characters[right_next]:
                        pair = (min(left_next, right_next), max(left_next, right_next))
                        if pair not in seen:
                            seen.add(pair)
                            waiting.append(pair)
        return budget


_AMBIGUOUS = "repeats stand inside each other, and the same text can be divided among them in many ways"


def _components(n_states: int, steps: dict[int, set[int]]) -> list[int]:
    """Give, for each state, the number of its strongly connected component (Kosaraju, with stacks of our own)."""
    order: list[int] = []
    seen = [False] * n_states
    backward: dict[int, list[int]] = defaultdict(list)
    for origin in list(steps):
        for target in steps[origin]:
            backward[target].append(origin)
    for root in range(n_states):
        waiting = [(root, False)]
        while waiting:
            state, is_done = waiting.pop()
            if is_done:
                order.append(state)
            elif not seen[state]:
                seen[state] = True
                waiting.append((state, True))
                waiting.extend((target, False) for target in steps.get(state, ()) if not seen[target])
    numbers = [-1] * n_states
    for root in reversed(order):
        reached = [root] if numbers[root] < 0 else []
        while reached:
            state = reached.pop()
            if numbers[state] < 0:
                numbers[state] = root
                reached.extend(origin for origin in backward[state] if numbers[origin] < 0)
    return numbers
