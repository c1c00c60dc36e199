"""Patterns that people use need no grant; those that can take exponential time are told apart from them."""

from __future__ import annotations

import re
import time

import pytest

from hermetic.codecs.patterns import LONGEST_PATTERN, slow_reason

ORDINARY = [
    r"(?u)\b\w\w+\b",
    r"(?u)\b\w+\b",
    r"\w+",
    r"\S+",
    r"[^\s]+",
    r"[^,]+",
    r".",
    r".+",
    r".*",
    r"\w{2,}",
    r"\b\w{3,}\b",
    r"\b[a-zA-Z]{3,15}\b",
    r"[A-Za-z]+",
    r"(?i)\b[a-z]{2,}\b",
    r"\b[^\d\W]+\b",
    r"\b[a-z]+(?:-[a-z]+)*\b",
    r"\w+(?:-\w+)+",
    r"\w+(?:['\u2019]\w+)*",
    r"[a-zA-Z]+(?:'[a-z]+)?",
    r"([a-zA-Z]+(?:'[a-z]+)?)",
    r"\d+(?:\.\d+)?",
    r"(?:\d+,)*\d+",
    r"#\w+|@\w+",
    r"(?:#|@)?\w+",
    r"[\w.+-]+@[\w-]+\.[\w.-]+",
    r"(?:[\w-]+\.)+[a-z]{2,}",
    r"https?://\S+",
    r"\w+://[^\s/$.?#].[^\s]*",
    r"(?u)\b\w\w+\b|!|\?|\"|\'",
    r"\b\d{1,3}(?:\.\d{1,3}){3}\b",
    r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}",
    r"[\u4e00-\u9fff]",
    r"[\u4e00-\u9fff]+|\w+",
    r"(?:[A-Z]\.)+",
    r"(?:\w+\.)*\w+",
    r"\b(?:cat|dog|bird)\b",
    r"(?:foo|bar)+",
    r"(?i)(?:foo|bar|skip)+",
    r"^num_",
    r"_(?:mean|std)$",
    r"(?i)price|cost",
    r"feat_\d+",
    r"^(?!target).*",
    r"[A-Z]{2,}(?![a-z])|[A-Z][a-z]+(?=[A-Z])|['\w\-]+",
    r"<[^>]+>|\w+",
    r"'[^']*'|\"[^\"]*\"|\w+",
    r"(?:\s*\w+\s*;)+",
    r"(?<=\s)\w+(?=\s)",
    r"[:;=8][\-o\*\']?[\)\]\(\[dDpP/\:\}\{@\|\\]",
    r"(?x) \d+ (?: , \d{3} )*  # thousands",
    r"[\w']+|[.,!?;]",
    r"\b\w+\b(?:\s+\b\w+\b){0,2}",
    r"(?:\r?\n)+",
    r"(a)?(?(1)b|c)+",
    "|".join(f"word{number}" for number in range(120)),
    r"\b(?:" + "|".join(f"w{number}" for number in range(120)) + r")\b",
    r"(?:" + "|".join(f"word{number}" for number in range(60)) + r")+",
]

SLOW = [
    r"(a+)+",
    r"(a+)+b",
    r"([a-z]+)*",
    r"(?:\w+)+@",
    r"(?:a*)*",
    r"(?:a*b*)*",
    r"(.*)*",
    r"(?:.*)+x",
    r"(a|aa)+",
    r"(?:a|ab|b)+c",
    r"(?:a?a?)+b",
    r"((ab)+)+",
    r"(x+x+)+y",
    r"(?:\w+\s?)+",
    r"(?:\w+\s*)+$",
    r"(?:\d{1,3},?)+",
    r"(?=(a+)+b)",
    r"(?!(a+)+b)",
    r"(?:a{2,}){12}",
    r"(a+){20}",
    r"(?:(?:a|b)+c?)+",
    r"(?:[^b]c?|a)+",
    r"(?:\u0410b?|[\u0400-\u04ff])+",
    r"(?:\u00e9|\wb?)+",
    r"(?i)(?:\u212a|kb?)+",
    r"(?i:(?:A|ab?)+)",
    r"(?a)(?:\u00e9|\Wb?)+",
    r"(?:\s\s*)+x",
    r"(?>(a+)+b)",
    r"(?:a++)+b",
    r"(?:(a)|(?(1)b|a))+a?",
]


