"""Sets of characters of a regular expression as bits of one integer, so that two can be asked whether they meet.

The first 256 characters stand for themselves. Beyond them, the characters and ranges of the pattern cut Unicode into
intervals; each has four bits, for its letters, digits, spaces and other characters: those of them that it has, or all
where it is long.

Source: Lib/re/_parser.py and _constants.py.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from re import _constants, _parser  # type: ignore[attr-defined]  # the standard library's own parser is private
from typing import Any

__all__ = ["Alphabet", "alphabet_of", "may_ignore_case", "widest_ranges"]

_N_EXACT = 256
_N_KINDS = 4
_LAST = 0x10FFFF
_LETTER, _DIGIT, _SPACE, _OTHER = 1, 2, 4, 8
_ASCII = (1 << 128) - 1
# Characters beyond the first 256 that match a letter among them when case is ignored, and the reverse.
_FAR_CASES = {"s": "\u017f", "k": "\u212a", "i": "\u0130\u0131", "\u00e5": "\u212b", "\u00b5": "\u03bc\u039c"}


def alphabet_of(parsed: Any) -> Alphabet:
    """Give the alphabet that tells the characters of a parsed pattern apart.

    Parameters
    ----------
    parsed : SubPattern
        What the standard library's parser gives.

    Returns
    -------
    Alphabet
        For this pattern only.
    """
    cuts: set[int] = set()
    ignores_case = may_ignore_case(parsed)
    for low, high in _ranges(parsed):
        for first, last in _with_cases(low, high) if ignores_case else ((low, high),):
            cuts.update((first, last + 1))
    starts = sorted(cut for cut in cuts if cut > _N_EXACT)
    # Bytes have no flag for Unicode either.
    return Alphabet(starts, ignores_case=ignores_case, is_ascii=not parsed.state.flags & re.UNICODE)


def may_ignore_case(parsed: Any) -> bool:
    """Tell whether some part of a parsed pattern ignores case.

    Parameters
    ----------
    parsed : SubPattern
        What the standard library's parser gives.

    Returns
    -------
    bool
        For a flag of the whole, or of a group.
    """
    if parsed.state.flags & re.IGNORECASE:
        return True
    return any(item[0] is _constants.SUBPATTERN and item[1][1] & re.IGNORECASE for item in _items(parsed))


def widest_ranges(parsed: Any) -> int:
    """Count the characters of all ranges of a parsed pattern.

    Parameters
    ----------
    parsed : SubPattern
        What the standard library's parser gives.

    Returns
    -------
    int
        Of all ranges together.
    """
    return sum(high - low + 1 for low, high in _ranges(parsed))


def _items(parsed: Any) -> Iterator[Any]:
    """Give every pair of an operator and its argument in a parsed pattern."""
    waiting = [parsed]
    while waiting:
        item = waiting.pop()
        if isinstance(item, _parser.SubPattern):
            waiting.extend(item.data)
        elif isinstance(item, (tuple, list)):
            if len(item) == 2 and not isinstance(item[0], (tuple, list, _parser.SubPattern)):
                yield item
            waiting.extend(item)


def _ranges(parsed: Any) -> Iterator[tuple[int, int]]:
    for operator, argument in _items(parsed):
        if operator in (_constants.LITERAL, _constants.NOT_LITERAL):
            yield argument, argument
        elif operator is _constants.RANGE:
            yield argument


def _with_cases(low: int, high: int) -> Iterator[tuple[int, int]]:
    """Give a range, and the characters that match one of it when case is ignored."""
    yield low, high
    if high - low > 2 * _N_EXACT:
        yield 0, _LAST  # too many to look at: they may match anything
        return
    for code in range(low, high + 1):
        character = chr(code)
        for other in (character.lower(), character.upper(), *_FAR_CASES.get(character.lower(), "")):
            if len(other) == 1:
                yield ord(other), ord(other)
        for near, far in _FAR_CASES.items():
            if character in far:
                yield ord(near), ord(near)
                yield ord(near.upper()[0]), ord(near.upper()[0])


class Alphabet:
    r"""Characters as bits.

    Parameters
    ----------
    cuts : list of int
        Code points beyond 256 at which a new interval begins, sorted.
    ignores_case : bool
        Whether a letter stands for its other cases as well.
    is_ascii : bool
        Whether ``\w``, ``\d`` and ``\s`` stand for the first 128 characters only.
    """

    def __init__(self, cuts: list[int], *, ignores_case: bool, is_ascii: bool) -> None:
        self._starts = [_N_EXACT, *(cut for cut in cuts if cut <= _LAST)]
        self._is_ascii = is_ascii
        self._ignores_case = ignores_case
        ends = [*self._starts[1:], _LAST + 1]
        far = 0
        for number, (start, end) in enumerate(zip(self._starts, ends, strict=True)):
            far |= _kinds_between(start, end) << _N_KINDS * number
        self.everything = far << _N_EXACT | (1 << _N_EXACT) - 1

    def mask(self, operator: Any, argument: Any) -> int | None:
        """Give the characters that an item matches; None when it is no item that matches one character."""
        if operator is _constants.LITERAL:
            return self._range(argument, argument)
        if operator is _constants.NOT_LITERAL:
            return self._without(argument, argument)
        if operator is _constants.ANY:
            return self.everything
        if operator is _constants.IN:
            return self._set(argument)
        return None

    def _set(self, items: Any) -> int | None:
        found, is_negated = 0, False
        for operator, argument in items:
            if operator is _constants.NEGATE:
                is_negated = True
            elif operator is _constants.LITERAL:
                found |= self._bits(argument, argument, is_certain=is_negated)
            elif operator is _constants.RANGE:
                found |= self._bits(*argument, is_certain=is_negated)
            elif operator is _constants.CATEGORY:
                found |= self._category(str(argument))
            else:
                return None
        return self.everything & ~found if is_negated else found

    def _range(self, low: int, high: int) -> int:
        return self._bits(low, high, is_certain=False)

    def _without(self, low: int, high: int) -> int:
        return self.everything & ~self._bits(low, high, is_certain=True)

    def _bits(self, low: int, high: int, *, is_certain: bool) -> int:
        """Give a range; with `is_certain` nothing that it perhaps matches, for what is taken away."""
        found = 0
        for first, last in _with_cases(low, high) if self._ignores_case and not is_certain else ((low, high),):
            for code in range(first, min(last, _N_EXACT - 1) + 1):
                found |= 1 << code
            if last >= _N_EXACT:
                start = bisect_right(self._starts, max(first, _N_EXACT)) - 1
                end = bisect_right(self._starts, last)
                found |= ((1 << _N_KINDS * (end - start)) - 1) << _N_EXACT + _N_KINDS * start
        return found & self.everything

    def _category(self, name: str) -> int:
        kinds = {"DIGIT": _DIGIT, "SPACE": _SPACE, "WORD": _LETTER | _DIGIT}
        name = name.removeprefix("CATEGORY_").removeprefix("UNI_").removeprefix("LOC_")
        is_negated = name.startswith("NOT_")
        wanted = kinds[name.removeprefix("NOT_")]
        far = sum(wanted << _N_KINDS * number for number in range(len(self._starts))) << _N_EXACT
        found = _EXACT[wanted] & _ASCII if self._is_ascii else _EXACT[wanted] | far
        return self.everything & (~found if is_negated else found)


def _kinds_between(start: int, end: int) -> int:
    """Give the kinds of the characters from one code point to before another; all kinds where there are many."""
    if end - start > _N_EXACT:
        return (1 << _N_KINDS) - 1
    kinds = 0
    for character in map(chr, range(start, end)):
        is_word = character.isalnum() or character == "_"
        kinds |= _DIGIT if character.isdecimal() else _LETTER if is_word else _SPACE if character.isspace() else _OTHER
    return kinds


def _exact(kinds: int) -> int:
    """Give those of the first 256 characters that a category holds."""
    return sum(1 << code for code in range(_N_EXACT) if _kinds_between(code, code + 1) & kinds)


_EXACT = {kinds: _exact(kinds) for kinds in (_DIGIT, _SPACE, _LETTER | _DIGIT)}
