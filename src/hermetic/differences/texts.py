"""How two texts differ, as a unified diff, in time that does not grow with what a hostile file makes of its lines."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

__all__ = ["unified"]

_MOST_PAIRS = 1_000_000
_CONTEXT = 3


def unified(before: str, after: str, name: str) -> Iterator[str]:
    r"""Give a unified diff.

    Parameters
    ----------
    before, after : str
        Two texts.
    name : str
        What they are called, for the head.

    Yields
    ------
    str
        Lines without their ends. Where too many lines differ in the middle, they are told as removed and added as a
        whole: which of them were only moved takes time that grows with the square of their number, or worse.

    Examples
    --------
    >>> print(*unified("a = 1\nb = 2\n", "a = 1\nb = 3\n", "train.py"), sep="\n")
    --- a/train.py
    +++ b/train.py
    @@ -1,2 +1,2 @@
     a = 1
    -b = 2
    +b = 3
    """
    one, other = before.splitlines(), after.splitlines()
    start = _n_alike(one, other)
    end = _n_alike(one[start:][::-1], other[start:][::-1])
    n_old, n_new = len(one) - start - end, len(other) - start - end
    if n_old * n_new <= _MOST_PAIRS:
        first = max(0, start - _CONTEXT)
        old, new = (own[first : len(own) - max(0, end - _CONTEXT)] for own in (one, other))
        for line in difflib.unified_diff(old, new, f"a/{name}", f"b/{name}", n=_CONTEXT, lineterm=""):
            yield _moved(line, first) if line.startswith("@@") else line
        return
    yield from (f"--- a/{name}", f"+++ b/{name}", f"@@ -{start + 1},{n_old} +{start + 1},{n_new} @@")
    yield from ("-" + line for line in one[start : start + n_old])
    yield from ("+" + line for line in other[start : start + n_new])


def _n_alike(one: list[str], other: list[str]) -> int:
    n_alike = 0
    for line, same in zip(one, other, strict=False):
        if line != same:
            break
        n_alike += 1
    return n_alike


def _moved(head: str, n_lines: int) -> str:
    """Give the head of a hunk as it counts from the beginning of the whole text."""
    _, old, new, _ = head.split(" ")
    places = []
    for place in (old, new):
        first, comma, count = place[1:].partition(",")
        places.append(f"{place[0]}{int(first) + n_lines}{comma}{count}")
    return f"@@ {' '.join(places)} @@"
