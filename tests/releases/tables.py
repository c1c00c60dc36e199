"""What was measured between releases, as the table and the sentence that stand in docs/compatibility.md.

Run on reports that `tests.releases.matrix` has left: ``python -m tests.releases.tables REPORT ...``, each named
``...-FROM-TO.json``.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.releases.environments import PINS

__all__ = ["sentence_of", "table_of"]

Reports = Mapping[tuple[str, str], Mapping[str, Sequence[str]]]
_ANSWERED = ("equal", "close")
# The words of `hermetic.codecs.codec.resolve_class`.
_LACKING = "which the installed libraries do not have"


def table_of(reports: Reports) -> str:
    """Give a table in Markdown: how many models of each release answer as before in each other.

    Examples
    --------
    >>> print(table_of({("1.2", "1.9"): {"a": ["equal", ""], "b": ["refused", "why"]}}))
    | from \\ to | 1.9.1 |
    |---|---|
    | **1.2.2** | 1 of 2 |
    """
    targets = _in_order(target for _, target in reports)
    lines = [f"| from \\ to | {' | '.join(map(_version, targets))} |", "|---" * (len(targets) + 1) + "|"]
    for source in _in_order(source for source, _ in reports):
        cells = [_cell(reports.get((source, target), {})) for target in targets]
        lines.append(f"| **{_version(source)}** | {' | '.join(cells)} |")
    return "\n".join(lines)


def sentence_of(reports: Reports) -> str:
    """Give the counts over all pairs.

    Examples
    --------
    >>> sentence_of({("1.2", "1.9"): {"a": ["equal", ""], "b": ["refused", f"it needs X, {_LACKING} (no module)"]}})
    '1 of 2 loads over 1 pairs answer as before (50.0 %), 1 of 1 (100.0 %) of those whose classes exist; 0 differ.'
    """
    ends = [end for report in reports.values() for end in report.values()]
    existing = [end for end in ends if _LACKING not in end[1]]
    answered = sum(verdict in _ANSWERED for verdict, _ in ends)
    wrong = sum(verdict == "WRONG" for verdict, _ in ends)
    return (
        f"{answered:,} of {len(ends):,} loads over {len(reports)} pairs answer as before ({answered / len(ends):.1%}), "
        f"{answered:,} of {len(existing):,} ({answered / len(existing):.1%}) of those whose classes exist; "
        f"{wrong} differ."
    ).replace("%", " %")


def _cell(report: Mapping[str, Sequence[str]]) -> str:
    answered = sum(verdict in _ANSWERED for verdict, _ in report.values())
    return f"{answered} of {len(report)}" if report else ""


def _in_order(releases: object) -> list[str]:
    return sorted(set(releases), key=lambda release: tuple(map(int, release.split("."))))  # type: ignore[call-overload]


def _version(release: str) -> str:
    return PINS[release][0].partition("==")[2]


if __name__ == "__main__":
    pairs = {tuple(Path(name).stem.split("-")[-2:]): json.loads(Path(name).read_text()) for name in sys.argv[1:]}
    print(table_of(pairs), sentence_of(pairs), sep="\n\n")  # type: ignore[arg-type]
