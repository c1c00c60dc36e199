"""Two sets of characters meet where `re` says so."""

from __future__ import annotations

import re
from re import _parser
from typing import Any

import pytest

from hermetic.codecs.pattern_characters import Alphabet, alphabet_of, may_ignore_case, widest_ranges

SETS = [
    "a", "A", "[a-f]", "[^a]", r"\w", r"\W", r"\d", r"\D", r"\s", r"\S", ".", "-", "_", "\u00e9", "\u00b5", "[^\\w]",
    "\u2019", "\u0410", "[\u0400-\u04ff]", "[^\u0400-\u04ff]", "\u0663", "\u2003", "k", "K", "\u212a", "s", "\u017f",
    "[\\w-]", "[^\\s,]", "[0-9]",
]  # fmt: skip
SAMPLES = [chr(code) for code in range(0x250)] + list(
    "\u0410\u0430\u04ff\u0663\u2003\u2019\u2028\u212a\u4e00\U0001f600"
)


def masks(left: str, right: str, flags: int = 0) -> tuple[Alphabet, int, int]:
    parsed = _parser.parse(f"{left}{right}", flags | re.DOTALL)
    alphabet = alphabet_of(parsed)
    first, second = (alphabet.mask(*item) for item in parsed.data)
    assert first is not None
    assert second is not None
    return alphabet, first, second


@pytest.mark.parametrize("flags", [0, re.IGNORECASE, re.ASCII, re.ASCII | re.IGNORECASE], ids=str)
@pytest.mark.parametrize("left", SETS, ids=ascii)
def test_sets_that_share_a_character_meet(left: str, flags: int):
    for right in SETS:
        shared = [text for text in SAMPLES if re.fullmatch(left, text, flags) and re.fullmatch(right, text, flags)]
        _, first, second = masks(left, right, flags)
        assert bool(first & second) or not shared, (right, shared)


APART = [("a", "b"), ("a", "[^a]"), (r"\w", r"\W"), (r"\d", r"\D"), (r"\s", r"\S"), (r"\w", r"\s"), (r"\w", "-")]
APART += [(r"\w", "\u2019"), ("\u0410", "\u0411"), ("[\u0400-\u040f]", "\u0410"), (r"\w", "[ .,;]"), ("a", "A")]


@pytest.mark.parametrize(("left", "right"), APART, ids=ascii)
def test_sets_without_a_common_character_do_not_meet(left: str, right: str):
    _, first, second = masks(left, right)
    assert not first & second


@pytest.mark.parametrize(("left", "right"), [("a", "A"), ("k", "\u212a"), ("s", "\u017f"), ("\u00e9", "\u00c9")])
def test_cases_meet_when_case_is_ignored(left: str, right: str):
    _, first, second = masks(left, right, re.IGNORECASE)
    assert first & second


def test_a_wide_range_without_case_may_match_anything():
    alphabet, first, second = masks("[\u0400-\uffff]", "q", re.IGNORECASE)
    assert first == alphabet.everything
    assert second


def test_what_matches_no_single_character_has_no_mask():
    item: Any = _parser.parse(r"a*").data[0]
    assert alphabet_of(_parser.parse("a")).mask(*item) is None


def test_ranges_are_counted_and_flags_of_groups_seen():
    assert widest_ranges(_parser.parse("[a-z]b")) == 27
    assert may_ignore_case(_parser.parse("a(?i:b)"))
    assert not may_ignore_case(_parser.parse("a(?:b)"))
