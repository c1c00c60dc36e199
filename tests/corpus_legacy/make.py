"""The whole corpus; run by hand it writes every file of it into a folder, with an index.

Usage::

    python -m tests.corpus_legacy.make FOLDER

Each file gets a folder of its own, ``CLASS/NUMBER-NAME/model``, because some need others beside them. Opening one with
the loader that ``index.json`` names makes a file or folder ``marker...`` in the current folder, and nothing else.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from pathlib import Path

from tests.corpus_legacy.attack import Attack
from tests.corpus_legacy.classic import CLASSIC, UNUSUAL
from tests.corpus_legacy.containers import CONTAINERS
from tests.corpus_legacy.gadgets import GADGETS
from tests.corpus_legacy.joblib_files import JOBLIB
from tests.corpus_legacy.resources import RESOURCES
from tests.corpus_legacy.streams import INDIRECT, STREAMS

__all__ = ["CORPUS", "EXECUTING", "index", "lay_out", "main"]

CORPUS = [*CLASSIC, *UNUSUAL, *GADGETS, *INDIRECT, *STREAMS, *JOBLIB, *CONTAINERS, *RESOURCES]
EXECUTING = [item for item in CORPUS if item.is_executing]


def lay_out(item: Attack, folder: Path) -> Path:
    """Write one file and what stands beside it; give its path."""
    inner = folder / "model"
    inner.mkdir(parents=True)
    for path, data in {"model": item.data, "script.py": b"open('marker', 'w')\n", **item.beside}.items():
        (inner / path).parent.mkdir(parents=True, exist_ok=True)
        (inner / path).resolve().write_bytes(data)
    return inner / "model"


def index() -> list[dict[str, object]]:
    """Give what is expected of each file, without its bytes."""
    return [
        {
            "name": item.name,
            "class": item.kind,
            "verdict": item.verdict,
            "is_executing": item.is_executing,
            "loader": item.loader,
            "note": item.note,
        }
        for item in CORPUS
    ]


def main(arguments: list[str]) -> int:
    """Write the corpus into a folder, and say how many files each class has."""
    folder = Path(arguments[0])
    for number, item in enumerate(CORPUS):
        lay_out(item, folder / _as_name(item.kind) / f"{number:03}-{_as_name(item.name)}")
    (folder / "index.json").write_text(json.dumps(index(), indent=1))
    counts = Counter(item.kind for item in CORPUS)
    executing = Counter(item.kind for item in EXECUTING)
    for kind, number in counts.items():
        print(f"{kind:<24} {number:>4} files, {executing[kind]:>3} of them execute something")
    print(f"{'all':<24} {len(CORPUS):>4} files, {len(EXECUTING):>3} of them execute something")
    return 0


def _as_name(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9.]+", "-", text).strip("-.")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
