"""The corpus: for each check that ever refused a mutant one file, which that check must refuse for ever.

A check that somebody takes away lets its file through, or leaves it to another check; either way the test of the corpus
notices (`fuzzing.replay`). This file finds them: ``python -m fuzzing --collect FOLDER``.
"""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import Any

from fuzzing.again import mutant_as_file
from fuzzing.mutants import make_mutant
from fuzzing.refusals import place_of_refusal
from fuzzing.replay import check_at, read_index, refusal_of, write_index
from fuzzing.seeds import Seed
from fuzzing.server import Result

__all__ = ["collect"]

_MOST_BYTES = 1 << 16


def collect(folder: Path, result: Result) -> None:
    """Keep a file for each check that refused something in a batch and has none yet."""
    entries = read_index(folder)
    known = {entry["check"] for entry in entries}
    for line, (_, number) in result.lines.items():
        if check_at(line) not in known:
            entry = _in_a_child(result.batch.seed, number, line)
            if entry is not None and entry["check"] not in known:
                known.add(entry["check"])
                entries.append(_written(folder, entry))
                write_index(folder, entries)


def _in_a_child(seed: Seed, number: int, line: str) -> dict[str, Any] | None:
    """Make the entry in another process: what is loaded here may be accepted, and do harm."""
    reading, writing = os.pipe()
    identifier = os.fork()
    if not identifier:
        try:
            os.close(reading)
            with open(writing, "wb") as pipe:
                pipe.write(json.dumps(_find_entry(seed, number, line)).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with open(reading, "rb") as pipe:
        text = pipe.read()
    os.waitpid(identifier, 0)
    entry: dict[str, Any] | None = json.loads(text) if text else None
    return entry


def _find_entry(seed: Seed, number: int, line: str) -> dict[str, Any] | None:
    """Give a file that a check refuses, with one change if one is enough."""
    n_steps = len(make_mutant(seed, number).words)
    for steps in [*((step,) for step in range(n_steps)), None]:
        mutant = make_mutant(seed, number, steps)
        try:
            data = mutant_as_file(mutant, dict(seed.written_by))
        except Exception:
            # Our own writer cannot write it; the graph has only been tried by the gates.
            continue
        error = refusal_of(data, seed.trusted, seed.capabilities)
        if error is not None and place_of_refusal(error)[1] == line and len(data) < _MOST_BYTES:
            return {
                "data": base64.b64encode(data).decode(),
                "check": check_at(line),
                "found": error.found,
                "words": list(mutant.words),
                "seed": seed.name,
                "trusted": list(seed.trusted),
                "capabilities": list(seed.capabilities),
            }
    return None


def _written(folder: Path, entry: dict[str, Any]) -> dict[str, Any]:
    folder.mkdir(parents=True, exist_ok=True)
    stem = ".".join(entry["check"].split(":", 2)[:2]).replace(".py", "")
    name = next(name for n in range(1, 1000) if not (folder / (name := f"{stem}.{n}.hermetic")).exists())
    (folder / name).write_bytes(base64.b64decode(entry.pop("data")))
    return {"file": name, **entry}