@pytest.mark.parametrize("pattern", ORDINARY)
def test_an_ordinary_pattern_needs_no_grant(pattern: str):
    re.compile(pattern)
    assert slow_reason(pattern) == ""


@pytest.mark.parametrize("pattern", SLOW)
def test_a_pattern_that_can_divide_a_text_in_many_ways_is_told(pattern: str):
    re.compile(pattern)
    assert "many ways" in slow_reason(pattern)


def seconds(pattern: str, text: str) -> float:
    """Give the least of several times: what the machine does besides only adds."""
    times = []
    for _ in range(5):
        start = time.process_time()
        re.match(pattern, text)
        times.append(time.process_time() - start)
    return min(times)


@pytest.mark.parametrize(
    ("pattern", "text"), [(r"(?:\w+)+@", "a"), (r"(?:\u00e9|\wb?)+!", "\u00e9"), (r"(a|aa)+!", "a")]
)
def test_what_is_told_is_slow_indeed(pattern: str, text: str):
    assert slow_reason(pattern)
    assert seconds(pattern, text * 22) > 4 * seconds(pattern, text * 16)


def test_alternatives_of_one_character_become_one_set_in_python_and_are_not_slow():
    for pattern in (r"(a|a)*b", r"(?:\w|\d)+!", r"(?:[a-z]|[x-z])+!"):
        assert slow_reason(pattern) == ""
        assert seconds(pattern, "z" * 2_000) < 1.0


@pytest.mark.parametrize("pattern", ["(", "[", "a{2,1}", r"\1", "(?P<a>", "*", "a{99999999999999999999}", "(?z)"])
def test_what_is_no_pattern_never_runs_and_needs_no_grant(pattern: str):
    with pytest.raises((re.error, OverflowError)):
        re.compile(pattern)
    assert slow_reason(pattern) == ""


def test_flags_that_exclude_each_other_never_run():
    assert slow_reason("a", int(re.ASCII | re.UNICODE)) == ""
    assert slow_reason(b"(a+)+", int(re.UNICODE)) == ""


def test_bytes_are_judged_alike():
    assert slow_reason(rb"\w+") == ""
    assert "many ways" in slow_reason(rb"(\w+)+!")


def test_flags_count():
    assert slow_reason("(?:Kx?|k)+") == ""
    assert slow_reason("(?:Kx?|k)+", int(re.IGNORECASE))


def test_a_pattern_too_long_to_judge_says_so():
    assert slow_reason("a" * LONGEST_PATTERN) == ""
    assert "4,097 characters" in slow_reason("a" * (LONGEST_PATTERN + 1))


@pytest.mark.parametrize(
    "pattern",
    ["(" * 2_000 + ")" * 2_000, "(?:" + "|".join(f"{n:03}" for n in range(400)) + ")+", "(?:" * 40 + "a?" + ")+" * 40],
    ids=["deep", "wide", "loops in loops"],
)
def test_what_cannot_be_judged_within_small_budgets_counts_as_slow(pattern: str):
    start = time.perf_counter()
    assert slow_reason(pattern)
    assert time.perf_counter() - start < 2.0


def test_ignoring_the_case_of_all_of_unicode_counts_as_slow_to_compile():
    assert "compile" in slow_reason(r"(?i)[\u0100-\U0010ffff]")
    assert "compile" in slow_reason(r"(?i:[\u0100-\U0010ffff])")
    assert slow_reason(r"[\u0100-\U0010ffff]") == ""


def test_a_doubtful_pattern_that_warns_counts_as_slow_where_warnings_are_errors():
    assert "intricate" in slow_reason("[[a]")
