"""The corpus: for each check that ever refused a mutant one file, the smallest, which that check must refuse for ever.

A check that somebody takes away lets its file through, or leaves it to another check; either way the test of the corpus
notices (`fuzzing.replay`). This file finds them: ``python -m fuzzing --collect FOLDER``.
"""

from __future__ import annotations

import base64
import functools
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from fuzzing.again import mutant_as_file
from fuzzing.mutants import make_mutant
from fuzzing.refusals import place_of_refusal
from fuzzing.replay import check_at, read_index, refusal_of, write_index
from fuzzing.seeds import Seed
from fuzzing.server import Result

__all__ = ["MOST_BYTES", "Corpus", "collect", "entry_of", "in_a_child"]

MOST_BYTES = 1 << 16
"""The length of the longest file that is kept."""

_MUCH_SMALLER = 0.8

Entry = dict[str, Any]


class Corpus:
    """A folder of refused files and their index.

    Parameters
    ----------
    folder : Path
        Made when the first file is kept.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.entries = {entry["check"]: entry for entry in read_index(folder)}
        self._tried: set[tuple[str, str]] = set()
        self._lengths: dict[str, int] = {
            check: (folder / entry["file"]).stat().st_size for check, entry in self.entries.items()
        }

    def wants(self, check: str, length_bytes: int) -> bool:
        """Tell whether a file of a length would be the first of its check, or much smaller than the one it has."""
        return length_bytes / _MUCH_SMALLER < self._lengths.get(check, 2 * MOST_BYTES)

    def is_first_try(self, check: str, seed: str) -> bool:
        """Tell whether no mutant of a seed has been tried for a check yet; from now on one has."""
        is_first = (check, seed) not in self._tried
        self._tried.add((check, seed))
        return is_first

    def keep(self, entry: Entry) -> None:
        """Keep a file in the place of the one that its check has."""
        data, check = base64.b64decode(entry["data"]), entry["check"]
        if len(data) >= self._lengths.get(check, MOST_BYTES):
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        name = self.entries[check]["file"] if check in self.entries else self._new_name(check)
        (self.folder / name).write_bytes(data)
        self.entries[check] = {"file": name, **{key: value for key, value in entry.items() if key != "data"}}
        self._lengths[check] = len(data)
        write_index(self.folder, list(self.entries.values()))

    def _new_name(self, check: str) -> str:
        file, function = check.split(":", 2)[:2]
        stem = f"{file.removesuffix('.py').replace('/', '.')}.{function}"
        names = (f"{stem}.{number}.hermetic" for number in range(1, 1000))
        return next(name for name in names if not (self.folder / name).exists())


def collect(corpus: Corpus, result: Result) -> None:
    """Keep a file for each check that refused something in a batch, where it is the first or the smallest."""
    seed = result.batch.seed
    for line, (_, number) in result.lines.items():
        check = check_at(line)
        if corpus.wants(check, len(seed.data)) and corpus.is_first_try(check, seed.name):
            entry = in_a_child(functools.partial(_find_entry, seed, number, line))
            if entry is not None:
                corpus.keep(entry)


def in_a_child(find: Callable[[], Entry | None]) -> Entry | None:
    """Make an entry in another process: what is loaded here may be accepted, and do harm."""
    reading, writing = os.pipe()
    identifier = os.fork()
    if not identifier:
        try:
            os.close(reading)
            with open(writing, "wb") as pipe:
                pipe.write(json.dumps(find()).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with open(reading, "rb") as pipe:
        text = pipe.read()
    os.waitpid(identifier, 0)
    entry: Entry | None = json.loads(text) if text else None
    return entry


def _find_entry(seed: Seed, number: int, line: str) -> Entry | None:
    """Give a file of a mutant that a check refuses, with one change if one is enough."""
    n_steps = len(make_mutant(seed, number).words)
    for steps in [*((step,) for step in range(n_steps)), None]:
        mutant = make_mutant(seed, number, steps)
        try:
            data = mutant_as_file(mutant, dict(seed.written_by))
        except Exception:
            # Our own writer cannot write it; the graph has only been tried by the gates.
            continue
        entry = entry_of(data, check_at(line), trusted=seed.trusted, capabilities=seed.capabilities)
        if entry is not None:
            return {**entry, "words": list(mutant.words), "seed": seed.name}
    return None


def entry_of(data: bytes, check: str, *, trusted: Sequence[str], capabilities: Sequence[str]) -> Entry | None:
    """Give the entry of a file, if it is refused by a check; its bytes are in it."""
    error = refusal_of(data, trusted, capabilities) if len(data) < MOST_BYTES else None
    if error is None or check_at(place_of_refusal(error)[1]) != check:
        return None
    return {
        "data": base64.b64encode(data).decode(),
        "check": check,
        "found": error.found,
        "trusted": list(trusted),
        "capabilities": list(capabilities),
    }
