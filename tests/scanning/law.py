"""The law of scanning: a file is called clean exactly when a default load raises no error of policy or format.

Run by hand it prints every file of a corpus that breaks the law, and ends with 1 when there is one::

    python -m tests.scanning.law zoo                      every model of the zoo
    python -m tests.scanning.law mutations 100            so many hostile relatives of each model that is attacked
    python -m tests.scanning.law tests/formats            every file that those tests load

What only the installed libraries can say (`InvalidState`, and the `UnsupportedVersion` of their releases) is beyond the
law for a clean file; a file that is not called clean must not load at all.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from typing import Any

import pytest

import hermetic
from hermetic.capture import capture
from hermetic.errors import FileError, InvalidState, UnsupportedVersion
from hermetic.formats.container_writer import write_container_seekable
from hermetic.formats.graph_writer import graph_members
from tests.zoo.seeded import seeded

__all__ = ["Recorder", "disagreement", "main", "models", "mutations"]

_LOADS = hermetic.loads
_LIBRARIES_SAY = (InvalidState, UnsupportedVersion)


def disagreement(data: bytes) -> str:
    """Give how scanning and loading some bytes disagree; "" when they agree."""
    report = hermetic.scan(io.BytesIO(data))
    error: Exception | None = None
    try:
        _LOADS(data)
    except FileError as raised:
        error = raised
    loaded = "loads" if error is None else f"load raises {type(error).__name__}: {error}"
    if report.length_bytes not in (0, len(data)):
        return ""  # bytes behind the container: a stream may have them, bytes may not
    if report.ok:
        return "" if error is None or isinstance(error, _LIBRARIES_SAY) else f"scan says clean, but {loaded}"
    if error is None:
        return f"scan says {report.verdict} ({report.problem}), but it {loaded}"
    if report.verdict == "refused" and report.error != type(error).__name__:
        return f"scan says {report.error}, but {loaded}"
    return ""


def models(step: int = 1) -> Iterator[tuple[str, bytes]]:
    """Give name and bytes of the models of the zoo, or of every so manyth."""
    from tests.zoo.every_case import all_cases

    for case in [case for case in all_cases() if case.expected == "kept"][::step]:
        with seeded(0):
            yield case.name, hermetic.dumps(case.make())


def mutations(n_changes: int, step: int = 1) -> Iterator[tuple[str, bytes]]:
    """Give hostile relatives of the models that are attacked."""
    from tests.mutations.change import changed
    from tests.mutations.families import CASES
    from tests.mutations.trial import _versions

    for name in [*CASES][::step]:
        graph = capture(CASES[name].make())
        for number in range(n_changes):
            hostile, words = changed(graph, f"{name} {number}")
            target = io.BytesIO()
            try:
                write_container_seekable(target, graph_members(hostile), _versions())
            except Exception:  # our own writer cannot write it
                continue
            yield f"{name} {number}: {words}", target.getvalue()


class Recorder:
    """A plugin of pytest: whatever tests load is judged by the law."""

    def __init__(self) -> None:
        self.n_judged = 0
        self.broken: list[str] = []

    @pytest.fixture(autouse=True)
    def _judge(self, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
        def loads(data: Any, *arguments: Any, **options: Any) -> Any:
            if isinstance(data, (bytes, bytearray)):
                self.n_judged += 1
                if words := disagreement(bytes(data)):
                    self.broken.append(f"{request.node.nodeid}: {words}")
            return _LOADS(data, *arguments, **options)

        monkeypatch.setattr(hermetic, "loads", loads)


def main(arguments: list[str]) -> int:
    """Judge a corpus; see the module docstring."""
    corpus, *numbers = arguments
    if corpus in ("zoo", "mutations"):
        files = models() if corpus == "zoo" else mutations(*map(int, numbers))
        judged = [f"{name}: {words}" if (words := disagreement(data)) else "" for name, data in files]
        n_judged, broken = len(judged), list(filter(None, judged))
    else:
        recorder = Recorder()
        # hermetic is imported already, so that pytest cannot rewrite the assertions of its plugin, which has none.
        quiet = ("-W", "ignore::pytest.PytestAssertRewriteWarning", "-q", "-p", "no:cacheprovider", "-p", "no:xdist")
        pytest.main([*arguments, *quiet], plugins=[recorder])
        n_judged, broken = recorder.n_judged, recorder.broken
    print("\n".join(broken))
    print(f"{n_judged} files judged, {len(broken)} break the law")
    return 1 if broken or not n_judged else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
