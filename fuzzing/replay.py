"""Replay a corpus: each of its files must be refused, by the check that it is kept for.

``python -m fuzzing.replay FOLDER`` prints one line for each file, before it is tried; with ``--update`` it notes the
new words of checks that were only reworded. It imports hermetic and nothing of the fuzzer, so that it is quick.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import hermetic
from fuzzing.refusals import place_of_refusal
from fuzzing.statements import name_of
from hermetic.errors import FileError

__all__ = ["INDEX", "check_at", "main", "read_index", "refusal_of", "replay", "update", "write_index"]

INDEX = "refused.json"


def read_index(folder: Path) -> list[dict[str, Any]]:
    """Give the entries of a corpus: file, check, its message, what was changed, and what the load must be told."""
    index = folder / INDEX
    entries: list[dict[str, Any]] = json.loads(index.read_text(encoding="utf-8")) if index.exists() else []
    return entries


def write_index(folder: Path, entries: list[dict[str, Any]]) -> None:
    """Write the entries of a corpus, sorted."""
    text = json.dumps(sorted(entries, key=lambda own: str(own["file"])), indent=1)
    (folder / INDEX).write_text(text + "\n", encoding="utf-8")


def check_at(line: str) -> str:
    """Name a check, given as ``codecs/file.py:function:line``, by its statement."""
    file, function, number = line.rsplit(":", 2)
    return name_of(Path(hermetic.__file__).parent / file, function, int(number))


def refusal_of(data: bytes, trusted: Sequence[str], capabilities: Sequence[str]) -> FileError | None:
    """Give the error with which a file is refused, or None."""
    try:
        hermetic.loads(data, trusted=trusted, capabilities=capabilities)
    except FileError as error:
        return error
    except Exception:
        return None
    return None


def replay(folder: Path) -> Iterator[tuple[dict[str, Any], str | None]]:
    """Load each file of a corpus: give its entry before it is loaded and again with the check that refused it."""
    for entry in read_index(folder):
        yield entry, None
        data = (folder / entry["file"]).read_bytes()
        error = refusal_of(data, entry["trusted"], entry["capabilities"])
        yield entry, "" if error is None else check_at(place_of_refusal(error)[1])


def update(folder: Path) -> None:
    """Note the statements as they are now, of checks that still refuse their file in the same function."""
    entries = []
    for entry, check in replay(folder):
        if check is not None:
            is_same = check.split(" ")[0] == entry["check"].split(" ")[0]
            entries.append({**entry, "check": check} if is_same else entry)
    write_index(folder, entries)


def main(arguments: Sequence[str] | None = None) -> int:
    """Replay a corpus; 1 when a file is not refused as it must be."""
    folder, *options = sys.argv[1:] if arguments is None else arguments
    if options == ["--update"]:
        update(Path(folder))
    n_wrong = 0
    for entry, check in replay(Path(folder)):
        if check is None:
            print(entry["file"], flush=True)
        elif check != entry["check"]:
            n_wrong += 1
            print(f"WRONG {entry['file']}: refused by {check or 'nothing'}, not by {entry['check']}", flush=True)
    return int(n_wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
