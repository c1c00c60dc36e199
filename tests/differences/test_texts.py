"""Source is compared line by line, in bounded time."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hermetic.differences import texts
from hermetic.differences.texts import unified

LINES = st.lists(st.sampled_from("abc"), max_size=12)


def patched(before: list[str], difference: list[str]) -> list[str]:
    """Apply a unified diff to what it was made from, as patch does."""
    found: list[str] = []
    position = 0
    for line in difference[2:]:
        if line.startswith("@@"):
            first, _, count = line.split(" ")[1][1:].partition(",")
            start = int(first) - (0 if count == "0" else 1)
            found += before[position:start]
            position = start
        elif line[0] == "+":
            found.append(line[1:])
        else:
            assert before[position] == line[1:]
            found += [line[1:]] if line[0] == " " else []
            position += 1
    return found + before[position:]


@given(before=LINES, after=LINES)
@settings(deadline=None)
def test_the_difference_makes_one_text_of_the_other(before: list[str], after: list[str]):
    found = list(unified("\n".join(before), "\n".join(after), "train.py"))
    if before == after:
        assert found == []
    else:
        assert patched(before, found) == after


@given(before=LINES, after=LINES)
@settings(deadline=None)
def test_also_when_too_much_differs_to_be_looked_at(before: list[str], after: list[str]):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(texts, "_MOST_PAIRS", 2)
        found = list(unified("\n".join(before), "\n".join(after), "train.py"))
    if before and after and before != after:
        assert patched(before, found) == after


def test_lines_are_counted_from_the_beginning_of_the_text():
    before = [f"line {number}" for number in range(100)]
    after = [*before[:60], "new", *before[60:]]
    assert list(unified("\n".join(before), "\n".join(after), "a"))[2:4] == ["@@ -58,6 +58,7 @@", " line 57"]


def test_hostile_texts_take_no_time():
    before = "\n".join(f"{number % 100}" for number in range(5_000))
    after = "\n".join(f"{number * 7 % 100}" for number in range(5_000))
    start = time.perf_counter()
    assert len(list(unified(before, after, "a"))) > 5_000
    assert time.perf_counter() - start < 5
