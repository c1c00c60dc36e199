"""Which mutant of a seed has which number: the same one in every process."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection
from dataclasses import dataclass

from fuzzing import change_arrays, change_form, change_structure, change_values
from fuzzing.change_files import changed_file
from fuzzing.draft import Draft
from fuzzing.seeds import Seed
from hermetic.graph import Graph

__all__ = ["GENTLE", "Mutant", "make_mutant"]

_Change = Callable[[Draft, random.Random], str]

_CHANGES: tuple[_Change, ...] = (
    *(change_arrays.change_items,) * 8,
    *(change_arrays.reshape,) * 5,
    *(change_arrays.reshape_two,) * 2,
    *(change_arrays.change_dtype,) * 3,
    *(change_arrays.exchange_items,) * 2,
    *(change_arrays.permute_items,) * 4,
    *(change_values.change_number,) * 8,
    *(change_values.change_kind,) * 4,
    *(change_values.change_text,) * 3,
    *(change_values.redirect,) * 4,
    *(change_values.exchange_values,) * 2,
    *(change_values.take_from_another,) * 4,
    *(change_structure.change_fields,) * 4,
    *(change_structure.change_length,) * 3,
    *(change_structure.change_column,) * 3,
    change_structure.change_shape,
    *(change_structure.change_type,) * 2,
    change_structure.change_name,
    change_structure.add_link,
    change_structure.wrap,
)
_BREAKING: tuple[_Change, ...] = (
    *(change_form.break_reference,) * 3,
    *(change_form.break_value,) * 3,
    *(change_form.break_container,) * 2,
    *(change_form.break_name,) * 2,
    *(change_form.break_field,) * 2,
    change_form.nest_deeply,
)
_BROKEN = 0.8
_FILES = 0.1
_ATTEMPTS = 20
_FEW = (1, 1, 1, 1, 2, 2, 3)
_MANY = (3, 4, 5, 6)

GENTLE = 10
"""Every tenth mutant has few changes, so that it is likely to be accepted; the others have many, and most of
them one that no gate may let through: most are refused."""


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """One hostile relative of a seed: a graph for the gates, or a whole file.

    Attributes
    ----------
    words : tuple of str
        What was changed, step by step.
    graph : Graph, optional
        As the last gate would see it.
    data : bytes, optional
        A file; its checksums are right, but for a few.
    """

    words: tuple[str, ...]
    graph: Graph | None = None
    data: bytes | None = None


def make_mutant(seed: Seed, number: int, steps: Collection[int] | None = None) -> Mutant:
    """Give the mutant of a seed with a number.

    Parameters
    ----------
    seed : Seed
        Its parent.
    number : int
        Any; the same one gives the same mutant.
    steps : collection of int, optional
        Only these of its changes are made: to find out which one does the harm.
    """
    choose = random.Random(f"{seed.name} {number}")
    # A plain value has no nodes to change.
    if choose.random() < _FILES or not seed.graph.nodes or seed.has_answers:
        data, change = changed_file(seed.data, seed.written_by, choose)
        return Mutant(words=(change,), data=data)
    is_gentle = number % GENTLE == 0
    n_steps = choose.choice(_FEW if is_gentle else _MANY)
    is_broken = not is_gentle and choose.random() < _BROKEN
    well_formed = range(n_steps - is_broken)
    draft = Draft(seed.graph)
    # A generator for each step, so that a step stays what it is when others are left out.
    generators = {step: random.Random(f"{seed.name} {number} {step}") for step in range(n_steps)}
    words = [_change(draft, generators[step], _CHANGES) for step in well_formed if steps is None or step in steps]
    graph = draft.finish()
    # What breaks the form comes last: the other changes rely on it.
    if is_broken and (steps is None or n_steps - 1 in steps):
        words.append(_change(draft, generators[n_steps - 1], _BREAKING))
    return Mutant(words=tuple(words), graph=graph)


def _change(draft: Draft, choose: random.Random, changes: tuple[_Change, ...]) -> str:
    for _ in range(_ATTEMPTS):
        done = choose.choice(changes)(draft, choose)
        if done:
            return done
    return "nothing"
