"""What becomes of one mutant: refused by which gate, or accepted, saved again, and used."""

from __future__ import annotations

import resource
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import hermetic
from fuzzing.gates import Load
from fuzzing.mutants import make_mutant
from fuzzing.refusals import place_of_refusal
from fuzzing.seeds import Seed
from fuzzing.use import use
from hermetic.errors import CannotSave, FileError

__all__ = ["STAGES", "Outcome", "try_mutant"]

STAGES = ("made", "loaded", "saved again", "used", "dumped after use")
"""What is going on while a process dies, in this order."""

_MOST_GROWTH_KIBIBYTES = 1 << 19


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a mutant.

    Attributes
    ----------
    kind : str
        ``accepted``, or the gate that refused it.
    line : str
        The line of the check that refused it.
    is_saved : bool
        Whether an accepted one could be saved again.
    finding : str
        What must not be, in a few words that are the same for the same defect; empty when all is well.
    detail : str
        The rest of it.
    """

    kind: str
    line: str = ""
    is_saved: bool = False
    finding: str = ""
    detail: str = ""


def try_mutant(
    seed: Seed, number: int, load: Load, note: Callable[[int], None], steps: Collection[int] | None = None
) -> Outcome:
    """Make the mutant of a number, load it, save it again, use it.

    Parameters
    ----------
    seed : Seed
        Its parent.
    number : int
        Which.
    load : callable
        From `fuzzing.gates`.
    note : callable
        Told the stage, a number of `STAGES`, before it begins.
    steps : collection of int, optional
        Only these of its changes are made.

    Returns
    -------
    Outcome
        If the process lives.
    """
    note(0)
    peak = _peak_kibibytes()
    mutant = make_mutant(seed, number, steps)
    note(1)
    try:
        model = load(seed, mutant)
    except FileError as error:
        gate, line = place_of_refusal(error)
        return Outcome(kind=gate, line=line)
    except Exception as error:
        _, line = place_of_refusal(error)
        if isinstance(error, MemoryError):
            return Outcome(kind="restore", finding=f"memory: load at {line}", detail=str(error)[:300])
        found = f"load raises {type(error).__name__} at {line}"
        return Outcome(kind="restore", finding=found, detail=str(error)[:300])
    note(2)
    is_saved, finding, detail = _save_again(seed, model)
    note(3)
    floods = use(model, seed.inputs)
    if floods and not finding:
        finding, detail = f"memory: {floods[0].partition(':')[0]}", floods[0]
    note(4)
    if not finding and is_saved:
        finding, detail = _save_after_use(model)
    growth = _peak_kibibytes() - peak
    if not finding and growth > _MOST_GROWTH_KIBIBYTES:
        finding, detail = "memory: resident", f"{growth >> 10} MiB more"
    return Outcome(kind="accepted", is_saved=is_saved, finding=finding, detail=detail)


def _save_again(seed: Seed, model: Any) -> tuple[bool, str, str]:
    """Save an accepted model, load that, save it again: the bytes must be the same."""
    try:
        first = hermetic.dumps(model)
    except CannotSave:
        return False, "", ""
    except Exception as error:
        return False, f"dump raises {type(error).__name__} at {place_of_refusal(error)[1]}", str(error)[:300]
    try:
        again = hermetic.loads(first, trusted=seed.trusted, capabilities=seed.capabilities)
        second = hermetic.dumps(again)
    except Exception as error:
        found = f"its own dump: {type(error).__name__} at {place_of_refusal(error)[1]}"
        return True, found, str(error)[:300]
    if first != second:
        return True, "the second dump differs from the first", f"{len(first)} and {len(second)} bytes"
    return True, "", ""


def _save_after_use(model: Any) -> tuple[str, str]:
    try:
        hermetic.dumps(model)
    except CannotSave:
        return "", ""
    except Exception as error:
        return f"dump after use raises {type(error).__name__} at {place_of_refusal(error)[1]}", str(error)[:300]
    return "", ""


def _peak_kibibytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
