"""One mutant again, in this process and with everything told: what was changed, where Python stands when it dies."""

from __future__ import annotations

import faulthandler
import io
import signal
import sys
import traceback
import warnings
from collections.abc import Collection
from pathlib import Path

import numpy as np
from joblib import parallel_config

import hermetic
from fuzzing.child import LIMIT_SECONDS
from fuzzing.gates import Load
from fuzzing.mutants import Mutant, make_mutant
from fuzzing.seeds import load_seed
from fuzzing.trial import STAGES, try_mutant
from hermetic.formats.container_writer import write_container_seekable
from hermetic.formats.graph_writer import graph_members

__all__ = ["mutant_as_file", "try_again"]


def try_again(name: str, number: int, load: Load, *, steps: Collection[int] | None, save: Path | None) -> int:
    """Try one mutant; 1 when it is a finding that this process survives.

    Parameters
    ----------
    name : str
        Of the seed.
    number : int
        Of the mutant.
    load : callable
        From `fuzzing.gates`.
    steps : collection of int, optional
        Only these of its changes.
    save : Path, optional
        Where to write the mutant as a file.
    """
    faulthandler.enable()
    faulthandler.register(signal.SIGPROF, chain=True)
    seed = load_seed(name)
    mutant = make_mutant(seed, number, steps)
    print(*mutant.words, sep="\n", flush=True)
    if save is not None:
        save.write_bytes(mutant_as_file(mutant, dict(seed.written_by)))
    signal.setitimer(signal.ITIMER_PROF, LIMIT_SECONDS)
    try:
        model = load(seed, make_mutant(seed, number, steps))
    except hermetic.FileError as error:
        print(f"refused: {type(error).__name__}: {error}")
    except Exception:
        traceback.print_exc(file=sys.stdout)
    else:
        print(f"accepted: a {type(model).__name__}", flush=True)
    with warnings.catch_warnings(), np.errstate(all="ignore"), parallel_config(backend="sequential"):
        warnings.simplefilter("ignore")
        outcome = try_mutant(seed, number, load, lambda stage: print(f"now being {STAGES[stage]}", flush=True), steps)
    print(f"{outcome.kind} {outcome.line}; finding: {outcome.finding or 'none'} {outcome.detail}")
    return int(bool(outcome.finding))


def mutant_as_file(mutant: Mutant, written_by: dict[str, str]) -> bytes:
    """Give a mutant as the bytes that hold it, its checksums right."""
    if mutant.data is not None:
        return mutant.data
    assert mutant.graph is not None
    target = io.BytesIO()
    write_container_seekable(target, graph_members(mutant.graph), written_by)
    return target.getvalue()
