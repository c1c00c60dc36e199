"""One difference between two models, and many alike told as one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

__all__ = ["Change", "alike_as_one", "largest_text"]

_NUMBER = re.compile(r"\[\d+\]")
_TOLD_ALONE = 3


@dataclass(frozen=True, kw_only=True)
class Change:
    """One difference.

    Attributes
    ----------
    path : str
        Where it stands in the model; ``[*]`` stands for several places.
    kind : str
        ``structure`` for types and steps, ``parameter``, or ``fitted``.
    before, after : str
        What it was and is in a few words; empty for arrays of one shape.
    n_values, n_changed : int
        Of an array: how many items it has, and how many differ.
    largest, relative : float or None
        Of an array of numbers: the largest difference, and the largest in relation to the greater of both values.
    n_places : int
        In how many places there is one like this.
    """

    path: str
    kind: str
    before: str = ""
    after: str = ""
    n_values: int = 0
    n_changed: int = 0
    largest: float | None = None
    relative: float | None = None
    n_places: int = 1

    def __str__(self) -> str:
        """Say it on one line."""
        where = f"{self.path}: " if self.n_places == 1 else f"{self.path}, in {self.n_places:,} places: "
        if not self.n_values:
            words = f"{self.before} -> {self.after}"
            return where + (words if self.n_places == 1 else f"first {words}")
        sizes = ""
        if self.largest is not None:
            relation = "" if self.relative is None else f", relative {largest_text(self.relative)}"
            sizes = f", by at most {largest_text(self.largest)}{relation}"
        first = f"; first {self.before} -> {self.after}" if self.before or self.after else ""
        return f"{where}{self.n_changed:,} of {self.n_values:,} values{sizes}{first}"


def largest_text(number: float) -> str:
    """Give a size with three digits.

    Examples
    --------
    >>> largest_text(0.001234567), largest_text(250.0)
    ('0.00123', '250')
    """
    return f"{number:.3g}"


def alike_as_one(changes: Iterable[Change]) -> list[Change]:
    """Tell differences that stand in many places of one kind, as in the trees of a forest, as one.

    Parameters
    ----------
    changes : iterable of Change
        In the order of the model.

    Returns
    -------
    list of Change
        In the order of their first places.

    Examples
    --------
    >>> alone = [Change(path=f"$.estimators_[{n}].n", kind="fitted", before="1", after="2") for n in range(9)]
    >>> print(*alike_as_one(alone))
    $.estimators_[*].n, in 9 places: first 1 -> 2
    """
    groups: dict[tuple[str, str, bool, bool], list[Change]] = {}
    for change in changes:
        pattern = _NUMBER.sub("[*]", change.path)
        # Arrays of other shapes are told apart from those with other values.
        groups.setdefault((pattern, change.kind, bool(change.n_values), bool(change.before)), []).append(change)
    found: list[Change] = []
    for (pattern, *_), group in groups.items():
        found += group if len(group) <= _TOLD_ALONE else [_joined(pattern, group)]
    return found


def _joined(pattern: str, group: list[Change]) -> Change:
    sizes = [change.largest for change in group if change.largest is not None]
    relations = [change.relative for change in group if change.relative is not None]
    return replace(
        group[0],
        path=pattern,
        n_values=sum(change.n_values for change in group),
        n_changed=sum(change.n_changed for change in group),
        largest=max(sizes, default=None),
        relative=max(relations, default=None),
        n_places=sum(change.n_places for change in group),
    )
