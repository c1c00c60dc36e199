"""Which of a mutant's changes does the harm: it is made with fewer and fewer of them, each in a process of its own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

from fuzzing.gates import Load
from fuzzing.mutants import make_mutant
from fuzzing.seeds import Seed
from fuzzing.server import Batch, Finding, run

__all__ = ["Smaller", "make_smaller"]


@dataclass(frozen=True, kw_only=True)
class Smaller:
    """A finding with as few changes as show it."""

    finding: Finding
    steps: tuple[int, ...] | None
    words: tuple[str, ...]


def make_smaller(seed: Seed, finding: Finding, load: Load) -> Smaller:
    """Give the fewest changes after which the same thing is found; all of them when no fewer do."""
    if finding.what.startswith("the fuzzer"):
        return Smaller(finding=finding, steps=None, words=())
    whole = make_mutant(seed, finding.number)
    if whole.graph is None:
        return Smaller(finding=finding, steps=None, words=whole.words)
    for steps in _subsets(len(whole.words)):
        batch = Batch(seed=seed, numbers=range(finding.number, finding.number + 1), steps=steps)
        for result in run([batch], load, jobs=1, is_over=lambda: False):
            if any(found.what == finding.what for found in result.findings):
                words = make_mutant(seed, finding.number, steps).words
                return Smaller(finding=finding, steps=steps, words=words)
    return Smaller(finding=finding, steps=None, words=whole.words)


def _subsets(n_steps: int) -> Iterable[tuple[int, ...]]:
    for size in range(1, min(n_steps, 4)):
        yield from combinations(range(n_steps), size)
