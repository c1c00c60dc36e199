"""Files from the hostile states that the tests make, for checks that mutants seldom reach.

``python -m fuzzing.harvest FOLDER tests/codecs`` runs those tests. Whenever a check refuses something, it takes the
bytes that are being loaded, or writes the graph that goes through the gates as a file; a file that the same check
refuses again joins the corpus in FOLDER, where it is the first of that check or the smallest.
"""

from __future__ import annotations

import functools
import io
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

import numpy
import pytest
import scipy
import sklearn

import hermetic
from fuzzing.checks import Check, list_checks
from fuzzing.corpus import MOST_BYTES, Corpus, entry_of, in_a_child
from hermetic.errors import HermeticError
from hermetic.formats.container_writer import write_container_seekable
from hermetic.formats.graph_writer import graph_members
from hermetic.graph import Graph

__all__ = ["Harvest", "main"]

_TOLD = ("trusted", "capabilities")
_WRITTEN_BY = {
    "hermetic": hermetic.__version__,
    "numpy": numpy.__version__,
    "scikit-learn": sklearn.__version__,
    "scipy": scipy.__version__,
}


class Harvest:
    """A plugin of pytest that sees every error of hermetic when it is made.

    Parameters
    ----------
    corpus : Corpus
        What it adds to.
    """

    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus
        self._checks: dict[str, list[Check]] = {}
        for check in list_checks():
            self._checks.setdefault(str(check.path), []).append(check)
        self._found: list[tuple[Check, bytes, list[str], list[str]]] = []

    @pytest.fixture(autouse=True)
    def _watch(self, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[None]:
        make = HermeticError.__init__

        @functools.wraps(make)
        def made(error: HermeticError, *arguments: Any, **options: Any) -> None:
            make(error, *arguments, **options)
            self._note(sys._getframe(1))

        monkeypatch.setattr(HermeticError, "__init__", made)
        yield
        monkeypatch.undo()
        for check, data, trusted, capabilities in self._found:
            self._keep(check, data, trusted, capabilities, request.node.name)
        self._found.clear()

    def _note(self, frame: FrameType | None) -> None:
        check, graph, data = None, None, b""
        told: dict[str, list[str]] = {}
        while frame is not None:
            check = check or self._check_at(frame)
            # The outermost one: a gate may have changed its graph.
            graph = next((value for value in frame.f_locals.values() if isinstance(value, Graph)), graph)
            for option in _TOLD:
                value = frame.f_locals.get(option)
                if isinstance(value, (list, tuple)) and all(type(name) is str for name in value):
                    told[option] = list(value)
            if frame.f_code.co_name == "loads" and "persistence" in frame.f_code.co_filename:
                data = bytes(frame.f_locals["data"])
            frame = frame.f_back
        if check is None:
            return
        if not data and graph is not None:
            data = _file_of(graph)
        if data and len(data) < MOST_BYTES and self.corpus.wants(check.name, len(data)):
            self._found.append((check, data, told.get("trusted", []), told.get("capabilities", [])))

    def _check_at(self, frame: FrameType) -> Check | None:
        checks = self._checks.get(frame.f_code.co_filename, ())
        return next((check for check in checks if check.first <= frame.f_lineno <= check.last), None)

    def _keep(self, check: Check, data: bytes, trusted: list[str], capabilities: list[str], test: str) -> None:
        if self.corpus.wants(check.name, len(data)):
            entry = in_a_child(lambda: entry_of(data, check.name, trusted=trusted, capabilities=capabilities))
            if entry is not None:
                self.corpus.keep({**entry, "words": [test], "seed": ""})


def _file_of(graph: Graph) -> bytes:
    target = io.BytesIO()
    try:
        write_container_seekable(target, graph_members(graph), _WRITTEN_BY)
    except Exception:  # our own writer cannot write it
        return b""
    return target.getvalue()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run tests, and keep what they have refused; 1 when a test fails."""
    folder, *tests = sys.argv[1:] if arguments is None else arguments
    corpus = Corpus(Path(folder))
    n_before = len(corpus.entries)
    status = pytest.main([*tests, "-q", "-p", "no:cacheprovider", "-p", "no:xdist"], plugins=[Harvest(corpus)])
    print(f"{len(corpus.entries) - n_before} more checks have a file, {len(corpus.entries)} in all")
    return int(status != 0)


if __name__ == "__main__":
    sys.exit(main())
